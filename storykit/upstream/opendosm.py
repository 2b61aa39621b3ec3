"""OpenDOSM, the open data of the Department of Statistics Malaysia: whole tables as files.

    GET {base}/{folder}/{id}.csv

The files are documented at https://open.dosm.gov.my/data-catalogue/{id}. There is a query interface beside
them (api.data.gov.my), limited to four requests a minute; a file is one request for the whole series. Each
file exists as CSV and as Parquet with the same columns: CSV needs no further package and carries the digits
as they were written. The portal asks for the credit "Data source: Department of Statistics Malaysia".
"""

from __future__ import annotations

import dataclasses
import datetime
import os
import re
from collections import defaultdict
from decimal import Decimal
from typing import Any

from storykit.upstream import numbers
from storykit.upstream.apply import Batch, Known, Row
from storykit.upstream.http import Client, Say, Unreachable, UpstreamError

BASE = "https://storage.dosm.gov.my"
"""Overridden by the environment variable STORYKIT_OPENDOSM_URL."""
PAGE = "https://open.dosm.gov.my/data-catalogue/{id}"
"""Address of a table for people: the source of its rows is the one with this address."""
COUNTRY = "MY"
OTHER_NAMES = {"Pulau Pinang": "Penang"}
"""Names of states in the files -> names in `geographies`; a leading `W.P. ` (federal territory) goes too."""
NO_PLACES = {"Supranational"}
"""Rows of the state tables that are about no state: output that cannot be attributed to one."""
PROVISIONAL = "Provisional: the last two months are revised."
SUMMED = "Sum of the twelve official months."


