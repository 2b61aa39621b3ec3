"""Lines and points over time, goals and annotations on them."""

from __future__ import annotations

import collections
import html
import itertools
import math
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from typing import Any, TypedDict

import pandas as pd
import plotly.graph_objects as go

from storykit import project, receipts, reshape, tables
from storykit.figures import NARROW, WIDTH
from storykit.forms import measures
from storykit.forms.plan import (
    CYCLE,
    SIDE,
    Axis,
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
    number,
    stamp_of,
    text_token,
    text_width,
    unit_note,
    unit_of,
    wrap,
    written,
)

Goal = tuple[Any, ...]
"""`(value, words)` or `(value, words, period)`."""

Moment = tuple[Any, ...]
"""`(period, value, words)`, and a fourth entry where it is a goal."""

Given = dict[Any, str] | Sequence[str] | None
"""Words or tokens by key, or in the order of the keys."""

Drawn = tuple[list[str | None], list[float | None], list[str]]
"""Days, values and hovers of a trace; a gap has neither day nor value of its own."""


class Group(TypedDict):
    """The rows of one key, and how they are drawn; `alone`: no other group has its label."""

    key: Hashable
    rows: pd.DataFrame
    token: str
    thin: bool
    label: str
    by: str
    alone: bool


class End(TypedDict):
    """The last point of a group and its label: `texts` at both widths; `x` is the day at which the label stands."""

    date: pd.Timestamp
    value: float
    texts: list[str]
    token: str
    mark: str
    full: str
    late: bool
    x: pd.Timestamp


def lines(
    rows: pd.DataFrame,
    by: str = "series_id",
    colours: Given = None,
    labels: Given = None,
    goal: Goal | str | Sequence[Goal | str] | None = None,
    annotate: Sequence[Moment] | dict[str, str] = (),
    log: bool = False,
    zero: bool | None = None,
    values: bool = True,
    joined: bool | Collection[str] = True,
    breaks: Collection[str] = (),
    named: Collection[str] | None = None,
    height: int = 400,
    narrow_height: int = 380,
) -> Form:
    """Series over time, each labelled where it ends.

    Parameters
    ----------
    rows
        As `tables.observations` returns them. Each series x geography x vintage of forecast or
        observation is a trace of its own; a series that may not be joined gets points only, and
        a regular series is broken where a period is missing. `nature` forecast: dotted, hollow.
    by
        The column that gives a trace its colour and label: `series_id` or `geography`.
    colours, labels
        `{key of by: token}`, `{key of by: words}`, or lists in the order of the keys. A key without colour,
        when some have one, is drawn thin and grey; a key without words takes the row's `label` or `name`; a figure
        of one series needs no label. Words for the id of an observation are pointed at it, as `annotate` does.
    goal
        `(value, words)`, `(value, words, period)`, the id of a claim, or a list of them: a dashed line with its
        words; those of a claim say its year and its value.
    annotate
        `(period, value, words)`: a moment that matters, pointed at. Or `{observation_id: words}` of rows, where
        `{}` stands for the number.
    zero
        True: the axis starts at zero; False: it does not; None: it does if little is lost.
    values
        Write the last value after the label.
    joined
        False: points only. A list of series: only these are joined, as far as they may be.
    breaks
        Observation ids of rows that no line comes to from the row before, such as the first of a new source.
    named
        Keys of `by` whose lines are labelled where they end; the others tell their name when pointed at. Default: all.

    Raises
    ------
    project.DataError
        If `breaks` names a row that is not drawn, or `goal` a claim that does not exist.
    """
    rows = rows.assign(broken=_are(rows, breaks)) if breaks else rows
    pointed, annotate = _pointed(rows, labels, moments(rows, annotate))

    def drawn(rows: pd.DataFrame, **options: Any) -> Form:
        return _lines(rows, by, tokens, told, joined, named, values, height, narrow_height, **options)

    # A line keeps its colour and label where another measure draws fewer of them.
    tokens, told = _by_key(rows[by], colours) or _cycle(rows[by]), _by_key(rows[by], pointed)
    form = drawn(rows, goal=goal, annotate=annotate, log=log, zero=zero)
    return form.set_measures(*((each, drawn(each.rows, log=each.log)) for each in measures.of(rows)))


