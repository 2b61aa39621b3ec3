"""Bars whose parts follow one another like rungs, and which may each have only some of them."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from storykit.forms.bars import RowAxis
from storykit.forms.plan import Form, Plan
from storykit.forms.words import clean, hover_text, ink, number, written

_LOOKS = {"solid": "■", "hollow": "□", "hatched": "▨"}


def ladders(
    rows: pd.DataFrame,
    category: str,
    parts: dict[str, str],
    looks: dict[str, str],
    more: str | None = None,
    unit: str = "",
) -> Form:
    """One bar a row, its parts one after the other and each with its number in a line over the bar.

    Rows need not have the same parts: one counts stage by stage, another only all stages together.

    Parameters
    ----------
    category
        Column with the name of a row, unique.
    parts
        `{column: words}` from the base outwards; a missing part is left out, not zero.
    looks
        `{column: "token look"}`; the look is solid, hollow or hatched, and a token alone is solid.
    more
        Column with a quieter line after the numbers, such as what a total is not.
    unit
        A unit_id, for the hover.
    """
    plan = Plan()
    told = {column: look.split() for column, look in looks.items()}
    marks = {column: (_LOOKS[own[-1] if len(own) > 1 else "solid"], own[0]) for column, own in told.items()}
    lines = [_line(row, parts, more) for row in rows.to_dict("records")]
    axis = RowAxis(plan, list(rows[category]), lines, above=True)
    plan.key([(*marks[column], words) for column, words in parts.items()], axis.left)
    sums = rows[list(parts)].sum(axis=1, min_count=1)
    for column, words in parts.items():
        plan.traces.append(_part(rows[column], axis.names, words, marks[column], unit))
    hidden: dict[str, Any] = {"showgrid": False, "showticklabels": False, "ticks": "", "zeroline": True}
    plan.layout["xaxis"] = {"range": [0, 1.01 * float(sums.max())], **hidden, "zerolinecolor": ink("rule")}
    plan.narrow["xaxis"] = {"range": [0, 1.01 * float(sums.max())]}
    plan.layout["barmode"] = "stack"
    return axis.form()


def _line(row: dict[Any, Any], parts: dict[str, str], more: str | None) -> str:
    """The numbers of a row in words: `401 live, 226 being built`."""
    found = [f"{number(row[column])} {words}" for column, words in parts.items() if not pd.isna(row[column])]
    return ", ".join([*found, *([str(row[more])] if more and clean(row[more]) else [])])


def _part(values: pd.Series, names: list[str], words: str, mark: tuple[str, str], unit: str) -> go.Bar:
    sign, token = mark
    marker: dict[str, Any] = {"color": ink(token), "line": {"color": ink(token), "width": 1}}
    if sign != _LOOKS["solid"]:
        marker |= {"color": ink("surface"), "line": {"color": ink(token), "width": 2}}
    if sign == _LOOKS["hatched"]:
        hatch = {"shape": "/", "size": 6, "solidity": 0.25, "fgcolor": ink(token), "bgcolor": ink("surface")}
        marker |= {"pattern": hatch, "line": {"color": ink(token), "width": 1}}
    return go.Bar(
        x=[None if pd.isna(v) else float(v) for v in values],
        y=names,
        orientation="h",
        name=clean(words),
        marker=marker,
        hovertext=[
            "" if pd.isna(v) else hover_text(html.unescape(n), f"{words}: {html.unescape(written(v, unit))}")
            for n, v in zip(names, values)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
