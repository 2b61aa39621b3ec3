"""The data as one thing to take: every table as CSV, Parquet and JSON, with readme, licence and checksums.

The files lie in `_build/.storykit/package`, each made again only when its table or description changes; the site
and a release of the data take them from there. The same data give the same bytes: no file holds a time but the day
the data stand at.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import functools
import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from storykit import columnar, descriptor, disk, project, reads, tables, verdicts

SUMS = "SHA256SUMS"
README = "README.md"
LICENCE = "LICENSE.md"


@dataclasses.dataclass(frozen=True)
class File:
    """A file of the package: its path inside, size in bytes and checksum (hexadecimal)."""

    path: str
    size: int
    sha256: str

    @property
    def weight(self) -> str:
        """The size in words."""
        return weight(self.size)


def weight(size: int) -> str:
    """Bytes in words, such as 86 kB or 1.6 MB."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"


@dataclasses.dataclass(frozen=True)
class Release:
    """A version of the data that was given out.

    `as_of` is the day its data stand at, `commit` what it was made from, `sums` the digest of its list of checksums,
    by which the same version is known again; `size` and `sha256` are those of its archive.
    """

    version: str
    as_of: str
    commit: str
    sums: str
    size: int
    sha256: str


RELEASES = "data/releases.json"
"""What has been released, oldest first; `storykit release` writes it."""


def releases() -> list[Release]:
    """All versions that were given out, oldest first.

    Raises
    ------
    DataError
        If the list is not what `storykit release` writes.
    """
    reads.remember(f"file:{RELEASES}")
    file = project.root() / RELEASES
    try:
        listed = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
        return [Release(**entry) for entry in listed]
    except (ValueError, TypeError) as error:
        raise project.DataError(
            f"is not as `storykit release` writes it ({error}); take it from the last commit: git checkout {RELEASES}"
        ) from error


MOST_ALONE = 500_000
"""Bytes that a table's JSON may have to be offered by itself: it weighs twice what the CSV does, and the package has it."""


def archive_name(version: str | None = None, versioned: bool = True) -> str:
    """Name of the package as one file, with a version (the one at hand) or without."""
    about = descriptor.package()
    return f"{about['name']}-{version or about['version']}.zip" if versioned else f"{about['name']}.zip"


def paths(table: str) -> dict[str, str]:
    """Format -> path inside the package of a table's file."""
    stem = str(Path(descriptor.resource(table)["path"]).with_suffix(""))
    return {"CSV": f"{stem}.csv", "Parquet": f"{stem}.parquet", "JSON": f"{stem}.json"}


def files() -> dict[str, File]:
    """Path -> file of everything in the package but the list of checksums; made if it is not there yet."""
    for source in _copied().values():
        reads.remember(f"file:{source.relative_to(project.root()).as_posix()}")
    return _made(*_state())[0]


def offered(table: str) -> dict[str, File]:
    """Format -> file of a table that is offered by itself."""
    held = files()
    found = {form: held[path] for form, path in paths(table).items()}
    return {form: file for form, file in found.items() if form != "JSON" or file.size <= MOST_ALONE}


def archive() -> File:
    """The package as one file, `archive_file()`; made if it is not there yet."""
    return _made(*_state())[1]


def folder() -> Path:
    """Where the files lie."""
    return project.root() / "_build" / ".storykit" / "package"


ARCHIVE = "package.zip"
"""The package as one file, beside the folder of its files."""


def archive_file() -> Path:
    """Where the package as one file lies."""
    return folder().with_name(ARCHIVE)


def _state() -> tuple[Path, str]:
    sources = [descriptor.file(), *_copied().values()]
    joined = [f"{file}={file.stat().st_mtime_ns}" for file in sources]
    if not ((folder() / SUMS).is_file() and archive_file().is_file()):
        _made.cache_clear()  # somebody has cleaned up since
    return project.root(), "\n".join(joined)


def _copied() -> dict[str, Path]:
    """Path inside the package -> file that is taken into it as it is."""
    data = project.root() / "data"
    found = {entry["path"]: data / entry["path"] for entry in descriptor.package()["resources"]}
    licence = project.root() / "LICENSE-data.md"
    if licence.is_file():
        found[LICENCE] = licence
    return {"datapackage.json": descriptor.file(), **found}


@functools.lru_cache(maxsize=2)
def _made(root: Path, state: str) -> tuple[dict[str, File], File]:
    place, copied = folder(), _copied()
    place.mkdir(parents=True, exist_ok=True)
    for path, source in copied.items():
        target = place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_file() or target.read_bytes() != source.read_bytes():
            shutil.copyfile(source, target)
    made = {paths(name)[form] for name in descriptor.names() for form in ("Parquet", "JSON")}
    memory = place.with_name("package-made.json")
    known = disk.read_note(memory)
    digests = _make_tables(place, known)
    disk.write_whole(place / README, "\n".join(readme()) + "\n")
    wanted = {*copied, *made, README}
    for stray in [f for f in place.rglob("*") if f.is_file()]:
        if stray.relative_to(place).as_posix() not in {*wanted, SUMS}:
            stray.unlink()
    found = {path: _file(place / path, path) for path in sorted(wanted)}
    sums = "".join(f"{file.sha256}  {path}\n" for path, file in found.items())
    disk.write_whole(place / SUMS, sums)
    digests[ARCHIVE] = hashlib.sha256(_code() + sums.encode()).hexdigest()
    if known.get(ARCHIVE) != digests[ARCHIVE] or not archive_file().is_file():
        _pack([*found, SUMS])
    disk.write_note(memory, digests)
    return found, _file(archive_file(), archive_name())


