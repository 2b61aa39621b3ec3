"""Where a reader says that something is wrong or missing: a form on a forge, or a page of the site."""

from __future__ import annotations

from urllib.parse import urlencode

from storykit import descriptor
from storykit.site.links import Addresses


def href(address: str, addresses: Addresses, title: str = "Wrong number", **filled: str) -> str:
    """The address of the form with its fields filled in; "" where there is no form.

    Parameters
    ----------
    address
        The setting `story_report_address`: "new issue" on a forge, a page of the site, or "".
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
    if "://" not in address:
        page, _, anchor = address.partition("#")
        return f"{addresses.root}{page}?{urlencode(filled)}#{anchor}"
    form = {"template": "wrong-number.yml", "title": f"{title}: {filled['figure']}"}
    return f"{address}?{urlencode({**form, **filled})}"
