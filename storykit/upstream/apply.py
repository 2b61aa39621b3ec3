"""What an upstream's rows mean for our tables. Pure: rows in, rows and events out; no network, no disk.

The rules, in the order in which they are asked:

1. A row of an unknown series, place or source is refused, and with it all that this source gave: it is no
   answer to what was asked. So are two values for one thing.
2. A row under an entry of `corrections` is left as the editor set it, and reported.
3. A year that was split off into a sibling series (`x_pre2017`, `x_before_break`) does not come back.
4. A forecast, and a period that begins after the day of the refresh, is left out; so is a row with a mark of
   the source that nobody here knows, which an editor looks up.
5. A refresh never reaches back before the first period a series holds.
6. Where an editor lets another source lead beside a row of this one, it stays so, and is reported.
7. A place that changed as a whole is a break and no set of revisions: nothing of it is taken. Nor is a value
   unlike what its place has had (`history`). An editor decides; the other rows go on.
8. What is new is added. What has another value leads, under the id readers already link to; the old row
   stays as its history: `alternative`, vintage `superseded YYYY-MM-DD`.
9. What an upstream gives no longer is reported and kept.
"""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

from storykit.upstream.history import History, by_place, wholesale

SPLIT = re.compile(r"_(?:pre\d{4}|before_break)")
"""Ending of a series that holds the years before a break of the series named before it."""
SUPERSEDED = "superseded"
"""Begins the vintage of a row that a refresh has put aside."""
PLACES_OF_A_NEW_SERIES = 4
"""Decimal places kept where a series has no row yet to set the example."""
PLANS = ("forecast", "target")
"""Natures of rows that were never measured: no history to compare with, and never taken from an upstream."""
_EXACT = Context(prec=100)
"""Arithmetic that rounds nothing away by itself."""

Rows = list[dict[str, str]]


@dataclasses.dataclass(frozen=True)
class Row:
    """One measured number as an upstream gives it, in the unit of its series.

    `vintage` and `note` of None: as the neighbours have it, if they agree. `flag`: a mark of the source whose
    meaning is not known here, in words; such a row is not taken.
    """

    series_id: str
    geography: str
    period: str
    value: Decimal
    source_id: str
    nature: str = "observed"
    qualifier: str = "exact"
    flag: str = ""
    vintage: str | None = None
    note: str | None = None

    @property
    def thing(self) -> tuple[str, str, str]:
        return self.series_id, self.geography, self.period


@dataclasses.dataclass(frozen=True)
class Region:
    """One region in a provider's own list."""

    provider: str
    code: str
    name: str
    source_id: str
    note: str


@dataclasses.dataclass
class Batch:
    """What one source gave.

    `answered` are the series it answered for: only in these is a missing row one that vanished.
    `passing_notes` are notes the source itself sets and later withdraws ("provisional").
    `regions` maps a provider to its list; those in `open_lists` name public regions only, so that a new
    name is a new row, whereas a name in another list is merely reported.
    `sources` are rows of table `sources` that its own rows rest on.
    """

    rows: list[Row] = dataclasses.field(default_factory=list)
    answered: set[str] = dataclasses.field(default_factory=set)
    passing_notes: frozenset[str] = frozenset()
    regions: dict[str, list[Region]] = dataclasses.field(default_factory=dict)
    open_lists: frozenset[str] = frozenset()
    sources: Rows = dataclasses.field(default_factory=list)
    problems: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Known:
    """The tables as they stand, rows as {column: text}; a table that the story does not have is empty."""

    tables: dict[str, Rows]

    def __getitem__(self, name: str) -> Rows:
        return self.tables.get(name, [])

    def values(self, table: str, column: str) -> set[str]:
        return {row[column] for row in self.tables[table]}

    def source_at(self, url: str) -> str | None:
        """Id of the source with this address."""
        wanted = url.rstrip("/")
        return next((r["source_id"] for r in self.tables["sources"] if r["url"].rstrip("/") == wanted), None)

    def series_of(self, upstream: str) -> Rows:
        """Series whose `upstream` names this source."""
        return [row for row in self.tables["series"] if row["upstream"].partition(":")[0] == upstream]

    def held(self, series_id: str) -> Rows:
        return [row for row in self.tables["observations"] if row["series_id"] == series_id]


