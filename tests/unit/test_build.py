"""Publishing in one step: what is served is whole at every moment."""

from __future__ import annotations

import json
import os
import random
import shutil

import pytest

from storykit import cli, disk
from storykit.site import build, inspection, proof


def site(folder, words):
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(f"<!doctype html><h1>{words}</h1>")
    return folder


def test_publishing_turns_a_link_and_keeps_the_last_release(tmp_path):
    place = tmp_path / "_build" / "html"
    first = site(tmp_path / "a", "first")
    place.parent.mkdir()
    build.publish(first, place)
    assert place.is_symlink()
    served = place.resolve()
    build.publish(site(tmp_path / "b", "second"), place)
    assert "second" in (place / "index.html").read_text()
    assert "first" in (served / "index.html").read_text()  # a reader of the old release loses nothing
    build.publish(site(tmp_path / "c", "third"), place)
    kept = [p.name for p in (place.parent / "releases").iterdir() if p.name.isdigit()]
    assert len(kept) == build.KEPT_RELEASES


def test_a_release_holds_what_was_built_and_nothing_of_the_one_it_began_as(tmp_path):
    built, place = site(tmp_path / "a", "first"), tmp_path / "_build" / "html"
    place.parent.mkdir()
    (built / "gone").mkdir()
    (built / "gone" / "page.html").write_text("1")
    (built / "file").write_text("a folder later")
    (built / "folder").mkdir()
    (built / "folder" / "in it").write_text("a file later")
    for _ in range(build.KEPT_RELEASES):
        build.publish(built, place)
    shutil.rmtree(built / "gone")
    shutil.rmtree(built / "folder")
    (built / "folder").write_text("a file")
    (built / "file").unlink()
    (built / "file").mkdir()
    (built / "file" / "in it").write_text("new")
    (built / "index.html").write_text("<!doctype html><h1>other</h1>")
    for _ in range(build.KEPT_RELEASES):
        build.publish(built, place)
        assert _held(place.resolve()) == _held(built)


def _held(folder):
    return {
        f.relative_to(folder).as_posix(): f.read_text() if f.is_file() else None for f in folder.rglob("*")
    }


def test_a_folder_of_a_plain_build_gives_way(tmp_path):
    place = site(tmp_path / "_build" / "html", "built in place")
    build.publish(site(tmp_path / "a", "published"), place)
    assert place.is_symlink() and "published" in (place / "index.html").read_text()


def test_a_half_copied_release_is_never_served(tmp_path):
    place = tmp_path / "_build" / "html"
    place.parent.mkdir()
    build.publish(site(tmp_path / "a", "whole"), place)
    half = place.parent / "releases" / ".2"
    half.mkdir()
    (half / "index.html").write_text("hal")
    assert "whole" in (place / "index.html").read_text()
    build.publish(site(tmp_path / "b", "next"), place)
    assert "next" in (place / "index.html").read_text()


def test_bad_data_publish_nothing_and_say_everything(package, capsys):
    package.set("claims", 2, "thread", "nowhere")
    package.set("claims", 3, "made_on", "2017-13")
    assert cli.main(["site"]) == 1
    said = capsys.readouterr().err
    assert "'nowhere'" in said and "'2017-13'" in said and "last built site is as it was" in said
    assert not (package.root / "_build" / "html").exists()


def test_inputs_change_with_every_kind_of_file(package):
    for name in ("_config.yml", "_toc.yml", "requirements.txt", "requirements.lock", "package-lock.json"):
        (package.root / name).write_text("x")
    (package.root / "storykit").mkdir()
    (package.root / "storykit" / "a.py").write_text("x")
    (package.root / "book" / "a.md").write_text("x")
    before = build._inputs(package.root)
    assert build._inputs(package.root) == before
    for file in ("_toc.yml", "requirements.lock", "storykit/a.py", "book/a.md", "data/tables/rules.csv"):
        text = (package.root / file).read_text()
        (package.root / file).write_text(text + "y")
        os.utime(package.root / file)
        now = build._inputs(package.root)
        assert now.all != before.all and now.undressed != before.undressed, file
        (package.root / file).write_text(text)
    assert build._inputs(package.root) == before


@pytest.mark.parametrize("folder", ["styles", "scripts"])
def test_style_and_scripts_are_told_from_all_else_until_a_proof_tells_of_these_files(package, folder):
    file = package.root / "storykit" / "site" / "theme" / folder / "a.x"
    file.parent.mkdir(parents=True)
    file.write_text("a{}")
    before = build._inputs(package.root)
    file.write_text("a{color:red}")
    now = build._inputs(package.root)
    assert now.all != before.all and now.undressed == before.undressed
    held = {"value": 1, "commit": "c", "state": proof.state(package.root)}
    (package.root / proof.RESULT).write_text(json.dumps({"figures": {"axe": held}}))
    proved = build._inputs(package.root)
    file.write_text("a{}")
    assert build._inputs(package.root).undressed != proved.undressed


