"""Forms: what they draw, how it looks alike everywhere, and that words fit at both widths."""

from __future__ import annotations

import itertools
import json
import math
import re

import geopandas
import pandas as pd
import plotly.graph_objects as go
import pytest
from shapely.geometry import box

from storykit import figures, forms, look, pages, periods, project, tables
from storykit.words import Words


def series(name="sales", geography="MY", values=None, **more):
    """Rows as `tables.observations` gives them; `values` is {period: value}."""
    values = values or {"2017": 40.0, "2018": 52.1, "2019": 110.0}
    rows = pd.DataFrame({"period": list(values), "value": list(values.values())})
    fixed = {
        "series_id": name,
        "geography": geography,
        "label": name.title(),
        "name": geography,
        "unit": "myr_million",
        "nature": "observed",
        "qualifier": "exact",
        "line": True,
        **more,
    }
    return rows.assign(date=[periods.middle(p) for p in rows["period"]], **fixed)


def counts(**more):
    names = ["Chosen", "A long name that needs more than one line beside its bar", "Third"]
    return pd.DataFrame({"name": names, "value": [1500.0, 1972.0, 70.0], **more})


@pytest.fixture
def squares():
    """Three areas in a row of 2 x 2 degrees, and one far east of them."""
    shapes = [box(100, 0, 102, 2), box(102, 0, 104, 2), box(104, 0, 106, 2), box(120, 0, 122, 2)]
    frame = geopandas.GeoDataFrame(
        {"geography": list("ABCD"), "name": ["Aa", "Bb", "Cc", "Dd"]}, geometry=shapes, crs=4326
    )
    return frame.set_index("geography", drop=False).rename_axis(None)


def drawn(form):
    return figures.plain_spec(form)


def widths(form):
    """The layout at 760 px and at 360 px, as plotly would see them."""
    narrow = forms.Form(form)
    narrow.update_layout(form.sizes["narrow"])
    return [drawn(form)["layout"], drawn(narrow)["layout"]]


def every_form(squares):
    events = pd.DataFrame(
        {
            "date": ["2017-05-13", "2017-05", "2019"],
            "thread": ["a", "a", "b"],
            "title": ["x", "y", "z"],
            "description": ["", "…", ""],
            "short": ["x", "", ""],
        }
    )
    slips = pd.DataFrame({"n": ["a", "b"], "p": ["2019", "2020"], "h": ["2020-11-03", ""]})
    pairs = pd.DataFrame({"n": ["a", "b"], "x": [10.0, 20.0], "y": [4.0, math.nan]})
    both = pd.concat([series(), series("later", values={"2019": 90.0, "2020": 95.0})])
    goal = pd.DataFrame({"period": ["2020"], "value": [200.0], "label": ["said in 2016"]})
    places = pd.DataFrame(
        {"lat": [1.0, 1.0], "lon": [101.0, 101.0], "label": ["p", "q"], "precision": ["city", ""]}
    )
    return {
        "lines": forms.lines(both, goal=(100, "a goal", "2020"), annotate=[("2018", 52.1, "a moment")]),
        "points": forms.points(series().assign(t=["a", "b", "c"]), label="t"),
        "mirror": forms.mirror(series(), series("later"), labels=("here", "there")),
        "goals": forms.goals(series(), goal),
        "bars": forms.bars(counts(state=["promised", "built", "used"]), "name", "value", states="state"),
        "columns": forms.bars(counts(name=["2017", "2018", "2019"]), "name", "value", horizontal=False),
        "steps": forms.steps_to_scale(counts(w=["x", "y", "z"]), "name", "value", "w"),
        "areas": forms.areas([65e9, 13e6], ["<b>much</b>", "little"], states=["promised", "used"]),
        "stacked": forms.stacked_bars(pairs.fillna(1), "n", {"x": "Goods", "y": "Services"}),
        "stacked-h": forms.stacked_bars(
            pairs.fillna(1), "n", {"x": "Goods", "y": "Services"}, horizontal=True
        ),
        "paired": forms.paired_bars(pairs, "n", "x", "y", words=("asked", "granted")),
        "dots": forms.range_dots(counts(name=["a", "a", "b"]), "name", "value"),
        "slips": forms.slips(slips, "p", "h", "n"),
        "timeline": forms.timeline(events, named="short", mark=("2017-05-13", "a day")),
        "multiples": forms.small_multiples(pd.concat([series(), series(geography="SG")]), reference="MY"),
        "choropleth": forms.choropleth(squares, pd.Series({"A": 1, "B": 5}), [2], names={"A": "Aa"}),
        "point_map": forms.point_map(squares, places, key={"built": "open"}, named=["p"]),
    }


