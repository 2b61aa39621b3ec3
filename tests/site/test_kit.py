"""The list that a reader fills in: one sheet on paper, whole without script, kept in the address and nowhere else."""

from __future__ import annotations

import re

import pytest

LIST = "book/checklist.html"


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_it_prints_on_one_sheet(open_page, paper):
    sheet = open_page(LIST).pdf(format=paper)
    assert len(re.findall(rb"/Type\s*/Page[^s]", sheet)) == 1


def test_what_is_entered_stays_in_the_address(open_page, address):
    page = open_page(LIST)
    page.locator("[data-check]").first.check()
    page.locator("[data-key=exit]").fill("Article 9")
    kept = page.evaluate("location.href")
    assert kept.startswith(f"{address}/{LIST}#") and "exit=Article+9" in kept
    page.goto("about:blank")
    page.goto(kept)
    assert page.locator("[data-check]").first.is_checked()
    assert page.locator("[data-key=exit]").input_value() == "Article 9"
    assert page.locator(".checklist output").inner_text().startswith("1 of 9 stand in the draft; to ask for:")
    page.get_by_role("button", name="Empty the list").click()
    assert page.evaluate("location.href") == f"{address}/{LIST}"


def test_without_script_it_can_be_filled_in_and_has_no_dead_button(open_page):
    page = open_page(LIST, java_script_enabled=False)
    page.locator("[data-check]").first.check()
    page.locator("[data-key=draft]").fill("Our draft")
    assert page.locator(".checklist button").is_hidden()
    assert page.locator(".checklist li").count() == 9


def test_the_chapter_answers_before_it_explains(open_page):
    page = open_page("book/elsewhere.html", viewport={"width": 360, "height": 740})
    first = page.locator("figure.fig").first
    assert first.bounding_box()["y"] < 1100
