"""A page for each table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from storykit import descriptor, tables
from storykit.site import links, views
from storykit.site.collected.plans import Page, Plan, as_page
from storykit.site.markup import PageWriter

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp


_SHOWN_AT = {
    "observations": ("book/data", "the list of series"),
    "series": ("book/data", "the list of series"),
    "sources": ("book/sources", "the pages of sources"),
    "claims": (links.LEDGER, "the ledger"),
    "outcomes": (links.LEDGER, "the ledger"),
    "glossary": (links.GLOSSARY, "the glossary"),
}
"""Tables whose rows have better pages of their own."""
_DOWNLOAD_ONLY = ("coverage", "names")
"""Tables that no page prints: too long and read by nobody row by row, or with rows that are not to be printed."""


def plans(app: StoryApp) -> Iterator[Plan]:
    sources = tables.raw("sources").to_csv()
    for name in descriptor.names():
        entry = descriptor.resource(name)
        rows = "" if name in _SHOWN_AT or name in _DOWNLOAD_ONLY else tables.raw(name).to_csv() + sources
        key = json.dumps([entry["title"], entry["description"], rows])
        yield f"tables/{name}", key, partial(_table_page, app, name)


def _table_page(app: StoryApp, table: str) -> Page:
    entry, name = descriptor.resource(table), f"tables/{table}"
    writer, shown_at = app.story.writer(name), None
    columns: tuple[str, ...] = ()
    if table in _SHOWN_AT:
        page, words = _SHOWN_AT[table]
        shown_at = views.Link(words, writer.page_href(page))
    elif table not in _DOWNLOAD_ONLY:
        raw = tables.raw(table)
        columns = tuple(f["name"] for f in descriptor.fields(table) if not (raw[f["name"]] == "").all())
    view = views.TablePage(
        title=entry["title"],
        description=entry["description"],
        download=f"{writer.root}_data/{entry['path']}",
        shown_at=shown_at,
        columns=columns,
        rows=_rows(writer, table, columns) if columns else (),
    )
    return as_page(app, name, entry["title"], view, story_description=entry["description"])


def _rows(writer: PageWriter, table: str, columns: tuple[str, ...]) -> tuple[views.Row, ...]:
    """All rows as recorded."""
    keys, raw = map(links.key_words, tables.load(table).index), tables.raw(table)[list(columns)]
    return tuple(
        views.Row(links.table_row(key), tuple(_cell(writer, c, text) for c, text in zip(columns, texts)))
        for key, texts in zip(keys, raw.itertuples(index=False), strict=True)
    )


def _cell(writer: PageWriter, column: str, text: str) -> str | tuple[views.Link, ...]:
    return writer.sources(text.split(";")) if column.endswith("source_ids") and text else text
