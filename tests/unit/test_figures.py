"""The figure contract: each breach is refused and named, and all at once."""

from __future__ import annotations

import json

import plotly.graph_objects as go
import pytest

from storykit import chapters, figures, tables

WORDS = {
    "id": "zone-sales",
    "title": "Sales rose to {num}`sales/MY/2018`",
    "subtitle": "Sales, RM million, Malaysia",
    "description": "A short line that climbs from {num}`sales/MY/2017` to about three times as much two years later.",
}


def rows():
    return tables.observations("sales", geography="MY")


def line(frame=None, **meta):
    frame = rows() if frame is None else frame
    return go.Figure(
        go.Scatter(
            x=frame["date"], y=frame["value"], name="sales", mode="lines", meta=meta or {"series": "sales"}
        )
    )


@pytest.fixture(autouse=True)
def _no_chapter(monkeypatch):
    monkeypatch.setattr(chapters, "_chapter", None)


def refused(plot=None, **changes):
    words = {**WORDS, "data": rows(), **changes}
    with pytest.raises(figures.FigureError) as caught:
        figures.Figure(plot or line(), **words)
    return str(caught.value)


def test_a_figure_that_keeps_the_contract(small):
    figure = figures.Figure(line(), **WORDS, data=rows())
    payload = json.loads(json.dumps(figure.payload()))
    assert payload["sources"] == ["paper"]
    assert ["observations", "sales/MY/2018"] in payload["rows"]
    assert payload["spec"]["data"][0]["y"] == [40.0, 52.1, 110.0]
    assert "template" not in payload["spec"]["layout"]
    assert figure._repr_mimebundle_()["text/plain"].startswith("Sales rose to RM52.1 million")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "title is missing"),
        ({"subtitle": " "}, "subtitle is missing"),
        ({"description": ""}, "description is missing"),
        ({"description": WORDS["title"]}, "only repeats the title"),
        ({"description": "A line that rises."}, "shorter than"),
        ({"title": "Sales rose to 52.1 million"}, "typed number"),
        ({"title": "Sales rose to {num}`sales/MY/1999`"}, "has no row"),
        (
            {
                "description": "A {holds}`falling <sales/MY/2018 < sales/MY/2017>` line that goes on and on for a while."
            },
            "no longer support",
        ),
        ({"id": "Zone Sales"}, "kebab-case"),
        ({"sources": ["nobody"]}, "unknown sources: nobody"),
    ],
)
def test_each_breach_is_named(small, changes, words):
    assert words in refused(**changes)


def test_all_breaches_at_once_with_the_place(small):
    text = refused(title="", description="", id="X")
    assert text.startswith("chapter (none), figure X:")
    assert text.count("\n  - ") == 3


def test_without_sources(small):
    assert "sources are missing" in refused(data=rows().drop(columns="source_ids"))


def test_without_table(small):
    assert "table is missing" in refused(table=rows().iloc[:0])


def test_a_value_that_is_not_finite(small):
    frame = rows()
    frame.loc[0, "value"] = float("inf")
    assert "not finite" in refused(line(frame))


def test_a_number_that_does_not_stand_in_the_table(small):
    frame = rows()
    frame.loc[0, "value"] = 41.0
    assert "draws 41, which does not stand in the figure's table" in refused(line(frame))


def test_a_line_must_say_what_it_joins(small):
    assert "does not say which series" in refused(line(note="nothing"))


def test_a_line_over_values_that_may_not_be_joined(small):
    assert "may not be joined" in refused(line(series="chosen"))


def test_a_line_that_mixes_bases(small):
    mixed = tables.observations("sales", "later", geography="MY")
    text = refused(line(mixed), data=mixed)
    assert "joins 90, which is no value of series sales" in text


def test_a_guide_needs_no_series(small):
    plot = line()
    plot.add_scatter(x=["2017", "2019"], y=[99, 99], mode="lines", meta={"guide": True}, name="goal")
    figures.Figure(plot, **WORDS, data=rows())


def test_too_heavy(small):
    import random

    dice = random.Random(1)
    plot = line()
    plot.add_scatter(x=[dice.random() for _ in range(40_000)], y=["a"] * 40_000, mode="markers", name="many")
    assert "bytes gzipped; at most" in refused(plot)


def test_typed_arrays_become_lists():
    import numpy

    spec = figures.plain_spec(go.Figure(go.Bar(x=numpy.array([1, 2]), y=numpy.array([1.5, 2.5]))))
    assert spec["data"][0]["y"] == [1.5, 2.5]
