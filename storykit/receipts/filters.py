"""Which rows of a table a count is of."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pandas as pd

from storykit import periods, project
from storykit.receipts.rows import field_of, load, possible_words, refuse_stranger
from storykit.receipts.values import PLAIN, Number, ReceiptError

WAYS = {
    "string": ("", "not", "from", "to", "has"),
    "number": ("", "not", "from", "to"),
    "boolean": ("", "not"),
    "list": ("has",),
}
"""Kind of field -> what may stand after its name and two underscores."""

SUFFIXES = {
    "": "the field holds this value, or one of a list",
    "not": "the field does not hold this value, or any of a list; an empty field fits",
    "from": "the number is not below this one; the period begins with this date or later",
    "to": "the number is not above this one; the period ends with this date or earlier",
    "has": "the text has this, or one of a list, as a part; the list has it as an entry",
}
"""What stands after a field's name and two underscores -> which rows fit."""

_TAKES = {"string": "a text in quotes", "number": "a number", "boolean": "True or False", "list": "a text"}
_TYPES = {"string": str, "number": float, "boolean": bool, "list": str}


def filtered(table: str, filters: dict[str, Any], also: Collection[str] = ()) -> pd.DataFrame:
    """Rows of a table that fit all filters.

    A filter is `field=value` or a list of values, `field__not`, `field__from` and `field__to` (dates
    and numbers, both ends included), or `field__has` (a part of a list or text). `also` names further fields
    that the rows must have.

    Raises
    ------
    ReceiptError
        If a field does not exist, or could never hold what is asked for: such a filter is a mistake,
        and would count nothing without a word.
    project.DataError
        If there is no such table.
    """
    frame = load(table, [*also, *(written.partition("__")[0] for written in filters)])
    left = np.arange(len(frame))  # places of the rows that fit so far: the frame itself is cut only once
    for written, wanted in filters.items():
        name, _, way = written.partition("__")
        kind = _kind(field_of(table, name))
        _refuse_way(table, name, way, kind)
        options = [
            _option(table, written, kind, o) for o in (wanted if isinstance(wanted, list) else [wanted])
        ]
        _refuse_options(table, name, way, options)
        try:
            left = left[_FITS[way](frame[name].iloc[left], options).to_numpy(bool)]
        except project.DataError as error:
            raise ReceiptError(f"{written}= of {table}: {error}") from error
    return frame.iloc[left]


def _kind(field: dict[str, Any]) -> str:
    if field["type"] == "integer":
        return "number"
    kind: str = field["type"]
    return kind if kind in WAYS else "string"


def _refuse_way(table: str, name: str, way: str, kind: str) -> None:
    if way not in WAYS[kind]:
        known = ", ".join(f"{name}__{w}=" if w else f"{name}=" for w in WAYS[kind])
        article = "a text" if kind == "string" else f"a {kind}" if kind != "boolean" else "true or false"
        raise ReceiptError(f"{table}.{name} holds {article}; it is filtered by {known}.")


def _option(table: str, written: str, kind: str, option: Any) -> str | float | bool:
    """What is asked for, as it can be compared with the cells: a text, a number, or True and False."""
    if isinstance(option, Number) and option.unit == PLAIN:
        option = option.amount
    wanted: type[str | float | bool] = _TYPES[kind]
    if not isinstance(option, wanted):
        raise ReceiptError(f"{written}= of {table} takes {_TAKES[kind]}.")
    return option


def _refuse_options(table: str, name: str, way: str, options: list[Any]) -> None:
    """Refuse what no cell could ever fit."""
    if not options:
        raise ReceiptError(f"An empty list fits no row; name at least one value for {table}.{name}.")
    if way in ("from", "to"):
        if len(options) > 1:
            raise ReceiptError(f"{name}__{way}= takes one value, not a list.")
        return
    for option in options:
        if not isinstance(option, str):
            continue
        if way == "has" and _kind(field_of(table, name)) == "string":
            words = possible_words(table, name)
            if words is not None and not any(option in word for word in words):
                raise ReceiptError(f"No word that may stand in {table}.{name} has {option!r} in it.")
        else:
            refuse_stranger(table, name, option)


def _from(column: pd.Series, options: list[Any]) -> pd.Series:
    if isinstance(options[0], str):
        return _dates_within(column, since=options[0])
    return _numbers(column, operator.ge, options[0])


def _to(column: pd.Series, options: list[Any]) -> pd.Series:
    if isinstance(options[0], str):
        return _dates_within(column, until=options[0])
    return _numbers(column, operator.le, options[0])


def _dates_within(column: pd.Series, **limits: str) -> pd.Series:
    known = column != ""
    return known & periods.within(column[known], **limits).reindex(column.index, fill_value=False)


def _numbers(column: pd.Series, compare: Callable[[pd.Series, float], pd.Series], edge: float) -> pd.Series:
    return compare(column, edge).fillna(False).astype(bool)


_FITS: dict[str, Callable[[pd.Series, list[Any]], pd.Series]] = {
    "": lambda column, options: column.isin(options),
    "not": lambda column, options: ~column.isin(options),
    "from": _from,
    "to": _to,
    "has": lambda column, options: column.map(lambda cell: any(o in cell for o in options)).astype(bool),
}
