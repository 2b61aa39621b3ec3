"""The pages of sources, by letter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from storykit import descriptor, receipts, tables
from storykit.site import links, views
from storykit.site.collected.plans import Page, Plan, as_page
from storykit.site.markup import PageWriter

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp


def plans(app: StoryApp) -> Iterator[Plan]:
    used = _rows_by_source()
    letters: dict[str, list[dict[str, Any]]] = {}
    for source, record in sorted(tables.records("sources").items()):
        letters.setdefault(source[0].lower(), []).append(record)
    for letter, group in letters.items():
        key = json.dumps([group, [used.get(r["source_id"], []) for r in group]])
        yield f"sources/{letter}", key, partial(_source_page, app, letter, group, used)


def _source_page(app: StoryApp, letter: str, group: list[dict[str, Any]], used: dict[str, Any]) -> Page:
    name, title = f"sources/{letter}", f"Sources: {letter.upper()}"
    writer = app.story.writer(name)
    view = views.SourcesPage(title, tuple(_source(writer, r, used.get(r["source_id"], [])) for r in group))
    about = f"Sources whose name begins with {letter.upper()}, and which numbers rest on them."
    return as_page(app, name, title, view, story_description=about)


def _source(writer: PageWriter, record: dict[str, Any], used: list[tuple[str, str]]) -> views.Source:
    shown = used[:MOST_USES]
    return views.Source(
        id=links.row("sources", record["source_id"])[1],
        language=record["language"] or "en",
        title=record["title"],
        url=record["url"],
        publisher=record["publisher"],
        date=receipts.date_words(record["published"]) if record["published"] else "undated",
        kind=record["kind"],
        note=record["note"],
        uses=tuple(views.Link(_use_words(*row), writer.href(*row)) for row in shown),
        more_uses=len(used) - len(shown),
    )


MOST_USES = 12


def _use_words(table: str, key: str) -> str:
    if table != "observations":
        return f"{descriptor.resource(table)['title'].lower()}: {key}"
    record = tables.records("observations")[key]
    label = tables.records("series")[record["series_id"]]["label"]
    return f"{label}, {record['geography']}, {receipts.date_words(record['period'])}"


def _rows_by_source() -> dict[str, list[tuple[str, str]]]:
    """Which rows rest on which source, the story's first (claims, outcomes), then the rest."""
    found: dict[str, list[tuple[str, str]]] = {}
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
