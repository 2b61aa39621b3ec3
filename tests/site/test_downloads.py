"""The files of the data in the built site: each opens in the program it is for, holds its rows, says where it comes from."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import duckdb
import pytest
from bs4 import BeautifulSoup

from storykit import descriptor
from storykit.site import inspection


@pytest.fixture(scope="module")
def data(site) -> Path:
    return site / "_data"


@pytest.fixture(scope="module")
def tables(site) -> dict[str, BeautifulSoup]:
    """Table -> its page."""
    found = {
        file.stem: BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        for file in sorted((site / "tables").glob("*.html"))
    }
    assert list(found) == sorted(descriptor.names())
    return found


def offered(soup: BeautifulSoup) -> dict[str, dict]:
    """Format -> what the page says of its file."""
    found = {}
    for row in soup.find(id="downloads").find_next("tbody")("tr"):
        form, file, _, digest = row(["th", "td"])
        found[form.get_text()] = {"href": file.a["href"], "sha256": digest.get_text()}
    return found


def test_every_file_of_a_table_is_there_with_its_checksum(site, tables):
    for name, soup in tables.items():
        files = offered(soup)
        assert {"CSV", "Parquet"} <= set(files) <= {"CSV", "Parquet", "JSON"}
        for form, said in files.items():
            file = (site / "tables" / said["href"]).resolve()
            assert hashlib.sha256(file.read_bytes()).hexdigest() == said["sha256"], (name, form)


def test_the_formats_hold_the_same_rows_and_say_where_they_come_from(data, tables):
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    for name, soup in tables.items():
        with open(data / f"tables/{name}.csv", newline="", encoding="utf-8") as stream:
            texts = list(csv.DictReader(stream))
        parquet = f"'{data}/tables/{name}.parquet'"
        rows = duckdb.sql(f"FROM {parquet}")
        assert len(rows) == len(texts), name
        for field in descriptor.fields(name):
            stored = [value for (value,) in rows.project(f'"{field["name"]}"').fetchall()]
            assert [value not in (None, []) for value in stored] == [bool(t[field["name"]]) for t in texts], (
                name,
                field,
            )
        said = dict(
            duckdb.sql(f"SELECT decode(key), decode(value) FROM parquet_kv_metadata({parquet})").fetchall()
        )
        assert (said["package"], said["version"]) == (package["name"], package["version"])
        assert {f["name"] for f in json.loads(said["schema"])["fields"]} == set(rows.columns)
        if "JSON" in offered(soup):
            held = json.loads((data / f"tables/{name}.json").read_text(encoding="utf-8"))
            assert (held["package"], held["version"], len(held["data"])) == (
                package["name"],
                package["version"],
                len(texts),
            )
        else:
            assert not (data / f"tables/{name}.json").exists()
            assert "only in the whole package" in soup.get_text()


def test_the_package_opens_and_is_whole(site, data, tmp_path):
    page = BeautifulSoup((site / "book/data.html").read_text(encoding="utf-8"), "html.parser")
    said = page.find(id="take")
    link = said.find("a", download=re.compile(r"\.zip$"))
    file = (site / "book" / link["href"]).resolve()
    assert hashlib.sha256(file.read_bytes()).hexdigest() in said.get_text()
    version = descriptor.package()["version"]
    assert link["download"].endswith(f"-{version}.zip")
    with zipfile.ZipFile(file) as pack:
        assert pack.testzip() is None
        pack.extractall(tmp_path)
    (place,) = tmp_path.iterdir()
    listed = dict(reversed(line.split("  ")) for line in (place / "SHA256SUMS").read_text().splitlines())
    inside = {f.relative_to(place).as_posix() for f in place.rglob("*") if f.is_file()} - {"SHA256SUMS"}
    assert set(listed) == inside and {"README.md", "LICENSE.md", "datapackage.json"} <= inside
    for path, digest in listed.items():
        assert hashlib.sha256((place / path).read_bytes()).hexdigest() == digest
    for entry in json.loads((place / "datapackage.json").read_text(encoding="utf-8"))["resources"]:
        assert (place / entry["path"]).is_file()
        if entry.get("type") == "table":
            assert (place / entry["path"]).with_suffix(".json").is_file()
    readme = (place / "README.md").read_text(encoding="utf-8")
    assert version in readme and "Licence" in readme and "spreadsheet" in readme


def test_no_table_holds_what_a_spreadsheet_would_run(data):
    for file in sorted((data / "tables").glob("*.csv")):
        with open(file, newline="", encoding="utf-8") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
        assert [c for c in cells if re.match(r"[=+@\t\r]|-(?![0-9.eE+-]+$)", c)] == [], file.name


# --- the code on the pages ----------------------------------------------------------------------------


@pytest.fixture
def beside(data, tmp_path, monkeypatch) -> Path:
    """A folder in which the files lie beside the program."""
    for file in (data / "tables").iterdir():
        (tmp_path / file.name).symlink_to(file)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def code(soup: BeautifulSoup, language: str) -> str:
    (found,) = [pre.get_text() for pre in soup("pre") if (pre.get("aria-label") or "").startswith(language)]
    return found


def counts(beside: Path, table: str) -> tuple[int, int]:
    with open(beside / f"{table}.csv", newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    return len(rows) - 1, len(rows[0])


def test_the_python_on_every_page_runs(tables, beside):
    for name, soup in tables.items():
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(code(soup, "Python"), name, "exec"), {})
        assert said.getvalue().startswith(str(counts(beside, name))), name


def test_the_sql_on_every_page_runs(tables, beside):
    for name, soup in tables.items():
        found = duckdb.sql(code(soup, "SQL")).fetchall()
        assert sum(row[-1] for row in found) == counts(beside, name)[0], name


@pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not installed here")
def test_the_r_on_every_page_runs(tables, beside):
    for name, soup in tables.items():
        (beside / f"{name}.R").write_text(code(soup, "R") + "\n", encoding="utf-8")
    program = "; ".join(f"cat('{name}:\\n'); source('{name}.R', echo = TRUE)" for name in tables)
    ran = subprocess.run(["Rscript", "--vanilla", "-e", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    for name in tables:
        rows, columns = counts(beside, name)
        said = ran.stdout.partition(f"{name}:\n")[2]
        assert re.search(rf"^\[1\] +{rows} +{columns}$", said, re.MULTILINE), name


# --- the pages ----------------------------------------------------------------------------------------


def test_pages_of_tables_keep_to_their_weight(site, tables):
    heavy = {name: inspection.weight(site / f"tables/{name}.html") for name in tables}
    assert {name: size for name, size in heavy.items() if size > inspection.BUDGET_PLAIN} == {}


def test_a_version_that_is_not_there_is_answered(open_page):
    page = open_page("book/data.html#version-0.0.1")
    note = page.locator(".missing")
    note.wait_for()
    assert "“version-0.0.1”" in note.inner_text()
    assert page.complaints == []
    page = open_page("tables/units.html#row-percnt")
    assert page.locator(".missing a").get_attribute("href") == "#row-percent"
