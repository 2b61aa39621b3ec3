"""Every file that a reader takes from a figure opens, holds what is drawn, and says where it comes from; frames fit."""

from __future__ import annotations

import io
import itertools
import json
import re

import lxml.etree
import lxml.html
import pandas as pd
import pytest
from conftest import comes_true, until
from PIL import Image

from storykit import figures
from storykit.site import pixels

SVG, DC = "{http://www.w3.org/2000/svg}", "{http://purl.org/dc/elements/1.1/}"
FRAMES = (280, 320, 390, 900, 1200)
HOST = '<!DOCTYPE html><meta name="viewport" content="width=device-width"><style>body { margin: 0 }</style>%s'


@pytest.fixture(scope="module")
def taken(site) -> dict[str, dict]:
    """Figure -> its JSON."""
    ids = json.loads((site / "_figures" / "index.json").read_text(encoding="utf-8"))
    files = {name: site / "_figures" / f"{name}.json" for name in ids}
    return {name: json.loads(file.read_text(encoding="utf-8")) for name, file in files.items()}


def test_what_a_figure_says_of_itself_is_in_its_json(taken):
    words = (
        "title",
        "subtitle",
        "description",
        "author",
        "licence",
        "licence_address",
        "data_version",
        "citation",
    )
    for name, about in taken.items():
        assert about["id"] == name
        assert all(about[key] for key in (*words, "as_of", "sources", "columns", "rows")), name
        assert all(source["title"] and source["publisher"] for source in about["sources"]), name
        assert all(series["unit"] and series["label"] for series in about["series"]), name


def test_each_csv_is_the_drawn_table(site, taken):
    for name, about in taken.items():
        file = site / "_figures" / f"{name}.csv"
        read = pd.read_csv(file, dtype=str, keep_default_na=False)
        assert list(read.columns) == about["columns"], name
        assert read.to_numpy().tolist() == [[str(cell) for cell in row] for row in about["rows"]], name


def test_each_readme_names_columns_sources_licence_and_version(site, taken):
    for name, about in taken.items():
        text = " ".join((site / "_figures" / f"{name}.readme.txt").read_text(encoding="utf-8").split())
        said = [about[key] for key in ("title", "subtitle", "licence_address", "data_version", "citation")]
        said += [*about["columns"], *(source["url"] for source in about["sources"])]
        assert [words for words in said if " ".join(words.split()) not in text] == [], name


def test_each_svg_says_where_it_comes_from(site, taken):
    for name, about in taken.items():
        root = lxml.etree.parse(site / "_figures" / f"{name}.svg").getroot()
        assert root.findtext(f"{SVG}title") == about["title"]
        assert root.findtext(f"{SVG}desc") == about["description"]
        found = {key: root.findtext(f".//{DC}{key}") for key in ("title", "creator", "date", "rights")}
        assert found == {
            "title": about["title"],
            "creator": about["author"],
            "date": about["as_of"],
            "rights": about["licence_title"],
        }, name
        assert len(root.findall(f".//{DC}source")) == len(about["sources"])
        drawn = " ".join(text.text for text in root.findall(f"{SVG}g/{SVG}text"))
        for words in (
            about["title"],
            about["subtitle"],
            "Sources: ",
            about["data_version"],
            about["licence"],
        ):
            assert words in drawn, (name, words)
        inside = lxml.etree.parse(site / "_figures" / f"{name}.light.svg").getroot()
        assert len(root.findall(f".//{SVG}path")) == len(inside.findall(f".//{SVG}path")) > 0


def test_each_png_says_where_it_comes_from_and_keeps_the_colours_of_its_areas(site, taken):
    for name, about in taken.items():
        root = lxml.etree.parse(site / "_figures" / f"{name}.svg").getroot()
        with Image.open(site / "_figures" / f"{name}.png") as png:
            assert png.format == "PNG" and png.mode == "P"
            sizes = [int(root.get(side)) * pixels.SCALE for side in ("width", "height")]
            assert all(abs(taken - wanted) <= 1 for taken, wanted in zip(png.size, sizes, strict=True))
            assert png.info["Title"] == about["title"] and about["licence"] in png.info["Copyright"]
            assert about["citation"] in png.info["Comment"] and png.info["Creation Time"] == about["as_of"]
            assert png.info["Source"].startswith(about["sources"][0]["publisher"])
            shown = {colour for _, colour in png.convert("RGB").getcolors(1 << 22)}
        inks = {fill for fill in map(_ink, root.iter(f"{SVG}text")) if fill}
        assert inks - shown == set(), name


def _ink(text) -> tuple[int, int, int] | None:
    """The colour of a word of the picture, if it is said and full."""
    found = re.fullmatch(r"#(..)(..)(..)", text.get("fill", "")) if text.get("font-weight") else None
    return tuple(int(part, 16) for part in found.groups()) if found else None


def test_no_word_of_a_picture_is_cut_off_or_lies_on_another(site, taken, browser):
    page = browser.new_page(viewport={"width": 800, "height": 600})
    for name in taken:
        page.set_content((site / "_figures" / f"{name}.svg").read_text(encoding="utf-8"))
        boxes = page.evaluate(
            """() => [...document.querySelectorAll('svg > g > text')].map((text) => {
                const { x, y, width, height } = text.getBBox();
                return [x, y, x + width, y + height];
            })"""
        )
        assert all(left >= 0 and right <= figures.WIDTH for left, _, right, _ in boxes), name
        for (_, _, _, above), (_, below, _, _) in itertools.pairwise(boxes):
            assert below >= above - 3, name
    page.close()


