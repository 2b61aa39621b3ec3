"""Pages of their own, made from the data: one for each claim, series, table, letter of sources and figure.

A page is made again only when what it shows has changed: each has a key, a digest of its rows, and
the keys of the last build are kept beside Sphinx's own memory.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from sphinx.builders.html import StandaloneHTMLBuilder

from storykit import (
    descriptor,
    figures,
    freshness,
    periods,
    progress,
    project,
    receipts,
    reshape,
    tables,
    verdicts,
)
from storykit.site import cards, claim_view, ledger, links, nodes, shell, views
from storykit.site import uses as uses_of
from storykit.site.markup import PageWriter
from storykit.site.templates import render

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

Page = tuple[str, dict[str, Any], str]
Plan = tuple[str, str, Callable[[], Page]]
"""Name of a page, its key, and the function that makes it."""


def collect(app: StoryApp) -> Iterator[Page]:
    """`html-collect-pages`: every page whose key has changed since the last build."""
    builder = app.builder
    if not isinstance(builder, StandaloneHTMLBuilder):
        return
    memory = Path(app.doctreedir) / "collected.json"
    known = json.loads(memory.read_text(encoding="utf-8")) if memory.is_file() else {}
    config = app.config
    around = [
        shell.digest(),
        shell.navigation(app, "x"),
        [config.html_title, config.story_tagline, config.html_baseurl, config.story_report_address],
    ]
    frame = hashlib.sha256(json.dumps(around).encode()).hexdigest()
    keys = {}
    plans = [
        planned
        for plan in (_claim_pages, _ledger_pages, _series_pages, _table_pages, _source_pages, _figure_pages)
        for planned in plan(app)
    ]
    progress.begin("collected pages", total=len(plans))
    for number, (name, key, make) in enumerate(plans, start=1):
        keys[name] = hashlib.sha256((frame + key).encode()).hexdigest()
        if known.get(name) != keys[name] or not Path(builder.get_outfilename(name)).is_file():
            yield make()
        progress.done(number)
    for gone in sorted(set(known) - set(keys)):
        Path(builder.get_outfilename(gone)).unlink(missing_ok=True)
    memory.write_text(json.dumps(keys, sort_keys=True), encoding="utf-8")


def _page(app: StoryApp, name: str, title: str, view: Any, **context: Any) -> Page:
    """A reference page that shows a view."""
    app.story.finished(name)
    about = {"title": title, "body": render(view), "toc": "", "story_kind": "reference"}
    return name, {**about, **context}, "page.html"


def _cited(ids: Iterable[str]) -> str:
    """Some sources as recorded; a part of the key of every page that cites them."""
    known = tables.records("sources")
    return json.dumps([known[i] for i in sorted(set(ids))])


def _claim_pages(app: StoryApp) -> Iterator[Plan]:
    known, uses = claim_view.Claims(), uses_of.of_claims(app)
    base = (app.config.html_baseurl or "").rstrip("/")
    for claim in known.decided:
        name = f"claims/{claim}"
        addresses = links.Addresses(name, app.builder.get_relative_uri)
        used = [views.Link(words, addresses.page_href(*place)) for *place, words in uses.get(claim, [])]
        view = claim_view.page(known, claim, used, addresses, base, app.config.story_report_address)
        # The view holds all that the page shows, so that nothing a claim hangs together with can be forgotten.
        yield name, repr(view), partial(_claim_page, app, name, view)


def _claim_page(app: StoryApp, name: str, view: views.ClaimPage) -> Page:
    description = f"{view.badge.words.capitalize()}. {view.reason}".strip()
    about = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "name": view.statement,
        "description": description,
        "isPartOf": {"@type": "Book", "name": app.config.html_title},
        "license": descriptor.about("licenses")[0]["path"],
        "dateModified": verdicts.data_as_of(),
        "inLanguage": "en",
    }
    return _page(app, name, view.statement, view, story_description=description, story_jsonld=about)


def _ledger_pages(app: StoryApp) -> Iterator[Plan]:
    decided = verdicts.all_verdicts()
    parts = ledger.parts(decided)
    for before, part, after in zip((None, *parts), parts, (*parts[1:], None)):
        addresses = links.Addresses(part.name, app.builder.get_relative_uri)
        view = ledger.part_view(part, before, after, decided, addresses)
        about = f"{part.title}: {len(part.claims)} of the {len(decided)} claims of the ledger, with their verdicts."
        yield (
            part.name,
            repr(view),
            partial(_page, app, part.name, view.title, view, story_description=about),
        )


def _series_pages(app: StoryApp) -> Iterator[Plan]:
    raw, places = tables.raw("observations"), tables.raw("geographies").to_csv()
    groups = dict(tuple(tables.load("observations").groupby("series_id", sort=False)))
    texts = {name: rows.to_csv(index=False) for name, rows in raw.groupby("series_id", sort=False)}
    units = tables.records("units")
    for name, record in tables.records("series").items():
        rows = groups.get(name)
        sources = [s for ids in rows["source_ids"] for s in ids] if rows is not None else []
        key = json.dumps([record, units[record["unit"]], texts.get(name, ""), places, _cited(sources)])
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
    about = {"story_description": record["definition"], "story_jsonld": _dataset(record, unit)}
    return _page(app, name, label, view, **about)


def _dataset(record: dict[str, Any], unit: str) -> dict[str, Any]:
    """schema.org's description of a series, for dataset search."""
    about = descriptor.package()
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": record["label"],
        "description": f"{record['definition']} Basis: {record['basis']}. Unit: {unit}. From the data package {about['title']}.",
        "license": about["licenses"][0]["path"],
        "creator": {"@type": "Organization", "name": about["contributors"][0]["title"]},
        "isPartOf": about["title"],
        "version": about["version"],
        "distribution": {
            "@type": "DataDownload",
            "encodingFormat": "text/csv",
            "contentUrl": "../_data/tables/observations.csv",
        },
    }


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


