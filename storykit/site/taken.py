"""Chapters to take away: each as a notebook that holds what its page shows, for any reader of notebooks.

The prose has its numbers written out, a figure is plotly's JSON, SVG and PNG at once, with its words and its
table. Nothing has to be run to see it; `archives` puts beside it what running it takes.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from markupsafe import Markup
from nbformat import v4

from storykit import descriptor, disk, figures, pages, receipts, tables, verdicts
from storykit.site import figure_view, links, nodes, pictures, shell, views
from storykit.site.kept import unless_written
from storykit.site.templates import render

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

FOLDER = "_notebooks"
SHOWN = 12
"""A table with more rows, and a list of more sources, is folded; what is read next stays in sight."""
_VERDICT = re.compile(r"\{verdict\}`([^`]+)`")
_LINK = re.compile(r"\]\((?P<page>[\w-]+)\.(?:ipynb|md)(?P<anchor>#[^)\s]*)?\)")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python", "pygments_lexer": "ipython3"},
}  # fmt: skip


def write(app: StoryApp, out: Path) -> None:
    """`_notebooks/<chapter>.ipynb` for each chapter of the book, and nothing that no page asks for."""
    folder = out / FOLDER
    folder.mkdir(exist_ok=True)
    shown = chapters(app)
    for page, records in shown.items():
        _write(app, page, records, folder / f"{_name(page)}.ipynb", out / "_figures")
    wanted = {f"{_name(page)}.ipynb" for page in shown}
    for stray in folder.glob("*.ipynb"):
        if stray.name not in wanted:
            stray.unlink()


def chapters(app: StoryApp) -> dict[str, list[figures.Record]]:
    """The chapters that the book shows, in page order, each with its figures."""
    held = getattr(app.env, "story_figures", {})
    return {
        page: held.get(page, []) for page in shell.pages(app) if pages.file(_name(page)).suffix == ".ipynb"
    }


def _name(page: str) -> str:
    return page.rpartition("/")[2]


def _write(app: StoryApp, page: str, records: list[figures.Record], place: Path, drawn: Path) -> None:
    """Write a chapter's notebook, unless nothing that it shows has changed since."""
    images = {record.id: _images(drawn, record) if app.story.pictures else {} for record in records}
    base = (app.config.html_baseurl or "").rstrip("/")
    files = [pages.file(_name(page)), pages.file(pages.COMMON)]
    key = json.dumps(
        [base, app.config.html_title, [disk.digest(file) for file in files], app.story.engine]
        + [record.to_json() for record in records]
        + [[hashlib.sha256(image).hexdigest() for image in kinds.values()] for kinds in images.values()]
    )

    def write() -> list[Path]:
        cells: dict[int, list[figures.Record]] = {}
        for record in records:
            cells.setdefault(nodes.held(app.env, "story_cells")[page][record.id], []).append(record)
        notebook = written_out(_name(page), cells, images, base or "..", app.config.html_title)
        place.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
        return [place]

    unless_written(place.name, place.parent, key, write)


def _images(drawn: Path, record: figures.Record) -> dict[str, bytes]:
    """The pictures of a figure by their types, as a page shows them in light."""
    endings = {"image/png": "png", "image/svg+xml": "light.svg"}
    return {mime: (drawn / f"{record.id}.{ending}").read_bytes() for mime, ending in endings.items()}


def written_out(
    name: str,
    drawn: dict[int, list[figures.Record]],
    images: dict[str, dict[str, bytes]],
    base: str,
    book: str,
) -> nbformat.NotebookNode:
    """A chapter's notebook with its numbers and outputs in it.

    Parameters
    ----------
    name
        Name of the chapter.
    drawn
        Position of a cell, counted from 0 -> the figures that it drew, with their words.
    images
        Figure -> its pictures by their types; none where no browser could draw.
    base
        Address of the site, or the way to it from `_notebooks`.
    book
        Title of the book.
    """
    source = nbformat.read(pages.file(name), as_version=4)
    cells = [_about(name, base, book)]
    for number, cell in enumerate(source.cells):
        if cell.cell_type == "markdown":
            if text := prose(name, cell.source, base):
                cells.append(_cell(v4.new_markdown_cell(text), cell))
            continue
        outputs = [output for record in drawn.get(number, []) for output in _outputs(record, images)]
        count = sum(other.cell_type == "code" for other in source.cells[: number + 1])
        made = v4.new_code_cell(cell.source, outputs=outputs, execution_count=count)
        cells.append(_cell(made, cell))
    notebook: nbformat.NotebookNode = v4.new_notebook(cells=cells, metadata=METADATA)
    nbformat.validate(notebook)
    return notebook


