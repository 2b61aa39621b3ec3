"""Views become HTML: each by the template of its name in `theme/parts`, with everything escaped."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import jinja2
from markupsafe import Markup

PARTS = Path(__file__).parent / "theme" / "parts"


ENDINGS = ("html", "xml", "svg")
"""What a template may be."""


def render(view: object) -> Markup:
    """A view of `views` as HTML; in a template, too: `{{ render(badge) }}`."""
    return Markup(_template(file_stem(type(view))).render(vars(view)))


@functools.cache
def _template(stem: str) -> jinja2.Template:
    return environment().select_template([f"{stem}.{ending}" for ending in ENDINGS])


def file_stem(kind: type) -> str:
    """The name of a view's template without its ending: `figure-table` of `FigureTable`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()


_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


def isolated(value: object) -> object:
    """A text with letters that run from right to left keeps its order to itself, so that what stands beside it stays.

    By the signs FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE, and not by an element, because a template writes
    into attributes, too. What is HTML already was isolated where it was made.
    """
    if type(value) is str and not value.isascii() and _RIGHT_TO_LEFT.search(value):
        return f"\u2068{value}\u2069"
    return value


@functools.cache
def environment() -> jinja2.Environment:
    """The one environment of all parts: a name that a view does not have is an error, not an empty text."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PARTS),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=isolated,
    )
    found.globals["render"] = render
    found.filters["grouped"] = "{:,}".format
    return found
