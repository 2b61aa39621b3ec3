"""How else the rows of a line chart can be counted: each line against its own start, or money for each person.

A reader chooses; the chart by itself shows what was published. All numbers are worked out here, none in a page.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pandas as pd

from storykit import descriptor, receipts, tables
from storykit.forms.words import unit_of

NEEDED = {"series_id", "geography", "period", "value", "unit", "date", "line"}
"""Columns without which rows can be counted in one way only."""

STEEP = 20
"""An index whose highest value is so many times its lowest stands on a log axis."""

_LINE = ["series_id", "geography"]


@dataclasses.dataclass(frozen=True)
class Measure:
    """Another way to count.

    `key` names it in an address; `words` say what is drawn; `by` is the series of people that values were divided by,
    or ""; `rows` are as those of `lines`, with other values and units, fewer where one could not be counted so.
    """

    key: str
    words: str
    rows: pd.DataFrame
    log: bool = False
    by: str = ""


def of(rows: pd.DataFrame) -> Iterator[Measure]:
    """The other measures that the rows of a line chart allow.

    Parameters
    ----------
    rows
        As `tables.observations` returns them; where a column `broken` is true, no line comes to the row.
    """
    if set(rows.columns) >= NEEDED:
        rows = rows.dropna(subset=["value"])
        for measure in (indexed(rows), per_person(rows)):
            if measure is not None:
                yield measure


def indexed(rows: pd.DataFrame) -> Measure | None:
    """Each line with its value of one period as 100, the first that most of them have; None if none can be compared.

    A series whose values may not be joined has no index, and none goes over a break.
    """
    joined = rows[rows["line"].fillna(False).astype(bool)]
    joined = joined.assign(stretch=_stretches(joined))
    if (base := _base(joined)) is None:
        return None
    at = joined[(joined["period"] == base) & (joined["value"] > 0)]
    bases = at.drop_duplicates(_LINE).set_index([*_LINE, "stretch"])["value"].rename("base")
    found = joined.join(bases, on=[*_LINE, "stretch"], how="inner")
    if found.groupby(_LINE)["period"].nunique().max() < 2:
        return None
    counted = _counted(found, 100 * found["value"] / found["base"], "index").drop(columns=["stretch", "base"])
    low, high = counted["value"].min(), counted["value"].max()
    words = f"Index, {receipts.date_words(base)} = 100"
    return Measure("index", words, counted, log=low > 0 and high / low >= STEEP)


def per_person(rows: pd.DataFrame) -> Measure | None:
    """Money divided by the people of the same place and period; None if it is no money or no people were counted.

    Which series count people says `storykit:people` of the data package.
    """
    unit = unit_of(rows["unit"].iloc[0] if rows["unit"].nunique() == 1 else "")
    whole = next((name for name, row in tables.records("units").items() if _is_whole(row, unit)), "")
    series = descriptor.about("storykit:people", "")
    if not whole or not series:
        return None
    known = tables.records("observations")
    keys = series + "/" + rows["geography"] + "/" + rows["period"]
    people = pd.to_numeric(keys.map(lambda key: (known.get(key) or {}).get("value")))
    found = rows.assign(people=people).dropna(subset=["people"])
    if found["period"].nunique() < 2:
        return None
    each = found["value"] * unit.factor / found["people"]
    words = f"{unit_of(whole).label} for each person"
    return Measure("per-person", words, _counted(found, each, whole).drop(columns="people"), by=series)


def _is_whole(row: dict[str, str], unit: receipts.Unit) -> bool:
    """Whether a row of `units` is the currency itself that an amount of money is written in."""
    is_money = bool(unit.prefix) and not unit.suffix.startswith("a ")
    return (
        is_money and row["dimension"] == unit.dimension and float(row["factor"]) == 1 and bool(row["prefix"])
    )


def _stretches(rows: pd.DataFrame) -> pd.Series:
    """The number of the unbroken stretch of its line that each row is in."""
    if "broken" not in rows:
        return pd.Series(0, index=rows.index)
    return rows.sort_values("date").groupby(_LINE)["broken"].cumsum().reindex(rows.index).astype(int)


def _base(rows: pd.DataFrame) -> str | None:
    """The first period in which most lines have a value above zero; None if two lines never share one."""
    above = rows[rows["value"] > 0].drop_duplicates([*_LINE, "period"])
    lines = above.groupby(["date", "period"]).size()
    if lines.empty or lines.max() < min(2, len(rows[_LINE].drop_duplicates())):
        return None
    return str(lines.index[int(lines.argmax())][1])


def _counted(rows: pd.DataFrame, values: pd.Series, unit: str) -> pd.DataFrame:
    """Rows with other values, which are worked out and were recorded nowhere."""
    forecast = (
        rows["nature"].where(rows["nature"] == "forecast", "derived") if "nature" in rows else "derived"
    )
    return rows.assign(value=values.round(2), unit=unit, recorded="", nature=forecast)