# --- all forms alike ------------------------------------------------------------------------------


def test_every_form_is_a_plain_figure_for_the_small_plotly(small, squares):
    for name, form in every_form(squares).items():
        assert isinstance(form, go.Figure), name
        assert {t.type for t in form.data} <= {"scatter", "bar"}, name
        assert all(t.name for t in form.data), name
        assert "title" not in drawn(form)["layout"], name
        assert set(form.sizes) == {"height", "narrow_height", "narrow"} and form.sizes["height"] > 100, name
        json.dumps(form.sizes)


def test_every_form_is_drawn_alike_twice(small, squares):
    first, second = every_form(squares), every_form(squares)
    for name in first:
        assert drawn(first[name]) == drawn(second[name]), name
        assert first[name].sizes == second[name].sizes, name


def test_colours_come_from_tokens_only(small, squares):
    known = {c.lower() for c in look.tokens()["light"].values()}
    for name, form in every_form(squares).items():
        text = json.dumps([drawn(form), form.sizes["narrow"]])
        assert {c.lower() for c in re.findall(r"#[0-9a-fA-F]{6}\b", text)} <= known, name
        assert "rgb(" not in text, name


def test_narrow_annotations_replace_or_merge_alike(small, squares):
    for name, form in every_form(squares).items():
        wide, narrow = form.layout.annotations, form.sizes["narrow"]["annotations"]
        assert len(wide) == len(narrow), name
        for one, other in zip(wide, narrow, strict=True):
            assert set(one.to_plotly_json()) <= set(other), name


def test_every_joined_line_says_what_it_joins(small, squares):
    for name, form in every_form(squares).items():
        for trace in form.data:
            if trace.type == "scatter" and "lines" in trace.mode:
                assert set(trace.meta) & {"series", "guide", "layout"}, (name, trace.name)


# --- lines ----------------------------------------------------------------------------------------


def test_lines_keep_the_contract_of_a_figure(small):
    rows = tables.observations("sales", geography="MY")
    plot = forms.lines(rows, annotate=[("2018", 52.1, "a moment")])
    texts = {
        "title": "Sales rose",
        "subtitle": "RM million",
        "description": "A line that climbs from the lower left corner to the upper right one.",
        "columns": "period = Period | value = RM million",
    }
    said = Words("zone-sales", "", texts, pages.Place("book/zone.ipynb", 2, 1))
    figure = figures.Figure(plot, id="zone-sales", data=rows, columns=["period", "value"], words=said)
    assert figure.record().narrow["annotations"]
    assert plot.data[0].meta == {"series": "sales", "geography": "MY"}


def test_series_and_geographies_are_never_joined():
    rows = pd.concat([series(), series(geography="SG"), series("later")])
    form = forms.lines(rows, by="geography")
    assert all(t.meta["lens"] == t.meta["geography"] for t in form.data)
    assert sorted((t.meta["series"], t.meta["geography"]) for t in form.data) == [
        ("later", "MY"),
        ("sales", "MY"),
        ("sales", "SG"),
    ]


def test_a_missing_year_is_a_gap():
    form = forms.lines(series(values={"2015": 1, "2016": 2, "2017": 3, "2019": 5}))
    assert list(form.data[0].y) == [1, 2, 3, None, 5]
    assert "2018" in form.data[0].x[3]


def test_no_line_comes_to_a_row_named_as_a_break(small):
    rows = tables.observations("sales", geography="MY")
    form = forms.lines(rows, breaks=["sales/MY/2019"])
    assert list(form.data[0].y) == [40.0, 52.1, None, 110.0]
    assert None not in forms.lines(rows).data[0].y


def test_words_for_an_observation_are_pointed_at_it(small):
    rows = pd.concat([tables.observations("sales", geography="MY"), tables.observations("later")])
    form = forms.lines(rows, labels={"sales": "Books", "sales/MY/2018": "a moment"})
    notes = {note.text.split(" <b>")[0]: note for note in form.layout.annotations}
    assert {"Books", "a moment"} <= set(notes) and (notes["a moment"].x, notes["a moment"].y) == (
        "2018-07-02",
        52.1,
    )


