"""A text in short, for those who show a page from outside: search engines, feeds, cards."""

from __future__ import annotations

import re

MOST = 300
"""Signs that a summary has at most, unless its first sentence is longer."""

_END = re.compile(r"[.!?][\"”’)\]]*(?=\s+[\"“‘(\[]?[A-Z0-9]|\s*$)")
"""Where a sentence ends: a stop, and a capital behind it; "No. 5" and "U.S. firms" are seldom, and only end one early."""


def of(text: str) -> str:
    """The first sentences of a text, as many as have room; it ends where a sentence does."""
    text = " ".join(text.split())
    ends = [match.end() for match in _END.finditer(text)]
    if not ends:
        return f"{text}." if text else ""
    return text[: max((end for end in ends if end <= MOST), default=ends[0])]
