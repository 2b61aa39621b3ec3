"""The same everywhere: Python's versions, file systems that know no case, tools of macOS, and Windows told at once."""

from __future__ import annotations

import ast
import builtins
import functools
import math
import operator
import re
import subprocess
import tomllib
from pathlib import Path

import geopandas
import pytest
import yaml
from sphinx.errors import ExtensionError

from storykit import errors
from storykit.site import extension, gallery, inspection

PROJECT = Path(__file__).parent.parent.parent


# --- versions of Python -----------------------------------------------------------------------------


def added(values, start=0):
    """`sum` as Python 3.11 has it: one after the other, each time rounded."""
    return functools.reduce(operator.add, values, start)


def exact(values, start=0):
    """`sum` of floats as Python 3.12 has it: hardly rounded at all."""
    values = list(values)
    if all(isinstance(value, int | float) for value in values) and any(isinstance(v, float) for v in values):
        return math.fsum([start, *values])
    return added(values, start)


@pytest.mark.parametrize("name", gallery.EXAMPLES)
def test_a_form_is_the_same_with_each_pythons_sum(name, monkeypatch):
    drawn = []
    for way in (added, exact):
        monkeypatch.setattr(builtins, "sum", way)
        form = gallery.EXAMPLES[name]()
        drawn.append((form.to_json(), form.sizes))
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("name", ["choropleth", "point_map", "map_batches"])
def test_a_map_is_the_same_with_each_version_of_proj(name, monkeypatch):
    drawn, to_crs = [], geopandas.GeoSeries.to_crs
    for away in (0, 1e-8):  # metres

        def moved(self, *words, away=away, **options):
            return to_crs(self, *words, **options).translate(away, away)

        monkeypatch.setattr(geopandas.GeoSeries, "to_crs", moved)
        form = gallery.EXAMPLES[name]()
        drawn.append((form.to_json(), form.sizes))
    assert drawn[0] == drawn[1]


# --- file systems -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "named"),
    [
        (["places/a.html", "places/A.html"], "places/a.html: a file system without case takes it for places/A.html"),
        (["\u00e9.md", "e\u0301.md"], "\u00e9.md: a file system without case takes it for e\u0301.md"),
        (["organisations/con.html"], "organisations/con.html: Windows has no file of that name"),
        (["a:b.csv"], "a:b.csv: Windows has no file of that name"),
        (["dot./x"], "dot./x: Windows has no file of that name"),
    ],
)  # fmt: skip
def test_a_name_that_does_not_travel_is_named(paths, named):
    assert inspection.names_that_do_not_travel([*paths, "console/contents.html"]) == [named]


def test_the_files_of_the_project_are_the_same_on_a_file_system_without_case():
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert inspection.names_that_do_not_travel(listed.strip("\0").split("\0")) == []


def test_pages_that_say_something_else_are_named(tmp_path):
    for site, words in (("a", "one"), ("b", "two")):
        (tmp_path / site).mkdir()
        (tmp_path / site / "same.html").write_text(f"<h1>Same</h1><script>{words}</script>", encoding="utf-8")
        (tmp_path / site / "other.html").write_text(f"<h1>Page {words}</h1>", encoding="utf-8")
        (tmp_path / site / f"{words}.html").write_text("<h1>x</h1>", encoding="utf-8")
    here, there = tmp_path / "a", tmp_path / "b"
    assert inspection.differing(here, here) == []
    assert inspection.differing(here, there) == [
        f"one.html: only in {here}",
        f"two.html: only in {there}",
        "other.html: says something else",
    ]


# --- Windows, and the tools of macOS ----------------------------------------------------------------

UNIX = {"fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog"}
"""Modules that Python has on Unix only."""
GNU_ONLY = re.compile(
    r"\bsed\b[^|;]*(\s-[a-z]*[ir]\b|\\t|\\n)|\bgrep\b[^|;]*\s-[A-Za-z]*P\b|\breadlink -f|\bxargs -r|\bdate -d|\bcp -[a-z]*[lt]\b"
    r"|\b(head|tail|sort|cut|touch|mkdir|stat|du|ls) --[a-z]"
)
"""What the tools of macOS do not know, or know otherwise."""


def test_no_module_needs_unix_to_be_imported():
    """So that Windows is answered in words: what needs it imports it when it is at work."""
    needed = [
        f"{file.name}: {name}"
        for file in sorted((PROJECT / "storykit").rglob("*.py"))
        for statement in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for name in (getattr(statement, "module", None), *(alias.name for alias in statement.names))
        if name in UNIX
    ]
    assert needed == []


def test_jupyter_books_own_command_says_wsl_on_windows(monkeypatch):
    monkeypatch.setattr(errors, "is_windows", lambda: True)
    with pytest.raises(ExtensionError, match="On Windows use WSL"):
        extension.setup(None)


@pytest.mark.parametrize("name", ["Makefile", ".ci/run"])
def test_a_script_uses_what_every_unix_has(name):
    lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if GNU_ONLY.search(line)] == []


# --- what is promised and what is run ---------------------------------------------------------------


def test_the_pythons_that_are_promised_are_those_that_are_tested():
    promised = re.findall(
        r'"(3\.\d+)"', (PROJECT / ".github/workflows/check.yml").read_text(encoding="utf-8")
    )
    tested = list(dict.fromkeys(promised))
    first, last = tested[0], tested[-1]
    about = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert about["requires-python"] == f">={first},<3.{int(last[2:]) + 1}"
    weekly = yaml.safe_load((PROJECT / ".github/workflows/weekly.yml").read_text(encoding="utf-8"))
    assert weekly["jobs"]["clean"]["strategy"]["matrix"]["python"] == tested
    for name in ("README.md", "CONTRIBUTING.md", "storykit/site/archives.py"):
        text = (PROJECT / name).read_text(encoding="utf-8")
        assert f"Python {', '.join(tested[:-1])} or {last}" in text, name
    assert f"Python {first} to {last}" in (PROJECT / "Makefile").read_text(encoding="utf-8")
