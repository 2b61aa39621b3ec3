"""Pages of their own, made from the data: one for each claim, partnership, series, table, figure, and so on.

A page is made again only when what it shows has changed: each has a key, a digest of its rows, and
the keys of the last build are kept beside Sphinx's own memory. As long as nothing has changed that any of
them is made from, no key is worked out either.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
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
from storykit.site.collected.plans import Page, Plan
from storykit.site.kept import COLLECTED, Kept

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
OF_ROWS = (claims, partnerships, organisations, places)
"""Kinds whose pages show rows, and where the book uses them, and nothing else of pages: as long as these are the same,
they are not planned anew."""


def names(app: StoryApp) -> list[str]:
    """Names of all collected pages of the last build, in order."""
    return sorted(disk.read_note(_memory(app))["pages"])


def _memory(app: StoryApp) -> Path:
    return Path(app.doctreedir) / COLLECTED


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
        app.story.engine,
        shell.navigation(app, "x"),
        app.story.pictures,
        [config.html_title, config.story_tagline, config.html_baseurl, config.story_report_address],
    ]
    frame = hashlib.sha256(json.dumps(around).encode()).hexdigest()
    kept = Kept(execution.state_folder() / "plans", f"{frame} {app.story.uses.digest}")
    keys, to_make = dict[str, str](), list[Callable[[], Page]]()
    for kind in KINDS:
        planned: list[Plan] = []
        planning = partial(_keys, app, kind, frame, planned)
        of_kind = kept.of_data(kind.__name__, planning) if kind in OF_ROWS else planning()
        stale = {
            name
            for name, key in of_kind.items()
            if known.get(name) != key or not Path(builder.get_outfilename(name)).is_file()
        }
        if stale and not planned:
            planning()
        to_make += [make for name, _, make in planned if name in stale]
        keys |= of_kind
    kept.save()
    progress.begin("collected pages", total=len(to_make))
    for number, make in enumerate(to_make, start=1):
        yield make()
        progress.done(number)
    for gone in sorted(set(known) - set(keys)):
        Path(builder.get_outfilename(gone)).unlink(missing_ok=True)
    disk.write_note(memory, {"state": state, "pages": keys})


def _keys(app: StoryApp, kind: ModuleType, frame: str, planned: list[Plan]) -> dict[str, str]:
    """Page -> its key, of all pages of a kind; `planned` gets their plans."""
    planned += kind.plans(app)
    return {name: hashlib.sha256((frame + key).encode()).hexdigest() for name, key, _ in planned}


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
        app.story.engine,
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
