"""The reference of the language of receipts says what the language does, and is fresh."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from storykit.receipts import filters, functions, language, reference

PROJECT = Path(__file__).parent.parent.parent


def test_the_committed_reference_is_what_the_code_says():
    """`storykit reference` writes it."""
    assert (PROJECT / "docs" / "receipts.md").read_text(encoding="utf-8") == reference.text()


def test_every_operator_of_the_language_is_explained():
    known = {*language._OPERATORS, *language._COMPARISONS, ast.And, ast.Or, ast.Not, ast.USub}
    explained = set()
    for written in reference.OPERATORS:
        tree = ast.parse(written, mode="eval").body
        explained |= {type(op) for op in getattr(tree, "ops", [getattr(tree, "op", None)])}
    assert explained == known


@pytest.mark.parametrize("name", functions.FUNCTIONS)
def test_every_function_says_what_it_gives_and_refuses(name):
    says, _, refuses = inspect.getdoc(functions.FUNCTIONS[name]).partition("Raises\n------\nReceiptError\n")
    assert says.strip() and refuses.strip()
    assert f"### `{functions.spelling(name)}`" in reference.text()


def test_every_filter_is_explained():
    assert (
        set(filters.SUFFIXES) == set(filters._FITS) == {way for ways in filters.WAYS.values() for way in ways}
    )


def test_no_sign_parts_a_cell_of_the_tables():
    rows = [line for line in reference.text().splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {3, 4}