def test_two_lines_with_the_same_words_have_names_of_their_own():
    rows = pd.concat([series(), series("later", values={"2019": 90.0, "2020": 95.0})])
    form = forms.lines(rows, labels={"sales": "books", "later": "books"})
    assert [t.name for t in form.data] == ["Sales", "Later"]


def test_a_break_that_is_not_drawn_is_refused_by_name(small):
    rows = tables.observations("sales", geography="MY", until="2018")
    with pytest.raises(project.DataError, match=r"Not among the rows drawn: sales/MY/2019"):
        forms.lines(rows, breaks=["sales/MY/2019"])


def test_only_the_series_named_are_joined():
    rows = pd.concat([series(), series("later", values={"2019": 90.0, "2020": 95.0})])
    form = forms.lines(rows, joined=["later"])
    assert {t.meta["series"]: "lines" in t.mode for t in form.data} == {"sales": False, "later": True}


def test_a_goal_may_be_a_claim(small):
    form = forms.lines(series(values={"2017": 900.0, "2018": 1972.0}, unit="smes"), goal="thousand-firms")
    assert "Goal for 31 December 2017: 1,500 SMEs" in [note.text for note in form.layout.annotations]
    with pytest.raises(project.DataError, match="claims has no row 'ten-firms'"):
        forms.lines(series(), goal="ten-firms")


def test_a_forecast_is_dotted_hollow_and_apart():
    rows = pd.concat([series(), series(values={"2020": 150.0, "2021": 190.0}, nature="forecast")])
    seen, guess = forms.lines(rows).data
    assert seen.line.dash == "solid" and guess.line.dash == "dot"
    assert guess.marker.color == look.colour("surface") and seen.marker.color != guess.marker.color
    assert not set(seen.x) & set(guess.x)


def test_a_series_that_may_not_be_joined_gets_points():
    assert forms.lines(series(line=False)).data[0].mode == "markers"
    assert forms.points(series()).data[0].mode == "markers"


def test_one_colour_named_turns_the_others_grey():
    rows = pd.concat([series(), series(geography="SG")])
    grey, named = forms.lines(rows, by="geography", colours={"MY": "built"}).data
    assert (named.meta["lens"], named.line.color) == ("MY", look.colour("built"))
    assert grey.line.color == look.colour("unknown") and grey.line.width < named.line.width


def test_the_axis_starts_at_zero_where_little_is_lost():
    assert forms.lines(series()).layout.yaxis.range[0] == 0
    assert forms.lines(series(values={"2017": 97.0, "2018": 99.0})).layout.yaxis.range[0] > 90
    assert forms.lines(series(values={"2017": 97.0, "2018": 99.0}), zero=True).layout.yaxis.range[0] == 0


def test_a_log_axis_says_so_and_refuses_zero():
    form = forms.lines(series(values={"2017": 1.0, "2018": 1000.0}), log=True)
    assert any("Log scale" in a.text for a in form.layout.annotations)
    with pytest.raises(ValueError, match="log axis"):
        forms.lines(series(values={"2017": 0.0, "2018": 1000.0}), log=True)


def test_a_goal_is_a_dashed_guide_with_its_words():
    form = forms.lines(series(), goal=(200, "Goal: two hundred", "2020"))
    guide = next(t for t in form.data if t.meta == {"guide": True} and "lines" in t.mode)
    assert guide.line.dash == "dash" and set(guide.y) == {200}
    assert any("two hundred" in a.text for a in form.layout.annotations)
    assert form.layout.yaxis.range[1] >= 200


def test_goals_are_checked_numbers_at_their_dates():
    goal = pd.DataFrame({"period": ["2020", "2025"], "value": [200.0, 300.0], "label": ["first", "second"]})
    marks = forms.goals(series(), goal).data[-1]
    assert list(marks.y) == [200, 300] and marks.meta is None and marks.marker.symbol == "diamond-open"
    assert [x[:4] for x in marks.x] == ["2020", "2025"]


