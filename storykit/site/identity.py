"""Who a page is to the world outside: its address, how it is cited, and what programs are told of it."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from storykit.site import citations, links, reports, schema, views

FOLDERS = ("book", "ledger", *citations.FOLDERS)
"""Folders of pages, by which an address tells where the site begins."""


def of(app: Sphinx, page: str, title: str, kind: str, description: str) -> dict[str, Any]:
    """For the template: `canonical`, `citation` to be shown at the page's end, `tags`, `jsonld`, where to `challenge` it and what is on it (`report`);
    `kind` is how it is set.
    """
    addresses = links.Addresses(page, app.builder.get_relative_uri, app.config.html_baseurl or "")
    what = _what(page, kind)
    if not what:
        return {
            "canonical": "",
            "citation": None,
            "tags": (),
            "jsonld": None,
            "challenge": None,
            "report": "",
        }
    report = reports.href(app.config.story_report_address, addresses, figure=page.removeprefix("book/"))
    shown_inside, language = what == "figure", app.config.language or "en"
    return {
        "canonical": addresses.published(page),
        "citation": None if shown_inside else citations.citation(page, title, what, addresses),
        "tags": citations.tags(page, title, what, description, addresses, language),
        "challenge": None
        if shown_inside or not report
        else views.Link(_CHALLENGES.get(what, "this page"), report),
        "report": report,
        "jsonld": schema.graph(page, title, what, description, trail(app, page, title), addresses, language),
    }


_UNCITED = ("search", "genindex", "404")


_CHALLENGES = {"claim": "this verdict", "series": "a number of this series", "table": "a row of this table"}
"""What a page is -> what of it a reader would challenge."""


def is_cited(page: str) -> bool:
    """Whether somebody may cite a page, or look for it."""
    return page not in _UNCITED and not page.endswith(".embed")


def _what(page: str, kind: str) -> str:
    """What a page is, in a word, as it is cited by; "" where nobody would cite it."""
    if not is_cited(page) or kind == "moved":
        return ""
    if kind == "front":
        return "book"
    if page == links.DATA:
        return "package"
    return citations.kind_of(page, chapter=kind in ("story", "index"))


_HOMES = {
    "claims": links.LEDGER,
    "ledger": links.LEDGER,
    "series": links.DATA,
    "tables": links.DATA,
    "sources": "book/sources",
    "partnerships": "book/partnerships",
    "organisations": "book/agreements",
    "places": "book/places",
}
"""Folder of collected pages -> the page of the book that lists them."""


def trail(app: Sphinx, page: str, title: str) -> list[tuple[str, str]]:
    """(title, name) of the pages on the way from the front page to one."""
    front = app.config.external_site_map.root.docname
    home = _HOMES.get(page.partition("/")[0], "")
    ways = [(app.config.html_title, front)]
    if home in app.env.titles:
        ways.append((app.env.titles[home].astext(), home))
    return ways if page == front else [*ways, (title, page)]
