"""The functions of the language of receipts.

Their docstrings are what an author reads of them: `reference` makes `docs/receipts.md` from them.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import operator
from collections.abc import Callable, Hashable
from typing import Any

import pandas as pd

from storykit import descriptor, periods, tables
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


def call(name: str, arguments: list[Thing], named: dict[str, Thing]) -> Value | list[Any]:
    """The result of a function of the language: a value, or a list of keys.

    Raises
    ------
    ReceiptError
        If an argument is missing, unknown or one too many, or the function cannot be computed.
    """
    function = FUNCTIONS[name]
    try:
        inspect.signature(function).bind(*arguments, **named)
    except TypeError as error:
        raise ReceiptError(f"{name}: {error}. It is written {spelling(name)}.") from error
    return function(*arguments, **named)


def spelling(name: str) -> str:
    """How a call of a function is written: `count(table, **filters)`."""
    # Without the types: they are words of the engine, and this is shown to authors.
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    return f"{name}{inspect.Signature(bare)}".replace("/, ", "")


# --- counting -------------------------------------------------------------------------------------
# The names before the slash are given by position only, so that a filter may have the same name.


def _count(table: Thing, /, **filters: Thing) -> Value:
    """How many rows of a table fit all filters: a number without unit, 0 where none fits.

        count("claims", thread="context", verdict="unknown")

    Raises
    ------
    ReceiptError
        If the table or a field does not exist, or a filter asks for what can never stand in its field.
    """
    table = name_of(table, "A table")
    rows = filtered(table, filters)
    return Number(float(len(rows)), rows=_cells(table, rows, _filter_fields(filters)))


def _distinct(table: Thing, field: Thing, /, **filters: Thing) -> Value:
    """How many different values a field has in the rows that fit all filters: a number without unit.

    Empty cells do not count; of a list each entry counts.

        distinct("cloud_regions", "country", provider="aws")

    Raises
    ------
    ReceiptError
        As of `count`.
    """
    table, field = name_of(table, "A table"), name_of(field, "A field")
    field_of(table, field)
    rows = filtered(table, filters, [field])
    found = set(rows[field].explode().dropna()) - {""}
    return Number(float(len(found)), rows=_cells(table, rows, [field, *_filter_fields(filters)]))


def _total(table: Thing, field: Thing, /, **filters: Thing) -> Value:
    """The sum of a field over the rows that fit all filters, in the unit of the first; empty cells do not count.

        total("investments", "value", currency="USD")

    Raises
    ------
    ReceiptError
        As of `count`; if the field holds no numbers, no row has a value, or their dimensions differ.
    """
    table, field = name_of(table, "A table"), name_of(field, "A field")
    if field_of(table, field)["type"] not in ("number", "integer"):
        raise ReceiptError(f"{table}.{field} holds no numbers; there is nothing to add.")
    filled = filtered(table, filters)[field].dropna()
    if filled.empty:
        raise ReceiptError(f"total({table!r}, {field!r}) has no values to add.")
    return functools.reduce(
        functools.partial(compute, operator.add), [Row(table, key).field(field) for key in filled.index]
    )


def _keys(table: Thing, /, **filters: Thing) -> list[Any]:
    """The keys of the rows of a table that fit all filters: a list, for a filter of another table.

        count("claims", partnership_id=keys("partnerships", instrument="mou"))

    Raises
    ------
    ReceiptError
        As of `count`; if a row of the table has no key of its own, or no row fits.
    """
    table = name_of(table, "A table")
    identified_by = descriptor.primary_key(table)
    if len(identified_by) > 1:
        raise ReceiptError(f"{table} has no key of its own: {', '.join(identified_by)} together name a row.")
    found = filtered(table, filters).index.to_list()
    if not found:
        raise ReceiptError(f"No row of {table} fits these filters, so there are no keys.")
    return found


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


def _latest(series: Thing, geography: Thing, since: Thing | None = None, until: Thing | None = None) -> Value:
    """The observation with the last date, by the middle of its period, in the unit of its series.

    Only what leads counts, and what has a date. `since` and `until` are periods; both ends are included. It is a
    value, not a row: where its period is told, name the row itself, `observations("exports/MY/2022").period`.

        latest("exports", "MY")
        latest("exports", "MY", until="2019")

    Raises
    ------
    ReceiptError
        If no such observation is there, or a limit is no date.
    """
    return _extreme("date", pd.Series.idxmax, series, geography, since, until)


def _earliest(
    series: Thing, geography: Thing, since: Thing | None = None, until: Thing | None = None
) -> Value:
    """The observation with the first date; as `latest`.

    Raises
    ------
    ReceiptError
        As of `latest`.
    """
    return _extreme("date", pd.Series.idxmin, series, geography, since, until)


def _highest(
    series: Thing, geography: Thing, since: Thing | None = None, until: Thing | None = None
) -> Value:
    """The observation with the greatest value, the first of them if there are several; limits as of `latest`.

        highest("exports", "MY") == exports/MY/2022

    Raises
    ------
    ReceiptError
        As of `latest`.
    """
    return _extreme("value", pd.Series.idxmax, series, geography, since, until)


def _lowest(series: Thing, geography: Thing, since: Thing | None = None, until: Thing | None = None) -> Value:
    """The observation with the smallest value, the first of them if there are several; limits as of `latest`.

    Raises
    ------
    ReceiptError
        As of `latest`.
    """
    return _extreme("value", pd.Series.idxmin, series, geography, since, until)


def _extreme(
    column: str,
    pick: Callable[[pd.Series], Any],
    series: Thing,
    geography: Thing,
    since: Thing | None,
    until: Thing | None,
) -> Value:
    rows = _series_rows(series, geography)
    limits = [None if limit is None else _date(limit) for limit in (since, until)]
    rows = rows[periods.within(rows["period"], *limits)].dropna(subset=column)
    if rows.empty:
        raise ReceiptError(f"No dated observation of {series} for {geography} between these periods.")
    return Row("observations", rows["observation_id"].loc[pick(rows[column])]).field("value")


def _first_above(series: Thing, geography: Thing, threshold: Thing) -> Value:
    """The first period in which a series lies above a value: a date.

    A typed threshold has the unit of the series; any other must have its dimension.

        first_above("users", "MY", claims("some-promise").target_value) == "2022"

    Raises
    ------
    ReceiptError
        If the series never lies above it, or the dimensions differ.
    """
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
    """The year in which a date lies, as a number without unit; of a range, the year in which it ends.

        year(claims("some-promise").due_by)

    Raises
    ------
    ReceiptError
        If it is no date, or undated.
    """
    year = str(periods.bounds(_date(date))[1].year)
    return Number(float(year), recorded=year, rows=value_of(date).rows)


def _days(first: Thing, last: Thing) -> Value:
    """Days from one date to another; below zero if the second comes first.

    A date known to a month or a year counts from its first day. The result is compared with a typed number
    or with other days, not with months.

        days(claims("some-promise").due_by, places("a-hub").opened) == 33

    Raises
    ------
    ReceiptError
        If one is no date, or undated.
    """
    return _span(1, "days", first, last)


def _months(first: Thing, last: Thing) -> Value:
    """Months of 30.4375 days from one date to another; as `days`.

    Raises
    ------
    ReceiptError
        As of `days`.
    """
    return _span(30.4375, "months", first, last)


def _years(first: Thing, last: Thing) -> Value:
    """Years of 365.25 days from one date to another; as `days`.

    Raises
    ------
    ReceiptError
        As of `days`.
    """
    return _span(365.25, "years", first, last)


def _span(days_in: float, name: str, first: Thing, last: Thing) -> Value:
    start, end = (periods.bounds(_date(date))[0] for date in (first, last))
    unit = Unit(name, name, "", name, f"time_{name}", 1.0)
    return Number((end - start).days / days_in, unit, rows=value_of(first).rows + value_of(last).rows)


# --- places and numbers ---------------------------------------------------------------------------


def _distance(*ends: Thing) -> Value:
    """Geodesic distance in km (WGS 84) between two rows with `lat` and `lon`.

    Two rows of any tables, or a table and two keys of it:

        distance(capitals("MY"), cloud_regions("some-region"))
        distance("places", "a-hub", "b-hub")

    Raises
    ------
    ReceiptError
        If there are not two rows, or one has no coordinates.
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
    """A number without its unit, to set it beside a count.

        count("claims") > number(claims("some-promise").target_value)

    Raises
    ------
    ReceiptError
        If it is a text.
    """
    return dataclasses.replace(a_number(value_of(value)), unit=PLAIN, recorded=None)


def _abs(value: Thing) -> Value:
    """A number without its sign, in its unit.

    Raises
    ------
    ReceiptError
        If it is a text.
    """
    number = a_number(value_of(value))
    return dataclasses.replace(number, amount=abs(number.amount), recorded=None)


FUNCTIONS: dict[str, Callable[..., Value | list[Any]]] = {
    "count": _count,
    "distinct": _distinct,
    "keys": _keys,
    "total": _total,
    "latest": _latest,
    "earliest": _earliest,
    "highest": _highest,
    "lowest": _lowest,
    "first_above": _first_above,
    "year": _year,
    "days": _days,
    "months": _months,
    "years": _years,
    "distance": _distance,
    "number": _number,
    "abs": _abs,
}
