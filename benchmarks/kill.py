"""Kills the build at random moments: the served site must stay whole and the next build be right."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
from pathlib import Path

import project as p

from storykit.site import proof

SEED = 5
EVERY = 4
"""Before every so many-th kill the runs of all chapters are thrown away."""


def measure(source: Path, times: int) -> None:
    chance = random.Random(SEED)
    with p.workshop("kill") as folder:
        here = p.copy(source, folder / "book", pictures=p.pictures_of(source))
        p.say("two clean builds, before and after a change of one row of observations ...")
        p.build(here)
        clean = p.copy(here, folder / "clean", pictures=p.pictures_of(here))
        texts = [_observations(here).read_bytes()]
        p.append(clean, "observations", "note", " Changed.")
        cold, _ = p.build(clean)
        texts.append(_observations(clean).read_bytes())
        wanted = [p.site(here), p.site(clean)]
        whole = right = cut = rerun = 0
        moments, state = [], 0
        warm = cold / 2
        for number in range(1, times + 1):
            state = 1 - state
            _observations(here).write_bytes(texts[state])
            runs = number % EVERY == 1 or EVERY == 1
            if runs:  # kills must fall into runs of chapters too
                shutil.rmtree(here / "_build" / ".jupyter_cache", ignore_errors=True)
            before = os.readlink(here / "_build" / "html")
            moment = chance.uniform(0.2, cold if runs else warm)
            killed = _killed_after(here, moment)
            swapped = os.readlink(here / "_build" / "html") != before
            is_whole = p.site(here) == wanted[state if swapped else 1 - state]
            seconds, _ = p.build(here)
            if not runs:
                warm = seconds
            unequal = p.different(p.site(here), wanted[state])
            whole, right, cut, rerun = whole + is_whole, right + (not unequal), cut + killed, rerun + runs
            moments.append(moment)
            p.say(
                f"  {number:2d}: {'killed' if killed else 'had finished'} at {moment:4.1f} s"
                f"{' (all chapters stale)' if runs else ''}; served site {'whole' if is_whole else 'BROKEN'}"
                f"{', already the new one' if swapped else ''}; next build {seconds:.1f} s, "
                f"{'equals a clean build' if not unequal else f'DIFFERS in {len(unequal)} files'}"
            )
            for name in unequal[:10]:
                p.say(f"      differs: {name}")
        p.say()
        p.table(
            [
                "builds",
                "killed (the rest had finished)",
                "with all chapters to run",
                "moments",
                "served site whole",
                "next build equals a clean one",
            ],
            [
                [
                    times,
                    cut,
                    rerun,
                    f"{min(moments):.1f} to {max(moments):.1f} s",
                    f"{whole} of {times}",
                    f"{right} of {times}",
                ]
            ],
        )
        if whole == right == times:
            proof.note("builds-killed", cut)


def _observations(root: Path) -> Path:
    return root / "data" / "tables" / "observations.csv"


def _killed_after(root: Path, seconds: float) -> bool:
    """Start a build and kill it with all it started after so many seconds; False if it had finished."""
    process = p.start(root, *p.BUILD)
    killed = False
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        killed = True
        family = _descendants(process.pid)  # kernels are in sessions of their own and outlive the group
        os.killpg(process.pid, signal.SIGKILL)
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
    process.wait()
    process.stdout.close()
    return killed


def _descendants(pid: int) -> list[int]:
    """Ids of all processes that `pid` started, and theirs."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        more = children.get(todo.pop(), [])
        found += more
        todo += more
    return found
