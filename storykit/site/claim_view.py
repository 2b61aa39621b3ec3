"""What the page of a claim shows: what was said, what was due, what was found, and what hangs together with it."""

from __future__ import annotations

import bisect
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from storykit import descriptor, periods, receipts, reshape, tables, verdicts
from storykit.site import cards, ledger, links, met, relations, reports, views
from storykit.site.links import Addresses

MOST_RELATED = 5
"""So many claims are listed of each kind of relation: those said nearest in time."""

_RELATIONS = (
    ("partnership_id", "partnership", "Of the same partnership"),
    ("metric", "", "With the same measure"),
    ("country_iso2", "country", "About the same country"),
    ("thread", "thread", "Of the same thread"),
)
"""Field of claims that two share -> the ledger's filter for it, and its title; nearest relation first."""


class Claims:
    """All claims with what stands around them, put in order once for all their pages."""

    def __init__(self) -> None:
        self.decided = {record["claim_id"]: record for record in reshape.records(verdicts.all_verdicts())}
        self.outcomes = _by_claim("outcomes")
        self.quotations = _by_claim("quotations") if "quotations" in descriptor.names() else {}
        self._alike: dict[tuple[str, str], list[tuple[pd.Timestamp, str]]] = {}
        for claim, record in self.decided.items():
            for column, *_ in _RELATIONS:
                if value := record.get(column, ""):
                    self._alike.setdefault((column, value), []).append((_day(record["made_on"]), claim))
        for group in self._alike.values():
            group.sort()

    def alike(self, claim: str, column: str, without: set[str]) -> tuple[list[str], int]:
        """The claims said nearest in time that share a field's value with one, and how many share it in all."""
        record = self.decided[claim]
        group = self._alike.get((column, record.get(column, "")), [])
        mine = (_day(record["made_on"]), claim)
        place, room = bisect.bisect_left(group, mine), MOST_RELATED + len(without)
        near = [other for other in group[max(place - room, 0) : place + room + 1] if other[1] not in without]
        near.sort(key=lambda other: (abs(other[0] - mine[0]), other[1]))
        return [other for _, other in sorted(near[:MOST_RELATED])], len(group)


def _day(date: str) -> pd.Timestamp:
    """The first day that a partial date may mean; undated claims stand together, before all others."""
    return periods.bounds(date)[0] if date else pd.Timestamp(1900, 1, 1)


