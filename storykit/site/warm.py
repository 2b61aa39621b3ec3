"""Builds by forks of a process that has imported what a build imports, and has read what most of them read.

Imports take a good part of what building a small change takes. `storykit serve` keeps such a process: each of its builds
is a fork of it, and Jupyter Book's command is a fork of the build. What a build does, and says, is the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import multiprocessing
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

from pygments.lexers import get_lexer_by_name

from storykit import disk, errors, project
from storykit.site import command, family, kernels
from storykit.site.kept import ENGINE

_SITE = ["-m", "storykit", "site"]
_KEEP = ["-c", "from storykit.site import warm; warm.keep()"]
_PATIENCE = 5.0
"""Seconds that a build has to end by itself when nobody waits for it any more."""
_OUTDATED = 75
"""How a build ends that finds its own code changed; the sign for a failure that may pass (sysexits.h)."""
_imported = ""


class Outdated(errors.UserError):
    """The code in the files is not the code of this process."""

    exit_code = _OUTDATED


def modules() -> list[str]:
    """What a build imports, and what Sphinx would import only when it is told by name."""
    from sphinx.application import builtin_extensions

    named = ("sphinx_external_toc", "myst_nb.sphinx_", "myst_nb.sphinx_ext", "jupyter_book.sphinx")
    return ["storykit.cli", "storykit.site.extension", "jupyter_book.cli.main", *named, *builtin_extensions]


def import_all() -> None:
    """From now on forks of this process need not; `has_imported_all` says so."""
    global _imported
    state = _state()
    for name in modules():
        importlib.import_module(name)
    _imported = state


def _state() -> str:
    """Digest of the engine's files, but for what `stamps` puts into pages, and of the descriptor: by it tables are typed."""
    files = [
        file
        for file in sorted((ENGINE / "storykit").rglob("*"))
        if file.suffix not in (".pyc", ".css", ".js")
    ]
    files.append(project.root() / "data" / "datapackage.json")
    held = "".join(f"{file}={disk.digest(file)}\n" for file in files if file.is_file())
    return hashlib.sha256(held.encode()).hexdigest()


def refuse_if_outdated() -> None:
    """In a build: its inputs were just looked at, and must be those that it works with.

    Raises
    ------
    Outdated
        If this is a fork of a process that has imported all, and what it has imported has changed since.
    """
    if _imported and _imported != _state():
        raise Outdated("The engine has changed; a new process builds.")


def has_imported_all() -> bool:
    """Whether this process is a fork of one that has, so that a further fork is quicker than a new process."""
    return bool(_imported)


# --- the process that is kept ---------------------------------------------------------------------------


class Builder:
    """Builds the site of a folder again and again. Where processes cannot be forked safely, each build is a new one."""

    def __init__(self, root: Path):
        self._root = root
        self._kept: subprocess.Popen[bytes] | None = None

    def get_ready(self) -> None:
        """Start the process that has imported all, unless it is there or there can be none."""
        if self._kept or sys.platform != "linux":  # macOS: its libraries forbid to fork once they were used
            return
        self._ours, theirs = socket.socketpair()
        with theirs:
            environment = {**os.environ, **command.SEED}
            self._kept = subprocess.Popen(
                [sys.executable, *_KEEP], cwd=self._root, env=environment, stdin=theirs.fileno()
            )

    def forget(self) -> None:
        """What was imported is not what stands in the files any more, or nothing is to be built any more."""
        if self._kept:
            self._ours.close()
            self._kept.wait()
            self._kept = None

    def build(self) -> None:
        """What `storykit site` does, and says."""
        self.get_ready()
        if not (self._kept and self._built()):
            self.forget()
            ends = family.end_when_parent_ends if sys.platform == "linux" else None
            subprocess.run([sys.executable, *_SITE], cwd=self._root, check=False, preexec_fn=ends)

    def _built(self) -> bool:
        """Whether the process did it; it may have ended, never have begun, or be of another day."""
        with contextlib.suppress(OSError):
            self._ours.sendall(b".")
            return self._ours.recv(1) == _DONE
        return False


_DONE, _NOT_DONE = b"+", b"-"


def keep() -> None:
    """The process that `Builder` keeps: for each byte it is sent it builds, and answers whether the build came to its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of Ctrl-C the build tells, and ends
    asked = socket.socket(fileno=os.dup(0))
    kernels.begin()
    import_all()
    try:
        _build_when(asked)
    finally:
        command.leave()
        kernels.end()


def _build_when(asked: socket.socket) -> None:
    while True:
        _look_ahead()
        command.begin(project.root(), command.as_fork)
        if not asked.recv(1):
            return
        process = multiprocessing.get_context("fork").Process(target=_site, args=(asked,))
        process.start()
        command.leave()
        over, _, _ = select.select([asked.fileno(), process.sentinel], [], [])
        if process.sentinel not in over:  # who asked is gone; by Ctrl-C, then the build is ending, too
            process.join(_PATIENCE)
            if process.pid:
                family.end(process.pid)
            return
        process.join()
        killed_or_outdated = (process.exitcode or 0) < 0 or process.exitcode == _OUTDATED
        asked.sendall(_NOT_DONE if killed_or_outdated else _DONE)
        multiprocessing.active_children()  # takes away the names of those that have ended


def _look_ahead() -> None:
    """While nobody waits: work out what each build asks, and what is remembered as long as files are the same."""
    from storykit import descriptor, tables, verdicts
    from storykit.site import execution, inspection, pictures

    get_lexer_by_name("ipython3")  # of the cells that pages show
    with contextlib.suppress(Exception):  # what is wrong, the build says
        for table in descriptor.names():
            if not tables.is_large(table):
                tables.records(table)
                tables.load(table)
        for file in (project.root() / "data" / "geo").glob("*.geojson"):
            tables.geometry(file.stem)
        verdicts.all_verdicts()
        for chapter in (project.root() / "book").glob("*.ipynb"):
            execution.digest(chapter.stem)
        pictures.works()
        built = project.root() / command.WORK / "_build" / "html"
        for page in built.rglob("*"):
            disk.digest(page)
        inspection.inspect(built, execution.state_folder() / "inspected")


def _site(asked: socket.socket) -> None:
    family.end_when_parent_ends()
    asked.close()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _, package, command = _SITE
    sys.argv = [package, command]
    runpy.run_module(package, run_name="__main__", alter_sys=True)
