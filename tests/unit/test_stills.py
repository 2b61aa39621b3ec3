"""A guided story: what its stills draw is what their numbers say, each complete by itself."""

from __future__ import annotations

import re

import lxml.html
import pytest
from docutils import nodes, utils

from storykit import pages, receipts
from storykit.site import directives, markup, reference, stills
from storykit.site.templates import render

PROMISE = '{num}`claims("thousand-firms").target_value` :: promised :: to be chosen'
LIST = "{num}`chosen/MY/2017` :: built :: on the list"
GOODS = '{num}`claims("goods").target_value` :: unknown :: of goods :: no count found'
DAY = '{num}`claims("thousand-firms").due_by` :: promised :: the last day'


@pytest.fixture
def draw(small):
    writer = markup.PageWriter("book/zone", lambda here, there: f"../{there}.html")

    def drawn(*lines, **options):
        return lxml.html.fragment_fromstring(
            render(reference.PARTS["still"](writer, None, {"content": list(lines), **options})),
            create_parent="div",
        )

    return drawn


def squares(element) -> int:
    """How many squares a path's dashes cut it into."""
    side, gap = map(int, element.get("stroke-dasharray").split())
    return sum(int(length) // (side + gap) for length in re.findall(r"h(\d+)", element.get("d")))


def blocks(drawn) -> dict[str, int]:
    return {
        group.get("class"): squares(group.xpath("./path[not(@class)]")[0])
        for group in drawn.xpath("//g[path]")
    }


def test_there_is_one_square_for_each_that_is_counted(draw):
    drawn = draw(f"squares :: {PROMISE}", f"squares :: {LIST}")
    assert blocks(drawn) == {"is-promised": 1500, "is-built": 1972}
    assert [e.text_content() for e in drawn.xpath("//li//strong")] == ["1,500 SMEs", "1,972 SMEs"]


def test_a_count_keeps_its_place_from_still_to_still(draw):
    shown = [[f"squares :: {PROMISE}"], [f"squares :: {PROMISE}", f"squares :: {LIST}"]]
    first, second = (draw(*lines, shown=shown).xpath("//g/path")[0].get("d") for lines in shown)
    assert first == second


def test_areas_are_to_scale_and_say_what_stands_in_them(draw):
    drawn = draw(
        f"area :: {GOODS}", 'area :: {num}`claims("goods").target_value / 4` :: built :: a quarter of it'
    )
    whole, quarter = (int(r.get("width")) for r in drawn.xpath("//rect"))
    assert abs(whole - 2 * quarter) <= 1
    assert drawn.xpath("string(//*[name()='text'])") == "no count found"


def test_days_stand_on_their_line_with_its_years(draw):
    drawn = draw(f"day :: {DAY}")
    assert drawn.xpath("string(//*[name()='text'])") == "2017"
    assert int(drawn.xpath("//circle/@cx")[0]) == stills.WIDTH - stills.EDGE


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"circle :: {PROMISE}", "'circle' is no shape; there are squares, area, day"),
        ("squares :: {num}`chosen/MY/2017` :: seen :: on the list", "'seen' is no state"),
        ("squares :: 1,500 :: promised :: to be chosen", "must be one {num} role"),
        (f"squares :: {DAY}", "squares draws a number"),
        (f"day :: {PROMISE}", "day draws a date"),
        ("squares :: {num}`growth/MY/2018` :: built :: growth", "cannot be drawn as squares"),
        (f"area :: {GOODS} at all, in any year", "has no room; at most 20 letters"),
        (f"squares :: {PROMISE} :: a :: b", "is not of the form shape :: number :: state :: label"),
    ],
)
def test_what_cannot_be_drawn_is_named(draw, line, words):
    with pytest.raises(receipts.ReceiptError, match=re.escape(words)):
        draw(line)


def test_areas_of_two_units_are_refused(draw):
    with pytest.raises(receipts.ReceiptError, match="of one unit"):
        draw(f"area :: {GOODS}", f"area :: {LIST}")


def test_each_step_leads_to_those_beside_it(draw):
    steps = [("the-promise", "The promise"), ("the-list", "The list"), ("the-silence", "The silence")]
    links = [
        draw(f"squares :: {LIST}", steps=steps, at=at).xpath("//p[@class='still-turn']/a/@href")
        for at in range(3)
    ]
    assert links == [["#the-list"], ["#the-promise", "#the-silence"], ["#the-list"]]


def _section(name: str, *inside) -> nodes.section:
    return nodes.section("", nodes.title("", name), *inside, ids=[name])


def _still(line: str) -> directives.PartNode:
    return directives.PartNode(make="still", options={"content": [line]})


def test_the_sections_of_a_page_s_stills_stand_together():
    after = _section("after")
    document = utils.new_document("page")
    document += _section("title", _section("one", _still("a")), _section("two", _still("b")), after)
    directives.gather(None, document)
    (together,) = document.findall(nodes.container)
    assert [step["ids"] for step in together] == [["one"], ["two"]] and together["classes"] == ["steps"]
    assert together.parent.index(after) == 2
    told = [node["options"] for node in document.findall(directives.PartNode)]
    assert [options["at"] for options in told] == [0, 1]
    assert all(options["shown"] == [["a"], ["b"]] for options in told)
    assert told[0]["steps"] == [("one", "one"), ("two", "two")]


# --- this book's guided story ---------------------------------------------------------------------

PAGE = "from-promise-to-parcels"


def test_every_step_of_the_book_s_story_draws_what_its_facts_say(monkeypatch):
    names = receipts.of_page(PAGE)
    shown = [
        [receipts.expanded(line, names) for line in block.text.strip().split("\n")]
        for block in pages.page(PAGE).blocks("story")
    ]
    writer = markup.PageWriter(f"book/{PAGE}", lambda here, there: f"../{there}.html")
    said = []
    for content in shown:
        drawn = lxml.html.fragment_fromstring(
            render(reference.PARTS["still"](writer, None, {"content": content, "shown": shown})),
            create_parent="div",
        )
        counted = [
            receipts.receipt(inside).value
            for line in content
            if line.startswith("squares")
            for _, inside in receipts.roles(line)[:1]
        ]
        assert list(blocks(drawn).values()) == [value.amount for value in counted]
        assert len(drawn.xpath("//rect")) == sum(line.startswith("area") for line in content)
        assert len(drawn.xpath("//circle")) == sum(line.startswith("day") for line in content)
        said.append([e.text_content() for e in drawn.xpath("//li//strong")])
    facts = [
        [receipts.said("num", f"@{name}", names) for name in ("pioneers", "selected", "helped", "goods")]
    ]
    assert (
        said[0] == facts[0][:1]
        and said[1] == facts[0][:2]
        and said[3] == facts[0][:3]
        and said[4] == facts[0][3:]
    )
