"""What every kind of collected page is made with: its plan, its frame, its sources."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from storykit import tables
from storykit.site.templates import render

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

Page = tuple[str, dict[str, Any], str]
"""Name, context and template: what Sphinx asks for."""
Plan = tuple[str, str, Callable[[], Page]]
"""Name of a page, its key, and the function that makes it."""


def as_page(app: StoryApp, name: str, title: str, view: Any, **context: Any) -> Page:
    """A reference page that shows a view."""
    app.story.finished(name)
    about = {"title": title, "body": render(view), "toc": "", "story_kind": "reference"}
    return name, {**about, **context}, "page.html"


def cited(ids: Iterable[str]) -> str:
    """Some sources as recorded; a part of the key of every page that cites them."""
    known = tables.records("sources")
    return json.dumps([known[i] for i in sorted(set(ids))])
