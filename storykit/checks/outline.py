"""The description itself, `datapackage.json`: looked at first, because everything else is read by it.

What is wrong in it is reported and taken out, so that what is left can still be checked.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from storykit import errors, project
from storykit.checks import fields, rules, shapes, signs, text
from storykit.checks.problems import Report

FILE = "data/datapackage.json"

_SAID_OF_A_PACKAGE = {
    "name": "the feed is known by it",
    "title": "pages and citations give it",
    "version": "citations give it",
    "created": "the feed is known by its year, as in 2026-11-23",
    "contributors": "downloads and the feed name who made the data",
    "licenses": "downloads say under which licence they come",
    "storykit:asOf": "verdicts and freshness are as of this date",
}
"""What the descriptor must say of the whole, and who tells it to readers."""

_EVERY_STORY = {"sources", "units", "geographies", "series", "observations", "claims", "outcomes", "changes"}
"""Tables that receipts, verdicts and the site itself read, whatever the story."""

_CONSTRAINTS = {
    "required": (bool, "true or false"),
    "unique": (bool, "true or false"),
    "pattern": (str, "a text"),
    "enum": (list, "a list of what is allowed"),
    "minimum": (float, "a number"),
    "maximum": (float, "a number"),
}
_FORMATS = (None, "default", "uri")


def read(report: Report) -> dict[str, Any] | None:
    """The descriptor as it stands; None if it is none at all."""
    file = project.root() / FILE
    if not file.is_file():
        report.whole("the file is missing")
        return None
    raw = file.read_bytes()
    if words := text.conflict(raw):
        report.whole(words)
        return None
    try:
        package = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        report.row(
            row, "is not UTF-8; save the file as UTF-8", value=raw[error.start : error.start + 1].hex()
        )
        return None
    except RecursionError:
        report.whole("has brackets within brackets, too deep to be read; take the file from the last commit")
        return None
    except json.JSONDecodeError as error:
        report.row(error.lineno, f"is not JSON: {error.msg}")
        return None
    if not isinstance(package, dict):
        report.whole("must be one object in braces, with name, title and resources")
        return None
    return package


def check(package: dict[str, Any], report: Report) -> list[dict[str, Any]]:
    """The tables and geometries that can be checked, without the keys and rules that make no sense."""
    for name, why in _SAID_OF_A_PACKAGE.items():
        if not package.get(name):
            report.whole(f"is missing: {why}", name)
    _check_people(package, report)
    if package.get("storykit:asOf") and not as_of(package):
        report.whole("must be a day such as 2026-11-23", "storykit:asOf", str(package["storykit:asOf"]))
    for place, value, words in shapes.faults(package):
        report.whole(words, place, value)
    _check_voice(package.get("storykit:voice", {}), report)
    for place, said in _texts(package):
        for words in signs.faults(said):
            report.whole(words, place, said)
    named = _named(package.get("resources"), report)
    known = {entry["name"] for entry in named}
    for name in sorted(_EVERY_STORY - known):
        report.whole("this table is missing; every story has it", "resources", name)
    sound = [entry for entry in named if not _adds(report, _check_entry, entry, report)]
    columns = {entry["name"]: _columns(entry) for entry in sound if is_table(entry)}
    # What ties a table to one that is described, if badly, is not wrong: it cannot be looked at yet.
    unsure = known - set(columns)
    geometries = {entry["name"] for entry in named if not is_table(entry)}
    return [
        _Ties(entry, columns, unsure, geometries, report).kept() if is_table(entry) else entry
        for entry in sound
    ]


_PARTS = {"contributors": ("title",), "licenses": ("name", "path")}
"""Lists that the descriptor holds -> what each of their entries must say."""


def _check_people(package: dict[str, Any], report: Report) -> None:
    """Who made the data, and under which licences they come: each entry with all that pages print of it."""
    for name in ("name", "title", "version", "created"):
        if package.get(name):
            _is(package[name], str, name, "a text", report)
    for name, parts in _PARTS.items():
        entries = package.get(name)
        if not entries or not _is(entries, list, name, "a list of objects in braces", report):
            continue
        for number, entry in enumerate(entries, start=1):
            place = f"{name}, number {number}"
            if _is(entry, dict, place, "an object in braces", report):
                for part in parts:
                    if not _is_text(entry.get(part)):
                        report.whole(f"needs a {part}, a text: {_SAID_OF_A_PACKAGE[name]}", place)
                address = entry.get("path")
                if _is_text(address) and not fields.is_address(address):
                    report.whole("must be a web address", f"{place}.path", address)


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text of the descriptor with its place: readers get titles, labels and descriptions."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for number, part in enumerate(value, start=1):
            name = part.get("name") if isinstance(part, dict) else None
            yield from _texts(part, f"{place}.{name if _is_text(name) else number}")
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part, f"{place}.{name}" if place else name)


_VOICE = {
    "opening": "a number",
    "chapter": "a number",
    "apart": "a list of texts",
    "untold": "a list of texts",
}
"""What the limits of a book's chapters are, and what each must be."""


