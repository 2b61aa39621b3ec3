"""The books that the benchmarks make up hold: a benchmark that stops before it measures says nothing."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from storykit import checks, descriptor, project, tables

SOURCE = Path(__file__).parent.parent.parent


@pytest.fixture
def benchmark(monkeypatch):
    """Gives a module of the benchmarks, which stand beside the package and import one another."""
    monkeypatch.setattr(sys, "path", [str(SOURCE / "benchmarks"), *sys.path])
    return importlib.import_module


def test_the_made_up_package_holds_and_grows_as_asked(benchmark, tmp_path):
    root = benchmark("scale").package(
        SOURCE, tmp_path / "made-up", own_tables=2, observations=600, per_series=200
    )
    with project.reading(root):
        assert checks.check() == []
        assert len(tables.load("observations")) == 600 and len(tables.load("series")) == 3
        assert len(tables.load("own_002")) == 10


def test_who_reads_an_observation_is_found_out(benchmark, small):
    folder = small / "_build" / ".storykit" / "reads"
    folder.mkdir(parents=True)
    (folder / "zone.txt").write_text(
        "row:observations:sales/MY/2018\nrows:observations?series_id == 'growth'\n"
    )
    (folder / "use.txt").write_text(
        "rows:observations?series_id in ['sales', 'growth']\ncolumn:claims:due_by\n"
    )
    readers = dict(
        zip(tables.load("observations").index, benchmark("rebuild")._readers_of_observations(small))
    )
    assert readers["growth/MY/2018"] == readers["sales/MY/2018"] == {"zone", "use"}
    assert readers["sales/MY/2017"] == {"use"} and readers["chosen/MY/2017"] == set()


def test_nearly_every_table_of_ours_has_a_cell_that_the_benchmark_may_change(benchmark):
    with project.reading(SOURCE):
        free = {name: benchmark("rebuild").free_column(name) for name in descriptor.names()}
    assert len(free) > 20
    assert [name for name, column in free.items() if not column] == ["partnership_parties"]
