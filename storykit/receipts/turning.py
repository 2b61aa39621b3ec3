"""Where a tested sentence turns: of a recorded number that it compares with another, the value at which it fails."""

from __future__ import annotations

import ast
import dataclasses

from storykit.receipts.language import NO_NAMES, evaluate
from storykit.receipts.names import spelled
from storykit.receipts.values import Number, Source

_SIGNS: dict[type, str] = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}
_SEEN_FROM_RIGHT = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


@dataclasses.dataclass(frozen=True)
class Turn:
    """A number as recorded and the value at which its sentence turns, in the same unit.

    The sentence holds while the number is `sign` that value: one of > >= < <=.
    """

    now: Number
    sign: str
    at: Number

    @property
    def row(self) -> Source:
        """The cell in which the number stands."""
        return self.now.rows[0]


def turn(condition: str) -> Turn | None:
    """Where a condition without names turns; None if it is no comparison of a recorded number with another."""
    match NO_NAMES.parse(condition):
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _SIGNS:
            sign = _SIGNS[type(op)]
            sides = evaluate(spelled(left)).result, evaluate(spelled(right)).result
            return _turn(sides[0], sign, sides[1]) or _turn(sides[1], _SEEN_FROM_RIGHT[sign], sides[0])
    return None


def _turn(now: object, sign: str, other: object) -> Turn | None:
    if not (isinstance(now, Number) and isinstance(other, Number)):
        return None
    if now.recorded is None or len(now.rows) != 1 or now.rows[0] in other.rows:
        return None
    amount = other.amount if other.is_typed else other.base / now.unit.factor
    at = dataclasses.replace(now, amount=amount, recorded=None, qualifier="exact")
    return Turn(now, sign, at) if amount != now.amount else None
