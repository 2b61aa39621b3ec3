"""What each kind of page is in the words of schema.org, for those who read pages by program."""

from __future__ import annotations

from typing import Any

from storykit import descriptor, downloads, tables, verdicts
from storykit.site import citations
from storykit.site.links import Addresses

Thing = dict[str, Any]

RATED = ("met", "late", "partly", "missed")
"""Verdicts that rate a claim; the others say that nothing can be said yet, or that it is no matter of true or false."""


def graph(
    page: str,
    title: str,
    kind: str,
    description: str,
    trail: list[tuple[str, str]],
    addresses: Addresses,
    language: str = "en",
) -> Thing:
    """The description of a page: what it is, and the way to it.

    Parameters
    ----------
    page, title, kind
        As of `citations.citation`.
    description
        What it says, in a sentence or two.
    trail
        (title, name of the page) from the front page down to this one.
    addresses
        Those of the page.
    language
        That of the book.
    """
    thing = {
        "name": title,
        "description": description,
        **_common(),
        "inLanguage": language,
        **({"url": addresses.published(page)} if addresses.published(page) else {}),
    }
    steps = [
        {"@type": "ListItem", "position": number, "name": words, "item": _address(name, addresses)}
        for number, (words, name) in enumerate(trail, start=1)
    ]
    way = [{"@type": "BreadcrumbList", "itemListElement": steps}] if len(steps) > 1 else []
    return {"@context": "https://schema.org", "@graph": [_typed(page, kind, thing, addresses), *way]}


def _address(page: str, addresses: Addresses) -> str:
    """A page's whole address, or the way to it from here."""
    return addresses.published(page) or addresses.page_href(page) or f"{page.rpartition('/')[2]}.html"


def _common() -> Thing:
    package, day = descriptor.package(), verdicts.data_as_of()
    makers = [{"@type": "Organization", "name": c["title"]} for c in package["contributors"]]
    return {
        "inLanguage": "en",
        "license": package["licenses"][0]["path"],
        "author": makers,
        "publisher": makers[0],
        "datePublished": package["created"][:10],
        "dateModified": day,
        "isAccessibleForFree": True,
        "version": package["version"],
    }


def _book() -> Thing:
    return {"@type": "Book", "name": descriptor.package()["title"]}


def _typed(page: str, kind: str, thing: Thing, addresses: Addresses) -> Thing:
    """The thing with the type of its kind and what that type asks for."""
    name = page.rpartition("/")[2]
    if kind == "book":
        return {"@type": "Book", **thing, "bookFormat": "https://schema.org/EBook"}
    if kind == "chapter":
        return {"@type": "Article", "headline": thing["name"], **thing, "isPartOf": _book()}
    if kind == "figure":
        picture = f"{addresses.root}_figures/{name}"
        return {"@type": "ImageObject", **thing, "contentUrl": f"{picture}.png", "isPartOf": _book()}
    if kind == "package":
        return {"@type": "DataCatalog", **thing, "dataset": _package(addresses)}
    if kind == "table":
        files = downloads.offered(name).items()
        return _dataset(thing, [(f"{addresses.root}_data/{file.path}", _FORMS[form]) for form, file in files])
    if kind == "series":
        return _series(name, thing, addresses)
    if kind == "claim":
        return _claim(name, thing, addresses)
    return {"@type": "WebPage", **thing, "isPartOf": _book()}


_FORMS = {"CSV": "text/csv", "Parquet": "application/vnd.apache.parquet", "JSON": "application/json"}
"""Format of a download -> how the web names it."""


def _dataset(thing: Thing, files: list[tuple[str, str]], **more: Any) -> Thing:
    package = descriptor.package()
    described = f"{thing['description']} From the data package {package['title']}."
    return {
        "@type": "Dataset",
        **thing,
        "description": described,
        "creator": thing["author"],
        "includedInDataCatalog": {"@type": "DataCatalog", "name": package["title"]},
        "distribution": [
            {"@type": "DataDownload", "contentUrl": file, "encodingFormat": form} for file, form in files
        ],
        **more,
    }


def _package(addresses: Addresses) -> Thing:
    package = descriptor.package()
    thing = {"name": package["title"], "description": package.get("description", ""), **_common()}
    root, name = addresses.root, downloads.archive_name(versioned=False)
    files = [
        (f"{root}_data/{name}", "application/zip"),
        (f"{root}_data/datapackage.json", "application/json"),
    ]
    return _dataset(thing, files, keywords=package.get("keywords", []))


def _series(name: str, thing: Thing, addresses: Addresses) -> Thing:
    record = tables.records("series")[name]
    unit = tables.records("units")[record["unit"]]["label"]
    file = f"{addresses.root}_data/series/{name}.csv"
    thing |= {"description": f"{thing['description']} Basis: {record['basis']}. Unit: {unit}."}
    measured = {"@type": "PropertyValue", "name": record["label"], "unitText": unit}
    return _dataset(thing, [(file, "text/csv")], variableMeasured=measured)


def _claim(name: str, thing: Thing, addresses: Addresses) -> Thing:
    """A claim; with our rating where there is one.

    The rules of ClaimReview ask for a published rating with its author and the whole address of its page. A claim that
    nobody could rate, and any claim of a site without an address, is a page about a claim.
    """
    decided = verdicts.all_verdicts().loc[name]
    claim = {
        "@type": "Claim",
        "name": str(decided["statement"]),
        "author": {"@type": "Organization", "name": str(decided["made_by"])},
        **({"datePublished": str(decided["made_on"])} if decided["made_on"] else {}),
    }
    address = addresses.published(f"{citations.folder_of('claim')}/{name}")
    if address and decided["verdict"] in RATED:
        rating = {"@type": "Rating", "alternateName": str(decided["verdict_words"])}
        return {
            "@type": "ClaimReview",
            **thing,
            "claimReviewed": str(decided["statement"]),
            "itemReviewed": claim,
            "reviewRating": rating,
        }
    return {"@type": "WebPage", **thing, "about": claim, "isPartOf": _book()}
