"""The whole book on one page, `book/whole.html`: all chapters in order, to be read through or printed.

It is put together from the written pages, so that nothing in it can say anything else than they do.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import lxml.html
from markupsafe import Markup
from sphinx.builders.html import StandaloneHTMLBuilder

from storykit import disk
from storykit.site import execution, shell, views
from storykit.site.kept import Kept

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

NAME = "book/whole"
MOST_ROWS = 12
"""A figure's table with more rows stays on the figure's own page, as in print."""

_LEFT_OUT = (
    "//script | //button | //form | //textarea | //*[@hidden and not(self::picture)]"
    ' | //nav | //ol[contains(@class, "ledger")] | //*[contains(@class, "ledger-parts")]'
    ' | //*[@class="receipts" or @class="cite-page" or @class="reading" or @class="fig-tools" or @class="fig-live"]'
    ' | //picture[contains(@class, "on-dark")]'
    f" | //details[@class='fig-table'][count(.//tbody/tr) > {MOST_ROWS}]"
)
_REFERRING = ("id", "for", "aria-describedby", "aria-labelledby", "headers")
_LIVE = (
    "data-receipt",
    "data-fig",
    "data-kind",
    "data-spec",
    "data-marks",
    "data-frame",
    "data-lens",
    "data-choose",
    "data-series",
)


def write(app: StoryApp, out: Path) -> None:
    """Put the page together anew."""
    builder = app.builder
    if not isinstance(builder, StandaloneHTMLBuilder):
        return
    names = [name for name in shell.story(app) if (out / f"{name}.html").is_file()]
    kept = Kept(execution.state_folder() / "bound", f"{app.story.engine} {names}")
    chapters = tuple(
        views.BoundChapter(
            _anchor(name),
            app.env.titles[name].astext(),
            kept.get(disk.digest(out / f"{name}.html"), partial(_bound, out / f"{name}.html", names)),
        )
        for name in names
    )
    kept.save()
    context = {
        "title": "The whole book",
        "chapters": chapters,
        "story_kind": "whole",
        "story_description": f"All chapters of {app.config.html_title} on one page.",
    }
    builder.handle_page(NAME, context, "whole.html")


def _anchor(page: str) -> str:
    return page.rpartition("/")[2]


def _bound(file: Path, names: list[str]) -> Markup:
    """What a written chapter says, as a part of the one page: its anchors carry its name, its headings go a step down."""
    document = lxml.html.document_fromstring(file.read_text(encoding="utf-8"))
    article = document.xpath("//main/article")[0]
    for element in article.xpath(_LEFT_OUT.replace("//", ".//")):
        element.drop_tree()
    own, bound = _anchor(file.with_suffix("").name), {_anchor(name) for name in names}
    for element in article.iter():
        _bind(element, own, bound)
    return Markup("").join(
        Markup(lxml.html.tostring(child, encoding="unicode", method="html")) for child in article
    )


def _bind(element: Any, own: str, bound: set[str]) -> None:
    attributes = element.attrib
    for name in _REFERRING:
        if name in attributes:
            attributes[name] = " ".join(f"{own}--{word}" for word in attributes[name].split())
    for name in (*_LIVE, "loading"):  # what is to be printed must be there
        attributes.pop(name, None)
    if "href" in attributes:
        attributes["href"] = _inside(attributes["href"], own, bound)
    if isinstance(element.tag, str) and re.fullmatch("h[1-5]", element.tag):
        element.tag = f"h{int(element.tag[1]) + 1}"
    if element.tag == "details":
        attributes["open"] = ""
    if attributes.get("class") == "fig":
        # A picture and its words; the figure itself is where it is told.
        attributes["class"] = "fig fig-bound"


def _inside(address: str, own: str, bound: set[str]) -> str:
    """An address that leads to a bound chapter leads to its place in this page."""
    parts = urlsplit(address)
    page = parts.path.removesuffix(".html") or own
    if parts.scheme or parts.netloc or parts.query or page not in bound:
        return address
    return f"#{page}--{parts.fragment}" if parts.fragment else f"#{page}"
