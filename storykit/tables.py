"""The only door to `data/`: a table by name, typed as `datapackage.json` says, and checked.

Every read is remembered (`reads()`), so that a build can find out which tables a chapter rests on.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from storykit import errors

_reads: set[str] = set()
_reads_file: Path | None = None


class DataError(errors.UserError, ValueError):
    """Something about the data that a person has to put right; the message says what and where."""


def root() -> Path:
    """Folder of the project: the nearest one upwards that holds `data/datapackage.json`.

    The environment variable `STORYKIT_ROOT` overrides the search.

    Raises
    ------
    DataError
        If no such folder is found.
    """
    return _find_root(os.environ.get("STORYKIT_ROOT") or os.getcwd())


@functools.lru_cache(maxsize=32)
def _find_root(start: str) -> Path:
    here = Path(start).resolve()
    for folder in [here, *here.parents]:
        if (folder / "data" / "datapackage.json").is_file():
            return folder
    raise DataError(
        f"No data/datapackage.json in {here} or above it. "
        "Run the command inside the project, or set STORYKIT_ROOT to its folder."
    )


@contextlib.contextmanager
def reading(folder: str | Path) -> Iterator[None]:
    """Inside this context storykit reads the `data/` of `folder`."""
    before = os.environ.get("STORYKIT_ROOT")
    os.environ["STORYKIT_ROOT"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["STORYKIT_ROOT"]
        else:
            os.environ["STORYKIT_ROOT"] = before


@contextlib.contextmanager
def trying(files: Mapping[Path, str | bytes]) -> Iterator[None]:
    """Inside this context storykit reads a copy of `data/` in which these files have this content."""
    here = root()
    with tempfile.TemporaryDirectory(prefix="storykit-") as folder:
        shutil.copytree(here / "data", Path(folder, "data"))
        for file, content in files.items():
            Path(folder, file.relative_to(here)).write_bytes(_bytes(content))
        with reading(folder):
            yield


def write_whole(file: Path, content: str | bytes) -> None:
    """Write a file that is whole at every moment: aside first, then renamed over the old one."""
    write_together({file: content})


def write_together(files: Mapping[Path, str | bytes]) -> None:
    """As `write_whole`, for several files: none is renamed before all are written.

    A full disk then changes nothing. They are renamed in the order given.
    """
    aside = {file: file.with_name(f".{file.name}.new") for file in files}
    try:
        for file, part in aside.items():
            part.write_bytes(_bytes(files[file]))
            if file.exists():
                shutil.copymode(file, part)
        for file, part in aside.items():
            os.replace(part, file)
    finally:
        for part in aside.values():
            part.unlink(missing_ok=True)


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content


@functools.lru_cache(maxsize=8)
def _package(path: Path, modified: int) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def package() -> dict:
    """The descriptor `data/datapackage.json` as a dictionary."""
    path = package_file()
    return _package(path, path.stat().st_mtime_ns)


def package_file() -> Path:
    """File of the descriptor."""
    return root() / "data" / "datapackage.json"


def package_text(**changes) -> str:
    """The descriptor as its file is written, with these properties changed."""
    return json.dumps(package() | changes, indent=1, ensure_ascii=False) + "\n"


def about(name: str):
    """What the descriptor says of the whole package under a name, such as `version`; remembered as a read.

    Raises
    ------
    KeyError
        If it says nothing under that name (`checks.check` demands what the site needs).
    """
    remember(f"about:{name}")
    return package()[name]


def resource(name: str) -> dict:
    """The descriptor of one table.

    Raises
    ------
    DataError
        If the package has no table of that name; the message lists those it has.
    """
    for entry in package()["resources"]:
        if entry["name"] == name and entry.get("type") == "table":
            return entry
    known = ", ".join(names())
    raise DataError(f"There is no table {name!r} in datapackage.json. There are: {known}.")


def names() -> list[str]:
    """Names of all tables, in the order of the descriptor."""
    return [r["name"] for r in package()["resources"] if r.get("type") == "table"]


def path(name: str) -> Path:
    """File of a table."""
    return root() / "data" / resource(name)["path"]


def state(name: str) -> tuple[Path, int]:
    """A table's file and when it was last written (ns): the key of whatever is kept of it in memory."""
    file = path(name)
    return file, file.stat().st_mtime_ns


