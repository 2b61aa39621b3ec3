"""Other names of what the tables hold, and the terms of the glossary."""

from __future__ import annotations

import json

import pytest

from storykit import checks, tables


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("table", "ships", "is no table"),
        ("field", "captain", "is no column of data/tables/organisations.csv"),
        ("value", "alibab", "stands nowhere in column org_id"),
    ],
)
def test_a_name_of_nothing_is_refused(package, column, value, words):
    row = package.where("names", "table", "organisations")
    package.set("names", row, column, value)
    assert any(words in str(problem) for problem in checks.check())


def test_a_name_of_words_in_a_text_is_no_part_of_a_word(package):
    row = package.where("names", "field", "locality")
    package.set("names", row, "value", "Beijin")
    assert any("stands nowhere in column locality" in str(problem) for problem in checks.check())


def test_a_name_in_another_language_says_which(project):
    names = tables.load("names")
    assert set(names["language"]) == {"", "ms", "zh"}
    assert (names.loc[names["kind"] == "name", "language"] != "").all()


def test_no_term_sends_a_reader_to_itself(project):
    terms = tables.load("glossary")
    assert not [r.term for r in terms.itertuples() if r.term in r.see_also]


def test_a_field_that_the_search_should_show_must_be_there(package):
    file = package.root / "data" / "datapackage.json"
    described = json.loads(file.read_text(encoding="utf-8"))
    entry = next(r for r in described["resources"] if r["name"] == "events")
    entry["storykit:found"] = {"title": [], "says": ["captain"]}
    file.write_text(json.dumps(described))
    said = "\n".join(map(str, checks.check()))
    assert "events.storykit:found.says" in said and "'captain'" in said
    assert "events.storykit:found.title" in said