@dataclasses.dataclass(frozen=True)
class Measure:
    """A column of a file: which rows count, the unit of the series it feeds, and the factor to get there."""

    column: str
    unit: str
    factor: Decimal = Decimal(1)
    where: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A file. `place` is the column with the state, None where the whole country is meant.

    `measures` are told apart by a word that stands in the name of the series (the longest that fits), or
    by `opendosm:id#word` in its `upstream`.
    """

    folder: str
    measures: dict[str, Measure]
    place: str | None = None
    monthly: bool = False


_RM_BILLION = Decimal("1e-9")
_ALL = (("sex", "both"), ("age", "overall"), ("ethnicity", "overall"))
DATASETS = {
    "trade_headline": Dataset(
        "trade",
        {
            name: Measure(name, "myr_billion", _RM_BILLION, (("series", "abs"),))
            for name in ("exports", "imports", "total")
        },
        monthly=True,
    ),
    "population_state": Dataset(
        "population",
        {
            "population": Measure("population", "people", Decimal(1000), _ALL),
        },
        place="state",
    ),
    "gdp_state_real_supply": Dataset(
        "gdp",
        {
            "real": Measure("value", "myr_million", where=(("series", "abs"), ("sector", "p0"))),
            "growth": Measure("value", "percent", where=(("series", "growth_yoy"), ("sector", "p0"))),
        },
        place="state",
    ),
    "hies_state": Dataset(
        "hies",
        {
            "income_mean": Measure("income_mean", "myr_per_month"),
            "income_median": Measure("income_median", "myr_per_month"),
            "gini": Measure("gini", "index"),
            "poverty": Measure("poverty", "percent"),
        },
        place="state",
    ),
}
Values = dict[tuple[str, str], Decimal]
"""(geography, period) -> value."""


def fetch(known: Known, client: Client, retrieved_on: str, say: Say) -> Batch:
    """All series whose `upstream` is `opendosm:id`, each file read once.

    Raises
    ------
    Unreachable
        At the first request without connection. Everything else stands in `problems`, all of it.
    """
    batch = Batch(passing_notes=frozenset({PROVISIONAL}))
    wanted: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in known.series_of("opendosm"):
        wanted[entry["upstream"].partition(":")[2].partition("#")[0]].append(entry)
    for number, (name, series) in enumerate(sorted(wanted.items()), start=1):
        try:
            rows = _file(name, series, known, client, retrieved_on)
        except Unreachable:
            raise
        except UpstreamError as problem:
            about = ", ".join(entry["series_id"] for entry in series)
            batch.problems += [f"{about}: {words}" for words in problem.args]
            continue
        batch.rows += rows
        batch.answered |= {entry["series_id"] for entry in series}
        say(f"opendosm {number}/{len(wanted)} {name}: {len(rows)} rows for {len(series)} series")
    return batch


def _file(name: str, series: list[dict[str, Any]], known: Known, client: Client, day: str) -> list[Row]:
    if name not in DATASETS:
        raise UpstreamError(f"{name!r} is not a table this module knows; it knows {', '.join(DATASETS)}")
    source = known.source_at(PAGE.format(id=name))
    if source is None:
        raise UpstreamError(f"data/tables/sources.csv has no source with the address {PAGE.format(id=name)}")
    dataset = DATASETS[name]
    measures = {entry["series_id"]: _measure(name, dataset, entry) for entry in series}
    values = _read(name, dataset, set(measures.values()), known, client)
    rows = []
    for entry in series:
        rows += _rows(entry, values[measures[entry["series_id"]]], dataset, source, day)
    return rows


def _measure(name: str, dataset: Dataset, entry: dict[str, Any]) -> Measure:
    word = entry["upstream"].partition("#")[2]
    fitting = [word] if word else sorted((w for w in dataset.measures if w in entry["series_id"]), key=len)
    if not fitting or fitting[-1] not in dataset.measures:
        raise UpstreamError(
            f"{entry['series_id']} does not say what it takes from {name}; write its "
            f"upstream as opendosm:{name}#word with one of {', '.join(dataset.measures)}"
        )
    measure = dataset.measures[fitting[-1]]
    if measure.unit != entry["unit"]:
        raise UpstreamError(
            f"{entry['series_id']} is in {entry['unit']}, {fitting[-1]} of {name} in {measure.unit}"
        )
    return measure


def _read(
    name: str, dataset: Dataset, measures: set[Measure], known: Known, client: Client
) -> dict[Measure, Values]:
    """One pass over the file for all measures wanted from it."""
    url = f"{os.environ.get('STORYKIT_OPENDOSM_URL', BASE)}/{dataset.folder}/{name}.csv"
    columns = {"date", *(m.column for m in measures), *(c for m in measures for c, _ in m.where)}
    columns |= {dataset.place} if dataset.place else set()
    places = {row["name"]: row["geography"] for row in known["geographies"]}
    cells: dict[tuple[Measure, str, str], str] = {}
    problems: dict[str, None] = {}
    for row in client.csv(url, tuple(sorted(columns))):
        place = _place(row[dataset.place], places) if dataset.place else COUNTRY
        wanted = [m for m in measures if all(row[column] == word for column, word in m.where)]
        if place is None or not wanted:
            continue
        try:
            period = _period(row["date"], dataset.monthly)
        except ValueError as problem:
            problems[f"{url}: {problem}"] = None
            continue
        for measure in wanted:
            if (measure, place, period) in cells:
                problems[f"{url}: {measure.column} stands twice for {place} {period}."] = None
            cells[measure, place, period] = row[measure.column]
    values: dict[Measure, Values] = {measure: {} for measure in measures}
    for (measure, place, period), text in cells.items():
        try:
            if text != "":
                values[measure][place, period] = numbers.read(text) * measure.factor
        except numbers.NotANumber as problem:
            problems[f"{url}: {place} {period}: {measure.column} {problem}."] = None
    if problems:
        raise UpstreamError(*problems)
    _refuse_empty(url, values)
    return values


def _refuse_empty(url: str, values: dict[Measure, Values]) -> None:
    """A filter that no row passes means that the words in a column have changed, not that all is gone."""
    for measure, found in values.items():
        if not found:
            where = "".join(f", {column} {word!r}" for column, word in measure.where)
            raise UpstreamError(
                f"{url}: no row has a value in {measure.column}{where}. The upstream has changed its file."
            )


def _place(name: str, places: dict[str, str]) -> str | None:
    """Our code of a state; None for no state; an unknown name itself, which `apply` then refuses."""
    if name in NO_PLACES:
        return None
    plain = name.removeprefix("W.P. ")
    return places.get(OTHER_NAMES.get(plain, plain), name)


def _period(date: str, monthly: bool) -> str:
    try:
        if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", date):
            raise ValueError
        datetime.date.fromisoformat(date)
    except ValueError:
        raise ValueError(f"{date!r} is not a date such as 2024-01-01.") from None
    return date[:7] if monthly else date[:4]


def _rows(entry: dict[str, Any], values: Values, dataset: Dataset, source: str, day: str) -> list[Row]:
    name = entry["series_id"]
    if not dataset.monthly:
        return [Row(name, *thing, value, source) for thing, value in values.items()]
    # Months to come are no data yet: they count neither for the edition nor in a sum. `apply` tells of them.
    past = {(place, period): value for (place, period), value in values.items() if period <= day[:7]}
    edition = f"data to {max((period for _, period in past), default=day[:7])}"
    if entry["frequency"] == "monthly":
        last_two = set(sorted({period for _, period in past})[-2:])
        return [
            Row(
                name,
                place,
                period,
                value,
                source,
                vintage=edition,
                note=PROVISIONAL if period in last_two else "",
            )
            for (place, period), value in values.items()
        ]
    return [
        Row(name, place, year, total, source, nature="derived", vintage=edition, note=SUMMED)
        for (place, year), total in _years(past).items()
    ]


def _years(values: Values) -> Values:
    """Sums of the years that have all twelve months."""
    months: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for (place, period), value in values.items():
        months[place, period[:4]].append(value)
    return {thing: sum(found, Decimal(0)) for thing, found in months.items() if len(found) == 12}
