"""Where the marks of a figure's picture lie, and what each says: hover, tap and arrow keys need no charting library.

Positions are read from the picture itself, not worked out from the axes: plotly has stacked the bars, converted the
dates and set the panels already, and a picture drawn by another Chromium or plotly brings its own. An SVG of plotly
holds one element for each datum of a trace, in their order; where it does not, no position is believed.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from storykit import descriptor, figures, receipts, tables
from storykit.forms import said
from storykit.site import links


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a mark lies, in CSS pixels of its picture: its middle, its size, and the outline of an area, as a path."""

    x: int
    y: int
    width: int
    height: int
    outline: str = ""


_SVG = "{http://www.w3.org/2000/svg}"
_STEP = re.compile(r"([MLHVZ])([^MLHVZ]*)")
_THICK = 8
"""Pixels that a span is taken to be thick."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


class MarksError(Exception):
    """A picture whose marks cannot be told apart; the message says which trace."""


@dataclasses.dataclass(frozen=True)
class Mark:
    """One datum: its trace, what it is, what is said of it, and its row's address from the site's root, or ""."""

    trace: int
    head: str
    told: str
    href: str


def of(record: figures.Record, wide: str, narrow: str) -> str:
    """The marks of a figure as JSON, small: a list for each property, and of numbers only how they change.

    `trace`, `head`, `told` and `href` hold a number for each mark, of its trace and in `heads`, `tolds` and `hrefs`
    (from the site's root, "" where a mark is no row); `wide` and `narrow` the x, y, width and height of all marks in
    the two pictures; `outlines` the number of a mark that is an area -> its two paths; `names` those of the traces,
    `bars` and `lines` the numbers of traces that are bars or spans, or whose points are joined.

    Parameters
    ----------
    record
        The figure.
    wide, narrow
        Its two pictures, as SVG; colours do not matter.

    Raises
    ------
    MarksError
        If positions cannot be taken from a picture.
    """
    traces = record.spec["data"]
    places = [_places(svg, traces) for svg in (wide, narrow)]
    drawn = [(mark, one, two) for mark, one, two in zip(_marks(record), *places, strict=True) if one and two]
    marks = [mark for mark, *_ in drawn]
    shipped = {
        "names": [trace.get("name", "") for trace in traces],
        "bars": [n for n, trace in enumerate(traces) if trace["type"] == "bar" or _is_span(trace)],
        "lines": [number for number, trace in enumerate(traces) if _is_line(trace)],
        "trace": _changes([mark.trace for mark in marks]),
        **_shared("head", [mark.head for mark in marks]),
        **_shared("told", [mark.told for mark in marks]),
        **_shared("href", [mark.href for mark in marks]),
        "wide": _columns([place for _, place, _ in drawn]),
        "narrow": _columns([place for *_, place in drawn]),
        "outlines": {
            number: [one.outline, two.outline] for number, (_, one, two) in enumerate(drawn) if one.outline
        },
    }
    return json.dumps(shipped, ensure_ascii=False, separators=(",", ":"))


def _shared(name: str, texts: list[str]) -> dict[str, list[Any]]:
    """Each text once, under the plural of the name, and the number of each mark's under the name."""
    once = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    return {f"{name}s": list(once), name: _changes([once[text] for text in texts])}


def _columns(places: list[Place]) -> list[list[int]]:
    return [_changes([getattr(place, part) for place in places]) for part in ("x", "y", "width", "height")]


def _changes(numbers: Sequence[int]) -> list[int]:
    """Each number less the one before: neighbours are near each other, and small numbers pack well."""
    return [after - before for before, after in itertools.pairwise([0, *numbers])]


def _answers(trace: dict[str, Any]) -> bool:
    """Whether a trace says something to who points at it."""
    return trace.get("hoverinfo") != "skip" and trace.get("visible", True) is True


def _is_line(trace: dict[str, Any]) -> bool:
    return (
        _answers(trace)
        and "lines" in trace.get("mode", "")
        and "fill" not in trace
        and not _is_span(trace)
        and len(trace["x"]) > 1
    )


def _is_span(trace: dict[str, Any]) -> bool:
    """Whether a line is one mark, which says the same all along: a time from one end to the other."""
    texts = trace.get("hovertext")
    return (
        trace.get("mode") == "lines" and isinstance(texts, list) and len(texts) > 1 and len(set(texts)) == 1
    )


def _data(trace: dict[str, Any]) -> list[tuple[Any, Any]]:
    return list(zip(trace.get("x") or [], trace.get("y") or [], strict=True))


# --- places ---------------------------------------------------------------------------------------


def _places(svg: str, traces: Sequence[dict[str, Any]]) -> Iterator[Place | None]:
    """The place of every datum of every trace that answers, in the order of `_marks`; None where nothing is drawn."""
    try:
        drawn = _drawn(ElementTree.fromstring(svg), traces)
    except ElementTree.ParseError as error:
        raise MarksError(f"its picture is no SVG ({error})") from None
    for number, trace in enumerate(traces):
        if not _answers(trace) or not _data(trace):
            continue
        if number not in drawn:
            raise MarksError(f"trace {number} is not in its picture")
        group, shift = drawn[number]
        try:
            yield from _places_of(trace, group, shift)
        except (ValueError, AttributeError) as error:
            raise MarksError(f"trace {number}: {error}") from None


Drawn = tuple[ElementTree.Element, tuple[float, float]]
"""What is drawn of a trace, and where its panel lies in the picture."""


def _drawn(root: ElementTree.Element, traces: Sequence[dict[str, Any]]) -> dict[int, Drawn]:
    """Trace -> what is drawn of it: scatter traces bear their number, bars stand in order in their panel."""
    found: dict[int, Drawn] = {}
    panels = [panel for group in root.iter(f"{_SVG}g") if group.get("class") == "overplot" for panel in group]
    for panel in panels:
        shift = _shift(panel)
        own = (
            n
            for n, t in enumerate(traces)
            if t["type"] == "bar" and t.get("xaxis", "x") + t.get("yaxis", "y") == panel.get("class")
        )
        for group in panel.iter(f"{_SVG}g"):
            kind = group.get("class") or ""
            if kind == "trace bars":
                found[next(own, -1)] = group, shift
            elif named := re.search(r"\btracet(\d+)\b", kind):
                found[int(named[1])] = group, shift
    return found


def _places_of(
    trace: dict[str, Any], group: ElementTree.Element, shift: tuple[float, float]
) -> Iterator[Place | None]:
    if trace["type"] == "bar":
        bars = [bar.find(f"{_SVG}path") for bar in group.iter(f"{_SVG}g") if bar.get("class") == "point"]
        yield from _in_order(trace, [_bar(bar, shift) for bar in bars], len(trace["x"]))
    elif _is_span(trace):
        lines = [path for path in group.iter(f"{_SVG}path") if path.get("class") == "js-line"]
        yield from _in_order(trace, [_span(path.get("d") or "", shift) for path in lines], 1)
    elif "fill" in trace:
        fills = [path for path in group.iter(f"{_SVG}path") if path.get("class") == "js-fill"]
        yield from _in_order(trace, [_area(path.get("d") or "", shift) for path in fills], 1)
    else:
        points = [
            path for path in group.iter(f"{_SVG}path") if "point" in (path.get("class") or "").split()
        ] or [*_vertices(trace, group)]
        known = [x is not None and y is not None for x, y in _data(trace)]
        places = iter(_in_order(trace, [_point(point, shift) for point in points], sum(known)))
        yield from (next(places) if is_known else None for is_known in known)


def _in_order(trace: dict[str, Any], places: list[Place | None], data: int) -> list[Place | None]:
    if len(places) != data:
        raise ValueError(f"{len(places)} marks are drawn of {data} ({trace.get('name') or trace['type']})")
    return places


def _vertices(trace: dict[str, Any], group: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The corners of a line without marks, as if they were marks."""
    if "markers" in trace.get("mode", ""):
        return
    for line in group.iter(f"{_SVG}path"):
        if line.get("class") == "js-line":
            for x, y in itertools.chain.from_iterable(_rings(line.get("d") or "")):
                yield ElementTree.Element("path", {"transform": f"translate({x},{y})", "d": "M2,0"})


def _shift(element: ElementTree.Element) -> tuple[float, float]:
    moved = element.get("transform") or "translate(0,0)"
    if not moved.startswith("translate("):
        raise ValueError(f"a mark is set by {moved}")
    x, y = (float(number) for number in _NUMBER.findall(moved.partition(")")[0]))
    return x, y


def _point(path: ElementTree.Element, shift: tuple[float, float]) -> Place | None:
    if "display: none" in (path.get("style") or ""):  # outside what the axes show
        return None
    (x, y), sizes = _shift(path), [abs(float(n)) for n in _NUMBER.findall(path.get("d") or "")]
    return Place(round(x + shift[0]), round(y + shift[1]), 2 * round(max(sizes)), 2 * round(max(sizes)))


def _bar(path: ElementTree.Element | None, shift: tuple[float, float]) -> Place | None:
    corners = [] if path is None else [*itertools.chain.from_iterable(_rings(path.get("d") or ""))]
    if len(corners) < 4:  # a value that is missing
        return None
    return _box(corners, shift)


def _box(corners: Sequence[tuple[float, float]], shift: tuple[float, float]) -> Place:
    (left, right), (top, bottom) = ((min(ends), max(ends)) for ends in zip(*corners))
    middle = round((left + right) / 2 + shift[0]), round((top + bottom) / 2 + shift[1])
    return Place(*middle, round(right - left), round(bottom - top))


def _span(path: str, shift: tuple[float, float]) -> Place:
    box = _box([*itertools.chain.from_iterable(_rings(path))], shift)
    return dataclasses.replace(box, width=max(box.width, _THICK), height=max(box.height, _THICK))


def _area(path: str, shift: tuple[float, float]) -> Place:
    rings = _rings(path)
    moved = [[(round(x + shift[0]), round(y + shift[1])) for x, y in ring] for ring in rings]
    kept = [[corner for corner, _ in itertools.groupby(ring)] for ring in moved]
    outline = "".join("M" + "L".join(f"{x},{y}" for x, y in ring) + "Z" for ring in kept if len(ring) > 2)
    largest = max(rings, key=lambda ring: _middle(ring)[1])
    (x, y), _ = _middle(largest)
    return dataclasses.replace(
        _box(largest, shift), x=round(x + shift[0]), y=round(y + shift[1]), outline=outline
    )


def _middle(ring: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], float]:
    """The middle of an area, and its size, by the shoelace formula; of none, its first corner."""
    pairs = list(zip(ring, [*ring[1:], ring[0]]))
    twice = [x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs]
    if not (size := math.fsum(twice)):
        return ring[0], 0.0
    x = math.fsum((a[0] + b[0]) * w for (a, b), w in zip(pairs, twice)) / (3 * size)
    y = math.fsum((a[1] + b[1]) * w for (a, b), w in zip(pairs, twice)) / (3 * size)
    return (x, y), abs(size)


def _rings(path: str) -> list[list[tuple[float, float]]]:
    """The corners of a path of straight lines, ring by ring."""
    rings: list[list[tuple[float, float]]] = []
    if re.sub(r"[MLHVZ\d.,e\s-]", "", path):
        raise ValueError("an outline is not made of straight lines")
    for step, numbers in _STEP.findall(path):
        values = [float(number) for number in _NUMBER.findall(numbers)]
        if step == "M":
            rings.append([(values[0], values[1])])
        elif step == "L":
            rings[-1].append((values[0], values[1]))
        elif step == "H":
            rings[-1].append((values[0], rings[-1][-1][1]))
        elif step == "V":
            rings[-1].append((rings[-1][-1][0], values[0]))
    return rings


# --- words ----------------------------------------------------------------------------------------


def _marks(record: figures.Record) -> Iterator[Mark]:
    """Every datum of every trace that answers, in words."""
    rows = _Rows(record)
    for number, trace in enumerate(record.spec["data"]):
        if not _answers(trace) or not _data(trace):
            continue
        for text in _texts(trace):
            head, told = said.parts(text)
            yield Mark(number, head, told, rows.href(trace, head, told))


def _texts(trace: dict[str, Any]) -> list[str]:
    """What plotly would say at each datum: forms say it themselves (`hovertext`), an area by its text or name."""
    if "fill" in trace:
        return [str(trace.get("text") or trace.get("name", ""))]
    if _is_span(trace):
        return [str(trace["hovertext"][0])]
    if trace.get("hovertemplate") != "%{hovertext}<extra></extra>" or not isinstance(
        trace["hovertext"], list
    ):
        raise MarksError(f"what {trace.get('name') or trace['type']} says is worked out by plotly")
    return trace["hovertext"]


# --- rows -----------------------------------------------------------------------------------------


class _Rows:
    """The rows of a figure, found by what a mark says."""

    def __init__(self, record: figures.Record):
        self._named: dict[str, set[tuple[str, str]]] = {}
        self._dated: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
        for table, key in record.rows:
            row = tables.records(table).get(key)
            if row is None:  # the table as a whole, or a key of several fields
                continue
            if table == "observations":
                shown = row["series_id"], row["geography"], receipts.date_words(row["period"])
                self._dated.setdefault(shown, set()).add((table, key))
                continue
            for field in descriptor.fields(table):
                value = row[field["name"]] if field["type"] == "string" else ""
                if any(map(str.isalpha, value)):  # a year is a date of some row, never its name
                    self._named.setdefault(value, set()).add((table, key))

    def href(self, trace: dict[str, Any], head: str, told: str) -> str:
        """The address, from the root of the site, of the one row that a mark shows; "" if it shows none or many.

        An observation is known by its series, place and period, any other row by the mark's name, which a form may
        have set before a comma and the name of the place it is in.
        """
        meta = trace.get("meta") or {}
        if "series" in meta:
            period = told.partition(": ")[0]
            found = self._dated.get((meta["series"], meta.get("geography", ""), period), set())
        else:
            names = [head, *(head[: comma.start()] for comma in re.finditer(", ", head))]
            found = next((self._named[name] for name in names if name in self._named), set())
        if len(found) != 1:
            return ""
        page, place = links.row(*next(iter(found)))
        return f"{page}.html" + (f"#{place}" if place else "")


# --- files ----------------------------------------------------------------------------------------


def read(record: figures.Record, folder: Path) -> str:
    """The marks of a figure whose pictures lie in a folder; parameters and errors as of `of`."""
    wide, narrow = (
        (folder / f"{record.id}.{ending}light.svg").read_text(encoding="utf-8") for ending in ("", "narrow.")
    )
    return of(record, wide, narrow)
