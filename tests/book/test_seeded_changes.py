"""Change every value that a sentence rests on, one at a time: no change may slip through.

A change is caught when a number on the page reads differently (the text changes correctly, and
nbval goes red), when a sentence no longer holds, or when the facts that nbval compares differ.
"""

from __future__ import annotations

import collections
import re

import pandas as pd
import pytest
from test_prose import roles

from storykit import descriptor, project, receipts, tables, verdicts
from storykit.receipts.rows import DECIDED
from storykit.site import proof


def _said() -> dict[tuple[str, str], tuple]:
    """(role, inside) -> what it says now."""
    return {(role, inside): _speak(role, inside) for role, inside in roles()}


def _speak(role: str, inside: str):
    try:
        if role == "num":
            return receipts.receipt(inside).text
        found = receipts.sentence(inside)
        return (found.holds, found.values)
    except receipts.ReceiptError as error:
        return f"! {error}"


def _rows(role: str, inside: str):
    return receipts.receipt(inside).rows if role == "num" else receipts.sentence(inside).rows


def _spoilt(text: str) -> str:
    """Another value of the same kind, plainly different."""
    try:
        number = float(text)
    except ValueError:
        if text[:4].isdigit():
            return f"{int(text[:4]) + 7}{text[4:]}"
        # A list of verdicts mostly takes partly and missed together.
        return "open" if text in verdicts.WORDS and text != "open" else text + " (spoilt)"
    return format(number * 3 + 11, "g")


def _left_out(field: str, users) -> str | None:
    """A value that the filters of these expressions leave out, where they ask what a field is not, or from a date on."""
    asked = " ".join(inside for _, inside in users)
    if found := re.search(rf'\b{field}__not="([^"]*)"', asked):
        return found[1]
    if found := re.search(rf'\b{field}__from="?(\d+)', asked):
        return str(int(found[1]) - 1)
    return None


class Spoiler:
    """Makes storykit read one table with one cell changed, without writing files."""

    def __init__(self, monkeypatch):
        self.patch, self.records, self.load = monkeypatch, tables._records, tables._load

    def spoil(self, table: str, key: str, field: str, other: str | None = None) -> None:
        """`other` is the value to be read, if not just any."""
        known, frame = tables.records(table), tables.load(table)
        real = key if key in known else tuple(key.split(" / "))
        text = _spoilt(known[real][field]) if other in (None, known[real][field]) else other
        changed = {**known, real: {**known[real], field: text}}
        kind = next(f["type"] for f in descriptor.fields(table) if f["name"] == field)
        position = frame.index.get_loc(real)
        values = frame[field].tolist()
        values[position] = (
            float(text) if kind in ("number", "integer") else text.split(";") if kind == "list" else text
        )
        if kind == "boolean":
            values[position] = known[real][field] != "true"
        frame[field] = pd.Series(values, index=frame.index, dtype=frame[field].dtype)
        # Below every door to rows, so that whichever an expression takes, it meets the changed cell.
        self.patch.setattr(
            tables, "_records", lambda name, *at: changed if name == table else self.records(name, *at)
        )
        self.patch.setattr(
            tables, "_load", lambda name, *at: frame if name == table else self.load(name, *at)
        )
        self._forget()

    def mend(self) -> None:
        self.patch.setattr(tables, "_records", self.records)
        self.patch.setattr(tables, "_load", self.load)
        self._forget()

    def _forget(self) -> None:
        """What was worked out is kept by the state of files, and no file has changed."""
        verdicts._decided.cache_clear()
        project.current().answers.clear()


MOST_PER_COUNT = 12
"""Of the many rows that one count rests on, so many are changed, spread evenly; of everything else, all."""


def _thinned(resting: dict) -> dict:
    groups = collections.defaultdict(list)
    for cell, users in sorted(resting.items()):
        groups[(cell[0], cell[2], min(users))].append(cell)
    kept = []
    for cells in groups.values():
        step = max(1, len(cells) // MOST_PER_COUNT)
        kept += cells[::step]
    return {cell: resting[cell] for cell in kept}


@pytest.mark.long
def test_no_seeded_change_slips_through(package, monkeypatch):
    said = _said()
    resting = collections.defaultdict(set)
    for role, inside in said:
        for table, key, field in _rows(role, inside):
            if field and field not in DECIDED.get(table, {}):
                resting[(table, key, field)].add((role, inside))
    assert len(resting) > 200
    resting = _thinned(resting)
    slipped, without_effect, spoiler = [], 0, Spoiler(monkeypatch)
    for cell, users in sorted(resting.items()):
        spoiler.spoil(*cell, _left_out(cell[2], users))
        if not any(_speak(*user) != said[user] for user in users):
            if all(
                inside.partition("|")[0].find(name) >= 0
                for _, inside in users
                for name in _aggregates(inside)
            ):
                without_effect += 1
            else:
                slipped.append(f"{' '.join(cell)}: {sorted(users)[0][1]}")
        spoiler.mend()
    seen = len(resting) - len(slipped) - without_effect
    print(
        f"{len(resting)} seeded changes: {seen} seen, {without_effect} change no result, {len(slipped)} slip through"
    )
    assert slipped == []
    assert without_effect < len(resting) / 10
    proof.note("seeded-changes", len(resting))
    proof.note("seeded-changes-noticed", seen)


def _aggregates(inside: str) -> list[str]:
    """Functions of an expression whose result may rightly stay when one of their rows changes (the
    number of different values, the smallest of two equal ones, a difference of counts, a count of deciding findings, of
    which another takes the place); a name that is never there if none."""
    return [
        name for name in ("distinct(", "lowest(", "highest(", " - count(", "deciding=True") if name in inside
    ] or ["\0"]


@pytest.mark.long
def test_a_changed_verdict_is_seen(package):
    """Every claim whose verdict a sentence names: turn its findings, and the sentence says another thing.

    All of them, since what one finding shows to be kept in time stays met when another is turned.
    """
    users = collections.defaultdict(set)
    for role, inside in roles():
        for table, key, field in _rows(role, inside):
            if table == "claims" and field == "verdict":
                users[key].add((role, inside))
    if not users:
        pytest.fail("no sentence names a verdict")
    before = {user: _speak(*user) for claim in users for user in users[claim]}
    decided = verdicts.all_verdicts()
    slipped = []
    for claim, sayings in users.items():
        turned = "open" if decided.loc[claim, "verdict"] != "open" else "partly"
        known = package.rows("outcomes")
        column, about = known[0].index("verdict"), known[0].index("claim_id")
        others = [
            [*row[:column], turned, *row[column + 1 :]] if row[about] == claim else row for row in known
        ]
        package.write("outcomes", others)
        if all(_speak(*user) == before[user] for user in sayings):
            slipped.append(claim)
        package.write("outcomes", known)
    assert slipped == []
