"""The open chapter: which page a figure, a fact and a read of a table belong to."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from storykit import project, reads


def open_chapter(name: str) -> None:
    """Say which chapter this kernel runs; every chapter's set-up cell calls it first.

    Parameters
    ----------
    name
        The page's name: `book/<name>.ipynb`.

    Raises
    ------
    project.DataError
        If there is no such notebook.
    """
    if not file(name).is_file():
        raise project.DataError(
            f"There is no chapter book/{name}.ipynb; open_chapter takes the notebook's own name."
        )
    project.current().chapter = name
    reads.start()
    _use_story_look()


def current() -> str | None:
    """Name of the open chapter, or None outside a chapter."""
    return project.current().chapter or None


def file(name: str) -> Path:
    """The notebook of a chapter."""
    return project.root() / "book" / f"{name}.ipynb"


def _cells(name: str, kind: str) -> list[tuple[int, str]]:
    cells = json.loads(file(name).read_text(encoding="utf-8"))["cells"]
    return [
        (n, "".join(cell["source"])) for n, cell in enumerate(cells, start=1) if cell["cell_type"] == kind
    ]


def prose(name: str) -> list[tuple[int, str]]:
    """The markdown cells of a chapter as (cell number counted from 1, text)."""
    return _cells(name, "markdown")


def figure_texts(name: str) -> list[tuple[int, str]]:
    """The texts in a chapter's code that hold roles (titles, subtitles, descriptions), as (cell number, text)."""
    found = []
    for number, source in _cells(name, "code"):
        for node in ast.walk(parsed(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "}`" in node.value:
                found.append((number, node.value))
    return found


def parsed(source: str) -> ast.Module:
    """The code of a cell, read as the kernel reads it (a line may be a magic of IPython's).

    Raises
    ------
    SyntaxError
        If it is no Python.
    """
    from IPython.core.inputtransformer2 import TransformerManager

    return ast.parse(TransformerManager().transform_cell(source))


def current_cell() -> int | None:
    """Position of the running cell in its notebook, counted from 1 as prose is; None outside a chapter."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None or current() is None:
        return None
    running = shell.user_ns["In"][-1].strip()
    return next((n for n, source in _cells(current(), "code") if source.strip() == running), None)


def _use_story_look() -> None:
    """Make every plotly figure of the chapter start from the book's own template."""
    import plotly.io

    from storykit import look

    plotly.io.templates["story"] = look.template("light")
    plotly.io.templates.default = "story"
