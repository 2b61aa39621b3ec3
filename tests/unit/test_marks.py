"""Marks of a figure: where they lie in its pictures, and what each says."""

from __future__ import annotations

import itertools
import json

import pytest

from storykit import figures
from storykit.forms import said
from storykit.site import marks

SAID = "%{hovertext}<extra></extra>"


def svg(*panels: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg"><g class="overplot">{"".join(panels)}</g></svg>'


def panel(content: str, name: str = "xy", shift: str = "translate(10,20)") -> str:
    return f'<g class="{name}" transform="{shift}">{content}</g>'


def dots(number: int, *places: str) -> str:
    points = "".join(
        f'<path class="point" transform="translate({p})" d="M3.5,0A3.5,3.5 0 1,1 0,-3.5Z"/>' for p in places
    )
    return f'<g class="trace scatter tracet{number}"><g class="lines"/><g class="points">{points}</g></g>'


def bars(*outlines: str) -> str:
    points = "".join(f'<g class="point"><path d="{d}"/><text>9</text></g>' for d in outlines)
    return f'<g class="trace bars"><g class="points">{points}</g></g>'


def scatter(count: int, **more) -> dict:
    texts = [f"<b>Port</b><br>{2016 + n}: {n} ships" for n in range(count)]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": list(range(count)),
        "y": list(range(count)),
        "hovertext": texts,
        "hovertemplate": SAID,
        **more,
    }


def record(*traces: dict, rows=()) -> figures.Record:
    return figures.Record(
        id="one", kind="chart", chapter="", sources=(), rows=tuple(rows), columns=(), numeric=(), table=(),
        width=760, height=400, narrow_height=400, narrow={}, lens=None, spec={"data": list(traces), "layout": {}},
    )  # fmt: skip


def read(figure: figures.Record, wide: str, narrow: str = "") -> dict:
    """What is shipped, its numbers summed again."""
    shipped = json.loads(marks.of(figure, wide, narrow or wide))
    for name in ("trace", "head", "told", "href"):
        shipped[name] = list(itertools.accumulate(shipped[name]))
    for width in ("wide", "narrow"):
        shipped[width] = list(zip(*(itertools.accumulate(column) for column in shipped[width])))
    return shipped


def test_points_lie_where_the_picture_has_them_in_both_widths(small):
    wide, narrow = (svg(panel(dots(0, *places))) for places in (("1,2", "30.6,4"), ("1,2", "9,4")))
    found = read(record(scatter(2)), wide, narrow)
    assert found["wide"] == [(11, 22, 8, 8), (41, 24, 8, 8)]
    assert found["narrow"] == [(11, 22, 8, 8), (19, 24, 8, 8)]
    assert [found["tolds"][n] for n in found["told"]] == ["2016: 0 ships", "2017: 1 ships"]
    assert [found["heads"][n] for n in found["head"]] == ["Port", "Port"]


def test_a_gap_in_a_line_has_no_mark_and_shifts_no_other(small):
    figure = record(scatter(3, y=[1, None, 3], mode="lines+markers"))
    found = read(figure, svg(panel(dots(0, "1,1", "5,5"))))
    assert [found["tolds"][n] for n in found["told"]] == ["2016: 0 ships", "2018: 2 ships"]
    assert found["lines"] == [0]


def test_a_point_out_of_the_axes_has_no_mark(small):
    hidden = dots(0, "1,1").replace("<path", '<path style="display: none;"')
    found = read(record(scatter(1)), svg(panel(hidden)))
    assert found["wide"] == [] and found["trace"] == []


def test_a_line_without_marks_answers_at_its_corners(small):
    line = '<g class="trace scatter tracet0"><path class="js-line" d="M1,2L3,4"/></g>'
    assert read(record(scatter(2, mode="lines")), svg(panel(line)))["wide"][1][:2] == (13, 24)


def test_bars_stand_in_the_order_of_their_panel_and_a_missing_value_has_none(small):
    one = {**scatter(2), "type": "bar", "orientation": "h"}
    two = {**scatter(1), "type": "bar", "xaxis": "x2"}
    three = {**scatter(1), "type": "bar"}
    drawn = svg(
        panel(bars("M0,10V20H40V10Z", "M0,0Z") + bars("M0,0V10H0V0Z")),
        panel(bars("M0,5H10V9H0Z"), "x2y", "translate(100,0)"),
    )
    found = read(record(one, two, three), drawn)
    assert found["trace"] == [0, 1, 2] and found["bars"] == [0, 1, 2]
    assert found["wide"] == [(30, 35, 40, 10), (105, 7, 10, 4), (10, 25, 0, 10)]


