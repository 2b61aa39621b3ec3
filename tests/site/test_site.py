"""The built site in a real browser: every page, every figure, with and without script."""

from __future__ import annotations

import itertools
import json
import math
import re
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest
from conftest import PROJECT, WHOLE, comes_true, like_all, names, until, watch, with_figures
from playwright.sync_api import expect

from storykit.site import inspection, pictures, proof

CLAIM = "claims/dftz-goods-65bn.html"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def test_the_site_holds_as_files(site):
    """Links, anchors, other hosts, complete figures, budgets: what publishing demands too."""
    assert inspection.inspect(site) == []


@pytest.mark.long
@pytest.mark.parametrize("part", range(2))
def test_every_page_opens_quietly_calls_nobody_and_does_not_scroll_sideways(site, address, browser, part):
    """On the smallest screen; then a wide one asks for what only that shows."""
    context = browser.new_context(viewport=SMALLEST)
    page = context.new_page()
    watch(page)
    found = []
    for name in like_all(site, more=3)[part::2]:
        page.asked.clear()
        page.complaints.clear()
        page.set_viewport_size(SMALLEST)
        page.goto(f"{address}/{name}", wait_until="load")
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size({"width": 1280, "height": 900})
        until(page, SETTLED)
        hosts = {urlsplit(url).netloc for url in page.asked} - {urlsplit(address).netloc, ""}
        headings = page.locator("h1").count()
        if page.complaints or hosts or headings != 1 or wide > 320:
            found.append((name, page.complaints[:3], hosts, headings, wide))
    context.close()
    assert found == []


SMALLEST = {"width": 320, "height": 640}
SETTLED = """innerWidth === 1280 && [...document.images].every(
  (image) => image.complete || image.loading === 'lazy' || !image.checkVisibility())"""


def test_the_root_leads_to_the_front_page(open_page):
    page = open_page("index.html")
    page.wait_for_url("**/book/index.html")
    assert page.locator("h1").inner_text() == "Promised, Built, Used"


def test_no_library_before_it_is_wanted(site, open_page):
    for name in with_figures(site):
        page = open_page(name)
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(1000)  # in which it would be asked for; idle the page may have been before
        assert not [u for u in page.asked if "vendor" in u], name


@pytest.mark.long
@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_every_figure_comes_alive_in_its_place(site, open_page, options, part):
    found = []
    for name in with_figures(site)[part::2]:
        page = open_page(name, **options)
        for figure in page.locator('figure.fig[data-kind="chart"]').all():
            label = f"{name} {figure.get_attribute('id')}"
            page.mouse.move(0, 0)  # a pointer left lying on the next picture would open it before the press
            figure.scroll_into_view_if_needed()
            before = figure.bounding_box()
            figure.locator(".fig-open").click()
            try:
                figure.locator(".fig-stage.is-live").wait_for(timeout=15_000)
            except Exception:
                found.append(f"{label}: never came alive")
                continue
            marks = figure.locator(".fig-live .main-svg").first.evaluate(
                "e => e.querySelectorAll('.point path, .points path, path.js-line, .js-fill, path.point').length"
            )
            if not marks:
                found.append(f"{label}: nothing is drawn")
            after = figure.bounding_box()
            if abs(after["height"] - before["height"]) > 1:
                found.append(f"{label}: height went from {before['height']} to {after['height']}")
        for figure in page.locator('figure.fig[data-kind="map"]').all():
            label = f"{name} {figure.get_attribute('id')}"
            figure.locator(".fig-open").click()
            frame = figure.locator("iframe").element_handle().content_frame()
            # On a phone a map opens at a part of what it holds, so the first mark may lie outside.
            frame.locator(".leaflet-interactive:visible").first.wait_for(timeout=15_000)
            if not frame.title():
                found.append(f"{label}: the map's frame has no title")
        copies = [u for u in page.asked if "/_static/vendor/" in u]
        if page.complaints:
            found.append(f"{name}: {page.complaints[:3]}")
        hosts = {urlsplit(u).netloc for u in page.asked if u.startswith("http")}
        if len(hosts) > 1:
            found.append(f"{name}: asks {hosts}")
        if len([u for u in copies if "plotly" in u]) > 1:
            found.append(f"{name}: plotly.js more than once")
    assert found == []


