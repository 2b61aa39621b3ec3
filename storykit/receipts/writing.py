"""A value in the words of readers."""

from __future__ import annotations

import calendar
import dataclasses
import math
import re
from typing import Any

from storykit.receipts.values import PERCENT, PLAIN, TIMES, Number, ReceiptError, Text, Unit, Value, unit

_QUALIFIERS = {"exact": "", "about": "about ", "at_least": "at least ", "at_most": "at most "}
_NUMBERS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
]  # fmt: skip
_MINUS = "\N{MINUS SIGN}"
_NOTHING = 1e-9  # what is smaller is left over from computing with decimals


def date_words(date: str) -> str:
    """An ISO date as readers write it: `3 November 2017`, `November 2017`, `2017`, `Q1 2017`."""
    if ".." in date:
        return " to ".join(date_words(part) for part in date.split("..", 1))
    match = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", date)
    if match:
        year, month, day = match[1], calendar.month_name[int(match[2])], match[3]
        return f"{int(day)} {month} {year}" if day else f"{month} {year}"
    match = re.fullmatch(r"(\d{4})-(Q[1-4]|H[12])", date)
    if match:
        return f"{match[2]} {match[1]}"
    match = re.fullmatch(r"FY(\d{4})", date)
    if match:
        return f"fiscal year {match[1]}"
    return "undated" if date == "undated" else date


def write(value: Value, **options: Any) -> str:
    """A value in the reader's form, as the options (`OPTIONS`, read by `options_of`) ask for it.

    Raises
    ------
    ReceiptError
        If the value cannot be written so, or a number that is not zero would read as zero.
    """
    if isinstance(value, Text):
        return _written_date(value.words, options)
    value = _converted(value, options)
    if not math.isfinite(value.amount):
        raise ReceiptError("The result is not a finite number.")
    quotient = (
        "/" in value.unit.dimension and not value.unit.unit_id
    )  # one of the table knows how it is written
    if quotient and "unit" not in options and "plain" not in options:
        raise ReceiptError(
            f"The result is in {value.unit.label}; say how to write it with | unit …, or | plain."
        )
    qualifier = "" if "bare" in options else _QUALIFIERS[value.qualifier]
    return qualifier + _with_unit(_number(value, options), value.unit, options)


def _written_date(date: str, options: dict[str, Any]) -> str:
    if "year" in options:
        return date[:4]
    return date_words(date[:7] if "month" in options else date)


def _converted(value: Number, options: dict[str, Any]) -> Number:
    """The value in the unit that the options ask for."""
    target = value.unit
    if "to" in options:
        target = unit(options["to"])
        if target.dimension != value.unit.dimension:
            raise ReceiptError(f"Cannot write {value.unit.words} as {target.words}.")
    for name, ratio in (("percent", PERCENT), ("times", TIMES)):
        if name in options:
            target = ratio
            if value.unit.dimension != "ratio":
                raise ReceiptError(f"Only a ratio can be written with {name}; this is {value.unit.words}.")
    if target is value.unit:
        return value
    return dataclasses.replace(value, amount=value.base / target.factor, unit=target, recorded=None)


def _number(value: Number, options: dict[str, Any]) -> str:
    """The digits of a value, or the word for them."""
    if value.unit == PLAIN and value.recorded and re.fullmatch(r"(19|20)\d\d", value.recorded):
        return value.recorded  # a year takes no comma
    number = f"{abs(value.amount):,.{_decimals(value, options)}f}"
    if not re.search("[1-9]", number):
        if abs(value.amount) > _NOTHING:
            raise ReceiptError(
                f"{value.words} would be written {number}, as if there were nothing; ask for more decimals."
            )
        return _NUMBERS[0] if "words" in options else number
    if value.amount < 0:
        return _MINUS + number
    if "words" in options and number in map(str, range(len(_NUMBERS))):
        return _NUMBERS[int(number)]
    return number


def _decimals(value: Number, options: dict[str, Any]) -> int:
    for name in ("percent", "times", "round"):
        if isinstance(options.get(name), str):
            return _asked_decimals(options[name])
    if value.recorded is not None:
        return len(value.recorded.partition(".")[2])
    magnitude = abs(value.amount)
    if magnitude == int(magnitude) or magnitude >= 100 or magnitude <= _NOTHING:
        return 0
    if magnitude < 1:  # two digits that say something: 0.04 is not written 0.0
        return 1 - math.floor(math.log10(magnitude))
    return 1


def _asked_decimals(text: str) -> int:
    if not re.fullmatch("[0-9]", text):
        raise ReceiptError(f"{text!r} is no number of decimals; write one digit, as in | round 1.")
    return int(text)


def _with_unit(number: str, unit_: Unit, options: dict[str, Any]) -> str:
    if "plain" in options:
        return number
    if "unit" in options:
        return f"{number} {options['unit']}"
    sign, digits = (_MINUS, number[1:]) if number.startswith(_MINUS) else ("", number)
    is_code = len(unit_.prefix) > 2 and unit_.prefix.isalpha() and unit_.prefix != "RMB"
    prefix = f"{unit_.prefix} " if is_code else unit_.prefix
    return sign + prefix + digits + spaced(unit_.suffix)


def around(unit_: Unit) -> tuple[str, str]:
    """What a unit puts before a number, and behind it."""
    before, _, behind = _with_unit(_ANY, unit_, {}).partition(_ANY)
    return before, behind


_ANY = "\0"  # stands for the digits


def spaced(suffix: str) -> str:
    """A unit's suffix with the space that a word (not a sign such as %) needs before it."""
    return f" {suffix}" if suffix[:1].isalpha() else suffix


OPTIONS = {
    "percent": "a ratio in per cent",
    "percent 1": "the same with so many decimals",
    "times": "a ratio as *n times*",
    "times 1": "the same with so many decimals",
    "to unit_id": "in another unit of the same dimension, by its id in `units`",
    "round 1": "with so many decimals, enough to show that it is not zero",
    "plain": "without its unit",
    "bare": "without *about*, *at least*, *at most*",
    "words": "zero to twelve in words",
    "unit people": "with these words after the number, in place of a unit or of a mixture of units",
    "month": "a date to the month",
    "year": "a date to the year",
}
"""An option as an author writes it behind a bar, some with a word after the name -> what it writes."""

_FLAGS = {written for written in OPTIONS if " " not in written}
_WITH_WORD = {written.partition(" ")[0] for written in OPTIONS if " " in written} | {"as"}  # as: see names


def options_of(text: str) -> dict[str, str | bool]:
    """The options after an expression: `round 1 | plain` is {"round": "1", "plain": True}.

    Raises
    ------
    ReceiptError
        If one is unknown, or lacks its word.
    """
    options: dict[str, Any] = {}
    for part in filter(None, (p.strip() for p in text.split("|"))):
        name, _, word = part.partition(" ")
        if word and name in _WITH_WORD:
            options[name] = word.strip()
        elif not word and name in _FLAGS:
            options[name] = True
        else:
            known = ", ".join(sorted(_FLAGS | _WITH_WORD))
            raise ReceiptError(f"{part!r} is no way to write a number; there are {known}.")
    return options
