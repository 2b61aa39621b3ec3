"""Pictures of maps: regions in classes, and marks at places."""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from storykit import geo, reshape
from storykit.figures import NARROW, WIDTH
from storykit.forms.plan import MARKS, SIDE, Box, Canvas, Form, Plan, scatter
from storykit.forms.words import (
    SMALL,
    TEXT,
    clean,
    edge,
    hover_text,
    ink,
    number,
    text_width,
    unit_of,
    wrap,
    written,
)

if TYPE_CHECKING:
    import geopandas

_GAP = 22  # between two panels of a map, px


class _MapFrame:
    """Shapes in an equal-area projection (km), in one or more panels.

    Panels are groups of shapes, all at one scale, or windows (west, south, east, north). They stand
    side by side at 760 px and above each other on a phone, where a window is as wide as the phone.
    """

    def __init__(
        self,
        shapes: geopandas.GeoDataFrame,
        panels: Sequence[geo.Panel] | None = None,
        crs: str | None = None,
        clip: Box | None = None,
        top: float = 470,
    ):
        windows = _windows(panels, clip)
        if windows:
            around = _around(windows)
            self.crs = crs or projection(shapes, around)
            shapes = shapes.clip(_grown(around))
        else:
            self.crs = crs or projection(shapes)
        flat = shapes.to_crs(self.crs)
        flat["geometry"] = flat.geometry.transform(lambda metres: (metres / 1000).round(_DIGITS))
        self.bounds = [_window(self.crs, w) for w in windows]
        size = _longest(self.bounds or [_box(flat.total_bounds)])
        flat["geometry"] = flat.geometry.simplify_coverage(size / 500)  # neighbours keep their common border
        self.flat = flat[~flat.geometry.is_empty]
        self.panels: list[geopandas.GeoDataFrame]
        if windows:  # a little more than is seen, so that no outline runs along the edge
            self.panels = [self.flat.clip(_padded(b)) for b in self.bounds]
        else:
            names = geo.panels(panels) or [list(self.flat.index)]
            self.panels = [self.flat[self.flat.index.isin(codes)] for codes in names]
            self.bounds = [_padded(_box(panel.total_bounds)) for panel in self.panels]
        self.windows, self.top, self.slim = bool(windows), top, list(self.bounds)
        joined = [windows and a[2] == b[0] for a, b in itertools.pairwise(windows or self.bounds)]
        self.gaps = [0 if j else _GAP for j in joined]

    def panel_of(self, point: tuple[float, float]) -> int | None:
        """The panel a projected point (km) falls into; a group of shapes takes what is near it, too."""

        def far(box: Box) -> float:
            return max(box[0] - point[0], 0, point[0] - box[2]) + max(box[1] - point[1], 0, point[1] - box[3])

        nearest = min(range(len(self.bounds)), key=lambda i: far(self.bounds[i]))
        return None if self.windows and far(self.bounds[nearest]) else nearest

    def trim(self, index: int, heights: Sequence[float]) -> None:
        """On a phone a window among several shows only the latitudes (km) at which there is something."""
        if not self.windows or len(self.bounds) == 1 or not len(heights):
            return
        west, south, east, north = self.bounds[index]
        room = 0.14 * (east - west)
        self.slim[index] = west, max(south, min(heights) - room), east, min(north, max(heights) + room)

    def points(
        self, lon: Sequence[float] | pd.Series, lat: Sequence[float] | pd.Series
    ) -> list[tuple[float, float]]:
        """Longitudes and latitudes as km on the map."""
        return _projected(self.crs, lon, lat)

    def scales(self, index: int = 0) -> tuple[float, float]:
        """Pixels per km at the two widths."""
        return self._wide()[0], self._narrow()[index]

    def _wide(self) -> tuple[float, float]:
        sizes, room = _sizes(self.bounds), WIDTH - 2 * SIDE - math.fsum(self.gaps)
        scale = min(room / math.fsum(w for w, _ in sizes), self.top / max(h for _, h in sizes))
        return scale, max(h for _, h in sizes) * scale

    def _narrow(self) -> list[float]:
        found = [min((NARROW - 2 * SIDE) / w, 520 / h) for w, h in _sizes(self.slim)]
        return found if self.windows else [min(found)] * len(found)

    def lay(self, plan: Plan) -> tuple[float, float]:
        """Puts the axes of all panels into the plan; returns the heights of the plot at both widths."""
        (wide, height), scales, room = self._wide(), self._narrow(), NARROW - 2 * SIDE
        slims = [(w * k, h * k) for (w, h), k in zip(_sizes(self.slim), scales)]
        between = _GAP if not self.windows else 8
        narrow_height = top = math.fsum(h for _, h in slims) + between * (len(slims) - 1)
        used = math.fsum(w for w, _ in _sizes(self.bounds)) * wide + math.fsum(self.gaps)
        left = max(0.0, (WIDTH - 2 * SIDE - used) / 2)
        for index, (w, h) in enumerate(_sizes(self.bounds)):
            x0, x1 = left / (WIDTH - 2 * SIDE), (left + w * wide) / (WIDTH - 2 * SIDE)
            side, (width, tall) = (room - slims[index][0]) / 2 / room, slims[index]
            slim = [side, side + width / room], [max(0, (top - tall) / narrow_height), top / narrow_height]
            self._axes(plan, index, ([x0, min(1, x1)], [0.0, min(1, h * wide / height)]), slim)
            left += w * wide + (self.gaps[index] if index < len(self.gaps) else 0)
            top -= tall + between
        return height, narrow_height

    def _axes(
        self,
        plan: Plan,
        index: int,
        domain: tuple[list[float], list[float]],
        slim: tuple[list[float], list[float]],
    ) -> None:
        suffix, box, low = "" if index == 0 else str(index + 1), self.bounds[index], self.slim[index]
        common = {"visible": False, "constrain": "domain", "fixedrange": False, "automargin": False}
        plan.layout[f"xaxis{suffix}"] = {
            **common,
            "range": [box[0], box[2]],
            "domain": domain[0],
            "anchor": f"y{suffix}",
        }
        plan.layout[f"yaxis{suffix}"] = {
            **common,
            "range": [box[1], box[3]],
            "domain": domain[1],
            "anchor": f"x{suffix}",
            "scaleanchor": f"x{suffix}",
        }
        plan.narrow[f"xaxis{suffix}"] = {"domain": slim[0]}
        plan.narrow[f"yaxis{suffix}"] = {"domain": slim[1], "range": [low[1], low[3]]}
        if self.windows:
            joined = index < len(self.gaps) and not self.gaps[index]
            plan.layout.setdefault("shapes", []).append(_sea(suffix, 1.004 if joined else 1))

    def canvases(self, index: int) -> list[Canvas]:
        """Canvases of one panel at both widths, for words."""
        edges = (6, 6, 6, 6) if not self.windows else (-3, -3, -3, -3)
        return [
            Canvas(
                (box[2] - box[0]) * k,
                (box[3] - box[1]) * k,
                s,
                _in_px(box[0], k),
                _in_px(box[1], k),
                edges,
            )
            for k, s, box in zip(self.scales(index), (TEXT, SMALL), (self.bounds[index], self.slim[index]))
        ]


