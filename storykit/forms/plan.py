"""The plan of a figure: its margins and notes at both widths, room for words, and axes."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from storykit import receipts
from storykit.figures import NARROW, WIDTH
from storykit.forms.measures import Measure
from storykit.forms.words import SMALL, TEXT, clean, ink, iso, line_count, number, short, text_width, wrap

CYCLE = ("built", "promised", "used", "origin-other", "origin-asia", "origin-us", "origin-my", "origin-cn")
"""Tokens given to series in turn when a form is not told which."""

STATES = {"promised": "promised", "built": "built", "used": "used", "unknown": "no published figure"}
"""The states every form draws alike, with the words of its key."""

MARKS = {
    "circle": "●",
    "circle-open": "○",
    "square": "■",
    "square-open": "□",
    "diamond": "◆",
    "diamond-open": "◇",
    "x": "×",
    "cross": "+",
    "triangle-up": "▲",
    "triangle-up-open": "△",
    "triangle-down": "▼",
    "triangle-down-open": "▽",
    "star": "★",
}
"""Symbols of plotly as characters, for keys."""

SIDE = 8  # margin left and right, px

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in px of a plot, or in km or degrees of a map."""

Span = tuple[pd.Timestamp, pd.Timestamp]
"""The two ends of an axis of time."""

Axis = tuple[Callable[[float], float], float, float]
"""An axis of values: value -> axis coordinate, lower end, upper end."""


class Form(go.Figure):
    """A plotly figure that knows its heights at both widths, the layout of the narrow one, and its other measures."""

    _sizes: dict[str, Any] | None = None
    _measures: tuple[tuple[Measure, Form], ...] = ()

    @property
    def measures(self) -> tuple[tuple[Measure, Form], ...]:
        """How else its rows can be counted, each with the chart that shows it."""
        return self._measures

    def set_measures(self, *measures: tuple[Measure, Form]) -> Form:
        """Offer the reader other measures."""
        self._measures = measures
        return self

    @property
    def sizes(self) -> dict[str, Any]:
        """What `figures.Figure` takes from a form: height, narrow_height, narrow. Copies; see `set_narrow`."""
        return copy.deepcopy(self._sizes or {"height": 420, "narrow_height": 420, "narrow": {}})

    def set_height(self, **heights: float) -> Form:
        """Another height in px: `wide`, `narrow`, or both."""
        names = {"wide": "height", "narrow": "narrow_height"}
        self._sizes = {**self.sizes, **{names[width]: height for width, height in heights.items()}}
        return self

    def set_narrow(self, **layout: Any) -> Form:
        """Change the layout of the narrow picture, as `update_layout` does that of the wide one.

        Nested dictionaries are merged key by key (`xaxis={"range": [0, 5]}`), anything else is replaced.
        """
        sizes = self.sizes
        self._sizes = {**sizes, "narrow": _merged(sizes["narrow"], layout)}
        return self


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    def value(key: str) -> Any:
        nested = isinstance(new[key], dict) and isinstance(old.get(key), dict)
        return _merged(old[key], new[key]) if nested else new[key]

    return old | {key: value(key) for key in new}


_NOTE = {
    "xref": "x",
    "yref": "y",
    "xanchor": "left",
    "yanchor": "middle",
    "xshift": 0,
    "yshift": 0,
    "align": "left",
    "showarrow": False,
    "visible": True,
    "ax": 0,
    "ay": 0,
    "borderpad": 1,
}