def test_labels_of_lines_that_end_together_do_not_overlap():
    rows = pd.concat(
        [series(geography=g, values={"2017": 10.0, "2018": 50.0 + i / 10}) for i, g in enumerate("ABCDEF")]
    )
    form = forms.lines(rows, by="geography")
    plot = 400 - 44
    span = form.layout.yaxis.range[1] - form.layout.yaxis.range[0]
    labels = [a for a in form.layout.annotations if a.visible and a.text[0] in "ABCDEF"]
    px = sorted(a.y / span * plot + (-a.ay if a.showarrow else a.yshift) for a in labels)
    assert len(px) == 6 and min(b - a for a, b in itertools.pairwise(px)) > 14


# --- bars -----------------------------------------------------------------------------------------


def test_a_bar_without_a_label_of_its_own_has_its_number(small):
    form = forms.bars(counts(t=["over 1,500", "", None]), "name", "value", label="t")
    assert [text for trace in form.data for text in trace.text] == ["over 1,500", "1,972", "70"]


def test_bars_start_at_zero_and_their_numbers_fit_at_both_widths():
    form = forms.bars(counts(), "name", "value")
    for layout, width in zip(widths(form), (figures.WIDTH, figures.NARROW), strict=True):
        low, high = layout["xaxis"]["range"]
        assert low == 0
        plot = width - layout["margin"]["l"] - layout["margin"]["r"]
        for bar in form.data:
            for value, text in zip(bar.x, bar.text, strict=True):
                assert value / high * plot + forms.text_width(text) + 4 <= plot + 1


def test_names_stand_above_the_bars_on_a_phone():
    wide, narrow = widths(forms.bars(counts(), "name", "value"))
    assert not any(a["visible"] for a in wide["annotations"])
    assert all(a["visible"] for a in narrow["annotations"]) and narrow["yaxis"]["showticklabels"] is False
    assert max(map(len, narrow["annotations"][1]["text"].split("<br>"))) <= 44


def test_the_states_are_drawn_alike_everywhere():
    rows = counts(state=["promised", "built", "used"])
    rows.loc[3] = ["Fourth", math.nan, "unknown"]
    bars = {t.name: t for t in forms.bars(rows, "name", "value", states="state").data}
    surface = look.colour("surface")
    assert (bars["promised"].marker.color, bars["promised"].marker.line.color) == (
        surface,
        look.colour("promised"),
    )
    assert bars["promised"].marker.line.width >= 2
    assert bars["built"].marker.color == look.colour("built") and bars["used"].marker.color == look.colour(
        "used"
    )
    unknown = bars["no published figure"]
    assert unknown.marker.pattern.shape == "/" and unknown.text == ("no published figure",)
    assert unknown.meta == {"layout": True} and bars["built"].meta is None


def test_bars_refuse_what_they_cannot_draw():
    with pytest.raises(ValueError, match="'halfway' is no state"):
        forms.bars(counts(state=["built", "halfway", "used"]), "name", "value", states="state")
    with pytest.raises(ValueError, match="same category"):
        forms.bars(counts(name=["a", "a", "b"]), "name", "value")


def test_texts_of_the_data_are_escaped():
    form = forms.bars(counts(name=["<b>x</b>", "y & z", "w"]), "name", "value")
    text = json.dumps([drawn(form), form.sizes["narrow"]])
    assert "<b>x</b>" not in text and "&lt;b&gt;x&lt;/b&gt;" in text and "y &amp; z" in text


def test_parts_add_up_and_a_missing_part_is_left_out():
    rows = pd.DataFrame({"y": ["2017", "2018"], "a": [10.0, 20.0], "b": [5.0, math.nan]})
    form = forms.stacked_bars(rows, "y", {"a": "Goods", "b": "Services"})
    assert form.layout.barmode == "stack" and list(form.data[1].y) == [5.0, None]
    assert [a.text for a in form.layout.annotations if a.visible][-2:] == ["15", "20"]


def test_a_label_that_had_to_move_has_a_leader_and_an_older_value_its_year(small):
    rows = pd.concat(
        [
            series(geography="A", values={"2017": 10.0, "2019": 50.0}),
            series(geography="B", values={"2017": 10.0, "2019": 50.1}),
            series(geography="C", values={"2017": 10.0, "2018": 20.0}),
        ]
    )
    notes = {a.text[0]: a for a in forms.lines(rows, by="geography").layout.annotations}
    assert notes["A"].showarrow and notes["B"].showarrow
    assert "(2018)" in notes["C"].text and "(" not in notes["A"].text


