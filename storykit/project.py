"""The project at hand: its folder, which chapter runs in this process, what was read, and whether a build runs it.

All that storykit knows beside its arguments is held here, in one `Project` at a time. A command works on the
project around the folder it is run in; `reading` and `trying` open another for the time of a block. A build
starts kernels, and they learn from two environment variables which project they belong to (`export`); these
are written and read in this module and nowhere else.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import functools
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from storykit import disk, errors


class DataError(errors.UserError, ValueError):
    """Something about the data that a person has to put right; the message says what and where."""


@dataclasses.dataclass
class Project:
    """One project, as this process works on it.

    `root` is the folder that holds `data/datapackage.json`; `reads_folder`, where a build wants to be told what
    a chapter reads (None where no build asks); `chapter`, the name of the open chapter, or ""; `reads`, the
    names of what was read, `told`, what of it the build was told, `listeners`, who wants to hear of it, and `aside`, whether nobody is told just now (see
    `storykit.reads`); `answers`, what expressions over the data came to (see `storykit.receipts`).
    """

    root: Path
    reads_folder: Path | None = None
    chapter: str = ""
    reads: set[str] = dataclasses.field(default_factory=set)
    told: set[str] = dataclasses.field(default_factory=set)
    listeners: list[set[str]] = dataclasses.field(default_factory=list)
    aside: bool = False
    answers: dict[str, Any] = dataclasses.field(default_factory=dict)

    @functools.cached_property
    def descriptor(self) -> Path:
        """File of the descriptor; asked for at every step, so put together once."""
        return self.root / "data" / "datapackage.json"

    @property
    def is_build(self) -> bool:
        """Whether a build of the site runs this process."""
        return self.reads_folder is not None


_opened: contextvars.ContextVar[Project | None] = contextvars.ContextVar("project", default=None)


def current() -> Project:
    """The project that `reading` opened, or the one that this process was started in.

    Raises
    ------
    DataError
        If there is none.
    """
    return _opened.get() or _of_process(
        os.environ.get("STORYKIT_ROOT") or os.getcwd(), os.environ.get("STORYKIT_READS", "")
    )


@functools.lru_cache(maxsize=32)
def _of_process(start: str, reads_folder: str) -> Project:
    here = Path(start).resolve()
    for folder in [here, *here.parents]:
        if (folder / "data" / "datapackage.json").is_file():
            return Project(folder, Path(reads_folder) if reads_folder else None)
    raise DataError(
        f"No data/datapackage.json in {here} or above it. "
        "Run the command inside the project, or set STORYKIT_ROOT to its folder."
    )


def root() -> Path:
    """Folder of the project: the nearest one upwards that holds `data/datapackage.json`.

    The environment variable `STORYKIT_ROOT` overrides the search.

    Raises
    ------
    DataError
        If no such folder is found.
    """
    return current().root


def is_build() -> bool:
    """Whether a build of the site runs this process."""
    return current().is_build


def export(root: Path, reads_folder: Path) -> None:
    """Tell this process, and the kernels it starts from now on, that they build the project in `root`."""
    reads_folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(STORYKIT_ROOT=str(root), STORYKIT_READS=str(reads_folder))


@contextlib.contextmanager
def reading(folder: str | Path) -> Iterator[None]:
    """Inside this context storykit reads the `data/` of `folder`."""
    with working_on(Project(Path(folder).resolve())):
        yield


@contextlib.contextmanager
def working_on(other: Project) -> Iterator[None]:
    """Inside this context storykit works on another project, or on the same one in another state."""
    token = _opened.set(other)
    try:
        yield
    finally:
        _opened.reset(token)


@contextlib.contextmanager
def trying(contents: Mapping[Path, str | bytes]) -> Iterator[None]:
    """Inside this context storykit reads a copy of `data/` in which these files have this content."""
    here = root()
    with tempfile.TemporaryDirectory(prefix="storykit-") as folder:
        shutil.copytree(here / "data", Path(folder, "data"))
        for file, content in contents.items():
            Path(folder, file.relative_to(here)).write_bytes(disk.as_bytes(content))
        with reading(folder):
            yield
