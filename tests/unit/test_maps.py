"""Maps: a document that calls nobody, says the same thing every time, and escapes what it shows."""

from __future__ import annotations

import html
import json
import re

import geopandas
import pandas as pd
import pytest
from shapely.geometry import box

from storykit import figures, maps, pages, project, words

WORDS = {
    "title": "Two sites opened",
    "subtitle": "Sites, by year, here",
    "description": "Two dots close to each other in the west of a square, and a third far off in the east.",
}

HEADINGS = {
    "place_id": "Id",
    "label": "Place",
    "lat": "North",
    "lon": "East",
    "year_from": "From",
    "year_to": "To",
    "precision": "Precision",
    "claim_id": "Claim",
    "locality": "Town",
}


@pytest.fixture(autouse=True)
def land(small, monkeypatch):
    """A square of land in the small package."""
    monkeypatch.delenv("STORYKIT_READS", raising=False)
    folder = small / "data" / "geo"
    folder.mkdir()
    frame = geopandas.GeoDataFrame(
        {"geography": ["XX"], "name": ["Land"]}, geometry=[box(100, 0, 106, 4)], crs=4326
    )
    frame.to_file(folder / "world.geojson", driver="GeoJSON")
    return small


def places(**more):
    fixed = {
        "place_id": ["a", "b", "c"],
        "label": ["Here", "There", "Far"],
        "lat": [1.0, 1.0, 2.0],
        "lon": [101.0, 101.0, 105.0],
        "source_ids": [["paper"]] * 3,
        "colour": ["built", "promised", "built"],
        "symbol": ["circle", "circle-open", "square"],
        "year_from": ["2017", "2020", ""],
        "year_to": ["", "", "2018"],
        "precision": ["", "city", ""],
    }
    return pd.DataFrame({**fixed, **more})


def made(frame=None, **changes):
    frame = places() if frame is None else frame
    texts = {field: changes.pop(field, text) for field, text in WORDS.items()}
    texts["columns"] = " | ".join(
        f"{name} = {heading}" for name, heading in HEADINGS.items() if name in frame
    )
    said = words.Words("sites", "", texts, pages.Place("sites.ipynb", 2, 1))
    return maps.Map(frame, id="sites", words=said, **changes)


def state(document):
    return json.loads(re.search(r'id="state">(.*?)</script>', document, re.DOTALL)[1])


def refused(frame, **changes):
    with pytest.raises(figures.FigureError) as caught:
        made(frame, **changes)
    return str(caught.value)


NAMES = {
    "map_css": "map.0123.css",
    "map_js": "map.4567.js",
    "vendor/leaflet/leaflet.css": "vendor/leaflet/leaflet.89ab.css",
    "vendor/leaflet/leaflet.js": "vendor/leaflet/leaflet.cdef.js",
    "world.geojson": "geo/world.0246.geojson",
    "states.geojson": "geo/states.1357.geojson",
}


def document(shown):
    return maps.document(shown.record().frame, NAMES)


def test_the_document_is_complete_and_the_same_every_time():
    one, two = document(made(year=2017)), document(made(year=2017))
    assert one == two
    assert one.startswith('<!DOCTYPE html>\n<html lang="en">') and "<title>Two sites opened</title>" in one
    for file in ("vendor/leaflet/leaflet.cdef.js", "map.4567.js"):
        assert f'<script src="../_static/{file}"></script>' in one
    for file in ("vendor/leaflet/leaflet.89ab.css", "map.0123.css"):
        assert f'<link rel="stylesheet" href="../_static/{file}">' in one
    assert state(one)["url"] == "../_static/geo/world.0246.geojson"
    assert 'tabindex="0"' in one and 'aria-label="Two sites opened"' in one
    assert not re.search(r"\b[0-9a-f]{32}\b", one)


def test_no_other_host_but_openstreetmap_after_a_button():
    files = ("map.html", "scripts/map.js", "styles/map.css")
    written = "".join((maps._THEME / file).read_text(encoding="utf-8") for file in files)
    hosts = set(re.findall(r"//((?:[a-z0-9-]+\.)+[a-z]+)", written))
    assert hosts == {"tile.openstreetmap.org", "www.openstreetmap.org"}
    assert "Show OpenStreetMap tiles" in document(made()) and "connect-src 'self'" in document(made())


