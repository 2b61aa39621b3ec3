"""Change every value that a sentence rests on, one at a time: no change may slip through.

A change is caught when a number on the page reads differently (the text changes correctly, and
nbval goes red), when a sentence no longer holds, or when the facts that nbval compares differ.
"""

from __future__ import annotations

import collections

import pytest
from test_prose import figure_texts, pages

from storykit import receipts, tables, verdicts


def _said() -> dict[tuple[str, str], tuple]:
    """(role, inside) -> what it says now."""
    found = {}
    for _, text in [*pages(), *figure_texts()]:
        for role, inside in receipts.roles(text):
            found[(role, " ".join(inside.split()))] = _speak(role, " ".join(inside.split()))
    return found


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
        return "partly" if text in verdicts.WORDS and text != "partly" else text + " (spoilt)"
    return format(number * 3 + 11, "g")


def test_no_seeded_change_slips_through(package, monkeypatch):
    said = _said()
    resting = collections.defaultdict(set)
    for role, inside in said:
        for table, key, field in _rows(role, inside):
            if field and not (table == "claims" and field.startswith("verdict")):
                resting[(table, key, field)].add((role, inside))
    assert len(resting) > 200
    slipped = []
    original = tables.records
    for (table, key, field), users in sorted(resting.items()):
        known = original(table)
        spoilt = {**known, key: {**known[key], field: _spoilt(known[key][field])}}
        monkeypatch.setattr(
            tables, "records", lambda name, t=table, s=spoilt: s if name == t else original(name)
        )
        if not any(_speak(*user) != said[user] for user in users):
            slipped.append(f"{table} {key}.{field}: {sorted(users)[0][1]}")
    monkeypatch.setattr(tables, "records", original)
    print(f"{len(slipped)} of {len(resting)} seeded changes slip through")
    assert slipped == []


def test_a_changed_verdict_is_seen(package):
    """Every claim whose verdict a sentence names: turn its newest outcome, and the sentence says another thing."""
    users = collections.defaultdict(set)
    for _, text in pages():
        for role, inside in receipts.roles(text):
            inside = " ".join(inside.split())
            for table, key, field in _rows(role, inside):
                if table == "claims" and field == "verdict":
                    users[key].add((role, inside))
    if not users:
        pytest.fail("no sentence names a verdict")
    before = {user: _speak(*user) for claim in users for user in users[claim]}
    decided = verdicts.all_verdicts()
    slipped = []
    for claim, roles in users.items():
        row = package.where("outcomes", "outcome_id", decided.loc[claim, "verdict_outcome"])
        old = package.set(
            "outcomes", row, "verdict", "open" if decided.loc[claim, "verdict"] != "open" else "partly"
        )
        if all(_speak(*user) == before[user] for user in roles):
            slipped.append(claim)
        package.set("outcomes", row, "verdict", old)
    assert slipped == []
