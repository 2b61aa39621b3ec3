"""What does not arrive, file by file: the page stays whole, and says what is not there where somebody asks for it."""

from __future__ import annotations

import re

import pytest

from storykit.site import proof

CHAPTER = "book/dftz.html"
LIVE = [r"_figures/(?!.*marks)[^/]*\.json", r"/plotly[^/]*\.js", r"plotly-template[^/]*\.json"]
"""What a live chart needs."""
HASHED = re.compile(r"\.[0-9a-f]{8,}\.(?=(?:js|css|json|svg|png)\b)")


@pytest.fixture
def without(browser, address):
    """Function (path, pattern) -> page for which files that fit the pattern are not on the server any more."""
    contexts = []

    def opened(path: str, pattern: str):
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        contexts[-1].route(
            re.compile(pattern), lambda route: route.fulfill(status=404, body="<h1>Not found</h1>")
        )
        page = contexts[-1].new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(f"{address}/{path}", wait_until="load")
        return page

    yield opened
    for context in contexts:
        context.close()


def whole(page, part: str) -> None:
    """The page went on without the part."""
    assert page.faults == []
    proof.note("parts-missing", 1, part=part, parts=3 + len(LIVE))


def chart(page):
    found = page.locator('figure.fig:not([data-kind="map"])').first
    found.scroll_into_view_if_needed()
    return found


def test_a_picture_that_does_not_come_leaves_its_words_and_its_table(without):
    page = without(CHAPTER, r"_figures/[^/]*\.(svg|png)")
    figure = chart(page)
    image = figure.locator("picture:visible img")
    assert image.evaluate("image => image.decode().then(() => true, () => false)") is False
    assert len(image.get_attribute("alt")) > 40 and image.bounding_box()["height"] > 100
    table = figure.locator("details.fig-table")
    table.locator("summary").click()
    assert table.locator("tbody tr").first.is_visible()
    whole(page, "a picture")


@pytest.mark.parametrize("pattern", LIVE)
def test_what_a_live_chart_needs_and_does_not_come_is_said(without, pattern):
    page = without(CHAPTER, pattern)
    figure = chart(page)
    figure.locator(".fig-open").click()
    figure.get_by_text("could not be loaded").wait_for()
    assert figure.locator("picture:visible").count() == 1
    whole(page, pattern)


def test_a_live_map_that_does_not_come_leaves_its_picture(without):
    page = without("book/places.html", r"leaflet[^/]*\.js")
    figure = page.locator('figure.fig[data-kind="map"]').first
    figure.scroll_into_view_if_needed()
    figure.locator(".fig-open").click()
    figure.frame_locator("iframe").get_by_text("The map could not be loaded").wait_for()
    assert figure.locator("details.fig-table tbody tr").count() > 3
    whole(page, "a map")


def test_marks_that_do_not_come_leave_the_chart_to_be_explored(without):
    page = without(CHAPTER, r"marks[^/]*\.json")
    figure = chart(page)
    figure.hover()
    figure.locator(".fig-open").click()
    figure.locator(".js-plotly-plot").wait_for()
    whole(page, "marks")


def test_a_page_kept_from_before_a_deploy_is_whole(browser, address):
    """It asks for files of the last release, which are not there any more: nothing of it needs them to be read."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()

    def older(route):
        answer = route.fetch()
        text, changed = HASHED.subn(".00000000.", answer.text())
        assert changed
        route.fulfill(response=answer, body=text)

    context.route(re.compile(r"/book/[^/]*\.html"), older)
    context.route(re.compile(r"\.00000000\."), lambda route: route.fulfill(status=404, body="gone"))
    for name, wanted in ((CHAPTER, "figure.fig"), ("book/ledger.html", "li.claim")):
        page.goto(f"{address}/{name}", wait_until="load")
        assert page.locator(wanted).count() > 5
        assert page.locator(f"{wanted}:not(:visible)").count() == 0
        dead = page.locator(":is(button, .filters):visible:not(.search-form *)").all_inner_texts()
        assert dead == []
    context.close()
