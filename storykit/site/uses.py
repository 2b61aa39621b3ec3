"""Where the book uses a row: the chapters that name it, the figures that draw it, the sentences that rest on it."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from storykit import reads, receipts, tables
from storykit.site import shell, views
from storykit.site.links import Addresses

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

Use = tuple[str, str, str]
"""Name of a page, anchor in it (or ""), and the title of what stands there."""


class Uses:
    """All uses of rows, in the order of the book.

    A sentence that counts many rows uses none of them; one that names a row does. A finding stands for its claim, a
    value for its series, whether it was named or read as one of many.
    """

    def __init__(self, app: StoryApp) -> None:
        self._found: dict[tuple[str, str], dict[Use, None]] = {}
        self._sentences: dict[str, dict[tuple[str, str, str], None]] = {}
        for page in shell.pages(app):
            title = app.env.titles[page].astext()
            for row in _named(app, page):
                self._found.setdefault(row, {})[page, "", title] = None
            for series, words in _sentences(app, page):
                self._sentences.setdefault(series, {})[page, title, words] = None
        for page, record in app.story.figures():
            use = (page, f"fig-{record.id}", receipts.plain(record.title))
            for table, key in record.rows:
                if key != "*":
                    self._found.setdefault(_told(table, key), {})[use] = None

    @staticmethod
    def made_of(app: StoryApp) -> str:
        """Digest of what of the pages they are made of."""
        held = [
            (page, app.env.titles[page].astext(), [*getattr(app.env, "story_rests", {}).get(page, {})])
            for page in shell.pages(app)
        ]
        drawn = [(page, record.digest) for page, record in app.story.figures()]
        return hashlib.sha256(repr([held, drawn]).encode()).hexdigest()

    @functools.cached_property
    def digest(self) -> str:
        """Of all that they are."""
        held = [{use: [*of] for use, of in found.items()} for found in (self._found, self._sentences)]
        return hashlib.sha256(repr(held).encode()).hexdigest()

    def of(self, table: str, key: str) -> list[Use]:
        """The chapters and figures that use a row."""
        return list(self._found.get((table, key), {}))

    def links(self, table: str, key: str, addresses: Addresses) -> tuple[views.Link, ...]:
        """The same as links."""
        return tuple(views.Link(words, addresses.page_href(*place)) for *place, words in self.of(table, key))

    def sentences(self, series: str, addresses: Addresses) -> tuple[views.TestedSentence, ...]:
        """The tested sentences that rest on a series, with links to their chapters."""
        return tuple(
            views.TestedSentence(words, title, addresses.page_href(page))
            for page, title, words in self._sentences.get(series, {})
        )


OfTable = tuple[tuple[Use, ...], tuple[Use, ...]]
"""Figures that draw rows of a table, and pages that rest on it."""


def of_tables(app: StoryApp) -> dict[str, OfTable]:
    """Table -> its uses, in the order of the book: a page rests on what its numbers, sentences, parts and figures show."""
    figures: dict[str, dict[Use, None]] = {}
    pages: dict[str, dict[Use, None]] = {}
    for page, record in app.story.figures():
        use = (page, f"fig-{record.id}", receipts.plain(record.title))
        for table in {table for table, _ in record.rows}:
            figures.setdefault(table, {})[use] = None
    for page in shell.pages(app):
        read = getattr(app.env, "story_tables", {}).get(page, {})
        shown = {table for name in read for table in reads.tables(name)}
        for table in {*(table for table, _ in shell.chapter_rows(app, page)), *shown}:
            pages.setdefault(table, {})[page, "", app.env.titles[page].astext()] = None
    return {
        table: (tuple(figures.get(table, ())), tuple(pages.get(table, ()))) for table in {*figures, *pages}
    }


def _named(app: StoryApp, page: str) -> dict[tuple[str, str], None]:
    """The rows that a page names, and the series that it reads."""
    found: dict[tuple[str, str], None] = {}
    for kind, inside in getattr(app.env, "story_rests", {}).get(page, {}):
        if kind == "verdict":
            found["claims", inside] = None
            continue
        for table, key in _rows(kind, inside):
            if table == "observations" or f'"{key}"' in inside:
                found[_told(table, key)] = None
    return found


def _sentences(app: StoryApp, page: str) -> Iterator[tuple[str, str]]:
    """(series, words) of every tested sentence of a page that rests on values of a series."""
    for kind, inside in getattr(app.env, "story_rests", {}).get(page, {}):
        if kind == "holds":
            words = receipts.sentence(inside).text
            yield from ((_told(*row)[1], words) for row in _rows(kind, inside) if row[0] == "observations")


def _rows(kind: str, inside: str) -> Iterator[tuple[str, str]]:
    found = receipts.receipt(inside).rows if kind == "num" else receipts.sentence(inside).rows
    return ((table, key) for table, key, _ in found if key != "*")


def _told(table: str, key: str) -> tuple[str, str]:
    """The row on whose page a row is told."""
    if table == "outcomes":
        return "claims", tables.records(table)[key]["claim_id"]
    return ("series", key.partition("/")[0]) if table == "observations" else (table, key)
