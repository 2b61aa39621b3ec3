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
import math
from collections.abc import Callable, Iterable, Sequence

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
        return dict(self._sizes)

    _sizes: dict = {"height": 420, "narrow_height": 420, "narrow": {}}


# --- words and numbers --------------------------------------------------------------------------


def clean(text) -> str:
    """A text from data made safe for plotly's small HTML; nothing is ""."""
    if text is None or text is pd.NA or (isinstance(text, float) and math.isnan(text)):
        return ""
    return html.escape(str(text), quote=False)


def wrap(text: str, characters: int) -> str:
    """A text broken with `<br>` so that no line is longer than `characters` where words allow."""
    lines: list[str] = []
    for part in str(text).split("<br>"):
        line = ""
        for word in part.split():
            if line and len(html.unescape(f"{line} {word}")) > characters:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        lines.append(line)
    return "<br>".join(lines)


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
    after = unit.suffix or (f" ({unit.label})" if unit.label and not unit.prefix else "")
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
        self.margin = {"l": _SIDE, "r": _SIDE, "t": 8, "b": 8}
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

    def key(self, items: Sequence[tuple[str, str, str]]) -> None:
        """A direct key above the plot: (mark, token, words) side by side, wrapped to the width."""
        if not items:
            return
        pieces = [(f'<span style="color:{_ink(t)}">{mark}</span>\u2009{clean(words)}') for mark, t, words in items]
        texts = [_flow(pieces, width - 2 * _SIDE, size) for width, size in ((WIDTH, _TEXT), (NARROW, _SMALL))]
        place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "yanchor": "bottom", "colour": "muted"}
        self.note({**place, "text": texts[0], "yshift": 8}, {**place, "text": texts[1], "yshift": 8})
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
            "narrow": {"margin": self.narrow_margin, "annotations": [n for _, n in self._notes], **self.narrow},
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
    return go.Scatter(name=name, mode=mode, **rest)


def _guide(name: str, x, y, token: str = "rule", dash: str = "solid", width: float = 1, **rest) -> go.Scatter:
    line = {"color": _ink(token), "width": width, "dash": dash}
    return _scatter(name, "lines", x=x, y=y, line=line, meta={"guide": True}, **rest)


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
    scale = {" billion": "bn", " million": "m", " trillion": "tn"}.get(unit.suffix, "")
    words = [short(v) if v else "0" for v in values]
    if words:
        words[-1] = f"{unit.prefix}{words[-1]}{scale}"
    return words


def _value_axis(plan: _Plan, values: Sequence[float], unit: receipts.Unit, log: bool, zero: bool | None):
    """Sets `yaxis`; returns (value -> axis coordinate, lower end, upper end)."""
    numbers = [float(v) for v in values if not pd.isna(v)] or [0.0, 1.0]
    low, high = min(numbers), max(numbers)
    if log:
        return _log_axis(plan, low, high, unit)
    if zero or (zero is None and 0 <= low < 0.6 * high):
        low = min(low, 0)
    marks = ticks(low, high)
    pad = 0.04 * (marks[-1] - marks[0])
    ends = (marks[0] - (0 if marks[0] == 0 else pad), max(high + pad, marks[-1]))
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
    words = "Log scale: each step up multiplies"
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
    axes = [_year_ticks(ends, step) for step in steps]
    plan.layout[name] = {"type": "date", "range": [_iso(e) for e in ends], **axes[0]}
    plan.narrow[name] = axes[1]
    return ends


def _year_ticks(ends, step: int) -> dict:
    """Labels at the middle of a year, where an annual value is drawn."""
    years = [y for y in range(ends[0].year, ends[1].year + 1) if y % step == 0]
    middles = [(y, pd.Timestamp(y, 7, 2)) for y in years]
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
        is drawn thin and grey; a key without words takes the row's `label` or `name`.
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
    coordinate, low, high = _value_axis(plan, everything, _unit(rows["unit"].iloc[0] if "unit" in rows else ""), log, zero)
    for group in groups:
        plan.traces += _series_traces(group, joined)
    ends = _end_labels(plan, groups, values, (coordinate, low, high), (height, narrow_height))
    stamps = [*rows["date"], *(_when(g[2]) for g in goals if g[2])]
    span = _time_axis(plan, [*stamps, *(_when(a[0]) for a in annotate)], *ends)
    _draw_goals(plan, goals, span, coordinate)
    _draw_annotations(plan, annotate, span, (coordinate, low, high))
    plan.layout["hovermode"] = "closest"
    return plan.form(height + plan.margin["t"] - 8, narrow_height + plan.narrow_margin["t"] - 8)


