"""A page for each claim."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from storykit.site import claim_view, links, social, views
from storykit.site.collected.plans import Page, Plan, as_page

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp


def plans(app: StoryApp) -> Iterator[Plan]:
    known = claim_view.Claims()
    for claim in known.decided:
        name = f"claims/{claim}"
        addresses = links.Addresses(name, app.builder.get_relative_uri, app.config.html_baseurl or "")
        used = app.story.uses.links("claims", claim, addresses)
        view = claim_view.page(known, claim, used, addresses, app.config.story_report_address)
        # The view holds all that the page shows, so that nothing a claim hangs together with can be forgotten.
        yield name, repr(view), partial(_claim_page, app, name, view)


def _claim_page(app: StoryApp, name: str, view: views.ClaimPage) -> Page:
    description = f"{view.badge.words.capitalize()}. {view.reason}".strip()
    card = f"{social.FOLDER}/{name.rpartition('/')[2]}.png" if app.config.html_baseurl else ""
    return as_page(app, name, view.statement, view, story_description=description, story_image=card)
