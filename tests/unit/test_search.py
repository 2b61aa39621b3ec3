"""What the search looks in, what its paragraphs are called, and which terms a chapter marks; on the made-up story."""

from __future__ import annotations

import json
import types

import pytest
from docutils import frontend, nodes, utils
from docutils.parsers.rst import Parser

from storykit import descriptor
from storykit.site import links, passages, search, terms
from storykit.site.nodes import ReceiptNode


def app(page: str = "book/zone", file: str = "book/zone.ipynb"):
    """As much of Sphinx as reading a page needs."""
    env = types.SimpleNamespace(docname=page, doc2path=lambda *_: file, titles={})
    story = types.SimpleNamespace(figures=list, engine="of a test")
    config = types.SimpleNamespace(
        external_site_map=types.SimpleNamespace(root=types.SimpleNamespace(docname="book/index", subtrees=[]))
    )
    env.titles["book/index"] = nodes.title("", "The zone")
    builder = types.SimpleNamespace(get_relative_uri=lambda _, to: f"{to}.html")
    return types.SimpleNamespace(env=env, builder=builder, story=story, config=config)


def doctree(text: str, receipt: tuple[str, str] = ("", "")) -> nodes.document:
    """A page; the word `receipt[0]` of it is a number that is read by `receipt[1]`."""
    settings = frontend.get_default_settings(Parser)
    made = utils.new_document("page", settings)
    Parser().parse(text, made)
    for found in list(made.findall(nodes.Text)):
        if receipt[0] and receipt[0] in found:
            before, _, after = found.partition(receipt[0])
            node = ReceiptNode(kind="num", inside=receipt[1])
            node += nodes.Text(receipt[0])
            found.parent.replace(found, [nodes.Text(before), node, nodes.Text(after)])
    return made


def add_table(small, name: str, key: list[str], rows: list[dict[str, str]], **more) -> None:
    fields = [{"name": column, "title": column, "type": "string"} for column in rows[0]]
    for field in fields:
        if field["name"] in ("source_ids", "see_also"):
            field |= {"type": "list", "delimiter": ";"}
    entry = {"name": name, "type": "table", "path": f"tables/{name}.csv", "title": name.title()}
    entry |= {"description": "", "schema": {"fields": fields, "primaryKey": key}, **more}
    package = descriptor.package()
    file = small / "data" / "datapackage.json"
    file.write_text(json.dumps(package | {"resources": [*package["resources"], entry]}))
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    (small / "data" / "tables" / f"{name}.csv").write_text("\n".join(lines) + "\n")


TERM = {"definition": "What is sold.", "everyday": "", "see_also": "", "source_ids": ""}


# --- what is looked in ------------------------------------------------------------------------------


def written(folder) -> dict[str, str]:
    return {file.name: file.read_text() for file in sorted((folder / "_search").iterdir())}


def test_the_same_rows_give_the_same_parts_and_old_parts_go(small, tmp_path):
    search.write(app(), tmp_path / "one")
    (tmp_path / "one" / "_search" / "texts-0.00000000.js").write_text("old")
    search.write(app(), tmp_path / "one")
    search.write(app(), tmp_path / "two")
    assert written(tmp_path / "one") == written(tmp_path / "two")


def test_values_stand_with_their_series_and_unit(small, tmp_path):
    search.write(app(), tmp_path)
    numbers = next(text for name, text in written(tmp_path).items() if name.startswith("numbers-0"))
    docs = json.loads(numbers.removeprefix("storySearch(").rstrip(")\n"))["kinds"][0]["docs"]
    held = {doc[2]: doc[6] for doc in docs}
    assert held["series/chosen.html"] == ["", " SMEs", {"MY": "2017=1972|2017~2=>1900"}]
    assert held["series/sales.html"] == ["RM", " million", {"MY": "2017=40.0|2018=52.1|2019=~110"}]


