"""What a figure says of itself wherever it is taken: what it shows, from where, as of when, under which terms."""

from __future__ import annotations

from storykit import descriptor, figures, receipts, tables, verdicts
from storykit.site import citations, links, views


def of(record: figures.Record, addresses: links.Addresses, book: str) -> views.Provenance:
    """Where a figure comes from.

    Parameters
    ----------
    record
        The figure, with its words.
    addresses
        Those of its page.
    book
        The site's name.
    """
    page = f"figures/{record.id}"
    title, subtitle, description, notes = map(receipts.plain, record.texts)
    licence = descriptor.about("licenses")[0]
    version, as_of = descriptor.about("version"), verdicts.data_as_of()
    return views.Provenance(
        id=record.id,
        title=title,
        subtitle=subtitle,
        description=description,
        notes=notes,
        sources=tuple(_source(name) for name in record.sources),
        series=tuple(_series(name) for name in _series_of(record)),
        author=descriptor.about("contributors")[0]["title"],
        book=book,
        version=version,
        as_of=as_of,
        dated=f"Data of {receipts.date_words(as_of)}, version {version}",
        licence=licence["name"],
        licence_title=licence.get("title", licence["name"]),
        licence_address=licence["path"],
        address=addresses.published(page),
        citation=citations.citation(page, title, "figure", addresses).text,
    )


def _source(name: str) -> views.SourceNamed:
    known = tables.records("sources")[name]
    return views.SourceNamed(name, known["title"], known["publisher"], known["url"])


def _series_of(record: figures.Record) -> list[str]:
    rows = tables.records("observations")
    return sorted({rows[key]["series_id"] for table, key in record.rows if table == "observations"})


def _series(name: str) -> views.SeriesNamed:
    known = tables.records("series")[name]
    unit = tables.records("units")[known["unit"]]["label"]
    return views.SeriesNamed(name, known["label"], unit, known["definition"])