def _cycle(keys: pd.Series) -> dict[Any, str]:
    """Tokens for keys of which none was given one."""
    return {key: CYCLE[index % len(CYCLE)] for index, key in enumerate(keys.unique())}


def _lines(
    rows: pd.DataFrame,
    by: str,
    colours: dict[Any, str],
    labels: dict[Any, str],
    joined: bool | Collection[str],
    named: Collection[str] | None,
    values: bool,
    height: int,
    narrow_height: int,
    goal: Goal | str | Sequence[Goal | str] | None = None,
    annotate: Sequence[Moment] = (),
    log: bool = False,
    zero: bool | None = None,
) -> Form:
    """One drawing of `lines`, whose parameters are told there."""
    plan = Plan()
    groups = groups_of(rows, by, colours, labels)
    goals = _goal_list(goal)
    everything = [*rows["value"], *(g[0] for g in goals), *(a[1] for a in annotate)]
    unit = unit_of(rows["unit"].iloc[0] if "unit" in rows else "")
    axis = value_axis_of(plan, everything, unit, log, zero)
    for group in sorted(groups, key=lambda g: not g["thin"]):  # what is coloured lies on top
        plan.traces += series_traces(group, joined)
    stamps = [*rows["date"], *(stamp_of(g[2]) for g in goals if g[2]), *(stamp_of(a[0]) for a in annotate)]
    told = groups if named is None else [g for g in groups if g["key"] in named]
    ends, rooms = _ends(plan, told, values, max(stamps))
    ticks = max(36, 0.8 * max(map(text_width, plan.layout["yaxis"]["ticktext"])) + 8)
    span = time_axis_of(plan, stamps, WIDTH - 2 * SIDE - rooms[0] - 40, NARROW - 2 * SIDE - rooms[1] - ticks)
    canvases = [
        _line_canvas(w - 2 * SIDE - r - 38, h - 44, size, span, axis, groups, r)
        for w, r, h, size in ((WIDTH, rooms[0], height, TEXT), (NARROW, rooms[1], narrow_height, SMALL))
    ]
    _late_labels(plan, [e for e in ends if e["late"]], canvases)
    _draw_goals(plan, goals, span, axis[0], canvases)
    _early_labels(plan, [e for e in ends if not e["late"]], canvases)
    _draw_annotations(plan, annotate, axis[0], canvases)
    plan.layout["hovermode"] = "closest"
    return plan.form(height + plan.margin["t"] - 14, narrow_height + plan.narrow_margin["t"] - 14)


def _are(rows: pd.DataFrame, wanted: Collection[str]) -> pd.Series:
    """Whether each row is one of the wanted observations; all of them must be there."""
    missing = [name for name in wanted if name not in set(rows["observation_id"])]
    if missing:
        raise project.DataError(
            f"Not among the rows drawn: {', '.join(missing)}. Name observations of this chart, or load them, too."
        )
    return rows["observation_id"].isin(list(wanted))


def _pointed(rows: pd.DataFrame, labels: Given, annotate: list[Moment]) -> tuple[Given, list[Moment]]:
    """The labels of groups, and the moments with those that labels name by their observation."""
    if not isinstance(labels, dict) or "observation_id" not in rows:
        return labels, annotate
    own = {name: words for name, words in labels.items() if name in set(rows["observation_id"])}
    at = rows.set_index("observation_id")
    named = [(at.at[name, "period"], at.at[name, "value"], words) for name, words in own.items()]
    return {key: words for key, words in labels.items() if key not in own}, [*annotate, *named]


def _line_canvas(
    width: float, height: float, size: float, span: Span, axis: Axis, groups: list[Group], room: float
) -> Canvas:
    coordinate, low, high = axis
    days = (span[1] - span[0]).days or 1

    def x(stamp: pd.Timestamp) -> float:
        return (stamp - span[0]).days / days * width

    def y(value: float) -> float:
        return (coordinate(value) - low) / (high - low) * height

    canvas = Canvas(width, height, size, x, y, (0, room, 6, 0))
    for group in groups:
        part = group["rows"].dropna(subset=["value"])
        canvas.path([(x(d), y(v)) for d, v in zip(part["date"], part["value"])])
    return canvas


