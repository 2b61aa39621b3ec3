"""The pages of tables: what is to take, the fields, the rows, and a table that has become empty."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from storykit import descriptor, downloads, tables
from storykit.site import files
from storykit.site.collected import data_tables
from storykit.site.markup import PageWriter


def uri(here: str, there: str) -> str:
    return "../" * here.count("/") + there + ".html"


@pytest.fixture
def app():
    """What the pages ask of Sphinx: no pages of the book, no figures."""
    story = SimpleNamespace(
        writer=lambda page: PageWriter(page, uri), finished=lambda page: None, figures=lambda: []
    )
    part = SimpleNamespace(docname="book/index", subtrees=[])
    return SimpleNamespace(
        story=story,
        env=SimpleNamespace(titles={"book/index": SimpleNamespace(astext=lambda: "Front")}),
        config=SimpleNamespace(external_site_map=SimpleNamespace(root=part)),
    )


def page(app, table: str) -> BeautifulSoup:
    make = next(make for name, _, make in data_tables.plans(app) if name == f"tables/{table}")
    return BeautifulSoup(make()[1]["body"], "html.parser")


def key(app, table: str) -> str:
    return next(key for name, key, _ in data_tables.plans(app) if name == f"tables/{table}")


def rows(soup: BeautifulSoup, heading: str) -> list[list[str]]:
    found = soup.find(id=heading).find_next("tbody")
    return [[cell.get_text() for cell in row(["th", "td"])] for row in found("tr")]


def test_a_table_is_offered_with_size_and_checksum(small, app):
    listed = rows(page(app, "claims"), "downloads")
    assert [row[0] for row in listed] == ["CSV", "Parquet", "JSON"]
    for form, name, size, digest in listed:
        file = downloads.files()[f"tables/{name}"]
        assert (digest, size) == (file.sha256, file.weight) and name == downloads.paths("claims")[
            form
        ].partition("/")[2]


def test_json_that_is_large_is_in_the_whole_package_only(small, app, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_ALONE", 10)
    soup = page(app, "claims")
    assert [row[0] for row in rows(soup, "downloads")] == ["CSV", "Parquet"]
    assert "As JSON it is large, and only in the whole package." in soup.get_text()
    files.write_data(tmp_path / "out")
    there = {
        f.relative_to(tmp_path / "out/_data").as_posix() for f in (tmp_path / "out").rglob("*") if f.is_file()
    }
    assert "tables/claims.parquet" in there and "tables/claims.json" not in there and "small.zip" in there


def test_the_site_keeps_no_file_of_a_table_that_is_gone(small, tmp_path):
    out = tmp_path / "out"
    files.write_data(out)
    stray = out / "_data/tables/gone.csv"
    stray.write_text("")
    files.write_data(out)
    assert not stray.exists() and (out / "_data/tables/claims.csv").is_file()


def test_every_field_stands_with_type_unit_meaning_and_what_is_allowed(small, app):
    file = small / "data/datapackage.json"
    package = json.loads(file.read_text())
    claims = next(e for e in package["resources"] if e["name"] == "claims")["schema"]["fields"]
    for field in claims:
        if field["name"] == "target_value":
            field["constraints"] = {"minimum": 0, "maximum": 9}
        if field["name"] == "claim_id":
            field["constraints"] = {"required": True, "unique": True, "pattern": "^<b>$"}
        if field["name"] == "made_on":
            field["constraints"] = {"pattern": r"^\d{4}-\d{2}-\d{2}$"}
    file.write_text(json.dumps(package))
    listed = {row[0]: row[1:] for row in rows(page_without_files(app), "fields")}
    assert list(listed) == [field["name"] for field in claims]
    assert listed["target_value"] == [
        "number",
        "as target_unit says",
        "target_value",
        "at least 0; at most 9",
    ]
    assert listed["claim_id"][3] == "must look like the pattern ^<b>$; never empty; each only once"
    assert listed["made_on"][0] == "date" and listed["source_ids"][0] == "list of texts"
    assert "dftz: the zone" in listed["thread"][3]


def page_without_files(app) -> BeautifulSoup:
    """The page of claims, whose files cannot be made: what is described is not what the rows hold."""
    offered = downloads.offered
    downloads.offered = lambda table: {}
    try:
        return page(app, "claims")
    finally:
        downloads.offered = offered


def test_first_rows_lead_to_where_all_rows_are(small, app):
    soup = page(app, "observations")
    assert soup.find(id="rows").get_text() == "Some rows"
    assert len(rows(soup, "rows")) == data_tables.FIRST
    assert "All rows are shown on the list of series" in soup.get_text()


def test_all_rows_stand_under_their_addresses(small, app):
    soup = page(app, "units")
    assert soup.find(id="rows").get_text() == "Rows"
    assert soup.find(id="row-usd-billion").td.get_text() == "usd_billion"
    assert len(rows(soup, "rows")) == len(tables.raw("units"))


def test_a_table_that_has_become_empty_says_so(small, app):
    soup = page(app, "changes")
    assert "This table has no rows now." in soup.get_text() and "Some rows" not in soup.get_text()
    assert [row[0] for row in rows(soup, "downloads")] == ["CSV", "Parquet", "JSON"]
    file = small / "data/tables/claims.csv"
    file.write_text(file.read_text().splitlines()[0] + "\n")
    soup = page(app, "claims")
    assert "This table has no rows now." in soup.get_text() and "All rows" not in soup.get_text()


def test_a_page_is_made_again_when_its_rows_or_description_change(small, app):
    before = {name: key(app, name) for name in ("units", "claims")}
    file = small / "data/tables/claims.csv"
    file.write_text(file.read_text().replace("A thousand firms", "Some thousand firms"))
    assert key(app, "claims") != before["claims"] and key(app, "units") == before["units"]


def test_every_table_of_ours_has_its_page(package, app):
    for name, _, make in data_tables.plans(app):
        table, soup = name.partition("/")[2], BeautifulSoup(make()[1]["body"], "html.parser")
        assert len(rows(soup, "fields")) == len(descriptor.fields(table))
        assert soup.find(id="rows") and len(soup(["pre"])) == 3
