"""What a rebuild costs against a cold build, which chapters it runs, and whether the site equals one built from nothing."""

from __future__ import annotations

import collections
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat
import project as p

from storykit import descriptor, reads, tables
from storykit import project as projects
from storykit.site import family

FREE = ("note", "reason", "summary", "role", "label", "definition", "name")
"""Columns of free text, of which nearly every table has one: changing it cannot make the data wrong."""
ADDED = " Looked at again for a measurement."


class Edit(NamedTuple):
    """A change of one thing; `make` makes it."""

    words: str
    make: Callable[[], None]


def measure(source: Path, every: bool, only: list[str] | None) -> None:
    with p.workshop("rebuild") as folder:
        pictures = p.pictures_of(source)
        here = p.copy(source, folder / "book", pictures=pictures)
        kept = sum(1 for _ in pictures.glob("*")) if pictures.is_dir() else 0
        p.say(f"cold build ({kept} drawn pictures given with it: drawing is not in the cold time) ...")
        cold, ran = p.build(here)
        lines = [["cold", f"{cold:.1f} s", "1.00", len(ran), ""]]
        for edit in _edits(here, every, only):
            edit.make()
            p.say(f"{edit.words} ...")
            seconds, ran = p.build(here)
            lines.append(_line(edit.words, seconds, cold, ran))
        if not only:
            with _Served(here) as served:
                for edit in _edits(here, every=False, only=None):
                    if edit.words != NOTHING:
                        p.say(f"{edit.words}, while it is served ...")
                        lines.append(_line(f"{edit.words}, served", *served.answer(edit, cold)))
        p.say("all of it from nothing, to compare ...")
        clean = p.copy(here, folder / "clean", pictures=p.pictures_of(here))
        again, _ = p.build(clean)
        lines.append(["from nothing, with all changes", f"{again:.1f} s", f"{again / cold:.2f}", "", ""])
        p.say()
        p.table(["build", "time", "of cold", "chapters run", "which"], lines)
        unequal = p.different(p.site(here), p.site(clean))
        p.say(
            f"After all changes {len(unequal)} files differ from a site built from nothing."
            if unequal
            else "After all changes every file equals that of a site built from nothing."
        )
        for name in unequal[:20]:
            p.say(f"  {name}")


def _line(words: str, seconds: float, cold: float, ran: list[str]) -> list[object]:
    return [words, f"{seconds:.1f} s", f"{seconds / cold:.2f}", len(ran), ", ".join(ran)]


class _Served:
    """`storykit serve` of a book, from the moment on at which it can wait for changes no better."""

    def __init__(self, root: Path):
        self._root = root

    def __enter__(self) -> _Served:
        self._process = p.start(self._root, "-m", "storykit", "serve", "--port", str(PORT))
        self._until("Serving ")
        time.sleep(REST)
        return self

    def __exit__(self, *_: object) -> None:
        family.end(self._process.pid)

    def answer(self, edit: Edit, cold: float) -> tuple[float, float, list[str]]:
        """(seconds from the change to the new site, those of a cold build, chapters that ran)."""
        began = time.monotonic()
        edit.make()
        said = self._until("The site is in ")
        seconds = time.monotonic() - began
        time.sleep(REST)
        return seconds, cold, p.ran(said)

    def _until(self, words: str) -> list[str]:
        said = []
        for line in self._process.stdout:
            said.append(line)
            if line.startswith(words):
                return said
        raise p.BenchError(f"`storykit serve` ended: {''.join(said)[-2000:]}")


PORT = 8990
REST = 6.0
"""Seconds in which the process that is kept gets ready."""
NOTHING = "nothing changed"


def _edits(root: Path, every: bool, only: list[str] | None) -> Iterator[Edit]:
    yield Edit(NOTHING, lambda: None)
    if not only:
        yield Edit("one CSS line", lambda: _rule(root / "storykit/site/theme/styles/story.css"))
        yield Edit("one word of prose", lambda: _word(root / "book" / "dftz.ipynb"))
        readers = _readers_of_observations(root)
        for number, words in (
            (0, "one observation that no chapter reads"),
            (1, "one that one chapter reads"),
        ):
            row = next(row for row, chapters in enumerate(readers, start=1) if len(chapters) == number)
            yield Edit(words, lambda row=row: p.append(root, "observations", "note", ADDED, row))
    every_table = sorted(file.stem for file in (root / "data" / "tables").glob("*.csv"))
    with projects.reading(root):
        free = {table: free_column(table) for table in only or (every_table if every else [])}
    for table, column in free.items():
        if column:
            yield Edit(f"one row of {table}", lambda t=table, c=column: p.append(root, t, c, ADDED))
        else:
            p.say(f"{table} has no column of free text, and is left as it is")


def free_column(table: str) -> str:
    """A column that may hold any words; "" if a table has none."""
    free = {field["name"] for field in descriptor.fields(table) if not field.get("categories")}
    return next((name for name in FREE if name in free), "")


def _rule(style: Path) -> None:
    """Add a rule that is not there yet: of two that are the same a page gets one."""
    text = style.read_text(encoding="utf-8")
    style.write_text(f"{text}\n.x{text.count(chr(10))} {{ top: 0; }}\n", encoding="utf-8")


_BLOCK = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_STOP = re.compile(r"(?<=[a-z]\. )(?=[A-Z])")


def _word(chapter: Path) -> None:
    """Put one word behind the first full stop of a chapter's prose that is followed by a space."""
    held = nbformat.read(chapter, as_version=4)
    for cell in held.cells:
        parts = _BLOCK.split(cell.source) if cell.cell_type == "markdown" else []
        for number, part in enumerate(parts):
            if _STOP.search(part) and not part.startswith("```"):
                parts[number] = _STOP.sub("Indeed: ", part, count=1)
                cell.source = "".join(parts)
                return nbformat.write(held, chapter)
    raise p.BenchError(f"{chapter.name} has no prose to put a word into")


def _readers_of_observations(root: Path) -> list[set[str]]:
    """For each observation, in the order of the file: the chapters that read it as a row, as the last build found out."""
    of = collections.defaultdict(set)
    with projects.reading(root):
        keys = list(tables.load("observations").index)
        for chapter in p.readers(root):
            for name in reads.known(chapter) or ():
                if name.startswith("row:observations:"):
                    of[name.removeprefix("row:observations:")].add(chapter)
                elif name.startswith("rows:observations?"):
                    for key in tables.rows("observations", name.partition("?")[2]).index:
                        of[key].add(chapter)
    return [of[key] for key in keys]
