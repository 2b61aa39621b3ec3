"""Periods: a year, a quarter, a half, a fiscal year, a month, a day, or a range of these."""

from __future__ import annotations

import functools
from typing import cast

import pandas as pd

from storykit.project import DataError

_NEVER = cast(pd.Timestamp, pd.NaT)
"""No time. pandas gives `NaT` a type of its own, although it stands wherever a `Timestamp` may stand."""


@functools.lru_cache(maxsize=4096)
def bounds(period: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day of a period (`2017`, `2017-Q1`, `2017-H2`, `FY2018`, `2017-05`, a day,
    or a range `A..B`). Fiscal years run from April of the year before to March (the convention
    of the companies in the data). `undated` gives NaT twice.

    Raises
    ------
    DataError
        If the text is no period.
    """
    if period == "undated":
        return _NEVER, _NEVER
    if ".." in period:
        first, last = period.split("..", 1)
        return bounds(first)[0], bounds(last)[1]
    try:
        if period.startswith("FY"):
            year = int(period[2:])
            return pd.Timestamp(year - 1, 4, 1), pd.Timestamp(year, 3, 31)
        if "-H" in period:
            year, half = int(period[:4]), int(period[-1])
            begin = pd.Timestamp(year, 1 if half == 1 else 7, 1)
            return begin, begin + pd.DateOffset(months=6) - pd.Timedelta(days=1)
        if "-Q" in period:
            quarter = pd.Period(period.replace("-", ""), freq="Q")
            return quarter.start_time.normalize(), quarter.end_time.normalize()
        freq = {4: "Y", 7: "M", 10: "D"}[len(period)]
        span = pd.Period(period, freq=freq)
        return span.start_time.normalize(), span.end_time.normalize()
    except (KeyError, ValueError) as problem:
        raise DataError(f"{period!r} is not a period such as 2017, 2017-Q1 or 2017-05-13.") from problem


def middle(period: str) -> pd.Timestamp:
    """The middle day of a period; NaT for `undated`."""
    first, last = bounds(period)
    return first + (last - first) / 2


def within(periods: pd.Series, since: str | None = None, until: str | None = None) -> pd.Series:
    """Which periods begin no earlier than `since` and end no later than `until` (both are periods).

    Days are compared, never texts: `FY2026` does not lie after 2030. `undated` lies within no limit.

    Raises
    ------
    DataError
        If a limit or one of the periods is no period.
    """
    fits = pd.Series(True, index=periods.index)
    if since is not None:
        first = bounds(since)[0]
        fits &= periods.map(lambda period: bounds(period)[0] >= first).astype(bool)
    if until is not None:
        last = bounds(until)[1]
        fits &= periods.map(lambda period: bounds(period)[1] <= last).astype(bool)
    return fits


def years_since(first: str, days: pd.Series) -> pd.Series:
    """Years from the beginning of a period to that of others, to a tenth; NaN where there is none ("")."""
    start = bounds(first)[0]
    return days.map(lambda day: round((bounds(day)[0] - start).days / 365.25, 1) if day else float("nan"))
