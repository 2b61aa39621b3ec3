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
from typing import Any

import pandas as pd

from storykit import descriptor, project

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif'
_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")


@functools.lru_cache(maxsize=1)
def tokens() -> dict[str, dict[str, str]]:
    """`{"light": {name: hex}, "dark": {name: hex}}`."""
    read: dict[str, dict[str, str]] = json.loads(
        (Path(__file__).parent / "tokens.json").read_text(encoding="utf-8")
    )
    return read


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


def style() -> str:
    """The tokens as custom properties of a style sheet: light, dark by preference or choice, light on paper."""

    def block(theme: str) -> str:
        return f"color-scheme:{theme};" + "".join(
            f"--{name}:{value};" for name, value in tokens()[theme].items()
        )

    return (
        f":root{{{block('light')}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{block('dark')}}}}}\n"
        f":root[data-theme=dark]{{{block('dark')}}}\n"
        f"@media print{{:root,:root[data-theme=dark],:root:not([data-theme=light]){{{block('light')}}}}}\n"
    )


def in_theme(text: str, theme: str) -> str:
    """A text (JSON of a chart, SVG) with the light colours replaced by those of `theme`."""
    if theme == "light":
        return text
    table = substitution(theme)
    return _HEX.sub(lambda m: table.get(m[0].lower(), m[0]), text)


def template(theme: str = "light") -> dict[str, Any]:
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

    The descriptor's `storykit:look` of a category is a colour and a symbol: `promised circle-open`; a field that
    is true or false has the looks of both: `{"true": "highlight diamond", "false": "built circle"}`. A form takes
    the column `colour` for the states it draws, a map takes both.

    Raises
    ------
    DataError
        If the field has no such categories, or a value has no look.
    """
    looks = _looks(field)
    values = rows[field.partition(".")[2]]
    unknown = sorted(str(value) for value in set(values) - looks.keys())
    if unknown:
        raise project.DataError(
            f"{', '.join(map(repr, unknown))} of {field} has no look; give its category a storykit:look in "
            f"datapackage.json. There are looks of {', '.join(map(str, looks)) or 'no value'}."
        )
    return _with_looks(rows, [looks[value] for value in values])


def keyed(rows: pd.DataFrame, values: pd.Series, key: dict[str, str]) -> pd.DataFrame:
    """The rows with `colour` and `symbol` of the entry of a key that names their value.

    Parameters
    ----------
    values
        One text a row, such as a year.
    key
        `{"token symbol": words}`, as forms and maps take it (without a symbol: a circle): "2015" falls under
        "2015 and 2016".

    Raises
    ------
    DataError
        If a value stands in no entry, or in several.
    """
    found = {value: [mark for mark, words in key.items() if value in words.split()] for value in set(values)}
    for value, marks in sorted(found.items()):
        if len(marks) != 1:
            where = "several entries" if marks else "no entry"
            raise project.DataError(f"{value!r} stands in {where} of the key {', '.join(key.values())}.")
    return _with_looks(rows, [found[value][0] for value in values])


def labelled(rows: pd.DataFrame, field: str) -> pd.DataFrame:
    """The rows with a field's values replaced by the labels of their categories, ordered as the descriptor does.

    Raises
    ------
    DataError
        If a value is no category of the field.
    """
    name = field.partition(".")[2]
    labels = {category["value"]: category["label"] for category in _described(field).get("categories", [])}
    unknown = sorted(set(rows[name]) - labels.keys())
    if unknown:
        raise project.DataError(f"{', '.join(map(repr, unknown))} is no category of {field}.")
    words = pd.Categorical(rows[name].map(labels), list(labels.values()), ordered=True)
    return rows.assign(**{name: words.remove_unused_categories()})


def colours(field: str) -> dict[str, str]:
    """Label -> colour of the categories of a field that have a look."""
    looks = _looks(field)
    categories = _described(field).get("categories", [])
    return {c["label"]: looks[c["value"]].split()[0] for c in categories if c["value"] in looks}


def _described(field: str) -> dict[str, Any]:
    table, _, name = field.partition(".")
    return next((f for f in descriptor.fields(table) if f["name"] == name), {})


def _looks(field: str) -> dict[str | bool, str]:
    """Value -> its look, of the categories of a field or of true and false."""
    described = _described(field)
    if described.get("type") == "boolean":
        return {value == "true": mark for value, mark in described.get("storykit:look", {}).items()}
    categories = described.get("categories", [])
    return {c["value"]: c["storykit:look"] for c in categories if "storykit:look" in c}


def _with_looks(rows: pd.DataFrame, looks: list[str]) -> pd.DataFrame:
    parted = [[*mark.split(), "circle"][:2] for mark in looks]
    return rows.assign(colour=[colour for colour, _ in parted], symbol=[symbol for _, symbol in parted])
