"""A map: places on our own basemap, with the same contract as a chart.

The picture is drawn by `forms.point_map`; the map a reader opens is a document of its own, made
with folium and Leaflet. It calls nobody: Leaflet and the land come from the site itself, and
OpenStreetMap's tiles are fetched only after the reader pressed the button that says so.
"""

from __future__ import annotations

import functools
import html
import json
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import branca.element
import folium
import jinja2
import pandas as pd

from storykit import figures, forms, look, project, tables

TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
TILES_CREDIT = "https://www.openstreetmap.org/copyright"
LEAST_NARROW = 340
"""Height in px that a live map needs on a phone, below its controls."""

_ALLOWED = ("https://tile.openstreetmap.org", TILES_CREDIT)
_DRAWING = ("colour", "symbol", "size", "text", "source_ids")
_PARTS = Path(__file__).parent


TITLE = "(the title of the map)"
"""Stands for a map's title while a build runs its chapter; the site puts in what the page says."""


class Map(figures.Figure):
    """A map of places.

    Parameters
    ----------
    places
        One row per place. Columns `lat`, `lon` (degrees, EPSG:4326) and `label`; optional `text`
        (popup), `colour` (token), `symbol` (circle, square, diamond, each also with `-open`),
        `size` (a quantity; the mark's area), `precision` (see `forms.point_map`), `year_from` and
        `year_to` (first and last year shown; empty: no limit), and the key and `source_ids` columns.
    basemap
        Name of a geometry in `data/geo`.
    year
        Adds a year control; the picture and the control start at this year.
    key, named, panels, clip, largest, towns, size_unit
        As `forms.point_map` takes them.
    opens
        What the live map shows first (west, south, east, north); default: `clip`, else all places.
        On a phone, if there are panels, the one with the most places.
    credit
        Words about the origin of the basemap.
    table
        The list of places a reader gets; default: `places` without the columns of drawing.
    others
        As `figures.Figure`.

    Raises
    ------
    figures.FigureError
        If the contract is broken, a coordinate is none, or the map would call another host.
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
        panels=None,
        clip=None,
        largest: float = 28,
        towns: pd.DataFrame | None = None,
        size_unit: str = "",
        opens=None,
        credit: str = "Land: Natural Earth",
        data=None,
        table: pd.DataFrame | None = None,
        **contract,
    ):
        self.places = _complete(places)
        self.basemap, self.year, self.key, self.clip = basemap, year, dict(key or {}), clip
        self.credit, self.largest, self.size_unit = credit, largest, size_unit
        self.opens, self.panels = opens, panels
        wrong = list(_place_problems(self.places))
        if wrong:
            raise figures.FigureError(
                f"figure {contract.get('id')}:\n" + "\n".join(f"  - {w}" for w in wrong)
            )
        shown = self.places[self._in_year(self.places, year)]
        plot = forms.point_map(
            tables.geometry(basemap),
            shown,
            key=self.key,
            named=named,
            panels=panels,
            clip=clip,
            largest=largest,
            towns=towns,
            size_unit=size_unit,
        )
        plot.set_height(narrow=max(plot.sizes["narrow_height"], LEAST_NARROW))
        if table is None and not contract.get("columns"):
            table = places.drop(columns=[c for c in _DRAWING if c in places])
        super().__init__(plot, data=places if data is None else data, table=table, **contract)

    @staticmethod
    def _in_year(places, year):
        if year is None:
            return pd.Series(True, index=places.index)
        return places["year_from"].fillna(-math.inf).le(year) & places["year_to"].fillna(math.inf).ge(year)

    def _problems_of_kind(self) -> Iterable[str]:
        yield from super()._problems_of_kind()
        yield from foreign(self.frame_html())

    def payload(self) -> dict:
        """As of a chart, with the document of the live map in `frame`."""
        return {**super().payload(), "frame": self.frame_html()}

    def frame_html(self, assets: str = "../_static/vendor/leaflet/", geo: str = "../_static/geo/") -> str:
        """The live map as a complete HTML document; the same bytes every time.

        Parameters
        ----------
        assets
            Where `leaflet.js` and `leaflet.css` lie, seen from the document.
        geo
            Where `<basemap>.geojson` lies.
        """
        links = (
            f'<link rel="stylesheet" href="{assets}leaflet.css"><script src="{assets}leaflet.js"></script>'
        )
        return self._document(links, {"url": f"{geo}{self.basemap}.geojson"}, "'self' 'unsafe-inline'")

    def alone_html(self) -> str | None:
        """The live map with Leaflet and the land inside, for JupyterLab; None where Leaflet is missing."""
        folder = _leaflet()
        if folder is None:
            return None
        script = (folder / "leaflet.js").read_text(encoding="utf-8").replace("</script", "<\\/script")
        script = re.sub(r"//# sourceMappingURL=\S+", "", script)
        style = (folder / "leaflet.css").read_text(encoding="utf-8")
        land = json.loads(tables.geometry(self.basemap)[["geometry"]].to_json(drop_id=True))
        return self._document(
            f"<style>{style}</style><script>{script}</script>", {"land": land}, "'unsafe-inline'"
        )

    def _document(self, links: str, land: dict, scripts: str) -> str:
        title = self.words.said("title") if self.words else TITLE
        folium_map = _LeafletMap(title)
        figure = _Document(title=html.escape(title))
        figure.add_child(folium_map)
        figure.header.add_child(branca.element.Element(_safe(_head(links, scripts))), name="story")
        figure.html.add_child(branca.element.Element(self._controls()), name="controls")
        folium_map.add_child(_Places(self._state() | land))
        for number, element in enumerate(_walk(figure)):
            element._id = f"{self.id.replace('-', '_')}_{number}"
        return re.sub(r"\n\s*", "\n", figure.render())

    def _state(self) -> dict:
        """All that the script needs, as JSON types."""
        box, slim = self._boxes()
        state = {
            "points": _marks(self.places, self.largest),
            "box": [round(float(v), 3) for v in box],
            "slim": [round(float(v), 3) for v in slim],
            "credit": html.escape(self.credit),
            "tiles": TILES,
            "tilesCredit": f'© <a href="{TILES_CREDIT}" target="_blank" rel="noopener">OpenStreetMap</a>',
        }
        return state | ({"year": int(self.year)} if self.year is not None else {})

    def _boxes(self) -> tuple:
        """What is seen first, and what is seen first on a phone."""
        box = self.opens or self.clip
        if box is None:
            box = _around(self.places, self._land(None))
        if not self.panels or self.opens:
            return box, box
        return box, max((self._edges(panel) for panel in self.panels), key=self._held)

    def _edges(self, panel) -> tuple:
        return tuple(self._land(panel).total_bounds) if isinstance(panel[0], str) else tuple(panel)

    def _held(self, box) -> int:
        """How many places a box holds."""
        west, south, east, north = box
        return int((self.places["lon"].between(west, east) & self.places["lat"].between(south, north)).sum())

    def _land(self, geographies):
        """The basemap, or some of its areas; nothing of the world, which is more than its places need."""
        land = tables.geometry(self.basemap)
        if geographies is None:
            return land.iloc[:0] if self.basemap == "world" else land
        return land[land.index.isin(geographies)]

    def _controls(self) -> str:
        parts = [
            '<label for="place">Place <select id="place"><option value="">Go to …</option></select></label>',
            '<button type="button" id="tiles" aria-pressed="false">Show OpenStreetMap tiles</button>',
        ]
        if self.year is not None:
            first, last = self._years()
            parts.append(
                f'<label class="year">Year <output id="when" aria-live="polite">{self.year}</output>'
                f'<input type="range" id="year" min="{first}" max="{last}" step="1" '
                f'value="{self.year}"></label>'
            )
        items = "".join(
            f'<li><span style="color:var(--{token})">{mark}</span> {_text(words)}</li>'
            for mark, token, words in forms.key_items(self.key, self.places)
        )
        if self.size_unit:
            items += "".join(
                f'<li><span class="disc" style="width:{px}px;height:{px}px"></span> '
                f"{forms.number(value)} {_text(self.size_unit)}</li>"
                for value, px in forms.size_steps(self.places["size"], self.largest)
            )
        key = f'<details class="key" open><summary>Key</summary><ul>{items}</ul></details>' if items else ""
        return f'<div class="bar">{"".join(parts)}</div>{key}'

    def _years(self) -> tuple[int, int]:
        known = pd.concat([self.places["year_from"], self.places["year_to"]]).dropna()
        ends = [int(v) for v in known] + [int(self.year)]
        return min(ends), max(ends)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        """As of a chart; JupyterLab gets the live map. A build does not need it twice."""
        bundle = super()._repr_mimebundle_(include, exclude)
        alone = None if project.is_build() else self.alone_html()
        if alone is not None:
            bundle.pop("application/vnd.plotly.v1+json")
            bundle["text/html"] = (
                f'<iframe title="{html.escape(self.words.said("title"))}" srcdoc="{html.escape(alone)}" '
                f'style="width:100%;height:{self.height}px;border:0"></iframe>'
            )
        return bundle


# --- places ---------------------------------------------------------------------------------------


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
    for row in places.itertuples():
        if not (-90 <= row.lat <= 90 and -180 <= row.lon <= 180):
            yield f"place {row.label!r} has no coordinates on Earth (lat {row.lat}, lon {row.lon})"
        if row.colour not in look.tokens()["light"]:
            yield f"place {row.label!r} has colour {row.colour!r}, which is no token"
        if row.symbol.removesuffix("-open") not in ("circle", "square", "diamond"):
            yield f"place {row.label!r} has symbol {row.symbol!r}; there are circle, square, diamond (-open)"


def _marks(places: pd.DataFrame, largest: float) -> list[dict]:
    """Marks for the script; those at one place get a shift in px that holds at every zoom."""
    px = forms.mark_sizes(places["size"], largest)
    shifts: dict[int, tuple[float, float]] = {}
    for _, part in places.groupby([places["lat"].round(2), places["lon"].round(2)], sort=False):
        own = [px[i] for i in part.index]
        shifts |= dict(zip(part.index, forms.spiral([(0.0, 0.0)] * len(part), own, 1.0)))
    found = []
    for row, size in zip(places.itertuples(), px):
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


def _told(key, value) -> bool:
    """What is usual is not sent."""
    usual = {"text": "", "s": "circle", "d": [0.0, 0.0], "ring": False}
    return not (isinstance(value, float) and math.isnan(value)) and usual.get(key) != value


def _around(places: pd.DataFrame, land) -> tuple[float, float, float, float]:
    """All places, and the whole of the land, with some room."""
    pad = max(0.15, 0.06 * (places["lon"].max() - places["lon"].min()))
    ends = [
        max(-180, places["lon"].min() - pad),
        max(-85, places["lat"].min() - pad),
        min(180, places["lon"].max() + pad),
        min(85, places["lat"].max() + pad),
    ]
    if land.empty:
        return tuple(ends)
    west, south, east, north = land.total_bounds
    return min(ends[0], west), min(ends[1], south), max(ends[2], east), max(ends[3], north)


# --- the document -----------------------------------------------------------------------------------


def foreign(document: str) -> Iterable[str]:
    """What a document would fetch from, or link to at, a host that is not allowed."""
    rest = document
    for address in _ALLOWED:
        rest = rest.replace(address, "")
    island = re.compile(r'<script type="application/json" id="state">.*?</script>', re.DOTALL)
    for match in re.finditer(
        r"""(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s"'<)]*""", island.sub("", rest), re.IGNORECASE
    ):
        yield f"the live map names another host: {match[0]}"


