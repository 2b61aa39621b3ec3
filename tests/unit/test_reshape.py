"""Rows are counted, paired, traced and classed without losing or doubling any."""

from __future__ import annotations

import pandas as pd

from storykit import reshape

SIDES = pd.DataFrame(
    {"deal": ["x", "x", "x", "y"], "firm": ["b", "a", "c", "a"], "land": ["1", "2", "1", "2"]}
)


def test_counts_are_empty_where_there_is_no_row():
    found = reshape.counts(SIDES, "deal", "land")
    assert found.columns.tolist() == ["deal", "1", "2"]
    assert found.fillna(-1).to_numpy().tolist() == [["x", 2.0, 1.0], ["y", -1.0, 1.0]]


def test_counts_keep_categories_without_a_row():
    years = pd.Categorical(["2017", "2019"], ["2016", "2017", "2018", "2019"], ordered=True)
    found = reshape.counts(pd.DataFrame({"year": years, "kind": ["a", "a"]}), "year", "kind")
    assert found["year"].tolist() == ["2016", "2017", "2018", "2019"]
    assert found["a"].fillna(0).tolist() == [0, 1, 0, 1]


def test_pairs_stand_once_whatever_the_order():
    found = reshape.pairs(SIDES, "deal", "firm")
    assert sorted(zip(found["firm"], found["firm_other"])) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert set(found["deal"]) == {"x"}
    assert found.loc[found["firm"] == "a", "land"].tolist() == ["2", "2"]


def test_a_chain_is_followed_to_its_top():
    firms = pd.DataFrame({"parent": ["", "a", "b", ""]}, index=list("abcd"))
    assert reshape.tops(firms, "parent").tolist() == ["a", "a", "a", "d"]


def test_a_round_of_parents_comes_to_an_end():
    firms = pd.DataFrame({"parent": ["b", "a"]}, index=list("ab"))
    assert set(reshape.tops(firms, "parent")) <= {"a", "b"}


def test_the_first_class_counts_and_a_key_without_rows_is_the_rest():
    deals = pd.Series(["x", "y", "z"], name="deal", index=[5, 6, 7])
    found = reshape.classed(deals, SIDES, {"with c": "firm == 'c'", "with a": "firm == 'a'"}, rest="others")
    assert found.to_dict() == {5: "with c", 6: "with a", 7: "others"}
    assert found.cat.categories.tolist() == ["with c", "with a", "others"]
