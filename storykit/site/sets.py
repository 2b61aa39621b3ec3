"""Sets of claims by a rule over their fields, never by a list of names: listed, and counted by kind and verdict.

The rule is written as the filters of `count`, so that a list or table holds what a sentence counts:
`country_iso2="MY", asks="opening", due_by__not=""`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from storykit import descriptor, receipts, verdicts
from storykit.site import links, views
from storykit.site.links import Addresses

LEDGER_NAMES = {"country_iso2": "country", "asks": "asks", "thread": "thread", "verdict": "verdict"}
"""Field that the ledger can be filtered by -> its name in the ledger's address."""


def chosen(where: str) -> pd.DataFrame:
    """The claims that a rule is about, with their verdicts: by verdict, then in order of time.

    Raises
    ------
    ReceiptError
        If there is no rule, it cannot be read, or no claim fits it.
    """
    if not where:
        raise receipts.ReceiptError('A list of claims needs a rule, such as :where: thread="zone".')
    found = receipts.filtered("claims", receipts.filters_of(where))
    if found.empty:
        raise receipts.ReceiptError(f"No claim fits {where}.")
    return verdicts.in_order(found.sort_values(["made_on", "claim_id"]))


def counted(addresses: Addresses, where: str, caption: str) -> views.ClaimSets:
    """How many claims of each kind have each verdict; a number leads to them where the ledger can show the same set.

    Parameters
    ----------
    where
        The rule, as of `chosen`; "" for all claims.
    """
    asked = receipts.filters_of(where)
    claims = receipts.filtered("claims", asked)
    words = {verdict: word for verdict, word in verdicts.WORDS.items() if verdict in set(claims["verdict"])}
    counts = Counter(zip(claims["asks"], claims["verdict"]))

    def count(asks: str, verdict: str) -> views.SetCount:
        """One cell; "" stands for all kinds, or all verdicts."""
        number = sum(n for (a, v), n in counts.items() if asks in ("", a) and verdict in ("", v))
        return views.SetCount(number, _ledger(addresses, asked, asks, verdict) if number else "")

    rows = [(kind, word) for kind, (word, _) in kinds().items() if kind in set(claims["asks"])] + [
        ("", "all kinds")
    ]
    return views.ClaimSets(
        caption=caption,
        verdicts=tuple(words.values()),
        rows=tuple(
            views.SetRow(word, tuple(count(kind, verdict) for verdict in (*words, ""))) for kind, word in rows
        ),
    )


def marks(
    addresses: Addresses, where: str, caption: str, groups: Sequence[tuple[str, str, Sequence[str]]]
) -> views.KindMarks:
    """The claims of a rule by kind and verdict, kinds in groups of (title, state, kinds).

    Raises
    ------
    ReceiptError
        If a kind that has claims is in no group, or in two, or there is no such kind.
    """
    asked = receipts.filters_of(where)
    claims, words = receipts.filtered("claims", asked), kinds()
    named = [kind for _, _, own in groups for kind in own]
    if strange := sorted(set(named) - set(words)) or sorted({k for k in named if named.count(k) > 1}):
        raise receipts.ReceiptError(
            f"{strange[0]!r} is no kind of claim, or named twice; there are {', '.join(words)}."
        )
    if missing := sorted(set(claims["asks"]) - set(named)):
        raise receipts.ReceiptError(f"No group has the kind {missing[0]!r}, of which there are claims.")
    counts = Counter(zip(claims["asks"], claims["verdict"]))

    def row(kind: str) -> views.KindRow:
        parts = [
            views.VerdictCount(views.Badge(v, word), counts[kind, v])
            for v, word in verdicts.WORDS.items()
            if counts[kind, v]
        ]
        total = sum(part.claims for part in parts)
        return views.KindRow(
            words[kind][0], views.SetCount(total, _ledger(addresses, asked, kind, "")), tuple(parts)
        )

    present = set(claims["asks"])
    return views.KindMarks(
        caption,
        tuple(
            views.KindGroup(title, state, tuple(row(kind) for kind in own if kind in present))
            for title, state, own in groups
        ),
    )


def kinds() -> dict[str, tuple[str, str]]:
    """Kind of claim -> its word and its definition, in the order in which they are asked."""
    labels = descriptor.categories("claims", "asks")
    parted = {kind: label.partition(": ") for kind, label in labels.items()}
    return {kind: (word, meaning) for kind, (word, _, meaning) in parted.items()}


def _ledger(addresses: Addresses, asked: dict[str, Any], asks: str, verdict: str) -> str:
    """Address of the ledger filtered to one cell, "" where it has no filter for a part of the rule."""
    fields = {**asked, **({"asks": asks} if asks else {}), **({"verdict": verdict} if verdict else {})}
    if not all(field in LEDGER_NAMES and isinstance(value, str) for field, value in fields.items()):
        return ""
    query = urlencode({LEDGER_NAMES[field]: value for field, value in fields.items()})
    return addresses.page_href(links.LEDGER) + (f"?{query}" if query else "")
