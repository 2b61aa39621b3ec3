"""PNGs of pictures with words: taken from their SVG by Chromium, with few colours, and with metadata."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from PIL import Image, PngImagePlugin

from storykit import errors, progress
from storykit.site import views

SCALE = 1.6
"""Pixels of a PNG for one CSS pixel: 1,216 across, as wide as a card where a link is shared."""
COLOURS = 48
"""A chart has a dozen colours; the others are shades between them, at edges. With more the files grow by a third."""
_MARGIN = 8
"""What a browser leaves around the content of a page that says nothing of it, in CSS pixels."""


class PixelError(errors.UserError):
    """A browser is there, and a picture could still not be taken."""


def name(plate: views.Plate, svg: str) -> str:
    """The name that a PNG has in the store: a digest of all that it shows and says."""
    text = json.dumps([svg, metadata(plate.about), SCALE, COLOURS])
    return hashlib.sha256(text.encode()).hexdigest()[:32] + ".png"


def make(jobs: Mapping[Path, tuple[views.Plate, str]]) -> None:
    """Take the pictures of SVGs, each into its file.

    Raises
    ------
    PixelError
        If the browser failed.
    """
    if not jobs:
        return
    progress.say(f"taking {len(jobs)} PNGs")
    try:
        asyncio.run(_make(jobs))
    except Exception as error:
        raise PixelError(f"Chromium could not take the PNGs of the figures: {error!r}") from error


async def _make(jobs: Mapping[Path, tuple[views.Plate, str]]) -> None:
    import choreographer

    async with choreographer.Browser(os.environ.get("BROWSER_PATH"), headless=True) as browser:
        tab = await browser.create_tab("about:blank")
        frame = (await tab.send_command("Page.getFrameTree"))["result"]["frameTree"]["frame"]["id"]
        for file, (plate, svg) in jobs.items():
            await tab.send_command("Page.setDocumentContent", {"frameId": frame, "html": svg})
            place = {"x": _MARGIN, "y": _MARGIN, "width": plate.width, "height": plate.height, "scale": SCALE}
            taken = await tab.send_command(
                "Page.captureScreenshot", {"clip": place, "captureBeyondViewport": True, "format": "png"}
            )
            part = file.with_name(f".{file.name}")  # half-written files must never carry the final name
            part.write_bytes(in_palette(base64.b64decode(taken["result"]["data"]), metadata(plate.about)))
            part.replace(file)


def metadata(about: views.Provenance) -> dict[str, str]:
    """Keyword -> text, the keywords as the PNG standard has them."""
    said = {
        "Title": about.title,
        "Author": about.author,
        "Description": f"{about.subtitle}. {about.description}",
        "Copyright": f"{about.licence}, {about.licence_address}",
        "Creation Time": about.as_of,
        "Source": "; ".join(dict.fromkeys(source.publisher for source in about.sources)),
        "Comment": f"{about.citation} {about.address}".strip(),
    }
    return {keyword: text for keyword, text in said.items() if text}


def in_palette(png: bytes, said: Mapping[str, str]) -> bytes:
    """A PNG with texts, and a palette of its most frequent colours: these stay what they were, shades come near."""
    texts = PngImagePlugin.PngInfo()
    for keyword, text in said.items():
        texts.add_itxt(keyword, text, "en")
    with Image.open(io.BytesIO(png)) as taken:
        picture = taken.convert("RGB")
    counted = cast(
        "list[tuple[int, tuple[int, int, int]]]", picture.getcolors(picture.width * picture.height)
    )
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in sorted(counted)[: -COLOURS - 1 : -1] for part in colour])
    written = io.BytesIO()
    few = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    few.save(written, "PNG", optimize=True, pnginfo=texts)
    return written.getvalue()
