"""A value in the words of readers."""

from __future__ import annotations

import dataclasses
import math
import re

from storykit.receipts.values import PERCENT, PLAIN, TIMES, ReceiptError, Value, unit

_QUALIFIERS = {"exact": "", "about": "about ", "at_least": "at least ", "at_most": "at most "}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]


def _digits(amount: float, decimals: int) -> str:
    text = f"{abs(amount):,.{decimals}f}"
    return ("\N{MINUS SIGN}" if amount < 0 and float(text.replace(",", "")) != 0 else "") + text


def _decimals(value: Value, options: dict) -> int:
    if "round" in options:
        return int(options["round"])
    if value.recorded is not None and not value.is_text:
        return len(value.recorded.partition(".")[2])
    magnitude = abs(value.amount)
    if magnitude == round(magnitude, 6) and magnitude == int(magnitude):
        return 0
    return 0 if magnitude >= 100 else 1


def date_words(date: str) -> str:
    """An ISO date as readers write it: `3 November 2017`, `November 2017`, `2017`, `Q1 2017`."""
    if ".." in date:
        return " to ".join(date_words(part) for part in date.split("..", 1))
    match = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", date)
    if match:
        year, month, day = match[1], _MONTHS[int(match[2]) - 1], match[3]
        return f"{int(day)} {month} {year}" if day else f"{month} {year}"
    match = re.fullmatch(r"(\d{4})-(Q[1-4]|H[12])", date)
    if match:
        return f"{match[2]} {match[1]}"
    match = re.fullmatch(r"FY(\d{4})", date)
    if match:
        return f"fiscal year {match[1]}"
    return "undated" if date == "undated" else date


def write(value: Value, **options) -> str:
    """A value in the reader's form.

    Options: `percent` (write a ratio in per cent), `times`, `to` (another unit of the same
    dimension), `round` (decimals), `bare` (no qualifier), `plain` (no unit), `words` (one to
    twelve in words), `unit` (text after a number whose unit is a mixture), `month`, `year`.
    """
    if value.is_text:
        if "year" in options:
            return str(value.amount)[:4]
        return date_words(value.amount[:7] if "month" in options else value.amount)
    if "to" in options:
        target = unit(options["to"])
        if target.dimension != value.unit.dimension:
            raise ReceiptError(f"Cannot write {value.unit.label} as {target.label}.")
        value = dataclasses.replace(value, amount=value.base / target.factor, unit=target, recorded=None)
    for name, target in (("percent", PERCENT), ("times", TIMES)):
        if name in options:
            if value.unit.dimension != "ratio":
                raise ReceiptError(
                    f"Only a ratio can be written with {name}; this is {value.unit.label or 'a plain number'}."
                )
            value = dataclasses.replace(value, amount=value.base / target.factor, unit=target, recorded=None)
            if options[name] is not True:
                options = {**options, "round": options[name]}
    if not math.isfinite(value.amount):
        raise ReceiptError("The result is not a finite number.")
    if "/" in value.unit.dimension and "unit" not in options and "plain" not in options:
        raise ReceiptError(
            f"The result is in {value.unit.label}; say how to write it with | unit …, or | plain."
        )
    qualifier = "" if "bare" in options else _QUALIFIERS[value.qualifier]
    decimals = _decimals(value, options)
    if value.recorded is not None and re.fullmatch(r"(19|20)\d\d", value.recorded) and value.unit is PLAIN:
        return qualifier + value.recorded
    number = _digits(value.amount, decimals)
    if "words" in options and number in map(str, range(len(_WORDS))):
        number = _WORDS[int(number)]
    if "plain" in options:
        return qualifier + number
    if "unit" in options:
        return f"{qualifier}{number} {options['unit']}"
    sign, digits = ("\N{MINUS SIGN}", number[1:]) if number.startswith("\N{MINUS SIGN}") else ("", number)
    prefix = value.unit.prefix + (
        " "
        if len(value.unit.prefix) > 2 and value.unit.prefix.isalpha() and value.unit.prefix != "RMB"
        else ""
    )
    return qualifier + sign + prefix + digits + spaced(value.unit.suffix)


def spaced(suffix: str) -> str:
    """A unit's suffix with the space that a word (not a sign such as %) needs before it."""
    return f" {suffix}" if suffix[:1].isalpha() else suffix


_FLAGS = {"percent", "times", "bare", "plain", "words", "month", "year"}
_WITH_WORD = {"percent", "times", "to", "round", "unit"}


def options_of(text: str) -> dict:
    options: dict = {}
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
