"""Puts refreshed tables in place: checked as a whole on a copy first, then swapped file by file.

Each file is whole at every moment: it is written aside, flushed to the disk and renamed over the old one.
Between two such renames (a stop there is the worst case) every mixture of old and new files also holds the
checks, because `sources` goes first and no other two refreshed tables refer to each other.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from pathlib import Path

from storykit import checks, tables
from storykit.upstream.apply import Rows

ORDER = ("sources", "observations", "cloud_regions")
"""Tables a refresh may change, in the order of the swap: what is referred to first."""


def snapshot() -> dict[str, bytes]:
    """The files a refresh may change, as they stand."""
    return {name: tables.path(name).read_bytes() for name in ORDER}


def put(new: dict[str, Rows], before: dict[str, bytes], *, dry_run: bool = False) -> list[str]:
    """Check the package with these tables, and put them in place if everything holds.

    Parameters
    ----------
    new
        Table name -> rows in order.
    before
        From `snapshot`, taken when the rows were read: a file edited since then is not overwritten.
    dry_run
        Only check.

    Returns
    -------
    All problems as text; empty if the tables are in place (or would be).
    """
    files = {name: _as_csv(new[name], before[name]) for name in ORDER}
    files = {name: content for name, content in files.items() if content != before[name]}
    if not files:
        return []
    problems = [str(problem) for problem in _check_copy(files)]
    problems += [
        f"data/tables/{name}.csv: was edited while the refresh ran; run it again"
        for name, content in snapshot().items()
        if content != before[name]
    ]
    if not problems and not dry_run:
        _swap({tables.path(name): content for name, content in files.items()})
    return problems


def _as_csv(rows: Rows, before: bytes) -> bytes:
    header = next(csv.reader(io.StringIO(before.decode("utf-8"), newline="")))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def _check_copy(files: dict[str, bytes]) -> list[checks.Problem]:
    with tempfile.TemporaryDirectory(prefix="refresh-") as folder:
        shutil.copytree(tables.root() / "data", Path(folder, "data"))
        with tables.reading(folder):
            for name, content in files.items():
                tables.path(name).write_bytes(content)
            return checks.check()


def _swap(files: dict[Path, bytes]) -> None:
    """Write all files aside before the first is renamed: a full disk then changes nothing."""
    aside = {path: path.with_name(f".{path.name}.new") for path in files}
    try:
        for path, content in files.items():
            with open(aside[path], "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            shutil.copymode(path, aside[path])
        for path in files:
            os.replace(aside[path], path)
    finally:
        for path in aside.values():
            path.unlink(missing_ok=True)
