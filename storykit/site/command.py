"""Jupyter Book's command, which a build begins, asks, and waits for.

It is begun before it is needed, while something else is done: it goes as far as `wait_until_asked`, where Sphinx has read
its memory. This module is imported first of all in a build, so it imports little.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

from storykit import disk, progress
from storykit.site import family

SEED = {"PYTHONHASHSEED": "0"}
"""What Python is started with where pages are made: the order of sets is the same each time."""
WORK = Path("_build", "next")
"""Where a project's book is built, from its root."""
DRESSING = ("storykit/site/theme/styles/", "storykit/site/theme/scripts/")
"""Files that the command is not needed for when nothing but they has changed."""
_WATCHED = ("book", "data", "storykit", "_config.yml", "_toc.yml")
_ASKED = "STORYKIT_ASKED"
"""Name in the environment of the number of the socket by which a new process is asked."""
_CALL = "from storykit.site import command; command.run()"
_asked: socket.socket | None = None


class JupyterBook:
    """The command in a process of its own, to be used like a `subprocess.Popen`.

    It ends when nobody is left who could ask it to go on, or wait for it.

    Parameters
    ----------
    root
        Folder of the project.
    begin
        How to begin it: `as_new`, or where all is imported already `as_fork`.
    """

    def __init__(self, root: Path, begin: Callable[[JupyterBook, Path, socket.socket], IO[str]]):
        self.state = _known(root)
        self.asks, theirs = socket.socketpair()
        self.pid, self.was_asked = 0, False
        with theirs:
            self.stdout = begin(self, root, theirs)

    def ask(self, lock: IO[str]) -> None:
        """Let it go on, unless it has ended already; it holds the lock, too."""
        self.was_asked = True
        with contextlib.suppress(OSError):
            socket.send_fds(self.asks, [b"."], [lock.fileno()])

    def wait(self) -> int:
        """How it ended; not 0 if it was killed."""
        code = self.asks.recv(1)
        return code[0] if code else -signal.SIGKILL

    def leave(self) -> None:
        """Whether it goes on, and how it ends, is no more asked here; a fork of this process may."""
        self.asks.close()
        self.stdout.close()


def as_new(book: JupyterBook, root: Path, asked: socket.socket) -> IO[str]:
    """Begin it in a new process."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CALL],
        cwd=root,
        env={**_environment(), _ASKED: str(asked.fileno())},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=[asked.fileno()],
    )
    book.pid = process.pid
    assert process.stdout is not None  # it was asked for
    return process.stdout


def as_fork(book: JupyterBook, root: Path, asked: socket.socket) -> IO[str]:
    """Begin it in a fork of this process."""
    told, tell = os.pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_in_fork, args=(book, root, asked, told, tell)
    )
    process.start()
    os.close(tell)
    book.pid = process.pid or 0
    return os.fdopen(told, encoding="utf-8", errors="replace")


def _in_fork(book: JupyterBook, root: Path, asked: socket.socket, told: int, tell: int) -> None:
    book.asks.close()
    os.close(told)
    for number in (1, 2):
        os.dup2(tell, number)
    os.close(tell)
    os.chdir(root)
    os.environ.update({**_environment(), _ASKED: str(os.dup(asked.fileno()))})
    asked.close()
    progress.forget()
    run()


def run() -> None:
    """The command itself, in the process that was begun for it; how it ended is told to who asked."""
    global _asked
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _asked = socket.socket(fileno=int(os.environ.pop(_ASKED)))
    from jupyter_book.cli.main import main  # type: ignore[import-untyped]

    sys.argv = [
        "jupyter-book",
        "build",
        os.getcwd(),
        "--path-output",
        str(Path.cwd() / WORK),
        "-W",
        "--keep-going",
    ]
    code = 1
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise
    finally:
        with contextlib.suppress(OSError):  # who asked is gone
            _asked.send(bytes([code]))


def wait_until_asked() -> None:
    """In the command: all that does not depend on what is built is done."""
    if _asked is None:
        return  # called by its own name, by whoever
    said, *_ = socket.recv_fds(_asked, 1, 1)
    if not said:
        os._exit(0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    family.end_when_left(_asked)


# --- begun before it is asked for -----------------------------------------------------------------------

_begun: JupyterBook | None = None


def begin(root: Path, how: Callable[[JupyterBook, Path, socket.socket], IO[str]]) -> None:
    """Begin it before a build asks, for a book that was built before."""
    global _begun
    _begun = JupyterBook(root, how) if _memory(root).is_file() else None


def begin_if_needed(root: Path) -> None:
    """The same in a new process, if it seems that there will be something to do; where Sphinx is, a fork is quicker."""
    noted, unfinished = (
        root / WORK / "inputs",
        root / WORK / "unfinished",
    )  # what that has left is thrown away
    if "sphinx" in sys.modules or unfinished.exists() or not noted.is_file():
        return
    if _newer(root, noted.stat().st_mtime_ns):
        begin(root, as_new)


def _newer(root: Path, than: int) -> bool:
    """Whether a file was written since that the command is needed for."""
    files = (
        file
        for name in _WATCHED
        for file in ((root / name).rglob("*") if (root / name).is_dir() else [root / name])
    )
    return any(
        file.stat().st_mtime_ns > than
        for file in files
        if file.suffix != ".pyc"
        and file.is_file()
        and not file.relative_to(root).as_posix().startswith(DRESSING)
    )


def asked(
    root: Path, lock: IO[str], how: Callable[[JupyterBook, Path, socket.socket], IO[str]]
) -> JupyterBook:
    """The one that was begun, if what it has read by then is still so; or else another one."""
    waits = _begun is not None and not _begun.was_asked and _begun.state == _known(root)
    book = _begun if _begun and waits else JupyterBook(root, how)
    book.ask(lock)
    return book


def leave() -> None:
    """The one that was begun is none of this process's any more."""
    if _begun:
        _begun.leave()


def end() -> None:
    """The one that was begun is not needed, unless it was asked."""
    if _begun and not _begun.was_asked:
        family.end(_begun.pid)


def _known(root: Path) -> str:
    """What Sphinx reads before it is asked to build: settings, its memory, and which texts there are."""
    held = [f"{name}={disk.digest(root / name)}" for name in ("_config.yml", "_toc.yml")]
    with contextlib.suppress(OSError):
        memory = _memory(root).stat()
        held.append(f"{memory.st_size} {memory.st_mtime_ns}")
    for folder, inside, files in os.walk(root):
        inside[:] = [name for name in inside if name[0] not in "._" and name != "node_modules"]
        held += [f"{folder}/{name}" for name in files if name.endswith((".md", ".ipynb", ".rst", ".txt"))]
    return "\n".join([*held, *(f"{name}={value}" for name, value in _environment().items())])


def _environment() -> dict[str, str]:
    """In which it runs."""
    return {**os.environ, **progress.relaying(), **SEED}


def _memory(root: Path) -> Path:
    return root / WORK / "_build" / ".doctrees" / "environment.pickle"
