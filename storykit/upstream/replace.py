"""Puts refreshed tables in place: checked as a whole on a copy first, then swapped file by file.

Each file is whole at every moment. Between two renames (a stop there is the worst case) every mixture of old
and new files also holds the checks, because `sources` goes before what refers to it, and no other two
refreshed tables refer to each other.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from storykit import checks, descriptor, disk, project
from storykit.upstream.apply import Rows

ORDER = ("sources", "observations", "cloud_regions")
"""Tables a refresh may change, in the order of the swap: what is referred to first."""


def snapshot() -> dict[Path, bytes]:
    """The files a refresh may change, as they stand: the descriptor, and those of the tables that exist.

    The descriptor stands first, and so is swapped first: after a stop behind it, the next refresh still finds
    rows to change and moves the day again.
    """
    files = [descriptor.file(), *(descriptor.path(name) for name in ORDER if name in descriptor.names())]
    return {file: file.read_bytes() for file in files}


def put(new: dict[str, Rows], before: dict[Path, bytes], day: str, *, dry_run: bool = False) -> list[str]:
    """Check the package with these tables, and put them in place if everything holds.

    If a row changes, the data then stand at `day` (`storykit:asOf`), unless they stand at a later one.

    Parameters
    ----------
    new
        Table name -> rows in order.
    before
        From `snapshot`, taken when the rows were read: a file edited since then is not overwritten.
    day
        The day of the refresh (YYYY-MM-DD).
    dry_run
        Only check.

    Returns
    -------
    All problems as text; empty if the tables are in place (or would be).
    """
    files = _changed(new, before)
    if not files:
        return []
    if day > descriptor.package()["storykit:asOf"]:
        outline = disk.as_bytes(descriptor.text(**{"storykit:asOf": day}))
        files = {descriptor.file(): outline, **files}
    with project.trying(files):
        problems = [str(problem) for problem in checks.check()]
    problems += [
        f"{file.relative_to(project.root()).as_posix()}: was edited while the refresh ran; run it again"
        for file, content in snapshot().items()
        if content != before.get(file)
    ]
    if not problems and not dry_run:
        disk.write_together(files)
    return problems


def _changed(new: dict[str, Rows], before: dict[Path, bytes]) -> dict[Path, bytes]:
    """Tables whose rows differ from those in the file, however the file is written."""
    refreshed = {descriptor.path(name): new[name] for name in ORDER if name in new}
    return {
        file: _as_csv(rows, before[file])
        for file, rows in refreshed.items()
        if rows != list(csv.DictReader(_text(before[file])))
    }


def _text(content: bytes) -> io.StringIO:
    return io.StringIO(content.decode("utf-8"), newline="")


def _as_csv(rows: Rows, before: bytes) -> bytes:
    header = next(csv.reader(_text(before)))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
