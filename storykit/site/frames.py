"""How high a frame must be that shows a figure in another page, where no script of that page hears what it needs."""

from __future__ import annotations

import math

from storykit import figures, freshness, receipts
from storykit.site import lettering

WIDTHS = (280, 320, 360, 420, 480, 599, 600, 760, 900, 1200)
"""Widths of frames, in CSS pixels, that a figure stays right in: texts change slowly between them."""
_NARROW_BELOW, _WIDEST_NARROW = 600, 480
_EDGE = 20
_TITLE, _TEXT, _SMALL = 20, 15, 14
"""Sizes of type in CSS pixels, as the sheet sets an embedded figure."""
_LINES = {_TITLE: 23, _TEXT: 23, _SMALL: 21}
_MEASURE = 640
"""No line of a paragraph is longer."""
_BUTTON, _GAPS, _SUMMARIES, _CREDIT, _ROW = 56, 110, 56, 46, 28
_TOOLS = (
    "CSV (readme) SVG PNG JSON Map alone Code Notebook Share or embed Link Cite + Challenge this "
    "and the gaps between them all"
)


def height(record: figures.Record) -> int:
    """CSS pixels that are enough at every width: nothing is cut off, at some there is room to spare."""
    title, subtitle, description, notes = map(receipts.plain, record.texts)
    small = [notes, freshness.of(record.rows).words()]
    highest = max(_at(record, width, title, [subtitle, description], small) for width in WIDTHS)
    return math.ceil(highest / 10) * 10


def _at(record: figures.Record, width: int, title: str, texts: list[str], small: list[str]) -> float:
    room = min(width - 2 * _EDGE, _MEASURE)
    lines = _high(title, _TITLE, room, bold=True) + sum(_high(text, _TEXT, room) for text in texts)
    tools = len(lettering.lines(_TOOLS, _SMALL, room)) * _ROW
    words = lines + sum(_high(text, _SMALL, room) for text in small) + tools
    return _picture(record, width) + words + _BUTTON + _GAPS + _SUMMARIES + _CREDIT


def _high(text: str, size: int, room: float, bold: bool = False) -> int:
    return len(lettering.lines(text, size, room, bold)) * _LINES[size]


def _picture(record: figures.Record, width: int) -> float:
    if width < _NARROW_BELOW:
        return min(width, _WIDEST_NARROW) / figures.NARROW * record.narrow_height
    return width / figures.WIDTH * record.height
