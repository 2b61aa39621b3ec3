"""Where the book uses a claim: the chapters that name it and the figures that draw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storykit import receipts, tables
from storykit.site import shell

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

Use = tuple[str, str, str]
"""Name of a page, anchor in it (or ""), and the title of what stands there."""


def of_claims(app: StoryApp) -> dict[str, list[Use]]:
    """Claim -> its uses, in the order of the book.

    A sentence that counts many claims uses none of them; one that names a claim, or a finding about it, does.
    """
    found: dict[str, dict[Use, None]] = {}
    for page in shell.pages(app):
        for claim in _named(app, page):
            found.setdefault(claim, {})[page, "", app.env.titles[page].astext()] = None
    for page, record in app.story.figures():
        use = (page, f"fig-{record.id}", receipts.plain(record.title))
        for table, key in record.rows:
            if table in ("claims", "outcomes") and key != "*":
                found.setdefault(_claim(table, key), {})[use] = None
    return {claim: list(uses) for claim, uses in found.items()}


def _named(app: StoryApp, page: str) -> dict[str, None]:
    claims: dict[str, None] = {}
    for kind, inside in getattr(app.env, "story_rests", {}).get(page, {}):
        if kind == "verdict":
            claims[inside] = None
        elif "claims(" in inside or "outcomes(" in inside:
            resolved = receipts.receipt(inside) if kind == "num" else receipts.sentence(inside)
            rows = [row[:2] for row in resolved.rows if row[0] in ("claims", "outcomes")]
            claims.update({_claim(*row): None for row in rows if f'"{row[1]}"' in inside})
    return claims


def _claim(table: str, key: str) -> str:
    return key if table == "claims" else tables.records(table)[key]["claim_id"]