@dataclasses.dataclass(frozen=True)
class Event:
    """Something a person should know of. `size` orders revisions: share of the old value."""

    kind: str
    text: str
    size: float = 0.0


KINDS = {
    "added": "new",
    "revised": "revised; the old value is kept as history",
    "settled": "no longer provisional",
    "corrected": "under a correction, left as the editor set it",
    "break": "changed as a whole, not taken: if the source has a new base, unit or method, begin a new series",
    "odd": "unlike what the place has had, not taken: if it is right, put the row in by hand",
    "flagged": "marked by the source in a way that is not known here, not taken: look up what it means",
    "forecast": "a forecast, or for a time to come, left out",
    "split": "split off into an earlier series, not taken",
    "older": "before the first period held, not taken",
    "vanished": "a source that vanished: no longer given upstream, kept",
    "differs": "told differently upstream, left as it is",
}
"""Kind of event -> words, in the order of the report."""
FOR_AN_EDITOR = ("break", "odd", "flagged")
"""Kinds of event that leave something out which may be right: somebody has to look."""


@dataclasses.dataclass
class Outcome:
    """The tables after a merge, what happened, and what forbids it."""

    tables: dict[str, Rows]
    events: list[Event]
    problems: list[str]


def apply(batch: Batch, known: Known, retrieved_on: str) -> Outcome:
    """Merge what a source gave into our tables.

    Parameters
    ----------
    batch
        From the `fetch` of a source.
    known
        The tables as they stand; not altered.
    retrieved_on
        Day of the refresh (YYYY-MM-DD); stands in the vintage of rows that a revision supersedes.

    Returns
    -------
    Outcome with all tables (those touched in their order on disk). With problems, use none of it.
    """
    tables = {**known.tables, "sources": _with_sources(known["sources"], batch.sources)}
    known = Known(tables)
    problems = [*batch.problems, *_refusals(batch.rows, known)]
    if problems:
        return Outcome(tables, [], problems)
    merge = _Merge(batch, known, retrieved_on)
    tables["observations"] = merge.observations()
    if "cloud_regions" not in tables:
        return Outcome(tables, merge.events, [])
    tables["cloud_regions"], events = _merge_regions(batch, known)
    return Outcome(tables, merge.events + events, [])


def _with_sources(old: Rows, new: Rows) -> Rows:
    ids = {row["source_id"] for row in old}
    missing = [row for row in new if row["source_id"] not in ids]
    return sorted([*old, *missing], key=lambda row: row["source_id"]) if missing else old


def _refusals(rows: Iterable[Row], known: Known) -> list[str]:
    """What of these rows our tables have no place for."""
    allowed = {
        "series_id": (known.values("series", "series_id"), "series"),
        "geography": (known.values("geographies", "geography"), "geographies"),
        "source_id": (known.values("sources", "source_id"), "sources"),
    }
    problems: dict[str, None] = {}
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        for field, (ids, table) in allowed.items():
            if getattr(row, field) not in ids:
                words = f"{row.series_id}: {field} {getattr(row, field)!r} is not in data/tables/{table}.csv"
                problems[words] = None
        if row.thing in seen:
            problems[f"{'/'.join(row.thing)}: upstream gives more than one value"] = None
        seen.add(row.thing)
    return list(problems)


