"""The update report, between two states of a small repository."""

from __future__ import annotations

import csv
import json
import subprocess

import pytest

from storykit import cli, descriptor, project, report


def git(folder, *words):
    subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org", *words],
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(small):
    (small / "book/zone.md").write_text(
        "Sold: {num}`sales/MY/2018`, share {num}`sales/MY/2018 / sales/MY/2017 | percent`; {holds}`rose <sales/MY/2018 > sales/MY/2017>`; {num}`growth/MY/2018`"
    )
    git(small, "init", "-q")
    git(small, "add", "-A")
    git(small, "commit", "-qm", "first")
    return small


def edit(folder, table, old, new):
    file = folder / "data" / "tables" / f"{table}.csv"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_nothing_changed(repository):
    assert report.markdown(report.compare()) == "# Data update\n\nNothing changed.\n"


def test_a_changed_value_moves_numbers_and_sentences(repository):
    edit(repository, "observations", "sales/MY/2018,sales,MY,2018,52.1", "sales/MY/2018,sales,MY,2018,20.5")
    found = report.compare()
    assert [(m.what, m.old, m.new) for m in found.numbers] == [
        ("sales/MY/2018", "RM52.1 million", "RM20.5 million"),
        ("sales/MY/2018 / sales/MY/2017 | percent", "130%", "51.2%"),
    ]
    assert found.sentences[0].new.startswith("does not hold")
    assert any("jumps from 52.1 to 20.5 (-61%)" in alarm for alarm in found.alarms)
    text = report.markdown(found)
    assert "| observations | 0 | 0 | 1 |" in text
    assert "growth/MY/2018" not in text


def test_a_vintage_that_leads_instead_is_compared_with_what_led_before(repository):
    edit(
        repository,
        "observations",
        "sales/MY/2018,sales,MY,2018,52.1,exact,observed,lead,,paper,medium,\n",
        "sales/MY/2018,sales,MY,2018,52.1,exact,observed,alternative,,paper,medium,\n"
        "sales/MY/2018~2,sales,MY,2018,520,exact,observed,lead,,paper,medium,\n",
    )
    assert report.compare().alarms == ["sales/MY/2018~2 jumps from 52.1 to 520 (+898%)"]


@pytest.mark.parametrize(("was", "now", "alarms"), [("40.0", "61", 1), ("40.0", "59", 0), ("-3.5", "3.5", 1)])
def test_a_leading_value_that_moves_by_more_than_half_raises_an_alarm(repository, was, now, alarms):
    edit(repository, "observations", f",{was},exact,observed,lead", f",{now},exact,observed,lead")
    assert len(report.compare().alarms) == alarms


def test_an_alternative_may_say_anything(repository):
    edit(repository, "observations", ",1900,at_least", ",9,at_least")
    assert report.compare().alarms == []


def test_from_nothing_every_step_is_a_jump(repository):
    edit(repository, "observations", ",40.0,exact", ",0,exact")
    git(repository, "commit", "-qam", "second")
    edit(repository, "observations", "2017,0,exact", "2017,7,exact")
    assert report.compare().alarms == ["sales/MY/2017 jumps from 0 to 7"]


def test_added_and_removed_rows_sources_and_verdicts(repository):
    edit(
        repository,
        "outcomes",
        "o3,goods,2026-11,,,Nothing published.,unknown",
        "o4,goods,2026-12,,,Counted.,missed",
    )
    edit(repository, "sources", "paper,A day of deals", "paper2,A day of deals")
    lines = (repository / "data/tables/observations.csv").read_text().splitlines()
    (repository / "data/tables/observations.csv").write_text(
        "\n".join(line for line in lines if not line.startswith("sales/MY/2019")) + "\n"
    )
    found = report.compare()
    assert {c.table: (c.added, c.removed) for c in found.tables} == {
        "sources": (["paper2"], ["paper"]),
        "observations": ([], ["sales/MY/2019"]),
        "outcomes": (["o4"], ["o3"]),
    }
    assert [(m.what, m.old, m.new) for m in found.verdicts] == [("goods", "no published evidence", "missed")]
    assert "source paper vanished" in found.alarms
    assert "series sales shrinks from 3 to 2 rows" in found.alarms


def test_figures_that_draw_a_changed_row(repository):
    folder = repository / "_build/html/_figures"
    folder.mkdir(parents=True)
    index = {
        "a": {"page": "book/zone", "rows": [["observations", "sales/MY/2018"]]},
        "b": {"page": "book/zone", "rows": [["observations", "growth/MY/2018"]]},
    }
    (folder / "index.json").write_text(json.dumps(index))
    edit(repository, "observations", "52.1", "53.0")
    assert list(report.compare().figures) == ["zone: a"]


