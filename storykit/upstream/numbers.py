"""Which texts and values of an answer are numbers. The only place that decides it.

A number is written as JSON writes it: digits from 0 to 9, a point, an exponent. What only resembles one
(`1,234`, `1_000`, ` 12 `, digits of another script, `NaN`, `true`, a list) is named and never guessed at.
"""

from __future__ import annotations

import re
from decimal import Decimal

_PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
MOST_DIGITS = 18
"""Digits before the point, or behind it before the first that counts: with more, a value is a mistake."""
LONGEST = 40
"""Characters of the longest number: what is longer was not measured either."""
_SHOWN = 60
"""Characters of a refused value that a message repeats."""


class NotANumber(ValueError):
    """A value that is no plain number; the message names it."""


def read(value: object) -> Decimal:
    """The number that a cell or a JSON value holds, with every digit as it was written.

    Raises
    ------
    NotANumber
        For everything else: other ways to write, truth values, lists, what is too large, small or long.
    """
    if isinstance(value, Decimal):
        return value  # from `literal`, which has let it pass
    if not isinstance(value, str):
        raise NotANumber(f"{_shown(value)} is not a number")
    if len(value) > LONGEST or not _PLAIN.fullmatch(value):
        raise NotANumber(f"{_shown(value)} is not a number, written with digits and a point alone")
    number = Decimal(value)
    if abs(number.adjusted()) >= MOST_DIGITS:
        raise NotANumber(f"{_shown(value)} is not a number that anybody measures")
    return number


def whole(value: object) -> int:
    """The same for a count such as a number of pages."""
    number = read(value)
    if number != number.to_integral_value():
        raise NotANumber(f"{_shown(value)} is not a whole number")
    return int(number)


def literal(text: str) -> Decimal | str:
    """A number of a JSON text; one that `read` refuses stays text, so that its row can be named."""
    try:
        return read(text)
    except NotANumber:
        return text


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text):,} characters)"
