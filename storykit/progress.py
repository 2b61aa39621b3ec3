"""What a person sees of long work: lines, bars on a terminal, and at the end what took how long.

Work goes through stages, one after the other. On a terminal a stage is a bar with count and time left; elsewhere
it is a line now and then. Jupyter Book builds in a process of its own: there, what is told is handed on, line by
line, to the process that a person looks at (`relaying`, `relayed`).
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_RELAY = "STORYKIT_PROGRESS"
_MARK = "\x02"
"""Begins what is handed on, within the lines of the other process: the sign for the start of a text."""
QUIET_SECONDS = 15
"""How often a line tells where the work is, when there is no terminal to draw a bar on."""


class Shown(Protocol):
    """A way of showing work."""

    def say(self, text: str) -> None: ...
    def begin(self, stage: str, total: int | None) -> None: ...
    def done(self, count: int, total: int, words: str) -> None: ...
    def end(self) -> None: ...
    def table(self, took: dict[str, float]) -> None: ...


class Lines:
    """Plain lines: for files, pipes and continuous integration."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._began = self._told = clock()

    def say(self, text: str) -> None:
        print(text, flush=True)

    def begin(self, stage: str, total: int | None) -> None:
        self._stage = stage
        self._began = self._told = self._clock()

    def done(self, count: int, total: int, words: str) -> None:
        now = self._clock()
        if count < total and now - self._told >= QUIET_SECONDS:
            self._told = now
            self.say(f"  {self._stage}: {words} after {now - self._began:.0f} s")

    def end(self) -> None:
        pass

    def table(self, took: dict[str, float]) -> None:
        from rich.console import Console

        Console(file=sys.stdout, width=80).print(_table(took))


class Bars:
    """A bar with count and time left, on a terminal."""

    def __init__(self, console: Console | None = None):
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self._console = console or Console()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[words]}"),
            TimeElapsedColumn(),
            TextColumn("left:"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )

    def say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def begin(self, stage: str, total: int | None) -> None:
        self._task = self._progress.add_task(stage, total=total, words="")
        self._progress.start()

    def done(self, count: int, total: int, words: str) -> None:
        self._progress.update(self._task, completed=count, total=total, words=words)

    def end(self) -> None:
        self._progress.stop()
        self._progress.remove_task(self._task)

    def table(self, took: dict[str, float]) -> None:
        self._console.print(_table(took))


def _table(took: dict[str, float]) -> Table:
    """Stage and seconds, as a table of `rich`."""
    from rich import box
    from rich.table import Table

    table = Table("stage", box=box.SIMPLE_HEAD, show_footer=True)
    table.columns[0].footer = "together"
    table.add_column("seconds", justify="right", footer=f"{sum(took.values()):.1f}")
    for stage, seconds in took.items():
        table.add_row(stage, f"{seconds:.1f}")
    return table


class _HandedOn:
    """For a process that another one looks at: everything is one line of JSON behind the mark."""

    def say(self, text: str) -> None:
        self._tell("say", text)

    def begin(self, stage: str, total: int | None) -> None:
        self._tell("begin", stage, total)

    def done(self, count: int, total: int, words: str) -> None:
        self._tell("done", count)

    def end(self) -> None:
        pass

    def table(self, took: dict[str, float]) -> None:
        pass

    def _tell(self, *words: str | int | None) -> None:
        print(_MARK + json.dumps(words), flush=True)


class Work:
    """Long work in stages, one after the other."""

    def __init__(self, shown: Shown, clock: Callable[[], float] = time.monotonic):
        self._shown, self._clock = shown, clock
        self._stage, self._began, self._percent = "", 0.0, False
        self._total: int | None = None
        self._took: dict[str, float] = {}

    def say(self, text: str) -> None:
        """Say a line; it stays."""
        self._shown.say(text)

    def begin(self, stage: str, total: int | None = None, percent: bool = False) -> None:
        """Begin a stage, which ends the one before; a stage that was begun already goes on.

        Parameters
        ----------
        stage : its name, as the table at the end has it.
        total : how many things there are to do, if that is known.
        percent : that `total` things are no number to show, only a share.
        """
        if stage == self._stage:
            return
        self._end()
        self._stage, self._began, self._total, self._percent = stage, self._clock(), total, percent
        self._shown.begin(stage, total)

    def done(self, count: int) -> None:
        """Say how many of the stage's things are done by now."""
        if self._total:
            count = min(count, self._total)
            words = f"{100 * count // self._total} %" if self._percent else f"{count} of {self._total}"
            self._shown.done(count, self._total, words)

    def _end(self) -> None:
        if self._stage:
            seconds = self._clock() - self._began
            self._took[self._stage] = self._took.get(self._stage, 0.0) + seconds
            self._shown.end()
        self._stage = ""

    def close(self, table: bool = False) -> None:
        """End the last stage; show what took how long if asked to. The next work begins anew."""
        self._end()
        if table and self._took:
            self._shown.table(self._took)
        self._took = {}


def _shown() -> Shown:
    if _RELAY in os.environ:
        return _HandedOn()
    return Bars() if sys.stdout.isatty() else Lines()


_work: Work | None = None


def _current() -> Work:
    global _work
    if _work is None:
        _work = Work(_shown())
    return _work


def forget() -> None:
    """In a process forked from one that shows its work: begin anew, by the environment of now."""
    global _work
    _work = None


def say(text: str) -> None:
    """Say a line; it stays, above the bar if there is one."""
    _current().say(text)


def begin(stage: str, total: int | None = None, percent: bool = False) -> None:
    """Begin a stage of the work, which ends the one before (see `Work.begin`)."""
    _current().begin(stage, total, percent)


def done(count: int) -> None:
    """Say how many of the stage's things are done by now."""
    _current().done(count)


def close(table: bool = False) -> None:
    """End the last stage; with `table` show what took how long."""
    _current().close(table)


@contextlib.contextmanager
def counted(count: Callable[[], int], seconds: float = 1.0) -> Iterator[None]:
    """Inside this context `count` is asked every so many seconds how many of the stage's things are done.

    For work that others do and that tells nothing by itself.
    """
    over = threading.Event()

    def look() -> None:
        while not over.wait(seconds):
            done(count())

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def relaying() -> dict[str, str]:
    """Environment of a process whose progress is to be handed on to this one."""
    return {_RELAY: "1"}


def relayed(line: str) -> bool:
    """Show what another process told in a line of its output; whether the line told anything."""
    _, mark, told = line.partition(_MARK)
    if not mark:
        return False
    kind, *words = json.loads(told)
    tellers: dict[str, Callable[..., None]] = {"say": say, "begin": begin, "done": done}
    tellers[kind](*words)
    return True
