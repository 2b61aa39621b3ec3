"""The open chapter: which page a figure, a fact and a read of a table belong to."""

from __future__ import annotations

import ast
import os
from pathlib import Path

from storykit import pages, project, reads


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
    if not (pages.folder() / f"{name}.ipynb").is_file():
        raise project.DataError(
            f"There is no chapter book/{name}.ipynb; open_chapter takes the notebook's own name."
        )
    project.current().chapter = name
    reads.start()
    _use_story_look()


def current() -> str | None:
    """Name of the open chapter, or None outside a chapter."""
    return project.current().chapter or None


def is_build() -> bool:
    """Whether a build of the site runs this chapter."""
    return project.is_build()


def is_edited() -> bool:
    """Whether an editor has opened the chapter itself: JupyterLab and VS Code say which file a kernel runs for."""
    from IPython import get_ipython

    shell = get_ipython()
    file = os.environ.get("JPY_SESSION_NAME") or (shell.user_ns.get("__vsc_ipynb_file__") if shell else "")
    return bool(file) and Path(file).resolve().parent == pages.folder().resolve()


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

    shell, name = get_ipython(), current()
    if shell is None or name is None:
        return None
    running = shell.user_ns["In"][-1].strip()
    cells = pages.page(name).of_kind("code")
    return next((cell.place.cell for cell in cells if cell.text.strip() == running), None)


def _use_story_look() -> None:
    """Make every plotly figure of the chapter start from the book's own template."""
    import plotly.io

    from storykit import look

    plotly.io.templates["story"] = look.template("light")
    plotly.io.templates.default = "story"
