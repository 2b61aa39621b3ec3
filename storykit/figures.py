"""A figure: an ordinary plotly chart that also knows what it shows, in words, rows and sources.

The contract, checked when the figure is made: a title that says what it shows, a subtitle that
says measure, unit, period and place, a description of its shape, sources, and the table it was
drawn from. A figure that lacks one of them is refused, with the chapter and cell in the message.
"""

from __future__ import annotations

import gzip
import json
import math
import numbers
import re
from collections.abc import Iterable

import pandas as pd

from storykit import chapters, look, receipts, tables

MIME = "application/vnd.storykit.figure+json"
"""The mime type that `storykit.site` turns into a page's figure."""

WIDTH, NARROW = 760, 360
"""Widths in CSS pixels of the static pictures: for a desktop and for a phone."""

MOST_BYTES = 60 * 1024
"""A figure's own data (gzip) may weigh this much."""

SHORTEST_DESCRIPTION = 60

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KEYS = {
    "observation_id": "observations",
    "claim_id": "claims",
    "outcome_id": "outcomes",
    "place_id": "places",
    "event_id": "events",
    "region_id": "cloud_regions",
    "agreement_id": "agreements",
    "rule_id": "rules",
    "programme_id": "programmes",
    "investment_id": "investments",
    "org_id": "organisations",
}


class FigureError(ValueError):
    """A figure that breaks its contract; the message names chapter, cell, figure and every breach."""


class Figure:
    """One figure of the book.

    Parameters
    ----------
    plot
        A plotly figure. Colours from `look.colour`. A trace that joins points by a line says
        which series it joins in `meta={"series": "<series_id>"}`, or `meta={"guide": True}` for
        lines that are no data (a connector, a goal). A trace whose coordinates are only layout
        (a network, tiles) says `meta={"layout": True}`.
    id
        Short stable name, kebab-case, unique in the book; it becomes the address.
    title, subtitle, description
        Texts; numbers in them are written as `{num}` roles.
    data
        Frame(s) with the rows drawn; ids, sources and confidence are taken from their columns.
    table
        The table a reader gets, columns named for people. Default: all columns of `data`.
    height
        Height in CSS pixels at 760 px width; `narrow_height` at 360 px (default: the same).
    narrow
        Changes of layout for the narrow picture, as `update_layout` takes them.
    lens
        `{"label": words, "default": [codes]}`: lets a reader choose, for all figures of the page
        with a lens at once, the traces whose `meta["lens"]` is one of these codes.

    Raises
    ------
    FigureError
        If the contract is broken; all breaches at once.
    """

    kind = "chart"

    def __init__(
        self,
        plot,
        *,
        id: str,
        title: str,
        subtitle: str,
        description: str,
        data: pd.DataFrame | Iterable[pd.DataFrame],
        table: pd.DataFrame | None = None,
        height: int = 420,
        narrow_height: int | None = None,
        narrow: dict | None = None,
        sources: Iterable[str] = (),
        lens: dict | None = None,
    ):
        frames = [data] if isinstance(data, pd.DataFrame) else list(data)
        self.plot, self.id = plot, id
        self.title, self.subtitle, self.description = title, subtitle, description
        self.height, self.narrow_height, self.narrow = height, narrow_height or height, narrow or {}
        self.lens = lens
        self.table = table if table is not None else _public(frames[0]) if frames else None
        self.rows = _rows(frames)
        self.sources = list(dict.fromkeys([*sources, *_sources(frames)]))
        problems = [*self._problems(), *self._problems_of_kind()]
        if problems:
            raise FigureError(f"{self._place()}:\n" + "\n".join(f"  - {p}" for p in problems))
        tables.remember("sources")

    def _place(self) -> str:
        cell = _cell_number()
        where = f"chapter {chapters.current() or '(none)'}"
        return where + (f", cell {cell}" if cell else "") + f", figure {self.id or '(no id)'}"

    def _problems(self) -> Iterable[str]:
        if not _ID.fullmatch(self.id or ""):
            yield "id must be kebab-case, such as smes-counted"
        texts = {}
        for name in ("title", "subtitle", "description"):
            text = getattr(self, name) or ""
            if not text.strip():
                yield f"{name} is missing"
                continue
            try:
                texts[name] = receipts.plain(text)
            except receipts.ReceiptError as error:
                yield f"{name}: {error}"
                continue
            for _, around in receipts.typed_numbers(text):
                yield f"{name} holds a typed number (… {around} …); write it as a {{num}} role"
        description = texts.get("description", "")
        if description and description.strip().lower() == texts.get("title", "").strip().lower():
            yield "the description only repeats the title; say what the shape is"
        elif description and len(description) < SHORTEST_DESCRIPTION:
            yield f"the description is shorter than {SHORTEST_DESCRIPTION} characters; say what the shape is"
        if not self.sources:
            yield "sources are missing; pass data with a source_ids column, or sources=[…]"
        else:
            known = tables.load("sources").index
            lost = [s for s in self.sources if s not in known]
            if lost:
                yield f"unknown sources: {', '.join(lost)}"
        if self.table is None or self.table.empty:
            yield "the table is missing or empty"
        else:
            for column in self.table.select_dtypes("number"):
                if self.table[column].map(lambda v: isinstance(v, float) and math.isinf(v)).any():
                    yield f"table column {column!r} holds a value that is not finite"

    def _problems_of_kind(self) -> Iterable[str]:
        yield from _line_problems(self.plot)
        yield from _number_problems(self.plot, self.table)
        weight = len(gzip.compress(json.dumps(self.spec()).encode(), 9, mtime=0))
        if weight > MOST_BYTES:
            yield f"weighs {weight:,} bytes gzipped; at most {MOST_BYTES:,} are allowed"

    def spec(self) -> dict:
        """The chart as plain JSON for plotly.js: no template, no typed arrays, no size."""
        return plain_spec(self.plot)

    def payload(self) -> dict:
        """Everything a page needs to show the figure, as JSON types."""
        table = self.table.reset_index(drop=True)
        return {
            "id": self.id,
            "kind": self.kind,
            "chapter": chapters.current() or "",
            "title": self.title,
            "subtitle": self.subtitle,
            "description": self.description,
            "sources": self.sources,
            "rows": [list(row) for row in self.rows],
            "columns": [str(c) for c in table.columns],
            "numeric": [bool(pd.api.types.is_numeric_dtype(table[c])) for c in table.columns],
            "table": [[_cell(v) for v in record] for record in table.itertuples(index=False)],
            "width": WIDTH,
            "height": self.height,
            "narrow_height": self.narrow_height,
            "narrow": self.narrow,
            "lens": self.lens,
            "spec": self.spec(),
        }

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        """Our own type for the site; in an editor (JupyterLab) plotly's type too.

        A build gets only ours, so that a chart without contract is told from one with it.
        """
        words = f"{receipts.plain(self.title)} ({receipts.plain(self.subtitle)})"
        bundle = {MIME: self.payload(), "text/plain": words}
        return bundle if tables.is_build() else {**bundle, **self._editor_bundle()}

    def _editor_bundle(self) -> dict:
        spec = self.spec()
        look_of = {
            "template": look.template(),
            "height": self.height,
            "margin": {"t": 60},
            "title": {"text": receipts.plain(self.title)},
        }
        return {
            "application/vnd.plotly.v1+json": {
                "data": spec["data"],
                "layout": {**spec["layout"], **look_of},
                "config": {"displaylogo": False},
            }
        }


