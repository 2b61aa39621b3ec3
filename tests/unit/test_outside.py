"""What is written for those who find a site or read it by program."""

from __future__ import annotations

import lxml.etree
import lxml.html
import pytest

from storykit.site import copies, outside, views
from storykit.site.templates import render

PAGE = """<h1>The zone</h1><p>In 2019 <a class="receipt" href="../series/sales.html#o-MY-2019" data-receipt="r1">2,500</a>
firms sold, <span class="holds">more than before</span>.<button>Explore</button></p>
<figure class="fig"><figcaption><p class="fig-title">Sales</p></figcaption>
<picture class="on-light"><source srcset="a.narrow.svg"><img src="a.svg" alt="Sales"></picture>
<picture class="on-dark" hidden><img src="dark.svg" alt="Sales"></picture>
<table><thead><tr><th>Year</th><th>Sales</th></tr></thead><tbody><tr><td>2019</td><td>2,500</td></tr></tbody></table>
<ul class="fig-tools"><li><a href="a.csv">CSV</a></li></ul></figure>
<div class="receipts" hidden><section id="r1">2,500 from a row</section></div>"""


def test_a_copy_says_what_the_page_says_and_nothing_that_only_a_screen_needs():
    text = copies.markdown(PAGE, "The zone")
    assert text.startswith(
        "# The zone\n\nIn 2019 [2,500](../series/sales.html#o-MY-2019)\nfirms sold, more than before."
    )
    assert "#### Sales" in text and "![Sales](a.svg)" in text
    assert "| 2019 | 2,500 |" in text
    for lost in ("Explore", "dark.svg", "CSV", "from a row", "<"):
        assert lost not in text, lost


def test_a_copy_begins_with_a_title():
    assert copies.markdown("<p>Words.</p>", "Title") == "# Title\n\nWords.\n"


def test_the_claims_for_programs_say_what_must_be_known_to_use_them(small):
    found = outside.claims("https://host.example/repo")
    first = found["claims"][0]
    assert first["address"] == f"https://host.example/repo/claims/{first['claim_id']}.html"
    assert first["verdict"] in found["verdicts"]
    assert {claim["claim_id"] for claim in found["claims"]} == {"thousand-firms", "goods", "no-number"}
    assert outside.claims("")["claims"][0]["address"].startswith("../claims/")
    assert found["version"] == "1.0.0" and found["data_as_of"] == "2026-11-23"


@pytest.mark.parametrize("canonical", ["", "https://host.example/book/index.html"])
def test_the_way_in_is_a_whole_page(canonical):
    html = str(render(views.WayIn("A & B", "book/index.html", canonical, "en")))
    page = lxml.html.document_fromstring(html)
    assert html.startswith("<!DOCTYPE html>") and page.findtext(".//title") == "A & B"
    assert page.xpath("//meta[@http-equiv='refresh']/@content") == ["0; url=book/index.html"]
    assert page.xpath("//link[@rel='canonical']/@href") == ([canonical] if canonical else [])


def test_a_sitemap_is_read_as_one():
    root = lxml.etree.fromstring(str(render(views.Sitemap(("https://host.example/a.html?x=1&y",)))).encode())
    assert root.xpath("//*[local-name()='loc']/text()") == ["https://host.example/a.html?x=1&y"]