def test_without_script_nothing_is_missing(site, open_page):
    found = []
    for name in with_figures(site):
        page = open_page(name, java_script_enabled=False)
        for figure in page.locator("figure.fig").all():
            figure.scroll_into_view_if_needed()
            image = figure.locator("picture:visible img")
            label = f"{name} {figure.get_attribute('id')}"
            if image.count() != 1 or not image.get_attribute("alt"):
                found.append(f"{label}: no picture")
            if not figure.locator(".fig-desc").inner_text().strip():
                found.append(f"{label}: no description")
            if not figure.locator("tbody tr").count():
                found.append(f"{label}: no table")
            if not figure.locator('.fig-tools a[href$=".csv"]').count():
                found.append(f"{label}: no download")
        for receipt in page.locator("a.receipt").all()[:5]:
            assert "#" in receipt.get_attribute("href") or receipt.get_attribute("href").endswith(".html")
    assert found == []


@pytest.fixture
def cut_off(browser, address):
    """Function (path, pattern) -> page that gets no file whose address fits the pattern."""
    contexts = []

    def opened(path: str, pattern: str):
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        contexts[-1].route(re.compile(pattern), lambda route: route.abort())
        page = contexts[-1].new_page()
        page.goto(f"{address}/{path}", wait_until="load")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    "name", ["book/ledger.html", CLAIM, "book/dftz.html", "book/contribute.html", "a figure"]
)
def test_a_page_whose_script_never_arrives_is_whole(site, cut_off, name):
    if name == "a figure":
        name = next(n for n in names(site, "figures") if ".embed." not in n)
    page = cut_off(name, r"/_static/\w+\.[0-9a-f]{8}\.js")
    hidden = page.locator("li.claim:not(:visible)").count()
    dead = page.locator(":is(button, .filters):visible:not(.search-form *)").all_inner_texts()
    pictures_shown = [f.locator("picture:visible").count() for f in page.locator(".fig-stage").all()]
    assert (hidden, dead, set(pictures_shown) - {1}) == (0, [], set())
    # A receipt is a link, and a tile tells its claim to a pointer.
    assert page.locator("a.receipt:not([href])").count() == 0


def test_a_tile_tells_its_claim_without_the_script(cut_off):
    page = cut_off("book/index.html", r"/story\.[0-9a-f]{8}\.js")
    tile = page.locator("a.tile").first
    tile.hover()
    assert tile.locator(".tile-text").bounding_box()["width"] > 300


def test_a_page_whose_style_never_arrives_shows_each_picture_once(site, cut_off):
    name = next(n for n in names(site, "figures") if ".embed." not in n)
    page = cut_off(name, r"/story\.[0-9a-f]{8}\.css")
    assert page.evaluate("getComputedStyle(document.body).margin") == "8px"  # the browser's own
    assert page.locator(".fig-stage picture:visible").count() == page.locator(".fig-stage").count() == 1


def test_pictures_are_pictures(site):
    """Every figure has four SVGs that hold marks, and one PNG; and CSV and JSON that are not empty."""
    found = []
    for name in sorted({p.name.split(".")[0] for p in (site / "_figures").glob("*.json")} - {"index"}):
        for ending in ("light.svg", "dark.svg", "narrow.light.svg", "narrow.dark.svg", "png", "csv"):
            file = site / "_figures" / f"{name}.{ending}"
            if not file.is_file() or file.stat().st_size < 20:
                found.append(f"{name}.{ending} is missing")
            elif ending.endswith("svg") and file.read_text().count("<path") < 2:
                found.append(f"{name}.{ending} is blank")
        light, dark = (site / "_figures" / f"{name}.{t}.svg" for t in ("light", "dark"))
        if light.is_file() and dark.is_file() and light.read_bytes() == dark.read_bytes():
            found.append(f"{name}: the dark picture is the light one")
    assert found == []


def test_a_picture_drawn_anew_is_the_same_byte_for_byte(site, tmp_path):
    """Of a chart with lines: plotly.js makes up names for traces and clips, and writes them into the picture."""
    name = "dftz-klia-cargo"
    about = json.loads((site / "_figures" / f"{name}.json").read_text(encoding="utf-8"))
    record = SimpleNamespace(spec=about, **about)
    with ThreadPoolExecutor() as pool:  # the browser of the other tests has this thread's event loop
        pool.submit(pictures.make, [record], tmp_path / "store", tmp_path / "drawn").result()
    for ending, *_ in pictures.variants(record):
        drawn = (tmp_path / "drawn" / f"{name}.{ending}").read_bytes()
        assert drawn == (site / "_figures" / f"{name}.{ending}").read_bytes(), ending


