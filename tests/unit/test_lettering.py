"""How words are broken into lines before any browser sets them."""

from __future__ import annotations

import pytest

from storykit.site import lettering


@pytest.mark.parametrize(
    "text", ["", "one", "some words of one line", "word " * 60, "x" * 300, "國家 統計 " * 30]
)
@pytest.mark.parametrize("most", [1, 3])
def test_what_fits_is_what_its_lines_say(text, most):
    assert lettering.fits(text, 12, 300, most) == (len(lettering.lines(text, 12, 300)) <= most)


def test_of_a_text_that_is_far_too_long_only_the_beginning_is_measured(monkeypatch):
    measured, width = [], lettering.width
    monkeypatch.setattr(lettering, "width", lambda *asked: measured.append(asked) or width(*asked))
    assert not lettering.fits("word " * 10_000, 12, 300, 3)
    assert len(measured) < 400
