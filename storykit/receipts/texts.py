"""Texts with roles: which there are, what they say, and the facts of a chapter."""

from __future__ import annotations

import re

from storykit import chapters
from storykit.receipts.resolving import receipt, require, sentence
from storykit.receipts.values import ReceiptError

ROLE = re.compile(r"\{(num|holds)\}`([^`]+)`")


def plain(text: str) -> str:
    """A text with its roles resolved to plain words (titles, descriptions, alternative texts)."""

    def resolve(match: re.Match) -> str:
        role, inside = match[1], match[2]
        return receipt(inside).text if role == "num" else require(sentence(inside)).text

    return ROLE.sub(resolve, text)


def roles(text: str) -> list[tuple[str, str]]:
    """All (role, inside) pairs of a text, in order."""
    return [(m[1], m[2]) for m in ROLE.finditer(text)]


def facts() -> None:
    """Print every number and every tested sentence of the open chapter, with its row.

    The stored output of this cell is what nbval compares: the lock file of the story.
    """
    name = chapters.current()
    if name is None:
        raise ReceiptError("Call open_chapter first; facts() prints the facts of the open chapter.")
    seen: dict[str, str] = {}
    for _, text in [*chapters.prose(name), *chapters.figure_texts(name)]:
        for role, inside in roles(text):
            key = " ".join(inside.split())
            if role == "num":
                seen[f"{key}"] = receipt(inside).text
            else:
                found = require(sentence(inside))
                seen[f"holds: {key}"] = found.values
    for key in sorted(seen):
        print(f"{key} -> {seen[key]}")
