"""Pictures of maps: regions in classes, and marks at places."""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Sequence

import pandas as pd

from storykit.figures import NARROW, WIDTH
from storykit.forms.plan import SIDE, Canvas, Form, Plan, scatter
from storykit.forms.words import (
    SMALL,
    TEXT,
    clean,
    hover_text,
    ink,
    number,
    text_width,
    unit_of,
    wrap,
    written,
)

_GAP = 22  # between two panels of a map, px


class _MapFrame:
    """Shapes in an equal-area projection (km), in one or more panels at one scale.

    Panels stand side by side at 760 px and, if there are two or more, above each other on a phone.
    """

    def __init__(self, shapes, panels=None, crs: str | None = None, clip=None, top: float = 470):
        self.crs = crs or projection(shapes, clip)
        shapes = shapes.clip(clip) if clip is not None else shapes
        flat = shapes.to_crs(self.crs)
        flat["geometry"] = flat.geometry.scale(0.001, 0.001, origin=(0, 0))
        size = max(flat.total_bounds[2] - flat.total_bounds[0], flat.total_bounds[3] - flat.total_bounds[1])
        flat["geometry"] = flat.geometry.simplify_coverage(size / 500)  # neighbours keep their common border
        self.flat = flat[~flat.geometry.is_empty]
        names = panels or [list(self.flat.index)]
        self.panels = [self.flat[self.flat.index.isin(codes)] for codes in names]
        self.bounds = [_padded(panel.total_bounds) for panel in self.panels]
        self.top = top

    def panel_of(self, point) -> int:
        """The panel a projected point (km) falls into: the first whose frame holds it, else the nearest."""

        def far(box):
            return max(box[0] - point[0], 0, point[0] - box[2]) + max(box[1] - point[1], 0, point[1] - box[3])

        return min(range(len(self.bounds)), key=lambda i: far(self.bounds[i]))

    def points(self, lon: Sequence[float], lat: Sequence[float]) -> list[tuple[float, float]]:
        """Longitudes and latitudes as km on the map."""
        import geopandas

        flat = geopandas.GeoSeries(geopandas.points_from_xy(lon, lat), crs=4326).to_crs(self.crs)
        return [(p.x / 1000, p.y / 1000) for p in flat]

    def scales(self) -> tuple[float, float]:
        """Pixels per km at the two widths."""
        return self._wide()[0], self._narrow()[0]

    def _sizes(self):
        return [(b[2] - b[0], b[3] - b[1]) for b in self.bounds]

    def _wide(self):
        sizes, room = self._sizes(), WIDTH - 2 * SIDE - _GAP * (len(self.bounds) - 1)
        scale = min(room / sum(w for w, _ in sizes), self.top / max(h for _, h in sizes))
        return scale, max(h for _, h in sizes) * scale

    def _narrow(self):
        sizes, room = self._sizes(), NARROW - 2 * SIDE
        scale = min(room / max(w for w, _ in sizes), 520 / max(h for _, h in sizes))
        return scale, sum(h for _, h in sizes) * scale + _GAP * (len(sizes) - 1)

    def lay(self, plan: Plan) -> tuple[float, float]:
        """Puts the axes of all panels into the plan; returns the heights of the plot at both widths."""
        (wide, height), (narrow, narrow_height) = self._wide(), self._narrow()
        sizes, left, top = self._sizes(), 0.0, narrow_height
        slack = max(0.0, (WIDTH - 2 * SIDE - sum(w * wide for w, _ in sizes) - _GAP * (len(sizes) - 1)) / 2)
        for index, (w, h) in enumerate(sizes):
            x0 = (slack + left) / (WIDTH - 2 * SIDE)
            domain = [x0, min(1, x0 + w * wide / (WIDTH - 2 * SIDE))], [0.0, min(1, h * wide / height)]
            side = (NARROW - 2 * SIDE - w * narrow) / 2 / (NARROW - 2 * SIDE)
            slim = [side, 1 - side], [max(0, (top - h * narrow) / narrow_height), top / narrow_height]
            self._axes(plan, index, domain, slim)
            left, top = left + w * wide + _GAP, top - h * narrow - _GAP
        return height, narrow_height

    def _axes(self, plan, index, domain, slim) -> None:
        suffix, box = "" if index == 0 else str(index + 1), self.bounds[index]
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
        plan.narrow[f"yaxis{suffix}"] = {"domain": slim[1]}

    def canvases(self, index: int) -> list[Canvas]:
        """Canvases of one panel at both widths, for words."""
        box = self.bounds[index]
        return [
            Canvas(
                (box[2] - box[0]) * k,
                (box[3] - box[1]) * k,
                s,
                lambda x, k=k: (x - box[0]) * k,
                lambda y, k=k: (y - box[1]) * k,
                (6, 6, 6, 6),
            )
            for k, s in zip(self.scales(), (TEXT, SMALL))
        ]


