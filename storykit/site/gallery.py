"""The gallery of forms: of each one an example that runs, with its picture, in `docs/forms.md`.

The rows are invented. An example is a function whose text the gallery shows, so what is shown is what has run.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from storykit import disk, figures, forms, periods, project
from storykit.site import pictures

if TYPE_CHECKING:
    import geopandas

EXAMPLES: dict[str, Callable[[], forms.Form]] = {}
"""Name of a form -> its example."""


def _example(function: Callable[[], forms.Form]) -> Callable[[], forms.Form]:
    EXAMPLES[function.__name__.strip("_")] = function
    return function


def series(name: str, values: dict[str, float], label: str = "", unit: str = "") -> pd.DataFrame:
    """Rows as `tables.observations` gives them."""
    about: dict[str, Any] = {
        "series_id": name,
        "label": label or name,
        "name": "Here",
        "geography": "HERE",
        "unit": unit,
    }
    plain: dict[str, Any] = {"nature": "observed", "qualifier": "exact", "line": True}
    rows = pd.DataFrame({"period": list(values), "value": list(values.values())})
    return rows.assign(date=[periods.middle(p) for p in values], **about, **plain)


# --- over time ------------------------------------------------------------------------------------


@_example
def lines() -> forms.Form:
    """Series over time, each labelled where it ends, with a goal."""
    ships = series("ships", {"2021": 30.0, "2022": 42.0, "2023": 55.0, "2024": 61.0}, "ships built")
    boats = series("boats", {"2021": 50.0, "2022": 48.0, "2023": 47.0, "2024": 45.0}, "boats built")
    return forms.lines(pd.concat([ships, boats]), goal=(58.0, "58, promised for 2023", "2023"), zero=True)


@_example
def points() -> forms.Form:
    """Values that may not be joined."""
    ships = series("ships", {"2021": 30.0, "2023": 55.0}, "by the yard")
    other = series("other", {"2022": 20.0, "2024": 26.0}, "by the port")
    return forms.points(pd.concat([ships, other]), zero=True)


@_example
def mirror() -> forms.Form:
    """Two counts of one thing, side by side."""
    ours = series("out", {"2022": 30.0, "2023": 55.0, "2024": 57.0})
    theirs = series("in", {"2022": 41.0, "2023": 60.0, "2024": 72.0})
    return forms.mirror(ours, theirs, labels=["as we count", "as they count"], zero=True)


@_example
def goals() -> forms.Form:
    """What was measured, against goals for years to come."""
    ships = series("ships", {"2021": 30.0, "2022": 42.0, "2023": 44.0})
    wanted = pd.DataFrame(
        {"period": ["2024", "2026"], "value": [60.0, 90.0], "label": ["goal: 60", "goal: 90"]}
    )
    return forms.goals(ships, wanted, zero=True)


@_example
def timeline() -> forms.Form:
    """Dated events in lanes."""
    events = pd.DataFrame(
        {
            "date": ["2021-03-02", "2021-03-20", "2022-07", "2023-01-09", "2024"],
            "thread": ["yard", "yard", "port", "yard", "port"],
            "title": ["Keel laid", "Crew hired", "Pier opened", "Ship launched", "Pier closed"],
        }
    )
    return forms.timeline(events, {"yard": "The yard", "port": "The port"}, more=None, named="title")


@_example
def turns() -> forms.Form:
    """Changes up and down, a row for each who changed."""
    changes = pd.DataFrame(
        {
            "who": ["North", "South", "South"],
            "date": ["2021-03", "2022-07", "2024-02"],
            "turn": ["up-open", "down", "up"],
            "text": ["to 800", "to 75", "to 90"],
        }
    )
    key = {"up-open": "rise announced", "up": "raised", "down": "cut"}
    return forms.turns(changes, "who", "date", "turn", "text", key)


@_example
def slips() -> forms.Form:
    """Dates promised against dates kept."""
    rows = pd.DataFrame(
        {
            "what": ["The first ship", "The second ship"],
            "due": ["2022", "2023-06"],
            "came": ["2022-11-03", ""],
        }
    )
    return forms.slips(
        rows, "due", "came", "what", key={"promised": "launch promised", "happened": "launched"}
    )


@_example
def small_multiples() -> forms.Form:
    """One small panel a place, on the same axes."""
    places = [
        series("ships", {"2022": 30.0 + n, "2023": 35.0 + 5 * n, "2024": 40.0 + 7 * n}).assign(
            geography=place, name=place
        )
        for n, place in enumerate(["North", "East", "South", "West"])
    ]
    return forms.small_multiples(pd.concat(places), ncols=4)


# --- sizes ----------------------------------------------------------------------------------------


@_example
def bars() -> forms.Form:
    """Numbers as bars from zero, with states and a key in the chart's own words."""
    rows = pd.DataFrame(
        {"what": ["Ordered", "Launched"], "ships": [40.0, 26.0], "state": ["promised", "built"]}
    )
    return forms.bars(rows, "what", "ships", states="state", key={"promised": "ordered", "built": "launched"})


