"""The reference of the language, made from what the language itself runs on: `storykit reference`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from storykit import disk, project, verdicts
from storykit.receipts import filters, names, rows, writing
from storykit.receipts.functions import FUNCTIONS, spelling

_HEAD = """# The language of receipts

Made by `storykit reference` from `storykit/receipts/`; change it there. How a chapter uses it stands in
[contributing/chapters.md](contributing/chapters.md).

What stands inside `{num}`, inside the angle brackets of `{holds}`, and in `{facts}` blocks is one language: Python's
expressions over the names below, and nothing else. Each value has its unit and the cells it rests on; both travel along.
"""

OPERANDS = {
    "series/GEOGRAPHY/period": "the value of that row of `observations`, in the unit of its series",
    'table("key").field': "a field of the row with this key, of any table whose key is one field",
    'table("key")': f"the row itself; where a value is needed, its main field: {', '.join(f'`{t}.{f}`' for t, f in rows.MAIN_FIELD.items())}",
    "@name": "a fact of a `{facts}` block of this page or of `book/facts.md`; of a row, also `@name.field`",
    '"a text"': "a text or a date as ISO 8601 (`2017`, `2017-05`, `2017-05-13`); `2017-Q1`, `FY2018` and `2017..2019` are periods, too",
    "50": "a number; it takes the unit of the value it is compared with (what was counted does not: see `number`)",
    '["a", "b", @more]': "a list, for filters only; it may hold others, so that a long one is made of named ones",
    "True, False": "yes and no, for filters only",
}
"""What an expression is made of -> what it stands for."""

OPERATORS = {
    "a + b": "the same dimension on both sides; the result is in the unit of `a`",
    "a - b": "the same dimension on both sides; the result is in the unit of `a`",
    "a * b": "if `a` has no unit or is a ratio: in the unit of `b`; else the same the other way round; twice a percentage is `2 * a`",
    "a / b": "of one dimension: a ratio; by a number without unit: in the unit of `a`; else in a mixture, which can only be written with the option `unit` or `plain`",
    "-a": "in the unit of `a`",
    "a > b": "numbers of one dimension, or dates that can be told apart; also chained: `a < b < c`",
    "a >= b": "as `>`",
    "a < b": "as `>`",
    "a <= b": "as `>`",
    "a == b": "as `>`, and texts; a typed text that can never stand in the field is refused",
    "a != b": "as `==`",
    "a and b": "between comparisons; both sides are always looked at",
    "a or b": "between comparisons; both sides are always looked at",
    "not a": "before a comparison",
}
"""An operator as it is written -> what it takes and gives."""


def text() -> str:
    """The reference as Markdown."""
    functions = "\n\n".join(map(_function, FUNCTIONS.values(), FUNCTIONS))
    decided = {table: ", ".join(f"`{name}`" for name in fields) for table, fields in rows.DECIDED.items()}
    support = "; ".join(f"`{word}`: {words}" for word, words in verdicts.SUPPORT.items())
    return "\n".join(
        [
            _HEAD,
            "## What an expression is made of\n",
            *_table(("written", "stands for"), OPERANDS.items()),
            f"\nA claim also has {decided['claims']},",
            f"a finding {decided['outcomes']}: they are decided from the findings and their sources. `support` says what",
            f"a row rests on ({support}), `found_support` the best of a promise and its findings, `deciding` whether",
            "the verdict rests on the finding. An empty field is no value: an expression that meets one is refused.\n",
            "## Operators\n",
            *_table(("written", "takes and gives"), OPERATORS.items()),
            "\n*About*, *at least* and *at most* stay with a value; of two that differ the result is *about*.\n",
            "## Functions\n\n" + functions + "\n",
            "## Filters\n",
            "`count`, `distinct` and `total` take any number of filters; a row must fit all of them.\n",
            *_table(("written", "fits where", "on fields that hold"), map(_filter, filters.SUFFIXES)),
            "\nWhat can never stand in a field, by its `enum`, its `pattern` or the rows it refers to, is refused: a misspelt",
            "word would count nothing, and nobody would notice. A field of few words is safe once it has an `enum`.\n",
            "## Ways of writing\n",
            "Behind a bar, in `{num}` or with a fact's name; several stand behind bars of their own: `| to km | round 0`.\n",
            *_table(("written", "writes"), writing.OPTIONS.items()),
            "\nWithout any, a recorded value has the digits that stand in its table, and a computed one the fewest that say",
            "something: none from 100 on and where it is whole, one from 1 to 100, two that are not zero below 1.\n",
            "## Limits\n",
            f"An expression with a name has at most {names.MOST_CHARACTERS} characters; lint names longer ones.",
            "",
        ]
    )


def write() -> Path:
    """Write the reference to `docs/receipts.md`; returns the file."""
    file = project.root() / "docs" / "receipts.md"
    disk.write_whole(file, text())
    return file


def _function(function: Callable[..., object], name: str) -> str:
    """A function with what its docstring says; what it refuses in a line."""
    says, _, refuses = (inspect.getdoc(function) or "").partition("\nRaises\n------\nReceiptError\n")
    says = re.sub(
        r"(?m)(?:^ {4}\S.*\n?)+", lambda code: f"```\n{inspect.cleandoc(code[0])}\n```\n", says
    ).strip()
    refused = " ".join(refuses.split())
    return f"### `{spelling(name)}`\n\n{says}\n\nRefused: {refused[:1].lower()}{refused[1:]}"


def _filter(suffix: str) -> tuple[str, ...]:
    kinds = [kind for kind, ways in filters.WAYS.items() if suffix in ways]
    return f"field__{suffix}=" if suffix else "field=", filters.SUFFIXES[suffix], ", ".join(kinds)


def _table(heading: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> list[str]:
    """A Markdown table whose first column is code."""
    cells = [(f"`{written}`", *words) for written, *words in lines]
    return [f"| {' | '.join(row)} |" for row in (heading, ["---"] * len(heading), *cells)]
