"""Bad input, one kind at a time and all at once: each is refused with file, row, column, value, rule."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from storykit import checks


def only(problems):
    assert len(problems) == 1, "\n".join(map(str, problems))
    return problems[0]


def test_the_data_hold(project):
    assert checks.check() == []


@pytest.mark.parametrize(
    ("table", "key", "column", "value", "words"),
    [
        ("claims", "pioneers-1500", "thread", "dftzz", "allowed are dftz, "),
        ("claims", "pioneers-1500", "target_value", "1,500", "thousands separators"),
        ("claims", "pioneers-1500", "target_value", "many", "must be a number"),
        ("claims", "pioneers-1500", "from_article", "yes", "must be true or false"),
        ("claims", "pioneers-1500", "made_on", "2017-13-01", "a date that cannot be"),
        ("claims", "pioneers-1500", "made_on", "2017-02-30", "a date that cannot be"),
        ("claims", "pioneers-1500", "made_on", "May 2017", "must look like"),
        ("claims", "pioneers-1500", "statement", "", "must not be empty"),
        (
            "claims",
            "pioneers-1500",
            "source_ids",
            "no-such-source",
            "not in column source_id of data/tables/sources.csv",
        ),
        (
            "claims",
            "pioneers-1500",
            "target_unit",
            "parsecs",
            "not in column unit_id of data/tables/units.csv",
        ),
        ("claims", "pioneers-1500", "claim_id", "Pioneers 1500", "must look like"),
    ],
)
def test_a_bad_cell_is_named(package, table, key, column, value, words):
    row = package.where(table, f"{table[:-1]}_id", key)
    package.set(table, row, column, value)
    # A renamed claim also leaves its outcomes without a claim, and a spoilt date its order.
    found = [p for p in checks.check() if p.file == f"data/tables/{table}.csv" and p.column == column]
    problem = only(found)
    assert (problem.file, problem.row) == (f"data/tables/{table}.csv", row)
    assert problem.value == value
    assert words in problem.allowed


def test_dangling_claim(package):
    row = package.where("outcomes", "claim_id", "pioneers-1500")
    package.set("outcomes", row, "claim_id", "no-such-claim")
    problem = only(checks.check())
    assert (problem.row, problem.column, problem.value) == (row, "claim_id", "no-such-claim")


def test_duplicate_key_names_both_rows(package):
    rows = package.rows("claims")
    package.write("claims", [*rows, rows[1]])
    found = [p for p in checks.check() if p.column == "claim_id"]
    assert [p.row for p in found] == [2, len(rows) + 1]
    assert "unique" in found[0].allowed


def test_opened_before_announced(package):
    row = package.where("cloud_regions", "region_id", "alibaba-ap-southeast-3")
    package.set("cloud_regions", row, "announced", "2019-05")
    problem = only(checks.check())
    assert (problem.row, problem.column) == (row, "opened")
    assert "lies before announced (2019-05)" in problem.allowed


def test_point_outside_its_country(package):
    row = package.where("cloud_regions", "region_id", "alibaba-ap-southeast-3")
    package.set("cloud_regions", row, "lat", "48.85")
    problem = only(checks.check())
    assert problem.row == row
    assert "lies outside MY" in problem.allowed


def test_missing_file(package):
    package.file("rules").unlink()
    assert "the file is missing" in only(checks.check()).allowed


def test_empty_file(package):
    package.file("rules").write_text("")
    assert "the file is empty" in only(checks.check()).allowed


def test_not_utf8_names_the_line(package):
    text = package.file("rules").read_bytes().split(b"\n")
    text[4] += b"\xe9"
    package.file("rules").write_bytes(b"\n".join(text))
    problem = only(checks.check())
    assert problem.row == 5
    assert "UTF-8" in problem.allowed


def test_missing_and_extra_column(package):
    rows = package.rows("rules")
    rows[0][rows[0].index("rule")] = "regel"
    package.write("rules", rows)
    found = {p.column: p.allowed for p in checks.check()}
    assert found == {
        "rule": "the column is missing",
        "regel": "the column is not in datapackage.json; describe it there or remove it",
    }


def test_a_row_cut_off_is_named_even_where_what_is_left_could_stand(package):
    """Only optional cells are lost, so no other rule would see it."""
    rows = package.rows("observations")
    package.write("observations", [*rows[:-1], rows[-1][:-1]])
    problem = only(checks.check())
    assert (problem.row, problem.value) == (len(rows), rows[-1][0])
    assert f"fewer cells than the header, which has {len(rows[0])}" in problem.allowed


def test_rows_are_counted_as_a_spreadsheet_counts_them_after_a_blank_line_too(package):
    lines = package.file("rules").read_text(encoding="utf-8").splitlines(keepends=True)
    lines.insert(3, "\n")
    lines[6] = lines[6].replace(lines[6].split(",")[0], "No id", 1)
    package.file("rules").write_text("".join(lines), encoding="utf-8")
    found = [(p.row, p.value, p.allowed) for p in checks.check()]
    assert found[0] == (4, "", "the line is blank; remove it")
    assert found[1][:2] == (7, "No id") and len(found) == 2


def test_a_rule_broken_very_often_is_counted(package):
    rows = package.rows("observations")
    at = rows[0].index("source_ids")
    package.write("observations", [rows[0], *([*r[:at], "gone", *r[at + 1 :]] for r in rows[1:])])
    found = [
        p for p in checks.check() if p.file == "data/tables/observations.csv" and p.column == "source_ids"
    ]
    assert len(found) == checks.MOST_PER_RULE + 1
    assert found[0].row is None and f"and {len(rows) - 1 - checks.MOST_PER_RULE:} more" in found[0].allowed


def test_a_file_cut_off_in_its_last_cell(package):
    file = package.file("sources")
    file.write_text(file.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")
    assert "does not end with a line end" in only(checks.check()).allowed


def test_what_a_descriptor_must_say_and_hold(package):
    file = package.root / "data" / "datapackage.json"
    described = json.loads(file.read_text(encoding="utf-8"))
    del described["licenses"], described["version"]
    described["resources"] = [r for r in described["resources"] if r["name"] != "changes"]
    file.write_text(json.dumps(described), encoding="utf-8")
    found = {(p.column, p.value) for p in checks.check() if p.file == "data/datapackage.json"}
    assert found == {("licenses", ""), ("version", ""), ("resources", "changes")}


def test_high_confidence_needs_a_primary_document_or_two_sources(package):
    rows = package.rows("claims")
    at = rows[0].index
    kinds = {r[0]: r[package.rows("sources")[0].index("kind")] for r in package.rows("sources")[1:]}
    row = next(
        number
        for number, cells in enumerate(rows[1:], start=2)
        if cells[at("confidence")] == "medium" and kinds.get(cells[at("source_ids")]) == "news"
    )
    package.set("claims", row, "confidence", "high")
    problem = only(checks.check())
    assert (problem.row, problem.column, problem.value) == (row, "confidence", "high")
    assert "one source of kind news" in problem.allowed and "official" in problem.allowed
    own = rows[row - 1][at("source_ids")]
    package.set("claims", row, "source_ids", f"{own};{next(s for s in kinds if s != own)}")
    assert checks.check() == []


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (" ".join(["word"] * 25), None),
        (" ".join(["word"] * 26), 26),
        ("字" * 25, None),
        ("字" * 26 + " RM5", 27),
    ],
)
def test_a_quotation_has_at_most_25_words_in_any_writing(package, words, count):
    package.set("quotations", 2, "words", words)
    found = checks.check()
    if count is None:
        assert found == []
    else:
        problem = only(found)
        assert (problem.row, problem.column, problem.value[:4]) == (2, "words", words[:4])
        assert f"has {count} words; allowed are 25" in problem.allowed


def test_a_quotation_names_a_source_and_a_claim_that_exist(package):
    package.set("quotations", 2, "source_ids", "")
    package.set("quotations", 3, "source_ids", "no-such-paper")
    package.set("quotations", 4, "claim_id", "no-such-claim")
    found = {(p.row, p.column): p.allowed for p in checks.check()}
    assert set(found) == {(2, "source_ids"), (3, "source_ids"), (4, "claim_id")}
    assert "must not be empty" in found[2, "source_ids"]


@pytest.mark.parametrize("field", ["instrument", "source_ids"])
def test_a_partnership_needs_a_paper(package, field):
    row = package.where("partnerships", "partnership_id", "ke-microsoft-2024")
    package.set("partnerships", row, field, "")
    problem = only(checks.check())
    assert (problem.row, problem.column) == (row, field)
    assert "must not be empty" in problem.allowed


@pytest.mark.parametrize(("table", "missing"), [("partnership_parties", "a party"), ("claims", "a promise")])
def test_a_partnership_needs_a_party_and_a_promise(package, table, missing):
    kept = [r for r in package.rows(table) if "us-ma-2017" not in r]
    gone = {r[0] for r in package.rows(table)} - {r[0] for r in kept}
    package.write(table, kept)
    for other in ("outcomes", "quotations", "replies") if table == "claims" else ():
        package.write(other, [r for r in package.rows(other) if not set(r) & gone])
    problem = only(checks.check())
    assert (problem.column, problem.value) == ("partnership_id", "us-ma-2017")
    assert f"add {missing} there" in problem.allowed


@pytest.mark.parametrize(
    ("asks", "words"),
    [
        ("opening;money", "allowed are rule, training"),
        ("jobs", "two kinds in one row"),
        ("", "must not be empty"),
    ],
)
def test_a_claim_asks_for_one_kind_of_thing(package, asks, words):
    row = package.where("claims", "claim_id", "th-aws-5bn")
    package.set("claims", row, "asks", asks)
    problem = only(checks.check())
    assert (problem.row, problem.column) == (row, "asks")
    assert words in problem.allowed


def test_a_withdrawn_promise_says_who_and_when(package):
    row = package.where("outcomes", "outcome_id", "us-million-jobs-2018-09-19")
    by = package.set("outcomes", row, "withdrawn_by", "")
    problem = only(checks.check())
    assert (problem.row, problem.column) == (row, "withdrawn_by")
    assert "must be given with verdict withdrawn" in problem.allowed
    package.set("outcomes", row, "withdrawn_by", by)
    package.set("outcomes", row, "as_of", "")
    assert (only(checks.check()).column, only(checks.check()).row) == ("as_of", row)


def test_who_withdrew_stands_with_a_withdrawal_only(package):
    row = package.where("outcomes", "outcome_id", "us-million-jobs-2018-09-19")
    package.set("outcomes", row, "verdict", "partly")
    assert "stands with verdict withdrawn only" in only(checks.check()).allowed


def test_not_ratable_needs_a_reason_in_the_claim_and_the_claim_a_finding_that_says_so(package):
    row = package.where("claims", "claim_id", "vn-alibaba-smes")
    package.set("claims", row, "not_ratable_because", "")
    problem = only(checks.check())
    assert (problem.file, problem.value) == ("data/tables/outcomes.csv", "not-ratable")
    assert "needs a reason in not_ratable_because" in problem.allowed
    package.set("claims", row, "not_ratable_because", "no-measure")
    found = package.where("outcomes", "claim_id", "vn-alibaba-smes")
    package.set("outcomes", found, "verdict", "met")
    assert "must be not-ratable" in only(checks.check()).allowed


def test_a_promise_with_number_and_date_is_always_ratable(package):
    row = package.where("claims", "claim_id", "vn-alibaba-smes")
    for column, value in (("target_value", "10"), ("target_unit", "firms"), ("due_by", "2020")):
        package.set("claims", row, column, value)
    problem = only(checks.check())
    assert (problem.row, problem.column) == (row, "not_ratable_because")
    assert "always ratable" in problem.allowed


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("amount_basis", "", "fill both or neither"),
        ("amount_basis", "no-term", "stands with amount_basis over-years only"),
        ("amount_years", "", "must be given with amount_basis over-years"),
    ],
)
def test_a_sum_says_what_it_is_and_over_how_many_years(package, column, value, words):
    """Sums of other years are not to be compared, so no sum may stand without its years."""
    row = package.where("partnerships", "partnership_id", "th-aws-2022")
    package.set("partnerships", row, column, value)
    assert words in "\n".join(p.allowed for p in checks.check() if p.row == row)


def test_two_leading_rows(package):
    row = package.where("observations", "observation_id", "dftz_smes_selected/MY/2017-11-03~2")
    package.set("observations", row, "standing", "lead")
    found = checks.check()
    assert len(found) == 2
    assert all("may lead" in p.allowed for p in found)


def test_a_stray_file_is_refused(package):
    (package.root / "data/tables/notes.csv").write_text("a,b\n1,2\n")
    assert "not described" in only(checks.check()).allowed


def test_all_problems_in_one_run_and_a_clean_refusal(package):
    """The command: exit code not 0, every problem listed, nothing changed."""
    package.set("claims", 2, "thread", "nowhere")
    package.set("places", 2, "lat", "1,000")
    package.file("rules").unlink()
    before = {p: p.read_bytes() for p in package.root.rglob("*.csv")}
    result = subprocess.run(
        [sys.executable, "-m", "storykit", "check"],
        capture_output=True,
        text=True,
        env={**os.environ, "STORYKIT_ROOT": str(package.root)},
    )
    assert result.returncode == 1
    for words in (
        "claims.csv, row 2, column thread: 'nowhere'",
        "places.csv, row 2, column lat: '1,000'",
        "rules.csv: the file is missing",
        "problems in data/",
    ):
        assert words in result.stderr
    assert before == {p: p.read_bytes() for p in package.root.rglob("*.csv")}


def test_many_problems_are_counted_not_flooded(package):
    rows = package.rows("observations")
    for row in rows[1:200]:
        row[rows[0].index("confidence")] = "sure"
    package.write("observations", rows)
    found = [p for p in checks.check() if p.column == "confidence"]
    assert len(found) == checks.MOST_PER_RULE + 1
    assert found[0].row is None
    assert f"and {199 - checks.MOST_PER_RULE} more" in found[0].allowed


def test_the_descriptor_describes_every_field(project):
    descriptor = json.loads((project / "data/datapackage.json").read_text())
    assert descriptor["licenses"] and descriptor["sources"]
    for entry in descriptor["resources"]:
        assert entry["title"] and entry["description"]
        for field in entry.get("schema", {}).get("fields", []):
            assert field["type"] and field["description"], field["name"]
            allowed = field.get("constraints", {}).get("enum")
            assert allowed is None or [c["value"] for c in field["categories"]] == allowed