def fields(name: str) -> list[dict]:
    """Field descriptors of a table, in column order."""
    return resource(name)["schema"]["fields"]


def primary_key(name: str) -> list[str]:
    """Names of the fields that identify a row."""
    key = resource(name)["schema"]["primaryKey"]
    return [key] if isinstance(key, str) else list(key)


def reads() -> list[str]:
    """Names of the tables (and geometries) read so far in this process, sorted."""
    return sorted(_reads)


def remember(name: str) -> None:
    """Note that `name` was read, and write the list down if a build asked for it."""
    if name in _reads:
        return
    _reads.add(name)
    if _reads_file is not None:
        modules = {name.split(".")[1] for name in sys.modules if name.startswith("storykit.")}
        lines = [*reads(), *sorted(f"module:{name}" for name in modules)]
        _reads_file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def is_build() -> bool:
    """Whether a build of the site runs this process (it asks for the list of reads)."""
    return "STORYKIT_READS" in os.environ


def reads_folder() -> Path:
    """Where builds keep what each reader (a chapter) read last: `<reader>.txt`, one name a line."""
    return root() / "_build" / ".storykit" / "reads"


def readers(names: Iterable[str]) -> list[str]:
    """Readers that last read one of these tables, sorted; none before the first build."""
    lists = {file.stem: file.read_text(encoding="utf-8").split() for file in reads_folder().glob("*.txt")}
    return sorted(reader for reader, read in lists.items() if {*names} & {*read})


def start_reads(reader: str) -> None:
    """Begin a new list of reads for `reader` (a chapter).

    If the environment variable STORYKIT_READS names a folder, the list is kept there as
    `<reader>.txt`: that is how a build finds out what a chapter rests on.
    """
    global _reads_file
    _reads.clear()
    folder = os.environ.get("STORYKIT_READS")
    _reads_file = Path(folder) / f"{reader}.txt" if folder and reader else None


@functools.lru_cache(maxsize=64)
def _raw(file: Path, modified: int) -> pd.DataFrame:
    return pd.read_csv(file, dtype=str, keep_default_na=False, na_filter=False, encoding="utf-8")


def raw(name: str) -> pd.DataFrame:
    """A table with every cell as the text that stands in the file (all columns `str`)."""
    remember(name)
    return _raw(*state(name))


@functools.lru_cache(maxsize=64)
def _records(name: str, file: Path, modified: int) -> dict:
    columns = _raw(file, modified)
    keys = [columns[k] for k in primary_key(name)]
    index = keys[0] if len(keys) == 1 else zip(*keys, strict=True)
    return dict(zip(index, columns.to_dict("records"), strict=True))


def records(name: str) -> dict:
    """A table as {primary key: {field: text as recorded}}; a key of several fields is a tuple."""
    remember(name)
    return _records(name, *state(name))


_BOOLEANS = {"true": True, "false": False}


def _typed(column: pd.Series, field: dict) -> pd.Series:
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
        return column.map(lambda cell: [part for part in cell.split(delimiter) if part])
    return column


