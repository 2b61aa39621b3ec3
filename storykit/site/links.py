"""Where a row of data is found on the site: one rule, stable anchors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from storykit import descriptor, pages, receipts, tables
from storykit.site.views import Link

LEDGER, GLOSSARY = "book/ledger", "book/glossary"
DATA = "book/data"
PAGES = ("series", "claims", "partnerships", "organisations", "places")
"""Tables each of whose rows has a page of its own, `<table>/<key>`."""
LISTS = {"agreements": "agreement", "events": "event"}
"""Tables whose rows stand together on the page of the book that has their name -> how their anchors begin."""


def anchor(text: str) -> str:
    """A text as an HTML id: letters, digits and single dashes."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")


def source_page(source_id: str) -> str:
    """Sources stand on one page per first letter of their id."""
    return f"sources/{source_id[0].lower()}"


def row(table: str, key: str) -> tuple[str, str]:
    """(page name, anchor) of a row; the key `*` means the whole table."""
    if key == "*":
        return f"tables/{table}", ""
    if table == "observations":
        series, rest = key.split("/", 1)
        return f"series/{series}", f"o-{anchor(rest)}"
    if table in PAGES:
        return f"{table}/{key}", ""
    if table == "outcomes":
        return f"claims/{tables.records('outcomes')[key]['claim_id']}", f"outcome-{anchor(key)}"
    if table == "glossary":
        return GLOSSARY, f"term-{anchor(key)}"
    if table == "names":  # what has the name is where it is found
        named, field, value, _name = key.split(" / ", 3)
        return row(named, value) if field in descriptor.primary_key(named) else ("tables/names", "")
    if table == "sources":
        return source_page(key), f"s-{anchor(key)}"
    if table in LISTS and (pages.folder() / f"{table}.md").is_file():
        return f"book/{table}", f"{LISTS[table]}-{anchor(key)}"
    return f"tables/{table}", table_row(key)


def table_row(key: str) -> str:
    """Anchor of a row on the page of its table, which it keeps where the row has a better place."""
    return f"row-{anchor(key)}"


def source_words(source_id: str) -> str:
    """A source as a reader cites it: publisher and date."""
    record = tables.records("sources")[source_id]
    date = receipts.date_words(record["published"]) if record["published"] else "undated"
    return f"{record['publisher']}, {date}"


def key_words(key: str | tuple[str | int, ...]) -> str:
    """The key of a row as one text, as `row` takes it."""
    return key if isinstance(key, str) else " / ".join(map(str, key))


def told_apart(found: Iterable[Link]) -> tuple[Link, ...]:
    """Links that stand together: those with the same words that lead elsewhere are numbered from the second on."""
    leads: dict[str, list[str]] = {}
    apart = []
    for link in found:
        known = leads.setdefault(link.words, [])
        if link.href not in known:
            known.append(link.href)
        number = known.index(link.href) + 1
        apart.append(link if number == 1 else Link(f"{link.words} ({number})", link.href))
    return tuple(apart)


class Addresses:
    """Addresses as one page writes them.

    Parameters
    ----------
    page
        Name of the page, such as `book/zone`.
    uri
        Function (from page, to page) -> relative address.
    base
        The published address of the site, or "" where there is none.
    """

    def __init__(self, page: str, uri: Callable[[str, str], str], base: str = ""):
        self.page, self._uri, self._base = page, uri, base.rstrip("/")
        self._sources: dict[str, Link] = {}

    @property
    def root(self) -> str:
        """Relative path from the page to the root of the site."""
        return "../" * self.page.count("/")

    def published(self, page: str) -> str:
        """The whole address of a page, "" where the site has none."""
        return f"{self._base}/{page}.html" if self._base else ""

    def href(self, table: str, key: str) -> str:
        """Relative address of a row."""
        page, place = row(table, key)
        address = "" if page == self.page else self._uri(self.page, page)
        return address + (f"#{place}" if place else "")

    def page_href(self, page: str, anchor: str = "") -> str:
        """Relative address of another page, or of a place in it."""
        return self._uri(self.page, page) + (f"#{anchor}" if anchor else "")

    def sources(self, ids: Iterable[str]) -> tuple[Link, ...]:
        """Links to sources, in the words that a reader cites them by."""
        return told_apart(map(self._source, ids))

    def _source(self, name: str) -> Link:
        if name not in self._sources:  # one source often stands behind hundreds of rows of a page
            self._sources[name] = Link(source_words(name), self.href("sources", name))
        return self._sources[name]
