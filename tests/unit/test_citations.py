"""One citation in four forms, which all say the same, and mean themselves whatever stands in a title."""

from __future__ import annotations

import json

import pytest

from storykit.site import citations, links, summaries
from storykit.site.templates import render

PARTS = [kind for kind in citations.MEDIA if kind not in ("book", "package")]
KINDS = [*PARTS, *citations.FOLDERS.values(), "page"]


@pytest.fixture
def cite(small):
    def cited(page="claims/goods", title="Goods worth it.", kind="claim", base=""):
        addresses = links.Addresses(page, lambda here, there: f"../{there}.html", base)
        return citations.citation(page, title, kind, addresses)

    return cited


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("98% used it", r"98\% used it"),
        ("US$65 & {more}", r"US\$65 \& \{more\}"),
        ("a_b #1", r"a\_b \#1"),
        ("a~b^c\\d", r"a\textasciitilde{}b\textasciicircum{}c\textbackslash{}d"),
        ("Malaysia’s 13 Mai", "Malaysia’s 13 Mai"),
    ],
)
def test_a_citation_means_itself_to_tex(cite, words, written):
    cited = cite("figures/zone-sales", words, "figure")
    bibtex = cited.bibtex
    assert bibtex.startswith("@misc{zone-sales,\n") and f"  title = {{{written}}},\n" in bibtex
    assert bibtex.endswith("  note = {Data version 1.0.0}\n}") and words in cited.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("base", ["", "https://host.example/repo/"])
def test_every_form_names_author_title_date_version_and_address(cite, kind, base):
    cited = cite("series/sales", "What was sold", kind, base)
    address = "https://host.example/repo/series/sales.html" if base else ""
    for form in (cited.text, cited.bibtex, cited.ris, cited.csl):
        assert all(words in form for words in ("Nobody", "What was sold", "1.0.0", "2026", address)), form
    (item,) = json.loads(cited.csl)
    assert item.get("URL", "") == address and item["issued"] == {"date-parts": [[2026, 11, 23]]}
    assert cited.page == ("" if base else "series/sales.html")


@pytest.mark.parametrize(("kind", "name"), [("book", "small"), ("package", "small-data")])
def test_the_book_and_its_data_are_cited_as_themselves(cite, kind, name):
    cited = cite("book/index", "Front page", kind)
    assert cited.name == name and cited.text.startswith("Nobody: A small story")
    assert " in A small story" not in cited.bibtex and "Front page" not in cited.csl


def test_ris_is_one_field_a_line_from_type_to_end(cite):
    lines = cite(title="A, b: \u201cc\u201d").ris.split("\r\n")
    assert lines[0] == "TY  - ELEC" and lines[-2:] == ["ER  - ", ""]
    assert "TI  - A, b: \u201cc\u201d" in lines


def test_what_a_page_is_follows_from_its_folder():
    assert citations.kind_of("series/sales") == "series"
    assert citations.kind_of("book/zone") == "page"
    assert citations.kind_of("book/zone", chapter=True) == "chapter"
    assert all(
        citations.kind_of(f"{citations.folder_of(kind)}/x") == kind for kind in citations.FOLDERS.values()
    )


def test_the_files_of_a_citation_are_whole_in_the_page(cite):
    html = render(cite(title="50 % & #1 <b>"))
    assert "data:application/x-research-info-systems;charset=utf-8,TY%20%20-%20ELEC%0D%0A" in html
    assert "%2550" not in html and "50%20%25%20%26%20%231%20%3Cb%3E" in html


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("", ""),
        ("Firms on the list", "Firms on the list."),
        ("One. Two.", "One. Two."),
        ("One  \n is. " + "Long " * 70 + "end.", "One is."),
        ("Long " * 70 + "end. More.", "Long " * 70 + "end."),
        ("It grew by 3.5 percent in the year. Then?", "It grew by 3.5 percent in the year. Then?"),
        ("Who said \u201cnothing.\u201d And left", "Who said \u201cnothing.\u201d"),
    ],
)
def test_a_summary_ends_at_a_sentence(text, short):
    assert summaries.of(text) == short
