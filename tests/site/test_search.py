"""The search of the built site: forty questions with their answers, what it weighs, and how it is handled."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from conftest import until
from playwright.sync_api import expect

from storykit.site import links

KIB = 1024
AXE_SCRIPT = Path(__file__).parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
AXE = "async () => (await axe.run(document)).violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(' | '))"

ROWS = [
    # numbers, as they are written, without separators, with units and currency
    ("1972", "observations", "dftz_smes_selected/MY/2017-11-03"),
    ("1,972", "observations", "dftz_smes_selected/MY/2017-11-03"),
    ("14.3", "observations", "sme_export_share/MY/2024"),
    ("14.3 %", "observations", "sme_export_share/MY/2024"),
    ("14.3 per cent", "observations", "sme_export_share/MY/2024"),
    ("10,544 GWh", "observations", "dc_electricity_use/MY/2026"),
    ("10544", "observations", "dc_electricity_use/MY/2026"),
    ("487 MW", "observations", "dc_capacity_live_press/MY-01/2025-11"),
    ("RM211bn", "claims", "ecommerce-gdp-211bn"),
    ("RM211 billion", "claims", "ecommerce-gdp-211bn"),
    ("US$65bn", "claims", "dftz-goods-65bn"),
    ("65 billion", "claims", "dftz-goods-65bn"),
    ("1,500 pioneers", "claims", "pioneers-1500"),
    ("25000 professionals", "claims", "kl-internet-city-professionals"),
    ("70 SMEs", "observations", "dftz_smes_benefitted/MY/2018-04"),
    # names, spelt as they come
    ("Liège", "places", "ewtp-belgium"),
    ("Liege", "organisations", "liege-airport"),
    ("Cybejaya", "events", "cyberjaya-launch-1997"),
    ("alibba cloud", "organisations", "alibaba-cloud"),
    ("Bandar Malaysa", "places", "bandar-malaysia"),
    ("AWS", "organisations", "aws"),
    ("Microzoft Azure Kuala Lumpur", "cloud_regions", "azure-malaysiawest"),
    ("KLIA Aeropolis", "places", "klia-aeropolis"),
    ("jack ma adviser", "events", "ma-adviser-2016"),
    # names in other languages
    ("马来西亚", "organisations", "gov-malaysia"),
    ("阿里巴巴", "organisations", "alibaba"),
    ("阿里云", "organisations", "alibaba-cloud"),
    ("数字自由贸易区", "glossary", "digital free trade zone (DFTZ)"),
    ("Zon Perdagangan Bebas Digital", "glossary", "digital free trade zone (DFTZ)"),
    ("barang bernilai rendah", "glossary", "low-value goods (LVG)"),
    ("Kementerian Digital", "organisations", "ministry-digital"),
    # terms, series, words that stop others
    ("PUE", "glossary", "PUE"),
    ("power usage effectiveness", "glossary", "PUE"),
    ("what happened to the internet city?", "places", "klic-bandar-malaysia"),
    ("live data-centre capacity in indonesia", "series", "dc_capacity_live_id_press"),
]  # fmt: skip
"""Question -> the row that answers it."""

PAGES = [
    ("glossary", "book/glossary.html", "Glossary"),
    ("where sources disagree", "book/disagreements.html", "Where sources disagree"),
    ("selected is not selling", "book/method.html", "Selected is not selling"),
    ("average nothing, smooth nothing", "book/method.html", "average nothing"),
    ("a promise belongs in the ledger if it can be checked", "book/contribute.html", "belongs in the ledger"),
]
"""Question -> the page, and words of the place on it that answer it."""

assert len(ROWS) + len(PAGES) == 40


@pytest.fixture(scope="module")
def searched(browser, address):
    """Function question -> addresses of the first three results, when all parts are there."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/search.html?q=nothing", wait_until="networkidle")
    expect(page.locator("#search-state")).not_to_have_text(re.compile("Searching"), timeout=30_000)

    def found(question: str) -> list[str]:
        page.locator("#search-q").fill(question)
        until(page, "q => new URLSearchParams(location.search).get('q') === q", question)
        return page.locator("#search-results li a").evaluate_all("a => a.slice(0, 3).map(each => each.href)")

    yield found
    context.close()


def place(href: str) -> str:
    """A result's address without the words that it was found by."""
    parts = urlsplit(href)
    return unquote(parts.path.lstrip("/") + (f"#{parts.fragment}" if parts.fragment else ""))


@pytest.mark.parametrize(("question", "table", "key"), ROWS, ids=[row[0] for row in ROWS])
def test_a_question_finds_its_row_among_the_first_three(site, searched, question, table, key):
    page, anchor = links.row(table, key)
    wanted = f"{page}.html" + (f"#{anchor}" if anchor else "")
    assert wanted in [place(href) for href in searched(question)]
    text = (site / f"{page}.html").read_text(encoding="utf-8")
    assert not anchor or f'id="{anchor}"' in text


@pytest.mark.parametrize(("question", "page", "words"), PAGES, ids=[row[0] for row in PAGES])
def test_a_question_opens_at_the_words_that_answer_it(searched, open_page, question, page, words):
    href = next(h for h in searched(question) if place(h).split("#")[0] == page)
    opened = open_page(href.split("/", 3)[3])
    target = "h1" if "#" not in href else f'[id="{unquote(href.split("#")[1])}"]'
    expect(opened.locator(target)).to_contain_text(words)
    expect(opened.locator(f"{target} mark").first).to_be_in_viewport()
    assert opened.complaints == []


