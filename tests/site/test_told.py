"""Chapters told answer first, in a real browser: where the first chart stands, what folds and prints, and pictures
in which no words lie on others.

Chapters on the list `untold` of the descriptor's `storykit:voice` are excused; lint takes a chapter off that list as
soon as it keeps to the limits.
"""

from __future__ import annotations

import json

import pytest
from conftest import PROJECT
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
VOICE = json.loads((PROJECT / "data/datapackage.json").read_text(encoding="utf-8"))["storykit:voice"]
FIRST_FIGURE = 1100
"""Px from the top of the page at which the first picture may begin on a phone."""
SMALLEST = 11
"""Px of the smallest words in a picture for a phone."""

BOXES = """() => {
  // Of each written line the box of its letters, without the air above and below them.
  const found = [];
  for (const text of document.querySelectorAll('text')) {
    const style = getComputedStyle(text);
    if (style.visibility === 'hidden' || style.opacity === '0' || !text.textContent.trim()) continue;
    const lines = text.querySelectorAll(':scope > tspan.line');
    for (const line of lines.length ? lines : [text]) {
      const { left, right, top, bottom } = line.getBoundingClientRect();
      const air = (bottom - top) * 0.15;
      if (right - left > 1) found.push({ words: line.textContent, size: parseFloat(style.fontSize), own: text,
        left: left + 1, right: right - 1, top: top + air, bottom: bottom - air });
    }
  }
  const over = [];
  found.forEach((a, i) => found.slice(i + 1).forEach((b) => {
    if (a.own !== b.own && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      over.push(`${a.words} | ${b.words}`);
  }));
  return { over, smallest: Math.min(...found.map((box) => box.size)) };
}"""


def figures(site) -> dict[str, str]:
    """Id -> page of all figures of the book."""
    index = json.loads((site / "_figures" / "index.json").read_text(encoding="utf-8"))
    return {name: entry["page"].rpartition("/")[2] for name, entry in index.items()}


def chapters(site) -> list[str]:
    """Chapters that keep to the limits."""
    return sorted(set(figures(site).values()) - set(VOICE["untold"]))


@pytest.mark.parametrize("kind", ["light", "dark", "narrow.light", "narrow.dark"])
def test_no_words_of_a_picture_lie_on_others(site, address, browser, kind):
    narrow = kind.startswith("narrow")
    context = browser.new_context(viewport={"width": 360 if narrow else 760, "height": 900})
    page, found = context.new_page(), []
    for name in figures(site):
        page.goto(f"{address}/_figures/{name}.{kind}.svg", wait_until="load")
        seen = page.evaluate(BOXES)
        found += [f"{name}: {pair}" for pair in seen["over"]]
        if narrow and seen["smallest"] < SMALLEST:
            found.append(f"{name}: words of {seen['smallest']} px")
    context.close()
    assert found == []


def test_words_that_lie_on_others_are_seen(browser):
    page = browser.new_page()
    page.set_content("<svg><text x='10' y='20'>One word</text><text x='30' y='22'>Another</text></svg>")
    assert page.evaluate(BOXES)["over"] == ["One word | Another"]
    page.close()


def test_the_first_chart_stands_within_a_screen_and_a_half(site, open_page):
    found = {}
    for page_name in chapters(site):
        page = open_page(f"book/{page_name}.html", **PHONE)
        top = page.locator(".fig-stage").first.evaluate("e => e.getBoundingClientRect().top + scrollY")
        if top > FIRST_FIGURE:
            found[page_name] = round(top)
    assert found == {}


def test_notes_fold_on_the_screen_and_stand_whole_on_paper(site, open_page):
    page_name = next(n for n in chapters(site) if "sure" in (site / f"book/{n}.html").read_text())
    page = open_page(f"book/{page_name}.html")
    note = page.locator("details.sure").first
    inside = note.locator("p").first
    assert not inside.is_visible()
    note.locator("summary").click()
    assert inside.is_visible()
    note.locator("summary").click()
    page.emulate_media(media="print")
    assert inside.evaluate("e => e.getBoundingClientRect().height") > 0


def test_a_case_names_its_sources(site, open_page):
    for page_name in chapters(site):
        page = open_page(f"book/{page_name}.html")
        for case in page.locator(".case").all():
            assert case.locator(".case-sources a").count() > 0, page_name


def test_a_figure_that_is_gone_leads_to_the_one_in_its_place(site, open_page):
    moved = [p for p in sorted((site / "figures").glob("*.html")) if 'http-equiv="refresh"' in p.read_text()]
    assert moved
    for file in moved:
        page = open_page(f"figures/{file.name}")
        expect(page.locator("figure.fig")).to_have_count(1)
