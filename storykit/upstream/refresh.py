"""`storykit refresh [source ...] [--dry-run]`: refreshes the tables, source by source, each as a whole.

Exit code 0: done (or nothing new). 1: a source was refused, or rows were left out that an editor has to look at.
2: a source had no connection. 130: stopped. What was refused touched no file; what the others gave is in place.
"""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections.abc import Sequence

from storykit import checks, descriptor, progress, project, tables
from storykit.upstream import SOURCES, replace
from storykit.upstream.apply import FOR_AN_EDITOR, KINDS, Event, Known, apply
from storykit.upstream.http import Client, Unreachable

READ = ("sources", "series", "geographies", "observations", "cloud_regions", "corrections")
"""Tables a refresh looks at; a story need not have the last two."""
SHOWN = 40
"""Events of one kind, and problems of one source, that are printed; the rest is counted."""
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
    code, refreshed = 0, _Refresh(client or Client(), date, dry_run)
    wanted = sources or list(SOURCES)
    progress.begin("sources asked", total=len(wanted))
    try:
        for number, name in enumerate(wanted, start=1):
            refreshed.source(name)
            progress.done(number)
    except KeyboardInterrupt:
        code = 130
        refreshed.problems.append("Stopped.")
    finally:
        progress.close()
    if refreshed.taken:
        _tell(refreshed.events, changed=not dry_run)
    if refreshed.problems:
        return _tell_refusals(refreshed, code or (2 if refreshed.unreachable else 1))
    return _for_an_editor(refreshed.events)


@dataclasses.dataclass
class _Refresh:
    """One source after the other, each taken as a whole or not at all."""

    client: Client
    date: str
    dry_run: bool
    events: list[Event] = dataclasses.field(default_factory=list)
    problems: list[str] = dataclasses.field(default_factory=list)
    taken: list[str] = dataclasses.field(default_factory=list)
    unreachable: bool = False

    def source(self, name: str) -> None:
        """Ask one source, and put in place what it gave."""
        progress.say(f"{name} ...")
        before = replace.snapshot()
        known = Known({table: tables.listed(table) for table in READ if table in descriptor.names()})
        try:
            batch = importlib.import_module(SOURCES[name]).fetch(known, self.client, self.date, progress.say)
        except Unreachable as problem:
            self._refuse(name, [f"no connection. {words}" for words in problem.args])
            self.unreachable = True
            return
        outcome = apply(batch, known, self.date)
        problems = outcome.problems or replace.put(outcome.tables, before, self.date, dry_run=self.dry_run)
        if problems:
            self._refuse(name, problems)
            return
        self.events += outcome.events
        self.taken.append(name)

    def _refuse(self, name: str, problems: list[str]) -> None:
        self.problems += [f"{name}: {problem}" for problem in problems[:SHOWN]]
        if len(problems) > SHOWN:
            self.problems.append(f"{name}: and {len(problems) - SHOWN:,} problems more")


def _refuse(problems: list[str], code: int = 1) -> int:
    print("\n".join([*problems, NOTHING_CHANGED]), file=sys.stderr)
    return code


def _for_an_editor(events: list[Event]) -> int:
    """1 if something was left out that may be right, so that whoever runs this unattended hears of it."""
    waiting = sum(event.kind in FOR_AN_EDITOR for event in events)
    if waiting:
        print(f"{waiting:,} told above were not taken until an editor has looked at them.", file=sys.stderr)
    return 1 if waiting else 0


def _tell_refusals(refreshed: _Refresh, code: int) -> int:
    """All problems, and what stands all the same."""
    if not refreshed.taken or refreshed.dry_run:
        return _refuse(refreshed.problems, code)
    names = ", ".join(refreshed.taken)
    print("\n".join([*refreshed.problems, f"Nothing of that was taken. Done: {names}."]), file=sys.stderr)
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