class Plan:
    """Traces, layout and annotations of one figure, at both widths.

    Both widths get annotation lists of the same length with the same keys: then it does not
    matter whether the narrow list replaces the wide one or is merged into it item by item.
    """

    def __init__(self) -> None:
        self.traces: list[Any] = []
        self.layout: dict[str, Any] = {}
        self.narrow: dict[str, Any] = {}
        self.margin: dict[str, float] = {"l": SIDE, "r": SIDE, "t": 14, "b": 8}
        self.narrow_margin = dict(self.margin)
        self._notes: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def note(
        self, wide: dict[str, Any] | None = None, narrow: dict[str, Any] | None = None, **common: Any
    ) -> None:
        """One annotation; None leaves it out at that width. `size` and `colour` make its font."""
        made = [self._made(w, common, size) for w, size in ((wide, TEXT), (narrow, SMALL))]
        keys = {key for note in made if note for key in note}
        one, two = (note or {**(other or {}), "visible": False} for note, other in zip(made, made[::-1]))
        for note, other in ((one, two), (two, one)):
            note.update({key: other[key] for key in keys if key not in note})
        self._notes.append((one, two))

    def _made(self, own: dict[str, Any] | None, common: dict[str, Any], size: int) -> dict[str, Any] | None:
        if own is None:
            return None
        note = {**_NOTE, **common, **own}
        font = {"size": note.pop("size", size), "color": ink(note.pop("colour", "ink"))}
        return {**note, "font": font}

    def key(self, items: Sequence[tuple[str, str, str]], left: float = 0) -> None:
        """A direct key above the plot: (mark, token, words) side by side, wrapped to the width.

        `left` is the room in px that names take left of the wide plot; the key starts above them.
        """
        if not items:
            return
        texts = []
        for width, size, most in ((WIDTH, TEXT, 90), (NARROW, SMALL, 44)):
            pieces = [
                f'<span style="color:{ink(t)}">{mark}</span>\u2009{wrap(clean(words), most)}'
                for mark, t, words in items
            ]
            texts.append(_flow(pieces, width - 2 * SIDE, size))
        place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "yanchor": "bottom", "colour": "muted"}
        self.note(
            {**place, "text": texts[0], "yshift": 8, "xshift": -left},
            {**place, "text": texts[1], "yshift": 8},
        )
        self.margin["t"] = max(self.margin["t"], 20 * line_count(texts[0]) + 12)
        self.narrow_margin["t"] = max(self.narrow_margin["t"], 18 * line_count(texts[1]) + 12)

    def lift_key(self, wide: float, narrow: float) -> None:
        """Move the key, which was put in last, up by so many px: something else stands between it and the plot."""
        for note, lift in zip(self._notes[-1], (wide, narrow)):
            note["yshift"] += lift

    def form(self, height: float, narrow_height: float) -> Form:
        """The finished figure."""
        layout = {"margin": self.margin, "annotations": [w for w, _ in self._notes], **self.layout}
        figure = Form(self.traces)
        figure.update_layout(**layout)
        figure._sizes = {
            "height": round(height),
            "narrow_height": round(narrow_height),
            "narrow": {
                "margin": self.narrow_margin,
                "annotations": [n for _, n in self._notes],
                **self.narrow,
            },
        }
        return figure


def _flow(pieces: list[str], width: float, size: float) -> str:
    lines, line = [], ""
    for piece in pieces:
        longer = f"{line}\u2003{piece}" if line else piece
        if line and text_width(longer, size) + 12 > width:
            lines.append(line)
            line = piece
        else:
            line = longer
    return "<br>".join([*lines, line])


def scatter(name: str, mode: str, **rest: Any) -> go.Scatter:
    if "hovertext" in rest:
        rest.setdefault("hovertemplate", "%{hovertext}<extra></extra>")
    else:
        rest.setdefault("hoverinfo", "skip")
    rest.setdefault("cliponaxis", False)  # a mark at the edge is drawn whole
    return go.Scatter(name=name, mode=mode, **rest)


def guide(
    name: str,
    x: Sequence[Any],
    y: Sequence[Any],
    token: str = "rule",
    dash: str = "solid",
    width: float = 1,
    **rest: Any,
) -> go.Scatter:
    line = {"color": ink(token), "width": width, "dash": dash}
    return scatter(name, "lines", x=x, y=y, line=line, meta={"guide": True}, **rest)


