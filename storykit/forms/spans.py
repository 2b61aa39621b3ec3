"""Periods as bars on an axis of time, each with what was counted in it."""

from __future__ import annotations

import html

import pandas as pd
import plotly.graph_objects as go

from storykit import periods, receipts
from storykit.forms.bars import RowAxis
from storykit.forms.plan import Form, Plan, scatter, time_axis_of
from storykit.forms.words import hover_text, ink, iso, stamp_of


def spans(
    rows: pd.DataFrame,
    category: str,
    period: str,
    text: str,
    stated: str = "",
    token: str = "promised",
    key: tuple[str, str] = ("", ""),
) -> Form:
    """A bar from the first to the last day of each row's period, what was counted in it over the bar.

    Parameters
    ----------
    category, period
        Columns: the name (unique, above the bar), and the period (`2021..2023-03`; "" where none was stated).
    text
        Column with the words over the bar, after the name: the number.
    stated
        Column with the day on which it was said; a row without a period is a diamond there.
    token
        Colour of the bars.
    key
        Words for bars and for diamonds.

    Raises
    ------
    ValueError
        If a row has neither a period nor a day.
    """
    plan = Plan()
    axis = RowAxis(plan, list(rows[category]), list(rows[text]), above=True, thick=16)
    ends = [_ends(a, b) for a, b in zip(rows[period], rows[stated] if stated else [""] * len(rows))]
    whole = [bool(p) for p in rows[period]]
    marks = [("■", token, key[0])] + ([("◆", token, key[1])] if not all(whole) else [])
    plan.key(marks if key[0] else [], axis.left)
    time_axis_of(plan, [d for pair in ends for d in pair], *axis.widths)
    hovers = [
        hover_text(html.unescape(n), f"{t}, {receipts.date_words(p or s)}")
        for n, t, p, s in zip(axis.names, rows[text], rows[period], rows[stated] if stated else rows[period])
    ]
    for name, (first, last), bar, hover in zip(axis.names, ends, whole, hovers):
        plan.traces.append(_bar(name, first, last, token, hover) if bar else _dot(name, last, token, hover))
    plan.layout["xaxis"]["showgrid"] = True
    return axis.form(34)


def _ends(period: str, stated: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    if not period and not stated:
        raise ValueError("A row has neither a period nor a day on which it was said.")
    return periods.bounds(period) if period else (stamp_of(stated), stamp_of(stated))


def _bar(name: str, first: pd.Timestamp, last: pd.Timestamp, token: str, hover: str) -> go.Scatter:
    line = {"color": ink(token), "width": 12}
    middle = first + (last - first) / 2
    ends = [iso(first), iso(middle), iso(last)]
    return scatter(
        name, "lines", x=ends, y=[name] * 3, line=line, hovertext=[hover] * 3, meta={"layout": True}
    )


def _dot(name: str, day: pd.Timestamp, token: str, hover: str) -> go.Scatter:
    marker = {"symbol": "diamond", "size": 13, "color": ink(token)}
    return scatter(name, "markers", x=[iso(day)], y=[name], marker=marker, hovertext=[hover])
