"""Cells of rows by columns: how many, or what, two things have in common."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd

from storykit import reshape
from storykit.forms.bars import RowAxis
from storykit.forms.plan import Form, Plan, scatter
from storykit.forms.words import PALE, SMALL, TEXT, clean, hover_text, ink, line_count, text_width, wrap

_CELL = 32  # side of a cell's square, px


def matrix(
    cells: pd.DataFrame,
    row: str,
    column: str,
    text: str,
    more: str | None = None,
    token: str | None = None,
    hover: str | None = None,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    key: Sequence[tuple[str, str, str]] = (),
) -> Form:
    """A square with a text where a row and a column meet; where they do not, nothing.

    Parameters
    ----------
    cells
        One row a cell: columns `row`, `column` and `text` (short: a number or a mark), `more` (a quieter line under the
        square), `token` (its colour; default: the darkest of the ramp), `hover`.
    rows, columns
        Names in order; default: as they come. Names of rows stand to the left, on a phone above each row.
    key
        `(mark, token, words)`.
    """
    plan = Plan()
    across = list(columns) or list(dict.fromkeys(cells[column]))
    down = list(rows) or list(dict.fromkeys(cells[row]))
    foot = 18 if more else 0
    axis = RowAxis(plan, down, thick=_CELL, slot=_CELL + foot + 14)
    axis.slots[1] = max(axis.slots[1], _CELL + foot + 38)
    _heads(plan, axis, across, key)
    edge = {"range": [-0.5, len(across) - 0.5], "visible": False, "fixedrange": True}
    plan.layout["xaxis"] = edge
    plan.narrow["xaxis"] = dict(edge)
    shown = cells[cells[row].isin(down) & cells[column].isin(across)]
    tokens = shown[token] if token else pd.Series("ramp-5", index=shown.index)
    for name, part in shown.groupby(tokens, sort=False):
        plan.traces.append(_squares(str(name), part, (row, column, text, hover), across))
    for cell in reshape.one_by_one(shown) if more else ():
        place = {
            "x": across.index(getattr(cell, column)),
            "y": down.index(getattr(cell, row)),
            "xanchor": "center",
            "yanchor": "top",
            "yshift": -_CELL / 2 - 1,
            "text": clean(getattr(cell, str(more))),
            "colour": "muted",
            "borderpad": 0,
        }
        plan.note({**place, "size": SMALL}, place)
    return axis.form(foot=foot)


def _heads(plan: Plan, axis: RowAxis, names: Sequence[str], key: Sequence[tuple[str, str, str]]) -> None:
    """Names of columns above the cells, wrapped to their width, and the key above these."""
    plan.key(list(key), axis.left)
    found = []
    for width, size, margin in (
        (axis.widths[0], TEXT, plan.margin),
        (axis.widths[1], SMALL, plan.narrow_margin),
    ):
        room = width / len(names) - 6
        texts = [_fitted(clean(name), room, size) for name in names]
        tall = max(map(line_count, texts)) * size * 1.3 + 8
        found.append((texts, tall))
        margin["t"] = tall + (margin["t"] if key else 4)
    if key:
        plan.lift_key(*(tall for _, tall in found))
    for index in range(len(names)):
        place = {
            "x": index,
            "y": 1,
            "yref": "paper",
            "xanchor": "center",
            "yanchor": "bottom",
            "align": "center",
        }
        plan.note(*({**place, "text": texts[index], "yshift": 4} for texts, _ in found), borderpad=0)


def _fitted(text: str, room: float, size: float) -> str:
    """Broken so that each line fits the room, where words allow."""
    return next(
        (made for n in range(40, 5, -1) if text_width(made := wrap(text, n), size) <= room), wrap(text, 6)
    )


def _squares(
    token: str, part: pd.DataFrame, names: tuple[str, str, str, str | None], across: list[str]
) -> Any:
    row, column, text, hover = names
    hovers = [
        hover_text(
            f"{getattr(c, row)}, {getattr(c, column)}", getattr(c, hover) if hover else getattr(c, text)
        )
        for c in reshape.one_by_one(part)
    ]
    return scatter(
        token,
        "markers+text",
        x=[across.index(c) for c in part[column]],
        y=[clean(r) for r in part[row]],
        text=[html.unescape(clean(t)) for t in part[text]],
        textposition="middle center",
        textfont={"color": ink("ink" if token in PALE or token == "surface" else "surface"), "size": TEXT},
        marker={
            "symbol": "square",
            "size": _CELL,
            "color": ink(token),
            "line": {"color": ink("promised" if token == "surface" else token), "width": 2},
        },
        hovertext=hovers,
    )
