"""Rows and columns of bars: single, stacked, paired, each from zero."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from storykit.figures import NARROW, WIDTH
from storykit.forms.plan import CYCLE, SIDE, STATES, Form, Plan, tick_words, ticks
from storykit.forms.words import (
    PALE,
    SMALL,
    TEXT,
    bare,
    clean,
    hover_text,
    ink,
    line_count,
    number,
    text_width,
    unit_of,
    wrap,
    written,
)

_HATCH = {"shape": "/", "size": 6, "solidity": 0.25}

_BAR = 22  # thickness of a bar, px


class RowAxis:
    """Categories down the page: names to the left of the plot, or above each row on a phone.

    `widths` are the plot's widths in px; `heights` those of the whole figure.
    """

    def __init__(
        self,
        plan: Plan,
        names: Sequence[str],
        more: Sequence[str] | None = None,
        above: bool = False,
        slot: float = 0,
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
        self.widths = WIDTH - 2 * SIDE - self.left, NARROW - 2 * SIDE
        tall = max(line_count(t) for t in self.side)
        self.slots: list[float] = [
            self._above_slot(self.wide, 88) if above else max(38, 17 * tall + 12, slot),
            max(self._above_slot(self.slim, 46), slot),
        ]
        self._set_axis()
        self._label_rows()

    def _above_slot(self, names: Sequence[str], characters: int) -> float:
        return (
            max(
                17 * (line_count(n) + (line_count(wrap(m, characters)) if m else 0))
                for n, m in zip(names, self.more)
            )
            + self.thick
            + 20
        )

    def _set_axis(self) -> None:
        count = len(self.names)
        hidden = {"showticklabels": False, "ticks": ""}
        self.plan.margin["l"] = SIDE + self.left
        self.plan.layout["yaxis"] = {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": self.names,
            "range": [count - 0.5, -0.5],
            "tickmode": "array",
            "tickvals": self.names,
            "ticktext": self.side,
            "showgrid": False,
            "tickfont": {"color": ink("ink"), "size": TEXT},
            "ticks": "outside",
            "ticklen": 6,
            "tickcolor": ink("surface"),
            "automargin": False,
            **(hidden if self.above else {}),
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
            notes = [
                {**place, "text": self._two(name, more, limit)}
                for name, limit in ((self.wide[index], 88), (self.slim[index], 46))
            ]
            self.plan.note(notes[0] if self.above else None, notes[1])

    def _two(self, name: str, more: str, limit: int, plain: bool = False) -> str:
        if not more:
            return name
        name = name if plain else f"<b>{name}</b>"
        return f'{name}<br><span style="color:{ink("muted")}">{wrap(more, limit)}</span>'

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


def _length_axis(plan: Plan, axis: RowAxis, values: Sequence[float], texts: Sequence[str]) -> None:
    """An x axis from zero, long enough that the text after every bar stays inside, at both widths."""
    for layout, width in ((plan.layout, axis.widths[0]), (plan.narrow, axis.widths[1])):
        sides = []
        for sign in (1, -1):
            pairs = [
                (abs(v), text_width(t) + 12) for v, t in zip(values, texts) if not pd.isna(v) and v * sign > 0
            ]
            sides.append(max((v * width / max(width - w, width * 0.25) for v, w in pairs), default=0))
        layout["xaxis"] = {"range": [-sides[1], sides[0] or 1]}
    plan.layout["xaxis"] |= {
        "showgrid": False,
        "showline": False,
        "showticklabels": False,
        "ticks": "",
        "zeroline": True,
        "zerolinecolor": ink("rule"),
        "zerolinewidth": 1,
    }


def bars(
    rows: pd.DataFrame,
    category: str,
    value: str,
    colour: str | dict[str, str] | None = None,
    label: str | None = None,
    horizontal: bool = True,
    states: str | None = None,
    more: str | None = None,
    unit: str = "",
    hover: str | None = None,
    above: bool = False,
    key: dict[str, str] | None = None,
) -> Form:
    """Bars from zero with their values written.

    Parameters
    ----------
    category, value
        Columns: the name (unique) and the number (NaN: a hatched stub, "no published figure").
    colour
        A token for all, or `{category: token}` (others grey). Not with `states`.
    label
        Column with the text at the end of the bar; where there is none, the number with `unit`.
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
    key
        State -> what it stands for here, in words of the chart's subject.
    """
    plan = Plan()
    table = _bar_table(rows, category, value, colour, label, states, unit, hover)
    if not horizontal:
        plan.key(_state_key(table["state"], key) if states else [])
        return _columns(plan, table, unit)
    axis = RowAxis(plan, list(table["name"]), list(rows[more]) if more else None, above)
    plan.key(_state_key(table["state"], key) if states else [], axis.left)
    _length_axis(plan, axis, list(table["value"]), list(table["text"]))
    stub = 0.05 * plan.layout["xaxis"]["range"][1]
    plan.traces += [
        _bar_trace(str(state), str(token), part, stub, True)
        for (state, token), part in table.groupby(["state", "token"], sort=False)
    ]
    plan.layout |= {"barmode": "overlay"}
    return axis.form()


def steps_to_scale(
    rows: pd.DataFrame,
    label: str,
    value: str,
    wording: str | None = None,
    states: str | None = None,
    unit: str = "",
    colour: str | dict[str, str] | None = None,
    key: dict[str, str] | None = None,
    zoom: float | None = None,
) -> Form:
    """Different counts of one story drawn to one scale, top to bottom, each with its own wording.

    Columns: `label` (what was counted), `value`, `wording` (definition and date, quieter),
    `states` and `key` as in `bars`. The smallest bar is drawn to scale too, at least a hair wide.
    `zoom`: rows of at most this value, and those without one, stand below the others on a scale of their own, and a
    line says how many times as large it is.
    """
    given: dict[str, Any] = {"colour": colour, "states": states, "more": wording, "key": key}
    if zoom is None:
        return bars(rows, label, value, unit=unit, above=True, **given)
    return _zoomed(rows, (label, value, unit), zoom, given)


def _zoomed(rows: pd.DataFrame, names: tuple[str, str, str], most: float, given: dict[str, Any]) -> Form:
    """Bars of two scales under one another; the second has an axis of its own over the first."""
    label, value, unit = names
    little = rows[value].isna() | (rows[value] <= most)
    factor = _round_factor(rows.loc[~little, value].max() / rows.loc[little, value].max())
    line = f"Drawn {factor:,.0f} times as large from here on"
    rows = rows.assign(_text=_written(rows, value, unit))
    turn = pd.DataFrame([{label: line, value: 0.0, "_text": "\u2009"}])
    both = pd.concat([rows[~little], turn, rows[little]], ignore_index=True)
    for column in filter(None, (given["more"], given["states"])):
        both[column] = both[column].fillna("")
    first = int((~little).sum()) + 1
    scaled = both.assign(**{value: both[value].where(both.index < first, both[value] * factor)})
    figure = bars(scaled, label, value, label="_text", above=True, **given)
    enlarged = {clean(name) for name in both[label].iloc[first:]}
    parts = [part for trace in figure.data for part in _parted(trace, enlarged, clean(line), factor)]
    figure.data = ()
    figure.add_traces(parts)
    ends, slim = figure.layout.xaxis.range, figure.sizes["narrow"]["xaxis"]["range"]
    axis = {"overlaying": "x", "anchor": "y", "visible": False, "fixedrange": True}
    figure.update_layout(xaxis2={**axis, "range": [end / factor for end in ends]})
    figure.set_narrow(xaxis2={"range": [end / factor for end in slim]})
    shade = {"type": "rect", "layer": "below", "xref": "paper", "x0": 0, "x1": 1, "line": {"width": 0}}
    figure.add_shape({**shade, "y0": first - 1.5, "y1": len(both) - 0.5, "fillcolor": ink("paper")})
    return figure


def _round_factor(factor: float) -> float:
    """A factor as one would say it: two figures at most, never more than it is."""
    step = 10 ** max(0, math.floor(math.log10(factor)) - 1)
    return float(max(1, math.floor(factor / step) * step))


def _parted(trace: go.Bar, enlarged: set[str], line: str, factor: float) -> Iterator[go.Bar]:
    """The bars of a trace on the first scale, and those on the second with their true lengths again."""
    for on_second in (False, True):
        kept = [i for i, name in enumerate(trace.y) if (name in enlarged) is on_second and name != line]
        if not kept:
            continue
        part = go.Bar(trace)
        for field in ("x", "y", "text", "hovertext"):
            part[field] = [trace[field][i] for i in kept]
        if on_second:
            part.update(x=[x / factor for x in part.x], xaxis="x2")
        yield part


def _written(rows: pd.DataFrame, value: str, unit: str) -> list[str]:
    recorded = rows["recorded"] if "recorded" in rows else [""] * len(rows)
    return [bare(written(v, unit, recorded=text)) for v, text in zip(rows[value], recorded)]


def _bar_table(
    rows: pd.DataFrame,
    category: str,
    value: str,
    colour: str | dict[str, str] | None,
    label: str | None,
    states: str | None,
    unit: str,
    hover: str | None,
) -> pd.DataFrame:
    own = rows[label] if label else [""] * len(rows)
    texts = [clean(text) or usual for text, usual in zip(own, _written(rows, value, unit))]
    names = [clean(c) for c in rows[category]]
    given = list(rows[states]) if states else ["" if not pd.isna(v) else "unknown" for v in rows[value]]
    unknown = [s for s in given if s and s not in STATES]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no state; there are {', '.join(STATES)}.")
    tokens = [s or _token(colour, c) for s, c in zip(given, rows[category])]
    hovers = (
        [wrap(clean(t), 52) for t in rows[hover]]
        if hover
        else [hover_text(html.unescape(n), t) for n, t in zip(names, texts)]
    )
    numbers = [math.nan if pd.isna(v) else float(v) for v in rows[value]]
    return pd.DataFrame(
        {"name": names, "value": numbers, "text": texts, "state": given, "token": tokens, "hover": hovers}
    )


def _token(colour: str | dict[str, str] | None, key: str) -> str:
    if isinstance(colour, dict):
        return colour.get(key, "unknown")
    return colour or "built"


def _state_key(states: Iterable[str], key: dict[str, str] | None) -> list[tuple[str, str, str]]:
    """The key of the states drawn; with `key` only what it names, in its words and order."""
    marks = {"promised": "□", "built": "■", "used": "■", "unknown": "▨"}
    drawn = set(states)
    if strange := [state for state in key or {} if state not in drawn]:
        raise ValueError(
            f"The key names {strange[0]!r}, which is not drawn; drawn are {', '.join(sorted(drawn))}."
        )
    return [(marks[s], s, words) for s, words in (key or STATES).items() if s in drawn]


def _bar_marker(state: str, token: str) -> dict[str, Any]:
    colour = ink(token)
    if state == "promised":
        return {"color": ink("surface"), "line": {"color": colour, "width": 2}}
    if state == "unknown":
        return {
            "color": ink("surface"),
            "line": {"color": colour, "width": 1},
            "pattern": {**_HATCH, "fgcolor": colour, "bgcolor": ink("surface")},
        }
    return {"color": colour, "line": {"color": colour, "width": 1}}


def _bar_trace(state: str, token: str, part: pd.DataFrame, stub: float, horizontal: bool) -> go.Bar:
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
        textfont={"color": ink("ink"), "size": TEXT},
        cliponaxis=False,
        constraintext="none",
        textangle=0,
        hovertext=list(part["hover"]),
        hovertemplate="%{hovertext}<extra></extra>",
        meta={"layout": True} if missing.any() else None,
    )


def _columns(plan: Plan, table: pd.DataFrame, unit: str) -> Form:
    top = max((v for v in table["value"] if not pd.isna(v)), default=1) * 1.12
    low = min(0, min((v for v in table["value"] if not pd.isna(v)), default=0) * 1.15)
    table["text"] = [t.replace("no published figure", "no<br>figure") for t in table["text"]]
    for (state, token), part in table.groupby(["state", "token"], sort=False):
        plan.traces.append(_bar_trace(str(state), str(token), part, top * 0.06, False))
    _column_axis(plan, list(table["name"]))
    plan.layout["yaxis"] = {"range": [low, top], "showticklabels": False, "showgrid": False}
    fits = max(map(text_width, table["text"])) <= (NARROW - 2 * SIDE) / len(table) - 2
    if not fits:
        marks = ticks(low, top)
        plan.layout["yaxis"] = {
            "range": [low, top],
            "tickvals": marks,
            "ticktext": tick_words(marks, unit_of(unit)),
        }
        for trace in plan.traces:
            trace.text = None
    plan.layout |= {"barmode": "overlay", "bargap": 0.28}
    return plan.form(360 + plan.margin["t"], 320 + plan.narrow_margin["t"])


def _column_axis(plan: Plan, names: Sequence[str]) -> None:
    """Names under columns: wrapped, and thinned out on a phone when there are many."""
    names = list(dict.fromkeys(names))
    for layout, width, size in ((plan.layout, WIDTH, TEXT), (plan.narrow, NARROW, SMALL)):
        slot = (width - 60) / len(names)
        texts = [wrap(n, max(4, int(slot / (size * 0.64)))) for n in names]
        widest = max(text_width(t, size) for t in texts)
        step = max(1, math.ceil((widest + 4) / slot))
        layout["xaxis"] = {
            "tickvals": names[::step],
            "ticktext": texts[::step],
            "tickangle": 0,
            "tickfont": {"size": size},
        }
    plan.layout["xaxis"] |= {"type": "category", "categoryorder": "array", "categoryarray": names}


def stacked_bars(
    rows: pd.DataFrame,
    category: str,
    parts: dict[str, str] | Sequence[str],
    colours: dict[str, str] | Sequence[str] | None = None,
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
        `{column: words}`, or columns that are words, from the base outwards; a missing part is left out, not zero.
    colours
        `{column: token}`, or tokens in the order of the parts; default: the cycle of tokens.
    total
        Write the sum at the end (horizontal bars, and columns where there is room).
    """
    plan = Plan()
    parts = parts if isinstance(parts, dict) else {column: column for column in parts}
    colours = (
        colours if colours is None or isinstance(colours, dict) else dict(zip(parts, colours, strict=True))
    )
    tokens = {c: (colours or {}).get(c, CYCLE[i % len(CYCLE)]) for i, c in enumerate(parts)}
    key = [("■", tokens[c], words) for c, words in parts.items()]
    names = [clean(n) for n in rows[category]]
    sums = rows[list(parts)].sum(axis=1, min_count=1)
    for column, words in parts.items():
        plan.traces.append(_part_trace(rows, names, column, words, tokens[column], unit, horizontal))
    texts = [number(s) if total else "" for s in sums]
    plan.layout["barmode"] = "stack"
    if horizontal:
        axis = RowAxis(plan, names)
        plan.key(key, axis.left)
        _length_axis(plan, axis, list(sums), texts)
        _total_notes(plan, list(sums), texts, True)
        return axis.form()
    plan.key(key)
    _column_axis(plan, names)
    marks = ticks(0, float(sums.max()))
    plan.layout["yaxis"] = {
        "range": [0, max(marks[-1], float(sums.max()) * 1.08)],
        "tickvals": marks,
        "ticktext": tick_words(marks, unit_of(unit)),
    }
    plan.layout["bargap"] = 0.28
    _total_notes(plan, list(sums), texts, False)
    return plan.form(360 + plan.margin["t"], 320 + plan.narrow_margin["t"])