def test_nothing_but_files_of_the_site_runs_or_dresses_in_a_frame():
    one = document(made(places(size=[100.0, 50.0, ""]), key={"built": "open"}, size_unit="MW", year=2017))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', one)[1]
    assert "script-src 'self'; style-src 'self';" in policy and "unsafe" not in policy
    assert "<style" not in one and not re.search(r"<[^>]+ (style|on[a-z]+)=", one)
    assert re.findall(r"<script(?! src=)[^>]*>", one) == ['<script type="application/json" id="state">']


def test_texts_of_the_data_cannot_become_markup():
    nasty = '</script><img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} & "q"'
    one = document(made(places(label=[nasty, "There", "Far"], text=[nasty, "", ""])))
    assert "<img" not in one
    assert state(one)["points"][0]["label"] == nasty == state(one)["points"][0]["text"]


def test_the_title_is_escaped():
    one = document(made(title="Sites <i>there</i> & {{ this }}", key={"built": "<b>{{ this }}"}))
    assert "<title>Sites &lt;i&gt;there&lt;/i&gt; &amp; {{ this }}</title>" in one
    assert 'aria-label="Sites &lt;i&gt;there&lt;/i&gt; &amp; {{ this }}"' in one
    assert "</span> &lt;b&gt;{{ this }}</li>" in one


def test_the_year_picks_what_the_picture_shows():
    shown = made(year=2017)
    assert (
        sum(len(t.x) for t in shown.plot.data if t.mode == "markers" and t.marker.symbol != "circle-open")
        == 2
    )
    later = made(year=2019).plot
    marks = [t.name for t in later.data if t.mode == "markers" and t.marker.symbol != "circle-open"]
    assert marks == ["built"]  # one is not open yet, one is no more
    one = document(shown)
    assert 'type="range" id="year" min="2017" max="2020" step="1" value="2017"' in one
    assert state(one)["year"] == 2017
    assert [p.get("from") for p in state(one)["points"]] == [2017, 2020, None]
    assert [p.get("to") for p in state(one)["points"]] == [None, None, 2018]
    still = document(made())
    assert 'type="range"' not in still and "year" not in state(still)


def test_marks_at_one_place_are_set_apart_and_rough_ones_ringed():
    points = state(document(made()))["points"]
    assert "d" not in points[0] and points[1]["d"] != [0, 0] and "d" not in points[2]
    assert [p.get("ring", False) for p in points] == [False, True, False]
    assert [p.get("s", "circle") for p in points] == ["circle", "circle-open", "square"]


def test_the_map_opens_at_all_places_or_where_it_is_told_and_on_a_phone_at_the_fullest_panel():
    first = state(document(made()))
    assert first["box"] == first["slim"] and first["box"][0] < 101 and first["box"][2] > 105
    told = state(document(made(opens=(100, 0, 103, 2))))
    assert told["box"] == told["slim"] == [100, 0, 103, 2]
    panels = [(103, 0, 106, 4), (100, 0, 103, 4)]
    assert state(document(made(panels=panels)))["slim"] == [100, 0, 103, 4]  # two of the three places


def test_panels_are_named_by_larger_areas(land):
    areas = [box(100, 0, 101, 4), box(101, 0, 103, 4), box(103, 0, 106, 4)]
    frame = geopandas.GeoDataFrame({"geography": ["MY", "SG", "CN"]}, geometry=areas, crs=4326)
    frame.to_file(land / "data" / "geo" / "world.geojson", driver="GeoJSON")
    named, listed = made(panels=["NORTH", "EAST"]), made(panels=[["CN"], ["MY", "SG"]])
    assert named.frame()["state"]["slim"] == [100, 0, 103, 4]  # two of the three places
    assert named.spec() == listed.spec() and named.frame() == listed.frame()


def test_a_quantity_without_a_unit_is_no_size_of_a_mark():
    sizes = places(size=[1.0, 100.0, 1.0])
    assert made(sizes).spec() == made().spec()
    assert made(sizes, size_unit="MW").spec() != made().spec()


def test_a_map_of_one_country_opens_with_all_of_its_land(land):
    (land / "data" / "geo" / "world.geojson").rename(land / "data" / "geo" / "states.geojson")
    assert state(document(made(basemap="states")))["box"][2] == 106


