"""The archives of the built site, unpacked elsewhere: a fresh environment, no network, the same facts.

One chapter each time; all of them with `make archives`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from storykit import record, stripping

PROJECT = Path(__file__).parent.parent.parent
FOLDER = PROJECT / "_build" / "html" / "_notebooks"
CHAPTERS = sorted(file.stem for file in (PROJECT / "book").glob("*.ipynb"))


def names(every: bool) -> list[str]:
    """The archives to run: the smallest, or all."""
    there = [name for name in CHAPTERS if (FOLDER / f"{name}.zip").is_file()]
    assert there, "build the site first: make site"
    return there if every else [min(there, key=lambda name: (FOLDER / f"{name}.zip").stat().st_size)]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory, request) -> tuple[Path, dict[str, Path]]:
    """An environment with what an archive's requirements name and nothing else, and the archives, unpacked."""
    place = tmp_path_factory.mktemp("archives")
    every = names(request.config.getoption("--every-archive"))
    for name in every:
        with zipfile.ZipFile(FOLDER / f"{name}.zip") as archive:
            archive.extractall(place)
    python = place / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", place / "venv"], check=True)
    install = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        "requirements.txt",
    ]
    subprocess.run(install, cwd=place / every[0], check=True)
    return python, {name: place / name for name in every}


def alone() -> dict[str, str]:
    """An environment that knows nothing of this project, and reaches no network."""
    ours = ("STORYKIT_", "PYTHON", "VIRTUAL_ENV", "BROWSER_PATH", "JUPYTER")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    nowhere = "http://127.0.0.1:9"
    return kept | {
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
    }


def test_each_archive_runs_alone_and_says_what_is_stored(fresh):
    python, folders = fresh
    for name, folder in folders.items():
        command = [
            python.parent / "jupyter",
            "nbconvert",
            "--to",
            "notebook",
            "--execute",
            "--output",
            "done",
        ]
        run = subprocess.run(
            [*command, f"{name}.ipynb"], cwd=folder, env=alone(), capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
        done = nbformat.read(folder / "done.ipynb", as_version=4)
        stored = nbformat.read(PROJECT / "book" / f"{name}.ipynb", as_version=4)
        assert record.facts(stored) and record.facts(done) == record.facts(stored), name
        charts = [o for cell in done.cells for o in cell.get("outputs", []) if "data" in o]
        assert any("application/vnd.plotly.v1+json" in chart.data for chart in charts), name


def test_an_archive_holds_the_tables_that_are_described_and_no_others(fresh):
    _, folders = fresh
    for folder in folders.values():
        descriptor = (folder / "data" / "datapackage.json").read_text(encoding="utf-8")
        files = [
            f.relative_to(folder / "data").as_posix()
            for f in (folder / "data").rglob("*.*")
            if f.suffix != ".json"
        ]
        assert files and [file for file in files if f'"{file}"' not in descriptor] == []


def test_what_is_packed_and_pinned_is_the_projects_own(fresh):
    _, folders = fresh
    for name, folder in folders.items():
        assert (folder / "book" / f"{name}.ipynb").read_bytes() == (
            PROJECT / "book" / f"{name}.ipynb"
        ).read_bytes()
        notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec == stripping.KERNEL
        pins = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
        project = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        assert [pin for pin in pins[:-1] if pin not in project] == [] and pins[-1].endswith(".whl")
