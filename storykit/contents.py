"""What something that was read holds now: who rests on it is stale when that changes."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path

from storykit import descriptor, disk, reads, tables, verdicts


def of(name: str) -> str:
    """Digest of a table or a part of one (see `reads`), as it is now; "gone" if it is not there."""
    kind, _, rest = name.partition(":")
    try:
        # A table is read as the descriptor says, so its description counts as much as its rows.
        described = " ".join(map(_description, reads.tables(name)))
        if rest:
            with reads.aside():
                return f"{_PARTS[kind](rest)} {described}"
        return f"{disk.digest(descriptor.path(name))} {described}"
    except Exception:  # a field that the descriptor has no more, a name that a damaged file spoilt
        return "gone"


def _row(name: str) -> str:
    table, _, key = name.partition(":")
    return _rows_by_name(table, *tables.state(table)).get(key, "gone")


def _column(name: str) -> str:
    table, _, field = name.partition(":")
    return _digest_of_column(table, field, *tables.state(table))


def _rows(name: str) -> str:
    table, _, query = name.partition("?")
    return _digest_of_rows(table, query, *tables.state(table))


def _decided(name: str) -> str:
    _, _, query = name.partition("?")
    found = verdicts.where(query)
    return _digest(found.to_csv())


_PARTS = {"row": _row, "column": _column, "rows": _rows, "decided": _decided}


@functools.lru_cache(maxsize=64)
def _rows_by_name(table: str, file: Path, modified: int) -> dict[str, str]:
    known = tables.records(table)
    return {reads.row(table, key).split(":", 2)[2]: _digest(repr(row)) for key, row in known.items()}


@functools.lru_cache(maxsize=256)
def _digest_of_column(table: str, field: str, file: Path, modified: int) -> str:
    return _digest(repr([(key, row.get(field)) for key, row in tables.records(table).items()]))


@functools.lru_cache(maxsize=1024)
def _digest_of_rows(table: str, query: str, file: Path, modified: int) -> str:
    known = tables.records(table)
    return _digest(repr([known[key] for key in tables.rows(table, query).index]))


@functools.lru_cache(maxsize=64)
def _description_of(descriptor_modified: int, table: str) -> str:
    return _digest(json.dumps(descriptor.resource(table)))


def _description(table: str) -> str:
    return _description_of(descriptor.file().stat().st_mtime_ns, table)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
