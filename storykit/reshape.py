"""Rows in other shapes, as forms draw them: counted, paired, traced to the top, sorted into classes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dictionaries by column, with the types that the frame gives them."""
    return [dict(zip(map(str, rows.columns), values)) for values in rows.itertuples(index=False, name=None)]


def counts(rows: pd.DataFrame, down: str, across: str) -> pd.DataFrame:
    """How many rows there are of each value of two columns.

    Returns
    -------
    One row for each value of `down` (a column of texts), one column for each value of `across`, in their order; all
    categories of an ordered column, even without a row. NaN, not zero, where there is none.
    """
    found = pd.crosstab(rows[down], rows[across], dropna=False)
    found.index, found.columns = pd.Index(map(str, found.index)), pd.Index(map(str, found.columns))
    return found.where(found > 0).rename_axis(down).reset_index()


def one_by_one(rows: pd.DataFrame) -> Iterator[Any]:
    """Rows one after the other, as `itertuples` gives them.

    What type a column has is said by the data's descriptor and not by the code: to a type checker it is open.
    """
    yield from rows.itertuples()


def pairs(rows: pd.DataFrame, within: str, key: str) -> pd.DataFrame:
    """Every two rows that share `within`, each pair once; the columns of the second end in `_other`."""
    both = rows.merge(rows, on=within, suffixes=("", "_other"))
    return both[both[key] < both[f"{key}_other"]].reset_index(drop=True)


def gaps(days: Sequence[pd.Timestamp]) -> list[bool]:
    """Of each but the first of some days in order: whether a regular row of days misses one before it."""
    steps = [(after - before).days for before, after in itertools.pairwise(days)]
    usual = sorted(steps)[len(steps) // 2] if steps else 0
    return [step > 1.6 * usual for step in steps]


def tops(rows: pd.DataFrame, parent: str) -> pd.Series:
    """The key at the top of each row's chain of parents; of a row without a parent ("") its own.

    Parameters
    ----------
    rows
        Indexed by their key, as `tables.load` gives them.
    """
    above = rows[parent].where(rows[parent] != "", rows.index.to_series())
    top = above
    for _ in rows.index:  # a chain is no longer than the table
        if (step := top.map(above)).equals(top):
            break
        top = step
    return top


def classed(keys: pd.Series, rows: pd.DataFrame, classes: dict[str, str], rest: str) -> pd.Series:
    """The class of each key, as an ordered category: the first of which one of its rows is, else `rest`.

    Parameters
    ----------
    keys
        Named like the column of `rows` in which they stand.
    classes
        `{words: condition}`; a condition as `DataFrame.query` takes it.
    """
    order = [*classes, rest]
    found = pd.Series(rest, index=keys.index)
    for words, condition in reversed(classes.items()):
        found = found.mask(keys.isin(rows.query(condition)[keys.name]), words)
    return found.astype(pd.CategoricalDtype(order, ordered=True))
