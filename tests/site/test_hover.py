"""A figure's picture answers by itself: pointer, finger and keys get what its table holds, without the library."""

from __future__ import annotations

import itertools
import json
import math
import re
from pathlib import Path

import pandas as pd
import pytest
from conftest import comes_true, names, watch
from playwright.sync_api import expect

from storykit.site import inspection

MOST = 10 * 1024
"""Bytes that the marks of a figure may weigh, packed."""
LIBRARY = re.compile(r"plotly|leaflet|_figures/(?!.*\.marks\.json)[^/]*\.json$")


def shipped(site: Path, name: str) -> dict:
    """The marks of a figure, their numbers summed again."""
    said = json.loads((site / "_figures" / f"{name}.marks.json").read_text(encoding="utf-8"))
    for key in ("trace", "head", "told", "href"):
        said[key] = list(itertools.accumulate(said[key]))
    for width in ("wide", "narrow"):
        said[width] = list(zip(*(itertools.accumulate(column) for column in said[width])))
    return said


@pytest.fixture(scope="module")
def figures(site) -> list[str]:
    return sorted(json.loads((site / "_figures" / "index.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def one_context(browser, address):
    """Function (path) -> page, all in one context: what a page asked for and complained of is kept on it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")

    def opened(path: str):
        page = context.new_page()
        watch(page)
        page.goto(f"{address}/{path}", wait_until="load")
        return page

    yield opened
    context.close()


def test_every_figure_ships_its_marks_and_they_are_light(site, figures):
    weights = {name: inspection.weight(site / "_figures" / f"{name}.marks.json") for name in figures}
    assert {name: weight for name, weight in weights.items() if weight > MOST} == {}
    assert all(shipped(site, name)["trace"] for name in figures)


def _coordinate(value, axis: dict) -> float | None:
    """A value on an axis of numbers or dates, as a number that the picture's pixels follow evenly."""
    if isinstance(value, str):
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return None
        return float(pd.Timestamp(value).toordinal())
    if value is None or isinstance(value, bool):
        return None
    return math.log10(value) if axis.get("type") == "log" else float(value)


def _uneven(pairs: list[tuple[float, float]]) -> float:
    """How far, in px, the worst point lies off the straight line through the two that are furthest apart."""
    (a, at_a), (b, at_b) = min(pairs), max(pairs)
    if b - a < 1e-9:
        return max(abs(at - at_a) for _, at in pairs)
    return max(abs(at - (at_a + (at_b - at_a) * (value - a) / (b - a))) for value, at in pairs)


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_marks_lie_where_their_values_are(site, figures, width):
    """Of points, the pixels follow the values evenly; of bars, their lengths do."""
    found = []
    for name in figures:
        about = json.loads((site / "_figures" / f"{name}.json").read_text(encoding="utf-8"))
        said = shipped(site, name)
        layouts = about["layout"] | (about["narrow"] if width == "narrow" else {})
        for number, trace in enumerate(about["data"]):
            places = [place for own, place in zip(said["trace"], said[width]) if own == number]
            if not places or "fill" in trace:
                continue
            if trace.get("mode") == "lines" and len(set(trace["hovertext"])) == 1:  # a span is one mark
                assert len(places) == 1, name
                continue
            data = [(x, y) for x, y in zip(trace["x"], trace["y"]) if x is not None and y is not None]
            if trace["type"] == "bar" and len(data) > len(places):  # of nothing plotly may draw no bar
                data = [pair for pair in data if pair[trace.get("orientation") != "h"] != 0]
            if len(data) != len(places):
                found.append(f"{name} {number}: {len(places)} marks of {len(data)}")
                continue
            if trace["type"] == "bar":
                across = trace.get("orientation") == "h"
                sizes = [
                    (abs(point[not across]), place[2 if across else 3]) for point, place in zip(data, places)
                ]
                if _uneven([(0, 0), *sizes]) > 1.5:
                    found.append(f"{name} {number}: lengths of bars")
                continue
            for part, letter in enumerate("xy"):
                key = trace.get(f"{letter}axis", letter)
                axis = about["layout"].get(f"{letter}axis{key[1:]}", {}) | layouts.get(
                    f"{letter}axis{key[1:]}", {}
                )
                values = [_coordinate(point[part], axis) for point in data]
                pairs = [(value, place[part]) for value, place in zip(values, places) if value is not None]
                if len(pairs) > 1 and _uneven(pairs) > 2:
                    found.append(f"{name} {number}: {letter} {_uneven(pairs):.1f} px off")
    assert found == []


def _numbers(text: str) -> set[float]:
    return {float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", text) if n.strip(",")}


def _chosen(said: dict, most: int = 5) -> list[int]:
    """A few marks of a figure: of up to three traces the first, one in the middle and the last."""
    chosen = []
    for trace in list(dict.fromkeys(said["trace"]))[:3]:
        own = [n for n, t in enumerate(said["trace"]) if t == trace]
        chosen += dict.fromkeys([own[0], own[len(own) // 2], own[-1]])
    return chosen[:: max(1, len(chosen) // most)][:most]


def _in_table(words: str, table: str) -> bool:
    """Whether the table holds a number that is said, or the words themselves where none is."""
    said = _numbers(words)
    return bool(said & _numbers(table)) if said else any(w in table for w in re.findall(r"\w{4,}", words))


def test_pointing_at_a_mark_says_what_the_table_holds(site, figures, one_context):
    """Every figure, on its own page: at the place of a mark its words, which the table holds; nothing else is fetched."""
    found = []
    for name in figures:
        page, said = one_context(f"figures/{name}.html"), shipped(site, name)
        layer = page.locator(".fig-marks")
        layer.scroll_into_view_if_needed()
        table = " | ".join(page.locator(".fig-table :is(th, td)").all_text_contents())
        for n in _chosen(said):
            x, y, *_ = said["wide"][n]
            layer.evaluate(
                "(e, y) => scrollTo(0, e.getBoundingClientRect().top + scrollY + y - innerHeight / 2)", y
            )
            box = layer.bounding_box()
            scale = box["width"] / 760
            page.mouse.move(box["x"] + x * scale, box["y"] + y * scale)
            try:
                words = layer.locator(".tip").inner_text(timeout=5000)
            except Exception:
                found.append(f"{name} {n}: nothing is said")
                continue
            told, head = said["tolds"][said["told"][n]], said["heads"][said["head"][n]]
            value = told.partition(": ")[2].split("\n")[0]
            near = {
                said["heads"][said["head"][m]]
                for m, p in enumerate(said["wide"])
                if math.hypot(p[0] - x, p[1] - y) < 14
            }
            if not any(each in words for each in near) and re.sub(r" \([^)]*\)$", "", value) not in words:
                found.append(f"{name} {n}: {words!r} where {head!r}, {told!r} lies")
            if not _in_table(f"{told} {head}", table):
                found.append(f"{name} {n}: the table does not hold {told!r}")
            tip = layer.locator(".tip").bounding_box()
            if (
                tip["x"] < 0
                or tip["x"] + tip["width"] > 1280
                or tip["y"] < 0
                or tip["y"] + tip["height"] > 900
            ):
                found.append(f"{name} {n}: outside the window {tip}")
        found += [f"{name}: {complaint}" for complaint in page.complaints]
        found += [f"{name} asks for {url}" for url in page.asked if LIBRARY.search(url)]
        page.close()
    assert found == []


def _first_linked(site: Path, figures: list[str]) -> tuple[str, dict, int]:
    """A chart with a mark that leads to a row: its name, its marks and the number of the mark."""
    for name in figures:
        said = shipped(site, name)
        if "map.html" not in name and said["hrefs"][said["href"][0]] and said["lines"]:
            return name, said, 0
    raise AssertionError("no mark leads to a row")


def test_keys_step_through_a_picture_say_it_and_open_the_row(site, figures, open_page):
    name, said, _ = _first_linked(site, figures)
    page = open_page(f"figures/{name}.html")
    layer = page.locator(".fig-marks")
    layer.focus()
    page.keyboard.press("ArrowRight")
    expect(layer.locator(".tip")).to_be_visible()
    told = page.locator("div.sr[role=status]").text_content()
    assert said["tolds"][said["told"][0]] in told and said["heads"][said["head"][0]] in told
    page.keyboard.press("ArrowRight")
    assert page.locator("div.sr[role=status]").text_content() != told
    page.keyboard.press("Escape")
    assert layer.locator(".tip").count() == 0
    assert not [url for url in page.asked if LIBRARY.search(url)]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{said['hrefs'][said['href'][0]]}")
    assert page.locator(f"[id='{page.url.partition('#')[2]}']").count() == 1


def test_a_key_that_comes_before_the_marks_is_answered_when_they_come(site, figures, open_page):
    name, said, _ = _first_linked(site, figures)
    page = open_page("book/cite.html")
    held = []
    page.route("**/*.marks.json", lambda route: held.append(route))
    page.goto(page.url.replace("book/cite", f"figures/{name}"))
    page.locator(".fig-marks").focus()
    page.keyboard.press("ArrowRight")
    comes_true(page, lambda: held, "the marks are asked for")
    assert page.locator(".tip").count() == 0
    held[0].continue_()
    expect(page.locator(".fig-marks .tip")).to_be_visible()
    assert said["tolds"][said["told"][0]] in page.locator("div.sr[role=status]").text_content()


def test_a_tap_says_it_inside_the_window_and_a_tap_elsewhere_ends_it(site, figures, open_page):
    outside = []
    for name in figures[::6]:
        page = open_page(
            f"figures/{name}.html", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
        )
        said, layer = shipped(site, name), page.locator(".fig-marks")
        layer.scroll_into_view_if_needed()
        for n in _chosen(said, 3):
            page.keyboard.press("Escape")  # what is said of one mark may lie over the next
            x, y, *_ = said["narrow"][n]
            layer.evaluate(
                "(e, y) => scrollTo(0, e.getBoundingClientRect().top + scrollY + y - innerHeight / 2)", y
            )
            box = layer.bounding_box()
            scale = box["width"] / 360
            page.touchscreen.tap(min(box["x"] + x * scale, 359), box["y"] + y * scale)
            tip = layer.locator(".tip")
            tip.wait_for()
            place = tip.bounding_box()
            if place["x"] < 0 or place["x"] + place["width"] > 360 or place["y"] < 0:
                outside.append((name, n, place))
        if page.evaluate("document.documentElement.scrollWidth > 360"):
            outside.append((name, "scrolls sideways"))
        page.locator("h1").first.evaluate("e => scrollTo(0, 0)")
        page.touchscreen.tap(5, 5)
        expect(layer.locator(".tip")).to_have_count(0)
        assert not [url for url in page.asked if LIBRARY.search(url)]
    assert outside == []


def test_with_save_data_nothing_is_fetched_before_a_reader_asks(figures, open_page, browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    page = context.new_page()
    watch(page)
    page.goto(f"{address}/figures/{figures[0]}.html", wait_until="networkidle")
    assert not [url for url in page.asked if url.endswith(".marks.json")]
    with page.expect_response(lambda answer: answer.url.endswith(".marks.json")):
        page.locator(".fig-marks").hover()
    context.close()


def test_where_marks_cannot_be_had_a_pointer_gets_the_live_chart(figures, browser, address, site):
    name = next(n for n in figures if not (site / "_figures" / f"{n}.map.html").exists())
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.route("**/*.marks.json", lambda route: route.abort())
    page.goto(f"{address}/figures/{name}.html", wait_until="load")
    page.locator(".fig-marks").first.wait_for(state="detached")
    page.locator(".fig-stage").hover(position={"x": 300, "y": 150})
    page.locator(".fig-stage.is-live").wait_for()
    page.close()


def test_explore_still_opens_the_live_chart_over_the_layer(site, open_page):
    page = open_page(next(name for name in names(site, "book") if name.endswith("dftz.html")))
    figure = page.locator('figure.fig[data-kind="chart"]').first
    figure.locator(".fig-open").click()
    figure.locator(".fig-stage.is-live").wait_for()
    expect(figure.locator(".fig-marks")).to_be_hidden()