_SHOWN_AT = {
    "observations": ("book/data", "the list of series"),
    "series": ("book/data", "the list of series"),
    "sources": ("book/sources", "the pages of sources"),
    "claims": (links.LEDGER, "the ledger"),
    "outcomes": (links.LEDGER, "the ledger"),
}
"""Tables whose rows have better pages of their own."""
_DOWNLOAD_ONLY = ("coverage",)
"""Tables too long for a page, which nobody reads row by row."""


def _table_pages(app: StoryApp) -> Iterator[Plan]:
    sources = tables.raw("sources").to_csv()
    for name in descriptor.names():
        entry = descriptor.resource(name)
        rows = "" if name in _SHOWN_AT or name in _DOWNLOAD_ONLY else tables.raw(name).to_csv() + sources
        key = json.dumps([entry["title"], entry["description"], rows])
        yield f"tables/{name}", key, partial(_table_page, app, name)


def _table_page(app: StoryApp, table: str) -> Page:
    entry, name = descriptor.resource(table), f"tables/{table}"
    writer, shown_at = app.story.writer(name), None
    columns: tuple[str, ...] = ()
    if table in _SHOWN_AT:
        page, words = _SHOWN_AT[table]
        shown_at = views.Link(words, writer.page_href(page))
    elif table not in _DOWNLOAD_ONLY:
        raw = tables.raw(table)
        columns = tuple(f["name"] for f in descriptor.fields(table) if not (raw[f["name"]] == "").all())
    view = views.TablePage(
        title=entry["title"],
        description=entry["description"],
        download=f"{writer.root}_data/{entry['path']}",
        shown_at=shown_at,
        columns=columns,
        rows=_rows(writer, table, columns) if columns else (),
    )
    return _page(app, name, entry["title"], view, story_description=entry["description"])


def _rows(writer: PageWriter, table: str, columns: tuple[str, ...]) -> tuple[views.Row, ...]:
    """All rows as recorded."""
    keys, raw = map(_key_words, tables.load(table).index), tables.raw(table)[list(columns)]
    return tuple(
        views.Row(links.row(table, key)[1], tuple(_cell(writer, c, text) for c, text in zip(columns, texts)))
        for key, texts in zip(keys, raw.itertuples(index=False), strict=True)
    )


def _cell(writer: PageWriter, column: str, text: str) -> str | tuple[views.Link, ...]:
    return writer.sources(text.split(";")) if column.endswith("source_ids") and text else text


def _key_words(key: str | tuple[str, ...]) -> str:
    return key if isinstance(key, str) else " / ".join(key)


