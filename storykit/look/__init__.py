"""The look: design tokens, and the plotly template made from them.

`tokens.json` is the one file of colours for charts, maps and pages. Charts are drawn with the
light colours; every light colour is unique, so a dark picture or a live theme change is a plain
substitution of one list by the other.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

import pandas as pd

from storykit import descriptor, project

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif'
_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")


@functools.lru_cache(maxsize=1)
def tokens() -> dict[str, dict[str, str]]:
    """`{"light": {name: hex}, "dark": {name: hex}}`."""
    return json.loads((Path(__file__).parent / "tokens.json").read_text(encoding="utf-8"))


def colour(name: str) -> str:
    """The light colour of a token; charts are always drawn with it.

    Raises
    ------
    KeyError
        If there is no such token.
    """
    return tokens()["light"][name]


def substitution(theme: str) -> dict[str, str]:
    """Light hex (lower case) -> hex of `theme`."""
    light, other = tokens()["light"], tokens()[theme]
    return {light[name].lower(): other[name] for name in light}


def in_theme(text: str, theme: str) -> str:
    """A text (JSON of a chart, SVG) with the light colours replaced by those of `theme`."""
    if theme == "light":
        return text
    table = substitution(theme)
    return _HEX.sub(lambda m: table.get(m[0].lower(), m[0]), text)


def template(theme: str = "light") -> dict:
    """Our plotly template: few grid lines, no frame, colours of the tokens."""
    c = tokens()[theme]
    axis = {
        "automargin": True,
        "gridcolor": c["grid"],
        "linecolor": c["rule"],
        "tickcolor": c["rule"],
        "tickfont": {"color": c["muted"], "size": 13},
        "title": {"font": {"color": c["muted"], "size": 13}},
        "zeroline": False,
    }
    return {
        "layout": {
            "font": {"family": FONT, "size": 14, "color": c["ink"]},
            "paper_bgcolor": c["surface"],
            "plot_bgcolor": c["surface"],
            "colorway": [
                c[n] for n in ("built", "promised", "used", "origin-other", "origin-asia", "unknown")
            ],
            "hoverlabel": {
                "bgcolor": c["surface"],
                "bordercolor": c["rule"],
                "font": {"color": c["ink"], "family": FONT},
            },
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "showlegend": False,
            "dragmode": False,
            "xaxis": {**axis, "showgrid": False, "showline": True, "ticks": "outside", "ticklen": 4},
            "yaxis": axis,
            "annotationdefaults": {"font": {"color": c["ink"], "size": 13}, "showarrow": False},
        }
    }


def marked(rows: pd.DataFrame, field: str) -> pd.DataFrame:
    """The rows with `colour` and `symbol` as the categories of a field say, such as `places.status`.

    The descriptor's `storykit:look` of a category is a colour and a symbol: `promised circle-open`. A form takes
    the column `colour` for the states it draws, a map takes both.

    Raises
    ------
    DataError
        If the field has no such categories, or a value has no look.
    """
    table, _, name = field.partition(".")
    described = next((f for f in descriptor.fields(table) if f["name"] == name), {})
    looks = {
        category["value"]: category["storykit:look"].split()
        for category in described.get("categories", [])
        if "storykit:look" in category
    }
    unknown = sorted(set(rows[name]) - looks.keys())
    if unknown:
        raise project.DataError(
            f"{', '.join(map(repr, unknown))} of {field} has no look; give its category a storykit:look in "
            f"datapackage.json. There are looks of {', '.join(looks) or 'no value'}."
        )
    colours, symbols = (rows[name].map(lambda value, part=part: looks[value][part]) for part in (0, 1))
    return rows.assign(colour=colours, symbol=symbols)
