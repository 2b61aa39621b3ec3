"""Builds of small books by processes that have what a build imports: in a small build that takes most of the time.

A process that has imported everything, and has done nothing, is started once (the standard library's fork server); each
build is a fork of it, and so is Jupyter Book's command that the build begins. All else is as `storykit site` does it. What
matters of the processes themselves (how they start, wait for each other and are stopped) is tested with real ones.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import traceback
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

from sphinx.application import builtin_extensions

from storykit import cli
from storykit.site import build

IMPORTED = [
    __name__,
    "jupyter_book.cli.main",
    "jupyter_book.sphinx",
    "myst_nb.sphinx_",
    "myst_nb.sphinx_ext",
    "sphinx_external_toc",
    "storykit.site.extension",
    *builtin_extensions,
]
PATIENCE = 300
"""Seconds a build may take."""


def site(book: Path, environment: dict[str, str]) -> subprocess.CompletedProcess:
    """What `storykit site` of a book answers, and says."""
    warm = _server()
    with tempfile.TemporaryDirectory() as folder:
        told = [Path(folder, name) for name in ("out", "err")]
        process = warm.Process(target=_site, args=(book, environment, told))
        process.start()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired("storykit site", PATIENCE)
        return subprocess.CompletedProcess("storykit site", process.exitcode, *(f.read_text() for f in told))


def _server() -> multiprocessing.context.BaseContext:
    """Starts the processes to come; one for all builds of this process."""
    warm = multiprocessing.get_context("forkserver")
    warm.set_forkserver_preload(IMPORTED)
    seed = os.environ.get("PYTHONHASHSEED")
    os.environ["PYTHONHASHSEED"] = "0"  # as a build gives it to Jupyter Book
    forkserver.ensure_running()
    os.environ.pop("PYTHONHASHSEED") if seed is None else os.environ.update(PYTHONHASHSEED=seed)
    return warm


def _site(book: Path, environment: dict[str, str], told: list[Path]) -> None:
    """In the new process: the command, as its program calls it."""
    for number, file in enumerate(told, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    _settle(book, environment)
    ahead = Ahead()
    build.subprocess = SimpleNamespace(**vars(subprocess) | {"Popen": ahead.begin})
    code = cli.main(["site"])
    ahead.end()
    sys.exit(code)


def _settle(folder: Path, environment: dict[str, str]) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)


class Ahead:
    """The process of Jupyter Book's command, forked before the build did anything that a new one would not know."""

    def __init__(self):
        self._told, told = os.pipe()
        asked, self._ask = multiprocessing.Pipe(duplex=False)
        self._process = multiprocessing.get_context("fork").Process(target=_jupyter_book, args=(asked, told))
        self._process.start()
        self.pid, self._begun = self._process.pid, False
        os.close(told)

    def begin(self, command: list[str], *, cwd, env, encoding, errors, **_) -> Ahead:
        """As `subprocess.Popen` is asked to begin it; once."""
        self._begun = True
        self._ask.send((command[3:], cwd, env))
        self.stdout = os.fdopen(self._told, encoding=encoding, errors=errors)
        return self

    def wait(self) -> int:
        self._process.join()
        return self._process.exitcode

    def end(self) -> None:
        """Where the build was refused before it came to that."""
        if not self._begun:
            self._ask.send(None)


def _jupyter_book(asked: Connection, told: int) -> None:
    from jupyter_book.cli.main import main

    if (given := asked.recv()) is None:
        return
    words, folder, environment = given
    for number in (1, 2):
        os.dup2(told, number)
    _settle(folder, environment)
    sys.argv = ["jupyter-book", *words]
    try:
        main()
    except Exception:  # said where a new process would say it
        traceback.print_exc()
        sys.exit(1)
