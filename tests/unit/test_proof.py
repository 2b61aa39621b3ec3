"""What tests found out: noted in parts, gathered under a commit, and never under one it was not found out at."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from storykit import errors
from storykit.site import proof


@pytest.fixture
def committed(small, monkeypatch) -> Path:
    """The small story in a repository of its own, as if its code stood there, too."""
    (small / ".gitignore").write_text("_build/\n")
    _git(small, "init", "--quiet")
    _commit(small)
    monkeypatch.setattr(proof, "ENGINE", small)
    return small


def _git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    command = ["git", "-C", str(folder), *who, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _commit(folder: Path) -> str:
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "a")
    return _git(folder, "rev-parse", "HEAD")


def _held(folder: Path) -> dict:
    return json.loads((folder / proof.RESULT).read_text(encoding="utf-8"))["figures"]


def test_parts_are_added_up_or_the_largest_counts(committed):
    for part, size in (("a", 3), ("b", 4)):
        proof.note("cells", size, part=part, parts=2)
        proof.note("heaviest", size, part=part, parts=2, join="most")
    proof.note("engine", "4.11.0")
    proof.gather()
    held = _held(committed)
    assert {name: one["value"] for name, one in held.items()} == {
        "cells": 7,
        "heaviest": 4,
        "engine": "4.11.0",
    }
    assert {one["commit"] for one in held.values()} == {_git(committed, "rev-parse", "HEAD")}


def test_a_figure_that_lacks_a_part_is_left_out_and_named(committed):
    proof.note("cells", 3, part="a", parts=2)
    proof.note("other", 1)
    assert any("cells left out: 1 of its 2 parts" in line for line in proof.gather())
    assert list(_held(committed)) == ["other"]


def test_a_figure_of_other_files_keeps_its_own_commit(committed):
    first = _git(committed, "rev-parse", "HEAD")
    proof.note("cells", 3)
    proof.note("faults", 5)
    proof.gather()
    _commit(committed)
    assert proof.results(committed)["cells"]["state"] == proof.state(committed), (
        "the result is not one of the files"
    )
    (committed / "data" / "more.txt").write_text("more")
    second = _commit(committed)
    with pytest.raises(errors.UserError, match="run the tests on them first"):
        proof.gather()
    proof.note("faults", 6)
    assert any("Kept from earlier commits: cells" in line for line in proof.gather())
    held = _held(committed)
    assert (held["cells"]["value"], held["cells"]["commit"]) == (3, first)
    assert (held["faults"]["value"], held["faults"]["commit"]) == (6, second)


def test_files_that_differ_from_the_commit_have_no_proof(committed):
    proof.note("cells", 3)
    (committed / "data" / "more.txt").write_text("more")
    with pytest.raises(errors.UserError, match="commit them"):
        proof.gather()


def test_without_git_nothing_is_gathered_in_its_name(small, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(small.parent))
    assert proof.commit(small) is None
    with pytest.raises(errors.UserError, match="in a clone"):
        proof.gather()
    monkeypatch.setenv("PATH", "")
    assert proof.commit(small) is None


def test_a_name_is_a_name(committed):
    with pytest.raises(ValueError, match="small letters"):
        proof.note("Hostile cells", 1)


@pytest.mark.parametrize("text", ["", "[]", '{"figures": {"a": 1}}', '{"figures": {"a": {"value": 1}}}'])
def test_a_damaged_result_is_named(committed, text):
    (committed / proof.RESULT).write_text(text)
    with pytest.raises(errors.UserError, match="damaged"):
        proof.results(committed)