def _leaflet() -> Path | None:
    """Folder with leaflet.js and leaflet.css, if installed."""
    places = (
        project.root() / "node_modules" / "leaflet" / "dist",
        _PARTS / "site" / "vendor" / "leaflet",
        _PARTS / "site" / "theme" / "static" / "vendor" / "leaflet",
    )
    return next((p for p in places if (p / "leaflet.js").is_file() and (p / "leaflet.css").is_file()), None)


def _walk(element) -> Iterable[branca.element.Element]:
    yield element
    for child in element._children.values():
        yield from _walk(child)


def _text(text: str) -> str:
    """A text from outside for HTML; braces too, because branca reads every part as a template."""
    return html.escape(text).replace("{", "&#123;")


def _safe(text: str) -> str:
    """Our own code, which may hold braces, for branca."""
    return "{% raw %}" + text + "{% endraw %}"


class _Document(branca.element.Figure):
    """branca's page, in English and without what we do not need."""

    _template = jinja2.Template(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{{ this.title }}</title>\n'
        "{{ this.header._children['story'].render() }}\n</head>\n<body>\n{{ this.html.render(**kwargs) }}\n"
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n</body>\n</html>\n"
    )


class _LeafletMap(folium.Map):
    """folium's map without the libraries it would fetch, and reachable by keyboard."""

    _template = jinja2.Template("""
        {% macro html(this, kwargs) %}
        <div class="map" id="map" role="application" aria-label="{{ this.words }}" tabindex="0"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map("map",
            {zoomSnap: 0.25, worldCopyJump: true, minZoom: 0.5, maxZoom: 17});
        {% endmacro %}
    """)

    def __init__(self, title: str):
        super().__init__(tiles=None)
        self.default_js, self.default_css = [], []
        self.words = _text(title)