def test_an_area_is_its_outline_with_the_middle_of_its_largest_part(small):
    area = '<g class="trace scatter tracet0"><g class="fills"><path class="js-fill" d="M0,0L1,0L1,1ZM10,10L30,10L30,30L10,30Z"/></g></g>'
    trace = {"type": "scatter", "mode": "lines", "fill": "toself", "name": "A", "text": "<b>State</b><br>RM5",
             "x": [0], "y": [0], "hoverinfo": "text"}  # fmt: skip
    found = read(record(trace), svg(panel(area)))
    assert found["wide"] == [(30, 40, 20, 20)]
    assert found["outlines"] == {"0": ["M10,20L11,20L11,21ZM20,30L40,30L40,50L20,50Z"] * 2}
    assert (found["heads"], found["tolds"]) == (["State"], ["RM5"])


def test_a_line_that_says_the_same_all_along_is_one_mark(small):
    """Of points on a straight line plotly draws the ends only."""
    line = '<g class="trace scatter tracet0"><path class="js-line" d="M10,50L110,50"/></g>'
    span = scatter(3, mode="lines", y=[1, 1, 1], hovertext=["<b>Sum</b><br>RM9"] * 3)
    found = read(record(span), svg(panel(line)))
    assert found["wide"] == [(70, 70, 100, 8)] and found["trace"] == [0]
    assert (found["bars"], found["lines"], found["tolds"]) == ([0], [], ["RM9"])


def test_what_says_nothing_has_no_mark(small):
    silent = {"type": "scatter", "mode": "lines", "x": [1], "y": [1], "hoverinfo": "skip"}
    off = scatter(1, visible="legendonly")
    assert read(record(silent, off, scatter(1)), svg(panel(dots(2, "1,1"))))["trace"] == [2]


@pytest.mark.parametrize(
    "figure, picture, says",
    [
        (record(scatter(3)), svg(panel(dots(0, "1,1"))), "1 marks are drawn of 3"),
        (record(scatter(1)), svg(panel("")), "trace 0 is not in its picture"),
        (record(scatter(1)), "<svg", "no SVG"),
        (record(scatter(1)), svg(panel(dots(0, "1,1").replace("translate(1,1)", "rotate(3)"))), "rotate"),
        (
            record({**scatter(1), "type": "bar"}),
            svg(panel(bars("M0,0A5,5 0 0 1 5,5V9H0Z"))),
            "straight lines",
        ),
        (record(scatter(1, hovertemplate="%{x}")), svg(panel(dots(0, "1,1"))), "worked out by plotly"),
    ],
)
def test_a_picture_that_is_not_understood_is_refused(small, figure, picture, says):
    with pytest.raises(marks.MarksError, match=says):
        marks.of(figure, picture, picture)


SALES = {"series": "sales", "geography": "MY"}
YEARS = [("observations", f"{key}") for key in ("sales/MY/2017", "chosen/MY/2017", "chosen/MY/2017~2")]


@pytest.mark.parametrize(
    "trace, rows, leads_to",
    [
        ({"meta": SALES, "hovertext": ["<b>Sales</b><br>2017: RM40.0 million"]}, YEARS, "series/sales.html#o-MY-2017"),
        ({"meta": SALES, "hovertext": ["<b>Sales</b><br>2018: RM52.1 million"]}, YEARS, ""),  # no row of the figure
        ({"meta": {**SALES, "series": "chosen"}, "hovertext": ["<b>Chosen</b><br>2017: 1,972"]}, YEARS, ""),  # two rows
        ({"hovertext": ["<b>A firm</b><br>said"]}, [("claims", "goods"), ("claims", "no-number")], "claims/no-number.html"),
        ({"hovertext": ["<b>A firm, Johor</b><br>said"]}, [("claims", "no-number")], "claims/no-number.html"),
        ({"hovertext": ["<b>2017-03</b><br>2 claims"]}, [("claims", "no-number")], ""),  # a date is no name
    ],
)  # fmt: skip
def test_a_mark_leads_to_the_one_row_that_it_shows(small, trace, rows, leads_to):
    found = read(record(scatter(1, **trace), rows=rows), svg(panel(dots(0, "1,1"))))
    assert found["hrefs"] == [leads_to]


def test_lines_that_were_broken_to_fit_are_whole_again_others_stay_apart():
    wrapped = "<b>A long name of a place that had to<br>be broken, somewhere else</b><br>live<br>place known only roughly"
    assert said.parts(wrapped) == (
        "A long name of a place that had to be broken, somewhere else",
        "live\nplace known only roughly",
    )
    long = (
        "Second batch includes Shanghai, Shenzhen and<br>Ningbo, which were named in the first plan of all."
    )
    assert said.parts(f"<b>A &amp; B</b><br>{long}")[1].count("\n") == 0
    assert said.parts("no heading <i>here</i>") == ("", "no heading here")
