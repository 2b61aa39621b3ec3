"""Values that look right and are not: each is refused where it stands, and nothing else is."""

from __future__ import annotations

import pytest

from storykit import checks, descriptor, tables


def spoil(package, *cells) -> dict[tuple[str, int, str], str]:
    """Write (table, row, column, value, words); returns (file, row, column) -> words."""
    for table, row, column, value, _ in cells:
        package.set(table, row, column, value)
    return {(f"data/tables/{table}.csv", row, column): words for table, row, column, _, words in cells}


def found_as_told(told: dict[tuple[str, int, str], str]) -> None:
    """Exactly these places are named, each with these words."""
    problems = {(p.file, p.row, p.column): p for p in checks.check()}
    assert {place: str(p) for place, p in problems.items() if place not in told} == {}
    for place, words in told.items():
        assert place in problems, f"{place} passed"
        assert words in str(problems[place])


def test_numbers_that_a_computer_cannot_hold(package):
    told = spoil(
        package,
        ("observations", 2, "value", "1e999", "too large"),
        ("observations", 3, "value", "-1e400", "too large"),
        ("observations", 4, "value", "9" * 400, "too large"),
        ("observations", 5, "value", "nan", "must be a number"),
        ("observations", 6, "value", "inf", "must be a number"),
        ("observations", 7, "value", "１２", "must be a number"),
        ("observations", 8, "value", "٣", "must be a number"),
        ("cloud_regions", 2, "zones", "9" * 23, "at most 15 digits"),
        ("cloud_regions", 3, "zones", "٣", "must be a whole number"),
        ("changes", 2, "rows_added", "9" * 16, "at most 15 digits"),
    )
    found_as_told(told)


def test_the_largest_numbers_are_read(package):
    package.set("cloud_regions", 2, "zones", "9" * 15)
    package.set("observations", 2, "value", "1e308")
    assert checks.check() == []
    assert tables.load("cloud_regions")["zones"].iloc[0] == int("9" * 15)


def test_dates_that_cannot_be(package):
    told = spoil(
        package,
        ("claims", 2, "made_on", "２０１７", "must look like 2017, 2017-05 or 2017-05-13"),
        ("claims", 3, "made_on", "1899", "years 1900 to 2100"),
        ("sources", 2, "published", "2026-12", "begins after the day the data stand at, 2026-11-23"),
        ("sources", 3, "published", "2026-11-24", "begins after"),
        ("outcomes", 2, "as_of", "2027", "begins after"),
        ("corrections", 2, "made_on", "2099-01-01", "begins after"),
        ("cloud_regions", 2, "zones_as_of", "2026-12", "begins after"),
    )
    found_as_told(told)


def rename(package, row: int, period: str) -> str:
    """Give an observation another period, and the id that goes with it."""
    header, cells = package.rows("observations")[0], package.rows("observations")[row - 1]
    package.set("observations", row, "period", period)
    thing = [cells[header.index(name)] for name in ("series_id", "geography")]
    package.set("observations", row, "observation_id", "/".join([*thing, period]))
    package.set("observations", row, "nature", "observed")
    return period


@pytest.mark.parametrize("period", ["2017..2016", "2017-09..2017-01", "2017-05-13..2017-05-12"])
def test_periods_that_run_backwards(package, period):
    rename(package, 2, period)
    found_as_told({("data/tables/observations.csv", 2, "period"): "ends before it begins"})


def test_nothing_is_observed_before_it_began(package):
    for row, period in ((2, "2099"), (3, "2026-12"), (4, "2027-01..2027-03"), (5, "FY2028"), (6, "2026-Q4")):
        rename(package, row, period)
    words = "begins after the day the data stand at, 2026-11-23, which cannot be with nature observed"
    found_as_told({("data/tables/observations.csv", row, "period"): words for row in (2, 3, 4, 5)})
    for row in (2, 3, 4, 5):
        package.set("observations", row, "nature", "forecast")
    assert checks.check() == []


def test_an_observations_id_is_what_it_is_about(package):
    rows = package.rows("observations")
    at = rows[0].index("observation_id")
    package.set("observations", 2, "observation_id", "other_series/MY/2017")
    package.set("observations", 3, "observation_id", rows[2][at] + "~7")
    problems = checks.check()
    assert [(p.row, p.column) for p in problems] == [(2, "observation_id")]
    assert f"series_id/geography/period of its own row, which is {rows[1][at]}" in problems[0].allowed


