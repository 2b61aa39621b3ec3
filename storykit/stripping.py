"""What of a notebook is stored: code, text and facts; no other output, and nothing of the machine it was saved on.

Kept apart from `record` because git asks for it at every step: nothing here reads data.
"""

from __future__ import annotations

import nbformat

MARK = "NBVAL_CHECK_OUTPUT"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
"""The kernel that every machine has; an editor writes the name of its own."""
_OF_EDITORS = ("execution", "trusted", "scrolled", "collapsed")


def is_fact(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell's output is stored."""
    return cell.cell_type == "code" and MARK in cell.source.split("\n", 1)[0]


def strip(notebook: nbformat.NotebookNode, keep_facts: bool) -> None:
    """Remove outputs in place; facts stay if asked for, with the count of a straight run, which nbval needs."""
    code = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            code += 1
            kept = keep_facts and is_fact(cell) and cell.outputs
            cell.outputs, cell.execution_count = (cell.outputs, code) if kept else ([], None)
        for key in _OF_EDITORS:
            cell.metadata.pop(key, None)
        _fold(cell)
    for key in ("widgets", "language_info"):
        notebook.metadata.pop(key, None)
    notebook.metadata.kernelspec = nbformat.from_dict(KERNEL)


def _fold(cell: nbformat.NotebookNode) -> None:
    """An editor folds the facts, long as they are, and no other output, whatever was unfolded last."""
    folded = {key: on for key, on in cell.metadata.pop("jupyter", {}).items() if key != "outputs_hidden"}
    if folded := folded | ({"outputs_hidden": True} if is_fact(cell) else {}):
        cell.metadata["jupyter"] = nbformat.from_dict(folded)


def stripped(text: str) -> str:
    """A notebook's file as it is stored; what is no notebook (the marks of a merge are in it) as it is."""
    try:
        notebook = nbformat.reads(text, as_version=4)
    except Exception:  # nbformat raises whatever its JSON parser, its schema or a missing key raise
        return text
    strip(notebook, keep_facts=True)
    return str(nbformat.writes(notebook)) + "\n"


def filtered(raw: bytes) -> bytes:
    """The same for git, which hands over bytes."""
    try:
        return stripped(raw.decode("utf-8")).encode("utf-8")
    except UnicodeDecodeError:
        return raw
