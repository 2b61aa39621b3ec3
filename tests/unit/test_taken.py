"""A chapter as it is taken away: prose with its numbers, outputs that any reader of notebooks shows."""

from __future__ import annotations

import base64
import dataclasses

import nbformat
import pytest
from nbconvert import HTMLExporter

from storykit import figures, pages
from storykit.site import code_view, taken

WORDS = """# The zone

Sales were {num}`@first` in US$ and {holds}`rose <@first < sales/MY/2018>`, {verdict}`goods`; [all](ledger.md#top), [more](other.ipynb).

```{facts}
first = sales/MY/2017
```

```{story} wall
```

```{sure} How sure?
Rather: {num}`@first`.
```

The end costs $5."""
DRAWING = 'rows = num("@first")\nfigures.Figure(1, id="zone-sales")'
PNG = b"\x89PNG not really"


@pytest.fixture
def chapter(small):
    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {"name": "conda-env", "display_name": "mine", "language": "python"}
    made.cells = [
        nbformat.v4.new_markdown_cell(WORDS, id="words"),
        nbformat.v4.new_markdown_cell("```{facts}\nsecond = sales/MY/2018\n```", id="only-facts"),
        nbformat.v4.new_code_cell(DRAWING, id="drawing"),
    ]
    nbformat.write(made, small / "book" / "zone.ipynb")
    return small


def record() -> figures.Record:
    return figures.Record(
        id="zone-sales", kind="chart", chapter="zone", sources=("paper",), rows=(("observations", "sales/MY/2017"),),
        columns=("Year", "What | how"), numeric=(False, True), table=(("2017", 40.5), ("2018", "")), width=760, height=300,
        narrow_height=300, narrow={}, lens=None, spec={"data": [{"x": [1], "y": [2]}], "layout": {}},
        title="Sales were {num}`sales/MY/2017`", subtitle="US$", description="A line.", notes="",
    )  # fmt: skip


def written(images=None) -> nbformat.NotebookNode:
    drawn = {"zone-sales": images or {}}
    return taken.written_out("zone", {2: [record()]}, drawn, "https://story.example", "The book")


def test_prose_says_its_numbers_and_holds_nothing_of_the_build(chapter):
    text = taken.prose("zone", WORDS, "https://story.example")
    assert "Sales were RM40.0 million in US\\$ and rose, (*" in text
    assert (
        "[all](https://story.example/book/ledger.html#top), [more](https://story.example/book/other.html)"
        in text
    )
    assert "Here the [page](https://story.example/book/zone.html) shows a part" in text
    assert "**How sure?**\n\nRather: RM40.0 million." in text
    assert text.endswith("costs \\$5.") and "{" not in text and "```" not in text


def test_it_is_a_valid_notebook_with_the_ids_of_the_chapter_and_the_same_bytes_again(chapter):
    made = written()
    nbformat.validate(made)
    assert [cell.id for cell in made.cells] == ["about-this-notebook", "words", "drawing"]
    assert made.metadata.kernelspec.name == "python3"
    assert nbformat.writes(made) == nbformat.writes(written())


def test_a_notebook_of_a_published_book_says_how_its_archive_is_fetched(chapter):
    text = written().cells[0].source
    assert "    !curl -sSO https://story.example/_notebooks/zone.zip\n" in text and "    %cd zone\n" in text
    assert "curl" not in taken.written_out("zone", {}, {}, "..", "The book").cells[0].source


def test_long_tables_and_lists_of_sources_are_folded_and_their_numbers_are_the_pages(chapter):
    many = dataclasses.replace(record(), table=tuple((str(n), 12.911699833957028) for n in range(13)))
    (cell,) = [
        c
        for c in taken.written_out("zone", {2: [many]}, {"zone-sales": {}}, "..", "B").cells
        if c.cell_type == "code"
    ]
    html, _ = HTMLExporter().from_notebook_node(
        nbformat.v4.new_notebook(cells=[cell], metadata=taken.METADATA)
    )
    assert "<details><summary>The table: 13 rows</summary>" in html and html.count("<td>12</td>") == 1
    assert "12.911700" in html and "12.9116998" not in html and "<details>" not in str(written())


def test_a_figure_is_heading_chart_in_three_forms_and_table(chapter):
    heading, chart, about = written({"image/png": PNG, "image/svg+xml": b"<svg/>"}).cells[2].outputs
    assert heading.data["text/markdown"] == "**Sales were RM40.0 million**  \nUS\\$"
    assert chart.metadata["image/png"] == {"width": 760, "alt": "Sales were RM40.0 million"}
    assert base64.b64decode(chart.data["image/png"]) == PNG and chart.data["image/svg+xml"] == "<svg/>"
    assert chart.data["application/vnd.plotly.v1+json"]["data"][0]["y"] == [2]
    text = about.data["text/markdown"]
    assert "| Year | What \\| how |\n| --- | ---: |\n| 2017 | 40.5 |\n| 2018 |  |" in text
    assert "Sources: [The Paper, 13 May 2017](https://paper.example/a). Licence: CC-BY-4.0." in text


def test_pictures_that_stand_in_one_document_have_ids_of_their_own(chapter):
    svg = b'<svg><clipPath id="i1"/><g clip-path="url(#i1)"/><g style="clip-path: url(&quot;#i1&quot;)"/><use href="#i1"/></svg>'
    made = written({"image/png": PNG, "image/svg+xml": svg}).cells[2].outputs[1].data["image/svg+xml"]
    assert made.count("zone-sales-i1") == 4 and made.count("i1") == 4


def test_without_a_browser_the_chart_is_plotlys_alone(chapter):
    chart = written().cells[2].outputs[1]
    assert set(chart.data) == {"application/vnd.plotly.v1+json", "text/plain"}


def test_nbconvert_shows_picture_table_and_numbers(chapter):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>'
    html, _ = HTMLExporter().from_notebook_node(written({"image/png": PNG, "image/svg+xml": svg}))
    assert "circle" in html or "data:image/svg" in html
    assert "Sales were RM40.0 million in US$" in html and "<td>2017</td>" in html


def test_the_code_of_a_figure_is_coloured_escaped_and_names_its_facts(chapter):
    html = code_view.coloured('a = "<b>"')
    assert html == '<span class="n">a</span> <span class="o">=</span> <span class="s2">"&lt;b&gt;"</span>\n'
    assert code_view.facts("zone", DRAWING, "zone-sales") == (("@first", "sales/MY/2017"),)


def test_blocks_give_way_and_all_else_stays(chapter):
    text = "before\n\n```{facts}\na = 1\n```\nbetween\n```python\nkept\n```\n:::{note}\nx\n:::"
    assert (
        pages.prose(text, lambda block: f"[{block.name}]")
        == "before\n\n[facts]\nbetween\n```python\nkept\n```\n[note]"
    )
    assert pages.prose("```{facts}\nopen to the end", lambda block: "") == ""