def _in_px(low: float, scale: float) -> Callable[[float], float]:
    """Km on the map -> px from the edge that lies at `low`."""
    return lambda km: (km - low) * scale


def _box(bounds: Iterable[float]) -> Box:
    west, south, east, north = bounds
    return west, south, east, north


def _windows(panels: Sequence[geo.Panel] | None, clip: Box | None) -> list[Box]:
    """The boxes in degrees that are drawn, or none if whole shapes are."""
    boxes: Iterable[Any] = [clip] if clip is not None else []
    if panels and not isinstance(panels[0][0], str):
        boxes = panels
    return [_box(box) for box in boxes]


def _around(boxes: Iterable[Box]) -> tuple[float, float, float, float]:
    west, south, east, north = zip(*boxes)
    return min(west), min(south), max(east), max(north)


def _grown(box: Box) -> tuple[float, float, float, float]:
    """More land than is shown: meridians lean, and the frame is upright."""
    across, up = 0.5 * (box[2] - box[0]), 0.5 * (box[3] - box[1])
    return max(-180, box[0] - across), max(-90, box[1] - up), min(180, box[2] + across), min(90, box[3] + up)


def _window(crs: str, box: Box) -> tuple[float, float, float, float]:
    """An upright rectangle in km, as wide and tall as a box of degrees is along its middle."""
    west, south, east, north = box
    lon, lat = (west + east) / 2, (south + north) / 2
    ends = _projected(crs, [west, east, lon, lon], [lat, lat, south, north])
    return ends[0][0], ends[2][1], ends[1][0], ends[3][1]


