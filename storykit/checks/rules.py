"""Rules that the standard has no word for; a table has them in `storykit:rules`.

A rule may carry `where`, as {"nature": "observed"}: then it looks at these rows alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pandas as pd

from storykit import periods, project, tables
from storykit.checks.fields import joined_key, key_of
from storykit.checks.problems import Report


class Package(NamedTuple):
    """All that a rule may look at besides its own table."""

    named: list[str]
    """Names of all tables."""
    entries: dict[str, dict[str, Any]]
    """Name of a table that is described well -> its description."""
    frames: dict[str, pd.DataFrame]
    """Name of a table that could be read -> its cells as text."""
    geometries: set[str]
    """Names of the geometries that can be read."""
    as_of: str
    """The day the data stand at; "" if the descriptor gives none."""


class Rule(NamedTuple):
    """A rule, and what the descriptor must say for it."""

    check: Callable[[dict[str, Any], pd.DataFrame, Report, Package], None]
    columns: dict[str, int]
    """Its words that name columns of the table -> how many: 1 a text, 2 a list of two, 0 a list."""
    words: dict[str, type] = {}  # noqa: RUF012  a NamedTuple's default is not shared by mistake
    """Its other words -> of what type."""
    needs: tuple[str, ...] = ()
    """Columns the table must have, whatever the rule says."""


def check(entry: dict[str, Any], report: Report, package: Package) -> None:
    """All rules of a table."""
    frame = package.frames[entry["name"]]
    for rule in entry.get("storykit:rules", []):
        RULES[rule["rule"]].check(rule, _narrowed(frame, rule), report, package)


def _narrowed(frame: pd.DataFrame, rule: dict[str, Any]) -> pd.DataFrame:
    for column, value in rule.get("where", {}).items():
        frame = frame[frame[column] == value]
    return frame


# --- texts ----------------------------------------------------------------------------------------


def _words(rule: dict[str, Any], frame: pd.DataFrame, report: Report, _: Package) -> None:
    """The text `field` has at most `most` words: what is quoted stays a quotation."""
    counted, most = frame[rule["field"]].str.count(_WORD), rule["most"]
    report.rows(
        counted > most,
        rule["field"],
        frame[rule["field"]],
        lambda i: f"has {counted[i]} words; allowed are {most}; cut it at a word",
    )


_SIGNS = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = f"[{_SIGNS}]|[^\\s{_SIGNS}]+"
"""A word: what stands between spaces; in writing without spaces (Chinese, Japanese) each sign."""


# --- cells of one row -----------------------------------------------------------------------------


def _together(rule: dict[str, Any], frame: pd.DataFrame, report: Report, _: Package) -> None:
    """`fields` are all filled, or all empty."""
    first, *others = rule["fields"]
    given = frame[first] != ""
    for name in others:
        odd = given != (frame[name] != "")
        words = f"{first} and {name} belong together: fill both or neither"
        report.rows(odd, name, frame[name], words)


def _given(rule: dict[str, Any], frame: pd.DataFrame, report: Report, _: Package) -> None:
    """`field` is filled exactly where `column` says `value`."""
    asked = frame[rule["column"]] == rule["value"]
    given = frame[rule["field"]] != ""
    said = f"{rule['column']} {rule['value']}"
    report.rows(asked & ~given, rule["field"], frame[rule["field"]], f"must be given with {said}")
    report.rows(given & ~asked, rule["field"], frame[rule["field"]], f"stands with {said} only; empty it")


def _ratable(rule: dict[str, Any], frame: pd.DataFrame, report: Report, _: Package) -> None:
    """What has a number (`number`) and a date (`date`) can be held against them: `field` says why not."""
    both = (frame[rule["number"]] != "") & (frame[rule["date"]] != "")
    report.rows(
        both & (frame[rule["field"]] != ""),
        rule["field"],
        frame[rule["field"]],
        f"cannot be said of what has {rule['number']} and {rule['date']}: that is always ratable; empty it",
    )


def _fits(rule: dict[str, Any], frame: pd.DataFrame, report: Report, package: Package) -> None:
    """Where `field` says a word of `dimensions`, the unit in `unit` has one of the dimensions named there."""
    units = package.frames.get("units")
    if units is None or not {"unit_id", "dimension"} <= set(units.columns):
        return
    dimension = frame[rule["unit"]].map(dict(zip(units["unit_id"], units["dimension"])))
    kinds = frame[rule["field"]]
    for word, allowed in rule["dimensions"].items():
        wrong = (kinds == word) & dimension.notna() & ~dimension.isin(allowed)
        report.rows(
            wrong,
            rule["field"],
            kinds,
            lambda i: (
                f"is counted in {', '.join(rule['dimensions'][kinds[i]])}, and column {rule['unit']} has "
                f"{frame[rule['unit']][i]}: that would be two kinds in one row; divide it, or choose the kind of "
                "its number"
            ),
        )


# --- dates ----------------------------------------------------------------------------------------


def _order(rule: dict[str, Any], frame: pd.DataFrame, report: Report, _: Package) -> None:
    """`fields` = [earlier, later]; compared to the precision both have."""
    first, last = rule["fields"]
    both = frame[frame[first].str.fullmatch("[0-9-]+") & frame[last].str.fullmatch("[0-9-]+")]
    length = pd.concat([both[first].str.len(), both[last].str.len()], axis=1).min(axis=1)
    early = pd.Series([v[:n] for v, n in zip(both[first], length)], index=both.index, dtype=str)
    late = pd.Series([v[:n] for v, n in zip(both[last], length)], index=both.index, dtype=str)
    report.rows(early > late, last, both[last], lambda i: f"lies before {first} ({both[first][i]})")


def _past(rule: dict[str, Any], frame: pd.DataFrame, report: Report, package: Package) -> None:
    """The date or period `field` must have begun on the day the data stand at."""
    if not package.as_of:
        return
    column, today = frame[rule["field"]], pd.Timestamp(package.as_of)
    later = {text for text in column.unique() if _first_day(text) > today}
    kept = " and ".join(f"{name} {value}" for name, value in rule.get("where", {}).items())
    report.rows(
        column.isin(later),
        rule["field"],
        column,
        f"begins after the day the data stand at, {package.as_of}"
        + (f", which cannot be with {kept}" if kept else "")
        + "; correct it, or give the later day in storykit:asOf of data/datapackage.json",
    )


def _first_day(text: str) -> pd.Timestamp:
    """First day of a date or period; NaT for what is neither, which is reported as such."""
    try:
        return periods.bounds(text or "undated")[0]
    except project.DataError:
        return periods.bounds("undated")[0]


# --- places ---------------------------------------------------------------------------------------


def _last_day(text: str) -> pd.Timestamp:
    """The last day that a date may mean; of a text that is none, the last of all: other checks name it."""
    try:
        return periods.bounds(text)[1]
    except project.DataError:
        return pd.Timestamp.max


def _within(rule: dict[str, Any], frame: pd.DataFrame, report: Report, package: Package) -> None:
    """The point (lat, lon) must lie in the area that column `area` names in a geometry."""
    half = (frame["lat"] == "") != (frame["lon"] == "")
    report.rows(half, "lat", frame["lat"], "lat and lon must both be given or both be empty")
    lat = pd.to_numeric(frame["lat"], errors="coerce")
    lon = pd.to_numeric(frame["lon"], errors="coerce")
    placed = lat.between(-90, 90) & lon.between(-180, 180) & (frame[rule["area"]] != "")
    if rule["geometry"] not in package.geometries or not placed.any():
        return
    outside = _distance(rule, frame[rule["area"]][placed], lat[placed], lon[placed])
    report.rows(
        outside > rule["tolerance_degrees"],
        "lat",
        frame["lat"] + ", " + frame["lon"],
        lambda i: (
            f"lies outside {frame[rule['area']][i]}, which column {rule['area']} names "
            f"(by {outside[i]:.1f} degrees; allowed are {rule['tolerance_degrees']})"
        ),
    )


def _distance(rule: dict[str, Any], area: pd.Series, lat: pd.Series, lon: pd.Series) -> pd.Series:
    """Degrees between each point and its area; rows whose area the geometry does not know are left out."""
    import geopandas
    import shapely

    shapes = area.map(tables.geometry(rule["geometry"])["geometry"])
    known = shapes.notna()
    points = geopandas.points_from_xy(lon[known], lat[known])
    return pd.Series(shapely.distance(points, list(shapes[known])), index=area.index[known])


# --- rows of one table ----------------------------------------------------------------------------


def _lead(rule: dict[str, Any], frame: pd.DataFrame, report: Report, _: Package) -> None:
    """At most one leading row for one combination of `fields`."""
    leading = frame[frame[rule["column"]] == "lead"]
    report.rows(
        leading.duplicated(rule["fields"], keep=False),
        rule["column"],
        leading[rule["column"]],
        "only one row of the same " + ", ".join(rule["fields"]) + " may lead; make the others alternative",
    )


def _composed(rule: dict[str, Any], frame: pd.DataFrame, report: Report, _: Package) -> None:
    """`field` is made of `fields`, joined by a slash, with ~2, ~3 for further rows on the same thing."""
    first, *others = rule["fields"]
    expected = frame[first].str.cat([frame[name] for name in others], sep="/")
    given = frame[rule["field"]].str.replace("~[0-9]+$", "", regex=True)
    report.rows(
        given != expected,
        rule["field"],
        frame[rule["field"]],
        lambda i: f"must be {'/'.join(rule['fields'])} of its own row, which is {expected[i]}",
    )


def _tree(rule: dict[str, Any], frame: pd.DataFrame, report: Report, _: Package) -> None:
    """Nothing is its own parent (`field` names the parent's `key`), or its parent's parent, and so on."""
    parent, key, left = rule["field"], rule["key"], -1
    loop = frame[frame[parent] != ""]
    while len(loop) != left:  # what has no parent or no child left is in no loop
        left = len(loop)
        loop = loop[loop[parent].isin(loop[key]) & loop[key].isin(loop[parent])]
    report.rows(
        loop[parent] != "",
        parent,
        loop[parent],
        "comes back to its own row, from parent to parent; empty the one that is wrong",
    )


# --- rows of other tables -------------------------------------------------------------------------


def _high(rule: dict[str, Any], frame: pd.DataFrame, report: Report, package: Package) -> None:
    """High `confidence` needs two sources, or one whose kind is among `kinds` (a primary document)."""
    sources = package.frames.get("sources")
    if sources is None or not {"source_id", "kind"} <= set(sources.columns):
        return
    kinds = dict(zip(sources["source_id"], sources["kind"]))
    alone = (frame["confidence"] == "high") & ~frame["source_ids"].str.contains(";", regex=False)
    enough = [str(kind) for kind in rule["kinds"]]
    weak = alone & ~frame["source_ids"].map(kinds).isin(enough)
    report.rows(
        weak,
        "confidence",
        frame["confidence"],
        lambda i: (
            f"rests on one source of kind {kinds.get(frame['source_ids'][i], 'unknown')}; high needs two "
            f"independent sources, or one of these kinds: {', '.join(enough)}"
        ),
    )


def _linked(rule: dict[str, Any], frame: pd.DataFrame, report: Report, package: Package) -> None:
    """Each row is named at least once in the table `table`, in its column of the same name as `field`."""
    other = package.frames.get(rule["table"])
    if other is None or rule["field"] not in other.columns:
        return
    lost = ~frame[rule["field"]].isin(other[rule["field"]])
    words = f"stands in no row of data/tables/{rule['table']}.csv; add {rule['what']} there"
    report.rows(lost, rule["field"], frame[rule["field"]], words)


def _rated(rule: dict[str, Any], frame: pd.DataFrame, report: Report, package: Package) -> None:
    """`field` says `value` exactly where the row of `table` that `key` names has a reason in `reason`."""
    other = package.frames.get(rule["table"])
    if other is None or not {rule["key"], rule["reason"]} <= set(other.columns):
        return
    reasons = frame[rule["key"]].map(dict(zip(other[rule["key"]], other[rule["reason"]])))
    says, because = frame[rule["field"]] == rule["value"], reasons.fillna("") != ""
    place = f"{rule['reason']} of data/tables/{rule['table']}.csv"
    words = f"needs a reason in {place}"
    report.rows(says & ~because, rule["field"], frame[rule["field"]], words)
    words = f"must be {rule['value']}, for {place} has a reason"
    report.rows(because & ~says, rule["field"], frame[rule["field"]], words)


def _reached(rule: dict[str, Any], frame: pd.DataFrame, report: Report, package: Package) -> None:
    """`field` says `value` only at a date (`at`) that is not before the one in `date` of the row of `table`."""
    other = package.frames.get(rule["table"])
    if other is None or not {rule["key"], rule["date"]} <= set(other.columns):
        return
    due = frame[rule["key"]].map(dict(zip(other[rule["key"]], other[rule["date"]]))).fillna("")
    says = frame[(frame[rule["field"]] == rule["value"]) & (due != "")]
    early = [i for i in says.index if _last_day(says[rule["at"]][i]) < _last_day(due[i])]
    report.rows(
        frame.index.to_series().isin(early),
        rule["field"],
        frame[rule["field"]],
        lambda i: (
            f"is said of {frame[rule['at']][i]}, before the date that is due ({due[i]}); until then it is open"
        ),
    )


def _corrected(_: dict[str, Any], frame: pd.DataFrame, report: Report, package: Package) -> None:
    """What `value` says stands in `table`, in the row `key`, in `field`: else it holds nothing fast."""
    for name, field, rows in _by_column(frame, "table", "field", report, package):
        if key_of(package.entries[name]):
            _stands(name, field, rows, report, package)


def _by_column(
    frame: pd.DataFrame, table: str, field: str, report: Report, package: Package
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Rows by the table and column that they name; those that name none are reported."""
    known = frame[table].isin(package.named)
    words = "is no table; there are: " + ", ".join(package.named)
    report.rows(~known & (frame[table] != ""), table, frame[table], words)
    for (name, column), rows in frame[known].groupby([table, field]):
        if name not in package.frames:
            continue
        columns = package.frames[name].columns
        if column in columns:
            yield str(name), str(column), rows
        else:
            words = f"is no column of data/tables/{name}.csv; there are: " + ", ".join(columns)
            report.cells(rows[field], field, words)


def _named(rule: dict[str, Any], frame: pd.DataFrame, report: Report, package: Package) -> None:
    """What `value` says stands in the table and column that `table` and `field` name, in a key as it is, in a
    text as words of it: else nothing has the name."""
    for name, column, rows in _by_column(frame, rule["table"], rule["field"], report, package):
        cells = package.frames[name][column]
        lost = rows[rule["value"]][~rows[rule["value"]].isin(set(cells))]
        if key_of(package.entries[name]) != [column]:
            held = "\n".join(cells.unique())
            lost = lost[[not re.search(rf"(?<!\w){re.escape(text)}(?!\w)", held) for text in lost]]
        report.cells(lost, rule["value"], f"stands nowhere in column {column} of data/tables/{name}.csv")


def _stands(name: str, field: str, rows: pd.DataFrame, report: Report, package: Package) -> None:
    """The same for the corrections `rows` of one field of one table."""
    table, file = package.frames[name], f"data/tables/{name}.csv"
    keys = joined_key(table, key_of(package.entries[name]))
    wanted = keys.isin(rows["key"]) & ~keys.duplicated()
    cells = rows["key"].map(dict(zip(keys[wanted], table[field][wanted])))
    report.rows(cells.isna(), "key", rows["key"], f"is the key of no row in {file}")
    found = cells.dropna()
    report.rows(
        found != rows["value"][found.index],
        "value",
        rows["value"],
        lambda i: (
            f"is not what stands in {file}, row {rows['key'][i]}, column {field}: {found[i]!r}; "
            "write the same in both"
        ),
    )


RULES = {
    "order": Rule(_order, {"fields": 2}),
    "past": Rule(_past, {"field": 1}),
    "within": Rule(_within, {"area": 1}, {"geometry": str, "tolerance_degrees": float}, ("lat", "lon")),
    "lead": Rule(_lead, {"column": 1, "fields": 0}),
    "composed": Rule(_composed, {"field": 1, "fields": 0}),
    "tree": Rule(_tree, {"field": 1, "key": 1}),
    "together": Rule(_together, {"fields": 0}),
    "given": Rule(_given, {"field": 1, "column": 1}, {"value": str}),
    "ratable": Rule(_ratable, {"field": 1, "number": 1, "date": 1}),
    "fits": Rule(_fits, {"field": 1, "unit": 1}, {"dimensions": dict}),
    "linked": Rule(_linked, {"field": 1}, {"table": str, "what": str}),
    "reached": Rule(_reached, {"field": 1, "key": 1, "at": 1}, {"value": str, "table": str, "date": str}),
    "rated": Rule(_rated, {"field": 1, "key": 1}, {"value": str, "table": str, "reason": str}),
    "words": Rule(_words, {"field": 1}, {"most": float}),
    "high": Rule(_high, {}, {"kinds": list}, ("confidence", "source_ids")),
    "named": Rule(_named, {"table": 1, "field": 1, "value": 1}),
    "corrected": Rule(_corrected, {}, {}, ("table", "key", "field", "value")),
}
