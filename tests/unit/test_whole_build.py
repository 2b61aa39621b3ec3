"""A whole book of the made-up story, built by the command itself: what is refused, and what stays."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
import warm

from storykit import project
from storykit.site import npm

PROJECT = Path(__file__).parent.parent.parent
STUBS = ("ledger", "data", "sources", "cite", "contribute")
FIGURE = """from storykit import figures
rows = tables.observations("sales")
plot = go.Figure(go.Scatter(x=list(rows["period"]), y=list(rows["value"]), mode="lines", name="sales",
                            meta={"series": "sales", "geography": "MY"}))
figures.Figure(plot, id="zone-sales", data=rows, columns=["period", "value"])"""
WORDS = """```{figure-text} zone-sales
title: Sales more than doubled
subtitle: Sales, RM million
description: A short line that climbs from {num}`sales/MY/2017` to about three times as much in the end.
columns: period = Year | value = Sales
```"""


def notebook(book: Path, prose: str = "", figure: str = FIGURE, words: str = WORDS) -> None:
    """Write the book's one chapter."""
    chapter = nbformat.v4.new_notebook()
    chapter.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    opening = (
        'import plotly.graph_objects as go\nfrom storykit import open_chapter, tables\nopen_chapter("zone")'
    )
    chapter.cells = [
        nbformat.v4.new_markdown_cell(f"# The zone\n\nWhat was sold. {prose}\n\n{words}", id="words"),
        nbformat.v4.new_code_cell(opening, id="opening"),
        nbformat.v4.new_code_cell(figure, id="figure"),
    ]
    nbformat.write(chapter, book / "book" / "zone.ipynb")


@pytest.fixture
def book(small) -> Path:
    with project.reading(PROJECT):
        npm.ensure_libraries()  # what a site is built with, once for all tests
    for name in ("_config.yml", "package.json"):
        shutil.copy(PROJECT / name, small)
    (small / "node_modules").symlink_to(PROJECT / "node_modules")
    (small / "data" / "geo").mkdir()
    names = ["book/zone", *(f"book/{stub}" for stub in STUBS)]
    listed = "\n".join(f"  - file: {name}" for name in names)
    (small / "_toc.yml").write_text(f"format: jb-book\nroot: book/index\nchapters:\n{listed}\n")
    for stub in ("index", *STUBS):
        (small / "book" / f"{stub}.md").write_text(f"# {stub.title()}\n\nMade up.\n")
    (small / "book" / "ledger.md").write_text("# Ledger\n\n```{story} ledger\n```\n")
    (small / "book" / "data.md").write_text("# Data\n\n## Series\n\nMade up.\n\n## Take\n\nMade up.\n")
    (small / "book" / "contribute.md").write_text("# Contribute\n\n## A number is wrong\n\nMade up.\n")
    notebook(small)
    return small


def environment(book: Path) -> dict[str, str]:
    """That of a machine without a browser."""
    return {**os.environ, "STORYKIT_ROOT": str(book), "BROWSER_PATH": "/nonexistent"}


def start(book: Path, *words: str, **more: str) -> subprocess.Popen:
    """Begin a process that Ctrl-C reaches, also where these tests run behind `&`, which takes that from all they start."""
    return subprocess.Popen(
        [sys.executable, "-u", *words],
        cwd=book,
        env=environment(book) | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def start_build(book: Path) -> subprocess.Popen:
    """Begin a build as `make site` does."""
    return start(book, "-m", "storykit", "site")


def build(book: Path) -> subprocess.CompletedProcess:
    return warm.site(book, environment(book))


def plain_build(book: Path) -> subprocess.CompletedProcess:
    """Build as anybody builds a Jupyter Book, with warnings as errors."""
    call = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", call, "build", "-W", "."],
        cwd=book,
        env=environment(book),
        capture_output=True,
        text=True,
        timeout=300,
    )


def page(book: Path) -> str:
    return (book / "_build" / "html" / "book" / "zone.html").read_text(encoding="utf-8")