def _check_voice(said: Any, report: Report) -> None:
    if not isinstance(said, dict):
        report.whole(f"must be an object with {', '.join(_VOICE)}", "storykit:voice", str(said))
        return
    for name, value in said.items():
        numeric = _VOICE.get(name) == "a number"
        texts = isinstance(value, list) and all(isinstance(one, str) for one in value)
        if name not in _VOICE:
            near = errors.did_you_mean(name, _VOICE)
            report.whole(f"is no limit; there are {', '.join(_VOICE)}.{near}", "storykit:voice", name)
        elif not (isinstance(value, int) and value > 0 if numeric else texts):
            report.whole(f"must be {_VOICE[name]}", f"storykit:voice.{name}", str(value))


def as_of(package: dict[str, Any]) -> str:
    """The day the data stand at; "" if the descriptor gives none that can be."""
    day = str(package.get("storykit:asOf"))
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
        return ""
    try:
        pd.Timestamp(day)
    except ValueError:
        return ""
    return day


def words(package: dict[str, Any]) -> dict[str, str]:
    """Pattern -> how it is said to people."""
    said = package.get("storykit:patterns")
    return {pattern: str(text) for pattern, text in said.items()} if isinstance(said, dict) else {}


def resources(package: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything the descriptor describes, well or badly."""
    listed = package.get("resources")
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def is_table(entry: dict[str, Any]) -> bool:
    return entry.get("type") == "table"


# --- tables and fields ----------------------------------------------------------------------------


def _named(listed: Any, report: Report) -> list[dict[str, Any]]:
    """Resources that have a name and a file, both their own."""
    if not isinstance(listed, list) or not listed:
        report.whole("must be a list of tables and geometries", "resources")
        return []
    found: dict[str, dict[str, Any]] = {}
    for number, entry in enumerate(listed, start=1):
        place = f"resources, number {number}"
        if not _is(entry, dict, place, "an object in braces", report):
            continue
        missing = [word for word in ("name", "path") if not _is_text(entry.get(word))]
        for word in missing:
            report.whole(f"needs a {word}, a text", place)
        if not missing and not _adds(report, _check_own, entry, found, report):
            found[entry["name"]] = entry
    return list(found.values())


def _check_own(entry: dict[str, Any], others: dict[str, dict[str, Any]], report: Report) -> None:
    name, path = entry["name"], entry["path"]
    if name in others:
        report.whole("stands twice in resources; remove one", name)
    elif path in {other["path"] for other in others.values()}:
        report.whole("is the file of another table, too", f"{name}.path", path)
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or "\0" in path:
        report.whole("must be a file in data/, such as tables/ships.csv", f"{name}.path", path)


def _check_entry(entry: dict[str, Any], report: Report) -> None:
    name = entry["name"]
    if not is_table(entry):
        if entry["path"].endswith(".csv"):
            report.whole('must be "table"', f"{name}.type", str(entry.get("type", "")))
        return
    schema = entry.get("schema")
    listed = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(listed, list) or not listed:
        report.whole("must be a list of the table's fields", f"{name}.schema.fields")
        return
    for number, field in enumerate(listed, start=1):
        if not isinstance(field, dict) or not _is_text(field.get("name")):
            report.whole("needs a name, a text", f"{name}.schema.fields, number {number}")
        else:
            _check_field(f"{name}.{field['name']}", field, report)
            _check_among(name, field, _columns(entry), report)
    _check_found(entry, report)
    _check_dates(entry, report)


def _check_dates(entry: dict[str, Any], report: Report) -> None:
    """Which field dates the rows, and which values of a field make a row a plan."""
    plans = entry.get("storykit:plans", {})
    for word, names in (
        ("storykit:date", [entry["storykit:date"]] if "storykit:date" in entry else []),
        ("storykit:plans", list(plans) if isinstance(plans, dict) else []),
    ):
        _check_columns(f"{entry['name']}.{word}", names, _columns(entry), report)


def _check_found(entry: dict[str, Any], report: Report) -> None:
    """How the search finds the rows of a table, if it does."""
    found, place = entry.get("storykit:found", {}), f"{entry['name']}.storykit:found"
    if not _is(found, dict, place, "an object: title, says, also", report):
        return
    for word in ("title", "says", "also"):
        names = found.get(word, [])
        if _is(names, list, f"{place}.{word}", "a list of fields", report):
            _check_columns(f"{place}.{word}", names, _columns(entry), report)
    if found and not found.get("title"):
        report.whole("must name the fields by which a row is called", f"{place}.title")


def _check_among(table: str, field: dict[str, Any], columns: list[str], report: Report) -> None:
    """A field beside the others of its table."""
    if columns.count(field["name"]) > 1:
        report.whole("stands twice among the fields; remove one", f"{table}.{field['name']}")
    if (other := field.get("storykit:unitField")) is not None:
        _check_columns(f"{table}.storykit:unitField", [other], columns, report)
    alike, place = field.get("storykit:alike", {"fields": []}), f"{table}.storykit:alike"
    if not _is(alike, dict, place, "an object in braces", report):
        return
    if _is(alike.get("fields"), list, f"{place}.fields", "a list", report):
        _check_columns(place, [*alike["fields"], *alike.get("where", {})], columns, report)


def _columns(entry: dict[str, Any]) -> list[str]:
    return [
        field["name"] for field in entry["schema"]["fields"] if isinstance(field, dict) and "name" in field
    ]


def _check_field(place: str, field: dict[str, Any], report: Report) -> None:
    if field.get("type") not in fields.TYPES:
        known = ", ".join(fields.TYPES)
        report.whole(f"is not a known type; there are: {known}", f"{place}.type", str(field.get("type", "")))
    if field.get("format") not in _FORMATS:
        report.whole("is not a known format; there is: uri", f"{place}.format", str(field["format"]))
    if "delimiter" in field and not _is_text(field["delimiter"]):
        report.whole("must be the sign between the parts of a list", f"{place}.delimiter")
    constraints = field.get("constraints", {})
    if not _is(constraints, dict, f"{place}.constraints", "an object in braces", report):
        return
    for name, value in constraints.items():
        if name not in _CONSTRAINTS:
            known = ", ".join(_CONSTRAINTS)
            report.whole(f"is not a known constraint; there are: {known}", f"{place}.constraints", name)
            continue
        kind, words = _CONSTRAINTS[name]
        if _is(value, kind, f"{place}.{name}", words, report) and name == "pattern":
            _check_pattern(f"{place}.pattern", value, report)


def _check_pattern(place: str, pattern: str, report: Report) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        report.whole(f"is no pattern that can be read: {error}", place, pattern)


# --- what ties tables -----------------------------------------------------------------------------


@dataclasses.dataclass
class _Ties:
    """The keys, references and rules of one table; those that cannot be looked at are reported and left out."""

    entry: dict[str, Any]
    columns: dict[str, list[str]]
    """Name of a table -> its fields."""
    unsure: set[str]
    """Tables that are described so badly that nothing is known of their fields."""
    geometries: set[str]
    report: Report

    def kept(self) -> dict[str, Any]:
        """The entry with what is left."""
        for field in self.entry["schema"]["fields"]:
            if "storykit:languageField" in field:
                place = f"{self.entry['name']}.{field['name']}.storykit:languageField"
                self._own(place, [field["storykit:languageField"]])
        return self.entry | {
            "schema": self.entry["schema"]
            | {
                "primaryKey": self._primary_key(),
                "foreignKeys": self._each("foreignKeys", self._foreign_key),
            },
            "storykit:references": self._each("storykit:references", self._reference),
            "storykit:rules": self._each("storykit:rules", self._rule),
        }

    def _primary_key(self) -> list[str]:
        place, key = f"{self.entry['name']}.primaryKey", self.entry["schema"].get("primaryKey")
        names = [key] if isinstance(key, str) else key
        if not isinstance(names, list) or not names:
            self.report.whole("is missing: it names the fields by which a row is known", place)
            return []
        return [] if _adds(self.report, self._own, place, names) else names

    def _each(self, word: str, check: Callable[[str, dict[str, Any]], None]) -> list[dict[str, Any]]:
        """What stands in the entry, or its schema, under a word, and passes the check."""
        place = f"{self.entry['name']}.{word}"
        items = self.entry.get(word, self.entry["schema"].get(word, []))
        if not _is(items, list, place, "a list", self.report):
            return []
        objects = [item for item in items if _is(item, dict, place, "objects in braces", self.report)]
        return [item for item in objects if not _adds(self.report, check, place, item)]

    def _foreign_key(self, place: str, key: dict[str, Any]) -> None:
        there: Any = key.get("reference")
        if _is(there, dict, place, "fields and a reference, with resource and fields", self.report):
            target = there.get("resource") or self.entry["name"]
            self._tie(place, key.get("fields"), target, there.get("fields"))

    def _reference(self, place: str, key: dict[str, Any]) -> None:
        self._tie(place, [key.get("field")], key.get("resource"), [key.get("key")])

    def _tie(self, place: str, names: Any, table: Any, wanted: Any) -> None:
        """Both ends of a tie; it is made of one field each."""
        for ends in (names, wanted):
            if not isinstance(ends, list) or len(ends) != 1:
                self.report.whole("must be tied by a list of one field", place, str(ends or ""))
                return
        self._own(place, names)
        if not _is_text(table) or table not in {*self.columns, *self.unsure}:
            self.report.whole("is no table of this file", place, str(table or ""))
        elif table in self.columns:
            _check_columns(f"{place} -> {table}", wanted, self.columns[table], self.report)

    def _own(self, place: str, names: Iterable[Any]) -> None:
        _check_columns(place, names, self.columns[self.entry["name"]], self.report)

    def _rule(self, place: str, rule: dict[str, Any]) -> None:
        name = rule.get("rule")
        if not _is_text(name) or name not in rules.RULES:
            listed = ", ".join(rules.RULES)
            self.report.whole(f"is not a known rule; there are: {listed}", place, str(name or ""))
            return
        place, known = f"{place}, {name}", rules.RULES[name]
        for word, count in known.columns.items():
            self._endsof_rule(f"{place}.{word}", rule.get(word), count)
        for word, kind in known.words.items():
            _is(rule.get(word), kind, f"{place}.{word}", _SAID_OF_A_TYPE[kind], self.report)
        if "geometry" in known.words and rule.get("geometry") not in [*self.geometries]:
            said = f"is no geometry of this file; there are: {', '.join(sorted(self.geometries))}"
            self.report.whole(said, f"{place}.geometry", str(rule.get("geometry", "")))
        self._own(place, known.needs)
        where = rule.get("where", {})
        if _is(where, dict, f"{place}.where", "an object: a field, its value", self.report):
            self._own(f"{place}.where", where)
            for value in where.values():
                _is(value, str, f"{place}.where", "a text", self.report)

    def _endsof_rule(self, place: str, value: Any, count: int) -> None:
        if count == 1:
            self._own(place, [value])
        elif not isinstance(value, list) or not value or (count and len(value) != count):
            self.report.whole(f"must be a list of {count or 'one or more'} fields", place, str(value or ""))
        else:
            self._own(place, value)


_SAID_OF_A_TYPE = {str: "a text", list: "a list", float: "a number", dict: "an object in braces"}


def _check_columns(place: str, names: Iterable[Any], own: list[str], report: Report) -> None:
    for name in names:
        if name not in own:
            report.whole("is no field of the table; there are: " + ", ".join(own), place, str(name or ""))


# --- small words ----------------------------------------------------------------------------------


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is(value: Any, kind: type, place: str, words: str, report: Report) -> bool:
    """Whether a value is of a type; reported if not. A whole number is a number, true is none."""
    kinds = (int, float) if kind is float else kind
    fits = isinstance(value, kinds) and (kind is bool or not isinstance(value, bool))
    if not fits:
        report.whole(f"must be {words}", place, "" if value is None else json.dumps(value))
    return fits


def _adds(report: Report, check: Callable[..., Any], *arguments: Any) -> bool:
    """Whether a check reports something."""
    before = len(report)
    check(*arguments)
    return len(report) > before