def plain_spec(plot) -> dict:
    """A plotly figure as plain JSON types (lists, not typed arrays), without template and size."""
    spec = json.loads(plot.to_json(engine="json"))
    spec = _unpacked(spec)
    layout = spec.get("layout", {})
    for key in ("template", "width", "height"):
        layout.pop(key, None)
    return {"data": spec["data"], "layout": layout}


def _unpacked(node):
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


def _cell(value):
    """A table cell as JSON: numbers stay numbers, dates become ISO text, nothing is ""."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)) or value is pd.NA:
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, (bool, str)):
        return value if isinstance(value, str) else ("yes" if value else "no")
    if isinstance(value, (list, tuple)):
        return "; ".join(map(str, value))
    number = float(value)
    return int(number) if number.is_integer() else number


def _public(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=[c for c in ("source_ids", "date", "line", "basis", "standing") if c in frame])


def _rows(frames: list[pd.DataFrame]) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for frame in frames:
        for column, table in _KEYS.items():
            if column in frame:
                found.update(
                    {(table, str(key)): None for key in frame[column] if isinstance(key, str) and key}
                )
                break
    return list(found)


def _sources(frames: list[pd.DataFrame]) -> list[str]:
    cells = [cell for frame in frames if "source_ids" in frame for cell in frame["source_ids"]]
    return [source for cell in cells if isinstance(cell, list) for source in cell]


def _cell_number() -> int | None:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    return shell.execution_count if shell is not None else None


def _meta(trace) -> dict:
    return trace.meta if isinstance(trace.meta, dict) else {}


def _numbers(values) -> list[float]:
    """The numbers among drawn coordinates (dates, words, gaps left out)."""
    real = [
        v
        for v in (values if values is not None else [])
        if isinstance(v, numbers.Real) and not isinstance(v, bool)
    ]
    return [float(v) for v in real if not math.isnan(v)]


def _line_problems(plot) -> Iterable[str]:
    """A line joins one series that may be drawn as a line, and nothing else."""
    series = None
    for trace in plot.data:
        if trace.type not in ("scatter", "scattergl") or (trace.mode and "lines" not in trace.mode):
            continue
        meta = _meta(trace)
        if meta.get("guide") or meta.get("layout"):
            continue
        name = trace.name or "(unnamed trace)"
        if "series" not in meta:
            yield f"the line {name!r} does not say which series it joins (meta={{'series': …}})"
            continue
        series = tables.load("series") if series is None else series
        if meta["series"] not in series.index:
            yield f"the line {name!r} names series {meta['series']!r}, which does not exist"
        elif not series.loc[meta["series"], "line"]:
            yield f"the line {name!r} joins series {meta['series']}, whose values may not be joined (line is false)"
        else:
            values = tables.load("observations").query("series_id == @meta['series']")["value"]
            own = {round(v, 6) for v in values}
            strange = [v for v in _numbers(trace.y) if round(v, 6) not in own]
            if strange:
                yield f"the line {name!r} joins {strange[0]:g}, which is no value of series {meta['series']}"


def _number_problems(plot, table: pd.DataFrame | None) -> Iterable[str]:
    """Every number drawn is finite and stands in the table."""
    shown = set()
    if table is not None:
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
