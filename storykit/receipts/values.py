"""A number with its unit and its rows, and what may be done with it: the arithmetic of receipts."""

from __future__ import annotations

import dataclasses
import operator
import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from storykit import descriptor, periods, project, tables


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

    @property
    def words(self) -> str:
        """Its name in a message."""
        return self.label or "a plain number"


PLAIN = Unit("", "", "", "", "plain", 1.0)
RATIO = Unit("ratio", "ratio", "", "", "ratio", 1.0)
PERCENT = Unit("percent", "percent", "", "%", "ratio", 0.01)
TIMES = Unit("times", "times", "", "times", "ratio", 1.0)


Source = tuple[str, str, str]
"""(table, key, field) of a cell that a value rests on; the key `*` means the whole table."""


@dataclasses.dataclass(frozen=True)
class Number:
    """A number with its unit and the cells it rests on; one that was typed rests on none.

    `recorded` is the text as it stands in the table, kept only while no arithmetic was done.
    """

    amount: float
    unit: Unit = PLAIN
    recorded: str | None = None
    qualifier: str = "exact"
    rows: tuple[Source, ...] = ()

    @property
    def is_typed(self) -> bool:
        return self.unit == PLAIN and not self.rows

    @property
    def base(self) -> float:
        """The amount in the base unit of its dimension."""
        return self.amount * self.unit.factor

    @property
    def words(self) -> str:
        """The amount as a text: `2017` for 2017.0."""
        return format(self.amount, ".15g")


@dataclasses.dataclass(frozen=True)
class Text:
    """A text, such as a date or a verdict, with the cells it rests on; one that was typed rests on none."""

    words: str
    rows: tuple[Source, ...] = ()

    @property
    def recorded(self) -> str:
        return self.words


Value = Number | Text


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
    return Unit(unit_id, row["label"], row["prefix"], row["suffix"], row["dimension"], float(row["factor"]))


# --- computing ------------------------------------------------------------------------------------


def compute(operation: Callable[[Any, Any], Any], left: Value, right: Value) -> Number:
    """`left` and `right` added, subtracted, multiplied or divided (`operator.add` …), with their units.

    Raises
    ------
    ReceiptError
        If one is a text, the units do not go together, or the divisor is zero.
    """
    left, right = a_number(left), a_number(right)
    refuse_unlike(left, right)
    amount, unit_ = _COMPUTED[operation](left, right)
    qualifier = left.qualifier if left.qualifier == right.qualifier else "about"
    return Number(amount, unit_, qualifier=qualifier, rows=tuple(dict.fromkeys(left.rows + right.rows)))


def a_number(value: Value) -> Number:
    """The value itself, if it is a number.

    Raises
    ------
    ReceiptError
        If it is a text.
    """
    if isinstance(value, Text):
        raise ReceiptError(f"Cannot compute with the text {value.words!r}.")
    return value


def _added(left: Number, right: Number, sign: int = 1) -> tuple[float, Unit]:
    if left.unit.dimension != right.unit.dimension:
        raise ReceiptError(f"Cannot add or subtract {left.unit.words} and {right.unit.words}: mixed units.")
    return (left.base + sign * right.base) / left.unit.factor, left.unit


def _subtracted(left: Number, right: Number) -> tuple[float, Unit]:
    return _added(left, right, sign=-1)


def _multiplied(left: Number, right: Number) -> tuple[float, Unit]:
    for dimension in (
        "plain",
        "ratio",
    ):  # twice three per cent is six per cent, half of 10 firms is five firms
        for scale, kept in ((left, right), (right, left)):
            if scale.unit.dimension == dimension:
                return scale.base * kept.amount, kept.unit
    raise ReceiptError(f"Cannot multiply {left.unit.words} by {right.unit.words}: mixed units.")


def _divided(left: Number, right: Number) -> tuple[float, Unit]:
    if right.amount == 0:
        raise ReceiptError("Division by zero.")
    if left.unit.dimension == right.unit.dimension:
        return left.base / right.base, RATIO
    if right.unit.dimension == "plain":
        return left.amount / right.amount, left.unit
    label = f"{left.unit.label} per {right.unit.label}"
    dimension = f"{left.unit.dimension}/{right.unit.dimension}"
    return left.base / right.base, Unit("", label, "", "", dimension, 1.0)