def _cell(made: nbformat.NotebookNode, source: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A cell under the id and with the tags of the one that it is made of."""
    made.id, made.metadata = source.id, source.metadata
    return made


def _about(name: str, base: str, book: str) -> nbformat.NotebookNode:
    """The first cell: where this comes from, and how it is run."""
    where = f"[{book}]({base}/book/{name}.html)"
    text = (
        f"*A chapter of {where}, with the values of its data as of {receipts.date_words(verdicts.data_as_of())} "
        f"(version {descriptor.about('version')}). Its outputs are those of the page. To run it take "
        f"[{name}.zip]({base}/{FOLDER}/{name}.zip): the same notebook with its data and the engine.*"
    )
    if "://" in base:
        text += f"\n\n*Where only this file is at hand, as in Colab, a cell in front of the first fetches them:*\n\n{_fetching(name, base)}"
    made: nbformat.NotebookNode = v4.new_markdown_cell(pages.without_formulas(text), id="about-this-notebook")
    return made


def _fetching(name: str, base: str) -> str:
    """Lines for a cell that fetches and installs a chapter's archive, as Markdown shows code."""
    lines = [
        f"!curl -sSO {base}/{FOLDER}/{name}.zip",
        f"!python -m zipfile -e {name}.zip .",
        f"%cd {name}",
        "%pip install -q -r requirements.txt",
    ]
    return "\n".join(f"    {line}" for line in lines)


def prose(page: str, text: str, base: str) -> str:
    """A cell of prose as any reader of Markdown shows it: roles written out, without blocks for the build."""
    names = receipts.of_page(page)

    def instead(block: pages.Block) -> str:
        if block.name in ("facts", "figure-text"):
            return ""
        if block.name != "story":
            return f"**{block.argument or 'How sure is this?'}**\n\n{block.text}"  # as `preview` has it
        return f"*Here the [page]({base}/book/{page}.html) shows a part that is made from the data.*"

    def link(match: re.Match[str]) -> str:
        return f"]({base}/book/{match['page']}.html{match['anchor'] or ''})"

    plain = receipts.plain(pages.prose(text, instead), names)
    decided = verdicts.all_verdicts()["verdict_words"]
    plain = _VERDICT.sub(lambda match: f"(*{decided[names.claim(match[1])]}*)", plain)
    return pages.without_formulas(_LINK.sub(link, plain))


def _outputs(record: figures.Record, images: dict[str, dict[str, bytes]]) -> list[nbformat.NotebookNode]:
    """What a reader of notebooks shows of a figure: its heading, the chart, and its words with the table."""
    said = functools.partial(map, receipts.plain)
    title, subtitle, description, notes = said(record.texts)
    kinds = images[record.id]
    chart: dict[str, Any] = {"application/vnd.plotly.v1+json": _plotly(record), "text/plain": title}
    if kinds:
        chart |= {
            "image/png": base64.b64encode(kinds["image/png"]).decode(),
            "image/svg+xml": pictures.with_ids_of(kinds["image/svg+xml"].decode(), record.id),
        }
    about = [description, notes, _table(record), _sources(record.sources)]
    return [
        _display(f"**{title}**  \n{subtitle}"),
        v4.new_output(
            "display_data", data=chart, metadata={"image/png": {"width": record.width, "alt": title}}
        ),
        _display("\n\n".join(filter(None, about))),
    ]


def _display(text: str) -> nbformat.NotebookNode:
    data = {"text/markdown": pages.without_formulas(text), "text/plain": text}
    made: nbformat.NotebookNode = v4.new_output("display_data", data=data)
    return made


def _plotly(record: figures.Record) -> dict[str, Any]:
    """The chart for plotly.js; its heading stands above it."""
    spec = pictures.chart(record, "light", narrow=False)
    return {
        "data": spec["data"],
        "layout": {**spec["layout"], "height": record.height},
        "config": {"displaylogo": False},
    }


def _table(record: figures.Record) -> str:
    """The figure's table in Markdown, folded if it is long."""
    rule = ["---:" if numeric else "---" for numeric in record.numeric]
    rows = [map(figure_view.cell_text, row, record.numeric) for row in record.table]
    table = "\n".join(map(_line, [record.columns, rule, *rows]))
    return _folded(f"The table: {len(rows)} rows", table) if len(rows) > SHOWN else table


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", r"\|") for cell in cells) + " |"


def _folded(summary: str, text: str) -> str:
    """Markdown under a line that opens it."""
    return str(render(views.Folded(summary, Markup(text))))


def _sources(ids: Sequence[str]) -> str:
    known = tables.records("sources")
    cited = "; ".join(
        f"[{links.source_words(i)}]({known[i]['url']})" if known[i]["url"] else links.source_words(i)
        for i in ids
    )
    licence = f"Licence: {descriptor.about('licenses')[0]['name']}."
    if len(ids) <= SHOWN:
        return f"Sources: {cited}. {licence}"
    return _folded(f"{len(ids)} sources. {licence}", f"{cited}.")