def points(rows: pd.DataFrame, by: str = "series_id", label: str | None = None, **options: Any) -> Form:
    """As `lines`, without joining anything: for values that may not be joined.

    `label` names a column whose text is written above its point. Other options as `lines`.
    """
    form = lines(rows, by=by, joined=False, **{"values": not label, **options})
    if label:
        texts = [
            (r.date, r.value, getattr(r, label)) for r in reshape.one_by_one(rows) if clean(getattr(r, label))
        ]
        extra = [
            {**_above(date, value, text, options.get("log", False)), "name": _owner(form.data, date, value)}
            for date, value, text in texts
        ]
        _add_notes(form, extra)
    return form


def mirror(
    rows_a: pd.DataFrame,
    rows_b: pd.DataFrame,
    labels: Sequence[str] = (),
    colours: Sequence[str] = ("built", "promised"),
    gaps: bool = False,
    **options: Any,
) -> Form:
    """Two counts of the same thing, side by side and never joined; options as `lines`.

    With `gaps` a stroke joins the two counts of each period that has both.
    """
    rows = pd.concat([rows_a.assign(count="a"), rows_b.assign(count="b")], ignore_index=True)
    options["colours"] = dict(zip("ab", colours))
    if labels:
        options["labels"] = dict(zip("ab", labels))
    form = lines(rows, by="count", **options)
    if gaps:
        form.add_traces(_gap_strokes(rows))
        form.data = (*form.data[-1:], *form.data[:-1])  # under the marks
    return form


def _gap_strokes(rows: pd.DataFrame) -> go.Scatter:
    """A stroke between the lowest and the highest value of each period that has two."""
    ends = rows.dropna(subset=["value"]).groupby("date")["value"].agg(["min", "max", "size"])
    both = ends[ends["size"] > 1]
    x = [day for stamp in both.index for day in (iso(stamp), iso(stamp), None)]
    y = [value for low, high in zip(both["min"], both["max"]) for value in (float(low), float(high), None)]
    return guide("between the counts", x, y, "unknown", width=3)


def goals(rows: pd.DataFrame, targets: pd.DataFrame, label: str = "label", **options: Any) -> Form:
    """What was measured against goals for different years, each a hollow diamond with its words.

    Parameters
    ----------
    rows
        Observed rows, as for `lines`.
    targets
        Columns `period` (drawn at its middle, as values are), `value` and `label` (the words on the mark).
    """
    dates = [stamp_of(p) for p in targets["period"]]
    marks = [(d, r.value, getattr(r, label), "goal") for d, r in zip(dates, reshape.one_by_one(targets))]
    own = moments(rows, options.get("annotate", ()))
    form = lines(rows, **{**options, "annotate": [*own, *marks]})
    hovers = [
        hover_text(getattr(r, label), f"goal for {receipts.date_words(r.period)}")
        for r in reshape.one_by_one(targets)
    ]
    form.add_trace(
        scatter(
            "goals",
            "markers",
            x=[iso(d) for d in dates],
            y=[float(v) for v in targets["value"]],
            hovertext=hovers,
            marker={"symbol": "diamond-open", "size": 12, "color": ink("promised"), "line": {"width": 2}},
        )
    )
    return form


def moments(rows: pd.DataFrame, annotate: Sequence[Moment] | dict[str, str]) -> list[Moment]:
    """What is annotated as `(period, value, words)`; observations stand at their own place, with their number."""
    if not isinstance(annotate, dict):
        return list(annotate)
    at = rows.set_index("observation_id")
    return [
        (at.at[key, "period"], at.at[key, "value"], words.format(receipts.num(key)))
        for key, words in annotate.items()
    ]


def groups_of(rows: pd.DataFrame, by: str, colours: Given, labels: Given) -> list[Group]:
    tokens, own_words = _by_key(rows[by], colours), _by_key(rows[by], labels)
    found: list[Group] = []
    words, many = {"series_id": "label", "geography": "name"}.get(by, by), rows[by].nunique() > 1
    for index, (key, part) in enumerate(rows.groupby(by, sort=False)):
        if tokens:
            token, thin = tokens.get(key, "unknown"), key not in tokens
        else:
            token, thin = CYCLE[index % len(CYCLE)], False
        own = clean(part[words].iloc[0] if words in part else key) if many or own_words else ""
        text = own_words.get(key, own)
        found.append(
            {
                "key": key,
                "rows": part.sort_values("date"),
                "token": token,
                "thin": thin,
                "label": text,
                "by": by,
                "alone": True,
            }
        )
    told = collections.Counter(group["label"] for group in found)
    for group in found:
        group["alone"] = told[group["label"]] == 1
    return found


