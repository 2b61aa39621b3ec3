"""The account of where collected rows went: `storykit coverage` writes `data/COVERAGE.md`."""

from __future__ import annotations

from pathlib import Path

from storykit import disk, project, tables

_HEAD = """# Where every collected row went

Made from `tables/coverage.csv` by `storykit coverage`; that table has the account row by row
(file, row, the table and key it became, and why where it was merged or left out).

"""


def text() -> str:
    """The account as Markdown: a line per file, then what was left out and why."""
    rows = tables.load("coverage")
    lines = ["| file | rows | went to | merged with another row | left out |", "|---|---:|---|---:|---:|"]
    for file, group in rows.groupby("research_file", sort=True):
        taken = group[group["table"] != ""]
        counts = taken["table"].value_counts().sort_index()
        where = ", ".join(f"{table} {n:,}" for table, n in counts.items()) or "nowhere"
        merged = (taken["reason"].str.contains("same ", regex=False)).sum()
        lines.append(f"| {file} | {len(group):,} | {where} | {merged:,} | {len(group) - len(taken):,} |")
    total = len(rows)
    left = rows[rows["table"] == ""]
    lines.append(
        f"| **all {rows['research_file'].nunique()} files** | **{total:,}** | | | **{len(left):,}** |"
    )
    lines += ["", "## Left out, with the reason", ""]
    lines += [f"- {r.research_file}, row {r.row}: {r.reason}" for r in left.itertuples()] or [
        "Nothing was left out."
    ]
    return _HEAD + "\n".join(lines) + "\n"


def write() -> Path:
    """Write the account to `data/COVERAGE.md`; returns the file."""
    file = project.root() / "data" / "COVERAGE.md"
    disk.write_whole(file, text())
    return file
