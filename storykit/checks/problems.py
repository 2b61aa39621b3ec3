"""What a check reports: one thing to put right, and the list of them for one file."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pandas as pd

MOST_PER_RULE = 50
"""A rule broken more often than this is reported this many times and then counted."""

_MOST_SHOWN = 200
"""Characters of a value that are shown."""


@dataclasses.dataclass(frozen=True, order=True)
class Problem:
    """One thing to put right: where it stands, what stands there, and what is allowed."""

    file: str
    row: int | None
    column: str
    value: str
    allowed: str

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column:
            place += f", {'column' if self.file.endswith('.csv') else 'entry'} {self.column}"
        found = f": {_short(self.value)!r}" if self.value or self.row is not None else ""
        return f"{place}{found}: {self.allowed}"


def _short(value: str) -> str:
    if len(value) <= _MOST_SHOWN:
        return value
    return f"{value[:_MOST_SHOWN]}... ({len(value):,} characters)"


Allowed = str | Callable[[int], str]
"""What is allowed: a text, or a function that says it of the row at a position."""


class Report(list[Problem]):
    """Problems of one file, with rows counted as a spreadsheet shows them (header is row 1).

    `misfits` are positions of rows whose cells cannot be told apart: that is reported once, and nothing else
    of them, while their keys still count as known.
    """

    def __init__(self, file: str):
        super().__init__()
        self.file = file
        self.misfits: set[int] = set()

    def rows(self, where: pd.Series, column: str, values: pd.Series, allowed: Allowed) -> None:
        """Report every row where `where` is true; `allowed` is text or a function of the index."""
        self.cells(values.loc[where.index[where.to_numpy(bool)]], column, allowed)

    def cells(self, found: pd.Series, column: str, allowed: Allowed) -> None:
        """Report values under their positions; beyond MOST_PER_RULE only how many more there are."""
        if self.misfits:
            found = found[~found.index.isin(self.misfits)]
        for index, value in zip(found.index[:MOST_PER_RULE].astype(int).tolist(), found):
            words = allowed(index) if callable(allowed) else allowed
            self.row(index + 2, words, column, str(value))
        self._more(len(found), column)

    def misfit(self, found: dict[int, str], column: str, allowed: str) -> None:
        """Report rows, given as position -> what to show, that are not looked at any further."""
        self.misfits.update(found)
        for position in sorted(found)[:MOST_PER_RULE]:
            self.row(position + 2, allowed, column, found[position])
        self._more(len(found), column)

    def row(self, row: int, allowed: str, column: str = "", value: str = "") -> None:
        self.append(Problem(self.file, row, column, value, allowed))

    def whole(self, allowed: str, column: str = "", value: str = "") -> None:
        self.append(Problem(self.file, None, column, value, allowed))

    def _more(self, found: int, column: str) -> None:
        if found > MOST_PER_RULE:
            self.whole(f"and {found - MOST_PER_RULE} more rows like these", column)
