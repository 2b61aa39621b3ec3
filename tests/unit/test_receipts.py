"""Receipts: what a number says, and every way in which one is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storykit import chapters, project, reads, receipts, tables
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
        ('months(claims("thousand-firms").made_on, claims("thousand-firms").due_by)', "7.6 months"),
        ('years(claims("thousand-firms").made_on, claims("thousand-firms").due_by)', "0.64 years"),
        ('year(claims("thousand-firms").due_by)', "2017"),
        ("sales/MY/2018 / chosen/MY/2017 | unit RM a firm | round 0", "26,420 RM a firm"),
        ("number(chosen/MY/2017)", "1,972"),
        ("sales/MY/2017 / chosen/MY/2017 / 1000 | plain", "20.3"),
        ("chosen/MY/2017 / chosen/MY/2017", "1"),
        ("sales/MY/2017 / sales/MY/2019", "about 0.36"),
        ("sales/MY/2017 / 1000", "RM0.040 million"),  # never 0.0: that would say there was nothing
        ("sales/MY/2017 / 1000 | to myr_billion", "RM0.000040 billion"),
        ("sales/MY/2018 - sales/MY/2018 * 0.8 - sales/MY/2018 * 0.2", "RM0 million"),  # left over: 7e-15
        ("sales/MY/2017 - sales/MY/2017 | round 1", "RM0.0 million"),
        ("abs(growth/MY/2018)", "3.5%"),
        ("growth/MY/2018 * 2", "−7%"),
        ("2 * growth/MY/2018", "−7%"),
        ("growth/MY/2018 * sales/MY/2017", "−RM1.4 million"),
        ("count('observations', observation_id='sales/MY/2018')", "1"),
        ('count("claims", verdict="not-followed-up", overdue=True)', "0"),
        ('count("claims", due_by="")', "1"),
        ('distinct("claims", "source_ids")', "1"),
        ('count("observations", period__from="2020-01")', "1"),
        ('claims("goods").overdue', "false"),
        ('count("claims", statement__has="a|b") | words', "zero"),  # a bar in quotes parts nothing
        ('count("claims", verdict_words="met")', "1"),
        ('count("claims", verdict_as_of__from="2018")', "1"),
        ('count("claims", verdict_outcome="o3")', "1"),
        ('count("claims", overdue=False)', "3"),
    ],
)
def test_a_number_in_the_readers_form(small, text, written):
    assert num(text) == written


def test_a_unit_of_the_table_that_is_a_quotient_is_written_as_the_table_says(small):
    file = small / "data" / "tables" / "units.csv"
    file.write_text(file.read_text().replace("RM million,RM,million,MYR,", "RM million,RM,million,MYR/head,"))
    assert num("sales/MY/2018") == "RM52.1 million"
    assert num("sales/MY/2018 - sales/MY/2017") == "RM12.1 million"
    with pytest.raises(ReceiptError, match="say how to write it"):
        num("sales/MY/2018 / chosen/MY/2017")


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
        ("sales/MY/2017 / 1000 | round 1", "0.04 would be written 0.0"),
        ("sales/MY/2017 / 1000 / sales/MY/2017 | percent 0", "0.1 would be written 0,"),
        ('__import__("os")', "There is no function or table"),
        ("chosen/MY/2017.__class__", "only a row has fields|has no field|Cannot read"),
        ("[x for x in (1,2)]", "not part of the language"),
        ("sales/MY/2018 >", "Cannot read the expression"),
        ('first_above("sales", "MY", claims("goods"))', "mixed units"),
        ('total("claims", "target_value")', "mixed units"),
        ('latest("nope", "MY")', "No series nope"),
        ('count("claims", colour="red")', "has no field 'colour'"),
        (
            'count("claims", made_on__near="2017")',
            "claims.made_on holds a text; it is filtered by made_on=, made_on__not=, made_on__from=",
        ),
        (
            'count("claims", target_value__has=1)',
            "claims.target_value holds a number; it is filtered by target_value=, target_value__not=",
        ),
        ("claims()", 'takes the key of one row in quotes, such as claims("thousand-firms").'),
        ("changes()", 'such as changes("key").'),  # a table without rows has no example
        ("sales/MY/2018 > 3", "is a yes or no"),
        ('days(claims("goods").made_on, "undated")', "has no place in time"),
        ("-(1 < 2) * sales/MY/2018", "A yes or no is not a number"),
        ('distinct(1, "verdict")', 'A table is named by a text in quotes, such as "claims".'),
        ('distinct("claims", 1)', 'A field is named by a text in quotes, such as "value".'),
        ('latest(1, "MY")', 'A series is named by a text in quotes, such as "exports".'),
        ('latest("sales", 1)', 'A geography is named by a text in quotes, such as "MY".'),
        ('total(1, "value")', "A table is named by a text in quotes"),
        ('total("observations", 1)', "A field is named by a text in quotes"),
        ('total("claims", "verdict")', "claims.verdict holds no numbers"),
        ('total("claims", "target_value", thread="dftz", made_by="A firm")', "has no values to add"),
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


MISTAKES = [
    "claims()",
    'claims("goods", "o1")',
    'claims(key="goods")',
    "claims(3)",
    'claims(["goods"])',
    "count()",
    "count(claims)",
    'count("nothing")',
    'count(["claims"])',
    'count("claims", "goods")',
    'count("claims", **{"verdict": "met"})',
    'count("claims", verdict="met", verdict="open")',
    'count("claims", made_on__from=[])',
    'count("claims", made_on__from=["2017", "2018"])',
    'count("claims", made_on__from="soon")',
    'count("claims", made_by__from="2017")',
    'count("observations", value__from="2")',
    'count("observations", value=chosen/MY/2017)',
    'count("observations", value=chosen/MY/2017 * 1)',
    'distinct("claims", "nofield")',
    'distinct("claims")',
    'total("observations", "novalue")',
    'total("observations", "period")',
    'total("claims", "target_value", claim_id="no-number")',
    'latest("sales")',
    'latest("sales", "MY", since="undated")',
    'latest("sales", "MY", from_="2017")',
    'latest(sales/MY/2018, "MY")',
    'first_above("sales", "MY", "many")',
    'year(claims("goods").made_by)',
    'years("2017")',
    'days("undated", "2017")',
    'distance(claims("goods"), claims("no-number"))',
    'distance("claims", "goods", "no-number")',
    'distance("claims")',
    'abs("much")',
    "number()",
    "sales/MY/2018 + True",
    "sales/MY/2018 + None",
    "sales/MY/2018 + [1]",
    "sales/MY/2018 * 1" + "0" * 400,
    "sales/MY/2018 | round x",
    "sales/MY/2018 | round -1",
    "sales/MY/2018 | to nothing",
    "sales/MY/2018 | to",
    "sales/MY/2018 / sales/MY/2017 | percent x",
]


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_never_ends_in_a_bare_python_error(small, text):
    with pytest.raises(ReceiptError) as caught:
        receipt(text)
    assert "cannot be computed" not in str(caught.value) or "OverflowError" in str(caught.value)
    with pytest.raises(ReceiptError):
        sentence(f"so <{text} == 1>")


def test_what_cannot_be_computed_is_told_with_its_expression(small):
    text = "sales/MY/2018 * 1" + "0" * 400
    with pytest.raises(ReceiptError) as caught:
        receipt(text)
    assert f"{text!r} cannot be computed (OverflowError: " in str(caught.value)
    assert receipts.evaluate("sales/MY/2018 > 3").expression == "sales/MY/2018 > 3"


def _describe(small: Path, table: str, field: str, **constraints) -> None:
    """Lay down in the descriptor what may stand in a field."""
    file = small / "data" / "datapackage.json"
    package = json.loads(file.read_text())
    schema = next(r["schema"] for r in package["resources"] if r["name"] == table)
    next(f for f in schema["fields"] if f["name"] == field)["constraints"] = constraints
    schema["foreignKeys"] = [
        {"fields": ["series_id"], "reference": {"resource": "series", "fields": ["series_id"]}}
    ]
    file.write_text(json.dumps(package))


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ('verdict="mised"', "claims.verdict is never 'mised'. Did you mean missed"),
        ('verdict__not="mised"', "never 'mised'"),
        ('verdict=["met", "mised"]', "never 'mised'"),
        ('verdict=""', "never ''"),
        ('verdict__has="mised"', "No word that may stand in claims.verdict"),
        ('confidence="hihg"', "never 'hihg'. Did you mean high"),
        ('made_on="13 May 2017"', "never '13 May 2017'; it looks like"),
        ('claim_id="good"', "claims.claim_id is never 'good'. Did you mean goods"),
        ('source_ids="paper"', "holds a list; it is filtered by source_ids__has="),
        ('source_ids__not="paper"', "holds a list"),
        ('featured="true"', "featured= of claims takes True or False"),
        ("featured__has=True", "holds true or false"),
        ('target_value="65"', "target_value= of claims takes a number"),
        ("target_value=True", "takes a number"),
        ("made_by=5", "takes a text"),
        ("verdict=[]", "fits no row"),
        ('made_by__from="2017"', "made_by__from= of claims: 'The minister' is not a period"),
    ],
)
def test_a_filter_that_no_row_can_fit_is_refused(small, filters, words):
    _describe(small, "claims", "confidence", enum=["high", "medium", "low"])
    _describe(small, "claims", "made_on", pattern=r"\d{4}(-\d{2}(-\d{2})?)?")
    with pytest.raises(ReceiptError, match=words):
        receipt(f'count("claims", {filters})')


def test_a_filter_by_a_row_that_is_not_there_is_refused(small):
    _describe(small, "observations", "note")
    assert num('count("observations", series_id="sales")') == "3"
    with pytest.raises(ReceiptError, match=r"observations.series_id is never 'sale'. Did you mean sales"):
        receipt('count("observations", series_id="sale")')


def test_periods_are_put_in_order_by_their_days(small):
    file = small / "data" / "tables" / "observations.csv"
    row = next(line for line in file.read_text().splitlines() if line.startswith("sales/MY/2019"))
    for period in ("FY2021", "2022-Q1", "undated"):
        file.write_text(file.read_text() + row.replace("2019", period) + "\n")
    assert num('count("observations", series_id="sales", period__from="2030")') == "0"
    assert num('count("observations", series_id="sales", period__from="2021")') == "1"
    assert num('count("observations", series_id="sales", period__to="2021")') == "4"
    assert num('year(observations("sales/MY/FY2021").period)') == "2021"
    assert num('latest("sales", "MY", until="2022-02") | bare') == "RM110 million"
    with pytest.raises(ReceiptError, match="between these periods"):
        receipt('latest("sales", "MY", since="2030")')
    with pytest.raises(project.DataError, match="is left"):
        tables.observations("sales", since="2030")
    assert not sentence('so <observations("sales/MY/FY2021").period > "2030">').holds
    assert sentence('so <observations("sales/MY/2022-Q1").period < "2022-05">').holds
    with pytest.raises(ReceiptError, match="they overlap"):
        sentence('so <observations("sales/MY/FY2021").period > "2020">')


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
        ('count("claims") > number(claims("goods").target_value)', False),
        ('count("claims") >= count("claims", due_by="")', True),
        ("sales/MY/2018 > 52", True),  # a typed number has the unit of what stands beside it
        ('claims("thousand-firms").made_on > "2017-05"', False),  # the month is all that can be compared
        ('claims("thousand-firms").made_on >= "2017-05"', True),
        ('claims("thousand-firms").made_on == "2017"', True),
        ('year(claims("thousand-firms").made_on) == 2017', True),
        ('claims("thousand-firms").made_on < 2018', True),
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
        ('so <count("claims", verdict="met") and 1 < 2>', "is neither true nor false"),
        ("so <1 < 2 or sales/MY/2018>", "is neither true nor false"),
        ("so <not sales/MY/2018>", "is neither true nor false"),
        ('so <not "">', "is neither true nor false"),
        (
            'so <count("claims") > claims("goods").target_value>',
            "plain number with US.+mixed units.+write number",
        ),
        ("so <year(2017) > growth/MY/2018 and count('claims') > growth/MY/2018>", "mixed units"),
        ('so <claims("goods").verdict != "unknowm">', "never 'unknowm'. Did you mean unknown"),
        ('so <"mett" == claims("goods").verdict>', "never 'mett'. Did you mean met"),
        ('so <claims("goods").made_by > "A">', "only == and !="),
        ('so <claims("goods").verdict == 3>', "Cannot compare"),
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


def test_small_numbers_in_words_and_larger_ones_in_digits(small):
    written = [num(f"number(chosen/MY/2017) / 1972 * {n} | round 0 | words") for n in range(14)]
    words = "zero one two three four five six seven eight nine ten eleven twelve 13"
    assert written == words.split()


def test_a_count_names_the_cells_it_rests_on(small):
    assert receipt('count("claims", verdict="unknown", made_by__has="govern")').rows == (
        ("claims", "goods", "verdict"),
        ("claims", "goods", "made_by"),
    )
    assert receipt('count("claims", verdict="missed")').rows == (("claims", "*", ""),)


def test_a_text_that_leaves_its_page_takes_no_names_with_it(small):
    facts = "```{facts}\ngrown = sales/MY/2018 - sales/MY/2017\n```"
    cells = [{"cell_type": "markdown", "source": facts}]
    (small / "book/zone.ipynb").write_text(json.dumps({"cells": cells}))
    text = "By {num}`@grown`, {holds}`more than that <sales/MY/2018 > 2 * @grown>`, {num}`sales/MY/2017`."
    assert receipts.expanded(text, receipts.of_page("zone")) == (
        "By {num}`sales/MY/2018 - sales/MY/2017 | as @grown`, "
        "{holds}`more than that <sales/MY/2018 > 2 * (sales/MY/2018 - sales/MY/2017)>`, {num}`sales/MY/2017`."
    )


def test_a_text_names_the_sources_of_its_rows_once_and_a_count_of_no_rows_names_none(small):
    nothing = '{num}`count("claims", verdict="missed")`'
    assert receipts.sources_of(nothing) == ()
    assert receipts.sources_of(nothing + " of {num}`chosen/MY/2017` and {num}`sales/MY/2017`") == ("paper",)


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
        "chosen/MY/2017 > 1500 holds “more” -> chosen/MY/2017 = 1972",
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
        "In 2017 firms signed. By 2020 sales rose, and since 2021 exports fall; of 2019 figures none is left.",
        "May 2017 papers, the list for 2024 shows it, late 2016 reports, and between 2014 and 2022 regions opened",
        "2021 was the year, 2022 is the next, 2023 as well",
        "\n".join(["two lines: in", "2017 firms signed"]),
    ],
)
def test_numerals_that_prose_may_type(small, text):
    assert receipts.typed_numbers(text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("only 70 firms", 1),
        ("first\nsecond 3.5 percent", 2),
        ("US$65 billion", 1),
        ("by 2,026 people", 1),
        ("We saw 1950 firms sign.", 1),
        ("first\nabout 2000 jobs", 2),
        ("about\n2000\njobs", 2),
        ("1950 people came", 1),
        ("US$2000 was paid", 1),
        ("a rise of 2000%", 1),
        ("some 2000 million of them", 1),
        ("Coverag-19", 1),
        ("The KL1 data centre", 1),
    ],
)
def test_numerals_that_prose_may_not_type(small, text, line):
    found = receipts.typed_numbers(text)
    assert len(found) == 1
    assert found[0][0] == line


def test_a_story_lists_its_own_names_that_hold_a_numeral(small):
    file = small / "data" / "datapackage.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "storykit:names": ["KL1", "Route 66"]}))
    assert receipts.typed_numbers("The KL1 data centre on Route 66") == []
    assert "about:storykit:names" in reads.names()  # a new name makes the chapters run again
    assert len(receipts.typed_numbers("KL1a and Route 660, and 66 more")) == 3


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
