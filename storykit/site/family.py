"""Processes that end together: a build, and all that it has started."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import psutil

_PATIENCE = 10.0
"""Seconds in which what was killed must be gone."""
_ENDING = "import sys; from storykit.site import family; family.end(int(sys.argv[1]))"


def end(number: int) -> None:
    """End a process and all it has started: runners, kernels and browsers do not end with it.

    Each is stopped first, so that none can start another one while the rest is found: a pool of runners puts a new one
    in the place of each that ends.
    """
    stopped, aside = set[psutil.Process](), {psutil.Process()}
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(number)
        while new := {first, *first.children(recursive=True)} - stopped - aside:
            for member in new:
                with contextlib.suppress(psutil.NoSuchProcess):
                    member.suspend()
            stopped |= new
    for member in stopped:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    limit = time.monotonic() + _PATIENCE
    while any(map(_runs, stopped)) and time.monotonic() < limit:
        time.sleep(0.01)
    psutil.wait_procs(stopped, timeout=0)


def _runs(process: psutil.Process) -> bool:
    """Whether it does; of an ended one the name stays until its own parent looks, which may be waiting for us."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def end_when_parent_ends() -> None:
    """Before a process does anything: Linux sends it SIGTERM when the one that started it ends, however that happens."""
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


_PR_SET_PDEATHSIG = 1


def end_when_left(other: socket.socket) -> None:
    """From now on this process ends, with all it has started, when nobody holds the other end of a socket any more."""
    threading.Thread(target=_wait, args=(other,), daemon=True).start()


def _wait(other: socket.socket) -> None:
    other.recv(1)
    _end_all()


def _end_all() -> None:
    # By another process: nobody can stop itself and go on.
    subprocess.run([sys.executable, "-c", _ENDING, str(os.getpid())], check=False)
    os._exit(1)  # it could not
