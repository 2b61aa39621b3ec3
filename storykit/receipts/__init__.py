"""A number in prose, with the row it comes from.

One small language, used the same in prose, titles, descriptions and sentence checks:

    {num}`dftz_smes_selected/MY/2017-11-03`                    an observation
    {num}`claims("dftz-goods-65bn").target_value`               a field of any table's row
    {num}`a/MY/2018 / b/MY/2017 | percent 1`                    a formula, then how to write it
    {num}`count("claims", verdict="unknown")`                   how many rows
    {num}`@uses | words`                                        a fact that was named (see `names`)
    {holds}`passed in 2022 <@passed_in_2022>`                   a phrase and the condition that carries it

Expressions are Python expressions over these names only; nothing else is ever evaluated. Units
travel along: what has not the same dimension cannot be added or compared.
"""

from storykit.receipts.filters import filtered
from storykit.receipts.language import NO_NAMES, carry, carry_on, evaluate, filters_of, look_ahead
from storykit.receipts.names import Names, facts_in, of_page, used
from storykit.receipts.resolving import (
    CONDITION,
    Receipt,
    Sentence,
    num,
    observation,
    receipt,
    require,
    sentence,
)
from storykit.receipts.texts import (
    ROLE,
    expanded,
    facts,
    facts_of,
    inside_expanded,
    plain,
    roles,
    rows_of,
    said,
    sources_of,
)
from storykit.receipts.turning import Turn, turns
from storykit.receipts.typed import TYPED_ALLOWED, typed_numbers
from storykit.receipts.values import PERCENT, Number, ReceiptError, Text, Unit, Value, unit
from storykit.receipts.writing import around, date_words, spaced, write

__all__ = [
    "CONDITION",
    "NO_NAMES",
    "PERCENT",
    "ROLE",
    "TYPED_ALLOWED",
    "Names",
    "Number",
    "Receipt",
    "ReceiptError",
    "Sentence",
    "Text",
    "Turn",
    "Unit",
    "Value",
    "around",
    "carry",
    "carry_on",
    "date_words",
    "evaluate",
    "expanded",
    "facts",
    "facts_in",
    "facts_of",
    "filtered",
    "filters_of",
    "inside_expanded",
    "look_ahead",
    "num",
    "observation",
    "of_page",
    "plain",
    "receipt",
    "require",
    "roles",
    "rows_of",
    "said",
    "sentence",
    "sources_of",
    "spaced",
    "turns",
    "typed_numbers",
    "unit",
    "used",
    "write",
]
