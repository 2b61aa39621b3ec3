"""Numbers in prose that somebody typed: only a few kinds may be."""

from __future__ import annotations

import re

from storykit.receipts.texts import ROLE

TYPED_ALLOWED = {
    "a date in plain narrative": r"\b(?:\d{1,2} )?(?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{4})?\b|\b(?:19|20)\d{2}(?:[-–/](?:19|20)?\d{2})?\b|\b(?:19|20)\d{2}s\b|\b\d{1,2}(?= (?:January|February|March|April|May|June|July|August|September|October|November|December))",
    "a name that holds a number": r"\b[2-6]G\b|\bB2[BCG]\b|\b[Cc]overage?-19\b|\bCovid-19\b|\bKL\d\b|\bQ[1-4]\b|\bH[12]\b|\bNESR ?\d\b|\bVersion \d(?:\.\d)?\b|\bISO[ -]?\d+(?:-\d)?\b|\bCC BY 4\.0\b|\bWCAG 2\.2\b",
}
"""The few kinds of numerals that prose may type, with the pattern that recognises each."""

_CODE = re.compile(
    r"```.*?```|`[^`]*`|\]\([^)]*\)|<https?:[^>]*>|\{[a-z:_-]+\}|^---$.*?^---$|^\s*\d+\.\s",
    re.DOTALL | re.MULTILINE,
)


def typed_numbers(text: str) -> list[tuple[int, str]]:
    """Numerals in prose that no receipt wrote, as (line, the words around it).

    Roles, code, links and list numbers do not count, nor the kinds in `TYPED_ALLOWED`.
    """
    blank = lambda m: re.sub(r"[^\n]", " ", m[0])  # noqa: E731 - keeps the line numbers
    rest = ROLE.sub(blank, text)
    rest = _CODE.sub(blank, rest)
    for pattern in TYPED_ALLOWED.values():
        rest = re.sub(pattern, blank, rest)
    found = []
    for match in re.finditer(r"\d[\d.,]*", rest):
        line = rest.count("\n", 0, match.start()) + 1
        around = text[max(0, match.start() - 25) : match.end() + 25].replace("\n", " ")
        found.append((line, around.strip()))
    return found
