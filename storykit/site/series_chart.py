"""The small chart on the page of a series: lines and points as SVG paths, drawn without a browser.

A panel is one path for each way a value is drawn, in a box of `WIDTH` by `HEIGHT` units that the page stretches;
its words stand beside it as text. What is joined is joined by the rules of the book's own charts
(`forms.lines`): only where the series says that its values are one sequence, never over a missing period, and a
value that lies ahead is hollow and never on the line of those that were seen.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from storykit import periods, receipts, reshape, tables
from storykit.site import cards, views

WIDTH, HEIGHT = 600, 160
"""Units of a panel."""
MOST_POINTS = 320
"""So many values are drawn in all, the last ones: a chart weighs at most 3 KiB."""
MOST_PANELS = 16
DOTTED = 45
"""A line of more values has no dots on it."""
AHEAD = ("forecast", "target")
"""Kinds of values that lie ahead."""
KEPT = 0.5
"""The scale begins at zero, unless the lowest value is more than so much of the highest."""


def chart(rows: pd.DataFrame, line: bool) -> views.SeriesChart | None:
    """The chart of a series; None where fewer than two values can be told apart.

    Parameters
    ----------
    rows
        Its observations, as `tables.load` gives them.
    line
        Whether its values are one sequence.
    """
    leading = rows[(rows["standing"] == "lead") & rows["value"].notna()]
    places = list(
        leading["geography"].value_counts(sort=False).sort_values(ascending=False, kind="stable").index
    )
    if len(places) > 1 and leading["geography"].value_counts().max() == 1:
        return _by_place(leading)
    dated = rows[(rows["period"] != "undated") & rows["value"].notna()]
    dated = dated.assign(date=dated["period"].map(periods.middle)).sort_values("date", kind="stable")
    if dated["date"].nunique() < 2:
        return None
    names = tables.records("geographies")
    shown = places[:MOST_PANELS]
    most = MOST_POINTS // len(shown)
    parts = [dated[dated["geography"] == place] for place in shown]
    span = dated["date"].min(), dated["date"].max()
    many = len(shown) > 1
    panels = tuple(
        _panel(names[place]["name"] if many else "", part.tail(most), line, span, many)
        for place, part in zip(shown, parts, strict=True)
        if len(part)
    )
    left_out = len(dated) - sum(min(len(part), most) for part in parts)
    ends = dated.iloc[0]["period"], dated.iloc[-1]["period"]
    return views.SeriesChart(
        panels=panels,
        first=receipts.date_words(ends[0]),
        last=receipts.date_words(ends[1]),
        drawn=len(dated) - left_out,
        left_out=left_out,
        ahead=bool(dated["nature"].isin(AHEAD).any()),
        others=bool((dated["standing"] != "lead").any()),
        joined=line,
    )


def scale(values: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest value of a panel's scale."""
    low, high = min(values), max(values)
    if low > 0 and low <= KEPT * high:
        low = 0.0
    if high < 0 and high >= KEPT * low:
        high = 0.0
    return (low, high) if high > low else (min(low, 0.0), max(high, 0.0) or 1.0)


def _panel(
    name: str, rows: pd.DataFrame, line: bool, span: tuple[pd.Timestamp, pd.Timestamp], many: bool
) -> views.ChartPanel:
    low, high = scale(list(rows["value"]))
    days = (span[1] - span[0]).days

    def spots(part: pd.DataFrame) -> list[tuple[int, int]]:
        return [
            (round((date - span[0]).days / days * WIDTH), round((high - value) / (high - low) * HEIGHT))
            for date, value in zip(part["date"], part["value"], strict=True)
        ]

    leading = rows[rows["standing"] == "lead"]
    ahead = leading["nature"].isin(AHEAD)
    seen, coming, others = leading[~ahead], leading[ahead], rows[rows["standing"] != "lead"]
    forecast = coming[coming["nature"] == "forecast"]
    strokes = []
    if line and len(seen) > 1:
        strokes.append(("", _joined(spots(seen), reshape.gaps(list(seen["date"])))))
    if line and len(forecast) > 1:
        strokes.append(("dotted", _joined(spots(forecast), reshape.gaps(list(forecast["date"])))))
    if not line or len(seen) == 1 or (len(seen) <= DOTTED and not many):
        strokes.append(("dots", _dots(spots(seen))))
    strokes += [("ring", _dots(spots(coming))), ("hole", _dots(spots(coming)))]
    strokes.append(("other", _dots(spots(others))))
    last = (leading if len(leading) else rows).iloc[-1]
    return views.ChartPanel(
        name=name,
        high=_end(rows, high),
        low=_end(rows, low),
        last=f"{cards.written(last['observation_id'])} ({receipts.date_words(last['period'])})",
        width=WIDTH,
        height=HEIGHT,
        strokes=tuple(views.Stroke(kind, path) for kind, path in strokes if path),
    )


def _end(rows: pd.DataFrame, value: float) -> str:
    """An end of the scale in words: a value of the rows as readers write it, or zero."""
    found = rows[rows["value"] == value]
    return cards.written(str(found.iloc[0]["observation_id"])) if len(found) else f"{value:g}"


def _joined(spots: Sequence[tuple[int, int]], gaps: Sequence[bool]) -> str:
    """A line through spots, each step from the last, taken up anew behind a gap."""
    steps, (x, y) = [], (0, 0)
    for (across, down), gap in zip(spots, [True, *gaps], strict=True):
        steps.append(f"M{across} {down}" if gap else f"l{across - x} {down - y}")
        x, y = across, down
    return _shorter("".join(steps))


def _dots(spots: Sequence[tuple[int, int]]) -> str:
    """A dot at each spot: a line without length, with round ends."""
    return "".join(f"M{x} {y}h0" for x, y in spots)


def _shorter(path: str) -> str:
    return path.replace(" -", "-")


def _by_place(rows: pd.DataFrame) -> views.SeriesChart:
    """One value for each place: bars from zero, the longest first."""
    names = tables.records("geographies")
    ordered = rows.sort_values(["value", "geography"], ascending=[False, True])[:MOST_PANELS]
    low, high = min(0.0, float(rows["value"].min())), max(0.0, float(rows["value"].max()))
    length = (high - low) or 1.0

    def across(value: float) -> int:
        return round((value - low) / length * WIDTH)

    panels = tuple(
        views.ChartPanel(
            name=names[r.geography]["name"],
            high="",
            low="",
            last=f"{cards.written(r.observation_id)} ({receipts.date_words(r.period)})",
            width=WIDTH,
            height=BAR,
            strokes=(
                views.Stroke(
                    "bar ahead" if r.nature in AHEAD else "bar", f"M{across(0)} {BAR // 2}H{across(r.value)}"
                ),
            ),
        )
        for r in reshape.one_by_one(ordered)
    )
    return views.SeriesChart(
        panels=panels,
        first="",
        last="",
        drawn=len(ordered),
        left_out=len(rows) - len(ordered),
        ahead=bool(rows["nature"].isin(AHEAD).any()),
        others=False,
        joined=False,
    )


BAR = 12
"""Height of a bar's panel in units."""
