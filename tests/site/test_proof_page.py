"""The page of proofs: it says what the commands print, and its checksums hold."""

from __future__ import annotations

import csv
import json
import platform
import re
import subprocess

import lxml.html
import pytest
from conftest import PROJECT

from storykit import cli
from storykit.site import checksums, proof

PAGE = "book/proof.html"


@pytest.fixture(scope="module")
def page(site):
    return lxml.html.document_fromstring((site / PAGE).read_text(encoding="utf-8"))


def told(page) -> dict[str, str]:
    """Term -> words of the page's lists of facts."""
    return {dt.text_content(): dt.getnext().text_content() for dt in page.xpath("//main//dl/dt")}


def rows(page, caption: str) -> dict[str, list[str]]:
    """Head of a row -> its cells, of the table of that caption."""
    found = page.xpath(f'//table[caption="{caption}"]/tbody/tr')
    return {tr[0].text_content(): [td.text_content() for td in tr[1:]] for tr in found}


def test_the_page_says_what_the_command_prints(page, capsys):
    assert cli.main(["proof", "--show"]) == 0
    said = capsys.readouterr().out
    facts, tables = told(page), rows(page, "Rows by table")
    assert f"Files {facts['Files']}," in said, "the site was built from other files: make site"
    commit = re.search(r"tested at commit (\w+)", said)
    assert facts["Commit"] == (commit[1] if commit else "these files have not been tested as they are")
    assert f"{facts['Rows'].replace(' in ', ' rows in ')}." in said
    assert f"{facts['Numbers in the texts that are written from rows']} numbers are written" in said
    assert f"{facts['Sentences that a condition carries']} sentences carry" in said
    printed = re.findall(r"^(\w+): ([\d,]+) rows(?:, ([\d,]+) with an official source)?$", said, re.MULTILINE)
    assert [[n, official or "names none"] for _, n, official in printed] == list(tables.values())


def test_the_page_counts_what_stands_in_the_files(page):
    package = json.loads((PROJECT / "data/datapackage.json").read_text(encoding="utf-8"))
    described = {r["name"]: r for r in package["resources"] if r.get("type") == "table"}
    held = {
        name: list(csv.DictReader((PROJECT / "data" / r["path"]).open(newline="", encoding="utf-8")))
        for name, r in described.items()
    }
    kinds = {row["source_id"]: row["kind"] for row in held["sources"]}
    official = set(described["sources"]["storykit:official"])
    tables = rows(page, "Rows by table")
    for name, found in held.items():
        named = [row["source_ids"].split(";") for row in found if "source_ids" in row]
        sure = f"{sum(any(kinds.get(one) in official for one in ids) for ids in named):,}"
        assert tables[described[name]["title"]] == [f"{len(found):,}", sure if named else "names none"]


def test_what_was_not_found_out_about_these_files_is_not_shown_as_if_it_were(page):
    held, now = proof.results(PROJECT), proof.state(PROJECT)
    of_others = [one["commit"][:7] for one in held.values() if one["state"] != now]
    said = [value for (value,) in rows(page, "What tests found out").values()]
    assert len(said) > 8 and said.count("not measured") == len(said) - len(held)
    named = [value.rpartition("of the files of commit ")[2] for value in said if "of the files of" in value]
    assert sorted(named) == sorted(of_others)


def test_the_checksums_are_those_of_all_files(site):
    command = ["sha256sum", "--check", "--strict", "--quiet", checksums.NAME]
    result = subprocess.run(command, cwd=site, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    listed = [line[66:] for line in (site / checksums.NAME).read_text(encoding="utf-8").splitlines()]
    there = {file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file()}
    assert set(listed) == there - {checksums.NAME, PAGE} and listed == sorted(listed)


def test_what_only_the_page_may_say_stands_in_no_copy(site):
    """Else the checksums of two commits would differ that differ in nothing but what was found out about them."""
    for name in ("book/proof.md", "llms-full.txt"):
        text = (site / name).read_text(encoding="utf-8")
        assert "Rows by table" in text
        assert "not measured" not in text and "tested as they are" not in text
        assert "run.py hostile" not in text


def test_the_page_is_whole_on_paper_and_on_a_phone(open_page):
    for options in ({}, {"viewport": {"width": 320, "height": 640}}):
        opened = open_page(PAGE, java_script_enabled=False, **options)
        assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
        opened.emulate_media(media="print")
        assert opened.locator("table.data caption").count() >= 3


def test_the_versions_that_tests_run_on_are_noted(browser):
    proof.note("python", platform.python_version())
    proof.note("chromium", browser.version)