@pytest.mark.parametrize("note", ["collected.json", "stamps.json"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda b: b"",
        lambda b: b[:-1],
        lambda b: b"[]",
        lambda b: b"\x00" + b,
        lambda b: b'{"held": 5}',
        lambda b: None,
    ],
)
def test_notes_that_are_damaged_are_told_from_those_that_hold_and_those_not_made_yet(tmp_path, note, damage):
    folder = tmp_path / "_build" / ".doctrees"
    assert not build._has_forgotten(tmp_path)
    folder.mkdir(parents=True)
    for name in ("collected.json", "stamps.json"):
        assert not build._has_forgotten(tmp_path)
        disk.write_note(folder / name, {"pages": {}})
    assert not build._has_forgotten(tmp_path)
    site(tmp_path / "_build" / "html", "written")
    (tmp_path / "_build" / "html" / "SHA256SUMS").touch()
    assert not build._has_forgotten(tmp_path)
    damaged = damage((folder / note).read_bytes())
    (folder / note).unlink()
    if damaged is not None:
        (folder / note).write_bytes(damaged)
    assert build._has_forgotten(tmp_path)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ('<a href="gone.html">x</a>', "leads nowhere"),
        ('<a href="#gone">x</a>', "an anchor that is not there"),
        ('<script src="https://cdn.example/x.js"></script>', "is on another host"),
        (
            '<link rel="canonical" href="https://own.example/"><link rel="stylesheet" href="https://cdn.example/x.css">',
            "link href https://cdn.example/x.css is on another host",
        ),
        ("<style>@font-face{src:url(//cdn.example/a.woff2)}</style>", "//cdn.example/a.woff2 is on another"),
        (
            "<script src=https://cdn.example/x.js></script>",
            "script src https://cdn.example/x.js is on another",
        ),
        ("<img src='https://cdn.example/x.png'>", "img src https://cdn.example/x.png is on another"),
        (
            "<iframe srcdoc='<script src=&quot;//cdn.example/x.js&quot;></script>'></iframe>",
            "//cdn.example/x.js is on",
        ),
        (
            "<p style='background:url(//cdn.example/x.png)'>x</p>",
            "style url //cdn.example/x.png is on another",
        ),
        ("<a href=nowhere.html>x</a>", "nowhere.html leads nowhere"),
        ('<figure class="fig" id="fig-a" data-fig="a"></figure>', "figure a has no description"),
        ("<p>" + random.Random(1).randbytes(150_000).hex() + "</p>", "KiB, at most 100 are allowed"),
    ],
)
def test_a_site_that_does_not_hold_is_named(tmp_path, page, words):
    folder = site(tmp_path / "s", "x")
    (folder / "_figures").mkdir()
    (folder / "index.html").write_text(f"<!doctype html>{page}", encoding="utf-8")
    found = inspection.inspect(folder)
    assert len([line for line in found if words in line]) == 1, found


def test_addresses_that_are_only_named_are_no_requests(tmp_path):
    folder = site(tmp_path / "s", "x")
    named = '<link rel="canonical" href="https://own.example/"><a href="https://own.example/">x</a><a href="#">y</a>'
    (folder / "index.html").write_text(f"<!doctype html>{named}", encoding="utf-8")
    assert inspection.inspect(folder) == []


class Over(Exception):
    """Enough was built."""


class Counting:
    """A builder that builds nothing and makes the next change, as long as there is one."""

    def __init__(self, changes):
        self.changes, self.built = list(changes), 0

    def get_ready(self):
        if not self.changes:
            raise Over
        self.changes.pop(0)()

    def build(self):
        self.built += 1


def test_nothing_is_missed_that_is_saved_before_the_watch_begins_or_in_place_of_an_old_file(package, capsys):
    root = package.root

    def saved_aside(text):
        (root / "new").write_text(text)
        os.replace(root / "new", root / "_toc.yml")

    (root / "_toc.yml").write_text("1")
    (root / "storykit" / "__pycache__").mkdir(parents=True)
    before = build._moments(root)
    (root / "book" / "a.md").write_text("saved while the first build was published")
    builder = Counting(
        [
            lambda: saved_aside("2"),
            lambda: saved_aside("3"),
            lambda: (root / "book" / "a.md").unlink(),
            lambda: [
                (root / "storykit" / "__pycache__" / "a.pyc").touch(),
                (root / "book" / ".hidden").touch(),
                (root / "data" / "more.txt").touch(),
            ],
        ]
    )
    with pytest.raises(Over):
        build._watch(root, builder, before)
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("changed: ")]
    names = ["book/a.md", "_toc.yml", "_toc.yml", "book/a.md", "data/more.txt"]
    assert told == [f"changed: {name}" for name in names] and builder.built == 5
