"""The functions of the language of receipts."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import operator
from collections.abc import Callable, Hashable
from typing import Any

import pandas as pd

from storykit import periods, tables
from storykit.receipts.filters import filtered
from storykit.receipts.rows import Row, Thing, field_of, name_of, value_of
from storykit.receipts.values import (
    PLAIN,
    Number,
    ReceiptError,
    Text,
    Unit,
    Value,
    a_number,
    compare,
    compute,
)
from storykit.receipts.writing import write


def call(name: str, arguments: list[Thing], named: dict[str, Thing]) -> Value:
    """The result of a function of the language.

    Raises
    ------
    ReceiptError
        If an argument is missing, unknown or one too many, or the function cannot be computed.
    """
    function = FUNCTIONS[name]
    signature = _signature(function)
    try:
        signature.bind(*arguments, **named)
    except TypeError as error:
        written = f"{name}{signature}".replace("/, ", "")
        raise ReceiptError(f"{name}: {error}. It is written {written}.") from error
    return function(*arguments, **named)


def _signature(function: Callable[..., Value]) -> inspect.Signature:
    """What a function is given, without the types: they are the engine's words, and this is shown to authors."""
    parameters = inspect.signature(function).parameters.values()
    return inspect.Signature([given.replace(annotation=inspect.Parameter.empty) for given in parameters])


# --- counting -------------------------------------------------------------------------------------
# The names before the slash are given by position only, so that a filter may have the same name.


def _count(table: Thing, /, **filters: Thing) -> Value:
    """How many rows of a table carry these values."""
    table = name_of(table, "A table")
    rows = filtered(table, filters)
    return Number(float(len(rows)), rows=_cells(table, rows, _filter_fields(filters)))


def _distinct(table: Thing, field: Thing, /, **filters: Thing) -> Value:
    """How many different values a field has among these rows (empty cells not counted)."""
    table, field = name_of(table, "A table"), name_of(field, "A field")
    field_of(table, field)
    rows = filtered(table, filters)
    found = set(rows[field].explode().dropna()) - {""}
    return Number(float(len(found)), rows=_cells(table, rows, [field, *_filter_fields(filters)]))


def _total(table: Thing, field: Thing, /, **filters: Thing) -> Value:
    """The sum of a field over these rows, all of one dimension (empty cells not counted)."""
    table, field = name_of(table, "A table"), name_of(field, "A field")
    if field_of(table, field)["type"] not in ("number", "integer"):
        raise ReceiptError(f"{table}.{field} holds no numbers; there is nothing to add.")
    filled = filtered(table, filters)[field].dropna()
    if filled.empty:
        raise ReceiptError(f"total({table!r}, {field!r}) has no values to add.")
    return functools.reduce(
        functools.partial(compute, operator.add), [Row(table, key).field(field) for key in filled.index]
    )


def _filter_fields(filters: dict[str, Thing]) -> list[str]:
    return [name.partition("__")[0] for name in filters]


def _cells(table: str, rows: pd.DataFrame, fields: list[str]) -> tuple[tuple[str, str, str], ...]:
    """The cells that a count rests on; a count of none rests on the whole table, named by `*`."""
    fields = list(dict.fromkeys(fields)) or [""]
    cells = tuple((table, _key_text(key), field) for key in rows.index for field in fields)
    return cells or ((table, "*", ""),)


def _key_text(key: Hashable) -> str:
    return " / ".join(map(str, key)) if isinstance(key, tuple) else str(key)


# --- series ---------------------------------------------------------------------------------------


def _series_rows(series: Thing, geography: Thing) -> pd.DataFrame:
    return tables.observations(name_of(series, "A series"), geography=name_of(geography, "A geography"))


