"""The picture that travels: the chart as it is drawn, between its title and where it comes from."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup

from storykit import look
from storykit.site import lettering, views


class _Style(NamedTuple):
    size: int
    bold: bool
    colour: str


EDGE = 20
"""Room beside the words, in CSS pixels."""
MOST_SOURCE_LINES = 3
"""Of publishers; how many more there are is said, and the address leads to all."""

_INK, _MUTED = look.colour("ink"), look.colour("muted")
_TITLE, _SUBTITLE, _SMALL = _Style(20, True, _INK), _Style(14, False, _MUTED), _Style(12, False, _MUTED)
_LEADING = 1.4


def plate(about: views.Provenance, drawing: str, wide: int, high: int) -> views.Plate:
    """A figure's picture with title, subtitle, chart, sources, date, version, licence and address.

    Parameters
    ----------
    about
        The figure's words and where it comes from.
    drawing
        The chart as an SVG of its own, `wide` by `high` CSS pixels.
    """
    room = wide - 2 * EDGE
    head, top = _set([(about.title, _TITLE), (about.subtitle, _SUBTITLE)], EDGE, room)
    top += EDGE // 2
    small = [
        about.notes,
        _sources(about, room),
        f"{about.dated}. {about.licence}.",
        about.address or about.book,
    ]
    foot, end = _set([(text, _SMALL) for text in small], top + high + EDGE // 2, room)
    return views.Plate(
        about=about,
        width=wide,
        height=end + EDGE // 2,
        background=look.colour("surface"),
        family=look.FONT,
        lines=(*head, *foot),
        edge=EDGE,
        top=top,
        # Without its outermost element: programs that draw know a group better than a drawing in a drawing.
        drawing=Markup(drawing[drawing.index(">") + 1 : drawing.rindex("<")]),
    )


def _set(texts: list[tuple[str, _Style]], top: int, room: int) -> tuple[list[views.PlateLine], int]:
    """The lines of texts under one another from `top`, and where they end."""
    found = []
    for text, (size, bold, colour) in texts:
        for words in lettering.lines(text, size, room, bold):
            found.append(views.PlateLine(words, top + size, size, bold, colour))
            top += round(size * _LEADING)
    return found, top


def _sources(about: views.Provenance, room: int) -> str:
    """Who published the sources: as many as have room."""
    names = list(dict.fromkeys(source.publisher for source in about.sources))
    for shown in range(len(names), 0, -1):
        rest = len(names) - shown
        text = "Sources: " + "; ".join(names[:shown]) + (f"; and {rest} more" if rest else "") + "."
        if lettering.fits(text, _SMALL.size, room, MOST_SOURCE_LINES):
            return text
    return f"Sources: {len(names)}."
