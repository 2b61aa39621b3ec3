"""The open notebook in a browser: the code of a figure in its place, what can be taken, what a sentence turns at."""

from __future__ import annotations

import gzip
import re

import nbformat
import pytest
from conftest import with_figures

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


def test_every_notebook_is_valid_shows_its_figures_and_has_no_role_left(site):
    files = sorted((site / taken.FOLDER).glob("*.ipynb"))
    assert files
    for file in files:
        notebook = nbformat.read(file, as_version=4)
        nbformat.validate(notebook)
        charts = [o.data for c in notebook.cells for o in c.get("outputs", []) if "image/png" in o.data]
        assert charts and all("image/svg+xml" in chart for chart in charts), file.name
        prose = [c.source for c in notebook.cells if c.cell_type == "markdown"]
        assert [
            text for text in prose if re.search(r"\{(num|holds|verdict)\}`|^```\{", text, re.MULTILINE)
        ] == []
