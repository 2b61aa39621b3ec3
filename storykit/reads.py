"""What was read: a chapter, a part of a page or an answer rests on exactly that, and is stale when it changes.

A name is that of a table, or of a part of one:

    row:<table>:<key>            one row, also one that was looked for and is not there
    column:<table>:<field>       one field of all rows, with their keys
    rows:<table>?<query>         the rows that a query selects
    decided:<tables>?<query>     the same of the first table, with what `verdicts` decides of them by all of these
    answer:<tables>:<expression> what an expression comes to, and the tables that it was worked out from

Beside them stand `geo:<name>` of a geometry, `file:<path>` of a file of the project, and `about:<name>` of what the
descriptor says of the whole package. What each of them holds now says `contents`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
import sys
from collections.abc import Hashable, Iterable, Iterator
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
        _tell(here.reads_folder / f"{here.chapter}.txt", name)


def _tell(record: Path, name: str) -> None:
    """Add a name to what a chapter read, and the modules that it has loaded by now."""
    loaded = {f"module:{module.split('.')[1]}" for module in sys.modules if module.startswith("storykit.")}
    told = project.current().told
    new = [name, *sorted(loaded - told)]
    with open(record, "a" if told else "w", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in new)
    told.update(new)


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
def apart() -> Iterator[set[str]]:
    """As `listening`, but nobody outside hears of it: who takes the result says himself what he rests on."""
    heard: set[str] = set()
    fresh = dataclasses.replace(
        project.current(), chapter="", reads=set(), told=set(), listeners=[heard], aside=False
    )
    with project.working_on(fresh):
        yield heard


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
    here = project.current()
    here.reads.clear()
    here.told.clear()


# --- names of parts of tables -----------------------------------------------------------------------


def row(table: str, key: Hashable) -> str:
    """Name of one row; a key of several fields is written with ` / ` between them."""
    return f"row:{table}:{' / '.join(map(str, key)) if isinstance(key, tuple) else key}"


def tables(name: str) -> list[str]:
    """The tables that something which was read is, or is a part of; none for what is no table's."""
    kind, _, rest = name.partition(":")
    if not rest:
        return [name]
    if kind == "answer":
        return [table for table in rest.partition(":")[0].split(",") if table]
    return re.split("[:?]", rest, maxsplit=1)[0].split(",") if kind in _PARTS else []


_PARTS = ("row", "column", "rows", "decided")


# --- what readers read last -------------------------------------------------------------------------


def folder() -> Path:
    """Where builds keep what each reader (a chapter) read last: `<reader>.txt`, one name a line."""
    return project.root() / "_build" / ".storykit" / "reads"


def known(reader: str) -> list[str] | None:
    """What a reader read last, sorted; None if nothing is known."""
    record = folder() / f"{reader}.txt"
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return sorted({*record.read_text(encoding="utf-8").splitlines()})
    return None


def readers(wanted: Iterable[str]) -> list[str]:
    """Readers that last read these tables, or a part of them, sorted; none before the first build."""
    lists = {file.stem: known(file.stem) or [] for file in folder().glob("*.txt")}
    return sorted(
        reader for reader, read in lists.items() if {*wanted} & {one for name in read for one in tables(name)}
    )