def _padded(box) -> tuple[float, float, float, float]:
    pad = 0.015 * max(box[2] - box[0], box[3] - box[1])
    return box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad


def projection(shapes, clip=None) -> str:
    """An equal-area projection that suits the extent: Equal Earth for the world, else Lambert azimuthal."""
    west, south, east, north = clip if clip is not None else shapes.total_bounds
    if east - west > 150:
        return "+proj=eqearth +lon_0=0 +datum=WGS84 +units=m"
    return f"+proj=laea +lon_0={(west + east) / 2:.3f} +lat_0={(south + north) / 2:.3f} +datum=WGS84 +units=m"


def _outline(geometry, least: float = 0.0) -> tuple[list, list]:
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


def _km(value: float):
    """Kilometres to a tenth where it shows; whole ones far from the centre are shorter to send."""
    return round(value) if abs(value) >= 1500 else round(value, 1)


def choropleth(
    shapes,
    values: pd.Series,
    bins: Sequence[float],
    labels: Sequence[str] | None = None,
    unit: str = "",
    names: dict | None = None,
    panels: Sequence[Sequence[str]] | None = None,
    hovers: dict | None = None,
    crs: str | None = None,
    clip=None,
) -> Form:
    """Areas shaded by class, with the classes written above; small areas also get a dot.

    Parameters
    ----------
    shapes
        GeoDataFrame (EPSG:4326) indexed by geography, column `name`.
    values
        Numbers indexed by geography; a geography without one is grey ("no figure").
    bins
        Upper ends of the first n-1 classes (inclusive), rising; at most four (five classes).
    labels
        Words of the classes, n of them; default: made from the bins and `unit`.
    names
        `{geography: words}` written on the map (at 760 px, and on a phone where they fit).
    panels
        Lists of geographies drawn as maps of their own at the same scale, side by side; on a
        phone above each other. Say in the subtitle that their distance is not to scale.
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
        for row in panel.assign(_area=panel.area).sort_values("_area", ascending=False).itertuples():
            token = "surface" if classes[row.Index] is None else tokens[classes[row.Index]]
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


def _class_of(value, bins) -> int | None:
    if value is None or pd.isna(value):
        return None
    return sum(value > end for end in bins)


def _class_words(bins, unit) -> list[str]:
    suffix = "%" if unit_of(unit).suffix == "%" else ""
    ends = [number(b) + suffix for b in bins]
    between = [f"{a}–{b}" for a, b in itertools.pairwise(ends)]
    return [f"up to {ends[0]}", *between, f"over {ends[-1]}"]


def _area_hover(row, value, unit, text) -> str:
    words = text or html.unescape(written(math.nan if value is None else value, unit))
    return hover_text(getattr(row, "name", row.Index), words)


def _area(row, token, text, panel, scale) -> list:
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
            line={
                "color": ink("unknown" if hollow else "land-line"),
                "width": 0.7,
                "dash": "dot" if hollow else "solid",
            },
            **common,
        )
    ]
    if row.geometry.area * scale**2 < 60:
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


def _area_names(plan, frame, index, panel, names, classes, count) -> None:
    suffix, canvases = "" if index == 0 else str(index + 1), frame.canvases(index)
    free = max(6, (NARROW - 2 * SIDE - canvases[1].width) / 2)  # paper beside the map on a phone
    canvases[1].margin = (free, free, 6, 6)
    for row in panel.itertuples():
        text = clean(names.get(row.Index, ""))
        if not text:
            continue
        body = max(getattr(row.geometry, "geoms", [row.geometry]), key=lambda p: p.area)
        point = body.centroid if body.contains(body.centroid) else body.representative_point()
        largest = body.bounds
        dark = classes[row.Index] is not None and classes[row.Index] >= count - 2 and count > 2
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
            for k, s in zip(frame.scales(), (TEXT, SMALL))
        ]
        if all(fits):
            plan.note(place, place)
            continue
        # An area too small for its name gets it beside it if it has a value, else none.
        beside = [
            _beside(canvas, frame, index, point, text) if classes[row.Index] is not None else None
            for canvas in canvases
        ]
        notes = [
            place if fit else ({**place, **keys, "colour": "ink"} if keys else None)
            for fit, keys in zip(fits, beside)
        ]
        if any(notes):
            plan.note(*notes)


def _beside(canvas: Canvas, frame: _MapFrame, index: int, point, text: str) -> dict:
    """Where a name fits near a small area, off the outlines; tied to it by a leader."""
    if not canvas.dots:
        for geometry in frame.panels[index].geometry:
            for part in getattr(geometry, "geoms", [geometry]):
                canvas.path([(canvas.x(x), canvas.y(y)) for x, y in part.exterior.coords])
    return canvas.place(canvas.x(point.x), canvas.y(point.y), text, gap=8, reach=(30, 48, 70, 95))[1]


def point_map(
    shapes,
    points: pd.DataFrame,
    key: dict[str, str] | None = None,
    named: Sequence[str] = (),
    panels: Sequence[Sequence[str]] | None = None,
    crs: str | None = None,
    clip=None,
    largest: float = 28,
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
    panels, crs, clip
        As in `choropleth`; `clip` is (west, south, east, north) in degrees.
    """
    plan, frame = Plan(), _MapFrame(shapes, panels, crs, clip)
    rows = _placed(points, frame, largest)
    for index, panel in enumerate(frame.panels):
        _land(plan, panel, index, frame.scales()[0])
        own = rows[rows["panel"] == index]
        for names, part in own.groupby(["colour", "symbol", "ring"], sort=False):
            plan.traces += _point_traces(part, names, index)
        _point_names(plan, frame, index, own, list(named))
    plan.key(key_items(key or {}, rows))
    height, narrow_height = frame.lay(plan)
    return plan.form(height + plan.margin["t"] + 8, narrow_height + plan.narrow_margin["t"] + 8)


