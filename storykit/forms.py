"""Forms of charts: rows in, an ordinary plotly figure out.

Every form returns a `Form`: a `plotly.graph_objects.Figure` (traces of type scatter and bar only)
that also knows its heights and what changes on a phone, in `Form.sizes`:

    plot = forms.bars(rows, "name", "value")
    figures.Figure(plot, **plot.sizes, id=…, title=…, …)

Rules of all forms: labels stand at what they name, not in a legend; bars start at zero; a line
joins one series; colours are tokens; texts from data are escaped. A phone shows the same traces
with another layout, so whatever must change with the width is an annotation or an axis.
"""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Iterable, Sequence

import pandas as pd
import plotly.graph_objects as go

from storykit import look, receipts, tables
from storykit.figures import NARROW, WIDTH

CYCLE = ("built", "promised", "used", "origin-other", "origin-asia", "origin-us", "origin-my", "origin-cn")
"""Tokens given to series in turn when a form is not told which."""

STATES = {"promised": "promised", "built": "built", "used": "used", "unknown": "no published figure"}
"""The states every form draws alike, with the words of its key."""

_SIDE = 8  # margin left and right, px
_TEXT, _SMALL = 13, 12  # type sizes at the two widths, px


class Form(go.Figure):
    """A plotly figure that knows its heights at both widths and the layout of the narrow one."""

    @property
    def sizes(self) -> dict:
        """Keyword arguments for `figures.Figure`: height, narrow_height, narrow."""
        return dict(self._sizes or {"height": 420, "narrow_height": 420, "narrow": {}})

    _sizes: dict | None = None


# --- words and numbers --------------------------------------------------------------------------


def clean(text) -> str:
    """A text from data made safe for plotly's small HTML; nothing is ""."""
    if text is None or text is pd.NA or (isinstance(text, float) and math.isnan(text)):
        return ""
    return html.escape(str(text), quote=False)


def wrap(text: str, characters: int) -> str:
    """A text broken with `<br>`: as few lines of at most `characters` as words allow, evenly long."""
    lines = _greedy(text, characters)
    for fewer in range(characters - 1, characters // 2, -1):
        tighter = _greedy(text, fewer)
        if len(tighter) > len(lines) or max(map(_length, tighter)) > characters:
            break
        lines = tighter
    return "<br>".join(lines)


def _greedy(text: str, characters: int) -> list[str]:
    lines: list[str] = []
    for part in str(text).split("<br>"):
        line = ""
        for word in part.split(" "):
            if line and _length(f"{line} {word}") > characters:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip(" ")
        lines.append(line)
    return lines


def _length(text: str) -> int:
    return len(_bare(text))


def text_width(text: str, size: float = _TEXT) -> float:
    """Width in px of the longest line; a little generous, for the widest of the system fonts."""
    return max((sum(map(_em, line)) for line in _bare(text).split("\n")), default=0) * size


def _bare(text: str) -> str:
    out, tag = [], False
    for character in str(text).replace("<br>", "\n"):
        if character in "<>":
            tag = character == "<"
        elif not tag:
            out.append(character)
    return html.unescape("".join(out))


def _em(character: str) -> float:
    if character in "iljI.,:;'|!ftr ()[]’‘":
        return 0.39
    return 0.85 if character in "mwMW%@—" else 0.74 if character.isupper() else 0.625


def _lines(text: str) -> int:
    return str(text).count("<br>") + 1


def number(value: float) -> str:
    """A number as readers write it: 1,972; 0.45; nothing is ""."""
    if pd.isna(value):
        return ""
    value = float(value)
    if value == int(value):
        text = f"{abs(value):,.0f}"
    else:
        digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
        text = f"{abs(value):,.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return ("\N{MINUS SIGN}" if value < 0 else "") + text


def short(value: float) -> str:
    """A number for an axis: 1.5m, 20bn."""
    for size, word in ((1e12, "tn"), (1e9, "bn"), (1e6, "m")):
        if abs(value) >= size:
            return number(round(value / size, 2)) + word
    return number(value)


def _unit(unit_id) -> receipts.Unit:
    try:
        return receipts.unit(str(unit_id or ""))
    except (receipts.ReceiptError, tables.DataError):
        return receipts.Unit(str(unit_id), str(unit_id), "", f" {unit_id}", "", 1.0)


def written(value: float, unit_id="", qualifier: str = "exact") -> str:
    """A value with its unit, and its qualifier in words."""
    if pd.isna(value):
        return "no published figure"
    unit = _unit(unit_id)
    before = {"about": "about ", "at_least": "at least ", "at_most": "at most "}.get(qualifier, "")
    after = receipts.spaced(unit.suffix) or (f" ({unit.label})" if unit.label and not unit.prefix else "")
    amount = number(value)
    sign, amount = (amount[0], amount[1:]) if amount.startswith("\N{MINUS SIGN}") else ("", amount)
    return clean(f"{before}{sign}{unit.prefix}{amount}{after}")


def _hover(*lines) -> str:
    first, *rest = [wrap(clean(line), 52) for line in lines if clean(line)] or [""]
    return "<br>".join([f"<b>{first}</b>", *rest])


def _when(value) -> pd.Timestamp:
    """A date, a timestamp or a period's text as a timestamp (the middle of a period)."""
    if isinstance(value, str):
        return tables.period_middle(value) if value else pd.NaT
    return pd.Timestamp(value)


def _iso(stamp) -> str | None:
    return None if pd.isna(stamp) else pd.Timestamp(stamp).strftime("%Y-%m-%d")


def _ink(token: str) -> str:
    return look.colour(token)


# --- the plan of a figure -------------------------------------------------------------------------

_NOTE = {
    "xref": "x", "yref": "y", "xanchor": "left", "yanchor": "middle", "xshift": 0, "yshift": 0,
    "align": "left", "showarrow": False, "visible": True, "ax": 0, "ay": 0, "borderpad": 1,
}


class _Plan:
    """Traces, layout and annotations of one figure, at both widths.

    Both widths get annotation lists of the same length with the same keys: then it does not
    matter whether the narrow list replaces the wide one or is merged into it item by item.
    """

    def __init__(self):
        self.traces: list = []
        self.layout: dict = {}
        self.narrow: dict = {}
        self.margin = {"l": _SIDE, "r": _SIDE, "t": 14, "b": 8}
        self.narrow_margin = dict(self.margin)
        self._notes: list[tuple[dict, dict]] = []

    def note(self, wide: dict | None = None, narrow: dict | None = None, **common) -> None:
        """One annotation; None leaves it out at that width. `size` and `colour` make its font."""
        pair = [self._made(w, common, size) for w, size in ((wide, _TEXT), (narrow, _SMALL))]
        keys = {key for note in pair if note for key in note}
        pair = [note or {**other, "visible": False} for note, other in zip(pair, pair[::-1])]
        for note, other in zip(pair, pair[::-1]):
            note.update({key: other[key] for key in keys if key not in note})
        self._notes.append(tuple(pair))

    def _made(self, own: dict | None, common: dict, size: int) -> dict | None:
        if own is None:
            return None
        note = {**_NOTE, **common, **own}
        font = {"size": note.pop("size", size), "color": _ink(note.pop("colour", "ink"))}
        return {**note, "font": font}

    def key(self, items: Sequence[tuple[str, str, str]], left: float = 0) -> None:
        """A direct key above the plot: (mark, token, words) side by side, wrapped to the width.

        `left` is the room in px that names take left of the wide plot; the key starts above them.
        """
        if not items:
            return
        texts = []
        for width, size, most in ((WIDTH, _TEXT, 90), (NARROW, _SMALL, 44)):
            pieces = [
                f'<span style="color:{_ink(t)}">{mark}</span>\u2009{wrap(clean(words), most)}'
                for mark, t, words in items
            ]
            texts.append(_flow(pieces, width - 2 * _SIDE, size))
        place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "yanchor": "bottom", "colour": "muted"}
        self.note(
            {**place, "text": texts[0], "yshift": 8, "xshift": -left},
            {**place, "text": texts[1], "yshift": 8},
        )
        self.margin["t"] = max(self.margin["t"], 20 * _lines(texts[0]) + 12)
        self.narrow_margin["t"] = max(self.narrow_margin["t"], 18 * _lines(texts[1]) + 12)

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


def _scatter(name: str, mode: str, **rest) -> go.Scatter:
    if "hovertext" in rest:
        rest.setdefault("hovertemplate", "%{hovertext}<extra></extra>")
    else:
        rest.setdefault("hoverinfo", "skip")
    rest.setdefault("cliponaxis", False)  # a mark at the edge is drawn whole
    return go.Scatter(name=name, mode=mode, **rest)


def _guide(name: str, x, y, token: str = "rule", dash: str = "solid", width: float = 1, **rest) -> go.Scatter:
    line = {"color": _ink(token), "width": width, "dash": dash}
    return _scatter(name, "lines", x=x, y=y, line=line, meta={"guide": True}, **rest)


# --- finding room for words -------------------------------------------------------------------------


class _Canvas:
    """The plot at one width, in px from its lower left corner: what is taken, and where words fit."""

    def __init__(
        self, width: float, height: float, size: float, x=float, y=float, margin=(0.0, 0.0, 0.0, 0.0)
    ):
        self.width, self.height, self.size, self.x, self.y = width, height, size, x, y
        self.margin = margin  # room outside the plot: left, right, above, below
        self.dots: list[tuple[float, float]] = []
        self.boxes: list[tuple[float, float, float, float]] = []

    def path(self, points: Sequence[tuple[float, float]]) -> None:
        """A drawn line: words keep off it."""
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            steps = max(1, min(60, int(math.hypot(x1 - x0, y1 - y0) / 5)))
            self.dots += [(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps) for i in range(steps)]
        self.dots += list(points[-1:])

    def box(self, x: float, y: float, text: str, xanchor="left", yanchor="middle") -> tuple:
        """Left, bottom, right, top of a text anchored at x, y."""
        width, height = text_width(text, self.size) + 4, 1.32 * self.size * _lines(text) + 2
        left = x - {"left": 0, "center": width / 2, "right": width}[xanchor]
        bottom = y - {"bottom": 0, "middle": height / 2, "top": height}[yanchor]
        return left, bottom, left + width, bottom + height

    def cost(self, box: tuple) -> float:
        """How badly a box fits: over words, over lines, outside."""
        left, bottom, right, top = box
        over = sum(max(0, min(right, b[2]) - max(left, b[0])) * max(0, min(top, b[3]) - max(bottom, b[1]))
                   for b in self.boxes)
        hits = sum(left < x < right and bottom < y < top for x, y in self.dots)
        outside = max(0, -self.margin[0] - left) + max(0, right - self.width - self.margin[1]) \
            + max(0, -self.margin[3] - bottom) + max(0, top - self.height - self.margin[2])
        return over * 2 + hits * 30 + outside * 200

    def _crossed(self, x: float, y: float, keys: dict) -> float:
        """How much of a leader would run through words."""
        spots = [(x + keys["dx"] * k / 8, y + keys["dy"] * k / 8) for k in range(2, 8)]
        others = [b for b in self.boxes if not (b[0] <= x <= b[2] and b[1] <= y <= b[3])]
        return 12 * sum(b[0] < u < b[2] and b[1] < v < b[3] for u, v in spots for b in others)

    def place(
        self, x: float, y: float, text: str, gap: float = 8, reach: Sequence[float] = (0, 14, 30, 48, 70, 95)
    ):
        """The best place near x, y: (cost, keys of an annotation there); the box is then taken."""
        best = None
        for distance in reach:
            for keys in _around(gap, distance):
                box = self.box(x + keys["dx"], y + keys["dy"], text, keys["xanchor"], keys["yanchor"])
                cost = self.cost(box) + (self._crossed(x, y, keys) if keys["far"] else 0)
                total = cost + distance * 0.35 + keys["rank"]
                if best is None or total < best[0]:
                    best = (total, cost, keys, box)
        _, cost, keys, box = best
        self.boxes.append(box)
        return cost, _shifted(keys)


def _around(gap: float, distance: float) -> list[dict]:
    """Places above, below, right and left of a point, the more usual ones first."""
    far = gap + distance
    slant = far * 0.7
    found = [
        (0, far, "center", "bottom"),
        (0, -far, "center", "top"),
        (far, 0, "left", "middle"),
        (-far, 0, "right", "middle"),
        (-gap * 0.5, far, "left", "bottom"),
        (gap * 0.5, far, "right", "bottom"),
        (-gap * 0.5, -far, "left", "top"),
        (gap * 0.5, -far, "right", "top"),
        (slant, slant, "left", "bottom"),
        (-slant, slant, "right", "bottom"),
        (slant, -slant, "left", "top"),
        (-slant, -slant, "right", "top"),
    ]
    return [{"dx": dx, "dy": dy, "xanchor": xa, "yanchor": ya, "rank": i, "far": distance > 12}
            for i, (dx, dy, xa, ya) in enumerate(found)]


