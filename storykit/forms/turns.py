"""Changes up and down on an axis of time, a row for each who changed."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd

from storykit import receipts, reshape
from storykit.forms.bars import RowAxis
from storykit.forms.plan import MARKS, SIDE, Form, Plan, guide, scatter, time_axis_of
from storykit.forms.words import SMALL, TEXT, clean, hover_text, ink, iso, stamp_of, text_width

_SIGNS = {"up": "triangle-up", "down": "triangle-down"}


def turns(
    changes: pd.DataFrame,
    row: str,
    date: str,
    turn: str,
    text: str,
    key: dict[str, str],
    title: str | None = None,
) -> Form:
    """Each change as a triangle at its date that points up or down, with a short text beside it.

    Parameters
    ----------
    changes
        Columns `row` (who), `date` (a period), `turn` (`up`, `down`, or either with `-open` for what was only
        announced), `text` (short, beside the mark), `title` (for the hover; default: the text). Rows in their order.
    key
        Turn -> what it means here, in words of the chart's subject.
    """
    plan = Plan()
    names = list(dict.fromkeys(changes[row]))
    axis = RowAxis(plan, names, thick=20, slot=36)
    rows = changes.assign(when=changes[date].map(stamp_of)).dropna(subset=["when"])
    if strange := set(rows[turn]) - set(_tokens()):
        raise ValueError(f"{min(strange)!r} is no turn; there are {', '.join(_tokens())}.")
    signs = {t: _SIGNS[t.removesuffix("-open")] + t[len(t.removesuffix("-open")) :] for t in _tokens()}
    plan.key([(MARKS[signs[t]], _tokens()[t], words) for t, words in key.items()], axis.left)
    span = time_axis_of(plan, list(rows["when"]), *axis.widths)
    for name in names:
        plan.traces.append(guide(name, [iso(d) for d in span], [clean(name)] * 2, "grid"))
    for kind, part in rows.groupby(turn, sort=False):
        plan.traces.append(_marks(str(kind), signs[str(kind)], part, (row, title or text, date)))
    for index, name in enumerate(names):
        own = rows[rows[row] == name].sort_values("when", kind="stable")
        sides = [
            _sides([_px(d, span, width) for d in own["when"]], [clean(t) for t in own[text]], width, size)
            for width, size in ((axis.widths[0], TEXT), (axis.widths[1], SMALL))
        ]
        for place, *notes in zip(reshape.one_by_one(own), *sides):
            plan.note(
                *({**n, "x": iso(place.when), "y": index, "text": clean(getattr(place, text))} for n in notes)
            )
    plan.layout["xaxis"]["showgrid"] = True
    return axis.form(34)


def _tokens() -> dict[str, str]:
    return {"up": "highlight", "down": "built", "up-open": "promised", "down-open": "unknown"}


def _px(day: pd.Timestamp, span: Any, width: float) -> float:
    return float((day - span[0]) / (span[1] - span[0])) * width


def _sides(at: Sequence[float], texts: Sequence[str], width: float, size: float) -> list[dict[str, Any]]:
    """For each mark of a row whether its text stands right or left of it, so that none meets another."""
    found: list[dict[str, Any]] = []
    taken = -float(SIDE)
    for index, (x, text) in enumerate(zip(at, texts)):
        wide = text_width(text, size) + 14
        end = at[index + 1] - 10 if index + 1 < len(at) else width + SIDE
        right = x + wide <= end or x - wide < taken
        found.append({"xanchor": "left" if right else "right", "xshift": 11 if right else -11})
        taken = x + (wide if right else 10)
    return found


def _marks(kind: str, symbol: str, part: pd.DataFrame, names: tuple[str, str, str]) -> Any:
    row, title, date = names
    token, hollow = _tokens()[kind], kind.endswith("-open")
    hovers = [
        hover_text(
            html.unescape(clean(getattr(r, row))), receipts.date_words(getattr(r, date)), getattr(r, title)
        )
        for r in reshape.one_by_one(part)
    ]
    return scatter(
        kind,
        "markers",
        x=[iso(d) for d in part["when"]],
        y=[clean(r) for r in part[row]],
        hovertext=hovers,
        marker={
            "symbol": symbol.removesuffix("-open"),
            "size": 14,
            "color": ink("surface" if hollow else token),
            "line": {
                "color": ink(token if hollow else "ink" if token == "highlight" else token),
                "width": 2 if hollow else 1,
            },
        },
    )
