"""Looks at a built site as files: links and anchors, other hosts, figures complete, weights.

`inspect` is what a site must pass before it is published; the tests use the same functions.
"""

from __future__ import annotations

import dataclasses
import functools
import gzip
import re
import sys
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

KIB = 1024
BUDGET_PLAIN, BUDGET_CHAPTER, BUDGET_FIRST_SCREEN = 100 * KIB, 300 * KIB, 150 * KIB
BUDGET_LIVE_CHART, BUDGET_LIVE_MAP = 500 * KIB, 150 * KIB
"""Bytes gzip on a first visit: page without figures; chapter with all pictures; its first screen;
what the first live chart adds; what a live map adds."""

_TAG = re.compile(r"<(a|img|link|script|source|iframe|form)\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'\b(href|src|srcset|action|data-spec|data-frame)="([^"]*)"')
_ID = re.compile(r'\bid="([^"]+)"')
_FIGURE = re.compile(r'<figure class="fig".*?</figure>', re.DOTALL)
_OF_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')\s;]+)")
_LOADING = {"img", "script", "source", "iframe"}
_NOT_LOADING = re.compile(r'\brel="(?:canonical|prev|next|license|alternate)"')


class Reference(NamedTuple):
    """Something a page links to or loads: `<tag attribute="address">`."""

    tag: str
    attribute: str
    address: str
    loads: bool  # without being asked for


@dataclasses.dataclass(frozen=True)
class Page:
    """A page of a site, read once: its place, its address in the site, its text."""

    file: Path
    name: str
    text: str

    @functools.cached_property
    def references(self) -> list[Reference]:
        """What it links to and loads, each once."""
        return list(dict.fromkeys(self._references()))

    def _references(self) -> Iterator[Reference]:
        for found in _TAG.finditer(self.text):
            tag = found[1].lower()
            loads = tag in _LOADING or (tag == "link" and not _NOT_LOADING.search(found[0]))
            for attribute, value in _ATTRIBUTE.findall(found[0]):
                yield Reference(tag, attribute, unescape(value), loads)


def pages(site: Path) -> list[Path]:
    """All pages of a site (maps' frames are not pages)."""
    return [p for p in sorted(site.rglob("*.html")) if "_figures" not in p.relative_to(site).parts]


def _opened(site: Path, files: Iterable[Path]) -> list[Page]:
    return [Page(f, f.relative_to(site).as_posix(), f.read_text(encoding="utf-8")) for f in files]


def inspect(site: Path) -> list[str]:
    """Everything wrong with a built site, one line each; empty when it may be published."""
    site = site.resolve()
    opened = _opened(site, pages(site))
    if not opened:
        return [f"{site}: there are no pages"]
    frames = _opened(site, sorted((site / "_figures").glob("*.map.html")))
    styles = _opened(site, sorted(site.rglob("*.css")))
    return [
        *broken_links(opened),
        *other_hosts([*opened, *frames, *styles]),
        *incomplete_figures(opened),
        *too_heavy(opened),
    ]


def broken_links(opened: list[Page]) -> list[str]:
    """Links to pages, files or anchors that are not there."""
    ids = {page.file: set(_ID.findall(page.text)) for page in opened}
    find = functools.cache(_target)  # the same few links stand on every page of a folder
    found = []
    for page in opened:
        for reference in page.references:
            target, anchor = find(page.file.parent, reference.address)
            target = page.file if target == page.file.parent else target
            if target == _ELSEWHERE:
                continue
            if target is None:
                found.append(f"{page.name}: {reference.attribute} {reference.address} leads nowhere")
            elif anchor and reference.tag == "a" and target in ids and anchor not in ids[target]:
                found.append(f"{page.name}: {reference.address} names an anchor that is not there")
    return sorted(set(found))


_ELSEWHERE = Path("//")


def _target(folder: Path, address: str) -> tuple[Path | None, str]:
    """(file, anchor) that an address leads to from a folder.

    The file is None if it is not there, `_ELSEWHERE` on another host, and the folder itself for an
    address that is an anchor only.
    """
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return _ELSEWHERE, ""
    target = folder
    if parts.path:
        target = (folder / unquote(parts.path)).resolve()
        target = target / "index.html" if target.is_dir() else target
        target = target if target.is_file() else None
    return target, unquote(parts.fragment)


def other_hosts(opened: list[Page]) -> list[str]:
    """Things that a page, a map's frame or a style sheet would load from another host."""
    found = []
    for page in opened:
        for tag, attribute, address, loads in page.references:
            if loads and urlsplit(address).netloc:
                found.append(f"{page.name}: {tag} {attribute} {address} is on another host")
        for address in _OF_STYLE.findall(page.text):
            found.append(f"{page.name}: the style's {address} is on another host")
    return sorted(set(found))


def incomplete_figures(opened: list[Page]) -> list[str]:
    """Figures without description, table, sources or download."""
    found = []
    for page in opened:
        for block in _FIGURE.findall(page.text):
            name = re.search(r'data-fig="([^"]+)"', block)[1]
            for part, mark in (
                ("title", 'class="fig-title"'),
                ("description", 'class="fig-desc"'),
                ("table", "<tbody><tr>"),
                ("sources", 'class="fig-sources"'),
                ("downloads", ".csv"),
            ):
                if mark not in block:
                    found.append(f"{page.name}: figure {name} has no {part}")
    return found


def weight(file: Path) -> int:
    """Bytes of a file gzipped (level 9), as a server would send it; pictures of pixels as they are."""
    stat = file.stat()
    return _weight(file, stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=4096)
def _weight(file: Path, size: int, modified: int) -> int:
    if file.suffix in (".png", ".webp", ".jpg"):
        return size
    return len(gzip.compress(file.read_bytes(), 9, mtime=0))


def loaded(page: Page, narrow: bool = False) -> list[Path]:
    """Files a first visit loads before any interaction, all pictures scrolled in, in one theme.

    Includes the page itself. A desktop gets the wide pictures, a phone the narrow ones.
    """
    files = [page.file]
    for tag, _attribute, address, _loads in page.references:
        if tag == "script" or (tag == "link" and address.endswith((".css", ".svg"))):
            wanted = True
        elif tag in ("img", "source"):
            wanted = (
                ".dark." not in address and (".narrow." in address) == narrow
                if "_figures" in address
                else tag == "img"
            )
        else:
            wanted = False
        if wanted and not urlsplit(address).netloc:
            files.append((page.file.parent / unquote(urlsplit(address).path)).resolve())
    return list(dict.fromkeys(files))


def too_heavy(opened: list[Page]) -> list[str]:
    """Pages over their budget."""
    found = []
    for page in opened:
        budget = BUDGET_CHAPTER if '<figure class="fig"' in page.text else BUDGET_PLAIN
        size = max(sum(weight(f) for f in loaded(page, narrow) if f.is_file()) for narrow in (False, True))
        if size > budget:
            found.append(f"{page.name}: {size / KIB:.0f} KiB, at most {budget / KIB:.0f} are allowed")
    return found


if __name__ == "__main__":
    problems = inspect(Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html"))
    print("\n".join(problems) or "The site holds.")
    sys.exit(bool(problems))
