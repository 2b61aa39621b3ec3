"""`make new`: what is begun has everything it must have; what does not hold is refused whole."""

from __future__ import annotations

import ast
import json
import shutil

import nbformat
import plotly.io
import pytest
import yaml

from storykit import checks, cli, new, record, tables

CLAIM = {
    "thread": "context",
    "asks": "opening",
    "made_by": "The operator of the port",
    "statement": 'A "second" berth would open, with cranes.',
    "due_by": "2030",
    "confidence": "low",
}


@pytest.fixture
def claim(package):
    """The fields of a claim that holds."""
    return {**CLAIM, "source_ids": package.rows("sources")[1][0]}


@pytest.fixture
def book(package):
    """The package with a table of contents of one chapter and one reference page."""
    (package.root / "book" / "first.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook()))
    (package.root / "book" / "notes.md").write_text("# Notes\n")
    (package.root / "_toc.yml").write_text(
        "format: jb-book\nroot: book/notes\nparts:\n  - caption: The story\n    chapters:\n"
        "      - file: book/first\n  - caption: Reference\n    chapters:\n      - file: book/notes\n"
    )
    return package


def files(package) -> dict[str, bytes]:
    """Every file of the package as it stands."""
    return {
        p.relative_to(package.root).as_posix(): p.read_bytes() for p in package.root.rglob("*") if p.is_file()
    }


def command(*words: str, **fields: str) -> int:
    given = [part for name, value in fields.items() for part in ("--field", f"{name}={value}")]
    return cli.main(["new", *words, *given])


# --- rows -----------------------------------------------------------------------------------------


def test_a_claim_is_appended_and_the_data_hold(package, claim, capsys):
    before = package.rows("claims")
    assert command("claim", "second-berth", **claim) == 0
    after = package.rows("claims")
    assert after[:-1] == before
    row = dict(zip(after[0], after[-1], strict=True))
    assert row["claim_id"] == "second-berth"
    assert row["statement"] == CLAIM["statement"]
    assert row["featured"] == "false"
    assert checks.check() == []
    assert "data/tables/claims.csv" in capsys.readouterr().out


def test_a_row_is_one_more_line_and_no_other_changes(package, claim):
    before = package.file("claims").read_bytes()
    new.add_row("claims", "second-berth", claim)
    after = package.file("claims").read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == before.count(b"\n") + 1


def test_sources_and_series_are_begun_too(package):
    unit = package.rows("units")[1][0]
    assert (
        command(
            "source",
            "port-paper",
            title="A berth",
            publisher="The Paper",
            address_status="withheld",
            kind="news",
        )
        == 0
    )
    assert (
        command(
            "series",
            "berths",
            thread="context",
            label="Berths",
            unit=unit,
            definition="Berths in use.",
            basis="The port's own count",
            frequency="annual",
        )
        == 0
    )
    assert package.rows("sources")[-1][0] == "port-paper"
    assert package.rows("series")[-1][0] == "berths"
    assert checks.check() == []


def test_any_table_with_one_key_is_a_kind(package, claim):
    outcome = {"claim_id": package.rows("claims")[1][0], "as_of": "2026-11", "finding": "Nothing was published.",
               "verdict": "unknown", "source_ids": claim["source_ids"], "confidence": "low"}  # fmt: skip
    assert command("outcomes", "port-2026-11", **outcome) == 0
    assert command("agreement_parties", "port") == 1


def test_all_problems_are_listed_and_nothing_is_written(package, capsys):
    before = files(package)
    assert (
        command(
            "claim", "Second Berth", thread="harbour", due_by="2030-13", source_ids="nobody", colour="blue"
        )
        == 1
    )
    assert files(package) == before
    words = capsys.readouterr().err
    for told in (
        "no field 'colour'",
        "--field made_by=… is missing: Who said it.",
        "--field statement=… is missing",
        "--field asks=… is missing",
        "--field confidence=… is missing: How sure the row is. One of high, medium, low.",
        "--field claim_id=Second Berth: must look like",
        "--field thread=harbour: allowed are",
        "--field due_by=2030-13: is a date that cannot be",
        "--field source_ids=nobody: is not in column source_id",
        "9 problems. Nothing was written.",
    ):
        assert told in words


def test_a_name_that_is_taken_is_refused(package, claim):
    before = files(package)
    taken = package.rows("claims")[1][0]
    with pytest.raises(new.Refused, match="already") as refused:
        new.add_row("claims", taken, claim)
    assert len(refused.value.problems) == 1
    assert files(package) == before


def test_a_line_break_and_an_unknown_kind_are_refused(package, claim, capsys):
    before = files(package)
    assert command("claim", "second-berth", **{**claim, "statement": "one\ntwo"}) == 1
    assert command("horse", "second-berth") == 1
    assert "What can: chapter, table, claim" in capsys.readouterr().err
    assert files(package) == before


def test_nothing_is_begun_on_data_that_do_not_hold(package, claim, capsys):
    package.set("claims", 2, "confidence", "certain")
    before = files(package)
    assert command("claim", "second-berth", **claim) == 1
    assert "row 2, column confidence" in capsys.readouterr().err
    assert files(package) == before


# --- tables ---------------------------------------------------------------------------------------


def test_a_table_is_described_and_takes_rows(package):
    described = json.loads((package.root / "data" / "datapackage.json").read_text())
    assert command("table", "berths", title="Berths", description="One berth a row.", key="berth_id") == 0
    again = json.loads((package.root / "data" / "datapackage.json").read_text())
    assert [r for r in again["resources"] if r["name"] != "berths"] == described["resources"]
    assert checks.check() == []
    source = package.rows("sources")[1][0]
    assert command("berths", "north-1", source_ids=source, confidence="high") == 0
    assert command("berths", "north-2", source_ids="nobody", confidence="high") == 1
    assert tables.load("berths").loc["north-1", "source_ids"] == [source]


def test_a_table_without_its_fields_is_refused(package, capsys):
    before = files(package)
    assert command("table", "claims", key="Claim Id", size="3") == 1
    words = capsys.readouterr().err
    for told in (
        "already",
        "--field title=… is missing",
        "--field description=… is missing",
        "key=Claim Id",
        "'size'",
    ):
        assert told in words
    assert files(package) == before


# --- chapters -------------------------------------------------------------------------------------


def cells(package, name: str) -> list:
    notebook = nbformat.read(package.root / "book" / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    return notebook.cells


def test_a_chapter_has_everything_a_chapter_must_have(book):
    assert command("chapter", "second-look") == 0
    made = cells(book, "second-look")
    code = [c for c in made if c.cell_type == "code"]
    words = [c for c in made if c.cell_type == "markdown"]
    assert words[0].source.startswith("# ")
    assert len(words[0].source.split("\n\n")) == 2
    assert 'open_chapter("second-look")' in code[0].source
    assert record.is_fact(code[1]) and "receipts.facts()" in code[1].source
    assert code[1].metadata == {"tags": ["remove-cell"], "jupyter": {"outputs_hidden": True}}
    assert words[1].source.startswith("```{facts}\n") and words[2].source.startswith("## ")
    assert "figures.Figure(" in code[2].source
    assert words[-1].source.startswith("## What we could not find")
    assert [c.id for c in made] == [f"second-look-{n:02d}" for n in range(1, len(made) + 1)]
    assert all(not c.outputs for c in code)


def test_a_chapter_stands_after_the_last_story_chapter(book):
    assert command("chapter", "second-look") == 0
    assert command("chapter", "third-look") == 0
    parts = yaml.safe_load((book.root / "_toc.yml").read_text())["parts"]
    assert [entry["file"] for entry in parts[0]["chapters"]] == [
        "book/first",
        "book/second-look",
        "book/third-look",
    ]
    assert [entry["file"] for entry in parts[1]["chapters"]] == ["book/notes"]


def test_a_new_chapter_runs_and_its_figure_keeps_the_contract(book, monkeypatch):
    assert command("chapter", "second-look") == 0
    monkeypatch.chdir(book.root)
    monkeypatch.setattr(plotly.io.templates, "default", plotly.io.templates.default)
    shown = None
    names: dict = {}
    for cell in cells(book, "second-look"):
        if cell.cell_type == "code":
            tree = ast.parse(cell.source)
            last = tree.body.pop()
            exec(compile(tree, "cell", "exec"), names)
            shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    assert shown.id == "second-look-first"
    assert shown.words.said("title").startswith(new.TO_WRITE)
    assert shown.rows and shown.sources


def test_texts_and_the_series_may_be_given(book):
    series, place = next((r[1], r[2]) for r in book.rows("observations")[1:] if r[7] == "lead")
    assert command("chapter", "second-look", title="What came after", series=series, geography=place) == 0
    made = cells(book, "second-look")
    assert made[0].source.startswith("# What came after\n")
    assert f'tables.observations("{series}", geography="{place}")' in made[5].source


def test_a_chapter_that_cannot_be_is_refused_with_all_problems(book, capsys):
    before = files(book)
    assert command("chapter", "first", title="12 ships", colour="blue") == 1
    words = capsys.readouterr().err
    for told in ("already", "typed number", "'colour'", "Nothing was written."):
        assert told in words
    assert command("chapter", "Second Look", series="no_such_series") == 1
    words = capsys.readouterr().err
    assert "kebab-case" in words and "no_such_series" in words
    (book.root / "book" / "first.ipynb").unlink()
    (book.root / "_toc.yml").unlink()
    assert command("chapter", "second-look") == 1
    assert "_toc.yml is missing" in capsys.readouterr().err
    assert set(files(book)) <= set(before)


# --- stripping ------------------------------------------------------------------------------------


def test_strip_removes_outputs_and_keeps_facts(book):
    assert command("chapter", "second-look") == 0
    file = book.root / "book" / "second-look.ipynb"
    notebook = nbformat.read(file, as_version=4)
    code = [c for c in notebook.cells if c.cell_type == "code"]
    for count, cell in enumerate(code, start=1):
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=f"{count}\n")]
        cell.execution_count = count
    nbformat.write(notebook, file)
    assert cli.main(["record", "--strip", "second-look"]) == 0
    code = [c for c in cells(book, "second-look") if c.cell_type == "code"]
    assert [len(c.outputs) for c in code] == [0, 1, 0]
    assert code[1].outputs[0].text == "2\n"
    stripped = file.read_bytes()
    assert cli.main(["record", "--strip", "book/second-look.ipynb"]) == 0
    assert file.read_bytes() == stripped


def test_strip_leaves_a_clean_chapter_alone(project, tmp_path):
    name = sorted((project / "book").glob("*.ipynb"))[0]
    copy = tmp_path / name.name
    shutil.copy(name, copy)
    record.strip_file(copy)
    before = copy.read_bytes()
    assert record.strip_file(copy) is False
    assert copy.read_bytes() == before
