"""Each kind of page for every reader: large letters, much space, strong zoom, forced colours, no motion, one finger, paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import KINDS, reading, until

ASKED = Path(__file__).parent / "asked"
"""Scripts that say what is wrong with the page they run in, as a list of sentences."""

SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }"""
"""What WCAG 1.4.12 lets a reader ask for."""

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESKTOP, PAPER = (1280, 900), (718, 1000)  # A4 less its margins
ZOOMED = (320, 256)  # a desktop's 1280 px at 400 percent

QUESTIONS = {
    "zoomed to 400 percent": ("faults", ZOOMED, {}, ""),
    "zoomed, with WCAG's spaces": ("faults", ZOOMED, {}, SPACED),
    "with WCAG's spaces": ("faults", DESKTOP, {}, SPACED),
    "names of controls": ("names", DESKTOP, {}, ""),
    "one finger": ("fingers", DESKTOP, {}, ""),
    "no motion": ("motion", DESKTOP, {"reduced_motion": "reduce"}, ""),
    "forced colours": ("marks", DESKTOP, {"forced_colors": "active"}, ""),
    "paper": ("paper", PAPER, {"media": "print"}, ""),
}
"""What each kind of page is asked, in one load: script, size of the window, settings, a reader's own style."""

SETTINGS = {
    "media": "screen",
    "forced_colors": "none",
    "reduced_motion": "no-preference",
    "color_scheme": "dark",
}
NOT_ASKED = {("the root", "paper"), ("map alone", "paper"), ("checklist", "paper"), ("agreements", "paper")}
"""Nobody prints the first two; of the checklist its fields are what is printed; the matrix of agreements is wider than
paper, which is open: its papers stand in the list under it."""


@pytest.mark.long
@pytest.mark.parametrize("turn", range(3))
def test_each_kind_of_page_is_there_for_every_reader(site, address, browser, turn):
    found = []
    with reading(browser, address, color_scheme="dark") as opened:
        for kind in list(KINDS)[turn::3]:
            page = opened(kind)
            for question, (script, (width, height), settings, style) in QUESTIONS.items():
                if (kind, question) in NOT_ASKED:
                    continue
                page.set_viewport_size({"width": width, "height": height})
                page.emulate_media(**SETTINGS | settings)
                own = page.add_style_tag(content=style or " ")
                asked = (ASKED / f"{script}.js").read_text(encoding="utf-8")
                found += [f"{kind}, {question}: {fault}" for fault in page.evaluate(asked)]
                own.evaluate("style => style.remove()")
    assert found == []


@pytest.mark.parametrize("font", [24, 32])
def test_letters_larger_than_usual_lose_nothing(site, address, browser, font):
    """The size of letters that a reader has set in the browser, 16 px before: on a desktop twice as large is 200 percent."""
    found = []
    asked = (ASKED / "faults.js").read_text(encoding="utf-8")
    with reading(browser, address, font=font) as opened:
        for kind in KINDS:
            page = opened(kind)
            for width, height in (DESKTOP, (360, 740)):
                page.set_viewport_size({"width": width, "height": height})
                found += [f"{kind}, {font} px in {width}: {fault}" for fault in page.evaluate(asked)]
    assert found == []


@pytest.mark.parametrize("live", [False, True], ids=["picture", "live"])
def test_a_swipe_over_a_chart_moves_the_page(open_page, live):
    page = open_page(KINDS["figure"], **PHONE)
    stage = page.locator(".fig-stage")
    if live:
        stage.locator(".fig-open").click()
        page.locator(".fig-live .main-svg").first.wait_for()
    stage.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    page.wait_for_timeout(100)
    box, before = stage.bounding_box(), page.evaluate("scrollY")
    hand = page.context.new_cdp_session(page)
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    for up in range(10, 130, 10):
        hand.send(
            "Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{**at, "y": at["y"] - up}]}
        )
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    until(page, f"scrollY > {before} + 60")
