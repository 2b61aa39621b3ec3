"""Pages of their own, made from the data: one for each claim, partnership, series, table, figure, and so on.

A page is made again only when what it shows has changed: each has a key, a digest of its rows, and
the keys of the last build are kept beside Sphinx's own memory. As long as nothing has changed that any of
them is made from, no key is worked out either.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.builders.html import StandaloneHTMLBuilder

from storykit import disk, pages, progress, receipts
from storykit.site import execution, nodes, shell
from storykit.site.collected import (
    claims,
    data_tables,
    drawn,
    ledger_parts,
    lost,
    organisations,
    partnerships,
    places,
    searching,
    series,
    sources,
)
from storykit.site.collected.plans import Page

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

KINDS = (
    claims,
    ledger_parts,
    partnerships,
    organisations,
    places,
    series,
    data_tables,
    sources,
    drawn,
    lost,
    searching,
)
"""One module for each kind of page: its `plans` say which pages there are and how each is made."""


def names(app: StoryApp) -> list[str]:
    """Names of all collected pages of the last build, in order."""
    return sorted(disk.read_note(_memory(app))["pages"])


NAME = "collected.json"
"""The file that keeps which pages there are, and their keys."""


def _memory(app: StoryApp) -> Path:
    return Path(app.doctreedir) / NAME


def collect(app: StoryApp) -> Iterator[Page]:
    """`html-collect-pages`: every page whose key has changed since the last build."""
    builder = app.builder
    if not isinstance(builder, StandaloneHTMLBuilder):
        return
    memory, state = _memory(app), _state(app)
    before = disk.read_note(memory)
    known = before.get("pages", {})
    if before.get("state") == state and all(Path(builder.get_outfilename(name)).is_file() for name in known):
        return
    config = app.config
    around = [
        shell.digest(),
        shell.navigation(app, "x"),
        app.story.pictures,
        [config.html_title, config.story_tagline, config.html_baseurl, config.story_report_address],
    ]
    frame = hashlib.sha256(json.dumps(around).encode()).hexdigest()
    keys = {}
    plans = [planned for kind in KINDS for planned in kind.plans(app)]
    progress.begin("collected pages", total=len(plans))
    for number, (name, key, make) in enumerate(plans, start=1):
        keys[name] = hashlib.sha256((frame + key).encode()).hexdigest()
        if known.get(name) != keys[name] or not Path(builder.get_outfilename(name)).is_file():
            yield make()
        progress.done(number)
    for gone in sorted(set(known) - set(keys)):
        Path(builder.get_outfilename(gone)).unlink(missing_ok=True)
    disk.write_note(memory, {"state": state, "pages": keys})


def _state(app: StoryApp) -> str:
    """Digest of all that collected pages are made from: the data, settings, and what the written pages draw and rest on."""
    env, config = app.env, app.config
    of_pages = []
    for page in shell.pages(app):
        name = page.rpartition("/")[2]
        code = [cell.text for cell in pages.page(name).of_kind("code")]
        held = [list(nodes.held(env, kind).get(page, ())) for kind in ("story_rests", "story_tables")]
        facts = {fact: said.expression for fact, said in receipts.of_page(name).facts.items()}
        cells = nodes.held(env, "story_cells").get(page, {})
        of_pages.append([page, env.titles[page].astext(), held, cells, code, facts])
    parts = [
        shell.digest(),
        execution.data(),
        [
            str(config[name])
            for name in sorted(config.values)
            if name.startswith(("html_", "story_", "language"))
        ],
        app.story.pictures,
        sorted(app.story.marks),
        of_pages,
        [record.to_json() for _, record in app.story.figures()],
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
