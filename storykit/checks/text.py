"""A table's file as a text: its bytes, its header, and whether every line is one row with all its cells."""

from __future__ import annotations

import collections
import contextlib
import csv
import io
import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pandas as pd

from storykit import project
from storykit.checks.problems import Report

_CONFLICT = re.compile(rb"<{7} |\|{7} |={7}\s*$|>{7} ")
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}

_BLANK = "the line is blank; remove it"
_OPEN = (
    "a double quote opens here and is not closed in this row; close it behind the text, and write a double "
    'quote inside a text twice ("")'
)
_STRAY = (
    "goes on behind the double quote that closes a text; put the whole text in double quotes, and write a "
    'double quote inside it twice ("")'
)


def read(entry: dict[str, Any], report: Report) -> pd.DataFrame | None:
    """The table with every cell as text, row for row; None if its columns cannot be told apart.

    Rows that do not fit are in it, cut or filled up to the header's width, and in `report.misfits`.
    """
    file = project.root() / "data" / entry["path"]
    expected = [field["name"] for field in entry["schema"]["fields"]]
    if not _check_bytes(file, report):
        return None
    header = _header(file, expected, report)
    if header is None:
        return None
    with _long_cells():
        stretches = _stretches(file, len(header))
        whole = not stretches and not report.misfits
        source = file if whole else _mended(file, header, stretches, report)
    return pd.read_csv(
        source,
        names=header,
        skiprows=1,
        dtype=str,
        keep_default_na=False,
        na_filter=False,
        encoding="utf-8",
        skip_blank_lines=False,
    )


def conflict(raw: bytes) -> str:
    """What to say of a file with the marks of a merge that was not finished; "" if it has none."""
    if b"<<<<<<< " not in raw and b">>>>>>> " not in raw:
        return ""
    rows = [number for number, line in enumerate(raw.split(b"\n"), start=1) if _CONFLICT.match(line)]
    if not rows:
        return ""
    listed = ", ".join(map(str, rows))
    return (
        f"holds the marks of a merge that was not finished, in rows {listed}; of what stands between them keep "
        "the rows that are right, and remove the lines with the marks"
    )


# --- bytes ----------------------------------------------------------------------------------------


def _check_bytes(file: Path, report: Report) -> bool:
    """Whether a file can be read as a table at all; what else is wrong with it as a text is reported."""
    if not file.is_file():
        report.whole("the file is missing")
        return False
    raw = file.read_bytes()
    if not raw.strip():
        report.whole("the file is empty; it must at least hold its header")
        return False
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        report.whole("is UTF-16; save the file as UTF-8")
        return False
    if words := conflict(raw):
        report.whole(words)
        return False
    if raw.startswith(b"\xef\xbb\xbf"):
        report.whole("begins with a byte order mark; save the file as UTF-8 without it")
    _check_encoding(raw, report)
    _check_line_ends(raw, report)
    return True


def _check_encoding(raw: bytes, report: Report) -> None:
    """Lines that are no text: their bytes are no UTF-8, or hold a NUL."""
    if b"\0" in raw:
        found = {position: "\\0" for position, line in enumerate(raw.split(b"\n"), start=-1) if b"\0" in line}
        report.misfit(found, "", "holds a NUL byte, so it is damaged; write the row again")
    if wrong := {position: byte.hex() for position, byte in _not_utf8(raw)}:
        report.misfit(wrong, "", "is not UTF-8; save the file as UTF-8")


