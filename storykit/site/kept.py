"""What was worked out of a file or a text once, kept from build to build: the same content is not worked out again."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import storykit
from storykit import contents, disk, project, tables

ENGINE = Path(storykit.__file__).parent.parent
"""The engine's own source, where it was installed from its folder."""
COLLECTED = "collected.json"
"""Beside Sphinx's memory: which collected pages there are, and their keys."""

T = TypeVar("T")


class Kept:
    """Results by the content they were worked out of.

    Those that nobody asked for since it was opened are forgotten when it is saved. A file that is damaged, or that
    was written for other `rules` (whatever the results depend on besides the content), is as good as none.
    """

    def __init__(self, file: Path | None, rules: str = "") -> None:
        self._file, self._rules = file, hashlib.sha256(rules.encode()).hexdigest()
        self._before = _read(file, self._rules) if file else {}
        self._now: dict[Any, Any] = {}
        self._look = functools.cache(tables.files)

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """What `make` gives for the content that `key` names, as it was given before if it was."""
        if key not in self._now:
            self._now[key] = self._before[key] if key in self._before else make()
        found: T = self._now[key]
        return found

    def of_data(self, key: Any, make: Callable[[], T]) -> T:
        """As `get`, for what `make` works out of tables: given again as long as what it read in them is the same."""
        held = self._now.get(key) or self._before.get(key)
        now = held[0].now(self._look) if held else None
        if held is None or now is None:
            found, rest = contents.heard(make)
            held = rest, found
        elif now is not held[0]:
            held = now, held[1]
        self._now[key] = held
        given: T = held[1]
        return given

    def save(self) -> None:
        """Write down what was asked for, if it is not what stands there."""
        if self._file and not (
            self._now.keys() == self._before.keys()
            and all(found is self._before[key] for key, found in self._now.items())
        ):
            inside = pickle.dumps(self._now)
            disk.write_whole(self._file, _head(self._rules, inside) + inside)
            self._before = dict(self._now)


def _head(rules: str, inside: bytes) -> bytes:
    return f"{rules} {hashlib.sha256(inside).hexdigest()}\n".encode()


def _read(file: Path, rules: str) -> dict[Any, Any]:
    with contextlib.suppress(OSError):
        stat = file.stat()
        return _read_once(file, rules, stat.st_size, stat.st_mtime_ns)
    return {}


@functools.lru_cache(maxsize=32)
def _read_once(file: Path, rules: str, size: int, modified: int) -> dict[Any, Any]:
    """Also for the forks of a process; nobody changes what was read."""
    head, _, inside = file.read_bytes().partition(b"\n")
    found: dict[Any, Any] = pickle.loads(inside) if head + b"\n" == _head(rules, inside) else {}
    return found


def unless_written(name: str, place: Path, made_of: str, write: Callable[[], Iterable[Path]]) -> None:
    """Take a step of a build that writes files, unless all stand there as the last build wrote them, of the same.

    Parameters
    ----------
    name
        Under which the last time is remembered.
    place
        Where the files lie.
    made_of
        All that they depend on beside tables: what `write` reads in these is found out.
    write
        Writes them, and says which they are.
    """
    note = project.root() / "_build" / ".storykit" / "written" / f"{name}.json"
    of = hashlib.sha256(f"{place} {made_of}".encode()).hexdigest()
    before = disk.read_note(note)
    if before.get("made_of") == of:
        stand = all(disk.digest(place / file) == content for file, content in before["files"].items())
        rest = contents.Rest(*before["rest"])
        now = rest.now() if stand else None
        if now is rest:
            return
        if now:
            return disk.write_note(note, before | {"rest": [now.files, now.parts]})
    files, rest = contents.heard(write)
    note.parent.mkdir(parents=True, exist_ok=True)
    held = {file.relative_to(place).as_posix(): disk.digest(file) for file in files}
    disk.write_note(note, {"made_of": of, "files": held, "rest": [rest.files, rest.parts]})


# --- what the engine alone makes ------------------------------------------------------------------------


MOST = 200
"""Things that are kept of the engine; the oldest go first."""


def of_engine(name: str, made_of: str, make: Callable[[], bytes]) -> Path:
    """A file that the engine makes of nothing but itself, `made_of` what it says: one for all books that it builds.

    Builds of several books may ask at once; each finds the file whole.
    """
    folder = _folder_of_engine()
    place = folder / hashlib.sha256(made_of.encode()).hexdigest()[:32] / name
    if not place.is_file():
        content = make()
        place.parent.mkdir(parents=True, exist_ok=True)
        part, path = tempfile.mkstemp(dir=place.parent)
        with os.fdopen(part, "wb") as stream:
            stream.write(content)
        os.replace(path, place)
        _forget(folder)
    return place


def _folder_of_engine() -> Path:
    """In the engine's own folder, if it is one that can be written in; else in that of the book."""
    own = (ENGINE / "pyproject.toml").is_file() and os.access(ENGINE, os.W_OK)
    return (ENGINE if own else project.root()) / "_build" / ".storykit" / "engine"


def _forget(folder: Path) -> None:
    kept = sorted(folder.glob("*/*"), key=lambda file: file.stat().st_mtime_ns)
    for file in kept[:-MOST]:
        with contextlib.suppress(OSError):  # another build has done it
            file.unlink()
            file.parent.rmdir()
