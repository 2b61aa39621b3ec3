"""Looks at a built site as files: links and anchors, other hosts, figures complete, weights.

`inspect` is what a site must pass before it is published; the tests use the same functions.
"""

from __future__ import annotations

import dataclasses
import functools
import gzip
import hashlib
import os
import posixpath
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

import lxml.etree
import lxml.html

from storykit import disk
from storykit.site.kept import Kept

KIB = 1024
BUDGET_PLAIN, BUDGET_CHAPTER, BUDGET_FIRST_SCREEN = 100 * KIB, 300 * KIB, 150 * KIB
BUDGET_LIVE_CHART, BUDGET_LIVE_MAP = 500 * KIB, 150 * KIB
"""Bytes gzip on a first visit: page without figures; chapter with all pictures; its first screen;
what the first live chart adds; what a live map adds."""
BUDGET_WHOLE = 1500 * KIB
"""Bytes gzip of the page that holds the whole book, with all its pictures."""

_ADDRESSES = {"href", "src", "srcset", "action", "formaction", "data", "poster", "data-spec", "data-frame"}
_LOADING = {"img", "script", "source", "iframe", "embed", "object", "video", "audio", "track", "input"}
_NOT_LOADED = {"canonical", "prev", "next", "license", "alternate"}
_TELLING = f"//style | //*[{' or '.join(f'@{name}' for name in (*sorted(_ADDRESSES), 'style', 'srcdoc'))}]"
_OF_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')\s;]+)")
_FIGURE_PARTS = {
    "title": './/*[@class="fig-title"]',
    "description": './/*[@class="fig-desc"]',
    "table": ".//tbody/tr",
    "sources": './/*[@class="fig-sources"]',
    "downloads": './/a[contains(@href, ".csv")]',
}
"""Part of a figure -> where it stands in the figure (XPath)."""


class Reference(NamedTuple):
    """Something a page links to or loads: `<tag attribute="address">`."""

    tag: str
    attribute: str
    address: str
    loads: bool  # without being asked for


@dataclasses.dataclass(frozen=True)
class Page:
    """What is looked at in a page (or a map's frame, or a style sheet).

    `name` is its address in the site; `references` are what it links to and loads, each once;
    `ids` its anchors; `figures` the parts that each of its figures lacks.
    """

    file: Path
    name: str
    references: list[Reference]
    ids: set[str]
    figures: dict[str, list[str]]


def read(site: Path, file: Path) -> Page:
    """Look at a page once, as a browser's parser understands it."""
    name, text = file.relative_to(site).as_posix(), file.read_text(encoding="utf-8")
    if file.suffix == ".css":
        return Page(file, name, list(_of_style(text)), set(), {})
    document = lxml.html.document_fromstring(text)
    figures = {
        figure.get("data-fig"): [part for part, path in _FIGURE_PARTS.items() if not figure.xpath(path)]
        for figure in document.xpath('//figure[@class="fig"]')
    }
    return Page(file, name, list(dict.fromkeys(_references(document))), set(document.xpath("//@id")), figures)


def _references(document: lxml.html.HtmlElement) -> Iterator[Reference]:
    for element in document.xpath(_TELLING):
        tag, attributes = element.tag, element.attrib
        if tag == "base":  # leads nowhere itself: where links begin, as a host serves the site
            continue
        loads = tag in _LOADING or (tag == "link" and attributes.get("rel") not in _NOT_LOADED)
        for attribute in _ADDRESSES & set(attributes):
            yield Reference(tag, attribute, attributes[attribute].strip(), loads)
        yield from _of_style(attributes.get("style", ""))
        if tag == "style":
            yield from _of_style(element.text or "")
        if attributes.get("srcdoc", "").strip():
            yield from _references(lxml.html.document_fromstring(attributes["srcdoc"]))


def _of_style(text: str) -> Iterator[Reference]:
    for address in _OF_STYLE.findall(text):
        yield Reference("style", "url", address, True)


def pages(site: Path) -> list[Path]:
    """All pages of a site (maps' frames are not pages)."""
    return [p for p in sorted(site.rglob("*.html")) if "_figures" not in p.relative_to(site).parts]


