"""How pages read: what is counted, what a book's limits refuse, and what is only remarked on."""

from __future__ import annotations

import json

import pytest

from storykit import lint, voice

SETUP = ("code", "from storykit import figures, forms, receipts, tables, words")
ANSWER = """# A finding

The list held {num}`chosen/MY/2017`. It was read with care by many who like to count what others count.
"""
FIGURE = """```{figure-text} page-first
title: Goods sold
subtitle: Some, 2018
description: One bar that is long enough to be told apart from any other bar by anybody.
```
"""
DRAW = ("code", 'figures.Figure(forms.bars(rows, "a", "b"), id="page-first", data=rows)')


@pytest.fixture
def book(small):
    """Writes a chapter of a book with limits; returns what lint says of it."""
    file = small / "data" / "datapackage.json"

    def write(*cells, untold=(), name="page", **limits) -> list[str]:
        package = json.loads(file.read_text(encoding="utf-8"))
        package["storykit:voice"] = {
            "opening": 40,
            "chapter": 90,
            "apart": ["What is missing"],
            "untold": untold,
        } | limits
        file.write_text(json.dumps(package), encoding="utf-8")
        made = [{"cell_type": kind, "source": text, "metadata": {}, "outputs": []} for kind, text in cells]
        (small / "book" / f"{name}.ipynb").write_text(json.dumps({"cells": made}), encoding="utf-8")
        return [str(problem) for problem in lint.problems()]

    return write


def test_a_chapter_that_begins_with_its_answer_is_no_problem(book):
    assert book(("markdown", ANSWER), SETUP, ("markdown", FIGURE), DRAW) == []


MANY = "word " * 60
FAULTS = {
    "a title alone": ("# A finding\n", "", "does not begin with its answer"),
    "an opening without a fact": ("# A finding\n\nMuch was found.\n", "", "does not begin with its answer"),
    "an opening that promises": (
        "# A finding\n\nThis chapter tells of {num}`chosen/MY/2017`.\n", "", "the opening promises (“This chapter tells”)",
    ),
    "many words before the figure": (ANSWER + MANY, "", "words stand before the first figure, at most 40 may"),
    "many words in all": (ANSWER, MANY + MANY, "words, at most 90 may be"),
    "many words in a fold": (ANSWER, f"```{{sure}}\n{MANY}{MANY}\n```\n", "words, at most 90 may be"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_limit_that_is_broken_is_named(book, fault):
    before, after, words = FAULTS[fault]
    cells = (("markdown", before), SETUP, ("markdown", FIGURE), DRAW, ("markdown", after))
    assert any(words in line for line in book(*cells))
    # A chapter on the list is only remarked on.
    assert book(*cells, untold=["page"]) == []
    assert any(words in str(remark) for remark in lint.remarks())


def test_the_list_of_chapters_that_are_excused_shrinks(book):
    found = book(("markdown", ANSWER), SETUP, ("markdown", FIGURE), DRAW, untold=["page", "pgae"])
    assert any("untold: page keeps to the limits now" in line for line in found)
    assert any("there is no page 'pgae'. Did you mean page?" in line for line in found)


def test_what_is_missing_and_the_words_of_figures_count_apart(book):
    missing = f"## What is missing\n\n{MANY}{MANY}\n\n### Part of it\n\n{MANY}\n"
    assert book(("markdown", ANSWER), SETUP, ("markdown", FIGURE), DRAW, ("markdown", missing)) == []
    counted = voice.measures("page").words
    book(
        ("markdown", ANSWER),
        SETUP,
        ("markdown", FIGURE),
        DRAW,
        ("markdown", missing + "\n## After\n\nOne two.\n"),
    )
    assert voice.measures("page").words == counted + 3


@pytest.mark.parametrize(
    ("words", "negations", "not_found"),
    [
        ("Nothing was said, and nobody can't say why.", 3, 0),
        ("No count of it was ever found. It was not found.", 2, 2),
        ("A note and another know nothing.", 1, 0),
    ],
)
def test_negations_are_counted_as_words(book, words, negations, not_found):
    book(("markdown", f"# A\n\n{words}\n"))
    found = voice.measures("page")
    assert (round(found.negations * found.words / 100), found.not_found) == (negations, not_found)


def test_long_sentences_and_nouns_are_remarked_on(book):
    book(
        ("markdown", f"# A\n\nOne {MANY}.\n\nThe provision of the implementation of the promise was slow.\n")
    )
    said = "\n".join(map(str, lint.remarks()))
    assert "a sentence of 61 words" in said and "2 nouns where verbs would do" in said


def test_a_case_rests_on_sources(book):
    case = "```{case} One parcel\nIt cost much.\n```\n"
    found = book(("markdown", ANSWER), SETUP, ("markdown", FIGURE), DRAW, ("markdown", case))
    assert any("a case without a source" in line for line in found)
    case = "```{case}\nIt cost {num}`chosen/MY/2017`.\n```\n"
    found = book(("markdown", ANSWER), SETUP, ("markdown", FIGURE), DRAW, ("markdown", case))
    assert [line.partition(": ")[2] for line in found] == ["a case without a title; write one behind {case}"]


def test_a_key_speaks_of_its_chart(book):
    plain = DRAW[1].replace('"b")', '"b", states="s")')
    found = book(("markdown", ANSWER), SETUP, ("markdown", FIGURE), ("code", plain))
    assert any("the key would say promised, built, used" in line for line in found)
    keyed = plain.replace('"s")', '"s", key=words.key("page-first"))')
    good = FIGURE.replace("description:", "key: built = goods sold\ndescription:")
    assert book(("markdown", ANSWER), SETUP, ("markdown", good), ("code", keyed)) == []
    strange = good.replace("= goods sold", "= completed")
    found = book(("markdown", ANSWER), SETUP, ("markdown", strange), ("code", keyed))
    assert any("the key says 'completed', which is not of the chart" in line for line in found)
