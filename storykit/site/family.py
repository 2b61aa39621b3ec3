"""Processes that end together: a build, and all that it has started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import psutil

PARENT = "STORYKIT_PARENT"
"""Name in the environment of the number of the process that a build ends with."""
_EVERY = 1.0
"""Seconds between two looks at the parent."""
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
    psutil.wait_procs(stopped, timeout=10)


def end_when_parent_ends() -> None:
    """Before a process does anything: Linux sends it SIGTERM when the one that started it ends, however that happens."""
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """From now on this process ends, with all it has started, soon after the one that the environment names."""
    if parent := os.environ.pop(PARENT, ""):
        threading.Thread(target=_watch, args=(int(parent),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:  # killed, it leaves us to another one
        time.sleep(_EVERY)
    # By another process: nobody can stop itself and go on.
    subprocess.run([sys.executable, "-c", _ENDING, str(os.getpid())], check=False)
    os._exit(1)  # it could not
