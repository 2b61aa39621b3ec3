"""Builds of small books by forks of a process that has imported all (`storykit.site.warm`), with what each of them says.

It is started once for all tests of this process, by the standard library's fork server. What matters of the processes
themselves (how they start, wait for each other and are stopped) is tested with real ones.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from multiprocessing import forkserver
from pathlib import Path

from storykit import cli
from storykit.site import command, warm

PATIENCE = 300
"""Seconds a build may take."""


def site(book: Path, environment: dict[str, str]) -> subprocess.CompletedProcess:
    """What `storykit site` of a book answers, and says."""
    server = _server()
    with tempfile.TemporaryDirectory() as folder:
        told = [Path(folder, name) for name in ("out", "err")]
        process = server.Process(target=_site, args=(book, environment, told))
        process.start()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired("storykit site", PATIENCE)
        return subprocess.CompletedProcess("storykit site", process.exitcode, *(f.read_text() for f in told))


def _server() -> multiprocessing.context.BaseContext:
    """Starts the processes to come; one for all builds of this process."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__, *warm.modules()])
    seed = os.environ.get("PYTHONHASHSEED")
    os.environ.update(command.SEED)
    forkserver.ensure_running()
    os.environ.pop("PYTHONHASHSEED") if seed is None else os.environ.update(PYTHONHASHSEED=seed)
    return server


def _site(book: Path, environment: dict[str, str], told: list[Path]) -> None:
    """In the new process: the command, as its program calls it."""
    for number, file in enumerate(told, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    os.chdir(book)
    os.environ.clear()
    os.environ.update(environment)
    warm.import_all()  # the server has: this only says so
    sys.exit(cli.main(["site"]))
