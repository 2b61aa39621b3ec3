"""What a notebook must be before it runs as a chapter, and what its outputs may hold afterwards."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat

from storykit import chapters, figures, stripping

_OPENING = re.compile(r"open_chapter\(\s*[\"']([^\"']*)[\"']")
_HIDDEN = {"remove-cell", "remove-output"}
_CONTRACTS = {"FigureError", "ReceiptError", "DataError"}
"""Errors of ours; their messages say what to do, and one does not follow from another."""
SHOWN_LINES = 6
"""Lines of a cell that are shown with its error."""


def opened_by(notebook: nbformat.NotebookNode) -> str | None:
    """The name a notebook gives to `open_chapter`, or None if it opens no chapter."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and (match := _OPENING.search(cell.source)):
            return match[1]
    return None


def unfit(file: Path) -> list[str]:
    """What keeps a file of the book from being run as a chapter, one line each."""
    place = f"book/{file.name}"
    try:
        notebook = nbformat.read(file, as_version=4)
    except Exception as error:  # nbformat raises whatever its JSON parser, its schema or a missing key raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return [f"{place} is not a notebook ({reason}); look for the marks of an unfinished merge in it"]
    name = opened_by(notebook)
    found = []
    if name is None:
        found.append(f'{place} opens no chapter; its first code cell must call open_chapter("{file.stem}")')
    elif name != file.stem:
        found.append(f'{place} opens the chapter "{name}"; it must call open_chapter("{file.stem}")')
    kernel = notebook.metadata.get("kernelspec", stripping.KERNEL).get("name")
    if kernel != stripping.KERNEL["name"]:
        found.append(
            f"{place} asks for the kernel {kernel!r}, which other machines do not have; it must be "
            f"{stripping.KERNEL['name']!r}: storykit record --strip {file.stem} writes that"
        )
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            try:
                found += [
                    f"{place}, cell {number}, {words}" for words in _unlisted(chapters.parsed(cell.source))
                ]
            except SyntaxError as error:
                found.append(f"{place}, cell {number}, line {error.lineno}: {error.msg}")
    return found


_DATA_FILE = re.compile(r"(?:^|[/\\])(?P<name>[\w-]*)\.(?P<ending>csv|parquet|geojson)$")


def _unlisted(code: ast.Module) -> Iterator[str]:
    """Files of the data that a cell names by their path: nobody is told that the chapter reads them."""
    strings = [
        (node.lineno, node.value)
        for node in ast.walk(code)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    for line, text in strings:
        if match := _DATA_FILE.search(text):
            way = "geometry" if match["ending"] == "geojson" else "load"
            yield (
                f"line {line}: {text!r} is read past the list of what the chapter reads, so that no change of it would "
                f'run it again and no archive would hold it; write tables.{way}("{match["name"] or "…"}")'
            )


def breaches(file: Path, notebook: nbformat.NotebookNode) -> list[str]:
    """What a chapter that ran has in its outputs and no page may show: errors, and all that is no figure.

    After an error of Python's the next ones mostly follow from it, so only the first is told.
    """
    found, stopped = [], False
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            place = f"book/{file.name}, cell {number}"
            if output.output_type == "error":
                ours = output.ename in _CONTRACTS
                if ours or not stopped:
                    found.append(_error(place, cell.source, output))
                stopped = stopped or not ours
            elif not _HIDDEN & set(cell.metadata.get("tags", [])):
                found += _shown(place, output)
    return found


def _error(place: str, source: str, output: nbformat.NotebookNode) -> str:
    if output.ename in _CONTRACTS and output.evalue.startswith("book/"):
        return str(output.evalue)  # it names chapter, cell and figure itself
    lines = source.splitlines()
    shown = [f"    {line}" for line in lines[:SHOWN_LINES]] + ["    …"] * (len(lines) > SHOWN_LINES)
    return "\n".join([f"{place} stopped with an error:", *shown, f"  {output.ename}: {output.evalue}"])


def _shown(place: str, output: nbformat.NotebookNode) -> Iterator[str]:
    """What is wrong with an output that would stand on the page."""
    if output.output_type == "stream":
        verb = "warns" if output.name == "stderr" else "prints"
        text = " ".join(output.text.split())[:80]
        yield (
            f"{place} {verb} {text!r}: a page shows text and figures only. Put numbers into the text with "
            "{num}, mend what is warned of, or hide the cell with the tag remove-cell"
        )
    elif figures.MIME not in output.data:
        chart = "application/vnd.plotly.v1+json" in output.data or "folium" in str(output.data)
        what = "a chart or map without the figure contract" if chart else "something that is no figure"
        yield f"{place} shows {what}; wrap it in figures.Figure or maps.Map, or end the cell with a semicolon"
