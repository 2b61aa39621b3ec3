"""A number in prose, with the row it comes from.

One small language, used the same in prose, titles, descriptions and sentence checks:

    {num}`dftz_smes_selected/MY/2017-11-03`                    an observation
    {num}`claims("dftz-goods-65bn").target_value`               a field of any table's row
    {num}`a/MY/2018 / b/MY/2017 | percent 1`                    a formula, then how to write it
    {num}`count("claims", verdict="unknown")`                   how many rows
    {holds}`passed in 2022 <ecommerce_value_added/MY/2022 > claims("rm211bn").target_value>`

Expressions are Python expressions over these names only; nothing else is ever evaluated. Units
travel along: what has not the same dimension cannot be added or compared.
"""

from storykit.receipts.resolving import Receipt, Sentence, num, receipt, require, sentence
from storykit.receipts.texts import ROLE, facts, plain, roles
from storykit.receipts.typed import TYPED_ALLOWED, typed_numbers
from storykit.receipts.values import ReceiptError, Unit, Value, unit
from storykit.receipts.writing import date_words, spaced, write

__all__ = [
    "ROLE",
    "TYPED_ALLOWED",
    "Receipt",
    "ReceiptError",
    "Sentence",
    "Unit",
    "Value",
    "date_words",
    "facts",
    "num",
    "plain",
    "receipt",
    "require",
    "roles",
    "sentence",
    "spaced",
    "typed_numbers",
    "unit",
    "write",
]
