"""A row of any table inside an expression, its fields as values, and what may stand in a field."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import pandas as pd

from storykit import descriptor, errors, tables, verdicts
from storykit.receipts.values import PLAIN, Number, ReceiptError, Text, Unit, Value, unit

_SUPPORT = {"type": "string", "constraints": {"required": True, "enum": list(verdicts.SUPPORT)}}

DECIDED: dict[str, dict[str, dict[str, Any]]] = {
    "claims": {
        "verdict": {"type": "string", "constraints": {"required": True, "enum": list(verdicts.WORDS)}},
        "verdict_words": {"type": "string"},
        "verdict_as_of": {"type": "string"},
        "verdict_outcome": {"type": "string"},
        "overdue": {"type": "boolean"},
        "support": _SUPPORT,
        "found_support": _SUPPORT,
    },
    "outcomes": {"deciding": {"type": "boolean"}, "support": _SUPPORT},
}
"""Table -> fields of its rows that stand in no file: `verdicts` decides them."""


def load(table: str, wanted: Collection[str] = ()) -> pd.DataFrame:
    """A table with its decided fields; those that also rest on the sources only where `wanted` names one.

    Raises
    ------
    project.DataError
        If there is no such table.
    """
    supported = {"claims": verdicts.all_claims, "outcomes": verdicts.all_findings}
    if table in supported and not {"support", "found_support", "deciding"}.isdisjoint(wanted):
        return supported[table]()
    return verdicts.all_verdicts() if table == "claims" else tables.load(table)


def fields(table: str) -> dict[str, dict[str, Any]]:
    """Name -> descriptor of every field of a table, also those that are decided.

    Raises
    ------
    project.DataError
        If there is no such table.
    """
    recorded = {field["name"]: field for field in descriptor.fields(table)}
    return {**recorded, **DECIDED.get(table, {})}


def field_of(table: str, name: str) -> dict[str, Any]:
    """The descriptor of one field.

    Raises
    ------
    ReceiptError
        If the table has no such field.
    """
    known = fields(table)
    if name not in known:
        raise ReceiptError(f"Table {table} has no field {name!r}; it has {', '.join(known)}.")
    return known[name]


class Row:
    """`claims("x")` in an expression; its fields are Values."""

    def __init__(self, table: str, key: str):
        identified_by = descriptor.primary_key(table)
        if len(identified_by) > 1:
            raise ReceiptError(
                f"A row of {table} has no key of its own ({', '.join(identified_by)} together name it); "
                "it can be counted, not read."
            )
        known = tables.records(table)
        if key not in known:
            raise ReceiptError(f"{table} has no row {key!r}.{errors.did_you_mean(key, known)}")
        self.table, self.key, self.text = table, key, known[key]

    def field(self, name: str) -> Value:
        """One field of the row.

        Raises
        ------
        ReceiptError
            If the table has no such field, or it is empty in this row.
        """
        field = field_of(self.table, name)
        recorded = self.text[name] if name in self.text else self._decided(name)
        if recorded == "":
            raise ReceiptError(f"{self.table} {self.key}: field {name} is empty; there is no value to write.")
        rows = ((self.table, self.key, name),)
        if field["type"] not in ("number", "integer"):
            return Text(recorded, rows)
        qualifier = self.text.get("qualifier", "exact") if name == "value" else "exact"
        return Number(float(recorded), self._unit(field), recorded, qualifier, rows)

    def main_field(self) -> Value:
        """The field that the row itself stands for in an expression."""
        if self.table not in MAIN_FIELD:
            raise ReceiptError(
                f"Say which field of {self.table} {self.key!r} is meant, such as .{list(self.text)[1]}."
            )
        return self.field(MAIN_FIELD[self.table])

    def _decided(self, name: str) -> str:
        decided = load(self.table, [name]).loc[self.key, name]
        return decided if isinstance(decided, str) else str(decided).lower()

    def _unit(self, field: dict[str, Any]) -> Unit:
        if self.table == "observations":
            return unit(tables.records("series")[self.text["series_id"]]["unit"])
        if "storykit:unitField" in field:
            return unit(self.text[field["storykit:unitField"]].lower())
        return unit(field["unit"]) if field.get("unit") in tables.records("units") else PLAIN


MAIN_FIELD = {
    "observations": "value",
    "claims": "target_value",
    "outcomes": "observed_value",
    "cases": "value",
    "places": "size",
    "rules": "threshold_value",
    "programmes": "target",
    "investments": "value",
}
"""Table -> the field that a row of it stands for."""


Thing = Value | Row | str | bool | list[Any]
"""Whatever an expression yields on its way to a value."""


def value_of(thing: Thing) -> Value:
    """Whatever an expression yields, as a Value (a row stands for its main field).

    Raises
    ------
    ReceiptError
        If it is a yes or no, or a list.
    """
    if isinstance(thing, Row):
        return thing.main_field()
    if isinstance(thing, (Number, Text)):
        return thing
    if isinstance(thing, str):
        return Text(thing)
    if isinstance(thing, bool):
        raise ReceiptError("A yes or no is not a number; use {holds} for conditions.")
    raise ReceiptError("A list stands only behind the = of a filter.")


def name_of(thing: Thing, what: str) -> str:
    """The name in quotes that stands where a table, a field, a series or a place must be named.

    Raises
    ------
    ReceiptError
        If something else stands there.
    """
    if isinstance(thing, str):
        return thing
    raise ReceiptError(f"{what} is named by a text in quotes, such as {_EXAMPLES[what]}.")


_EXAMPLES = {"A table": '"claims"', "A field": '"value"', "A series": '"exports"', "A geography": '"MY"'}


# --- what may stand in a field ----------------------------------------------------------------------


def refuse_stranger(table: str, name: str, word: str) -> None:
    """Refuse a word that can never stand in a field: it was misspelt, and would silently fit no row.

    Raises
    ------
    ReceiptError
        If the field lists its words, refers to rows or has a pattern, and the word fits none of these.
    """
    rules = field_of(table, name).get("constraints", {})
    if word == "" and not rules.get("required"):
        return
    words = possible_words(table, name)
    if words is not None and word not in words:
        raise ReceiptError(
            f"{table}.{name} is never {word!r}.{errors.did_you_mean(word, words)}{_listed(words)}"
        )
    if "pattern" in rules and not re.fullmatch(rules["pattern"], word):
        raise ReceiptError(f"{table}.{name} is never {word!r}; it looks like {rules['pattern']}.")


def possible_words(table: str, name: str) -> Collection[str] | None:
    """All words that may stand in a field (or in its list), None if that is not laid down."""
    field = field_of(table, name)
    if field["type"] == "boolean":
        return ["true", "false"]
    if "enum" in field.get("constraints", {}):
        words: list[str] = field["constraints"]["enum"]
        return words
    target = _reference(table, name)
    return None if target is None else tables.records(target)


def _reference(table: str, name: str) -> str | None:
    """The table whose key stands in a field: its own for its key, None for a field that refers to none."""
    entry = descriptor.resource(table)
    if descriptor.primary_key(table) == [name]:
        return table
    for key in entry["schema"].get("foreignKeys", []):
        if key["fields"] == [name]:
            return str(key["reference"]["resource"] or table)
    for key in entry.get("storykit:references", []):
        if key["field"] == name:
            return str(key["resource"])
    return None


def _listed(words: Collection[str]) -> str:
    """The words themselves, where they are few."""
    return f" There are {', '.join(words)}." if len(words) <= 12 else ""
