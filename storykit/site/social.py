"""What a link to a claim looks like where it is shared: a card with its statement and its verdict, drawn from the data.

Networks fetch a card by its whole address, so cards are drawn only where the site has one. They take no vector
graphics and show a card at 600 by 315 pixels or less; a palette of a few colours keeps one at about 6 KiB.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import PIL
from PIL import Image, ImageDraw, ImageFont

from storykit import disk, look, receipts, reshape, verdicts
from storykit.site import execution, npm

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

FOLDER = "_cards"
SIZE = (600, 315)
COLOURS = 6
MARGIN = 32
ROOM, MOST_LINES = 165, 6
"""Pixels that a statement has from top to bottom, and how many lines of the smallest letters that is."""

_FONTS = "dejavu-fonts-ttf/ttf"
_LARGEST, _SMALLEST = 30, 19
_BIG = 8
"""Marks are drawn so many times larger, and made small: the edge of a circle is smooth then."""


def write(app: StoryApp, out: Path) -> None:
    """Draw the cards of all claims that have changed; without an address there are none."""
    folder = out / FOLDER
    if not app.config.html_baseurl:
        shutil.rmtree(folder, ignore_errors=True)
        return
    folder.mkdir(exist_ok=True)
    store = execution.state_folder() / "cards"
    store.mkdir(parents=True, exist_ok=True)
    wanted: set[Path] = set()
    kept: set[Path] = set()
    for record in reshape.records(verdicts.all_verdicts()):
        words = _words(record, app.config.html_title)
        known = store / f"{_digest(words)}.png"
        if not known.is_file():
            known.write_bytes(draw(**words))
        place = folder / f"{record['claim_id']}.png"
        shutil.copyfile(known, place)
        wanted.add(place)
        kept.add(known)
    for stray in {*folder.iterdir()} - wanted | {*store.iterdir()} - kept:
        stray.unlink()


def _words(record: dict[str, Any], site: str) -> dict[str, str]:
    return {
        "statement": record["statement"],
        "who": record["made_by"],
        "said": receipts.date_words(record["made_on"]) if record["made_on"] else "undated",
        "verdict": record["verdict"],
        "verdict_words": record["verdict_words"],
        "day": f"as of {receipts.date_words(verdicts.data_as_of())}",
        "site": site,
    }


def _digest(words: dict[str, str]) -> str:
    drawn_by = [PIL.__version__, disk.digest(Path(__file__)), look.tokens()["light"]]
    return hashlib.sha256(json.dumps([words, drawn_by]).encode()).hexdigest()[:32]


def draw(statement: str, who: str, said: str, verdict: str, verdict_words: str, day: str, site: str) -> bytes:
    """A card as PNG; the same bytes for the same words.

    Parameters
    ----------
    statement, who, said
        What was promised; by whom, and when.
    verdict, verdict_words
        How it stands: its name, and the words for it.
    day, site
        The day that this holds for, and the title of the site.
    """
    width, height = SIZE
    card = Image.new("RGB", SIZE, _colour("paper"))
    pen = ImageDraw.Draw(card)
    pen.rectangle((0, 0, width, 5), fill=_colour(verdict))
    pen.text((MARGIN, 26), site, font=_font("Sans-Bold", 14), fill=_colour("muted"))
    font, lines = _fitting(statement, width - 2 * MARGIN)
    for number, line in enumerate(lines):
        pen.text((MARGIN, 58 + number * font.size * 1.24), line, font=font, fill=_colour("ink"))
    foot = height - 76
    small = _font("Sans", 14)
    room = width - 2 * MARGIN - small.getlength(f", {said}")
    pen.text((MARGIN, foot), f"{_cut(who, small, room)}, {said}", font=small, fill=_colour("muted"))
    mark = _mark(verdict).resize((24, 24), Image.Resampling.LANCZOS)
    card.paste(_colour(verdict), (MARGIN, foot + 28), mark)
    pen.text((MARGIN + 34, foot + 28), verdict_words, font=_font("Sans-Bold", 19), fill=_colour(verdict))
    pen.text((width - MARGIN, foot + 32), day, font=small, fill=_colour("muted"), anchor="ra")
    file = io.BytesIO()
    card.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _colour(name: str) -> str:
    return look.tokens()["light"][name]


@functools.cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(npm.ensure_libraries() / _FONTS / f"DejaVu{name}.ttf", size)


def _fitting(text: str, width: int) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest letters that a statement has room in, and its lines; a longer one is cut at a word."""
    sizes = range(_LARGEST, _SMALLEST - 1, -1)
    tries = [(font, _lines(text, font, width)) for font in (_font("Serif-Bold", size) for size in sizes)]
    for font, lines in tries:
        if len(lines) * font.size * 1.24 <= ROOM:
            return font, lines
    font, lines = tries[-1]
    return font, [*lines[: MOST_LINES - 1], _cut(" ".join(lines[MOST_LINES - 1 :]), font, width)]


def _lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _cut(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text} …") > width:
        text = text[:-1]
    return f"{text.rstrip(' ,…')} …"


# --- the marks of verdicts, as the pages draw them: on a square of 20 -------------------------------

Pen = Callable[[ImageDraw.ImageDraw], None]


def _mark(verdict: str) -> Image.Image:
    mask = Image.new("L", (20 * _BIG, 20 * _BIG), 0)
    _MARKS.get(verdict, _dot)(ImageDraw.Draw(mask))
    return mask


def _ring(pen: ImageDraw.ImageDraw, width: float = 2.4) -> None:
    pen.ellipse(_box(1.6), outline=255, width=round(width * _BIG))


def _box(inset: float) -> tuple[float, float, float, float]:
    return (inset * _BIG, inset * _BIG, (20 - inset) * _BIG, (20 - inset) * _BIG)


def _line(pen: ImageDraw.ImageDraw, *points: float, width: float = 2.8) -> None:
    pen.line([p * _BIG for p in points], fill=255, width=round(width * _BIG), joint="curve")


def _dot(pen: ImageDraw.ImageDraw) -> None:
    pen.ellipse(_box(6.8), fill=255)


def _met(pen: ImageDraw.ImageDraw) -> None:
    pen.ellipse(_box(2), fill=255)


def _late(pen: ImageDraw.ImageDraw) -> None:
    _ring(pen)
    pen.ellipse(_box(6), fill=255)


def _partly(pen: ImageDraw.ImageDraw) -> None:
    _ring(pen)
    pen.pieslice(_box(2), 90, 270, fill=255)


def _missed(pen: ImageDraw.ImageDraw) -> None:
    _line(pen, 4, 4, 16, 16, width=3.4)
    _line(pen, 16, 4, 4, 16, width=3.4)


def _superseded(pen: ImageDraw.ImageDraw) -> None:
    for left in (3.0, 10.5):
        _line(pen, left, 4, left + 6, 10, left, 16)


def _withdrawn(pen: ImageDraw.ImageDraw) -> None:
    _ring(pen)
    _line(pen, 5, 15, 15, 5, width=2.4)


def _unknown(pen: ImageDraw.ImageDraw) -> None:
    for start in range(0, 360, 60):
        pen.arc(_box(1.6), start, start + 32, fill=255, width=round(2.6 * _BIG))


def _not_ratable(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle(_box(3), outline=255, width=round(2.4 * _BIG))


_MARKS: dict[str, Pen] = {
    "met": _met,
    "late": _late,
    "partly": _partly,
    "missed": _missed,
    "open": _ring,
    "superseded": _superseded,
    "withdrawn": _withdrawn,
    "unknown": _unknown,
    "not-ratable": _not_ratable,
}