def _extreme(column: str, pick: Callable[[pd.Series], Any]) -> Callable[..., Value]:
    """A function that finds the observation with the smallest or greatest `column`."""

    def chosen(
        series: Thing, geography: Thing, since: Thing | None = None, until: Thing | None = None
    ) -> Value:
        rows = _series_rows(series, geography)
        limits = [None if limit is None else _date(limit) for limit in (since, until)]
        rows = rows[periods.within(rows["period"], *limits)].dropna(subset=column)
        if rows.empty:
            raise ReceiptError(f"No dated observation of {series} for {geography} between these periods.")
        return Row("observations", rows["observation_id"].loc[pick(rows[column])]).field("value")

    return chosen


def _first_above(series: Thing, geography: Thing, threshold: Thing) -> Value:
    """The first period in which a series lies above a value of the same dimension."""
    rows = _series_rows(series, geography)
    limit = value_of(threshold)
    for key in rows["observation_id"]:
        value = Row("observations", key).field("value")
        if compare(operator.gt, value, limit):
            period = tables.records("observations")[key]["period"]
            return Text(period, value.rows + limit.rows)
    raise ReceiptError(f"{series} never lies above {write(limit)}.")


# --- dates ----------------------------------------------------------------------------------------


def _date(thing: Thing) -> str:
    """A date as text; a year may also come as a number.

    Raises
    ------
    ReceiptError
        If it is no date, or undated.
    """
    date = value_of(thing).words
    if pd.isna(periods.bounds(date)[0]):
        raise ReceiptError("What is undated has no place in time.")
    return date


def _year(date: Thing) -> Value:
    """The year in which a date lies; of a range, the year in which it ends."""
    year = str(periods.bounds(_date(date))[1].year)
    return Number(float(year), recorded=year, rows=value_of(date).rows)


def _span(days_in: float, name: str) -> Callable[[Thing, Thing], Value]:
    def between(first: Thing, last: Thing) -> Value:
        """Time from one date to another; dates known to a month or year count from their first day."""
        start, end = (periods.bounds(_date(date))[0] for date in (first, last))
        unit = Unit(name, name, "", name, f"time_{name}", 1.0)
        return Number((end - start).days / days_in, unit, rows=value_of(first).rows + value_of(last).rows)

    return between


# --- places and numbers ---------------------------------------------------------------------------


def _distance(*ends: Thing) -> Value:
    """Geodesic distance between two rows with lat and lon, in km (WGS 84).

    Either `distance("places", "a", "b")`, or two rows of any tables:
    `distance(capitals("MY"), cloud_regions("b"))`.
    """
    from pyproj import Geod

    names = [end for end in ends if isinstance(end, str)]
    rows = [end for end in ends if isinstance(end, Row)]
    if len(ends) == len(names) == 3:
        rows = [Row(names[0], key) for key in names[1:]]
    elif not len(ends) == len(rows) == 2:
        raise ReceiptError('distance takes two rows with lat and lon, such as distance("places", "a", "b").')
    first, last = ([a_number(row.field(name)).amount for name in ("lon", "lat")] for row in rows)
    _, _, metres = Geod(ellps="WGS84").inv(first[0], first[1], last[0], last[1])
    km = Unit("km", "kilometres", "", "km", "metre", 1000.0)
    return Number(metres / 1000, km, rows=tuple((row.table, row.key, "lat") for row in rows))


def _number(value: Thing) -> Value:
    """A number without its unit, to set it beside a count."""
    return dataclasses.replace(a_number(value_of(value)), unit=PLAIN, recorded=None)


def _abs(value: Thing) -> Value:
    """A number without its sign."""
    number = a_number(value_of(value))
    return dataclasses.replace(number, amount=abs(number.amount), recorded=None)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "count": _count,
    "distinct": _distinct,
    "total": _total,
    "latest": _extreme("date", pd.Series.idxmax),
    "earliest": _extreme("date", pd.Series.idxmin),
    "highest": _extreme("value", pd.Series.idxmax),
    "lowest": _extreme("value", pd.Series.idxmin),
    "first_above": _first_above,
    "year": _year,
    "days": _span(1, "days"),
    "months": _span(30.4375, "months"),
    "years": _span(365.25, "years"),
    "distance": _distance,
    "number": _number,
    "abs": _abs,
}