def _by_key(keys: pd.Series, given: Given) -> dict[Any, str]:
    """What was given for each key, by key or in the order of the keys."""
    if given is None or isinstance(given, dict):
        return given or {}
    return dict(zip(keys.unique(), given, strict=True))


def series_traces(group: Group, joined: bool | Collection[str]) -> list[Any]:
    traces, part = [], group["rows"]
    nature = part["nature"] if "nature" in part else pd.Series("observed", index=part.index)
    keys = [part["series_id"], part["geography"], nature.eq("forecast").rename("forecast")]
    for (series, geography, forecast), piece in part.groupby(keys, sort=False):
        wanted = joined if isinstance(joined, bool) else series in joined
        may = wanted and len(piece) > 1 and ("line" not in piece or bool(piece["line"].fillna(False).all()))
        traces.append(_series_trace(group, str(series), str(geography), piece, bool(forecast), may))
    return traces


def _converted(piece: pd.DataFrame, series: str) -> dict[str, str]:
    """For `meta`: the unit of the rows, if it is not their series' own."""
    known = tables.records("series").get(series, {})
    if "unit" not in piece or piece["unit"].iloc[0] == known.get("unit"):
        return {}
    return {"unit": piece["unit"].iloc[0]}


def _series_trace(
    group: Group, series: str, geography: str, piece: pd.DataFrame, forecast: bool, may: bool
) -> go.Scatter:
    stamps, values, hovers = _with_gaps(piece) if may else _plain(piece)
    token, many = group["token"], len(piece) > 45
    size = (0 if many else 4 if len(piece) > 25 else 7) if may else 9
    size = min(size, 4) if group["thin"] else size
    meta = {"series": series, "geography": geography}
    meta |= {"lens": geography} if group["by"] == "geography" else {}
    meta |= _converted(piece, series)
    marker = {
        "size": max(size, 1),
        "color": ink("surface" if forecast else token),
        "line": {"color": ink(token), "width": 2 if forecast else 0},
    }
    look_of: dict[str, Any] = (
        {
            "line": {
                "color": ink(token),
                "width": 1.3 if group["thin"] else 2.5,
                "dash": "dot" if forecast else "solid",
            }
        }
        if may
        else {}
    )
    mode = "markers" if not may else "lines" if not size else "lines+markers"
    own = html.unescape(clean(piece["label"].iloc[0] if "label" in piece else series))
    mixed = group["by"] != "geography" and group["rows"]["series_id"].nunique() > 1
    name = (
        bare(group["label"]) if group["alone"] and not mixed else ""
    )  # a name tells a trace from all others
    look_of["opacity"] = 0.6 if group["thin"] else 1
    return scatter(
        (name or own) + (" (forecast)" if forecast else ""),
        mode,
        x=stamps,
        y=values,
        hovertext=hovers,
        marker=marker,
        meta=meta,
        **look_of,
    )


def _plain(piece: pd.DataFrame) -> Drawn:
    texts = [_row_hover(r) for r in reshape.one_by_one(piece)]
    return [iso(d) for d in piece["date"]], [float(v) for v in piece["value"]], texts


def _row_hover(row: Any) -> str:
    name = f"{getattr(row, 'label', '')}, {getattr(row, 'name', '')}".strip(", ")
    unit = getattr(row, "unit", "")
    digits = getattr(row, "recorded", ""), getattr(row, "qualifier", "exact")
    value = html.unescape(written(row.value, unit, digits[1], digits[0])) + unit_note(unit)
    kind = getattr(row, "nature", "observed")
    extra = {
        "forecast": "a forecast",
        "target": "a target",
        "claimed": "as stated by the party itself",
        "derived": "worked out from published figures",
    }.get(kind, "")
    return hover_text(name, f"{receipts.date_words(row.period)}: {value}", extra)


def _with_gaps(piece: pd.DataFrame) -> Drawn:
    """Rows with an empty point wherever a regular series misses a period, or the rows say that it is broken."""
    stamps, values, texts = _plain(piece)
    broken = list(piece["broken"]) if "broken" in piece else [False] * len(piece)
    days = list(piece["date"])
    gaps = reshape.gaps(days)
    for index in range(len(gaps), 0, -1):
        if gaps[index - 1] or broken[index]:
            middle = days[index - 1] + pd.Timedelta(days=(days[index] - days[index - 1]).days / 2)
            stamps.insert(index, iso(middle))
            values.insert(index, None)
            texts.insert(index, "")
    return stamps, values, texts