def _shifted(keys: dict) -> dict:
    """Near words are only shifted; far ones are tied to their point by a thin leader."""
    common = {"xanchor": keys["xanchor"], "yanchor": keys["yanchor"], "align": keys["xanchor"]}
    if keys["far"]:
        return {**common, "showarrow": True, "ax": keys["dx"], "ay": -keys["dy"], "xshift": 0, "yshift": 0,
                "arrowhead": 0, "arrowwidth": 1, "arrowcolor": _ink("muted"), "standoff": 4}
    return {**common, "xshift": keys["dx"], "yshift": keys["dy"], "showarrow": False}


# --- axes ---------------------------------------------------------------------------------------


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values from at most `low` to at least `high`, about `count` of them."""
    span = (high - low) or abs(high) or 1.0
    raw = span / max(count - 1, 1)
    power = 10 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def _tick_words(values: Sequence[float], unit: receipts.Unit) -> list[str]:
    """Percent signs on every tick, other units on the top one only."""
    if unit.suffix == "%":
        return [f"{number(v)}%" for v in values]
    scale = {"billion": "bn", "million": "m", "trillion": "tn"}.get(unit.suffix.strip(), "")
    words = [short(v) if v else "0" for v in values]
    if words:
        words[-1] = f"{unit.prefix}{words[-1]}{scale}"
    return words


def _value_axis(
    plan: _Plan, values: Sequence[float], unit: receipts.Unit, log: bool, zero: bool | None, count=5
):
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
        "range": list(ends), "tickvals": marks, "ticktext": _tick_words(marks, unit),
        "zeroline": marks[0] < 0, "zerolinecolor": _ink("rule"), "zerolinewidth": 1,
    }
    return float, *ends


def _log_axis(plan: _Plan, low: float, high: float, unit: receipts.Unit):
    if low <= 0:
        raise ValueError("A log axis cannot show zero or less.")
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    marks = [10.0**p for p in range(first, last + 1)]
    if len(marks) < 4:
        marks = sorted(m * k for m in marks for k in (1, 2, 5) if low * 0.7 <= m * k <= high * 1.4) or marks
    ends = (math.log10(min(low, marks[0])) - 0.06, math.log10(max(high, marks[-1])) + 0.06)
    plan.layout["yaxis"] = {"type": "log", "range": list(ends), "tickvals": marks,
                            "ticktext": _tick_words(marks, unit)}
    tens = all(math.isclose(b, 10 * a) for a, b in itertools.pairwise(marks))
    words = "Log scale: each step up is ten times more" if tens else "Log scale: equal steps multiply equally"
    place = {"text": words, "xref": "paper", "yref": "paper", "x": 0, "y": 1, "yanchor": "bottom",
             "yshift": 4, "colour": "muted"}
    plan.note({**place, "size": _SMALL}, place)
    plan.margin["t"] = plan.narrow_margin["t"] = 26
    return math.log10, *ends


def _time_axis(plan: _Plan, stamps: Iterable[pd.Timestamp], wide: float, narrow: float, name: str = "xaxis"):
    """Years on an axis `wide`/`narrow` px long; returns the two ends (timestamps)."""
    known = [s for s in stamps if not pd.isna(s)]
    if not known:
        raise ValueError("There is no dated row to draw.")
    first, last = min(known), max(known)
    years = last.year - first.year + 1
    if years == 1:
        ends = first - pd.Timedelta(days=12), last + pd.Timedelta(days=12)
        axis = {"type": "date", "range": [_iso(e) for e in ends], "tickformat": "%b %Y", "nticks": 6}
        plan.layout[name], plan.narrow[name] = axis, {"nticks": 4}
        return ends
    pad = pd.Timedelta(days=max(20, (last - first).days * 0.025))
    ends = (min(pd.Timestamp(first.year, 1, 1) + pd.Timedelta(days=90), first) - pad, last + pad)
    steps = [next(s for s in (1, 2, 3, 5, 10, 20, 50) if s * px / years >= 44) for px in (wide, narrow)]
    # Annual values stand in the middle of their year; with months and days a tick is 1 January.
    annual = sum((s.month, s.day) in ((7, 1), (7, 2)) for s in known) * 2 >= len(known)
    axes = [_year_ticks(ends, step, 7 if annual else 1) for step in steps]
    plan.layout[name] = {"type": "date", "range": [_iso(e) for e in ends], **axes[0]}
    plan.narrow[name] = axes[1]
    return ends


def _year_ticks(ends, step: int, month: int = 7) -> dict:
    """Labels at the middle of a year, where an annual value is drawn, or at the start (month 1)."""
    years = [y for y in range(ends[0].year, ends[1].year + 1) if y % step == 0]
    middles = [(y, pd.Timestamp(y, month, 2 if month == 7 else 1)) for y in years]
    shown = [(y, m) for y, m in middles if ends[0] <= m <= ends[1]]
    return {"tickvals": [_iso(m) for _, m in shown], "ticktext": [str(y) for y, _ in shown]}


# --- lines and points -------------------------------------------------------------------------------


def lines(
    rows: pd.DataFrame,
    by: str = "series_id",
    colours: dict | None = None,
    labels: dict | None = None,
    goal=None,
    annotate: Sequence[tuple] = (),
    log: bool = False,
    zero: bool | None = None,
    values: bool = True,
    joined: bool = True,
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
        `{key of by: token}`, `{key of by: words}`. A key without colour, when some have one,
        is drawn thin and grey; a key without words takes the row's `label` or `name`; a figure of one
        series needs no label.
    goal
        `(value, words)`, `(value, words, period)` or a list of them: a dashed line with its words.
    annotate
        `(period, value, words)`: a moment that matters, pointed at.
    zero
        True: the axis starts at zero; False: it does not; None: it does if little is lost.
    values
        Write the last value after the label.
    """
    plan = _Plan()
    groups = _groups(rows, by, colours, labels)
    goals = _goal_list(goal)
    everything = [*rows["value"], *(g[0] for g in goals), *(a[1] for a in annotate)]
    unit = _unit(rows["unit"].iloc[0] if "unit" in rows else "")
    axis = _value_axis(plan, everything, unit, log, zero)
    for group in sorted(groups, key=lambda g: not g["thin"]):  # what is coloured lies on top
        plan.traces += _series_traces(group, joined)
    stamps = [*rows["date"], *(_when(g[2]) for g in goals if g[2]), *(_when(a[0]) for a in annotate)]
    ends, rooms = _ends(plan, groups, values, max(stamps))
    span = _time_axis(plan, stamps, WIDTH - 2 * _SIDE - rooms[0] - 40, NARROW - 2 * _SIDE - rooms[1] - 36)
    canvases = [
        _line_canvas(w - 2 * _SIDE - r - 38, h - 44, size, span, axis, groups, r)
        for w, r, h, size in ((WIDTH, rooms[0], height, _TEXT), (NARROW, rooms[1], narrow_height, _SMALL))
    ]
    _late_labels(plan, [e for e in ends if e["late"]], canvases)
    _draw_goals(plan, goals, span, axis[0], canvases)
    _early_labels(plan, [e for e in ends if not e["late"]], canvases)
    _draw_annotations(plan, annotate, axis[0], canvases)
    plan.layout["hovermode"] = "closest"
    return plan.form(height + plan.margin["t"] - 14, narrow_height + plan.narrow_margin["t"] - 14)


def _line_canvas(width, height, size, span, axis, groups, room) -> _Canvas:
    coordinate, low, high = axis
    days = (span[1] - span[0]).days or 1

    def x(stamp):
        return (stamp - span[0]).days / days * width

    def y(value):
        return (coordinate(value) - low) / (high - low) * height

    canvas = _Canvas(width, height, size, x, y, (0, room, 6, 0))
    for group in groups:
        part = group["rows"].dropna(subset=["value"])
        canvas.path([(x(d), y(v)) for d, v in zip(part["date"], part["value"])])
    return canvas


def points(rows: pd.DataFrame, by: str = "series_id", label: str | None = None, **options) -> Form:
    """As `lines`, without joining anything: for values that may not be joined.

    `label` names a column whose text is written above its point. Other options as `lines`.
    """
    form = lines(rows, by=by, joined=False, **{"values": not label, **options})
    if label:
        texts = [(r.date, r.value, getattr(r, label)) for r in rows.itertuples() if clean(getattr(r, label))]
        extra = [_above(date, value, text, options.get("log", False)) for date, value, text in texts]
        _add_notes(form, extra)
    return form


def mirror(rows_a: pd.DataFrame, rows_b: pd.DataFrame, labels: Sequence[str] = (),
           colours: Sequence[str] = ("built", "promised"), **options) -> Form:
    """Two counts of the same thing, side by side and never joined; options as `lines`."""
    rows = pd.concat([rows_a.assign(count="a"), rows_b.assign(count="b")], ignore_index=True)
    options["colours"] = dict(zip("ab", colours))
    if labels:
        options["labels"] = dict(zip("ab", labels))
    return lines(rows, by="count", **options)


def goals(rows: pd.DataFrame, targets: pd.DataFrame, label: str = "label", **options) -> Form:
    """What was measured against goals for different years, each a hollow diamond with its words.

    Parameters
    ----------
    rows
        Observed rows, as for `lines`.
    targets
        Columns `period` (drawn at its middle, as values are), `value` and `label` (the words on the mark).
    """
    dates = [_when(p) for p in targets["period"]]
    marks = [(d, r.value, getattr(r, label), "goal") for d, r in zip(dates, targets.itertuples())]
    form = lines(rows, **{**options, "annotate": [*options.get("annotate", ()), *marks]})
    hovers = [
        _hover(getattr(r, label), f"goal for {receipts.date_words(r.period)}") for r in targets.itertuples()
    ]
    form.add_trace(
        _scatter(
            "goals",
            "markers",
            x=[_iso(d) for d in dates],
            y=[float(v) for v in targets["value"]],
            hovertext=hovers,
            marker={"symbol": "diamond-open", "size": 12, "color": _ink("promised"), "line": {"width": 2}},
        )
    )
    return form


def _groups(rows, by, colours, labels) -> list[dict]:
    colours, labels, found = colours or {}, labels or {}, []
    words, many = {"series_id": "label", "geography": "name"}.get(by, by), rows[by].nunique() > 1
    for index, (key, part) in enumerate(rows.groupby(by, sort=False)):
        if colours:
            token, thin = colours.get(key, "unknown"), key not in colours
        else:
            token, thin = CYCLE[index % len(CYCLE)], False
        text = labels.get(key, clean(part[words].iloc[0] if words in part else key) if many or labels else "")
        found.append(
            {
                "key": key,
                "rows": part.sort_values("date"),
                "token": token,
                "thin": thin,
                "label": text,
                "by": by,
            }
        )
    return found


def _series_traces(group: dict, joined: bool) -> list:
    traces, part = [], group["rows"]
    nature = part["nature"] if "nature" in part else pd.Series("observed", index=part.index)
    keys = [part["series_id"], part["geography"], nature.eq("forecast").rename("forecast")]
    for (series, geography, forecast), piece in part.groupby(keys, sort=False):
        may = joined and len(piece) > 1 and ("line" not in piece or bool(piece["line"].fillna(False).all()))
        traces.append(_series_trace(group, series, geography, piece, forecast, may))
    return traces


def _series_trace(group, series, geography, piece, forecast, may) -> go.Scatter:
    stamps, values, hovers = _with_gaps(piece) if may else _plain(piece)
    token, many = group["token"], len(piece) > 45
    size = (0 if many else 4 if len(piece) > 25 else 7) if may else 9
    size = min(size, 4) if group["thin"] else size
    meta = {"series": series, "lens": geography} if group["by"] == "geography" else {"series": series}
    marker = {"size": max(size, 1), "color": _ink("surface" if forecast else token),
              "line": {"color": _ink(token), "width": 2 if forecast else 0}}
    look_of = {"line": {"color": _ink(token), "width": 1.3 if group["thin"] else 2.5,
                        "dash": "dot" if forecast else "solid"}} if may else {}
    mode = "markers" if not may else "lines" if not size else "lines+markers"
    name = _bare(group["label"]) or html.unescape(
        clean(piece["label"].iloc[0] if "label" in piece else series)
    )
    look_of["opacity"] = 0.6 if group["thin"] else 1
    return _scatter(name + (" (forecast)" if forecast else ""), mode, x=stamps, y=values,
                    hovertext=hovers, marker=marker, meta=meta, **look_of)


