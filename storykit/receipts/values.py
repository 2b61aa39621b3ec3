"""A number with its unit and its rows, and what may be done with it: the arithmetic of receipts."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable

from storykit import tables


class ReceiptError(ValueError):
    """A receipt that names nothing, two things, or something that cannot be computed."""


@dataclasses.dataclass(frozen=True)
class Unit:
    """How a value is written, and what it may be compared with."""

    unit_id: str
    label: str
    prefix: str
    suffix: str
    dimension: str
    factor: float


PLAIN = Unit("", "", "", "", "plain", 1.0)
RATIO = Unit("ratio", "ratio", "", "", "ratio", 1.0)
PERCENT = Unit("percent", "percent", "", "%", "ratio", 0.01)
TIMES = Unit("times", "times", "", "times", "ratio", 1.0)


@dataclasses.dataclass(frozen=True)
class Value:
    """A number (or a text such as a date) with its unit and the rows it rests on.

    `recorded` is the text as it stands in the table, kept only while no arithmetic was done.
    `rows` holds (table, key, field) of every input.
    """

    amount: float | str
    unit: Unit = PLAIN
    recorded: str | None = None
    qualifier: str = "exact"
    rows: tuple[tuple[str, str, str], ...] = ()

    @property
    def is_text(self) -> bool:
        return isinstance(self.amount, str)

    @property
    def base(self) -> float:
        """The amount in the base unit of its dimension."""
        return self.amount * self.unit.factor


def unit(unit_id: str) -> Unit:
    """A row of `units`.

    Raises
    ------
    ReceiptError
        If there is no such unit.
    """
    if not unit_id:
        return PLAIN
    known = tables.records("units")
    if unit_id not in known:
        raise ReceiptError(f"There is no unit {unit_id!r} in data/tables/units.csv.")
    row = known[unit_id]
    return Unit(
        *(row[c] for c in ("unit_id", "label", "prefix", "suffix", "dimension")), float(row["factor"])
    )


def _joined(left: Value, right: Value) -> dict:
    qualifier = left.qualifier if left.qualifier == right.qualifier else "about"
    return {"qualifier": qualifier, "rows": tuple(dict.fromkeys(left.rows + right.rows))}


def arithmetic(operation: Callable) -> Callable:
    def compute(left: Value, right: Value) -> Value:
        if left.is_text or right.is_text:
            raise ReceiptError(f"Cannot compute with the text {(left if left.is_text else right).amount!r}.")
        same = left.unit.dimension == right.unit.dimension
        plain = "plain" in (left.unit.dimension, right.unit.dimension)
        if operation in (operator.add, operator.sub):
            if not same:
                raise ReceiptError(
                    f"Cannot add or subtract {left.unit.label or 'a plain number'} and {right.unit.label or 'a plain number'}: mixed units."
                )
            return Value(
                operation(left.base, right.base) / left.unit.factor, left.unit, **_joined(left, right)
            )
        if operation is operator.truediv:
            if right.amount == 0:
                raise ReceiptError("Division by zero.")
            if same:
                return Value(left.base / right.base, RATIO, **_joined(left, right))
            if right.unit.dimension == "plain":
                return Value(left.amount / right.amount, left.unit, **_joined(left, right))
            per = Unit(
                "",
                f"{left.unit.label} per {right.unit.label}",
                "",
                "",
                f"{left.unit.dimension}/{right.unit.dimension}",
                1.0,
            )
            return Value(left.base / right.base, per, **_joined(left, right))
        if plain or "ratio" in (left.unit.dimension, right.unit.dimension):
            scale, kept = (left, right) if left.unit.dimension in ("plain", "ratio") else (right, left)
            return Value(scale.base * kept.amount, kept.unit, **_joined(left, right))
        raise ReceiptError(f"Cannot multiply {left.unit.label} by {right.unit.label}: mixed units.")

    return compute


def compare(operation: Callable) -> Callable:
    def holds(left: Value, right: Value) -> bool:
        if left.is_text != right.is_text:
            left, right = (_as_text(v) for v in (left, right))
        if left.is_text:
            first, second = str(left.amount), str(right.amount)
            length = min(len(first), len(second)) if first[:4].isdigit() and second[:4].isdigit() else None
            return operation(first[:length], second[:length])
        if "plain" in (left.unit.dimension, right.unit.dimension):
            return operation(left.amount, right.amount)
        if left.unit.dimension != right.unit.dimension:
            raise ReceiptError(f"Cannot compare {left.unit.label} with {right.unit.label}: mixed units.")
        return operation(round(left.base, 9), round(right.base, 9))

    return holds


def _as_text(value: Value) -> Value:
    if value.is_text:
        return value
    return dataclasses.replace(value, amount=format(value.amount, "g"))
