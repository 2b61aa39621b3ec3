"""The pages of sources, by letter, each with all that rests on it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from storykit import descriptor, receipts, tables
from storykit.site import links, views
from storykit.site.collected.plans import Plan, as_page

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

Row = tuple[str, str]
"""Table and key."""


def plans(app: StoryApp) -> Iterator[Plan]:
    used = rows_by_source()
    letters: dict[str, list[dict[str, Any]]] = {}
    for source, record in sorted(tables.records("sources").items()):
        letters.setdefault(source[0].lower(), []).append(record)
    for letter, group in letters.items():
        name, title = f"sources/{letter}", f"Sources: {letter.upper()}"
        addresses = links.Addresses(name, app.builder.get_relative_uri)
        shown = tuple(_source(addresses, r, used.get(r["source_id"], [])) for r in group)
        about = (
            f"Sources whose name begins with {letter.upper()}, and all numbers and rows that rest on them."
        )
        view = views.SourcesPage(title, shown)
        # The view holds all that the page shows, so that no row that rests on a source can be forgotten.
        yield name, repr(view), partial(as_page, app, name, title, view, story_description=about)


def _source(addresses: links.Addresses, record: dict[str, Any], used: list[Row]) -> views.Source:
    return views.Source(
        id=links.row("sources", record["source_id"])[1],
        language=descriptor.language("sources", "title", record),
        title=record["title"],
        url=record["url"],
        publisher=record["publisher"],
        date=receipts.date_words(record["published"]) if record["published"] else "undated",
        kind=record["kind"],
        note=record["note"],
        uses=_uses(addresses, used),
    )


def _uses(addresses: links.Addresses, used: list[Row]) -> tuple[views.SourceUses, ...]:
    """All rows that rest on a source, by table; values by the series they belong to, with their number."""
    groups: dict[str, dict[Row, list[Row]]] = {}
    for table, key in dict.fromkeys(used):
        told = ("series", key.partition("/")[0]) if table == "observations" else (table, key)
        groups.setdefault(table, {}).setdefault(told, []).append((table, key))
    return tuple(
        views.SourceUses(
            descriptor.resource(table)["title"],
            links.told_apart(
                views.Link(
                    _words(*told) + (f" ({len(rows)} values)" if len(rows) > 1 else ""),
                    addresses.href(*(rows[0] if len(rows) == 1 else told)),
                )
                for told, rows in group.items()
            ),
        )
        for table, group in groups.items()
    )


_TELLING = (
    "statement",
    "finding",
    "label",
    "title",
    "name",
    "region_name",
    "rule",
    "promise",
    "says",
    "words",
)
"""Fields that tell a reader what a row is about; the first that a row has."""


def _words(table: str, key: str) -> str:
    several = len(descriptor.primary_key(table)) > 1
    record = tables.records(table)[tuple(key.split(" / ")) if several else key]
    return next((record[name] for name in _TELLING if record.get(name)), key)


def rows_by_source() -> dict[str, list[Row]]:
    """Which rows rest on which source, the story's first (claims, outcomes), then the rest."""
    found: dict[str, list[Row]] = {}
    for table in (
        "claims",
        "outcomes",
        *[n for n in descriptor.names() if n not in ("claims", "outcomes", "sources")],
    ):
        columns = [f["name"] for f in descriptor.fields(table) if f["name"].endswith("source_ids")]
        frame = tables.load(table)
        for column in columns:
            for key, ids in zip(frame.index, frame[column]):
                for source in ids:
                    found.setdefault(source, []).append((table, links.key_words(key)))
    return found
