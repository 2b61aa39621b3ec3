"""Pages of their own, made from the data: one for each series, table, letter of sources and figure.

A page is made again only when what it shows has changed: each has a key, a digest of its rows, and
the keys of the last build are kept beside Sphinx's own memory.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import pandas as pd
from sphinx.application import Sphinx

from storykit import descriptor, freshness, periods, project, receipts, tables, verdicts
from storykit.site import links, markup, nodes, shell
from storykit.site.markup import PageWriter, html_table

Page = tuple[str, dict, str]
Plan = tuple[str, str, Callable[[], Page]]
"""Name of a page, its key, and the function that makes it."""


def collect(app: Sphinx) -> Iterator[Page]:
    """`html-collect-pages`: every page whose key has changed since the last build."""
    if app.builder.format != "html":
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
    for plan in (_series_pages, _table_pages, _source_pages, _figure_pages):
        for name, key, make in plan(app):
            keys[name] = hashlib.sha256((frame + key).encode()).hexdigest()
            if known.get(name) != keys[name] or not Path(app.builder.get_outfilename(name)).is_file():
                yield make()
    for gone in sorted(set(known) - set(keys)):
        Path(app.builder.get_outfilename(gone)).unlink(missing_ok=True)
    memory.write_text(json.dumps(keys, sort_keys=True), encoding="utf-8")


def _page(name: str, title: str, body: str, **context) -> Page:
    template = context.pop("template", "page.html")
    return (
        name,
        {
            "title": title,
            "body": body,
            "docstitle": title,
            "toc": "",
            "display_toc": False,
            "prev": None,
            "next": None,
            "story_kind": "reference",
            **context,
        },
        template,
    )


def _cited(ids) -> str:
    """Some sources as recorded; a part of the key of every page that cites them."""
    known = tables.records("sources")
    return json.dumps([known[i] for i in sorted(set(ids))])


def _series_pages(app: Sphinx) -> Iterator[Plan]:
    raw, places = tables.raw("observations"), tables.raw("geographies").to_csv()
    groups = dict(tuple(tables.load("observations").groupby("series_id", sort=False)))
    texts = {name: rows.to_csv(index=False) for name, rows in raw.groupby("series_id", sort=False)}
    units = tables.records("units")
    for name, record in tables.records("series").items():
        rows = groups.get(name)
        sources = [s for ids in rows["source_ids"] for s in ids] if rows is not None else []
        key = json.dumps([record, units[record["unit"]], texts.get(name, ""), places, _cited(sources)])
        yield f"series/{name}", key, lambda record=record, rows=rows: _series_page(app, record, rows)


def _series_page(app: Sphinx, record: dict, rows: pd.DataFrame | None) -> Page:
    name, label = f"series/{record['series_id']}", record["label"]
    unit = tables.records("units")[record["unit"]]["label"]
    writer = app.story.writer(name)
    expected = receipts.date_words(record["next_expected"]) if record["next_expected"] else ""
    facts = [
        ("Unit", unit),
        ("Definition", record["definition"]),
        ("Basis", record["basis"]),
        (
            "May be drawn as a line",
            "yes" if record["line"] == "true" else "no: its values are not one sequence",
        ),
        ("Frequency", record["frequency"]),
        ("Next value expected", expected),
        ("Refreshed from", record["upstream"]),
        ("Note", record["note"]),
    ]
    listed = "".join(f"<dt>{t}</dt><dd>{escape(w)}</dd>" for t, w in facts if w)
    several = rows is not None and rows["geography"].nunique() > 1
    body = _observation_rows(writer, rows, several) if rows is not None else ""
    head = [*(["Place"] if several else []), "Period", "Value", "Kind", "Confidence", "Sources"]
    html = f'<h1>{escape(label)}</h1><dl class="facts">{listed}</dl>' + html_table(label, head, body)
    app.story.finished(name)
    return _page(
        name, label, html, story_description=record["definition"], story_jsonld=_dataset(record, unit)
    )


def _dataset(record: dict, unit: str) -> dict:
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


def _observation_rows(writer: PageWriter, rows: pd.DataFrame, several: bool) -> str:
    places = tables.records("geographies")
    ends = rows["period"].map(lambda p: periods.bounds(p)[1])
    ordered = rows.assign(_end=ends).sort_values(["geography", "_end", "observation_id"])
    out = []
    for r in ordered.itertuples():
        kind = "; ".join(
            filter(
                None,
                [
                    markup.NATURE[r.nature],
                    r.vintage,
                    "another telling" if r.standing == "alternative" else "",
                ],
            )
        )
        note = f'<br><span class="src">{escape(r.note)}</span>' if r.note else ""
        place = f"<td>{escape(places[r.geography]['name'])}</td>" if several else ""
        sources = ", ".join(map(writer.source, r.source_ids))
        anchor = links.row("observations", r.observation_id)[1]
        out.append(
            f'<tr id="{anchor}">{place}<td>{escape(receipts.date_words(r.period))}</td>'
            f'<td class="num">{escape(markup.written(r.observation_id))}</td><td>{escape(kind)}{note}</td><td>{r.confidence}</td><td>{sources}</td></tr>'
        )
    return "".join(out)


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


def _table_pages(app: Sphinx) -> Iterator[Plan]:
    sources = tables.raw("sources").to_csv()
    for name in descriptor.names():
        entry = descriptor.resource(name)
        rows = "" if name in _SHOWN_AT or name in _DOWNLOAD_ONLY else tables.raw(name).to_csv() + sources
        key = json.dumps([entry["title"], entry["description"], rows])
        yield f"tables/{name}", key, lambda name=name: _table_page(app, name)


def _table_page(app: Sphinx, table: str) -> Page:
    entry, name = descriptor.resource(table), f"tables/{table}"
    writer = app.story.writer(name)
    html = (
        f"<h1>{escape(entry['title'])}</h1><p>{escape(entry['description'])}</p>"
        f'<p><a href="{writer.root}_data/{entry["path"]}" download>Download as CSV</a></p>'
    )
    if table in _SHOWN_AT:
        page, words = _SHOWN_AT[table]
        html += f'<p>Its rows are shown on <a href="{writer.page_href(page)}">{words}</a>.</p>'
    elif table not in _DOWNLOAD_ONLY:
        html += _whole_table(writer, table)
    app.story.finished(name)
    return _page(name, entry["title"], html, story_description=entry["description"])


def _whole_table(writer: PageWriter, table: str) -> str:
    frame, raw = tables.load(table), tables.raw(table)
    columns = [f["name"] for f in descriptor.fields(table) if not (raw[f["name"]] == "").all()]
    rows = []
    for position, key in enumerate(frame.index):
        text = " / ".join(key) if isinstance(key, tuple) else key
        cells = "".join(_raw_cell(writer, c, raw.iloc[position][c]) for c in columns)
        rows.append(f'<tr id="{links.row(table, text)[1]}">{cells}</tr>')
    return html_table(descriptor.resource(table)["title"], columns, "".join(rows))


def _raw_cell(writer: PageWriter, column: str, text: str) -> str:
    if column.endswith("source_ids") and text:
        return f"<td>{', '.join(writer.source(s) for s in text.split(';'))}</td>"
    return f"<td>{escape(text)}</td>"


def _source_pages(app: Sphinx) -> Iterator[Plan]:
    used = _rows_by_source()
    letters: dict[str, list[dict]] = {}
    for source, record in sorted(tables.records("sources").items()):
        letters.setdefault(source[0].lower(), []).append(record)
    for letter, group in letters.items():
        key = json.dumps([group, [used.get(r["source_id"], []) for r in group]])
        yield (
            f"sources/{letter}",
            key,
            lambda letter=letter, group=group: _source_page(app, letter, group, used),
        )


def _source_page(app: Sphinx, letter: str, group: list[dict], used: dict) -> Page:
    name, title = f"sources/{letter}", f"Sources: {letter.upper()}"
    writer = app.story.writer(name)
    items = "".join(_source(writer, record, used.get(record["source_id"], [])) for record in group)
    app.story.finished(name)
    about = f"Sources whose name begins with {letter.upper()}, and which numbers rest on them."
    return _page(name, title, f'<h1>{title}</h1><dl class="sources">{items}</dl>', story_description=about)


def _source(writer: PageWriter, r: dict, used: list[tuple[str, str]]) -> str:
    linked = (
        f'<a href="{escape(r["url"])}" rel="external nofollow">{escape(r["title"])}</a>'
        if r["url"]
        else escape(r["title"])
    )
    date = receipts.date_words(r["published"]) if r["published"] else "undated"
    status = "" if r["url"] else "; only a copy on another host was read, so no link"
    shown = used[:MOST_USES]
    uses = ", ".join(
        f'<a href="{escape(writer.href(t, k))}">{escape(_use_words(t, k))}</a>' for t, k in shown
    )
    more = f", and {len(used) - len(shown)} more" if len(used) > len(shown) else ""
    rests = f'<p class="src">Rests on it: {uses}{more}</p>' if used else ""
    note = f'<p class="src">{escape(r["note"])}</p>' if r["note"] else ""
    return (
        f'<dt id="{links.row("sources", r["source_id"])[1]}" lang="{r["language"] or "en"}">{linked}</dt>'
        f"<dd>{escape(r['publisher'])}, {escape(date)} ({escape(r['kind'])}){status}{note}{rests}</dd>"
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
                    found.setdefault(source, []).append(
                        (table, key if isinstance(key, str) else " / ".join(key))
                    )
    return found


def _figure_pages(app: Sphinx) -> Iterator[Plan]:
    for payload in app.story.figures():
        rests = [
            nodes.fingerprint(kind, inside)
            for field in ("title", "subtitle", "description")
            for kind, inside in receipts.roles(payload[field])
        ]
        age = freshness.of(tuple(map(tuple, payload["rows"])))
        key = json.dumps(
            [payload, rests, age.words(), age.overdue, app.story.pictures, _cited(payload["sources"])]
        )
        for kind, ending in (("figure", ""), ("embed", ".embed")):
            name = f"figures/{payload['id']}{ending}"
            yield (
                name,
                key,
                lambda name=name, payload=payload, kind=kind: _figure_page(app, name, payload, kind),
            )


def _figure_page(app: Sphinx, name: str, payload: dict, kind: str) -> Page:
    # Without a published address the script puts in the one that the page was opened at.
    base = (app.config.html_baseurl or NO_ADDRESS).rstrip("/")
    title, writer = receipts.plain(payload["title"]), app.story.writer(name)
    html = writer.figure(payload, app.story.pictures, app.config.story_report_address)
    chapter = app.env.titles[payload["page"]].astext()
    home = writer.page_href(payload["page"], "fig-" + payload["id"])
    back = f'<p class="fig-home">From the chapter <a href="{home}">{escape(chapter)}</a>.</p>'
    html += writer.cards()
    app.story.finished(name)
    embed = (
        f'<iframe src="{base}/figures/{payload["id"]}.embed.html" title="{escape(title)}" width="100%" '
        f'height="{payload["height"] + EMBED_ROOM}" loading="lazy" style="border:0"></iframe>'
    )
    return _page(
        name,
        title,
        html,
        template="figure.html",
        story_kind=kind,
        fig_html=html,
        fig_text=back,
        embed_code=embed,
        story_image=f"_figures/{payload['id']}.png" if app.story.pictures else "",
        story_description=receipts.plain(payload["description"]),
    )


NO_ADDRESS = "https://address.invalid"
"""Stands for the site's address in an embed snippet until the address is known."""
EMBED_ROOM = 320
"""Height that title, description and tools add to a figure's picture, in CSS pixels."""


