"""Finds Chromium for pictures and tests, or installs it: `storykit browser`.

First the machine's own, then Playwright's download, then Debian's package (as root).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from storykit import errors, progress
from storykit.site import pictures


def ensure() -> str:
    """Path of a Chromium.

    Raises
    ------
    errors.UserError
        If none is there and none can be installed; the message says what to do.
    """
    found = pictures.browser()
    if found:
        return found
    progress.say("no Chromium found; installing one")
    for command in _attempts():
        done = subprocess.run(command, capture_output=True).returncode == 0
        if done and (found := pictures.browser()) and _starts(found):
            return found
    raise errors.UserError(
        "No Chromium could be installed. Install chromium or google-chrome by hand, or set BROWSER_PATH to one, "
        "then run the command again. (The site itself builds without it, with tables in place of pictures.)"
    )


def _starts(path: str) -> bool:
    """Whether a Chromium finds the system's libraries it needs; Playwright's download brings none."""
    return subprocess.run([path, "--version"], capture_output=True).returncode == 0


def _attempts() -> list[list[str]]:
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts.append(
            [
                "sh",
                "-c",
                "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium",
            ]
        )
    return attempts
