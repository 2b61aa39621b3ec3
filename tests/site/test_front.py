"""The front page and the story in five pictures, in a real browser: with the script, without it, with little motion."""

from __future__ import annotations

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
STORY = "book/from-one-promise.html"


def shown(stage):
    return stage.evaluate("e => [...e.children].filter(i => !i.classList.contains('is-off')).length")


def test_the_picture_changes_as_a_reader_scrolls_and_with_the_keyboard(site, open_page):
    page = open_page(STORY)
    stage, steps = page.locator(".guided-stage"), page.locator(".guided-step")
    assert shown(stage) == 150
    for index, (look, marks) in enumerate([("promised", 150), ("built", 197), ("built", 197), ("used", 7)]):
        steps.nth(index).evaluate("e => e.scrollIntoView({ block: 'center' })")
        page.wait_for_selector(f".guided-stage.is-{look}")
        page.wait_for_function(
            "i => document.querySelectorAll('.guided-step')[i].matches('.is-now')", arg=index
        )
        assert shown(stage) == marks
        assert stage.evaluate(
            "e => e.getBoundingClientRect().bottom > 0 && e.getBoundingClientRect().top < innerHeight"
        )
    steps.last.focus()
    page.wait_for_selector(".guided-stage.is-unknown")


def test_without_motion_and_on_paper_each_step_has_its_own_picture(site, open_page):
    page = open_page(STORY, reduced_motion="reduce")
    assert page.locator(".guided-stage").count() == 0
    assert all(still.bounding_box()["width"] > 200 for still in page.locator(".guided-still").all())
    page = open_page(STORY)
    page.emulate_media(media="print")
    assert not page.locator(".guided-stage").is_visible()
    assert all(still.bounding_box()["width"] > 200 for still in page.locator(".guided-still").all())


def test_the_front_page_has_a_mark_for_each_promise_and_no_door_without_picture(site, open_page):
    page = open_page("index.html", **PHONE)
    told = page.locator(".kinds dt .count").all_inner_texts()
    assert page.locator(".kinds .mark").count() == sum(map(int, told))
    assert page.locator(".door").count() == page.locator(".door-picture.on-light").count() == 4
    page.locator(".door").last.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.door-picture.on-light').naturalWidth > 0")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_tile_gives_its_reason(site, open_page):
    page = open_page("index.html")
    tile = page.locator(".tile", has=page.locator(".tile-why")).first
    tile.hover()
    assert tile.locator(".tile-why").inner_text() in page.locator(".card").inner_text()
