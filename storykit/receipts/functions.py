"""The functions of the language of receipts."""

from __future__ import annotations

import dataclasses
import functools
import operator
import re
from collections.abc import Callable

import pandas as pd

from storykit import tables
from storykit.receipts.filters import filtered
from storykit.receipts.rows import Row, value_of
from storykit.receipts.values import ReceiptError, Unit, Value, arithmetic, compare
from storykit.receipts.writing import write


def _count(table, **filters) -> Value:
    """How many rows of a table carry these values."""
    table = value_of(table).amount
    rows = filtered(table, filters)
    return Value(float(len(rows)), rows=_named(table, rows, _filter_fields(filters)))


def _distinct(table, field, **filters) -> Value:
    """How many different values a field has among these rows (empty cells not counted)."""
    table, field = value_of(table).amount, value_of(field).amount
    rows = filtered(table, filters)
    found = {v for v in rows[field] if v not in ("", None) and not pd.isna(v)}
    return Value(float(len(found)), rows=_named(table, rows, [field, *_filter_fields(filters)]))


def _filter_fields(filters: dict) -> list[str]:
    return [name.partition("__")[0] for name in filters]


def _named(table: str, rows: pd.DataFrame, fields: list[str]) -> tuple[tuple[str, str, str], ...]:
    """The cells that a count rests on; a count of none rests on the whole table, named by `*`."""
    fields = list(dict.fromkeys(fields)) or [""]
    cells = tuple((table, key_text(key), field) for key in rows.index for field in fields)
    return cells or ((table, "*", ""),)


def _total(table, field, **filters) -> Value:
    """The sum of a field over these rows; all of one unit, none empty."""
    table, field = value_of(table).amount, value_of(field).amount
    rows = filtered(table, filters)
    if rows.empty:
        raise ReceiptError(f"total({table!r}, {field!r}) has no rows to add.")
    values = [Row(table, key).field(field) for key in rows.index if not pd.isna(rows.at[key, field])]
    return functools.reduce(arithmetic(operator.add), values)


def key_text(key) -> str:
    return " / ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _series_rows(series, geography) -> pd.DataFrame:
    return tables.observations(value_of(series).amount, geography=value_of(geography).amount)


def _extreme(pick: Callable) -> Callable:
    def chosen(series, geography, **limits) -> Value:
        rows = _series_rows(series, geography)
        for side, fits in (("since", operator.ge), ("until", operator.le)):
            if side in limits:
                edge = str(value_of(limits[side]).amount).removesuffix(".0")
                rows = rows[fits(rows["period"].str[: len(edge)], edge)]
        if rows.empty:
            raise ReceiptError(f"No observation of {value_of(series).amount} between these periods.")
        return Row("observations", rows.loc[pick(rows), "observation_id"]).field("value")

    return chosen


def _first_above(series, geography, threshold) -> Value:
    """The first period in which a series lies above a value of the same dimension."""
    rows = _series_rows(series, geography)
    limit = value_of(threshold)
    for key in rows["observation_id"]:
        value = Row("observations", key).field("value")
        if compare(operator.gt)(value, limit):
            period = tables.records("observations")[key]["period"]
            return Value(period, recorded=period, rows=value.rows + limit.rows)
    raise ReceiptError(f"{value_of(series).amount} never lies above {write(limit)}.")


def _year(date) -> Value:
    value = value_of(date)
    match = re.search(r"\d{4}", str(value.amount))
    if not match:
        raise ReceiptError(f"{value.amount!r} holds no year.")
    return Value(float(match[0]), recorded=match[0], rows=value.rows)


def _span(days_in: float, name: str) -> Callable:
    def between(first, last) -> Value:
        """Time from one date to another; dates known to a month or year count from their first day."""
        first, last = value_of(first), value_of(last)
        start = tables.period_bounds(str(first.amount).removesuffix(".0"))[0]
        end = tables.period_bounds(str(last.amount).removesuffix(".0"))[0]
        unit_ = Unit(name, name, "", name, f"time_{name}", 1.0)
        return Value((end - start).days / days_in, unit_, rows=first.rows + last.rows)

    return between


def _distance(*ends) -> Value:
    """Geodesic distance between two rows with lat and lon, in km (WGS 84).

    Either `distance("places", "a", "b")`, or two rows of any tables:
    `distance(capitals("MY"), cloud_regions("b"))`.
    """
    from pyproj import Geod

    if len(ends) == 3:
        table = value_of(ends[0]).amount
        ends = tuple(Row(table, value_of(key).amount) for key in ends[1:])
    a, b = ends
    metres = Geod(ellps="WGS84").inv(*(float(row.text[field]) for row in (a, b) for field in ("lon", "lat")))[
        2
    ]
    km = Unit("km", "kilometres", "", "km", "metre", 1000.0)
    return Value(metres / 1000, km, rows=((a.table, a.key, "lat"), (b.table, b.key, "lat")))


FUNCTIONS: dict[str, Callable] = {
    "count": _count,
    "distinct": _distinct,
    "total": _total,
    "latest": _extreme(lambda rows: rows["date"].idxmax()),
    "earliest": _extreme(lambda rows: rows["date"].idxmin()),
    "highest": _extreme(lambda rows: rows["value"].idxmax()),
    "lowest": _extreme(lambda rows: rows["value"].idxmin()),
    "first_above": _first_above,
    "year": _year,
    "days": _span(1, "days"),
    "months": _span(30.4375, "months"),
    "years": _span(365.25, "years"),
    "distance": _distance,
    "abs": lambda v: dataclasses.replace(value_of(v), amount=abs(value_of(v).amount), recorded=None),
}
