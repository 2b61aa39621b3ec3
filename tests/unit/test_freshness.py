"""How fresh and how sure: computed from the rows, never from the clock."""

from __future__ import annotations

import pytest

from storykit import descriptor, freshness, reads

pytestmark = pytest.mark.usefixtures("small")

SALES = [("observations", f"sales/MY/{year}") for year in ("2017", "2018", "2019")]


def _add_ships(folder, *rows: tuple[str, str, str, str], **about) -> list[tuple[str, str]]:
    """Give the small package a table `ships` (id, opened, status, confidence); returns its rows as named."""
    names = ("ship_id", "opened", "status", "confidence")
    (folder / "data/tables/ships.csv").write_text("\n".join(map(",".join, [names, *rows])) + "\n")
    fields = [{"name": name, "type": "string"} for name in names]
    schema = {"fields": fields, "primaryKey": ["ship_id"]}
    entry = {"name": "ships", "type": "table", "path": "tables/ships.csv", "schema": schema, **about}
    resources = [*descriptor.package()["resources"], entry]
    descriptor.file().write_text(descriptor.text(resources=resources))
    return [("ships", row[0]) for row in rows]


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
    reads.start()
    age = freshness.of(SALES)
    assert (age.next_expected, age.overdue) == ("2020-06", False)
    assert age.words().endswith("newer data expected June 2020.")


def test_a_series_without_a_next_date_is_never_overdue():
    age = freshness.of([("observations", "growth/MY/2018")])
    assert (age.next_expected, age.overdue) == ("", False)
    assert age.words() == "Data for 2018; confidence of 1 row: 1 high."


@pytest.mark.parametrize(("status", "counts"), [("afloat", True), ("planned", False), ("ordered", False)])
def test_the_year_of_a_plan_is_no_age_of_the_data(small, status, counts):
    plans = {"status": ["planned", "ordered"]}
    rows = (("old", "2009", "afloat", "high"), ("other", "2028", status, "low"))
    ships = _add_ships(small, *rows, **{"storykit:date": "opened", "storykit:plans": plans})
    age = freshness.of(ships)
    assert (age.oldest, age.newest) == ("2009", "2028" if counts else "2009")
    assert age.confidence == {"high": 1, "low": 1}  # of a plan it is counted all the same


def test_rows_of_a_table_without_a_date_field_have_a_confidence_and_no_age(small):
    age = freshness.of(_add_ships(small, ("old", "2009", "afloat", "high")))
    assert (age.newest, age.rows) == ("", 1)


@pytest.mark.parametrize(
    ("nature", "newest"), [("observed", "2019"), ("forecast", "2018"), ("target", "2018")]
)
def test_goals_and_forecasts_are_no_age_of_the_data(small, nature, newest):
    file = small / "data/tables/observations.csv"
    file.write_text(file.read_text().replace("2019,110,about,observed", f"2019,110,about,{nature}"))
    assert freshness.of(SALES).newest == newest
