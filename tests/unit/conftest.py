"""A small data package of a made-up story: storykit must not need ours."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from storykit import reads

UNITS = [
    ("smes", "SMEs", "", "SMEs", "smes", 1),
    ("myr_million", "RM million", "RM", "million", "MYR", 1e6),
    ("myr_billion", "RM billion", "RM", "billion", "MYR", 1e9),
    ("percent", "%", "", "%", "ratio", 0.01),
    ("usd_billion", "US$ billion", "US$", "billion", "USD", 1e9),
]
GEOGRAPHIES = [("MY", "Malaysia", "EAST"), ("SG", "Singapore", "EAST"), ("CN", "China", "NORTH")]
SERIES = [
    ("chosen", "dftz", "Firms chosen", "smes", "Firms on the list.", "list", "false"),
    ("sales", "dftz", "Sales", "myr_million", "All sales.", "books", "true"),
    ("growth", "dftz", "Growth", "percent", "Year on year.", "books", "true"),
    ("later", "dftz", "Sales, new method", "myr_million", "All sales.", "survey", "true"),
]
OBSERVATIONS = [
    ("chosen/MY/2017", "1972", "exact", "lead", "high", ""),
    ("chosen/MY/2017~2", "1900", "at_least", "alternative", "medium", "rounded by the speaker"),
    ("sales/MY/2017", "40.0", "exact", "lead", "high", ""),
    ("sales/MY/2018", "52.1", "exact", "lead", "medium", ""),
    ("sales/MY/2019", "110", "about", "lead", "low", ""),
    ("growth/MY/2018", "-3.5", "exact", "lead", "high", ""),
    ("later/MY/2020", "90", "exact", "lead", "high", ""),
]
CLAIMS = [
    (
        "thousand-firms",
        "dftz",
        "2017-05-13",
        "The minister",
        "A thousand firms will sell.",
        "firms",
        "1500",
        "smes",
        "2017-12-31",
    ),
    (
        "goods",
        "dftz",
        "2017-03",
        "The <b>government</b>",
        "Goods worth US$65 billion.",
        "goods",
        "65",
        "usd_billion",
        "2025",
    ),
    ("no-number", "dftz", "2017-03", "A firm", "Something good.", "", "", "", ""),
]
OUTCOMES = [
    ("o1", "thousand-firms", "2017-11-03", "1972", "smes", "Chosen, not selling.", "met"),
    ("o2", "goods", "2018-04", "52.1", "myr_million", "A first count.", "open"),
    ("o3", "goods", "2026-11", "", "", "Nothing published.", "unknown"),
]
DATES = {
    "observations": {"storykit:date": "period", "storykit:plans": {"nature": ["target", "forecast"]}},
    "claims": {"storykit:date": "made_on"},
    "outcomes": {"storykit:date": "as_of"},
}
"""What the descriptor says of the dates of a table's rows."""


def _write(root: Path, name: str, columns: list[str], rows: list) -> None:
    file = root / "data" / "tables" / f"{name}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([columns, *rows])


def _resource(name: str, key: str, kinds: dict[str, str], **extra) -> dict:
    fields = [
        {
            "name": n,
            "type": t,
            "description": n,
            **({"delimiter": ";"} if t == "list" else {}),
            **extra.get(n, {}),
        }
        for n, t in kinds.items()
    ]
    return {
        "name": name,
        "type": "table",
        "path": f"tables/{name}.csv",
        "title": name.title(),
        "description": f"Made up: {name}.",
        "schema": {"fields": fields, "primaryKey": [key]},
    }