def test_the_key_stands_below_the_map_and_explains_areas():
    one = document(made(places(size=[100.0, 50.0, ""]), key={"built": "open"}, size_unit="MW"))
    style = re.search(r"\.key \{(.*?)\}", maps.style())[1]
    assert "order: 1" in style and "absolute" not in style
    assert (
        '<span class="sign c-built">●</span> open</li>' in one
        and ".c-built{--c:var(--built)}" in maps.style()
    )
    assert "20 MW</li>" in one and "100 MW</li>" in one


def test_the_contract_of_a_figure_holds():
    record = made(places(claim_id="goods"), key={"built": "open"}).record()
    assert record.kind == "map" and record.frame["basemap"] == "world"
    assert record.sources == ("paper",) and record.rows == (("claims", "goods"),)
    assert record.columns == (
        "place_id",
        "label",
        "lat",
        "lon",
        "year_from",
        "year_to",
        "precision",
        "claim_id",
    )
    assert record.narrow_height >= maps.LEAST_NARROW
    assert [text for _, _, text in record.frame["signs"]] == ["open", "ring: place known only roughly"]
    assert "title is missing" in refused(None, title="")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lat": [1.0, "", 2.0]}, "'There' has no coordinates"),
        ({"lon": [101.0, 101.0, 705.0]}, "'Far' has no coordinates"),
        ({"colour": ["built", "#ff0000", "built"]}, "'#ff0000', which is no token"),
        ({"symbol": ["circle", "star", "circle"]}, "symbol 'star'"),
    ],
)
def test_a_place_that_cannot_be_drawn_is_named(change, message):
    assert message in refused(places(**change))


def test_a_map_without_places_is_refused():
    assert "no place" in refused(places().iloc[:0])


def test_jupyterlab_gets_a_folium_map_that_fetches_nothing_and_a_build_does_not(land, monkeypatch):
    assert "text/html" not in made()._repr_mimebundle_()  # without Leaflet the picture is shown
    folder = land / "node_modules" / "leaflet" / "dist"
    folder.mkdir(parents=True)
    (folder / "leaflet.js").write_text("var L = {};")
    (folder / "leaflet.css").write_text(".leaflet{}")
    shown = made(places(label=["<b>Here</b>", "There", "Far"]))._repr_mimebundle_()["text/html"]
    inside = html.unescape(re.search(r'srcdoc="([^"]*)"', shown)[1])
    assert 'title="Two sites opened"' in shown
    assert not re.search(r"""(?:src|href)=["']https?:""", inside)
    assert inside.count("L.circleMarker(") == 3 and "&lt;b&gt;Here" in inside and "<b>Here" not in inside
    monkeypatch.setenv("STORYKIT_READS", str(land))
    assert "text/html" not in made()._repr_mimebundle_()


def test_a_place_is_shown_from_its_opening_to_its_closing():
    rows = places(opened=["2017-05", "", "2015"], closed=["", "", "2018-03"], seen=["2016", "2019-02", ""])
    found = maps.over_years(rows, ["opened", "seen"])
    assert list(found["year_from"]) == [2017, 2019, 2015]
    assert found["year_to"].fillna(0).tolist() == [0, 0, 2018]


def test_a_place_without_a_date_is_shown_in_the_last_year_of_the_data():
    assert list(maps.over_years(places(opened=["", "", ""], closed=["", "", ""]))["year_from"]) == [2026] * 3


def test_what_closed_leaves_a_hollow_mark_from_the_year_after():
    rows = maps.over_years(places(opened=["2015"] * 3, closed=["", "", "2018-03"], text=["Open."] * 3))
    found = maps.left_behind(rows, " Closed {closed:date}.")
    assert len(found) == 4
    gone = found.iloc[-1]
    assert (gone["colour"], gone["symbol"], gone["text"]) == (
        "unknown",
        "square-open",
        "Open. Closed March 2018.",
    )
    assert (gone["year_from"], gone["year_to"]) == (2019, None)


def test_towns_are_named_by_the_localities_of_the_places():
    frame = places(locality=["Port (west)", "Port", "Mill"])
    names = [note.text for note in made(frame, towns=["Port"]).plot.layout.annotations]
    assert names.count("<i>Port</i>") == 1 and "<i>Mill</i>" not in names
    with pytest.raises(project.DataError, match="No place of the map has the locality Harbour"):
        made(frame, towns=["Port", "Harbour"])
