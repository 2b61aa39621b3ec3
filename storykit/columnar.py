"""Tables by column: typed once in a database in memory, written as Parquet. The one room that knows DuckDB.

The database reads the files itself, so that a table may be larger than what pandas should hold. It works in one
thread and reaches for no extension: the same table gives the same bytes, without a network.
"""

from __future__ import annotations

import contextlib
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from storykit import descriptor, reads

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


@contextlib.contextmanager
def opened(*names: str) -> Iterator[Database]:
    """A database that holds these tables, typed as the descriptor says, in the order of their files.

    Whole days are dates, lists lists of text (empty where the cell is), and any other empty cell is null. DuckDB writes
    a column as nullable if it holds a null, so one that must not be empty never is.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(":memory:", config=settings) as database:
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
    file, fields = descriptor.path(name), descriptor.fields(name)
    columns = [f"{_name(f['name'])} {sql_type(f)}{'' if nullable(f) else ' NOT NULL'}" for f in fields]
    with open(file, newline="", encoding="utf-8") as stream:
        header = next(csv.reader(stream))
    texts = json.dumps(dict.fromkeys(header, "VARCHAR"))
    form = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = ''"
    database.execute(f"CREATE TABLE {_name(name)} ({', '.join(columns)})")
    database.execute(
        f"INSERT INTO {_name(name)} SELECT {', '.join(map(_cell, fields))} "
        f"FROM read_csv({_text(str(file))}, columns = {texts}, allow_quoted_nulls = true, {form})"
    )


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