def points(rows: pd.DataFrame, by: str = "series_id", label: str | None = None, **options) -> Form:
    """As `lines`, without joining anything: for values that may not be joined.

    `label` names a column whose text is written above its point. Other options as `lines`.
    """
    form = lines(rows, by=by, joined=False, **options)
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
        Columns `period` (drawn at its last day), `value` and `label` (the words on the mark).
    """
    dates = [tables.period_bounds(p)[1] for p in targets["period"]]
    marks = [(d, r.value, getattr(r, label), "goal") for d, r in zip(dates, targets.itertuples())]
    form = lines(rows, **{**options, "annotate": [*options.get("annotate", ()), *marks]})
    hovers = [_hover(getattr(r, label), f"goal for {receipts.date_words(r.period)}") for r in targets.itertuples()]
    form.add_trace(_scatter(
        "goals", "markers", x=[_iso(d) for d in dates], y=[float(v) for v in targets["value"]], hovertext=hovers,
        marker={"symbol": "diamond-open", "size": 12, "color": _ink("promised"), "line": {"width": 2}}))
    return form


def _groups(rows, by, colours, labels) -> list[dict]:
    colours, labels, found = colours or {}, labels or {}, []
    words = {"series_id": "label", "geography": "name"}.get(by, by)
    for index, (key, part) in enumerate(rows.groupby(by, sort=False)):
        if colours:
            token, thin = colours.get(key, "unknown"), key not in colours
        else:
            token, thin = CYCLE[index % len(CYCLE)], False
        text = labels.get(key) or clean(part[words].iloc[0] if words in part else key)
        found.append({"key": key, "rows": part.sort_values("date"), "token": token, "thin": thin, "label": text,
                      "by": by})
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
    size = min(size, 5) if group["thin"] else size
    meta = {"series": series, "lens": geography} if group["by"] == "geography" else {"series": series}
    marker = {"size": max(size, 1), "color": _ink("surface" if forecast else token),
              "line": {"color": _ink(token), "width": 2 if forecast else 0}}
    look_of = {"line": {"color": _ink(token), "width": 1.3 if group["thin"] else 2.5,
                        "dash": "dot" if forecast else "solid"}} if may else {}
    mode = "markers" if not may else "lines" if not size else "lines+markers"
    return _scatter(_bare(group["label"]) + (" (forecast)" if forecast else ""), mode, x=stamps, y=values,
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


def _end_labels(plan, groups, values, axis, heights) -> tuple[float, float]:
    """Labels after the last point of each line; returns the widths left for the plot, in px."""
    ends = [_end(group, values) for group in groups]
    latest = max((end["date"] for end in ends), default=None)
    first = min(group["rows"]["date"].min() for group in groups)
    limit = latest - (latest - first) * 0.12
    room = [0.0, 0.0]
    texts = [wrap(end["text"], 24) for end in ends]
    room[0] = max((text_width(t) for t, end in zip(texts, ends) if end["date"] >= limit), default=0) + 14
    tight = [wrap(end["text"], 13) for end in ends]
    keyed = max(map(_lines, tight)) > 3 or max(text_width(t, _SMALL) for t in tight) > 112
    if not keyed:
        room[1] = max((text_width(t, _SMALL) for t, e in zip(tight, ends) if e["date"] >= limit), default=0) + 12
    for index, chosen in enumerate((texts, tight)):
        late = [(end, text) for end, text in zip(ends, chosen) if end["date"] >= limit]
        _dodge_ends(late, axis, heights[index] - 52, index)
    for end, wide, narrow in zip(ends, texts, tight):
        _end_note(plan, end, wide, None if keyed else narrow, axis[0], end["date"] >= limit)
    if keyed:
        _narrow_key(plan, ends)
    plan.margin["r"], plan.narrow_margin["r"] = _SIDE + room[0], _SIDE + room[1]
    return WIDTH - 2 * _SIDE - room[0] - 40, NARROW - 2 * _SIDE - room[1] - 36


def _end(group, values) -> dict:
    last = group["rows"].dropna(subset=["value"]).iloc[-1]
    text = group["label"]
    if values:
        text += f" {written(last['value'], last.get('unit', '')).replace(' ', chr(0xA0))}" if _brief(last) else \
            f" {number(last['value'])}"
    token = "muted" if group["thin"] else group["token"]
    return {"date": last["date"], "value": float(last["value"]), "text": text, "token": token, "shift": [0, 0]}


def _brief(row) -> bool:
    """Units that may follow a label without crowding it."""
    return _unit(row.get("unit", "")).suffix in ("%", " billion", " million", " MW")


def _dodge_ends(late, axis, plot_height: float, index: int) -> None:
    coordinate, low, high = axis
    px = [(coordinate(end["value"]) - low) / (high - low) * plot_height for end, _ in late]
    spread = dodge(px, [16 * _lines(text) + 1 for _, text in late], -8, plot_height + 8)
    for (end, _), wanted, got in zip(late, px, spread):
        end["shift"][index] = got - wanted


def dodge(centres: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Positions near `centres` at which boxes of `heights` do not overlap, inside low..high if they fit."""
    order = sorted(range(len(centres)), key=lambda i: centres[i])
    places = list(centres)
    for _ in range(60):
        moved = 0.0
        for below, above in zip(order, order[1:]):
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


