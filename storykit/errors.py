"""What a person has to put right: said in a line by the command, never as a traceback."""

from __future__ import annotations

import difflib
import errno
import os
from collections.abc import Iterable


class UserError(Exception):
    """Something a person has to put right; the message says what, where, and what to do.

    `exit_code` is what the command then ends with.
    """

    exit_code = 1


class Stopped(UserError):
    """A person has stopped the command; the message says how things are left."""

    exit_code = 130


ON_WINDOWS = (
    "storykit runs on Linux and macOS. On Windows use WSL: `wsl --install`, then clone the project inside it and run "
    "the same command there."
)


def is_windows() -> bool:
    """Whether this is Windows itself: inside WSL it is Linux."""
    return os.name == "nt"


_TO_DO = {
    errno.ENOSPC: "The disk is full{at}. Free some space, then run the command again.",
    errno.EDQUOT: "Your share of the disk is used up{at}. Free some space, then run the command again.",
    errno.EROFS: "Nothing can be written{at}: the disk is mounted read-only. Copy the project to where you may write.",
    errno.EACCES: "You have no right to that{at}. Give yourself the right, or copy the project to where you may write.",
    errno.ENOENT: "There is no such file or folder{at}. If it is one of the project's, bring it back with git.",
    errno.EMFILE: "Too many files are open{at}. Raise the limit (ulimit -n 4096), then run the command again.",
}
_TO_DO[errno.EPERM] = _TO_DO[errno.EACCES]


def of_system(error: OSError) -> str:
    """An error of the machine in one line: what, where, and what to do."""
    at = f" ({error.filename})" if error.filename else ""
    known = _TO_DO.get(error.errno) if error.errno is not None else None
    return (known or f"{error.strerror or error}{{at}}.").replace("{at}", at)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ " Did you mean a, b?" with the names that are nearest to a misspelt one; "" if none is near."""
    near = difflib.get_close_matches(word, list(map(str, known)), cutoff=0.7)
    return f" Did you mean {' or '.join(near)}?" if near else ""
