"""The written pages of the book: cells, and the blocks in them that are more than prose.

A page is a notebook (`book/<name>.ipynb`) or a Markdown file (`book/<name>.md`). Its text is read here and
nowhere else, so that a build, a check and a chapter in an editor all see the same.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from storykit import project

COMMON = "facts"
"""`book/facts.md`: no page, but the names that all pages may use."""


@dataclasses.dataclass(frozen=True, order=True)
class Place:
    """Where something stands; cells and lines count from 1, and a Markdown file has no cells (0)."""

    file: str
    cell: int
    line: int

    def __str__(self) -> str:
        cell = f", cell {self.cell}" if self.cell else ""
        return f"{self.file}{cell}, line {self.line}"

    def below(self, lines: int) -> Place:
        """The place so many lines further down."""
        return dataclasses.replace(self, line=self.line + lines)


@dataclasses.dataclass(frozen=True)
class Cell:
    """A cell of a notebook, or the whole of a Markdown file. `kind` is `markdown` or `code`."""

    kind: str
    text: str
    place: Place


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced directive: its name, what stands behind the name, and the text in it with its place."""

    name: str
    argument: str
    text: str
    place: Place


@dataclasses.dataclass(frozen=True)
class Page:
    """One page: its name and its cells in order."""

    name: str
    cells: tuple[Cell, ...]

    def of_kind(self, kind: str) -> Iterator[Cell]:
        """The cells of one kind."""
        return (cell for cell in self.cells if cell.kind == kind)

    def blocks(self, name: str = "") -> Iterator[Block]:
        """The fenced directives of that name (of any name, if none is given)."""
        for cell in self.of_kind("markdown"):
            yield from (block for block in _blocks(cell) if name in ("", block.name))


def names() -> list[str]:
    """Names of all pages, sorted."""
    files = [*folder().glob("*.ipynb"), *folder().glob("*.md")]
    return sorted({file.stem for file in files} - {COMMON})


def folder() -> Path:
    """Where the pages stand."""
    return project.root() / "book"


def file(name: str) -> Path:
    """The file of a page: the notebook if there is one, else the Markdown file."""
    notebook = folder() / f"{name}.ipynb"
    return notebook if notebook.is_file() else folder() / f"{name}.md"


def page(name: str) -> Page:
    """A page as it stands in its file now; a page without cells where there is no file.

    Raises
    ------
    DataError
        If the file is no notebook.
    """
    source = file(name)
    return _page(source, source.stat().st_mtime_ns) if source.is_file() else Page(name, ())


@functools.lru_cache(maxsize=64)
def _page(source: Path, modified: int) -> Page:
    shown = f"{source.parent.name}/{source.name}"
    text = source.read_text(encoding="utf-8")
    if source.suffix == ".md":
        return Page(source.stem, (Cell("markdown", text, Place(shown, 0, 1)),))
    try:
        cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(text)["cells"]]
    except (ValueError, KeyError, TypeError) as error:
        raise project.DataError(f"{shown} is not a notebook ({error}).") from error
    return Page(
        source.stem,
        tuple(
            Cell(kind, text, Place(shown, number, 1)) for number, (kind, text) in enumerate(cells, start=1)
        ),
    )


_ANCHOR = re.compile(r"^\([\w-]+\)=\n+", re.MULTILINE)
_FENCE = re.compile(r"^(?P<fence>`{3,}|:{3,})\{(?P<name>[a-z:_-]+)\}[ \t]*(?P<argument>.*)$")


def prose(text: str, instead: Callable[[Block], str]) -> str:
    """The text of a cell with something else, or "", in place of each fenced directive, and without anchors."""
    lines, kept, end = text.split("\n"), [], 0
    for block in _blocks(Cell("markdown", text, Place("", 0, 1))):
        first = block.place.line - 1  # the line after the fence that opens it
        kept += [*lines[end : first - 1], instead(block)]
        end = first + block.text.count("\n") + 2
    return without_anchors("\n".join([*kept, *lines[end:]])).strip()


def without_anchors(text: str) -> str:
    """A text without MyST's anchors before headings, `(name)=`, which no other reader of Markdown knows."""
    return _ANCHOR.sub("", text)


def without_formulas(text: str) -> str:
    """Markdown whose dollars are dollars: an editor takes what stands between two of them for a formula."""
    return text.replace("$", r"\$")


@functools.lru_cache(maxsize=512)
def _blocks(cell: Cell) -> tuple[Block, ...]:
    """The fenced directives of a cell; one that is not closed ends with the cell, as Markdown has it."""
    found, lines = [], cell.text.split("\n")
    number = 0
    while number < len(lines):
        if start := _FENCE.match(lines[number]):
            first = number + 1
            number = next(
                (n for n in range(first, len(lines)) if lines[n].strip() == start["fence"]), len(lines)
            )
            text = "\n".join(lines[first:number])
            found.append(Block(start["name"], start["argument"].strip(), text, cell.place.below(first)))
        number += 1
    return tuple(found)


def without(cell: Cell, *names: str) -> str:
    """The text of a cell with the blocks of these names, fences too, blank; lines keep their numbers."""
    lines = cell.text.split("\n")
    for block in _blocks(cell):
        if block.name in names:
            first = block.place.line - cell.place.line
            end = min(first + block.text.count("\n") + 2, len(lines))  # a block may end with the cell
            lines[first - 1 : end] = [""] * (end - first + 1)
    return "\n".join(lines)


def entries(block: Block, sign: str) -> Iterator[tuple[str, str, Place]]:
    """The (name, text, place) of a block's entries: `name<sign> text`, continued on indented lines.

    Lines that begin with `#` and empty lines are passed over. A line of another form is an entry without a
    name: the caller says what is wrong with it.
    """
    entry = re.compile(rf"(?P<name>[A-Za-z_][\w-]*)\s*{re.escape(sign)}\s*(?P<text>.*)")
    held: tuple[str, list[str], Place] | None = None
    for number, line in enumerate(block.text.split("\n")):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] in " \t" and held:
            held[1].append(line.strip())
            continue
        if held:
            yield held[0], " ".join(held[1]).strip(), held[2]
        match = entry.fullmatch(line.rstrip())
        name, text = (match["name"], match["text"]) if match else ("", line)
        held = name, [text], block.place.below(number)
    if held:
        yield held[0], " ".join(held[1]).strip(), held[2]
