"""The open notebook in a browser: the code of a figure in its place, what can be taken, what a sentence turns at."""

from __future__ import annotations

import base64
import gzip
import re

import lxml.html
import nbformat
import pytest
from conftest import with_figures
from nbconvert import HTMLExporter

from storykit.site import taken


@pytest.fixture(scope="session")
def chapter(site) -> str:
    """A chapter with figures."""
    return next(name for name in with_figures(site) if (site / taken.FOLDER / f"{_stem(name)}.zip").is_file())


def _stem(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".html")


def test_code_opens_under_its_figure_and_closes_again(open_page, chapter):
    page = open_page(chapter)
    link = page.locator(".fig .to-code").first
    before = len(page.asked)
    assert page.locator(".fig-code").count() == 0, "nothing is loaded before it is asked for"
    link.click()
    code = page.locator(".fig .fig-code pre").first
    code.wait_for()
    assert "figures.Figure(" in code.inner_text() or "maps.Map(" in code.inner_text()
    assert [url for url in page.asked[before:] if "/figures/" in url] and page.complaints == []
    assert page.locator(".fig-code [id]").count() == 0
    link.click()
    assert not code.is_visible() and link.get_attribute("aria-expanded") == "false"


def test_without_script_code_notebook_and_archive_are_links(open_page, chapter):
    page = open_page(chapter, java_script_enabled=False)
    page.locator(".fig .to-code").first.click()
    assert page.locator(".fig-code pre").is_visible(), "the code's own place opens by its address"
    page.go_back()
    offered = page.locator("section.take a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    assert {f"../_notebooks/{_stem(chapter)}.ipynb", f"../_notebooks/{_stem(chapter)}.zip"} <= set(offered)
    assert page.locator("section.take li").first.inner_text().count("MB") == 1


def test_a_sentence_is_turned_by_a_reader_and_the_address_keeps_it(open_page, site):
    name = next(n for n in with_figures(site) if 'class="try"' in (site / n).read_text(encoding="utf-8"))
    page = open_page(name)
    page.locator(".turns summary").click()
    field = page.locator(".try").first
    slider, said = field.locator("input"), field.locator("output")
    holds = {">": ("max", "min"), ">=": ("max", "min"), "<": ("min", "max"), "<=": ("min", "max")}
    ends = holds[field.get_attribute("data-sign")]
    for end, words in zip(ends, ("it holds", "it would not hold"), strict=True):
        slider.fill(slider.get_attribute(end))
        assert said.inner_text().endswith(words)
    assert "try=" in page.url
    again = open_page(page.url.partition("//")[2].partition("/")[2])
    assert again.locator(".try output").first.inner_text().endswith("it would not hold")


def test_the_code_of_a_figure_weighs_at_most_three_kibibytes_and_its_chapter_holds_none(site):
    for name in with_figures(site):
        text = (site / name).read_text(encoding="utf-8")
        figures = re.findall(r'href="([^"#]+)#code"', text)
        assert figures and '<details class="fig-code"' not in text, name
        for figure in figures:
            code = _code((site / name).parent / figure)
            assert len(gzip.compress(code.encode(), 9)) <= 3 * 1024, figure


def _code(file) -> str:
    text = file.read_text(encoding="utf-8")
    return text[text.index('<details class="fig-code"') : text.index("</section></details>")]


BUILDS_OWN = re.compile(r"\{[\w-]+\}`|^(?:```|:::)\{|^\([\w-]+\)=|\]\([\w-]+\.(?:ipynb|md)\b", re.MULTILINE)
"""What only the build reads: roles, blocks, anchors of MyST's, links to files of the book."""


@pytest.fixture(scope="module")
def notebooks(site) -> dict[str, nbformat.NotebookNode]:
    """The notebook of each chapter."""
    read = {file.stem: nbformat.read(file, as_version=4) for file in (site / taken.FOLDER).glob("*.ipynb")}
    assert read
    return read


def figures_of(page) -> list:
    """The figures of a page or of a notebook's HTML, by their tables, in order."""
    return [[_text(cell) for cell in table.iter("th", "td")] for table in page]


def _text(element) -> str:
    return " ".join(element.text_content().split())


def test_every_notebook_is_valid_and_shows_its_figures_as_png_svg_and_chart(site, notebooks):
    for name, notebook in notebooks.items():
        nbformat.validate(notebook)
        charts = [o.data for c in notebook.cells for o in c.get("outputs", []) if "image/png" in o.data]
        page = lxml.html.parse(site / "book" / f"{name}.html")
        assert len(charts) == len(page.xpath('//figure[@class="fig"]')) > 0, name
        ids = [found for chart in charts for found in re.findall(r'\bid="([^"]+)"', chart["image/svg+xml"])]
        assert len(ids) == len(set(ids)), "a reader that puts all into one document mixes them up"
        for chart in charts:
            assert base64.b64decode(chart["image/png"]).startswith(b"\x89PNG\r\n")
            assert (
                chart["image/svg+xml"].lstrip().startswith("<svg")
                and chart["application/vnd.plotly.v1+json"]["data"]
            )


def test_no_notebook_holds_anything_that_only_the_build_reads(notebooks):
    for name, notebook in notebooks.items():
        shown = [c.source for c in notebook.cells if c.cell_type == "markdown"]
        shown += [o.data.get("text/markdown", "") for c in notebook.cells for o in c.get("outputs", [])]
        assert [(name, found[0]) for text in shown if (found := BUILDS_OWN.search(text))] == []


def test_what_nbconvert_makes_of_a_notebook_has_the_pages_pictures_tables_and_numbers(site, notebooks):
    """As HTML, which any browser shows: each picture, each cell of each table, each paragraph with its numbers."""
    for name, notebook in notebooks.items():
        html, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
        made, page = lxml.html.fromstring(html), lxml.html.parse(site / "book" / f"{name}.html")
        figures = page.xpath('//figure[@class="fig"]')
        pictures = made.xpath('//img[starts-with(@src, "data:image/svg+xml;base64,")]')
        assert len(pictures) == len(figures), name
        assert figures_of(made.iter("table")) == figures_of(f.find(".//table") for f in figures), name
        prose = _text(made)
        said = page.xpath('//main//h1 | //main//p[starts-with(@id, "p-")]//a[@class="receipt"]')
        assert [_text(each) for each in said if _text(each) not in prose] == [] and len(said) > 3, name
        assert BUILDS_OWN.search(html) is None, name


def test_the_weight_that_a_page_states_is_that_of_the_file(site):
    stated = 0
    for page in (site / "book").glob("*.html"):
        for item in lxml.html.parse(page).xpath('//section[@class="take"]//li[a[@download]]'):
            file = page.parent / item.find("a").get("href")
            weight = float(re.search(r"\(([\d.]+) MB\)", item.text_content())[1])
            assert abs(weight - max(file.stat().st_size / 1e6, 0.1)) <= 0.05, (page.name, file.name)
            stated += 1
    assert stated >= 3
