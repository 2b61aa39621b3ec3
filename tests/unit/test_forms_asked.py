"""Forms drawn for a question: matrix, turns, batches on maps, bars of two scales, promises with the day they were said."""

from __future__ import annotations

import geopandas
import pandas as pd
import pytest
from shapely.geometry import box

from storykit import forms


def notes(form, narrow=False):
    found = form.sizes["narrow"]["annotations"] if narrow else form.layout.annotations
    return [n["text"] for n in found if n["visible"]]


CELLS = pd.DataFrame(
    {
        "who": ["A ministry", "A ministry", "A firm"],
        "whom": ["North", "South", "South"],
        "n": ["12", "3", "5"],
        "more": ["4 at work", "0 at work", "5 at work"],
        "shade": ["ramp-5", "ramp-2", "ramp-2"],
    }
)


def test_a_matrix_has_a_square_only_where_two_meet():
    form = forms.matrix(
        CELLS, "who", "whom", "n", more="more", token="shade", columns=["South", "North", "East"]
    )
    squares = {(y, x): t for trace in form.data for x, y, t in zip(trace.x, trace.y, trace.text)}
    assert squares == {("A ministry", 1): "12", ("A ministry", 0): "3", ("A firm", 0): "5"}
    for narrow in (False, True):
        assert {"South", "North", "East", "4 at work"} <= set(notes(form, narrow))


def test_a_matrix_keeps_its_key_above_the_names_of_columns():
    form = forms.matrix(CELLS, "who", "whom", "n", key=[("■", "ramp-5", "signed")])
    key, head = form.layout.annotations[0], next(n for n in form.layout.annotations if n.text == "North")
    assert key.yshift > head.yshift + 12 and form.layout.margin.t > key.yshift


CHANGES = pd.DataFrame(
    {
        "who": ["Here", "There", "There"],
        "day": ["2017-10", "2019-06-10", "2019-12-30"],
        "turn": ["up-open", "down", "down"],
        "short": ["to 800", "cut to a very small sum", "to 3"],
    }
)


def test_turns_point_up_and_down_and_say_what_it_means():
    form = forms.turns(CHANGES, "who", "day", "turn", "short", {"up-open": "rise announced", "down": "cut"})
    symbols = {trace.name: trace.marker.symbol for trace in form.data if trace.mode == "markers"}
    assert symbols == {"up-open": "triangle-up", "down": "triangle-down"}
    assert "rise announced" in notes(form)[0] and "▽" not in notes(form)[0]
    first = next(n for n in form.layout.annotations if n.text == "cut to a very small sum")
    assert first.xanchor == "right"  # to the right it would lie on the next mark


def test_a_turn_that_is_none_is_refused():
    with pytest.raises(ValueError, match="'sideways' is no turn; there are up, down, up-open, down-open"):
        forms.turns(CHANGES.assign(turn="sideways"), "who", "day", "turn", "short", {})


def test_each_small_map_shows_its_batch_and_those_before():
    land = geopandas.GeoDataFrame({"name": ["Aa"]}, geometry=[box(100, 0, 140, 30)], crs=4326)
    points = pd.DataFrame(
        {
            "lon": [110.0, 112.0, 120.0],
            "lat": [10.0, 12.0, 20.0],
            "label": ["a", "b", "c"],
            "batch": ["x", "y", "y"],
        }
    )
    form = forms.map_batches(
        land, points, "batch", (100, 0, 140, 30), {"x": "First", "y": "Second"}, ("new", "earlier")
    )
    counted = [(t.name, len(t.x)) for t in form.data if t.mode == "markers"]
    assert counted == [("earlier", 0), ("First", 1), ("earlier", 1), ("Second", 2)]
    assert notes(form)[:2] == ["<b>First</b> +1", "<b>Second</b> +2"]
    assert form.sizes["narrow_height"] < form.sizes["height"] * 2


STEPS = pd.DataFrame(
    {"what": ["All", "Trained", "Selected", "Helped", "Exporting"], "n": [900_000.0, 300_000.0, 2_000.0, 70.0, None],
     "state": ["", "built", "built", "used", "unknown"]}
)  # fmt: skip
KEY = {"built": "trained", "used": "helped", "unknown": "not counted"}


def test_bars_of_two_scales_keep_their_true_lengths_and_say_the_factor():
    form = forms.steps_to_scale(STEPS, "what", "n", states="state", key=KEY, zoom=5000)
    lengths = {y: (x, t.xaxis or "x") for t in form.data for x, y in zip(t.x, t.y)}
    assert lengths["Trained"] == (300_000, "x") and lengths["Helped"] == (70, "x2")
    assert lengths["Selected"] == (2_000, "x2") and "Drawn 450 times as large from here on" not in lengths
    ends = form.layout.xaxis.range[1] / form.layout.xaxis2.range[1]
    assert ends == pytest.approx(450)
    assert any("Drawn 450 times as large" in text for text in notes(form, narrow=True))


def test_a_key_names_only_what_is_drawn():
    form = forms.bars(STEPS, "what", "n", states="state", key=KEY)
    assert "helped" in notes(form)[0] and "published" not in notes(form)[0]
    with pytest.raises(ValueError, match="The key names 'promised', which is not drawn"):
        forms.bars(STEPS, "what", "n", states="state", key={**KEY, "promised": "to come"})


def test_a_promise_begins_on_the_day_it_was_made():
    rows = pd.DataFrame(
        {"what": ["One", "Two"], "said": ["2017-05-12"] * 2, "due": ["2017-10", ""], "came": ["2017-11-03", ""],
         "end": ["met late", "no answer"]}
    )  # fmt: skip
    key = {"said": "said", "promised": "due", "happened": "came"}
    form = forms.slips(rows, "due", "came", "what", said="said", told="end", key=key)
    begins = {t.y[0]: t.x[0] for t in form.data if t.mode == "lines"}
    assert begins == {"One": "2017-05-12", "Two": "2017-05-12"}
    assert {"met late", "no answer"} <= set(notes(form))