def _map(site, open_page, **options):
    """A page with a map that is open and in sight, and the map's frame."""
    name = next(n for n in with_figures(site) if 'data-kind="map"' in (site / n).read_text(encoding="utf-8"))
    page = open_page(name, **options)
    figure = page.locator('figure.fig[data-kind="map"]').first
    figure.locator(".fig-open").click()
    box = figure.locator("iframe")
    frame = box.element_handle().content_frame()
    frame.locator("path.land").first.wait_for(state="attached", timeout=15_000)
    box.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    return page, box, frame


def _middle(box) -> dict:
    edges = box.bounding_box()
    return {"x": edges["x"] + edges["width"] / 2, "y": edges["y"] + edges["height"] / 2}


LAND = "e => JSON.stringify(e.getBoundingClientRect())"
"""Where the land lies in a map's frame: it tells whether the map was moved or zoomed."""


def _at_rest(page) -> float:
    """How far a page is scrolled, once it moves no more."""
    rest = [-1, page.evaluate("scrollY")]
    while rest[-1] != rest[-2]:
        page.wait_for_timeout(150)
        rest.append(page.evaluate("scrollY"))
    return rest[-1]


def _swipe(hand, at, fingers) -> None:
    """Fingers that go up by 120 px, as a phone reports them."""

    def points(up: int) -> list:
        return [{"x": at["x"] + 60 * n, "y": at["y"] - up, "id": n} for n in range(fingers)]

    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points(0)})
    for up in range(10, 130, 10):
        hand.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points(up)})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_one_finger_on_a_map_moves_the_page_and_two_move_the_map(site, open_page):
    page, box, frame = _map(site, open_page, **{**PHONE, "viewport": {"width": 360, "height": 560}})
    assert box.bounding_box()["height"] <= 0.7 * 560
    assert frame.get_by_text("Two fingers move the map").is_visible()
    land, scrolled = frame.locator("path.land").first, page.evaluate("scrollY")
    before = land.evaluate(LAND)
    hand = page.context.new_cdp_session(page)
    _swipe(hand, _middle(box), fingers=1)
    until(page, f"scrollY > {scrolled + 60}")
    _at_rest(page)
    assert land.evaluate(LAND) == before
    box.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    scrolled = page.evaluate("scrollY")
    _swipe(hand, _middle(box), fingers=2)
    comes_true(page, lambda: land.evaluate(LAND) != before, "the map is moved")
    assert page.evaluate("scrollY") == scrolled


def test_the_wheel_over_a_map_moves_the_page_and_with_ctrl_zooms_the_map(site, open_page):
    page, box, frame = _map(site, open_page)
    assert frame.get_by_text("Ctrl and wheel zoom the map").is_visible()
    land, scrolled = frame.locator("path.land").first, page.evaluate("scrollY")
    before, at = land.evaluate(LAND), _middle(box)
    page.mouse.move(at["x"], at["y"])
    page.mouse.wheel(0, 100)
    until(page, f"scrollY > {scrolled}")
    scrolled = _at_rest(page)
    assert land.evaluate(LAND) == before
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    comes_true(page, lambda: land.evaluate(LAND) != before, "the map is zoomed")
    assert page.evaluate("scrollY") == scrolled


def test_a_map_alone_in_its_window_takes_the_wheel_as_it_is(site, open_page):
    name = next(p.name for p in sorted((site / "_figures").glob("*.map.html")))
    page = open_page(f"_figures/{name}")
    land = page.locator("path.land").first
    land.wait_for(state="attached")
    before = land.evaluate(LAND)
    page.mouse.move(640, 450)
    page.mouse.wheel(0, -100)
    comes_true(page, lambda: land.evaluate(LAND) != before, "the map is zoomed")
    assert not page.locator(".hint:visible").count()
    assert page.complaints == []


AXE = """async (asked) => (await axe.run(document, asked)).violations.map(
  v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(' | '))"""