def test_without_a_browser_the_table_takes_the_pictures_place(book):
    done = build(book)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("no Chromium found") == 1
    text = page(book)
    assert "<picture" not in text and '<details class="fig-table" open' in text
    figure = text.partition('<figure class="fig"')[2].partition("</figure>")[0]
    assert "52.1" in figure and ".csv" in figure and ".svg" not in figure and ".png" not in figure
    assert "nothing has changed" in build(book).stdout


BREACHES = {
    "no description": ("", FIGURE, ["book/zone.ipynb, cell 1, line 6", "description is missing"], WORDS.replace("description:", "# description:")),
    "no sources": ("", FIGURE.replace("data=rows", "data=rows.drop(columns='source_ids')"), ["figure zone-sales", "sources are missing"]),
    "no table": ("", FIGURE.replace("data=rows", "data=rows, table=rows.iloc[:0]"), ["figure zone-sales", "table is missing"]),
    "not finite": ("", FIGURE.replace('y=list(rows["value"])', 'y=[float("nan"), float("inf"), 110]'), ["figure zone-sales", "not finite"]),
    "broken code": ("", "print(nothing)\n" + FIGURE, ["book/zone.ipynb, cell 3 stopped", "print(nothing)", "NameError"]),
    "a table past the list": ("", 'file = "../data/tables/observations.csv"\n' + FIGURE, ["book/zone.ipynb, cell 3, line 1: ", 'write tables.load("observations")']),
    "a number printed": ("", "print(12)\n" + FIGURE, ["book/zone.ipynb, cell 3 prints '12'"]),
    "number without row": ("Sales were {num}`sales/MY/1999`.", FIGURE, ["sales/MY/1999", "has no row"]),
    "sentence that fails": ("{holds}`Sales fell <sales/MY/2018 < sales/MY/2017>`.", FIGURE, ["Sales fell", "52.1"]),
}  # fmt: skip
"""What is wrong -> (prose, figure cell, words of the refusal), and the figure's words if they are others."""


@pytest.mark.long
def test_whatever_is_wrong_is_refused_by_name_and_the_last_site_stays(book):
    assert build(book).returncode == 0
    before = page(book)
    for breach, (prose, figure, words, *said) in BREACHES.items():
        notebook(book, prose, figure, *said)
        done = build(book)
        assert done.returncode == 1, breach
        for word in ["zone", "Nothing was published", *words]:
            assert word in done.stderr, f"{breach}: {word!r} is not in\n{done.stderr}"
        assert page(book) == before, breach
    table = book / "data" / "tables" / "observations.csv"
    whole = table.read_text()
    table.write_text(whole[: len(whole) - 40])
    done = build(book)
    assert done.returncode == 1 and "observations.csv, row 8: 'later/MY/2020'" in done.stderr
    assert page(book) == before
    table.write_text(whole)
    notebook(book, "And more words.")
    assert build(book).returncode == 0
    assert "And more words." in page(book) and "And more words." not in before


CHANGES = {
    "the words of a receipt's card": ("data/tables/series.csv", "All sales.", "All the sales."),
    "what a source is called": ("data/tables/sources.csv", "A day of deals", "Deals of a day"),
    "a word that stood nowhere else": ("book/index.md", "zebras", "horses"),
    "the title of a figure that another page lists": ("book/zone.ipynb", "Sales more than doubled", "Sales went up"),
    "when newer data are due": ("data/tables/series.csv", "2020-06", "2031-06"),
    "the day the data stand at": ("data/datapackage.json", '"storykit:asOf": "2026-11-23"', '"storykit:asOf": "2032-01-01"'),
    "the published address": ("_config.yml", 'baseurl: ""', 'baseurl: "https://small.example"'),
}  # fmt: skip
"""What changes -> (file, old words, new words)."""


