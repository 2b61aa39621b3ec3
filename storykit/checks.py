"""Checks of `data/` against its own description, all problems in one run.

The rules come from `datapackage.json` (Data Package v2): types, constraints, categories, keys.
Four rules that the standard has no word for stand in a table's `storykit:rules`:
`order` (dates that may not run backwards), `within` (a point must lie in the country or state it
names), `lead` (one leading row for one thing) and `high` (what high confidence must rest on). The
checks are vectorised: row-wise validators take minutes where these take seconds.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import re
import sys
from collections.abc import Container
from pathlib import Path

import pandas as pd

from storykit import tables

MOST_PER_RULE = 50
"""A rule broken more often than this is reported this many times and then counted."""

_DATE_PART = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


@dataclasses.dataclass(frozen=True, order=True)
class Problem:
    """One thing to put right: where it stands, what stands there, and what is allowed."""

    file: str
    row: int | None
    column: str
    value: str
    allowed: str

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column}"
        found = f": {self.value!r}" if self.value or self.row is not None else ""
        return f"{place}{found}: {self.allowed}"


class _Report(list):
    """Problems of one table, with rows counted as a spreadsheet shows them (header is row 1)."""

    def __init__(self, file: str):
        super().__init__()
        self.file = file

    def rows(self, where: pd.Series, column: str, values: pd.Series, allowed) -> None:
        """Report every row where `where` is true; `allowed` is text or a function of the index."""
        hits = where[where.astype(bool)].index
        self.cells([(index, values[index]) for index in hits], column, allowed)

    def cells(self, found: list[tuple[int, str]], column: str, allowed) -> None:
        """Report cells given as (index, value); beyond MOST_PER_RULE only how many more there are."""
        for index, value in found[:MOST_PER_RULE]:
            words = allowed(index) if callable(allowed) else allowed
            self.append(Problem(self.file, int(index) + 2, column, str(value), words))
        if len(found) > MOST_PER_RULE:
            more = len(found) - MOST_PER_RULE
            self.append(Problem(self.file, None, column, "", f"and {more} more rows like these"))

    def whole(self, allowed: str, column: str = "", value: str = "") -> None:
        self.append(Problem(self.file, None, column, value, allowed))


def check(held: Container[str] = ()) -> list[Problem]:
    """Check all tables and geometries of the package.

    Parameters
    ----------
    held : names of tables whose own cells and keys are known to hold, so that only what ties them to
        other tables is checked.

    Returns
    -------
    list of Problem, sorted by file and row; empty when everything holds.
    """
    problems: list[Problem] = []
    frames: dict[str, pd.DataFrame] = {}
    try:
        descriptor = tables.package()
    except json.JSONDecodeError as error:
        return [Problem("data/datapackage.json", error.lineno, "", "", f"is not JSON: {error.msg}")]
    problems += [
        Problem("data/datapackage.json", None, name, "", f"is missing: {why}")
        for name, why in _SAID_OF_A_PACKAGE.items()
        if not descriptor.get(name)
    ]
    problems += [
        Problem("data/datapackage.json", None, "resources", name, "this table is missing; every story has it")
        for name in sorted(_EVERY_STORY - {entry["name"] for entry in descriptor["resources"]})
    ]
    for entry in descriptor["resources"]:
        if entry.get("type") != "table":
            if not (tables.root() / "data" / entry["path"]).is_file():
                problems.append(Problem(f"data/{entry['path']}", None, "", "", "the file is missing"))
            continue
        report = _Report(f"data/{entry['path']}")
        frame = _read(entry, report)
        if frame is not None:
            frames[entry["name"]] = frame
            if entry["name"] not in held:
                _check_fields(entry, frame, report)
                _check_keys(entry, frame, report)
        problems.extend(report)
    for entry in descriptor["resources"]:
        if entry["name"] in frames:
            report = _Report(f"data/{entry['path']}")
            _check_references(entry, frames, report)
            _check_rules(entry, frames, report)
            problems.extend(report)
    problems.extend(_strangers(descriptor))
    return sorted(problems, key=lambda p: (p.file, p.row or 0, p.column, p.allowed))


_SAID_OF_A_PACKAGE = {
    "name": "the feed is known by it",
    "title": "pages and citations give it",
    "version": "citations give it",
    "created": "the feed is known by its year, as in 2026-11-23",
    "contributors": "downloads and the feed name who made the data",
    "licenses": "downloads say under which licence they come",
    "storykit:asOf": "verdicts and freshness are as of this date",
}
"""What the descriptor must say of the whole, and who tells it to readers."""

_EVERY_STORY = {"sources", "units", "geographies", "series", "observations", "claims", "outcomes", "changes"}
"""Tables that receipts, verdicts and the site itself read, whatever the story."""


def _strangers(descriptor: dict) -> list[Problem]:
    """CSV files that the descriptor does not know: nobody would ever read them."""
    known = {entry["path"] for entry in descriptor["resources"]}
    folder = tables.root() / "data"
    return [
        Problem(
            f"data/{file.relative_to(folder).as_posix()}",
            None,
            "",
            "",
            "is not described in datapackage.json; describe it there or remove it",
        )
        for file in sorted((folder / "tables").glob("*"))
        if file.relative_to(folder).as_posix() not in known and not file.name.startswith(".")
    ]


def _read(entry: dict, report: _Report) -> pd.DataFrame | None:
    """The table with every cell as text, rows numbered as pandas does; None if it is no such table."""
    file = tables.root() / "data" / entry["path"]
    if not _check_text(file, report):
        return None
    try:
        frame = pd.read_csv(
            file, dtype=str, keep_default_na=False, na_filter=False, encoding="utf-8", skip_blank_lines=False
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        report.whole(f"cannot be read as CSV: {error}")
        return None
    expected = [field["name"] for field in entry["schema"]["fields"]]
    _check_header(list(frame.columns), expected, report)
    if not isinstance(frame.index, pd.RangeIndex):
        report.whole("some rows have more cells than the header; quote texts that hold commas")
        return None
    blank = _check_cells(file, len(frame.columns), report)
    return frame.drop(index=blank) if set(expected) <= set(frame.columns) else None


def _check_text(file: Path, report: _Report) -> bool:
    """Whether a file can be read as a table at all; what else is wrong with it as a text is reported."""
    if not file.is_file():
        report.whole("the file is missing")
        return False
    raw = file.read_bytes()
    if not raw.strip():
        report.whole("the file is empty; it must at least hold its header")
        return False
    if raw.startswith(b"\xef\xbb\xbf"):
        report.whole("begins with a byte order mark; save the file as UTF-8 without it")
        return False
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        wrong = raw[error.start : error.start + 1].hex()
        report.append(Problem(report.file, line, "", wrong, "is not UTF-8; save the file as UTF-8"))
        return False
    if not raw.endswith(b"\n"):
        report.whole("does not end with a line end; it may have been cut off while it was written")
    return True


def _check_header(found: list[str], expected: list[str], report: _Report) -> None:
    for name in [n for n in expected if n not in found]:
        report.whole("the column is missing", column=name)
    for name in [n for n in found if n not in expected]:
        report.whole("the column is not in datapackage.json; describe it there or remove it", column=name)
    if sorted(found) == sorted(expected) and found != expected:
        report.whole("columns must stand in the order of datapackage.json: " + ", ".join(expected))


def _check_cells(file: Path, width: int, report: _Report) -> list[int]:
    """Rows without all their cells, which pandas fills up with empty ones; the positions of blank ones."""
    short, blank = [], []
    with open(file, newline="", encoding="utf-8") as stream:
        for position, cells in enumerate(csv.reader(stream), start=-1):
            if not cells:
                blank.append((position, ""))
            elif len(cells) < width:
                short.append((position, cells[0]))
    report.cells(blank, "", "the line is blank; remove it")
    words = f"the row has fewer cells than the header, which has {width}; it may have been cut off"
    report.cells(short, "", words)
    return [position for position, _ in blank]


def _check_fields(entry: dict, frame: pd.DataFrame, report: _Report) -> None:
    for field in entry["schema"]["fields"]:
        column, rules = frame[field["name"]], field.get("constraints", {})
        name, empty = field["name"], frame[field["name"]] == ""
        if rules.get("required"):
            report.rows(empty, name, column, "must not be empty")
        filled = column[~empty]
        edges = filled != filled.str.strip()
        report.rows(edges, name, filled, "begins or ends with a space")
        report.rows(filled.str.contains("\n", regex=False), name, filled, "holds a line break")
        _check_type(field, filled, report)
        if "pattern" in rules:
            wrong = ~filled.str.fullmatch(rules["pattern"])
            report.rows(wrong, name, filled, _pattern_words(field))
        if "enum" in rules:
            allowed = "allowed are " + ", ".join(map(str, rules["enum"]))
            report.rows(~filled.isin([str(v) for v in rules["enum"]]), name, filled, allowed)
        if rules.get("unique"):
            report.rows(
                filled.duplicated(keep=False), name, filled, "stands in more than one row; it must be unique"
            )
        if field["type"] == "string" and ("date" in name or name in _DATE_FIELDS):
            _check_dates(name, filled, report)


_DATE_FIELDS = {
    "made_on",
    "due_by",
    "as_of",
    "announced",
    "opened",
    "closed",
    "published",
    "period",
    "signed_on",
    "first_seen",
    "zones_as_of",
    "effective_from",
    "started",
    "ended",
    "next_expected",
}


def _pattern_words(field: dict) -> str:
    example = field.get("example")
    hint = f", such as {example}" if example else ""
    return f"must look like {field['constraints']['pattern']}{hint}"


def _check_type(field: dict, filled: pd.Series, report: _Report) -> None:
    name, kind, rules = field["name"], field["type"], field.get("constraints", {})
    if kind in ("number", "integer"):
        pattern = r"-?\d+" if kind == "integer" else r"-?\d+(\.\d+)?([eE][+-]?\d+)?"
        wrong = ~filled.str.fullmatch(pattern)
        separators = filled.str.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
        report.rows(wrong & separators, name, filled, "has thousands separators; write the digits alone")
        report.rows(
            wrong & ~separators,
            name,
            filled,
            "must be a whole number" if kind == "integer" else "must be a number such as 12.5",
        )
        numbers = pd.to_numeric(filled[~wrong])
        if "minimum" in rules:
            report.rows(numbers < rules["minimum"], name, filled, f"must be at least {rules['minimum']}")
        if "maximum" in rules:
            report.rows(numbers > rules["maximum"], name, filled, f"must be at most {rules['maximum']}")
    elif kind == "boolean":
        report.rows(~filled.isin(["true", "false"]), name, filled, "must be true or false")
    elif kind == "list":
        delimiter = re.escape(field.get("delimiter", ","))
        wrong = filled.str.contains(rf"(?:^|{delimiter})\s*(?:{delimiter}|$)|\s{delimiter}|{delimiter}\s")
        report.rows(
            wrong,
            name,
            filled,
            f"has an empty part or spaces; separate parts with {field.get('delimiter')!r} alone",
        )
        parts = filled.str.split(field.get("delimiter", ","))
        twice = parts.map(lambda p: len(p) != len(set(p)))
        report.rows(twice, name, filled, "names the same id twice")
    elif field.get("format") == "uri":
        report.rows(~filled.str.match(r"https?://[^\s/]+"), name, filled, "must be a web address")


def _check_dates(name: str, filled: pd.Series, report: _Report) -> None:
    """Dates that match the pattern and still cannot be (2017-13, 2017-02-30, 3017)."""

    def impossible(text: str) -> bool:
        for part in _DATE_PART.findall(text):
            year, month, day = ([*part.split("-"), "1", "1"])[:3]
            try:
                pd.Timestamp(int(year), int(month), int(day))
            except ValueError:
                return True
            if not 1900 <= int(year) <= 2100:
                return True
        return False

    report.rows(
        filled.map(impossible).astype(bool), name, filled, "is a date that cannot be (years 1900 to 2100)"
    )


def _check_keys(entry: dict, frame: pd.DataFrame, report: _Report) -> None:
    key = entry["schema"].get("primaryKey", [])
    key = [key] if isinstance(key, str) else key
    unique = {f["name"] for f in entry["schema"]["fields"] if f.get("constraints", {}).get("unique")}
    if not key or key[0] in unique:
        return  # a field that says unique is checked as a field
    shown = frame[key[0]].str.cat([frame[k] for k in key[1:]], sep=" / ") if len(key) > 1 else frame[key[0]]
    report.rows(
        shown.duplicated(keep=False),
        " + ".join(key),
        shown,
        "stands in more than one row; it must be unique",
    )


def _references(entry: dict) -> list[tuple[str, str, str]]:
    """(column, target table, target column) of all references.

    Table Schema has no foreign key for a list of ids; those stand in `storykit:references`.
    """
    found = []
    for key in entry["schema"].get("foreignKeys", []):
        target = key["reference"]["resource"] or entry["name"]
        found.append((key["fields"][0], target, key["reference"]["fields"][0]))
    for key in entry.get("storykit:references", []):
        found.append((key["field"], key["resource"], key["key"]))
    return found


def _check_references(entry: dict, frames: dict[str, pd.DataFrame], report: _Report) -> None:
    kinds = {field["name"]: field for field in entry["schema"]["fields"]}
    for column, target, wanted in _references(entry):
        if target not in frames:
            continue
        known = set(frames[target][wanted])
        parts = frames[entry["name"]][column]
        if kinds[column]["type"] == "list":
            parts = parts.str.split(kinds[column].get("delimiter", ",")).explode()
        lost = parts[(parts != "") & ~parts.isin(known)]
        report.cells(list(lost.items()), column, f"is not in column {wanted} of data/tables/{target}.csv")


def _check_rules(entry: dict, frames: dict[str, pd.DataFrame], report: _Report) -> None:
    for rule in entry.get("storykit:rules", []):
        _RULES[rule["rule"]](rule, frames[entry["name"]], report, frames)


def _order(rule: dict, frame: pd.DataFrame, report: _Report, _) -> None:
    """`fields` = [earlier, later]; compared to the precision both have."""
    first, last = rule["fields"]
    both = frame[(frame[first] != "") & (frame[last] != "")]
    length = pd.concat([both[first].str.len(), both[last].str.len()], axis=1).min(axis=1)
    early = pd.Series([v[:n] for v, n in zip(both[first], length)], index=both.index, dtype=str)
    late = pd.Series([v[:n] for v, n in zip(both[last], length)], index=both.index, dtype=str)
    report.rows(early > late, last, both[last], lambda i: f"lies before {first} ({both[first][i]})")


def _within(rule: dict, frame: pd.DataFrame, report: _Report, _) -> None:
    """The point (lat, lon) must lie in the area that column `area` names in a geometry."""
    import geopandas
    import shapely

    lat = pd.to_numeric(frame["lat"], errors="coerce")
    lon = pd.to_numeric(frame["lon"], errors="coerce")
    half = (frame["lat"] == "") != (frame["lon"] == "")
    report.rows(half, "lat", frame["lat"], "lat and lon must both be given or both be empty")
    placed = frame[lat.between(-90, 90) & lon.between(-180, 180) & (frame[rule["area"]] != "")]
    if placed.empty:
        return
    shapes = tables.geometry(rule["geometry"])["geometry"]
    points = geopandas.GeoSeries(
        geopandas.points_from_xy(lon[placed.index], lat[placed.index]), index=placed.index, crs=4326
    )
    area = placed[rule["area"]].map(shapes)
    known = area.notna()
    areas = geopandas.GeoSeries(list(area[known]), index=area[known].index, crs=4326)
    outside = pd.Series(shapely.distance(points[known].values, areas.values), index=area[known].index)
    report.rows(
        outside > rule["tolerance_degrees"],
        "lat",
        placed["lat"] + ", " + placed["lon"],
        lambda i: (
            f"lies outside {placed[rule['area']][i]}, which column {rule['area']} names "
            f"(by {outside[i]:.1f} degrees; allowed are {rule['tolerance_degrees']})"
        ),
    )


def _lead(rule: dict, frame: pd.DataFrame, report: _Report, _) -> None:
    """At most one leading row for one combination of `fields`."""
    leading = frame[frame[rule["column"]] == "lead"]
    twice = leading.duplicated(rule["fields"], keep=False)
    report.rows(
        twice,
        rule["column"],
        leading[rule["column"]],
        "only one row of the same " + ", ".join(rule["fields"]) + " may lead; make the others alternative",
    )


def _high(rule: dict, frame: pd.DataFrame, report: _Report, frames: dict[str, pd.DataFrame]) -> None:
    """High `confidence` needs two sources, or one whose kind is among `kinds` (a primary document)."""
    if "sources" not in frames:
        return
    kinds = dict(zip(frames["sources"]["source_id"], frames["sources"]["kind"]))
    alone = (frame["confidence"] == "high") & ~frame["source_ids"].str.contains(";", regex=False)
    weak = alone & ~frame["source_ids"].map(kinds).isin(rule["kinds"])
    wanted = ", ".join(rule["kinds"])
    report.rows(
        weak,
        "confidence",
        frame["confidence"],
        lambda i: (
            f"rests on one source of kind {kinds.get(frame['source_ids'][i], 'unknown')}; high needs two "
            f"independent sources, or one of these kinds: {wanted}"
        ),
    )


_RULES = {"order": _order, "within": _within, "lead": _lead, "high": _high}


def refuse_if_any() -> None:
    """Raise if the data break a rule.

    Raises
    ------
    tables.DataError
        With every problem, one a line.
    """
    problems = check()
    if problems:
        raise tables.DataError(summary(problems))


def summary(problems: list[Problem]) -> str:
    """All problems as text, one a line, with a closing count."""
    count = f"{len(problems)} problem" + ("s" if len(problems) != 1 else "")
    return "\n".join([*map(str, problems), f"{count} in data/. Nothing was built or changed."])


def main() -> int:
    """`python -m storykit.checks`: print all problems; exit code 1 if there are any."""
    problems = check()
    if problems:
        print(summary(problems), file=sys.stderr)
        return 1
    rows = sum(len(tables.raw(name)) for name in tables.names())
    print(f"data/: {len(tables.names())} tables, {rows:,} rows, no problem.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
