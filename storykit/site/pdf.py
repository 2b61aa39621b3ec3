"""The whole book as a PDF, printed by Chromium from the page that holds it: `storykit pdf`."""

from __future__ import annotations

import subprocess
import tempfile
import threading
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import lxml.html

from storykit import errors, progress
from storykit.site import browser, build, whole

LONGEST = 300
"""Seconds that printing may take."""


def make(site: Path, file: Path) -> Path:
    """Print the whole book of a built site into a file, and give the file back.

    Raises
    ------
    errors.UserError
        If the site is not built, there is no Chromium, or it could not print.
    """
    page = site / f"{whole.NAME}.html"
    if not page.is_file():
        raise errors.UserError(f"There is no {page}: build the site first, with `storykit site`.")
    program = browser.ensure()
    progress.say("printing the book; that takes a minute")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in ("_static", "_figures"):
            (place / name).symlink_to((site / name).resolve())
        (place / "book").mkdir()
        (place / "book" / page.name).write_text(_to_print(page), encoding="utf-8")
        server = build.listen(place, 8900)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/book/{page.name}"
        words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command = [program, *words, f"--user-data-dir={place / 'profile'}", f"--print-to-pdf={file}", address]
        try:
            done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=LONGEST)
        except subprocess.TimeoutExpired:
            raise errors.UserError(f"Chromium did not print the book within {LONGEST} seconds.") from None
        finally:
            server.shutdown()
    if done.returncode or not file.is_file():
        raise errors.UserError(f"Chromium could not print the book:\n{done.stderr.strip()[-500:]}")
    return file


def _to_print(page: Path) -> str:
    """The page with links that lead anywhere from paper: inside itself, or to the published site; others are words."""
    document = lxml.html.document_fromstring(page.read_text(encoding="utf-8"))
    published = next(iter(document.xpath("//link[@rel='canonical']/@href")), "")
    for link in document.xpath("//a[@href]"):
        address = link.get("href")
        if address.startswith("#") or urlsplit(address).scheme:
            continue
        if published:
            link.set("href", urljoin(published, address))
        else:
            link.drop_tag()
    return str(lxml.html.tostring(document.getroottree(), encoding="unicode", method="html"))