@_example
def steps_to_scale() -> forms.Form:
    """Different counts of one story; with `zoom` the small ones on a scale of their own."""
    rows = pd.DataFrame(
        {
            "what": ["People in the town", "Trained at the yard", "Who have built a ship"],
            "count": [84_000.0, 310.0, 12.0],
            "how": ["Census of 2020", "By the yard, to 2024", "By the guild, 2024"],
        }
    )
    return forms.steps_to_scale(rows, "what", "count", "how", colour="origin-none", zoom=1000)


@_example
def stacked_bars() -> forms.Form:
    """Bars made of parts that add up."""
    rows = pd.DataFrame(
        {"year": ["2022", "2023", "2024"], "home": [20.0, 22.0, 21.0], "abroad": [5.0, 9.0, 16.0]}
    )
    return forms.stacked_bars(rows, "year", {"home": "for the town", "abroad": "for others"})


@_example
def paired_bars() -> forms.Form:
    """Two numbers a row, one inside the other."""
    rows = pd.DataFrame({"yard": ["North yard", "South yard"], "asked": [90.0, 60.0], "given": [70.0, 12.0]})
    return forms.paired_bars(rows, "yard", "asked", "given", words=("timber asked", "timber given"))


@_example
def range_dots() -> forms.Form:
    """Figures for one thing that differ."""
    rows = pd.DataFrame(
        {
            "what": ["Length of the pier"] * 3,
            "metres": [310.0, 340.0, 402.0],
            "who": ["the port", "the paper", "the map"],
        }
    )
    return forms.range_dots(rows, "what", "metres", label="who")


@_example
def areas() -> forms.Form:
    """Amounts as squares to one scale."""
    return forms.areas([900.0, 25.0], ["900 promised", "25 spent"], states=["promised", "used"])


# --- who and what ---------------------------------------------------------------------------------


@_example
def matrix() -> forms.Form:
    """What rows and columns have in common."""
    cells = pd.DataFrame(
        {
            "yard": ["North yard", "North yard", "South yard"],
            "buyer": ["the town", "abroad", "the town"],
            "ships": ["12", "3", "5"],
            "more": ["9 at sea", "0 at sea", "5 at sea"],
        }
    )
    return forms.matrix(cells, "yard", "buyer", "ships", more="more")


# --- where ----------------------------------------------------------------------------------------


def squares() -> geopandas.GeoDataFrame:
    """Three areas side by side, as `tables.geometry` gives them."""
    import geopandas
    from shapely.geometry import box

    shapes = [box(100, 0, 104, 5), box(104, 0, 107, 5), box(107, 0, 112, 5)]
    return geopandas.GeoDataFrame(
        {"name": ["West", "Middle", "East"]}, geometry=shapes, index=["W", "M", "E"], crs=4326
    )


@_example
def choropleth() -> forms.Form:
    """Areas in classes; one without a figure is hatched."""
    values = pd.Series({"W": 12.0, "E": 31.0})
    return forms.choropleth(squares(), values, bins=[20.0], names={"W": "West: 12", "E": "East: 31"})


@_example
def point_map() -> forms.Form:
    """Places on a map."""
    places = pd.DataFrame({"lon": [101.0, 110.0], "lat": [2.0, 3.5], "label": ["Yard", "Pier"]})
    return forms.point_map(squares(), places, named=["Yard", "Pier"])


