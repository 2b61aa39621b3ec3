"""What a page shows of a figure: the record of its chapter, with all that the data say of it today."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from storykit import descriptor, figures, freshness, receipts, tables
from storykit.site import citations, reports, views
from storykit.site.links import Addresses

SERIES_TO_CHOOSE, YEARS_TO_CHOOSE = 3, 4
"""From so many named series or years a reader is offered to choose which are shown."""


def figure(
    record: figures.Record,
    texts: tuple[Markup, Markup, Markup, Markup],
    addresses: Addresses,
    pictures: bool,
    report_address: str,
    first: bool = False,
    marked: bool = False,
) -> views.Figure:
    """The view of a figure.

    Parameters
    ----------
    record
        What the chapter gave, with its words.
    texts
        Title, subtitle, description and notes as HTML with receipts.
    addresses
        Those of the page that shows it.
    pictures
        False when no browser could draw them: then the table stands open.
    report_address
        Where an error is reported: a form on a forge, a page of the site, or "".
    first
        Whether it is what its page is there for: then its picture waits for nothing.
    marked
        Whether it is known where the marks of its pictures lie (`marks`).
    """
    name = receipts.plain(record.title)
    age, answer = freshness.of(record.rows), freshness.of(receipts.rows_of(record.title))
    title, subtitle, description, notes = texts
    return views.Figure(
        id=record.id,
        kind=record.kind,
        files=f"{addresses.root}_figures/{record.id}",
        height=record.height,
        narrow_height=record.narrow_height,
        name=name,
        title=title,
        subtitle=subtitle,
        description=description,
        notes=notes,
        age=age.words(),
        overdue=answer.overdue,
        lens=",".join(record.lens["default"]) if record.lens else "",
        choices=_choices(record),
        series=_series(record),
        pictures=pictures,
        first=first,
        marked=marked,
        table=table(record, name, opened=not pictures),
        sources=_sources(record, addresses),
        page=addresses.page_href(f"figures/{record.id}"),
        citation=citations.citation(f"figures/{record.id}", name, "figure", addresses),
        report=reports.href(report_address, addresses, figure=record.id),
        formerly=record.formerly,
        notebook=f"{addresses.root}_notebooks/{record.chapter}.ipynb",
    )


def table(record: figures.Record, caption: str, opened: bool = False) -> views.FigureTable:
    """The figure's table, under its title."""
    rows = tuple(
        tuple(cell_text(value, numeric) for value, numeric in zip(row, record.numeric))
        for row in record.table
    )
    return views.FigureTable(record.id, caption, record.columns, record.numeric, rows, opened)


def cell_text(value: figures.Cell, numeric: bool) -> str:
    """A cell of a figure's table as a reader sees it: of a number at most six decimals."""
    if not numeric or value == "":
        return str(value)
    decimals = len(str(value).partition(".")[2]) if not isinstance(value, int) else 0
    return f"{float(value):,.{min(decimals, 6)}f}"


def _drawn(record: figures.Record) -> list[dict[str, Any]]:
    """The traces of a chart that show a series."""
    return [trace for trace in record.spec.get("data", []) if "series" in (trace.get("meta") or {})]


def _series(record: figures.Record) -> str:
    """What the series are called that a reader may choose among; "" where they are few."""
    if record.lens:
        return str(record.lens["label"])
    return "Series" if len({trace.get("name") for trace in _drawn(record)}) >= SERIES_TO_CHOOSE else ""


_COUNTED = {"index": "index", "per-person": "per person"}
"""What a reader who may choose is told of each of `forms.measures`."""


def _choices(record: figures.Record) -> str:
    """What a reader may choose in a chart, such as `Series, years, index`; "" if nothing."""
    words = [_series(record)] if _series(record) else []
    if len({day[:4] for trace in _drawn(record) for day in trace["x"] if day}) >= YEARS_TO_CHOOSE:
        words.append("years")
    words += [_COUNTED[measure["key"]] for measure in record.spec.get("measures", ())]
    told = ", ".join(words)
    return told[:1].upper() + told[1:]


def _sources(record: figures.Record, addresses: Addresses) -> tuple[views.CitedSource, ...]:
    known, linked = tables.records("sources"), addresses.sources(record.sources)
    return tuple(
        views.CitedSource(link, known[name]["title"], descriptor.language("sources", "title", known[name]))
        for link, name in zip(linked, record.sources, strict=True)
    )
