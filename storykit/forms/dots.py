"""Dots on rows: ranges, and dates promised against dates kept."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from storykit import periods, receipts
from storykit.forms.bars import RowAxis
from storykit.forms.plan import MARKS, Form, Plan, guide, scatter, tick_words, ticks, time_axis_of
from storykit.forms.words import (
    SMALL,
    clean,
    edge,
    hover_text,
    ink,
    iso,
    number,
    stamp_of,
    text_width,
    unit_of,
    wrap,
    written,
)


def range_dots(
    rows: pd.DataFrame,
    category: str,
    value: str,
    label: str | None = None,
    colour: str | None = None,
    unit: str = "",
    hover: str | None = None,
    symbol: str | None = None,
    key: dict[str, str] | None = None,
    also: tuple[float, str] | None = None,
) -> Form:
    """Several values of one thing side by side on a line: figures that disagree, or a range.

    Columns: `category` (repeats), `value`, `label` (who says so, under the hover and at the two
    ends), `colour` (a column of tokens, or one token for all), `symbol` (plotly's names); `key` is
    `{"token symbol": words}`. `also` is `(factor, unit)`: the axis bears a second unit under its own, such as
    minutes under kilometres.
    """
    plan = Plan()
    names = list(dict.fromkeys(rows[category]))
    axis = RowAxis(plan, names, slot=58)
    kinds = {name.partition(" ")[::2]: words for name, words in (key or {}).items()}
    plan.key([(MARKS[shape or "circle"], hue, words) for (hue, shape), words in kinds.items()], axis.left)
    token = list(rows[colour]) if colour in rows else [colour or "built"] * len(rows)
    safe = [clean(c) for c in rows[category]]
    said = [clean(t) for t in rows[label]] if label else [""] * len(rows)
    _dot_axis(plan, axis, [float(v) for v in rows[value]], unit)
    if also:
        _second_unit(plan, unit, *also, highest=float(rows[value].max()))
    for name in axis.names:
        own = [float(v) for v, n in zip(rows[value], safe) if n == name]
        plan.traces.append(guide(name, [min(own), max(own)], [name, name], "rule", width=3))
        _extreme_notes(
            plan, axis, name, [(float(v), s) for v, s, n in zip(rows[value], said, safe) if n == name]
        )
    hovers = (
        [wrap(clean(t), 52) for t in rows[hover]]
        if hover
        else [
            hover_text(html.unescape(n), html.unescape(written(v, unit)), html.unescape(s))
            for n, v, s in zip(safe, rows[value], said)
        ]
    )
    plan.traces.append(
        scatter(
            "values",
            "markers",
            x=[float(v) for v in rows[value]],
            y=safe,
            hovertext=hovers,
            marker={
                "size": 13,
                "symbol": list(rows[symbol]) if symbol else "circle",
                "color": [ink(t) for t in token],
                "line": {"color": [edge(t) for t in token], "width": 1.2},
            },
        )
    )
    return axis.form(34, foot=12)


def _dot_axis(plan: Plan, axis: RowAxis, values: Sequence[float], unit: str) -> None:
    marks = ticks(min(0, *values) if min(values) < 0.6 * max(values) else min(values), max(values))
    span = marks[-1] - marks[0]
    plan.layout["xaxis"] = {
        "range": [marks[0] - 0.03 * span, marks[-1] + 0.05 * span],
        "tickvals": marks,
        "ticktext": tick_words(marks, unit_of(unit)),
        "showgrid": True,
    }
    every = math.ceil(
        len(marks) * max(map(text_width, plan.layout["xaxis"]["ticktext"])) * 1.3 / axis.widths[1]
    )
    plan.narrow["xaxis"] = {"tickvals": marks[::every], "ticktext": plan.layout["xaxis"]["ticktext"][::every]}


def _second_unit(plan: Plan, unit: str, factor: float, second: str, highest: float) -> None:
    """A second line under each mark; a phone shows all marks and no room after the last value."""
    across = plan.layout["xaxis"]
    words = [
        f"{number(mark)} {unit}<br>{number(round(mark * factor))} {second}" for mark in across["tickvals"]
    ]
    across["ticktext"] = words
    plan.narrow["xaxis"] = {
        "tickvals": across["tickvals"],
        "ticktext": words,
        "range": [across["range"][0], 1.03 * highest],
    }


def _extreme_notes(plan: Plan, axis: RowAxis, name: str, own: Sequence[tuple[float, str]]) -> None:
    """The lowest and the highest value, and whose they are; under their dots, or together if those are close."""
    low, high = min(own), max(own)
    left, right = plan.layout["xaxis"]["range"]
    if (high[0] - low[0]) / (right - left) < 0.3:
        ends = dict.fromkeys([low, high])
        told = " to ".join(f"<b>{number(v)}</b> {said}".strip() for v, said in ends)
        brief = " to ".join(f"<b>{number(v)}</b>" for v, _ in ends)
        found = [((low[0] + high[0]) / 2, told, brief)]
    else:
        found = [
            (value, f"<b>{number(value)}</b> {said}".strip(), f"<b>{number(value)}</b>")
            for value, said in (low, high)
        ]
    for value, text, brief in found:
        share = (value - left) / (right - left)
        anchor = "left" if share < 0.35 else "right" if share > 0.65 else "center"
        place = {
            "x": value,
            "y": axis.names.index(name),
            "yanchor": "top",
            "yshift": -9,
            "xanchor": anchor,
            "align": anchor,
            "xshift": {"left": -6, "right": 6, "center": 0}[anchor],
        }
        fits = text_width(text, SMALL) < axis.widths[1] * (0.45 if len(found) > 1 else 0.9)
        plan.note({**place, "text": text}, {**place, "text": text if fits else brief})


def slips(
    rows: pd.DataFrame,
    promised: str,
    happened: str,
    label: str,
    more: str | None = None,
    said: str | None = None,
    told: str | None = None,
    key: dict[str, str] | None = None,
) -> Form:
    """Promised dates (hollow) against what happened (solid), with the slip in months.

    Parameters
    ----------
    promised
        Column with a period, or a list of periods when the date was moved: then the first counts. A
        coarse one is late after its last day ("2019" is kept until 31 December) and early before
        its first.
    happened
        Column with a period or ""; empty: a dashed line and "no date found".
    label, more
        Columns: the name of the row, and its quieter second line.
    said
        Column with the period in which each promise was made: an upright stroke, from which its row begins.
    told
        Column with the words at the end of the row, in place of the slip.
    key
        `said`, `promised`, `happened` -> words of the chart's subject.
    """
    plan = Plan()
    axis = RowAxis(plan, list(rows[label]), list(rows[more]) if more else None, slot=38 if said else 50)
    marks = {"said": ("|", "ink"), "promised": ("○", "promised"), "happened": ("●", "built")}
    words = key or {"promised": "promised", "happened": "happened"}
    plan.key([(*marks[kind], text) for kind, text in words.items()], axis.left)
    promises = [[p for p in ([cell] if isinstance(cell, str) else cell) if p] for cell in rows[promised]]
    due = [[periods.bounds(p)[1] for p in own] for own in promises]
    real = [stamp_of(cell) for cell in rows[happened]]
    texts = (
        [clean(text) for text in rows[told]]
        if told
        else [_slip_text(own, cell) for own, cell in zip(promises, rows[happened])]
    )
    begun = [stamp_of(cell) for cell in rows[said]] if said else []
    known = [stamp for d, r in zip(due, real) for stamp in [*d, r] if not pd.isna(stamp)] + begun
    _slip_axis(plan, axis, known, list(zip(due, real)), texts)
    for index, (name, dates, stamp, text) in enumerate(zip(axis.names, due, real, texts)):
        _slip_row(plan, axis, name, [*begun[index : index + 1], *dates], stamp, text, max(known))
    if said:
        plan.traces.append(_strokes(axis, rows[said], begun))
    plan.traces += [
        _slip_dots(axis, rows, promised, due, "promised"),
        _slip_dots(axis, rows, happened, real, "happened"),
    ]
    return axis.form(34)


def _slip_text(promises: list[str], happened: str) -> str:
    """How far what happened lies from the first promise; no more is said than the two periods tell."""
    real = stamp_of(happened)
    if pd.isna(real):
        return "no date found"
    if not promises:
        return "no date promised"
    first, last = periods.bounds(promises[0])
    begun, done = periods.bounds(happened)
    if begun <= last and done >= first:
        return "on time" if done <= last else "about on time"
    late, exact = begun > last, len(happened) == 10
    days = (real - last).days if late else (first - real).days
    months = round(days / 30.44)
    if months < 1 and not late:
        return "on time"
    if months < 1 and exact:
        return f"<b>{days} day{'s' if days > 1 else ''} late</b>"
    months = max(months, 1)
    words = f"{'' if exact else 'about '}{months} month{'s' if months > 1 else ''}"
    return f"<b>{words} late</b>" if late else f"{words} early"


def _slip_axis(
    plan: Plan,
    axis: RowAxis,
    known: list[pd.Timestamp],
    pairs: list[tuple[list[pd.Timestamp], pd.Timestamp]],
    texts: list[str],
) -> None:
    time_axis_of(plan, known, *axis.widths)
    first, last = min(known), max(known)
    for layout, width in ((plan.layout, axis.widths[0]), (plan.narrow, axis.widths[1])):
        days, end = (last - first).days or 300, last
        for (due, real), text in zip(pairs, texts):
            tip = last if pd.isna(real) else max([*due, real])
            share = min((text_width(text) + 26) / width, 0.6)
            end = max(end, first + pd.Timedelta(days=(tip - first).days / (1 - share) + 0.05 * days))
        layout["xaxis"]["range"] = [iso(first - pd.Timedelta(days=0.035 * (end - first).days)), iso(end)]
        step = next(s for s in (1, 2, 3, 5, 10, 20) if s * width / ((end - first).days / 365 + 1) >= 40)
        years = [y for y in range(first.year, last.year + 2) if y % step == 0]  # words may reach further
        layout["xaxis"] |= {"tickvals": [f"{y}-01-01" for y in years], "ticktext": [str(y) for y in years]}
    plan.layout["xaxis"]["showgrid"] = True


def _slip_row(
    plan: Plan,
    axis: RowAxis,
    name: str,
    due: list[pd.Timestamp],
    real: pd.Timestamp,
    text: str,
    last: pd.Timestamp,
) -> None:
    tip = real if not pd.isna(real) else last
    if due:
        start, end = min([*due, tip]), max([*due, tip])
        dash, token = ("solid", "unknown") if not pd.isna(real) else ("dash", "unknown")
        plan.traces.append(guide(name, [iso(start), iso(end)], [name, name], token, dash, 2))
    place = {
        "x": iso(max([*due, tip])),
        "y": axis.names.index(name),
        "xshift": 12,
        "text": text,
        "colour": "ink" if not pd.isna(real) else "unknown",
    }
    plan.note(place, place)


def _strokes(axis: RowAxis, cells: pd.Series, stamps: Sequence[Any]) -> go.Scatter:
    marker = {"symbol": "line-ns", "size": 14, "line": {"color": ink("ink"), "width": 2}}
    hovers = [
        hover_text(html.unescape(n), f"said: {receipts.date_words(c)}") for n, c in zip(axis.names, cells)
    ]
    return scatter(
        "said", "markers", x=[iso(s) for s in stamps], y=axis.names, marker=marker, hovertext=hovers
    )


def _slip_dots(
    axis: RowAxis, rows: pd.DataFrame, column: str, stamps: Sequence[Any], kind: str
) -> go.Scatter:
    many = [s if isinstance(s, list) else [s] for s in stamps]
    cells = [[c] if isinstance(c, str) else list(c) for c in rows[column]]
    flat = [
        (name, stamp, cell)
        for name, own, cell_list in zip(axis.names, many, cells)
        for stamp, cell in zip(own, [c for c in cell_list if c])
        if not pd.isna(stamp)
    ]
    token = "promised" if kind == "promised" else "built"
    marker = {
        "size": 13,
        "color": ink("surface" if kind == "promised" else token),
        "line": {"color": ink(token), "width": 2.5},
    }
    hovers = [hover_text(html.unescape(n), f"{kind}: {receipts.date_words(c)}") for n, _, c in flat]
    return scatter(
        kind,
        "markers",
        x=[iso(s) for _, s, _ in flat],
        y=[n for n, _, _ in flat],
        marker=marker,
        hovertext=hovers,
    )