_COMPUTED: dict[Callable[[Any, Any], Any], Callable[[Number, Number], tuple[float, Unit]]] = {
    operator.add: _added,
    operator.sub: _subtracted,
    operator.mul: _multiplied,
    operator.truediv: _divided,
}


def refuse_unlike(*numbers: Number) -> None:
    """Refuse to put numbers together whose rows are of another kind, as `storykit:alike` of their field says.

    Sums over five years and over fifteen are in one currency, and yet neither to be added nor compared.

    Raises
    ------
    ReceiptError
        If rows of one such field differ in one of the fields that must be alike.
    """
    cells = dict.fromkeys(cell for number in numbers for cell in number.rows)
    for table, name in dict.fromkeys((table, name) for table, _, name in cells):
        kinds: dict[tuple[str, ...], str] = {}
        alike = _alike(table, name)
        for key in [key for t, key, n in cells if alike and (t, n) == (table, name)]:
            row = tables.records(table)[key]
            if all(row[field] == word for field, word in alike.get("where", {}).items()):
                kinds.setdefault(tuple(row[field] for field in alike["fields"]), key)
        if len(kinds) > 1:
            (one, first), (other, second) = list(kinds.items())[:2]
            said = " and ".join(alike["fields"])
            raise ReceiptError(
                f"{table}.{name} of {first!r} and {second!r} are not alike in {said} "
                f"({', '.join(one)} against {', '.join(other)}): they are neither added nor compared."
            )


def _alike(table: str, name: str) -> dict[str, Any]:
    if table not in descriptor.names():
        return {}
    found: dict[str, Any] = next(
        (field.get("storykit:alike", {}) for field in descriptor.fields(table) if field["name"] == name), {}
    )
    return found


# --- comparing ------------------------------------------------------------------------------------


def compare(operation: Callable[[Any, Any], bool], left: Value, right: Value) -> bool:
    """Whether `operation` (`operator.gt` …) holds between two values.

    Only what has the same dimension is compared. A number that was typed takes the unit of the
    value beside it (`sales > 50`); a number that was counted does not.

    Raises
    ------
    ReceiptError
        If the units do not go together, or texts that are no dates are put in order.
    """
    if isinstance(left, Text) or isinstance(right, Text):
        return _compare_texts(operation, left, right)
    refuse_unlike(left, right)
    if left.unit.dimension == right.unit.dimension:
        return operation(round(left.base, 9), round(right.base, 9))
    if left.is_typed or right.is_typed:
        return operation(left.amount, right.amount)
    hint = " Where a count and a number of things are meant, write number(…) around the latter."
    raise ReceiptError(
        f"Cannot compare {left.unit.words} with {right.unit.words}: mixed units."
        + (hint if PLAIN in (left.unit, right.unit) else "")
    )


def _compare_texts(operation: Callable[[Any, Any], bool], left: Value, right: Value) -> bool:
    if (first := _days(left.words)) and (last := _days(right.words)):
        return operation(_order(left.words, first, right.words, last), 0)
    if isinstance(left, Text) and isinstance(right, Text) and operation in (operator.eq, operator.ne):
        return operation(left.words, right.words)
    if isinstance(left, Number) != isinstance(right, Number):
        number, text = (left, right) if isinstance(left, Number) else (right, left)
        raise ReceiptError(
            f"Cannot compare the number {number.words} with the text {text.words!r}. If the date of an "
            'observation is meant, name its field: observations("…").period.'
        )
    raise ReceiptError(
        f"Cannot compare {left.words!r} with {right.words!r}: only dates and numbers come before or after "
        "one another; of other texts only == and != are known."
    )


Days = tuple[pd.Timestamp, pd.Timestamp]
"""First and last day of a date."""


def _days(text: str) -> Days | None:
    """First and last day of a date, None if the text is none."""
    if not re.match(r"(FY)?\d{4}", text):
        return None
    try:
        return periods.bounds(text)
    except project.DataError:
        return None


def _order(first: str, days: Days, second: str, other_days: Days) -> int:
    """-1 if the first date comes before the second, 1 if after, 0 if they are the same as far as known:
    `2017-05` and `2017` cannot be told apart."""
    (begin, end), (other_begin, other_end) = days, other_days
    if end < other_begin:
        return -1
    if begin > other_end:
        return 1
    inside = begin >= other_begin and end <= other_end
    around = begin <= other_begin and end >= other_end
    if inside or around:
        return 0
    raise ReceiptError(f"Cannot say whether {first} or {second} comes first: they overlap.")
