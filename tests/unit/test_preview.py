"""The quick preview: a page's values are written in, its figures say their words, its mistakes stay visible."""

from __future__ import annotations

import nbformat
import pytest

import storykit
from storykit import preview, project

PAGE = """# A zone & its <b>firms</b>

```{facts}
chosen = chosen/MY/2017
worth = claims("goods").target_value
```

(an-older-name)=

The list held {num}`@chosen`, {holds}`more than promised <@chosen > 1500>` {verdict}`@worth`; {num}`@lost`.

```{figure-text} page-first
title: {num}`@chosen` on one list
subtitle: Firms, Malaysia
description: One bar.
```

```{story} wall
```
"""


@pytest.fixture
def page(small):
    (small / "book/page.md").write_text(PAGE, encoding="utf-8")
    return small


def test_a_page_with_its_values(page):
    text = preview.written_out("page")
    assert "The list held **1,972 SMEs**, more than promised **[no published evidence]**; " in text
    assert "\N{WARNING SIGN} {num}`@lost`" in text
    assert "> #### **1,972 SMEs** on one list" in text and "*story wall*" in text
    assert "{facts}" not in text and "chosen =" not in text and "older-name" not in text


def test_the_file_holds_no_markup_of_the_text(page):
    html = preview.write("page").read_text(encoding="utf-8")
    assert "<h1>A zone &amp; its &lt;b&gt;firms&lt;/b&gt;</h1>" in html
    assert "<strong>1,972 SMEs</strong>" in html


def test_in_an_editor_the_open_chapter_is_shown(page):
    project.current().chapter = "page"
    assert "**1,972 SMEs**" in storykit.show().data


def test_in_an_editor_dollars_are_no_formula(page):
    (page / "book/costs.md").write_text("# Costs\n\nFrom US$5 to US$6.\n", encoding="utf-8")
    assert "From US\\$5 to US\\$6." in storykit.show("costs").data
    assert "From US$5 to US$6." in preview.write("costs").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("folder", "shown"),
    [("book", True), (".", False)],
    ids=["the chapter itself", "a notebook taken from the site"],
)
def test_opening_a_chapter_in_an_editor_shows_it_there_and_nowhere_else(small, monkeypatch, folder, shown):
    cells = [nbformat.v4.new_markdown_cell(PAGE)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), small / "book" / "zone.ipynb")
    assert storykit.open_chapter("zone") is None, "a build, record and nbconvert run it without an editor"
    monkeypatch.setenv("JPY_SESSION_NAME", str(small / folder / "zone.ipynb"))
    said = storykit.open_chapter("zone")
    assert ("The list held **1,972 SMEs**" in said.data) if shown else said is None


def test_a_page_that_does_not_exist(page):
    with pytest.raises(project.DataError, match="There is no page 'pages'; there are page"):
        preview.write("pages")