def inspect(site: Path, memory: Path | None = None) -> list[str]:
    """Everything wrong with a built site, one line each; empty when it may be published.

    `memory` is a file in which what was seen in a page is kept: one that has not changed is not looked at again.
    """
    site = site.resolve()
    kept = Kept(memory, Path(__file__).read_text(encoding="utf-8"))

    def look(file: Path) -> Seen:
        return kept.get((str(file), disk.digest(file)), lambda: _seen(read(site, file), site))

    @functools.cache
    def weigh(name: str) -> int:
        file = site / name
        return kept.get(disk.digest(file), lambda: weight(file)) if file.is_file() else 0

    opened = {file: look(file) for file in pages(site)}
    if not opened:
        return [f"{site}: there are no pages"]
    there = {file.relative_to(site).as_posix(): file for file in site.rglob("*")}
    others = [*sorted((site / "_figures").glob("*.map.html")), *sorted(site.rglob("*.css"))]
    files = [name for name, file in there.items() if file.is_file()]
    links = Links(files, opened.values())
    found = [
        *(
            fault
            for file, page in opened.items()
            for fault in kept.get(
                (links.state, str(file), disk.digest(file)), functools.partial(links.broken, page)
            )
        ),
        *(fault for page in [*opened.values(), *map(look, others)] for fault in page.faults),
        *too_heavy(opened.values(), weigh),
        *(
            fault
            for name in sorted(files)
            if name.endswith((".atom", ".xml", ".svg"))
            for fault in kept.get(
                (name, disk.digest(there[name])), functools.partial(no_xml, there[name], name)
            )
        ),
        *names_that_do_not_travel(there),
    ]
    kept.save()
    return found


class Seen(NamedTuple):
    """What is kept of a page that was looked at. As texts and not as objects: thousands are read back in a moment.

    `ids` and `links` (see `_inside`, with tabs between) have a line each. `loads` are the files of a
    first visit, by their names in the site, on a wide screen and on a narrow one; `budget` is what they may weigh;
    `faults` what is wrong with the page whatever stands beside it.
    """

    name: str
    ids: str
    links: str
    loads: tuple[tuple[str, ...], ...]
    budget: int
    faults: tuple[str, ...]


def _seen(page: Page, site: Path) -> Seen:
    return Seen(
        page.name,
        "\n".join(sorted(page.ids)),
        "\n".join(dict.fromkeys("\t".join(link) for link in _inside(page))),
        tuple(
            tuple(os.path.relpath(file, site) for file in loaded(page, narrow)) for narrow in (False, True)
        ),
        BUDGET_WHOLE if page.name == _WHOLE else BUDGET_CHAPTER if page.figures else BUDGET_PLAIN,
        (*other_hosts(page), *incomplete_figures(page)),
    )


def _inside(page: Page) -> Iterator[tuple[str, str, str, str, str]]:
    """Links of a page that do not lead to another host: tag, attribute and address, then the file and the anchor meant.

    No file is meant ("") by an address that has no parts that can be told apart.
    """
    folder = posixpath.dirname(page.name)
    for tag, attribute, address, _ in page.references:
        parts, written = _split(address), (tag, attribute, _FOLDED.sub("", address))
        if parts is None:
            yield *written, "", ""
        elif not (parts.scheme or parts.netloc):
            path = unquote(parts.path)
            file = posixpath.normpath(posixpath.join(folder, path)) if path else page.name
            yield *written, _FOLDED.sub("", file), _FOLDED.sub("", unquote(parts.fragment))


_WHOLE = "book/whole.html"
_FOLDED = re.compile(r"[\t\n\r]")
"""Signs that no browser reads in an address."""


def names_that_do_not_travel(paths: Iterable[str]) -> list[str]:
    """Paths that are one where a file system knows no case or spells signs its own way, and names that Windows keeps."""
    found, seen = [], dict[str, str]()
    for path in sorted(paths):
        first = seen.setdefault(unicodedata.normalize("NFC", path).casefold(), path)
        if first != path:
            found.append(f"{path}: a file system without case takes it for {first}")
        if _KEPT_BY_WINDOWS.search(path):
            found.append(f"{path}: Windows has no file of that name")
    return found