class _Places(branca.element.MacroElement):
    """The land, the marks, their popups, the year and the tiles."""

    _template = jinja2.Template("""
        {% macro html(this, kwargs) %}
        <script type="application/json" id="state">{{ this.state }}</script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        (function (map) {
        {{ this.code }}
        })({{ this._parent.get_name() }});
        {% endmacro %}
    """)

    def __init__(self, state: dict):
        super().__init__()
        self._name = "Places"
        text = json.dumps(state, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
        # branca reads rendered parts as templates once more; in JSON "{" doubles only inside strings.
        self.state = re.sub(r"\{(?=[{%#])", r"\\u007b", text)
        self.code = _SCRIPT


@functools.lru_cache(maxsize=1)
def _tokens_css() -> str:
    blocks = {
        theme: "".join(f"--{name}:{value};" for name, value in colours.items())
        for theme, colours in look.tokens().items()
    }
    marks = "".join(f".c-{n}{{--c:var(--{n})}}" for n in look.tokens()["light"])
    return (
        f":root{{{blocks['light']}}}@media(prefers-color-scheme:dark){{:root:not([data-theme=light])"
        f"{{color-scheme:dark;{blocks['dark']}}}}}:root[data-theme=dark]{{color-scheme:dark;{blocks['dark']}}}{marks}"
    )


def _head(links: str, scripts: str) -> str:
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src {scripts}; connect-src 'self'; "
        "img-src 'self' data: https://tile.openstreetmap.org; base-uri 'none'; form-action 'none'"
    )
    return (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<script>{_THEME}</script>{links}<style>{_tokens_css()}{_STYLE}</style>"
    )