def _not_utf8(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Position of a row and its first byte that is wrong."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        for position, line in enumerate(raw.split(b"\n"), start=-1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                yield position, line[error.start : error.start + 1]


def _check_line_ends(raw: bytes, report: Report) -> None:
    if returns := raw.count(b"\r"):
        row = raw.count(b"\n", 0, raw.index(b"\r")) + 1
        report.whole(
            f"{returns:,} lines end as Windows writes them (CR LF), the first in row {row}; save the file with "
            "line ends LF (in an editor: End of line, Unix)"
        )
    if not raw.endswith((b"\n", b"\r")):
        report.whole("does not end with a line end; it may have been cut off while it was written")


# --- header ---------------------------------------------------------------------------------------


def _open(file: Path) -> TextIO:
    """Bytes that are no UTF-8 were reported; they do not keep the other rows from being read."""
    return open(file, newline="", encoding="utf-8-sig", errors="replace")


def _header(file: Path, expected: list[str], report: Report) -> list[str] | None:
    """Names of the columns as they stand; None if the rows cannot be read with them."""
    with _open(file) as stream:
        line = stream.readline()
    for sign, name in _SEPARATORS.items():
        if "," not in line and len(set(line.strip().split(sign)) & set(expected)) > 1:
            report.whole(
                f"is separated by {name}; save it with commas between the cells (and a point for decimals)",
                value=sign,
            )
            return None
    found, words = _row([line], len(expected))
    if words in (_OPEN, _STRAY, _BLANK):
        report.row(1, words, value=found[-1].strip() if found else "")
        return None
    return found if _check_header(found, expected, report) else None


def _check_header(found: list[str], expected: list[str], report: Report) -> bool:
    """Whether every column has a name of its own."""
    for name in [n for n in expected if n not in found]:
        report.whole("the column is missing", column=name)
    for name in [n for n in found if n not in expected]:
        report.whole("the column is not in datapackage.json; describe it there or remove it", column=name)
    if sorted(found) == sorted(expected) and found != expected:
        report.whole("columns must stand in the order of datapackage.json: " + ", ".join(expected))
    twice = [name for name, times in collections.Counter(found).items() if times > 1]
    for name in twice:
        report.whole("the column stands twice in the header; remove one", column=name)
    return not twice


# --- rows -----------------------------------------------------------------------------------------


@contextlib.contextmanager
def _long_cells() -> Iterator[None]:
    """Lets csv read cells of any length: one that is too long is reported with all the others."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _stretches(file: Path, width: int) -> dict[int, int]:
    """Stretches of lines, first -> one after the last (from 0), that are not one row of `width` cells."""
    found, line = {}, 0
    with _open(file) as stream:
        reader = csv.reader(stream, strict=True)
        while True:
            try:
                for cells in reader:
                    if len(cells) != width or reader.line_num != line + 1:
                        found[line] = reader.line_num
                    line = reader.line_num
                return found
            except csv.Error:  # a quote is wrong; the reader goes on with the line behind
                found[line] = line = reader.line_num


def _mended(file: Path, header: list[str], stretches: dict[int, int], report: Report) -> io.StringIO:
    """The table with each row made as wide as the header; rows for which that was necessary are reported."""
    text, position = io.StringIO(newline=""), -1
    found: collections.defaultdict[tuple[str, str], dict[int, str]] = collections.defaultdict(dict)
    writer = csv.writer(text, lineterminator="\n")
    for lines, fits in _by_stretch(file, stretches):
        if fits:
            text.write(lines[0].replace("\0", ""))
            position += 1
            continue
        for cells, words in _rows(lines, len(header)):
            if words:
                column = header[min(len(cells), len(header)) - 1] if words in (_OPEN, _STRAY) else ""
                shown = cells[-1 if column else 0].strip() if cells else ""
                if position not in report.misfits:
                    found[column, words][position] = shown
            writer.writerow((cells + [""] * len(header))[: len(header)])
            position += 1
    for (column, words), rows in found.items():
        report.misfit(rows, column, words)
    text.seek(0)
    return text


def _by_stretch(file: Path, stretches: dict[int, int]) -> Iterator[tuple[list[str], bool]]:
    """All lines in order: one that fits alone, those of a stretch together."""
    number = 0
    with _open(file) as stream:
        for line in stream:
            end = stretches.get(number, number + 1)
            yield [line, *itertools.islice(stream, end - number - 1)], number not in stretches
            number = end


def _rows(lines: list[str], width: int) -> list[tuple[list[str], str]]:
    """The rows of a stretch: cells, and what is wrong ("" if nothing is).

    A quote that was not closed swallows whole rows, and each is a row again; a text with a line break goes on
    with something that is no row.
    """
    alone = [_row([line], width) for line in lines]
    if len(lines) > 1 and not any(len(cells) == width for cells, _ in alone[1:]):
        return [_row(lines, width)]
    return alone


def _row(lines: list[str], width: int) -> tuple[list[str], str]:
    """The cells of a row, and what is wrong with it as a row ("" if nothing is)."""
    try:
        cells = next(csv.reader(lines, strict=True), [])
    except csv.Error:
        cells = next(csv.reader(lines))
        return cells, _OPEN if "".join(lines).count('"') % 2 else _STRAY
    if not cells:
        return cells, _BLANK
    if len(cells) < width:
        return cells, f"the row has fewer cells than the header, which has {width}; it may have been cut off"
    if len(cells) > width:
        return cells, (
            f"has {len(cells)} cells where the header has {width}; a text that holds a comma must stand in "
            "double quotes, and numbers are written without thousands separators"
        )
    return cells, ""
