"""PNGs: few colours, for a fifth of the bytes."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

COLOURS = 128
"""A chart has a dozen colours and the shades between them at its edges: more cannot be told apart."""


def to_palette(file: Path) -> None:
    """Write a PNG anew with a palette; the colours that fill areas stay exactly what they were."""
    with Image.open(file) as picture:
        few = picture.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
    few.save(file, "PNG", optimize=True)
