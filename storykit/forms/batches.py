"""One map again and again: what each batch added."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from storykit import reshape
from storykit.figures import NARROW, WIDTH
from storykit.forms.places import _MapFrame, _outline
from storykit.forms.plan import SIDE, Box, Form, Plan, scatter
from storykit.forms.words import clean, hover_text, ink

if TYPE_CHECKING:
    import geopandas

_GAP, _HEAD = 12, 24


def map_batches(
    shapes: geopandas.GeoDataFrame,
    points: pd.DataFrame,
    by: str,
    clip: Box,
    names: dict[str, str],
    key: tuple[str, str],
    token: str = "built",
    ncols: int = 3,
) -> Form:
    """Small maps in the order of `names`: each shows its own batch in colour, and those before it pale.

    Parameters
    ----------
    shapes, points, clip
        As in `point_map`; one window for all.
    by, names
        Column with the batch, and batch -> words above its map. How many it has is written behind them.
    key
        Words for a mark of the batch itself and for one of an earlier batch.
    ncols
        Maps in a row at 760 px; a phone gets two.
    """
    plan, frame = Plan(), _MapFrame(shapes, clip=clip)
    flat = frame.points(points["lon"].astype(float), points["lat"].astype(float))
    rows = points.assign(x=[round(x) for x, _ in flat], y=[round(y) for _, y in flat])
    land = _land(frame)
    before = rows.iloc[:0]
    for index, (batch, words) in enumerate(names.items()):
        own = rows[rows[by] == batch]
        plan.traces.append(
            scatter("land", "lines", **land, **_axes(index), cliponaxis=True, hoveron="points")
        )
        plan.traces.append(_dots("earlier", before, index, "unknown", 4, 0.55))
        plan.traces.append(_dots(words, own, index, token, 6.5, 0.9))
        place = {
            "xref": f"{_axes(index)['xaxis']} domain",
            "yref": f"{_axes(index)['yaxis']} domain",
            "x": 0,
            "y": 1,
            "yanchor": "bottom",
            "yshift": 2,
            "text": f"<b>{clean(words)}</b> +{len(own)}",
            "borderpad": 0,
        }
        plan.note(place, place)
        before = pd.concat([before, own])
    plan.key([("●", token, key[0]), ("●", "unknown", key[1])])
    box = frame.bounds[0]
    ratio = (box[3] - box[1]) / (box[2] - box[0])
    heights = [
        _grid(layout, box, len(names), columns, width, ratio)
        for layout, columns, width in ((plan.layout, ncols, WIDTH), (plan.narrow, 2, NARROW))
    ]
    return plan.form(heights[0] + plan.margin["t"] + 8, heights[1] + plan.narrow_margin["t"] + 8)


def _axes(index: int) -> dict[str, str]:
    suffix = "" if index == 0 else str(index + 1)
    return {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}


def _land(frame: _MapFrame) -> dict[str, Any]:
    """The land of one small map, as coarse as its size allows."""
    x: list[Any] = []
    y: list[Any] = []
    for geometry in frame.panels[0].geometry.simplify(18):
        gx, gy = _outline(geometry, 4000)
        x += [*gx, None]
        y += [*gy, None]
    return {
        "x": x[:-1],
        "y": y[:-1],
        "fill": "toself",
        "fillcolor": ink("land"),
        "line": {"color": ink("surface"), "width": 0.6},
        "meta": {"layout": True},
    }


def _dots(name: str, part: pd.DataFrame, index: int, token: str, size: float, opacity: float) -> Any:
    hovers = [
        hover_text(html.unescape(clean(r.label)), html.unescape(clean(getattr(r, "text", ""))))
        for r in reshape.one_by_one(part)
    ]
    return scatter(
        name,
        "markers",
        x=list(part["x"]),
        y=list(part["y"]),
        hovertext=hovers,
        marker={
            "size": size,
            "color": ink(token),
            "opacity": opacity,
            "line": {"color": ink("surface"), "width": 0.6},
        },
        meta={"layout": True},
        **_axes(index),
    )


def _grid(layout: dict[str, Any], box: Box, count: int, columns: int, width: float, ratio: float) -> float:
    """Domains of the small maps at one width; returns the height of all of them, px."""
    inner = width - 2 * SIDE
    side = (inner - _GAP * (columns - 1)) / columns
    tall, lines = side * ratio + _HEAD, math.ceil(count / columns)
    for index in range(count):
        line, column = divmod(index, columns)
        left, top = column * (side + _GAP) / inner, 1 - (line * tall + _HEAD) / (lines * tall)
        suffix = "" if index == 0 else str(index + 1)
        common = {"visible": False, "fixedrange": True, "automargin": False}
        layout[f"xaxis{suffix}"] = {
            **common,
            "range": [box[0], box[2]],
            "domain": [left, min(1, left + side / inner)],
            "anchor": f"y{suffix}",
        }
        layout[f"yaxis{suffix}"] = {
            **common,
            "range": [box[1], box[3]],
            "domain": [max(0, top - side * ratio / (lines * tall)), top],
            "anchor": f"x{suffix}",
        }
    return lines * tall