CONTRAST = "color-contrast"
EVERY_RULE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # of what is in order axe would write down each element
}
COLOURS = {**EVERY_RULE, "runOnly": {"type": "rule", "values": [CONTRAST]}}
SHAPES = {**EVERY_RULE, "rules": {CONTRAST: {"enabled": False}}}
DARK = {"color_scheme": "dark"}
SIGHTS = {"light": ({}, EVERY_RULE), "dark": (DARK, COLOURS), "phone": (PHONE, SHAPES)}
"""What is asked in each sight: all, what another theme changes, and what another width changes."""
EVERY_SIGHT = {
    name: (options, EVERY_RULE)
    for name, options in {"light": {}, "dark": DARK, "phone": PHONE, "dark phone": DARK | PHONE}.items()
}
"""With --every-sight: all rules in each."""
PARTS = 4
"""Pages are looked at in so many tests, which share the cores."""


def pytest_generate_tests(metafunc):
    if "sight" in metafunc.fixturenames:
        every = metafunc.config.getoption("--every-sight")
        metafunc.parametrize("sight", EVERY_SIGHT if every else SIGHTS)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_axe_finds_nothing(site, address, browser, request, sight, part):
    """Each written page but the whole book, and those that stand for all that templates make; in other sights than the
    first, those that stand for all that are written, too. With --every-sight: the whole book, and more of each kind."""
    every = request.config.getoption("--every-sight")
    sights = EVERY_SIGHT if every else SIGHTS
    options, asked = sights[sight]
    turn = list(EVERY_SIGHT).index(sight)
    context = browser.new_context(
        **{"viewport": {"width": 1280, "height": 900}, "color_scheme": "light", "bypass_csp": True, **options}
    )
    context.add_init_script(path=PROJECT / "node_modules" / "axe-core" / "axe.min.js")
    page = context.new_page()
    found = []
    light = sight == "light"
    pages = like_all(site, turn) if every else like_all(site, turn, more=int(light), written=light)
    looked_at = [name for name in pages if every or name != WHOLE][part::PARTS]
    for name in looked_at:
        page.goto(f"{address}/{name}", wait_until="load")
        found += [f"{name}: {fault}" for fault in page.evaluate(AXE, asked)]
    context.close()
    assert found == []
    proof.note("axe-pages", len(looked_at), part=f"{sight} {part}", parts=len(sights) * PARTS)


def test_a_receipt_opens_and_closes(site, open_page):
    page = open_page("book/dftz.html")
    receipt = page.locator("article a.receipt").first
    receipt.scroll_into_view_if_needed()
    receipt.hover()
    card = page.locator(".card[role=dialog]")
    card.wait_for()
    assert card.locator("a").count() >= 1
    assert receipt.inner_text().strip() in card.inner_text()
    page.keyboard.press("Escape")
    assert card.count() == 0
    receipt.focus()
    page.wait_for_timeout(400)
    assert card.count() == 0, "Tab passes a number without opening it"
    page.keyboard.press("Enter")
    page.locator(".card[role=dialog]").wait_for()


def test_every_receipt_opens_to_a_source_or_to_its_inputs(site):
    """That the links in it lead somewhere is the inspection's to see."""
    bare = []
    for name in names(site, "book"):
        page = lxml.html.parse(str(site / name))
        cards = {card.get("id"): card for card in page.xpath('//section[@class="receipt-card"]')}
        asked = set(page.xpath('//a[contains(concat(" ", @class, " "), " receipt ")]/@data-receipt'))
        assert asked == set(cards), name
        for card in cards.values():
            if not (card.xpath('.//a[contains(@href, "sources/")]') or card.xpath(".//ol/li/a")):
                bare.append((name, card.text_content()[:80]))
    assert bare == []


def test_receipts_cost_little(site):
    """At most 10 KiB compressed a page: the page with them against the page without."""
    import gzip

    heavy = []
    for name in names(site, "book"):
        text = (site / name).read_text(encoding="utf-8")
        bare = re.sub(r'<div class="receipts" hidden>.*?</section></div>', "", text, flags=re.DOTALL)
        cost = len(gzip.compress(text.encode(), 9)) - len(gzip.compress(bare.encode(), 9))
        if cost > 10 * 1024:
            heavy.append((name, cost))
    assert heavy == []


