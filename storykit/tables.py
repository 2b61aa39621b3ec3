"""The tables of `data/`, typed as the descriptor says. This module only loads.

Every read is remembered (`storykit.reads`), so that a build can find out what a chapter rests on.
"""

from __future__ import annotations

import ast
import functools
import os
from collections.abc import Callable, Hashable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from storykit import descriptor, disk, periods, project, reads
from storykit.project import DataError

if TYPE_CHECKING:
    import geopandas


def state(name: str) -> tuple[Path, int]:
    """A table's file and when it was last written (ns): the key of whatever is kept of it in memory."""
    file = descriptor.path(name)
    return file, os.stat(file).st_mtime_ns


def files(names: Iterable[str]) -> dict[str, str]:
    """Digests of the files of tables, and of the descriptor (""); "gone" if there is no such table any more."""
    known = descriptor.names()
    return {"": disk.digest(descriptor.file())} | {
        name: disk.digest(descriptor.path(name)) if name in known else "gone" for name in names
    }


@functools.lru_cache(maxsize=64)
def _raw(file: Path, modified: int) -> pd.DataFrame:
    return pd.read_csv(file, dtype=str, keep_default_na=False, na_filter=False, encoding="utf-8")


def raw(name: str) -> pd.DataFrame:
    """A table with every cell as the text that stands in the file (all columns `str`)."""
    reads.remember(name)
    return _raw(*state(name))


def _listed(columns: pd.DataFrame) -> list[dict[str, str]]:
    names = list(columns.columns)
    return [dict(zip(names, cells, strict=True)) for cells in columns.itertuples(index=False, name=None)]


def listed(name: str) -> list[dict[str, str]]:
    """A table as [{field: text as recorded}], in the order of the file."""
    return _listed(raw(name))


@functools.lru_cache(maxsize=64)
def _records(name: str, file: Path, modified: int) -> dict[Any, dict[str, str]]:
    columns = _raw(file, modified)
    keys = [columns[k] for k in descriptor.primary_key(name)]
    index = keys[0] if len(keys) == 1 else zip(*keys, strict=True)
    return dict(zip(index, _listed(columns), strict=True))


class Records(Mapping[Any, dict[str, str]]):
    """A table as {primary key: {field: text as recorded}}; who asks for a row has read that row, and no other."""

    def __init__(self, table: str, held: dict[Any, dict[str, str]]) -> None:
        self._table, self._held = table, held

    def __getitem__(self, key: Any) -> dict[str, str]:
        reads.remember(reads.row(self._table, key))
        return self._held[key]

    def __contains__(self, key: object) -> bool:
        reads.remember(reads.row(self._table, key))
        return key in self._held

    def __iter__(self) -> Iterator[Any]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def keys(self) -> KeysView[Any]:
        return self._whole().keys()

    def values(self) -> ValuesView[dict[str, str]]:
        return self._whole().values()

    def items(self) -> ItemsView[Any, dict[str, str]]:
        return self._whole().items()

    def _whole(self) -> dict[Any, dict[str, str]]:
        reads.remember(self._table)
        return self._held


def records(name: str) -> Records:
    """A table as {primary key: {field: text as recorded}}; a key of several fields is a tuple."""
    return Records(name, _records(name, *state(name)))


_BOOLEANS = {"true": True, "false": False}


def _typed(column: pd.Series, field: dict[str, Any]) -> pd.Series:
    kind = field["type"]
    empty = column == ""
    if kind == "number":
        return pd.to_numeric(column.mask(empty), errors="raise").astype("float64")
    if kind == "integer":
        return pd.to_numeric(column.mask(empty), errors="raise").astype("Int64")
    if kind == "boolean":
        return column.mask(empty).map(_BOOLEANS).astype("boolean")
    if kind == "list":
        delimiter = field.get("delimiter", ",")
        return column.map(lambda cell: [part for part in cell.split(delimiter) if part]).astype(object)
    return column


@functools.lru_cache(maxsize=64)
def _load(name: str, file: Path, modified: int) -> pd.DataFrame:
    return _of_texts(name, _raw(file, modified))