def test_words_bear_the_name_of_the_trace_they_go_with(small):
    rows = pd.concat([series(geography="MY"), series(geography="SG", values={"2017": 1.0, "2018": 2.0})])
    value = float(series()["value"].iloc[1])
    form = forms.lines(rows, by="geography", annotate=[(series()["period"].iloc[1], value, "a moment")])
    owners = {a.text: a.name for a in form.layout.annotations}
    names = {t.name for t in form.data}
    assert owners["a moment"] in names and set(owners.values()) == names
    assert [a["name"] for a in form.sizes["narrow"]["annotations"]] == [
        a.name for a in form.layout.annotations
    ]


def test_lanes_say_where_they_stand_so_that_a_hidden_one_leaves_no_gap():
    events = pd.DataFrame(
        {"date": ["2017-05-13", "2017-05", "2019"], "thread": list("aab"), "title": list("xyz")}
    )
    form = forms.timeline(events, {"a": "upper", "b": "lower"}, more=None)
    upper, lower = (
        next(t for t in form.data if t.name == n and t.mode == "markers") for n in ("upper", "lower")
    )
    assert lower.meta["band"][0] == 0 and lower.meta["band"][1] == upper.meta["band"][0]
    assert form.layout.yaxis.range[1] == pytest.approx(upper.meta["band"][1])
    assert all(upper.meta["band"][0] < y < upper.meta["band"][1] for y in upper.y)
    assert {n.name for n in form.layout.annotations} == {"upper", "lower"}


def test_a_pair_says_what_is_missing():
    rows = pd.DataFrame({"n": ["a", "b"], "x": [440.0, 808.0], "y": [96.0, math.nan]})
    form = forms.paired_bars(rows, "n", "x", "y", words=("asked", "granted"))
    assert form.data[0].width > form.data[1].width and form.data[0].marker.color == look.colour("surface")
    texts = [a.text for a in form.layout.annotations]
    assert "asked 440, granted <b>96</b>" in texts
    assert "asked 808, no figure" in texts


def test_slips_in_months():
    rows = pd.DataFrame(
        {
            "n": list("abcd"),
            "p": [["2018", "2019"], "2018-03", "2017-10", "2020"],
            "h": ["2020-11-03", "2017-10-30", "", "2024-03"],
        }
    )
    form = forms.slips(rows, "p", "h", "n")
    texts = [a.text for a in form.layout.annotations]
    assert "<b>22 months late</b>" in texts and "4 months early" in texts and "no date found" in texts
    assert "<b>about 38 months late</b>" in texts
    promised, happened = form.data[-2:]
    assert len(promised.x) == 5 and len(happened.x) == 3 and promised.marker.color == look.colour("surface")
    assert promised.x[0] == "2018-12-31"


@pytest.mark.parametrize(
    ("promised", "happened", "words"),
    [
        ("2019", "2019", "on time"),
        ("2019", "2019-05", "on time"),
        ("2019-12", "2019", "on time"),
        ("2019-06", "2019", "about on time"),
        ("2019-06-30", "2019-06-30", "on time"),
        ("2019-06-30", "2019-06-27", "on time"),
        ("2019", "2018-11", "about 2 months early"),
        ("2019-06", "2019-07-01", "<b>1 day late</b>"),
        ("2019-06", "2019-07-20", "<b>1 month late</b>"),
        ("2019-01-31", "2019-02", "<b>about 1 month late</b>"),
        (["2018", "2020"], "2020", "<b>about 18 months late</b>"),
        ([], "2020", "no date promised"),
        ("2019", "", "no date found"),
    ],
)
def test_no_more_is_said_of_a_slip_than_the_dates_tell(promised, happened, words):
    rows = pd.DataFrame({"n": ["a", "b"], "p": [promised, "2019"], "h": [happened, "2021-02-03"]})
    texts = [a.text for a in forms.slips(rows, "p", "h", "n").layout.annotations]
    assert texts[-2:] == [words, "<b>13 months late</b>"]


def test_the_narrow_layout_is_changed_by_name_only():
    form = forms.bars(pd.DataFrame({"n": ["a", "b"], "v": [1.0, 2.0]}), "n", "v")
    before = form.sizes
    form.sizes["narrow"].clear()
    assert form.sizes == before
    assert form.set_narrow(xaxis={"nticks": 3}, margin={"t": 99}, annotations=[]) is form
    narrow = form.sizes["narrow"]
    assert narrow["xaxis"] == before["narrow"].get("xaxis", {}) | {"nticks": 3}
    assert narrow["margin"] == before["narrow"]["margin"] | {"t": 99} and narrow["annotations"] == []
    assert form.sizes["height"] == before["height"]


