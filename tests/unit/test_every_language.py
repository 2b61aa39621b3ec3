"""Words in another language say which; words from right to left stay by themselves; a book may be in any language."""

from __future__ import annotations

import pytest

from storykit import descriptor
from storykit.site import links, schema, templates, views
from storykit.site.citations import tags
from storykit.site.templates import render

ARABIC = "وزارة الاستثمار"


def test_text_from_right_to_left_keeps_its_order_to_itself_in_text_and_attribute():
    link = views.Link(f"{ARABIC}: 5 rows", "#r")
    page = str(render(views.SourcesPage("Sources", (source(title=ARABIC, note=link.words),))))
    assert f">\u2068{ARABIC}\u2069</a>" in page and f"\u2068{ARABIC}: 5 rows\u2069" in page
    written = (
        templates.environment().from_string('<i title="{{ words }}">{{ words }}</i>').render(words=ARABIC)
    )
    assert written == f'<i title="\u2068{ARABIC}\u2069">\u2068{ARABIC}\u2069</i>'


@pytest.mark.parametrize("words", ["Liège", "马来西亚", "plain"])
def test_other_text_is_left_as_it_is(words):
    assert templates.isolated(words) == words and templates.isolated(3) == 3


def source(**changed: str) -> views.Source:
    parts = {"id": "s-x", "language": "", "title": "A title", "url": "https://example.org/", "publisher": "P"}
    return views.Source(**{**parts, "date": "2020", "kind": "news", "note": "", "uses": (), **changed})


def test_a_title_says_its_own_language_and_not_that_of_the_document():
    assert 'id="s-x">' in str(render(views.SourcesPage("S", (source(),))))
    assert 'id="s-x" lang="ms">' in str(render(views.SourcesPage("S", (source(language="ms"),))))


def test_the_descriptor_says_which_field_names_a_language():
    assert descriptor.language("sources", "title", {"language": "fr", "title_language": ""}) == ""
    assert descriptor.language("sources", "title", {"language": "fr", "title_language": "fr"}) == "fr"
    assert descriptor.language("names", "name", {"language": "zh"}) == "zh"
    assert descriptor.language("claims", "statement", {"language": "zh"}) == ""


def test_a_cell_in_another_language_says_so():
    row = views.Row("row-1", ("plain", views.Worded("数据中心", "zh")))
    page = templates.environment().get_template("table-page.html")
    shown = page.render(**table(rows=(row,)))
    assert '<td lang="zh">数据中心</td>' in shown and "<td>plain</td>" in shown


def table(**changed: object) -> dict[str, object]:
    empty: dict[str, object] = dict.fromkeys(
        ("downloads", "left_out", "fields", "figures", "pages", "code"), ()
    )
    return {
        "title": "Names",
        "description": "",
        "facts": (),
        "package": views.Link("all", "#"),
        "shown_at": None,
        "more": False,
        "columns": ("a", "b"),
        **empty,
        **changed,
    }


def test_a_book_in_another_language_says_so_to_browsers_and_programs():
    addresses = links.Addresses("book/zone", lambda here, there: there)
    assert '<html lang="ms">' in str(render(views.WayIn("Buku", "book/index.html", "", "ms")))
    found = schema.graph("book/zone", "Zon", "chapter", "", [], addresses, "ms")
    assert found["@graph"][0]["inLanguage"] == "ms"
    assert ("citation_language", "ms") in tags("book/zone", "Zon", "chapter", "", addresses, "ms")


def test_links_with_the_same_words_that_lead_elsewhere_are_numbered():
    found = links.told_apart(
        [views.Link("A, 2017", "#a"), views.Link("A, 2017", "#b"), views.Link("A, 2017", "#a")]
    )
    assert [link.words for link in found] == ["A, 2017", "A, 2017 (2)", "A, 2017"]