def _projected(
    crs: str, lon: Sequence[float] | pd.Series, lat: Sequence[float] | pd.Series
) -> list[tuple[float, float]]:
    import geopandas

    flat = geopandas.GeoSeries(geopandas.points_from_xy(lon, lat), crs=4326).to_crs(crs)
    return list(zip((flat.x / 1000).round(_DIGITS), (flat.y / 1000).round(_DIGITS)))


_DIGITS = 6
"""Of a kilometre: a millimetre. The last digits of a projection are another with each version of PROJ."""


def _sizes(boxes: Iterable[Box]) -> list[tuple[float, float]]:
    return [(b[2] - b[0], b[3] - b[1]) for b in boxes]


def _longest(boxes: Iterable[Box]) -> float:
    return max(max(size) for size in _sizes(boxes))


def _sea(suffix: str, end: float) -> dict[str, Any]:
    """A window is filled, so that its edge is not taken for a coast; joined ones overlap by a hair."""
    return {
        "type": "rect",
        "layer": "below",
        "xref": f"x{suffix} domain",
        "yref": f"y{suffix} domain",
        "x0": 0,
        "y0": 0,
        "x1": end,
        "y1": 1,
        "fillcolor": ink("sea"),
        "line": {"width": 0},
    }


def _padded(box: Box) -> tuple[float, float, float, float]:
    pad = 0.015 * max(box[2] - box[0], box[3] - box[1])
    return box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad


def projection(shapes: geopandas.GeoDataFrame, clip: Box | None = None) -> str:
    """An equal-area projection that suits the extent: Equal Earth for the world, else Lambert azimuthal."""
    west, south, east, north = clip if clip is not None else shapes.total_bounds
    if east - west > 150:
        return "+proj=eqearth +lon_0=0 +datum=WGS84 +units=m"
    return f"+proj=laea +lon_0={(west + east) / 2:.3f} +lat_0={(south + north) / 2:.3f} +datum=WGS84 +units=m"


def _outline(geometry: Any, least: float = 0.0) -> tuple[list[Any], list[Any]]:
    """Rings as x and y with None between; rings under `least` km² are left out (not the largest)."""
    parts = [p for p in getattr(geometry, "geoms", [geometry]) if p.geom_type == "Polygon"]
    parts = sorted(parts, key=lambda p: -p.area)
    x, y = [], []
    for part in parts[:1] + [p for p in parts[1:] if p.area >= least]:
        for line in (part.exterior, *part.interiors):  # fills are even-odd: an enclave needs its hole
            ring = [(_km(a), _km(b)) for a, b in line.coords]
            x += [*(p[0] for p in ring), None]
            y += [*(p[1] for p in ring), None]
    return x[:-1], y[:-1]


def _km(value: float) -> float:
    """Kilometres to a tenth where it shows; whole ones far from the centre are shorter to send."""
    return round(value) if abs(value) >= 1500 else round(value, 1)


