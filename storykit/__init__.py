"""storykit: turns a Data Package into a Jupyter Book whose numbers open to their sources.

One way through: `tables` -> `figures`, `maps`, `receipts` -> notebook -> `site`.
The package knows no fact of the story; a second story is another `data/` and `book/`.
"""

from storykit.chapters import open_chapter

__all__ = ["open_chapter", "show"]


def show(page: str = ""):
    """The open chapter with its values written in; see `storykit.preview.show`."""
    from storykit import preview  # not before it is asked for: commands and kernels start without it

    return preview.show(page)
