"""Lint: each mistake of an author is named with file, cell, line and advice, all of them in one run."""

from __future__ import annotations

import json

import pytest

from storykit import lint

GOOD = """# A page that is long enough for its markup

Some words that a reader sees, so that markup is only a small part of the text that stands here for the test, and
nobody is told of it who did not ask for it, whatever else is said about the page by those who look at it.
The list held {num}`chosen/MY/2017`, {holds}`more than promised <@more>`, as anybody can count who likes to.

```{facts}
more = chosen/MY/2017 > claims("thousand-firms").target_value
```
"""


@pytest.fixture
def book(small):
    """Writes pages: a text for a Markdown page, a list of (kind, text) for a notebook."""

    def write(content, name="page") -> list[str]:
        if isinstance(content, str):
            (small / "book" / f"{name}.md").write_text(content, encoding="utf-8")
        else:
            cells = [
                {"cell_type": kind, "source": text, "metadata": {}, "outputs": []} for kind, text in content
            ]
            (small / "book" / f"{name}.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
        return [str(problem) for problem in lint.problems()]

    return write


def test_a_good_page_has_no_problem(book):
    assert book(GOOD) == []


def test_facts_are_no_markup_however_many_blocks_they_stand_in(book):
    book(GOOD)
    share = lint.markup_share("page")
    book(
        GOOD + "\n```{facts}\nsold = sales/MY/2019\n```\n\n```{facts}\nother = sales/MY/2018\n"
    )  # the last one ends with the page
    assert lint.markup_share("page") == share


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{num}`chosn/MY/2017`", "has no row 'chosn/MY/2017'"),
        ("{num}`@moree`", "There is no fact @moree. Did you mean @more?"),
        ("{nums}`chosen/MY/2017`", "there is no role {nums}. Did you mean num?"),
        ("{num} `chosen/MY/2017`", "{num} and its text stand apart; write {num}`…` without a space"),
        ("{num}", "{num} has nothing to say"),
        ("{holds}`more <chosen/MY/2017 > 1500`", "has no condition; write {holds}`phrase <condition>`"),
        ("{holds}`more <chosen/MY/2017 > 15000>`", "The data no longer support the sentence “more”"),
        ('{holds}`first <earliest("sales", "MY") == "2017-Q1">`', "If the date of an observation is meant"),
        (
            '{holds}`more <chosen/MY/2017 > claims("thousand-firms").target_value and 1 == 1>`',
            "characters stands in the text, at most 60 may: name it",
        ),
        ("at {num}`chosen/MY/2017~2`", "reads “at at least 1,900 SMEs”; write | bare"),
        ("{verdict}`good`", "claims has no row 'good'. Did you mean goods?"),
        ("{verdict}`@more`", "which is no claim and no field of one"),
        ("In all 1,972 firms", "In all 1,972 firms …)"),
        ("```{storyy} wall\n```", "there is no block {storyy}. Did you mean story?"),
    ],
)
def test_a_mistake_in_prose(book, text, words):
    found = book(GOOD + "\n" + text + "\n")
    assert any(line.startswith("book/page.md, line 11: ") and words in line for line in found), found


FIGURE = """Words before the figure that a reader sees, quite a lot of them, for the sake of the share.

```{figure-text} page-first
title: More firms were chosen than were promised by the minister in that year
subtitle: Firms, number, Malaysia, 2017
description: One long solid bar and one that is somewhat shorter, both beginning at nought.
```
"""
SETUP = ("code", "from storykit import figures")
DRAW = ("code", 'figures.Figure(plot, id="page-first", data=rows)')


