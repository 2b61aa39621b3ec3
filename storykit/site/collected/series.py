"""A page for each series."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from storykit import periods, receipts, reshape, tables
from storykit.site import cards, links, views
from storykit.site.collected.plans import Page, Plan, as_page, cited
from storykit.site.markup import PageWriter

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp


def plans(app: StoryApp) -> Iterator[Plan]:
    raw, places = tables.raw("observations"), tables.raw("geographies").to_csv()
    groups = dict(tuple(tables.load("observations").groupby("series_id", sort=False)))
    texts = {name: rows.to_csv(index=False) for name, rows in raw.groupby("series_id", sort=False)}
    units = tables.records("units")
    for name, record in tables.records("series").items():
        rows = groups.get(name)
        sources = [s for ids in rows["source_ids"] for s in ids] if rows is not None else []
        key = json.dumps([record, units[record["unit"]], texts.get(name, ""), places, cited(sources)])
        yield f"series/{name}", key, partial(_series_page, app, record, rows)


def _series_page(app: StoryApp, record: dict[str, Any], rows: pd.DataFrame | None) -> Page:
    name, label = f"series/{record['series_id']}", record["label"]
    unit = tables.records("units")[record["unit"]]["label"]
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
    view = views.SeriesPage(
        label=label,
        facts=tuple(fact for fact in facts if fact[1]),
        places=rows is not None and rows["geography"].nunique() > 1,
        observations=_observations(app.story.writer(name), rows) if rows is not None else (),
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
