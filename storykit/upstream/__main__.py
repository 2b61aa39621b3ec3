"""`python -m storykit.upstream [source ...] [--dry-run]`: refresh the tables, all of it or nothing.

Exit code 0: done (or nothing new). 1: refused, with all problems. 2: no connection. 130: stopped. In all
cases but the first no file was touched.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import importlib
import sys
from collections.abc import Sequence

from storykit import checks, descriptor, project, tables
from storykit.upstream import SOURCES, replace
from storykit.upstream.apply import KINDS, Event, Known, apply
from storykit.upstream.http import Client, Unreachable

READ = ("sources", "series", "geographies", "observations", "cloud_regions", "corrections")
"""Tables a refresh looks at; a story need not have the last two."""
SHOWN = 40
"""Events of one kind that are printed; the rest is counted."""
NOTHING_CHANGED = "Nothing was changed."


def main(argv: Sequence[str] | None = None, client: Client | None = None) -> int:
    """The command; `client` lets a test ask with less patience."""
    options = _options(argv)
    try:
        problems = checks.check()
    except project.DataError as problem:
        return _refuse([str(problem)])
    if problems:
        return _refuse(["The data must hold before they are refreshed:", *map(str, problems)])
    before = replace.snapshot()
    known = Known({name: tables.raw(name).to_dict("records") for name in READ if name in descriptor.names()})
    refreshed = _Refresh(known, client or Client(), options.date)
    try:
        for name in options.sources or SOURCES:
            refreshed.source(name)
    except KeyboardInterrupt:
        return _refuse(["Stopped."], 130)
    if refreshed.problems:
        return _refuse(refreshed.problems, 2 if refreshed.unreachable else 1)
    if problems := replace.put(refreshed.known.tables, before, options.date, dry_run=options.dry_run):
        return _refuse(problems)
    _tell(refreshed.events, changed=not options.dry_run)
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m storykit.upstream",
        description="Refresh the tables from upstream, all of it or nothing.",
    )
    parser.add_argument(
        "sources", nargs="*", metavar="source", help=f"{', '.join(SOURCES)}; all if none is named"
    )
    parser.add_argument("--dry-run", action="store_true", help="ask, check and report; change nothing")
    parser.add_argument(
        "--date",
        type=_day,
        default=datetime.date.today().isoformat(),
        metavar="YYYY-MM-DD",
        help="day of retrieval: the data then stand at it, superseded values keep it (default: today)",
    )
    options = parser.parse_args(argv)
    if unknown := [name for name in options.sources if name not in SOURCES]:
        parser.error(f"no source {', '.join(unknown)}; there are: {', '.join(SOURCES)}")
    return options


def _day(text: str) -> str:
    return datetime.date.fromisoformat(text).isoformat()


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
        _say(f"{name} ...")
        try:
            batch = importlib.import_module(SOURCES[name]).fetch(self.known, self.client, self.date, _say)
        except Unreachable as problem:
            self.problems.append(f"{name}: no connection. {problem}")
            self.unreachable = True
            return
        outcome = apply(batch, self.known, self.date)
        self.problems += [f"{name}: {problem}" for problem in outcome.problems]
        self.events += outcome.events
        if not outcome.problems:
            self.known = Known(outcome.tables)


def _say(text: str) -> None:
    print(text, flush=True)


def _refuse(problems: list[str], code: int = 1) -> int:
    print("\n".join([*problems, NOTHING_CHANGED]), file=sys.stderr)
    return code


def _tell(events: list[Event], changed: bool) -> None:
    """What happened, kind by kind, the biggest revision first."""
    for kind, words in KINDS.items():
        found = sorted((e for e in events if e.kind == kind), key=lambda e: (-e.size, e.text))
        if found:
            _say(f"\n{words}:")
            _say("\n".join(f"  {event.text}" for event in found[:SHOWN]))
        if len(found) > SHOWN:
            _say(f"  and {len(found) - SHOWN:,} more")
    moved = any(event.kind in ("added", "revised", "settled") for event in events)
    if not moved:
        _say("\nNothing new upstream. " + NOTHING_CHANGED)
    elif not changed:
        _say("\nA dry run. " + NOTHING_CHANGED)
    else:
        _say("\nThe tables are in place; see what that moves with `make report`.")


if __name__ == "__main__":
    sys.exit(main())