def _by_claim(table: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in reshape.records(tables.load(table)):
        found.setdefault(row["claim_id"], []).append(row)
    return found


def page(
    claims: Claims, claim: str, uses: Sequence[views.Link], addresses: Addresses, report: str
) -> views.ClaimPage:
    """The page of a claim.

    Parameters
    ----------
    claims
        All of them.
    claim
        Its id.
    uses
        Links to the chapters that name it and the figures that draw it.
    addresses
        Those of its page.
    report
        The setting `story_report_address`.
    """
    record = claims.decided[claim]
    found = sorted(
        claims.outcomes.get(claim, []), key=lambda o: (verdicts.last_day(o["as_of"]), o["outcome_id"])
    )
    deciding = next((o for o in found if o["outcome_id"] == record["verdict_outcome"]), None)
    thread = ledger.sentence_case(ledger.threads().get(record["thread"], record["thread"]))
    return views.ClaimPage(
        ledger=views.Link("The ledger", addresses.page_href(links.LEDGER)),
        thread=views.Link(thread, _filtered(addresses, "thread", record["thread"])),
        statement=record["statement"],
        badge=views.Badge(record["verdict"], record["verdict_words"]),
        meaning=verdicts.MEANINGS[record["verdict"]],
        strip=strip(record, found, deciding),
        quotations=tuple(_quotation(q, addresses) for q in claims.quotations.get(claim, [])),
        reason=_reason(record, deciding),
        promise_confidence=cards.CONFIDENCE[record["confidence"]],
        finding_confidence=cards.CONFIDENCE[deciding["confidence"]] if deciding else "",
        replies=replies(claim, addresses),
        facts=_facts(record),
        partnership=_partnership(record, addresses),
        organisations=tuple(
            relations.organisation(name, addresses) for name in relations.named(record["made_by"])
        ),
        sources=addresses.sources(record["source_ids"]),
        note=record["note"],
        findings=tuple(_finding(o, record, o is deciding, addresses) for o in found),
        related=_related(claims, claim, addresses),
        uses=tuple(uses),
        address=addresses.published(f"claims/{claim}"),
        met=met.view(record, deciding),
        report=reports.href(report, addresses, title="Count seen", figure=claim, says=_says(record)),
    )


def replies(claim: str, addresses: Addresses) -> tuple[views.Reply, ...]:
    """What parties concerned replied about a claim, in order of time."""
    if "replies" not in descriptor.names():
        return ()
    frame = tables.load("replies")
    return tuple(
        views.Reply(r.party, receipts.date_words(r.day), r.says, addresses.sources(r.source_ids))
        for r in reshape.one_by_one(frame[frame["claim_id"] == claim].sort_values("day"))
    )


def _filtered(addresses: Addresses, name: str, value: str) -> str:
    return addresses.page_href(links.LEDGER).partition("#")[0] + f"?{name}={value}"


# --- the promise ------------------------------------------------------------------------------------


def _facts(record: dict[str, Any]) -> tuple[views.Fact, ...]:
    places = tables.records("geographies")
    country = record.get("country_iso2", "")
    facts = (
        ("Who", record["made_by"]),
        ("Said", receipts.date_words(record["made_on"]) if record["made_on"] else "undated"),
        ("Due", receipts.date_words(record["due_by"]) if record["due_by"] else "no date was given"),
        ("Promised", _value("claims", record["claim_id"], "target_value", record["target_value"])),
        ("To be counted", record["metric"]),
        ("Asks for", descriptor.categories("claims", "asks").get(record.get("asks", ""), "")),
        ("Country", places[country]["name"] if country else ""),
    )
    return tuple(fact for fact in facts if fact[1])


def _value(table: str, key: str, field: str, value: float) -> str:
    """A number of a row as readers write it, or "" where there is none."""
    return "" if pd.isna(value) else receipts.num(f'{table}("{key}").{field}')


def _partnership(record: dict[str, Any], addresses: Addresses) -> views.Link | None:
    name = record.get("partnership_id", "")
    if not name:
        return None
    return views.Link(ledger.partnership_words(name), addresses.href("partnerships", name))


def _quotation(row: dict[str, Any], addresses: Addresses) -> views.Quotation:
    return views.Quotation(
        words=row["words"],
        language=row["language"],
        speaker=row["speaker"],
        when=receipts.date_words(row["said_on"]),
        sources=addresses.sources(row["source_ids"]),
        note=row["note"],
    )


# --- the verdict ------------------------------------------------------------------------------------


def _reason(record: dict[str, Any], deciding: dict[str, Any] | None) -> str:
    """Why the verdict is what it is, in the words of the finding it rests on; "" where there is none."""
    if deciding is None:
        return ""
    because = descriptor.categories("claims", "not_ratable_because").get(
        record.get("not_ratable_because", "")
    )
    wording = f" As to its wording: {because}." if because and record["verdict"] == "not-ratable" else ""
    return f"{receipts.date_words(deciding['as_of'])}: {deciding['finding']}{wording}"


def brief(record: dict[str, Any]) -> str:
    """Why the verdict is what it is, in a few words: what was found of what was promised, or the dates of both."""
    goal = ""
    if record["target_value"] not in (0, 1):
        goal = _value("claims", record["claim_id"], "target_value", record["target_value"])
    due = f"due {receipts.date_words(record['due_by'])}" if record["due_by"] else "no date was given"
    deciding = _deciding(record["verdict_outcome"])
    if record["verdict"] in ("open", verdicts.NOT_FOLLOWED_UP) or deciding is None:
        return due
    when = receipts.date_words(deciding["as_of"])
    if record["verdict"] == "unknown":
        return f"{goal or due}: no published evidence, {when}"
    if record["verdict"] == "not-ratable":
        return descriptor.categories("claims", "not_ratable_because").get(record["not_ratable_because"], "")
    if goal and deciding["unit"] == record["target_unit"] and not pd.isna(deciding["observed_value"]):
        found = receipts.num(f'outcomes("{deciding["outcome_id"]}").observed_value | plain')
        return f"{found} of {goal}, {when}"
    return f"{due}; found {when}" if record["due_by"] else f"found {when}"


def _deciding(key: str) -> dict[str, Any] | None:
    """The finding that a verdict rests on."""
    tables.load("outcomes")  # who asks rests on it
    return _findings(*tables.state("outcomes")).get(key)


@functools.lru_cache(maxsize=4)
def _findings(file: Path, modified: int) -> dict[str, dict[str, Any]]:
    return {each["outcome_id"]: each for each in reshape.records(tables.load("outcomes"))}


def _decides(outcome: dict[str, Any], record: dict[str, Any]) -> str:
    """Why a finding decides, by the rule in `verdicts`."""
    words = [verdicts.RULES[record["verdict_rule"]]]
    if outcome.get("decides"):
        words.append(f"The reason given: {outcome['decides'].rstrip('.')}.")
    if outcome["verdict"] == "met" and record["verdict"] == "late":
        words.append("It shows that the promise was kept, after its date: that makes it met late.")
    return " ".join(words)


def _finding(
    outcome: dict[str, Any], record: dict[str, Any], decides: bool, addresses: Addresses
) -> views.Finding:
    key = outcome["outcome_id"]
    return views.Finding(
        id=links.row("outcomes", key)[1],
        when=receipts.date_words(outcome["as_of"]),
        badge=views.Badge(outcome["verdict"], verdicts.WORDS[outcome["verdict"]]),
        words=outcome["finding"],
        value=_value("outcomes", key, "observed_value", outcome["observed_value"]),
        confidence=cards.CONFIDENCE[outcome["confidence"]],
        sources=addresses.sources(outcome["source_ids"]),
        note=outcome["note"],
        decides=_decides(outcome, record) if decides else "",
    )


def _says(record: dict[str, Any]) -> str:
    return f"{record['statement']} ({record['verdict_words']})"


# --- the strip --------------------------------------------------------------------------------------

LENGTH = 1000
"""A strip is so long: places on it are counted in thousandths."""


def strip(
    record: dict[str, Any], found: list[dict[str, Any]], deciding: dict[str, Any] | None
) -> views.Strip:
    """Said, due and found on one line of time, to scale.

    What was said stands at the first day that its date may mean, what was due and found at the last, as verdicts
    are decided. A line of a single day has no length: everything stands at its beginning.
    """
    said = periods.bounds(record["made_on"])[0] if record["made_on"] else None
    due = verdicts.last_day(record["due_by"]) if record["due_by"] else None
    days = [verdicts.last_day(o["as_of"]) for o in found]
    known = [day for day in (said, due, *days) if day is not None]
    nowhere = pd.Timestamp(1900, 1, 1)  # without any day nothing stands on the line
    first, last = min(known, default=nowhere), max(known, default=nowhere)

    def at(day: pd.Timestamp) -> int:
        return round((day - first).days / ((last - first).days or 1) * LENGTH)

    marks = [views.StripMark("said", at(said))] if said is not None else []
    marks += [views.StripMark("due", at(due))] if due is not None else []
    marks += [views.StripMark(f"found verdict-{o['verdict']}", at(day)) for o, day in zip(found, days)]
    years = range(first.year + 1, last.year + 1) if known else ()
    long = bool(known) and first.year != last.year
    return views.Strip(
        begins=at(said) if said is not None and due is not None else 0,
        ends=at(due) if said is not None and due is not None else 0,
        ticks=tuple(at(pd.Timestamp(year, 1, 1)) for year in years),
        marks=tuple(marks),
        first=str(first.year) if long else "",
        last=str(last.year) if long else "",
        stops=_stops(record, found, deciding),
    )


def _stops(
    record: dict[str, Any], found: list[dict[str, Any]], deciding: dict[str, Any] | None
) -> tuple[views.StripStop, ...]:
    said = receipts.date_words(record["made_on"]) if record["made_on"] else "undated"
    due = receipts.date_words(record["due_by"]) if record["due_by"] else "no date given"
    others = len(found) - 1
    more = f"; {others} more finding{'s' if others > 1 else ''}" if others > 0 else ""
    when = receipts.date_words(deciding["as_of"]) if deciding else "nobody has looked yet"
    words = record["verdict_words"] + more if deciding else ""
    happened = views.StripStop(f"found verdict-{record['verdict']}", "Found", when, words)
    return (
        views.StripStop("said", "Said", said, f"by {record['made_by']}"),
        views.StripStop("due", "Due", due, _until(record)),
        happened,
    )


def _until(record: dict[str, Any]) -> str:
    """How long after it was said a promise was due, "" where one of the dates is not known."""
    if not (record["made_on"] and record["due_by"]):
        return ""
    months = round((verdicts.last_day(record["due_by"]) - periods.bounds(record["made_on"])[0]).days / 30.44)
    if months < 1:
        return ""
    if months < 24:
        return f"{months} month{'s' if months > 1 else ''} later"
    return f"{round(months / 12)} years later"


# --- what hangs together ----------------------------------------------------------------------------


def _related(claims: Claims, claim: str, addresses: Addresses) -> tuple[views.RelatedClaims, ...]:
    """Claims of the same partnership, measure, country, thread; none is listed twice."""
    record, listed, groups = claims.decided[claim], {claim}, []
    for column, name, title in _RELATIONS:
        near, shared = claims.alike(claim, column, listed)
        if not near:
            continue
        listed |= set(near)
        words = f"All {shared} in the ledger"
        groups.append(
            views.RelatedClaims(
                title=f"{title}: {record[column]}" if column == "metric" else title,
                claims=tuple(_related_claim(claims.decided[other], addresses) for other in near),
                more=views.Link(words, _filtered(addresses, name, record[column])) if name else None,
            )
        )
    return tuple(groups)


def _related_claim(record: dict[str, Any], addresses: Addresses) -> views.RelatedClaim:
    return views.RelatedClaim(
        views.Link(record["statement"], addresses.href("claims", record["claim_id"])),
        views.Badge(record["verdict"], record["verdict_words"]),
    )