_THEME = (
    "var t=new URLSearchParams(location.search).get('theme');"
    "if(t==='dark'||t==='light')document.documentElement.dataset.theme=t;"
)

_STYLE = """
html,body{height:100%;margin:0}
body{display:flex;flex-direction:column;position:relative;background:var(--surface);color:var(--ink);
font:14px/1.4 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif}
.bar{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:center;padding:4px 8px;order:-1;
border-bottom:1px solid var(--rule)}
.bar label{display:flex;gap:6px;align-items:center}
.bar .year{flex:1 1 180px}
.bar input[type=range]{flex:1;min-width:80px;min-height:28px;accent-color:var(--built)}
output{font-weight:700;font-variant-numeric:tabular-nums;min-width:2.6em}
select,button{font:inherit;min-height:30px;max-width:12em;color:inherit;background:var(--paper);
border:1px solid var(--rule);border-radius:4px;padding:2px 8px}
button{max-width:none;cursor:pointer}
button[aria-pressed=true]{background:var(--ink);color:var(--surface)}
:focus-visible{outline:3px solid var(--link);outline-offset:1px}
.map{flex:1;min-height:0;z-index:0}
.leaflet-container{background:var(--sea);font:inherit;color:inherit}
.land{fill:var(--land);stroke:var(--surface);stroke-width:.8;fill-opacity:1;stroke-opacity:1}
.mark{fill:var(--c);stroke:var(--surface);stroke-width:1;fill-opacity:.9;stroke-opacity:1}
.mark.c-highlight,.mark.c-ramp-1,.mark.c-ramp-2,.mark.c-ramp-3,.mark.c-ramp-4{stroke:var(--ink)}
.mark.open{fill:var(--surface);stroke:var(--c);stroke-width:2.2}
.halo{fill:none;stroke:var(--c);stroke-width:1;stroke-opacity:.9}
.leaflet-popup-content-wrapper,.leaflet-popup-tip{background:var(--surface);color:var(--ink)}
.leaflet-popup-content{margin:10px 14px;max-height:170px;overflow:auto}
.leaflet-popup-content p{margin:4px 0 0}
.leaflet-bar a,.leaflet-bar a:hover{background:var(--surface);color:var(--ink);border-color:var(--rule)}
.leaflet-container .leaflet-control-attribution{background:var(--surface);color:var(--muted)}
.leaflet-container a{color:var(--link)}
.key{order:1;display:flex;gap:0 12px;border-top:1px solid var(--rule);padding:2px 8px;font-size:13px}
.key summary{min-height:24px;cursor:pointer;white-space:nowrap}
.key ul{list-style:none;margin:0;padding:2px 0;display:flex;flex-wrap:wrap;gap:0 14px}
.key li{white-space:nowrap}
.disc{display:inline-block;vertical-align:middle;box-sizing:border-box;border:1.5px solid var(--muted);
border-radius:50%}
.quiet{color:var(--muted)}
.leaflet-bar a.leaflet-disabled{background:var(--surface);color:var(--muted);opacity:.6}
@media(max-width:520px){.bar{gap:3px 8px;padding:3px 6px;font-size:13px}
.bar label[for=place]{font-size:0;gap:0}
.bar select{font-size:13px;max-width:8.5em}.bar button{padding:2px 6px}}
"""

