"""Some rows of a large table are the same, whether the table was read or its copy by column."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from storykit import columnar, descriptor, project, tables
from storykit.project import DataError

ODD = [
    "",
    'said "so", twice',
    "two\nlines",
    "NA",
    "null",
    "it's",
    "  spaces ",
    "马来西亚",
    "1e5",
    "a;b",
    "\\N",
]


@pytest.fixture
def observations(small):
    """The small package with a note of every kind in its observations; gives their file."""
    file = small / "data" / "tables" / "observations.csv"
    with open(file, newline="", encoding="utf-8") as stream:
        header, *rows = csv.reader(stream)
    first, note = rows[0], header.index("note")
    for number, text in enumerate(ODD):
        row = [*first]
        row[header.index("observation_id")] = f"chosen/MY/{1990 + number}"
        row[header.index("period")] = str(1990 + number)
        row[note] = text
        rows.append(row)
    with open(file, "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    return file


def both(monkeypatch, read):
    """What a reader gets of the table as a whole, and of its copy by column."""
    whole = read()
    monkeypatch.setattr(tables, "LARGE", 0)
    return whole, read()


QUERIES = [
    "series_id in ['chosen', 'sales']",
    "series_id == 'chosen' and standing == 'lead'",
    "series_id == 'chosen' and series_id in ['sales']",
    "note == ''",
    *(f"note == {text!r}" for text in ODD),
    "value > 50",
    "series_id == 'chosen' and value > 1900",
    "series_id != 'chosen'",
    "series_id == 'chosen' or geography == 'MY'",
    "series_id in []",
    "standing == geography",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_condition_selects_the_same_rows(observations, monkeypatch, query):
    whole, some = both(monkeypatch, lambda: tables.rows("observations", query))
    pd.testing.assert_frame_equal(whole, some)


def test_keys_give_the_same_rows_in_the_order_asked_for(observations, monkeypatch):
    keys = ["sales/MY/2018", "chosen/MY/1991", "sales/MY/2017"]
    whole, some = both(monkeypatch, lambda: tables.rows("observations", keys))
    pd.testing.assert_frame_equal(whole, some)
    assert list(some.index) == keys
    with pytest.raises(DataError, match="no row sales/MY/1800"):
        tables.rows("observations", ["sales/MY/1800"])


def test_observations_are_the_same(observations, monkeypatch):
    whole, some = both(
        monkeypatch, lambda: tables.observations("sales", "chosen", geography="MY", lead=False)
    )
    pd.testing.assert_frame_equal(whole, some)
    assert "40.0" in list(some["recorded"])
    with pytest.raises(DataError, match="No observation of sales for SG"):
        tables.observations("sales", geography="SG")


def test_what_pandas_cannot_ask_is_refused_in_the_same_words(observations, monkeypatch):
    def refused():
        with pytest.raises(Exception) as fault:
            tables.rows("observations", "no_field == 'x'")
        return str(fault.value)

    whole, some = both(monkeypatch, refused)
    assert whole == some


def test_a_large_table_is_not_read_for_some_of_its_rows(observations, monkeypatch):
    monkeypatch.setattr(tables, "LARGE", 0)
    monkeypatch.setattr(tables, "_raw", lambda file, modified: pytest.fail(f"{file} was read"))
    assert len(columnar.texts("observations", {"series_id": ["sales"]})) == 3
    assert len(tables.rows("observations", "series_id == 'sales'")) == 3
    assert len(tables.rows("observations", ["sales/MY/2018"])) == 1


def test_a_changed_table_has_another_copy_and_a_damaged_one_is_made_again(observations, monkeypatch):
    monkeypatch.setattr(tables, "LARGE", 0)
    folder = project.root() / "_build" / ".storykit" / "by-column"
    assert len(tables.rows("observations", "series_id == 'growth'")) == 1
    (copy,) = folder.glob("*.parquet")
    copy.write_bytes(copy.read_bytes()[:100])
    assert len(tables.rows("observations", "series_id == 'growth'")) == 1
    observations.write_text(
        observations.read_text(encoding="utf-8").replace("growth/MY/2018,growth", "growth/MY/2018,sales")
    )
    assert tables.rows("observations", "series_id == 'growth'").empty
    assert [f.name for f in folder.iterdir()] != [copy.name] and len(list(folder.iterdir())) == 1


def test_a_table_of_this_book_is_read_as_a_whole(small):
    assert not any(tables.is_large(name) for name in descriptor.names())
