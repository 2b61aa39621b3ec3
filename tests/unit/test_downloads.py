"""The data as files to take: typed, described, the same bytes each time, and opened by the programs they are for."""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
import shutil
import subprocess
import zipfile

import duckdb
import pytest

from storykit import checks, descriptor, downloads, tables


def parquet(table: str) -> str:
    return str(downloads.folder() / downloads.paths(table)["Parquet"])


def described(folder, table: str, field: str, **said) -> None:
    """Say something else of a field in the descriptor."""
    file = folder / "data" / "datapackage.json"
    package = json.loads(file.read_text())
    entry = next(e for e in package["resources"] if e["name"] == table)
    next(f for f in entry["schema"]["fields"] if f["name"] == field).update(said)
    file.write_text(json.dumps(package))


DAY = {"pattern": r"^\d{4}-\d{2}-\d{2}$"}


def test_a_table_is_typed_as_it_is_described(small):
    described(small, "claims", "claim_id", constraints={"required": True})
    described(small, "sources", "published", constraints=DAY)
    downloads.files()
    types = dict(
        duckdb.sql(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{parquet('claims')}')").fetchall()
    )
    assert types["target_value"] == "DOUBLE" and types["featured"] == "BOOLEAN"
    assert types["source_ids"] == "VARCHAR[]" and types["made_on"] == "VARCHAR"
    found = duckdb.sql(
        f"SELECT claim_id, target_value, due_by, source_ids FROM '{parquet('claims')}'"
    ).fetchall()
    assert found[0] == ("thousand-firms", 1500.0, "2017-12-31", ["paper"])
    assert found[2] == ("no-number", None, None, ["paper"])
    assert duckdb.sql(f"SELECT published FROM '{parquet('sources')}'").fetchall() == [
        (datetime.date(2017, 5, 13),)
    ]
    required = duckdb.sql(
        f"SELECT name, repetition_type FROM parquet_schema('{parquet('claims')}')"
    ).fetchall()
    assert ("claim_id", "REQUIRED") in required and ("due_by", "OPTIONAL") in required


def test_each_file_says_where_it_comes_from(small):
    downloads.files()
    said = dict(
        duckdb.sql(
            f"SELECT decode(key), decode(value) FROM parquet_kv_metadata('{parquet('claims')}')"
        ).fetchall()
    )
    data = json.loads((downloads.folder() / "tables/claims.json").read_text())
    for about in (said, data):
        assert (about["package"], about["version"], about["asOf"]) == ("small", "1.0.0", "2026-11-23")
        assert "CC-BY-4.0" in str(about["licenses"])
    assert json.loads(said["schema"]) == data["schema"] == descriptor.resource("claims")["schema"]
    readme = (downloads.folder() / "README.md").read_text()
    assert "# A small story" in readme and "Version 1.0.0" in readme and "| `claims` | 3 |" in readme


def test_json_holds_the_same_rows(small):
    downloads.files()
    data = json.loads((downloads.folder() / "tables/claims.json").read_text())["data"]
    fields = [field["name"] for field in descriptor.fields("claims")]
    rows = duckdb.sql(f"FROM '{parquet('claims')}'").fetchall()
    assert [tuple(row[f] for f in fields) for row in data] == rows


def test_columns_may_stand_in_another_order_than_they_are_described(small):
    file = small / "data/tables/units.csv"
    with open(file, newline="") as stream:
        rows = list(csv.reader(stream))
    with open(file, "w", newline="") as stream:
        csv.writer(stream).writerows([row[::-1] for row in rows])
    downloads.files()
    assert duckdb.sql(f"SELECT unit_id, factor FROM '{parquet('units')}'").fetchall()[0] == ("smes", 1.0)


def test_a_table_that_has_become_empty_keeps_its_columns(small):
    for name in ("changes", "claims", "outcomes"):
        file = small / f"data/tables/{name}.csv"
        file.write_text(file.read_text().splitlines()[0] + "\n")
    downloads.files()
    found = duckdb.sql(f"FROM '{parquet('claims')}'")
    assert found.columns == [field["name"] for field in descriptor.fields("claims")]
    assert found.fetchall() == []
    assert json.loads((downloads.folder() / "tables/claims.json").read_text())["data"] == []
    assert "| `claims` | 0 |" in (downloads.folder() / "README.md").read_text()


def test_the_same_data_give_the_same_bytes_elsewhere_and_later(small, tmp_path_factory, monkeypatch):
    first, archive = downloads.files(), downloads.archive()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(small / "data", elsewhere / "data")
    for file in (elsewhere / "data").rglob("*.csv"):
        file.touch()
    monkeypatch.setenv("STORYKIT_ROOT", str(elsewhere))
    assert downloads.folder().parent.parent.parent == elsewhere and not downloads.folder().exists()
    assert (downloads.files(), downloads.archive()) == (first, archive)


def test_only_what_has_changed_is_made_again(small):
    downloads.files()
    kept = {
        name: (downloads.folder() / downloads.paths(name)["Parquet"]).stat().st_mtime_ns
        for name in ("units", "claims")
    }
    file = small / "data/tables/claims.csv"
    file.write_text(file.read_text().replace("A thousand firms", "Some thousand firms"))
    downloads.files()
    now = {name: (downloads.folder() / downloads.paths(name)["Parquet"]).stat().st_mtime_ns for name in kept}
    assert now["units"] == kept["units"] and now["claims"] > kept["claims"]
    assert ("Some thousand firms will sell.",) in duckdb.sql(
        f"SELECT statement FROM '{parquet('claims')}'"
    ).fetchall()


def test_a_table_that_is_gone_leaves_no_file(small):
    downloads.files()
    file = small / "data" / "datapackage.json"
    package = json.loads(file.read_text())
    package["resources"] = [e for e in package["resources"] if e["name"] != "changes"]
    file.write_text(json.dumps(package))
    downloads.files()
    assert list(downloads.folder().rglob("changes.*")) == []


def test_the_archive_holds_everything_and_its_checksums_are_right(small, tmp_path):
    (small / "LICENSE-data.md").write_text("Free to use.\n")
    files, archive = downloads.files(), downloads.archive()
    assert archive.sha256 == hashlib.sha256(downloads.archive_file().read_bytes()).hexdigest()
    with zipfile.ZipFile(downloads.archive_file()) as pack:
        assert pack.testzip() is None
        assert {info.date_time for info in pack.infolist()} == {(2026, 11, 23, 0, 0, 0)}
        assert set(pack.namelist()) == {f"small-1.0.0/{path}" for path in [*files, downloads.SUMS]}
        pack.extractall(tmp_path / "out")
    place = tmp_path / "out/small-1.0.0"
    assert {
        "LICENSE.md",
        "README.md",
        "datapackage.json",
        "tables/claims.csv",
        "tables/claims.parquet",
    } <= set(files)
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", downloads.SUMS], cwd=place, check=True)
    for line in (place / downloads.SUMS).read_text().splitlines():
        digest, path = line.split("  ")
        assert hashlib.sha256((place / path).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("text", ["=1+1", "+60 3", "@cmd", "-a", '=HYPERLINK("x")'])
def test_a_text_that_a_spreadsheet_would_run_is_refused(package, text):
    package.set("claims", 2, "note", text)
    package.set("claims", 3, "note", f"see {text}")
    package.set("corrections", 2, "value", "-3.5")
    found = [p for p in checks.check() if "formula" in p.allowed]
    assert [(p.file, p.row, p.column, p.value) for p in found] == [
        ("data/tables/claims.csv", 2, "note", text)
    ]


def test_our_own_tables_come_out_as_they_are_kept(project, tmp_path, monkeypatch):
    shutil.copytree(project / "data", tmp_path / "data")
    monkeypatch.setenv("STORYKIT_ROOT", str(tmp_path))
    files = downloads.files()
    for name in descriptor.names():
        frame, stored = tables.load(name), duckdb.sql(f"FROM '{parquet(name)}'")
        assert stored.columns == list(frame.columns)
        assert len(stored) == len(frame)
        for field in descriptor.fields(name):
            if field["type"] in ("number", "integer"):
                values = [v for (v,) in stored.project(f'"{field["name"]}"').fetchall() if v is not None]
                assert values == frame[field["name"]].dropna().tolist()
        assert (
            files[f"tables/{name}.csv"].sha256
            == hashlib.sha256(descriptor.path(name).read_bytes()).hexdigest()
        )