_KEPT_BY_WINDOWS = re.compile(
    r"(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.|/|$)|[<>:\"|?*\\\x00-\x1f]|[. ](/|$)", re.IGNORECASE
)


def differing(site: Path, other: Path) -> list[str]:
    """Pages of two sites that do not say the same, one line each."""
    ours, theirs = (
        {file.relative_to(folder).as_posix(): file for file in pages(folder)} for folder in (site, other)
    )
    alone = [
        f"{name}: only in {site if name in ours else other}" for name in sorted(ours.keys() ^ theirs.keys())
    ]
    both = sorted(ours.keys() & theirs.keys())
    return alone + [
        f"{name}: says something else" for name in both if _said(ours[name]) != _said(theirs[name])
    ]


def _said(file: Path) -> str:
    """What a page says, as its parser reads it: title and text, with the names of its pictures."""
    document = lxml.html.document_fromstring(file.read_text(encoding="utf-8"))
    said = document.xpath(
        "//title//text() | //body//text()[not(ancestor::script or ancestor::style)] | //@alt"
    )
    return " ".join(" ".join(said).split())


class Links:
    """Where links of a site can lead: its files, and the anchors of its pages. `state` is a digest of both."""

    def __init__(self, files: Collection[str], opened: Iterable[Seen]):
        self._files, self._ids = {*files}, {page.name: page.ids for page in opened}
        told = "\0".join([*sorted(files), *(f"{name}\n{ids}" for name, ids in self._ids.items())])
        self.state = hashlib.sha256(told.encode()).hexdigest()
        self._find = functools.cache(self._found)  # the same few links stand on every page of a folder
        self._anchors = functools.cache(lambda page: frozenset(self._ids[page].split("\n")))

    def broken(self, page: Seen) -> list[str]:
        """Links of a page to pages, files or anchors that are not there."""
        found = set()
        for tag, attribute, address, file, anchor in (
            link.split("\t") for link in page.links.split("\n") if link
        ):
            target = self._find(file)
            if not target:
                found.add(f"{page.name}: {attribute} {address} leads nowhere")
            elif anchor and tag == "a" and target in self._ids and anchor not in self._anchors(target):
                found.add(f"{page.name}: {address} names an anchor that is not there")
        return sorted(found)

    def _found(self, file: str) -> str:
        """The file that a host gives for this one, or for a folder its index; "" if there is none."""
        index = posixpath.normpath(f"{file}/index.html") if file else ""
        return next((name for name in (index, file) if name and name in self._files), "")


def _split(address: str) -> SplitResult | None:
    """The parts of an address; None if it has none that can be told apart."""
    try:
        return urlsplit(address)
    except ValueError:
        return None


def other_hosts(page: Page) -> list[str]:
    """Things that a page, a map's frame or a style sheet would load from another host."""
    return sorted(
        {
            f"{page.name}: {tag} {attribute} {address} is on another host"
            for tag, attribute, address, loads in page.references
            if loads and (parts := _split(address)) and parts.netloc
        }
    )


def no_xml(file: Path, name: str) -> list[str]:
    """A feed, a list of pages or a picture that no program can read: one sign is enough."""
    try:
        lxml.etree.parse(file)
    except lxml.etree.XMLSyntaxError as error:
        return [f"{name}: is no XML: {error}"]
    return []


def incomplete_figures(page: Page) -> list[str]:
    """Figures without description, table, sources or download."""
    return [
        f"{page.name}: figure {name} has no {part}"
        for name, missing in page.figures.items()
        for part in missing
    ]


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
        if wanted and (parts := _split(address)) and not parts.netloc:
            files.append(Path(os.path.normpath(page.file.parent / unquote(parts.path))))
    return list(dict.fromkeys(files))


def too_heavy(opened: Iterable[Seen], weigh: Callable[[str], int]) -> list[str]:
    """Pages over their budget."""
    found = []
    for page in opened:
        size = max(sum(map(weigh, files)) for files in page.loads)
        if size > page.budget:
            found.append(f"{page.name}: {size / KIB:.0f} KiB, at most {page.budget / KIB:.0f} are allowed")
    return found
