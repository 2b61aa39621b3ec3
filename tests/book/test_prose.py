"""The book's texts: no typed numbers, every receipt resolves, every figure of the story is there."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
import yaml

from storykit import chapters, receipts, tables

PROJECT = Path(__file__).parent.parent.parent
FIGURES = {
    "one-day-in-may": 3,
    "dftz": 8,
    "footprint": 6,
    "data-centres": 7,
    "sme-pipeline": 7,
    "partners": 5,
    "context": 6,
}
"""Chapter -> figures the story lists for it, at the least; any other chapter has one."""


def chapters_of_the_book() -> list[str]:
    """Names of all chapters: the pages of `_toc.yml` that are notebooks, in reading order."""
    contents = yaml.safe_load((PROJECT / "_toc.yml").read_text(encoding="utf-8"))
    listed = [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
    return [Path(file).name for file in listed if (PROJECT / f"{file}.ipynb").is_file()]


CHAPTERS = chapters_of_the_book()


@pytest.fixture(autouse=True)
def _project(project):
    return project


def cells(name: str, kind: str) -> list[tuple[int, str]]:
    found = json.loads((PROJECT / "book" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    return [(n, "".join(c["source"])) for n, c in enumerate(found, start=1) if c["cell_type"] == kind]


def pages() -> list[tuple[str, str]]:
    """(place, text) of every written text: markdown cells, markdown pages."""
    texts = [(f"{name}, cell {n}", text) for name in CHAPTERS for n, text in cells(name, "markdown")]
    return texts + [(f.name, f.read_text(encoding="utf-8")) for f in sorted((PROJECT / "book").glob("*.md"))]


def figure_texts() -> list[tuple[str, str]]:
    """(place, text) of titles, subtitles and descriptions in code cells (what is put together counts whole)."""
    found = []
    for name in CHAPTERS:
        for n, code in cells(name, "code"):
            for node in ast.walk(ast.parse(code)):
                if isinstance(node, ast.keyword) and node.arg in ("title", "subtitle", "description"):
                    parts = [
                        c.value
                        for c in ast.walk(node.value)
                        if isinstance(c, ast.Constant) and isinstance(c.value, str)
                    ]
                    found.append((f"{name}, cell {n}, {node.arg}", " ".join(parts)))
    return found


def test_no_number_is_typed():
    typed = [
        f"{place}, line {line}: … {around} …"
        for place, text in [*pages(), *figure_texts()]
        for line, around in receipts.typed_numbers(text)
    ]
    assert typed == []


def test_every_receipt_resolves_to_rows_with_a_source_and_every_sentence_holds():
    problems, counted = [], 0
    for place, text in [*pages(), *figure_texts()]:
        for role, inside in receipts.roles(text):
            counted += 1
            inside = " ".join(inside.split())
            try:
                if role == "num":
                    rows = receipts.receipt(inside).rows
                else:
                    rows = receipts.require(receipts.sentence(inside)).rows
            except receipts.ReceiptError as error:
                problems.append(f"{place}: {error}")
                continue
            problems += [
                f"{place}: {inside}: {table} {key} has no source"
                for table, key, _ in rows
                if not _sourced(table, key)
            ]
    assert problems == []
    assert counted > 300


def _sourced(table: str, key: str) -> bool:
    """Whether a row names a source. Some tables only name or describe and have none of their own."""
    if key == "*" or table in ("agreement_parties", "sources", "series", "units", "geographies"):
        return True
    return bool(tables.records(table)[key]["source_ids"])


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_has_its_form(name):
    code, words = cells(name, "code"), cells(name, "markdown")
    assert words[0][1].startswith("# ")
    assert f'open_chapter("{name}")' in code[0][1]
    assert code[1][1].startswith("# NBVAL_CHECK_OUTPUT") and "receipts.facts()" in code[1][1]
    assert "could not find" in words[-1][1].split("\n")[0].lower() or any(
        "could not find" in text.lower() for _, text in words[-2:]
    )
    for n, source in code:
        tree = ast.parse(source)
        # A lambda is fine: `assign` takes one, and it has no name that another cell could lean on.
        defined = [
            node.name
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        ]
        assert defined == [], f"{name}, cell {n} defines something"
        for word in ("open(", "read_csv", "http", "now(", "today("):
            assert word not in source, f"{name}, cell {n} holds {word}"


def test_the_book_has_the_chapters_of_the_story_and_lists_every_notebook():
    assert set(FIGURES) <= set(CHAPTERS)
    assert set(CHAPTERS) == {file.stem for file in (PROJECT / "book").glob("*.ipynb")}


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_figure_of_the_story_is_there(name):
    made = [
        source for _, source in cells(name, "code") if "figures.Figure(" in source or "maps.Map(" in source
    ]
    assert len(made) >= FIGURES.get(name, 1)


def test_facts_are_stored_and_nothing_else():
    for name in CHAPTERS:
        notebook = json.loads((PROJECT / "book" / f"{name}.ipynb").read_text(encoding="utf-8"))
        stored = [c for c in notebook["cells"] if c["cell_type"] == "code" and c["outputs"]]
        assert len(stored) == 1, f"{name}: make record stores the facts"
        assert "NBVAL_CHECK_OUTPUT" in "".join(stored[0]["source"])


def test_chapters_read_their_own_prose():
    assert chapters.prose("dftz")[0][1].startswith("# ")