def write_feed(app: Sphinx, out: Path) -> None:
    """The changes as an Atom feed, `changes.atom`; its dates are the data's, never the build's."""
    base = (app.config.html_baseurl or "").rstrip("/")
    about = descriptor.package()
    rows = list(tables.load("changes").iloc[::-1].itertuples())
    name = f"tag:{about['name']},{about['created'][:4]}"
    entries = "".join(
        f"<entry><id>{name}:{r.change_id}</id><title>{escape(r.summary)}</title><updated>{r.date}T00:00:00Z</updated>"
        f'<link href="{base}/book/changes.html#change-{links.anchor(r.change_id)}"/>'
        f"<summary>{r.rows_added} rows added, {r.rows_removed} removed, {r.rows_changed} changed. {escape('; '.join(r.moved))}</summary></entry>"
        for r in rows
    )
    updated = rows[0].date if rows else verdicts.data_as_of()
    feed = (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{name}:changes</id><title>{escape(about['title'])}: changes</title><updated>{updated}T00:00:00Z</updated>"
        f"<author><name>{escape(about['contributors'][0]['title'])}</name></author>"
        f'<link rel="self" href="{base}/changes.atom"/>{entries}</feed>\n'
    )
    (out / "changes.atom").write_text(feed, encoding="utf-8")


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
