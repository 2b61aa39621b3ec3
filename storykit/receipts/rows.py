"""A row of any table inside an expression, and its fields as values."""

from __future__ import annotations

import difflib

from storykit import tables, verdicts
from storykit.receipts.values import PLAIN, ReceiptError, Unit, Value, unit


class Row:
    """`claims("x")` in an expression; its fields are Values."""

    def __init__(self, table: str, key: str):
        known = tables.records(table)
        if key not in known:
            raise ReceiptError(_nothing_named(table, key, known))
        self.table, self.key, self.text = table, key, known[key]
        self.fields = {f["name"]: f for f in tables.fields(table)}

    def field(self, name: str) -> Value:
        if self.table == "claims" and name in ("verdict", "verdict_as_of"):
            decided = verdicts.all_verdicts().loc[self.key]
            return Value(decided[name], recorded=decided[name], rows=((self.table, self.key, name),))
        if name not in self.fields:
            raise ReceiptError(f"Table {self.table} has no field {name!r}; it has {', '.join(self.fields)}.")
        recorded = self.text[name]
        if recorded == "":
            raise ReceiptError(f"{self.table} {self.key}: field {name} is empty; there is no value to write.")
        rows = ((self.table, self.key, name),)
        field = self.fields[name]
        if field["type"] not in ("number", "integer"):
            return Value(recorded, recorded=recorded, rows=rows)
        qualifier = self.text.get("qualifier", "exact") if name == "value" else "exact"
        return Value(float(recorded), self._unit(field), recorded, qualifier, rows)

    def _unit(self, field: dict) -> Unit:
        if self.table == "observations":
            return unit(tables.records("series")[self.text["series_id"]]["unit"])
        if "storykit:unitField" in field:
            return unit(self.text[field["storykit:unitField"]].lower())
        return unit(field["unit"]) if field.get("unit") in tables.records("units") else PLAIN


_DEFAULT_FIELD = {
    "observations": "value",
    "claims": "target_value",
    "outcomes": "observed_value",
    "places": "size",
    "rules": "threshold_value",
    "programmes": "target",
    "investments": "value",
}


def _nothing_named(table: str, key: str, known) -> str:
    near = difflib.get_close_matches(str(key), map(str, known), n=3, cutoff=0.6)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"{table} has no row {key!r}.{hint}"


def value_of(thing) -> Value:
    """Whatever an expression yields, as a Value (a row stands for its main field)."""
    if isinstance(thing, Row):
        if thing.table not in _DEFAULT_FIELD:
            raise ReceiptError(
                f"Say which field of {thing.table} {thing.key!r} is meant, such as .{list(thing.fields)[1]}."
            )
        return thing.field(_DEFAULT_FIELD[thing.table])
    if isinstance(thing, Value):
        return thing
    if isinstance(thing, bool):
        raise ReceiptError("A yes or no is not a number; use {holds} for conditions.")
    if isinstance(thing, (int, float)):
        return Value(float(thing))
    return Value(str(thing))