def choropleth(
    shapes: geopandas.GeoDataFrame,
    values: pd.Series,
    bins: Sequence[float],
    labels: Sequence[str] | None = None,
    unit: str = "",
    names: dict[str, Any] | None = None,
    panels: Sequence[geo.Panel] | None = None,
    hovers: dict[str, Any] | None = None,
    crs: str | None = None,
    clip: Box | None = None,
) -> Form:
    """Areas shaded by class, with the classes written above; small areas also get a dot.

    Parameters
    ----------
    shapes
        GeoDataFrame (EPSG:4326) indexed by geography, column `name`.
    values
        Numbers indexed by geography; a geography without one is hatched ("no figure").
    bins
        Upper ends of the first n-1 classes (inclusive), rising; at most four (five classes).
    labels
        Words of the classes, n of them; default: made from the bins and `unit`.
    names
        `{geography: words}` written on the map (at 760 px, and on a phone where they fit).
    panels
        Lists of geographies, or names of larger areas (`geo.parts`), drawn as maps of their own at the same
        scale, side by side; on a phone above each other. Say in the subtitle that their distance is not to scale.
    """
    if len(bins) > 4:
        raise ValueError("At most four bins: there are five colours.")
    plan, frame = Plan(), _MapFrame(shapes, panels, crs, clip)
    tokens = _ramp(len(bins) + 1)
    classes = {g: _class_of(values.get(g), bins) for g in frame.flat.index}
    words = labels or _class_words(bins, unit)
    missing = any(c is None for g, c in classes.items() if any(g in p.index for p in frame.panels))
    plan.key(
        [*(("■", t, w) for t, w in zip(tokens, words)), *([("▨", "unknown", "no figure")] if missing else [])]
    )
    for index, panel in enumerate(frame.panels):
        for row in reshape.one_by_one(panel.assign(_area=panel.area).sort_values("_area", ascending=False)):
            level = classes[row.Index]
            token = "surface" if level is None else tokens[level]
            text = _area_hover(row, values.get(row.Index), unit, (hovers or {}).get(row.Index))
            plan.traces += _area(row, token, text, index, frame.scales()[0])
        _area_names(plan, frame, index, panel, names or {}, classes, len(tokens))
    height, narrow_height = frame.lay(plan)
    return plan.form(height + plan.margin["t"] + 8, narrow_height + plan.narrow_margin["t"] + 8)


def _ramp(count: int) -> list[str]:
    return {
        1: ["ramp-3"],
        2: ["ramp-2", "ramp-4"],
        3: ["ramp-1", "ramp-3", "ramp-5"],
        4: ["ramp-1", "ramp-2", "ramp-4", "ramp-5"],
    }.get(count, [f"ramp-{i}" for i in range(1, 6)])


def _class_of(value: float | None, bins: Sequence[float]) -> int | None:
    if value is None or pd.isna(value):
        return None
    return sum(value > end for end in bins)


def _class_words(bins: Sequence[float], unit: str) -> list[str]:
    suffix = "%" if unit_of(unit).suffix == "%" else ""
    ends = [number(b) + suffix for b in bins]
    between = [f"{a}–{b}" for a, b in itertools.pairwise(ends)]
    return [f"up to {ends[0]}", *between, f"over {ends[-1]}"]


def _area_hover(row: Any, value: Any, unit: str, text: str | None) -> str:
    words = text or html.unescape(written(math.nan if value is None else value, unit))
    return hover_text(getattr(row, "name", row.Index), words)


def _area(row: Any, token: str, text: str, panel: int, scale: float) -> list[Any]:
    suffix = "" if panel == 0 else str(panel + 1)
    x, y = _outline(row.geometry, 12 / scale**2)
    hollow = token == "surface"
    common = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "meta": {"layout": True}}
    name = str(getattr(row, "name", row.Index))
    traces = [
        scatter(
            name,
            "lines",
            x=x,
            y=y,
            fill="toself",
            fillcolor=ink(token),
            text=text,
            hoverinfo="text",
            hoveron="fills",
            line={"color": ink("unknown"), "width": 0.8},
            **({"fillpattern": _hatch()} if hollow else {}),
            **common,
        )
    ]
    if not hollow and row.geometry.area * scale**2 < 60:
        middle = row.geometry.representative_point()
        traces.append(
            scatter(
                name,
                "markers",
                x=[round(middle.x, 1)],
                y=[round(middle.y, 1)],
                hovertext=[text],
                marker={"size": 9, "color": ink(token), "line": {"color": ink("muted"), "width": 1}},
                **common,
            )
        )
    return traces


