"""Forms of the last chapters told anew: ladders, periods, panels of columns, gaps between counts, lines that are named."""

from __future__ import annotations

import pandas as pd
import pytest

from storykit import forms, periods


def series(geography, values):
    rows = pd.DataFrame({"period": list(values), "value": list(values.values())})
    common = {"series_id": "ships", "label": "ships", "geography": geography, "name": geography, "unit": ""}
    return rows.assign(
        date=[periods.middle(p) for p in values], nature="observed", qualifier="exact", line=True, **common
    )


def notes(form, narrow=False):
    found = form.sizes["narrow"]["annotations"] if narrow else form.layout.annotations
    return [n["text"] for n in found if n["visible"]]


def test_a_ladder_has_only_the_rungs_that_were_counted():
    rows = pd.DataFrame({"who": ["A", "B"], "live": [3.0, None], "all": [None, 9.0]})
    form = forms.ladders(
        rows, "who", {"live": "live", "all": "of all stages"}, {"live": "used", "all": "unknown hatched"}
    )
    lengths = {trace.name: [x for x in trace.x if x and x == x] for trace in form.data}
    assert lengths == {"live": [3.0], "of all stages": [9.0]}
    assert form.data[1].marker.pattern.shape == "/" and not form.data[0].marker.pattern.shape
    assert any("3 live" in text and "all stages" not in text for text in notes(form, narrow=True))


def test_a_span_lasts_from_first_to_last_day_and_without_a_period_is_a_day():
    rows = pd.DataFrame(
        {"what": ["A", "B"], "when": ["2021..2023-03", ""], "text": ["1", "2"], "said": ["", "2024-05-02"]}
    )
    bar, dot = forms.spans(rows, "what", "when", "text", "said").data
    assert (bar.x[0], bar.x[-1]) == ("2021-01-01", "2023-03-31")
    assert dot.mode == "markers" and dot.x[0] == "2024-05-02"
    with pytest.raises(ValueError, match="neither a period nor a day"):
        forms.spans(rows.assign(said=""), "what", "when", "text", "said")


def test_panels_of_columns_share_their_axes():
    rows = pd.DataFrame({"who": ["a", "a", "b"], "year": [2020, 2022, 2021], "n": [1.0, 5.0, 2.0]})
    form = forms.small_columns(rows, "who", "year", {"n": "ships"}, {"n": "ramp-5"})
    assert form.layout.xaxis.range == form.layout.xaxis2.range
    assert form.layout.yaxis.range == form.layout.yaxis2.range and form.layout.yaxis.range[1] >= 5
    narrow = form.sizes["narrow"]
    assert narrow["yaxis"]["domain"][0] > narrow["yaxis2"]["domain"][1]  # below one another on a phone


def test_a_stroke_joins_the_two_counts_of_a_period_that_has_both():
    form = forms.mirror(
        series("HERE", {"2021": 3.0, "2022": 4.0}), series("HERE", {"2022": 7.0}), gaps=True, joined=False
    )
    stroke = form.data[0]
    assert list(stroke.y) == [4.0, 7.0, None]


def test_only_lines_that_are_named_are_labelled():
    rows = pd.concat([series("A", {"2021": 3.0, "2022": 4.0}), series("B", {"2021": 1.0, "2022": 2.0})])
    told = " ".join(notes(forms.lines(rows, by="geography", named=["A"])))
    assert "A" in told and "B" not in told
    assert len(forms.lines(rows, by="geography", named=["A"]).data) == 2