def _source_pages(app: StoryApp) -> Iterator[Plan]:
    used = _rows_by_source()
    letters: dict[str, list[dict[str, Any]]] = {}
    for source, record in sorted(tables.records("sources").items()):
        letters.setdefault(source[0].lower(), []).append(record)
    for letter, group in letters.items():
        key = json.dumps([group, [used.get(r["source_id"], []) for r in group]])
        yield f"sources/{letter}", key, partial(_source_page, app, letter, group, used)


def _source_page(app: StoryApp, letter: str, group: list[dict[str, Any]], used: dict[str, Any]) -> Page:
    name, title = f"sources/{letter}", f"Sources: {letter.upper()}"
    writer = app.story.writer(name)
    view = views.SourcesPage(title, tuple(_source(writer, r, used.get(r["source_id"], [])) for r in group))
    about = f"Sources whose name begins with {letter.upper()}, and which numbers rest on them."
    return _page(app, name, title, view, story_description=about)


def _source(writer: PageWriter, record: dict[str, Any], used: list[tuple[str, str]]) -> views.Source:
    shown = used[:MOST_USES]
    return views.Source(
        id=links.row("sources", record["source_id"])[1],
        language=record["language"] or "en",
        title=record["title"],
        url=record["url"],
        publisher=record["publisher"],
        date=receipts.date_words(record["published"]) if record["published"] else "undated",
        kind=record["kind"],
        note=record["note"],
        uses=tuple(views.Link(_use_words(*row), writer.href(*row)) for row in shown),
        more_uses=len(used) - len(shown),
    )


MOST_USES = 12


def _use_words(table: str, key: str) -> str:
    if table != "observations":
        return f"{descriptor.resource(table)['title'].lower()}: {key}"
    record = tables.records("observations")[key]
    label = tables.records("series")[record["series_id"]]["label"]
    return f"{label}, {record['geography']}, {receipts.date_words(record['period'])}"


def _rows_by_source() -> dict[str, list[tuple[str, str]]]:
    """Which rows rest on which source, the story's first (claims, outcomes), then the rest."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table in (
        "claims",
        "outcomes",
        *[n for n in descriptor.names() if n not in ("claims", "outcomes", "sources")],
    ):
        columns = [f["name"] for f in descriptor.fields(table) if f["name"].endswith("source_ids")]
        frame = tables.load(table)
        for column in columns:
            for key, ids in zip(frame.index, frame[column]):
                for source in ids:
                    found.setdefault(source, []).append((table, _key_words(key)))
    return found


def _figure_pages(app: StoryApp) -> Iterator[Plan]:
    for page, record in app.story.figures():
        rests = [
            nodes.fingerprint(kind, inside) for text in record.texts for kind, inside in receipts.roles(text)
        ]
        age = freshness.of(record.rows)
        key = json.dumps(
            [
                page,
                record.to_json(),
                rests,
                age.words(),
                age.overdue,
                app.story.pictures,
                _cited(record.sources),
            ]
        )
        for kind, ending in (("figure", ""), ("embed", ".embed")):
            name = f"figures/{record.id}{ending}"
            yield name, key, partial(_figure_page, app, name, page, record, kind)


def _figure_page(app: StoryApp, name: str, page: str, record: figures.Record, kind: str) -> Page:
    writer = app.story.writer(name)
    html = writer.figure(record, app.story.pictures, app.config.story_report_address) + writer.cards()
    app.story.finished(name)
    # Without a published address the script puts in the one that the page was opened at.
    base = (app.config.html_baseurl or NO_ADDRESS).rstrip("/")
    title = receipts.plain(record.title)
    chapter = views.Link(app.env.titles[page].astext(), writer.page_href(page, f"fig-{record.id}"))
    context = {
        "title": title,
        "figure": html,
        "chapter": chapter,
        "snippet": views.Snippet(f"{base}/figures/{record.id}.embed.html", title, record.height + EMBED_ROOM),
        "story_kind": kind,
        "story_image": f"_figures/{record.id}.png" if app.story.pictures else "",
        "story_description": receipts.plain(record.description),
    }
    return name, context, "figure.html"


NO_ADDRESS = "https://address.invalid"
"""Stands for the site's address in an embed snippet until the address is known."""
EMBED_ROOM = 320
"""Height that title, description and tools add to a figure's picture, in CSS pixels."""


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


def write_downloads(out: Path) -> None:
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
