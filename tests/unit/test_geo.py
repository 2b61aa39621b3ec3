"""Distances are geodesic, and a site counts only while it was in service."""

import numpy as np
import pandas as pd
import pytest

from storykit import geo, periods, project


def frame(rows, columns):
    return pd.DataFrame(rows, columns=columns).set_index("key", drop=False).rename_axis(None)


PLACES = frame([("equator", 0.0, 0.0), ("pole", 90.0, 0.0)], ["key", "lat", "lon"])
SITES = frame(
    [
        ("near", 0.0, 1.0, "2015-06", "2018-03-31", "2015"),
        ("far", 0.0, 10.0, "", "", "2013"),
        ("north", 80.0, 0.0, "2020", "", ""),
        ("nowhere", np.nan, np.nan, "2010", "", ""),
    ],
    ["key", "lat", "lon", "opened", "closed", "seen"],
)


def test_a_panel_is_named_by_the_area_its_parts_lie_in(small):
    listed, window = ["CN", "SG"], (100, 0, 103, 4)
    assert geo.panels(["EAST", "NORTH", listed, window]) == [["MY", "SG"], ["CN"], listed, window]
    assert geo.panels(None) == []
    with pytest.raises(project.DataError, match="part_of 'WEST'; there are parts of EAST, NORTH"):
        geo.panels(["WEST"])


def test_distances_follow_the_ellipsoid():
    km = geo.distances(PLACES, SITES)
    # One degree of the WGS 84 equator; a sphere of mean radius would give 111.195 km.
    assert km.loc["equator", "near"] == pytest.approx(111.319, abs=0.001)
    # A quarter of the meridian, 10,001.966 km, is shorter than a quarter of the equator.
    assert km.loc["pole", "near"] == pytest.approx(10001.966, abs=0.01)
    assert np.isnan(km.loc["equator", "nowhere"])


def test_distances_of_nothing_are_an_empty_frame():
    assert geo.distances(PLACES, SITES.iloc[:0]).shape == (2, 0)


def test_since_takes_the_first_date_that_is_there():
    assert list(geo.since(SITES, ("opened", "seen"))) == ["2015-06", "2013", "2020", "2010"]
    assert list(geo.since(SITES, ("opened",))) == ["2015-06", "", "2020", "2010"]


@pytest.mark.parametrize(
    ("period", "there"),
    [
        ("2014", ["far", "nowhere"]),
        ("2015-05", ["far", "nowhere"]),
        ("2015", ["near", "far", "nowhere"]),
        ("2018-02", ["near", "far", "nowhere"]),
        ("2018-03-31", ["far", "nowhere"]),  # closed on that day: not in service at its end
        ("2020", ["far", "north", "nowhere"]),
    ],
)
def test_in_service_minds_opening_and_closing(period, there):
    assert list(geo.in_service(SITES, period, ("opened", "seen")).index) == there


def test_a_site_without_any_date_is_left_out():
    assert "far" not in geo.in_service(SITES, "2030", ("opened",)).index


def test_nearest_says_when_it_moved():
    rows = geo.nearest(PLACES, SITES, ["2014", "2016", "2020"], ("opened", "seen"))
    assert list(rows["site"]) == ["far", "near", "far", "far", "near", "north"]
    assert list(rows["moved"]) == [False, True, True, False, True, True]
    assert rows.loc[0, "km"] == pytest.approx(1113.195, abs=0.001)
    assert list(rows["period"]) == ["2014", "2016", "2020"] * 2


def test_nearest_of_nothing_is_an_error():
    with pytest.raises(project.DataError, match="No site was in service in 2005"):
        geo.nearest(PLACES, SITES, ["2005"])


def test_round_trip_counts_both_ways():
    assert list(geo.round_trip_ms(pd.Series([0.0, 1000.0]), 200_000)) == [0.0, 10.0]


def test_nearest_brings_what_is_known_of_the_site_and_its_sources():
    places, sites = PLACES.assign(source_ids=[["a"]] * 2), SITES.assign(source_ids=[[k] for k in SITES.index])
    rows = geo.nearest(places, sites, ["2016"], ("opened", "seen"), bring=["opened", "source_ids"])
    assert list(rows["opened"]) == ["2015-06", "2015-06"]
    assert list(rows["source_ids"]) == [["a", "near"]] * 2


def test_years_of_opening_go_to_the_date_of_the_data_without_a_gap(small):
    years = geo.opening_year(SITES.assign(opened=["2024-06", "", "2026", ""]), ["opened"])
    assert list(years) == ["2024", "no date", "2026", "no date"]
    assert list(years.cat.categories) == ["no date", "2024", "2025", "2026"]


def test_years_between_dates_of_different_exactness():
    years = periods.years_since("2017-11", pd.Series(["2018-11-01", "2019", ""]))
    assert list(years[:2]) == [1.0, 1.2]
    assert np.isnan(years[2])