def site(book: Path) -> dict[str, bytes]:
    """Every file of the published site."""
    folder = (book / "_build" / "html").resolve()
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def test_what_a_build_has_noted_may_be_damaged_or_gone(book):
    """And every note may be at once; the next build says nothing wrong, and nothing of how it found them."""
    assert build(book).returncode == 0
    before = site(book)
    state, work = book / "_build" / ".storykit", book / "_build" / "next"
    notes = [state / "checked.json", state / "linted.json", state / "inspected", state / "reads" / "zone.txt"]
    notes += [work / "inputs", work / "rendered", *(book / "_build").rglob("global.db")]
    assert len(notes) == 7 and all(note.is_file() for note in notes)
    for damage in (b"\xff\xfe not ours", b"[5]", b""):
        for note in notes:
            note.write_bytes(damage)
        done = build(book)
        assert done.returncode == 0 and "Error" not in done.stdout + done.stderr, done.stdout + done.stderr
        assert site(book) == before
    shutil.rmtree(work / "_build" / "html")
    (work / "inputs").unlink()
    assert build(book).returncode == 0
    assert site(book) == before


def test_a_page_that_comes_stands_in_every_menu_and_one_that_goes_in_none(book):
    toc, page = book / "_toc.yml", book / "book" / "more.md"
    listed = toc.read_text()
    assert build(book).returncode == 0
    before = site(book)
    toc.write_text(f"{listed}\n  - file: book/more")
    for title in ("More", "Less"):
        page.write_text(f"# {title}\n\nMade up.\n")
        assert build(book).returncode == 0
        rebuilt = site(book)
        assert f"> {title}" in rebuilt["book/zone.html"].decode() and "book/more.html" in rebuilt
        shutil.rmtree(book / "_build")
        assert build(book).returncode == 0
        assert site(book) == rebuilt, title
    toc.write_text(listed)
    page.unlink()
    assert build(book).returncode == 0
    assert site(book) == before


@pytest.mark.long
def test_a_site_rebuilt_equals_one_built_from_nothing(book):
    page = "# Index\n\nSold: {num}`sales/MY/2018`, see {verdict}`goods`. No zebras.\n\n{holds}`It fell <growth/MY/2018 < -1>`.\n"
    (book / "book" / "index.md").write_text(page)
    parts = ("figure-list", "proof-state", "proof-counts")  # what other pages, and all files, hold
    listed = "\n\n".join(f"```{{story}} {part}\n```" for part in parts)
    (book / "book" / "cite.md").write_text(f"# Cite\n\n{listed}\n")
    assert build(book).returncode == 0
    for change, (name, old, new) in CHANGES.items():
        before, file = site(book), book / name
        file.write_text(file.read_text().replace(old, new))
        assert build(book).returncode == 0, change
        rebuilt = site(book)
        assert rebuilt != before, change
        shutil.rmtree(book / "_build")
        assert build(book).returncode == 0, change
        anew = site(book)
        assert sorted(f for f in anew | rebuilt if anew.get(f) != rebuilt.get(f)) == [], change


def test_a_title_that_no_longer_holds_and_is_put_right_is_built_at_once(book):
    """A page that lists all figures must not say what another page, not read yet, said before."""
    (book / "book" / "cite.md").write_text("# Cite\n\n```{story} figure-list\n```\n")
    held = "{holds}`Sales rose <sales/MY/2018 > sales/MY/2017>`"
    notebook(book, words=WORDS.replace("Sales more than doubled", held))
    assert build(book).returncode == 0
    table = book / "data" / "tables" / "observations.csv"
    table.write_text(table.read_text().replace(",52.1,", ",32.1,"))
    notebook(
        book,
        words=WORDS.replace(
            "Sales more than doubled", held.replace("rose", "fell").replace("2018 >", "2018 <")
        ),
    )
    done = build(book)
    assert done.returncode == 0, done.stderr
    assert "Sales fell" in (book / "_build" / "html" / "book" / "cite.html").read_text()


