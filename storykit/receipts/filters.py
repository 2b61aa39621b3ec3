"""Which rows of a table a count is of."""

from __future__ import annotations

import operator
from collections.abc import Callable

import pandas as pd

from storykit import tables, verdicts
from storykit.receipts.values import ReceiptError, Value


def filtered(table: str, filters: dict) -> pd.DataFrame:
    """Rows that fit: `field=value` or a list of values, and `field__from`, `field__to` (texts and
    numbers, dates to the precision given, both ends included), `field__has` (a part of a list or
    text), `field__not`."""
    frame = verdicts.all_verdicts() if table == "claims" else tables.load(table)
    for filter_name, wanted in filters.items():
        name, _, how = filter_name.partition("__")
        if name not in frame.columns:
            raise ReceiptError(f"Table {table} has no field {name!r} to filter by.")
        if how not in _FITS:
            raise ReceiptError(
                f"{filter_name!r}: there are {', '.join(name + '__' + h for h in _FITS if h)}."
            )
        options = [_option(o) for o in (wanted if isinstance(wanted, list) else [wanted])]
        frame = frame[_FITS[how](frame[name], options)]
    return frame


def _option(value):
    return value.amount if isinstance(value, Value) else value


def _edge(column: pd.Series, edge, compare: Callable) -> pd.Series:
    if isinstance(edge, str):
        return (column != "") & compare(column.str[: len(edge)], edge)
    return compare(column, edge).fillna(False)


_FITS: dict[str, Callable] = {
    "": lambda column, options: column.isin(options),
    "not": lambda column, options: ~column.isin(options),
    "from": lambda column, options: _edge(column, options[0], operator.ge),
    "to": lambda column, options: _edge(column, options[0], operator.le),
    "has": lambda column, options: column.map(lambda cell: any(o in cell for o in options)),
}