class _Merge:
    """The work on `observations`, with what it looks up again and again."""

    def __init__(self, batch: Batch, known: Known, retrieved_on: str):
        self.batch, self.retrieved_on = batch, retrieved_on
        self.events: list[Event] = []
        self.rows = [dict(row) for row in known["observations"]]
        self.ids = {row["observation_id"] for row in self.rows}
        self.columns = list(self.rows[0]) if self.rows else []
        self.series: dict[str, Rows] = defaultdict(list)
        for row in self.rows:
            self.series[row["series_id"]].append(row)
        self.lead = {_thing(row): row for row in self.rows if row["standing"] == "lead"}
        self.beside = {
            (_thing(row), source)
            for row in self.rows
            for source in _sources(row)
            if row["standing"] != "lead" and SUPERSEDED not in row["vintage"]
        }
        self.said = _said(self.lead.values())
        self.corrected = _corrected(known)
        self.split = _split_off(self.series)
        self.places = {name: max(_places(row["value"]) for row in rows) for name, rows in self.series.items()}
        self.history = self._history()
        self.whole = self._wholesale()
        self.first = {name: min(row["period"] for row in rows) for name, rows in self.series.items()}

    def _history(self) -> History:
        history = History()
        for thing, row in self.lead.items():
            if row["nature"] not in PLANS:
                history.add(*thing, float(row["value"]))
        return history

    def _wholesale(self) -> dict[tuple[str, str], str]:
        """Places that changed as a whole -> the kind of event; each is told once."""
        given = by_place((*row.thing, float(row.value)) for row in self.batch.rows if self._may_revise(row))
        held = by_place(
            (*t, float(row["value"])) for t, row in self.lead.items() if row["nature"] not in PLANS
        )
        found = wholesale(given, held, self._alike)
        for (series, geography), told in sorted(found.items()):
            self.events.append(Event(told.kind, f"{series}/{geography}: {told.words}"))
        return {place: told.kind for place, told in found.items()}

    def _alike(self, series: str, one: float, other: float) -> bool:
        return abs(one - other) <= 0.500001 * 10.0 ** -self.places.get(series, PLACES_OF_A_NEW_SERIES)

    def _may_revise(self, row: Row) -> bool:
        """Whether nothing but its value decides what becomes of a row."""
        stays = row.thing in self.corrected or self._another_leads(row)
        return not (stays or row.flag or self._is_plan(row))

    def _another_leads(self, row: Row) -> bool:
        """Whether an editor lets another source lead beside a row of this one."""
        old = self.lead.get(row.thing)
        if old is None or row.source_id in _sources(old):
            return False
        return (row.thing, row.source_id) in self.beside

    def _is_plan(self, row: Row) -> bool:
        return row.nature in PLANS or row.period > self.retrieved_on[: len(row.period)]

    def observations(self) -> Rows:
        added: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in sorted(self.batch.rows, key=lambda row: row.thing):
            kind = self._take(row)
            if kind:
                added[kind, row.series_id].append(f"{row.geography} {row.period}")
        self._vanished()
        for (kind, series), places in added.items():
            self.events.append(Event(kind, f"{series}: {_listed(places)}"))
        return sorted(self.rows, key=lambda row: (*_thing(row), row["observation_id"]))

    def _take(self, row: Row) -> str | None:
        """Do with one upstream row what the rules say; the kind of event if it is told in bulk."""
        if row.thing in self.corrected:
            self._report_correction(row)
            return None
        if row.thing in self.split:
            return "split"
        if row.flag:
            self._tell("flagged", row, row.flag)
            return None
        if self._is_plan(row):
            return "forecast"
        old = self.lead.get(row.thing)
        if old is None and row.period < self.first.get(row.series_id, ""):
            return "older"
        if old and _same(old["value"], row.value, self._precision(row)):
            return self._settle(old, row)
        if self._another_leads(row):
            written = _written(row.value, self._precision(row))
            self._tell("differs", row, f"upstream gives {written}, another source leads")
            return None
        if row.thing[:2] in self.whole:
            return None
        if odd := self.history.odd(*row.thing, float(row.value)):
            self._tell("odd", row, f"{row.value:f} {odd}")
            return None
        self.history.add(*row.thing, float(row.value))
        if old:
            self._revise(old, row)
            return None
        self._add(row, self._free_id(row))
        return "added"

    def _tell(self, kind: str, row: Row, words: str) -> None:
        self.events.append(Event(kind, f"{'/'.join(row.thing)}: {words}"))

    def _settle(self, old: dict[str, Any], row: Row) -> str | None:
        """The value stands; a note of the source's own that no longer holds goes."""
        if old["note"] in self.batch.passing_notes and row.note == "":
            old["note"] = ""
            return "settled"
        return None

    def _revise(self, old: dict[str, Any], row: Row) -> None:
        key, before = old["observation_id"], old["value"]
        kept = self._free_id(row)
        old.update(
            observation_id=kept,
            standing="alternative",
            vintage="; ".join(filter(None, [old["vintage"], f"{SUPERSEDED} {self.retrieved_on}"])),
        )
        self.ids.add(kept)
        new = self._add(row, key)
        base = abs(Decimal(before)) or Decimal(1)
        self.events.append(
            Event(
                "revised",
                f"{key}: {before} -> {new['value']} (history: {kept})",
                float(abs(Decimal(new["value"]) - Decimal(before)) / base),
            )
        )

    def _add(self, row: Row, key: str) -> dict[str, str]:
        vintage = (
            self._agreed("vintage", row.series_id, row.source_id) if row.vintage is None else row.vintage
        )
        note = self._agreed("note", *row.thing[:2], row.source_id) if row.note is None else row.note
        new = dict.fromkeys(self.columns, "") | {
            "observation_id": key,
            "series_id": row.series_id,
            "geography": row.geography,
            "period": row.period,
            "value": _written(row.value, self._precision(row)),
            "qualifier": row.qualifier,
            "nature": row.nature,
            "standing": "lead",
            "vintage": vintage,
            "source_ids": row.source_id,
            "confidence": "high",
            "note": note,
        }
        self.rows.append(new)
        self.ids.add(key)
        return new

    def _precision(self, row: Row) -> int:
        return self.places.get(row.series_id, PLACES_OF_A_NEW_SERIES)

    def _free_id(self, row: Row) -> str:
        base, number = "/".join(row.thing), 1
        key = base
        while key in self.ids:
            number += 1
            key = f"{base}~{number}"
        return key

    def _agreed(self, *about: str) -> str:
        """What all leading rows about this say, before anything was added; nothing if they differ."""
        said = self.said[about]
        return next(iter(said)) if len(said) == 1 else ""

    def _report_correction(self, row: Row) -> None:
        entry = self.corrected[row.thing]
        here, places = self.lead.get(row.thing), self._precision(row)
        upstream = _written(row.value, places)
        stands = f"{entry['field']} {entry['value']} stands against {entry['upstream_value']}"
        held = f", the row has {here['value']}" if here else ""
        advice = ""
        if entry["field"] == "value" and _says(entry["value"], row.value, places):
            advice = "; upstream now says the same: the correction can go"
        elif entry["field"] == "value" and not _says(entry["upstream_value"], row.value, places):
            advice = "; that is a third value: look again"
        told = f"upstream gives {upstream}{held} ({entry['correction_id']}: {stands}){advice}"
        self._tell("corrected", row, told)

    def _vanished(self) -> None:
        given = {row.thing for row in self.batch.rows}
        sources: dict[str, set[str]] = defaultdict(set)
        for row in self.batch.rows:
            sources[row.series_id].add(row.source_id)
        for series in sorted(self.batch.answered):
            lost = [
                key
                for key, row in self.lead.items()
                if key[0] == series
                and key not in given
                and key not in self.corrected
                # A series without any answer has no source to compare: then all its rows are meant.
                and (not sources[series] or sources[series] & _sources(row))
            ]
            if lost:
                names = [f"{geography} {period}" for _, geography, period in lost]
                self.events.append(Event("vanished", f"{series}: {_listed(names)}"))