@pytest.fixture
def small(tmp_path, monkeypatch) -> Path:
    """Folder of the small package; storykit reads it while the test runs."""
    text, number, ids = "string", "number", "list"
    thread = {"thread": {"categories": [{"value": "dftz", "label": "the zone"}]}}
    resources = [
        _resource(
            "sources",
            "source_id",
            {
                "source_id": text,
                "title": text,
                "publisher": text,
                "published": text,
                "url": text,
                "address_status": text,
                "kind": text,
                "language": text,
                "note": text,
            },
        ),
        _resource(
            "units",
            "unit_id",
            {
                "unit_id": text,
                "label": text,
                "prefix": text,
                "suffix": text,
                "dimension": text,
                "factor": number,
            },
        ),
        _resource("geographies", "geography", {"geography": text, "name": text, "part_of": text}),
        _resource(
            "series",
            "series_id",
            {
                "series_id": text,
                "thread": text,
                "label": text,
                "unit": text,
                "definition": text,
                "basis": text,
                "line": "boolean",
                "frequency": text,
                "next_expected": text,
                "upstream": text,
                "note": text,
            },
        ),
        _resource(
            "observations",
            "observation_id",
            {
                "observation_id": text,
                "series_id": text,
                "geography": text,
                "period": text,
                "value": number,
                "qualifier": text,
                "nature": text,
                "standing": text,
                "vintage": text,
                "source_ids": ids,
                "confidence": text,
                "note": text,
            },
        ),
        _resource(
            "claims",
            "claim_id",
            {
                "claim_id": text,
                "thread": text,
                "made_on": text,
                "made_by": text,
                "statement": text,
                "metric": text,
                "target_value": number,
                "target_unit": text,
                "due_by": text,
                "source_ids": ids,
                "confidence": text,
                "note": text,
                "featured": "boolean",
            },
            target_value={"storykit:unitField": "target_unit"},
            **thread,
        ),
        _resource(
            "outcomes",
            "outcome_id",
            {
                "outcome_id": text,
                "claim_id": text,
                "as_of": text,
                "observed_value": number,
                "unit": text,
                "finding": text,
                "verdict": text,
                "source_ids": ids,
                "confidence": text,
                "note": text,
            },
            observed_value={"storykit:unitField": "unit"},
        ),
        _resource(
            "changes",
            "change_id",
            {
                "change_id": text,
                "date": text,
                "summary": text,
                "rows_added": number,
                "rows_removed": number,
                "rows_changed": number,
                "tables": text,
                "moved": ids,
            },
            moved={"delimiter": " || "},
        ),
    ]
    for entry in resources:
        entry |= DATES.get(entry["name"], {})
        if entry["name"] == "outcomes":
            claim = {"resource": "claims", "fields": ["claim_id"]}
            entry["schema"]["foreignKeys"] = [{"fields": ["claim_id"], "reference": claim}]
    columns = {r["name"]: [f["name"] for f in r["schema"]["fields"]] for r in resources}
    _write(
        tmp_path,
        "sources",
        columns["sources"],
        [
            (
                "paper",
                "A day of deals",
                "The Paper",
                "2017-05-13",
                "https://paper.example/a",
                "publisher",
                "news",
                "en",
                "",
            )
        ],
    )
    _write(tmp_path, "units", columns["units"], UNITS)
    _write(tmp_path, "geographies", columns["geographies"], GEOGRAPHIES)
    _write(
        tmp_path,
        "series",
        columns["series"],
        [(*s, "annual", "2020-06" if s[0] == "sales" else "", "", "") for s in SERIES],
    )
    rows = []
    for key, value, qualifier, standing, confidence, note in OBSERVATIONS:
        series, place, period = key.split("/")
        rows.append(
            (
                key,
                series,
                place,
                period.split("~")[0],
                value,
                qualifier,
                "observed",
                standing,
                "",
                "paper",
                confidence,
                note,
            )
        )
    _write(tmp_path, "observations", columns["observations"], rows)
    _write(tmp_path, "claims", columns["claims"], [(*c, "paper", "high", "", "true") for c in CLAIMS])
    _write(tmp_path, "outcomes", columns["outcomes"], [(*o, "paper", "high", "") for o in OUTCOMES])
    _write(tmp_path, "changes", columns["changes"], [])
    package = {
        "name": "small",
        "created": "2026-11-23",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "title": "A small story",
        "version": "1.0.0",
        "storykit:asOf": "2026-11-23",
        "contributors": [{"title": "Nobody"}],
        "resources": resources,
    }
    (tmp_path / "data" / "datapackage.json").write_text(json.dumps(package))
    (tmp_path / "book").mkdir()
    monkeypatch.setenv("STORYKIT_ROOT", str(tmp_path))
    reads.start()
    return tmp_path