def test_ledger_filters_live_in_the_address(open_page):
    page = open_page("book/ledger.html?verdict=missed")
    shown = page.locator("li.claim:visible")
    assert shown.count() > 3
    assert set(shown.evaluate_all("rows => rows.map(r => r.dataset.verdict)")) == {"missed"}
    page.locator("form.filters select[name=thread]").select_option("dftz")
    assert "thread=dftz" in page.url
    assert set(shown.evaluate_all("rows => rows.map(r => r.dataset.thread)")) == {"dftz"}
    page.locator("form.filters button[type=reset]").click()
    for typed in ("malaysia's", "Malaysia\u2019s"):
        page.locator("form.filters input[name=q]").fill(typed)
        assert shown.count() > 1, typed
    page.locator("form.filters input[name=q]").fill("no such words")
    assert shown.count() == 0
    page.locator("form.filters button[type=reset]").click()
    expect(page.locator("form.filters output")).to_have_text(re.compile(r"^(\d+) of \1 claims$"))


@pytest.mark.parametrize("order", ["said-first", "due-first", "due-last", "verdict", "who"])
def test_the_ledger_comes_in_the_order_that_the_address_asks_for(open_page, order):
    page = open_page(f"book/ledger.html?sort={order}")
    key = {
        "said-first": "r.dataset.said",
        "verdict": "r.dataset.verdict",
        "who": "r.querySelector('.who').textContent",
    }
    found = page.locator("li.claim").evaluate_all(f"rows => rows.map(r => {key.get(order, 'r.dataset.due')})")
    known = [value for value in found if value]
    assert found[: len(known)] == known and len(known) > 100
    if order == "verdict":
        assert len(known) > len(set(known)) == 1 + sum(a != b for a, b in itertools.pairwise(known))
    elif order == "who":
        assert page.evaluate(
            "found => found.every((w, i) => !i || found[i - 1].localeCompare(w) <= 0)", known
        )
    else:
        assert known == sorted(known, reverse=order == "due-last")


@pytest.mark.parametrize("asked", ["country=RW", "asks=training", "partnership=my-dftz-2017", "overdue=true"])
def test_every_filter_of_the_ledger_answers(open_page, asked):
    page = open_page(f"book/ledger.html?{asked}")
    name, value = asked.split("=")
    shown = page.locator("li.claim:visible").evaluate_all(f"rows => rows.map(r => r.dataset.{name})")
    assert shown and set(shown) == {value}


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_filters_and_count_and_a_first_claim_stand_on_the_first_screen(open_page, options):
    page = open_page("book/ledger.html", **options)
    height = page.viewport_size["height"]
    for part in ("form.filters", "form.filters output", "li.claim >> nth=0 >> a"):
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= height + 1, part


def test_an_unknown_filter_or_claim_is_named_with_the_nearest(open_page):
    page = open_page("book/ledger.html?verdict=mised")
    assert "The nearest is “missed”" in page.locator(".filter-problem").inner_text()
    page = open_page("book/ledger.html#claim-dftz-goods-65b")
    link = page.locator(".filter-problem a")
    assert link.get_attribute("href").endswith(CLAIM)
    page = open_page(f"book/ledger.html?q={'x' * 10_000}")
    assert page.locator("form.filters output").inner_text().startswith("0 of ")
    assert page.complaints == []


def test_an_old_link_to_a_claim_or_a_finding_finds_its_row_which_leads_to_its_page(open_page):
    for anchor in ("claim-dftz-goods-65bn", "outcome-dftz-goods-65bn-2018-04"):
        page = open_page(f"book/ledger.html#{anchor}", java_script_enabled=False)
        row = page.locator("li.claim", has=page.locator(f"#{anchor}")).or_(page.locator(f"li#{anchor}"))
        expect(row).to_be_in_viewport()
        row.locator("a").click()
        assert urlsplit(page.url).path == f"/{CLAIM}"


