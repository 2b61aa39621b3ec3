"""Where a condition turns is found by algebra; here the data themselves are changed, and the condition is asked again."""

from __future__ import annotations

import random

import pytest

from storykit import project, receipts, tables

NAMED = [
    "sales/MY/2018 / sales/MY/2017 > 1.2",
    "sales/MY/2018 / (sales/MY/2017 + sales/MY/2019) <= 3",
    "sales/MY/2018 - sales/MY/2017 >= 10",
    "sales/MY/2019 - sales/MY/2017 > sales/MY/2018",
    "not sales/MY/2018 < sales/MY/2017",
    "sales/MY/2018 > 1 and sales/MY/2019 > 1",
    "sales/MY/2018 > 1 or sales/MY/2019 < 1",
    "not (sales/MY/2018 < 1 or sales/MY/2019 < 1)",
    "(sales/MY/2018 > sales/MY/2017 or sales/MY/2019 < 0) and growth/MY/2018 < 0",
    "-growth/MY/2018 > 1",
    "chosen/MY/2017 * 2 > chosen/MY/2017~2",
    "0.5 / (sales/MY/2018 / sales/MY/2017) < 0.9",
]


def holds_with(condition: str, key: str, value: float) -> bool:
    """What a condition says when one cell of the data holds another value."""
    file = project.root() / "data" / "tables" / "observations.csv"
    text = file.read_text(encoding="utf-8")
    recorded = tables.records("observations")[key]["value"]
    changed = "".join(
        line.replace(f",{recorded},", f",{value!r},", 1) if line.startswith(f"{key},") else line
        for line in text.splitlines(keepends=True)
    )
    with project.trying({file: changed}):
        return receipts.evaluate(condition).result


def proved(condition: str) -> int:
    """How many numbers turn a condition; each is tried a little to both sides of where it does."""
    found = receipts.turns(condition)
    for turn in found:
        at = turn.at.amount
        aside = max(abs(at), 1) * 1e-4
        inside, outside = (at + aside, at - aside) if turn.sign in (">", ">=") else (at - aside, at + aside)
        assert holds_with(condition, turn.row[1], inside) is True, (condition, turn)
        assert holds_with(condition, turn.row[1], outside) is False, (condition, turn)
    return len(found)


@pytest.mark.parametrize(("condition", "numbers"), list(zip(NAMED, [2, 3, 2, 3, 1, 2, 1, 2, 2, 1, 2, 2])))
def test_a_condition_turns_where_its_data_turn_it(small, condition, numbers):
    assert receipts.evaluate(condition).result is True
    assert proved(condition) == numbers


def test_conditions_made_at_random_turn_where_their_data_turn_them(small):
    chance, proofs = random.Random(5), 0
    amounts = ["sales/MY/2017", "sales/MY/2018", "sales/MY/2019"]
    for _ in range(60):
        one, two, three = chance.sample(amounts, 3)
        left = chance.choice(
            [f"{one}", f"{one} + {two}", f"{one} - {two}", f"{one} * 3", f"2 * ({one} - {two})"]
        )
        ratio = chance.choice([f"{one} / {two}", f"({one} + {two}) / {three}", f"{one} / ({two} - {three})"])
        condition = chance.choice(
            [
                f"{left} {chance.choice(['>', '<', '>=', '<='])} {three}",
                f"{ratio} {chance.choice(['>', '<'])} {chance.choice([0.4, 0.9, 1.5, 3])}",
            ]
        )
        if receipts.evaluate(condition).result is not True:
            condition = f"not {condition}"
        proofs += proved(condition)
    assert proofs > 60


def test_who_holds_the_rest_is_told(small):
    (alone,) = receipts.turns("chosen/MY/2017 > 1500")
    both = receipts.turns("sales/MY/2018 > 1 and sales/MY/2019 > 1")
    parts = receipts.turns("sales/MY/2018 / sales/MY/2017 > 1.2")
    assert not alone.held and all(turn.held for turn in (*both, *parts))