class Canvas:
    """The plot at one width, in px from its lower left corner: what is taken, and where words fit."""

    def __init__(
        self,
        width: float,
        height: float,
        size: float,
        x: Callable[[Any], float] = float,
        y: Callable[[Any], float] = float,
        margin: Box = (0.0, 0.0, 0.0, 0.0),
    ):
        self.width, self.height, self.size, self.x, self.y = width, height, size, x, y
        self.margin = margin  # room outside the plot: left, right, above, below
        self.dots: list[tuple[float, float]] = []
        self.boxes: list[tuple[float, float, float, float]] = []
        self.marks: list[tuple[float, float]] = []  # what words may be taken to name

    def path(self, points: Sequence[tuple[float, float]]) -> None:
        """A drawn line: words keep off it."""
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            steps = max(1, min(60, int(math.hypot(x1 - x0, y1 - y0) / 5)))
            self.dots += [(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps) for i in range(steps)]
        self.dots += list(points[-1:])

    def box(self, x: float, y: float, text: str, xanchor: str = "left", yanchor: str = "middle") -> Box:
        """Left, bottom, right, top of a text anchored at x, y."""
        width, height = text_width(text, self.size) + 4, 1.32 * self.size * line_count(text) + 2
        left = x - {"left": 0, "center": width / 2, "right": width}[xanchor]
        bottom = y - {"bottom": 0, "middle": height / 2, "top": height}[yanchor]
        return left, bottom, left + width, bottom + height

    def cost(self, box: Box) -> float:
        """How badly a box fits: over words, over lines, outside."""
        left, bottom, right, top = box
        over = sum(
            max(0, min(right, b[2]) - max(left, b[0])) * max(0, min(top, b[3]) - max(bottom, b[1]))
            for b in self.boxes
        )
        hits = sum(left < x < right and bottom < y < top for x, y in self.dots)
        outside = (
            max(0, -self.margin[0] - left)
            + max(0, right - self.width - self.margin[1])
            + max(0, -self.margin[3] - bottom)
            + max(0, top - self.height - self.margin[2])
        )
        return over * 2 + hits * 30 + outside * 200

    def _crossed(self, x: float, y: float, keys: dict[str, Any]) -> float:
        """How much of a leader would run through words."""
        spots: list[tuple[float, float]] = [
            (x + keys["dx"] * k / 16, y + keys["dy"] * k / 16) for k in range(4, 16)
        ]
        others = [b for b in self.boxes if not (b[0] <= x <= b[2] and b[1] <= y <= b[3])]
        return 6 * sum(b[0] < u < b[2] and b[1] < v < b[3] for u, v in spots for b in others)

    def _mistaken(self, x: float, y: float, box: Box, gap: float, own: float) -> float:
        """How many marks other than those within `own` px of x, y the words stand at, too."""
        left, bottom, right, top = box
        others = [(u, v) for u, v in self.marks if math.hypot(u - x, v - y) > own]
        away = [math.hypot(max(left - u, 0, u - right), max(bottom - v, 0, v - top)) for u, v in others]
        return 25 * sum(distance < gap + 4 for distance in away)

    def place(
        self,
        x: float,
        y: float,
        text: str,
        gap: float = 8,
        reach: Sequence[float] = (0, 14, 30, 48, 70, 95),
        own: float = 1,
        leader: bool = True,
    ) -> tuple[float, dict[str, Any]]:
        """The best place near x, y: (cost, keys of an annotation there); the box is then taken.

        `own` is the radius in px within which marks belong to the words; without `leader` words that
        stand far off are not tied to their point.
        """
        choices: list[tuple[float, float, dict[str, Any], Box]] = []
        for distance in reach:
            for keys in _around(gap, distance):
                keys["far"] = keys["far"] and leader
                box = self.box(x + keys["dx"], y + keys["dy"], text, keys["xanchor"], keys["yanchor"])
                crossed = self._crossed(x, y, keys) if keys["far"] else 0
                cost = self.cost(box) + crossed + self._mistaken(x, y, box, gap, own)
                choices.append((cost + distance * 0.35 + keys["rank"], cost, keys, box))
        _, cost, keys, box = min(choices, key=lambda choice: choice[0])
        self.boxes.append(box)
        if keys["far"]:
            self.path([(x, y), (x + keys["dx"], y + keys["dy"])])
        return cost, _shifted(keys)


def _around(gap: float, distance: float) -> list[dict[str, Any]]:
    """Places above, below, right and left of a point, the more usual ones first."""
    far = gap + distance
    slant = far * 0.7
    beside = ("middle", "middle") if distance > 12 else ("bottom", "top")  # a leader ends at its words
    found = [
        (0, far, "center", "bottom"),
        (0, -far, "center", "top"),
        (far, 0, "left", "middle"),
        (-far, 0, "right", "middle"),
        (-gap * 0.5, far, "left", "bottom"),
        (gap * 0.5, far, "right", "bottom"),
        (-gap * 0.5, -far, "left", "top"),
        (gap * 0.5, -far, "right", "top"),
        (slant, slant, "left", beside[0]),
        (-slant, slant, "right", beside[0]),
        (slant, -slant, "left", beside[1]),
        (-slant, -slant, "right", beside[1]),
    ]
    return [
        {"dx": dx, "dy": dy, "xanchor": xa, "yanchor": ya, "rank": i, "far": distance > 12}
        for i, (dx, dy, xa, ya) in enumerate(found)
    ]