def test_without_script_the_ledger_and_the_page_of_a_claim_are_whole(site, open_page):
    page = open_page("book/ledger.html", java_script_enabled=False)
    rows = page.locator("li.claim")
    assert rows.count() == len(list((site / "claims").glob("*.html"))) and rows.last.is_visible()
    assert not page.locator("form.filters").is_visible()
    page = open_page(CLAIM, java_script_enabled=False)
    for words in (
        "Why this verdict",
        "Confidence of the promise",
        "Confidence of the finding",
        "What was found",
    ):
        assert page.get_by_text(words, exact=True).first.is_visible()
    assert page.locator(".strip-stops dd").count() == 3 and page.locator(".outcomes > li").count() > 1
    assert page.locator(".outcomes > li.decides").count() == 1
    assert not page.locator("main :is(button, input):visible").count()


def test_the_strip_of_a_claim_stays_inside_its_line(site, open_page):
    page = open_page(CLAIM, viewport={"width": 320, "height": 640})
    found = []
    for name in names(site, "claims")[::10]:
        page.goto(page.url.rsplit("/claims/", 1)[0] + f"/{name}")
        outside = page.locator(".strip-mark").evaluate_all(
            "marks => marks.filter(m => { const b = m.getBoundingClientRect(); return b.left < 0 || b.right > innerWidth; }).length"
        )
        found += [name] if outside or page.locator(".strip-stops dd").count() != 3 else []
    assert found == []


def test_a_report_from_a_claim_is_filled_in(open_page):
    page = open_page(CLAIM)
    page.get_by_role("link", name="report a count").click()
    report = page.locator("#report-text").input_value()
    assert (
        report.startswith("Figure or row: dftz-goods-65bn\n")
        and "It says: Goods worth US$65 billion" in report
    )


