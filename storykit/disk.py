"""Files that are whole at every moment, whatever stops the writer."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_whole(file: Path, content: str | bytes) -> None:
    """Write a file that is whole at every moment: aside first, then renamed over the old one."""
    write_together({file: content})


def write_together(contents: Mapping[Path, str | bytes]) -> None:
    """As `write_whole`, for several files: none is renamed before all are written.

    A full disk then changes nothing. They are renamed in the order given.
    """
    aside = {file: file.with_name(f".{file.name}.new") for file in contents}
    try:
        for file, part in aside.items():
            part.write_bytes(as_bytes(contents[file]))
            if file.exists():
                shutil.copymode(file, part)
        for file, part in aside.items():
            os.replace(part, file)
    finally:
        for part in aside.values():
            part.unlink(missing_ok=True)


def mirror(folder: Path, copy: Path) -> None:
    """Make `copy` hold what `folder` holds, and nothing else; a file of the same size and time is not copied again."""
    copy.mkdir(exist_ok=True)
    wanted = {entry.name: entry for entry in os.scandir(folder)}
    for entry in os.scandir(copy):
        other = wanted.get(entry.name)
        if other is None or other.is_dir() != entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)
    for name, entry in wanted.items():
        if entry.is_dir():
            mirror(folder / name, copy / name)
        elif not _same(entry.stat(), copy / name):
            shutil.copy2(entry.path, copy / name)


def _same(one: os.stat_result, other: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        found = other.stat()
        return (one.st_size, one.st_mtime_ns) == (found.st_size, found.st_mtime_ns)
    return False


def make_readable(folder: Path) -> None:
    """Let everybody read what a web server is to serve, whatever rights the writer gives to new files."""
    for inside, _, files in os.walk(folder):
        for path, needed in [(inside, 0o555), *((f"{inside}/{name}", 0o444) for name in files)]:
            mode = os.lstat(path).st_mode
            if not stat.S_ISLNK(mode) and mode & needed != needed:
                os.chmod(path, mode | needed)


def write_note(file: Path, held: dict[str, Any]) -> None:
    """Keep something that a later build may ask for: a line with its digest, then the JSON."""
    inside = json.dumps(held, ensure_ascii=False).encode()
    write_whole(file, _head(inside) + inside)


def read_note(file: Path) -> dict[str, Any]:
    """What `write_note` has kept; nothing if it is not there, damaged, or was written by anybody else."""
    with contextlib.suppress(OSError):
        head, line, inside = file.read_bytes().partition(b"\n")
        if head + line == _head(inside):
            held: dict[str, Any] = json.loads(inside)
            return held
    return {}


def _head(inside: bytes) -> bytes:
    return f"{hashlib.sha256(inside).hexdigest()}\n".encode()


def digest(file: Path) -> str:
    """sha256 of a file, remembered while its size and time stay the same; "gone" if it is not there."""
    try:
        now = file.stat()
    except OSError:
        return "gone"
    return _digest(str(file), now.st_size, now.st_mtime_ns)


@functools.lru_cache(maxsize=8192)
def _digest(file: str, size: int, modified: int) -> str:
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def as_bytes(content: str | bytes) -> bytes:
    """A text as it is written into a file: UTF-8."""
    return content.encode("utf-8") if isinstance(content, str) else content