# --- areas, time, panels ----------------------------------------------------------------------------


def test_areas_are_true_to_scale_and_the_small_one_is_found():
    form = forms.areas([65e9, 13.4e6], ["a", "b"])
    sides = [max(t.x[:-1]) - min(t.x) for t in form.data if t.mode == "lines"]
    assert sides[0] ** 2 / sides[1] ** 2 == pytest.approx(65e9 / 13.4e6, rel=1e-6)
    assert [t.marker.symbol for t in form.data if t.mode == "markers"] == ["circle-open"]
    for layout in widths(form):
        assert layout["yaxis"]["scaleanchor"] == "x"


def test_dots_of_a_lane_do_not_hide_each_other():
    days = pd.date_range("2017-01-01", "2019-12-31", periods=150).strftime("%Y-%m-%d")
    events = pd.DataFrame({"date": days, "thread": ["a", "b"] * 75, "title": "t", "description": ""})
    form = forms.timeline(events, {"a": "One", "b": "Two"})
    lanes = [t for t in form.data if t.mode == "markers"]
    assert [t.name for t in lanes] == ["One", "Two"] and sum(len(t.x) for t in lanes) == 150
    ends = [pd.Timestamp(e) for e in form.layout.xaxis.range]
    per_day = (figures.NARROW - 16) / (ends[1] - ends[0]).days
    per_level = (form.sizes["narrow_height"] - 54) / (form.layout.yaxis.range[1])
    for lane in lanes:
        dots = [
            ((pd.Timestamp(x) - ends[0]).days * per_day, y * per_level)
            for x, y in zip(lane.x, lane.y, strict=True)
        ]
        close = min(math.dist(a, b) for i, a in enumerate(dots) for b in dots[:i])
        assert close > 7.5


def test_undated_events_are_left_out():
    events = pd.DataFrame(
        {"date": ["2017", "undated"], "thread": "a", "title": ["x", "y"], "description": ""}
    )
    assert sum(len(t.x) for t in forms.timeline(events).data if t.mode == "markers") == 1


def test_a_lane_of_a_timeline_is_hollow_where_its_symbol_is_open_and_chosen_where_there_is_a_lens():
    events = pd.DataFrame({"date": ["2017", "2018"], "thread": ["said", "done"], "title": ["A", "B"]})
    form = forms.timeline(events, colours={"said": "promised circle-open", "done": "built"})
    said, done = (trace.marker for trace in form.data if trace.mode == "markers")
    assert (said.symbol, said.color, said.line.width) == ("circle-open", look.colour("promised"), 2)
    assert not any("lens" in (trace.meta or {}) for trace in form.data)
    chosen = forms.timeline(events, lens=True)
    assert [trace.meta["lens"] for trace in chosen.data if trace.mode == "markers"] == ["said", "done"]
    assert (done.symbol, done.color, done.line.width) == (None, look.colour("built"), 1)


def test_panels_share_axes_and_do_not_overlap():
    rows = pd.concat([series(geography=g) for g in "ABCDE"])
    form = forms.small_multiples(rows, ncols=3)
    for layout, columns in zip(widths(form), (3, 2), strict=True):
        boxes = [(layout[f"xaxis{i}"]["domain"], layout[f"yaxis{i}"]["domain"]) for i in ("", 2, 3, 4, 5)]
        assert len({b[0][0] for b in boxes}) == columns
        for i, (x, y) in enumerate(boxes):
            assert not any(x[0] < u[1] and u[0] < x[1] and y[0] < v[1] and v[0] < y[1] for u, v in boxes[:i])
    assert len({tuple(form.layout[f"yaxis{i}"].range) for i in ("", 2, 5)}) == 1
    assert forms.narrow_domains(form, 1)[1] > form.sizes["narrow_height"]


# --- maps ----------------------------------------------------------------------------------------


