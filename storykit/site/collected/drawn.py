"""A page of its own and one to embed for each figure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from storykit import figures, freshness, pages, receipts
from storykit.site import code_view, execution, frames, nodes, views
from storykit.site.collected.plans import Page, Plan, cited
from storykit.site.kept import Kept

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp


def plans(app: StoryApp) -> Iterator[Plan]:
    kept = Kept(execution.state_folder() / "drawn", app.story.engine)
    for page, record in app.story.figures():
        name, cell = page.rpartition("/")[2], nodes.held(app.env, "story_cells")[page][record.id]
        code = pages.page(name).cells[cell].text
        of_page = [page, record.digest, cell, code, code_view.facts(name, code, record.id)]
        of_data = kept.of_data(json.dumps(of_page), partial(_of_data, record))
        key = json.dumps([of_page, of_data, app.story.pictures])
        for kind, ending in (("figure", ""), ("embed", ".embed")):
            name = f"figures/{record.id}{ending}"
            yield name, key, partial(_figure_page, app, name, page, record, kind)
            for old in record.formerly:
                moved = f"figures/{old}{ending}"
                yield moved, key, partial(_moved, app, moved, record, ending)
    kept.save()


def _of_data(record: figures.Record) -> list[Any]:
    """What a figure's page shows of the data beside the figure."""
    rests = [
        nodes.fingerprint(kind, inside) for text in record.texts for kind, inside in receipts.roles(text)
    ]
    age, answer = freshness.of(record.rows), freshness.of(receipts.rows_of(record.title))
    return [rests, age.words(), answer.overdue, cited(record.sources)]


def _moved(app: StoryApp, name: str, record: figures.Record, ending: str) -> Page:
    """A page at the address of a figure that is gone: it leads to the one that has taken its place."""
    app.story.finished(name)
    title = receipts.plain(record.title)
    context = {
        "title": title,
        "target": f"{record.id}{ending}.html",
        "story_kind": "embed" if ending else "moved",
        "story_description": title,
    }
    return name, context, "moved.html"


def _figure_page(app: StoryApp, name: str, page: str, record: figures.Record, kind: str) -> Page:
    writer = app.story.writer(name)
    html = writer.figure(
        record,
        app.story.pictures,
        app.config.story_report_address,
        first=True,
        marked=record.id in app.story.marks,
    )
    html += writer.cards()
    app.story.finished(name)
    # Without a published address the script puts in the one that the page was opened at.
    base = (app.config.html_baseurl or NO_ADDRESS).rstrip("/")
    title = receipts.plain(record.title)
    chapter = views.Link(app.env.titles[page].astext(), writer.page_href(page, f"fig-{record.id}"))
    cell = nodes.held(app.env, "story_cells")[page][record.id]
    context = {
        "title": title,
        "code": code_view.code(page.rpartition("/")[2], cell, record, writer),
        "figure": html,
        "chapter": chapter,
        "snippet": views.Snippet(f"{base}/figures/{record.id}.embed.html", title, frames.height(record)),
        "story_kind": kind,
        "story_image": f"_figures/{record.id}.png" if app.story.pictures else "",
        "story_description": receipts.plain(record.description),
    }
    return name, context, "figure.html"


NO_ADDRESS = "https://address.invalid"
"""Stands for the site's address in an embed snippet until the address is known."""
