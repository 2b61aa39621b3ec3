"""A descriptor or an outline that cannot be used is a problem like any other: named, and in nobody's way."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from storykit import checks

FILE = "data/datapackage.json"


def described(package, change) -> None:
    """Change the description: `change` gets it whole, and its resources by name."""
    file = package.root / FILE
    whole = json.loads(file.read_text(encoding="utf-8"))
    change(whole, {entry["name"]: entry for entry in whole["resources"]})
    file.write_text(json.dumps(whole), encoding="utf-8")


def field(entry: dict, name: str) -> dict:
    return next(field for field in entry["schema"]["fields"] if field["name"] == name)


def told(package) -> dict[str, str]:
    """Entry -> words of all problems, which must all be the descriptor's but the one planted in a table."""
    package.set("events", 2, "thread", "nowhere")
    found = checks.check()
    assert ("data/tables/events.csv", 2, "thread") in {(p.file, p.row, p.column) for p in found}
    return {p.column: f"{p.value}: {p.allowed}" for p in found if p.file == FILE}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not JSON"),
        (b"[]", "must be one object"),
        (b'{"name": "\xe9"}', "is not UTF-8"),
        (b'{\n<<<<<<< HEAD\n"a": 1\n=======\n"a": 2\n>>>>>>> b\n}', "was not finished, in rows 2, 4, 6"),
        (b'{"name": "cut', "is not JSON"),
    ],
)
def test_what_is_no_descriptor(package, content, words):
    (package.root / FILE).write_bytes(content)
    [problem] = checks.check()
    assert problem.file == FILE and words in problem.allowed


def test_an_empty_descriptor(package):
    (package.root / FILE).write_text("{}")
    found = {p.column for p in checks.check() if p.file == FILE}
    assert {"name", "licenses", "storykit:asOf", "resources"} <= found


def test_a_missing_descriptor_ends_the_command_with_a_sentence(package):
    (package.root / FILE).unlink()
    result = subprocess.run(
        [sys.executable, "-m", "storykit", "check"],
        capture_output=True,
        text=True,
        env={**os.environ, "STORYKIT_ROOT": str(package.root)},
    )
    assert result.returncode == 1
    assert "No data/datapackage.json" in result.stderr and "Traceback" not in result.stderr


def test_a_descriptor_that_goes_while_we_look(package):
    assert checks.check() == []
    (package.root / FILE).unlink()
    assert [p.allowed for p in checks.check()] == ["the file is missing"]


def test_resources_that_cannot_be_told_apart(package):
    def change(whole, entries):
        whole["resources"] += [{"path": "tables/x.csv"}, {"name": "y"}, "z", dict(entries["rules"])]
        whole["resources"].append(entries["rules"] | {"name": "rules_again"})
        whole["resources"].append({"name": "away", "type": "table", "path": "../away.csv"})
        del entries["places"]["type"]
        number = len(whole["resources"])
        change.first = number - 5

    described(package, change)
    found = told(package)
    first = change.first
    assert "needs a name" in found[f"resources, number {first}"]
    assert "needs a path" in found[f"resources, number {first + 1}"]
    assert "object in braces" in found[f"resources, number {first + 2}"]
    assert "stands twice" in found["rules"]
    assert found["rules_again.path"] == "tables/rules.csv: is the file of another table, too"
    assert "must be a file in data/" in found["away.path"]
    assert found["places.type"] == ': must be "table"'


def test_fields_that_cannot_be_checked(package):
    def change(whole, entries):
        field(entries["claims"], "note")["type"] = "text"
        del field(entries["rules"], "note")["type"]
        field(entries["places"], "note")["constraints"] = {"pattern": "(", "minLength": 2, "required": "yes"}
        field(entries["agreements"], "note")["format"] = "email"
        entries["capitals"]["schema"]["fields"].append({"type": "string"})
        entries["programmes"]["schema"]["fields"].append({"name": "note", "type": "string"})
        field(entries["investments"], "value")["storykit:unitField"] = "money"
        field(entries["quotations"], "words")["storykit:languageField"] = "tongue"
        entries["cloud_regions"]["schema"] = []

    described(package, change)
    found = told(package)
    assert "text: is not a known type; there are: string, number" in found["claims.note.type"]
    assert "is not a known type" in found["rules.note.type"]
    assert "no pattern that can be read" in found["places.note.pattern"]
    assert "minLength: is not a known constraint" in found["places.note.constraints"]
    assert "must be true or false" in found["places.note.required"]
    assert "email: is not a known format" in found["agreements.note.format"]
    assert "needs a name" in found["capitals.schema.fields, number 9"]
    assert "stands twice" in found["programmes.note"]
    assert "money: is no field of the table" in found["investments.storykit:unitField"]
    assert "tongue: is no field" in found["quotations.words.storykit:languageField"]
    assert "list of the table's fields" in found["cloud_regions.schema.fields"]
    assert len(found) == 11