def test_the_first_answer_and_all_of_it_are_light(site):
    about = json.loads(
        (site / "_search/parts.js").read_text(encoding="utf-8").removeprefix("storySearch(").rstrip(")\n")
    )

    def weight(files) -> int:
        return sum(len(gzip.compress(file.read_bytes(), 9, mtime=0)) for file in files)

    script = [*(site / "_static").glob("search.*.js"), site / "_search/parts.js"]
    first = {
        name: [site / "_search" / file for file in about["parts"][name][:1]] for name in ("facts", "numbers")
    }
    for name, files in first.items():
        assert weight([*script, *files]) <= 90 * KIB, name
    every = [site / "_search" / file for files in about["parts"].values() for file in files]
    assert weight([*script, *every]) <= 300 * KIB
    assert {file.name for file in (site / "_search").iterdir()} == {
        "parts.js",
        *(file.name for file in every),
    }


def test_names_without_a_source_help_to_find_and_are_not_shown(searched, open_page):
    assert "book/glossary.html#term-anchor-tenant" in [place(h) for h in searched("penyewa utama")]
    page = open_page(f"search.html?q={quote('penyewa utama')}")
    page.locator("#search-results li").first.wait_for()
    assert "penyewa" not in page.locator("#search-results").inner_text()


def test_nothing_is_loaded_before_somebody_searches(open_page):
    page = open_page("book/dftz.html")
    assert not [url for url in page.asked if "_search/" in url or "/search." in url]
    page.keyboard.press("/")
    page.keyboard.type("1,972")
    expect(page.locator("[role=option]").first).to_contain_text("1,972 SMEs")
    assert not [url for url in page.asked if url.endswith(".html") and "dftz" not in url], (
        "no page for an excerpt"
    )


def test_the_keyboard_alone_leads_to_a_result_and_back(open_page):
    page = open_page("book/context.html")
    field = page.locator("#search-top")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("PUE")
    expect(page.locator("[role=option]").first).to_contain_text("PUE")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]")
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("Escape")
    expect(page.locator("[role=listbox]")).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/glossary.html?find=pue#term-PUE")
    expect(page.locator("mark").first).to_be_in_viewport()


def test_the_key_that_leads_to_the_search_can_be_turned_off(open_page, address):
    page = open_page("search.html")
    choice = page.get_by_label("leads to the search from every page")
    expect(choice).to_be_checked()
    choice.uncheck()
    page.goto(f"{address}/book/context.html")
    page.keyboard.press("/")
    expect(page.locator("#search-top")).not_to_be_focused()
    page.goto(f"{address}/search.html")
    expect(choice).not_to_be_checked()
    choice.check()
    page.goto(f"{address}/book/context.html")
    page.keyboard.press("/")
    expect(page.locator("#search-top")).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_an_open_list_and_on_a_page_of_results(browser, address, theme):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=theme)
    context.add_init_script(path=AXE_SCRIPT)
    page = context.new_page()
    page.goto(f"{address}/book/cite.html")
    page.keyboard.press("/")
    page.keyboard.type("internet city")
    page.locator("[role=option]").nth(3).wait_for()
    assert page.evaluate(AXE) == []
    page.goto(f"{address}/search.html?q=internet+city")
    page.locator("#search-results li").nth(3).wait_for()
    assert page.evaluate(AXE) == []
    context.close()


def test_a_phone_shows_the_search_without_the_contents(open_page):
    page = open_page("book/dftz.html", viewport={"width": 360, "height": 740})
    page.locator(".search-link").click()
    expect(page.locator("#search-q")).to_be_focused()
    page.keyboard.type("Liege")
    expect(page.locator("#search-results li").first).to_contain_text("Liege")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize(
    "question",
    ["x", "%", "<img src=x onerror=alert(1)>", "กขค", "👍", "\u202e", "a" * 10_000, "word " * 2_000],
)
def test_whatever_is_asked_is_only_a_question(open_page, question):
    page = open_page("search.html")
    page.locator("#search-q").fill(question)
    expect(page.locator("#search-state")).to_have_text(re.compile("result|Nothing was found"), timeout=30_000)
    assert page.locator("#search-results img").count() == 0
    assert page.complaints == []
    assert len(page.url) < 1_000


def test_nothing_found_leads_on(open_page):
    page = open_page("search.html?q=Zzyzxquorl")
    expect(page.locator("#search-state")).to_have_text("Nothing was found.", timeout=30_000)
    ways = page.locator(".search-ways a").evaluate_all("links => links.map(each => each.pathname)")
    assert {"/book/ledger.html", "/book/glossary.html", "/book/contribute.html"} <= set(ways)


def test_the_search_needs_no_storage(open_page):
    page = open_page("search.html")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })"
    )
    page.goto(page.url.split("?")[0] + "?q=PUE")
    expect(page.locator("#search-results li").first).to_contain_text("PUE")


def test_the_search_works_from_disk(browser, site):
    page = browser.new_page()
    page.goto(f"file://{site}/search.html?q=PUE")
    expect(page.locator("#search-results li").first).to_contain_text("PUE", timeout=30_000)
    page.close()


def test_without_script_the_page_of_the_search_leads_on(open_page):
    page = open_page("search.html", java_script_enabled=False)
    expect(page.locator("noscript p, .note").first).to_be_visible()
    expect(page.locator(".search-ways a").first).to_be_visible()


def test_parts_that_do_not_come_are_said(open_page):
    page = open_page("search.html")
    page.route("**/_search/**", lambda route: route.abort())
    page.locator("#search-q").fill("PUE")
    expect(page.locator("#search-state")).to_contain_text("could not be loaded")


def test_a_chapter_marks_a_term_once_and_never_inside_a_number(open_page):
    page = open_page("book/data-centres.html")
    terms = page.locator("a.term").evaluate_all("links => links.map(each => each.getAttribute('href'))")
    assert len(terms) == len(set(terms)) > 0
    assert page.locator("h1 a.term, h2 a.term, h3 a.term, .receipt a.term, a a.term").count() == 0
