"""The inside of a role, resolved: a number with its rows, a phrase with its condition."""

from __future__ import annotations

import dataclasses
import re

from storykit import chapters, reads
from storykit.receipts.language import NO_NAMES, evaluate
from storykit.receipts.names import Names, of_page, parted, used
from storykit.receipts.rows import Row
from storykit.receipts.values import ReceiptError, Source, Value
from storykit.receipts.writing import options_of, write

CONDITION = re.compile(r"^(?P<text>[^<]*[^<\s])\s*<(?P<condition>.+)>$", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Receipt:
    """A written number with all that a reader may ask about it.

    `name` is the name of the fact (without `@`), "" where it has none.
    """

    text: str
    expression: str
    value: Value
    name: str = ""

    @property
    def is_formula(self) -> bool:
        return self.value.recorded is None

    @property
    def rows(self) -> tuple[Source, ...]:
        return self.value.rows


def receipt(text: str, names: Names = NO_NAMES) -> Receipt:
    """Resolve the inside of a `{num}` role: an expression, then options after `|`.

    Raises
    ------
    ReceiptError
        If it names nothing, cannot be computed, meets an empty cell or rests on no row.
    """
    expression, how = parted(names.expanded(text))
    value, options = evaluate(expression).result, options_of(how)
    if isinstance(value, bool):
        raise ReceiptError(f"{expression!r} is a yes or no, not a number; use {{holds}} for conditions.")
    if not value.rows:
        raise ReceiptError(f"{expression!r} rests on no row of data; a number in prose must.")
    name = str(options.pop("as", "")).removeprefix("@")
    return Receipt(write(value, **options), expression, value, name)


def num(text: str) -> str:
    """The written number itself, for labels inside charts; the names of the open chapter may be used."""
    chapter = chapters.current()
    if not chapter:
        return receipt(text).text
    for name in sorted(used(text)):
        reads.remember(
            f"fact:{chapter}:{name}"
        )  # when it stands for something else, a build runs the chapter again
    return receipt(text, of_page(chapter)).text


def observation(key: str) -> Value:
    """The value of one row of `observations`.

    Raises
    ------
    ReceiptError
        If there is no such row.
    """
    return Row("observations", key).field("value")


@dataclasses.dataclass(frozen=True)
class Sentence:
    """A phrase with the condition that carries it, the values it was tested on and the cells these rest on."""

    text: str
    condition: str
    holds: bool
    values: str
    rows: tuple[Source, ...]


def sentence(text: str, names: Names = NO_NAMES) -> Sentence:
    """Resolve the inside of a `{holds}` role: `phrase <condition>`.

    Raises
    ------
    ReceiptError
        If there is no condition, it cannot be evaluated, or it rests on no row.
    """
    match = CONDITION.match(text)
    if not match:
        raise ReceiptError(f"{text!r} has no condition; write {{holds}}`phrase <condition>`.")
    condition = names.condition(match["condition"])
    answer = evaluate(condition)
    if not isinstance(answer.result, bool):
        raise ReceiptError(f"{condition!r} is not a condition; use > >= < <= == != and, or, not.")
    if not answer.rows:
        raise ReceiptError(f"The condition {condition!r} rests on no row of data.")
    values = "; ".join(f"{names.called(name)} = {_shown(value)}" for name, value in answer.inputs)
    return Sentence(match["text"], condition, answer.result, values, answer.rows)


def _shown(value: Value) -> str:
    if value.recorded is not None:
        return value.recorded
    return format(value.amount, ".6g")


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
