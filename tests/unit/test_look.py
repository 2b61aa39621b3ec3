"""Looks and labels of values come from the descriptor, and a value without one is named."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from storykit import look, project

KIND = {
    "name": "kind",
    "type": "string",
    "categories": [
        {"value": "ferry", "label": "Ferries", "storykit:look": "built square"},
        {"value": "barge", "label": "Barges", "storykit:look": "promised circle-open"},
        {"value": "raft", "label": "Rafts"},
    ],
}
AFLOAT = {
    "name": "afloat",
    "type": "boolean",
    "storykit:look": {"true": "highlight diamond", "false": "built circle"},
}


@pytest.fixture(autouse=True)
def ships(small):
    """A table of ships in the descriptor of the small package."""
    file = small / "data" / "datapackage.json"
    package = json.loads(file.read_text())
    package["resources"].append(
        {"name": "ships", "type": "table", "path": "", "schema": {"fields": [KIND, AFLOAT]}}
    )
    file.write_text(json.dumps(package))


def frame(**columns):
    return pd.DataFrame({"kind": ["barge", "ferry"], **columns})


def looks(rows):
    return list(zip(rows["colour"], rows["symbol"]))


def test_a_category_has_a_colour_and_a_symbol():
    assert looks(look.marked(frame(), "ships.kind")) == [("promised", "circle-open"), ("built", "square")]


def test_yes_and_no_have_looks():
    rows = frame(afloat=pd.array([True, False], dtype="boolean"))
    assert looks(look.marked(rows, "ships.afloat")) == [("highlight", "diamond"), ("built", "circle")]


@pytest.mark.parametrize(
    ("column", "values", "named"),
    [("kind", ["raft", "ferry"], "'raft' of ships.kind"), ("afloat", [True, None], "'<NA>' of ships.afloat")],
)
def test_a_value_without_a_look_is_named(column, values, named):
    kind = "boolean" if column == "afloat" else "object"
    rows = frame(**{column: pd.array(values, dtype=kind)})
    with pytest.raises(project.DataError, match=named):
        look.marked(rows, f"ships.{column}")


def test_the_entry_of_a_key_that_names_a_value_is_its_look():
    rows = frame(year=["2017", "2019"])
    key = {"ramp-5 diamond": "2016 and 2017", "ramp-4": "2019"}
    assert looks(look.keyed(rows, rows["year"], key)) == [("ramp-5", "diamond"), ("ramp-4", "circle")]


@pytest.mark.parametrize(
    ("key", "where"),
    [
        ({"ramp-5": "2017"}, "'2019' stands in no entry"),
        ({"ramp-5": "2017", "ramp-4": "2017 and 2019"}, "'2017' stands in several entries"),
    ],
)
def test_a_value_of_no_or_two_entries_of_a_key_is_named(key, where):
    rows = frame(year=["2017", "2019"])
    with pytest.raises(project.DataError, match=where):
        look.keyed(rows, rows["year"], key)


def test_labels_stand_for_values_in_the_order_of_the_descriptor():
    kinds = look.labelled(frame(), "ships.kind")["kind"]
    assert list(kinds) == ["Barges", "Ferries"]
    assert list(kinds.cat.categories) == ["Ferries", "Barges"]
    assert kinds.cat.ordered


def test_a_value_that_is_no_category_has_no_label():
    with pytest.raises(project.DataError, match=r"'canoe' is no category of ships\.kind"):
        look.labelled(frame(kind=["canoe", "ferry"]), "ships.kind")


def test_colours_go_by_label():
    assert look.colours("ships.kind") == {"Ferries": "built", "Barges": "promised"}