def _plain(piece):
    texts = [_row_hover(r) for r in piece.itertuples()]
    return [_iso(d) for d in piece["date"]], [float(v) for v in piece["value"]], texts


def _row_hover(row) -> str:
    name = f"{getattr(row, 'label', '')}, {getattr(row, 'name', '')}".strip(", ")
    value = html.unescape(written(row.value, getattr(row, "unit", ""), getattr(row, "qualifier", "exact")))
    kind = getattr(row, "nature", "observed")
    extra = {"forecast": "a forecast", "target": "a target", "claimed": "as stated by the party itself",
             "derived": "worked out from published figures"}.get(kind, "")
    return _hover(name, f"{receipts.date_words(row.period)}: {value}", extra)


def _with_gaps(piece):
    """Rows with an empty point wherever a regular series misses a period."""
    stamps, values, texts = _plain(piece)
    days = [(b - a).days for a, b in zip(piece["date"], piece["date"].iloc[1:])]
    if not days:
        return stamps, values, texts
    step = sorted(days)[len(days) // 2]
    for index in range(len(days), 0, -1):
        if days[index - 1] > 1.6 * step:
            middle = piece["date"].iloc[index - 1] + pd.Timedelta(days=days[index - 1] / 2)
            stamps.insert(index, _iso(middle))
            values.insert(index, None)
            texts.insert(index, "")
    return stamps, values, texts


def _ends(plan, groups, values, latest) -> tuple[list[dict], list[float]]:
    """The last point of every line with its label at both widths, and the room they need at right."""
    ends = [_end(group, values, len(groups)) for group in groups]
    first = min(group["rows"]["date"].min() for group in groups)
    for end in ends:
        end["late"] = end["date"] >= latest - (latest - first) * 0.12
    late = [e for e in ends if e["late"]]
    for end in ends:
        end["x"] = max(e["date"] for e in late) if end["late"] else end["date"]
    keyed = any(_lines(e["texts"][1]) > 3 or text_width(e["texts"][1], _SMALL) > 122 for e in ends)
    rooms = [max((text_width(e["texts"][i], size) for e in late), default=0) + 14
             for i, size in enumerate((_TEXT, _SMALL))]
    if keyed:
        _narrow_key(plan, ends)
        rooms[1] = 8
    plan.margin["r"], plan.narrow_margin["r"] = _SIDE + rooms[0], _SIDE + rooms[1]
    return ends, rooms


def _end(group, values, count) -> dict:
    last = group["rows"].dropna(subset=["value"]).iloc[-1]
    value = _end_value(last) if values else ""
    wide = wrap(f"{group['label']} {value}".strip(), 24)
    narrow = wrap(group["label"] if count > 5 and group["label"] else f"{group['label']} {value}".strip(), 15)
    token = "muted" if group["thin"] else group["token"]
    return {"date": last["date"], "value": float(last["value"]), "texts": [wide, narrow], "token": token,
            "full": f"{group['label']} {value}".strip()}


def _end_value(row) -> str:
    """The value at a line's end, to three digits, with its unit if that is short."""
    unit, value = _unit(row.get("unit", "")), float(row["value"])
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = number(round(value, digits))
    small = {"%": "%", "billion": "bn", "million": "m", "trillion": "tn", "MW": "\xa0MW"}.get(
        unit.suffix.strip(), ""
    )
    return f"<b>{unit.prefix}{text}{small}</b>"


def _late_labels(plan, ends, canvases) -> None:
    """Labels at the right edge, pushed apart where lines end close together."""
    shifts = []
    for index, canvas in enumerate(canvases):
        px = [canvas.y(end["value"]) for end in ends]
        heights = [1.3 * canvas.size * _lines(end["texts"][index]) + 1 for end in ends]
        spread = dodge(px, heights, -10, canvas.height + 12)
        shifts.append([got - wanted for got, wanted in zip(spread, px)])
        canvas.boxes += [
            canvas.box(canvas.x(end["x"]) + 9, got, end["texts"][index]) for end, got in zip(ends, spread)
        ]
    for end, wide, narrow in zip(ends, *shifts):
        place = {"x": _iso(end["x"]), "y": _y_of(plan, end["value"]), "colour": end["token"], "xshift": 9}
        plan.note({**place, "text": end["texts"][0], "yshift": wide},
                  {**place, "text": end["texts"][1], "yshift": narrow} if end["texts"][1] else None)


def _early_labels(plan, ends, canvases) -> None:
    for end in ends:
        place = {"x": _iso(end["x"]), "y": _y_of(plan, end["value"]), "colour": end["token"]}
        notes = [text and {**place, "text": text, **c.place(c.x(end["x"]), c.y(end["value"]), text)[1]}
                 for c, text in zip(canvases, end["texts"])]
        plan.note(notes[0], notes[1] or None)


def _y_of(plan, value: float) -> float:
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


def _narrow_key(plan, ends) -> None:
    """Long labels do not fit beside the lines of a phone; there they stand above the plot."""
    items = [
        f'<span style="color:{_ink(e["token"])}">{wrap("●" + chr(0x2009) + e["full"], 46)}</span>'
        for e in ends
    ]
    text = "<br>".join(items)
    below = 14 if plan.narrow_margin["t"] < 20 else plan.narrow_margin["t"]
    plan.note(None, {"text": text, "xref": "paper", "yref": "paper", "x": 0, "y": 1, "yanchor": "bottom",
                     "yshift": below, "xshift": -28})
    plan.narrow_margin["t"] += 17 * _lines(text) + 8
    for end in ends:
        end["texts"][1] = ""


def _goal_list(goal) -> list[tuple]:
    if goal is None:
        return []
    found = [goal] if isinstance(goal, tuple) else list(goal)
    return [(*g, None)[:3] for g in found]


def _draw_goals(plan, found, span, coordinate, canvases) -> None:
    for value, words, period in found:
        text = clean(words)
        plan.traces.append(
            _guide(_bare(text), [_iso(span[0]), _iso(span[1])], [value, value], "goal", "dash", 1.5)
        )
        if period:
            plan.traces.append(_scatter(
                _bare(text), "markers", x=[_iso(_when(period))], y=[value], meta={"guide": True},
                marker={"symbol": "diamond", "size": 11, "color": _ink("surface"),
                        "line": {"width": 2, "color": _ink("goal")}},
                hovertext=[_hover(words, receipts.date_words(period))]))
            for canvas in canvases:
                x, y = canvas.x(_when(period)), canvas.y(value)
                canvas.boxes.append((x - 8, y - 8, x + 8, y + 8))
        notes = [
            _goal_note(value, [wrap(text, limit) for limit in limits], span, coordinate, canvas)
            for limits, canvas in zip(((60, 32), (30, 18)), canvases)
        ]
        plan.note(*notes)


def _goal_note(value, texts, span, coordinate, canvas) -> dict:
    """The goal's words sit on its line, at the end where no data are, on few lines if they fit."""
    choices = []
    for rank, text in enumerate(texts):
        for end, xanchor, shift in ((span[0], "left", 4), (span[1], "right", -4)):
            for yanchor, lift in (("bottom", 3), ("top", -3), ("bottom", 11), ("top", -11)):
                box = canvas.box(canvas.x(end) + shift, canvas.y(value) + lift, text, xanchor, yanchor)
                keys = {
                    "x": _iso(end),
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


def _draw_annotations(plan, annotate, coordinate, canvases) -> None:
    for canvas in canvases:  # words keep off the marks of all goals, not only of their own
        marks = [(canvas.x(_when(date)), canvas.y(value)) for date, value, _, *kind in annotate if kind]
        canvas.boxes += [(x - 9, y - 9, x + 9, y + 9) for x, y in marks]
    for date, value, words, *kind in annotate:
        stamp, gap = _when(date), 11 if kind else 9
        place = {"x": _iso(stamp), "y": coordinate(value), "colour": "promised" if kind else "ink"}
        notes = []
        for canvas, limit in zip(canvases, (26, 16)):
            text = wrap(clean(words), limit)
            notes.append({**place, "text": text,
                          **canvas.place(canvas.x(stamp), canvas.y(value), text, gap)[1]})
        plan.note(*notes)


def _above(date, value, text, log) -> dict:
    return {"x": _iso(date), "y": math.log10(value) if log else float(value), "text": clean(text),
            "yanchor": "bottom", "xanchor": "center", "align": "center", "yshift": 8}


def _add_notes(form: Form, extra: list[dict]) -> None:
    """Annotations after the fact, at both widths (wrapped on the narrow one)."""
    plan = _Plan()
    for note in extra:
        plan.note({**note, "text": wrap(note["text"], 20)}, {**note, "text": wrap(note["text"], 10)})
    sizes = form.sizes
    narrow = {
        **sizes["narrow"],
        "annotations": [*sizes["narrow"]["annotations"], *(n for _, n in plan._notes)],
    }
    for wide, _ in plan._notes:
        form.add_annotation(**wide)
    form._sizes = {**sizes, "narrow": narrow}


# --- rows of bars and dots ------------------------------------------------------------------------

_HATCH = {"shape": "/", "size": 6, "solidity": 0.25}
_BAR = 22  # thickness of a bar, px


class _RowAxis:
    """Categories down the page: names to the left of the plot, or above each row on a phone.

    `widths` are the plot's widths in px; `heights` those of the whole figure.
    """

    def __init__(
        self,
        plan: _Plan,
        names: Sequence[str],
        more: Sequence[str] | None = None,
        above=False,
        slot=0,
        thick: float = _BAR,
    ):
        self.thick, self.plan, self.names = thick, plan, [clean(n) for n in names]
        self.more = [clean(m) for m in (more if more is not None else [""] * len(self.names))]
        if len(set(self.names)) != len(self.names):
            raise ValueError("Two rows have the same category; add what tells them apart to the name.")
        self.above = above
        self.wide = [wrap(name, 92 if above else 32) for name in self.names]
        self.slim = [wrap(name, 44) for name in self.names]
        self.side = [self._two(name, more, 34, plain=True) for name, more in zip(self.wide, self.more)]
        self.left = 0 if above else max(map(text_width, self.side)) + 18
        self.widths = WIDTH - 2 * _SIDE - self.left, NARROW - 2 * _SIDE
        tall = max(_lines(t) for t in self.side)
        self.slots = [self._above_slot(self.wide, 88) if above else max(38, 17 * tall + 12, slot),
                      max(self._above_slot(self.slim, 46), slot)]
        self._set_axis()
        self._label_rows()

    def _above_slot(self, names, characters) -> float:
        return (
            max(
                17 * (_lines(n) + (_lines(wrap(m, characters)) if m else 0)) for n, m in zip(names, self.more)
            )
            + self.thick
            + 20
        )

    def _set_axis(self) -> None:
        count = len(self.names)
        hidden = {"showticklabels": False, "ticks": ""}
        self.plan.margin["l"] = _SIDE + self.left
        self.plan.layout["yaxis"] = {
            "type": "category", "categoryorder": "array", "categoryarray": self.names,
            "range": [count - 0.5, -0.5], "tickmode": "array", "tickvals": self.names, "ticktext": self.side,
            "showgrid": False, "tickfont": {"color": _ink("ink"), "size": _TEXT}, "ticks": "outside",
            "ticklen": 6, "tickcolor": _ink("surface"), "automargin": False, **(hidden if self.above else {}),
        }
        self.plan.narrow["yaxis"] = hidden
        self.plan.layout["bargap"] = 1 - _BAR / self.slots[0]
        self.plan.narrow["bargap"] = 1 - _BAR / self.slots[1]

    def _label_rows(self) -> None:
        for index, more in enumerate(self.more):
            place = {
                "xref": "paper",
                "x": 0,
                "y": index,
                "yanchor": "bottom",
                "yshift": self.thick / 2 + 2,
                "borderpad": 0,
            }
            notes = [{**place, "text": self._two(name, more, limit)}
                     for name, limit in ((self.wide[index], 88), (self.slim[index], 46))]
            self.plan.note(notes[0] if self.above else None, notes[1])

    def _two(self, name, more, limit, plain=False) -> str:
        if not more:
            return name
        name = name if plain else f"<b>{name}</b>"
        return f'{name}<br><span style="color:{_ink("muted")}">{wrap(more, limit)}</span>'

    def form(self, extra: float = 12, foot: float = 0) -> Form:
        """The finished figure, as tall as its rows need; `foot` px are kept free under the last."""
        count = len(self.names)
        top, narrow_top = self.plan.margin["t"], self.plan.narrow_margin["t"]
        lift = [(slot - self.thick) / 2 - 4 for slot in self.slots]
        if self.above:
            self.plan.layout["yaxis"]["range"] = [
                count - 0.5 - lift[0] / self.slots[0] * 0.7,
                -0.5 - lift[0] / self.slots[0],
            ]
        self.plan.layout["yaxis"]["range"][0] += foot / self.slots[0]
        bottom = 0.7 * lift[1] / self.slots[1]
        self.plan.narrow["yaxis"]["range"] = [
            count - 0.5 - bottom + foot / self.slots[1],
            -0.5 - lift[1] / self.slots[1],
        ]
        wide = self.slots[0] * (count + (0.3 * lift[0] / self.slots[0] if self.above else 0))
        narrow = self.slots[1] * (count + 0.3 * lift[1] / self.slots[1])
        return self.plan.form(wide + top + extra + foot, narrow + narrow_top + extra + foot)


def _length_axis(plan: _Plan, axis: _RowAxis, values: Sequence[float], texts: Sequence[str]) -> None:
    """An x axis from zero, long enough that the text after every bar stays inside, at both widths."""
    for layout, width in ((plan.layout, axis.widths[0]), (plan.narrow, axis.widths[1])):
        sides = []
        for sign in (1, -1):
            pairs = [
                (abs(v), text_width(t) + 12) for v, t in zip(values, texts) if not pd.isna(v) and v * sign > 0
            ]
            sides.append(max((v * width / max(width - w, width * 0.25) for v, w in pairs), default=0))
        layout["xaxis"] = {"range": [-sides[1], sides[0] or 1]}
    plan.layout["xaxis"] |= {"showgrid": False, "showline": False, "showticklabels": False, "ticks": "",
                             "zeroline": True, "zerolinecolor": _ink("rule"), "zerolinewidth": 1}


def bars(
    rows: pd.DataFrame,
    category: str,
    value: str,
    colour: str | dict | None = None,
    label: str | None = None,
    horizontal: bool = True,
    states: str | None = None,
    more: str | None = None,
    unit: str = "",
    hover: str | None = None,
    above: bool = False,
) -> Form:
    """Bars from zero with their values written.

    Parameters
    ----------
    category, value
        Columns: the name (unique) and the number (NaN: a hatched stub, "no published figure").
    colour
        A token for all, or `{category: token}` (others grey). Not with `states`.
    label
        Column with the text at the end of the bar; default: the number with `unit`.
    horizontal
        False: columns from left to right, for periods.
    states
        Column with promised | built | used | unknown: hollow, solid, solid, hatched; adds a key.
    more
        Column with a second, quieter line under the name.
    unit
        A unit_id, for the numbers written.
    hover
        Column with the text of the hover; default: name and number.
    above
        Names above the bars at both widths, for long ones.
    """
    plan = _Plan()
    table = _bar_table(rows, category, value, colour, label, states, unit, hover)
    if not horizontal:
        plan.key(_state_key(table["state"]) if states else [])
        return _columns(plan, table, unit)
    axis = _RowAxis(plan, list(table["name"]), list(rows[more]) if more else None, above)
    plan.key(_state_key(table["state"]) if states else [], axis.left)
    _length_axis(plan, axis, table["value"], table["text"])
    stub = 0.05 * plan.layout["xaxis"]["range"][1]
    plan.traces += [_bar_trace(state, token, part, stub, True) for (state, token), part in
                    table.groupby(["state", "token"], sort=False)]
    plan.layout |= {"barmode": "overlay"}
    return axis.form()


def steps_to_scale(rows: pd.DataFrame, label: str, value: str, wording: str | None = None,
                   states: str | None = None, unit: str = "", colour: str | dict | None = None) -> Form:
    """Different counts of one story drawn to one scale, top to bottom, each with its own wording.

    Columns: `label` (what was counted), `value`, `wording` (definition and date, quieter),
    `states` as in `bars`. The smallest bar is drawn to scale too, at least a hair wide.
    """
    return bars(rows, label, value, colour=colour, states=states, more=wording, unit=unit, above=True)


def _bar_table(rows, category, value, colour, label, states, unit, hover) -> pd.DataFrame:
    texts = [clean(t) for t in rows[label]] if label else [_bare(written(v, unit)) for v in rows[value]]
    names = [clean(c) for c in rows[category]]
    given = list(rows[states]) if states else ["" if not pd.isna(v) else "unknown" for v in rows[value]]
    unknown = [s for s in given if s and s not in STATES]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no state; there are {', '.join(STATES)}.")
    tokens = [s or _token(colour, c) for s, c in zip(given, rows[category])]
    hovers = [wrap(clean(t), 52) for t in rows[hover]] if hover else \
        [_hover(html.unescape(n), t) for n, t in zip(names, texts)]
    numbers = [math.nan if pd.isna(v) else float(v) for v in rows[value]]
    return pd.DataFrame({"name": names, "value": numbers, "text": texts, "state": given, "token": tokens,
                         "hover": hovers})


def _token(colour, key) -> str:
    if isinstance(colour, dict):
        return colour.get(key, "unknown")
    return colour or "built"


def _state_key(states: Iterable[str]) -> list[tuple[str, str, str]]:
    marks = {"promised": "□", "built": "■", "used": "■", "unknown": "▨"}
    return [(marks[s], s, words) for s, words in STATES.items() if s in set(states)]


def _bar_marker(state: str, token: str) -> dict:
    colour = _ink(token)
    if state == "promised":
        return {"color": _ink("surface"), "line": {"color": colour, "width": 2}}
    if state == "unknown":
        return {"color": _ink("surface"), "line": {"color": colour, "width": 1},
                "pattern": {**_HATCH, "fgcolor": colour, "bgcolor": _ink("surface")}}
    return {"color": colour, "line": {"color": colour, "width": 1}}


def _bar_trace(state, token, part, stub, horizontal) -> go.Bar:
    missing = part["value"].isna()
    lengths = [stub if gone else float(v) for v, gone in zip(part["value"], missing)]
    along, across = ("x", "y") if horizontal else ("y", "x")
    return go.Bar(
        **{along: lengths, across: list(part["name"])},
        orientation="h" if horizontal else "v",
        name=STATES.get(state, "") or "values",
        marker=_bar_marker(state, token),
        text=list(part["text"]),
        textposition="outside",
        textfont={"color": _ink("ink"), "size": _TEXT},
        cliponaxis=False,
        constraintext="none",
        textangle=0,
        hovertext=list(part["hover"]),
        hovertemplate="%{hovertext}<extra></extra>",
        meta={"layout": True} if missing.any() else None,
    )


def _columns(plan: _Plan, table: pd.DataFrame, unit: str) -> Form:
    top = max((v for v in table["value"] if not pd.isna(v)), default=1) * 1.12
    low = min(0, min((v for v in table["value"] if not pd.isna(v)), default=0) * 1.15)
    table["text"] = [t.replace("no published figure", "no<br>figure") for t in table["text"]]
    for (state, token), part in table.groupby(["state", "token"], sort=False):
        plan.traces.append(_bar_trace(state, token, part, top * 0.06, False))
    _column_axis(plan, list(table["name"]))
    plan.layout["yaxis"] = {"range": [low, top], "showticklabels": False, "showgrid": False}
    fits = max(map(text_width, table["text"])) <= (NARROW - 2 * _SIDE) / len(table) - 2
    if not fits:
        marks = ticks(low, top)
        plan.layout["yaxis"] = {
            "range": [low, top],
            "tickvals": marks,
            "ticktext": _tick_words(marks, _unit(unit)),
        }
        for trace in plan.traces:
            trace.text = None
    plan.layout |= {"barmode": "overlay", "bargap": 0.28}
    return plan.form(360 + plan.margin["t"], 320 + plan.narrow_margin["t"])


def _column_axis(plan: _Plan, names: Sequence[str]) -> None:
    """Names under columns: wrapped, and thinned out on a phone when there are many."""
    names = list(dict.fromkeys(names))
    for layout, width, size in ((plan.layout, WIDTH, _TEXT), (plan.narrow, NARROW, _SMALL)):
        slot = (width - 60) / len(names)
        texts = [wrap(n, max(4, int(slot / (size * 0.64)))) for n in names]
        widest = max(text_width(t, size) for t in texts)
        step = max(1, math.ceil((widest + 4) / slot))
        layout["xaxis"] = {"tickvals": names[::step], "ticktext": texts[::step], "tickangle": 0,
                           "tickfont": {"size": size}}
    plan.layout["xaxis"] |= {"type": "category", "categoryorder": "array", "categoryarray": names}


def stacked_bars(
    rows: pd.DataFrame,
    category: str,
    parts: dict[str, str],
    colours: dict[str, str] | None = None,
    horizontal: bool = False,
    unit: str = "",
    total: bool = True,
) -> Form:
    """Bars made of parts that add up.

    Parameters
    ----------
    category
        Column with the name or period of the bar.
    parts
        `{column: words}`, from the base outwards; a missing part is left out, not zero.
    colours
        `{column: token}`; default: the cycle of tokens.
    total
        Write the sum at the end (horizontal bars, and columns where there is room).
    """
    plan = _Plan()
    tokens = {c: (colours or {}).get(c, CYCLE[i % len(CYCLE)]) for i, c in enumerate(parts)}
    key = [("■", tokens[c], words) for c, words in parts.items()]
    names = [clean(n) for n in rows[category]]
    sums = rows[list(parts)].sum(axis=1, min_count=1)
    for column, words in parts.items():
        plan.traces.append(_part_trace(rows, names, column, words, tokens[column], unit, horizontal))
    texts = [number(s) if total else "" for s in sums]
    plan.layout["barmode"] = "stack"
    if horizontal:
        axis = _RowAxis(plan, names)
        plan.key(key, axis.left)
        _length_axis(plan, axis, list(sums), texts)
        _total_notes(plan, list(sums), texts, True)
        return axis.form()
    plan.key(key)
    _column_axis(plan, names)
    marks = ticks(0, float(sums.max()))
    plan.layout["yaxis"] = {"range": [0, max(marks[-1], float(sums.max()) * 1.08)], "tickvals": marks,
                            "ticktext": _tick_words(marks, _unit(unit))}
    plan.layout["bargap"] = 0.28
    if max(map(text_width, texts), default=0) <= (NARROW - 60) / len(texts):
        _total_notes(plan, list(sums), texts, False)
    return plan.form(360 + plan.margin["t"], 320 + plan.narrow_margin["t"])


def _part_trace(rows, names, column, words, token, unit, horizontal) -> go.Bar:
    values = [None if pd.isna(v) else float(v) for v in rows[column]]
    hovers = [_hover(html.unescape(n), f"{words}: {html.unescape(written(v, unit))}") if v is not None else ""
              for n, v in zip(names, values)]
    along, across = ("x", "y") if horizontal else ("y", "x")
    return go.Bar(**{along: values, across: names}, orientation="h" if horizontal else "v", name=words,
                  marker={"color": _ink(token), "line": {"color": _ink("surface"), "width": 1}},
                  hovertext=hovers, hovertemplate="%{hovertext}<extra></extra>")


def _total_notes(plan, sums, texts, horizontal) -> None:
    for index, (value, text) in enumerate(zip(sums, texts)):
        if not text or pd.isna(value):
            continue
        place = {"x": value, "y": index, "xshift": 5} if horizontal else \
            {"x": index, "y": value, "xanchor": "center", "yanchor": "bottom", "yshift": 2}
        plan.note({**place, "text": text}, {**place, "text": text})


def paired_bars(
    rows: pd.DataFrame,
    category: str,
    first: str,
    second: str,
    words: tuple[str, str] = ("promised", "built"),
    tokens: tuple[str, str] = ("promised", "built"),
    unit: str = "",
) -> Form:
    """Two numbers per row as a bar inside a bar: the hollow one asked, the solid one given.

    `words` and `tokens` name the first (hollow, thick) and the second (solid, thin) number:
    asked and granted, contracted and drawn. A missing second number is said in words.
    """
    plan = _Plan()
    texts = [_pair_text(a, b, unit) for a, b in zip(rows[first], rows[second])]
    longest = [
        max((float(v) for v in pair if not pd.isna(v)), default=0.0)
        for pair in zip(rows[first], rows[second])
    ]
    axis = _RowAxis(plan, list(rows[category]), slot=48, thick=28)
    plan.key([("□", tokens[0], words[0]), ("■", tokens[1], words[1])], axis.left)
    _length_axis(plan, axis, longest, texts)
    hollow, solid = _bar_marker("promised", tokens[0]), _bar_marker("built", tokens[1])
    hollow_width, solid_width = (
        px / max(axis.slots) for px in (axis.thick, 13)
    )  # the names above keep their room
    for column, name, marker, width in (
        (first, words[0], hollow, hollow_width),
        (second, words[1], solid, solid_width),
    ):
        values = [None if pd.isna(v) else float(v) for v in rows[column]]
        hovers = [
            _hover(
                html.unescape(n), f"{name}: {html.unescape(written(v if v is not None else math.nan, unit))}"
            )
            for n, v in zip(axis.names, values)
        ]
        plan.traces.append(
            go.Bar(
                x=values,
                y=axis.names,
                orientation="h",
                name=name,
                marker=marker,
                width=width,
                hovertext=hovers,
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )
    for index, (value, text) in enumerate(zip(longest, texts)):
        plan.note(
            {"x": value, "y": index, "xshift": 7, "text": text},
            {"x": value, "y": index, "xshift": 7, "text": text},
        )
    plan.layout |= {"barmode": "overlay"}
    return axis.form()


def _pair_text(first, second, unit) -> str:
    a = number(first) if not pd.isna(first) else "no figure"
    if pd.isna(second):
        return f"{a} · no figure"
    return f"{a} · <b>{number(second)}</b>"


def range_dots(
    rows: pd.DataFrame,
    category: str,
    value: str,
    label: str | None = None,
    colour: str | None = None,
    unit: str = "",
    hover: str | None = None,
) -> Form:
    """Several values of one thing side by side on a line: figures that disagree, or a range.

    Columns: `category` (repeats), `value`, `label` (who says so, under the hover and at the two
    ends), `colour` (a column of tokens, or one token for all).
    """
    plan = _Plan()
    names = list(dict.fromkeys(rows[category]))
    axis = _RowAxis(plan, names, slot=58)
    token = list(rows[colour]) if colour in rows else [colour or "built"] * len(rows)
    safe = [clean(c) for c in rows[category]]
    said = [clean(t) for t in rows[label]] if label else [""] * len(rows)
    _dot_axis(plan, axis, [float(v) for v in rows[value]], unit)
    for name in axis.names:
        own = [float(v) for v, n in zip(rows[value], safe) if n == name]
        plan.traces.append(_guide(name, [min(own), max(own)], [name, name], "rule", width=3))
        _extreme_notes(
            plan, axis, name, [(float(v), s) for v, s, n in zip(rows[value], said, safe) if n == name], unit
        )
    hovers = (
        [wrap(clean(t), 52) for t in rows[hover]]
        if hover
        else [
            _hover(html.unescape(n), html.unescape(written(v, unit)), html.unescape(s))
            for n, v, s in zip(safe, rows[value], said)
        ]
    )
    plan.traces.append(
        _scatter(
            "values",
            "markers",
            x=[float(v) for v in rows[value]],
            y=safe,
            hovertext=hovers,
            marker={
                "size": 13,
                "color": [_ink(t) for t in token],
                "line": {"color": _ink("surface"), "width": 1.5},
            },
        )
    )
    return axis.form(34, foot=12)


def _dot_axis(plan, axis, values, unit) -> None:
    marks = ticks(min(0, *values) if min(values) < 0.6 * max(values) else min(values), max(values))
    span = marks[-1] - marks[0]
    plan.layout["xaxis"] = {"range": [marks[0] - 0.03 * span, marks[-1] + 0.05 * span], "tickvals": marks,
                            "ticktext": _tick_words(marks, _unit(unit)), "showgrid": True}
    every = math.ceil(
        len(marks) * max(map(text_width, plan.layout["xaxis"]["ticktext"])) * 1.3 / axis.widths[1]
    )
    plan.narrow["xaxis"] = {"tickvals": marks[::every], "ticktext": plan.layout["xaxis"]["ticktext"][::every]}


def _extreme_notes(plan, axis, name, own, unit) -> None:
    """The lowest and the highest value are written under their dots; together if they are close."""
    low, high = min(own), max(own)
    left, right = plan.layout["xaxis"]["range"]
    if (high[0] - low[0]) / (right - left) < 0.3:
        text = f"<b>{number(low[0])}</b>" + (f" to <b>{number(high[0])}</b>" if low != high else f" {low[1]}")
        found = [((low[0] + high[0]) / 2, text, text)]
    else:
        found = [
            (value, f"<b>{number(value)}</b> {said}".strip(), f"<b>{number(value)}</b>")
            for value, said in (low, high)
        ]
    for value, text, brief in found:
        share = (value - left) / (right - left)
        anchor = "left" if share < 0.35 else "right" if share > 0.65 else "center"
        place = {"x": value, "y": axis.names.index(name), "yanchor": "top", "yshift": -9, "xanchor": anchor,
                 "align": anchor, "xshift": {"left": -6, "right": 6, "center": 0}[anchor]}
        fits = text_width(text, _SMALL) < axis.widths[1] * (0.45 if len(found) > 1 else 0.9)
        plan.note({**place, "text": text}, {**place, "text": text if fits else brief})


def slips(rows: pd.DataFrame, promised: str, happened: str, label: str, more: str | None = None) -> Form:
    """Promised dates (hollow) against what happened (solid), with the slip in months.

    Parameters
    ----------
    promised
        Column with a period, or a list of periods when the date was moved; a coarse one counts
        to its last day ("2019" is kept until 31 December).
    happened
        Column with a period or ""; empty: a dashed line and "no date found".
    label, more
        Columns: the name of the row, and its quieter second line.
    """
    plan = _Plan()
    axis = _RowAxis(plan, list(rows[label]), list(rows[more]) if more else None, slot=50)
    plan.key([("○", "promised", "promised"), ("●", "built", "happened")], axis.left)
    due = [
        [tables.period_bounds(p)[1] for p in ([cell] if isinstance(cell, str) else cell) if p]
        for cell in rows[promised]
    ]
    real = [_when(cell) if isinstance(cell, str) and cell else pd.NaT for cell in rows[happened]]
    texts = [_slip_text(d, r, cell) for d, r, cell in zip(due, real, rows[happened])]
    known = [stamp for d, r in zip(due, real) for stamp in [*d, r] if not pd.isna(stamp)]
    _slip_axis(plan, axis, known, list(zip(due, real)), texts)
    for name, dates, stamp, text in zip(axis.names, due, real, texts):
        _slip_row(plan, axis, name, dates, stamp, text, max(known))
    plan.traces += [
        _slip_dots(axis, rows, promised, due, "promised"),
        _slip_dots(axis, rows, happened, real, "happened"),
    ]
    return axis.form(34)


def _slip_text(due, real, cell) -> str:
    if pd.isna(real):
        return "no date found"
    if not due:
        return "no date promised"
    months = round((real - due[0]).days / 30.44)
    about = "" if len(cell) == 10 else "about "
    days = (real - due[0]).days
    if abs(months) < 1:
        exact = len(cell) == 10 and days > 0
        return f"<b>{days} day{'s' if days > 1 else ''} late</b>" if exact else "on time"
    words = f"{about}{abs(months)} month{'s' if abs(months) > 1 else ''}"
    return f"<b>{words} late</b>" if months > 0 else f"{words} early"


def _slip_axis(plan, axis, known, pairs, texts) -> None:
    _time_axis(plan, known, *axis.widths)
    first, last = min(known), max(known)
    for layout, width in ((plan.layout, axis.widths[0]), (plan.narrow, axis.widths[1])):
        days, end = (last - first).days or 300, last
        for (due, real), text in zip(pairs, texts):
            tip = max([*due, real] if not pd.isna(real) else due, default=last) if not pd.isna(real) else last
            share = min((text_width(text) + 26) / width, 0.6)
            end = max(end, first + pd.Timedelta(days=(tip - first).days / (1 - share) + 0.05 * days))
        layout["xaxis"]["range"] = [_iso(first - pd.Timedelta(days=0.035 * (end - first).days)), _iso(end)]
        step = next(s for s in (1, 2, 3, 5, 10, 20) if s * width / ((end - first).days / 365 + 1) >= 40)
        years = [y for y in range(first.year, last.year + 2) if y % step == 0]  # words may reach further
        layout["xaxis"] |= {"tickvals": [f"{y}-01-01" for y in years], "ticktext": [str(y) for y in years]}
    plan.layout["xaxis"]["showgrid"] = True


def _slip_row(plan, axis, name, due, real, text, last) -> None:
    tip = real if not pd.isna(real) else last
    if due:
        start, end = min([*due, tip]), max([*due, tip])
        dash, token = ("solid", "unknown") if not pd.isna(real) else ("dash", "unknown")
        plan.traces.append(_guide(name, [_iso(start), _iso(end)], [name, name], token, dash, 2))
    place = {"x": _iso(max([*due, tip])), "y": axis.names.index(name), "xshift": 12, "text": text,
             "colour": "ink" if not pd.isna(real) else "unknown"}
    plan.note(place, place)


def _slip_dots(axis, rows, column, stamps, kind) -> go.Scatter:
    many = [s if isinstance(s, list) else [s] for s in stamps]
    cells = [[c] if isinstance(c, str) else list(c) for c in rows[column]]
    flat = [(name, stamp, cell) for name, own, cell_list in zip(axis.names, many, cells)
            for stamp, cell in zip(own, [c for c in cell_list if c]) if not pd.isna(stamp)]
    token = "promised" if kind == "promised" else "built"
    marker = {"size": 13, "color": _ink("surface" if kind == "promised" else token),
              "line": {"color": _ink(token), "width": 2.5}}
    hovers = [_hover(html.unescape(n), f"{kind}: {receipts.date_words(c)}") for n, _, c in flat]
    return _scatter(
        kind,
        "markers",
        x=[_iso(s) for _, s, _ in flat],
        y=[n for n, _, _ in flat],
        marker=marker,
        hovertext=hovers,
    )


# --- areas, time and panels -------------------------------------------------------------------------


def areas(values: Sequence[float], labels: Sequence[str], states: Sequence[str] | None = None,
          colours: Sequence[str] | None = None, hovers: Sequence[str] | None = None) -> Form:
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
    plan, token = _Plan(), list(colours or states or ["built"] * len(values))
    sides = [math.sqrt(v / max(values)) for v in values]
    starts = [sum(sides[:i]) + 0.06 * i for i in range(len(sides))]
    total = starts[-1] + sides[-1]
    small = [side < 0.42 for side in sides]
    scales = [
        min(360, (w - 2 * _SIDE - (r if any(small) else 0)) / total) for w, r in ((WIDTH, 250), (NARROW, 128))
    ]
    for index, (x, side) in enumerate(zip(starts, sides)):
        state = states[index] if states else "built"
        text = hovers[index] if hovers else _bare(labels[index])
        plan.traces += _square(x, side, state, token[index], wrap(clean(text), 52), side * scales[1] < 12)
    _square_labels(plan, labels, starts, sides, small, token, states, scales)
    for layout, width, scale in ((plan.layout, WIDTH, scales[0]), (plan.narrow, NARROW, scales[1])):
        layout["xaxis"] = {"range": [-0.01, (width - 2 * _SIDE) / scale - 0.01]}
        layout["yaxis"] = {"range": [-0.02, 1.02]}
    plan.layout["xaxis"] |= {"visible": False, "constrain": "domain", "constraintoward": "left"}
    plan.layout["yaxis"] |= {"visible": False, "scaleanchor": "x", "constrain": "domain"}
    return plan.form(*(1.04 * scale + 22 for scale in scales))


def _square(x, side, state, token, text, tiny) -> list:
    colour = _ink(token)
    fill = _ink("surface") if state in ("promised", "unknown") else colour
    ring = {"symbol": "circle-open", "size": 16, "color": _ink("muted"), "line": {"width": 1.2}}
    traces = [
        _scatter(
            _bare(text),
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
        traces.append(_scatter(_bare(text), "markers", x=[x + side / 2], y=[side / 2], marker=ring,
                               hovertext=[text], meta={"layout": True}))
    return traces


def _square_labels(plan, labels, starts, sides, small, token, states, scales) -> None:
    rank = 0
    for index, (text, x, side) in enumerate(zip(labels, starts, sides)):
        hollow = states and states[index] in ("promised", "unknown")
        if not small[index]:
            place = {"x": x, "y": side, "xshift": 12, "yshift": -12, "yanchor": "top",
                     "colour": token[index] if hollow else "surface"}
            plan.note({**place, "size": 16, "text": wrap(text, int(side * scales[0] / 11))},
                      {**place, "text": wrap(text, int(side * scales[1] / 8.6))})
            continue
        place = {
            "x": x + side / 2,
            "y": side / 2 if side < 0.08 else side,
            "showarrow": True,
            "arrowhead": 0,
            "arrowwidth": 1,
            "arrowcolor": _ink("muted"),
            "standoff": 9 if side < 0.08 else 2,
            "yanchor": "bottom",
        }
        plan.note({**place, "ax": 18, "ay": -48 - 62 * rank, "size": 15, "text": wrap(text, 26)},
                  {**place, "ax": 8, "ay": -46 - 62 * rank, "text": wrap(text, 15)})
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
    mark
        `(period, words)`: a vertical line through all lanes.
    """
    plan = _Plan()
    lanes = lanes or {key: str(key) for key in dict.fromkeys(events[lane])}
    stamps = events[date].map(_when)
    rows = events.assign(when=stamps, level=0.0)[stamps.notna() & events[lane].isin(list(lanes))]
    rows = rows.sort_values("when", kind="stable").reset_index(drop=True)
    span = _time_axis(plan, list(rows["when"]), WIDTH - 2 * _SIDE, NARROW - 2 * _SIDE)
    days = (span[1] - span[0]).days or 1
    base, bases, levels = 0.0, {}, {}
    for key in reversed(list(lanes)):
        part = rows[rows[lane] == key]
        levels[key] = _piles([(d - span[0]).days / days * (NARROW - 2 * _SIDE) for d in part["when"]])
        bases[key] = base
        extra = 3 if named and part[named].map(clean).astype(bool).any() else 0
        base += max(levels[key], default=0) + 1 + extra + 2.6
    heights = base * _DOT + 40, base * _DOT + 40
    canvases = [
        _Canvas(
            w - 2 * _SIDE,
            base * _DOT,
            size,
            lambda d, w=w: (d - span[0]).days / days * (w - 2 * _SIDE),
            lambda v: v * _DOT,
        )
        for w, size in ((WIDTH, _TEXT), (NARROW, _SMALL))
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
            bases[key],
            (title, more, date),
            canvases,
            max(levels[key], default=0),
            lane,
        )
    if mark:
        _time_mark(plan, mark, base)
    if named:
        _name_events(plan, rows, named, canvases)
    plan.layout["yaxis"] = {"visible": False, "range": [-0.3, base], "fixedrange": True}
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
        ends[level:level + 1] = [x]
        found.append(level)
    return found


def _lane(plan, part, words, token, span, base, columns, canvases, top, lane) -> None:
    title, more, date = columns
    text = f"<b>{clean(words)}</b> <span style='color:{_ink('muted')}'>{len(part)}</span>"
    plan.traces.append(_guide(words, [_iso(span[0]), _iso(span[1])], [base, base], "rule"))
    place = {
        "xref": "paper",
        "x": 0,
        "y": base + top + 1.4,
        "yanchor": "bottom",
        "text": text,
        "colour": token,
        "bgcolor": _ink("surface"),
    }
    plan.note(place, place)
    hovers = [
        _hover(getattr(r, title), receipts.date_words(getattr(r, date)), getattr(r, more, "") if more else "")
        for r in part.itertuples()
    ]
    plan.traces.append(_scatter(
        words, "markers", x=[_iso(d) for d in part["when"]], y=list(part["level"]), hovertext=hovers,
        marker={"size": _DOT - 1, "color": _ink(token), "line": {"color": _ink("surface"), "width": 1}},
        meta={"layout": True, "lane": str(part[lane].iloc[0]) if len(part) else ""}))
    for canvas in canvases:
        for d, y in zip(part["when"], part["level"]):
            x = canvas.x(d)
            canvas.dots += [(x, canvas.y(y) + lift) for lift in (-4, 0, 4)]
        canvas.boxes.append(canvas.box(0, canvas.y(base + top + 1.4), _bare(text), "left", "bottom"))


def _time_mark(plan, mark, top) -> None:
    stamp = _iso(_when(mark[0]))
    plan.traces.insert(0, _guide(_bare(mark[1]), [stamp, stamp], [0, top], "highlight", width=2))
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


def _name_events(plan, rows, named, canvases) -> None:
    for row in rows.itertuples():
        text = clean(getattr(row, named))
        if not text:
            continue
        notes = []
        for canvas, limit in zip(canvases, (30, 18)):
            words = wrap(text, limit)
            cost, keys = canvas.place(canvas.x(row.when), canvas.y(row.level), words)
            keys |= {"x": _iso(row.when), "y": row.level, "text": words, "bgcolor": _ink("surface")}
            notes.append(keys if cost < 60 else None)
        if any(notes):
            plan.note(*notes)


def small_multiples(
    rows: pd.DataFrame,
    by: str = "geography",
    ncols: int = 4,
    highlight: str | Sequence[str] = (),
    reference: str | None = None,
    labels: dict | None = None,
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
    plan = _Plan()
    keys = list(dict.fromkeys(rows[by]))
    named = [highlight] if isinstance(highlight, str) else list(highlight)
    unit = _unit(rows["unit"].iloc[0] if "unit" in rows else "")
    _value_axis(plan, rows["value"], unit, False, None, 3)
    value_axis = plan.layout.pop("yaxis")
    span = min(rows["date"]), max(rows["date"])
    groups = {g["key"]: g for g in _groups(rows, by, dict.fromkeys(named or keys, token), labels)}
    for index, key in enumerate(keys, start=1):
        if reference is not None and key != reference:
            plan.traces += _panel_traces(groups[reference], index, "unknown", 1)
        plain = "unknown" if named and reference is None and key not in named else token
        plan.traces += _panel_traces(groups[key], index, plain, 2.2)
        _panel_layout(plan, index, value_axis, span, groups[key], key in named)
    left = max(text_width(t, 12) for t in value_axis["ticktext"]) + 10
    if reference is not None:
        plan.key([("—", "unknown", f"{_bare(groups[reference]['label'])}, in every panel")])
    form = plan.form(0, 0)
    form._grid = {"count": len(keys), "left": left, "panel": panel, "top": 30 if reference is not None else 4,
                  "lines": max(_lines(n["text"]) for n in form.sizes["narrow"]["annotations"])}
    wide, height = _grid(form, min(ncols, len(keys)), WIDTH, panel[0])
    form.update_layout(**wide)
    narrow, narrow_height = narrow_domains(form, min(2, len(keys)))
    narrow["annotations"] = form.sizes["narrow"]["annotations"]
    form._sizes = {"height": height, "narrow_height": narrow_height, "narrow": narrow}
    return form


def _panel_traces(group, index, token, width) -> list:
    traces = _series_traces({**group, "token": token, "thin": False}, True)
    suffix = "" if index == 1 else str(index)
    for trace in traces:
        trace.update(xaxis=f"x{suffix}", yaxis=f"y{suffix}")
        if trace.line.width:
            trace.update(line={"width": width}, marker={"size": 1.4 * width})
        else:
            trace.update(marker={"size": 5})
    return traces


def _panel_layout(plan, index, value_axis, span, group, bold) -> None:
    suffix = "" if index == 1 else str(index)
    years, pad = [span[0], span[1]], (span[1] - span[0]) * 0.03
    plan.layout[f"xaxis{suffix}"] = {
        "type": "date",
        "range": [_iso(span[0] - pad), _iso(span[1] + pad)],
        "tickvals": [_iso(y) for y in years],
        "ticktext": [str(y.year) for y in years],
        "anchor": f"y{suffix}",
        "automargin": False,
        "tickfont": {"size": _SMALL},
        "ticklabelposition": "outside",
        "ticklen": 3,
        "fixedrange": True,
    }
    plan.layout[f"yaxis{suffix}"] = {**value_axis, "anchor": f"x{suffix}", "automargin": False,
                                     "tickfont": {"size": _SMALL}, "fixedrange": True}
    last = group["rows"].dropna(subset=["value"]).iloc[-1]
    name = f"<b>{group['label']}</b>" if bold else group["label"]
    place = {"xref": f"x{suffix} domain", "yref": f"y{suffix} domain", "x": 0, "y": 1, "yanchor": "bottom",
             "yshift": 3, "text": f"{name} {_end_value(last)}", "borderpad": 0}
    plan.note(place, {**place, "text": wrap(place["text"], 22)})


def narrow_domains(figure: Form, ncols: int, height: float | None = None) -> tuple[dict, int]:
    """Layout that puts the panels of `small_multiples` into `ncols` columns at 360 px, and its height."""
    return _grid(figure, ncols, NARROW, height or figure._grid["panel"][1])


def _grid(figure, ncols: int, width: float, panel: float) -> tuple[dict, int]:
    count, left = figure._grid["count"], figure._grid["left"]
    nrows = math.ceil(count / ncols)
    head, foot, gap, above = (
        24 if width == WIDTH else 8 + 16 * figure._grid["lines"],
        24,
        36,
        figure._grid["top"],
    )
    row = panel + head + foot
    inner = width - 2 * _SIDE - left - 14  # the last year's label is wider than its tick
    column = (inner - gap * (ncols - 1)) / ncols
    layout: dict = {"margin": {"l": _SIDE + left, "r": _SIDE + 14, "t": above, "b": 4, "autoexpand": False}}
    total = nrows * row
    for index in range(count):
        suffix = "" if index == 0 else str(index + 1)
        r, c = divmod(index, ncols)
        x0, top = c * (column + gap) / inner, 1 - (r * row + head) / total
        layout[f"xaxis{suffix}"] = {"domain": [x0, min(1, x0 + column / inner)],
                                    "showticklabels": index + ncols >= count}
        layout[f"yaxis{suffix}"] = {
            "domain": [max(0, top - panel / total), min(1, top)],
            "showticklabels": c == 0,
        }
    return layout, round(total + above + 4)


# --- networks -----------------------------------------------------------------------------------


def network(
    nodes: pd.DataFrame,
    edges: pd.DataFrame,
    groups: dict[str, tuple[str, str]],
    group: str = "group",
    named: int = 14,
    height: int = 560,
) -> Form:
    """Who is tied to whom. Places are layout only; the same rows always give the same picture.

    Parameters
    ----------
    nodes
        Columns `id`, `label`, and `group`. Nodes without an edge are left out.
    edges
        Columns `source`, `target` (ids), `title` (for the hover of both ends), optional `state`
        (promised: dotted; anything else: solid).
    groups
        `{value of group: (token, words)}`, in the order of the key.
    named
        How many of the best connected are written out at 760 px (half as many on a phone).
    """
    plan = _Plan()
    places = _graph_places(edges)
    known = nodes[nodes["id"].isin(places)].drop_duplicates("id").set_index("id", drop=False)
    degree = pd.concat([edges["source"], edges["target"]]).value_counts().to_dict()
    ties = _ties(edges)
    plan.key([("●", token, words) for key, (token, words) in groups.items() if (known[group] == key).any()])
    plan.traces += _edge_traces(edges, places)
    most = max(degree.values())
    size = {i: 7 + 19 * math.sqrt(degree.get(i, 0) / most) for i in known.index}
    for key, (token, words) in groups.items():
        part = known[known[group] == key]
        if len(part):
            plan.traces.append(_node_trace(part, places, size, ties, token, words))
    _node_names(plan, known, places, degree, size, named, height)
    plan.layout["xaxis"] = {"visible": False, "range": [-0.03, 1.03], "fixedrange": True}
    plan.layout["yaxis"] = {"visible": False, "range": [-0.03, 1.03], "fixedrange": True}
    return plan.form(height + plan.margin["t"], height + plan.narrow_margin["t"])


def _graph_places(edges: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Every node in 0..1 x 0..1: the large component above, the small ones in a strip below."""
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(sorted({*edges["source"], *edges["target"]}))
    graph.add_edges_from(sorted(zip(edges["source"], edges["target"])))
    parts = sorted(networkx.connected_components(graph), key=lambda c: (-len(c), min(c)))
    large = [c for c in parts if len(c) >= 8] or parts[:1]
    small = [c for c in parts if c not in large]
    strip = 0.0 if not small else min(0.3, 0.04 + 0.09 * math.ceil(len(small) / 10))
    places: dict = {}
    left = 0.0
    share = [math.sqrt(len(c)) for c in large]
    for component, part in zip(large, share):
        width = part / sum(share)
        _spread(
            networkx,
            graph,
            component,
            (left, strip + (0.04 if strip else 0), left + width * 0.98, 1.0),
            places,
        )
        left += width
    columns = min(10, max(1, len(small)))
    rows = max(1, math.ceil(len(small) / columns))
    for index, component in enumerate(small):
        r, c = divmod(index, columns)
        box = (
            c / columns + 0.02,
            strip * (rows - 1 - r) / rows + 0.015,
            (c + 0.8) / columns,
            strip * (rows - r - 0.35) / rows,
        )
        _spread(networkx, graph, component, box, places)
    return places


def _spread(networkx, graph, component, box, places) -> None:
    own = networkx.Graph()
    own.add_nodes_from(sorted(component))
    own.add_edges_from(sorted(tuple(sorted(e)) for e in graph.subgraph(component).edges))
    if len(own) == 2:
        found = dict(zip(own, [(0.0, 0.0), (1.0, 1.0)]))
    else:
        found = networkx.spring_layout(own, seed=7, iterations=300, k=2.2 / math.sqrt(len(own)))
    across, up = (_evened([found[n][axis] for n in found]) for axis in (0, 1))
    for node, u, v in zip(found, across, up):
        places[node] = (round(box[0] + u * (box[2] - box[0]), 4), round(box[1] + v * (box[3] - box[1]), 4))


def _evened(values: Sequence[float]) -> list[float]:
    """Coordinates in 0..1, half of the way to being evenly spread: crowds open up, order stays."""
    low, span = min(values), (max(values) - min(values)) or 1
    order = sorted(range(len(values)), key=lambda i: values[i])
    rank = {i: r / max(1, len(values) - 1) for r, i in enumerate(order)}
    even = 0.5 if len(values) > 8 else 0
    return [(1 - even) * (v - low) / span + even * rank[i] for i, v in enumerate(values)]


def _ties(edges: pd.DataFrame) -> dict[str, list[str]]:
    found: dict[str, dict] = {}
    for row in edges.itertuples():
        for end in (row.source, row.target):
            found.setdefault(end, {})[clean(getattr(row, "title", ""))] = None
    return {node: [t for t in titles if t] for node, titles in found.items()}


def _edge_traces(edges, places) -> list:
    states = edges["state"] if "state" in edges else pd.Series("built", index=edges.index)
    traces = []
    for promised, part in edges.groupby(states.eq("promised"), sort=True):
        x, y = [], []
        for pair in sorted({tuple(sorted(p)) for p in zip(part["source"], part["target"])}):
            x += [places[pair[0]][0], places[pair[1]][0], None]
            y += [places[pair[0]][1], places[pair[1]][1], None]
        line = {"color": _ink("land-line"), "width": 1, "dash": "dot" if promised else "solid"}
        traces.append(_scatter("signed, not delivered" if promised else "ties", "lines", x=x, y=y, line=line,
                               meta={"layout": True}))
    return traces


def _node_trace(part, places, size, ties, token, words) -> go.Scatter:
    hovers = []
    for row in part.itertuples():
        own = ties.get(row.id, [])
        more = [f"… and {len(own) - 7} more"] if len(own) > 8 else []
        shown = own if len(own) <= 8 else own[:7]
        hovers.append(
            "<br>".join([f"<b>{clean(row.label)}</b>", *(wrap(f"• {t}", 56) for t in [*shown, *more])])
        )
    return _scatter(
        words,
        "markers",
        x=[places[i][0] for i in part["id"]],
        y=[places[i][1] for i in part["id"]],
        marker={
            "size": [round(size[i], 1) for i in part["id"]],
            "color": _ink(token),
            "opacity": 1,
            "line": {"color": _ink("surface"), "width": 1.2},
        },
        hovertext=hovers,
        meta={"layout": True},
    )


def _node_names(plan, known, places, degree, size, named, height) -> None:
    order = sorted(known.index, key=lambda i: (-degree.get(i, 0), i))
    canvases = [
        _Canvas(
            w - 2 * _SIDE,
            height - 16,
            s,
            lambda v, w=w: (v + 0.03) / 1.06 * (w - 2 * _SIDE),
            lambda v: (v + 0.03) / 1.06 * (height - 16),
        )
        for w, s in ((WIDTH, _TEXT), (NARROW, _SMALL))
    ]
    for canvas in canvases:
        for i in known.index:
            canvas.dots.append((canvas.x(places[i][0]), canvas.y(places[i][1])))
            r = size[i] / 2 - 2
            canvas.boxes.append(
                (
                    canvas.dots[-1][0] - r,
                    canvas.dots[-1][1] - r,
                    canvas.dots[-1][0] + r,
                    canvas.dots[-1][1] + r,
                )
            )
    for rank, node in enumerate(order[:named]):
        notes = []
        for index, canvas in enumerate(canvases):
            text = wrap(clean(known.loc[node, "label"]), (24, 16)[index])
            place = {
                "x": places[node][0],
                "y": places[node][1],
                "text": text,
                "bgcolor": _ink("surface"),
                "opacity": 0.88,
            }
            if index and rank >= max(4, named // 2):
                notes.append(None)
                continue
            before = list(canvas.boxes)
            cost, keys = canvas.place(
                canvas.x(place["x"]),
                canvas.y(place["y"]),
                text,
                gap=size[node] / 2 + 2,
                reach=(0, 14, 30, 48),
            )
            if cost > 70 and rank > 1:
                canvas.boxes = before
                notes.append(None)
            else:
                notes.append({**place, **keys})
        if any(notes):
            plan.note(*notes)


# --- maps ---------------------------------------------------------------------------------------

_GAP = 22  # between two panels of a map, px


class _MapFrame:
    """Shapes in an equal-area projection (km), in one or more panels at one scale.

    Panels stand side by side at 760 px and, if there are two or more, above each other on a phone.
    """

    def __init__(self, shapes, panels=None, crs: str | None = None, clip=None, top: float = 470):
        self.crs = crs or projection(shapes, clip)
        shapes = shapes.clip(clip) if clip is not None else shapes
        flat = shapes.to_crs(self.crs)
        flat["geometry"] = flat.geometry.scale(0.001, 0.001, origin=(0, 0))
        size = max(flat.total_bounds[2] - flat.total_bounds[0], flat.total_bounds[3] - flat.total_bounds[1])
        flat["geometry"] = flat.geometry.simplify_coverage(size / 500)  # neighbours keep their common border
        self.flat = flat[~flat.geometry.is_empty]
        names = panels or [list(self.flat.index)]
        self.panels = [self.flat[self.flat.index.isin(codes)] for codes in names]
        self.bounds = [_padded(panel.total_bounds) for panel in self.panels]
        self.top = top

    def panel_of(self, point) -> int:
        """The panel a projected point (km) falls into: the first whose frame holds it, else the nearest."""
        def far(box):
            return max(box[0] - point[0], 0, point[0] - box[2]) + max(box[1] - point[1], 0, point[1] - box[3])

        return min(range(len(self.bounds)), key=lambda i: far(self.bounds[i]))

    def points(self, lon: Sequence[float], lat: Sequence[float]) -> list[tuple[float, float]]:
        """Longitudes and latitudes as km on the map."""
        import geopandas

        flat = geopandas.GeoSeries(geopandas.points_from_xy(lon, lat), crs=4326).to_crs(self.crs)
        return [(p.x / 1000, p.y / 1000) for p in flat]

    def scales(self) -> tuple[float, float]:
        """Pixels per km at the two widths."""
        return self._wide()[0], self._narrow()[0]

    def _sizes(self):
        return [(b[2] - b[0], b[3] - b[1]) for b in self.bounds]

    def _wide(self):
        sizes, room = self._sizes(), WIDTH - 2 * _SIDE - _GAP * (len(self.bounds) - 1)
        scale = min(room / sum(w for w, _ in sizes), self.top / max(h for _, h in sizes))
        return scale, max(h for _, h in sizes) * scale

    def _narrow(self):
        sizes, room = self._sizes(), NARROW - 2 * _SIDE
        scale = min(room / max(w for w, _ in sizes), 520 / max(h for _, h in sizes))
        return scale, sum(h for _, h in sizes) * scale + _GAP * (len(sizes) - 1)

    def lay(self, plan: _Plan) -> tuple[float, float]:
        """Puts the axes of all panels into the plan; returns the heights of the plot at both widths."""
        (wide, height), (narrow, narrow_height) = self._wide(), self._narrow()
        sizes, left, top = self._sizes(), 0.0, narrow_height
        slack = max(0.0, (WIDTH - 2 * _SIDE - sum(w * wide for w, _ in sizes) - _GAP * (len(sizes) - 1)) / 2)
        for index, (w, h) in enumerate(sizes):
            x0 = (slack + left) / (WIDTH - 2 * _SIDE)
            domain = [x0, min(1, x0 + w * wide / (WIDTH - 2 * _SIDE))], [0.0, min(1, h * wide / height)]
            side = (NARROW - 2 * _SIDE - w * narrow) / 2 / (NARROW - 2 * _SIDE)
            slim = [side, 1 - side], [max(0, (top - h * narrow) / narrow_height), top / narrow_height]
            self._axes(plan, index, domain, slim)
            left, top = left + w * wide + _GAP, top - h * narrow - _GAP
        return height, narrow_height

    def _axes(self, plan, index, domain, slim) -> None:
        suffix, box = "" if index == 0 else str(index + 1), self.bounds[index]
        common = {"visible": False, "constrain": "domain", "fixedrange": False, "automargin": False}
        plan.layout[f"xaxis{suffix}"] = {
            **common,
            "range": [box[0], box[2]],
            "domain": domain[0],
            "anchor": f"y{suffix}",
        }
        plan.layout[f"yaxis{suffix}"] = {**common, "range": [box[1], box[3]], "domain": domain[1],
                                         "anchor": f"x{suffix}", "scaleanchor": f"x{suffix}"}
        plan.narrow[f"xaxis{suffix}"] = {"domain": slim[0]}
        plan.narrow[f"yaxis{suffix}"] = {"domain": slim[1]}

    def canvases(self, index: int) -> list[_Canvas]:
        """Canvases of one panel at both widths, for words."""
        box = self.bounds[index]
        return [_Canvas((box[2] - box[0]) * k, (box[3] - box[1]) * k, s, lambda x, k=k: (x - box[0]) * k,
                        lambda y, k=k: (y - box[1]) * k, (6, 6, 6, 6))
                for k, s in zip(self.scales(), (_TEXT, _SMALL))]


def _padded(box) -> tuple[float, float, float, float]:
    pad = 0.015 * max(box[2] - box[0], box[3] - box[1])
    return box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad


def projection(shapes, clip=None) -> str:
    """An equal-area projection that suits the extent: Equal Earth for the world, else Lambert azimuthal."""
    west, south, east, north = clip if clip is not None else shapes.total_bounds
    if east - west > 150:
        return "+proj=eqearth +lon_0=0 +datum=WGS84 +units=m"
    return f"+proj=laea +lon_0={(west + east) / 2:.3f} +lat_0={(south + north) / 2:.3f} +datum=WGS84 +units=m"


def _outline(geometry, least: float = 0.0) -> tuple[list, list]:
    """Rings as x and y with None between; rings under `least` km² are left out (not the largest)."""
    parts = [p for p in getattr(geometry, "geoms", [geometry]) if p.geom_type == "Polygon"]
    parts = sorted(parts, key=lambda p: -p.area)
    x, y = [], []
    for part in parts[:1] + [p for p in parts[1:] if p.area >= least]:
        for line in (part.exterior, *part.interiors):  # fills are even-odd: an enclave needs its hole
            ring = [(_km(a), _km(b)) for a, b in line.coords]
            x += [*(p[0] for p in ring), None]
            y += [*(p[1] for p in ring), None]
    return x[:-1], y[:-1]


def _km(value: float):
    """Kilometres to a tenth where it shows; whole ones far from the centre are shorter to send."""
    return round(value) if abs(value) >= 1500 else round(value, 1)


def choropleth(
    shapes,
    values: pd.Series,
    bins: Sequence[float],
    labels: Sequence[str] | None = None,
    unit: str = "",
    names: dict | None = None,
    panels: Sequence[Sequence[str]] | None = None,
    hovers: dict | None = None,
    crs: str | None = None,
    clip=None,
) -> Form:
    """Areas shaded by class, with the classes written above; small areas also get a dot.

    Parameters
    ----------
    shapes
        GeoDataFrame (EPSG:4326) indexed by geography, column `name`.
    values
        Numbers indexed by geography; a geography without one is grey ("no figure").
    bins
        Upper ends of the first n-1 classes (inclusive), rising; at most four (five classes).
    labels
        Words of the classes, n of them; default: made from the bins and `unit`.
    names
        `{geography: words}` written on the map (at 760 px, and on a phone where they fit).
    panels
        Lists of geographies drawn as maps of their own at the same scale, side by side; on a
        phone above each other. Say in the subtitle that their distance is not to scale.
    """
    if len(bins) > 4:
        raise ValueError("At most four bins: there are five colours.")
    plan, frame = _Plan(), _MapFrame(shapes, panels, crs, clip)
    tokens = _ramp(len(bins) + 1)
    classes = {g: _class_of(values.get(g), bins) for g in frame.flat.index}
    words = labels or _class_words(bins, unit)
    missing = any(c is None for g, c in classes.items() if any(g in p.index for p in frame.panels))
    plan.key(
        [*(("■", t, w) for t, w in zip(tokens, words)), *([("▨", "unknown", "no figure")] if missing else [])]
    )
    for index, panel in enumerate(frame.panels):
        for row in panel.assign(_area=panel.area).sort_values("_area", ascending=False).itertuples():
            token = "surface" if classes[row.Index] is None else tokens[classes[row.Index]]
            text = _area_hover(row, values.get(row.Index), unit, (hovers or {}).get(row.Index))
            plan.traces += _area(row, token, text, index, frame.scales()[0])
        _area_names(plan, frame, index, panel, names or {}, classes, len(tokens))
    height, narrow_height = frame.lay(plan)
    return plan.form(height + plan.margin["t"] + 8, narrow_height + plan.narrow_margin["t"] + 8)


def _ramp(count: int) -> list[str]:
    return {1: ["ramp-3"], 2: ["ramp-2", "ramp-4"], 3: ["ramp-1", "ramp-3", "ramp-5"],
            4: ["ramp-1", "ramp-2", "ramp-4", "ramp-5"]}.get(count, [f"ramp-{i}" for i in range(1, 6)])


def _class_of(value, bins) -> int | None:
    if value is None or pd.isna(value):
        return None
    return sum(value > end for end in bins)


def _class_words(bins, unit) -> list[str]:
    suffix = "%" if _unit(unit).suffix == "%" else ""
    ends = [number(b) + suffix for b in bins]
    between = [f"{a}–{b}" for a, b in itertools.pairwise(ends)]
    return [f"up to {ends[0]}", *between, f"over {ends[-1]}"]


def _area_hover(row, value, unit, text) -> str:
    words = text or html.unescape(written(math.nan if value is None else value, unit))
    return _hover(getattr(row, "name", row.Index), words)


def _area(row, token, text, panel, scale) -> list:
    suffix = "" if panel == 0 else str(panel + 1)
    x, y = _outline(row.geometry, 12 / scale**2)
    hollow = token == "surface"
    common = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "meta": {"layout": True}}
    name = str(getattr(row, "name", row.Index))
    traces = [
        _scatter(
            name,
            "lines",
            x=x,
            y=y,
            fill="toself",
            fillcolor=_ink(token),
            text=text,
            hoverinfo="text",
            hoveron="fills",
            line={
                "color": _ink("unknown" if hollow else "land-line"),
                "width": 0.7,
                "dash": "dot" if hollow else "solid",
            },
            **common,
        )
    ]
    if row.geometry.area * scale**2 < 60:
        middle = row.geometry.representative_point()
        traces.append(
            _scatter(
                name,
                "markers",
                x=[round(middle.x, 1)],
                y=[round(middle.y, 1)],
                hovertext=[text],
                marker={"size": 9, "color": _ink(token), "line": {"color": _ink("muted"), "width": 1}},
                **common,
            )
        )
    return traces


def _area_names(plan, frame, index, panel, names, classes, count) -> None:
    suffix, canvases = "" if index == 0 else str(index + 1), frame.canvases(index)
    free = max(6, (NARROW - 2 * _SIDE - canvases[1].width) / 2)  # paper beside the map on a phone
    canvases[1].margin = (free, free, 6, 6)
    for row in panel.itertuples():
        text = clean(names.get(row.Index, ""))
        if not text:
            continue
        body = max(getattr(row.geometry, "geoms", [row.geometry]), key=lambda p: p.area)
        point = body.centroid if body.contains(body.centroid) else body.representative_point()
        largest = body.bounds
        dark = classes[row.Index] is not None and classes[row.Index] >= count - 2 and count > 2
        place = {"xref": f"x{suffix}", "yref": f"y{suffix}", "x": point.x, "y": point.y, "text": text,
                 "xanchor": "center", "align": "center", "colour": "surface" if dark else "ink"}
        fits = [
            text_width(text, s) < (largest[2] - largest[0]) * k * 0.9
            for k, s in zip(frame.scales(), (_TEXT, _SMALL))
        ]
        if all(fits):
            plan.note(place, place)
            continue
        # An area too small for its name gets it beside it if it has a value, else none.
        beside = [_beside(canvas, frame, index, point, text) if classes[row.Index] is not None else None
                  for canvas in canvases]
        notes = [
            place if fit else ({**place, **keys, "colour": "ink"} if keys else None)
            for fit, keys in zip(fits, beside)
        ]
        if any(notes):
            plan.note(*notes)


def _beside(canvas: _Canvas, frame: _MapFrame, index: int, point, text: str) -> dict:
    """Where a name fits near a small area, off the outlines; tied to it by a leader."""
    if not canvas.dots:
        for geometry in frame.panels[index].geometry:
            for part in getattr(geometry, "geoms", [geometry]):
                canvas.path([(canvas.x(x), canvas.y(y)) for x, y in part.exterior.coords])
    return canvas.place(canvas.x(point.x), canvas.y(point.y), text, gap=8, reach=(30, 48, 70, 95))[1]


def point_map(
    shapes,
    points: pd.DataFrame,
    key: dict[str, str] | None = None,
    named: Sequence[str] = (),
    panels: Sequence[Sequence[str]] | None = None,
    crs: str | None = None,
    clip=None,
    largest: float = 28,
) -> Form:
    """Places on our own basemap.

    Parameters
    ----------
    shapes
        GeoDataFrame (EPSG:4326) indexed by geography: the land.
    points
        Columns `lat`, `lon`, `label`; optional `text` (hover), `colour` (token), `symbol` (plotly's
        names: circle, square, diamond, circle-open …), `size` (a quantity: the mark's area is
        proportional; empty: a small mark), `precision` (anything but site, area, exact or "" gets a
        ring: the place is known only roughly). Marks that would hide each other move apart in a spiral.
    key
        `{token or "token symbol": words}`: the direct key above.
    named
        Labels to write on the map.
    panels, crs, clip
        As in `choropleth`; `clip` is (west, south, east, north) in degrees.
    """
    plan, frame = _Plan(), _MapFrame(shapes, panels, crs, clip)
    rows = _placed(points, frame, largest)
    for index, panel in enumerate(frame.panels):
        _land(plan, panel, index, frame.scales()[0])
        own = rows[rows["panel"] == index]
        for names, part in own.groupby(["colour", "symbol", "ring"], sort=False):
            plan.traces += _point_traces(part, names, index)
        _point_names(plan, frame, index, own, list(named))
    plan.key(key_items(key or {}, rows))
    height, narrow_height = frame.lay(plan)
    return plan.form(height + plan.margin["t"] + 8, narrow_height + plan.narrow_margin["t"] + 8)


EXACT = ("", "exact", "site", "area", "building", "address")
"""Precisions of a coordinate that need no ring."""


def _placed(points, frame, largest) -> pd.DataFrame:
    rows = points.reset_index(drop=True).copy()
    for column, default in (
        ("text", ""),
        ("colour", "built"),
        ("symbol", "circle"),
        ("size", math.nan),
        ("precision", ""),
    ):
        rows[column] = rows.get(column, default)
        if column != "size":
            rows[column] = rows[column].map(lambda v, d=default: clean(v) or d)
    rows["ring"] = ~rows["precision"].isin(EXACT)
    rows["px"] = mark_sizes(rows["size"], largest)
    flat = frame.points(rows["lon"].astype(float), rows["lat"].astype(float))
    rows["panel"] = [frame.panel_of(p) for p in flat]
    rows["x"], rows["y"] = zip(*spiral(flat, list(rows["px"]), frame.scales()[0])) if len(rows) else ([], [])
    return rows.sort_values("px", ascending=False, kind="stable")


def mark_sizes(sizes: pd.Series, largest: float) -> list[float]:
    """Diameters in px: area in proportion to size, at least 7; without a size 9."""
    numbers = pd.to_numeric(sizes, errors="coerce")
    most = numbers.max() if numbers.notna().any() and numbers.max() > 0 else 1.0
    return [9.0 if pd.isna(n) else max(7.0, largest * math.sqrt(max(n, 0) / most)) for n in numbers]


def spiral(points, sizes, scale) -> list[tuple[float, float]]:
    """Marks that would hide each other, moved out along a golden-angle spiral: no chance in it.

    Larger marks stay where they are; a smaller one moves to the first free place, at most 72 px off.
    """
    taken: list[tuple[float, float, float]] = []
    found: dict[int, tuple[float, float]] = {}
    for index in sorted(range(len(sizes)), key=lambda i: (-sizes[i], i)):
        x, y = points[index][0] * scale, points[index][1] * scale
        spots = [
            (x + 2.9 * math.sqrt(n) * math.cos(n * 2.399963), y + 2.9 * math.sqrt(n) * math.sin(n * 2.399963))
            for n in range(620)
        ]
        free = (s for s in spots if all(math.hypot(s[0] - tx, s[1] - ty) >= 0.5 * (sizes[index] + size)
                                        for tx, ty, size in taken))
        spot = next(free, spots[0])
        taken.append((*spot, sizes[index]))
        found[index] = (round(spot[0] / scale, 1), round(spot[1] / scale, 1))
    return [found[i] for i in range(len(sizes))]


def _land(plan, panel, index, scale) -> None:
    suffix = "" if index == 0 else str(index + 1)
    x, y = [], []
    for geometry in panel.geometry:
        gx, gy = _outline(geometry, 5 / scale**2)
        x += [*gx, None]
        y += [*gy, None]
    plan.traces.append(
        _scatter(
            "land",
            "lines",
            x=x[:-1],
            y=y[:-1],
            fill="toself",
            fillcolor=_ink("land"),
            line={"color": _ink("surface"), "width": 0.7},
            xaxis=f"x{suffix}",
            yaxis=f"y{suffix}",
            meta={"layout": True},
            hoveron="points",
        )
    )


def _point_traces(part, names, index) -> list:
    token, symbol, ring = names
    suffix = "" if index == 0 else str(index + 1)
    common = {"x": list(part["x"]), "y": list(part["y"]), "xaxis": f"x{suffix}", "yaxis": f"y{suffix}",
              "meta": {"layout": True}}
    hollow = symbol.endswith("-open")
    shape = symbol.removesuffix("-open")
    marker = {"symbol": shape, "size": [round(p, 1) for p in part["px"]], "opacity": 0.88,
              "color": _ink("surface" if hollow else token),
              "line": {"color": _ink(token if hollow else "surface"), "width": 2 if hollow else 1}}
    hovers = [
        _hover(
            html.unescape(clean(r.label)), html.unescape(r.text), "place known only roughly" if ring else ""
        )
        for r in part.itertuples()
    ]
    traces = [_scatter(token, "markers", marker=marker, hovertext=hovers, **common)]
    if ring:
        around = {
            "symbol": "circle-open",
            "size": [round(p + 7, 1) for p in part["px"]],
            "color": _ink(token),
            "line": {"width": 1},
        }
        traces.insert(0, _scatter(f"{token}, place known only roughly", "markers", marker=around, **common))
    return traces


def _point_names(plan, frame, index, own, named) -> None:
    suffix = "" if index == 0 else str(index + 1)
    canvases = frame.canvases(index)
    for canvas in canvases:
        for row in own.itertuples():
            r, x, y = row.px / 2 - 1, canvas.x(row.x), canvas.y(row.y)
            canvas.boxes.append((x - r, y - r, x + r, y + r))
    for row in own[own["label"].isin(named)].drop_duplicates("label").itertuples():
        notes = []
        for canvas, limit in zip(canvases, (22, 14)):
            before, text = list(canvas.boxes), wrap(clean(row.label), limit)
            cost, keys = canvas.place(
                canvas.x(row.x),
                canvas.y(row.y),
                text,
                gap=row.px / 2 + (5 if row.ring else 2),
                reach=(0, 14, 30, 48),
            )
            if cost > 160:
                canvas.boxes = before
            notes.append(None if cost > 160 else {**keys, "x": row.x, "y": row.y, "text": text,
                                                  "xref": f"x{suffix}", "yref": f"y{suffix}"})
        if any(notes):
            plan.note(*notes)


_MARKS = {
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
    "star": "★",
}


def key_items(key: dict[str, str], places: pd.DataFrame) -> list[tuple[str, str, str]]:
    """The key of a point map as (mark, token, words), with the ring explained where one is drawn."""
    items = []
    for name, words in key.items():
        token, _, symbol = name.partition(" ")
        items.append((_MARKS.get(symbol or "circle", "●"), token, words))
    if "precision" in places and not places["precision"].fillna("").isin(EXACT).all():
        items.append(("◎", "muted", "ring: place known only roughly"))
    return items
