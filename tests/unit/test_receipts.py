"""Receipts: what a number says, and every way in which one is refused."""

from __future__ import annotations

import json

import pytest

from storykit import chapters, receipts
from storykit.receipts import ReceiptError, num, receipt, sentence


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("chosen/MY/2017", "1,972 SMEs"),
        ("chosen/MY/2017 | plain", "1,972"),
        ("sales/MY/2018", "RM52.1 million"),
        ("sales/MY/2017", "RM40.0 million"),  # precision as recorded
        ("sales/MY/2019", "about RM110 million"),
        ("sales/MY/2019 | bare", "RM110 million"),
        ("chosen/MY/2017~2", "at least 1,900 SMEs"),
        ("growth/MY/2018", "−3.5%"),
        ("sales/MY/2018 | to myr_billion | round 3", "RM0.052 billion"),
        ('claims("goods").target_value', "US$65 billion"),
        ('claims("goods")', "US$65 billion"),
        ('claims("goods").made_on', "March 2017"),
        ('claims("thousand-firms").made_on', "13 May 2017"),
        ('claims("thousand-firms").made_on | year', "2017"),
        ('outcomes("o2")', "RM52.1 million"),
        ("sales/MY/2018 / sales/MY/2017 | percent", "130%"),
        ("sales/MY/2018 / sales/MY/2017 | times 2", "1.30 times"),
        ("sales/MY/2018 - sales/MY/2017", "RM12.1 million"),
        ("sales/MY/2018 + sales/MY/2017", "RM92.1 million"),
        ('count("claims", verdict="unknown")', "1"),
        ('count("claims", verdict="unknown") | words', "one"),
        ('count("claims", verdict="missed")', "0"),
        ('count("observations", series_id="sales", period__from="2018")', "2"),
        ('count("observations", series_id="sales", period__to="2018")', "2"),
        ('count("observations", value__from=52.1, value__to=100)', "2"),
        ('count("claims", made_on__to="2017-03")', "2"),
        ('count("claims", made_by__has="minister")', "1"),
        ('count("claims", source_ids__has="paper", verdict__not="met")', "2"),
        ('count("claims", verdict=["unknown", "met"]) | words', "two"),
        ('distinct("claims", "made_by")', "3"),
        ('latest("sales", "MY")', "about RM110 million"),
        ('highest("sales", "MY", until="2018")', "RM52.1 million"),
        ('lowest("sales", "MY")', "RM40.0 million"),
        ('first_above("sales", "MY", sales/MY/2017)', "2018"),
        ('total("observations", "value", series_id="sales") | bare', "RM202 million"),
        ('days(claims("thousand-firms").made_on, claims("thousand-firms").due_by)', "232 days"),
        ('year(claims("thousand-firms").due_by)', "2017"),
        ("sales/MY/2018 / chosen/MY/2017 | unit RM a firm | round 0", "26,420 RM a firm"),
    ],
)
def test_a_number_in_the_readers_form(small, text, written):
    assert num(text) == written


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("chosen/MY/2016", "has no row 'chosen/MY/2016'. Did you mean chosen/MY/2017"),
        ("sales/MY/2018 + chosen/MY/2017", "mixed units"),
        ("sales/MY/2018 / chosen/MY/2017", "say how to write it"),
        ("sales/MY/2018 / (sales/MY/2018 - sales/MY/2018)", "Division by zero"),
        ('claims("no-number").target_value', "is empty"),
        ('claims("goods").price', "has no field 'price'"),
        ('claims("nothing")', "has no row 'nothing'"),
        ("chosen/MY/2017 | loudly", "is no way to write a number"),
        ("chosen/MY/2017 | percent", "Only a ratio"),
        ("chosen/MY/2017 | to myr_million", "Cannot write SMEs as RM million"),
        ("5 + 5", "rests on no row"),
        ('__import__("os")', "There is no function or table"),
        ("chosen/MY/2017.__class__", "only a row has fields|has no field|Cannot read"),
        ("[x for x in (1,2)]", "not part of the language"),
        ("sales/MY/2018 >", "Cannot read the expression"),
        ('first_above("sales", "MY", claims("goods"))', "mixed units"),
        ('total("claims", "target_value")', "mixed units"),
        ('latest("nope", "MY")', "No series nope"),
        ('count("claims", colour="red")', "has no field 'colour'"),
        ('count("claims", made_on__near="2017")', "made_on__from"),
    ],
)
def test_a_bad_receipt_is_refused(small, text, words):
    with pytest.raises(
        ReceiptError,
        match=words.replace("(", r"\(").replace(")", r"\)").replace("?", r"\?")
        if "|" not in words
        else words,
    ):
        receipt(text)