def test_a_picture_with_words_taken_anew_is_the_same(site, taken):
    with Image.open(site / "_figures" / f"{next(iter(taken))}.png") as png:
        said = {key: str(png.info[key]) for key in png.info}
        again = io.BytesIO()
        png.convert("RGB").save(again, "PNG")
    assert pixels.in_palette(again.getvalue(), said) == pixels.in_palette(again.getvalue(), said)


def _snippet(site, name: str) -> lxml.html.HtmlElement:
    page = lxml.html.parse(site / "figures" / f"{name}.html")
    return lxml.html.fragments_fromstring(page.findtext(".//textarea[@id='embed-code']"))[0]


@pytest.mark.long
def test_nothing_is_cut_off_in_a_frame_of_the_height_the_snippet_says(site, taken, open_page):
    """For a page around it that runs no script, and a figure that runs none: 280 to 1200 pixels."""
    page, short = open_page("figures/" + next(iter(taken)) + ".embed.html", java_script_enabled=True), []
    for name in taken:
        given = int(_snippet(site, name).get("height"))
        page.goto(page.url.rpartition("/")[0] + f"/{name}.embed.html", wait_until="domcontentloaded")
        for width in FRAMES:
            page.set_viewport_size({"width": width, "height": 200})
            page.evaluate(
                """async () => {
                    const picture = [...document.images].find((image) => image.checkVisibility());
                    const narrow = () => picture.currentSrc.includes('.narrow.');
                    while (narrow() !== (innerWidth < 600)) await new Promise(requestAnimationFrame);
                    await picture.decode();
                    await new Promise(requestAnimationFrame);
                }"""
            )
            high, wide = page.evaluate(
                "[document.documentElement.getBoundingClientRect().height, document.documentElement.scrollWidth]"
            )
            if high > given or wide > width:
                short.append((name, width, round(high), given, wide))
    assert short == []


WHOLE = "document.documentElement.scrollHeight <= innerHeight"
GIVEN = "Number(document.querySelector('iframe').height)"
NEEDED = "Math.ceil(document.documentElement.getBoundingClientRect().height)"


@pytest.mark.parametrize("sandbox", ["", ' sandbox="allow-scripts"'], ids=["plain", "sandboxed"])
def test_a_frame_takes_the_height_that_the_figure_reports(site, taken, elsewhere, address, browser, sandbox):
    folder, host = elsewhere
    name = next(iter(taken))
    code = lxml.html.parse(site / "figures" / f"{name}.html").findtext(".//textarea[@id='embed-code']")
    code = code.replace("https://address.invalid", address).replace("<iframe", f"<iframe{sandbox}")
    (folder / "host.html").write_text(HOST % code, encoding="utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(f"{host}/host.html")
    frame = page.frames[1]
    frame.wait_for_load_state()
    for width in (390, 900):
        page.set_viewport_size({"width": width, "height": 900})
        comes_true(page, lambda: page.evaluate(GIVEN) == frame.evaluate(NEEDED), f"high enough at {width}")

        comes_true(page, lambda: frame.evaluate(WHOLE), f"nothing to scroll at {width}")
    page.close()


def test_a_frame_of_200_pixels_can_be_read(taken, open_page):
    """So small it scrolls, in one direction only."""
    page = open_page(f"figures/{next(iter(taken))}.embed.html", viewport={"width": 200, "height": 200})
    assert page.evaluate("document.documentElement.scrollWidth") <= 200
    page.locator(".embed-from a").scroll_into_view_if_needed()
    assert page.locator(".embed-from a").is_visible()


def test_data_and_picture_are_copied(taken, open_page, address):
    name = next(iter(taken))
    page = open_page(f"figures/{name}.html", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy data").click()
    page.get_by_text("Copied").first.wait_for()
    rows = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert rows[0].split("\t") == taken[name]["columns"]
    first = dict(zip(taken[name]["columns"], rows[1].split("\t"), strict=True))
    assert [first[c] for c in taken[name]["columns"]] == [str(cell) for cell in taken[name]["rows"][0]]
    assert taken[name]["title"] in rows[-1]
    page.get_by_role("button", name="Copy picture").click()
    until(page, "navigator.clipboard.read().then((items) => items[0].types.includes('image/png'))")


def test_what_a_browser_cannot_do_is_not_offered(taken, browser, address):
    page = browser.new_page()
    page.add_init_script("delete Navigator.prototype.share; delete window.ClipboardItem;")
    page.goto(f"{address}/figures/{next(iter(taken))}.html")
    page.locator(".fig-take.ready").wait_for()
    assert page.locator("[data-take]").evaluate_all("(all) => all.map((one) => one.dataset.take)") == ["data"]
    page.close()


def test_the_phones_own_sheet_gets_title_address_and_picture(taken, browser, address):
    page = browser.new_page()
    page.add_init_script(
        """Object.assign(Navigator.prototype, {
            canShare: () => true,
            share: async ({ title, url, files }) => { window.shared = [title, url, files[0].type]; },
        });"""
    )
    name = next(iter(taken))
    page.goto(f"{address}/figures/{name}.html")
    page.get_by_role("button", name="Share", exact=True).click()
    until(page, "window.shared")
    title, url, kind = page.evaluate("window.shared")
    assert title == taken[name]["title"] and url.endswith(f"/figures/{name}.html") and kind == "image/png"
    page.close()


def test_a_figures_own_page_asks_for_its_picture_first(site, taken):
    for name in taken:
        for ending in ("", ".embed"):
            page = lxml.html.parse(site / "figures" / f"{name}{ending}.html")
            light, dark = page.findall(".//figure//img")
            assert light.get("fetchpriority") == "high" and light.get("loading") is None
            assert dark.get("loading") == "lazy"