def test_between_two_commits(repository):
    edit(repository, "observations", "52.1", "53.0")
    git(repository, "commit", "-qam", "second")
    assert not report.compare().tables
    assert report.compare("HEAD~1", "HEAD").numbers[0].new == "RM53.0 million"


def test_record_adds_an_entry_and_refuses_without_reason(repository):
    edit(repository, "observations", "52.1", "53.0")
    found = report.compare()
    file = descriptor.path("changes")
    with pytest.raises(report.ReportError, match="Say why"):
        report.record(found, " ", file, "2026-11-23")
    assert report.record(found, "A later release", file, "2026-11-23") == "2026-11-23-1"
    (row,) = csv.DictReader(file.read_text().splitlines())
    assert (row["summary"], row["rows_changed"], row["tables"]) == ("A later release", "1", "observations")
    assert "RM52.1 million → RM53.0 million" in row["moved"]


def test_the_day_the_data_stand_at_moves_verdicts_and_dates_the_entry(repository, capsys):
    edit(repository, "claims", ",1500,smes,2017-12-31", ",1500,smes,2026-12-31")
    edit(repository, "outcomes", ",met,paper", ",open,paper")
    git(repository, "commit", "-qam", "second")
    assert cli.main(["report", "--as-of", "2027-01-05", "--record", "Looked again"]) == 0
    assert "thousand-firms`: still open → still open, overdue" in capsys.readouterr().out
    (row,) = csv.DictReader(descriptor.path("changes").read_text().splitlines())
    assert (row["date"], row["rows_changed"]) == ("2027-01-05", "0")
    assert "still open, overdue" in row["moved"]


def test_the_day_the_data_stand_at_does_not_go_back(repository, capsys):
    before = descriptor.file().read_bytes()
    assert cli.main(["report", "--as-of", "2026-11-22"]) == 2
    assert "the data stand at 2026-11-23 already" in capsys.readouterr().err
    assert descriptor.file().read_bytes() == before


def test_an_unknown_revision_is_refused(repository):
    with pytest.raises(report.ReportError, match="git knows no data"):
        report.compare("nowhere")


def test_what_is_no_row_is_told_too(repository):
    file = repository / "data" / "datapackage.json"
    package = json.loads(file.read_text())
    file.write_text(json.dumps(package | {"version": "1.1.0"}))
    (repository / "data" / "geo").mkdir()
    (repository / "data" / "geo" / "land.geojson").write_text("{}")
    found = report.compare()
    assert found.besides == ["version: 1.0.0 → 1.1.0", "geometry land.geojson"]
    text = report.markdown(found)
    assert "- version: 1.0.0 → 1.1.0" in text and "## Rows" not in text


def test_only_data_that_hold_are_compared(repository):
    edit(repository, "observations", "52.1", "fifty")
    with pytest.raises(report.ReportError, match=r"(?s)observations.csv, row 5, column value: 'fifty'"):
        report.compare()


def test_a_chapter_that_cannot_be_read_is_named(repository):
    (repository / "book" / "zone.ipynb").write_text("<<<<<<< HEAD\n{}")
    with pytest.raises(project.DataError, match=r"book/zone.ipynb is not a notebook"):
        report.compare()


def test_a_figure_moves_with_the_line_it_draws(repository):
    edit(
        repository,
        "observations",
        "later/MY/2020,",
        "sales/MY/2020,sales,MY,2020,111,exact,observed,lead,,paper,high,\nlater/MY/2020,",
    )
    assert report.compare().figures is None
    assert "after `storykit site`" in report.markdown(report.compare())
    index = repository / "_build" / "html" / "_figures" / "index.json"
    index.parent.mkdir(parents=True)
    rows = {"a": [["observations", "sales/MY/2019"]], "b": [["observations", "growth/MY/2018"]]}
    index.write_text(json.dumps({name: {"page": "book/zone", "rows": drawn} for name, drawn in rows.items()}))
    assert report.compare().figures == {"zone: a": 1}


def test_changes_are_recorded_once(repository):
    edit(repository, "observations", "52.1", "53.1")
    changes = descriptor.path("changes")
    name = report.record(report.compare(), "why", changes, "2026-11-23")
    with pytest.raises(report.ReportError, match=f"recorded already, as {name}"):
        report.record(report.compare(), "why", changes, "2026-11-23")