def _thing(row: dict[str, str]) -> tuple[str, str, str]:
    return row["series_id"], row["geography"], row["period"]


def _sources(row: dict[str, str]) -> set[str]:
    return set(row["source_ids"].split(";"))


def _said(leading: Iterable[dict[str, str]]) -> dict[tuple[str, ...], set[str]]:
    """Vintages of the rows of a series from one source, and notes of those about one place."""
    said: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in leading:
        for source in _sources(row):
            said["vintage", row["series_id"], source].add(row["vintage"])
            said["note", row["series_id"], row["geography"], source].add(row["note"])
    return said


def _corrected(known: Known) -> dict[tuple[str, str, str], dict[str, str]]:
    """What a correction holds fast -> its entry. One of a period also holds the period upstream gives."""
    held: dict[tuple[str, str, str], dict[str, str]] = {}
    for entry in known["corrections"]:
        parts = entry["key"].partition("~")[0].split("/")
        if entry["table"] != "observations" or len(parts) != 3:
            continue
        series, geography, period = parts
        if entry["field"] == "period":
            held.setdefault((series, geography, entry["upstream_value"]), entry)
        held[series, geography, period] = entry
    return held


def _split_off(series: dict[str, Rows]) -> set[tuple[str, str, str]]:
    """What stands in an earlier sibling, under the name of the series it was split from."""
    return {
        (match[1], row["geography"], row["period"])
        for name, rows in series.items()
        if (match := re.fullmatch(rf"(.+?){SPLIT.pattern}", name))
        for row in rows
    }


