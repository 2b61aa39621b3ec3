"""What is kept from build to build is never taken for what it is not."""

from __future__ import annotations

import pytest

from storykit.site import inspection
from storykit.site.kept import Kept


def squares(file, rules="1", *numbers):
    kept, made = Kept(file, rules), []

    def square(number):
        made.append(number)
        return number * number

    found = [kept.get(number, lambda number=number: square(number)) for number in numbers]
    kept.save()
    return found, made


def test_what_was_worked_out_is_kept_and_what_nobody_asks_for_is_forgotten(tmp_path):
    file = tmp_path / "kept"
    assert squares(file, "1", 2, 3, 2) == ([4, 9, 4], [2, 3])
    assert squares(file, "1", 2) == ([4], [])
    assert squares(file, "1", 2, 3) == ([4, 9], [3])
    assert squares(file, "other rules", 2) == ([4], [2])
    assert squares(None, "1", 2) == ([4], [2])


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-3], lambda b: b"", lambda b: b[:-1] + b"x", lambda b: b"x" + b]
)
def test_a_damaged_file_is_as_good_as_none(tmp_path, damage):
    file = tmp_path / "kept"
    squares(file, "1", 2, 3)
    file.write_bytes(damage(file.read_bytes()))
    assert squares(file, "1", 2, 3) == ([4, 9], [2, 3])
    assert squares(file, "1", 2, 3) == ([4, 9], [])


def test_a_page_that_did_not_change_is_still_held_to_the_others(tmp_path):
    site, memory = tmp_path / "site", tmp_path / "seen"
    (site / "_figures").mkdir(parents=True)
    page = "<!doctype html><title>x</title><a href='other.html#there'>o</a>"
    (site / "one.html").write_text(page)
    (site / "other.html").write_text("<!doctype html><title>x</title><p id='there'>o</p>")
    assert inspection.inspect(site, memory) == [] and inspection.inspect(site, memory) == []
    (site / "other.html").write_text("<!doctype html><title>x</title><p id='gone'>o</p>")
    assert inspection.inspect(site, memory) == [
        "one.html: other.html#there names an anchor that is not there"
    ]
    (site / "other.html").unlink()
    assert inspection.inspect(site, memory) == ["one.html: href other.html#there leads nowhere"]