def test_a_claim_is_printed_whole_and_light(open_page):
    page = open_page(CLAIM, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator(".strip").is_visible() and page.locator(".outcomes > li").last.is_visible()
    assert not page.locator(".share-address").is_visible()
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", background)[:3])) > 200 or background == "rgba(0, 0, 0, 0)"


def test_the_theme_can_be_chosen_and_live_charts_follow(site, open_page):
    page = open_page("book/dftz.html")
    figure = page.locator('figure.fig[data-kind="chart"]').first
    figure.locator(".fig-open").click()
    figure.locator(".fig-stage.is-live").wait_for()
    paper = figure.locator(".fig-live .main-svg").first
    light = paper.evaluate("e => getComputedStyle(e).backgroundColor")
    for _ in range(2):
        page.locator(".theme-switch").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    expect(paper).not_to_have_css("background-color", light)


@pytest.mark.parametrize("moment", ["while it draws", "when it has just been drawn"])
def test_a_press_on_explore_never_closes_what_the_pointer_opened(open_page, moment):
    """A pointer rests on the picture on its way to the button; the press meant Explore. Only where no marks answer."""
    page = open_page("book/dftz.html")
    page.route("**/*.marks.json", lambda route: route.abort())
    page.reload()
    first, second = page.locator('figure.fig[data-kind="chart"]').all()[:2]
    first.locator(".fig-open").click()
    first.locator(".fig-stage.is-live").wait_for()  # the library is there: what takes time now is drawing
    second.evaluate(
        """(figure, whileDrawing) => {
          const press = () => figure.querySelector('.fig-open').click();
          const react = Plotly.react;
          if (whileDrawing) Plotly.react = async (...all) => { press(); return react(...all); };
          else new MutationObserver(press).observe(figure.querySelector('.fig-open'), { childList: true });
        }""",
        moment == "while it draws",
    )
    second.scroll_into_view_if_needed()
    second.locator(".fig-marks").wait_for(state="detached")
    second.locator(
        ".fig-stage"
    ).hover()  # the stage, not its picture: scrolled under the pointer, it may be live already
    second.locator(".fig-live:focus").wait_for()
    assert second.locator(".fig-open").inner_text() == "Back to picture"
    assert second.locator(".fig-stage.is-live").count() == 1


def test_keyboard_reaches_a_chart_and_steps_through_it(open_page):
    page = open_page("book/dftz.html")
    button = page.locator('figure.fig[data-kind="chart"] .fig-open').first
    button.focus()
    page.keyboard.press("Enter")
    page.locator(".fig-stage.is-live .fig-live:focus").first.wait_for()
    page.keyboard.press("ArrowRight")
    assert page.locator("div.sr[role=status]").inner_text().strip()
    page.keyboard.press("Escape")
    assert page.locator(".fig-stage.is-live").count() == 0


def test_an_error_is_reported_with_figure_and_version(open_page):
    page = open_page("book/dftz.html")
    figure = page.locator("figure.fig").first
    name = figure.get_attribute("data-fig")
    figure.locator(".fig-tools a", has_text="Challenge this").click()
    page.wait_for_url("**/contribute.html?**#a-number-is-wrong")
    text = page.locator("#report-text").input_value()
    assert f"Figure or row: {name}\n" in text and re.search(r"^Data version: \d{4}\.\d+\.\d+$", text, re.M)


def test_the_embed_snippet_names_where_the_site_is(open_page, address, site):
    name = next(p.name for p in sorted((site / "figures").glob("*.html")) if ".embed." not in p.name)
    page = open_page(f"figures/{name}")
    assert f'src="{address}/figures/' in page.locator("#embed-code").input_value()


def _shown(figure) -> list:
    """Names of a live chart's traces that are drawn."""
    return figure.locator(".js-plotly-plot").evaluate(
        "plot => plot._fullData.filter(t => t.visible === true).map(t => t.name)"
    )


def test_what_a_reader_sets_lives_in_the_address(open_page):
    """Series shown, range and lens: set by hand, read back from the address by a second visit."""
    page = open_page("book/footprint.html")
    figure = page.locator("figure.fig[data-series]").first
    figure.locator(".fig-choose summary").click()
    boxes = figure.locator(".fig-choose [type=checkbox]")
    boxes.first.wait_for()
    name = figure.locator(".fig-choose label").first.inner_text().strip()
    boxes.first.uncheck()
    figure.locator(".fig-stage.is-live").wait_for()
    expect(page).to_have_url(re.compile(r"[?&]hide="))
    assert parse_qs(urlsplit(page.url).query)["hide"] == [name]
    figure.locator(".js-plotly-plot").evaluate(
        "plot => Plotly.relayout(plot, {'xaxis.range[0]': '2016-01-01', 'xaxis.range[1]': '2020-01-01'})"
    )
    expect(page).to_have_url(re.compile(r"[?&]x=2016-01-01"))
    again = open_page(page.url.split("/", 3)[3])
    same = again.locator(f"#{figure.get_attribute('id')}")
    same.locator(".fig-stage.is-live").wait_for()
    assert name not in _shown(same) and _shown(same)
    assert same.locator(".js-plotly-plot").evaluate("plot => plot.layout.xaxis.range[0]").startswith("2016")


def _drawn(figure) -> dict[str, list]:
    """Name of each trace of a live chart that is data -> its values."""
    return figure.locator(".js-plotly-plot").evaluate(
        "plot => Object.fromEntries(plot.data.filter(t => t.meta?.series).map(t => [t.name, [...t.y]]))"
    )


def test_years_and_measure_are_chosen_and_live_in_the_address(site, open_page):
    """What is drawn is what the build worked out; a second visit sees it, and one who asks for nonsense the chart."""
    stored = json.loads((site / "_figures" / "dftz-ecommerce.json").read_text(encoding="utf-8"))
    wanted = {
        measure["key"]: {
            trace["name"]: trace["y"] for trace in measure["data"] if trace.get("meta", {}).get("series")
        }
        for measure in stored["measures"]
    }
    assert set(wanted) == {"index", "per-person"}
    page = open_page("figures/dftz-ecommerce.html")
    figure = page.locator("figure.fig")
    figure.locator(".fig-choose summary").click()
    figure.get_by_label("RM for each person").check()
    figure.locator(".fig-stage.is-live").wait_for()
    assert _drawn(figure) == wanted["per-person"]
    expect(figure.locator(".fig-said")).to_contain_text(
        "RM for each person, worked out from the published values"
    )
    people = figure.locator(".fig-said a").evaluate("link => link.pathname")
    assert (site / people.lstrip("/")).is_file() and "population" in people
    figure.get_by_label("from").select_option("2020")
    expect(page).to_have_url(re.compile(r"x=2020-01-01,2023-12-31&as=per-person"))
    again = open_page(page.url.split("/", 3)[3]).locator("figure.fig")
    again.locator(".fig-stage.is-live").wait_for()
    assert _drawn(again) == wanted["per-person"]
    assert again.locator(".js-plotly-plot").evaluate("plot => plot.layout.xaxis.range[0]") == "2020-01-01"
    again.locator(".fig-choose summary").click()
    again.get_by_label("As published").check()
    again.get_by_label("from").select_option("2019")
    expect(again.locator(".fig-said")).to_be_empty()
    expect(again.page).to_have_url(re.compile(r"dftz-ecommerce\.html$"))
    published = {trace["name"]: trace["y"] for trace in stored["data"] if trace.get("meta", {}).get("series")}
    assert _drawn(again) == published
    other = open_page("figures/dftz-ecommerce.html?fig=dftz-ecommerce&as=nonsense").locator("figure.fig")
    other.locator(".fig-stage.is-live").wait_for()
    assert _drawn(other) == published


def test_the_lens_holds_for_all_figures_of_a_page(open_page):
    page = open_page("book/context.html?lens=MY,SG")
    figures = page.locator("figure.fig[data-lens]")
    assert figures.count() > 1
    for figure in figures.all():
        figure.locator(".fig-stage.is-live").wait_for()
        assert set(_shown(figure)) == {"Malaysia", "Singapore"}


def test_an_embed_works_from_another_origin(site, address, elsewhere, browser):
    folder, other = elsewhere
    name = next(p.name for p in sorted((site / "figures").glob("*.embed.html")))
    (folder / "index.html").write_text(
        f'<title>t</title><link rel="icon" href="data:,"><iframe src="{address}/figures/{name}" title="f" width="700" height="700"></iframe>'
    )
    page = browser.new_page()
    watch(page)
    page.goto(f"{other}/index.html", wait_until="load")
    frame = page.frames[1]
    frame.locator(".fig-open").click()
    frame.locator(".fig-stage.is-live, iframe").first.wait_for()
    complaints = page.complaints
    page.close()
    assert complaints == []


def test_what_a_live_chart_and_a_live_map_add(site):
    """Weights are exact, so they are tests: library, template and the heaviest figure's data."""
    static = site / "_static"
    weights = {
        p.relative_to(static).as_posix(): inspection.weight(p) for p in static.rglob("*.*") if p.is_file()
    }
    chart = sum(weight for name, weight in weights.items() if "plotly" in name and not name.endswith(".txt"))
    heaviest = max(inspection.weight(f) for f in (site / "_figures").glob("*.json"))
    assert chart + heaviest <= inspection.BUDGET_LIVE_CHART
    proof.note("live-chart", math.ceil(100 * (chart + heaviest) / inspection.BUDGET_LIVE_CHART))
    frames = [inspection.weight(f) for f in (site / "_figures").glob("*.map.html")]
    geo = max(weight for name, weight in weights.items() if name.endswith(".geojson"))
    leaflet = sum(weight for name, weight in weights.items() if name.startswith("vendor/leaflet/leaflet"))
    assert frames and leaflet and max(frames) + geo + leaflet <= inspection.BUDGET_LIVE_MAP


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_a_first_screen_is_light(site, address, open_page, screen):
    """What a page asks for before anyone scrolls."""
    taken = {}
    for name in names(site, "book"):
        page = open_page(name, **(PHONE if screen == "phone" else {}))
        page.wait_for_load_state("networkidle")
        asked = {urlsplit(url).path.lstrip("/") for url in page.asked}
        size = sum(inspection.weight(site / path) for path in asked)
        whole = name == WHOLE
        taken[name] = size / (inspection.BUDGET_WHOLE if whole else inspection.BUDGET_FIRST_SCREEN)
    assert {name: share for name, share in taken.items() if share > 1} == {}
    heaviest = math.ceil(100 * max(taken.values()))
    proof.note("first-screen", heaviest, part=screen, parts=2, join="most")


def test_print_is_complete(site, open_page):
    page = open_page("book/dftz.html", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator(".top-tools").is_visible()
    assert not page.locator(".fig-open").first.is_visible()
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", background)[:3])) > 200 or background == "rgba(0, 0, 0, 0)"
    assert page.pdf()[:4] == b"%PDF"


def test_a_printed_selection_says_that_it_is_one(open_page):
    page = open_page("book/ledger.html?verdict=missed")
    page.emulate_media(media="print")
    expect(page.locator("form.filters output")).to_be_visible()
    assert re.fullmatch(r"\d+ of \d+ claims", page.locator("form.filters").inner_text().strip())