def test_two_rows_where_one_is_meant(small):
    file = small / "data" / "tables" / "units.csv"
    file.write_text(file.read_text() + file.read_text().splitlines()[1] + "\n")
    from storykit import checks

    assert num("chosen/MY/2017") == "1,972 SMEs"  # keys are unique by the check, not by luck
    descriptor = json.loads((small / "data/datapackage.json").read_text())
    descriptor["resources"][1]["schema"]["fields"][0]["constraints"] = {"unique": True}
    (small / "data/datapackage.json").write_text(json.dumps(descriptor))
    assert any("more than one row" in p.allowed for p in checks.check())


def test_a_receipt_knows_its_rows_and_inputs(small):
    found = receipt("sales/MY/2018 / sales/MY/2017 | percent")
    assert found.is_formula
    assert [row[:2] for row in found.rows] == [
        ("observations", "sales/MY/2018"),
        ("observations", "sales/MY/2017"),
    ]
    assert not receipt("sales/MY/2018").is_formula


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("sales/MY/2018 > sales/MY/2017", True),
        ("sales/MY/2018 > 2 * sales/MY/2017", False),
        ('chosen/MY/2017 > claims("thousand-firms").target_value', True),
        ('claims("goods").verdict == "unknown"', True),
        ('claims("goods").verdict != "unknown" or sales/MY/2017 < 50', True),
        ('not claims("thousand-firms").due_by < claims("thousand-firms").made_on', True),
        ('first_above("sales", "MY", sales/MY/2017) == "2018"', True),
        ('outcomes("o1").as_of <= claims("thousand-firms").due_by', True),
        ("sales/MY/2017 < sales/MY/2018 < sales/MY/2019", True),
        ('count("claims", verdict="missed") == 0', True),
    ],
)
def test_a_condition_over_the_data(small, condition, holds):
    assert sentence(f"so it is <{condition}>").holds is holds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no condition here", "has no condition"),
        ("so <1 > 2>", "rests on no row"),
        ("so <sales/MY/2018>", "is not a condition"),
        ("so <sales/MY/2018 > chosen/MY/2017>", "mixed units"),
        ("so <sales/MY/1999 > 1 and sales/MY/2018 > 1>", "has no row"),
    ],
)
def test_a_bad_sentence_is_refused(small, text, words):
    with pytest.raises(ReceiptError, match=words):
        sentence(text)


def test_a_false_sentence_names_condition_and_values(small):
    with pytest.raises(ReceiptError) as caught:
        receipts.require(sentence("more than doubled <sales/MY/2018 > 2 * sales/MY/2017>"))
    for words in ("more than doubled", "sales/MY/2018 > 2 * sales/MY/2017", "52.1", "40.0"):
        assert words in str(caught.value)


def test_plain_text_with_roles(small):
    text = "{num}`chosen/MY/2017` were chosen, {holds}`more than promised <chosen/MY/2017 > 1500>`."
    assert receipts.plain(text) == "1,972 SMEs were chosen, more than promised."


def test_facts_print_every_number_and_sentence_once(small, capsys, monkeypatch):
    cells = [
        {
            "cell_type": "markdown",
            "source": [
                "{num}`chosen/MY/2017`, {num}`sales/MY/2018`\n",
                "{num}`chosen/MY/2017` and {holds}`more <chosen/MY/2017 > 1500>`",
            ],
        }
    ]
    (small / "book/zone.ipynb").write_text(json.dumps({"cells": cells}))
    chapters.open_chapter("zone")
    receipts.facts()
    assert capsys.readouterr().out.splitlines() == [
        "chosen/MY/2017 -> 1,972 SMEs",
        "holds: more <chosen/MY/2017 > 1500> -> chosen/MY/2017 = 1972",
        "sales/MY/2018 -> RM52.1 million",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "In March 2017 and on 3 November 2017, from 2014-2026.",
        "The 5G network, Q1 2017, B2B and Covid-19.",
        "{num}`chosen/MY/2017` firms",
        "see [the page](x-12.md) and `code 12`",
        "1. first\n2. second",
        "the 1990s",
    ],
)
def test_numerals_that_prose_may_type(text):
    assert receipts.typed_numbers(text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [("only 70 firms", 1), ("first\nsecond 3.5 percent", 2), ("US$65 billion", 1), ("by 2,026 people", 1)],
)
def test_numerals_that_prose_may_not_type(text, line):
    found = receipts.typed_numbers(text)
    assert len(found) == 1
    assert found[0][0] == line


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2017", "2017"),
        ("2017-05", "May 2017"),
        ("2017-05-03", "3 May 2017"),
        ("2017-Q3", "Q3 2017"),
        ("2024-H1", "H1 2024"),
        ("FY2018", "fiscal year 2018"),
        ("2017-01..2017-09", "January 2017 to September 2017"),
        ("undated", "undated"),
    ],
)
def test_dates_in_words(date, words):
    assert receipts.date_words(date) == words