def test_classes_end_inclusively_and_no_figure_is_said(squares):
    form = forms.choropleth(squares, pd.Series({"A": 10.0, "B": 10.1, "C": 20.0}), [10, 20], unit="percent")
    fill = {t.name: t.fillcolor for t in form.data if t.fill}
    assert fill["Aa"] == look.colour("ramp-1") and fill["Bb"] == fill["Cc"] == look.colour("ramp-3")
    assert fill["Dd"] == look.colour("surface")
    assert "no figure" in form.layout.annotations[0].text
    assert "no published figure" in next(t.text for t in form.data if t.name == "Dd")
    with pytest.raises(ValueError, match="five colours"):
        forms.choropleth(squares, pd.Series({"A": 1}), [1, 2, 3, 4, 5])


def test_panels_of_a_map_have_one_scale_and_stack_on_a_phone(squares):
    form = forms.choropleth(squares, pd.Series({"A": 1, "D": 2}), [1], panels=[["A", "B", "C"], ["D"]])
    for layout, width in zip(widths(form), (figures.WIDTH, figures.NARROW), strict=True):
        scales = []
        for i in ("", "2"):
            low, high = layout[f"xaxis{i}"]["range"]
            start, end = layout[f"xaxis{i}"]["domain"]
            scales.append((end - start) * (width - 16) / (high - low))
        if width == figures.WIDTH:
            assert scales[0] == pytest.approx(scales[1], rel=0.01)
            assert layout["xaxis"]["domain"][1] < layout["xaxis2"]["domain"][0]
        else:
            assert layout["yaxis"]["domain"][0] > layout["yaxis2"]["domain"][1]


def test_an_equal_area_projection_suits_the_extent(squares):
    assert "laea" in forms.projection(squares) and "eqearth" in forms.projection(
        squares, (-170, -50, 170, 70)
    )


def test_marks_at_one_place_move_apart_alike(squares):
    places = pd.DataFrame(
        {"lat": [1.0] * 6, "lon": [101.0] * 6, "label": list("abcdef"), "size": [9, 1, 1, 1, 1, 1]}
    )
    trace = forms.point_map(squares, places).data[-1]
    spots = list(zip(trace.x, trace.y, strict=True))
    assert len(set(spots)) == 6 and trace.marker.size[0] == max(trace.marker.size) == 28
    placed = forms.spiral([(0.0, 0.0)] * 3, [10, 10, 10], 1.0)
    assert (
        placed[0] == (0.0, 0.0)
        and min(math.dist(a, b) for a, b in [(placed[0], placed[1]), (placed[1], placed[2])]) >= 7
    )


def test_a_rough_place_has_a_ring_and_the_key_says_so(squares):
    places = pd.DataFrame(
        {"lat": [1.0, 1.5], "lon": [101.0, 105.0], "label": ["a", "b"], "precision": ["city", "site"]}
    )
    form = forms.point_map(squares, places, key={"built": "open"})
    rings = [t for t in form.data if t.marker.symbol == "circle-open"]
    assert [len(t.x) for t in rings] == [1]
    assert "known only roughly" in form.layout.annotations[0].text
    assert "known only roughly" not in json.dumps(drawn(forms.point_map(squares, places.tail(1))))


def windows(squares, **more):
    places = pd.DataFrame(
        {
            "lat": [1.0, 1.2, 3.0, 1.0],
            "lon": [100.5, 101.4, 104.0, 120.0],
            "label": ["a", "b", "c", "far off"],
            "size": [500.0, 20.0, math.nan, 1.0],
        }
    )
    boxes = [(100, 0, 102, 4), (102, 0, 106, 4)]
    return forms.point_map(squares, places, panels=boxes, **more)


def test_windows_with_a_common_edge_are_one_map_and_on_a_phone_each_is_as_wide_as_it(squares):
    wide, narrow = widths(windows(squares))
    assert wide["xaxis"]["domain"][1] == pytest.approx(wide["xaxis2"]["domain"][0])
    assert wide["xaxis"]["range"][1] == pytest.approx(wide["xaxis2"]["range"][0])
    for axis in ("xaxis", "xaxis2"):
        assert narrow[axis]["domain"] == pytest.approx([0, 1], abs=0.01)
    assert narrow["yaxis"]["domain"][0] > narrow["yaxis2"]["domain"][1]
    low, high = narrow["yaxis"]["range"]
    assert high - low < wide["yaxis"]["range"][1] - wide["yaxis"]["range"][0]  # empty sea is left out


