"""Small things that lie on a line: the stops of a promise on its page, and the words that the search offers instead."""

from __future__ import annotations

import pytest

from storykit import tables

OUT_OF_PLACE = """() => {
  const line = document.querySelector('.strip-line').getBoundingClientRect();
  return [...document.querySelectorAll('.strip-mark, .strip-key')].filter((mark) => {
    const box = mark.getBoundingClientRect();
    return box.width > 24 || box.right > line.right + 24 || box.left < line.left - 24;
  }).map((mark) => mark.className);
}"""
MOST = 12


@pytest.mark.parametrize("width", [360, 1280])
def test_the_stops_of_a_promise_lie_on_their_line(open_page, address, width):
    claims = sorted(tables.records("claims"))
    page = open_page("book/ledger.html", viewport={"width": width, "height": 740})
    for claim in claims[:: len(claims) // MOST]:
        page.goto(f"{address}/claims/{claim}.html")
        assert page.locator(".strip-mark").count(), claim
        assert page.evaluate(OUT_OF_PLACE) == [], claim
        assert page.evaluate("document.documentElement.scrollWidth") <= width, claim


def test_the_nearest_words_are_one_sentence(open_page):
    page = open_page(
        "search.html?q=%3Cscript%3Ealert(1)%3C/script%3E", viewport={"width": 360, "height": 740}
    )
    links = page.locator("#search-results p a")
    links.nth(1).wait_for()
    assert {link.evaluate("each => getComputedStyle(each).display") for link in links.all()} == {"inline"}