def _hatch() -> dict[str, Any]:
    return {
        "shape": "/",
        "size": 7,
        "solidity": 0.14,
        "fgcolor": ink("unknown"),
        "bgcolor": ink("surface"),
        "fillmode": "replace",
    }


def _area_names(
    plan: Plan,
    frame: _MapFrame,
    index: int,
    panel: geopandas.GeoDataFrame,
    names: dict[str, Any],
    classes: dict[str, int | None],
    count: int,
) -> None:
    suffix, canvases = "" if index == 0 else str(index + 1), frame.canvases(index)
    free = max(6, (NARROW - 2 * SIDE - canvases[1].width) / 2)  # paper beside the map on a phone
    canvases[1].margin = (free, free, 6, 6)
    for row in reshape.one_by_one(panel):
        text = clean(names.get(row.Index, ""))
        if not text:
            continue
        body = max(getattr(row.geometry, "geoms", [row.geometry]), key=lambda p: p.area)
        point = body.centroid if body.contains(body.centroid) else body.representative_point()
        largest = body.bounds
        level = classes[row.Index]
        dark = level is not None and level >= count - 2 and count > 2
        place = {
            "xref": f"x{suffix}",
            "yref": f"y{suffix}",
            "x": point.x,
            "y": point.y,
            "text": text,
            "xanchor": "center",
            "align": "center",
            "colour": "surface" if dark else "ink",
        }
        fits = [
            text_width(text, s) < (largest[2] - largest[0]) * k * 0.9
            for k, s in zip(frame.scales(index), (TEXT, SMALL))
        ]
        if all(fits):
            plan.note(place, place)
            continue
        # An area too small for its name gets it beside it if it has a value, else none.
        beside = [
            _beside(canvas, frame, index, point, text) if level is not None else None for canvas in canvases
        ]
        notes = [
            place if fit else ({**place, **keys, "colour": "ink"} if keys else None)
            for fit, keys in zip(fits, beside)
        ]
        if any(notes):
            plan.note(*notes)


def _beside(canvas: Canvas, frame: _MapFrame, index: int, point: Any, text: str) -> dict[str, Any]:
    """Where a name fits near a small area, off the outlines; tied to it by a leader."""
    if not canvas.dots:
        for geometry in frame.panels[index].geometry:
            for part in getattr(geometry, "geoms", [geometry]):
                canvas.path([(canvas.x(x), canvas.y(y)) for x, y in part.exterior.coords])
    return canvas.place(canvas.x(point.x), canvas.y(point.y), text, gap=8, reach=(30, 48, 70, 95))[1]


def point_map(
    shapes: geopandas.GeoDataFrame,
    points: pd.DataFrame,
    key: dict[str, str] | None = None,
    named: Sequence[str] = (),
    panels: Sequence[geo.Panel] | None = None,
    crs: str | None = None,
    clip: Box | None = None,
    largest: float = 28,
    towns: pd.DataFrame | None = None,
    size_unit: str = "",
) -> Form:
    """Places on our own basemap.

    Parameters
    ----------
    shapes
        GeoDataFrame (EPSG:4326) indexed by geography: the land.
    points
        Columns `lat`, `lon`, `label`; optional `text` (hover), `colour` (token), `symbol` (plotly's
        names: circle, square, diamond, circle-open …), `size` (a quantity: the mark's area is
        proportional; empty: a small mark), `precision` (anything but site, area, exact or "" gets a
        ring: the place is known only roughly). Marks that would hide each other move apart in a spiral.
    key
        `{token or "token symbol": words}`: the direct key above.
    named
        Labels to write on the map.
    panels
        As in `choropleth`, or windows (west, south, east, north) in degrees. Those with a common edge are
        one map at 760 px. On a phone each is as wide as the phone. Points outside are not drawn.
    crs, clip
        As in `choropleth`; `clip` is one window.
    towns
        Columns `lat`, `lon`, `label`: names without a mark, for orientation.
    size_unit
        The unit of `size`, for the key of areas.
    """
    plan, frame = Plan(), _MapFrame(shapes, panels, crs, clip)
    rows = _placed(points, frame, largest)
    towns = _town_rows(towns, frame)
    sizes = size_steps(points["size"], largest) if size_unit else []
    for index, panel in enumerate(frame.panels):
        _land(plan, panel, index, frame.scales()[0])
        own = rows[rows["panel"] == index]
        frame.trim(index, list(own["y"]))
        for names, part in own.groupby(["colour", "symbol", "ring"], sort=False):
            plan.traces += _point_traces(part, names, index)
        canvases = _marked_canvases(frame, index, own)
        if sizes and index == len(frame.panels) - 1:
            _size_key(plan, frame, index, sizes, size_unit, canvases)
        _point_names(plan, index, own[own["label"].isin(named)].drop_duplicates("label"), canvases)
        _town_names(plan, index, towns[towns["panel"] == index], canvases)
    plan.key(key_items(key or {}, rows))
    height, narrow_height = frame.lay(plan)
    return plan.form(height + plan.margin["t"] + 8, narrow_height + plan.narrow_margin["t"] + 8)


