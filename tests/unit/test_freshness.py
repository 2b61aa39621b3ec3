"""How fresh and how sure: computed from the rows, never from the clock."""

from __future__ import annotations

import pandas as pd
import pytest

from storykit import freshness, tables

pytestmark = pytest.mark.usefixtures("small")

SALES = [("observations", f"sales/MY/{year}") for year in ("2017", "2018", "2019")]


def _with(monkeypatch, name, **columns):
    """Let `tables.load(name)` give these columns; the small package has no such table."""
    frame = pd.DataFrame(columns, index=list(columns["confidence"]))
    load = tables.load
    monkeypatch.setattr(tables, "load", lambda asked: frame if asked == name else load(asked))


def test_newest_oldest_and_confidence_counts():
    age = freshness.of(SALES)
    assert (age.oldest, age.newest) == ("2017", "2019")
    assert age.confidence == {"high": 1, "medium": 1, "low": 1}
    assert age.rows == 3


def test_a_row_used_twice_counts_once():
    assert freshness.of(SALES + SALES).rows == 3


def test_claims_and_outcomes_are_dated_by_their_own_fields():
    age = freshness.of([("claims", "goods"), ("outcomes", "o3")])
    assert (age.oldest, age.newest) == ("2017-03", "2026-11")


def test_rows_without_confidence_and_missing_rows_are_passed_over():
    age = freshness.of([("sources", "paper"), ("units", "smes"), ("claims", "gone")])
    assert (age.newest, age.oldest, age.rows, age.words()) == ("", "", 0, "")


def test_newer_data_are_overdue_once_the_date_has_passed(small):
    age = freshness.of(SALES)  # sales were next expected in 2020-06, the data stand at 2026-11-23
    assert (age.next_expected, age.overdue) == ("2020-06", True)
    assert age.words().endswith("newer data were due June 2020.")

    package = small / "data" / "datapackage.json"
    package.write_text(package.read_text().replace("2026-11-23", "2020-06-30"))
    tables.start_reads("")
    age = freshness.of(SALES)
    assert (age.next_expected, age.overdue) == ("2020-06", False)
    assert age.words().endswith("newer data expected June 2020.")


def test_a_series_without_a_next_date_is_never_overdue():
    age = freshness.of([("observations", "growth/MY/2018")])
    assert (age.next_expected, age.overdue) == ("", False)
    assert age.words() == "Data for 2018; confidence of 1 row: 1 high."


@pytest.mark.parametrize(
    ("table", "status", "counts"),
    [
        ("places", "live", True),
        ("places", "closed", True),
        ("places", "planned", False),
        ("places", "building", False),
        ("cloud_regions", "open", True),
        ("cloud_regions", "announced", False),
    ],
)
def test_the_year_of_a_plan_is_no_age_of_the_data(monkeypatch, table, status, counts):
    _with(
        monkeypatch,
        table,
        opened={"old": "2009", "other": "2028"},
        status={"old": "live", "other": status},
        confidence={"old": "high", "other": "low"},
    )
    age = freshness.of([(table, "old"), (table, "other")])
    assert (age.oldest, age.newest) == ("2009", "2028" if counts else "2009")
    assert age.rows == 2  # its confidence is counted all the same


def test_goals_and_forecasts_are_no_age_of_the_data(monkeypatch):
    _with(
        monkeypatch,
        "observations",
        series_id={"now": "sales", "then": "sales"},
        period={"now": "2019", "then": "2035"},
        nature={"now": "observed", "then": "forecast"},
        confidence={"now": "high", "then": "medium"},
    )
    assert freshness.of([("observations", "now"), ("observations", "then")]).newest == "2019"
