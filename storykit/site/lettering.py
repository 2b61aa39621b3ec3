"""How much room words take, before any browser sets them: for pictures with words of ours, and heights of frames."""

from __future__ import annotations

import functools
import itertools
import unicodedata
from collections.abc import Iterator

from PIL import ImageFont

WIDEST = {False: 1.13, True: 1.28}
"""The widest of the faces that our style falls back to (DejaVu Sans), plain and bold, to the one measured with."""
_MEASURED_AT = 100


@functools.cache
def _face() -> ImageFont.FreeTypeFont:
    face = ImageFont.load_default(_MEASURED_AT)  # comes with Pillow: the same on every machine
    assert isinstance(face, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return face


@functools.lru_cache(
    maxsize=1 << 16
)  # texts are tried with more and more words: the same beginnings again and again
def width(text: str, size: float, bold: bool = False) -> float:
    """Pixels that a line takes at most; `size` in pixels. Signs as wide as high (Chinese) count in full."""
    square = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return (_face().getlength(text) / _MEASURED_AT * WIDEST[bold] + square) * size


def lines(text: str, size: float, room: float, bold: bool = False) -> list[str]:
    """A text broken into lines that fit into `room` pixels; a word that is longer than a line is broken, too."""
    return list(_broken(text, size, room, bold))


def fits(text: str, size: float, room: float, most: int) -> bool:
    """Whether a text takes at most so many lines; of one that is far too long only its beginning is measured."""
    return len(list(itertools.islice(_broken(text, size, room, False), most + 1))) <= most


def _broken(text: str, size: float, room: float, bold: bool) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if width(longer, size, bold) <= room:
            line = longer
            continue
        if line:
            yield line
        *full, line = _pieces(word, size, room, bold)
        yield from full
    if line:
        yield line


def _pieces(word: str, size: float, room: float, bold: bool) -> list[str]:
    if width(word, size, bold) <= room:
        return [word]
    pieces = [""]
    for sign in word:
        if pieces[-1] and width(pieces[-1] + sign, size, bold) > room:
            pieces.append("")
        pieces[-1] += sign
    return pieces