EXACT = ("", "exact", "site", "area", "building", "address")
"""Precisions of a coordinate that need no ring."""


def _placed(points: pd.DataFrame, frame: _MapFrame, largest: float) -> pd.DataFrame:
    rows = points.reset_index(drop=True).copy()
    for column, default in (
        ("text", ""),
        ("colour", "built"),
        ("symbol", "circle"),
        ("size", math.nan),
        ("precision", ""),
    ):
        rows[column] = rows.get(column, default)
        if column != "size":
            rows[column] = rows[column].map(lambda v, d=default: clean(v) or d)
    rows["ring"] = ~rows["precision"].isin(EXACT)
    rows["px"] = mark_sizes(rows["size"], largest)
    flat = frame.points(rows["lon"].astype(float), rows["lat"].astype(float))
    rows["panel"] = [frame.panel_of(p) for p in flat]
    rows["x"], rows["y"] = zip(*spiral(flat, list(rows["px"]), frame.scales()[0])) if len(rows) else ([], [])
    rows = rows[rows["panel"].notna()]
    return rows.sort_values("px", ascending=False, kind="stable")


def mark_sizes(sizes: pd.Series, largest: float) -> list[float]:
    """Diameters in px: area in proportion to size, at least 7; without a size 9."""
    numbers = pd.to_numeric(sizes, errors="coerce")
    most = numbers.max() if numbers.notna().any() and numbers.max() > 0 else 1.0
    return [9.0 if pd.isna(n) else max(7.0, largest * math.sqrt(max(n, 0) / most)) for n in numbers]


def spiral(
    points: Sequence[tuple[float, float]], sizes: Sequence[float], scale: float
) -> list[tuple[float, float]]:
    """Marks that would hide each other, moved out along a golden-angle spiral: no chance in it.

    Larger marks stay where they are; a smaller one moves to the first free place, at most 72 px off.
    """
    taken: list[tuple[float, float, float]] = []
    found: dict[int, tuple[float, float]] = {}
    for index in sorted(range(len(sizes)), key=lambda i: (-sizes[i], i)):
        x, y = points[index][0] * scale, points[index][1] * scale
        spots = [
            (x + 2.9 * math.sqrt(n) * math.cos(n * 2.399963), y + 2.9 * math.sqrt(n) * math.sin(n * 2.399963))
            for n in range(620)
        ]
        free = (
            s
            for s in spots
            if all(math.hypot(s[0] - tx, s[1] - ty) >= 0.5 * (sizes[index] + size) for tx, ty, size in taken)
        )
        spot = next(free, spots[0])
        taken.append((*spot, sizes[index]))
        found[index] = (round(spot[0] / scale, 1), round(spot[1] / scale, 1))
    return [found[i] for i in range(len(sizes))]


