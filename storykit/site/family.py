"""Processes that end together: a build, and all that it has started."""

from __future__ import annotations

import contextlib
import os
import threading
import time

import psutil

PARENT = "STORYKIT_PARENT"
"""Name in the environment of the number of the process that a build ends with."""
_EVERY = 1.0
"""Seconds between two looks at the parent."""


def end(number: int, itself: bool = True) -> None:
    """End a process and all it has started: runners, kernels and browsers do not end with it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(number)
        family = [*parent.children(recursive=True), *([parent] if itself else [])]
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(family, timeout=10)


def end_with_parent() -> None:
    """From now on this process ends, with all it has started, soon after the one that the environment names."""
    if parent := os.environ.pop(PARENT, ""):
        threading.Thread(target=_watch, args=(int(parent),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:  # killed, it leaves us to another one
        time.sleep(_EVERY)
    end(os.getpid(), itself=False)
    os._exit(1)
