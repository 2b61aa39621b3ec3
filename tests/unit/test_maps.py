"""Maps: a document that calls nobody, says the same thing every time, and escapes what it shows."""

from __future__ import annotations

import html
import json
import re

import geopandas
import pandas as pd
import pytest
from shapely.geometry import box

from storykit import figures, maps

WORDS = {
    "id": "sites",
    "title": "Two sites opened",
    "subtitle": "Sites, by year, here",
    "description": "Two dots close to each other in the west of a square, and a third far off in the east.",
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
    return maps.Map(places() if frame is None else frame, **{**WORDS, **changes})


def state(document):
    return json.loads(re.search(r'id="state">(.*?)</script>', document, re.DOTALL)[1])


def refused(frame, **changes):
    with pytest.raises(figures.FigureError) as caught:
        made(frame, **changes)
    return str(caught.value)


def test_the_document_is_complete_and_the_same_every_time():
    one, two = made(year=2017).frame_html(), made(year=2017).frame_html()
    assert one == two
    assert one.startswith('<!DOCTYPE html>\n<html lang="en">') and "<title>Two sites opened</title>" in one
    assert (
        'src="../_static/vendor/leaflet/leaflet.js"' in one
        and 'href="../_static/vendor/leaflet/leaflet.css"' in one
    )
    assert state(one)["url"] == "../_static/geo/world.geojson"
    assert 'tabindex="0"' in one and 'aria-label="Two sites opened"' in one
    assert not re.search(r"\b[0-9a-f]{32}\b", one)


def test_no_other_host_but_openstreetmap_after_a_button():
    document = made().frame_html()
    assert set(re.findall(r"https?://[^\s\"'\\;<]+", document)) == {
        maps.TILES,
        maps.TILES_CREDIT,
        "https://tile.openstreetmap.org",
    }
    for word in ("jquery", "bootstrap", "awesome", "jsdelivr", "cdnjs"):
        assert word not in document.lower()
    assert "Show OpenStreetMap tiles" in document and "connect-src 'self'" in document
    assert not list(maps.foreign(document))


@pytest.mark.parametrize(
    "thing",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<img src="//cdn.example/x.png">',
        "<style>@import url(http://fonts.example/f.css)</style>",
    ],
)
def test_another_host_is_found(thing):
    document = made().frame_html().replace("</head>", thing + "</head>")
    assert "example" in next(iter(maps.foreign(document)))


def test_a_map_that_calls_another_host_is_refused(monkeypatch):
    monkeypatch.setattr(maps, "_STYLE", "body{background:url(https://elsewhere.example/a.png)}")
    assert "elsewhere.example" in refused(None)


def test_texts_of_the_data_cannot_become_markup():
    nasty = '</script><img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} & "q"'
    document = made(places(label=[nasty, "There", "Far"], text=[nasty, "", ""])).frame_html()
    assert "<img" not in document and "49" not in state(document)["points"][0]["label"]
    assert state(document)["points"][0]["label"] == nasty == state(document)["points"][0]["text"]
    assert "innerHTML" not in document


def test_the_title_is_escaped():
    document = made(title="Sites <i>there</i> & {{ this }}", key={"built": "{{ this }}"}).frame_html()
    assert "<title>Sites &lt;i&gt;there&lt;/i&gt; &amp; {{ this }}</title>" in document
    assert 'aria-label="Sites &lt;i&gt;there&lt;/i&gt; &amp; &#123;&#123; this }}"' in document
    assert "</span> &#123;&#123; this }}</li>" in document


def test_the_year_picks_what_the_picture_shows():
    shown = made(year=2017)
    assert (
        sum(len(t.x) for t in shown.plot.data if t.mode == "markers" and t.marker.symbol != "circle-open")
        == 2
    )
    later = made(year=2019).plot
    marks = [t.name for t in later.data if t.mode == "markers" and t.marker.symbol != "circle-open"]
    assert marks == ["built"]  # one is not open yet, one is no more
    document = shown.frame_html()
    assert (
        'type="range" id="year" min="2017" max="2020" step="1" value="2017"' in document
        and state(document)["year"] == 2017
    )
    assert [p.get("from") for p in state(document)["points"]] == [2017, 2020, None]
    assert [p.get("to") for p in state(document)["points"]] == [None, None, 2018]
    still = made().frame_html()
    assert 'type="range"' not in still and "year" not in state(still)