def _end_note(plan, end, wide, narrow, coordinate, late) -> None:
    place = {"x": _iso(end["date"]), "y": coordinate(end["value"]), "colour": end["token"]}
    if late:
        notes = [text and {**place, "text": text, "xshift": 9, "yshift": end["shift"][i]}
                 for i, text in enumerate((wide, narrow))]
    else:
        notes = [text and {**place, "text": text, "yanchor": "bottom", "yshift": 9, "xanchor": "center",
                           "align": "center"} for text in (wide, narrow)]
    plan.note(notes[0], notes[1] or None)


def _narrow_key(plan, ends) -> None:
    """Long labels do not fit beside the lines of a phone; there they stand above the plot."""
    items = [f'<span style="color:{_ink(e["token"])}">{wrap("●" + chr(0x2009) + e["text"], 46)}</span>' for e in ends]
    text = "<br>".join(items)
    plan.note(None, {"text": text, "xref": "paper", "yref": "paper", "x": 0, "y": 1, "yanchor": "bottom",
                     "yshift": plan.narrow_margin["t"] if plan.narrow_margin["t"] > 20 else 8, "xshift": -30})
    plan.narrow_margin["t"] += 17 * _lines(text) + 8


def _goal_list(goal) -> list[tuple]:
    if goal is None:
        return []
    found = [goal] if isinstance(goal, tuple) else list(goal)
    return [(*g, None)[:3] for g in found]


def _draw_goals(plan, found, span, coordinate) -> None:
    for value, words, period in found:
        text = clean(words)
        plan.traces.append(_guide(_bare(text), [_iso(span[0]), _iso(span[1])], [value, value], "goal", "dash", 1.5))
        if period:
            plan.traces.append(_scatter(
                _bare(text), "markers", x=[_iso(_when(period))], y=[value], meta={"guide": True},
                marker={"symbol": "diamond-open", "size": 12, "color": _ink("goal"), "line": {"width": 2}},
                hovertext=[_hover(words, receipts.date_words(period))]))
        place = {"x": _iso(span[0]), "y": coordinate(value), "yanchor": "bottom", "yshift": 3, "xshift": 4,
                 "colour": "goal"}
        plan.note({**place, "text": text}, {**place, "text": wrap(text, 30)})


def _draw_annotations(plan, annotate, span, axis) -> None:
    coordinate, low, high = axis
    for date, value, words, *kind in annotate:
        stamp = _when(date)
        share = (stamp - span[0]) / (span[1] - span[0])
        up = (coordinate(value) - low) / (high - low) < 0.62
        anchor = "left" if share < 0.3 else "right" if share > 0.7 else "center"
        goal = bool(kind)
        place = {
            "x": _iso(stamp), "y": coordinate(value), "xanchor": anchor, "align": anchor,
            "yanchor": "bottom" if up else "top", "colour": "promised" if goal else "ink",
            "showarrow": not goal, "ay": 0 if goal else (-34 if up else 34), "yshift": (9 if up else -9) if goal else 0,
            "arrowhead": 0, "arrowwidth": 1, "arrowcolor": _ink("muted"), "standoff": 5,
        }
        plan.note({**place, "text": wrap(clean(words), 26)}, {**place, "text": wrap(clean(words), 16)})


