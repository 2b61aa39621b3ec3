"""What git stores of a chapter that somebody saved: the same as before, but for what they wrote."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from storykit import record, stripping
from storykit.site import notebooks

PROJECT = Path(__file__).parent.parent.parent
CHAPTERS = sorted((PROJECT / "book").glob("*.ipynb"))
SAVED = {"display_name": "story", "language": "python", "name": "conda-env-story-py"}


def saved(file: Path) -> str:
    """A chapter as an editor saves it after a run: outputs, counts, its own kernel and marks."""
    notebook = nbformat.read(file, as_version=4)
    notebook.metadata.kernelspec = nbformat.from_dict(SAVED)
    notebook.metadata.language_info = nbformat.from_dict({"name": "python", "version": "3.12.9"})
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        cell.execution_count = 40 + number
        cell.metadata["execution"] = {"iopub.execute_input": "2026-11-26T04:00:00Z"}
        # A run unfolds the facts; a reader has folded something else.
        cell.metadata["jupyter"] = nbformat.from_dict({"outputs_hidden": not stripping.is_fact(cell)})
        if not stripping.is_fact(cell):
            cell.outputs = [nbformat.v4.new_output("stream", text="a picture " * 1000)]
    return nbformat.writes(notebook) + "\n"


@pytest.mark.parametrize("file", CHAPTERS, ids=lambda file: file.stem)
def test_a_chapter_that_is_run_and_saved_is_stored_as_it_was(file):
    before = file.read_text(encoding="utf-8")
    assert stripping.stripped(before) == before
    assert len(saved(file)) > len(before) + 1000
    assert stripping.stripped(saved(file)) == before


def test_what_was_written_stays(tmp_path):
    notebook = nbformat.reads(saved(CHAPTERS[0]), as_version=4)
    notebook.cells[0].source += " A new sentence."
    stored = stripping.stripped(nbformat.writes(notebook))
    before = CHAPTERS[0].read_text(encoding="utf-8").splitlines()
    different = [line for line in stored.splitlines() if line not in before]
    assert len(different) == 1 and "A new sentence." in different[0]


@pytest.mark.parametrize("raw", [b"<<<<<<< HEAD\n{}", b"", b"\xff\xfe no text", b'{"cells": 1}'])
def test_what_is_no_notebook_passes_as_it_is(raw):
    assert stripping.filtered(raw) == raw


def test_git_stores_a_small_difference_once_the_filter_is_set_up(tmp_path):
    def git(*words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    git("init", "-q")
    command = f'"{sys.executable}" -m storykit record --filter'
    git("config", "filter.chapter.clean", command)
    (tmp_path / ".gitattributes").write_text((PROJECT / ".gitattributes").read_text(encoding="utf-8"))
    chapter = tmp_path / "book" / CHAPTERS[0].name
    chapter.parent.mkdir()
    chapter.write_bytes(CHAPTERS[0].read_bytes())
    git("add", ".")
    chapter.write_text(saved(CHAPTERS[0]), encoding="utf-8")
    assert git("diff", "--stat") == ""
    assert "filter.chapter.clean '$(STORY) record --filter'" in (PROJECT / "Makefile").read_text(
        encoding="utf-8"
    )


def test_a_kernel_of_one_machine_is_named_with_what_to_do_and_mended(tmp_path):
    file = tmp_path / CHAPTERS[0].name
    file.write_text(saved(CHAPTERS[0]), encoding="utf-8")
    (said,) = notebooks.unfit(file)
    assert "'conda-env-story-py'" in said and f"storykit record --strip {file.stem}" in said
    assert record.strip_file(file) and notebooks.unfit(file) == []
    assert not record.strip_file(file)


@pytest.mark.parametrize(
    ("code", "way"),
    [
        ('rows = pd.read_csv("../data/tables/claims.csv")', 'tables.load("claims")'),
        ('shapes = geopandas.read_file("geo/world.geojson")', 'tables.geometry("world")'),
    ],
)
def test_a_table_read_by_its_path_is_named_in_one_line(tmp_path, code, way):
    chapter = nbformat.v4.new_notebook(metadata={"kernelspec": stripping.KERNEL})
    opening = 'from storykit import open_chapter\nopen_chapter("zone")'
    chapter.cells = [nbformat.v4.new_code_cell(opening), nbformat.v4.new_code_cell(f"x = 1\n{code}")]
    nbformat.write(chapter, tmp_path / "zone.ipynb")
    (said,) = notebooks.unfit(tmp_path / "zone.ipynb")
    assert said.startswith("book/zone.ipynb, cell 2, line 2: ") and way in said
