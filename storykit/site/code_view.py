"""The code of a figure as a reader sees it: the cell that drew it, coloured, with the facts and rows behind it."""

from __future__ import annotations

import ast

import pygments
import pygments.formatters
import pygments.lexers
from markupsafe import Markup

from storykit import chapters, descriptor, figures, pages, receipts
from storykit import words as figure_words
from storykit.site import views
from storykit.site.links import Addresses


def code(page: str, number: int, record: figures.Record, addresses: Addresses) -> views.FigureCode:
    """The view of a figure's code.

    Parameters
    ----------
    page
        Name of the chapter, such as `zone`.
    number
        Position of the cell that drew the figure, counted from 0 over all cells.
    record
        The figure, with its words.
    addresses
        Those of the page that shows it.
    """
    source = pages.page(page).cells[number].text
    return views.FigureCode(
        html=coloured(source),
        cell=number + 1,
        facts=facts(page, source, record.id),
        rows=_rows(record, addresses),
        notebook=views.Link(f"{page}.ipynb", f"{addresses.root}_notebooks/{page}.ipynb"),
    )


def coloured(source: str) -> Markup:
    """Python as HTML, each word with the class of its kind; coloured once, by the build."""
    lexer = pygments.lexers.PythonLexer(stripnl=False)
    formatter = pygments.formatters.HtmlFormatter(nowrap=True)
    return Markup(pygments.highlight(source, lexer, formatter))


def facts(page: str, source: str, figure: str) -> tuple[views.Fact, ...]:
    """The named facts that a cell uses, itself or in the labels it asks for: name -> what it stands for."""
    names = receipts.of_page(page)
    texts = [
        node.value
        for node in ast.walk(chapters.parsed(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    if words := figure_words.words_of(page).get(figure):
        texts.append(words.text("labels"))
    used = sorted({name for text in texts for name in receipts.used(text) if name in names})
    return tuple((f"@{name}", names.facts[name].expression) for name in used)


def _rows(record: figures.Record, addresses: Addresses) -> tuple[views.CodeRows, ...]:
    """The rows drawn, by table."""
    keys: dict[str, list[str]] = {}
    for table, key in record.rows:
        keys.setdefault(table, []).append(key)
    return tuple(
        views.CodeRows(
            views.Link(descriptor.resource(table)["title"], addresses.page_href(f"tables/{table}")),
            "; ".join(found),
            len(found),
        )
        for table, found in keys.items()
    )