@functools.lru_cache(maxsize=64)
def _load(name: str, file: Path, modified: int) -> pd.DataFrame:
    text = _raw(file, modified)
    frame = pd.DataFrame({f["name"]: _typed(text[f["name"]], f) for f in fields(name)})
    frame = frame.set_index(primary_key(name), drop=False)
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
    remember(name)
    # pandas copies on write, so a shallow copy keeps the remembered table safe from its readers.
    return _load(name, *state(name)).copy(deep=False)


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
        Keep periods that lie within these two (see `within`).

    Returns
    -------
    DataFrame sorted by series, geography and period, with the columns of `observations` and
    `label`, `unit`, `basis`, `line`, `name` (of the geography) and `date` (timestamp, the
    middle of the period, for drawing).

    Raises
    ------
    DataError
        If a series does not exist, a limit is no period, or no row is left.
    """
    known = load("series")
    missing = [s for s in series if s not in known.index]
    if missing:
        raise DataError(f"No series {', '.join(missing)} in data/tables/series.csv.")
    rows = load("observations")
    rows = rows[rows["series_id"].isin(series)]
    if geography is not None:
        wanted = [geography] if isinstance(geography, str) else list(geography)
        rows = rows[rows["geography"].isin(wanted)]
    if lead:
        rows = rows[rows["standing"] == "lead"]
    rows = rows[within(rows["period"], since, until)]
    if rows.empty:
        raise DataError(
            f"No observation of {', '.join(series)}"
            + (f" for {geography}" if geography else "")
            + " is left with these filters."
        )
    rows = rows.merge(
        known[["series_id", "label", "unit", "basis", "line"]].reset_index(drop=True),
        on="series_id",
    )
    places = load("geographies")["name"]
    rows["name"] = rows["geography"].map(places)
    rows["date"] = rows["period"].map(period_middle)
    rows["order"] = rows["series_id"].map({s: i for i, s in enumerate(series)})
    rows = rows.sort_values(["order", "geography", "date", "period"], kind="stable")
    return rows.drop(columns="order").reset_index(drop=True)


def within(periods: pd.Series, since: str | None = None, until: str | None = None) -> pd.Series:
    """Which periods begin no earlier than `since` and end no later than `until` (both are periods).

    Days are compared, never texts: `FY2026` does not lie after 2030. `undated` lies within no limit.

    Raises
    ------
    DataError
        If a limit or one of the periods is no period.
    """
    fits = pd.Series(True, index=periods.index)
    if since is not None:
        first = period_bounds(since)[0]
        fits &= periods.map(lambda period: period_bounds(period)[0] >= first).astype(bool)
    if until is not None:
        last = period_bounds(until)[1]
        fits &= periods.map(lambda period: period_bounds(period)[1] <= last).astype(bool)
    return fits


@functools.lru_cache(maxsize=4096)
def period_bounds(period: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day of a period (`2017`, `2017-Q1`, `2017-H2`, `FY2018`, `2017-05`, a day,
    or a range `A..B`). Fiscal years run from April of the year before to March (the convention
    of the companies in the data). `undated` gives NaT twice.

    Raises
    ------
    DataError
        If the text is no period.
    """
    if period == "undated":
        return pd.NaT, pd.NaT
    if ".." in period:
        first, last = period.split("..", 1)
        return period_bounds(first)[0], period_bounds(last)[1]
    try:
        if period.startswith("FY"):
            year = int(period[2:])
            return pd.Timestamp(year - 1, 4, 1), pd.Timestamp(year, 3, 31)
        if "-H" in period:
            year, half = int(period[:4]), int(period[-1])
            first = pd.Timestamp(year, 1 if half == 1 else 7, 1)
            return first, first + pd.DateOffset(months=6) - pd.Timedelta(days=1)
        if "-Q" in period:
            quarter = pd.Period(period.replace("-", ""), freq="Q")
            return quarter.start_time.normalize(), quarter.end_time.normalize()
        freq = {4: "Y", 7: "M", 10: "D"}[len(period)]
        span = pd.Period(period, freq=freq)
        return span.start_time.normalize(), span.end_time.normalize()
    except (KeyError, ValueError) as problem:
        raise DataError(f"{period!r} is not a period such as 2017, 2017-Q1 or 2017-05-13.") from problem


def period_middle(period: str) -> pd.Timestamp:
    """The middle day of a period; NaT for `undated`."""
    first, last = period_bounds(period)
    return first + (last - first) / 2


def geometry(name: str):
    """A geometry of `data/geo/` as a GeoDataFrame (EPSG:4326), indexed by `geography`.

    Raises
    ------
    DataError
        If there is no such file.
    """
    import geopandas

    file = root() / "data" / "geo" / f"{name}.geojson"
    if not file.is_file():
        raise DataError(f"There is no geometry data/geo/{name}.geojson.")
    remember(f"geo:{name}")
    return _geometry(geopandas.read_file, file, file.stat().st_mtime_ns).copy()


@functools.lru_cache(maxsize=8)
def _geometry(read, file: Path, modified: int):
    return read(file).set_index("geography", drop=False).rename_axis(None)
