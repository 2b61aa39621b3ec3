"""A copy of each page of the book as Markdown, `book/<page>.md` beside the page, for readers that are programs.

It is made from the very HTML that readers get, so that its numbers are those of the page; what only a screen needs
(cards, buttons, pictures' second theme) is left out, and links lead where those of the page lead.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lxml.html
from markdownify import MarkdownConverter

from storykit.site import assets, shell
from storykit.site.kept import unless_written

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

WHOLE = "llms-full.txt"
"""The copies of all pages in one file."""

_SCREEN_ONLY = (
    '//*[contains(@class, "receipts") or contains(@class, "fig-tools") or contains(@class, "on-dark")'
    ' or contains(@class, "filters") or contains(@class, "measured") or @class="sr"]'
    " | //svg[@aria-hidden] | //button | //textarea | //script | //form"
)


_CONVERTER = MarkdownConverter(heading_style="ATX", bullets="-", escape_underscores=False, escape_misc=False)
"""Headings with signs, and no escapes where nothing could be misread."""


def write(body: str, title: str, file: Path, engine: str) -> None:
    """Write the copy of a page, whose body is HTML; `engine` is the digest of what it is made by."""

    def make() -> list[Path]:
        assets.write(file, markdown(body, title))
        return [file]

    unless_written(file.name, file.parent, f"{engine} {title}\n{body}", make)


def markdown(body: str, title: str) -> str:
    """A page's body as Markdown, beginning with its title."""
    document = lxml.html.fragment_fromstring(body, create_parent="div")
    for element in document.xpath(_SCREEN_ONLY):
        element.drop_tree()
    for picture in document.xpath("//picture"):
        _one_picture(picture)
    for title_of_figure in document.xpath('//p[@class="fig-title"]'):
        title_of_figure.tag = "h4"
    html = lxml.html.tostring(document, encoding="unicode")
    text = _CONVERTER.convert(html).strip()
    text = re.sub(r"[ \t]+\n", "\n", text)
    text = re.sub(r"\n{3,}", "\n\n", text)
    return (text if text.startswith("# ") else f"# {title}\n\n{text}") + "\n"


def _one_picture(picture: Any) -> None:
    """Of a picture for several screens the one that all can show."""
    for source in picture.xpath("source"):
        source.drop_tag()  # this parser takes what stands behind a source for a part of it
    picture.drop_tag()


def write_whole(app: StoryApp, out: Path) -> None:
    """`llms-full.txt`: the copies of all pages in their order; copies of pages that are gone are removed."""
    files = [out / f"{page}.md" for page in shell.pages(app)]
    texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    assets.write(out / WHOLE, "\n\n".join(texts))
    for stray in {*(out / "book").glob("*.md")} - {*files}:
        stray.unlink()
