"""Columns by year in small panels, one panel for each who is compared."""

from __future__ import annotations

import html
import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from storykit.figures import NARROW, WIDTH
from storykit.forms.panels import panel_grid
from storykit.forms.plan import Form, Plan, tick_words, ticks
from storykit.forms.words import SMALL, clean, hover_text, ink, line_count, text_width, unit_of, wrap


def small_columns(
    rows: pd.DataFrame,
    by: str,
    year: str,
    parts: dict[str, str],
    colours: dict[str, str],
    titles: dict[str, str] | None = None,
    ncols: int = 2,
    panel: tuple[float, float] = (110, 96),
) -> Form:
    """Stacked columns, a panel for each key of `by`, all on the same axes.

    Parameters
    ----------
    rows
        One row for each key and year: `by`, `year` (a number), and the columns of `parts` (NaN: none).
    parts, colours
        `{column: words}` from the base upwards, `{column: token}`.
    titles
        `{key: words}` over the panels, in their order; default: the keys as they come.
    ncols
        Panels in a row at 760 px; a phone gets one.
    panel
        Heights of a panel's plot in px, wide and narrow.
    """
    plan = Plan()
    titles = titles or {key: str(key) for key in dict.fromkeys(rows[by])}
    plan.key([("■", colours[column], words) for column, words in parts.items()])
    tallest = float(rows[list(parts)].sum(axis=1).max())
    marks = ticks(0, tallest, 3)
    first, last = int(rows[year].min()), int(rows[year].max())
    step = next(s for s in (1, 2, 3, 5, 10) if (last - first) / s <= 6)
    years = [y for y in range(first, last + 1) if y % step == 0]
    for index, (key, words) in enumerate(titles.items(), start=1):
        own = rows[rows[by] == key]
        for column, what in parts.items():
            plan.traces.append(_columns(own, (year, column), what, colours[column], words, index))
        suffix = "" if index == 1 else str(index)
        common: dict[str, Any] = {"automargin": False, "tickfont": {"size": SMALL}, "fixedrange": True}
        plan.layout[f"xaxis{suffix}"] = {
            **common,
            "range": [first - 0.7, last + 0.7],
            "tickvals": years,
            "ticktext": [str(y) for y in years],
            "anchor": f"y{suffix}",
            "ticklen": 3,
        }
        plan.layout[f"yaxis{suffix}"] = {
            **common,
            "range": [0, max(marks[-1], tallest * 1.05)],
            "tickvals": marks,
            "ticktext": tick_words(marks, unit_of("")),
            "anchor": f"x{suffix}",
        }
        place = {"xref": f"x{suffix} domain", "yref": f"y{suffix} domain", "x": 0, "y": 1}
        place |= {"yanchor": "bottom", "yshift": 3, "borderpad": 0}
        plan.note({**place, "text": wrap(clean(words), 46)}, {**place, "text": wrap(clean(words), 46)})
    left = max(text_width(t, SMALL) for t in tick_words(marks, unit_of(""))) + 10
    plan.layout["barmode"], plan.layout["bargap"] = "stack", 0.2
    tops = plan.margin["t"], plan.narrow_margin["t"]
    form = plan.form(0, 0)
    lines = max(line_count(n["text"]) for n in form.sizes["narrow"]["annotations"][1:])
    form._grid = {"count": len(titles), "left": left, "panel": panel, "top": tops[0], "lines": lines}
    wide, height = panel_grid(form, ncols, WIDTH, panel[0])
    form.update_layout(**wide)
    form._grid["top"] = tops[1]
    narrow, narrow_height = panel_grid(form, 1, NARROW, panel[1])
    narrow["annotations"] = form.sizes["narrow"]["annotations"]
    for index in range(1, len(titles) + 1):
        narrow[f"xaxis{'' if index == 1 else index}"]["showticklabels"] = True
        form.update_layout(**{f"xaxis{'' if index == 1 else index}": {"showticklabels": True}})
    form._sizes = {"height": height, "narrow_height": narrow_height, "narrow": narrow}
    return form


def _columns(
    own: pd.DataFrame, names: tuple[str, str], what: str, token: str, panel: str, index: int
) -> go.Bar:
    year, column = names
    suffix = "" if index == 1 else str(index)
    values = [0 if pd.isna(v) or math.isnan(v) else float(v) for v in own[column]]
    return go.Bar(
        x=list(own[year]),
        y=values,
        name=f"{html.unescape(clean(panel))}: {what}",
        xaxis=f"x{suffix}",
        yaxis=f"y{suffix}",
        marker={"color": ink(token), "line": {"width": 0}},
        hovertext=[
            hover_text(f"{panel}, {y}", f"{what}: {v:.0f}") if v else "" for y, v in zip(own[year], values)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