EXACT = ("", "exact", "site", "area", "building", "address")
"""Precisions of a coordinate that need no ring."""


def _placed(points, frame, largest) -> pd.DataFrame:
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
    return rows.sort_values("px", ascending=False, kind="stable")


def mark_sizes(sizes: pd.Series, largest: float) -> list[float]:
    """Diameters in px: area in proportion to size, at least 7; without a size 9."""
    numbers = pd.to_numeric(sizes, errors="coerce")
    most = numbers.max() if numbers.notna().any() and numbers.max() > 0 else 1.0
    return [9.0 if pd.isna(n) else max(7.0, largest * math.sqrt(max(n, 0) / most)) for n in numbers]


def spiral(points, sizes, scale) -> list[tuple[float, float]]:
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


def _land(plan, panel, index, scale) -> None:
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
        )
    )


def _point_traces(part, names, index) -> list:
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
        "line": {"color": ink(token if hollow else "surface"), "width": 2 if hollow else 1},
    }
    hovers = [
        hover_text(
            html.unescape(clean(r.label)), html.unescape(r.text), "place known only roughly" if ring else ""
        )
        for r in part.itertuples()
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


def _point_names(plan, frame, index, own, named) -> None:
    suffix = "" if index == 0 else str(index + 1)
    canvases = frame.canvases(index)
    for canvas in canvases:
        for row in own.itertuples():
            r, x, y = row.px / 2 - 1, canvas.x(row.x), canvas.y(row.y)
            canvas.boxes.append((x - r, y - r, x + r, y + r))
    for row in own[own["label"].isin(named)].drop_duplicates("label").itertuples():
        notes = []
        for canvas, limit in zip(canvases, (22, 14)):
            before, text = list(canvas.boxes), wrap(clean(row.label), limit)
            cost, keys = canvas.place(
                canvas.x(row.x),
                canvas.y(row.y),
                text,
                gap=row.px / 2 + (5 if row.ring else 2),
                reach=(0, 14, 30, 48),
            )
            if cost > 160:
                canvas.boxes = before
            notes.append(
                None
                if cost > 160
                else {
                    **keys,
                    "x": row.x,
                    "y": row.y,
                    "text": text,
                    "xref": f"x{suffix}",
                    "yref": f"y{suffix}",
                }
            )
        if any(notes):
            plan.note(*notes)


_MARKS = {
    "circle": "●",
    "circle-open": "○",
    "square": "■",
    "square-open": "□",
    "diamond": "◆",
    "diamond-open": "◇",
    "x": "×",
    "cross": "+",
    "triangle-up": "▲",
    "triangle-up-open": "△",
    "star": "★",
}


def key_items(key: dict[str, str], places: pd.DataFrame) -> list[tuple[str, str, str]]:
    """The key of a point map as (mark, token, words), with the ring explained where one is drawn."""
    items = []
    for name, words in key.items():
        token, _, symbol = name.partition(" ")
        items.append((_MARKS.get(symbol or "circle", "●"), token, words))
    if "precision" in places and not places["precision"].fillna("").isin(EXACT).all():
        items.append(("◎", "muted", "ring: place known only roughly"))
    return items