def _above(date, value, text, log) -> dict:
    return {"x": _iso(date), "y": math.log10(value) if log else float(value), "text": clean(text),
            "yanchor": "bottom", "xanchor": "center", "align": "center", "yshift": 8}


def _add_notes(form: Form, extra: list[dict]) -> None:
    """Annotations after the fact, at both widths (wrapped on the narrow one)."""
    plan = _Plan()
    for note in extra:
        plan.note({**note, "text": wrap(note["text"], 20)}, {**note, "text": wrap(note["text"], 10)})
    sizes = form.sizes
    narrow = {**sizes["narrow"], "annotations": [*sizes["narrow"]["annotations"], *(n for _, n in plan._notes)]}
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

    def __init__(self, plan: _Plan, names: Sequence[str], more: Sequence[str] | None = None, above=False, slot=0):
        self.plan, self.names = plan, [clean(n) for n in names]
        self.more = [clean(m) for m in (more if more is not None else [""] * len(self.names))]
        if len(set(self.names)) != len(self.names):
            raise ValueError("Two rows have the same category; add what tells them apart to the name.")
        self.above = above
        self.wide = [wrap(name, 92 if above else 32) for name in self.names]
        self.slim = [wrap(name, 44) for name in self.names]
        self.left = 0 if above else max(map(text_width, self.wide)) + 14
        self.widths = WIDTH - 2 * _SIDE - self.left, NARROW - 2 * _SIDE
        tall = max(_lines(t) for t in self.wide)
        self.slots = [self._above_slot(self.wide, 88) if above else max(38, 17 * tall + 12, slot),
                      max(self._above_slot(self.slim, 46), slot)]
        self._set_axis()
        self._label_rows()

    def _above_slot(self, names, characters) -> float:
        return max(17 * (_lines(n) + (_lines(wrap(m, characters)) if m else 0)) for n, m in zip(names, self.more)) \
            + _BAR + 20

    def _set_axis(self) -> None:
        count = len(self.names)
        hidden = {"showticklabels": False, "ticks": ""}
        self.plan.layout["yaxis"] = {
            "type": "category", "categoryorder": "array", "categoryarray": self.names,
            "range": [count - 0.5, -0.5], "tickmode": "array", "tickvals": self.names, "ticktext": self.wide,
            "showgrid": False, "tickfont": {"color": _ink("ink"), "size": _TEXT}, **(hidden if self.above else {}),
        }
        self.plan.narrow["yaxis"] = hidden
        self.plan.layout["bargap"] = 1 - _BAR / self.slots[0]
        self.plan.narrow["bargap"] = 1 - _BAR / self.slots[1]

    def _label_rows(self) -> None:
        for index, more in enumerate(self.more):
            place = {"xref": "paper", "x": 0, "y": index, "yanchor": "bottom", "yshift": _BAR / 2 + 2, "borderpad": 0}
            notes = [{**place, "text": self._two(name, more, limit)}
                     for name, limit in ((self.wide[index], 88), (self.slim[index], 46))]
            self.plan.note(notes[0] if self.above else None, notes[1])

    def _two(self, name, more, limit) -> str:
        if not more:
            return name
        return f'<b>{name}</b><br><span style="color:{_ink("muted")}">{wrap(more, limit)}</span>'

    def form(self, extra: float = 12) -> Form:
        """The finished figure, as tall as its rows need."""
        count = len(self.names)
        top, narrow_top = self.plan.margin["t"], self.plan.narrow_margin["t"]
        lift = [(slot - _BAR) / 2 - 4 for slot in self.slots]
        if self.above:
            self.plan.layout["yaxis"]["range"] = [count - 0.5 - lift[0] / self.slots[0] * 0.7, -0.5 - lift[0] / self.slots[0]]
        bottom = 0.7 * lift[1] / self.slots[1]
        self.plan.narrow["yaxis"]["range"] = [count - 0.5 - bottom, -0.5 - lift[1] / self.slots[1]]
        wide = self.slots[0] * (count + (0.3 * lift[0] / self.slots[0] if self.above else 0))
        narrow = self.slots[1] * (count + 0.3 * lift[1] / self.slots[1])
        return self.plan.form(wide + top + extra, narrow + narrow_top + extra)


