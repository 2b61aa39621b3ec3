"""What `data/datapackage.json` says: the tables, their files, fields and keys, and the package itself."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from storykit import project, reads


@functools.lru_cache(maxsize=8)
def _package(path: Path, modified: int) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return described


@functools.lru_cache(maxsize=8)
def _tables(path: Path, modified: int) -> dict[str, dict[str, Any]]:
    return {r["name"]: r for r in _package(path, modified)["resources"] if r.get("type") == "table"}


def package() -> dict[str, Any]:
    """The whole descriptor as a dictionary."""
    path = file()
    return _package(path, os.stat(path).st_mtime_ns)


def file() -> Path:
    """File of the descriptor."""
    return project.current().descriptor


def text(**changes: Any) -> str:
    """The descriptor as its file is written, with these properties changed."""
    return json.dumps(package() | changes, indent=1, ensure_ascii=False) + "\n"


def about(name: str, default: Any = None) -> Any:
    """What the descriptor says of the whole package under a name, such as `version`; remembered as a read.

    Raises
    ------
    KeyError
        If it says nothing under that name, and there is no default (`checks.check` demands what the site needs).
    """
    reads.remember(f"about:{name}")
    return package()[name] if default is None else package().get(name, default)


def names() -> list[str]:
    """Names of all tables, in the order of the descriptor."""
    return [r["name"] for r in package()["resources"] if r.get("type") == "table"]


def resource(name: str) -> dict[str, Any]:
    """The descriptor of one table.

    Raises
    ------
    DataError
        If the package has no table of that name; the message lists those it has.
    """
    path = file()
    if found := _tables(path, os.stat(path).st_mtime_ns).get(name):
        return found
    known = ", ".join(names())
    raise project.DataError(f"There is no table {name!r} in datapackage.json. There are: {known}.")


def path(name: str) -> Path:
    """File of a table."""
    return _place(file(), resource(name)["path"])


@functools.lru_cache(maxsize=256)
def _place(descriptor: Path, inside: str) -> Path:
    """Asked for at every look at a row, so put together once, as is `file`; `os.stat` takes half the time of `Path.stat`."""
    return descriptor.parent / inside


def fields(name: str) -> list[dict[str, Any]]:
    """Field descriptors of a table, in column order."""
    described: list[dict[str, Any]] = resource(name)["schema"]["fields"]
    return described


def primary_key(name: str) -> list[str]:
    """Names of the fields that identify a row."""
    key = resource(name)["schema"]["primaryKey"]
    return [key] if isinstance(key, str) else list(key)


def categories(table: str, field: str) -> dict[str, str]:
    """Value -> label of a field that may take certain values only; empty if the table has no such field."""
    found = next((f for f in fields(table) if f["name"] == field), {})
    return {category["value"]: category["label"] for category in found.get("categories", [])}


def language(table: str, field: str, record: Mapping[str, Any]) -> str:
    """Language (ISO 639-1) of the words in a field of a row, which another field names; "" for that of the page."""
    found = next((f for f in fields(table) if f["name"] == field), {})
    return str(record.get(found.get("storykit:languageField", ""), "") or "")
