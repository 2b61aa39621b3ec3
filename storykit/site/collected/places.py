"""A page for each place: how it stands and on what evidence, where it lies, and what hangs together with it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from storykit import receipts, tables
from storykit.site import ledger, links, outlines, relations, views
from storykit.site.collected.plans import Plan, as_page
from storykit.site.relations import Record

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

INDEX = "book/places"
MOST_ALIKE = 12
"""So many places of the same group are listed; the index of places has them all."""


def plans(app: StoryApp) -> Iterator[Plan]:
    if not relations.has("places"):
        return
    around = Around()
    for name, record in tables.records("places").items():
        page = f"places/{name}"
        addresses = links.Addresses(page, app.builder.get_relative_uri)
        view = place(around, record, app.story.uses.links("places", name, addresses), addresses)
        about = f"{view.name}, {view.where}: {view.status}. {view.about}".strip()
        yield page, repr(view), partial(as_page, app, page, view.name, view, story_description=about)


class Around:
    """All rows that hang together with places, found once for all pages."""

    def __init__(self) -> None:
        self.decided = relations.decided()
        self.events = list(tables.records("events").values()) if relations.has("events") else []
        self.groups = relations.by("places", "group")


def place(
    around: Around, record: Record, uses: tuple[views.Link, ...], addresses: links.Addresses
) -> views.PlacePage:
    """The page of a place; parameters as of `partnerships.partnership`."""
    name, partnership = record["place_id"], record["partnership_id"]
    names = _naming(record["name"])
    claims = [c for c in around.decided.values() if names.search(c["statement"])]
    events = [e for e in around.events if names.search(e["title"]) or names.search(e["place"])]
    alike = [r for r in around.groups.get(record["group"], []) if r["place_id"] != name]
    alike = [r for r in alike if r["kind"] == record["kind"]]
    index = addresses.page_href(INDEX)
    kind = ledger.sentence_case(relations.label("places", "kind", record["kind"]))
    where = (
        record["locality"],
        relations.country(record["state"]),
        relations.country(record["country_iso2"]),
    )
    return views.PlacePage(
        index=views.Link("All places", index),
        kind=views.Link(kind, f"{index}?kind={record['kind']}"),
        name=record["name"],
        where=", ".join(dict.fromkeys(filter(None, where))),
        status=relations.label("places", "status", record["status"]),
        about=record["description"],
        spot=outlines.spot(record["country_iso2"], record["lat"], record["lon"]),
        facts=tuple(fact for fact in _facts(record) if fact[1]),
        operators=tuple(
            relations.organisation(one, addresses) for one in relations.named(record["operator"])
        ),
        partnership=relations.partnership(partnership, addresses) if partnership else None,
        moments=relations.moments([], events, [], addresses),
        claims=relations.claims(claims, addresses),
        alike=tuple(
            dataclasses.replace(relations.site("places", r, addresses), kind="", evidence="")
            for r in alike[:MOST_ALIKE]
        ),
        more_alike=max(len(alike) - MOST_ALIKE, 0),
        uses=uses,
        sources=addresses.sources(filter(None, record["source_ids"].split(";"))),
    )


def _naming(name: str) -> re.Pattern[str]:
    """Where a text names a place by its whole name, what stands in brackets apart."""
    return re.compile(rf"(?<!\w){re.escape(name.partition(' (')[0])}(?!\w)")


def _facts(record: Record) -> tuple[views.Fact, ...]:
    def meant(field: str) -> str:
        return relations.label("places", field, record[field])

    def number(field: str) -> str:
        return receipts.num(f'places("{record["place_id"]}").{field}') if record[field] else ""

    status, note = meant("status"), record["status_note"]
    size, basis = number("size"), record["size_basis"]
    return (
        ("Status", f"{status} ({note})" if note and note not in status else status),
        ("Evidence", meant("evidence")),
        ("Announced", receipts.date_words(record["announced"]) if record["announced"] else ""),
        ("Opened", receipts.date_words(record["opened"]) if record["opened"] else ""),
        ("Closed", receipts.date_words(record["closed"]) if record["closed"] else ""),
        ("Run by", record["operator"]),
        ("Size", f"{size} ({basis})" if size and basis else size),
        ("Cost", number("cost")),
        ("Group", record["group"]),
        ("Confidence", meant("confidence")),
        ("Spot on the map", meant("coord_precision")),
        ("Note", record["note"]),
    )