def _file(file: Path, path: str) -> File:
    with open(file, "rb") as stream:
        return File(path, file.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


# --- one table --------------------------------------------------------------------------------------


def _make_tables(place: Path, known: dict[str, str]) -> dict[str, str]:
    """Parquet and JSON of the tables that are others than those known; digest of what each is made from."""
    digests = {name: _digest(name) for name in descriptor.names()}
    stale = [
        name
        for name, digest in digests.items()
        if known.get(name) != digest or not all((place / path).is_file() for path in paths(name).values())
    ]
    for name in stale:
        with columnar.opened(name) as database:
            with _aside(place / paths(name)["Parquet"]) as part:
                columnar.write_parquet(database, name, part, _said(name))
            with _aside(place / paths(name)["JSON"]) as part, open(part, "w", encoding="utf-8") as stream:
                stream.writelines(_json(database, name))
    return digests


def _digest(name: str) -> str:
    """Digest of what a table's Parquet and JSON are made from."""
    about = json.dumps([columnar.VERSION, _resource(name)]).encode()
    return hashlib.sha256(_code() + about + descriptor.path(name).read_bytes()).hexdigest()


def _code() -> bytes:
    return Path(__file__).read_bytes() + Path(columnar.__file__).read_bytes()


@contextlib.contextmanager
def _aside(file: Path) -> Iterator[Path]:
    """Another place to write a file to; it takes the file's place when it is whole."""
    part = file.with_name(f".{file.name}.new")
    try:
        yield part
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


def _resource(name: str) -> dict[str, Any]:
    """A table's description as it travels with its rows: what it is, and where it comes from."""
    entry, about = descriptor.resource(name), descriptor.package()
    return {
        "name": name,
        "title": entry["title"],
        "description": entry["description"],
        "package": about["name"],
        "packageTitle": about["title"],
        "version": about["version"],
        "asOf": verdicts.data_as_of(),
        "licenses": about["licenses"],
        "schema": entry["schema"],
    }


def _said(name: str) -> dict[str, str]:
    """The same as Parquet's metadata take it: key -> text."""
    return {
        key: said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
        for key, said in _resource(name).items()
    }


def _json(database: columnar.Database, name: str) -> Iterator[str]:
    """A Data Resource with its rows inside (`data`), one a line."""
    yield json.dumps(_resource(name), ensure_ascii=False)[:-1] + ', "data": ['
    between = "\n"
    for row in columnar.rows(database, name):
        yield between + json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=str)
        between = ",\n"
    yield "\n]}\n"


# --- the whole --------------------------------------------------------------------------------------


def _pack(paths: list[str]) -> None:
    """The files as one archive, under one folder, in order, dated with the day the data stand at."""
    day, inside = datetime.date.fromisoformat(verdicts.data_as_of()), Path(archive_name()).stem
    with _aside(archive_file()) as part, zipfile.ZipFile(part, "w") as pack:
        for path in paths:
            entry = zipfile.ZipInfo(f"{inside}/{path}", (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type, entry.external_attr, entry.create_system = (
                zipfile.ZIP_DEFLATED,
                0o644 << 16,
                3,
            )
            pack.writestr(entry, (folder() / path).read_bytes(), compresslevel=9)


def readme() -> list[str]:
    """What is in the package and how to read it, as lines of Markdown."""
    about = descriptor.package()
    licences = [f"{each.get('title', each['name'])}: {each['path']}" for each in about["licenses"]]
    listed = [
        f"| `{name}` | {len(tables.raw(name)):,} | {_one_line(descriptor.resource(name)['description'])} |"
        for name in descriptor.names()
    ]
    others = [e for e in about["resources"] if e.get("type") != "table"]
    return [
        f"# {about['title']}",
        "",
        *([about["description"], ""] if about.get("description") else []),
        f"Version {about['version']}, data as of {verdicts.data_as_of()}, "
        f"by {', '.join(each['title'] for each in about['contributors'])}.",
        "",
        "## What is here",
        "",
        "| table | rows | what it holds |",
        "|---|---:|---|",
        *listed,
        "",
        *[f"- `{entry['path']}`: {_one_line(entry.get('description', entry['name']))}" for entry in others],
        "- `datapackage.json`: every table and field, with type, unit, meaning and what is allowed (Data Package v2).",
        f"- `{SUMS}`: checksums; `sha256sum -c {SUMS}` compares them.",
        "",
        "## How to read it",
        "",
        "Each table is there three times, with the same rows in the same order:",
        "",
        "- `.csv`: the table as it is kept. UTF-8, commas, one header row, an empty cell where nothing is known; "
        "numbers as their sources write them. A list is one cell, its parts separated as `datapackage.json` says.",
        "- `.parquet`: typed. Whole days are dates, lists are lists, empty cells are null (an empty list is empty). "
        "Its metadata hold the description of the table and of each field.",
        "- `.json`: the description of the table, and its rows as objects under `data`, typed in the same way.",
        "",
        "A date that is known to its month or year only is text in all three, such as 2017-05.",
        "",
        "The CSV files are safe to open in a spreadsheet: no text in them begins with a sign that a spreadsheet takes "
        "for a formula (the check of the data refuses it), so nothing had to be changed in them. A spreadsheet may "
        "still turn a text such as 2017-05 into a date: import it as text.",
        "",
        "## Licence",
        "",
        *[f"- {words}" for words in licences],
        *([f"- In full: `{LICENCE}`."] if LICENCE in _copied() else []),
        *[f"- Source: {each['title']} ({each['path']})." for each in about.get("sources", [])],
    ]


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