def test_what_lies_outside_all_windows_is_not_drawn(squares):
    marks = [t for t in windows(squares).data if t.mode == "markers"]
    assert sum(len(t.x) for t in marks) == 3


def test_areas_have_a_key_and_towns_a_name_without_a_leader(squares):
    towns = pd.DataFrame({"lat": [1.1], "lon": [104.0], "label": ["Town"]})
    form = windows(squares, towns=towns, size_unit="MW", largest=20)
    words = [n.text for n in form.layout.annotations]
    assert {"100 MW", "500 MW", "<i>Town</i>"} <= set(words)
    scale = next(t for t in form.data if t.name == "key of areas").marker.size
    assert scale[1] == pytest.approx(20) and scale[0] == pytest.approx(20 / math.sqrt(5), abs=0.1)
    assert not form.layout.annotations[words.index("<i>Town</i>")].showarrow


def test_a_name_does_not_stand_at_the_mark_of_another(squares):
    places = pd.DataFrame({"lat": [1.0, 1.0], "lon": [102.0, 102.25], "label": ["Left of both", "Right"]})
    form = forms.point_map(squares, places, named=["Left of both"], clip=(100, 0, 106, 4))
    note = next(n for n in form.layout.annotations if n.text == "Left of both")
    assert note.xanchor == "right"  # in the middle above it would stand over the other one, too


# --- words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"), [(1972, "1,972"), (0.456, "0.46"), (52.1, "52.1"), (-3.5, "−3.5"), (math.nan, "")]
)
def test_numbers_as_readers_write_them(value, text):
    assert forms.number(value) == text


def test_wrapped_lines_are_short_and_even():
    lines = forms.wrap("Iskandar Puteri campus of a company with a very long name", 24).split("<br>")
    assert max(map(len, lines)) <= 24 and min(map(len, lines)) >= 12


def test_dodged_boxes_keep_apart_and_in_order():
    got = forms.dodge([50, 51, 52, 200], [16] * 4, 0, 300)
    assert all(b - a >= 15.5 for a, b in itertools.pairwise(got)) and got[3] == 200


def test_a_text_of_a_row_takes_the_first_template_it_has_all_fields_for():
    rows = pd.DataFrame(
        {"opened": ["2017-05", "", ""], "seen": ["", "2018", ""], "km": [1234.5, 2.0, math.nan]}
    )
    assert forms.told(rows, "{opened:date}", "by {seen:date}", "unknown") == [
        "May 2017",
        "by 2018",
        "unknown",
    ]
    assert forms.told(rows[:2], "{km:,.0f} km") == ["1,234 km", "2 km"]
    assert forms.told(rows[2:], "Closed {opened:date}.") == ["Closed ."]


def test_lists_of_colours_and_labels_go_by_the_order_of_the_series():
    both = pd.concat([series(), series("later")])
    form = forms.lines(both, colours=["built", "highlight"], labels=["now", "then"])
    assert [t.name for t in form.data] == ["now", "then"]
    assert [t.line.color for t in form.data] == [look.colour("built"), look.colour("highlight")]
    with pytest.raises(ValueError, match="shorter"):
        forms.lines(both, colours=["built"])


def test_an_observation_is_annotated_where_it_stands_with_its_number(small):
    rows = tables.observations("sales", geography="MY")
    form = forms.lines(rows, annotate={"sales/MY/2018": "{} in that year"})
    notes = [n for n in drawn(form)["layout"]["annotations"] if "in that year" in n["text"]]
    assert [n["y"] for n in notes if "RM52.1" in n["text"]] == [52.1]


def test_columns_that_are_words_are_parts_with_their_colours_in_order():
    rows = pd.DataFrame({"n": ["a"], "Goods": [1.0], "Services": [2.0]})
    form = forms.stacked_bars(rows, "n", ["Goods", "Services"], colours=["used", "built"])
    assert [(t.name, t.marker.color) for t in form.data] == [
        ("Goods", look.colour("used")),
        ("Services", look.colour("built")),
    ]


def test_a_second_unit_stands_under_the_first_at_both_widths():
    form = forms.range_dots(counts(name=["a", "a", "b"]), "name", "value", unit="km", also=(0.01, "ms"))
    for layout in widths(form):
        words = dict(zip(layout["xaxis"]["tickvals"], layout["xaxis"]["ticktext"]))
        assert words[1000] == "1,000 km<br>10 ms"
