"""Tables by column: typed once in a database in memory, written as Parquet. The one room that knows DuckDB.

The database reads the files itself, so that a table may be larger than what pandas should hold. It works in one
thread and reaches for no extension: the same table gives the same bytes, without a network.

Of a large table a copy by column is kept in `_build`, with every cell as the text that it is: who asks for some rows
(`texts`) has them without the table being read.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from storykit import descriptor, project, reads

VERSION = duckdb.__version__

Database = duckdb.DuckDBPyConnection

_TYPES = {
    "string": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "list": "VARCHAR[]",
}
_DAY = r"^\d{4}-\d{2}-\d{2}$"
"""The pattern of a field that holds whole days only; a year or a month alone is no date and stays text."""

_AT_ONCE = 10_000
"""Rows taken out of the database at once."""
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


@contextlib.contextmanager
def opened(*names: str) -> Iterator[Database]:
    """A database that holds these tables, typed as the descriptor says, in the order of their files.

    Whole days are dates, lists lists of text (empty where the cell is), and any other empty cell is null. DuckDB writes
    a column as nullable if it holds a null, so one that must not be empty never is.
    """
    with duckdb.connect(":memory:", config=_SETTINGS) as database:
        for name in names:
            _add(database, name)
        yield database


def sql_type(field: dict[str, Any]) -> str:
    """What a field is in SQL and in Parquet."""
    return "DATE" if field.get("constraints", {}).get("pattern") == _DAY else _TYPES[field["type"]]


def nullable(field: dict[str, Any]) -> bool:
    """Whether a field may be null."""
    return field["type"] != "list" and not field.get("constraints", {}).get("required", False)


def rows(database: Database, name: str) -> Iterator[dict[str, Any]]:
    """All rows of a table of the database, as {field: value}."""
    fields = [field["name"] for field in descriptor.fields(name)]
    found = database.execute(f"SELECT * FROM {_name(name)}")
    while some := found.fetchmany(_AT_ONCE):
        yield from (dict(zip(fields, row, strict=True)) for row in some)


def write_parquet(database: Database, name: str, file: Path, metadata: dict[str, str]) -> None:
    """A table of the database as a Parquet file; `metadata` are key and value of what is said of it."""
    said = ", ".join(f"{_name(key)}: {_text(value)}" for key, value in metadata.items())
    options = f"FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{said}}}"
    database.execute(f"COPY {_name(name)} TO {_text(str(file))} ({options})")


def _add(database: Database, name: str) -> None:
    reads.remember(name)
    fields = descriptor.fields(name)
    columns = [f"{_name(f['name'])} {sql_type(f)}{'' if nullable(f) else ' NOT NULL'}" for f in fields]
    database.execute(f"CREATE TABLE {_name(name)} ({', '.join(columns)})")
    database.execute(f"INSERT INTO {_name(name)} SELECT {', '.join(map(_cell, fields))} FROM {_csv(name)}")


def _csv(name: str) -> str:
    """The file of a table as SQL reads it: every cell a text, an empty one null."""
    file = descriptor.path(name)
    with open(file, newline="", encoding="utf-8") as stream:
        header = next(csv.reader(stream))
    columns = json.dumps(dict.fromkeys(header, "VARCHAR"))
    form = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = ''"
    return f"read_csv({_text(str(file))}, columns = {columns}, allow_quoted_nulls = true, {form})"


def _cell(field: dict[str, Any]) -> str:
    text = _name(field["name"])
    if field["type"] == "list":
        return f"coalesce(string_split({text}, {_text(field.get('delimiter', ','))}), [])"
    return f"CAST({text} AS {sql_type(field)})"


def _name(name: str) -> str:
    """A name as SQL takes any."""
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    """A text as SQL takes any."""
    return "'" + text.replace("'", "''") + "'"


# --- some rows of a large table ---------------------------------------------------------------------


def texts(name: str, where: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Rows of a table whose fields have one of these texts, every cell as the text in the file, in the file's order."""
    try:
        return _texts(_by_column(name), name, where)
    except duckdb.Error:  # a copy that is damaged
        _by_column(name).unlink(missing_ok=True)  # another reader may have met it, too
        return _texts(_by_column(name), name, where)


def _texts(copy: Path, name: str, where: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    fields = [field["name"] for field in descriptor.fields(name)]
    shown = ", ".join(f"coalesce({_name(field)}, '')" for field in fields)
    wanted = " AND ".join(f"coalesce({_name(field)}, '') IN {_list(found)}" for field, found in where.items())
    with duckdb.connect(":memory:", config=_SETTINGS) as database:
        found = database.execute(
            f"SELECT {shown} FROM {_text(str(copy))} WHERE {wanted or 'true'}"
        ).fetchall()
    columns = zip(*found, strict=True) if found else [()] * len(fields)
    return pd.DataFrame(
        {field: pd.Series(cells, dtype="str") for field, cells in zip(fields, columns, strict=True)}
    )


def _list(texts: Sequence[str]) -> str:
    return f"({', '.join(map(_text, texts)) or 'NULL'})"


def _by_column(name: str) -> Path:
    """A table by column, with its cells as texts; made once for each state of its file."""
    stat = descriptor.path(name).stat()
    folder = project.root() / "_build" / ".storykit" / "by-column"
    place = folder / f"{name}-{stat.st_size}-{stat.st_mtime_ns}.parquet"
    if not place.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{place.name}.{os.getpid()}"
        with duckdb.connect(":memory:", config=_SETTINGS) as database:
            database.execute(f"COPY (SELECT * FROM {_csv(name)}) TO {_text(str(part))} (FORMAT parquet)")
        for old in folder.glob(f"{name}-*.parquet"):
            old.unlink(missing_ok=True)
        part.replace(place)
    return place
