"""A page for each series: drawn and as a table, with what it may and what it must not be compared with."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from storykit import periods, receipts, reshape, tables
from storykit.site import cards, links, relations, series_chart, views
from storykit.site.collected.plans import Page, Plan, as_page, cited
from storykit.site.markup import PageWriter
from storykit.site.uses import Uses

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

MOST_NEIGHBOURS = 6
ALIKE = 0.5
"""Series sound alike, whose labels share so much of their words."""
AKIN = 0.25
"""Series of one basis are neighbours, whose labels share so much of their words."""


def plans(app: StoryApp) -> Iterator[Plan]:
    places = hashlib.sha256(json.dumps(tables.listed("geographies")).encode()).hexdigest()
    typed = tables.load("observations")
    rows, sources = dict[str, list[dict[str, str]]](), dict[str, list[str]]()
    for row, ids in zip(tables.listed("observations"), typed["source_ids"], strict=True):
        rows.setdefault(row["series_id"], []).append(row)
        sources.setdefault(row["series_id"], []).extend(ids)
    units, around = tables.records("units"), Around(app.story.uses)
    for name, record in tables.records("series").items():
        told = around.told(name, links.Addresses(f"series/{name}", app.builder.get_relative_uri))
        mine = rows.get(name, [])
        key = json.dumps(
            [record, units[record["unit"]], mine, places, cited(sources.get(name, [])), repr(told)]
        )
        yield f"series/{name}", key, partial(_series_page, app, record, typed, told)


# --- what hangs together ----------------------------------------------------------------------------


class Around:
    """What hangs together with series, found once for all pages."""

    def __init__(self, uses: Uses) -> None:
        self.uses = uses
        self.series = tables.records("series")
        self.words = {name: _words(record["label"]) for name, record in self.series.items()}
        units = tables.records("units")
        self.of_kind: dict[str, list[str]] = {}
        for name, record in self.series.items():
            self.of_kind.setdefault(units[record["unit"]]["dimension"], []).append(name)
        self.dimension = {name: kind for kind, names in self.of_kind.items() for name in names}
        self.corrections = relations.by("corrections", "table").get("observations", [])
        self.decided = relations.decided()
        self.claims = self._claims()

    def _claims(self) -> dict[str, list[str]]:
        """Series -> the claims about which a finding gives the same number in the same unit from the same source."""
        findings: dict[tuple[float, str], list[Any]] = {}
        for finding in reshape.one_by_one(tables.load("outcomes")):
            if not pd.isna(finding.observed_value):
                findings.setdefault((finding.observed_value, finding.unit), []).append(finding)
        found: dict[str, dict[str, None]] = {}
        for row in reshape.one_by_one(tables.load("observations")):
            for finding in findings.get((row.value, self.series[row.series_id]["unit"]), []):
                if set(finding.source_ids) & set(row.source_ids):
                    found.setdefault(row.series_id, {})[finding.claim_id] = None
        return {series: list(claims) for series, claims in found.items()}

    def told(self, name: str, addresses: links.Addresses) -> views.SeriesRelations:
        """All that a series hangs together with."""
        mine = self.series[name]
        near = [
            (self.likeness(name, other), other)
            for other in self.of_kind[self.dimension[name]]
            if other != name
        ]
        near.sort(key=lambda pair: (-pair[0], self.series[pair[1]]["label"], pair[1]))
        other_basis = [o for like, o in near if like >= ALIKE and self.series[o]["basis"] != mine["basis"]]
        same_basis = [o for like, o in near if like >= AKIN and self.series[o]["basis"] == mine["basis"]]
        return views.SeriesRelations(
            apart=self._neighbours(other_basis, addresses),
            neighbours=self._neighbours(same_basis, addresses),
            corrections=tuple(
                views.Correction(
                    row=views.Link(r["key"], addresses.href(r["table"], r["key"])),
                    field=r["field"],
                    published=r["upstream_value"],
                    stands=r["value"],
                    reason=r["reason"],
                    when=receipts.date_words(r["made_on"]),
                )
                for r in self.corrections
                if r["key"].partition("/")[0] == name
            ),
            uses=self.uses.links("series", name, addresses),
            sentences=self.uses.sentences(name, addresses),
            claims=relations.claims((self.decided[c] for c in self.claims.get(name, [])), addresses),
        )

    def likeness(self, one: str, other: str) -> float:
        """How much of the words of two labels is the same, 0 to 1."""
        a, b = self.words[one], self.words[other]
        return len(a & b) / len(a | b) if a | b else 0.0

    def _neighbours(self, names: list[str], addresses: links.Addresses) -> tuple[views.Neighbour, ...]:
        return tuple(
            views.Neighbour(
                views.Link(self.series[name]["label"], addresses.href("series", name)),
                self.series[name]["basis"],
            )
            for name in names[:MOST_NEIGHBOURS]
        )


_SMALL = {
    "a",
    "an",
    "and",
    "as",
    "at",
    "by",
    "for",
    "from",
    "in",
    "its",
    "of",
    "on",
    "or",
    "per",
    "the",
    "to",
    "with",
}


def _words(label: str) -> frozenset[str]:
    """The words of a label that say what is measured; what stands in brackets says who counted, or when."""
    plain = re.sub(r"\([^)]*\)|['\N{RIGHT SINGLE QUOTATION MARK}]s\b", "", label).casefold()
    return frozenset(re.findall(r"[\w-]+", plain)) - _SMALL


# --- the page ---------------------------------------------------------------------------------------


def _series_page(
    app: StoryApp, record: dict[str, Any], observations: pd.DataFrame, told: views.SeriesRelations
) -> Page:
    rows = observations[observations["series_id"] == record["series_id"]]
    series, label = record["series_id"], record["label"]
    name, unit = f"series/{series}", tables.records("units")[record["unit"]]["label"]
    facts = [
        ("Unit", unit),
        ("Definition", record["definition"]),
        ("Basis", record["basis"]),
        (
            "May be drawn as a line",
            "yes" if record["line"] == "true" else "no: its values are not one sequence",
        ),
        ("Frequency", record["frequency"]),
        (
            "Next value expected",
            receipts.date_words(record["next_expected"]) if record["next_expected"] else "",
        ),
        ("Refreshed from", record["upstream"]),
        ("Note", record["note"]),
    ]
    writer = app.story.writer(name)
    view = views.SeriesPage(
        index=views.Link("The data", writer.page_href("book/data", "series")),
        label=label,
        chart=None if rows.empty else series_chart.chart(rows, record["line"] == "true"),
        facts=tuple(fact for fact in facts if fact[1]),
        places=rows["geography"].nunique() > 1,
        observations=_observations(writer, rows),
        download=f"{writer.root}_data/series/{series}.csv",
        told=told,
    )
    return as_page(app, name, label, view, story_description=record["definition"])


def _observations(writer: PageWriter, rows: pd.DataFrame) -> tuple[views.Observation, ...]:
    places = tables.records("geographies")
    ends = rows["period"].map(lambda p: periods.bounds(p)[1])
    ordered = rows.assign(_end=ends).sort_values(["geography", "_end", "observation_id"])
    return tuple(
        views.Observation(
            id=links.row("observations", r.observation_id)[1],
            place=places[r.geography]["name"],
            period=receipts.date_words(r.period),
            value=cards.written(r.observation_id),
            kind=_kind(r),
            note=r.note,
            confidence=r.confidence,
            sources=writer.sources(r.source_ids),
        )
        for r in reshape.one_by_one(ordered)
    )


def _kind(row: Any) -> str:
    other = "another telling" if row.standing == "alternative" else ""
    return "; ".join(filter(None, [cards.NATURE[row.nature], row.vintage, other]))
