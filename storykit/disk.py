"""Files that are whole at every moment, whatever stops the writer."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path


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


def make_readable(folder: Path) -> None:
    """Let everybody read what a web server is to serve, whatever rights the writer gives to new files."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if path.is_dir() else 0o444))


def as_bytes(content: str | bytes) -> bytes:
    """A text as it is written into a file: UTF-8."""
    return content.encode("utf-8") if isinstance(content, str) else content
