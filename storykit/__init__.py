"""storykit: turns a Data Package into a Jupyter Book whose numbers open to their sources.

One way through: `tables` -> `figures`, `maps`, `receipts` -> notebook -> `site`.
The package knows no fact of the story; a second story is another `data/` and `book/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.display import Markdown

__all__ = ["open_chapter", "show"]


def __getattr__(name: str) -> Any:
    """`open_chapter`, imported when a chapter asks for it: the command must not wait for pandas to say its help."""
    if name == "open_chapter":
        from storykit.chapters import open_chapter

        return open_chapter
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def show(page: str = "") -> Markdown:
    """The open chapter with its values written in; see `storykit.preview.show`."""
    from storykit import preview  # not before it is asked for: commands and kernels start without it

    return preview.show(page)