def _places(value: str) -> int:
    exponent = Decimal(value).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0  # a letter, where it is no finite number


def _same(held: str, exact: Decimal, places: int) -> bool:
    """Whether an exact value, rounded as the series is, is the one held (either way at a tie)."""
    return abs(Decimal(held) - exact) <= Decimal(1).scaleb(-places) * Decimal("0.500001")


def _says(text: str, exact: Decimal, places: int) -> bool:
    """The same of a correction's text, which need not be a number."""
    try:
        return _same(text, exact, places)
    except InvalidOperation:
        return False


def _written(exact: Decimal, places: int) -> str:
    """A value as the tables write it: rounded, without trailing zeros, sign of zero or exponent."""
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN, context=_EXACT)
    text = f"{rounded:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _listed(names: list[str], most: int = 8) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{len(names):,} ({', '.join(names[:most])}{more})"


def _merge_regions(batch: Batch, known: Known) -> tuple[Rows, list[Event]]:
    """Regions: this table is collected by hand and has no history, so an upstream adds and reports only."""
    rows, events = list(known["cloud_regions"]), []
    corrected = {
        entry["key"]: entry["correction_id"]
        for entry in known["corrections"]
        if entry["table"] == "cloud_regions"
    }
    for provider, regions in batch.regions.items():
        held = {row["region_code"]: row for row in rows if row["provider"] == provider and row["region_code"]}
        listed = {region.code: region for region in regions}
        new = [listed[code] for code in sorted(listed.keys() - held.keys())]
        if provider in batch.open_lists:
            rows = _after_provider(rows, provider, [_region_row(region) for region in new])
        kind = "added" if provider in batch.open_lists else "differs"
        events += [Event(kind, f"{provider}-{region.code}: {region.name} is listed there") for region in new]
        events += [
            event
            for code, row in held.items()
            if (event := _region_event(row, listed.get(code), corrected.get(row["region_id"])))
        ]
    return rows, events


def _region_event(row: dict[str, str], region: Region | None, correction: str | None) -> Event | None:
    key, status = row["region_id"], row["status"]
    if region is None:
        gone = f"{key}: open here, not in the provider's list"
        return Event("vanished", gone) if status == "open" else None
    words = []
    if region.name not in (row["region_name"], region.code):
        words.append(f"{row['region_name']!r} here, {region.name!r} upstream")
    if status != "open":
        words.append(f"{status} here, listed upstream")
    if not words:
        return None
    suffix = f" ({correction})" if correction else ""
    return Event("corrected" if correction else "differs", f"{key}: {'; '.join(words)}{suffix}")


def _region_row(region: Region) -> dict[str, str]:
    return {
        "region_id": f"{region.provider}-{region.code}",
        "provider": region.provider,
        "region_code": region.code,
        "region_name": region.name,
        "status": "open",
        "source_ids": region.source_id,
        "confidence": "low",
        "note": region.note,
    }


def _after_provider(rows: Rows, provider: str, new: Rows) -> Rows:
    """New rows behind the last of their provider: the order of the file is kept."""
    last = max((i for i, row in enumerate(rows) if row["provider"] == provider), default=len(rows) - 1)
    return [*rows[: last + 1], *new, *rows[last + 1 :]]
