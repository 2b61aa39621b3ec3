"""Pages that lead on, in a real browser: indexes with filters, partnerships, organisations, places, series.

That they have no violation and no sideways scroll is seen to with all pages that a template makes.
"""

from __future__ import annotations

import json
import re

import pytest
from conftest import names
from playwright.sync_api import expect

from storykit import tables
from storykit.site import inspection

INDEXES = ("partnerships", "agreements", "events", "places")
KIB = 1024


def test_every_row_has_its_page(site):
    for table in ("partnerships", "organisations", "places", "series"):
        there = {name.removeprefix(f"{table}/").removesuffix(".html") for name in names(site, table)}
        assert there == set(tables.records(table)), table
    for table in ("partnerships", "organisations", "places"):  # where they stood before
        rows = (site / "tables" / f"{table}.html").read_text(encoding="utf-8")
        assert rows.count('<tr id="row-') == len(tables.records(table))


def test_each_series_has_its_file(site):
    for series in tables.records("series"):
        text = (site / "_data" / "series" / f"{series}.csv").read_text(encoding="utf-8")
        rows = sum(record["series_id"] == series for record in tables.records("observations").values())
        assert text.startswith("observation_id,") and len(text.splitlines()) >= rows + 1, series


def test_a_page_of_these_kinds_is_light(site):
    for kind, most in (("partnerships", 8), ("organisations", 10), ("places", 6), ("series", 30)):
        heavy = {name: inspection.weight(site / name) / KIB for name in names(site, kind)}
        assert max(heavy.values()) < most, max(heavy, key=heavy.get)
        assert sum(heavy.values()) / len(heavy) < 5, kind


@pytest.mark.parametrize("index", INDEXES)
def test_an_index_is_whole_without_script(open_page, index):
    page = open_page(f"book/{index}.html", java_script_enabled=False)
    assert page.locator(".entry:visible").count() == len(tables.records(index))
    assert page.locator("form.filters:visible").count() == 0


def test_a_filter_stands_in_the_address_and_the_address_is_followed(open_page):
    page = open_page("book/events.html")
    every = page.locator(".entry:visible").count()
    page.locator("select[name=thread]").select_option(index=1)
    expect(page).to_have_url(re.compile("thread="))
    some = page.locator(".entry:visible").count()
    assert 0 < some < every and page.locator(".entries:visible").count() == 1
    assert page.locator(".filter-said output").inner_text() == f"{some} of {every} events"
    page.reload()
    assert page.locator(".entry:visible").count() == some
    page.goto(page.url.partition("?")[0] + "?thread=%3Cimg%20src%3Dx%3E&year=1066")
    assert page.locator(".entry:visible").count() == every
    assert "There is no" in page.locator(".filter-problem").inner_text()
    assert page.locator(".filter-problem img").count() == 0 and page.complaints == []


def test_the_matrix_opens_the_papers_that_it_counts(open_page):
    page = open_page("book/agreements.html")
    cell = page.locator(".matrix a[data-papers*=';']").first
    papers = cell.get_attribute("data-papers").split(";")
    assert cell.locator("span").first.inner_text() == str(len(papers))
    cell.click()
    page.wait_for_load_state()
    assert "organisation=" in page.url and "with=" in page.url
    shown = {entry.get_attribute("id") for entry in page.locator(".entry:visible").all()}
    assert set(papers) <= shown  # in the list, papers that one side only witnessed stand, too


def test_a_claim_of_a_partnership_leads_to_it_and_back(site, open_page):
    claim = next(c for c, r in tables.records("claims").items() if r["partnership_id"])
    page = open_page(f"claims/{claim}.html")
    page.locator("a[href*='partnerships/']").first.click()
    page.wait_for_url("**/partnerships/*.html")
    assert page.locator(f"a[href*='claims/{claim}.html']").count() >= 1


def test_a_dataset_says_where_its_file_is(site):
    for name in names(site, "series")[:5]:
        text = (site / name).read_text(encoding="utf-8")
        about = json.loads(text.partition('<script type="application/ld+json">')[2].partition("</script>")[0])
        file = about["@graph"][0]["distribution"][0]["contentUrl"]
        assert (site / name).parent.joinpath(file).resolve().is_file()


def test_the_pages_behind_lead_to_the_contents_and_the_contents_open(open_page):
    page = open_page("places/" + next(iter(tables.records("places"))) + ".html", java_script_enabled=False)
    link = page.locator("header .menu-link")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/index.html#contents")
    assert page.locator(".menu-panel a").count() > 10
    opened = open_page("book/index.html#contents")
    expect(opened.locator(".menu-panel")).to_be_visible()
