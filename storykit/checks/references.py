"""What ties a table to others: references by id, and units."""

from __future__ import annotations

from typing import Any

import pandas as pd

from storykit.checks.problems import Report

UNITS, UNIT = "units", "unit_id"
"""The table of units and its key, which every story has."""


def foreign_keys(entry: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(column, target table, target column) of all references.

    Table Schema has no foreign key for a list of ids; those stand in `storykit:references`.
    """
    found = []
    for key in entry["schema"].get("foreignKeys", []):
        target = key["reference"].get("resource") or entry["name"]
        found.append((key["fields"][0], target, key["reference"]["fields"][0]))
    for key in entry.get("storykit:references", []):
        found.append((key["field"], key["resource"], key["key"]))
    return found


def check(entry: dict[str, Any], frames: dict[str, pd.DataFrame], report: Report) -> None:
    """Every id names a row, every unit or currency is one that numbers can be written in."""
    kinds = {field["name"]: field for field in entry["schema"]["fields"]}
    keys = foreign_keys(entry)
    for column, target, wanted in keys:
        if target not in frames:
            continue
        known = set(frames[target][wanted])
        parts = frames[entry["name"]][column]
        if kinds[column]["type"] == "list":
            parts = parts.str.split(kinds[column].get("delimiter", ","), regex=False).explode()
        lost = parts[(parts != "") & ~parts.isin(known)]
        report.cells(lost, column, f"is not in column {wanted} of data/tables/{target}.csv")
    _check_units(entry, frames, report, checked={column for column, _, _ in keys})


PEOPLE = "storykit:people"
"""Under this name the package says which series counts the people that amounts of money may be divided by."""


def check_people(package: dict[str, Any], frames: dict[str, pd.DataFrame], report: Report) -> None:
    """The series of people is one, and its unit is people."""
    named = package.get(PEOPLE)
    if not isinstance(named, str) or "series" not in frames:
        return
    units = frames["series"].set_index("series_id")["unit"]
    if named not in units:
        report.whole("must be a series_id of data/tables/series.csv that counts people", PEOPLE, named)
    elif units[named] != "people":
        report.whole(f"must be a series in people; this one is in {units[named]}", PEOPLE, named)


def _check_units(
    entry: dict[str, Any], frames: dict[str, pd.DataFrame], report: Report, checked: set[str]
) -> None:
    """A currency (MYR) is written as the unit of its name in small letters (myr)."""
    named = {field.get("storykit:unitField") for field in entry["schema"]["fields"]} - {None} - checked
    if UNITS not in frames or UNIT not in frames[UNITS]:
        return
    known = set(frames[UNITS][UNIT])
    for column in sorted(named):
        units = frames[entry["name"]][column]
        lost = units[(units != "") & ~units.str.lower().isin(known)]
        words = f"is not a unit: in small letters it must stand in column {UNIT} of data/tables/{UNITS}.csv"
        report.cells(lost, column, words)
