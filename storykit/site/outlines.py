"""Small outlines of countries with a dot, drawn without a browser."""

from __future__ import annotations

import functools
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storykit import project, reads, tables
from storykit.site import relations, views

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

WIDTH = 240
TALLEST = 200
"""Most width and height of an outline in CSS pixels."""
COARSE = 1.2
"""The outline may lie so many pixels off."""
SMALLEST = 12.0
"""Islands of fewer square pixels are left out."""
BASEMAP = "world"

Frame = tuple[float, float, float, float]
"""West and north edge in degrees, pixels for a degree of longitude and of latitude."""


def spot(country: str, lat: str, lon: str) -> views.Spot | None:
    """A dot on the outline of a country; None where the place or the outline is not known.

    Parameters
    ----------
    lat, lon
        Degrees as recorded (EPSG:4326), "" where they are not known.
    """
    if not (lat and lon and country):
        return None
    file = project.root() / "data" / "geo" / f"{BASEMAP}.geojson"
    reads.remember(f"geo:{BASEMAP}")  # also where the outline is known already
    outline = _outline(country, file, file.stat().st_mtime_ns) if file.is_file() else None
    if outline is None:
        return None
    width, height, path, (west, north, across, down) = outline
    x, y = round((float(lon) - west) * across), round((north - float(lat)) * down)
    if not (0 <= x <= width and 0 <= y <= height):
        return None
    return views.Spot(relations.country(country), width, height, path, x, y)


@functools.lru_cache(maxsize=512)
def _outline(country: str, file: Path, modified: int) -> tuple[int, int, str, Frame] | None:
    """Width, height, SVG path and frame of a country."""
    land = tables.geometry(BASEMAP)
    if country not in land.index:
        return None
    shape: Any = land.geometry[country]
    west, south, east, north = shape.bounds
    flat = math.cos(math.radians((south + north) / 2))
    scale = min(WIDTH / ((east - west) * flat), TALLEST / (north - south)) * 0.94
    across, down = scale * flat, scale
    margin = 0.03 * max((east - west) * across, (north - south) * down) + 6
    frame = (west - margin / across, north + margin / down, across, down)
    pieces = [p for p in getattr(shape, "geoms", [shape]) if p.area * across * down >= SMALLEST]
    width = round((east - west) * across + 2 * margin)
    height = round((north - south) * down + 2 * margin)
    return width, height, "".join(_ring(piece, frame) for piece in pieces or [shape]), frame


def _ring(piece: BaseGeometry, frame: Frame) -> str:
    """The outer ring of a piece of land as a closed path of whole pixels, each step from the last."""
    west, north, across, down = frame
    ring = piece.simplify(COARSE / down).exterior  # type: ignore[attr-defined]
    points = [(round((x - west) * across), round((north - y) * down)) for x, y in ring.coords]
    (x, y), steps = points[0], []
    for there in points[1:-1]:
        steps.append(f"{there[0] - x} {there[1] - y}")
        x, y = there
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}z".replace(" -", "-")
