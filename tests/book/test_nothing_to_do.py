"""A site that was just built has nothing to do: else every build does it again, and nobody sees why it takes long."""

from __future__ import annotations

import pickle
import types

import pytest

from storykit import project
from storykit.site import extension, shell

APP = types.SimpleNamespace(story=types.SimpleNamespace(engine=shell.digest()))
"""As much of Sphinx as is asked for."""


@pytest.fixture
def built():
    """What Sphinx knows of the site that stands in `_build`; read anew for each test, as one changes it."""
    with open(
        project.root() / "_build" / "next" / "_build" / ".doctrees" / "environment.pickle", "rb"
    ) as kept:
        return pickle.load(kept)


def test_no_page_is_to_be_read_again(built):
    assert len(built.found_docs) > 20
    assert extension.outdated(APP, built, set(), set(), set()) == []


def test_a_page_whose_table_or_receipt_says_something_else_is(built):
    page = next(page for page, tables in built.story_tables.items() if tables)
    built.story_tables[page] = dict.fromkeys(built.story_tables[page], "something else")
    rested = next(name for name, rests in built.story_rests.items() if rests and name != page)
    built.story_rests[rested] = dict.fromkeys(built.story_rests[rested], "something else")
    del built.story_parts[rested]  # a row that it rests on was another
    built.story_looks["data"] = "other data"
    assert extension.outdated(APP, built, set(), set(), set()) == sorted({page, rested})
