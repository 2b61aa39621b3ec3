"""What is kept from build to build is never taken for what it is not."""

from __future__ import annotations

import os

import pytest

from storykit import contents, project, tables
from storykit.site import inspection
from storykit.site import kept as kept_module
from storykit.site.kept import Kept, unless_written


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


def label(name="sales"):
    return tables.records("series")[name]["label"]


def edit(root, table, old, new):
    file = root / "data" / "tables" / f"{table}.csv"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def asked(file, make=label):
    """What is given, and whether it had to be made."""
    kept, made = Kept(file), []
    found = kept.of_data("it", lambda: made.append(1) or make())
    kept.save()
    return found, bool(made)


def test_what_comes_of_data_is_kept_while_the_rows_that_it_rests_on_are_the_same(small):
    file, said = small / "kept", label()
    assert asked(file) == (said, True) and asked(file) == (said, False)
    edit(small, "series", label("growth"), "Another growth")
    assert asked(file) == (said, False)
    edit(small, "series", said, "Another label")
    assert asked(file) == ("Another label", True) and asked(file) == ("Another label", False)
    descriptor = small / "data" / "datapackage.json"
    descriptor.write_text(descriptor.read_text() + " ")
    assert asked(file) == ("Another label", True)


def test_what_was_made_while_a_table_was_saved_is_made_again(small):
    def meanwhile():
        said = label()
        edit(small, "series", said, "Another label")
        return said

    file, said = small / "kept", label()
    assert asked(file, meanwhile) == (said, True)
    assert asked(file) == ("Another label", True)


def test_an_outline_or_a_table_that_is_gone_does_not_hold(small):
    (small / "data" / "geo").mkdir()
    outline = small / "data" / "geo" / "land.geojson"
    outline.write_text("{}")
    rest = contents.Rest.on(["geo:land", "row:series:sales"])
    assert rest.now() == rest and rest.of_tables == ["series"]
    outline.write_text("{ }")
    assert rest.now() is None
    rest = contents.Rest.on(["row:series:sales"])
    with project.trying({}):
        assert rest.now() == rest
    descriptor = small / "data" / "datapackage.json"
    descriptor.write_text(descriptor.read_text().replace('"name": "series"', '"name": "others"'))
    assert rest.now() is None


def test_of_a_large_table_nobody_looks_at_rows_one_by_one(small, monkeypatch):
    monkeypatch.setattr(tables, "LARGE", 10)
    assert contents.Rest.on(["row:series:sales"]).parts == {"series": {"series": contents.of("series")}}


def test_files_are_written_again_when_anything_that_they_come_of_changes_or_they_do(small):
    wrote = []

    def write():
        wrote.append(label())
        (small / "one.txt").write_text(label())
        return [small / "one.txt"]

    def again(made_of="it", place=small):
        wrote.clear()
        unless_written("one", place, made_of, write)
        return bool(wrote)

    assert again() and not again()
    edit(small, "series", label("growth"), "Another growth")
    assert not again() and not again()
    edit(small, "series", label(), "Another label")
    assert again() and not again()
    assert again("something else") and not again("something else")
    (small / "one.txt").write_text("damaged")
    assert again("something else") and (small / "one.txt").read_text() == "Another label"
    (small / "one.txt").unlink()
    assert again("something else")
    note = small / "_build" / ".storykit" / "written" / "one.json"
    note.write_text(note.read_text()[:-1])
    assert again("something else") and not again("something else")


def test_a_link_is_followed_as_it_is_written(tmp_path):
    (tmp_path / "two  spaces.txt").touch()
    page = (
        "<!doctype html><title>x</title><a href='two  spaces.txt'>o</a><a href=' two %20spaces.txt\n'>o</a>"
    )
    (tmp_path / "one.html").write_text(page)
    assert inspection.inspect(tmp_path) == []
    (tmp_path / "one.html").write_text(page.replace("two  ", "two "))
    assert inspection.inspect(tmp_path) == ["one.html: href two spaces.txt leads nowhere"]


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


@pytest.fixture
def engine(small, monkeypatch):
    """An engine of its own, with nothing made yet."""
    own = small / "engine"
    own.mkdir()
    (own / "pyproject.toml").touch()
    monkeypatch.setattr(kept_module, "ENGINE", own)
    return own


def made(name="thing", of="1", content=b"content"):
    asked = []
    place = kept_module.of_engine(name, of, lambda: asked.append(1) or content)
    return place, bool(asked)


def test_what_the_engine_makes_is_made_once_for_all_books(engine):
    place, anew = made()
    assert anew and place.read_bytes() == b"content" and place.name == "thing" and engine in place.parents
    assert made() == (place, False)
    other, anew = made(of="2", content=b"other")
    assert anew and other.read_bytes() == b"other" and place.read_bytes() == b"content"
    assert [f.name for f in place.parent.iterdir()] == ["thing"]


def test_only_so_much_is_kept_of_the_engine_and_a_failure_leaves_nothing(engine, monkeypatch):
    monkeypatch.setattr(kept_module, "MOST", 2)
    places = []
    for number in range(4):
        places.append(made(of=str(number))[0])
        os.utime(places[-1], (number, number))
    assert [place.parent.exists() for place in places] == [False, False, True, True]
    with pytest.raises(ZeroDivisionError):
        kept_module.of_engine("thing", "fails", lambda: 1 / 0)
    assert {f.name for f in places[-1].parent.parent.glob("*/*")} == {"thing"}


def test_an_engine_that_cannot_be_written_in_keeps_it_in_the_book(engine, small):
    (engine / "pyproject.toml").unlink()
    assert small / "_build" in made()[0].parents