def _length_axis(plan: _Plan, axis: _RowAxis, values: Sequence[float], texts: Sequence[str]) -> None:
    """An x axis from zero, long enough that the text after every bar stays inside, at both widths."""
    for layout, width in ((plan.layout, axis.widths[0]), (plan.narrow, axis.widths[1])):
        sides = []
        for sign in (1, -1):
            pairs = [(abs(v), text_width(t) + 12) for v, t in zip(values, texts) if not pd.isna(v) and v * sign > 0]
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
        Column with a second, quieter line under the name (needs `above`, or shows on phones only).
    unit
        A unit_id, for the numbers written.
    hover
        Column with the text of the hover; default: name and number.
    above
        Names above the bars at both widths, for long ones.
    """
    plan = _Plan()
    table = _bar_table(rows, category, value, colour, label, states, unit, hover)
    if states:
        plan.key(_state_key(table["state"]))
    if not horizontal:
        return _columns(plan, table, unit)
    axis = _RowAxis(plan, list(table["name"]), list(rows[more]) if more else None, above)
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
        **{along: lengths, across: list(part["name"])}, orientation="h" if horizontal else "v",
        name=STATES.get(state, "") or "values", marker=_bar_marker(state, token), text=list(part["text"]),
        textposition="outside", textfont={"color": _ink("ink"), "size": _TEXT}, cliponaxis=False,
        constraintext="none", textangle=0, hovertext=list(part["hover"]), hovertemplate="%{hovertext}<extra></extra>",
        meta={"layout": True} if missing.any() else None,
    )


def _columns(plan: _Plan, table: pd.DataFrame, unit: str) -> Form:
    top = max((v for v in table["value"] if not pd.isna(v)), default=1) * 1.12
    low = min(0, min((v for v in table["value"] if not pd.isna(v)), default=0) * 1.15)
    for (state, token), part in table.groupby(["state", "token"], sort=False):
        plan.traces.append(_bar_trace(state, token, part, top * 0.06, False))
    _column_axis(plan, list(table["name"]))
    plan.layout["yaxis"] = {"range": [low, top], "showticklabels": False, "showgrid": False}
    fits = max(map(text_width, table["text"])) <= (NARROW - 2 * _SIDE) / len(table) - 2
    if not fits:
        marks = ticks(low, top)
        plan.layout["yaxis"] = {"range": [low, top], "tickvals": marks, "ticktext": _tick_words(marks, _unit(unit))}
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
    plan.key([("■", tokens[c], words) for c, words in parts.items()])
    names = [clean(n) for n in rows[category]]
    sums = rows[list(parts)].sum(axis=1, min_count=1)
    for column, words in parts.items():
        plan.traces.append(_part_trace(rows, names, column, words, tokens[column], unit, horizontal))
    texts = [number(s) if total else "" for s in sums]
    plan.layout["barmode"] = "stack"
    if horizontal:
        axis = _RowAxis(plan, names)
        _length_axis(plan, axis, list(sums), texts)
        _total_notes(plan, list(sums), texts, True)
        return axis.form()
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
    plan.key([("□", tokens[0], words[0]), ("■", tokens[1], words[1])])
    texts = [_pair_text(a, b, unit) for a, b in zip(rows[first], rows[second])]
    longest = [max((float(v) for v in pair if not pd.isna(v)), default=0.0) for pair in zip(rows[first], rows[second])]
    axis = _RowAxis(plan, list(rows[category]), slot=46)
    _length_axis(plan, axis, longest, texts)
    hollow, solid = _bar_marker("promised", tokens[0]), _bar_marker("built", tokens[1])
    for column, name, marker, width in ((first, words[0], hollow, 0.46), (second, words[1], solid, 0.2)):
        values = [None if pd.isna(v) else float(v) for v in rows[column]]
        hovers = [_hover(html.unescape(n), f"{name}: {html.unescape(written(v if v is not None else math.nan, unit))}")
                  for n, v in zip(axis.names, values)]
        plan.traces.append(go.Bar(x=values, y=axis.names, orientation="h", name=name, marker=marker, width=width,
                                  hovertext=hovers, hovertemplate="%{hovertext}<extra></extra>"))
    for index, (value, text) in enumerate(zip(longest, texts)):
        plan.note({"x": value, "y": index, "xshift": 7, "text": text}, {"x": value, "y": index, "xshift": 7, "text": text})
    plan.layout |= {"barmode": "overlay"}
    return axis.form()


def _pair_text(first, second, unit) -> str:
    a = number(first) if not pd.isna(first) else "no figure"
    if pd.isna(second):
        return f"{a} · no figure"
    return f"{a} · <b>{number(second)}</b>"


def range_dots(rows: pd.DataFrame, category: str, value: str, label: str | None = None, colour: str | None = None,
               unit: str = "", hover: str | None = None) -> Form:
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
        _extreme_notes(plan, axis, name, [(float(v), s) for v, s, n in zip(rows[value], said, safe) if n == name], unit)
    hovers = [wrap(clean(t), 52) for t in rows[hover]] if hover else \
        [_hover(html.unescape(n), html.unescape(written(v, unit)), html.unescape(s)) for n, v, s in zip(safe, rows[value], said)]
    plan.traces.append(_scatter("values", "markers", x=[float(v) for v in rows[value]], y=safe, hovertext=hovers,
                                marker={"size": 13, "color": [_ink(t) for t in token],
                                        "line": {"color": _ink("surface"), "width": 1.5}}))
    return axis.form(34)


def _dot_axis(plan, axis, values, unit) -> None:
    marks = ticks(min(0, *values) if min(values) < 0.6 * max(values) else min(values), max(values))
    span = marks[-1] - marks[0]
    plan.layout["xaxis"] = {"range": [marks[0] - 0.03 * span, marks[-1] + 0.05 * span], "tickvals": marks,
                            "ticktext": _tick_words(marks, _unit(unit)), "showgrid": True}
    every = math.ceil(len(marks) * max(map(text_width, plan.layout["xaxis"]["ticktext"])) * 1.3 / axis.widths[1])
    plan.narrow["xaxis"] = {"tickvals": marks[::every], "ticktext": plan.layout["xaxis"]["ticktext"][::every]}


def _extreme_notes(plan, axis, name, own, unit) -> None:
    """The lowest and the highest value are written under their dots, apart from each other."""
    low, high = min(own), max(own)
    left, right = plan.layout["xaxis"]["range"]
    for (value, said), anchor in ((low, "right"), (high, "left")) if low != high else ((low, "center"),):
        share = (value - left) / (right - left)
        anchor = "left" if share < 0.25 and anchor == "right" else "right" if share > 0.75 else anchor
        if anchor == "left" and low != high and value == low[0] and (high[0] - low[0]) / (right - left) < 0.3:
            continue
        text = f"<b>{number(value)}</b> {said}".strip()
        place = {"x": value, "y": axis.names.index(name), "yanchor": "top", "yshift": -8, "xanchor": anchor,
                 "align": anchor, "xshift": {"left": -6, "right": 6, "center": 0}[anchor]}
        plan.note({**place, "text": text}, {**place, "text": text if len(text) < 32 else f"<b>{number(value)}</b>"})


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
    plan.key([("○", "promised", "promised"), ("●", "built", "happened")])
    axis = _RowAxis(plan, list(rows[label]), list(rows[more]) if more else None, slot=50)
    due = [[tables.period_bounds(p)[1] for p in ([cell] if isinstance(cell, str) else cell) if p] for cell in rows[promised]]
    real = [_when(cell) if isinstance(cell, str) and cell else pd.NaT for cell in rows[happened]]
    texts = [_slip_text(d, r, cell) for d, r, cell in zip(due, real, rows[happened])]
    known = [stamp for d, r in zip(due, real) for stamp in [*d, r] if not pd.isna(stamp)]
    _slip_axis(plan, axis, known, list(zip(due, real)), texts)
    for name, dates, stamp, text in zip(axis.names, due, real, texts):
        _slip_row(plan, axis, name, dates, stamp, text, max(known))
    plan.traces += [_slip_dots(axis, rows, promised, due, "promised"), _slip_dots(axis, rows, happened, real, "happened")]
    return axis.form(34)


def _slip_text(due, real, cell) -> str:
    if pd.isna(real):
        return "no date found"
    if not due:
        return "no date promised"
    months = round((real - due[0]).days / 30.44)
    about = "" if len(cell) == 10 else "about "
    if abs(months) < 1:
        return "on time"
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
        years = [y for y in range(first.year, end.year + 1) if y % step == 0]
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
    return _scatter(kind, "markers", x=[_iso(s) for _, s, _ in flat], y=[n for n, _, _ in flat], marker=marker,
                    hovertext=hovers)