@pytest.mark.parametrize(
    ("figure", "code", "place", "words"),
    [
        (
            FIGURE.replace("description:", "descriptionn:"),
            DRAW,
            "cell 2, line 6",
            "Did you mean description?",
        ),
        (FIGURE.replace("subtitle:", "title:"), DRAW, "cell 2, line 5", "title stands twice"),
        (FIGURE.replace("description: One", "# One"), DRAW, "cell 2, line 4", "description is missing"),
        (
            FIGURE.replace("One long", "{num}`nothing/MY/2017` long"),
            DRAW,
            "cell 2, line 6",
            "has no row 'nothing/MY/2017'",
        ),
        (
            FIGURE.replace("page-first", "page-frist"),
            DRAW,
            "cell 3, line 1",
            "figure 'page-first' has no words",
        ),
        (FIGURE.replace("page-first", "page-frist"), DRAW, "cell 2, line 4", "Did you mean page-first?"),
        (FIGURE.replace("page-first", "Page_First"), DRAW, "cell 2, line 4", "must be kebab-case"),
        (FIGURE.replace("One long", "12 long"), DRAW, "cell 2, line 6", "holds a typed number"),
        (FIGURE, ("code", DRAW[1] + "\nx = 1" * 12), "cell 3, line 1", "the cell has 13 lines, at most 12"),
        (
            FIGURE,
            ("code", DRAW[1] + '\nrows.rename(columns={"a": "b"})'),
            "cell 3, line 2",
            "rename( in a code cell",
        ),
        (FIGURE, ("code", DRAW[1] + "\nx ="), "cell 3, line 2", "no Python"),
        (FIGURE, ("code", DRAW[1] + '\nreceipts.num("nothing/MY/2017")'), "cell 3, line 2", "has no row"),
        (
            FIGURE,
            ("code", DRAW[1] + "\nname = 'a \\\"quote\\\"'"),
            "cell 3, line 2",
            "quotes need no backslash",
        ),
    ],
)
def test_a_mistake_in_a_figure(book, figure, code, place, words):
    found = book([SETUP, ("markdown", figure), code])
    assert any(line.startswith(f"book/page.ipynb, {place}: ") and words in line for line in found), found


def test_all_mistakes_of_all_pages_at_once(book):
    book([("markdown", "# Two\n\n{num}`@nothing`"), ("markdown", FIGURE), DRAW], "two")
    found = book([("markdown", "{nums}`x`"), ("markdown", FIGURE), DRAW], "one")
    assert [line.partition(": ")[0] for line in found][:1] == ["book/one.ipynb, cell 1, line 1"]
    assert "book/two.ipynb, cell 1, line 3: {num}`@nothing`" in "\n".join(found)
    twice = (
        "book/two.ipynb, cell 2, line 4: the id 'page-first' is used in book/one.ipynb, cell 2, line 4, too"
    )
    assert twice in found


def test_a_name_that_nothing_uses(book):
    assert book(GOOD.replace("<@more>", "<chosen/MY/2017 > 1500>")) == [
        "book/page.md, line 8: @more is used nowhere on this page; use it or take it away"
    ]


def test_a_page_of_markup(book):
    found = book("# A\n\n" + "{num}`chosen/MY/2017` " * 60)
    assert any("of its characters are markup that no reader sees" in line for line in found)


def test_a_file_that_is_no_notebook(book, small):
    (small / "book/page.ipynb").write_text("<<<<<<< HEAD")
    assert "book/page.ipynb is not a notebook" in str(lint.problems()[0])


@pytest.mark.parametrize(
    "content",
    [
        GOOD + '\n```{facts}\nboth = ["goods", "no-number"]\n```\n\n{num}`count("claims", claim_id=@both)`\n',
        GOOD + '\n{num}`count("claims", claim_id=["goods", "no-number"])`\n',
        [("markdown", GOOD), ("code", 'rows = claims.loc[["goods", "no-number"]]')],
        [("markdown", GOOD), ("code", 'labels = {"goods": "Goods", "no-number": "Something good"}')],
    ],
)
def test_a_list_of_claims_is_no_rule(book, content):
    found = book(content)
    assert len(found) == 1
    assert "a list of claims (goods, no-number): choose them by their fields" in found[0]


def test_one_claim_may_be_named_and_other_lists_are_free(book):
    facts = 'one = claims("goods").verdict\nsome = ["chosen", "sales"]\n'
    used = '{num}`count("observations", series_id=@some)` and {num}`@one`'
    assert book(f"{GOOD}\n```{{facts}}\n{facts}```\n\n{used}\n") == []


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ('verdict="mett"', "mett"),
        ('verdict="met", made_by="nobody"', "no claim fits"),
        ("goods, no-number", "are no filters"),
    ],
)
def test_a_list_of_claims_by_a_rule_that_fits_none_is_named(book, where, words):
    assert words in str(book(f"{GOOD}\n```{{story}} claims\n:where: {where}\n```\n"))
