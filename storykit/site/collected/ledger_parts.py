"""The pages that a long ledger is split into."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from storykit import verdicts
from storykit.site import ledger, links
from storykit.site.collected.plans import Plan, as_page

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp


def plans(app: StoryApp) -> Iterator[Plan]:
    decided = verdicts.all_verdicts()
    parts = ledger.parts(decided)
    for before, part, after in zip((None, *parts), parts, (*parts[1:], None)):
        addresses = links.Addresses(part.name, app.builder.get_relative_uri)
        view = ledger.part_view(part, before, after, decided, addresses)
        about = f"{part.title}: {len(part.claims)} of the {len(decided)} claims of the ledger, with their verdicts."
        yield (
            part.name,
            repr(view),
            partial(as_page, app, part.name, view.title, view, story_description=about),
        )
