"""The inside of a role, resolved: a number with its rows, a phrase with its condition."""

from __future__ import annotations

import dataclasses
import re

from storykit.receipts.language import evaluate
from storykit.receipts.values import ReceiptError, Value
from storykit.receipts.writing import options_of, write

CONDITION = re.compile(r"^(?P<text>[^<]*[^<\s])\s*<(?P<condition>.+)>$", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Receipt:
    """A written number with all that a reader may ask about it.

    `inputs` are the direct values it was made from (one for a plain number).
    """

    text: str
    expression: str
    value: Value
    inputs: tuple[Value, ...]

    @property
    def is_formula(self) -> bool:
        return self.value.recorded is None

    @property
    def rows(self) -> tuple[tuple[str, str, str], ...]:
        return self.value.rows


def receipt(text: str) -> Receipt:
    """Resolve the inside of a `{num}` role: an expression, then options after `|`.

    Raises
    ------
    ReceiptError
        If it names nothing, cannot be computed, meets an empty cell or rests on no row.
    """
    expression, _, how = text.partition("|")
    value, seen = evaluate(expression)
    if isinstance(value, bool):
        raise ReceiptError(
            f"{expression.strip()!r} is a yes or no, not a number; use {{holds}} for conditions."
        )
    if not value.rows:
        raise ReceiptError(f"{expression.strip()!r} rests on no row of data; a number in prose must.")
    return Receipt(write(value, **options_of(how)), expression.strip(), value, seen or (value,))


def num(text: str) -> str:
    """The written number itself, for labels and annotations inside charts."""
    return receipt(text).text


@dataclasses.dataclass(frozen=True)
class Sentence:
    """A phrase with the condition that carries it."""

    text: str
    condition: str
    holds: bool
    values: str
    rows: tuple[tuple[str, str, str], ...]


def sentence(text: str) -> Sentence:
    """Resolve the inside of a `{holds}` role: `phrase <condition>`.

    Raises
    ------
    ReceiptError
        If there is no condition, it cannot be evaluated, or it rests on no row.
    """
    match = CONDITION.match(text)
    if not match:
        raise ReceiptError(f"{text!r} has no condition; write {{holds}}`phrase <condition>`.")
    answer, seen = evaluate(match["condition"])
    if not isinstance(answer, bool):
        raise ReceiptError(f"{match['condition']!r} is not a condition; use > >= < <= == != and, or, not.")
    rows = tuple(dict.fromkeys(row for value in seen for row in value.rows))
    if not rows:
        raise ReceiptError(f"The condition {match['condition']!r} rests on no row of data.")
    values = "; ".join(f"{_name(v)} = {_shown(v)}" for v in seen)
    return Sentence(match["text"], match["condition"], answer, values, rows)


def _name(value: Value) -> str:
    if len(value.rows) == 1:
        table, key, field = value.rows[0]
        return key if table == "observations" else f"{table} {key}.{field}"
    return f"{len(value.rows)} rows"


def _shown(value: Value) -> str:
    return value.amount if value.is_text else (value.recorded or format(value.amount, ".6g"))


def require(found: Sentence) -> Sentence:
    """The sentence, if its condition holds.

    Raises
    ------
    ReceiptError
        If it does not: with the sentence, the condition and the values.
    """
    if not found.holds:
        raise ReceiptError(
            f"The data no longer support the sentence “{found.text}”: {found.condition} is false ({found.values})."
        )
    return found
