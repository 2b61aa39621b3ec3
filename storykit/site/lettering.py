"""How much room words take, before any browser sets them: for pictures with words of ours, and heights of frames."""

from __future__ import annotations

import functools
import unicodedata

from PIL import ImageFont

WIDEST = {False: 1.13, True: 1.28}
"""The widest of the faces that our style falls back to (DejaVu Sans), plain and bold, to the one measured with."""
_MEASURED_AT = 100


@functools.cache
def _face() -> ImageFont.FreeTypeFont:
    face = ImageFont.load_default(_MEASURED_AT)  # comes with Pillow: the same on every machine
    assert isinstance(face, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return face


def width(text: str, size: float, bold: bool = False) -> float:
    """Pixels that a line takes at most; `size` in pixels. Signs as wide as high (Chinese) count in full."""
    square = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return (_face().getlength(text) / _MEASURED_AT * WIDEST[bold] + square) * size


def lines(text: str, size: float, room: float, bold: bool = False) -> list[str]:
    """A text broken into lines that fit into `room` pixels; a word that is longer than a line is broken, too."""
    done, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if width(longer, size, bold) <= room:
            line = longer
            continue
        if line:
            done.append(line)
        *full, line = _pieces(word, size, room, bold)
        done += full
    return [*done, line] if line else done


def _pieces(word: str, size: float, room: float, bold: bool) -> list[str]:
    pieces = [""]
    for sign in word:
        if pieces[-1] and width(pieces[-1] + sign, size, bold) > room:
            pieces.append("")
        pieces[-1] += sign
    return pieces
