"""Lists of cloud regions that providers publish without asking for a key.

- Amazon Web Services: `botocore/data/partitions.json`, the list its Python SDK ships
  (`partitions[].regions.{code}.description`). Read from the project's repository: the packaged file is the
  same and only as new as our pin, for a dependency of many megabytes.
- Google Cloud: `cloud.json`, address ranges by region (`prefixes[].scope`). It has codes without names and
  lists regions that are not open to all: it is compared, nothing is added from it.

The other providers' lists need an account. None of the lists has dates or places; those stay handwork.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from storykit.upstream.apply import Batch, Known, Region
from storykit.upstream.http import Client, Say, Unreachable, UpstreamError

AWS = "https://raw.githubusercontent.com/boto/botocore/HEAD/botocore/data/partitions.json"
"""Overridden by the environment variable STORYKIT_AWS_REGIONS_URL."""
GOOGLE = "https://www.gstatic.com/ipranges/cloud.json"
"""Overridden by the environment variable STORYKIT_GOOGLE_REGIONS_URL."""
BOTOCORE = {
    "source_id": "botocore-partitions",
    "title": "botocore: partitions and regions (botocore/data/partitions.json)",
    "publisher": "Amazon Web Services",
    "url": "https://github.com/boto/botocore",
    "address_status": "publisher",
    "kind": "dataset",
    "language": "en",
}
"""The source of rows that this module adds; put into `sources` with the first of them."""
NOTE = "From the list in the provider's SDK; place and opening day are not yet looked up."


def fetch(known: Known, client: Client, retrieved_on: str, say: Say) -> Batch:
    """The lists of all providers that have one; none if the story keeps no regions.

    Raises
    ------
    Unreachable
        At the first request without connection. Everything else stands in `problems`, all of it.
    """
    batch = Batch(open_lists=frozenset({"aws"}))
    if "cloud_regions" not in known.tables:
        say("regions: this story has no table cloud_regions; nobody is asked")
        return batch
    for provider, read in (("aws", _aws), ("google", _google)):
        try:
            regions = read(client, known)
        except Unreachable:
            raise
        except UpstreamError as problem:
            batch.problems += [f"{provider}: {words}" for words in problem.args]
            continue
        batch.regions[provider] = regions
        say(f"regions {provider}: {len(regions)} regions")
    held = {row["region_code"] for row in known["cloud_regions"] if row["provider"] == "aws"}
    new = [region for region in batch.regions.get("aws", []) if region.code not in held]
    if new and not known.source_at(BOTOCORE["url"]):
        batch.sources.append(BOTOCORE)
    return batch


def _aws(client: Client, known: Known) -> list[Region]:
    url = os.environ.get("STORYKIT_AWS_REGIONS_URL", AWS)
    answer = client.json(url)
    source = known.source_at(BOTOCORE["url"]) or BOTOCORE["source_id"]
    try:
        found = [
            (code, entry["description"])
            # The partitions of secret services are open to nobody else.
            for partition in answer["partitions"]
            if not partition["id"].startswith("aws-iso")
            for code, entry in partition["regions"].items()
            if not code.endswith("-global")
        ]
    except (KeyError, TypeError, AttributeError) as problem:
        raise UpstreamError(
            f"{url}: has another shape than partitions[].regions.{{code}}.description "
            f"({problem!r}). The upstream has changed its file."
        ) from None
    return _some(url, "aws", found, source, NOTE)


def _google(client: Client, known: Known) -> list[Region]:
    url = os.environ.get("STORYKIT_GOOGLE_REGIONS_URL", GOOGLE)
    answer = client.json(url)
    try:
        codes = {prefix["scope"] for prefix in answer["prefixes"]} - {"global"}
    except (KeyError, TypeError) as problem:
        raise UpstreamError(
            f"{url}: has another shape than prefixes[].scope ({problem!r}). "
            "The upstream has changed its file."
        ) from None
    return _some(url, "google", [(code, code) for code in sorted(codes, key=str)])


def _some(
    url: str, provider: str, found: list[tuple[Any, Any]], source: str = "", note: str = ""
) -> list[Region]:
    """The regions of a list of (code, name), if it is one: texts, each code once."""
    regions = []
    for code, name in found:
        if not (isinstance(code, str) and isinstance(name, str) and code):
            raise UpstreamError(
                f"{url}: {code!r} named {name!r} is no region. The upstream has changed its file."
            )
        regions.append(Region(provider, code, name, source, note))
    if twice := [code for code, times in Counter(r.code for r in regions).items() if times > 1]:
        raise UpstreamError(f"{url}: lists {', '.join(twice)} twice.")
    if not regions:
        raise UpstreamError(f"{url}: lists no region. The upstream has changed its file.")
    return regions
