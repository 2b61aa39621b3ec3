"""The ledger: an index of all claims, which are told on pages of their own.

As many claims as a page can carry stand on the ledger itself. Of more, it lists pages by year and thread; every
claim is on one of them, so that nothing is lost where no script runs, and the script reads them to answer from all.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pandas as pd

from storykit import descriptor, receipts, reshape, tables, verdicts
from storykit.site import links, views

MOST_ROWS = 400
"""So many claims stand on one page: with its frame and script it weighs at most 100 KiB, gzip."""
MOST_CHOICES = 300
"""A filter with more values is no help to choose from; they are found by words."""
UNDATED = "undated"

SORTS = {
    "said-last": "Said last",
    "said-first": "Said first",
    "due-first": "Due first",
    "due-last": "Due last",
    "verdict": "By verdict",
    "who": "By who said it",
}
"""Order a reader may ask for -> its words; the first is that of the page."""


def threads() -> dict[str, str]:
    """Thread -> its words, in the order of the descriptor."""
    return descriptor.categories("claims", "thread")


def sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]


def kind_words(kind: str) -> str:
    """What a kind of promise is called in a list: its label up to the colon that explains it."""
    return descriptor.categories("claims", "asks").get(kind, "").partition(":")[0]


def partnership_words(partnership_id: str) -> str:
    """A partnership as a reader knows it: country, partner, year."""
    record = tables.records("partnerships")[partnership_id]
    place = tables.records("geographies")[record["geography"]]["name"]
    return f"{place}: {record['partner']}, {record['signed_on'][:4]}"


# --- rows -------------------------------------------------------------------------------------------


def rows(decided: pd.DataFrame, addresses: links.Addresses) -> views.LedgerRows:
    """Claims with their verdicts as rows of the index, in the order of `decided`."""
    found: dict[str, list[str]] = {}
    for outcome in tables.records("outcomes").values():
        found.setdefault(outcome["claim_id"], []).append(f"outcome-{links.anchor(outcome['outcome_id'])}")
    return views.LedgerRows(
        tuple(_row(record, found.get(record["claim_id"], []), addresses) for record in _records(decided))
    )


def in_order(decided: pd.DataFrame) -> pd.DataFrame:
    """Claims as the ledger shows them first: said last on top, undated at the end."""
    return decided.sort_values(["made_on", "claim_id"], ascending=[False, True])


def _records(decided: pd.DataFrame) -> list[dict[str, Any]]:
    return reshape.records(decided)


def _row(record: dict[str, Any], findings: list[str], addresses: links.Addresses) -> views.LedgerRow:
    claim = record["claim_id"]
    return views.LedgerRow(
        id=f"claim-{links.anchor(claim)}",
        statement=views.Link(record["statement"], addresses.href("claims", claim)),
        badge=views.Badge(record["verdict"], record["verdict_words"]),
        who=record["made_by"],
        said=record["made_on"],
        said_words=f"said {receipts.date_words(record['made_on'])}" if record["made_on"] else UNDATED,
        due=record["due_by"],
        due_words=f"due {receipts.date_words(record['due_by'])}" if record["due_by"] else "",
        thread=record["thread"],
        country=record.get("country_iso2", ""),
        asks=record.get("asks", ""),
        partnership=record.get("partnership_id", ""),
        overdue=bool(record["overdue"]),
        featured=bool(record["featured"]),
        findings=tuple(findings),
    )


# --- filters ----------------------------------------------------------------------------------------


def choices(decided: pd.DataFrame) -> tuple[views.Choice, ...]:
    """The filters that the claims have values for, with the number of claims of each value."""
    records = _records(decided)
    places = tables.records("geographies")
    years = sorted({r["made_on"][:4] for r in records if r["made_on"]}, reverse=True)
    found = [
        _choice("verdict", "Verdict", records, verdicts.WORDS),
        _choice("thread", "Thread", records, {k: sentence_case(w) for k, w in threads().items()}),
        _choice(
            "country",
            "Country",
            records,
            _by_words({k: p["name"] for k, p in places.items()}),
            "country_iso2",
        ),
        _choice(
            "asks", "Asks for", records, {k: kind_words(k) for k in descriptor.categories("claims", "asks")}
        ),
        _choice("who", "Who", records, _by_words({r["made_by"]: r["made_by"] for r in records}), "made_by"),
        _choice("year", "Said in", records, dict(zip(years, years)), "made_on", length=4),
        _choice("partnership", "Partnership", records, _partnerships(), "partnership_id"),
    ]
    return tuple(choice for choice in found if 1 < len(choice.values) <= MOST_CHOICES)


def _choice(
    name: str,
    label: str,
    records: list[dict[str, Any]],
    words: dict[str, str],
    column: str = "",
    length: int | None = None,
) -> views.Choice:
    """A filter of the values that occur in a column (`name` if not given), of dates their first `length` signs."""
    counts = Counter(record.get(column or name, "")[:length] for record in records)
    values = tuple((value, f"{words[value]} ({counts[value]})") for value in words if value and counts[value])
    return views.Choice(name, label, values)


def _by_words(words: dict[str, str]) -> dict[str, str]:
    return dict(sorted(words.items(), key=lambda item: item[1].casefold()))


def _partnerships() -> dict[str, str]:
    if "partnerships" not in descriptor.names():
        return {}
    return _by_words({key: partnership_words(key) for key in tables.records("partnerships")})


# --- one page or several ----------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Part:
    """A page of claims: its name, its title, the year it belongs to, and the claims in the order of the ledger."""

    name: str
    title: str
    year: str
    claims: tuple[str, ...]


def parts(decided: pd.DataFrame, most: int = MOST_ROWS) -> tuple[Part, ...]:
    """The pages that a ledger of too many claims is divided into, newest year first; none if one page is enough.

    A page for each year; a year of more than `most` claims has one for each thread; a thread of more than `most`
    in a year is cut into numbered pages. Every claim stands on one page.

    Parameters
    ----------
    decided
        `verdicts.all_verdicts()`, or some of its rows.
    most
        So many claims may stand on one page.
    """
    if len(decided) <= most:
        return ()
    ordered = in_order(decided)
    years = ordered["made_on"].str[:4].replace("", UNDATED)
    return tuple(part for year in years.unique() for part in _of_year(year, ordered[years == year], most))


def _of_year(year: str, claims: pd.DataFrame, most: int) -> Iterator[Part]:
    title = f"Claims of {year}" if year != UNDATED else "Undated claims"
    if len(claims) <= most:
        yield Part(f"ledger/{year}", title, year, tuple(claims["claim_id"]))
        return
    words = threads()
    for thread, mine in claims.groupby("thread", sort=False):
        ids = tuple(mine["claim_id"])
        pieces = [ids[start : start + most] for start in range(0, len(ids), most)]
        for number, piece in enumerate(pieces, start=1):
            numbered = len(pieces) > 1
            yield Part(
                f"ledger/{year}-{links.anchor(str(thread))}" + (f"-{number}" if numbered else ""),
                f"{title}: {words.get(str(thread), str(thread))}"
                + (f", {number} of {len(pieces)}" if numbered else ""),
                year,
                piece,
            )


def view(decided: pd.DataFrame, addresses: links.Addresses) -> views.Ledger:
    """The ledger as its page shows it."""
    divided = parts(decided)
    groups: dict[str, list[views.ListedPart]] = {}
    for part in divided:
        link = views.Link(part.title, addresses.page_href(part.name))
        groups.setdefault(part.year, []).append(views.ListedPart(link, len(part.claims)))
    return views.Ledger(
        claims=len(decided),
        choices=choices(decided),
        sorts=tuple(SORTS.items()),
        rows=rows(in_order(decided) if not divided else decided.iloc[:0], addresses),
        groups=tuple(views.PartGroup(sentence_case(year), tuple(listed)) for year, listed in groups.items()),
    )


def part_view(
    part: Part, before: Part | None, after: Part | None, decided: pd.DataFrame, addresses: links.Addresses
) -> views.LedgerPart:
    """One page of a divided ledger, with the pages before and after it."""

    def link(other: Part | None) -> views.Link | None:
        return views.Link(other.title, addresses.page_href(other.name)) if other else None

    return views.LedgerPart(
        title=part.title,
        ledger=views.Link("The ledger", addresses.page_href(links.LEDGER)),
        rows=rows(decided.loc[list(part.claims)], addresses),
        before=link(before),
        after=link(after),
    )
