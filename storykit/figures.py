"""A figure: an ordinary plotly chart that also knows what it shows, in words, rows and sources.

The contract: a title that says what it shows, a subtitle that says measure, unit, period and place, a
description of its shape (see `words`), sources, and the table it was drawn from. A figure that lacks one of
them is refused, with the chapter and cell in the message.
"""

from __future__ import annotations

import dataclasses
import functools
import gzip
import hashlib
import html
import json
import math
import numbers
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from storykit import chapters, descriptor, look, project, tables
from storykit.words import Words, problems_of, words_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

MIME = "application/vnd.storykit.figure+json"
"""The mime type that `storykit.site` turns into a page's figure."""

WIDTH, NARROW = 760, 360
"""Widths in CSS pixels of the static pictures: for a desktop and for a phone."""

EDITOR_LINE = 80
"""Characters of a line of a title in an editor, where nothing else breaks it."""

MOST_BYTES = 60 * 1024
"""A figure's own data (gzip) may weigh this much."""


Cell = str | int | float
"""What stands in a cell of a figure's table."""


@dataclasses.dataclass(frozen=True)
class Record:
    """All that a page needs to show a figure, and all that is kept of it when a chapter has run.

    `rows` are the (table, key) of the rows drawn;
    `numeric` says of each of `columns` whether it holds numbers; sizes are in CSS pixels; `spec` is the chart
    for plotly.js; `frame` is what the document of a live map is made of (`maps.document`), None for a chart. The
    texts, with roles that use no names, and `formerly`, ids of figures whose addresses lead here, come from the page
    that shows the figure: a chapter's run does not know them.
    """

    id: str
    kind: str
    chapter: str
    sources: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    table: tuple[tuple[Cell, ...], ...]
    width: int
    height: int
    narrow_height: int
    narrow: dict[str, Any]
    lens: dict[str, Any] | None
    spec: dict[str, Any]
    frame: dict[str, Any] | None = None
    title: str = ""
    subtitle: str = ""
    description: str = ""
    notes: str = ""
    formerly: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, str, str, str]:
        """The texts that may hold roles."""
        return self.title, self.subtitle, self.description, self.notes

    def to_json(self) -> dict[str, Any]:
        """The record as JSON types, for a notebook's output."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @functools.cached_property
    def digest(self) -> str:
        """Digest of all that it is."""
        return hashlib.sha256(json.dumps(self.to_json()).encode()).hexdigest()

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Record:
        """The record that `to_json` gave, read back from JSON, where tuples have become lists."""
        flat = {name: tuple(data[name]) for name in ("sources", "columns", "numeric", "formerly")}
        nested = {name: tuple(map(tuple, data[name])) for name in ("rows", "table")}
        return cls(**{**data, **flat, **nested})


class FigureError(ValueError):
    """A figure that breaks its contract; the message names chapter, cell, figure and every breach."""


class Figure:
    """One figure of the book.

    Parameters
    ----------
    plot
        A plotly figure. Colours from `look.colour`. A trace that joins points by a line says what
        it joins in `meta={"series": "<series_id>", "geography": "<code>"}`, or `meta={"guide": True}`
        for lines that are no data (a connector, a goal). A trace whose coordinates are only layout
        (a network, tiles) says `meta={"layout": True}`.
    id
        Short stable name, kebab-case, unique in the book; it becomes the address. The chapter's block
        ```` ```{figure-text} <id> ```` holds the words of the figure.
    data
        Frame(s) with the rows drawn. Every column of a table's key credits the rows it names: from
        them come freshness, confidence and the report of what a change moves. `source_ids` gives
        the sources.
    columns
        Names of the columns of the first frame of `data` that a reader gets as the table. Default: all
        but `source_ids`, `date`, `line`, `basis`, `standing` and `recorded`. A column's heading is what `columns:`
        of the figure's words says, else the title of the field.
    table
        A table of another shape in its place, such as a pivot.
    height
        Height in CSS pixels at 760 px width; `narrow_height` at 360 px. Default: what the form says.
    narrow
        Changes of layout for the narrow picture: nested dictionaries, merged into the layout key by
        key (`{"margin": {"t": 40}}`; plotly's shorthand `margin_t` is not understood); a list
        replaces the list that was there. Default: what the form says.
    sources
        Ids of sources beside those of `data`, such as that of a geometry.
    lens
        `{"label": words, "default": [codes]}`: lets a reader choose, for all figures of the page
        with a lens at once, the traces whose `meta["lens"]` is one of these codes. Words alone: all
        that the plot draws are shown until a reader chooses.
    words
        The words themselves, for a figure that stands in no chapter.

    Raises
    ------
    FigureError
        If the contract is broken; all breaches at once.
    """

    kind = "chart"

    def __init__(
        self,
        plot: go.Figure,
        *,
        id: str,
        data: pd.DataFrame | Iterable[pd.DataFrame],
        columns: Sequence[str] = (),
        table: pd.DataFrame | None = None,
        height: int | None = None,
        narrow_height: int | None = None,
        narrow: dict[str, Any] | None = None,
        sources: Iterable[str] = (),
        lens: dict[str, Any] | str | None = None,
        words: Words | None = None,
    ):
        frames = [data] if isinstance(data, pd.DataFrame) else list(data)
        sizes = getattr(plot, "sizes", {"height": 420, "narrow_height": None, "narrow": {}})
        self.plot, self.id = plot, id
        self.height = height or sizes["height"]
        self.narrow_height = narrow_height or (None if height else sizes["narrow_height"]) or self.height
        self.narrow = sizes["narrow"] if narrow is None else narrow
        self.lens = {"label": lens, "default": _lenses(plot)} if isinstance(lens, str) else lens
        self.words = words or _words_of_chapter(id)
        self.table = _with_digits(_table(frames, columns, table), frames)
        self.rows = _rows(frames)
        self.sources = list(dict.fromkeys([*sources, *_sources(frames)]))
        problems = [*self._problems(), *self._problems_of_kind()]
        if problems:
            raise FigureError(f"{self._place()}:\n" + "\n".join(f"  - {p}" for p in problems))
        self._rest_on_rows()

    def _rest_on_rows(self) -> None:
        """Its page says how old and how sure the rows are, whether the chapter has read that or not."""
        for table, key in self.rows:
            row = tables.records(table).get(key, {})
            if table == "observations" and row:
                tables.records("series").get(row["series_id"])

    def _place(self) -> str:
        chapter, cell = chapters.current(), chapters.current_cell()
        where = f"book/{chapter}.ipynb" if chapter else "no chapter"
        return where + (f", cell {cell}" if cell else "") + f", figure {self.id or '(no id)'}"

    def _problems(self) -> Iterable[str]:
        # In a build the words come from the page itself: a changed title is no reason to run a chapter again.
        if self.words is not None:
            yield from (words for _, words in problems_of(self.words))
        elif not project.is_build():
            yield f"it has no words; write a block ```{{figure-text}} {self.id} in a markdown cell before it"
        if not self.sources:
            yield "sources are missing; pass data with a source_ids column, or sources=[…]"
        else:
            known = tables.records("sources")
            lost = [s for s in self.sources if s not in known]
            if lost:
                yield f"unknown sources: {', '.join(lost)}"
        if self.table.empty:
            yield "the table is missing or empty"
        else:
            if self.words is not None:
                yield from self.words.missing_headings(self.table.columns, [name for name, _ in self.rows])
            for column in self.table.select_dtypes("number"):
                if self.table[column].map(lambda v: isinstance(v, float) and math.isinf(v)).any():
                    yield f"table column {column!r} holds a value that is not finite"

    def _problems_of_kind(self) -> Iterable[str]:
        yield from _line_problems(self.plot)
        yield from _unit_problems(self.plot)
        yield from _number_problems(self.plot, self.table)
        weight = len(gzip.compress(json.dumps(self.spec()).encode(), 9, mtime=0))
        if weight > MOST_BYTES:
            yield f"weighs {weight:,} bytes gzipped; at most {MOST_BYTES:,} are allowed"

    def spec(self) -> dict[str, Any]:
        """The chart as plain JSON for plotly.js: no template, no typed arrays, no size.

        `measures`, where its rows can be counted otherwise, is a list of charts like it: each with its `key`, `words`,
        the series `by` whose people values were divided, or "", and its own changes for the narrow picture.
        """
        spec = plain_spec(self.plot)
        others = [
            dict(
                key=measure.key,
                words=measure.words,
                by=measure.by,
                **plain_spec(form),
                narrow=form.sizes["narrow"],
            )
            for measure, form in getattr(self.plot, "measures", ())
        ]
        return spec | ({"measures": others} if others else {})

    def record(self) -> Record:
        """Everything a page needs to show the figure."""
        table = self.table.reset_index(drop=True)
        return Record(
            id=self.id,
            kind=self.kind,
            chapter=chapters.current() or "",
            sources=tuple(self.sources),
            rows=tuple(self.rows),
            columns=tuple(map(str, table.columns)),
            numeric=tuple(_is_numeric(table[c]) for c in table.columns),
            table=tuple(tuple(map(_cell, row)) for row in table.itertuples(index=False)),
            width=WIDTH,
            height=self.height,
            narrow_height=self.narrow_height,
            narrow=self.narrow,
            lens=self.lens,
            spec=self.spec(),
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Our own type for the site; in an editor (JupyterLab) plotly's type too.

        A build gets only ours, so that a chart without contract is told from one with it.
        """
        if project.is_build():
            return {MIME: self.record().to_json(), "text/plain": self.id}
        title, subtitle = self._said("title"), self._said("subtitle")
        return {"text/plain": f"{title} ({subtitle})"} | self._editor_bundle()

    def _said(self, key: str) -> str:
        """A text of the figure's words; "" in a build, where the page knows them."""
        return self.words.said(key) if self.words else ""

    def _editor_bundle(self) -> dict[str, Any]:
        """The chart for plotly.js, its title in room of its own above what the form has planned."""
        spec = self.spec()
        lines, planned = textwrap.wrap(self._said("title"), EDITOR_LINE), spec["layout"].get("margin", {})
        room, left, top = 21 * len(lines) + 14, planned.get("l", 0), planned.get("t", 0)
        # As notes, one a line: plotly.js puts the first of a title's lines beyond the edge.
        title = [
            {
                "text": html.escape(line, quote=False),
                "font": {"size": 15},
                "align": "left",
                "showarrow": False,
                **{"x": 0, "xref": "paper", "xanchor": "left", "xshift": -left},
                **{"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": top + 21 * below},
            }
            for below, line in enumerate(reversed(lines))
        ]
        about = {
            "template": look.template(),
            "height": self.height + room,
            "margin": {**planned, "t": top + room},
            "annotations": [*spec["layout"].get("annotations", []), *title],
        }
        return {
            "application/vnd.plotly.v1+json": {
                "data": spec["data"],
                "layout": {**spec["layout"], **about},
                "config": {"displaylogo": False},
            }
        }


def plain_spec(plot: go.Figure) -> dict[str, Any]:
    """A plotly figure as plain JSON types (lists, not typed arrays), without template and size."""
    spec = json.loads(plot.to_json(engine="json"))
    spec = _unpacked(spec)
    layout = spec.get("layout", {})
    for key in ("template", "width", "height"):
        layout.pop(key, None)
    return {"data": spec["data"], "layout": layout}


def _unpacked(node: Any) -> Any:
    """plotly.py packs number arrays as base64 (`bdata`); readers of the JSON want lists."""
    if isinstance(node, dict):
        if "bdata" in node and "dtype" in node:
            import base64

            import numpy

            array = numpy.frombuffer(
                base64.b64decode(node["bdata"]), dtype=numpy.dtype(node["dtype"]).newbyteorder("<")
            )
            if "shape" in node:
                array = array.reshape([int(n) for n in str(node["shape"]).split(",")])
            return array.tolist()
        return {key: _unpacked(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_unpacked(value) for value in node]
    return node


def _is_numeric(column: pd.Series) -> bool:
    """Whether a column holds numbers; yes and no are none."""
    kinds = pd.api.types
    if column.name == "value":  # a value that keeps its noughts stands there as the text it was recorded as
        column = pd.to_numeric(column, errors="coerce").fillna(column)
    return bool(kinds.is_numeric_dtype(column)) and not kinds.is_bool_dtype(column)


def _cell(value: Any) -> Cell:
    """A table cell as JSON: numbers stay numbers, dates become ISO text, nothing is ""."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)) or value is pd.NA:
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, str):
        return value
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return "; ".join(map(str, value))
    number = float(value)
    return int(number) if number.is_integer() else number


def _words_of_chapter(name: str) -> Words | None:
    chapter = chapters.current()
    if chapter is None or project.is_build():
        return None
    return words_of(chapter).get(name)


def _table(frames: list[pd.DataFrame], columns: Sequence[str], table: pd.DataFrame | None) -> pd.DataFrame:
    """The table a reader gets, its columns not yet named for people; empty where there are no rows."""
    if table is not None or not frames:
        return pd.DataFrame() if table is None else table
    return frames[0][list(columns)] if columns else _public(frames[0])


def _with_digits(table: pd.DataFrame, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """The table, in which a value that was recorded with a nought at its end (8.0) keeps it as every page does."""
    if not frames or "recorded" not in frames[0] or "value" not in table:
        return table
    if not table.index.equals(frames[0].index):
        return table
    texts = frames[0]["recorded"]
    kept = texts.str.contains(r"\.\d*0$", regex=True) & (pd.to_numeric(texts) == table["value"])
    return table.assign(value=table["value"].astype(object).mask(kept, texts)) if kept.any() else table


def _public(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(
        columns=[c for c in ("source_ids", "date", "line", "basis", "standing", "recorded") if c in frame]
    )


def _rows(frames: list[pd.DataFrame]) -> list[tuple[str, str]]:
    """(table, key) of all rows that the key columns of the frames name."""
    tables_of = _key_columns()
    found: dict[tuple[str, str], None] = {}
    for frame in frames:
        for column in [c for c in tables_of if c in frame]:
            keys = [key for key in frame[column] if isinstance(key, str) and key]
            found.update(dict.fromkeys((tables_of[column], key) for key in keys))
    return list(found)


def _key_columns() -> dict[str, str]:
    """Column -> the table whose rows it names, of all tables whose rows have a confidence.

    A primary key counts if its name means that row everywhere: a column of this name in any other table must
    be declared to refer to it. (Where the key is a country's code, a country is mostly meant, not that row.)
    """
    fields = {name: {field["name"] for field in descriptor.fields(name)} for name in descriptor.names()}
    sure = [name for name in fields if "confidence" in fields[name]]
    keys = {descriptor.primary_key(name)[0]: name for name in sure if len(descriptor.primary_key(name)) == 1}

    def elsewhere(key: str, table: str) -> list[str]:
        return [n for n in fields if n != table and key in fields[n] and not _refers(n, key, table)]

    return {key: table for key, table in keys.items() if not elsewhere(key, table)}


def _refers(table: str, column: str, target: str) -> bool:
    links = descriptor.resource(table)["schema"].get("foreignKeys", [])
    return any(link["fields"] == [column] and link["reference"]["resource"] == target for link in links)


def _sources(frames: list[pd.DataFrame]) -> list[str]:
    cells = [cell for frame in frames if "source_ids" in frame for cell in frame["source_ids"]]
    return [source for cell in cells if isinstance(cell, list) for source in cell]


def _meta(trace: Any) -> dict[str, Any]:
    return trace.meta if isinstance(trace.meta, dict) else {}


def _lenses(plot: go.Figure) -> list[str]:
    """What a reader may choose among the traces, sorted."""
    return sorted({_meta(trace)["lens"] for trace in plot.data if "lens" in _meta(trace)})


def _numbers(values: Iterable[Any] | None) -> list[float]:
    """The numbers among drawn coordinates (dates, words, gaps left out)."""
    real = [
        float(v)
        for v in (values if values is not None else [])
        if isinstance(v, numbers.Real) and not isinstance(v, bool)
    ]
    return [v for v in real if not math.isnan(v)]


def _line_problems(plot: go.Figure) -> Iterable[str]:
    """A line joins leading values of one series in one place, if they may be joined, and nothing else."""
    for trace in plot.data:
        if trace.type not in ("scatter", "scattergl") or (trace.mode and "lines" not in trace.mode):
            continue
        meta = _meta(trace)
        if meta.get("guide") or meta.get("layout"):
            continue
        if problem := _line_problem(meta, trace.y):
            yield f"the line {trace.name or '(unnamed trace)'!r} {problem}"


def _line_problem(meta: dict[str, Any], drawn: Iterable[Any] | None) -> str:
    lacking = [f"{{{name!r}: …}}" for name in ("series", "geography") if name not in meta]
    if lacking:
        return f"does not say which series it joins, and of which place (meta lacks {', '.join(lacking)})"
    name, place = meta["series"], meta["geography"]
    series = tables.records("series")
    if name not in series:
        return f"names series {name!r}, which does not exist"
    if series[name]["line"] != "true":
        return f"joins series {name}, whose values may not be joined (line is false)"
    own = _leading_values(name, place)
    strange = [v for v in _numbers(drawn) if round(v, 6) not in own]
    return f"joins {strange[0]:g}, which is no leading value of series {name} in {place}" if strange else ""


def _unit_problems(plot: go.Figure) -> Iterable[str]:
    """One axis, one unit; counts of different things may share one, as they are all numbers of things."""
    drawn: dict[str, dict[str, str]] = {}
    for trace in plot.data:
        if _meta(trace).get("series") in tables.records("series"):
            across = getattr(trace, "orientation", None) == "h"
            axis = (trace.xaxis or "x") if across else (trace.yaxis or "y")
            drawn.setdefault(axis, {}).setdefault(_unit_words(_meta(trace)), _meta(trace)["series"])
    for of_axis in drawn.values():
        if len(of_axis) > 1:
            told = " and ".join(f"{name} in {unit}" for unit, name in of_axis.items())
            yield f"draws {told} on one axis; give each unit a chart or a panel of its own"


def _unit_words(meta: dict[str, Any]) -> str:
    """The unit a trace is drawn in: that of its series, unless `meta` says that values were converted."""
    unit = tables.records("units")[meta.get("unit") or tables.records("series")[meta["series"]]["unit"]]
    return "numbers of things" if unit["dimension"] == unit["unit_id"] else unit["label"]


def _leading_values(series: str, place: str) -> set[float]:
    """The values of a series in a place that lead, rounded for comparison."""
    asked = f"series_id == {series!r} and geography == {place!r} and standing == 'lead'"
    return set(tables.rows("observations", asked)["value"].round(6))


def _number_problems(plot: go.Figure, table: pd.DataFrame) -> Iterable[str]:
    """Every number drawn is finite and stands in the table."""
    shown: set[float] = set()
    for column in table:
        shown.update(round(float(v), 6) for v in pd.to_numeric(table[column], errors="coerce").dropna())
    for trace in plot.data:
        meta = _meta(trace)
        drawn = trace.x if getattr(trace, "orientation", None) == "h" else trace.y
        if any(math.isinf(v) for v in _numbers(drawn)):
            yield f"the trace {trace.name!r} holds a value that is not finite"
        if meta.get("guide") or meta.get("layout"):
            continue
        lost = [v for v in _numbers(drawn) if not math.isinf(v) and round(v, 6) not in shown]
        if lost:
            yield f"the trace {trace.name!r} draws {lost[0]:g}, which does not stand in the figure's table"
