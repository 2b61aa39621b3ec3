"""What hangs together with a row: the rows that name it, the organisations a text names, and what happened when."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from storykit import descriptor, periods, reads, receipts, reshape, tables, verdicts
from storykit.site import ledger, links, views
from storykit.site.links import Addresses

Record = dict[str, str]


def by(table: str, field: str) -> dict[str, list[Record]]:
    """Rows of a table as recorded, by what a field holds; nothing where there is no such table or field."""
    if not has(table, field):
        return {}
    found: dict[str, list[Record]] = {}
    for record in tables.records(table).values():
        if record[field]:
            found.setdefault(record[field], []).append(record)
    return found


def has(table: str, field: str = "") -> bool:
    """Whether the data hold a table, and a field in it."""
    if table not in descriptor.names():
        return False
    return not field or any(described["name"] == field for described in descriptor.fields(table))


def key(table: str, record: Record) -> str:
    """The key of a row as one text."""
    return links.key_words(tuple(record[name] for name in descriptor.primary_key(table)))


def label(table: str, field: str, value: str) -> str:
    """What a value of a field means, or the value itself where nothing says it."""
    return descriptor.categories(table, field).get(value, value)


def day(date: str) -> str:
    """The first day that a partial date may mean, to sort by; the undated come last."""
    return periods.bounds(date)[0].strftime("%Y-%m-%d") if date and date != "undated" else "9999"


def when(date: str) -> str:
    return receipts.date_words(date) if date else "undated"


def country(code: str) -> str:
    """The name of a country or larger area, or its code where no row names it."""
    return tables.records("geographies").get(code, {}).get("name", code)


# --- claims -----------------------------------------------------------------------------------------


def decided() -> dict[str, dict[str, Any]]:
    """All claims with their verdicts, by id."""
    return {record["claim_id"]: record for record in reshape.records(verdicts.all_verdicts())}


def claims(found: Iterable[dict[str, Any]], addresses: Addresses) -> tuple[views.DatedClaim, ...]:
    """Claims with their verdicts as lists show them, in the order in which they were said."""
    ordered = sorted(found, key=lambda record: (day(record["made_on"]), record["claim_id"]))
    return tuple(
        views.DatedClaim(
            statement=views.Link(record["statement"], addresses.href("claims", record["claim_id"])),
            badge=views.Badge(record["verdict"], record["verdict_words"]),
            said=when(record["made_on"]),
            due=receipts.date_words(record["due_by"]) if record["due_by"] else "",
        )
        for record in ordered
    )


def counts(found: Iterable[dict[str, Any]]) -> tuple[views.VerdictCount, ...]:
    """How many of some claims have each verdict, in the order the pages use."""
    words = [record["verdict"] for record in found]
    return tuple(
        views.VerdictCount(views.Badge(verdict, words_of), words.count(verdict))
        for verdict, words_of in verdicts.WORDS.items()
        if verdict in words
    )


# --- organisations ----------------------------------------------------------------------------------


def named(text: str) -> list[str]:
    """Ids of the organisations that a text names, by their whole name or their short one; the longer name counts."""
    if not has("organisations"):
        return []
    reads.remember("organisations")  # also where the pattern is there already
    pattern, ids = _names(tables.state("organisations"))
    return list(dict.fromkeys(ids[found[1]] for found in pattern.finditer(text)))


@functools.lru_cache(maxsize=2)
def _names(state: tuple[Path, int]) -> tuple[re.Pattern[str], dict[str, str]]:
    ids: dict[str, str] = {}
    for organisation, record in tables.records("organisations").items():
        full = record["name"]
        for name in (full, full.partition(" (")[0], record.get("short_name", "")):
            if len(name) > 2:
                ids.setdefault(name, organisation)
    longest_first = "|".join(map(re.escape, sorted(ids, key=len, reverse=True))) or r"(?!)"
    return re.compile(rf"(?<!\w)({longest_first})(?!\w)"), ids


def organisation(name: str, addresses: Addresses) -> views.Link:
    """An organisation by its short name, if it has one."""
    record = tables.records("organisations")[name]
    return views.Link(
        record.get("short_name") or record["name"].partition(" (")[0], addresses.href("organisations", name)
    )


def house(name: str) -> str:
    """The organisation at the top of the chain that one belongs to."""
    rows, seen = tables.records("organisations"), {name}
    while (parent := rows[name].get("parent_org_id", "")) and parent not in seen:
        seen.add(parent)
        name = parent
    return name


def home(name: str) -> str:
    """The country where an organisation's house is at home."""
    return tables.records("organisations")[house(name)].get("country_iso2", "")


# --- places -----------------------------------------------------------------------------------------


def sites() -> list[str]:
    """The tables whose rows are places on the earth that stand somehow."""
    return [name for name in descriptor.names() if all(has(name, f) for f in ("lat", "lon", "status"))]


def operator(table: str, record: Record) -> str:
    """Who runs a place, in words."""
    field = next((name for name in ("operator", "provider") if name in record), "")
    return label(table, field, record[field]) if field else ""


def site_name(record: Record) -> str:
    return record.get("name") or record.get("region_name") or ""


def site(table: str, record: Record, addresses: Addresses) -> views.ListedSite:
    """A place as lists show it: how it stands, on what evidence, and since when."""
    dates = [
        f"{term} {receipts.date_words(record[field])}"
        for field, term in (("announced", "announced"), ("opened", "opened"), ("closed", "closed"))
        if record.get(field)
    ]
    return views.ListedSite(
        link=views.Link(site_name(record), addresses.href(table, key(table, record))),
        kind=label(table, "kind", record.get("kind", "")) or descriptor.resource(table)["title"],
        status=label(table, "status", record["status"]),
        evidence=label(table, "evidence", record.get("evidence", "")),
        dates=", ".join(dates),
    )


# --- what happened when -----------------------------------------------------------------------------


def moments(
    agreements: Iterable[Record],
    events: Iterable[Record],
    findings: Iterable[Record],
    addresses: Addresses,
) -> tuple[views.Moment, ...]:
    """Agreements, events and findings on one line of time."""
    found = [
        *(
            (r["signed_on"], label("agreements", "kind", r["kind"]), "agreements", r["title"], r)
            for r in agreements
        ),
        *((r["date"], "Event", "events", r["title"], r) for r in events),
        *((r["as_of"], "Found", "outcomes", r["finding"], r) for r in findings),
    ]
    found.sort(key=lambda moment: (day(moment[0]), moment[2], moment[3]))
    return tuple(
        views.Moment(
            when=when(date),
            kind=kind,
            link=views.Link(words, addresses.href(table, key(table, record))),
            badge=views.Badge(record["verdict"], verdicts.WORDS[record["verdict"]])
            if table == "outcomes"
            else None,
        )
        for date, kind, table, words, record in found
    )


def parties(found: Iterable[Record], table: str, addresses: Addresses) -> tuple[views.Party, ...]:
    """Organisations with the part they have in a paper, in the order of the descriptor's roles."""
    roles = list(descriptor.categories(table, "role"))
    ordered = sorted(
        found, key=lambda r: (roles.index(r["role"]) if r["role"] in roles else len(roles), r["org_id"])
    )
    return tuple(
        views.Party(organisation(r["org_id"], addresses), label(table, "role", r["role"])) for r in ordered
    )


def partnership(name: str, addresses: Addresses) -> views.Link:
    """A partnership as a reader knows it."""
    return views.Link(ledger.partnership_words(name), addresses.href("partnerships", name))
