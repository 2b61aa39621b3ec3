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


def citation(page: str, title: str, kind: str, addresses: Addresses) -> views.Citation:
    """The citation of a page, or of the thing that has it.

    Parameters
    ----------
    page
        Name of the page, such as `figures/zone-sales`; what stands behind its folder is the name of the thing.
    title
        Its title, as plain words.
    kind
        What it is, in a word: a figure, a claim, a series, a table, a chapter, a page.
    addresses
        Those of the page that shows the citation.
    """
    name, book = page.rpartition("/")[2], descriptor.package()["title"]
    version, day = descriptor.about("version"), verdicts.data_as_of()
    address = addresses.published(page)
    authors = [c["title"] for c in descriptor.package()["contributors"]]
    thing = kind if kind in ("chapter", "page") else f"{kind} {name}"
    text = (
        f"{', '.join(authors)}: “{title}”, {thing} in {book}, data version {version}, "
        f"data as of {receipts.date_words(day)}."
    )
    return views.Citation(
        name=name,
        page=f"{page}.html" if not address else "",
        text=f"{text} {address}".rstrip(),
        bibtex=_bibtex(name, authors, title, f"{kind.capitalize()} in {book}", day, version, address),
        ris="\r\n".join(_ris(MEDIA.get(kind, _PAGE), authors, title, book, day, version, address)) + "\r\n",
        csl=_csl(MEDIA.get(kind, _PAGE), name, authors, title, book, day, version, address),
    )


def _bibtex(
    name: str, authors: list[str], title: str, published: str, day: str, version: str, address: str
) -> str:
    fields = {
        "author": " and ".join(f"{{{author.translate(_TEX)}}}" for author in authors),
        "title": title.translate(_TEX),
        "howpublished": published.translate(_TEX),
        "year": day[:4],
        "url": address,
        "note": f"Data version {version}".translate(_TEX),
    }
    lines = [f"  {field} = {{{words}}}" for field, words in fields.items() if words]
    return f"@misc{{{name},\n" + ",\n".join(lines) + "\n}"


_TEX = str.maketrans(
    {sign: f"\\{sign}" for sign in "%$&_#{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
"""What means something to TeX -> how it is written to mean itself."""


def _ris(
    medium: Medium, authors: list[str], title: str, book: str, day: str, version: str, address: str
) -> Iterator[str]:
    yield f"TY  - {medium.ris}"
    for author in authors:
        # RIS knows persons only, and takes what stands behind a comma for a first name.
        yield f"AU  - {author.replace(',', '')}"
    yield f"TI  - {title}"
    yield f"T2  - {book}"
    yield f"PY  - {day[:4]}"
    yield f"DA  - {day.replace('-', '/')}"
    yield f"ET  - {version}"
    if address:
        yield f"UR  - {address}"
    yield "ER  - "


def _csl(
    medium: Medium,
    name: str,
    authors: list[str],
    title: str,
    book: str,
    day: str,
    version: str,
    address: str,
) -> str:
    item = {
        "id": name,
        "type": medium.csl,
        "author": [{"literal": author} for author in authors],
        "title": title,
        "container-title": book,
        "issued": {"date-parts": [[int(part) for part in day.split("-")]]},
        "version": version,
    }
    return json.dumps([item | ({"URL": address} if address else {})], ensure_ascii=False)


def tags(page: str, title: str, kind: str, description: str, addresses: Addresses) -> list[views.Fact]:
    """(name, content) of the meta tags by which libraries and citation managers know a page: Highwire's, Dublin Core's."""
    package, day, address = descriptor.package(), verdicts.data_as_of(), addresses.published(page)
    authors = [c["title"] for c in package["contributors"]]
    medium = MEDIA.get(kind, _PAGE)
    found = [
        ("citation_title", title),
        *(("citation_author", author) for author in authors),
        ("citation_publication_date", day.replace("-", "/")),
        (
            "citation_inbook_title" if medium is MEDIA["chapter"] else "citation_journal_title",
            package["title"],
        ),
        ("citation_language", "en"),
        ("citation_public_url", address),
        ("DC.title", title),
        *(("DC.creator", author) for author in authors),
        ("DC.date", day),
        ("DC.type", "Dataset" if medium is _DATA else "Image" if kind == "figure" else "Text"),
        ("DC.description", description),
        ("DC.identifier", address),
        ("DC.rights", package["licenses"][0]["path"]),
        ("DC.relation.isPartOf", package["title"]),
    ]
    return [(name, content) for name, content in found if content]
