"""The figure contract: each breach is refused and named, and all at once."""

from __future__ import annotations

import json

import pandas as pd
import plotly.graph_objects as go
import pytest

from storykit import descriptor, figures, pages, tables
from storykit.site import figure_view
from storykit.words import Words

TEXTS = {
    "title": "Sales rose to {num}`sales/MY/2018`",
    "subtitle": "Sales, RM million, Malaysia",
    "description": "A short line that climbs from {num}`sales/MY/2017` to about three times as much two years later.",
    "columns": "period = Year | value = Sales",
}


def figure(plot=None, *, id: str = "zone-sales", data=None, drawn=("period", "value"), **more):
    """A figure with words of its own: texts are given by name, all else as to `figures.Figure`."""
    texts = {**TEXTS, **{name: more.pop(name) for name in TEXTS.keys() & more.keys()}}
    place = pages.Place("book/zone.ipynb", 1, 1)
    words = Words(id, "zone", texts, place, dict.fromkeys(texts, place))
    if "table" not in more:
        more["columns"] = drawn
    return figures.Figure(plot or line(), id=id, data=rows() if data is None else data, words=words, **more)


SALES = {"series": "sales", "geography": "MY"}


def rows():
    return tables.observations("sales", geography="MY")


def line(frame=None, **meta):
    frame = rows() if frame is None else frame
    return go.Figure(
        go.Scatter(x=frame["date"], y=frame["value"], name="sales", mode="lines", meta=meta or SALES)
    )


def append(folder, row: str) -> None:
    with open(folder / "data/tables/observations.csv", "a", encoding="utf-8") as stream:
        stream.write(row + "\n")


def refused(plot=None, **changes):
    with pytest.raises(figures.FigureError) as caught:
        figure(plot, **changes)
    return str(caught.value)


def test_a_figure_that_keeps_the_contract(small):
    made = figure()
    record = made.record()
    assert record.sources == ("paper",)
    assert ("observations", "sales/MY/2018") in record.rows
    assert record.spec["data"][0]["y"] == [40.0, 52.1, 110.0]
    assert "template" not in record.spec["layout"]
    assert made._repr_mimebundle_()["text/plain"].startswith("Sales rose to RM52.1 million")


def test_in_an_editor_the_title_has_room_above_what_the_form_has_planned(small):
    plot = line().update_layout(margin={"l": 90, "t": 30}, annotations=[{"text": "a mark"}])
    made = figure(plot, height=300)
    layout = made._repr_mimebundle_()["application/vnd.plotly.v1+json"]["layout"]
    room = layout["height"] - made.height
    assert layout["margin"] == {"l": 90, "t": 30 + room} and room > 20
    mark, title = layout["annotations"]
    assert mark["text"] == "a mark" and title["text"].startswith("Sales rose to RM52.1 million")
    assert (title["xshift"], title["yshift"]) == (-90, 30)


def test_what_a_notebook_keeps_of_a_figure_is_the_whole_record(small):
    made = figure(lens={"label": "Place", "default": ["MY"]})
    kept = json.loads(json.dumps(made.record().to_json()))
    assert figures.Record.from_json(kept) == made.record()


def credited(*frames) -> list[tuple[str, str]]:
    return list(figure(data=[rows(), *frames]).record().rows[3:])


def test_every_key_column_credits_the_rows_it_names(small):
    outcomes = tables.load("outcomes").loc[["o2"]].assign(observation_id="growth/MY/2018")
    assert credited(outcomes) == [
        ("observations", "growth/MY/2018"),
        ("claims", "goods"),
        ("outcomes", "o2"),
    ]


def test_an_empty_key_credits_nothing(small):
    frame = tables.load("claims").loc[["goods"] * 3].assign(claim_id=["", None, float("nan")])
    assert credited(frame) == []


def test_a_key_that_means_something_else_elsewhere_credits_nothing(small):
    """A country's code is the key of a table of capitals, and in every other table just a country."""
    resources = descriptor.package()["resources"]
    fields = [{"name": "geography", "type": "string"}, {"name": "confidence", "type": "string"}]
    key = {"fields": fields, "primaryKey": ["geography"]}
    capitals = {"name": "capitals", "type": "table", "path": "tables/capitals.csv", "schema": key}
    descriptor.file().write_text(descriptor.text(resources=[*resources, capitals]))
    assert "geography" not in figures._key_columns()