def test_what_outgrows_a_part_goes_on_in_the_next(small, monkeypatch):
    monkeypatch.setattr(search, "MOST", 40)
    kinds = [
        {"id": "a", "title": "A", "docs": [["x" * 30], ["y" * 30]]},
        {"id": "b", "title": "B", "docs": [["z"]]},
    ]
    parts = list(search._cut(kinds))
    assert [[(kind["id"], len(kind["docs"])) for kind in part] for part in parts] == [
        [("a", 1)],
        [("a", 1), ("b", 1)],
    ]


def test_a_name_without_a_source_is_apart_from_those_that_are_printed(small, tmp_path):
    things = [{"thing_id": "port", "name": "The port of Ulm", "at": "Ulm"}]
    add_table(
        small, "things", ["thing_id"], things, **{"storykit:found": {"title": ["name"], "says": ["at"]}}
    )
    names = [
        {"table": "things", "field": "thing_id", "value": "port", "name": "Hafen", "language": "de", "source_ids": "a"},
        {"table": "things", "field": "thing_id", "value": "port", "name": "Portus", "language": "la", "source_ids": ""},
        {"table": "things", "field": "at", "value": "Ulm", "name": "Ulma", "language": "la", "source_ids": ""},
    ]  # fmt: skip
    add_table(small, "names", ["table", "field", "value", "name"], names)
    kind = search._rows(app(), "things")
    assert kind["docs"] == [["The port of Ulm", "Ulm", "tables/things.html#row-port", "Hafen", "Portus Ulma"]]


# --- paragraphs -------------------------------------------------------------------------------------


def test_a_paragraph_keeps_its_name_when_a_number_changes_and_when_another_comes_before():
    made = [app(), app()]
    passages.collect(made[0], doctree("Of 12 firms some sell.", ("12", "count(firms)")))
    passages.collect(made[1], doctree("A new one.\n\nOf 13 firms some sell.", ("13", "count(firms)")))
    (one,), (_, two) = (each.env.story_passages["book/zone"] for each in made)
    assert one.id == two.id and (one.text, two.text) == ("Of 12 firms some sell.", "Of 13 firms some sell.")


def test_two_paragraphs_of_the_same_words_have_two_names_and_a_point_of_a_list_carries_its_own():
    made, page = app(), doctree("Same.\n\nSame.\n\n- A point.\n")
    passages.collect(made, page)
    ids = [passage.id for passage in made.env.story_passages["book/zone"]]
    assert len(set(ids)) == 3
    assert next(page.findall(nodes.list_item))["ids"] == [ids[2]]


# --- terms ------------------------------------------------------------------------------------------


@pytest.fixture
def glossary(small):
    rows = [
        {"term": "goods (GDS)", **TERM},
        {"term": "free goods", **TERM},
        {"term": "real", **TERM, "everyday": "true"},
    ]
    add_table(small, "glossary", ["term"], rows)


def marked(page: nodes.document, **about) -> list[tuple[str, str]]:
    terms.mark(app(**about), page)
    found = [n for n in page.findall(nodes.reference) if "term" in n["classes"]]
    return [(node.astext(), node["refuri"].split("#")[1]) for node in found]


def test_a_term_is_marked_where_a_chapter_uses_it_first_as_a_whole_word(glossary):
    page = doctree("Goodsman and non-goods, gds.\n\nFree goods, then Goods, goods, GDS and real ones.")
    text = page.astext()
    assert marked(page) == [("Free goods", "term-free-goods"), ("Goods", "term-goods-GDS")]
    assert page.astext() == text


def test_a_term_is_not_marked_in_headings_links_literals_and_numbers(glossary):
    page = doctree("Goods\n=====\n\n`goods <x.html>`__ ``goods`` 9 goods.", ("9 goods", "count(goods)"))
    assert marked(page) == []


def test_a_page_that_is_no_chapter_marks_none(glossary):
    assert marked(doctree("Some goods."), file="book/method.md") == []


def test_a_term_leads_to_its_place_in_the_glossary(glossary):
    assert links.row("glossary", "goods (GDS)") == ("book/glossary", "term-goods-GDS")
