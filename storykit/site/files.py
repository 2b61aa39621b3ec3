"""Files beside the pages: of each figure, the data package, the feed."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from storykit import descriptor, figures, maps, project, receipts, reshape, tables, verdicts
from storykit.site import assets, execution, links, pictures, views
from storykit.site.templates import render

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp


def draw(app: StoryApp, out: Path) -> None:
    """The pictures of all figures, if there is a browser: before pages are written, which say what they weigh."""
    if app.story.pictures:
        records = [record for _, record in app.story.figures()]
        pictures.make(records, execution.state_folder() / "pictures", out / "_figures")


def write_figures(app: StoryApp, out: Path) -> None:
    """`_figures`: the files and pictures of all figures, their index, and nothing that no page asks for."""
    folder = out / "_figures"
    folder.mkdir(exist_ok=True)
    shown = app.story.figures()
    records = [record for _, record in shown]
    index = {record.id: {"page": page, "rows": record.rows} for page, record in shown}
    assets.write(folder / "index.json", json.dumps(index, separators=(",", ":")))
    wanted = {"index.json"}
    for record in records:
        wanted |= _write_figure(record, folder, app.story.assets)
    if app.story.pictures:
        wanted |= {f"{r.id}.{ending}" for r in records for ending, *_ in pictures.variants(r)}
    for record in records:
        for (
            old
        ) in record.formerly:  # a static host cannot lead a file on: the new one stands under both names
            for name in [name for name in wanted if name.split(".")[0] == record.id]:
                shutil.copyfile(folder / name, folder / f"{old}{name.removeprefix(record.id)}")
                wanted = wanted | {f"{old}{name.removeprefix(record.id)}"}
    for stray in folder.iterdir():
        if stray.name not in wanted:
            stray.unlink()


def _write_figure(record: figures.Record, folder: Path, names: dict[str, str]) -> set[str]:
    """A figure's data, chart and live map; the names of the files."""
    name = record.id
    sources = tables.load("sources")
    about = {
        "id": name,
        "title": receipts.plain(record.title),
        "subtitle": receipts.plain(record.subtitle),
        "description": receipts.plain(record.description),
        "sources": [
            {"id": s, "title": sources.loc[s, "title"], "url": sources.loc[s, "url"]} for s in record.sources
        ],
        "data_version": descriptor.about("version"),
        "licence": descriptor.about("licenses")[0]["name"],
        "height": record.height,
        "narrow_height": record.narrow_height,
        "narrow": record.narrow,
        **record.spec,
    }
    assets.write(folder / f"{name}.json", json.dumps(about, ensure_ascii=False, separators=(",", ":")))
    with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(record.columns)
        writer.writerows(record.table)
    if record.frame is not None:
        frame = record.frame | {"title": receipts.plain(record.title)}
        assets.write(folder / f"{name}.map.html", maps.document(frame, names))
        return {f"{name}.json", f"{name}.csv", f"{name}.map.html"}
    return {f"{name}.json", f"{name}.csv"}


def write_feed(app: StoryApp, out: Path) -> None:
    """The changes as an Atom feed, `changes.atom`; its dates are the data's, never the build's."""
    base = (app.config.html_baseurl or "").rstrip("/")
    about = descriptor.package()
    rows = list(reshape.one_by_one(tables.load("changes").iloc[::-1]))
    name = f"tag:{about['name']},{about['created'][:4]}"
    entries = tuple(
        views.FeedEntry(
            id=f"{name}:{r.change_id}",
            title=r.summary,
            updated=f"{r.date}T00:00:00Z",
            href=f"{base}/book/changes.html#change-{links.anchor(r.change_id)}",
            summary=f"{r.rows_added} rows added, {r.rows_removed} removed, {r.rows_changed} changed. "
            + "; ".join(r.moved),
        )
        for r in rows
    )
    feed = views.Feed(
        id=f"{name}:changes",
        title=f"{about['title']}: changes",
        author=about["contributors"][0]["title"],
        updated=f"{rows[0].date if rows else verdicts.data_as_of()}T00:00:00Z",
        href=f"{base}/changes.atom",
        entries=entries,
    )
    (out / "changes.atom").write_text(render(feed), encoding="utf-8")


def write_data(out: Path) -> None:
    """Copy the data package into the site as it is, for download."""
    source, target = project.root() / "data", out / "_data"
    for file in [
        source / "datapackage.json",
        *sorted(source.glob("tables/*.csv")),
        *sorted(source.glob("geo/*.geojson")),
    ]:
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.is_file() or place.read_bytes() != file.read_bytes():
            shutil.copyfile(file, place)


def write_series(out: Path) -> None:
    """`_data/series`: the values of each series by themselves, as recorded, with what they are; no other file."""
    folder, series = out / "_data" / "series", tables.records("series")
    places, units = tables.records("geographies"), tables.records("units")
    about = descriptor.package()
    rows: dict[str, list[dict[str, str]]] = {name: [] for name in series}
    for record in tables.listed("observations"):
        rows[record["series_id"]].append(record)
    for name, record in series.items():
        said = {
            "series": record["label"],
            "unit": units[record["unit"]]["label"],
            "basis": record["basis"],
            "data_version": about["version"],
            "licence": about["licenses"][0]["name"],
        }
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*_OF_SERIES, "place", *said])
        for row in rows[name]:
            place = places[row["geography"]]["name"]
            writer.writerow([*(row[field] for field in _OF_SERIES), place, *said.values()])
        assets.write(folder / f"{name}.csv", stream.getvalue())
    for stray in folder.iterdir():
        if stray.stem not in series:
            stray.unlink()


_OF_SERIES = (
    "observation_id", "geography", "period", "value", "qualifier", "nature", "standing", "vintage", "confidence",
    "source_ids", "note",
)  # fmt: skip
"""Fields of an observation that the file of a series holds, before what is said of the whole series."""
