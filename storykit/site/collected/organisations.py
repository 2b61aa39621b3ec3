"""A page for each organisation: what it signed and with whom, what it promised, what it runs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from storykit import tables
from storykit.site import ledger, links, relations, views
from storykit.site.collected.plans import Plan, as_page
from storykit.site.relations import Record

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp


def plans(app: StoryApp) -> Iterator[Plan]:
    if not relations.has("organisations"):
        return
    around = Around()
    for name, record in tables.records("organisations").items():
        page = f"organisations/{name}"
        addresses = links.Addresses(page, app.builder.get_relative_uri)
        view = organisation(around, record, app.story.uses.links("organisations", name, addresses), addresses)
        about = f"{view.name}: agreements, partnerships, promises and places in the record."
        yield page, repr(view), partial(as_page, app, page, view.name, view, story_description=about)


class Around:
    """All rows that hang together with organisations, by organisation, found once for all pages."""

    def __init__(self) -> None:
        self.parties = relations.by("agreement_parties", "agreement_id")
        self.roles = relations.by("agreement_parties", "org_id")
        self.partnerships = relations.by("partnership_parties", "org_id")
        self.children = relations.by("organisations", "parent_org_id")
        self.claims: dict[str, list[dict[str, Any]]] = {}
        for claim in relations.decided().values():
            for name in relations.named(claim["made_by"]):
                self.claims.setdefault(name, []).append(claim)
        self.sites: dict[str, list[tuple[str, Record]]] = {}
        for table in relations.sites():
            for site in tables.records(table).values():
                for name in relations.named(relations.operator(table, site)):
                    self.sites.setdefault(name, []).append((table, site))


def organisation(
    around: Around, record: Record, uses: tuple[views.Link, ...], addresses: links.Addresses
) -> views.OrganisationPage:
    """The page of an organisation; parameters as of `partnerships.partnership`."""
    name, parent = record["org_id"], record["parent_org_id"]
    claims = around.claims.get(name, [])
    papers = tables.records("agreements") if relations.has("agreements") else {}
    signed = sorted(
        around.roles.get(name, []),
        key=lambda r: (relations.day(papers[r["agreement_id"]]["signed_on"]), r["agreement_id"]),
    )
    return views.OrganisationPage(
        index=views.Link("Who signed what with whom", addresses.page_href("book/agreements", "agreements"))
        if papers
        else None,
        name=record["name"],
        facts=tuple(fact for fact in _facts(record) if fact[1]),
        parent=relations.organisation(parent, addresses) if parent else None,
        children=tuple(
            relations.organisation(child["org_id"], addresses) for child in around.children.get(name, [])
        ),
        partnerships=tuple(
            views.Party(
                relations.partnership(r["partnership_id"], addresses),
                relations.label("partnership_parties", "role", r["role"]),
            )
            for r in around.partnerships.get(name, [])
        ),
        papers=tuple(_paper(around, name, r, papers[r["agreement_id"]], addresses) for r in signed),
        counts=relations.counts(claims),
        claims=relations.claims(claims, addresses),
        sites=tuple(relations.site(table, site, addresses) for table, site in around.sites.get(name, [])),
        uses=uses,
        sources=addresses.sources(filter(None, record["source_ids"].split(";"))),
    )


def _facts(record: Record) -> tuple[views.Fact, ...]:
    return (
        ("Short name", record["short_name"]),
        ("Kind", relations.label("organisations", "kind", record["kind"])),
        ("Country", relations.country(record["country_iso2"]) if record["country_iso2"] else ""),
        ("In this story", record["role"]),
        ("Note", record["note"]),
    )


def _paper(
    around: Around, name: str, role: Record, paper: Record, addresses: links.Addresses
) -> views.SignedPaper:
    """An agreement as the page of one party shows it."""
    others = [r for r in around.parties[role["agreement_id"]] if r["org_id"] != name]
    kind = relations.label("agreements", "kind", paper["kind"])
    return views.SignedPaper(
        when=relations.when(paper["signed_on"]),
        link=views.Link(paper["title"], addresses.href("agreements", role["agreement_id"])),
        role=ledger.sentence_case(relations.label("agreement_parties", "role", role["role"])),
        others=tuple(party.link for party in relations.parties(others, "agreement_parties", addresses)),
        state=f"{kind}: {relations.label('agreements', 'status', paper['status'])}",
    )
