"""The page that a host shows for an address where there is nothing: `404.html`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from storykit.site.collected.plans import Page, Plan

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

NAME = "404"


def plans(app: StoryApp) -> Iterator[Plan]:
    yield NAME, "", partial(_lost_page, app)


def _lost_page(app: StoryApp) -> Page:
    return NAME, {"title": "There is no such page", "story_kind": "lost"}, "lost.html"
