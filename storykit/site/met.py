"""What would have to be true for a claim to be *met*: the rules of `verdicts`, said of one claim.

Where the finding that decides counts what was promised, in the same unit, the two numbers stand beside each other, and a
reader may slide the one along the other. The build says on which side of the goal the promise is kept; the page
only compares.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from storykit import descriptor, receipts, verdicts
from storykit.site import turnings, views

FEWER = ("second", "rank")
"""Dimensions of which less is more: a promise in hours, or of a place in a list, is kept at its number or below."""
COMPARED = ("met", "late", "partly", "missed", "open")
"""Verdicts whose finding counts what was promised. Another may stand beside a number of something else."""
KEPT, SHORT = "what was promised, or more", "less than promised"


def view(record: dict[str, Any], deciding: dict[str, Any] | None) -> views.Met:
    """What *met* takes.

    Parameters
    ----------
    record : a claim of `verdicts.all_verdicts`.
    deciding : the finding that its verdict rests on, None where nobody has looked.
    """
    told = [_takes(record), _time(record), _marked(deciding)]
    turn = _turn(record, deciding)
    if turn is None:
        return views.Met(tuple(filter(None, told)), None, "", "")
    kept = _keeps(turn)
    words = (KEPT, SHORT) if turn.sign == ">=" else ("what was promised", "more than promised")
    slider = turnings.slider(record["statement"], turn, set(), record["claim_id"]) if _apart(turn) else None
    told.insert(1, _beside(record, deciding or {}, kept))
    return views.Met(tuple(filter(None, told)), slider, *words)


def _takes(record: dict[str, Any]) -> str:
    """What a finding would have to say."""
    if record["verdict"] == "not-ratable":
        labels = descriptor.categories("claims", "not_ratable_because")
        because = labels.get(record["not_ratable_because"], "")
        return f"Nothing that is found can settle it as it is worded{': ' if because else ''}{because}."
    counted = record["metric"] or "what was promised"
    if pd.isna(record["target_value"]):
        return f"It takes a finding that says so. What is looked at: {counted}."
    goal = receipts.num(f'claims("{record["claim_id"]}").target_value')
    most = "at most" if _dimension(record) in FEWER else "at least"
    return f"It takes a published count of {most} {goal}. What is counted: {counted}."


def _time(record: dict[str, Any]) -> str:
    """When the finding would have to be dated."""
    if record["verdict"] == "not-ratable":
        return ""
    if not record["due_by"]:
        return "No date was given, so it may be of any day."
    due = receipts.date_words(record["due_by"])
    passed = verdicts.last_day(record["due_by"]) < pd.Timestamp(verdicts.data_as_of())
    later = f"; one of a later day would make it {verdicts.WORDS['late']}" if passed else ""
    return f"It is dated {due} or earlier{later}."


def _marked(deciding: dict[str, Any] | None) -> str:
    if not (deciding and deciding.get("decides")):
        return ""
    return (
        "And the editors' mark on the finding that decides now would have to go, for what is marked decides."
    )


def _dimension(record: dict[str, Any]) -> str:
    return receipts.unit(record["target_unit"]).dimension


def _turn(record: dict[str, Any], deciding: dict[str, Any] | None) -> receipts.Turn | None:
    """The number found and the number promised, where they are of one thing and agree with the verdict."""
    if deciding is None or record["verdict"] not in COMPARED or pd.isna(record["target_value"]):
        return None
    if pd.isna(deciding["observed_value"]) or deciding["unit"] != record["target_unit"]:
        return None
    now, goal = (receipts.receipt(expression).value for expression in _expressions(record, deciding))
    if not (isinstance(now, receipts.Number) and isinstance(goal, receipts.Number)):
        return None
    turn = receipts.Turn(now, "<=" if _dimension(record) in FEWER else ">=", goal)
    # A number on the other side of its verdict counts something else, or more than the promise: the finding says what.
    return turn if _keeps(turn) == (record["verdict"] in ("met", "late")) else None


def _expressions(record: dict[str, Any], deciding: dict[str, Any]) -> tuple[str, str]:
    """The number found and the number promised, as receipts name them."""
    return (
        f'outcomes("{deciding["outcome_id"]}").observed_value',
        f'claims("{record["claim_id"]}").target_value',
    )


def _keeps(turn: receipts.Turn) -> bool:
    """Whether the number found keeps the promise."""
    now, goal = turn.now.amount, turn.at.amount
    return now >= goal if turn.sign == ">=" else now <= goal


def _apart(turn: receipts.Turn) -> bool:
    """Whether there is room for a slider: goals of one, such as a region, are there or not."""
    return turn.now.amount != turn.at.amount and max(turn.now.amount, turn.at.amount) > 1


def _beside(record: dict[str, Any], deciding: dict[str, Any], kept: bool) -> str:
    """The number found beside the number promised."""
    found, goal = _expressions(record, deciding)
    counted = f"The finding that decides counts {receipts.num(found)}"
    now, wanted = deciding["observed_value"], record["target_value"]
    if now == wanted:
        return f"{counted}: as promised."
    larger, smaller = (found, goal) if now > wanted else (goal, found)
    parts = (
        wanted and now and _dimension(record) not in ("ratio", "rank")
    )  # of a share or a rank no part is told
    share = f", {_part(found, goal, now / wanted)} of it" if parts else ""
    side = "more" if now > wanted else "less"
    points = " | unit percentage points" if record["target_unit"] == receipts.PERCENT.unit_id else ""
    return f"{counted}: {receipts.num(f'{larger} - {smaller}{points}')} {side} than promised{share}."


def _part(found: str, goal: str, part: float) -> str:
    """What was found of what was promised, in percent; of the smallest parts no whole percent is left to write."""
    return receipts.num(f"{found} / {goal} | percent 0") if abs(part) > 0.005 else "less than 1%"
