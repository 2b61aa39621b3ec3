"""Where a row of data is found on the site: one rule, stable anchors."""

from __future__ import annotations

import re

from storykit import receipts, tables

LEDGER = "book/ledger"


def anchor(text: str) -> str:
    """A text as an HTML id: letters, digits and single dashes."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")


def source_page(source_id: str) -> str:
    """Sources stand on one page per first letter of their id."""
    return f"sources/{source_id[0].lower()}"


def row(table: str, key: str) -> tuple[str, str]:
    """(page name, anchor) of a row; the key `*` means the whole table."""
    if key == "*":
        return f"tables/{table}", ""
    if table == "observations":
        series, rest = key.split("/", 1)
        return f"series/{series}", f"o-{anchor(rest)}"
    if table == "series":
        return f"series/{key}", ""
    if table == "claims":
        return LEDGER, f"claim-{anchor(key)}"
    if table == "outcomes":
        return LEDGER, f"outcome-{anchor(key)}"
    if table == "sources":
        return source_page(key), f"s-{anchor(key)}"
    return f"tables/{table}", f"row-{anchor(key)}"


def source_words(source_id: str) -> str:
    """A source as a reader cites it: publisher and date."""
    record = tables.records("sources")[source_id]
    date = receipts.date_words(record["published"]) if record["published"] else "undated"
    return f"{record['publisher']}, {date}"