def _of_texts(name: str, text: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table, typed, from their cells as texts."""
    frame = pd.DataFrame({f["name"]: _typed(text[f["name"]], f) for f in descriptor.fields(name)})
    frame = frame.set_index(descriptor.primary_key(name), drop=False)
    frame.index.names = [None] * frame.index.nlevels
    return frame


def load(name: str) -> pd.DataFrame:
    """A table, one row per record, columns typed as the descriptor says.

    Numbers are float64, integers Int64, booleans nullable boolean, lists Python lists of text;
    dates stay ISO 8601 text because many are known to the month or year only. The index is the
    primary key. An empty cell is NaN/NA in numeric columns and "" in text columns.

    Raises
    ------
    DataError
        If the descriptor has no such table.
    """
    reads.remember(name)
    # pandas copies on write, so a shallow copy keeps the remembered table safe from its readers.
    return _load(name, *state(name)).copy(deep=False)


def rows(name: str, which: str | Iterable[Hashable]) -> pd.DataFrame:
    """Some rows of a table, as `load` gives them: who asks for these rests on them, not on the whole table.

    Parameters
    ----------
    which
        Keys, in the order wanted, or a condition as `DataFrame.query` takes it: `"kind == 'campus'"`.

    Raises
    ------
    DataError
        If there is no such table, or no row of such a key.
    """
    if isinstance(which, str):
        reads.remember(f"rows:{name}?{which}")
        where = _conditions(name, which) if is_large(name) else None
        return _load(name, *state(name)).query(which) if where is None else _some(name, where)
    keys = list(which)
    for key in keys:
        reads.remember(reads.row(name, key))
    frame = _some_of_keys(name, keys) if is_large(name) else _load(name, *state(name))
    if lost := [str(key) for key in keys if key not in frame.index]:
        raise DataError(f"{name} has no row {', '.join(lost)}.")
    return frame.loc[keys]


LARGE = 16 * 1024 * 1024
"""Bytes of a file of which some rows are read without the rest, from a copy by column (`columnar.texts`)."""


def is_large(name: str) -> bool:
    """Whether a table is one that pandas should not hold for the sake of a few rows."""
    return descriptor.path(name).stat().st_size > LARGE


def _some(name: str, where: Mapping[str, list[str]]) -> pd.DataFrame:
    from storykit import columnar  # a third of a second, for who reads a large table

    return _of_texts(name, columnar.texts(name, where))


def _some_of_keys(name: str, keys: list[Hashable]) -> pd.DataFrame:
    fields = descriptor.primary_key(name)
    if len(fields) > 1:
        return _load(name, *state(name))
    return _some(name, {fields[0]: [str(key) for key in keys]})


def _conditions(name: str, query: str) -> dict[str, list[str]] | None:
    """A condition as {field: the texts it may have}, if it is no more than that, of fields of text."""
    texts = {field["name"] for field in descriptor.fields(name) if field["type"] == "string"}
    found: dict[str, list[str]] = {}
    try:
        tree = ast.parse(query, mode="eval").body
        for part in tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]:
            match part:
                case ast.Compare(ast.Name(field), [ast.Eq()], [ast.Constant(str(text))]) if field in texts:
                    wanted = [text]
                case ast.Compare(ast.Name(field), [ast.In()], [ast.List() as listed]) if field in texts:
                    wanted = [str(ast.literal_eval(one)) for one in listed.elts]
                case _:
                    return None
            found[field] = [text for text in wanted if text in found.get(field, wanted)]
    except (SyntaxError, ValueError):
        return None  # pandas says what is wrong with it
    return found


def column(name: str, field: str) -> pd.Series:
    """One field of all rows of a table, by their keys, as `load` gives it.

    Raises
    ------
    DataError
        If there is no such table.
    """
    reads.remember(f"column:{name}:{field}")
    return _load(name, *state(name))[field].copy(deep=False)


def observations(
    *series: str,
    geography: str | list[str] | None = None,
    lead: bool = True,
    since: str | None = None,
    until: str | None = None,
) -> pd.DataFrame:
    """Rows of `observations` of the named series, with label, unit and basis of their series.

    Parameters
    ----------
    series
        One or more `series_id`.
    geography
        Keep only these geographies (code or list of codes).
    lead
        Keep only rows whose standing is `lead`; False keeps the alternatives too.
    since, until
        Keep periods that lie within these two (see `periods.within`).

    Returns
    -------
    DataFrame sorted by series, geography and period, with the columns of `observations` and
    `label`, `unit`, `basis`, `line`, `name` (of the geography), `date` (timestamp, the middle of
    the period, for drawing) and `recorded` (the value as the text that stands in the file).

    Raises
    ------
    DataError
        If a series does not exist, a limit is no period, or no row is left.
    """
    known = records("series")
    if missing := [s for s in series if s not in known]:
        raise DataError(f"No series {', '.join(missing)} in data/tables/series.csv.")
    asked = f"series_id in {[*series]}"
    if geography is not None:
        asked += f" and geography in {[geography] if isinstance(geography, str) else list(geography)}"
    if lead:
        asked += " and standing == 'lead'"
    found = rows("observations", asked)
    found = found[periods.within(found["period"], since, until)]
    if found.empty:
        raise DataError(
            f"No observation of {', '.join(series)}"
            + (f" for {geography}" if geography else "")
            + " is left with these filters."
        )
    found = found.merge(
        rows("series", dict.fromkeys(series))[_OF_SERIES].reset_index(drop=True),
        on="series_id",
    )
    places = records("geographies")
    names = {code: places[code]["name"] for code in found["geography"].unique() if code in places}
    found["name"] = found["geography"].map(names)
    found["recorded"] = _recorded("observations", list(found["observation_id"]), "value")
    found["date"] = found["period"].map(periods.middle)
    found["order"] = found["series_id"].map({s: i for i, s in enumerate(series)})
    found = found.sort_values(["order", "geography", "date", "period"], kind="stable")
    return found.drop(columns="order").reset_index(drop=True)


def _recorded(name: str, keys: list[str], field: str) -> list[str]:
    """A field of rows that are there, as the text in the file."""
    if not is_large(name):
        known = _records(name, *state(name))
    else:
        from storykit import columnar

        key = descriptor.primary_key(name)[0]
        known = {row[key]: row for row in _listed(columnar.texts(name, {key: keys}))}
    return [known[key][field] for key in keys]


_OF_SERIES = ["series_id", "label", "unit", "basis", "line"]


def geometry(name: str) -> geopandas.GeoDataFrame:
    """A geometry of `data/geo/` as a GeoDataFrame (EPSG:4326), indexed by `geography`.

    Raises
    ------
    DataError
        If there is no such file.
    """
    import geopandas

    file = project.root() / "data" / "geo" / f"{name}.geojson"
    if not file.is_file():
        raise DataError(f"There is no geometry data/geo/{name}.geojson.")
    reads.remember(f"geo:{name}")
    return _geometry(geopandas.read_file, file, file.stat().st_mtime_ns).copy()


@functools.lru_cache(maxsize=8)
def _geometry(
    read: Callable[[Path], geopandas.GeoDataFrame], file: Path, modified: int
) -> geopandas.GeoDataFrame:
    return read(file).set_index("geography", drop=False).rename_axis(None)