def _part_trace(
    rows: pd.DataFrame, names: Sequence[str], column: str, words: str, token: str, unit: str, horizontal: bool
) -> go.Bar:
    values = [None if pd.isna(v) else float(v) for v in rows[column]]
    hovers = [
        hover_text(html.unescape(n), f"{words}: {html.unescape(written(v, unit))}") if v is not None else ""
        for n, v in zip(names, values)
    ]
    along, across = ("x", "y") if horizontal else ("y", "x")
    return go.Bar(
        **{along: values, across: names},
        orientation="h" if horizontal else "v",
        name=words,
        marker={"color": ink(token), "line": {"color": ink("surface"), "width": 1}},
        insidetextfont={"color": ink("ink" if token in PALE else "surface"), "size": TEXT},
        hovertext=hovers,
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _total_notes(plan: Plan, sums: Sequence[float], texts: Sequence[str], horizontal: bool) -> None:
    """The sum at the end of each bar; over columns only at a width at which all have room."""
    fits = [
        horizontal or max(text_width(t, size) for t in texts) <= (width - 60) / len(texts)
        for width, size in ((WIDTH, TEXT), (NARROW, SMALL))
    ]
    for index, (value, text) in enumerate(zip(sums, texts)):
        if not text or pd.isna(value):
            continue
        place = (
            {"x": value, "y": index, "xshift": 5}
            if horizontal
            else {"x": index, "y": value, "xanchor": "center", "yanchor": "bottom", "yshift": 2}
        )
        if any(fits):
            plan.note(*({**place, "text": text} if fit else None for fit in fits))


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
    plan = Plan()
    texts = [_pair_text(a, b, words, tokens) for a, b in zip(rows[first], rows[second])]
    longest = [
        max((float(v) for v in pair if not pd.isna(v)), default=0.0)
        for pair in zip(rows[first], rows[second])
    ]
    axis = RowAxis(plan, list(rows[category]), slot=48, thick=28)
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
            hover_text(
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


def _pair_text(first: Any, second: Any, words: tuple[str, str], tokens: tuple[str, str]) -> str:
    """Both numbers, each with its word, or with its mark of the key where the words are long."""
    brief, between = [clean(word.split(",")[0]) for word in words], ", "
    if max(map(len, brief)) > 12:
        between = "\u2002"
        brief = [f'<span style="color:{ink(t)}">{mark}</span>' for mark, t in zip("□■", tokens)]
    a = "no figure" if pd.isna(first) else number(first)
    b = "no figure" if pd.isna(second) else f"{brief[1]} <b>{number(second)}</b>"
    return f"{brief[0]} {a}{between}{b}"