def _ends(
    plan: Plan, groups: list[Group], values: bool, latest: pd.Timestamp
) -> tuple[list[End], list[float]]:
    """The last point of every line with its label at both widths, and the room they need at right."""
    newest = max(group["rows"].dropna(subset=["value"])["date"].max() for group in groups)
    ends = [_end(group, values, len(groups), newest) for group in groups]
    first = min(group["rows"]["date"].min() for group in groups)
    for end in ends:
        end["late"] = end["date"] >= latest - (latest - first) * 0.12
    late = [e for e in ends if e["late"]]
    for end in ends:
        end["x"] = max(e["date"] for e in late) if end["late"] else end["date"]
    keyed = any(line_count(e["texts"][1]) > 3 or text_width(e["texts"][1], SMALL) > 136 for e in ends)
    rooms: list[float] = [
        max((text_width(e["texts"][i], size) for e in late), default=0) + _LEADER + 6
        for i, size in enumerate((TEXT, SMALL))
    ]
    if keyed:
        _narrow_key(plan, ends)
        rooms[1] = 8
    plan.margin["r"], plan.narrow_margin["r"] = SIDE + rooms[0], SIDE + rooms[1]
    return ends, rooms


_LEADER = 16
"""Room in px between a line's end and its label, for the leader of a label that had to move."""


def _end(group: Group, values: bool, count: int, newest: pd.Timestamp) -> End:
    """The last point of a group and its label; a year is named if others go on for longer."""
    last = group["rows"].dropna(subset=["value"]).iloc[-1]
    value = end_value(last) if values else ""
    year = last["date"].year
    when = f" ({year})" if values and group["label"] and year < newest.year else ""
    full = f"{group['label']} {value}{when}".strip()
    forecast = "nature" in group["rows"] and group["rows"]["nature"].eq("forecast").all()
    return {
        "date": last["date"],
        "value": float(last["value"]),
        "texts": [wrap(full, 24), wrap(full, 18 if count > 5 else 15)],
        "token": text_token("muted" if group["thin"] else group["token"]),
        "mark": f'<span style="color:{ink(group["token"])}">{"○" if forecast else "●"}</span>\u2009',
        "full": full,
        "late": True,
        "x": last["date"],
    }


def end_value(row: Any) -> str:
    """The value at a line's end, to three digits or a tenth of a per cent, with its unit if that is short."""
    unit, value = unit_of(row.get("unit", "")), float(row["value"])
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 or unit.suffix == "%" else 2
    text = number(round(value, digits))
    small = {"%": "%", "billion": "bn", "million": "m", "trillion": "tn", "MW": "\xa0MW"}.get(
        unit.suffix.strip(), ""
    )
    return f"<b>{unit.prefix}{text}{small}</b>"


def _late_labels(plan: Plan, ends: list[End], canvases: Sequence[Canvas]) -> None:
    """Labels at the right edge, pushed apart where lines end close together."""
    shifts = []
    canvases = list(canvases)
    for index, canvas in enumerate(canvases):
        px = [canvas.y(end["value"]) for end in ends]
        heights = [1.3 * canvas.size * line_count(end["texts"][index]) + 1 for end in ends]
        spread = dodge(px, heights, -10, canvas.height + 12)
        shifts.append([got - wanted for got, wanted in zip(spread, px)])
        canvas.boxes += [
            canvas.box(canvas.x(end["x"]) + _LEADER, got, end["texts"][index])
            for end, got in zip(ends, spread)
        ]
    angles = [_aways(canvas, ends, own) for canvas, own in zip(canvases, shifts)]
    for end, *moved in zip(ends, *angles):
        place = {"x": iso(end["date"]), "y": _y_of(plan, end["value"]), "colour": end["token"]}
        notes = [
            {**place, "text": text, **_tied(*away)} if text else None
            for text, away in zip(end["texts"], moved)
        ]
        if any(notes):
            plan.note(*notes, name=_owner(plan.traces, end["date"], end["value"]))