def test_marks_at_one_place_are_set_apart_and_rough_ones_ringed():
    points = state(made().frame_html())["points"]
    assert "d" not in points[0] and points[1]["d"] != [0, 0] and "d" not in points[2]
    assert [p.get("ring", False) for p in points] == [False, True, False]
    assert [p.get("s", "circle") for p in points] == ["circle", "circle-open", "square"]


def test_the_map_opens_at_all_places_or_where_it_is_told_and_on_a_phone_at_the_fullest_panel():
    first = state(made().frame_html())
    assert first["box"] == first["slim"] and first["box"][0] < 101 and first["box"][2] > 105
    told = state(made(opens=(100, 0, 103, 2)).frame_html())
    assert told["box"] == told["slim"] == [100, 0, 103, 2]
    panels = [(103, 0, 106, 4), (100, 0, 103, 4)]
    assert state(made(panels=panels).frame_html())["slim"] == [100, 0, 103, 4]  # two of the three places


def test_a_map_of_one_country_opens_with_all_of_its_land(land):
    (land / "data" / "geo" / "world.geojson").rename(land / "data" / "geo" / "states.geojson")
    assert state(made(basemap="states").frame_html())["box"][2] == 106


def test_the_key_stands_below_the_map_and_explains_areas():
    document = made(places(size=[100.0, 50.0, ""]), key={"built": "open"}, size_unit="MW").frame_html()
    style = re.search(r"\.key\{(.*?)\}", document)[1]
    assert "order:1" in style and "absolute" not in style
    assert "20 MW</li>" in document and "100 MW</li>" in document


def test_the_contract_of_a_figure_holds():
    payload = json.loads(json.dumps(made(places(claim_id="goods"), key={"built": "open"}).payload()))
    assert payload["kind"] == "map" and payload["frame"].startswith("<!DOCTYPE html>")
    assert payload["sources"] == ["paper"] and payload["rows"] == [["claims", "goods"]]
    assert payload["columns"] == [
        "place_id",
        "label",
        "lat",
        "lon",
        "year_from",
        "year_to",
        "precision",
        "claim_id",
    ]
    assert payload["narrow_height"] >= maps.LEAST_NARROW
    assert "open" in payload["frame"] and "known only roughly" in payload["frame"]
    assert "title is missing" in refused(None, title="")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lat": [1.0, "", 2.0]}, "'There' has no coordinates"),
        ({"lon": [101.0, 101.0, 705.0]}, "'Far' has no coordinates"),
        ({"colour": ["built", "#ff0000", "built"]}, "'#ff0000', which is no token"),
        ({"symbol": ["circle", "star", "circle"]}, "symbol 'star'"),
    ],
)
def test_a_place_that_cannot_be_drawn_is_named(change, words):
    assert words in refused(places(**change))


def test_a_map_without_places_is_refused():
    assert "no place" in refused(places().iloc[:0])


def test_jupyterlab_gets_the_live_map_whole_and_a_build_does_not(land, monkeypatch):
    assert "text/html" not in made()._repr_mimebundle_() and made().alone_html() is None
    folder = land / "node_modules" / "leaflet" / "dist"
    folder.mkdir(parents=True)
    (folder / "leaflet.js").write_text("var L = {};\n//# sourceMappingURL=leaflet.js.map")
    (folder / "leaflet.css").write_text(".leaflet{}")
    shown = made()._repr_mimebundle_()
    inside = html.unescape(re.search(r'srcdoc="([^"]*)"', shown["text/html"])[1])
    assert "var L = {};" in inside and "sourceMapping" not in inside and "../_static" not in inside
    assert state(inside)["land"]["features"] and 'title="Two sites opened"' in shown["text/html"]
    monkeypatch.setenv("STORYKIT_READS", str(land))
    assert "text/html" not in made()._repr_mimebundle_()