def _land(plan: Plan, panel: geopandas.GeoDataFrame, index: int, scale: float) -> None:
    suffix = "" if index == 0 else str(index + 1)
    x, y = [], []
    for geometry in panel.geometry:
        gx, gy = _outline(geometry, 5 / scale**2)
        x += [*gx, None]
        y += [*gy, None]
    plan.traces.append(
        scatter(
            "land",
            "lines",
            x=x[:-1],
            y=y[:-1],
            fill="toself",
            fillcolor=ink("land"),
            line={"color": ink("surface"), "width": 0.7},
            xaxis=f"x{suffix}",
            yaxis=f"y{suffix}",
            meta={"layout": True},
            hoveron="points",
            cliponaxis=True,
        )
    )


def _point_traces(part: pd.DataFrame, names: Any, index: int) -> list[Any]:
    token, symbol, ring = names
    suffix = "" if index == 0 else str(index + 1)
    common = {
        "x": list(part["x"]),
        "y": list(part["y"]),
        "xaxis": f"x{suffix}",
        "yaxis": f"y{suffix}",
        "meta": {"layout": True},
    }
    hollow = symbol.endswith("-open")
    shape = symbol.removesuffix("-open")
    marker = {
        "symbol": shape,
        "size": [round(p, 1) for p in part["px"]],
        "opacity": 0.88,
        "color": ink("surface" if hollow else token),
        "line": {"color": ink(token) if hollow else edge(token), "width": 2 if hollow else 1},
    }
    hovers = [
        hover_text(
            html.unescape(clean(r.label)), html.unescape(r.text), "place known only roughly" if ring else ""
        )
        for r in reshape.one_by_one(part)
    ]
    traces = [scatter(token, "markers", marker=marker, hovertext=hovers, **common)]
    if ring:
        around = {
            "symbol": "circle-open",
            "size": [round(p + 7, 1) for p in part["px"]],
            "color": ink(token),
            "line": {"width": 1},
        }
        traces.insert(0, scatter(f"{token}, place known only roughly", "markers", marker=around, **common))
    return traces


def _marked_canvases(frame: _MapFrame, index: int, own: pd.DataFrame) -> list[Canvas]:
    canvases = frame.canvases(index)
    for canvas in canvases:
        for row in reshape.one_by_one(own):
            r, x, y = row.px / 2 - 1, canvas.x(row.x), canvas.y(row.y)
            canvas.boxes.append((x - r, y - r, x + r, y + r))
            canvas.marks.append((x, y))
    return canvases


def _point_names(plan: Plan, index: int, rows: pd.DataFrame, canvases: Sequence[Canvas]) -> None:
    """Names of marks; several orders are tried, because the first name takes the best place."""
    suffix = "" if index == 0 else str(index + 1)
    marks = list(reshape.one_by_one(rows))
    orders = [marks, marks[::-1], sorted(marks, key=lambda r: r.y), sorted(marks, key=lambda r: -r.y)]
    found = [
        min((_named(canvas, order, limit) for order in orders), key=lambda laid: laid[0])
        for canvas, limit in zip(canvases, (22, 14))
    ]
    for canvas, (_, taken, _) in zip(canvases, found):
        canvas.boxes, canvas.dots = taken
    for row in marks:
        place = {"x": row.x, "y": row.y, "xref": f"x{suffix}", "yref": f"y{suffix}"}
        notes = [keys[row.label] and {**keys[row.label], **place} for _, _, keys in found]
        if any(notes):
            plan.note(*notes)


Taken = tuple[list[Box], list[tuple[float, float]]]
"""The boxes and dots of a canvas."""


def _named(canvas: Canvas, rows: list[Any], limit: int) -> tuple[float, Taken, dict[str, Any]]:
    """Total cost, what is taken then, and an annotation or None for each label, named in this order."""
    before, total = (list(canvas.boxes), list(canvas.dots)), 0.0
    notes: dict[str, Any] = {}
    for row in rows:
        kept, text = (list(canvas.boxes), list(canvas.dots)), wrap(clean(row.label), limit)
        gap = row.px / 2 + (5 if row.ring else 2)
        cost, keys = canvas.place(canvas.x(row.x), canvas.y(row.y), text, gap=gap, reach=(0, 14, 30, 48))
        total += cost
        notes[row.label] = {**keys, "text": text} if cost <= 160 else None
        if cost > 160:
            canvas.boxes, canvas.dots = kept
    taken = canvas.boxes, canvas.dots
    canvas.boxes, canvas.dots = before
    return total, taken, notes


