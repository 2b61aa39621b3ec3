"""What a data update changes: rows, numbers, sentences, verdicts, figures; biggest first, with alarms.

storykit report                  the working tree against the last commit
storykit report --old A --new B  between two commits
storykit report --record "why"   the same, and an entry for the `changes` page
storykit report --as-of DAY      first lets the data stand at another day
"""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import io
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from storykit import checks, descriptor, disk, errors, pages, project, reads, receipts, tables, verdicts

JUMP = 0.5
"""A leading value that moves by more than this share of itself raises an alarm."""
SHRINK = 0.2
"""A series that loses more than this share of its rows raises an alarm."""
SHOWN = 40
"""Lines of one kind that the report lists; the rest is counted."""

WORKING_TREE = ""
"""In place of a revision: the data as they are now."""


class ReportError(errors.UserError):
    """The two states cannot be compared; the message says why."""

    exit_code = 2


@dataclasses.dataclass(frozen=True)
class TableChange:
    """Keys added and removed, and fields changed as (key, field, old, new), of one table."""

    table: str
    added: list[str]
    removed: list[str]
    changed: list[tuple[str, str, str, str]]

    @property
    def keys(self) -> set[str]:
        return {*self.added, *self.removed, *(c[0] for c in self.changed)}

    def __bool__(self) -> bool:
        return bool(self.keys)


@dataclasses.dataclass(frozen=True)
class Move:
    """Something readers see that says another thing now: where, what, old and new words, and size."""

    where: str
    what: str
    old: str
    new: str
    size: float


@dataclasses.dataclass(frozen=True)
class Report:
    """The whole comparison."""

    tables: list[TableChange]
    besides: list[str]  # what changes in the data and is no row
    chapters: list[str]  # that read a changed table, so that they run again
    numbers: list[Move]
    sentences: list[Move]
    verdicts: list[Move]
    figures: dict[str, int] | None  # rows of each that move; None if no site was built to know them from
    alarms: list[str]

    def __bool__(self) -> bool:
        """Whether anything moves; without a changed row, a verdict moves when a day passes."""
        return bool(self.tables or self.besides or self.verdicts or self.sentences or self.numbers)


# --- two states -----------------------------------------------------------------------------------


@contextlib.contextmanager
def _state(revision: str) -> Iterator[Path]:
    """A folder with `data/` as it stands at a revision ("" is the working tree)."""
    root = project.root()
    if revision == WORKING_TREE:
        yield root
        return
    result = subprocess.run(
        ["git", "archive", "--format=tar", revision, "data"], cwd=root, capture_output=True
    )
    if result.returncode:
        raise ReportError(f"git knows no data/ at {revision!r}: {result.stderr.decode().strip()}")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(result.stdout)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


def compare(old: str = "HEAD", new: str = WORKING_TREE) -> Report:
    """Compare the data of two revisions, and what the book of the working tree says of each.

    Raises
    ------
    ReportError
        If a revision has no data package, or the newer one's data do not hold.
    """
    root = project.root()
    said = _said(root)
    figures = _figure_rows(root)
    with _state(old) as before, _state(new) as after:
        _must_hold(after)
        changes = _table_changes(before, after)
        words_before, words_after = _spoken(before, said), _spoken(after, said)
        verdicts_before, verdicts_after = _verdicts(before), _verdicts(after)
        alarms, besides = _alarms(before, after, changes), _besides(before, after)
    return Report(
        changes,
        besides,
        reads.readers([change.table for change in changes]),
        _moves(words_before, words_after, "num"),
        _moves(words_before, words_after, "holds"),
        _verdict_moves(verdicts_before, verdicts_after),
        None if figures is None else _moved_figures(figures, changes),
        alarms,
    )


def _must_hold(folder: Path) -> None:
    with project.reading(folder):
        problems = checks.check()
    if problems:
        raise ReportError(f"Only data that hold can be compared.\n{checks.summary(problems)}")


def _besides(before: Path, after: Path) -> list[str]:
    """What the descriptor says of the whole data, and geometries, where they differ."""
    with project.reading(before):
        old = descriptor.package()
    with project.reading(after):
        new = descriptor.package()
    names = sorted(({*old} | {*new}) - {"resources"})
    found = [
        f"{name}: {_short(old.get(name))} → {_short(new.get(name))}"
        for name in names
        if old.get(name) != new.get(name)
    ]
    files = sorted({f.name for folder in (before, after) for f in (folder / "data" / "geo").glob("*")})
    return found + [f"geometry {name}" for name in files if _content(before, name) != _content(after, name)]


def _content(folder: Path, geometry: str) -> bytes:
    file = folder / "data" / "geo" / geometry
    return file.read_bytes() if file.is_file() else b""


