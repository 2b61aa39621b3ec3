"""A build goes on from one with pictures when the browser is gone, or is there and dies; what it publishes can be read."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import lxml.html
import pytest
import test_whole_build as whole

from storykit.site import family, pictures

book = whole.book
LABEL = "Sales <b>above</b> 5 & below 9 > 7"
DIES = '#!/bin/sh\n[ "$1" = --version ] && exit 0\nexit 1\n'


def build(book, browser: str) -> subprocess.CompletedProcess:
    """As `make site`, by somebody whose new files nobody else may read."""
    return subprocess.run(
        [sys.executable, "-m", "storykit", "site"],
        cwd=book,
        env={**os.environ, "STORYKIT_ROOT": str(book), "BROWSER_PATH": browser},
        capture_output=True,
        text=True,
        timeout=300,
        umask=0o077,
    )


def shown(book) -> tuple[bool, bool]:
    """Whether the chapter shows a picture, and whether its table stands open."""
    text = whole.page(book)
    return "<picture" in text, '<details class="fig-table" open' in text


@pytest.mark.long
def test_a_book_built_with_a_browser_is_built_without_it(book, tmp_path_factory):
    found = pictures.browser()
    assert found, "no Chromium: storykit browser installs one"
    table = book / "data" / "tables" / "series.csv"
    table.write_text(table.read_text().replace("dftz,Sales,", f'dftz,"{LABEL}",'))
    (book / "book" / "cite.md").write_text("# Five < six & `<b>`\n\nMade up.\n")
    assert (done := build(book, found)).returncode == 0, done.stderr
    assert shown(book) == (True, False)
    titles_are_whole(book)
    everybody_may_read(book)
    assert (done := build(book, "/nowhere")).returncode == 0, done.stderr
    assert shown(book) == (False, True) and "no Chromium found" in done.stdout
    folder = tmp_path_factory.mktemp("browsers")
    (book / "_build" / ".storykit" / "pictures").rename(folder / "drawn")  # else nothing is left to draw
    dying = folder / "chromium"
    dying.write_text(DIES)
    dying.chmod(0o755)
    assert (done := build(book, str(dying))).returncode == 0, done.stderr
    assert shown(book) == (False, True) and f"Chromium does not start ({dying})" in done.stdout
    assert not (book / "_build" / "next" / "inputs").exists()  # so the next build tries again


LEAVES_A_THREAD = """import os, threading
class Kaleido:
    def __init__(self, **_): pass
    async def __aenter__(self):
        threading.Thread(target=os.read, args=(os.pipe()[0], 1)).start()
        raise RuntimeError("the browser has died")
    async def __aexit__(self, *_): pass
"""
DRAWS = """from pathlib import Path
from storykit.site import pictures
if __name__ == "__main__":
    try:
        pictures.draw({Path("a.svg"): ({}, 1, 1, "a-figure")})
    except pictures.PictureError as error:
        print(error)
"""


def test_a_browser_that_dies_and_leaves_a_thread_waiting_for_it_holds_no_build(small):
    """As the library does that draws: seen once in a dozen builds with a Chromium that ends at once."""
    (small / "kaleido.py").write_text(LEAVES_A_THREAD)
    (small / "draws.py").write_text(DRAWS)
    done = subprocess.run([sys.executable, "draws.py"], cwd=small, capture_output=True, text=True, timeout=60)
    assert done.stdout == "Chromium could not draw a-figure: the browser has died\n", done.stderr


def test_serving_for_the_first_time_shows_the_pages_before_their_pictures_are_drawn(book):
    found = pictures.browser()
    assert found, "no Chromium: storykit browser installs one"
    process = whole.start(book, "-m", "storykit", "serve", "--port", "8940", BROWSER_PATH=found)
    try:
        said, was_shown = [], []
        for line in process.stdout:
            said.append(line)
            if line.startswith(("Serving ", "The site is in ")):
                was_shown.append(shown(book))
            if len(was_shown) == 3:
                break
    finally:
        family.end(process.pid)
    told = "".join(said)
    assert was_shown == [(False, True), (False, True), (True, False)], told
    assert "pictures are drawn once the pages are there" in told and "no Chromium" not in told


def titles_are_whole(book) -> None:
    """What looks like a tag in a title is text, wherever a title is told."""
    site = book / "_build" / "html"
    series = lxml.html.parse(site / "series" / "sales.html")
    assert series.findtext(".//title").startswith(LABEL)
    assert series.xpath('string(//meta[@property="og:title"]/@content)') == LABEL
    written = lxml.html.parse(site / "book" / "cite.html")
    assert written.findtext(".//title").startswith("Five < six & <b>")
    assert any(a.text_content().endswith("Five < six & <b>") for a in written.xpath("//nav//a"))


def everybody_may_read(book) -> None:
    place = (book / "_build" / "html").resolve()
    for path in [place, place.parent, place.parent.parent, *place.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o444 == 0o444 and (not path.is_dir() or mode & 0o111 == 0o111), path