@_example
def map_batches() -> forms.Form:
    """One map again and again: what each batch added."""
    places = pd.DataFrame(
        {
            "lon": [101.0, 105.0, 110.0, 103.0],
            "lat": [2.0, 3.5, 1.0, 4.0],
            "label": ["Yard", "Pier", "Light", "Dock"],
            "batch": ["a", "a", "b", "b"],
        }
    )
    box = (100, 0, 112, 5)
    return forms.map_batches(squares(), places, "batch", box, {"a": "2022", "b": "2024"}, ("new", "earlier"))


@_example
def ladders() -> forms.Form:
    """Counts by stage, where not every counter has every stage."""
    rows = pd.DataFrame(
        {
            "who": ["The yard, 2023", "The port, 2024"],
            "afloat": [12.0, None],
            "building": [7.0, None],
            "all": [None, 41.0],
        }
    )
    parts = {"afloat": "afloat", "building": "being built", "all": "of all stages"}
    looks = {"afloat": "used", "building": "ramp-3", "all": "unknown hatched"}
    return forms.ladders(rows, "who", parts, looks)


@_example
def spans() -> forms.Form:
    """Totals over the time they cover."""
    rows = pd.DataFrame(
        {
            "what": ["Orders of three years", "Orders since 2022", "Orders of the port"],
            "when": ["2020..2022", "2022..2024-06", ""],
            "text": ["120 ships", "95 ships", "30 ships"],
            "said": ["2023-02", "2024-07", "2023-10"],
        }
    )
    return forms.spans(rows, "what", "when", "text", "said", key=("orders of that time", "said on that day"))


@_example
def small_columns() -> forms.Form:
    """Columns by year, a panel for each who is compared."""
    rows = pd.DataFrame(
        {
            "yard": ["north"] * 3 + ["south"] * 3,
            "year": [2021, 2022, 2023] * 2,
            "ships": [2.0, 4.0, 3.0, None, 1.0, 5.0],
            "boats": [1.0, None, 2.0, 3.0, 2.0, 2.0],
        }
    )
    parts, colours = {"ships": "ships", "boats": "boats"}, {"ships": "ramp-5", "boats": "ramp-3"}
    return forms.small_columns(
        rows, "yard", "year", parts, colours, {"north": "The north", "south": "The south"}
    )


# --- the page -------------------------------------------------------------------------------------


HEAD = """# Gallery of forms

Made by `storykit gallery` from `storykit/site/gallery.py`; change it there. Every public form of `storykit/forms/` with an
example that runs, as it looks at 360 px. The rows are invented; `series(…)` stands for `tables.observations(…)` and
`squares()` for `tables.geometry(…)`. All parameters stand in the docstrings: `help(forms.lines)`. How a chapter uses
a form: [chapters](contributing/chapters.md#figures).
"""


def text() -> str:
    """`docs/forms.md`."""
    parts = [HEAD]
    for name, example in EXAMPLES.items():
        source = textwrap.dedent(inspect.getsource(example))
        body = textwrap.dedent("\n".join(source.split("\n")[3:])).strip()
        parts.append(
            f"## {name}\n\n{example.__doc__}\n\n```python\n{body}\n```\n\n![{example.__doc__}](forms/{name}.svg)\n"
        )
    return "\n".join(parts)


def write() -> list[Path]:
    """Write `docs/forms.md` and the pictures beside it; returns the files.

    Raises
    ------
    pictures.PictureError
        If Chromium could not draw one.
    """
    page, folder = project.root() / "docs" / "forms.md", project.root() / "docs" / "forms"
    folder.mkdir(exist_ok=True)
    jobs = {}
    for name, example in EXAMPLES.items():
        record = _record(name, example())
        drawn = pictures.chart(record, "light", narrow=True)
        jobs[folder / f"{name}.svg"] = (drawn, figures.NARROW, record.narrow_height, name)
    pictures.draw(jobs)
    disk.write_whole(page, text())
    return [page, *jobs]


def _record(name: str, form: forms.Form) -> figures.Record:
    """A form as the pictures take it."""
    sizes = form.sizes
    heights = {"height": round(sizes["height"]), "narrow_height": round(sizes["narrow_height"])}
    empty: dict[str, Any] = dict.fromkeys(("sources", "rows", "columns", "numeric", "table"), ())
    about: dict[str, Any] = {
        "kind": "chart",
        "chapter": "",
        "width": figures.WIDTH,
        "lens": None,
        "narrow": sizes["narrow"],
    }
    return figures.Record(id=name, spec=figures.plain_spec(form), **empty, **about, **heights)
