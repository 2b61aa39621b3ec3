"""storykit: turns a Data Package into a Jupyter Book whose numbers open to their sources.

One way through: `tables` -> `figures`, `maps`, `receipts` -> notebook -> `site`.
The package knows no fact of the story; a second story is another `data/` and `book/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.display import Markdown

__all__ = ["open_chapter", "show"]


# What these two need is imported when they are called: the command must not wait for pandas to say its help.


def open_chapter(name: str) -> Markdown | None:
    """Say which chapter this kernel runs; see `storykit.chapters.open_chapter`.

    Returns
    -------
    In an editor the chapter with its values, to be read there: an editor shows prose as it is written, with its roles.
    """
    from storykit import chapters

    chapters.open_chapter(name)
    return show(name) if chapters.is_edited() else None


def show(page: str = "") -> Markdown:
    """The open chapter with its values written in; see `storykit.preview.show`."""
    from storykit import preview

    return preview.show(page)
