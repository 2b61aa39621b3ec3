"""The book's texts: no typed numbers, every receipt resolves, every figure of the story is there."""

from __future__ import annotations

import ast
import json
import pickle
import re
import shutil
from pathlib import Path

import pytest
import yaml

from storykit import lint, pages, project, receipts, tables, words

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


def passages() -> list[tuple[str, str]]:
    """(page, text) of every text cell of the book and every Markdown page; figures' words stand in them, too."""
    return [(name, cell.text) for name in pages.names() for cell in pages.page(name).of_kind("markdown")]


def roles() -> dict[tuple[str, str], str]:
    """(role, inside without names) -> the first page that says it."""
    found: dict[tuple[str, str], str] = {}
    with project.reading(PROJECT):
        for page, text in passages():
            for role, inside in receipts.roles(text):
                found.setdefault((role, receipts.inside_expanded(role, inside, receipts.of_page(page))), page)
    return found


def test_lint_finds_nothing():
    assert [str(problem) for problem in lint.problems()] == []


def test_every_receipt_rests_on_rows_with_a_source():
    found = roles()
    problems = [
        f"{page}: {inside}: {table} {key} has no source"
        for (role, inside), page in found.items()
        for table, key, _ in (receipts.receipt(inside) if role == "num" else receipts.sentence(inside)).rows
        if not _sourced(table, key)
    ]
    assert problems == []
    assert len(found) > 600


def test_answers_that_were_handed_on_say_what_answers_worked_out_say():
    """A build hands its answers to its kernels and to the next build: nothing may ask which of two equal objects one is."""
    asked = roles()

    def said():
        return {
            (role, inside): receipts.receipt(inside)
            if role == "num"
            else (receipts.sentence(inside), receipts.turns(receipts.sentence(inside).condition))
            for role, inside in asked
        }

    before, held = said(), project.current().answers
    held.update(pickle.loads(pickle.dumps(held)))
    assert sum(len(answer[1]) for answer in before.values() if isinstance(answer, tuple)) > 50
    assert {asked: answer for asked, answer in said().items() if answer != before[asked]} == {}


def test_the_words_of_all_figures_are_read():
    """Where titles stand, receipts are looked for: were the words elsewhere, all tests of them would find nothing."""
    told = [figure for name in CHAPTERS for figure in words.all_words(name)]
    assert len(told) >= sum(FIGURES.values())
    assert sum(len(receipts.roles(figure.text("description"))) for figure in told) > 100


def _sourced(table: str, key: str) -> bool:
    """Whether a row names a source. Some tables only name or describe and have none of their own."""
    if key == "*" or table in ("agreement_parties", "sources", "series", "units", "geographies"):
        return True
    return bool(tables.records(table)[key]["source_ids"])


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_has_its_form(name):
    page = pages.page(name)
    code, text = [c.text for c in page.of_kind("code")], [c.text for c in page.of_kind("markdown")]
    assert re.match(r"(\([a-z0-9-]+\)=\n)*# ", text[0]), "a title, behind addresses that lead to it"
    assert f'open_chapter("{name}")' in code[0]
    assert code[1].startswith("# NBVAL_CHECK_OUTPUT") and "receipts.facts()" in code[1]
    assert any("could not find" in words.lower() for words in text[-2:])
    for cell in page.of_kind("code"):
        # A lambda is fine: `assign` takes one, and it has no name that another cell could lean on.
        defined = [
            node.name
            for node in ast.walk(ast.parse(cell.text))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        ]
        assert defined == [], f"{cell.place} defines something"
        for word in ("open(", "read_csv", "http", "now(", "today("):
            assert word not in cell.text, f"{cell.place} holds {word}"


def test_the_book_has_the_chapters_of_the_story_and_lists_every_notebook():
    assert set(FIGURES) <= set(CHAPTERS)
    assert set(CHAPTERS) == {file.stem for file in (PROJECT / "book").glob("*.ipynb")}


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_figure_of_the_story_is_there(name):
    assert len(words.all_words(name)) >= FIGURES.get(name, 1)


def test_facts_are_stored_and_nothing_else():
    for name in CHAPTERS:
        notebook = json.loads((PROJECT / "book" / f"{name}.ipynb").read_text(encoding="utf-8"))
        stored = [c for c in notebook["cells"] if c["cell_type"] == "code" and c["outputs"]]
        assert len(stored) == 1, f"{name}: make record stores the facts"
        assert "NBVAL_CHECK_OUTPUT" in "".join(stored[0]["source"])


def told_rows(page: str) -> set[tuple[str, str]]:
    """(table, key) of every single claim, finding and reply that the texts of a page name, counts apart."""
    names = receipts.of_page(page)
    found = set()
    for cell in pages.page(page).of_kind("markdown"):
        for role, inside in receipts.roles(cell.text):
            full = receipts.inside_expanded(role, inside, names)
            found |= set(re.findall(r'\b(claims|outcomes|replies)\("([^"]+)"\)', full))
        found |= {("claims", names.claim(i)) for i in re.findall(r"\{verdict\}`([^`]*)`", cell.text)}
    return found


def listed(page: str) -> set[str]:
    """The claims that a page shows in a list, which gives every reply."""
    rules = [block.text for block in pages.page(page).blocks("story") if block.argument == "claims"]
    filters = [re.search(r":where:(.*)", rule)[1].strip() for rule in rules]
    return {
        claim for rule in filters for claim in receipts.filtered("claims", receipts.filters_of(rule)).index
    }


def replies_left_out() -> list[str]:
    """Replies that a page keeps from its readers though it tells the claim; one statement may be about two claims."""
    replies, outcomes = tables.records("replies"), tables.records("outcomes")
    found = []
    for page in pages.names():
        rows = told_rows(page)
        claims = {outcomes[key]["claim_id"] if table == "outcomes" else key for table, key in rows}
        said = {(replies[key]["party"], replies[key]["day"]) for table, key in rows if table == "replies"}
        found += [
            f"{page}: tells {reply['claim_id']} without what {reply['party']} replied on {reply['day']}"
            for reply in replies.values()
            if reply["claim_id"] in claims - listed(page) and (reply["party"], reply["day"]) not in said
        ]
    return found


def test_a_page_that_tells_a_claim_tells_the_reply_of_the_party_concerned():
    assert replies_left_out() == []


def test_a_reply_that_a_page_leaves_out_is_named(package):
    shutil.rmtree(package.root / "book")
    shutil.copytree(PROJECT / "book", package.root / "book")
    page = package.root / "book" / "partners.ipynb"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("{num}`@arm_denied`", "17 February"), encoding="utf-8")
    assert replies_left_out() == [
        "partners: tells arm-10000-engineers without what the minister of the time replied on 2026-02-17"
    ]
