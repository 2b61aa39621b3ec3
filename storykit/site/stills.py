"""A guided story: the steps of a page, each with a still; all stills are states of one picture.

What a still draws stands in the page, a line for each thing: one square for each of a count, an area to scale, a day
on a line of time. Things keep their place and scale from still to still, so that one can be laid over another.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from storykit import periods, receipts
from storykit.site import views
from storykit.site.markup import PageWriter

WIDTH, HEIGHT = 360, 280
"""Of every still, in units of its drawing: about CSS pixels on a phone."""
STRIP = 76
"""Height of the line of time."""
EDGE = 14
"""Room left and right of the first and last day."""
GAP = 2
"""Rows of squares left free between two counts."""
PITCHES = range(24, 2, -1)
"""From square to square, the widest that fits."""
LONGEST = 20
"""Letters of the words inside an area."""

FORM, MORE = "shape :: number :: state :: label", "words inside"
SHAPES = ("squares", "area", "day")


class Line(NamedTuple):
    """One thing of a still, with the texts that a reader gets."""

    shape: str
    size: receipts.Number
    day: str
    state: str
    number: str
    label: str
    inside: str


def line(states: Sequence[str], shape: str, number: str, state: str, label: str, inside: str) -> Line:
    """A line of the directive, looked at; `size` is drawn, or of a day `day`.

    Raises
    ------
    ReceiptError
        If it cannot be drawn.
    """
    if shape not in SHAPES:
        raise receipts.ReceiptError(f"{shape!r} is no shape; there are {', '.join(SHAPES)}.")
    if state not in states:
        raise receipts.ReceiptError(f"{state!r} is no state; there are {', '.join(states)}.")
    role = receipts.ROLE.fullmatch(number)
    if role is None or role[1] != "num":
        raise receipts.ReceiptError(f"{number!r} is drawn, so it must be one {{num}} role.")
    value = receipts.receipt(role[2]).value
    if (shape == "day") != isinstance(value, receipts.Text):
        raise receipts.ReceiptError(
            f"{number}: {shape} draws {'a date' if shape == 'day' else 'a number'}, this is {value.words!r}."
        )
    size, day = (receipts.Number(1), value.words) if isinstance(value, receipts.Text) else (value, "")
    if size.amount <= 0 or (shape == "squares" and size.amount % 1):
        raise receipts.ReceiptError(f"{number}: {size.words} cannot be drawn as {shape}.")
    if len(receipts.plain(inside)) > LONGEST:
        raise receipts.ReceiptError(
            f"{receipts.plain(inside)!r} has no room; at most {LONGEST} letters have."
        )
    return Line(shape, size, day, state, number, label, inside)


def still(
    writer: PageWriter, lines: Sequence[Line], page: Sequence[Line], turns: Sequence[views.Link | None]
) -> views.Still:
    """One still; `page` are the lines of all stills of its page, `turns` lead to the steps before and after."""
    timed = [each for each in lines if each.shape == "day"]
    before, after = turns
    return views.Still(
        width=WIDTH,
        height=HEIGHT,
        squares=tuple(_squares(lines, page)),
        areas=tuple(_areas(lines, HEIGHT - (STRIP if timed else 0))),
        time=_time(timed, [each for each in page if each.shape == "day"]) if timed else None,
        lines=tuple(
            views.StillLine(each.shape, each.state, writer.text(each.number), writer.text(each.label))
            for each in lines
        ),
        before=before,
        after=after,
    )


def _squares(lines: Iterable[Line], page: Iterable[Line]) -> Iterable[views.Squares]:
    """Counts one under the other, in the order in which the page comes to them; each has its place from the start."""
    counts = list(
        dict.fromkeys((each.state, round(each.size.amount)) for each in page if each.shape == "squares")
    )
    mine = {(each.state, round(each.size.amount)) for each in lines if each.shape == "squares"}
    if not mine:
        return
    pitch, columns = _pitch([count for _, count in counts])
    side, top = pitch - max(1, pitch // 5), 0
    for state, count in counts:
        full, rest = divmod(count, columns)
        lengths = [columns] * full + [rest] * bool(rest)
        rows = "".join(f"M0 {(top + at) * pitch + side / 2:g}h{n * pitch}" for at, n in enumerate(lengths))
        if (state, count) in mine:
            yield views.Squares(state, rows, side, pitch - side)
        top += len(lengths) + GAP


def _pitch(counts: Sequence[int]) -> tuple[int, int]:
    """From square to square, and how many stand in a row."""
    for pitch in PITCHES:
        columns = WIDTH // pitch
        rows = sum(math.ceil(count / columns) for count in counts) + GAP * (len(counts) - 1)
        if rows * pitch <= HEIGHT:
            return pitch, columns
    raise receipts.ReceiptError(f"{sum(counts):,} squares have no room in one picture.")


def _areas(lines: Iterable[Line], room: int) -> Iterable[views.Area]:
    """Squares from one corner, the largest as high as there is room."""
    found = sorted((each for each in lines if each.shape == "area"), key=lambda each: -each.size.base)
    if len({each.size.unit.dimension for each in found}) > 1:
        raise receipts.ReceiptError("The areas of one still are of one unit.")
    for each in found:
        side = round(math.sqrt(each.size.base / found[0].size.base) * (room - 8))
        left, foot = (WIDTH - room) // 2 + 4, room - 4
        yield views.Area(each.state, left, foot - side, side, receipts.plain(each.inside))


def _time(mine: Iterable[Line], page: Iterable[Line]) -> views.StillTime:
    """Days on a line from the first year of the page to its last."""
    years = [periods.bounds(each.day)[1].year for each in page]
    first, last = min(years), max(years)
    begin = periods.bounds(str(first))[0]
    whole = (periods.bounds(str(last))[1] - begin).days

    def at(period: str) -> int:
        return EDGE + round((periods.bounds(period)[1] - begin).days / whole * (WIDTH - 2 * EDGE))

    return views.StillTime(
        y=HEIGHT - STRIP // 2,
        marks=tuple((each.state, at(each.day)) for each in mine),
        years=tuple((at(f"{year}-06"), str(year)) for year in range(first, last + 1)),
        ends=tuple(at(f"{year}-12") for year in range(first - 1, last + 1)),
    )


def turns(options: dict[str, Any]) -> tuple[views.Link | None, views.Link | None]:
    """Links to the steps before and after, as far as there are."""
    steps, at = options.get("steps", [("", "")]), options.get("at", 0)
    links = [views.Link(title, f"#{name}") for name, title in steps]
    return (links[at - 1] if at else None), (links[at + 1] if at + 1 < len(links) else None)
