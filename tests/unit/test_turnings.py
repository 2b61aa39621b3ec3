"""Where a sentence turns, and how far a reader may slide it."""

from __future__ import annotations

import pytest

from storykit import receipts
from storykit.site import turnings


@pytest.mark.parametrize(
    ("condition", "row", "sign", "at"),
    [
        ("chosen/MY/2017 > 1500", "chosen/MY/2017", ">", 1500),
        ("1500 < chosen/MY/2017", "chosen/MY/2017", ">", 1500),
        ("sales/MY/2018 >= sales/MY/2017", "sales/MY/2018", ">=", 40),
        ("growth/MY/2018 < 0", "growth/MY/2018", "<", 0),
    ],
)
def test_a_comparison_turns_at_the_other_number(small, condition, row, sign, at):
    (turn,) = receipts.turns(condition)
    assert (turn.row[1], turn.sign, turn.at.amount) == (row, sign, at)


@pytest.mark.parametrize(
    "condition",
    [
        'claims("goods").due_by > "2020"',
        "chosen/MY/2017 == 1972",
        "sales/MY/2018 > sales/MY/2018 / 2",
        "sales/MY/2018 > 1 or sales/MY/2019 > 1",
        "sales/MY/2018 > 1 and sales/MY/2018 < 90",
        "1 < sales/MY/2018 < 90",
        "total('observations', 'value', series_id='sales') > 3",
    ],
)
def test_what_is_no_comparison_of_a_recorded_number_turns_nowhere(small, condition):
    assert receipts.turns(condition) == ()


def test_the_sentence_fails_just_beyond_where_it_turns(small):
    """The value worked out is the one at which the condition itself changes its answer."""
    assert receipts.evaluate("sales/MY/2017 * 2 < 80.1").result
    assert not receipts.evaluate("sales/MY/2017 * 2 < 80").result


def test_a_reader_is_told_both_values_and_slides_around_them(small):
    shown = turnings.of_sentences(
        ["more were chosen <chosen/MY/2017 > 1500>", "it fell <growth/MY/2018 < 0>"]
    )
    first, second = shown.turnings
    assert (first.name, first.words, first.at, first.now) == (
        "more-were-chosen",
        "above",
        "1,500 SMEs",
        "1,972 SMEs",
    )
    assert first.what == "Firms chosen, Malaysia, 2017"
    assert float(first.low) <= 1500 <= 1972 <= float(first.high) and float(first.step) <= 20
    assert (first.before, first.after) == ("", " SMEs")
    assert (second.at, second.starts_at, second.after) == ("0", "-3.5", "%")
    assert float(second.low) < -3.5 and float(second.high) > 0


def test_a_page_without_such_sentences_offers_nothing(small):
    assert turnings.of_sentences(['nothing came <claims("goods").verdict == "unknown">']) is None


def test_two_sentences_of_the_same_words_have_two_names(small):
    shown = turnings.of_sentences(["more <chosen/MY/2017 > 1500>", "more <chosen/MY/2017 > 1600>"])
    assert len({turning.name for turning in shown.turnings}) == 2
