"""Checks of `data/` against its own description, all problems in one run.

    storykit check

The rules come from `datapackage.json` (Data Package v2): types, constraints, categories, keys; those that
the standard has no word for stand in a table's `storykit:rules`. The rooms, in the order of a run:
`descriptor` and `geometries`, by which everything else is read; `text`, whether a file is a table;
`fields`, its cells; `signs`, what no text may hold; `references` and `rules`, what ties tables. The checks are
vectorised: row-wise validators take minutes where these take seconds.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import pandas as pd

from storykit import descriptor, downloads, project, tables
from storykit.checks import fields, geometries, outline, references, rules, text
from storykit.checks.problems import MOST_PER_RULE, Problem, Report

__all__ = ["MOST_PER_RULE", "Problem", "account", "check", "refuse_if_any", "summary"]


def check(held: Container[str] = ()) -> list[Problem]:
    """Check the descriptor, all tables and all geometries of the package.

    Parameters
    ----------
    held : names of tables whose own cells and keys are known to hold, so that only what ties them to
        other tables is checked; and of geometries that are known to hold.

    Returns
    -------
    list of Problem, sorted by file and row; empty when everything holds.

    Raises
    ------
    project.DataError
        If there is no `data/datapackage.json` to be found.
    """
    said = Report(outline.FILE)
    package = outline.read(said)
    if package is None:
        return said
    entries = outline.check(package, said)
    reports = {entry["name"]: Report(f"data/{entry['path']}") for entry in entries}
    others = [entry for entry in entries if not outline.is_table(entry)]
    known = {entry["name"]: entry for entry in entries if outline.is_table(entry)}
    whole = rules.Package(
        named=[str(e.get("name")) for e in outline.resources(package) if outline.is_table(e)],
        entries=known,
        geometries={
            entry["name"] for entry in others if geometries.check(entry, reports[entry["name"]], held)
        },
        frames=_frames(known, reports, held, outline.words(package)),
        as_of=outline.as_of(package),
    )
    references.check_people(package, whole.frames, said)
    for name in whole.frames:
        references.check(known[name], whole.frames, reports[name])
        rules.check(known[name], reports[name], whole)
    problems = [problem for report in [said, *reports.values()] for problem in report]
    problems += [*_strangers(package), *_releases()]
    return sorted(problems, key=lambda p: (p.file, p.row or 0, p.column, p.allowed))


def _frames(
    entries: dict[str, dict[str, Any]],
    reports: dict[str, Report],
    held: Container[str],
    words: dict[str, str],
) -> dict[str, pd.DataFrame]:
    """The tables that have all their columns, with every cell as text; their cells are checked."""
    frames = {}
    for name, entry in entries.items():
        frame = text.read(entry, reports[name])
        if frame is None:
            continue
        if name not in held:
            fields.check(entry, frame, reports[name], words)
        if {field["name"] for field in entry["schema"]["fields"]} <= set(frame.columns):
            frames[name] = frame
    return frames


def _strangers(package: dict[str, Any]) -> list[Problem]:
    """Files that the descriptor does not know: nobody would ever read them."""
    known = [entry.get("path") for entry in outline.resources(package)]
    folder = project.root() / "data"
    words = "is not described in datapackage.json; describe it there or remove it"
    return [
        Problem(f"data/{path}", None, "", "", words)
        for file in sorted((folder / "tables").glob("*"))
        if (path := file.relative_to(folder).as_posix()) not in known and not file.name.startswith(".")
    ]


def _releases() -> list[Problem]:
    """The list of versions that were given out, if it cannot be read."""
    try:
        downloads.releases()
    except project.DataError as error:
        return [Problem(downloads.RELEASES, None, "", "", str(error))]
    return []


def refuse_if_any() -> None:
    """Raise if the data break a rule.

    Raises
    ------
    project.DataError
        With every problem, one a line.
    """
    problems = check()
    if problems:
        raise project.DataError(summary(problems))


def summary(problems: list[Problem]) -> str:
    """All problems as text, one a line, with a closing count."""
    count = f"{len(problems)} problem" + ("s" if len(problems) != 1 else "")
    return "\n".join([*map(str, problems), f"{count} in data/. Nothing was built or changed."])


def account() -> str:
    """What there is and that it holds, in a line.

    Raises
    ------
    project.DataError
        With every problem, one a line, if it does not.
    """
    refuse_if_any()
    rows = sum(len(tables.raw(name)) for name in descriptor.names())
    return f"data/: {len(descriptor.names())} tables, {rows:,} rows, no problem."