_SCRIPT = """
var state = JSON.parse(document.getElementById("state").textContent);
map.attributionControl.setPrefix(false).addAttribution(state.credit);
map.createPane("land").style.zIndex = 250;
var key = document.querySelector(".key"), small = innerWidth < 520;
if (key && small) key.removeAttribute("open");
map.invalidateSize();
var box = small ? state.slim : state.box;
map.fitBounds([[box[1], box[0]], [box[3], box[2]]]);
/* The key stands below the map; opened or shut, it leaves the map another height. */
if (key) key.addEventListener("toggle", function () { map.invalidateSize(); });
function showLand(land) {
L.geoJSON(land, {pane: "land", interactive: false, style: {className: "land"}}).addTo(map);
}
if (state.land) showLand(state.land);
else fetch(state.url).then(function (answer) { return answer.json(); }).then(showLand).catch(function () {
map.attributionControl.addAttribution("the outline of the land could not be loaded");
});
/* A mark keeps its distance in pixels from others at the same place, whatever the zoom. */
var Mark = L.CircleMarker.extend({
_project: function () {
this._point = this._map.latLngToLayerPoint(this._latlng).add(this.options.shift);
this._updateBounds();
},
_updatePath: function () {
var p = this._point, r = this._radius, shape = this.options.shape, path;
if (shape === "square") path = "M" + [p.x - r, p.y - r] + "h" + 2 * r + "v" + 2 * r + "h" + -2 * r + "z";
else if (shape === "diamond") {
var d = 1.3 * r;
path = "M" + [p.x, p.y - d] + "l" + [d, d] + "l" + [-d, d] + "l" + [-d, -d] + "z";
}
if (path) this._renderer._setPath(this, path); else this._renderer._updateCircle(this);
}
});
function line(tag, text, name) {
var node = document.createElement(tag);
node.textContent = text;
if (name) node.className = name;
return node;
}
function words(point) {
var node = document.createElement("div");
node.appendChild(line("strong", point.label));
if (point.text) point.text.split("\\n").forEach(function (part) { node.appendChild(line("p", part)); });
if (point.from || point.to)
node.appendChild(line("p", point.to ? (point.from || "…") + " to " + point.to : "since " + point.from,
"quiet"));
if (point.ring) node.appendChild(line("p", "The place is known only roughly.", "quiet"));
return node;
}
var list = document.getElementById("place");
var marks = state.points.map(function (point, index) {
var kind = (point.s || "circle").split("-"), shift = L.point(point.d ? [point.d[0], -point.d[1]] : [0, 0]);
var group = L.featureGroup();
if (point.ring) new Mark(point.at, {radius: point.r + 4, shift: shift, interactive: false,
className: "halo c-" + point.c}).addTo(group);
var mark = new Mark(point.at, {radius: point.r, shift: shift, shape: kind[0],
className: "mark c-" + point.c + (kind[1] ? " open" : "")}).addTo(group);
group.bindPopup(function () { return words(point); }, {offset: [shift.x, shift.y - point.r],
maxWidth: Math.min(300, innerWidth - 110), autoPanPaddingTopLeft: [56, 8], autoPanPaddingBottomRight: [8, 8]});
var option = line("option", point.label);
option.value = index;
list.appendChild(option);
return {point: point, group: group, option: option, mark: mark};
});
function show(year) {
marks.forEach(function (m) {
var seen = year === null || ((m.point.from || -9999) <= year && (m.point.to || 9999) >= year);
if (seen) m.group.addTo(map); else m.group.remove();
m.option.hidden = m.option.disabled = !seen;
});
}
show(state.year === undefined ? null : state.year);
var control = document.getElementById("year");
if (control) control.addEventListener("input", function () {
document.getElementById("when").textContent = control.value;
map.closePopup();
show(+control.value);
});
list.addEventListener("change", function () {
if (list.value === "") return;
var found = marks[+list.value];
map.setView(found.point.at, Math.max(map.getZoom(), 6));
found.group.openPopup(found.point.at);
});
var tiles, button = document.getElementById("tiles");
button.addEventListener("click", function () {
tiles = tiles || L.tileLayer(state.tiles, {maxZoom: 19, attribution: state.tilesCredit});
var on = !map.hasLayer(tiles);
if (on) tiles.addTo(map); else tiles.remove();
map.getPane("land").style.display = on ? "none" : "";
button.setAttribute("aria-pressed", on);
button.textContent = on ? "Hide OpenStreetMap tiles" : "Show OpenStreetMap tiles";
});
"""
