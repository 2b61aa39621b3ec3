"""Where a reader challenges what is shown: a form on a forge, a mail, or a page of the site."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from storykit import descriptor
from storykit.site.links import Addresses

LINES = {
    "figure": "Figure or row",
    "data-version": "Data version",
    "page": "Page",
    "says": "It says",
    "should-say": "It should say",
    "source": "Source",
}
"""Field of the form -> how its line begins in a report that is written by hand."""


def href(address: str, addresses: Addresses, title: str = "Wrong number", **filled: str) -> str:
    """The address of the form with its fields filled in; "" where there is no form.

    Parameters
    ----------
    address
        The setting `story_report_address`: "new issue" on a forge, `mailto:` and an address, a page of the site, or "".
    addresses
        Those of the page that the link stands on.
    title
        What the report is called, before the name of what it is about.
    filled
        Field of the form -> what stands in it; `figure` is the name of what the report is about.
    """
    if not address:
        return ""
    filled |= {"data-version": descriptor.about("version")}
    if here := addresses.published(addresses.page):
        filled |= {"page": here}
    subject = f"{title}: {filled['figure']}"
    if address.startswith("mailto:"):
        return f"{address}?{urlencode({'subject': subject, 'body': text(**filled)}, quote_via=quote)}"
    if "://" not in address:
        page, _, anchor = address.partition("#")
        return f"{addresses.root}{page}?{urlencode(filled)}#{anchor}"
    return f"{address}?{urlencode({'template': 'wrong-number.yml', 'title': subject, **filled})}"


def text(**filled: str) -> str:
    """What a report should say, line by line, with what is known already."""
    return "\n".join(f"{line}: {filled.get(field, '')}" for field, line in LINES.items())
