"""Cells and keys of one table: types, constraints, dates, units."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from storykit import periods, project
from storykit.checks import signs
from storykit.checks.problems import Report

LONGEST = 32_767
"""Characters a cell may have: spreadsheets cut off what is longer, without a word."""

_INTEGER = r"-?[0-9]+"
_NUMBER = r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"
_SEPARATED = r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?"
_DIGITS = 15
"""Digits that are kept exactly wherever a number goes: what is longer is rounded, as in a spreadsheet."""

_ADDRESS = r"https?://[^\s/\"'<>\\^`{|}]+[^\s\"'<>\\^`{|}]*"
_YEAR = r"\d{4}"
"""What the pattern of a field asks for if dates stand in it."""
_DATE_PART = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")


def check(entry: dict[str, Any], frame: pd.DataFrame, report: Report, words: dict[str, str]) -> None:
    """Every cell of the columns that are there; `words` says patterns in words."""
    for field in entry["schema"]["fields"]:
        if field["name"] in frame.columns:
            _check_field(field, frame[field["name"]], report, words)
            _check_unit(field, frame, report)
    _check_key(entry, frame, report)


def _check_field(field: dict[str, Any], column: pd.Series, report: Report, words: dict[str, str]) -> None:
    name, rules, empty = field["name"], field.get("constraints", {}), column == ""
    if rules.get("required"):
        report.rows(empty, name, column, "must not be empty")
    filled = column[~empty]
    once, wrong = filled.drop_duplicates(), Report(report.file)
    _check_texts(field, once, wrong, words)
    if wrong:  # only then are all rows looked at: a long column has few different texts
        _check_texts(field, filled, report, words)
    if rules.get("unique") and len(once) < len(filled):
        report.rows(filled.duplicated(keep=False), name, filled, _TWICE)


def _check_texts(field: dict[str, Any], filled: pd.Series, report: Report, words: dict[str, str]) -> None:
    """What every text of a column must be, whatever the other rows hold."""
    name, rules = field["name"], field.get("constraints", {})
    report.rows(filled != filled.str.strip(), name, filled, "begins or ends with a space")
    report.rows(
        filled.str.contains("\n", regex=False),
        name,
        filled,
        "holds a line break; write the text in one line, or close the double quote that opens in this row",
    )
    report.rows(filled.str.len() > LONGEST, name, filled, f"is longer than {LONGEST:,} characters")
    if field["type"] in _OF_TEXT:
        formula = filled.str.match(_FORMULA) & ~filled.str.fullmatch(_NUMBER)
        report.rows(formula, name, filled, _RUN)
        _check_signs(name, filled, report)
        if not {"pattern", "enum"} & set(rules):
            _check_alike(name, filled, report)
    _TYPES[field["type"]](field, filled, report)
    if "pattern" in rules:
        pattern = rules["pattern"]
        wrong = ~filled.str.fullmatch(ascii_only(pattern))
        report.rows(wrong, name, filled, words.get(pattern, f"must look like the pattern {pattern}"))
        if _YEAR in pattern:
            _check_dates(name, filled, report)
    if "enum" in rules:
        allowed = [str(value) for value in rules["enum"]]
        report.rows(~filled.isin(allowed), name, filled, "allowed are " + ", ".join(allowed))


def _check_signs(name: str, filled: pd.Series, report: Report) -> None:
    """Signs that no text may hold."""
    texts = filled.unique()
    wrong = {text: words for text in texts if (words := "; ".join(signs.faults(text)))}
    report.rows(filled.isin(wrong), name, filled, lambda i: wrong[filled[i]])


def _check_alike(name: str, filled: pd.Series, report: Report) -> None:
    """Values that look like others of the column, and would be counted and searched as two things."""
    alike = signs.alike(filled)
    report.rows(
        filled.isin(alike),
        name,
        filled,
        lambda i: f"looks like {alike[filled[i]]!r}, which stands in more rows; write both alike",
    )


_OF_TEXT = ("string", "list")
_FORMULA = r"[=+@\t\r-]"
_RUN = (
    "begins with a sign that a spreadsheet takes for a formula (= + - @); begin with a word, a digit or a "
    "quotation mark, for readers open the file as it is"
)
"""The tables are offered for download as they stand: what is safe there must be safe here."""

_TWICE = "stands in more than one row; it must be unique"


def ascii_only(pattern: str) -> str:
    r"""A pattern whose `\d` is a digit from 0 to 9, not one of any script."""
    return pattern.replace(r"\d", "[0-9]")


# --- types ----------------------------------------------------------------------------------------


def _check_integer(field: dict[str, Any], filled: pd.Series, report: Report) -> None:
    wrong = _check_digits(field["name"], filled, _INTEGER, "must be a whole number", report)
    good = filled[~wrong]
    long = good.str.len() > _DIGITS
    report.rows(long, field["name"], good, f"is too large; a whole number has at most {_DIGITS} digits")
    _check_range(field, good[~long], report)


def _check_number(field: dict[str, Any], filled: pd.Series, report: Report) -> None:
    wrong = _check_digits(field["name"], filled, _NUMBER, "must be a number such as 12.5", report)
    _check_range(field, filled[~wrong], report)


def _check_digits(name: str, filled: pd.Series, pattern: str, allowed: str, report: Report) -> pd.Series:
    """Where a cell is no number."""
    wrong = ~filled.str.fullmatch(pattern)
    separators = filled.str.fullmatch(_SEPARATED)
    report.rows(wrong & separators, name, filled, "has thousands separators; write the digits alone")
    report.rows(wrong & ~separators, name, filled, allowed)
    return wrong


def _check_range(field: dict[str, Any], filled: pd.Series, report: Report) -> None:
    name, rules, numbers = field["name"], field.get("constraints", {}), filled.astype("float64")
    infinite = numbers.abs() == float("inf")
    report.rows(infinite, name, filled, "is too large to be calculated with (1.8e308 is the largest number)")
    if "minimum" in rules:
        report.rows(numbers < rules["minimum"], name, filled, f"must be at least {rules['minimum']}")
    if "maximum" in rules:
        report.rows(numbers > rules["maximum"], name, filled, f"must be at most {rules['maximum']}")


def _check_boolean(field: dict[str, Any], filled: pd.Series, report: Report) -> None:
    report.rows(~filled.isin(["true", "false"]), field["name"], filled, "must be true or false")


def _check_list(field: dict[str, Any], filled: pd.Series, report: Report) -> None:
    name, delimiter = field["name"], field.get("delimiter", ",")
    several = filled[filled.str.contains(delimiter, regex=False)]
    sign = re.escape(delimiter)
    wrong = several.str.contains(rf"(?:^|{sign})\s*(?:{sign}|$)|\s{sign}|{sign}\s")
    words = f"has an empty part or spaces; separate parts with {delimiter!r} alone"
    report.rows(wrong, name, several, words)
    twice = several.str.split(delimiter, regex=False).map(lambda parts: len(parts) != len(set(parts)))
    report.rows(twice, name, several, "names the same id twice")


def _check_string(field: dict[str, Any], filled: pd.Series, report: Report) -> None:
    if field.get("format") == "uri":
        words = (
            "must be a web address (http:// or https://) without spaces, quotes, <, > or other signs that an "
            "address writes as % and two digits (%20 is a space, %22 a quote)"
        )
        report.rows(~filled.map(is_address).astype(bool), field["name"], filled, words)


def is_address(text: str) -> bool:
    """Whether a text is a web address that programs can take apart (`http://[::1` looks like one)."""
    if not re.fullmatch(_ADDRESS, text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.port != 0  # the port is read only when it is asked for
    except ValueError:
        return False


_TYPES = {
    "string": _check_string,
    "number": _check_number,
    "integer": _check_integer,
    "boolean": _check_boolean,
    "list": _check_list,
}
TYPES = tuple(_TYPES)
"""Types a field may have; `tables.load` knows the same."""


# --- dates ----------------------------------------------------------------------------------------


def _check_dates(name: str, filled: pd.Series, report: Report) -> None:
    """Dates that match the pattern and still cannot be (2017-13, 2017-02-30, 3017, 2017..2016)."""
    texts = filled.unique()
    impossible = {text for text in texts if not all(map(_is_day, _DATE_PART.findall(text)))}
    words = "is a date that cannot be (years 1900 to 2100)"
    report.rows(filled.isin(impossible), name, filled, words)
    backwards = {text for text in texts if text not in impossible and _runs_backwards(text)}
    report.rows(filled.isin(backwards), name, filled, "ends before it begins; write the earlier date first")


def _is_day(text: str) -> bool:
    year, month, day = ([*text.split("-"), "1", "1"])[:3]
    try:
        pd.Timestamp(int(year), int(month), int(day))
    except ValueError:
        return False
    return 1900 <= int(year) <= 2100


def _runs_backwards(period: str) -> bool:
    if ".." not in period:
        return False
    try:
        first, last = periods.bounds(period)
    except project.DataError:  # no period at all, which the pattern says
        return False
    return first > last


# --- several cells of a row -----------------------------------------------------------------------


def _check_unit(field: dict[str, Any], frame: pd.DataFrame, report: Report) -> None:
    """A number whose unit stands in another column needs one there."""
    other = field.get("storykit:unitField")
    if other in frame.columns:
        bare = (frame[field["name"]] != "") & (frame[other] == "")
        report.rows(bare, field["name"], frame[field["name"]], f"has no unit; give it in column {other}")


def _check_key(entry: dict[str, Any], frame: pd.DataFrame, report: Report) -> None:
    key = key_of(entry)
    unique = {f["name"] for f in entry["schema"]["fields"] if f.get("constraints", {}).get("unique")}
    if not key or key[0] in unique or not set(key) <= set(frame.columns):
        return  # a field that says unique is checked as a field
    twice = frame.duplicated(key, keep=False)
    report.rows(twice, " + ".join(key), joined_key(frame, key), _TWICE)


def key_of(entry: dict[str, Any]) -> list[str]:
    """Names of the fields that identify a row."""
    key = entry["schema"].get("primaryKey", [])
    return [key] if isinstance(key, str) else list(key)


def joined_key(frame: pd.DataFrame, key: list[str]) -> pd.Series:
    """The key of each row as one text, its parts joined by " / "."""
    joined = frame[key[0]]
    for name in key[1:]:
        joined = joined + " / " + frame[name]
    return joined
