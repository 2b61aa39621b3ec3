"""The guided story in a real browser: one picture with a script, and complete stills without, with little motion and on paper."""

from __future__ import annotations

import gzip

import pytest
from conftest import PROJECT

PAGE = "book/from-promise-to-parcels.html"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
MOST = 12 * 1024
"""Bytes, gzip, that the story may weigh."""

SHOWN = """() => [...document.querySelectorAll('.steps > section')].map((step) => {
  const { width, height } = step.querySelector(':scope > .still').getBoundingClientRect();
  return width > 100 && height > 100;
})"""
NOW = "() => [...document.querySelectorAll('.stage > .still')].findIndex((still) => still.matches('.now'))"


@pytest.mark.parametrize("screen", [{}, PHONE], ids=["desktop", "phone"])
def test_the_picture_follows_the_step_that_is_read(open_page, screen):
    page = open_page(PAGE, **screen)
    steps = page.locator(".steps > section").evaluate_all("all => all.map(({ id }) => id)")
    assert len(steps) == 5
    for at, name in enumerate(steps):
        page.evaluate("name => document.getElementById(name).scrollIntoView({ behavior: 'instant' })", name)
        for _ in range(50):  # a policy without `eval` leaves no other way to wait for a value
            if page.evaluate(NOW) == at:
                break
            page.wait_for_timeout(100)
        assert page.evaluate(NOW) == at
        heading = page.locator(f"#{name} h2").bounding_box()
        picture = page.locator(".stage").bounding_box()
        beside = picture["x"] >= heading["x"] + heading["width"] - 1
        assert beside or heading["y"] >= picture["y"] + picture["height"] - 1, f"the picture lies on {name}"
    assert page.complaints == []


@pytest.mark.parametrize(
    "how",
    [{"java_script_enabled": False}, {"reduced_motion": "reduce"}, {**PHONE, "java_script_enabled": False}],
    ids=["no script", "little motion", "phone without script"],
)
def test_every_step_shows_its_own_still(open_page, how):
    page = open_page(PAGE, **how)
    assert page.evaluate(SHOWN) == [True] * 5
    assert not page.locator(".stage").is_visible() if page.locator(".stage").count() else True


def test_paper_shows_every_still(open_page):
    page = open_page(PAGE)
    page.emulate_media(media="print")
    assert page.evaluate(SHOWN) == [True] * 5
    assert not page.locator(".stage").is_visible()


def test_a_keyboard_goes_from_step_to_step(open_page):
    page = open_page(PAGE, reduced_motion="reduce")
    page.locator("#the-promise .still-turn a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#the-list")
    assert page.locator("#the-list h2").bounding_box()["y"] < 300


def test_the_smallest_screen_does_not_scroll_sideways(open_page):
    page = open_page(PAGE, viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_story_stays_light(open_page):
    page = open_page(PAGE)
    html = page.locator(".steps").evaluate("steps => steps.outerHTML")
    script = (PROJECT / "storykit/site/theme/scripts/stage.js").read_bytes()
    style = (PROJECT / "storykit/site/theme/styles/story.css").read_text(encoding="utf-8")
    mine = style[style.index("/* --- a guided story") :]
    weights = [len(gzip.compress(part)) for part in (html.encode(), script, mine.encode())]
    assert sum(weights) <= MOST
