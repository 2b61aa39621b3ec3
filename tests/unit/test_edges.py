"""Values at the edge of a rule, where one sign of the code decides."""

from __future__ import annotations

import pandas as pd
import pytest

from storykit import freshness, periods, receipts, tables, verdicts
from storykit.checks import fields, rules
from storykit.checks.problems import Report


def found(*given: tuple[str, str]) -> list[dict[str, str]]:
    return [{"outcome_id": f"o{n}", "as_of": day, "verdict": word} for n, (day, word) in enumerate(given)]


def test_only_leading_rows_are_read_unless_all_are_asked_for(small):
    assert list(tables.observations("chosen")["value"]) == [1972]
    assert sorted(tables.observations("chosen", lead=False)["value"]) == [1900, 1972]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2017-Q1", "2017-01-01", "2017-03-31"),
        ("2017-Q3", "2017-07-01", "2017-09-30"),
        ("2017-H1", "2017-01-01", "2017-06-30"),
        ("2017-H2", "2017-07-01", "2017-12-31"),
        ("FY2018", "2017-04-01", "2018-03-31"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("2017-Q4..2018-Q1", "2017-10-01", "2018-03-31"),
    ],
)
def test_a_period_begins_and_ends_on_its_days(period, first, last):
    assert periods.bounds(period) == (pd.Timestamp(first), pd.Timestamp(last))


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        ("2017-05-13", "2017-05-13", False),
        ("2017-05-13", "2017-05-12", True),
        ("2017-05-13", "2017-05", False),  # to the month they are the same
        ("2017-05", "2017-05-01", False),
        ("2017-05", "2017-04-30", True),
        ("2018", "2017-12-31", True),
        ("2017", "", False),
    ],
)
def test_two_dates_in_order(first, last, wrong):
    report = Report("data/tables/x.csv")
    rows = pd.DataFrame({"made_on": [first], "due_by": [last]}, dtype=str)
    rules.RULES["order"].check({"fields": ["made_on", "due_by"]}, rows, report, None)
    assert [(p.row, p.column) for p in report] == ([(2, "due_by")] if wrong else [])


@pytest.mark.parametrize(
    ("days", "impossible"),
    [
        (["1900", "1900-01-01", "2100-12-31", "2016-02-29", "1900..2100"], []),
        (["1899-12-31", "2101", "2017-02-29", "2017-13", "1899..1900"], [2, 3, 4, 5, 6]),
    ],
)
def test_a_date_stands_in_the_calendar_of_the_years_1900_to_2100(days, impossible):
    report = Report("data/tables/x.csv")
    fields._check_dates("made_on", pd.Series(days, dtype=str), report)
    assert [p.row for p in report if "a date that cannot be (years 1900 to 2100)" in p.allowed] == impossible
    assert len(report) == len(impossible)


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("https://a.example/", True),
        ("http://a.example:8000/b?c=%20d", True),
        ("https://a.example:65535", True),
        ("https://a.example:65536", False),
        ("https://a.example:0", False),
        ("https://a.example:port/", False),
        ("https://[::1]/", True),
        ("https://[::1/", False),
        ("https:///b", False),
        ("//a.example/", False),
    ],
)
def test_an_address_is_one_that_programs_can_take_apart(address, is_one):
    assert fields.is_address(address) is is_one


DUE = "2017-12-31"


@pytest.mark.parametrize(
    ("due", "outcomes", "word", "outcome"),
    [
        (DUE, found((DUE, "met")), "met", "o0"),
        (DUE, found(("2018-01-01", "met")), "late", "o0"),
        (DUE, found((DUE, "met"), ("2018-06", "missed")), "met", "o0"),
        (DUE, found((DUE, "missed")), "missed", "o0"),
        (DUE, found((DUE, "missed"), ("2018-01-01", "met")), "late", "o1"),
        ("", found(("2018", "missed"), ("2020", "met")), "met", "o1"),
        ("", found(("2018", "met"), ("2020", "missed")), "met", "o0"),
        ("", found(("2018", "missed")), "missed", "o0"),
    ],
)
def test_the_day_that_is_due_is_in_time_and_without_one_every_day_is(due, outcomes, word, outcome):
    decided = verdicts.decide(due, outcomes, "2026-11-23")
    assert (decided.word, decided.outcome_id) == (word, outcome)


@pytest.mark.parametrize(
    ("as_of", "overdue"),
    [("2017-12-30", False), (DUE, False), ("2018-01-01", True), ("2017", False), ("2018", True)],
)
def test_a_promise_is_overdue_from_the_day_after(as_of, overdue):
    """Of a day known to the year only, the first may be meant: what is due within the year is not overdue."""
    assert verdicts.decide(DUE, found(("2017-06", "open")), as_of).overdue == overdue
    assert verdicts.decide(DUE, [], as_of).overdue == overdue
    assert verdicts.decide("2017-06", [], "2017").overdue is False


@pytest.mark.parametrize(("as_of", "overdue"), [("2020-06-30", False), ("2020-07-01", True), ("2020", False)])
def test_newer_data_are_overdue_from_the_day_after(small, monkeypatch, as_of, overdue):
    monkeypatch.setattr(verdicts, "data_as_of", lambda: as_of)
    age = freshness.of([("observations", "sales/MY/2017")])
    assert (age.next_expected, age.overdue) == ("2020-06", overdue)


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        (("0", "0"), ("0", "1"), "111.3 km"),  # a degree along the equator
        (("0", "0"), ("1", "0"), "110.6 km"),  # one along a meridian is shorter: the earth is flattened
        (("0", "179.5"), ("0", "-179.5"), "111.3 km"),
        (("10", "60"), ("60", "10"), "6,908.6 km"),
    ],
)
def test_a_distance_is_of_the_ellipsoid_and_in_kilometres(package, one, other, km):
    places = [row[0] for row in package.rows("places")[1:3]]
    for row, (lat, lon) in enumerate((one, other), start=2):
        package.set("places", row, "lat", lat)
        package.set("places", row, "lon", lon)
    told = receipts.receipt(f'distance("places", "{places[0]}", "{places[1]}") | round 1')
    assert list(told.rows) == [("places", name, "lat") for name in places]
    assert receipts.num(f'distance("places", "{places[0]}", "{places[1]}") | round 1') == km
    assert receipts.num(f'distance(places("{places[1]}"), places("{places[0]}")) | round 1') == km
