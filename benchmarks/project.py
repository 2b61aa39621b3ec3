"""Copies of the project in temporary folders, builds of them, and comparisons of what they built."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

LEFT_OUT = (
    "_build",
    ".git",
    ".venv",
    "node_modules",
    "__pycache__",
    ".ruff_cache",
    ".pytest_cache",
    "*.egg-info",
)
BUILD = ("-m", "storykit", "site")


class BenchError(RuntimeError):
    """A measurement that could not be made; the message says why."""


@contextlib.contextmanager
def workshop(name: str) -> Iterator[Path]:
    """A temporary folder for one part of the benchmark."""
    with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as folder:
        yield Path(folder)


def copy(project: Path, to: Path, *, pictures: Path | None = None) -> Path:
    """The project without anything built. `pictures` is a store of drawn pictures to copy with it."""
    shutil.copytree(project, to, ignore=shutil.ignore_patterns(*LEFT_OUT))
    libraries = project / "node_modules"
    if libraries.is_dir():
        (to / "node_modules").symlink_to(libraries.resolve())  # only read by a build
    if pictures is not None and pictures.is_dir():
        shutil.copytree(pictures, to / "_build" / ".storykit" / "pictures")
    return to


def pictures_of(project: Path) -> Path:
    return project / "_build" / ".storykit" / "pictures"


def environment(root: Path, **more: str) -> dict[str, str]:
    """Everything, kernels and workers too, takes storykit and the data from `root`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("STORYKIT_")}
    return {**kept, "PYTHONPATH": str(root), "STORYKIT_ROOT": str(root), "PYTHONHASHSEED": "0", **more}


def start(root: Path, *arguments: str, **more: str) -> subprocess.Popen:
    """Start Python in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=root,
        env=environment(root, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run(root: Path, *arguments: str, **more: str) -> tuple[float, int, str]:
    """Run Python with `arguments` in `root`.

    Returns
    -------
    (seconds, peak memory in MiB of the largest of its processes, what it printed)

    Raises
    ------
    BenchError
        If it fails; the message holds the end of what it printed.
    """
    began = time.monotonic()
    process = start(root, *arguments, **more)
    # Not from wait4: its peak counts the moment before exec, when the child is a copy of this process.
    peaks = [0]
    watcher = threading.Thread(target=_watch_memory, args=(process, peaks), daemon=True)
    watcher.start()
    printed, _ = process.communicate()
    watcher.join()
    if process.returncode:
        raise BenchError(f"{' '.join(arguments)} failed in {root}:\n{printed[-3000:]}")
    return time.monotonic() - began, max(peaks) // 1024, printed


def _watch_memory(process: subprocess.Popen, peaks: list[int]) -> None:
    """Note the high-water marks (KiB) that the system keeps of a process and all it has started, until it ends."""
    while process.returncode is None:
        peaks.append(max((_peak(folder) for folder in _started(process.pid)), default=0))
        time.sleep(0.05)


def _started(session: int) -> Iterator[Path]:
    """Folders in `/proc` of the processes of a session."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            if int(status.read_text().rpartition(")")[2].split()[3]) == session:
                yield status.parent


def _peak(folder: Path) -> int:
    with contextlib.suppress(OSError, StopIteration):
        lines = (folder / "status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
    return 0


def build(root: Path, **more: str) -> tuple[float, list[str]]:
    """Build and publish; returns seconds and the names of the chapters that ran."""
    seconds, _, printed = run(root, *BUILD, **more)
    return seconds, ran(printed.splitlines())


def ran(printed: list[str]) -> list[str]:
    """Names of the chapters that a build says it runs."""
    lines = [line.strip() for line in printed if line.startswith("running ")]
    return lines[0].partition(": ")[2].split(", ") if lines else []


def tree(folder: Path) -> dict[str, str]:
    """Every file of a folder with the digest of its bytes."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def site(root: Path) -> dict[str, str]:
    """The published site of a copy, as `tree` tells it."""
    return tree((root / "_build" / "html").resolve())


def different(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Files that differ or stand on one side only."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def rows(root: Path, table: str) -> list[list[str]]:
    with open(root / "data" / "tables" / f"{table}.csv", newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def append(root: Path, table: str, column: str, text: str, row: int = 1) -> None:
    """Add `text` to one cell of a table (row 1 is the first record)."""
    found = rows(root, table)
    position = found[0].index(column)
    found[row][position] = (found[row][position] + text).strip()
    with open(root / "data" / "tables" / f"{table}.csv", "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows(found)


def readers(root: Path) -> list[str]:
    """The chapters of which the last build has found out what they read."""
    return sorted(file.stem for file in (root / "_build" / ".storykit" / "reads").glob("[!.]*.txt"))


def say(text: str = "") -> None:
    print(text, flush=True)


def load() -> str:
    """How busy the machine is, and how fast: a machine shared with others is slow without a load of its own."""
    busy = " ".join(f"{n:.1f}" for n in os.getloadavg())
    return f"load {busy}, a fixed piece of work in {_pace():.2f} s"


def _pace() -> float:
    """Seconds of the processor's time for work that is always the same; the least of three."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        sum(number * number for number in range(2_000_000))
        took.append(time.perf_counter() - began)
    return min(took)


def table(header: list[str], lines: list[list]) -> None:
    """Print a Markdown table."""
    say("| " + " | ".join(header) + " |")
    say("|" + "---|" * len(header))
    for line in lines:
        say("| " + " | ".join(str(cell) for cell in line) + " |")
    say()
