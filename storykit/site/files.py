"""Files beside the pages: the data package, the feed, the words of the search."""

from __future__ import annotations

import csv
import io
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from storykit import descriptor, downloads, reshape, tables, verdicts
from storykit.site import assets, links, views
from storykit.site.kept import unless_written
from storykit.site.templates import render

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp


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
    """The data in the site, for download: each file of the package that is offered by itself, and the whole as one."""
    source, target = downloads.folder(), out / "_data"
    files = downloads.files()
    large = {path for name in descriptor.names() for path in downloads.paths(name).values()}
    large -= {file.path for name in descriptor.names() for file in downloads.offered(name).values()}
    wanted = {target / path: source / path for path in files if path not in large}
    wanted[target / downloads.archive_name(versioned=False)] = downloads.archive_file()
    for place, file in wanted.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.is_file() or place.read_bytes() != file.read_bytes():
            shutil.copyfile(file, place)
    for folder in {place.parent for place in wanted}:
        for stray in {file for file in folder.iterdir() if file.is_file()} - {*wanted}:
            stray.unlink()


def write_series(out: Path, engine: str) -> None:
    """`_data/series`: the values of each series by themselves, as recorded, with what they are; no other file.

    `engine` is the digest of what they are made by.
    """
    folder = out / "_data" / "series"
    unless_written("series", folder, engine, partial(_write_series, folder))


def _write_series(folder: Path) -> list[Path]:
    series = tables.records("series")
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
    return [folder / f"{name}.csv" for name in series]


_OF_SERIES = (
    "observation_id", "geography", "period", "value", "qualifier", "nature", "standing", "vintage", "confidence",
    "source_ids", "note",
)  # fmt: skip
"""Fields of an observation that the file of a series holds, before what is said of the whole series."""
