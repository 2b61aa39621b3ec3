"""Numbers in prose that somebody typed: only a few kinds may be."""

from __future__ import annotations

import calendar
import re

from storykit import descriptor, reads
from storykit.receipts.texts import ROLE

_MONTH = "|".join(calendar.month_name[1:])

TYPED_ALLOWED = {
    "a date": rf"\b(?:\d{{1,2}} )?(?:{_MONTH})(?: \d{{4}})?\b",
    "a decade": r"\b(?:19|20)\d{2}s\b",
    "a year": r"(?<![$€£])\b(?:19|20)\d{2}(?:[-–/](?:19|20)?\d{2})?\b(?! ?%)",
    "a period of a year": r"\bQ[1-4]\b|\bH[12]\b",
    "a generation of networks": r"\b[2-6]G\b",
    "a name that every story may use": r"\bB2[BCG]\b|\bCovid-19\b",
    "a standard or a licence": r"\bISO[ -]?\d+(?:-\d)?\b|\bCC BY 4\.0\b|\bWCAG 2\.2\b|\bVersion \d(?:\.\d)?\b",
}
"""The few kinds of numerals that prose may type, with the pattern that recognises each.

Names of the story itself that hold a numeral stand in `storykit:names` of the data package. A year is
no year where it counts something: see `_counts`."""

_CODE = re.compile(
    r"```.*?```|`[^`]*`|\]\([^)]*\)|<https?:[^>]*>|\{[a-z:_-]+\}|^---$.*?^---$|^\s*\d+\.\s",
    re.DOTALL | re.MULTILINE,
)

_THINGS = re.compile(r"\s+(?:people|men|women|children|million|billion|per ?cent|[a-z][a-z-]*s)\b")
_NO_THINGS = re.compile(r"\s+(?:is|was|has|does|as|its|this|us|across|less|plus|minus|versus|whereas)\b")
_IN_TIME = re.compile(
    r"\b(?:in|by|since|of|until|before|after|from|to|for|during|between|and|early|mid|late|year)[\s-]+$",
    re.IGNORECASE,
)


def typed_numbers(text: str) -> list[tuple[int, str]]:
    """Numerals in prose that no receipt wrote, as (line, the words around it).

    Roles, code, links and list numbers do not count, nor the kinds in `TYPED_ALLOWED`, nor the names
    that the data package lists in `storykit:names`.

    Raises
    ------
    project.DataError
        If there is no data package.
    """
    rest = _CODE.sub(_blank, ROLE.sub(_blank, text))
    for name in _names_of_the_story():
        rest = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _blank, rest)
    for pattern in TYPED_ALLOWED.values():
        rest = re.sub(pattern, lambda match: match[0] if _counts(match) else _blank(match), rest)
    found = []
    for match in re.finditer(r"\d[\d.,]*", rest):
        line = rest.count("\n", 0, match.start()) + 1
        around = text[max(0, match.start() - 25) : match.end() + 25].replace("\n", " ")
        found.append((line, around.strip()))
    return found


def _names_of_the_story() -> list[str]:
    reads.remember("about:storykit:names")  # also where there are none yet: a chapter rests on that
    names: list[str] = descriptor.package().get("storykit:names", [])
    return names


def _blank(match: re.Match[str]) -> str:
    """Spaces for what was found; line ends stay, so that later lines keep their numbers."""
    return re.sub(r"[^\n]", " ", match[0])


def _counts(match: re.Match[str]) -> bool:
    """Whether what looks like a year says how many: `2000 jobs`, but not `in 2017 firms began`."""
    if not re.fullmatch(r"\d{4}", match[0]) or _IN_TIME.search(match.string[: match.start()]):
        return False
    after = match.string[match.end() :]
    return bool(_THINGS.match(after)) and not _NO_THINGS.match(after)