def test_a_number_has_a_unit_that_is_one(package):
    claim = package.where("claims", "claim_id", "pioneers-1500")
    numbers = package.rows("outcomes")
    outcome = next(n for n, row in enumerate(numbers, 1) if n > 1 and row[numbers[0].index("observed_value")])
    told = spoil(
        package,
        ("claims", claim, "target_unit", "", ""),
        ("outcomes", outcome, "unit", "", ""),
        ("investments", 2, "currency", "MYX", "is not a unit"),
        ("rules", 2, "threshold_currency", "ABC", "is not a unit"),
    )
    del (
        told["data/tables/claims.csv", claim, "target_unit"],
        told["data/tables/outcomes.csv", outcome, "unit"],
    )
    told["data/tables/claims.csv", claim, "target_value"] = "has no unit; give it in column target_unit"
    told["data/tables/outcomes.csv", outcome, "observed_value"] = "has no unit; give it in column unit"
    found_as_told(told)


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/b c",
        'https://a.example/"b"',
        "https://a.example/'b'",
        "https://a.example/<b>",
        "https://a.example/b\\c",
        "javascript:alert(1)",
        "https:///nowhere",
        "ftp://a.example/",
    ],
)
def test_an_address_that_would_break_a_page(package, address):
    row = package.where("sources", "address_status", "publisher")
    found_as_told(spoil(package, ("sources", row, "url", address, "must be a web address")))


def test_an_upstream_is_one_that_a_refresh_knows(package):
    told = spoil(
        package,
        ("series", 2, "upstream", "worldbanc:SP.POP.TOTL", "must look like worldbank:SP.POP.TOTL"),
        ("series", 3, "upstream", "worldbank", "must look like"),
    )
    found_as_told(told)


def test_the_descriptor_names_every_upstream(project):
    from storykit.upstream import SOURCES

    field = next(field for field in descriptor.fields("series") if field["name"] == "upstream")
    assert field["constraints"]["pattern"].startswith(f"^({'|'.join(SOURCES)}):")


def test_parents_in_a_circle(package):
    ids = [row[0] for row in package.rows("organisations")]
    for row in range(2, 7):
        package.set("organisations", row, "parent_org_id", "")
    told = spoil(
        package,
        ("organisations", 2, "parent_org_id", ids[1], "comes back to its own row"),  # its own
        ("organisations", 3, "parent_org_id", ids[3], "comes back"),
        ("organisations", 4, "parent_org_id", ids[4], "comes back"),
        ("organisations", 5, "parent_org_id", ids[2], "comes back"),
    )
    package.set("organisations", 6, "parent_org_id", ids[2])  # below the circle, not in it
    found_as_told(told)


def test_a_correction_is_of_something_that_stands_there(package):
    rows = package.rows("corrections")
    row = package.where("corrections", "field", "value")
    new = [
        ("other-table", {"table": "nosuch"}),
        ("other-key", {"key": "nosuch/MY/2021"}),
        ("other-field", {"field": "nosuch"}),
        ("other-value", {"value": "1"}),
        ("composite", {"table": "agreement_parties", "key": "nobody / nothing / none", "field": "role"}),
    ]
    for name, change in new:
        made = dict(zip(rows[0], rows[row - 1])) | {"correction_id": name} | change
        rows.append([made[column] for column in rows[0]])
    package.write("corrections", rows)
    first = len(rows) - len(new) + 1
    file = "data/tables/corrections.csv"
    found_as_told(
        {
            (file, first, "table"): "'nosuch': is no table; there are: sources, units",
            (file, first + 1, "key"): "is the key of no row in data/tables/observations.csv",
            (
                file,
                first + 2,
                "field",
            ): "is no column of data/tables/observations.csv; there are: observation_id",
            (
                file,
                first + 3,
                "value",
            ): "'1': is not what stands in data/tables/observations.csv, row ict_ecommerce",
            (file, first + 4, "key"): "is the key of no row in data/tables/agreement_parties.csv",
        }
    )


def test_a_correction_is_looked_at_though_both_tables_held(package):
    row = package.where("corrections", "field", "value")
    package.set("corrections", row, "key", "nosuch/MY/2021")
    problems = checks.check(held=descriptor.names())
    assert [(p.row, p.column) for p in problems] == [(row, "key")]


def test_a_cell_longer_than_any_spreadsheet_keeps(package):
    told = spoil(package, ("events", 2, "note", "long " * 30_000 + "end", "is longer than 32,767 characters"))
    found_as_told(told)
    assert len(str(checks.check()[0])) < 500


def test_every_pattern_is_said_in_words(project):
    patterns = {
        field.get("constraints", {}).get("pattern")
        for name in descriptor.names()
        for field in descriptor.fields(name)
    }
    said = descriptor.package()["storykit:patterns"]
    assert set(said) == patterns - {None}
    assert all(words.startswith("must look like ") for words in said.values())
