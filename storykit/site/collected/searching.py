"""The page of the search: one, which shows what its address asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from storykit.site import links, reports, shell, views
from storykit.site.collected.plans import Page, Plan

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

_WAYS = ("", links.LEDGER, links.GLOSSARY, "book/data", "book/sources")
"""Pages that lead to everything; "" is the front page."""


def plans(app: StoryApp) -> Iterator[Plan]:
    ways = tuple(_ways(app))
    yield "search", json.dumps([[way.words, way.href] for way in ways]), partial(_search_page, ways)


def _ways(app: StoryApp) -> Iterator[views.Link]:
    addresses, pages = links.Addresses("search", app.builder.get_relative_uri), shell.pages(app)
    for page in _WAYS:
        page = page or pages[0]
        if page in pages:
            yield views.Link(app.env.titles[page].astext(), addresses.page_href(page))
    ask = reports.href(
        app.config.story_report_address, addresses, title="Not found", figure="what was looked for"
    )
    if ask:
        yield views.Link("Ask for what is not there", ask)


def _search_page(ways: tuple[views.Link, ...]) -> Page:
    about = (
        "Claims, numbers, series, figures, organisations, places, terms and every paragraph, in one search."
    )
    context = {"title": "Search", "ways": ways, "story_kind": "search", "story_description": about}
    return "search", context, "search.html"