def _short(said: Any) -> str:
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _moved_figures(figures: dict[str, set[tuple[str, str]]], changes: list[TableChange]) -> dict[str, int]:
    """Figures that draw a changed row, or a line that gains one; with how many rows of theirs move."""
    keys = {(change.table, key) for change in changes for key in change.keys}
    found = {}
    for name, rows in figures.items():
        lines = {key.rsplit("/", 1)[0] for table, key in rows if table == "observations"}
        moved = [k for k in keys if k in rows or (k[0] == "observations" and k[1].rsplit("/", 1)[0] in lines)]
        if moved:
            found[name] = len(moved)
    return dict(sorted(found.items(), key=lambda entry: (-entry[1], entry[0])))


def _table_changes(before: Path, after: Path) -> list[TableChange]:
    with project.reading(before):
        old = {name: _rows(name) for name in descriptor.names()}
    with project.reading(after):
        new = {name: _rows(name) for name in descriptor.names()}
    found = []
    for name in [*new, *(n for n in old if n not in new)]:
        a, b = old.get(name, {}), new.get(name, {})
        changed = [
            (key, field, a[key].get(field, ""), value)
            for key in b
            if key in a
            for field, value in b[key].items()
            if a[key].get(field, "") != value
        ]
        change = TableChange(name, [k for k in b if k not in a], [k for k in a if k not in b], changed)
        if change:
            found.append(change)
    return found


def _rows(name: str) -> dict[str, dict[str, str]]:
    return {" / ".join(k) if isinstance(k, tuple) else k: row for k, row in tables.records(name).items()}


def _said(root: Path) -> list[tuple[str, str, str]]:
    """(page, role, inside without names) of every receipt and tested sentence of the book, figures' words included."""
    with project.reading(root):
        found = [
            (page, role, receipts.inside_expanded(role, inside, receipts.of_page(page)))
            for page in pages.names()
            for cell in pages.page(page).of_kind("markdown")
            for role, inside in receipts.roles(cell.text)
        ]
    return list(dict.fromkeys(found))


Spoken = dict[tuple[str, str, str], tuple[str, float]]
"""(page, role, inside) of each role -> what it says, with its amount."""


def _spoken(folder: Path, said: list[tuple[str, str, str]]) -> Spoken:
    """What each role says under the data of a folder, with its amount (NaN where it has none)."""
    with project.reading(folder):
        return {key: _speak(key[1], key[2]) for key in said}


def _speak(role: str, inside: str) -> tuple[str, float]:
    try:
        if role == "num":
            value = receipts.receipt(inside)
            amount = value.value.amount if isinstance(value.value, receipts.Number) else float("nan")
            return value.text, amount
        found = receipts.sentence(inside)
        return ("holds" if found.holds else f"does not hold ({found.values})"), float("nan")
    except receipts.ReceiptError as error:
        return f"cannot be computed: {error}", float("nan")


def _moves(before: Spoken, after: Spoken, role: str) -> list[Move]:
    found = []
    for key, (old, old_amount) in before.items():
        new, new_amount = after[key]
        if key[1] == role and old != new:
            size = (
                abs(new_amount - old_amount) / abs(old_amount)
                if old_amount and old_amount == old_amount
                else float("inf")
            )
            found.append(Move(key[0], key[2], old, new, size if size == size else float("inf")))
    return sorted(found, key=lambda m: (-round(m.size, 6), m.where, m.what))


def _verdicts(folder: Path) -> dict[str, str]:
    with project.reading(folder):
        claims = verdicts.all_verdicts()
        return dict(zip(claims["claim_id"], claims["verdict_words"]))


def _verdict_moves(before: dict[str, str], after: dict[str, str]) -> list[Move]:
    keys = sorted({*before, *after})
    absent = "not in the ledger"
    return [
        Move("ledger", k, before.get(k, absent), after.get(k, absent), 1.0)
        for k in keys
        if before.get(k) != after.get(k)
    ]


def _figure_rows(root: Path) -> dict[str, set[tuple[str, str]]] | None:
    """Figure -> rows it draws, as the last built site knows them; None before the first build."""
    index = root / "_build" / "html" / "_figures" / "index.json"
    if not index.is_file():
        return None
    known = json.loads(index.read_text(encoding="utf-8"))
    return {
        f"{entry['page'].rpartition('/')[2]}: {name}": {tuple(row) for row in entry["rows"]}
        for name, entry in known.items()
    }


# --- alarms ---------------------------------------------------------------------------------------


def _alarms(before: Path, after: Path, changes: list[TableChange]) -> list[str]:
    with project.reading(before):
        old = _rows("observations")
    with project.reading(after):
        new = _rows("observations")
    lost = [key for change in changes if change.table == "sources" for key in change.removed]
    return [*(f"source {key} vanished" for key in lost), *_shrunken(old, new), *_jumps(old, new)]


