"""Dates that cannot be yet: what is open has opened, what has closed is not open, what happened lies in the past."""

from __future__ import annotations

import pytest

from storykit import checks

YET = "begins after the day the data stand at, 2026-11-23"


@pytest.mark.parametrize(
    ("table", "column", "where", "value", "words"),
    [
        (
            "cloud_regions",
            "opened",
            ("status", "open"),
            "2100-12-31",
            f"{YET}, which cannot be with status open",
        ),
        ("places", "opened", ("status", "live"), "2099", f"{YET}, which cannot be with status live"),
        ("places", "closed", ("status", "closed"), "2099", YET),
        ("places", "closed", ("status", "live"), "2026-01", "stands with status closed only"),
        ("cloud_regions", "closed", ("status", "open"), "2026-11-22", "stands with status closed only"),
        ("cloud_regions", "closed", ("status", "closed"), "2026-11-24", YET),
        ("places", "closed", ("status", "closed"), "", "must be given with status closed"),
        ("events", "date", ("thread", "dftz"), "2026-11-24", YET),
        ("changes", "date", ("rows_removed", "0"), "2027-01-01", YET),
        ("programmes", "started", ("ended", "2030"), "2027", YET),
    ],
)
def test_what_is_said_to_have_happened_has(package, table, column, where, value, words):
    row = package.where(table, *where)
    package.set(table, row, column, value)
    found = [p for p in checks.check() if (p.row, p.column) == (row, column)]
    assert found and words in found[0].allowed


def test_the_day_the_data_stand_at_is_no_day_too_late(package):
    package.set("places", package.where("places", "status", "closed"), "closed", "2026-11-23")
    assert checks.check() == []


def test_a_plan_may_lie_ahead(package):
    package.set("places", package.where("places", "status", "planned"), "opened", "2099")
    assert checks.check() == []
