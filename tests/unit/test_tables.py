"""Tables as they are loaded: which observations are kept, and in what order they come."""

from __future__ import annotations

import pytest

from storykit import tables
from storykit.project import DataError


@pytest.fixture
def places(small):
    """The small package, with sales of two more places."""
    file = small / "data" / "tables" / "observations.csv"
    head, *rows = file.read_text().splitlines()
    (sales,) = [row for row in rows if row.startswith("sales/MY/2018,")]
    more = [sales.replace("/MY/", f"/{code}/").replace(",MY,", f",{code},") for code in ("SG", "CN")]
    file.write_text("\n".join([head, *rows, *more]) + "\n")
    return small


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({}, ["sales/CN/2018", "sales/MY/2017", "sales/MY/2018", "sales/MY/2019", "sales/SG/2018"]),
        ({"geography": "SG"}, ["sales/SG/2018"]),
        ({"geography": ["SG", "CN"]}, ["sales/CN/2018", "sales/SG/2018"]),
        ({"geography": ("MY", "CN"), "since": "2019"}, ["sales/MY/2019"]),
        ({"geography": "MY", "until": "2018"}, ["sales/MY/2017", "sales/MY/2018"]),
    ],
)
def test_observations_are_kept_by_place_and_time(places, asked, kept):
    assert tables.observations("sales", **asked)["observation_id"].to_list() == kept


def test_series_come_in_the_order_asked_and_alternatives_only_when_asked_for(small):
    found = tables.observations("sales", "chosen", geography="MY", since="2017", until="2018")
    assert found["observation_id"].to_list() == ["sales/MY/2017", "sales/MY/2018", "chosen/MY/2017"]
    everything = tables.observations("chosen", lead=False)
    assert everything["observation_id"].to_list() == ["chosen/MY/2017", "chosen/MY/2017~2"]


def test_an_observation_says_what_its_series_and_place_are_and_what_was_recorded(small):
    row = tables.observations("sales", until="2017").iloc[0]
    assert (row["label"], row["unit"], row["basis"], row["line"]) == ("Sales", "myr_million", "books", True)
    assert (row["name"], row["value"], row["recorded"]) == ("Malaysia", 40.0, "40.0")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ((("sales", "gone", "lost"), {}), "No series gone, lost in data/tables/series.csv."),
        ((("sales",), {"geography": "SG"}), "No observation of sales for SG is left"),
        ((("sales", "growth"), {"since": "2030"}), "No observation of sales, growth is left"),
    ],
)
def test_observations_that_are_not_there_are_refused(small, asked, words):
    series, limits = asked
    with pytest.raises(DataError) as refused:
        tables.observations(*series, **limits)
    assert words in str(refused.value)