def _shifted(keys: dict[str, Any]) -> dict[str, Any]:
    """Near words are only shifted; far ones are tied to their point by a thin leader."""
    common = {"xanchor": keys["xanchor"], "yanchor": keys["yanchor"], "align": keys["xanchor"]}
    if keys["far"]:
        return {
            **common,
            "showarrow": True,
            "ax": keys["dx"],
            "ay": -keys["dy"],
            "xshift": 0,
            "yshift": 0,
            "arrowhead": 0,
            "arrowwidth": 1,
            "arrowcolor": ink("muted"),
            "standoff": 4,
        }
    return {**common, "xshift": keys["dx"], "yshift": keys["dy"], "showarrow": False}


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values from at most `low` to at least `high`, about `count` of them."""
    span = (high - low) or abs(high) or 1.0
    raw = span / max(count - 1, 1)
    power = 10 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def tick_words(values: Sequence[float], unit: receipts.Unit) -> list[str]:
    """Percent signs on every tick, other units on the top one only."""
    if unit.suffix == "%":
        return [f"{number(v)}%" for v in values]
    scale = {"billion": "bn", "million": "m", "trillion": "tn"}.get(unit.suffix.strip(), "")
    words = [short(v) if v else "0" for v in values]
    if words:
        words[-1] = f"{unit.prefix}{words[-1]}{scale}"
    return words


def value_axis_of(
    plan: Plan, values: Sequence[float], unit: receipts.Unit, log: bool, zero: bool | None, count: int = 5
) -> Axis:
    """Sets `yaxis`; returns (value -> axis coordinate, lower end, upper end)."""
    numbers = [float(v) for v in values if not pd.isna(v)] or [0.0, 1.0]
    low, high = min(numbers), max(numbers)
    if log:
        return _log_axis(plan, low, high, unit)
    if zero or (zero is None and 0 <= low < 0.6 * high):
        low = min(low, 0)
    marks = ticks(low, high, count)
    pad = 0.04 * (marks[-1] - marks[0])
    ends = (marks[0] - (0 if marks[0] == 0 else pad), max(high + pad, marks[-1] + pad / 4))
    plan.layout["yaxis"] = {
        "range": list(ends),
        "tickvals": marks,
        "ticktext": tick_words(marks, unit),
        "zeroline": marks[0] < 0,
        "zerolinecolor": ink("rule"),
        "zerolinewidth": 1,
    }
    return float, *ends


def _log_axis(plan: Plan, low: float, high: float, unit: receipts.Unit) -> Axis:
    if low <= 0:
        raise ValueError("A log axis cannot show zero or less.")
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    marks = [10.0**p for p in range(first, last + 1)]
    if len(marks) < 4:
        marks = sorted(m * k for m in marks for k in (1, 2, 5) if low * 0.7 <= m * k <= high * 1.4) or marks
    ends = (math.log10(min(low, marks[0])) - 0.06, math.log10(max(high, marks[-1])) + 0.06)
    plan.layout["yaxis"] = {
        "type": "log",
        "range": list(ends),
        "tickvals": marks,
        "ticktext": tick_words(marks, unit),
    }
    tens = all(math.isclose(b, 10 * a) for a, b in itertools.pairwise(marks))
    words = "Log scale: each step up is ten times more" if tens else "Log scale: equal steps multiply equally"
    place = {
        "text": words,
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 1,
        "yanchor": "bottom",
        "yshift": 4,
        "colour": "muted",
    }
    plan.note({**place, "size": SMALL}, place)
    plan.margin["t"] = plan.narrow_margin["t"] = 26
    return math.log10, *ends


def time_axis_of(
    plan: Plan, stamps: Iterable[pd.Timestamp], wide: float, narrow: float, name: str = "xaxis"
) -> Span:
    """Years on an axis `wide`/`narrow` px long; returns the two ends (timestamps)."""
    known = [s for s in stamps if not pd.isna(s)]
    if not known:
        raise ValueError("There is no dated row to draw.")
    first, last = min(known), max(known)
    years = last.year - first.year + 1
    if years == 1:
        ends = first - pd.Timedelta(days=12), last + pd.Timedelta(days=12)
        axis = {"type": "date", "range": [iso(e) for e in ends], "tickformat": "%b %Y", "nticks": 6}
        plan.layout[name], plan.narrow[name] = axis, {"nticks": 4}
        return ends
    pad = pd.Timedelta(days=max(20, (last - first).days * 0.025))
    ends = (min(pd.Timestamp(first.year, 1, 1) + pd.Timedelta(days=90), first) - pad, last + pad)
    steps = [next(s for s in (1, 2, 3, 5, 10, 20, 50) if s * px / years >= 44) for px in (wide, narrow)]
    # Annual values stand in the middle of their year; with months and days a tick is 1 January.
    annual = sum((s.month, s.day) in ((7, 1), (7, 2)) for s in known) * 2 >= len(known)
    axes = [_year_ticks(ends, step, 7 if annual else 1) for step in steps]
    plan.layout[name] = {"type": "date", "range": [iso(e) for e in ends], **axes[0]}
    plan.narrow[name] = axes[1]
    return ends


def _year_ticks(ends: Span, step: int, month: int = 7) -> dict[str, Any]:
    """Labels at the middle of a year, where an annual value is drawn, or at the start (month 1)."""
    years = [y for y in range(ends[0].year, ends[1].year + 1) if y % step == 0]
    middles = [(y, pd.Timestamp(y, month, 2 if month == 7 else 1)) for y in years]
    shown = [(y, m) for y, m in middles if ends[0] <= m <= ends[1]]
    return {"tickvals": [iso(m) for _, m in shown], "ticktext": [str(y) for y, _ in shown]}
