"""The site: everything that turns the book into pages. Only this room knows Sphinx."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """The Sphinx extension `storykit.site`; loaded only here, so that a tool of this room loads no page."""
    from storykit.site import extension

    return extension.setup(app)
