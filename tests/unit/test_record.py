"""`storykit record`: all chapters that run are stored, those that stop are named, nothing is half written."""

from __future__ import annotations

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from storykit import cli, record, stripping


class Here:
    """Stands in for `NotebookClient`: runs the cells in this process, which takes no second."""

    def __init__(self, notebook, **options):
        self.notebook = notebook

    def execute(self) -> None:
        for number, cell in enumerate(self.notebook.cells, start=1):
            said: list[str] = []
            try:
                exec(cell.source, {"print": said.append})
            except Exception as error:
                raise CellExecutionError("...", type(error).__name__, str(error)) from None
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="\n".join(said))]
            cell.execution_count = number


@pytest.fixture
def write(small, monkeypatch):
    """Writes a chapter with one facts cell; returns its file."""
    monkeypatch.setattr(record, "NotebookClient", Here)

    def write(name: str, code: str, stored: str = ""):
        cell = nbformat.v4.new_code_cell(f"# {stripping.MARK}\n{code}", id="facts")
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=stored)]
        file = small / "book" / f"{name}.ipynb"
        file.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])) + "\n")
        return file

    return write


def stored(file) -> list[str]:
    return record.facts(nbformat.read(file, as_version=4))


def test_a_chapter_that_stops_does_not_keep_the_others_from_being_recorded(write, capsys):
    first = write("a", 'raise ValueError("sales/MY/2018: no such row")', "old -> 1")
    second = write("b", 'print("new -> 2")', "new -> 1")
    third = write("c", "1 / 0")
    before = first.read_bytes()
    assert cli.main(["record"]) == 1
    assert stored(second) == ["new -> 2"] and first.read_bytes() == before
    said = capsys.readouterr()
    assert said.out == "b.ipynb: 1 fact changed\n  -new -> 1\n  +new -> 2\n"
    assert said.err.splitlines()[:2] == [
        "a.ipynb: ValueError: sales/MY/2018: no such row",
        "c.ipynb: ZeroDivisionError: division by zero",
    ]
    assert third.is_file()


def test_a_chapter_that_cannot_be_read_is_named(write, small, capsys):
    (small / "book" / "a.ipynb").write_text("{")
    write("b", 'print("new -> 2")')
    assert cli.main(["record"]) == 1
    said = capsys.readouterr()
    assert (
        said.err.startswith("book/a.ipynb, line 1: book/a.ipynb is not a notebook")
        and "b.ipynb: 1 fact changed" in said.out
    )


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("a b c", "a b c", []),
        ("a b c", "a B c", [("b", "B")]),
        ("a b c", "a c d", [("b", ""), ("", "d")]),
        ("", "a", [("", "a")]),
        ("a b", "A B", [("a", "A"), ("b", "B")]),
    ],
)
def test_a_changed_fact_counts_once(before, after, found):
    assert record.changes(before.split(), after.split()) == found


def test_a_chapter_is_whole_at_every_moment(write, small, monkeypatch):
    file = write("a", 'print("new -> 2")')
    before = file.read_bytes()

    def full(part, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    assert cli.main(["record"]) == 1
    assert file.read_bytes() == before and [f.name for f in (small / "book").iterdir()] == ["a.ipynb"]


def test_a_check_names_each_fact_with_both_values_and_the_command_and_stores_nothing(write, capsys):
    files = [
        write("a", 'print("sales -> 2\\nshare -> 3%")', "sales -> 1\nlost -> 7\nshare -> 3%"),
        write("b", 'print("same -> 1")', "same -> 1"),
    ]
    before = [file.read_bytes() for file in files]
    assert cli.main(["record", "--check"]) == 1
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "a.ipynb: what it says differs from what is stored",
        "  lost",
        "    stored: 7",
        "    now:    nothing",
        "  sales",
        "    stored: 1",
        "    now:    2",
        "b.ipynb: says what is stored",
    ]
    assert said.err == "If that is meant, store it: storykit record a\n"
    assert [file.read_bytes() for file in files] == before
    assert cli.main(["record", "--check", "b"]) == 0


def test_a_check_names_a_chapter_that_stops(write, capsys):
    write("a", "1 / 0")
    assert cli.main(["record", "--check"]) == 1
    assert capsys.readouterr().err == "a.ipynb: ZeroDivisionError: division by zero\n"
