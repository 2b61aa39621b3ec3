"""Runs the chapters and stores their facts.

    storykit record [chapter ...]            run and store
    storykit record --check [chapter ...]    run and say what differs from what is stored
    storykit record --strip [chapter ...]    strip only; nothing is run
    storykit record --filter                 strip what is read, for git

Only the outputs of cells that begin with `# NBVAL_CHECK_OUTPUT` are stored; figures and everything
else are stripped. What is stored is what nbval compares.
"""

from __future__ import annotations

import difflib
import itertools
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from storykit import disk, errors, lint, progress, project
from storykit.stripping import KERNEL, is_fact, strip, stripped

TIMEOUT = 300
"""Seconds a cell may take."""
ARROW = " -> "
"""Between the name of a fact and what it says."""


class NotRecorded(errors.UserError):
    """Chapters stopped, or say something else than what is stored; the message says which, where and what."""


def facts(notebook: nbformat.NotebookNode) -> list[str]:
    """The stored lines of all facts cells."""
    text = "".join(o.get("text", "") for c in notebook.cells if is_fact(c) for o in c.outputs)
    return text.splitlines()


def run(file: Path) -> tuple[list[str], nbformat.NotebookNode]:
    """Run one chapter; its stored facts, and the notebook with the new ones. No file is touched.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell stops with an error.
    """
    notebook = nbformat.read(file, as_version=4)
    before = facts(notebook)
    notebook.metadata.kernelspec = nbformat.from_dict(KERNEL)
    where = {"metadata": {"path": str(file.parent)}}
    # A kernel says at each start that others on this machine could listen in; its errors are still told.
    NotebookClient(
        notebook, timeout=TIMEOUT, resources=where, extra_arguments=["--log-level=ERROR"]
    ).execute()
    strip(notebook, keep_facts=True)
    return before, notebook


def record(file: Path) -> list[tuple[str, str]]:
    """Run one chapter and store its facts; the file is left as it was if a cell stops with an error.

    Returns
    -------
    The changed facts as (old line, new line); "" where there was or is none.
    """
    before, notebook = run(file)
    disk.write_whole(file, nbformat.writes(notebook) + "\n")
    return changes(before, facts(notebook))


def differences(file: Path) -> list[tuple[str, str, str]]:
    """Run one chapter and store nothing: its facts that differ, as (name, what is stored, what it says now)."""
    before, notebook = run(file)
    old, new = _named(before), _named(facts(notebook))
    return [
        (name, old.get(name, "nothing"), new.get(name, "nothing"))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def _named(lines: list[str]) -> dict[str, str]:
    """What facts say, by their names."""
    return {name: words for name, _, words in (line.partition(ARROW) for line in lines)}


def changes(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    """The lines that differ as (old, new), "" where one has no counterpart."""
    found: list[tuple[str, str]] = []
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
    before = file.read_text(encoding="utf-8")
    if (after := stripped(before)) == before:
        return False
    disk.write_whole(file, after)
    return True


def chapters(names: Iterable[str] = ()) -> list[Path]:
    """The notebooks of chapters by their names; of all chapters if none is named."""
    folder = project.root() / "book"
    return [folder / f"{name}.ipynb" for name in names] or sorted(folder.glob("*.ipynb"))


def strip_all(files: list[Path]) -> None:
    """Strip chapters without running them, and say which had anything to strip."""
    for file in filter(strip_file, files):
        progress.say(f"{file.name}: outputs stripped, facts kept")


def record_all(files: list[Path]) -> None:
    """Record chapters, and say what changed.

    Raises
    ------
    NotRecorded
        If a chapter stopped. All others are recorded: what stops one must not keep the others from it.
    """
    failures = _for_each(files, lambda file: _told(file, record(file)))
    if failures:
        raise NotRecorded("\n".join([*failures, "Such a chapter was left as it was."]))


def _told(file: Path, changed: list[tuple[str, str]]) -> str:
    count = "1 fact" if len(changed) == 1 else f"{len(changed)} facts"
    lines = [sign + line for pair in changed for sign, line in zip("-+", pair) if line]
    return "\n  ".join([f"{file.name}: {count} changed", *lines])


def check_all(files: list[Path]) -> None:
    """Run chapters and say that they say what is stored; nothing is stored.

    Raises
    ------
    NotRecorded
        If one does not, with each fact's name, both values and the command that stores it, or if one stopped.
    """
    different: list[str] = []

    def look(file: Path) -> str:
        if not (found := differences(file)):
            return f"{file.name}: says what is stored"
        different.append(file.stem)
        lines = [f"  {name}\n    stored: {old}\n    now:    {new}" for name, old, new in found]
        return "\n".join([f"{file.name}: what it says differs from what is stored", *lines])

    failures = _for_each(files, look)
    if different:
        failures.append(f"If that is meant, store it: storykit record {' '.join(sorted(different))}")
    if failures:
        raise NotRecorded("\n".join(failures))


def _for_each(files: list[Path], work: Callable[[Path], str]) -> list[str]:
    """Do something with chapters, several at once, and say what comes of it; the words of what stopped any.

    Kernels are processes of their own, so threads that wait for them use all cores. A chapter whose texts hold
    faults is not run: they are told in seconds, each with its place.
    """
    faults = {
        file: [p for p in lint.problems([file.stem]) if p.place.file.endswith(file.name)] for file in files
    }

    def attempt(file: Path) -> tuple[str, str]:
        if faults[file]:
            return "", "\n".join(map(str, faults[file]))
        try:
            return work(file), ""
        except CellExecutionError as error:
            return "", f"{file.name}: {error.ename}: {error.evalue}"
        except Exception as error:
            return "", f"{file.name}: {type(error).__name__}: {error}"

    failures = []
    progress.begin("chapters run", total=len(files))
    try:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            for number, (told, failure) in enumerate(threads.map(attempt, files), start=1):
                if told:
                    progress.say(told)
                failures += [failure] * bool(failure)
                progress.done(number)
    finally:
        progress.close()
    return failures
