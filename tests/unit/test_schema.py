"""Each kind of page is described in the words of schema.org with all that its type asks for."""

from __future__ import annotations

import json

import pytest

from storykit.site import links, schema

REQUIRED = {
    "Article": {"headline", "author", "datePublished", "publisher", "description", "isPartOf"},
    "Book": {"name", "author", "bookFormat", "license"},
    "BreadcrumbList": {"itemListElement"},
    "ClaimReview": {"url", "claimReviewed", "itemReviewed", "reviewRating", "author", "datePublished"},
    "DataCatalog": {"name", "description", "dataset", "license"},
    "Dataset": {"name", "description", "license", "creator", "distribution", "version"},
    "ImageObject": {"name", "contentUrl", "license", "author"},
    "WebPage": {"name", "description", "license"},
}
"""Type -> what those who read it ask for, of required and recommended properties."""

NAMED_ONLY = ("isPartOf", "includedInDataCatalog")
"""What a thing belongs to is named; its own page describes it."""

TYPES = {
    "book": ("book/index", "Book"),
    "chapter": ("book/zone", "Article"),
    "page": ("book/method", "WebPage"),
    "figure": ("figures/zone-sales", "ImageObject"),
    "package": ("book/data", "DataCatalog"),
    "table": ("tables/claims", "Dataset"),
    "series": ("series/sales", "Dataset"),
    "claim": ("claims/goods", "WebPage"),
}


def graph(kind, page, base="", description="What it says, in words that are long enough for everybody."):
    addresses = links.Addresses(page, lambda here, there: f"../{there}.html", base)
    trail = [("Front", "book/index"), ("Title", page)]
    found = schema.graph(page, "Title", kind, description, trail, addresses)
    return json.loads(json.dumps(found))["@graph"]


def lacks(thing):
    """What a thing of the graph, or one inside it, lacks."""
    found = [(thing["@type"], name) for name in REQUIRED.get(thing["@type"], set()) if not thing.get(name)]
    own = [value for name, value in thing.items() if name not in NAMED_ONLY]
    inside = [each for value in own for each in (value if isinstance(value, list) else [value])]
    return found + [
        lack for each in inside if isinstance(each, dict) and "@type" in each for lack in lacks(each)
    ]


@pytest.mark.parametrize("base", ["", "https://host.example/repo"])
@pytest.mark.parametrize("kind", TYPES)
def test_every_kind_of_page_has_its_type_and_all_it_asks_for(small, kind, base):
    page, expected = TYPES[kind]
    thing, way = graph(kind, page, base)
    assert thing["@type"] == expected
    assert lacks(thing) + lacks(way) == []
    assert [step["position"] for step in way["itemListElement"]] == [1, 2]
    if base:
        assert thing["url"] == f"{base}/{page}.html"
        assert way["itemListElement"][0]["item"] == f"{base}/book/index.html"


def test_a_claim_is_reviewed_only_where_there_is_a_rating_and_an_address(small):
    base = "https://host.example"
    rated = graph("claim", "claims/thousand-firms", base)[0]
    assert rated["@type"] == "ClaimReview" and rated["reviewRating"]["alternateName"] == "met"
    assert rated["itemReviewed"]["@type"] == "Claim" and rated["itemReviewed"]["author"]["name"]
    assert graph("claim", "claims/thousand-firms")[0]["@type"] == "WebPage", "without an address"
    assert graph("claim", "claims/goods", base)[0]["@type"] == "WebPage", "nobody knows"
