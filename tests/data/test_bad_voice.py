"""Limits of chapters that cannot be read are problems of the descriptor."""

from __future__ import annotations

import json

import pytest

from storykit import checks


@pytest.mark.parametrize(
    ("said", "column", "words"),
    [
        ([], "storykit:voice", "must be an object with opening, chapter, apart, untold"),
        ({"openings": 130}, "storykit:voice", "is no limit; there are opening, chapter, apart, untold. Did you mean opening?"),
        ({"opening": "130"}, "storykit:voice.opening", "must be a number"),
        ({"chapter": 0}, "storykit:voice.chapter", "must be a number"),
        ({"untold": "dftz"}, "storykit:voice.untold", "must be a list of texts"),
        ({"apart": [1]}, "storykit:voice.apart", "must be a list of texts"),
    ],
)  # fmt: skip
def test_a_limit_that_is_none_is_named(package, said, column, words):
    file = package.root / "data/datapackage.json"
    whole = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(whole | {"storykit:voice": said}), encoding="utf-8")
    assert [(p.column, p.allowed) for p in checks.check()] == [(column, words)]
