"""Pages of their own, made from the data: one for each claim, partnership, series, table, figure, and so on.

A page is made again only when what it shows has changed: each has a key, a digest of its rows, and
the keys of the last build are kept beside Sphinx's own memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.builders.html import StandaloneHTMLBuilder

from storykit import progress
from storykit.site import shell
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
    return sorted(json.loads(_memory(app).read_text(encoding="utf-8")))


def _memory(app: StoryApp) -> Path:
    return Path(app.doctreedir) / "collected.json"


def collect(app: StoryApp) -> Iterator[Page]:
    """`html-collect-pages`: every page whose key has changed since the last build."""
    builder = app.builder
    if not isinstance(builder, StandaloneHTMLBuilder):
        return
    memory = _memory(app)
    known = json.loads(memory.read_text(encoding="utf-8")) if memory.is_file() else {}
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
    memory.write_text(json.dumps(keys, sort_keys=True), encoding="utf-8")