def test_keys_and_rules_that_lead_nowhere(package):
    def change(whole, entries):
        entries["claims"]["schema"]["foreignKeys"][0]["reference"]["resource"] = "unitz"
        entries["outcomes"]["schema"]["foreignKeys"][0]["fields"] = ["claim"]
        entries["series"]["schema"]["foreignKeys"][0]["reference"]["fields"] = ["unit"]
        entries["places"]["schema"]["foreignKeys"] = [{"fields": ["size_unit"]}]
        entries["agreements"]["storykit:references"] = [
            {"field": "source_ids", "resource": "sources", "key": "id"}
        ]
        entries["rules"]["schema"]["primaryKey"] = ["rule_idd"]
        del entries["capitals"]["schema"]["primaryKey"]
        entries["events"]["storykit:rules"] = [{"rule": "hihg"}, {"rule": "order", "fields": ["date"]}]
        entries["programmes"]["storykit:rules"] = [
            {"rule": "order", "fields": ["started", "endd"]},
            {"rule": "within", "area": "name", "geometry": "moon", "tolerance_degrees": "wide"},
            {"rule": "past", "field": "started", "where": {"colour": "blue"}},
            {"rule": "high"},
        ]
        entries["quotations"]["storykit:rules"] = [{"rule": "words", "field": "wordz", "most": "many"}]

    described(package, change)
    package.set("claims", 3, "thread", "nowhere")  # a table whose key is wrong is checked all the same
    found = told(package)
    assert "unitz: is no table of this file" in found["claims.foreignKeys"]
    assert "claim: is no field of the table" in found["outcomes.foreignKeys"]
    assert "unit: is no field of the table; there are: unit_id" in found["series.foreignKeys -> units"]
    assert "fields and a reference" in found["places.foreignKeys"]
    assert (
        "id: is no field of the table; there are: source_id"
        in found["agreements.storykit:references -> sources"]
    )
    assert "rule_idd: is no field" in found["rules.primaryKey"]
    assert "is missing" in found["capitals.primaryKey"]
    assert "hihg: is not a known rule; there are: order, past" in found["events.storykit:rules"]
    assert "list of 2 fields" in found["events.storykit:rules, order.fields"]
    assert "endd: is no field" in found["programmes.storykit:rules, order.fields"]
    assert "wordz: is no field" in found["quotations.storykit:rules, words.field"]
    assert "must be a number" in found["quotations.storykit:rules, words.most"]
    assert "wide" in found["programmes.storykit:rules, within.tolerance_degrees"]
    assert (
        "moon: is no geometry of this file; there are: malaysia-states, world"
        in (found["programmes.storykit:rules, within.geometry"])
    )
    assert "lon: is no field" in found["programmes.storykit:rules, within"]
    assert "colour: is no field" in found["programmes.storykit:rules, past.where"]
    assert "must be a list" in found["programmes.storykit:rules, high.kinds"]
    assert ("data/tables/claims.csv", 3) in {(p.file, p.row) for p in checks.check()}


@pytest.mark.parametrize("change", [{"primaryKey": ["nosuch"]}, {"fields": "none"}])
def test_a_correction_of_a_table_that_is_described_badly_waits(package, change):
    described(package, lambda whole, entries: entries["observations"]["schema"].update(change))
    assert {p.file for p in checks.check()} == {FILE}


def test_who_made_the_data_and_under_which_licences_they_come(package):
    def change(whole, entries):
        whole["title"], whole["version"] = 7, ["1"]
        whole["contributors"] = ["somebody", {"title": "", "path": "https://a.example/"}]
        whole["licenses"] = [{"name": "free"}, {"name": "", "path": "a.example"}]

    described(package, change)
    found = told(package)
    assert found.pop("title").endswith("must be a text")
    assert found.pop("version").endswith("must be a text")
    assert found.pop("contributors, number 1").endswith("must be an object in braces")
    assert "needs a title, a text: downloads" in found.pop("contributors, number 2")
    assert "needs a path, a text: downloads" in found.pop("licenses, number 1")
    assert "needs a name, a text: downloads" in found.pop("licenses, number 2")
    assert found.pop("licenses, number 2.path") == "a.example: must be a web address"
    assert not [place for place in found if place.startswith(("title", "version", "contrib", "licen"))]


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("nobody", "must be a series_id of data/tables/series.csv that counts people"),
        ("internet_users", "must be a series in people; this one is in percent"),
    ],
)
def test_amounts_are_divided_by_a_series_of_people(package, named, words):
    described(package, lambda whole, entries: whole.update({"storykit:people": named}))
    assert told(package) == {"storykit:people": f"{named}: {words}"}


@pytest.mark.parametrize("day", ["yesterday", "2026-11", "2026-02-30", "２０２６-11-23", 20261123])
def test_the_day_the_data_stand_at_is_a_day(package, day):
    described(package, lambda whole, entries: whole.update({"storykit:asOf": day}))
    assert told(package) == {"storykit:asOf": f"{day}: must be a day such as 2026-11-23"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"type": "FeatureCollection", "features": [{"ty', "is not GeoJSON, or was cut off"),
        ("", "is not GeoJSON, or was cut off"),
        ("{}", "at least one feature"),
        ('{"type": "FeatureCollection", "features": []}', "at least one feature"),
        ('{"features": [{"properties": {"name": "A"}, "geometry": {}}]}', "needs properties.geography"),
        ('{"features": ["A"]}', "needs properties.geography"),
        (
            '{"features": [{"properties": {"geography": "A"}, "geometry": null}]}',
            "features A: has no geometry",
        ),
        (
            '{"features": [{"properties": {"geography": "A"}, "geometry": {}}, '
            '{"properties": {"geography": "A"}, "geometry": {}}]}',
            "features A: stands in more than one feature",
        ),
        (
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"geography": "A"}, '
            '"geometry": {"type": "Polygon", "coordinates": "far"}}]}',
            "coordinates that are no outline",
        ),
        (None, "the file is missing"),
    ],
)
def test_outlines_that_cannot_be_read(package, content, words):
    file = package.root / "data/geo/world.geojson"
    file.unlink() if content is None else file.write_text(content)
    package.set("places", 2, "lat", "")  # the rule looks at what needs no outline
    found = {(p.file, p.row): f"{p.column} {p.value}: {p.allowed}" for p in checks.check()}
    assert words in found.pop(("data/geo/world.geojson", None))
    assert all(file == "data/tables/places.csv" and row == 2 for file, row in found)
