"""A page for each partnership: the paper, who is in it, what was promised, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from storykit import receipts, tables
from storykit.site import links, relations, views
from storykit.site.collected.plans import Plan, as_page
from storykit.site.relations import Record

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

INDEX = "book/partnerships"


def plans(app: StoryApp) -> Iterator[Plan]:
    if not relations.has("partnerships"):
        return
    around = Around()
    for name, record in tables.records("partnerships").items():
        page = f"partnerships/{name}"
        addresses = links.Addresses(page, app.builder.get_relative_uri)
        view = partnership(around, record, app.story.uses.links("partnerships", name, addresses), addresses)
        # The view holds all that the page shows, so that nothing it hangs together with can be forgotten.
        yield (
            page,
            repr(view),
            partial(as_page, app, page, view.title, view, story_description=f"{view.title}. {view.promise}."),
        )


class Around:
    """All rows that name a partnership, by the partnership, found once for all pages."""

    def __init__(self) -> None:
        self.decided = relations.decided()
        self.parties = relations.by("partnership_parties", "partnership_id")
        self.agreements = relations.by("agreements", "partnership_id")
        self.events = relations.by("events", "partnership_id")
        self.outcomes = relations.by("outcomes", "claim_id")
        self.sites = {table: relations.by(table, "partnership_id") for table in relations.sites()}
        self.claims: dict[str, list[dict[str, Any]]] = {}
        for claim in self.decided.values():
            self.claims.setdefault(claim.get("partnership_id", ""), []).append(claim)


def partnership(
    around: Around, record: Record, uses: tuple[views.Link, ...], addresses: links.Addresses
) -> views.PartnershipPage:
    """The page of a partnership.

    Parameters
    ----------
    around
        What hangs together with it, and with all others.
    record
        Its row as recorded.
    uses
        Links to the chapters that name it and the figures that draw it.
    addresses
        Those of its page.
    """
    name = record["partnership_id"]
    claims = around.claims.get(name, [])
    title = relations.partnership(name, addresses).words
    index, ledger = addresses.page_href(INDEX), addresses.page_href(links.LEDGER)
    findings = [o for claim in claims for o in around.outcomes.get(claim["claim_id"], [])]
    return views.PartnershipPage(
        index=views.Link("Partnerships", index),
        country=views.Link(relations.country(record["geography"]), f"{index}?country={record['geography']}"),
        title=title,
        promise=record["promise"],
        facts=tuple(fact for fact in _facts(record) if fact[1]),
        not_to_compare=record["not_to_compare"],
        parties=relations.parties(around.parties.get(name, []), "partnership_parties", addresses),
        counts=relations.counts(claims),
        claims=relations.claims(claims, addresses),
        ledger=views.Link("These promises in the ledger", f"{ledger}?partnership={name}"),
        moments=relations.moments(
            around.agreements.get(name, []), around.events.get(name, []), findings, addresses
        ),
        sites=tuple(
            relations.site(table, site, addresses)
            for table, found in around.sites.items()
            for site in found.get(name, [])
        ),
        uses=uses,
        sources=addresses.sources(filter(None, record["source_ids"].split(";"))),
    )


def _facts(record: Record) -> tuple[views.Fact, ...]:
    def meant(field: str) -> str:
        return relations.label("partnerships", field, record[field])

    months = record["months_to_first_delivery"]
    first = f"{months} month{'s' if months != '1' else ''} after the signature" if months else "not known"
    status = meant("status")
    note = record["status_note"]
    return (
        ("Partner", record["partner"]),
        ("Kind", meant("instrument")),
        ("Signed or said", relations.when(record["signed_on"])),
        ("Sum", _sum(record)),
        ("Goals with a date", meant("dated_targets")),
        ("Text published", meant("text_published")),
        ("Duty to report", meant("reporting_duty")),
        ("Status", f"{status} ({note})" if note and note not in status else status),
        ("First working thing", first),
        ("Note", record["note"]),
    )


def _sum(record: Record) -> str:
    """The sum as readers write it, with what it is and over which years."""
    if not record["amount"]:
        return ""
    amount = receipts.num(f'partnerships("{record["partnership_id"]}").amount')
    basis = relations.label("partnerships", "amount_basis", record["amount_basis"])
    years = f", {record['amount_years']} years" if record["amount_years"] else ""
    return f"{amount} ({basis}{years})"
