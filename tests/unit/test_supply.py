"""What the project is built with: known by its bytes, one version everywhere, from no named host, under a known licence."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent
LOCKS = ["requirements.lock", "requirements-lab.lock"]
REGISTRIES = re.compile(
    r"https?://[\w.-]*(pypi|pythonhosted|npmjs|registry|yarnpkg|jsdelivr|unpkg)[\w.-]*\.\w+", re.I
)


def entries(name: str) -> dict[str, tuple[str, list[str]]]:
    """Package -> its pin with its condition, and the hashes that its files may have."""
    text = (PROJECT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#") and line != "-e .":
            pin = line.split("--hash=")[0].strip()
            found[pin.split("==")[0]] = (pin, re.findall(r"--hash=(\S+)", line))
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_of_a_lock_is_known_by_its_bytes(name):
    held = entries(name)
    assert len(held) > 50
    bare = [
        package
        for package, (pin, hashes) in held.items()
        if "==" not in pin or not hashes or not all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in hashes)
    ]
    assert bare == []


def test_the_lock_and_the_requirements_are_the_same_packages():
    """`pip install -r requirements.txt` is the ecosystem's own way; both are made by `make lock`."""
    locked, listed = entries("requirements.lock"), entries("requirements.txt")
    assert {name: pin for name, (pin, _) in listed.items()} == {
        name: pin for name, (pin, _) in locked.items()
    }
    lab = entries("requirements-lab.lock")
    assert "jupyterlab" in lab
    both = lab.keys() & locked.keys()
    assert [n for n in both if lab[n][0].split(";")[0].strip() != locked[n][0].split(";")[0].strip()] == []


def test_what_builds_and_locks_is_pinned_too():
    assert {"setuptools", "uv"} <= entries("requirements.lock").keys()
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    installs = re.findall(r"pip install.*", makefile)
    assert installs
    loose = [
        line for line in installs if not re.search(r"--require-hashes|--no-deps --no-build-isolation", line)
    ]
    assert loose == [], "make installs by hashes only, and the project itself without anything else"


def test_no_file_names_the_host_of_a_registry():
    """Where packages come from is a setting of the machine; what they are, of the project."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split(
        "\0"
    )
    found = []
    for name in filter(None, names):
        file = PROJECT / name
        if file.is_file() and file.suffix not in {".png", ".svg", ".csv", ".geojson"}:
            text = file.read_bytes().decode("utf-8", "replace")
            found += [f"{name}: {match[0]}" for match in REGISTRIES.finditer(text)]
    assert found == []


def test_the_search_for_registries_knows_one():
    assert REGISTRIES.search("https://registry." + "npmjs.org/x") and REGISTRIES.search(
        "https://" + "pypi.org/simple"
    )
