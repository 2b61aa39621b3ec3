"""A map: places on our own basemap, with the same contract as a chart.

The picture is drawn by `forms.point_map`; the map a reader opens is a document of its own, drawn by
Leaflet: `map.html` of the theme with its style and script. It calls nobody: Leaflet and the land come
from the site itself, and OpenStreetMap's tiles are fetched only after the reader pressed the button that
says so.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import html
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import pandas as pd

from storykit import descriptor, figures, forms, geo, look, project, reshape, tables

if TYPE_CHECKING:
    import folium
    import geopandas

LEAST_NARROW = 340
"""Height in px that a live map needs on a phone, below its controls."""

_DRAWING = ("colour", "symbol", "size", "text", "source_ids")
_THEME = Path(__file__).parent / "site" / "theme"


Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


class Map(figures.Figure):
    """A map of places.

    Parameters
    ----------
    places
        One row per place. Columns `lat`, `lon` (degrees, EPSG:4326) and `label`; optional `text`
        (popup), `colour` (token), `symbol` (circle, square, diamond, each also with `-open`),
        `size` (a quantity; the mark's area, if there is a `size_unit`), `precision` (see `forms.point_map`), `year_from` and
        `year_to` (first and last year shown; empty: no limit), and the key and `source_ids` columns.
    basemap
        Name of a geometry in `data/geo`.
    year
        Adds a year control; the picture and the control start at this year.
    key, named, panels, clip, largest, size_unit
        As `forms.point_map` takes them.
    towns
        As `forms.point_map` takes them, or names of localities (column `locality` of `places`, what stands in
        brackets apart): each is written at the first place there.
    opens
        What the live map shows first (west, south, east, north); default: `clip`, else all places.
        On a phone, if there are panels, the one with the most places.
    credit
        Words about the origin of the basemap.
    picture
        Another form as the picture of the map, such as `forms.map_batches`; default: that of `forms.point_map`.
    table
        The list of places a reader gets; default: `places` without the columns of drawing.
    others
        As `figures.Figure`.

    Raises
    ------
    figures.FigureError
        If the contract is broken or a coordinate is none.
    """

    kind = "map"

    def __init__(
        self,
        places: pd.DataFrame,
        *,
        basemap: str = "world",
        year: int | None = None,
        key: dict[str, str] | None = None,
        named: Sequence[str] = (),
        panels: Sequence[geo.Panel] | None = None,
        clip: Box | None = None,
        largest: float = 28,
        towns: pd.DataFrame | Sequence[str] | None = None,
        size_unit: str = "",
        opens: Box | None = None,
        credit: str = "Land: Natural Earth",
        picture: forms.Form | None = None,
        data: pd.DataFrame | Iterable[pd.DataFrame] | None = None,
        table: pd.DataFrame | None = None,
        **contract: Any,
    ):
        self.places = _complete(places if size_unit else places.drop(columns="size", errors="ignore"))
        self.basemap, self.year, self.key, self.clip = basemap, year, dict(key or {}), clip
        self.credit, self.largest, self.size_unit = credit, largest, size_unit
        self.opens, self.panels = opens, geo.panels(panels)
        wrong = list(_place_problems(self.places))
        if wrong:
            raise figures.FigureError(
                f"figure {contract.get('id')}:\n" + "\n".join(f"  - {w}" for w in wrong)
            )
        shown = self.places[self._in_year(self.places, year)]
        plot = picture or forms.point_map(
            tables.geometry(basemap),
            shown,
            key=self.key,
            named=named,
            panels=self.panels,
            clip=clip,
            largest=largest,
            towns=towns if towns is None or isinstance(towns, pd.DataFrame) else _localities(shown, towns),
            size_unit=size_unit,
        )
        plot.set_height(narrow=max(plot.sizes["narrow_height"], LEAST_NARROW))
        if table is None and not contract.get("columns"):
            table = places.drop(columns=[c for c in _DRAWING if c in places])
        super().__init__(plot, data=places if data is None else data, table=table, **contract)

    @staticmethod
    def _in_year(places: pd.DataFrame, year: int | None) -> pd.Series:
        if year is None:
            return pd.Series(True, index=places.index)
        return places["year_from"].fillna(-math.inf).le(year) & places["year_to"].fillna(math.inf).ge(year)

    def record(self) -> figures.Record:
        """As of a chart, with what the live map's document is made of in `frame`."""
        return dataclasses.replace(super().record(), frame=self.frame())

    def frame(self) -> dict[str, Any]:
        """What the live map's document is made of, as JSON types (for `document`).

        `title` (in a build "": the page knows it) and `basemap`; `state`, all that its script needs;
        `years`, the ends of the year control or nothing; `signs` and `discs`, the key: (mark, token, words)
        and (words, diameter in px).
        """
        return {
            "title": self._said("title"),
            "basemap": self.basemap,
            "state": self._state(),
            "years": self._years(),
            "signs": [list(item) for item in forms.key_items(self.key, self.places)],
            "discs": self._discs(),
        }

    def _state(self) -> dict[str, Any]:
        """All that the script needs, as JSON types."""
        box, slim = self._boxes()
        state = {
            "points": _marks(self.places, self.largest),
            "box": [round(float(v), 3) for v in box],
            "slim": [round(float(v), 3) for v in slim],
            "credit": html.escape(self.credit),  # Leaflet reads it as HTML
        }
        return state | ({"year": int(self.year)} if self.year is not None else {})

    def _boxes(self) -> tuple[Box, Box]:
        """What is seen first, and what is seen first on a phone."""
        box = self.opens or self.clip
        if box is None:
            box = _around(self.places, self._land(None))
        if not self.panels or self.opens:
            return box, box
        return box, max((self._edges(panel) for panel in self.panels), key=self._held)

    def _edges(self, panel: Sequence[Any]) -> Box:
        west, south, east, north = self._land(panel).total_bounds if isinstance(panel[0], str) else panel
        return west, south, east, north

    def _held(self, box: Box) -> int:
        """How many places a box holds."""
        west, south, east, north = box
        return int((self.places["lon"].between(west, east) & self.places["lat"].between(south, north)).sum())

    def _land(self, geographies: Sequence[str] | None) -> geopandas.GeoDataFrame:
        """The basemap, or some of its areas; nothing of the world, which is more than its places need."""
        land = tables.geometry(self.basemap)
        if geographies is None:
            return land.iloc[:0] if self.basemap == "world" else land
        return land[land.index.isin(geographies)]

    def _discs(self) -> list[list[Any]]:
        """The key of areas; empty where a mark's area means nothing."""
        if not self.size_unit:
            return []
        steps = forms.size_steps(self.places["size"], self.largest)
        return [[f"{forms.number(value)} {self.size_unit}", px] for value, px in steps]

    def _years(self) -> list[int]:
        if self.year is None:
            return []
        known = pd.concat([self.places["year_from"], self.places["year_to"]]).dropna()
        ends = [int(v) for v in known] + [int(self.year)]
        return [min(ends), max(ends)]

    def folium(self) -> folium.Map:
        """The places as an ordinary folium map: to look at in an editor, to add to, to save.

        The site has a page of its own for a live map (`document`): folium's scripts stand inside its page,
        which the site's content policy refuses, and come from other hosts. Here Leaflet is the project's own.
        """
        import folium  # takes long, and a build does without

        live = folium.Map(tiles=None, width="100%", height="100%")
        live.default_js, live.default_css = _leaflet()
        land = tables.geometry(self.basemap)[["geometry"]]
        outline = {
            "color": look.colour("land-line"),
            "weight": 0.6,
            "fillColor": look.colour("land"),
            "fillOpacity": 1,
        }
        folium.GeoJson(json.loads(land.to_json(drop_id=True)), style_function=lambda _: outline).add_to(live)
        places = self.places[self._in_year(self.places, self.year)]
        for place, px in zip(reshape.one_by_one(places), forms.mark_sizes(places["size"], self.largest)):
            colour, hollow = look.colour(place.colour), place.symbol.endswith("-open")
            words = ": ".join(html.escape(text) for text in (place.label, place.text) if text)
            folium.CircleMarker(
                (place.lat, place.lon), radius=px / 2, tooltip=words,
                color=colour, fill=True, fill_color=colour, fill_opacity=0 if hollow else 0.8,
            ).add_to(live)  # fmt: skip
        west, south, east, north = self._boxes()[0]
        live.fit_bounds([(south, west), (north, east)])
        return live

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """As of a chart; JupyterLab gets the live map. A build does not need it twice."""
        bundle = super()._repr_mimebundle_(include, exclude)
        if not project.is_build() and _leaflet_folder() is not None:
            bundle.pop("application/vnd.plotly.v1+json")
            bundle["text/html"] = _template("map-frame.html").render(
                title=self._said("title"), document=self.folium().get_root().render(), height=self.height
            )
        return bundle


def over_years(
    places: pd.DataFrame, dates: Sequence[str] = ("opened",), closed: str = "closed"
) -> pd.DataFrame:
    """The places with the first and the last year in which a map shows them (`year_from`, `year_to`).

    A place with none of the dates is shown in the last year of the data only.
    """
    first = geo.since(places, dates).str[:4].replace("", descriptor.about("storykit:asOf")[:4])
    return places.assign(year_from=first.astype(int), year_to=pd.to_numeric(places[closed].str[:4]))


def left_behind(places: pd.DataFrame, words: str, colour: str = "unknown") -> pd.DataFrame:
    """The places, and a hollow mark from the year after for each that closed, with these words after its `text`."""
    gone = places[places["year_to"].notna()]
    gone = gone.assign(
        colour=colour,
        symbol=gone["symbol"] + "-open",
        text=gone["text"] + forms.told(gone, words),
        year_from=gone["year_to"].astype(int) + 1,
        year_to=None,
    )
    return pd.concat([places, gone])


# --- places ---------------------------------------------------------------------------------------


def _localities(places: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The first place in each of the localities, its `label` their name.

    Raises
    ------
    project.DataError
        If no place is in one of them.
    """
    found = places.assign(label=places["locality"].str.split(" (", regex=False).str[0]).drop_duplicates(
        "label"
    )
    missing = [name for name in names if name not in set(found["label"])]
    if missing:
        raise project.DataError(f"No place of the map has the locality {', '.join(missing)}; towns names it.")
    return found[found["label"].isin(list(names))]


def _complete(places: pd.DataFrame) -> pd.DataFrame:
    rows = places.reset_index(drop=True).copy()
    for column in ("lat", "lon", "size", "year_from", "year_to"):
        rows[column] = (
            pd.to_numeric(rows[column], errors="coerce").astype("float64") if column in rows else math.nan
        )
    defaults = {"label": "", "text": "", "colour": "built", "symbol": "circle", "precision": ""}
    for column, default in defaults.items():
        values = rows[column] if column in rows else pd.Series("", index=rows.index)
        rows[column] = [str(v) if isinstance(v, str) and v else default for v in values]
    return rows


def _place_problems(places: pd.DataFrame) -> Iterable[str]:
    if places.empty:
        yield "there is no place to show"
    for row in reshape.one_by_one(places):
        if not (-90 <= row.lat <= 90 and -180 <= row.lon <= 180):
            yield f"place {row.label!r} has no coordinates on Earth (lat {row.lat}, lon {row.lon})"
        if row.colour not in look.tokens()["light"]:
            yield f"place {row.label!r} has colour {row.colour!r}, which is no token"
        if row.symbol.removesuffix("-open") not in ("circle", "square", "diamond"):
            yield f"place {row.label!r} has symbol {row.symbol!r}; there are circle, square, diamond (-open)"


def _marks(places: pd.DataFrame, largest: float) -> list[dict[str, Any]]:
    """Marks for the script; those at one place get a shift in px that holds at every zoom."""
    px = forms.mark_sizes(places["size"], largest)
    shifts: dict[int, tuple[float, float]] = {}
    for _, part in places.groupby([places["lat"].round(2), places["lon"].round(2)], sort=False):
        own = [px[i] for i in part.index]
        shifts |= dict(zip(part.index, forms.spiral([(0.0, 0.0)] * len(part), own, 1.0)))
    found = []
    for row, size in zip(reshape.one_by_one(places), px):
        mark = {
            "at": [round(row.lat, 4), round(row.lon, 4)],
            "r": round(size / 2, 1),
            "c": row.colour,
            "label": row.label,
            "text": row.text,
            "s": row.symbol,
            "d": list(shifts[row.Index]),
            "ring": row.precision not in forms.EXACT,
            "from": row.year_from,
            "to": row.year_to,
        }
        found.append({k: int(v) if k in ("from", "to") else v for k, v in mark.items() if _told(k, v)})
    return found


def _told(key: str, value: Any) -> bool:
    """What is usual is not sent."""
    usual = {"text": "", "s": "circle", "d": [0.0, 0.0], "ring": False}
    return not (isinstance(value, float) and math.isnan(value)) and usual.get(key) != value


def _around(places: pd.DataFrame, land: geopandas.GeoDataFrame) -> Box:
    """All places, and the whole of the land, with some room."""
    pad = max(0.15, 0.06 * (places["lon"].max() - places["lon"].min()))
    ends = (
        max(-180, places["lon"].min() - pad),
        max(-85, places["lat"].min() - pad),
        min(180, places["lon"].max() + pad),
        min(85, places["lat"].max() + pad),
    )
    if land.empty:
        return ends
    west, south, east, north = land.total_bounds
    return min(ends[0], west), min(ends[1], south), max(ends[2], east), max(ends[3], north)


# --- the document -----------------------------------------------------------------------------------


def style() -> str:
    """The style of live maps' pages: the tokens, a class for each that a mark may have, and our sheet."""
    classes = "".join(f".c-{name}{{--c:var(--{name})}}" for name in look.tokens()["light"])
    return f"{look.style()}{classes}\n{(_THEME / 'styles' / 'map.css').read_text(encoding='utf-8')}"


def document(frame: dict[str, Any], names: Mapping[str, str], static: str = "../_static/") -> str:
    """The live map of a site as a complete HTML document; the same bytes every time.

    Parameters
    ----------
    frame
        What `Map.frame` gives.
    names
        Names in `_static` of our style (`map_css`) and script (`map_js`), of Leaflet's and of the basemap, as
        `assets.write_shared` gives them.
    static
        Where `_static` lies, seen from the document.
    """
    files = {
        "library_style": static + names["vendor/leaflet/leaflet.css"],
        "library": static + names["vendor/leaflet/leaflet.js"],
        "style": static + names["map_css"],
        "script": static + names["map_js"],
        "icon": f"{static}favicon.svg",
    }
    land = {"url": static + names[f"{frame['basemap']}.geojson"]}
    return _template("map.html").render(frame | {"state": frame["state"] | land}, files=files)


def _leaflet_folder() -> Path | None:
    """Where npm has put Leaflet; None where it has not."""
    folder = project.root() / "node_modules" / "leaflet" / "dist"
    return folder if (folder / "leaflet.js").is_file() and (folder / "leaflet.css").is_file() else None


def _leaflet() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Leaflet's script and style as folium takes them, each inside its own address; none where it is missing."""
    folder = _leaflet_folder()
    if folder is None:
        return [], []

    def inside(name: str, kind: str) -> tuple[str, str]:
        content = base64.b64encode((folder / name).read_bytes()).decode()
        return name.replace(".", "_"), f"data:{kind};base64,{content}"

    return [inside("leaflet.js", "text/javascript")], [inside("leaflet.css", "text/css")]


@functools.cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_THEME), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "ensure_ascii": False}
    return environment.get_template(name)
