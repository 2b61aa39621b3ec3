"""Whether a new value is like what its place has had before; each place is measured by its own history.

Three questions, chosen so that the values this project holds pass as they came, year by year, while a value in
another unit does not (docs/contributing/refresh.md):

- **Range.** Above 3 times the largest or below a third of the smallest value the place has held. In a series that
  goes below zero: farther outside its range than twice its width or its largest size. With fewer than 4 values: 10 times.
- **Step.** More than 10 times, or a tenth, of the nearest period, unless the place has made such a step before.
- **Sign.** Below zero, or zero, where there was none.

A place without a history is compared with the whole series, 100 times. What looks odd is never taken by a
refresh; an editor who finds it right puts it in by hand, and from then on it is history.
"""

from __future__ import annotations

import dataclasses
import itertools
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

FACTOR = 3.0
FACTOR_OF_FEW = 10.0
FEW = 4
"""So many values make a history; with fewer, `FACTOR_OF_FEW` applies."""
FACTOR_OF_A_NEW_PLACE = 100.0
STEP = 10.0

OVERLAP = 3
"""So many changed periods of one place tell that it changed as a whole."""
LEAST_REBASING = 0.02
"""A common ratio nearer to 1 than this is an ordinary revision."""
SPREAD = 0.25
"""Ratios that differ from the middle one by more than this share of its distance from 1 are no common ratio."""

Place = tuple[str, str]
"""(series, geography)."""


class History:
    """The values that places have held: {(series, geography): {period: value}}, in the unit of the series."""

    def __init__(self) -> None:
        self._own: dict[Place, dict[str, float]] = defaultdict(dict)
        self._least: dict[str, float] = {}
        self._most: dict[str, float] = {}

    def add(self, series: str, geography: str, period: str, value: float) -> None:
        """Let a value count from now on."""
        self._own[series, geography][period] = value
        self._least[series] = min(value, self._least.get(series, value))
        self._most[series] = max(abs(value), self._most.get(series, 0.0))

    def odd(self, series: str, geography: str, period: str, value: float) -> str:
        """What is odd about a value, in words that follow it; empty if nothing is, or nothing is known."""
        if series not in self._least:
            return ""
        own = self._own.get((series, geography), {})
        if self._least[series] < 0:
            return _far_outside(value, list(own.values())) if own else self._beyond_series(series, value)
        if value < 0:
            return "is below zero, and the series holds nothing below zero"
        if not any(own.values()):
            return self._beyond_series(series, value)
        return _out_of_scale(value, own) or _leap(period, value, own)

    def _beyond_series(self, series: str, value: float) -> str:
        if abs(value) > FACTOR_OF_A_NEW_PLACE * self._most[series] > 0:
            return f"is more than {FACTOR_OF_A_NEW_PLACE:g} times the largest value the series holds"
        return ""


def _factor(values: list[float]) -> float:
    return FACTOR if len(values) >= FEW else FACTOR_OF_FEW


def _far_outside(value: float, held: list[float]) -> str:
    low, high = min(held), max(held)
    width = max(high - low, abs(high), abs(low)) * (_factor(held) - 1)
    if low - width <= value <= high + width:
        return ""
    return f"is far outside the {low:g} to {high:g} that this place has had"


def _out_of_scale(value: float, own: dict[str, float]) -> str:
    held = list(own.values())
    factor, largest, smallest = _factor(held), max(held), min(filter(None, held))
    if value > factor * largest:
        return f"is more than {factor:g} times the largest value of this place ({largest:g})"
    if 0 < value < smallest / factor:
        return f"is less than the smallest value of this place ({smallest:g}) divided by {factor:g}"
    if value == 0 and min(held) > 0:
        return f"is zero, and the smallest value of this place is {smallest:g}"
    return ""


def _leap(period: str, value: float, own: dict[str, float]) -> str:
    near = max((p for p in own if p <= period), default=min(own))
    if not (value and own[near]):
        return ""
    held = [own[p] for p in sorted(own) if own[p]]
    limit = max([STEP, *(_ratio(*pair) for pair in itertools.pairwise(held))])
    if _ratio(value, own[near]) <= limit:
        return ""
    return f"is more than {limit:.3g} times off {own[near]:g}, its value of {near}"


def _ratio(one: float, other: float) -> float:
    return max(one, other) / min(one, other)


# --- a place that changes as a whole --------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Wholesale:
    """A place whose values upstream changed as a whole. `kind` is that of the event: `break` or `odd`."""

    kind: str
    words: str


def wholesale(
    given: dict[Place, dict[str, float]],
    held: dict[Place, dict[str, float]],
    same: Callable[[str, float, float], bool],
) -> dict[Place, Wholesale]:
    """Places whose answer is no set of revisions: one value for all periods, the values of another place or of the
    next period, or all held periods changed by about one ratio (another base, unit or definition).

    Parameters
    ----------
    given, held
        {(series, geography): {period: value}}, of the answer and of the tables.
    same
        Whether two values of a series are the same at the precision it is written with.
    """
    found = {}
    for place, values in given.items():
        if told := _changed_as_a_whole(place, values, held, same):
            found[place] = told
    return found


def _changed_as_a_whole(
    place: Place,
    values: dict[str, float],
    held: dict[Place, dict[str, float]],
    same: Callable[[str, float, float], bool],
) -> Wholesale | None:
    series, own = place[0], held.get(place, {})
    both = sorted(values.keys() & own.keys())
    changed = [p for p in both if not same(series, values[p], own[p])]
    if len(changed) < OVERLAP:
        return None
    if len(set(values.values())) == 1:
        return Wholesale("odd", f"one value, {values[both[0]]:g}, for all {len(values)} periods")
    for other, theirs in held.items():
        if other[0] == series and _equal(series, changed, values, theirs, same):
            return Wholesale("odd", f"the values of {other[1]} came under its name")
    periods = sorted(own)
    for step, words in ((1, "next"), (-1, "previous")):
        moved = {p: own[q] for p, q in zip(periods[max(0, -step) :], periods[max(0, step) :])}
        if _equal(series, changed, values, moved, same):
            return Wholesale("odd", f"each period has the value of the {words} one")
    return _rebased(values, own, changed, both)


def _equal(
    series: str, periods: list[str], values: dict[str, Any], others: dict[str, Any], same: Callable[..., Any]
) -> bool:
    """Whether these periods have the values of others; one at the end may have no counterpart."""
    known = [p for p in periods if p in others]
    enough = len(known) >= max(OVERLAP, len(periods) - 1)
    return enough and all(same(series, values[p], others[p]) for p in known)


def _rebased(
    values: dict[str, Any], own: dict[str, Any], changed: list[str], both: list[str]
) -> Wholesale | None:
    if any(own[p] for p in both if p not in changed) or not all(own[p] for p in changed):
        return None
    ratios = [values[p] / own[p] for p in changed]
    middle = statistics.median(ratios)
    if abs(middle - 1) < LEAST_REBASING:
        return None
    if any(abs(ratio - middle) > SPREAD * abs(middle - 1) for ratio in ratios):
        return None
    return Wholesale(
        "break", f"all {len(changed)} periods held changed by about the same ratio ({middle:.4g})"
    )


def by_place(values: Iterable[tuple[str, str, str, float]]) -> dict[Place, dict[str, float]]:
    """(series, geography, period, value) -> {(series, geography): {period: value}}."""
    found: dict[Place, dict[str, float]] = defaultdict(dict)
    for series, geography, period, value in values:
        found[series, geography][period] = value
    return dict(found)
