"""How a claim stands, decided in one place.

The rule, in the order in which it is asked:

1. A finding that an editor marked as deciding, with the reason in `decides`, decides; of several the newest.
2. What was kept in time stays *met*: the newest finding that says `met` and is dated by the due date decides.
   What was found later stands beside it. Where no date was given, every finding is in time.
3. Otherwise the newest finding decides. One that says `met` after the due date shows that the promise was
   kept, not that it was kept in time: it makes it *late*.

Some words need care:

- *late* against *missed*: kept after its date is `late`; not kept, and the date has passed, is `missed`.
- *withdrawn*: taken back by who made it. *Not ratable as worded*: the wording names nothing to hold it against,
  whatever was found; which claims that are stands in the data, and `checks` hold the findings to it.
- *overdue*: the due date has passed and the finding that decides still says `open`, or there is none.
- *not yet followed up*: nobody has looked (no outcome row). That is not `unknown`, which means
  that somebody looked and found nothing published.
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import pandas as pd

from storykit import descriptor, periods, reads, tables

NOT_FOLLOWED_UP = "not-followed-up"
WORDS = {
    "met": "met",
    "late": "met late",
    "partly": "partly met",
    "missed": "missed",
    "open": "still open",
    "superseded": "superseded",
    "withdrawn": "withdrawn",
    "unknown": "no published evidence",
    "not-ratable": "not ratable as worded",
    NOT_FOLLOWED_UP: "not yet followed up",
}
"""Verdict -> the words the pages use, in the order the pages use."""

MEANINGS = {
    "met": "What was promised was there by its date (or is there, where no date was given).",
    "late": "What was promised came, but after its date.",
    "partly": "A part of what was promised came.",
    "missed": "The date passed and what was promised had not come.",
    "open": "Not settled: the date is not reached, or no final figure has come out yet.",
    "superseded": "A later promise or plan took its place.",
    "withdrawn": "Whoever made the promise took it back.",
    "unknown": "Somebody looked, and found no published evidence either way.",
    "not-ratable": "The wording names neither a number nor a date, so nothing found can settle it.",
    NOT_FOLLOWED_UP: "Nobody has looked yet. This is not the same as finding nothing.",
}

RULES = {
    "marked": "An editor marked this finding as deciding.",
    "kept": "It says that the promise was kept, and nothing puts it after the due date; what is kept in time stays kept.",
    "newest": "It is the newest finding.",
}
"""Rule by which a finding decides -> its words."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """How one claim stands: the word, the outcome it rests on, by which rule, and whether it is overdue."""

    word: str
    outcome_id: str
    as_of: str
    overdue: bool
    rule: str

    @property
    def words(self) -> str:
        return f"{WORDS[self.word]}, overdue" if self.overdue else WORDS[self.word]


@functools.lru_cache(maxsize=2048)
def last_day(date: str) -> pd.Timestamp:
    """The last day that a partial ISO date (2017, 2017-05, 2017-05-13) may mean."""
    return periods.bounds(date)[1]


def decide(due_by: str, outcomes: list[dict[str, str]], as_of: str) -> Verdict:
    """The verdict of one claim, by the rule at the head of this module.

    Parameters
    ----------
    due_by
        Partial ISO date, or "" where no date was given.
    outcomes
        Its outcome rows (`outcome_id`, `as_of`, `verdict`, and `decides` where an editor gave a reason), any
        order; may be empty.
    as_of
        The day the data stand at (partial ISO date); decides what is overdue. Never "now".
    """
    passed = bool(due_by) and last_day(due_by) < periods.bounds(as_of)[0]
    if not outcomes:
        return Verdict(NOT_FOLLOWED_UP, "", "", passed, "")
    rule, deciding = _deciding(due_by, outcomes)
    word = deciding["verdict"]
    if word == "met" and not _in_time(deciding, due_by):
        word = "late"
    overdue = passed and word == "open"
    return Verdict(word, deciding["outcome_id"], deciding["as_of"], overdue, rule)


def _deciding(due_by: str, outcomes: list[dict[str, str]]) -> tuple[str, dict[str, str]]:
    """The rule by which a finding decides, as named in `RULES`, and the one that the verdict rests on."""
    ordered = sorted(outcomes, key=lambda o: (last_day(o["as_of"]), o["outcome_id"]))
    marked = [o for o in ordered if o.get("decides")]
    kept = [o for o in ordered if o["verdict"] == "met" and _in_time(o, due_by)]
    rule = "marked" if marked else "kept" if kept else "newest"
    return rule, (marked or kept or ordered)[-1]


def _in_time(outcome: dict[str, str], due_by: str) -> bool:
    return not due_by or last_day(outcome["as_of"]) <= last_day(due_by)


def data_as_of() -> str:
    """The day the data stand at: `storykit:asOf` of the data package."""
    day: str = descriptor.about("storykit:asOf")
    return day


def all_verdicts() -> pd.DataFrame:
    """All claims with their verdict.

    Returns
    -------
    `claims` plus `verdict`, `verdict_words`, `verdict_as_of`, `verdict_outcome`, `verdict_rule`, `overdue`.
    """
    for name in _DECIDING:
        reads.remember(name)
    return _decided(data_as_of(), *map(tables.state, _DECIDING)).copy(deep=False)


_DECIDING = ("claims", "outcomes")


def where(condition: str) -> pd.DataFrame:
    """Some claims with their verdict, as `all_verdicts` gives them: who asks for these rests on them only.

    `condition` is one as `DataFrame.query` takes it: `"thread == 'context' and verdict == 'missed'"`.
    """
    reads.remember(f"decided:{','.join(_DECIDING)}?{condition}")
    with reads.aside():
        return all_verdicts().query(condition)


SUPPORT = {
    "official": "an official document or dataset among its sources",
    "several": "several documents, none of them official",
    "single": "one document that is not official",
}
"""What a row rests on -> its words. Which kinds of sources are official says `storykit:official` of the sources."""


def all_findings() -> pd.DataFrame:
    """All findings, with what they rest on.

    Returns
    -------
    `outcomes` plus `deciding` (the verdict of its claim rests on it) and `support` (a key of `SUPPORT`).
    """
    found = tables.load("outcomes")
    deciding = found["outcome_id"].isin(all_verdicts()["verdict_outcome"])
    return found.assign(deciding=deciding, support=support(found["source_ids"]))


def all_claims() -> pd.DataFrame:
    """All claims as `all_verdicts` gives them, with what they rest on.

    Returns
    -------
    These plus `support` (of the promise) and `found_support` (the best of promise and findings).
    """
    claims, found = all_verdicts(), tables.load("outcomes")
    together = found.groupby("claim_id")["source_ids"].sum().reindex(claims["claim_id"])
    both = [
        own + (more if isinstance(more, list) else []) for own, more in zip(claims["source_ids"], together)
    ]
    return claims.assign(
        support=support(claims["source_ids"]), found_support=support(pd.Series(both, index=claims.index))
    )


def support(sources: pd.Series) -> pd.Series:
    """What rows rest on, by their lists of `sources`: keys of `SUPPORT`."""
    kinds = tables.column("sources", "kind").to_dict()
    official = descriptor.resource("sources").get("storykit:official", [])

    def best(ids: list[str]) -> str:
        if any(kinds[name] in official for name in ids):
            return "official"
        return "several" if len(set(ids)) > 1 else "single"

    return sources.map(best)


def in_order(claims: pd.DataFrame) -> pd.DataFrame:
    """Claims by verdict, in the order the pages use; those of one verdict stay as they are."""
    return claims.sort_values("verdict", key=lambda words: words.map(list(WORDS).index), kind="stable")


def findings(claims: pd.DataFrame) -> pd.DataFrame:
    """All findings about claims.

    Parameters
    ----------
    claims
        Rows of `all_verdicts`.

    Returns
    -------
    The rows of `outcomes` about them, in the order of the table, with `verdict_then` (the words of the verdict at
    that date), `newest` (those of the claim's verdict at the finding it rests on, else "") and `statement`,
    `made_by` and `due_by` of the claim.
    """
    found = tables.load("outcomes").merge(
        claims[["claim_id", "statement", "made_by", "due_by", "verdict_words", "verdict_outcome"]],
        on="claim_id",
    )
    rests = found["outcome_id"] == found["verdict_outcome"]
    found = found.assign(
        verdict_then=found["verdict"].map(WORDS), newest=found["verdict_words"].where(rests, "")
    )
    return found.drop(columns=["verdict_words", "verdict_outcome"])


@functools.lru_cache(maxsize=4)
def _decided(as_of: str, *_states: tuple[Path, int]) -> pd.DataFrame:
    claims = tables.load("claims")
    groups: dict[str, list[dict[str, str]]] = {}
    for outcome in tables.records("outcomes").values():
        groups.setdefault(outcome["claim_id"], []).append(outcome)
    found = [
        decide(due, groups.get(claim, []), as_of) for claim, due in zip(claims["claim_id"], claims["due_by"])
    ]
    return claims.assign(
        verdict=[v.word for v in found],
        verdict_words=[v.words for v in found],
        verdict_as_of=[v.as_of for v in found],
        verdict_outcome=[v.outcome_id for v in found],
        verdict_rule=[v.rule for v in found],
        overdue=[v.overdue for v in found],
    )
