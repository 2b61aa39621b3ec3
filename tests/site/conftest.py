"""The built site, served on this machine, and a real Chromium to look at it."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from pathlib import Path

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
    """Addresses of pages, relative to the site; of some folders only if named."""
    found = [p.relative_to(site).as_posix() for p in inspection.pages(site)]
    return [n for n in found if not folders or n.split("/")[0] in folders]


def with_figures(site: Path) -> list[str]:
    return [n for n in names(site, "book") if '<figure class="fig"' in (site / n).read_text(encoding="utf-8")]
