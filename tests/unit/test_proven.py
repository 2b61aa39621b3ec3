"""The page of proofs: what it counts, and that a figure of other files is never shown as one of these."""

from __future__ import annotations

import json
import re
from pathlib import Path

from storykit.site import checksums, copies, proof, proven

PROJECT = Path(__file__).parent.parent.parent


def _store(root: Path, **figures: tuple[float | str, str]) -> None:
    held = {name: {"value": v, "commit": "c" * 40, "state": state} for name, (v, state) in figures.items()}
    (root / proof.RESULT).write_text(json.dumps({"figures": held}))


def test_a_figure_of_other_files_names_their_commit(small):
    _store(small, cells=(10_055, proof.state(small)), other=(7, "0" * 64))
    assert proven.measured(proof.state(small)) == {"cells": ("10,055", ""), "other": ("7", "ccccccc")}
    assert proven.commit(proof.state(small)) == "c" * 40
    assert {"other: 7, of the files of ccccccc", "cells: 10,055"} <= set(proven.lines())
    (small / "data" / "more.txt").write_text("more")
    assert (
        proven.measured(proof.state(small))["cells"].earlier == "ccccccc"
        and proven.commit(proof.state(small)) == ""
    )
    assert "cells: 10,055, of the files of ccccccc" in proven.lines()


def test_storing_a_result_changes_no_state(small):
    before = proof.state(small)
    _store(small, cells=(1, before))
    assert proof.state(small) == before


def test_what_tools_leave_behind_is_none_of_the_files(small):
    before = proof.state(small)
    for name in ("data/.DS_Store", "book/.ipynb_checkpoints/a.md", "book/__pycache__/a.pyc"):
        (small / name).parent.mkdir(exist_ok=True)
        (small / name).write_text("x")
        assert proof.state(small) == before


def test_what_an_archive_copies_is_of_the_files(small):
    """README and licence lie in the archives that readers take: who changes them changes the site."""
    for name in ("README.md", "LICENSE"):
        before = proof.state(small)
        (small / name).write_text("new")
        assert proof.state(small) != before


def test_roles_and_rows_are_counted(small):
    (small / "book" / "one.md").write_text(
        '# One\n\n{num}`count("claims")` and {holds}`some <count("claims") == 3>`, {num}`count("claims")`\n'
    )
    assert proven.roles() == (2, 1)
    assert {each.name: each.rows for each in proven.rows()}["claims"] == 3
    assert {each.name: each.official for each in proven.rows()}["units"] is None


def test_checksums_leave_out_themselves_and_the_page(tmp_path):
    for name in ("book/proof.html", "book/one.html", ".well-known/a.txt", "Z.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    checksums.write(tmp_path)
    first = (tmp_path / checksums.NAME).read_bytes()
    checksums.write(tmp_path)
    assert (tmp_path / checksums.NAME).read_bytes() == first
    assert [line[66:] for line in first.decode().splitlines()] == [
        ".well-known/a.txt",
        "Z.txt",
        "book/one.html",
    ]


def test_a_copy_leaves_out_what_was_measured():
    text = copies.markdown('<h1>A</h1><div class="measured"><p>7 of 8</p></div><p>rest</p>', "A")
    assert "rest" in text and "7 of 8" not in text


def test_every_figure_that_is_noted_has_its_words_and_every_word_a_figure():
    code = [*(PROJECT / "tests").rglob("*.py"), *(PROJECT / "benchmarks").glob("*.py")]
    noted = {
        name
        for file in code
        if file.parent.name != "unit" or file.stem == "test_faults"
        for name in re.findall(r'proof\.note\(\s*"([a-z-]+)"', file.read_text(encoding="utf-8"))
    }
    page = (PROJECT / "book" / "proof.md").read_text(encoding="utf-8")
    block = re.search(r"```\{story\} proof-measured\n(.*?)```", page, re.DOTALL)
    said = [line.split(" :: ")[0] for line in block[1].strip().splitlines()]
    assert sorted(said) == sorted(noted) and len(noted) > 8