def _aways(canvas: Canvas, ends: list[End], shifts: Sequence[float]) -> list[tuple[float, float, bool]]:
    """How far right of and above its point each label stands, and whether a leader ties them."""
    across = [canvas.x(end["x"]) - canvas.x(end["date"]) for end in ends]
    tied = [a >= 1 or abs(up) >= 7 for a, up in zip(across, shifts)]
    gap = _LEADER if any(tied) else 9
    return [(a + gap, up, tie) for a, up, tie in zip(across, shifts, tied)]


def _tied(across: float, up: float, tie: bool) -> dict[str, Any]:
    if not tie:
        return {"xshift": across, "yshift": up}
    return {
        "showarrow": True,
        "ax": across,
        "ay": -up,
        "arrowhead": 0,
        "arrowwidth": 1,
        "arrowcolor": ink("muted"),
        "standoff": 5,
    }


def _owner(drawn: Iterable[Any], stamp: pd.Timestamp, value: float) -> str:
    """The name of the trace that draws a point: what is written at the point goes when the trace does."""
    for trace in drawn:
        if not (trace.meta or {}).get("guide") and (iso(stamp), float(value)) in zip(trace.x, trace.y):
            name: str = trace.name
            return name
    return ""


def _early_labels(plan: Plan, ends: list[End], canvases: Sequence[Canvas]) -> None:
    for end in ends:
        place = {"x": iso(end["x"]), "y": _y_of(plan, end["value"]), "colour": end["token"]}
        notes = [
            {**place, "text": text, **c.place(c.x(end["x"]), c.y(end["value"]), text)[1]} if text else None
            for c, text in zip(canvases, end["texts"])
        ]
        if any(notes):
            plan.note(*notes, name=_owner(plan.traces, end["date"], end["value"]))


def _y_of(plan: Plan, value: float) -> float:
    """An annotation's y: on a log axis plotly wants the exponent."""
    return math.log10(value) if plan.layout["yaxis"].get("type") == "log" else float(value)


