"""What something that was read holds now: who rests on it is stale when that changes."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from storykit import descriptor, disk, project, reads, tables, verdicts

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Rest:
    """What something that was worked out rests on: files of tables, and the parts of them that were read.

    While the files are the same, nobody looks at the parts; where a file is another, what was worked out holds if the
    parts of it are as they were.

    `files` has the digest of each table's file, and of the descriptor (""); `parts`, by table, what each part held, and
    under "" geometries and files beside the tables.
    """

    files: dict[str, str]
    parts: dict[str, dict[str, str]]

    @classmethod
    def on(cls, read: Iterable[str], same: Callable[[], bool] = lambda: True) -> Rest:
        """On these names (see `reads`); on the whole of a large table, whose rows are not looked at one by one.

        `same` says whether the data are still those that were read; if not, nobody knows what was, and it never holds.
        """
        parts: dict[str, dict[str, str]] = {}
        known = {*descriptor.names()}  # who asked for a table that is not there rests on that
        for name in sorted(read):
            for table in reads.tables(name):
                part = table if table in known and tables.is_large(table) else name
                parts.setdefault(table, {}).setdefault(part, of(part))
            if name.startswith(_BESIDE):
                parts.setdefault("", {})[name] = of(name)
        files = tables.files(filter(None, parts))
        return cls(files if same() else {}, parts)

    @property
    def of_tables(self) -> list[str]:
        """Names of the tables, in order."""
        return sorted(filter(None, self.parts))

    def now(self, look: Callable[[tuple[str, ...]], dict[str, str]] = tables.files) -> Rest | None:
        """The same with the files of now, if all parts are as they were; `look` is `tables.files`."""
        files = look(tuple(filter(None, self.parts)))
        others = [name for name, content in files.items() if self.files.get(name) != content]
        if "" in others or not all(
            of(name) == content
            for table in ("", *others)
            for name, content in self.parts.get(table, {}).items()
        ):
            return None
        return dataclasses.replace(self, files=files) if others else self


def heard(make: Callable[[], T]) -> tuple[T, Rest]:
    """What `make` gives, and what of the data it rests on."""
    every = descriptor.names()
    before = tables.files(every)
    with reads.apart() as read:  # several threads may each hear what is theirs
        found = make()
    for name in read:
        reads.remember(name)
    return found, Rest.on(read, lambda: tables.files(every) == before)


_BESIDE = ("geo:", "file:")


def of(name: str) -> str:
    """Digest of a table, a part of one, an answer, or a file (see `reads`), as it is now; "gone" if it is not there."""
    kind, _, rest = name.partition(":")
    if kind == "geo":
        return disk.digest(project.root() / "data" / "geo" / f"{rest}.geojson")
    if kind == "file":
        return disk.digest(project.root() / rest)
    try:
        # A table is read as the descriptor says, so its description counts as much as its rows.
        described = " ".join(map(_description, reads.tables(name)))
        if rest:
            with reads.aside():
                return f"{KINDS[kind](rest)} {described}"
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


KINDS: dict[str, Callable[[str], str]] = {
    "row": _row,
    "column": _column,
    "rows": _rows,
    "decided": _decided,
}
"""Kind of a part -> what it holds, by the rest of its name; `receipts` adds answers."""


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
