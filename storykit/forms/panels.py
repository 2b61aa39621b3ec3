"""Areas to one scale, timelines, and small multiples."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from storykit import receipts, reshape
from storykit.figures import NARROW, WIDTH
from storykit.forms.lines import Given, Group, end_value, groups_of, series_traces
from storykit.forms.plan import (
    CYCLE,
    SIDE,
    Canvas,
    Form,
    Plan,
    Span,
    guide,
    scatter,
    time_axis_of,
    value_axis_of,
)
from storykit.forms.words import (
    SMALL,
    TEXT,
    bare,
    clean,
    hover_text,
    ink,
    iso,
    line_count,
    stamp_of,
    text_width,
    unit_of,
    wrap,
)


def areas(
    values: Sequence[float],
    labels: Sequence[str],
    states: Sequence[str] | None = None,
    colours: Sequence[str] | None = None,
    hovers: Sequence[str] | None = None,
) -> Form:
    """Squares to one area scale, side by side in the order given.

    The smallest stay true to scale; one too small to see gets a ring and a leader to its label.

    Parameters
    ----------
    values
        Amounts in one unit (the author converts, and says so).
    labels
        The words of each square, numbers included; `<b>` and `<br>` may be used.
    states, colours
        State (promised: hollow …) or token of each.
    """
    plan, token = Plan(), list(colours or states or ["built"] * len(values))
    sides = [math.sqrt(v / max(values)) for v in values]
    starts = [math.fsum(sides[:i]) + 0.06 * i for i in range(len(sides))]
    total = starts[-1] + sides[-1]
    small = [side < 0.42 for side in sides]
    scales = [
        min(360, (w - 2 * SIDE - (r if any(small) else 0)) / total) for w, r in ((WIDTH, 250), (NARROW, 128))
    ]
    for index, (x, side) in enumerate(zip(starts, sides)):
        state = states[index] if states else "built"
        text = hovers[index] if hovers else bare(labels[index])
        plan.traces += _square(x, side, state, token[index], wrap(clean(text), 52), side * scales[1] < 12)
    _square_labels(plan, labels, starts, sides, small, token, states, scales)
    for layout, width, scale in ((plan.layout, WIDTH, scales[0]), (plan.narrow, NARROW, scales[1])):
        layout["xaxis"] = {"range": [-0.01, (width - 2 * SIDE) / scale - 0.01]}
        layout["yaxis"] = {"range": [-0.02, 1.02]}
    plan.layout["xaxis"] |= {"visible": False, "constrain": "domain", "constraintoward": "left"}
    plan.layout["yaxis"] |= {"visible": False, "scaleanchor": "x", "constrain": "domain"}
    return plan.form(*(1.04 * scale + 22 for scale in scales))


def _square(x: float, side: float, state: str, token: str, text: str, tiny: bool) -> list[Any]:
    colour = ink(token)
    fill = ink("surface") if state in ("promised", "unknown") else colour
    ring = {"symbol": "circle-open", "size": 16, "color": ink("muted"), "line": {"width": 1.2}}
    traces = [
        scatter(
            bare(text),
            "lines",
            x=[x, x + side, x + side, x, x],
            y=[0, 0, side, side, 0],
            fill="toself",
            fillcolor=fill,
            text=text,
            hoverinfo="text",
            hoveron="fills",
            line={
                "color": colour,
                "width": 0 if tiny else 2,
                "dash": "dash" if state == "unknown" else "solid",
            },
            meta={"layout": True},
        )
    ]
    if tiny:
        traces.append(
            scatter(
                bare(text),
                "markers",
                x=[x + side / 2],
                y=[side / 2],
                marker=ring,
                hovertext=[text],
                meta={"layout": True},
            )
        )
    return traces


def _square_labels(
    plan: Plan,
    labels: Sequence[str],
    starts: list[float],
    sides: list[float],
    small: list[bool],
    token: list[str],
    states: Sequence[str] | None,
    scales: list[float],
) -> None:
    rank = 0
    for index, (text, x, side) in enumerate(zip(labels, starts, sides)):
        hollow = states and states[index] in ("promised", "unknown")
        if not small[index]:
            place = {
                "x": x,
                "y": side,
                "xshift": 12,
                "yshift": -12,
                "yanchor": "top",
                "colour": token[index] if hollow else "surface",
            }
            plan.note(
                {**place, "size": 16, "text": wrap(text, int(side * scales[0] / 11))},
                {**place, "text": wrap(text, int(side * scales[1] / 8.6))},
            )
            continue
        place = {
            "x": x + side / 2,
            "y": side / 2 if side < 0.08 else side,
            "showarrow": True,
            "arrowhead": 0,
            "arrowwidth": 1,
            "arrowcolor": ink("muted"),
            "standoff": 9 if side < 0.08 else 2,
            "yanchor": "bottom",
        }
        plan.note(
            {**place, "ax": 18, "ay": -48 - 62 * rank, "size": 15, "text": wrap(text, 26)},
            {**place, "ax": 8, "ay": -46 - 62 * rank, "text": wrap(text, 15)},
        )
        rank += 1


_DOT = 10  # room of one event on a timeline, px


def timeline(
    events: pd.DataFrame,
    lanes: dict[str, str] | None = None,
    date: str = "date",
    lane: str = "thread",
    title: str = "title",
    more: str | None = "description",
    named: str | None = None,
    colours: dict[str, str] | None = None,
    mark: tuple[str, str] | None = None,
    lens: bool = False,
) -> Form:
    """Dated events in lanes; events close in time are piled up, so that each is one dot.

    Parameters
    ----------
    events
        Columns `date` (period text), `lane`, `title`, and `more` for the hover.
    lanes
        `{key: words}` in order from the top; default: as they come. One trace per lane, named.
    named
        Column with a short text written beside the event; empty for most.
    colours
        `{key: token}`, or `{key: "token symbol"}` where the dots shall be hollow: `promised circle-open`.
    mark
        `(period, words)`: a vertical line through all lanes.
    lens
        Let a reader choose the lanes, where `figures.Figure` has a `lens` of their keys.
    """
    plan = Plan()
    lanes = lanes or {key: str(key) for key in dict.fromkeys(events[lane])}
    stamps = events[date].map(stamp_of)
    rows = events.assign(when=stamps, level=0.0)[stamps.notna() & events[lane].isin(list(lanes))]
    rows = rows.sort_values("when", kind="stable").reset_index(drop=True)
    span = time_axis_of(plan, list(rows["when"]), WIDTH - 2 * SIDE, NARROW - 2 * SIDE)
    days = (span[1] - span[0]).days or 1
    base, bases, levels, bands = 0.0, {}, {}, {}
    for key in reversed(list(lanes)):
        part = rows[rows[lane] == key]
        levels[key] = _piles([(d - span[0]).days / days * (NARROW - 2 * SIDE) for d in part["when"]])
        bases[key] = base
        extra = 3 if named and part[named].map(clean).astype(bool).any() else 0
        base += max(levels[key], default=0) + 1 + extra + 2.6
        bands[key] = bases[key], base
    heights = base * _DOT + 46, base * _DOT + 46

    def across(width: float) -> Callable[[pd.Timestamp], float]:
        return lambda day: (day - span[0]).days / days * width

    canvases = [
        Canvas(
            w - 2 * SIDE,
            base * _DOT,
            size,
            across(w - 2 * SIDE),
            lambda v: v * _DOT,
            (0, 0, 0, 9),
        )
        for w, size in ((WIDTH, TEXT), (NARROW, SMALL))
    ]
    for index, (key, words) in enumerate(lanes.items()):
        rows.loc[rows[lane] == key, "level"] = [bases[key] + 0.6 + v for v in levels[key]]
        part = rows[rows[lane] == key]
        token = (colours or {}).get(key, CYCLE[index % len(CYCLE)])
        _lane(
            plan,
            part,
            words,
            token,
            span,
            bands[key],
            (title, more, date),
            canvases,
            max(levels[key], default=0),
            lane,
        )
    if lens:
        for trace in plan.traces:
            if "lane" in trace.meta:
                trace.meta = {**trace.meta, "lens": trace.meta["lane"]}
    if mark:
        _time_mark(plan, mark, base)
    if named:
        _name_events(plan, rows, named, rows[lane].map(lanes), canvases)
    plan.layout["yaxis"] = {"visible": False, "range": [-0.9, base], "fixedrange": True}
    plan.layout["xaxis"]["showgrid"] = True
    for axis in (plan.layout["xaxis"], plan.narrow["xaxis"]):
        if "ticktext" in axis:  # a line at the first day of each year, not at its middle
            axis["tickvals"] = [f"{year}-01-01" for year in axis["ticktext"]]
    return plan.form(*(h + plan.margin["t"] for h in heights))


def _piles(px: Sequence[float]) -> list[int]:
    """Heights at which dots of one lane do not touch: 0 on the base line, 1 above it …"""
    ends: list[float] = []
    found = []
    for x in px:
        level = next((i for i, end in enumerate(ends) if x - end >= _DOT - 1), len(ends))
        ends[level : level + 1] = [x]
        found.append(level)
    return found


def _lane(
    plan: Plan,
    part: pd.DataFrame,
    words: str,
    token_and_symbol: str,
    span: Span,
    band: tuple[float, float],
    columns: tuple[str, str | None, str],
    canvases: Sequence[Canvas],
    top: float,
    lane: str,
) -> None:
    """One lane; `band` is its foot and head, which the page needs to close the gap of a hidden one."""
    (title, more, date), base = columns, band[0]
    token, _, symbol = token_and_symbol.partition(" ")
    text = f"<b>{clean(words)}</b> <span style='color:{ink('muted')}'>{len(part)}</span>"
    plan.traces.append(guide(words, [iso(span[0]), iso(span[1])], [base, base], "rule"))
    marker = {"size": _DOT - 1, "color": ink(token), "line": {"color": ink("surface"), "width": 1}}
    if symbol:
        marker |= {"symbol": symbol, "line": {"color": ink("surface"), "width": 2}}
    place = {
        "xref": "paper",
        "x": 0,
        "y": base + top + 1.7,
        "yanchor": "bottom",
        "text": text,
        "colour": token,
        "bgcolor": ink("surface"),
        "name": words,
    }
    plan.note(place, place)
    hovers = [
        hover_text(
            getattr(r, title), receipts.date_words(getattr(r, date)), getattr(r, more, "") if more else ""
        )
        for r in reshape.one_by_one(part)
    ]
    plan.traces.append(
        scatter(
            words,
            "markers",
            x=[iso(d) for d in part["when"]],
            y=list(part["level"]),
            hovertext=hovers,
            marker=marker,
            meta={
                "layout": True,
                "lane": str(part[lane].iloc[0]) if len(part) else "",
                "band": [round(y, 1) for y in band],
            },
        )
    )
    for canvas in canvases:
        for d, y in zip(part["when"], part["level"]):
            x = canvas.x(d)
            canvas.dots += [(x, canvas.y(y) + lift) for lift in (-4, 0, 4)]
            canvas.dots += [(x + side, canvas.y(y)) for side in (-4, 4)]
        canvas.boxes.append(canvas.box(0, canvas.y(base + top + 1.7), bare(text), "left", "bottom"))


def _time_mark(plan: Plan, mark: tuple[str, str], top: float) -> None:
    stamp = iso(stamp_of(mark[0]))
    plan.traces.insert(0, guide(bare(mark[1]), [stamp, stamp], [0, top], "highlight", width=2))
    place = {
        "x": stamp,
        "y": top,
        "yanchor": "bottom",
        "xanchor": "left",
        "xshift": -3,
        "text": clean(mark[1]),
    }
    plan.note(place, {**place, "text": wrap(clean(mark[1]), 34)})
    plan.margin["t"], plan.narrow_margin["t"] = 24, 40


def _name_events(
    plan: Plan, rows: pd.DataFrame, named: str, lanes: pd.Series, canvases: Sequence[Canvas]
) -> None:
    for row, lane in zip(reshape.one_by_one(rows), lanes):
        text = clean(getattr(row, named))
        if not text:
            continue
        notes = [
            _event_name(canvas, row, text, limits) for canvas, limits in zip(canvases, ((30,), (18, 30)))
        ]
        if any(notes):
            plan.note(*notes, name=lane)


def _event_name(canvas: Canvas, row: Any, text: str, limits: Sequence[int]) -> dict[str, Any] | None:
    """The words at the event, on as many lines as they fit best; None where they fit nowhere."""
    before, choices = (list(canvas.boxes), list(canvas.dots)), []
    for limit in limits:
        canvas.boxes, canvas.dots = list(before[0]), list(before[1])
        words = wrap(text, limit)
        cost, keys = canvas.place(canvas.x(row.when), canvas.y(row.level), words)
        choices.append((cost, {**keys, "text": words}, (canvas.boxes, canvas.dots)))
    cost, keys, taken = min(choices, key=lambda choice: choice[0])
    canvas.boxes, canvas.dots = taken if cost < 60 else before
    return {**keys, "x": iso(row.when), "y": row.level, "bgcolor": ink("surface")} if cost < 60 else None


def small_multiples(
    rows: pd.DataFrame,
    by: str = "geography",
    ncols: int = 4,
    highlight: str | Sequence[str] = (),
    reference: str | None = None,
    labels: Given = None,
    token: str = "built",
    panel: tuple[float, float] = (120, 104),
) -> Form:
    """One small panel per key, all on the same axes.

    Parameters
    ----------
    rows
        As for `lines`; a panel shows the rows of one key of `by`.
    ncols
        Panels in a row at 760 px; a phone gets two.
    highlight
        Keys drawn in colour `token`; the others in grey (all in colour if none is named).
    reference
        A key drawn thin and grey in every other panel, to compare with.
    panel
        Heights of a panel's plot in px, wide and narrow.
    """
    plan = Plan()
    keys = list(dict.fromkeys(rows[by]))
    named = [highlight] if isinstance(highlight, str) else list(highlight)
    unit = unit_of(rows["unit"].iloc[0] if "unit" in rows else "")
    value_axis_of(plan, list(rows["value"]), unit, False, None, 3)
    value_axis = plan.layout.pop("yaxis")
    span = min(rows["date"]), max(rows["date"])
    groups = {g["key"]: g for g in groups_of(rows, by, dict.fromkeys(named or keys, token), labels)}
    for index, key in enumerate(keys, start=1):
        if reference is not None and key != reference:
            plan.traces += _panel_traces(groups[reference], index, "unknown", 1)
        plain = "unknown" if named and reference is None and key not in named else token
        plan.traces += _panel_traces(groups[key], index, plain, 2.2)
        _panel_layout(plan, index, value_axis, span, groups[key], key in named)
    left = max(text_width(t, 12) for t in value_axis["ticktext"]) + 10
    if reference is not None:
        plan.key([("—", "unknown", f"{bare(groups[reference]['label'])}, in every panel")])
    form = plan.form(0, 0)
    form._grid = {
        "count": len(keys),
        "left": left,
        "panel": panel,
        "top": 30 if reference is not None else 4,
        "lines": max(line_count(n["text"]) for n in form.sizes["narrow"]["annotations"]),
    }
    wide, height = panel_grid(form, min(ncols, len(keys)), WIDTH, panel[0])
    form.update_layout(**wide)
    narrow, narrow_height = narrow_domains(form, min(2, len(keys)))
    narrow["annotations"] = form.sizes["narrow"]["annotations"]
    form._sizes = {"height": height, "narrow_height": narrow_height, "narrow": narrow}
    return form


def _panel_traces(group: Group, index: int, token: str, width: float) -> list[Any]:
    traces = series_traces({**group, "token": token, "thin": False}, True)
    suffix = "" if index == 1 else str(index)
    for trace in traces:
        trace.update(xaxis=f"x{suffix}", yaxis=f"y{suffix}")
        if trace.line.width:
            trace.update(line={"width": width}, marker={"size": 1.4 * width})
        else:
            trace.update(marker={"size": 5})
    return traces


def _panel_layout(
    plan: Plan, index: int, value_axis: dict[str, Any], span: Span, group: Group, bold: bool
) -> None:
    suffix = "" if index == 1 else str(index)
    years, pad = [span[0], span[1]], (span[1] - span[0]) * 0.03
    plan.layout[f"xaxis{suffix}"] = {
        "type": "date",
        "range": [iso(span[0] - pad), iso(span[1] + pad)],
        "tickvals": [iso(y) for y in years],
        "ticktext": [str(y.year) for y in years],
        "anchor": f"y{suffix}",
        "automargin": False,
        "tickfont": {"size": SMALL},
        "ticklabelposition": "outside",
        "ticklen": 3,
        "fixedrange": True,
    }
    plan.layout[f"yaxis{suffix}"] = {
        **value_axis,
        "anchor": f"x{suffix}",
        "automargin": False,
        "tickfont": {"size": SMALL},
        "fixedrange": True,
    }
    last = group["rows"].dropna(subset=["value"]).iloc[-1]
    name = f"<b>{group['label']}</b>" if bold else group["label"]
    place: dict[str, Any] = {
        "xref": f"x{suffix} domain",
        "yref": f"y{suffix} domain",
        "x": 0,
        "y": 1,
        "yanchor": "bottom",
        "yshift": 3,
        "text": f"{name} {end_value(last)}",
        "borderpad": 0,
    }
    plan.note(place, {**place, "text": wrap(place["text"], 22)})


def narrow_domains(figure: Form, ncols: int, height: float | None = None) -> tuple[dict[str, Any], int]:
    """Layout that puts the panels of `small_multiples` into `ncols` columns at 360 px, and its height."""
    return panel_grid(figure, ncols, NARROW, height or figure._grid["panel"][1])


def panel_grid(figure: Form, ncols: int, width: float, panel: float) -> tuple[dict[str, Any], int]:
    count, left = figure._grid["count"], figure._grid["left"]
    nrows = math.ceil(count / ncols)
    head, foot, gap, above = (
        24 if width == WIDTH else 8 + 16 * figure._grid["lines"],
        24,
        36,
        figure._grid["top"],
    )
    row = panel + head + foot
    inner = width - 2 * SIDE - left - 14  # the last year's label is wider than its tick
    column = (inner - gap * (ncols - 1)) / ncols
    layout: dict[str, Any] = {
        "margin": {"l": SIDE + left, "r": SIDE + 14, "t": above, "b": 4, "autoexpand": False}
    }
    total = nrows * row
    for index in range(count):
        suffix = "" if index == 0 else str(index + 1)
        r, c = divmod(index, ncols)
        x0, top = c * (column + gap) / inner, 1 - (r * row + head) / total
        layout[f"xaxis{suffix}"] = {
            "domain": [x0, min(1, x0 + column / inner)],
            "showticklabels": index + ncols >= count,
        }
        layout[f"yaxis{suffix}"] = {
            "domain": [max(0, top - panel / total), min(1, top)],
            "showticklabels": c == 0,
        }
    return layout, round(total + above + 4)
