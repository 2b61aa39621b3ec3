"""Other ways to count what a line chart draws: an index never goes over a break, money for each person is that of its year."""

from __future__ import annotations

import pandas as pd
import pytest

from storykit import figures, forms, pages, tables
from storykit.forms import measures
from storykit.words import Words


@pytest.fixture
def online() -> pd.DataFrame:
    return tables.observations("internet_users")


def _of(rows: pd.DataFrame, key: str) -> measures.Measure | None:
    return next((measure for measure in measures.of(rows) if measure.key == key), None)


def test_each_line_is_100_where_most_have_a_value(online):
    index = _of(online, "index")
    base = index.words.removeprefix("Index, ").removesuffix(" = 100")
    at = index.rows[index.rows["period"] == base]
    assert list(at["value"]) == [100.0] * online["geography"].nunique()
    counted = index.rows.merge(online, on="observation_id", suffixes=("", "_published"))
    bases = at.merge(online, on="observation_id", suffixes=("", "_published")).set_index("geography")
    wanted = 100 * counted["value_published"] / counted["geography"].map(bases["value_published"])
    assert (counted["value"] - wanted).abs().max() <= 0.005
    assert set(index.rows["unit"]) == {"index"} and set(index.rows["recorded"]) == {""}


def test_no_index_goes_over_a_break(online):
    broken = online["observation_id"].isin(["internet_users/CN/2023", "internet_users/MY/2013"])
    rows = measures.indexed(online.assign(broken=broken)).rows
    base = rows.loc[rows["value"].eq(100), "period"].mode()[0]
    assert base < "2013"
    assert rows.loc[rows["geography"] == "MY", "period"].max() == "2012"
    assert rows.loc[rows["geography"] == "CN", "period"].max() == "2022"
    assert rows.loc[rows["geography"] == "VN", "period"].max() == "2024"


def test_values_that_may_not_be_joined_have_no_index(online):
    assert measures.indexed(online.assign(line=False)) is None


def test_lines_that_never_meet_have_no_index(online):
    two = online[online["geography"].isin(["MY", "SG"])]
    apart = two[(two["geography"] == "MY") == (two["period"] < "2015")]
    assert measures.indexed(apart) is None
    assert measures.indexed(two) is not None


def test_money_is_divided_by_the_people_of_its_year():
    rows = tables.observations("ecommerce_value_added")
    each = _of(rows, "per-person")
    assert each.by == "population" and each.words == "RM for each person"
    people = tables.observations("population", geography="MY").set_index("period")["value"]
    published = rows.set_index("observation_id")["value"]
    for row in each.rows.itertuples():
        assert row.value == pytest.approx(published[row.observation_id] * 1e9 / people[row.period], abs=0.005)
    assert set(each.rows["unit"]) == {"myr"}


def test_a_year_without_people_is_left_out():
    rows = tables.observations("ecommerce_value_added")
    later = rows.assign(period=rows["period"].map(lambda year: str(int(year) + 5)))
    assert set(_of(later, "per-person").rows["period"]) == {
        year for year in later["period"] if year <= "2025"
    }
    assert _of(rows.assign(geography="WORLD"), "per-person") is None


def test_only_money_is_divided_and_only_of_one_currency(online):
    assert _of(online, "per-person") is None
    both = tables.observations("trade_my_cn_total", "trade_my_cn_total_china_count")
    assert both["unit"].nunique() == 2 and _of(both, "per-person") is None


def test_a_figure_holds_each_measure_as_a_chart_of_its_own_with_the_colours_of_the_first(online):
    plot = forms.lines(online, by="geography", colours={"MY": "origin-my"}, named=["MY", "SG"])
    texts = {"title": "Lines rise", "subtitle": "Share of people, %", "description": "All lines rise. " * 5}
    place = pages.Place("book/context.md", 0, 1)
    words = Words("a-figure", "context", texts, place, dict.fromkeys(texts, place))
    plain = figures.Figure(plot, id="a-figure", data=online, words=words).spec()
    (index,) = plain["measures"]
    assert index["key"] == "index" and index["words"].startswith("Index, ") and index["by"] == ""

    def inks(chart):
        return {trace["meta"]["geography"]: trace["marker"]["color"] for trace in chart["data"]}

    assert inks(index) == inks(plain)
    assert index["layout"]["yaxis"] != plain["layout"]["yaxis"] and "annotations" in index["narrow"]


def test_rows_of_a_chapters_own_making_are_counted_one_way():
    assert list(measures.of(pd.DataFrame({"value": [1.0], "unit": ["myr"]}))) == []
