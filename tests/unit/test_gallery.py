"""The gallery: an example of every form, that runs, and a page that is as its examples are."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from storykit import forms
from storykit.site import gallery

PROJECT = Path(__file__).parent.parent.parent
PUBLIC = [
    name
    for name in forms.__all__
    if inspect.isfunction(getattr(forms, name))
    and "Form" in str(inspect.signature(getattr(forms, name)).return_annotation)
]


def test_every_form_has_an_example():
    assert sorted(PUBLIC) == sorted(gallery.EXAMPLES)


@pytest.mark.parametrize("name", gallery.EXAMPLES)
def test_an_example_runs_and_uses_its_form(name):
    form = gallery.EXAMPLES[name]()
    assert form.data and form.sizes["narrow_height"] > 0
    assert f"forms.{name}(" in inspect.getsource(gallery.EXAMPLES[name])


def test_the_page_shows_the_examples_as_they_are(monkeypatch):
    monkeypatch.chdir(PROJECT)
    assert (PROJECT / "docs/forms.md").read_text(encoding="utf-8") == gallery.text()
    for name in gallery.EXAMPLES:
        assert (PROJECT / f"docs/forms/{name}.svg").read_text(encoding="utf-8").startswith("<svg")
