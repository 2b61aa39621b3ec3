"""How to cite what the site shows: as text, and for BibTeX, RIS and CSL-JSON, all made from the same fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from storykit import descriptor, receipts, verdicts
from storykit.site import views
from storykit.site.links import Addresses


class Medium(NamedTuple):
    """What a kind of page is called where there are only so many kinds: in RIS, and in CSL."""

    ris: str
    csl: str


_PAGE = Medium("ELEC", "webpage")
_DATA = Medium("DATA", "dataset")
MEDIA = {
    "figure": Medium("FIGURE", "graphic"),
    "book": Medium("BOOK", "book"),
    "chapter": Medium("CHAP", "chapter"),
    "series": _DATA,
    "table": _DATA,
    "package": _DATA,
}
"""Kind -> its medium; all others are pages."""

FOLDERS = {
    "figures": "figure",
    "claims": "claim",
    "series": "series",
    "tables": "table",
    "organisations": "organisation",
    "places": "place",
    "partnerships": "partnership",
    "sources": "list of sources",
}
"""Folder of a page's name -> what its pages are; all others are pages."""


def folder_of(kind: str) -> str:
    """The folder that the pages of a kind stand in."""
    return next(folder for folder, known in FOLDERS.items() if known == kind)


def kind_of(page: str, chapter: bool = False) -> str:
    """What a page is, in a word: by the folder it stands in; a chapter is told by who knows the book."""
    return "chapter" if chapter else FOLDERS.get(page.partition("/")[0], "page")


class _Item(NamedTuple):
    """What every form of a citation says; `within` is what it is a part of, "" of the book itself."""

    name: str
    title: str
    kind: str
    within: str
    authors: list[str]
    day: str
    version: str
    address: str

    @property
    def medium(self) -> Medium:
        return MEDIA.get(self.kind, _PAGE)


def citation(page: str, title: str, kind: str, addresses: Addresses) -> views.Citation:
    """The citation of a page, or of the thing that has it.

    Parameters
    ----------
    page
        Name of the page, such as `figures/zone-sales`; what stands behind its folder is the name of the thing.
    title
        Its title, as plain words.
    kind
        What it is, in a word: a figure, a claim, a series, a table, a chapter, a page; or the `book`, the `package`.
    addresses
        Those of the page that shows the citation.
    """
    item = _item(page, title, kind, addresses)
    return views.Citation(
        name=item.name,
        page="" if item.address else f"{page}.html",
        text=_text(item),
        bibtex=_bibtex(item),
        ris="\r\n".join(_ris(item)) + "\r\n",
        csl=_csl(item),
    )


def _item(page: str, title: str, kind: str, addresses: Addresses) -> _Item:
    package = descriptor.package()
    own = {
        "book": (package["name"], package["title"], ""),
        "package": (f"{package['name']}-data", f"{package['title']}: the data", ""),
    }
    name, title, within = own.get(kind, (page.rpartition("/")[2], title, package["title"]))
    authors = [c["title"] for c in package["contributors"]]
    return _Item(
        name,
        title,
        kind,
        within,
        authors,
        verdicts.data_as_of(),
        package["version"],
        addresses.published(page),
    )


def _text(item: _Item) -> str:
    thing = item.kind if item.kind in ("chapter", "page") else f"{item.kind} {item.name}"
    place = f"“{item.title}”, {thing} in {item.within}" if item.within else item.title
    day = receipts.date_words(item.day)
    text = f"{', '.join(item.authors)}: {place}, data version {item.version}, data as of {day}."
    return f"{text} {item.address}".rstrip()


def _bibtex(item: _Item) -> str:
    fields = {
        "author": " and ".join(f"{{{author.translate(_TEX)}}}" for author in item.authors),
        "title": item.title.translate(_TEX),
        "howpublished": f"{item.kind.capitalize()} in {item.within}".translate(_TEX) if item.within else "",
        "year": item.day[:4],
        "url": item.address,
        "note": f"Data version {item.version}".translate(_TEX),
    }
    lines = [f"  {field} = {{{words}}}" for field, words in fields.items() if words]
    return f"@misc{{{item.name},\n" + ",\n".join(lines) + "\n}"


_TEX = str.maketrans(
    {sign: f"\\{sign}" for sign in "%$&_#{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
"""What means something to TeX -> how it is written to mean itself."""


def _ris(item: _Item) -> Iterator[str]:
    yield f"TY  - {item.medium.ris}"
    for author in item.authors:
        # RIS knows persons only, and takes what stands behind a comma for a first name.
        yield f"AU  - {author.replace(',', '')}"
    yield f"TI  - {item.title}"
    if item.within:
        yield f"T2  - {item.within}"
    yield f"PY  - {item.day[:4]}"
    yield f"DA  - {item.day.replace('-', '/')}"
    yield f"ET  - {item.version}"
    if item.address:
        yield f"UR  - {item.address}"
    yield "ER  - "


def _csl(item: _Item) -> str:
    fields = {
        "id": item.name,
        "type": item.medium.csl,
        "author": [{"literal": author} for author in item.authors],
        "title": item.title,
        "container-title": item.within,
        "issued": {"date-parts": [[int(part) for part in item.day.split("-")]]},
        "version": item.version,
        "URL": item.address,
    }
    return json.dumps([{field: value for field, value in fields.items() if value}], ensure_ascii=False)


def tags(
    page: str, title: str, kind: str, description: str, addresses: Addresses, language: str = "en"
) -> list[views.Fact]:
    """(name, content) of the meta tags by which libraries and citation managers know a page: Highwire's, Dublin Core's."""
    item = _item(page, title, kind, addresses)
    found = [
        ("citation_title", item.title),
        *(("citation_author", author) for author in item.authors),
        ("citation_publication_date", item.day.replace("-", "/")),
        ("citation_inbook_title" if kind == "chapter" else "citation_journal_title", item.within),
        ("citation_language", language),
        ("citation_public_url", item.address),
        ("DC.title", item.title),
        *(("DC.creator", author) for author in item.authors),
        ("DC.date", item.day),
        ("DC.type", "Dataset" if item.medium is _DATA else "Image" if kind == "figure" else "Text"),
        ("DC.description", description),
        ("DC.identifier", item.address),
        ("DC.rights", descriptor.package()["licenses"][0]["path"]),
        ("DC.relation.isPartOf", item.within),
    ]
    return [(name, content) for name, content in found if content]