def _town_rows(towns: pd.DataFrame | None, frame: _MapFrame) -> pd.DataFrame:
    if towns is None:
        return pd.DataFrame(columns=["label", "x", "y", "panel"])
    flat = frame.points(towns["lon"].astype(float), towns["lat"].astype(float))
    return pd.DataFrame(
        {
            "label": list(towns["label"]),
            "x": [round(x, 1) for x, _ in flat],
            "y": [round(y, 1) for _, y in flat],
            "panel": [frame.panel_of(p) for p in flat],
        }
    )


def _town_names(plan: Plan, index: int, rows: pd.DataFrame, canvases: Sequence[Canvas]) -> None:
    """Names near their places, quieter than those of marks, and off all marks."""
    suffix = "" if index == 0 else str(index + 1)
    for row in reshape.one_by_one(rows):
        notes = []
        for canvas in canvases:
            before, text = list(canvas.boxes), f"<i>{clean(row.label)}</i>"
            x, y = canvas.x(row.x), canvas.y(row.y)
            cost, keys = canvas.place(
                x, y, text, gap=9, reach=(0, 4, 8, 12, 20, 30, 42, 56), own=60, leader=False
            )
            place = {"x": row.x, "y": row.y, "text": text, "xref": f"x{suffix}", "yref": f"y{suffix}"}
            if cost > 60:
                canvas.boxes = before
            notes.append(None if cost > 60 else {**keys, **place, "colour": "muted"})
        if any(notes):
            plan.note(*notes)


def size_steps(sizes: pd.Series, largest: float) -> list[tuple[float, float]]:
    """Two round quantities and the diameters in px of their marks, for the key of areas."""
    most = float(pd.to_numeric(sizes, errors="coerce").max())
    power = 10 ** math.floor(math.log10(most))
    top = next(m * power for m in (5, 2, 1) if m * power <= most)
    return [(value, round(largest * math.sqrt(value / most), 1)) for value in (top / 5, top)]


def _size_key(
    plan: Plan,
    frame: _MapFrame,
    index: int,
    sizes: list[tuple[float, float]],
    unit: str,
    canvases: Sequence[Canvas],
) -> None:
    """Marks of known area with their quantities, at the right of a panel: at its foot if that is free."""
    suffix, (_, south, east, north) = "" if index == 0 else str(index + 1), frame.slim[index]
    wide, step = canvases[0], 26 / min(frame.scales(index))
    low = not any(x > wide.width / 2 and y < wide.height / 2 for x, y in wide.marks)
    x = round(east - 96 / min(frame.scales(index)), 2)
    ys = [round(south + (r + 0.7) * step if low else north - (r + 0.7) * step, 2) for r in range(len(sizes))]
    marker = {
        "size": [px for _, px in sizes],
        "color": ink("surface"),
        "line": {"color": ink("muted"), "width": 1.5},
    }
    axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "meta": {"layout": True, "guide": True}}
    plan.traces.append(scatter("key of areas", "markers", x=[x] * len(ys), y=ys, marker=marker, **axes))
    for y, (value, _) in zip(ys, sizes):
        place = {"x": x, "y": y, "xref": f"x{suffix}", "yref": f"y{suffix}"}
        plan.note(place, place, text=f"{number(value)} {unit}", xshift=16, colour="muted")
        for canvas in canvases:
            u, v = canvas.x(x), canvas.y(y)
            canvas.boxes.append((u - 12, v - 12, u + 80, v + 12))


def key_items(key: dict[str, str], places: pd.DataFrame) -> list[tuple[str, str, str]]:
    """The key of a point map as (mark, token, words), with the ring explained where one is drawn."""
    items = []
    for name, words in key.items():
        token, _, symbol = name.partition(" ")
        items.append((MARKS.get(symbol or "circle", "●"), token, words))
    if "precision" in places and not places["precision"].fillna("").isin(EXACT).all():
        items.append(("◎", "muted", "ring: place known only roughly"))
    return items
