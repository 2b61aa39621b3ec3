"""A page with its values written in, without running or building anything: in an editor, or as one HTML file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup

from storykit import disk, pages, project, receipts, verdicts, words

if TYPE_CHECKING:
    from IPython.display import Markdown

_ROLE = re.compile(r"\{(num|holds|verdict)\}`([^`]+)`")


def written_out(page: str) -> str:
    """A page as plain Markdown: every role says its value in bold, every figure its words.

    What cannot be resolved stands as it is written, with a sign of warning before it; lint tells why.
    """
    cells = [_of_cell(page, cell) for cell in pages.page(page).of_kind("markdown")]
    return "\n\n".join(filter(None, cells)) + "\n"


def _of_cell(page: str, cell: pages.Cell) -> str:
    told = {figure.id: figure for figure in words.all_words(page)}
    text = cell.text
    for block in pages.Page(page, (cell,)).blocks():
        fence = re.compile(
            rf"^(`{{3,}}|:{{3,}})\{{{block.name}\}}[ \t]*{re.escape(block.argument)}[ \t]*\n.*?^\1[ \t]*$",
            re.DOTALL | re.MULTILINE,
        )
        if found := fence.search(text):
            text = text[: found.start()] + _of_block(block, told) + text[found.end() :]
    return _ROLE.sub(_resolving(receipts.of_page(page)), pages.without_anchors(text)).strip()


def _of_block(block: pages.Block, told: dict[str, words.Words]) -> str:
    if block.name == "facts":
        return ""
    if block.name in ("sure", "case"):
        return f"**{block.argument or 'How sure is this?'}**\n\n{block.text}"
    if block.name != "figure-text" or block.argument not in told:
        return f"*{block.name} {block.argument}*"
    figure = told[block.argument]
    texts = [f"#### {figure.text('title')}", figure.text("subtitle"), figure.text("description")]
    return "\n>\n".join(f"> {text}" for text in texts)


def _resolving(names: receipts.Names) -> Callable[[re.Match[str]], str]:
    def say(match: re.Match[str]) -> str:
        role, inside = match[1], " ".join(match[2].split())
        try:
            if role == "verdict":
                return f"**[{verdicts.all_verdicts()['verdict_words'][names.claim(inside)]}]**"
            said = receipts.said(role, inside, names)
        except (receipts.ReceiptError, KeyError):
            return f"\N{WARNING SIGN} {match[0]}"
        return f"**{said}**" if role == "num" else said

    return say


def show(page: str = "") -> Markdown:
    """The open chapter (or another page) with its values, to be looked at in JupyterLab: `storykit.show()`.

    Raises
    ------
    DataError
        If no chapter is open and no page is named.
    """
    from IPython.display import Markdown

    name = page or project.current().chapter
    if not name:
        raise project.DataError("Call open_chapter first, or name a page: show('method').")
    return Markdown(pages.without_formulas(written_out(name)))


def write(page: str) -> Path:
    """Write a page as one HTML file without pictures, `_build/preview/<page>.html`; returns the file.

    Raises
    ------
    DataError
        If there is no such page.
    """
    if page not in pages.names():
        raise project.DataError(f"There is no page {page!r}; there are {', '.join(pages.names())}.")
    text = written_out(page)
    template = jinja2.Environment(autoescape=True).from_string(_template())
    made = template.render(title=_title(text), body=Markup(_reader().render(text)))
    file = project.root() / "_build" / "preview" / f"{page}.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    disk.write_whole(file, made)
    return file


def _reader() -> MarkdownIt:
    # Raw HTML in a text stays text: nothing from data or prose is ever markup.
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _title(text: str) -> str:
    first = text.lstrip().split("\n", 1)[0]
    return first.lstrip("# ").strip()


def _template() -> str:
    return (Path(__file__).parent / "look" / "preview.html").read_text(encoding="utf-8")
