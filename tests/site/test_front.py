"""The front page in a real browser: a mark for each promise, a reason on each tile, a picture in each door."""

from __future__ import annotations

from conftest import until

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def test_the_front_page_has_a_mark_for_each_promise_and_no_door_without_picture(site, open_page):
    page = open_page("book/index.html", **PHONE)
    told = page.locator(".kinds dt .count").all_inner_texts()
    assert page.locator(".kinds .mark").count() == sum(map(int, told))
    assert page.locator(".door").count() == page.locator(".door-picture.on-light").count() == 4
    page.locator(".door").last.scroll_into_view_if_needed()
    until(page, "[...document.querySelectorAll('.door-picture.on-light')].at(-1).naturalWidth > 0")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_tile_gives_its_reason(site, open_page):
    page = open_page("book/index.html")
    tile = page.locator(".tile", has=page.locator(".tile-why")).first
    tile.hover()
    assert tile.locator(".tile-why").inner_text() in page.locator(".card").inner_text()
