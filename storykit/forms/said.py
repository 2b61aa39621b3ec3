"""What a form says at a mark, read back as plain words: the other direction of `words.hover_text`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from storykit.forms.words import wrap

_WRAPPED = 52
"""Characters of a line in `words.hover_text`."""


def parts(text: str) -> tuple[str, str]:
    """What a text is about, and what it says, line by line; breaks that only kept a line short are undone."""
    bold, _, rest = text.removeprefix("<b>").partition("</b>") if text.startswith("<b>") else ("", "", text)
    return " ".join(_lines(bold)), "\n".join(_unwrapped(_lines(rest)))


def _lines(text: str) -> list[str]:
    plain = [html.unescape(re.sub(r"<[^>]*>", "", line)).strip() for line in re.split(r"<br ?/?>|\n", text)]
    return [line for line in plain if line]


def _unwrapped(lines: list[str]) -> Iterator[str]:
    """The lines as they were before `wrap`: as many as it would break in the very same places are one."""
    while lines:
        last = next(n for n in range(len(lines), 0, -1) if n == 1 or _is_wrapped(lines[:n]))
        yield " ".join(lines[:last])
        lines = lines[last:]


def _is_wrapped(lines: list[str]) -> bool:
    return wrap(" ".join(lines), _WRAPPED).split("<br>") == lines
