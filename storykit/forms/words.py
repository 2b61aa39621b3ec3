"""Words, numbers and colours as a figure writes them: cleaned, measured, broken into lines."""

from __future__ import annotations

import html
import math
import string
from typing import Any

import pandas as pd

from storykit import look, periods, project, receipts

TEXT, SMALL = 13, 12  # type sizes at the two widths, px


def clean(text: Any) -> str:
    """A text from data made safe for plotly's small HTML; nothing is ""."""
    if text is None or text is pd.NA or (isinstance(text, float) and math.isnan(text)):
        return ""
    return html.escape(str(text), quote=False)


def told(rows: pd.DataFrame, *templates: str) -> list[str]:
    """A text for each row: `told(rows, "Open since {opened:date}, {km:,.0f} km away", "Date not found")`.

    Fields stand in braces and are formatted as Python does; `:date` writes a date in words. Of several templates
    the first counts of which the row has all fields, at worst the last.
    """
    return [_told(row, templates) for row in rows.to_dict("records")]


def _told(row: dict[Any, Any], templates: tuple[str, ...]) -> str:
    for template in templates:
        if all(clean(row[name]) for _, name, _, _ in _WRITER.parse(template) if name):
            break
    return _WRITER.vformat(template, (), row)


class _Writer(string.Formatter):
    """Formats as Python does, and dates in words."""

    def format_field(self, value: Any, spec: str) -> str:
        if spec != "date":
            text: str = super().format_field(value, spec)
            return text
        return receipts.date_words(value) if value else ""


_WRITER = _Writer()


def wrap(text: str, characters: int) -> str:
    """A text broken with `<br>`: as few lines of at most `characters` as words allow, evenly long."""
    lines = _greedy(text, characters)
    for fewer in range(characters - 1, characters // 2, -1):
        tighter = _greedy(text, fewer)
        if len(tighter) > len(lines) or max(map(_length, tighter)) > characters:
            break
        lines = tighter
    return "<br>".join(lines)


def _greedy(text: str, characters: int) -> list[str]:
    lines: list[str] = []
    for part in str(text).split("<br>"):
        line = ""
        for word in part.split(" "):
            if line and _length(f"{line} {word}") > characters:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip(" ")
        lines.append(line)
    return lines


def _length(text: str) -> int:
    return len(bare(text))


def text_width(text: str, size: float = TEXT) -> float:
    """Width in px of the longest line; a little generous, for the widest of the system fonts."""
    return max((math.fsum(map(_em, line)) for line in bare(text).split("\n")), default=0) * size


def bare(text: str) -> str:
    out, tag = [], False
    for character in str(text).replace("<br>", "\n"):
        if character in "<>":
            tag = character == "<"
        elif not tag:
            out.append(character)
    return html.unescape("".join(out))


def _em(character: str) -> float:
    if character in "iljI.,:;'|!ftr ()[]’‘":
        return 0.39
    return 0.85 if character in "mwMW%@—" else 0.74 if character.isupper() else 0.625


def line_count(text: str) -> int:
    return str(text).count("<br>") + 1


def number(value: float) -> str:
    """A number as readers write it: 1,972; 0.45; nothing is ""."""
    if pd.isna(value):
        return ""
    value = float(value)
    if value == int(value):
        text = f"{abs(value):,.0f}"
    else:
        digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
        text = f"{abs(value):,.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return ("\N{MINUS SIGN}" if value < 0 else "") + text


def short(value: float) -> str:
    """A number for an axis: 1.5m, 20bn."""
    for size, word in ((1e12, "tn"), (1e9, "bn"), (1e6, "m")):
        if abs(value) >= size:
            return number(round(value / size, 2)) + word
    return number(value)


def unit_of(unit_id: Any) -> receipts.Unit:
    try:
        return receipts.unit(str(unit_id or ""))
    except (receipts.ReceiptError, project.DataError):
        return receipts.Unit(str(unit_id), str(unit_id), "", str(unit_id), "", 1.0)


def written(value: float, unit_id: Any = "", qualifier: str = "exact", recorded: str = "") -> str:
    """A value as every page writes it: with its unit, and its qualifier in words.

    `recorded` is the text of the cell the value was read from, whose digits it keeps; "" where it was computed.
    """
    if pd.isna(value):
        return "no published figure"
    value = float(value)
    if not recorded or float(recorded) != value:
        recorded = repr(int(value) if value.is_integer() else value)
        if "e" in recorded or len(recorded.partition(".")[2]) > MOST_DECIMALS:
            recorded = ""
    if recorded.isdigit():
        recorded = ""  # a count such as 1,972 is no year
    told = receipts.Number(value, unit_of(unit_id), recorded or None, qualifier)
    return clean(receipts.write(told))


MOST_DECIMALS = 4
"""A number with more decimals was computed; it is written with as many as say something."""


def unit_note(unit_id: Any) -> str:
    """The unit in brackets, where it is written neither before nor behind a number; else ""."""
    unit = unit_of(unit_id)
    return f" ({unit.label})" if unit.label and not unit.prefix and not unit.suffix else ""


def hover_text(*lines: Any) -> str:
    first, *rest = [wrap(clean(line), 52) for line in lines if clean(line)] or [""]
    return "<br>".join([f"<b>{first}</b>", *rest])


def stamp_of(value: Any) -> pd.Timestamp:
    """A date, a timestamp or a period's text as a timestamp (the middle of a period)."""
    if isinstance(value, str):
        return periods.middle(value or "undated")
    return pd.Timestamp(value)


def iso(stamp: Any) -> str | None:
    return None if pd.isna(stamp) else pd.Timestamp(stamp).strftime("%Y-%m-%d")


def ink(token: str) -> str:
    return look.colour(token)


PALE = ("ramp-1", "ramp-2", "ramp-3", "ramp-4", "highlight")
"""Tokens too close to land or paper for words, and for marks without an outline."""


def edge(token: str) -> str:
    """The outline of a solid mark: paper parts it from its neighbours, ink lets a pale one be seen."""
    return ink("ink" if token in PALE else "surface")


def text_token(token: str) -> str:
    """The token for words about what is drawn in `token`."""
    return "ink" if token in PALE else token
