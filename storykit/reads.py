"""What was read: a chapter, a part of a page or an answer rests on exactly that, and is stale when it changes.

A name is that of a table, `geo:<name>` of a geometry, `file:<path>` of a file of the project, or `about:<name>` of what the descriptor says of the whole
package.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from storykit import project


def names() -> list[str]:
    """Names of what was read so far in this process, sorted."""
    return sorted(project.current().reads)


def remember(name: str) -> None:
    """Note that `name` was read; a build that runs this chapter is told at once."""
    here = project.current()
    if here.aside:
        return
    for heard in here.listeners:
        heard.add(name)
    if name in here.reads:
        return
    here.reads.add(name)
    if here.reads_folder is not None and here.chapter:
        modules = {name.split(".")[1] for name in sys.modules if name.startswith("storykit.")}
        lines = [*names(), *sorted(f"module:{name}" for name in modules)]
        (here.reads_folder / f"{here.chapter}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


@contextlib.contextmanager
def listening() -> Iterator[set[str]]:
    """Yields a set that fills with the names read inside this context; they count as read outside it, too."""
    heard: set[str] = set()
    listeners = project.current().listeners
    listeners.append(heard)
    try:
        yield heard
    finally:
        listeners.pop()  # contexts nest; `remove` would take another set that holds the same by now


@contextlib.contextmanager
def aside() -> Iterator[None]:
    """What is read inside this context is looked up, not said: nobody rests on it."""
    here = project.current()
    before, here.aside = here.aside, True
    try:
        yield
    finally:
        here.aside = before


def start() -> None:
    """Begin a new list: whatever was read before belongs to something else."""
    project.current().reads.clear()


def folder() -> Path:
    """Where builds keep what each reader (a chapter) read last: `<reader>.txt`, one name a line."""
    return project.root() / "_build" / ".storykit" / "reads"


def readers(wanted: Iterable[str]) -> list[str]:
    """Readers that last read one of these names, sorted; none before the first build."""
    lists = {file.stem: file.read_text(encoding="utf-8").split() for file in folder().glob("*.txt")}
    return sorted(reader for reader, read in lists.items() if {*wanted} & {*read})
