"""The built site, served on this machine, and a real Chromium to look at it."""

from __future__ import annotations

import functools
import http.server
import os
import re
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import lxml.html
import pytest
from playwright.sync_api import sync_playwright

from storykit.site import inspection, pictures

PROJECT = Path(__file__).parent.parent.parent
SITE = PROJECT / "_build" / "html"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


def _serve(folder: Path):
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="session")
def site() -> Path:
    os.environ["STORYKIT_ROOT"] = str(PROJECT)
    assert (SITE / "book" / "index.html").is_file(), "build the site first: make site"
    return SITE.resolve()


@pytest.fixture(scope="session")
def address(site):
    """Address of the served site, without a slash at the end."""
    server = _serve(site)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def elsewhere(tmp_path):
    """A folder served from another origin, and its address."""
    server = _serve(tmp_path)
    yield tmp_path, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="session")
def browser():
    path = pictures.browser()
    assert path, "no Chromium: storykit browser installs one"
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, address):
    """Function (path, **context options) -> page; what it requests and says is kept on it."""
    contexts = []

    def opened(path: str, **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto(f"{address}/{path}", wait_until="load")
        return page

    yield opened
    for context in contexts:
        context.close()


def comes_true(page, ask: Callable[[], object], said: str, seconds: float = 15) -> None:
    """Wait until it is so, looking anew each time: a busy machine may show a page before its style and scripts."""
    end = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < end, f"not true within {seconds} seconds: {said}"
        page.wait_for_timeout(20)


def until(page, script: str, asked=None, seconds: float = 15) -> None:
    """Wait until a script says true. Playwright's own way of waiting is an `eval` in the page, which our pages forbid."""
    comes_true(page, lambda: page.evaluate(script, asked), script, seconds)


def watch(page) -> None:
    """Keep a page's requests, failures and console errors in lists of its own."""
    page.asked, page.complaints = [], []
    page.on("request", lambda r: page.asked.append(r.url))
    # What is still loading when a test goes on to the next page is aborted; that is no failure.
    page.on(
        "requestfailed",
        lambda r: page.complaints.append(f"failed: {r.url}") if r.failure != "net::ERR_ABORTED" else None,
    )
    page.on("response", lambda r: page.complaints.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
    page.on("console", lambda m: page.complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: page.complaints.append(str(e)))


def names(site: Path, *folders: str) -> list[str]:
    """Addresses of pages, relative to the site, but those that only lead on; of some folders only if named."""
    read = [
        p
        for p in inspection.pages(site)
        if 'http-equiv="refresh"' not in p.read_text(encoding="utf-8")[:2000]
    ]
    found = [p.relative_to(site).as_posix() for p in read]
    return [n for n in found if not folders or n.split("/")[0] in folders]


WHOLE = "book/whole.html"
"""The page of all chapters: what it holds has been looked at in the chapters, and looking again takes a minute."""


def like_all(site: Path, turn: int = 0, more: int = 10, written: bool = True) -> list[str]:
    """Pages that stand for all: each written page, and of those that a template makes as many as show all it can make.

    If the `written` ones are not all asked for, as many of them as show all that any of them does.

    What a page shows is its elements with their classes, ids, roles and states apart from any text; of each folder
    pages are taken, the richest first, until none is left that would show anything new. Texts differ without end, so
    its longest page, that with the longest word, and some `more` that lie evenly among the rest come with them, if any
    more are asked for. Another `turn` takes others of those, so that several tests together see more.
    """
    chosen = names(site, "book", "404.html", "search.html")
    if not written:
        chosen = _cover({name: _shown(site / name)[0] for name in chosen if name != WHOLE})
    for folder in sorted({n.split("/")[0] for n in names(site) if "/" in n} - {"book"}):
        pages = names(site, folder)
        chosen += _cover({name: _shown(site / name)[0] for name in pages})
        if more:
            chosen += [max(pages, key=lambda n: _shown(site / n)[part]) for part in (1, 2)]
            chosen += pages[turn :: max(1, len(pages) // more)]
    return list(dict.fromkeys(chosen))


def _cover(shown: dict[str, frozenset[str]]) -> list[str]:
    """The fewest pages, about, that together show what all do."""
    left, chosen = set().union(*shown.values()), []
    while left:
        best = max(sorted(shown), key=lambda name: len(shown[name] & left))
        chosen.append(best)
        left -= shown[best]
    return chosen


@functools.cache
def _shown(file: Path) -> tuple[frozenset[str], int, int]:
    """The kinds of elements of a page (tag, classes, role, states), its length, and that of its longest word."""
    document = lxml.html.parse(str(file), lxml.html.HTMLParser(encoding="utf-8"))
    elements = frozenset(
        " ".join(
            [e.tag, *sorted(e.get("class", "").split()), e.get("role", ""), *sorted(_STATES & set(e.keys()))]
        )
        for e in document.iter()
        if isinstance(e.tag, str)
    )
    main = document.find(".//main")
    words = "".join(main.itertext()).split() if main is not None else []
    return elements, file.stat().st_size, max(map(len, words), default=0)


_STATES = {"hidden", "open", "lang", "dir", "disabled", "aria-current", "aria-expanded", "aria-sort", "scope"}


def with_figures(site: Path) -> list[str]:
    return [n for n in names(site, "book") if '<figure class="fig"' in (site / n).read_text(encoding="utf-8")]


KINDS = {
    "the root": "index.html",
    "a page that is not there": "404.html",
    "search": "search.html",
    "front": "book/index.html",
    "guided story": "book/from-promise-to-parcels.html",
    "chapter": "book/one-day-in-may.html",
    "chapter with a map": "book/places.html",
    "ledger": "book/ledger.html",
    "sets": "book/sets.html",
    "partnerships": "book/partnerships.html",
    "agreements": "book/agreements.html",
    "events": "book/events.html",
    "disagreements": "book/disagreements.html",
    "kit": "book/kit.html",
    "checklist": "book/checklist.html",
    "method": "book/method.html",
    "glossary": "book/glossary.html",
    "data": "book/data.html",
    "changes": "book/changes.html",
    "contribute": "book/contribute.html",
    "cite": "book/cite.html",
    "sources": "book/sources.html",
    "claim": "claims/dftz-goods-65bn.html",
    "partnership": "partnerships/my-dftz-2017.html",
    "organisation": "organisations/cainiao.html",
    "place": "places/cbec-1-hangzhou.html",
    "series": "series/dc_load_drawn.html",
    "sources of a letter": "sources/k.html",
    "table": "tables/names.html",
    "figure": "figures/dftz-klia-cargo.html",
    "figure embedded": "figures/dftz-klia-cargo.embed.html",
    "figure that is a map": "figures/places-all.html",
    "map alone": "_figures/places-all.map.html",
}
"""Each kind of page, and one that is full of what it can show and no longer than it has to be."""


@contextmanager
def reading(browser, address: str, font: int = 16, **options):
    """Function kind -> its page with everything open, all in one tab; `font` is what a reader has set as size of letters."""
    own = browser
    if font != 16:
        own = browser.browser_type.launch(
            executable_path=pictures.browser(), args=[*FLAGS, f"--blink-settings=defaultFontSize={font}"]
        )
    context = own.new_context(**{"viewport": {"width": 1280, "height": 900}, "bypass_csp": True, **options})
    page = context.new_page()

    def opened(kind: str, **size: int):
        if size:
            page.set_viewport_size(size)
        # The root sends on at once; what it is itself is read from its file.
        text = (SITE / KINDS[kind]).read_text(encoding="utf-8") if kind == "the root" else ""
        page.goto(f"{address}/{KINDS[kind]}" if not text else "about:blank", wait_until="load")
        if text:
            page.set_content(re.sub(r"<meta http-equiv[^>]*>", "", text))
        page.evaluate(OPEN_ALL)
        return page

    yield opened
    context.close()
    if own is not browser:
        own.close()


OPEN_ALL = """() => {
  for (const part of document.querySelectorAll('details')) part.open = true;
  // What lies outside the window is drawn as if it were in it.
  const all = document.createElement('style');
  all.textContent = '* { content-visibility: visible !important }';
  document.head.append(all);
}"""
