"""Looks at a built site as files: links and anchors, other hosts, figures complete, weights.

`inspect` is what a site must pass before it is published; the tests use the same functions.
"""

from __future__ import annotations

import functools
import gzip
import re
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

KIB = 1024
BUDGET_PLAIN, BUDGET_CHAPTER, BUDGET_FIRST_SCREEN = 100 * KIB, 300 * KIB, 150 * KIB
BUDGET_LIVE_CHART, BUDGET_LIVE_MAP = 500 * KIB, 150 * KIB
"""Bytes gzip on a first visit: page without figures; chapter with all pictures; its first screen;
what the first live chart adds; what a live map adds."""

_TAG = re.compile(r"<(a|img|link|script|source|iframe|form)\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'\b(href|src|srcset|action|data-spec|data-frame)="([^"]*)"')
_ID = re.compile(r'\bid="([^"]+)"')
_LOADING = {"img", "script", "source", "iframe"}


def pages(site: Path) -> list[Path]:
    """All pages of a site (maps' frames are not pages)."""
    return [p for p in sorted(site.rglob("*.html")) if "_figures" not in p.relative_to(site).parts]


def _references(text: str) -> Iterator[tuple[str, str, str]]:
    """(tag, attribute, address) of everything a page links to or loads."""
    for tag in _TAG.finditer(text):
        for attribute, value in _ATTRIBUTE.findall(tag[0]):
            yield tag[1].lower(), attribute, unescape(value)


def inspect(site: Path) -> list[str]:
    """Everything wrong with a built site, one line each; empty when it may be published."""
    texts = {page: page.read_text(encoding="utf-8") for page in pages(site)}
    if not texts:
        return [f"{site}: there are no pages"]
    return [
        *broken_links(site, texts),
        *other_hosts(site, texts),
        *incomplete_figures(site, texts),
        *too_heavy(site, texts),
    ]


def broken_links(site: Path, texts: dict[Path, str]) -> list[str]:
    """Links to pages, files or anchors that are not there."""
    site = site.resolve()
    ids = {page.resolve(): set(_ID.findall(text)) for page, text in texts.items()}
    find = functools.cache(_target)  # the same few links stand on every page of a folder
    found = []
    for page, text in texts.items():
        page = page.resolve()
        name = page.relative_to(site).as_posix()
        for tag, attribute, address in dict.fromkeys(_references(text)):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = find(page.parent, parts.path) if parts.path else page
            anchor = unquote(parts.fragment) if tag == "a" else ""
            if target is None:
                found.append(f"{name}: {attribute} {address} leads nowhere")
            elif anchor and target in ids and anchor not in ids[target]:
                found.append(f"{name}: {address} names an anchor that is not there")
    return sorted(set(found))


def _target(folder: Path, path: str) -> Path | None:
    """The file that a relative address leads to from a folder, or None."""
    target = (folder / unquote(path)).resolve()
    target = target / "index.html" if target.is_dir() else target
    return target if target.is_file() else None


def other_hosts(site: Path, texts: dict[Path, str]) -> list[str]:
    """Things that a page (or a map's frame) would load from another host."""
    found = []
    frames = {p: p.read_text(encoding="utf-8") for p in sorted((site / "_figures").glob("*.map.html"))}
    for page, text in {**texts, **frames}.items():
        for tag, attribute, address in _references(text):
            loads = tag in _LOADING or (tag == "link" and 'rel="canonical"' not in text)
            if loads and urlsplit(address).netloc:
                found.append(
                    f"{page.relative_to(site).as_posix()}: {tag} {attribute} {address} is on another host"
                )
    return sorted(set(found))


def incomplete_figures(site: Path, texts: dict[Path, str]) -> list[str]:
    """Figures without description, table, sources or download."""
    found = []
    for page, text in texts.items():
        for block in re.findall(r'<figure class="fig".*?</figure>', text, re.DOTALL):
            name = re.search(r'data-fig="([^"]+)"', block)[1]
            for part, mark in (
                ("title", 'class="fig-title"'),
                ("description", 'class="fig-desc"'),
                ("table", "<tbody><tr>"),
                ("sources", 'class="fig-sources"'),
                ("downloads", ".csv"),
            ):
                if mark not in block:
                    found.append(f"{page.relative_to(site).as_posix()}: figure {name} has no {part}")
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


def loaded(site: Path, page: Path, text: str, narrow: bool = False) -> list[Path]:
    """Files a first visit loads before any interaction, all pictures scrolled in, in one theme.

    Includes the page itself. A desktop gets the wide pictures, a phone the narrow ones.
    """
    files = [page]
    for tag, _attribute, address in _references(text):
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
            files.append((page.parent / unquote(urlsplit(address).path)).resolve())
    return list(dict.fromkeys(files))


def page_weight(site: Path, page: Path, text: str, narrow: bool = False) -> int:
    return sum(weight(file) for file in loaded(site, page, text, narrow) if file.is_file())


def too_heavy(site: Path, texts: dict[Path, str]) -> list[str]:
    """Pages over their budget, and maps over theirs."""
    found = []
    for page, text in texts.items():
        budget = BUDGET_CHAPTER if '<figure class="fig"' in text else BUDGET_PLAIN
        for narrow in (False, True):
            size = page_weight(site, page, text, narrow)
            if size > budget:
                found.append(
                    f"{page.relative_to(site).as_posix()}: {size / KIB:.0f} KiB, at most {budget / KIB:.0f} are allowed"
                )
                break
    return found


if __name__ == "__main__":
    problems = inspect(Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html"))
    print("\n".join(problems) or "The site holds.")
    sys.exit(bool(problems))