def test_the_tables_of_the_book_are_all_credited_but_for_two(project):
    """A field named like another table's key without a reference to it would silently take the credit away."""
    sure = {
        n for n in descriptor.names() if "confidence" in {field["name"] for field in descriptor.fields(n)}
    }
    assert sure - set(figures._key_columns().values()) == {"capitals", "names"}, (
        "no other table refers to these"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "title is missing"),
        ({"subtitle": " "}, "subtitle is missing"),
        ({"description": ""}, "description is missing"),
        ({"description": TEXTS["title"]}, "only repeats the title"),
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
    assert text.startswith("no chapter, figure X:")
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


@pytest.mark.parametrize("meta", [{"series": "sales"}, {"geography": "MY"}, {"note": "nothing"}])
def test_a_line_must_say_what_it_joins(small, meta):
    assert "does not say which series it joins, and of which place" in refused(line(**meta))


def test_a_line_over_values_that_may_not_be_joined(small):
    assert "may not be joined" in refused(line(**SALES | {"series": "chosen"}))


def test_a_line_of_a_series_that_does_not_exist(small):
    assert "names series 'nobody', which does not exist" in refused(line(**SALES | {"series": "nobody"}))


def test_a_line_that_mixes_bases(small):
    mixed = tables.observations("sales", "later", geography="MY")
    assert "joins 90, which is no leading value of series sales in MY" in refused(line(mixed), data=mixed)


def test_a_line_that_mixes_places(small):
    append(small, "sales/SG/2018,sales,SG,2018,70,exact,observed,lead,,paper,high,")
    both = tables.observations("sales")
    text = refused(line(both), data=both)
    assert "joins 70, which is no leading value of series sales in MY" in text
    text = refused(line(both, **SALES | {"geography": "SG"}), data=both)
    assert "joins 40, which is no leading value of series sales in SG" in text
    there = tables.observations("sales", geography="SG")
    figure(line(there, **SALES | {"geography": "SG"}), data=there)


def test_a_line_that_mixes_what_leads_with_what_others_say(small):
    append(small, "sales/MY/2018~2,sales,MY,2018,50,exact,observed,alternative,,paper,low,")
    both = tables.observations("sales", lead=False)
    text = refused(line(both), data=both)
    assert "joins 50, which is no leading value of series sales in MY" in text


def test_an_axis_with_two_units(small):
    growth = tables.observations("growth", geography="MY")
    both = line()
    bars = {"x": growth["date"], "y": growth["value"], "meta": {"series": "growth", "geography": "MY"}}
    both.add_bar(**bars)
    data = [rows(), growth]
    table = pd.concat(data)[["period", "value"]]
    told = refused(both, data=data, table=table)
    assert "draws sales in RM million and growth in % on one axis" in told
    converted = line()
    converted.add_bar(**bars | {"meta": {"series": "growth", "geography": "MY", "unit": "myr_million"}})
    figure(converted, data=data, table=table)
    apart = line()
    apart.add_bar(**bars, yaxis="y2")
    figure(apart, data=data, table=table)


def test_a_guide_needs_no_series(small):
    plot = line()
    plot.add_scatter(x=["2017", "2019"], y=[99, 99], mode="lines", meta={"guide": True}, name="goal")
    figure(plot, data=rows())


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


def test_a_value_keeps_the_digits_it_was_recorded_with(small):
    record = figure().record()
    assert [row[1] for row in record.table] == ["40.0", 52.1, 110]
    assert record.numeric == (False, True)
    assert figure_view.table(record, "Sales").rows[0][1] == "40.0"


def test_yes_and_no_are_words_in_the_table(small):
    table = rows()[["period", "value"]].assign(note=pd.array([True, False, None], dtype="boolean"))
    record = figure(table=table, columns="period = Year | value = Sales | note = Sold").record()
    assert [row[2] for row in record.table] == ["yes", "no", ""]
    assert record.numeric == (False, True, False)


def test_a_lens_of_words_alone_shows_all_that_is_drawn(small):
    plot = line(**SALES, lens="SG").add_traces(line(**SALES, lens="MY").data)
    assert figure(plot, lens="Countries").record().lens == {"label": "Countries", "default": ["MY", "SG"]}
