"""Texts with roles: which there are, what they say, and the facts of a chapter."""

from __future__ import annotations

import contextlib
import re

from storykit import chapters, pages, tables
from storykit.receipts import names as named
from storykit.receipts.language import NO_NAMES
from storykit.receipts.names import Names
from storykit.receipts.resolving import CONDITION, receipt, require, sentence
from storykit.receipts.values import ReceiptError

ROLE = re.compile(r"\{(num|holds)\}`([^`]+)`")


def plain(text: str, names: Names = NO_NAMES) -> str:
    """A text with its roles resolved to plain words (titles, descriptions, alternative texts)."""
    return ROLE.sub(lambda match: said(match[1], match[2], names), text)


def said(role: str, inside: str, names: Names = NO_NAMES) -> str:
    """What a role says on the page.

    Raises
    ------
    ReceiptError
        If it cannot be resolved, or its sentence does not hold.
    """
    if role == "num":
        return receipt(inside, names).text
    return require(sentence(inside, names)).text


def roles(text: str) -> list[tuple[str, str]]:
    """All (role, inside) pairs of a text, in order, their white space made single."""
    return [(m[1], " ".join(m[2].split())) for m in ROLE.finditer(text)]


def rows_of(text: str, names: Names = NO_NAMES) -> list[tuple[str, str]]:
    """(table, key) of every row that the roles of a text rest on, in the order in which it comes to them.

    A role that does not resolve rests on none: lint tells it as what it is.
    """
    found: dict[tuple[str, str], None] = {}
    for role, inside in roles(text):
        with contextlib.suppress(ReceiptError):
            rows = receipt(inside, names).rows if role == "num" else sentence(inside, names).rows
            found.update({row[:2]: None for row in rows})
    return list(found)


def sources_of(text: str, names: Names = NO_NAMES) -> tuple[str, ...]:
    """Ids of the sources that the rows behind a text's roles name, each once."""
    cells = (tables.records(table).get(key, {}).get("source_ids", "") for table, key in rows_of(text, names))
    return tuple(dict.fromkeys(one.strip() for ids in cells for one in ids.split(";") if one.strip()))


def expanded(text: str, names: Names) -> str:
    """A text whose roles use no names any more, so that it says the same on any page.

    Raises
    ------
    ReceiptError
        If a name is none.
    """
    return ROLE.sub(lambda match: f"{{{match[1]}}}`{inside_expanded(match[1], match[2], names)}`", text)


def inside_expanded(role: str, inside: str, names: Names) -> str:
    """The inside of one role without names."""
    if role == "num":
        return names.expanded(inside)
    if role == "verdict":
        return names.claim(inside)
    match = CONDITION.match(inside)
    return f"{match['text']} <{names.condition(match['condition'])}>" if match else inside


# --- the facts of a chapter -----------------------------------------------------------------------


def facts() -> None:
    """Print every number and every tested sentence of the open chapter, under its name or its expression.

    The stored output of this cell is what nbval compares: the lock file of the story. A build does not need
    it: it resolves every role itself.

    Raises
    ------
    ReceiptError
        If no chapter is open, or what it says cannot be resolved.
    """
    name = chapters.current()
    if name is None:
        raise ReceiptError("Call open_chapter first; facts() prints the facts of the open chapter.")
    if not chapters.is_build():
        print(*facts_of(name), sep="\n")


def facts_of(page: str) -> list[str]:
    """The facts of a page as lines `name or expression -> what it says`, sorted."""
    names = named.of_page(page)
    lines = {
        line
        for cell in pages.page(page).of_kind("markdown")
        for role, inside in roles(cell.text)
        for line in [_fact(role, inside, names)]
    }
    return sorted(lines)


def _fact(role: str, inside: str, names: Names) -> str:
    if role == "num":
        return f"{inside} -> {receipt(inside, names).text}"
    found = require(sentence(inside, names))
    condition = names.called(found.condition)
    return f"{condition} holds “{found.text}” -> {found.values}"