def test_a_second_build_waits_and_one_under_which_files_change_is_not_published(book):
    assert build(book).returncode == 0
    before = page(book)
    notebook(book, "First words.", FIGURE + "\nimport time; time.sleep(3)")
    first = start_build(book)
    while "running 1 of 1" not in first.stdout.readline():
        assert first.poll() is None
    second = start_build(book)
    assert "another build is at work here" in second.stdout.readline()
    assert page(book) == before
    notebook(book, "Last words.")
    told = first.communicate(timeout=300)[0]
    assert first.returncode == 0 and "building again" in told
    assert "nothing has changed" in second.communicate(timeout=300)[0]
    assert "Last words." in page(book) and "First words." not in page(book)
    assert sorted(p.name for p in (book / "_build" / "releases").iterdir()) == ["1", "2"]


def test_a_stopped_build_leaves_nothing_running_and_the_next_one_is_right(book):
    assert build(book).returncode == 0
    before = page(book)
    notebook(book, "New words.", FIGURE + "\nimport time; time.sleep(600)")
    process = start_build(book)
    while "running 1 of 1" not in process.stdout.readline():
        assert process.poll() is None
    started = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and errors.strip().startswith("Stopped. Nothing was published")
    assert started and psutil.wait_procs(started, timeout=10)[1] == []
    assert page(book) == before
    notebook(book, "New words.")
    assert build(book).returncode == 0
    assert "New words." in page(book)


def test_after_a_refusal_the_next_build_goes_on_from_what_is_there(book):
    """And still shows what data that were taken back say, not what it read when it was refused."""
    table = book / "data" / "tables" / "observations.csv"
    notebook(book, "{holds}`Sales rose <sales/MY/2018 > sales/MY/2017>`.")
    assert build(book).returncode == 0
    before, whole = site(book), table.read_text()
    table.write_text(whole.replace("52.1", "12.1"))
    assert build(book).returncode == 1
    assert not (book / "_build" / "next" / "unfinished").exists()
    table.write_text(whole)
    (book / "book" / "cite.md").write_text("# Cite\n\nMore words.\n")
    assert build(book).returncode == 0
    after = site(book)
    assert after["book/zone.html"] == before["book/zone.html"]
    shutil.rmtree(book / "_build")
    assert build(book).returncode == 0
    assert site(book) == after


def test_a_change_of_style_alone_renders_no_page_and_after_a_refusal_renders_all(book):
    style = book / "storykit" / "site" / "theme" / "styles" / "story.css"
    style.parent.mkdir(parents=True)
    style.write_text("a{}")
    (book / "book" / "cite.md").write_text("# Cite\n\n```{story} proof-state\n```\n")
    assert build(book).returncode == 0
    before = site(book)
    style.write_text("b{}")
    done = build(book)
    assert done.returncode == 0 and "dressing" in done.stdout and "pages read" not in done.stdout
    dressed = site(book)
    assert {name for name in before if before[name] != dressed[name]} > {"book/cite.html", "SHA256SUMS"}
    shutil.rmtree(book / "_build")
    assert build(book).returncode == 0
    assert site(book) == dressed
    words = page(book)
    notebook(book, "{holds}`Sales fell <sales/MY/2018 < sales/MY/2017>`.")
    assert build(book).returncode == 1
    notebook(book)
    style.write_text("c{}")
    done = build(book)
    assert done.returncode == 0 and "dressing" not in done.stdout and page(book) == words


def test_a_plain_build_never_builds_into_a_published_release(book):
    assert build(book).returncode == 0
    place = book / "_build" / "html"
    release = place.resolve()
    published = {file: file.read_bytes() for file in release.rglob("*") if file.is_file()}
    notebook(book, "Words of a plain build.")
    done = plain_build(book)
    assert done.returncode == 0, done.stderr
    assert not place.is_symlink() and "Words of a plain build." in page(book)
    assert {file: file.read_bytes() for file in release.rglob("*") if file.is_file()} == published
    assert sorted(folder.name for folder in release.parent.iterdir()) == [release.name]
    assert build(book).returncode == 0
    assert place.is_symlink() and "Words of a plain build." in page(book)
