"""Runs the chapters and stores their facts: `python -m storykit.record [chapter ...]`.

Only the outputs of cells that begin with `# NBVAL_CHECK_OUTPUT` are stored; figures and everything
else are stripped. What is stored is what nbval compares.

    python -m storykit.record --strip [chapter ...]    strip only; nothing is run

A chapter is given by its name or by the path of its notebook.
"""

from __future__ import annotations

import argparse
import copy
import difflib
import itertools
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from storykit import disk, project

MARK = "NBVAL_CHECK_OUTPUT"
TIMEOUT = 300
"""Seconds a cell may take."""


def is_fact(cell) -> bool:
    """Whether a cell's output is stored."""
    return cell.cell_type == "code" and MARK in cell.source.split("\n", 1)[0]


def strip(notebook: nbformat.NotebookNode, keep_facts: bool) -> None:
    """Remove outputs in place; facts stay if asked for. The facts cell needs its count for nbval."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and not (keep_facts and is_fact(cell)):
            cell.outputs, cell.execution_count = [], None
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
    for key in ("widgets", "language_info"):
        notebook.metadata.pop(key, None)


def facts(notebook: nbformat.NotebookNode) -> list[str]:
    """The stored lines of all facts cells."""
    text = "".join(o.get("text", "") for c in notebook.cells if is_fact(c) for o in c.outputs)
    return text.splitlines()


def record(file: Path) -> list[tuple[str, str]]:
    """Run one chapter and store its facts.

    Returns
    -------
    The changed facts as (old line, new line); "" where there was or is none.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell stops with an error; the file is left as it was.
    """
    notebook = nbformat.read(file, as_version=4)
    before = facts(notebook)
    NotebookClient(notebook, timeout=TIMEOUT, resources={"metadata": {"path": str(file.parent)}}).execute()
    strip(notebook, keep_facts=True)
    disk.write_whole(file, nbformat.writes(notebook) + "\n")
    return changes(before, facts(notebook))


def changes(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    """The lines that differ as (old, new), "" where one has no counterpart."""
    found = []
    for kind, i, j, k, n in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            found += itertools.zip_longest(before[i:j], after[k:n], fillvalue="")
    return found


def strip_file(file: Path) -> bool:
    """Strip one chapter's stored outputs, except its facts, without running it.

    Returns
    -------
    Whether anything was there to strip; otherwise the file is not written at all.
    """
    notebook = nbformat.read(file, as_version=4)
    before = copy.deepcopy(notebook)
    strip(notebook, keep_facts=True)
    if notebook == before:
        return False
    disk.write_whole(file, nbformat.writes(notebook) + "\n")
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m storykit.record", description=__doc__.splitlines()[0])
    parser.add_argument(
        "chapters", nargs="*", metavar="chapter", help="name or notebook; all if none is given"
    )
    parser.add_argument("--strip", action="store_true", help="strip stored outputs except facts; run nothing")
    options = parser.parse_args(arguments)
    folder = project.root() / "book"
    files = [folder / f"{Path(name).stem}.ipynb" for name in options.chapters]
    files = files or sorted(folder.glob("*.ipynb"))
    lost = [f.name for f in files if not f.is_file()]
    if lost:
        print(f"There is no book/{lost[0]}.", file=sys.stderr)
        return 1
    if options.strip:
        for file in filter(strip_file, files):
            print(f"{file.name}: outputs stripped, facts kept")
        return 0
    failures = [words for file in files if (words := _failure(file))]
    if failures:
        print(*failures, "Such a chapter was left as it was.", sep="\n", file=sys.stderr)
    return 1 if failures else 0


def _failure(file: Path) -> str:
    """Record a chapter and tell what changed; the words of what stopped it, "" if nothing did.

    Whatever stops one chapter must not keep the others from being recorded.
    """
    try:
        changed = record(file)
    except CellExecutionError as error:
        return f"{file.name}: {error.ename}: {error.evalue}"
    except Exception as error:
        return f"{file.name}: {type(error).__name__}: {error}"
    count = "1 fact" if len(changed) == 1 else f"{len(changed)} facts"
    lines = [sign + line for pair in changed for sign, line in zip("-+", pair) if line]
    print(f"{file.name}: {count} changed", *lines, sep="\n  ", flush=True)
    return ""


if __name__ == "__main__":
    sys.exit(main())