def dodge(centres: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Positions near `centres` at which boxes of `heights` do not overlap, inside low..high if they fit."""
    order = sorted(range(len(centres)), key=lambda i: centres[i])
    places = list(centres)
    for _ in range(60):
        moved = 0.0
        for below, above in itertools.pairwise(order):
            overlap = (heights[below] + heights[above]) / 2 - (places[above] - places[below])
            if overlap > 0.01:
                places[below] -= overlap / 2
                places[above] += overlap / 2
                moved += overlap
        for i in order:
            places[i] = min(max(places[i], low + heights[i] / 2), max(high - heights[i] / 2, low))
        if moved < 0.5:
            break
    return places


def _narrow_key(plan: Plan, ends: list[End]) -> None:
    """Long labels do not fit beside the lines of a phone; there they stand above the plot."""
    items = [f'{e["mark"]}<span style="color:{ink(e["token"])}">{wrap(e["full"], 42)}</span>' for e in ends]
    left = 0.8 * max(
        map(text_width, plan.layout["yaxis"]["ticktext"])
    )  # the key starts above the ticks' words
    text = "<br>".join(items)
    below = 14 if plan.narrow_margin["t"] < 20 else plan.narrow_margin["t"]
    plan.note(
        None,
        {
            "text": text,
            "xref": "paper",
            "yref": "paper",
            "x": 0,
            "y": 1,
            "yanchor": "bottom",
            "yshift": below,
            "xshift": -max(28, left),
        },
    )
    plan.narrow_margin["t"] += 17 * line_count(text) + 8
    for end in ends:
        end["texts"][1] = ""


def _goal_list(goal: Goal | str | Sequence[Goal | str] | None) -> list[Goal]:
    if goal is None:
        return []
    found = [goal] if isinstance(goal, (tuple, str)) else list(goal)
    return [_goal_of_claim(g) if isinstance(g, str) else (*g, None)[:3] for g in found]


def _goal_of_claim(name: str) -> Goal:
    """What a claim said, with its value and the period it was due."""
    if name not in tables.records("claims"):
        raise project.DataError(
            f"claims has no row {name!r}, which a goal names; see data/tables/claims.csv."
        )
    value, due = tables.rows("claims", [name])[["target_value", "due_by"]].iloc[0]
    words = receipts.num(f'claims("{name}").target_value')
    return value, f"Goal for {receipts.date_words(due)}: {words}", due


def _draw_goals(
    plan: Plan,
    found: list[Goal],
    span: Span,
    coordinate: Callable[[float], float],
    canvases: Sequence[Canvas],
) -> None:
    for value, words, period in found:
        text = clean(words)
        plan.traces.append(
            guide(bare(text), [iso(span[0]), iso(span[1])], [value, value], "goal", "dash", 1.5)
        )
        if period:
            plan.traces.append(
                scatter(
                    bare(text),
                    "markers",
                    x=[iso(stamp_of(period))],
                    y=[value],
                    meta={"guide": True},
                    marker={
                        "symbol": "diamond",
                        "size": 11,
                        "color": ink("surface"),
                        "line": {"width": 2, "color": ink("goal")},
                    },
                    hovertext=[hover_text(words, receipts.date_words(period))],
                )
            )
            for canvas in canvases:
                x, y = canvas.x(stamp_of(period)), canvas.y(value)
                canvas.boxes.append((x - 8, y - 8, x + 8, y + 8))
        notes = [
            _goal_note(value, [wrap(text, limit) for limit in limits], span, coordinate, canvas)
            for limits, canvas in zip(((60, 32), (30, 18)), canvases)
        ]
        plan.note(*notes)


def _goal_note(
    value: float, texts: list[str], span: Span, coordinate: Callable[[float], float], canvas: Canvas
) -> dict[str, Any]:
    """The goal's words sit on its line, at the end where no data are, on few lines if they fit."""
    choices = []
    for rank, text in enumerate(texts):
        for end, xanchor, shift in ((span[0], "left", 4), (span[1], "right", -4)):
            for yanchor, lift in (("bottom", 3), ("top", -3), ("bottom", 11), ("top", -11)):
                box = canvas.box(canvas.x(end) + shift, canvas.y(value) + lift, text, xanchor, yanchor)
                keys = {
                    "x": iso(end),
                    "text": text,
                    "xanchor": xanchor,
                    "align": xanchor,
                    "yanchor": yanchor,
                    "xshift": shift,
                    "yshift": lift,
                }
                choices.append(
                    (canvas.cost(box) + 8 * rank + abs(lift) / 3 + (xanchor == "right"), box, keys)
                )
    _, box, keys = min(choices, key=lambda choice: choice[0])
    canvas.boxes.append(box)
    canvas.path([(0, canvas.y(value)), (canvas.width, canvas.y(value))])
    return {**keys, "y": coordinate(value), "colour": "goal"}


def _draw_annotations(
    plan: Plan,
    annotate: Sequence[Moment],
    coordinate: Callable[[float], float],
    canvases: Sequence[Canvas],
) -> None:
    for canvas in canvases:  # words keep off the marks of all goals, not only of their own
        marks = [(canvas.x(stamp_of(date)), canvas.y(value)) for date, value, _, *kind in annotate if kind]
        canvas.boxes += [(x - 9, y - 9, x + 9, y + 9) for x, y in marks]
    for date, value, words, *kind in annotate:
        stamp, gap = stamp_of(date), 11 if kind else 9
        place = {"x": iso(stamp), "y": coordinate(value), "colour": "promised" if kind else "ink"}
        notes = []
        for canvas, limit in zip(canvases, (26, 16)):
            text = wrap(clean(words), limit)
            notes.append(
                {**place, "text": text, **canvas.place(canvas.x(stamp), canvas.y(value), text, gap)[1]}
            )
        plan.note(*notes, name="goals" if kind else _owner(plan.traces, stamp, value))


def _above(date: Any, value: float, text: str, log: bool) -> dict[str, Any]:
    return {
        "x": iso(date),
        "y": math.log10(value) if log else float(value),
        "text": clean(text),
        "yanchor": "bottom",
        "xanchor": "center",
        "align": "center",
        "yshift": 8,
    }


def _add_notes(form: Form, extra: list[dict[str, Any]]) -> None:
    """Annotations after the fact, at both widths (wrapped on the narrow one)."""
    plan = Plan()
    for note in extra:
        plan.note({**note, "text": wrap(note["text"], 20)}, {**note, "text": wrap(note["text"], 10)})
    for wide, _ in plan._notes:
        form.add_annotation(**wide)
    form.set_narrow(annotations=[*form.sizes["narrow"]["annotations"], *(n for _, n in plan._notes)])