def _jumps(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Leading values that moved too far, whichever row leads: a revised value may be a further row."""
    before = {_thing(row): row["value"] for row in old.values() if row["standing"] == "lead"}
    for key, row in new.items():
        was, now = before.get(_thing(row), ""), row["value"]
        if row["standing"] != "lead" or not was or not now:
            continue
        if abs(float(now) - float(was)) > JUMP * abs(float(was)):
            share = f" ({float(now) / float(was) - 1:+.0%})" if float(was) else ""
            yield f"{key} jumps from {was} to {now}{share}"


def _thing(row: dict[str, str]) -> tuple[str, str, str]:
    return row["series_id"], row["geography"], row["period"]


def _shrunken(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    def count(rows: dict[str, Any]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for row in rows.values():
            counts[row["series_id"]] = counts.get(row["series_id"], 0) + 1
        return counts

    had, has = count(old), count(new)
    return [
        f"series {name} shrinks from {n} to {has.get(name, 0)} rows"
        for name, n in sorted(had.items())
        if has.get(name, 0) < n * (1 - SHRINK)
    ]


# --- words ----------------------------------------------------------------------------------------


def markdown(report: Report) -> str:
    """The report for a pull request."""
    if not report:
        return "# Data update\n\nNothing changed.\n"
    lines = ["# Data update", ""]
    if report.alarms:
        lines += ["## Alarms", "", *_listed([f"- **{alarm}**" for alarm in report.alarms]), ""]
    if report.tables:
        lines += ["## Rows", "", "| table | added | removed | changed |", "|---|---:|---:|---:|"]
    lines += [
        f"| {c.table} | {len(c.added)} | {len(c.removed)} | {len({k for k, *_ in c.changed})} |"
        for c in report.tables
    ]
    if report.besides:
        lines += ["", "## Besides rows", "", *_listed([f"- {words}" for words in report.besides])]
    if report.chapters:
        lines += ["", "## Chapters that run again", "", "- " + ", ".join(report.chapters)]
    for title, moves in (
        ("Verdicts that move", report.verdicts),
        ("Sentences that move", report.sentences),
        ("Numbers that move", report.numbers),
    ):
        if moves:
            lines += [
                "",
                f"## {title}",
                "",
                *_listed([f"- {m.where}: `{m.what}`: {m.old} → {m.new}" for m in moves]),
            ]
    if report.figures is None:
        lines += ["", "Which figures move is known after `storykit site`: no site has been built here."]
    elif report.figures:
        listed = [f"- {name} ({n} row{'s' * (n > 1)})" for name, n in report.figures.items()]
        lines += ["", "## Figures that move", "", *_listed(listed)]
    fields = [
        f"- {c.table} `{key}` {field}: {old or '(empty)'} → {new or '(empty)'}"
        for c in report.tables
        for key, field, old, new in c.changed
    ]
    if fields:
        lines += ["", "## Fields that change", "", *_listed(fields)]
    return "\n".join(lines) + "\n"


def _listed(lines: list[str]) -> list[str]:
    more = len(lines) - SHOWN
    return lines[:SHOWN] + ([f"- and {more} more"] if more > 0 else [])


def record(report: Report, why: str, file: Path, date: str) -> str:
    """Add an entry to the `changes` table; returns its id.

    Raises
    ------
    ReportError
        If nothing changed, no reason is given, or the changes are recorded already.
    """
    known = [key for change in report.tables if change.table == "changes" for key in change.added]
    if known:
        raise ReportError(f"These changes are recorded already, as {known[0]}; edit that row or remove it.")
    if not report:
        raise ReportError("Nothing changed; there is nothing to record.")
    if not why.strip():
        raise ReportError('Say why the data changed: --record "new figures of 2025".')
    with open(file, newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    number = sum(row["date"] == date for row in rows) + 1
    name = f"{date}-{number}"
    moves = [*report.verdicts, *report.sentences, *report.numbers]
    moved = [*dict.fromkeys(f"{m.what}: {m.old} → {m.new}" for m in moves)][:10]
    rows.append(
        {
            "change_id": name,
            "date": date,
            "summary": why.strip(),
            "rows_added": sum(len(c.added) for c in report.tables),
            "rows_removed": sum(len(c.removed) for c in report.tables),
            "rows_changed": sum(len({k for k, *_ in c.changed}) for c in report.tables),
            "tables": ";".join(c.table for c in report.tables),
            "moved": next(f["delimiter"] for f in descriptor.fields("changes") if f["name"] == "moved").join(
                moved
            ),
        }
    )
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [f["name"] for f in descriptor.fields("changes")], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    disk.write_whole(file, text.getvalue())
    return name


def let_stand_at(day: str) -> None:
    """Let the data stand at another day: verdicts, freshness and what is recorded then go by it.

    Raises
    ------
    ReportError
        If the data stand at a later day already.
    """
    known = verdicts.data_as_of()
    if day < known:
        raise ReportError(f"--as-of {day}: the data stand at {known} already; give that day or a later one.")
    disk.write_whole(descriptor.file(), descriptor.text(**{"storykit:asOf": day}))
