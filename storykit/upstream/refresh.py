"""`storykit refresh [source ...] [--dry-run]`: refreshes the tables, all of it or nothing.

Exit code 0: done (or nothing new). 1: refused, with all problems. 2: no connection. 130: stopped. In all
cases but the first no file was touched.
"""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections.abc import Sequence

from storykit import checks, descriptor, progress, project, tables
from storykit.upstream import SOURCES, replace
from storykit.upstream.apply import KINDS, Event, Known, apply
from storykit.upstream.http import Client, Unreachable

READ = ("sources", "series", "geographies", "observations", "cloud_regions", "corrections")
"""Tables a refresh looks at; a story need not have the last two."""
SHOWN = 40
"""Events of one kind that are printed; the rest is counted."""
NOTHING_CHANGED = "Nothing was changed."


def refresh(sources: Sequence[str], date: str, dry_run: bool = False, client: Client | None = None) -> int:
    """Refresh the tables, and tell what happened; returns the exit code.

    Parameters
    ----------
    sources : names in `SOURCES`; all if there is none.
    date : ISO day of retrieval. The data then stand at it, and superseded values keep it.
    dry_run : ask, check and tell, but change nothing.
    client : asks the network; a test gives one with less patience.
    """
    try:
        problems = checks.check()
    except project.DataError as problem:
        return _refuse([str(problem)])
    if problems:
        return _refuse(["The data must hold before they are refreshed:", *map(str, problems)])
    before = replace.snapshot()
    known = Known({name: tables.raw(name).to_dict("records") for name in READ if name in descriptor.names()})
    refreshed = _Refresh(known, client or Client(), date)
    wanted = sources or list(SOURCES)
    progress.begin("sources asked", total=len(wanted))
    try:
        for number, name in enumerate(wanted, start=1):
            refreshed.source(name)
            progress.done(number)
    except KeyboardInterrupt:
        return _refuse(["Stopped."], 130)
    finally:
        progress.close()
    if refreshed.problems:
        return _refuse(refreshed.problems, 2 if refreshed.unreachable else 1)
    if problems := replace.put(refreshed.known.tables, before, date, dry_run=dry_run):
        return _refuse(problems)
    _tell(refreshed.events, changed=not dry_run)
    return 0


@dataclasses.dataclass
class _Refresh:
    """The tables as one source after the other changes them, in memory."""

    known: Known
    client: Client
    date: str
    events: list[Event] = dataclasses.field(default_factory=list)
    problems: list[str] = dataclasses.field(default_factory=list)
    unreachable: bool = False

    def source(self, name: str) -> None:
        progress.say(f"{name} ...")
        try:
            batch = importlib.import_module(SOURCES[name]).fetch(
                self.known, self.client, self.date, progress.say
            )
        except Unreachable as problem:
            self.problems.append(f"{name}: no connection. {problem}")
            self.unreachable = True
            return
        outcome = apply(batch, self.known, self.date)
        self.problems += [f"{name}: {problem}" for problem in outcome.problems]
        self.events += outcome.events
        if not outcome.problems:
            self.known = Known(outcome.tables)


def _refuse(problems: list[str], code: int = 1) -> int:
    print("\n".join([*problems, NOTHING_CHANGED]), file=sys.stderr)
    return code


def _tell(events: list[Event], changed: bool) -> None:
    """What happened, kind by kind, the biggest revision first."""
    for kind, words in KINDS.items():
        found = sorted((e for e in events if e.kind == kind), key=lambda e: (-e.size, e.text))
        if found:
            progress.say(f"\n{words}:")
            progress.say("\n".join(f"  {event.text}" for event in found[:SHOWN]))
        if len(found) > SHOWN:
            progress.say(f"  and {len(found) - SHOWN:,} more")
    moved = any(event.kind in ("added", "revised", "settled") for event in events)
    if not moved:
        progress.say("\nNothing new upstream. " + NOTHING_CHANGED)
    elif not changed:
        progress.say("\nA dry run. " + NOTHING_CHANGED)
    else:
        progress.say("\nThe tables are in place; see what that moves with `storykit report`.")
