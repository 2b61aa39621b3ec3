"""The archives of the built site, unpacked elsewhere: a fresh environment, no network, the same facts.

One chapter each time; all of them, and the whole book's, with `make archives`. They share one environment, as they
name the same pins and the same engine.
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
BOOK = "promised-built-used"


def names(every: bool) -> list[str]:
    """The archives to run: the smallest, or all."""
    there = [name for name in [*CHAPTERS, BOOK] if (FOLDER / f"{name}.zip").is_file()]
    assert BOOK in there, "build the site first: make site"
    return there if every else [min(there, key=lambda name: (FOLDER / f"{name}.zip").stat().st_size)]


@pytest.fixture(scope="module")
def folders(tmp_path_factory, request) -> dict[str, Path]:
    """The archives, unpacked."""
    place = tmp_path_factory.mktemp("archives")
    unpacked = names(request.config.getoption("--every-archive"))
    for name in unpacked:
        with zipfile.ZipFile(FOLDER / f"{name}.zip") as archive:
            archive.extractall(place)
    return {name: place / name for name in unpacked}


def chapters(folder: Path) -> list[str]:
    """The chapters of an archive that is not run yet."""
    return [file.stem for file in sorted((folder / "book").glob("*.ipynb"))]


def alone() -> dict[str, str]:
    """An environment that knows nothing of this project, and reaches no network."""
    ours = ("STORYKIT_", "PYTHON", "VIRTUAL_ENV", "BROWSER_PATH", "JUPYTER")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    nowhere = "http://127.0.0.1:9"
    return kept | dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), nowhere)


def installed(folder: Path, by_pip: bool) -> Path:
    """The programs of a new environment that holds what an archive's requirements name, and nothing else.

    uv installs the same in a fraction of the time; with all archives pip does it, as the archive tells a reader.
    """
    place = folder.parent / "environment"
    subprocess.run([sys.executable, "-m", "venv", *([] if by_pip else ["--without-pip"]), place], check=True)
    python = place / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    uv = [sys.executable, "-m", "uv", "pip", "install", "--python", python]
    # What is compiled ahead is for later starts; here each module is compiled when it is first imported.
    command = [*(pip if by_pip else uv), "--no-compile", "--quiet", "-r", "requirements.txt"]
    subprocess.run(command, cwd=folder, check=True)
    return place / "bin"


@pytest.mark.long
def test_each_archive_runs_alone_and_says_what_is_stored(folders, request):
    programs = installed(next(iter(folders.values())), by_pip=request.config.getoption("--every-archive"))
    wrong = {
        f"{archive}: {name}": fault
        for archive, folder in folders.items()
        for name in chapters(folder)
        if (fault := ran(programs, folder, name))
    }
    assert wrong == {}


def ran(programs: Path, folder: Path, name: str) -> str:
    """Run a chapter of an archive; "" if it says what is stored here and shows its charts."""
    command = [programs / "jupyter", "nbconvert", "--to", "notebook", "--execute", "--inplace"]
    run = subprocess.run([*command, f"{name}.ipynb"], cwd=folder, env=alone(), capture_output=True, text=True)
    if run.returncode:
        return run.stderr
    done = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    said = record.facts(done)
    if not said or said != record.facts(nbformat.read(PROJECT / "book" / f"{name}.ipynb", as_version=4)):
        return f"other facts: {said}"
    outputs = [output for cell in done.cells for output in cell.get("outputs", []) if "data" in output]
    charts = [output for output in outputs if "application/vnd.plotly.v1+json" in output.data]
    return "" if charts else "no chart"


def test_all_archives_name_the_same_pins_and_the_same_engine(folders):
    """So that one environment is each one's."""
    pins = {(folder / "requirements.txt").read_bytes() for folder in folders.values()}
    engines = {wheel.read_bytes() for folder in folders.values() for wheel in folder.glob("*.whl")}
    assert len(pins) == len(engines) == 1


def test_an_archive_holds_the_tables_that_are_described_and_no_others(folders):
    for folder in folders.values():
        descriptor = (folder / "data" / "datapackage.json").read_text(encoding="utf-8")
        files = [
            f.relative_to(folder / "data").as_posix()
            for f in (folder / "data").rglob("*.*")
            if f.suffix != ".json"
        ]
        assert files and [file for file in files if f'"{file}"' not in descriptor] == []


def test_what_is_packed_and_pinned_is_the_projects_own(folders):
    project = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for folder in folders.values():
        for name in chapters(folder):
            written = (folder / "book" / f"{name}.ipynb").read_bytes()
            assert written == (PROJECT / "book" / f"{name}.ipynb").read_bytes(), name
            notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
            nbformat.validate(notebook)
            assert notebook.metadata.kernelspec == stripping.KERNEL
        pins = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
        assert [pin for pin in pins[:-1] if pin not in project] == [] and pins[-1].endswith(".whl")
