"""Indexes of whole tables with filters: partnerships, events, agreements and places, and the matrix of who signed.

All entries stand on the page; the script only hides what a reader did not ask for.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from storykit import receipts, tables
from storykit.site import ledger, links, relations, views
from storykit.site.links import Addresses
from storykit.site.relations import Record

Words = Callable[[str], str]
"""What a value of a filter means to a reader."""


def partnerships(addresses: Addresses) -> views.Explorer:
    """All partnerships, by country and then by date: never by how they ended."""
    claims: dict[str, list[dict[str, Any]]] = {}
    for claim in relations.decided().values():
        claims.setdefault(claim.get("partnership_id", ""), []).append(claim)
    ordered = sorted(
        _rows("partnerships"),
        key=lambda r: (relations.country(r["geography"]), relations.day(r["signed_on"]), r["partnership_id"]),
    )

    def entry(record: Record) -> views.Entry:
        name = record["partnership_id"]
        return views.Entry(
            id=f"partnership-{links.anchor(name)}",
            link=views.Link(record["partner"], addresses.href("partnerships", name)),
            when=relations.when(record["signed_on"]),
            state=relations.label("partnerships", "instrument", record["instrument"]),
            about=(record["promise"],),
            linked=(),
            counts=relations.counts(claims.get(name, [])),
            values=(
                ("country", record["geography"]),
                ("instrument", record["instrument"]),
                ("status", record["status"]),
                ("year", record["signed_on"][:4]),
            ),
        )

    return _explorer(
        "partnerships",
        [(relations.country(r["geography"]), entry(r)) for r in ordered],
        country=("Country", relations.country),
        instrument=("Kind", _meaning("partnerships", "instrument")),
        status=("Status", _meaning("partnerships", "status")),
        year=("Signed in", str),
    )


def events(addresses: Addresses) -> views.Explorer:
    """All events by thread, in order of time."""
    threads = ledger.threads()
    order = list(threads)
    ordered = sorted(
        _rows("events"),
        key=lambda r: (order.index(r["thread"]), relations.day(r["date"]), r["event_id"]),
    )

    def words(thread: str) -> str:
        return ledger.sentence_case(threads[thread])

    def entry(record: Record) -> views.Entry:
        return views.Entry(
            id=links.row("events", record["event_id"])[1],
            link=views.Link(record["title"], ""),
            when=relations.when(record["date"]),
            state=record["place"],
            about=tuple(filter(None, (record["description"], record["note"]))),
            linked=_linked(record, addresses),
            counts=(),
            values=(("thread", record["thread"]), ("year", record["date"][:4])),
        )

    found = [(words(r["thread"]), entry(r)) for r in ordered]
    return _explorer("events", found, thread=("Thread", words), year=("Year", str))


def agreements(addresses: Addresses, where: str, caption: str) -> views.Explorer:
    """All agreements by year, the newest first, each with everyone who is in it, behind a matrix of them.

    Parameters
    ----------
    where, caption
        As of `matrix`.
    """
    parties = relations.by("agreement_parties", "agreement_id")
    ordered = sorted(
        _rows("agreements"), key=lambda r: (r["signed_on"] or "0", r["agreement_id"]), reverse=True
    )

    def houses(record: Record) -> list[str]:
        found = (r["org_id"] for r in parties.get(record["agreement_id"], []))
        return list(dict.fromkeys(name for one in found for name in (one, relations.house(one))))

    def entry(record: Record) -> views.Entry:
        mine = relations.parties(parties.get(record["agreement_id"], []), "agreement_parties", addresses)
        roles = dict.fromkeys(party.role for party in mine)
        linked = [
            (ledger.sentence_case(role), tuple(p.link for p in mine if p.role == role)) for role in roles
        ]
        kind = relations.label("agreements", "kind", record["kind"])
        return views.Entry(
            id=links.row("agreements", record["agreement_id"])[1],
            link=views.Link(record["title"], ""),
            when=relations.when(record["signed_on"]),
            state=f"{kind}: {relations.label('agreements', 'status', record['status'])}",
            about=tuple(filter(None, (record["description"], record["note"]))),
            linked=(*linked, *_linked(record, addresses)),
            counts=(),
            values=(
                *(("organisation", name) for name in houses(record)),
                *(("with", name) for name in houses(record)),
                ("kind", record["kind"]),
                ("status", record["status"]),
                ("year", record["signed_on"][:4]),
            ),
        )

    def named(name: str) -> str:
        return relations.organisation(name, addresses).words

    found = _explorer(
        "agreements",
        [(r["signed_on"][:4] or "Undated", entry(r)) for r in ordered],
        organisation=("Organisation", named),
        **{"with": ("Together with", named)},
        kind=("Kind", _meaning("agreements", "kind")),
        status=("Status", _meaning("agreements", "status")),
        year=("Signed in", str),
    )
    return dataclasses.replace(found, matrix=matrix(addresses, where, caption))


def places(addresses: Addresses) -> views.Explorer:
    """All places by kind and name, with how each stands and on what evidence."""
    ordered = sorted(
        _rows("places"), key=lambda r: (relations.label("places", "kind", r["kind"]), r["name"].casefold())
    )

    def kind(value: str) -> str:
        return ledger.sentence_case(relations.label("places", "kind", value))

    def entry(record: Record) -> views.Entry:
        site = relations.site("places", record, addresses)
        where = ", ".join(filter(None, (record["locality"], relations.country(record["country_iso2"]))))
        return views.Entry(
            id=f"place-{links.anchor(record['place_id'])}",
            link=site.link,
            when="",
            state=site.status,
            about=(". ".join(filter(None, (where, ledger.sentence_case(site.dates)))),),
            linked=(),
            counts=(),
            values=(
                ("kind", record["kind"]),
                ("status", record["status"]),
                ("evidence", record["evidence"]),
                ("country", record["country_iso2"]),
            ),
        )

    return _explorer(
        "places",
        [(kind(r["kind"]), entry(r)) for r in ordered],
        kind=("Kind", kind),
        status=("Status", _meaning("places", "status")),
        evidence=("Evidence", _meaning("places", "evidence")),
        country=("Country", relations.country),
    )


def matrix(addresses: Addresses, where: str, caption: str) -> views.AgreementMatrix:
    """How many agreements each house on one side shares with each on the other; witnesses are left out.

    Parameters
    ----------
    where
        Filters of organisations, such as `country_iso2="XX"`: the houses that fit stand in the columns, all others in
        the rows. A house is the organisation at the top of a chain of parents.
    """
    fits = set(receipts.filtered("organisations", receipts.filters_of(where)).index)
    papers: dict[tuple[str, str], list[str]] = {}
    for paper, found in relations.by("agreement_parties", "agreement_id").items():
        houses = dict.fromkeys(relations.house(r["org_id"]) for r in found if r["role"] != "witness")
        here, there = [h for h in houses if h in fits], [h for h in houses if h not in fits]
        for pair in ((row, column) for row in there for column in here):
            papers.setdefault(pair, []).append(paper)
    rows, columns = (_most_first(papers, side) for side in (0, 1))

    def cell(row: str, column: str) -> views.MatrixCell | None:
        shared = papers.get((row, column), [])
        if not shared:
            return None
        anchors = tuple(links.row("agreements", paper)[1] for paper in shared)
        one = addresses.href("agreements", shared[0])
        return views.MatrixCell(
            href=one if len(shared) == 1 else f"?organisation={row}&with={column}#agreements",
            papers=anchors,
            words=f"with {relations.organisation(column, addresses).words}",
        )

    return views.AgreementMatrix(
        caption=caption,
        columns=tuple(relations.organisation(name, addresses) for name in columns),
        rows=tuple(
            views.MatrixRow(
                head=relations.organisation(row, addresses),
                cells=tuple(cell(row, column) for column in columns),
            )
            for row in rows
        ),
    )


def _most_first(papers: dict[tuple[str, str], list[str]], side: int) -> list[str]:
    """The houses of one side, those in most papers first."""
    found: dict[str, set[str]] = {}
    for pair, shared in papers.items():
        found.setdefault(pair[side], set()).update(shared)
    return sorted(found, key=lambda name: (-len(found[name]), name))


def _rows(table: str) -> Iterable[Record]:
    return tables.records(table).values() if relations.has(table) else ()


def _meaning(table: str, field: str) -> Words:
    return lambda value: ledger.sentence_case(relations.label(table, field, value))


def _linked(record: Record, addresses: Addresses) -> tuple[tuple[str, tuple[views.Link, ...]], ...]:
    """The partnership that a row belongs to, and its sources."""
    name = record.get("partnership_id", "")
    partnership = (("Partnership", (relations.partnership(name, addresses),)),) if name else ()
    sources = addresses.sources(filter(None, record["source_ids"].split(";")))
    return (*partnership, *((("Sources", sources),) if sources else ()))


def _explorer(
    name: str, found: list[tuple[str, views.Entry]], **filters: tuple[str, Words]
) -> views.Explorer:
    """An index of entries, each behind the title of its group, in the order given."""
    groups: dict[str, list[views.Entry]] = {}
    for title, entry in found:
        groups.setdefault(title, []).append(entry)
    choices = (_choice(name, *filters[name], [entry for _, entry in found]) for name in filters)
    return views.Explorer(
        name=name,
        noun=name,
        choices=tuple(choice for choice in choices if len(choice.values) > 1),
        groups=tuple(views.EntryGroup(title, tuple(entries)) for title, entries in groups.items()),
        entries=len(found),
    )


def _choice(name: str, label: str, words: Words, entries: list[views.Entry]) -> views.Choice:
    """A filter of the values that occur, with the number of entries of each."""
    counts = Counter(value for e in entries for of, value in e.values if of == name and value)
    said = sorted(((words(value), value) for value in counts), key=lambda pair: pair[0].casefold())
    return views.Choice(name, label, tuple((v, f"{w} ({counts[v]})") for w, v in said))
