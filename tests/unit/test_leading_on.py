"""Pages that lead on: of partnerships, organisations, places, series and sources, and the indexes of them."""

from __future__ import annotations

import re
import types

import lxml.html
import pandas as pd
import pytest

from storykit import periods, tables, verdicts
from storykit.site import claim_view, explorers, links, outlines, relations, series_chart, views
from storykit.site.collected import organisations, partnerships, places, series, sources
from storykit.site.templates import render

KIB = 1024


@pytest.fixture(scope="module")
def addresses():
    return links.Addresses("partnerships/any", lambda here, there: f"../{there}.html")


@pytest.fixture(scope="module")
def uses():
    return types.SimpleNamespace(links=lambda *row: (), sentences=lambda *series: ())


def hrefs(html: str) -> set[str]:
    return {link.get("href") for link in lxml.html.document_fromstring(html).xpath("//a")}


def words(html: str) -> str:
    return " ".join(lxml.html.document_fromstring(html).text_content().split())


# --- partnerships ---


def test_the_page_of_a_partnership_holds_every_promise_party_and_paper_of_it(addresses):
    around = partnerships.Around()
    claims = verdicts.all_verdicts()
    parties = pd.DataFrame(tables.listed("partnership_parties"))
    papers = pd.DataFrame(tables.listed("agreements"))
    for name, record in tables.records("partnerships").items():
        html = render(partnerships.partnership(around, record, (), addresses))
        found, said = hrefs(html), words(html)
        mine = claims[claims["partnership_id"] == name]
        assert {f"../claims/{claim}.html" for claim in mine.index} <= found, name
        for verdict, count in mine["verdict"].value_counts().items():
            assert f"{verdicts.WORDS[verdict]} {count}" in said, name
        assert {
            f"../organisations/{o}.html" for o in parties.query("partnership_id == @name")["org_id"]
        } <= found
        for paper in papers.query("partnership_id == @name")["agreement_id"]:
            assert f"../book/agreements.html#agreement-{links.anchor(paper)}" in found
        assert " ".join(record["not_to_compare"].split()) in said and record["not_to_compare"]
        assert record["promise"] in said and "must not be compared" in said


def test_a_claim_leads_to_its_partnership(addresses):
    assert addresses.href("partnerships", "x") == "../partnerships/x.html"
    assert links.row("organisations", "x") == ("organisations/x", "")
    assert links.row("places", "x") == ("places/x", "")
    assert links.row("agreements", "a.b") == ("book/agreements", "agreement-a-b")
    assert links.row("events", "x") == ("book/events", "event-x")
    assert links.row("rules", "x") == ("tables/rules", "row-x")


def test_a_claim_leads_to_the_organisations_of_its_speaker(addresses):
    claims = claim_view.Claims()
    some = 0
    for claim, record in tables.records("claims").items():
        view = claim_view.page(claims, claim, (), addresses, "")
        wanted = [f"../organisations/{name}.html" for name in relations.named(record["made_by"])]
        assert [link.href for link in view.organisations] == wanted
        some += bool(wanted)
    assert some > len(claims.decided) / 2


def test_where_a_story_has_no_such_page_a_row_stays_on_the_page_of_its_table(small):
    assert links.row("events", "x") == ("tables/events", "row-x")
    assert relations.by("events", "partnership_id") == {} and relations.sites() == []
    assert relations.named("A firm") == []
    app = types.SimpleNamespace()
    assert [list(kind.plans(app)) for kind in (partnerships, organisations, places)] == [[], [], []]
    addresses = links.Addresses("book/events", lambda here, there: there)
    for empty in (explorers.partnerships, explorers.events, explorers.places):
        assert "There are none yet." in render(empty(addresses))


# --- organisations ---


def test_the_page_of_an_organisation_says_what_it_signed_and_with_whom(addresses):
    around = organisations.Around()
    signed = pd.DataFrame(tables.listed("agreement_parties"))
    for name, record in tables.records("organisations").items():
        view = organisations.organisation(around, record, (), addresses)
        mine = signed[signed["org_id"] == name]
        assert len(view.papers) == len(mine)
        partners = signed[signed["agreement_id"].isin(mine["agreement_id"]) & (signed["org_id"] != name)]
        assert {p.href for paper in view.papers for p in paper.others} == {
            f"../organisations/{other}.html" for other in partners["org_id"]
        }


def test_a_text_names_an_organisation_by_its_longest_name_only():
    known = tables.records("organisations")
    longer = next(
        (a, b)
        for a in known.values()
        for b in known.values()
        if a is not b
        and b["short_name"]
        and a["name"].startswith(f"{b['short_name']} ")
        and len(b["short_name"]) > 2
    )
    inner, outer = longer[1], longer[0]
    assert relations.named(f"said {outer['name'].partition(' (')[0]}, today")[0] == outer["org_id"]
    assert relations.named(f"x{inner['short_name']}x") == []


def test_the_head_of_a_chain_is_found_and_a_ring_ends(monkeypatch):
    rows = {
        "a": {"parent_org_id": "b"},
        "b": {"parent_org_id": ""},
        "c": {"parent_org_id": "d"},
        "d": {"parent_org_id": "c"},
    }
    monkeypatch.setattr(relations.tables, "records", lambda name: rows)
    assert [relations.house(name) for name in ("a", "b")] == ["b", "b"]
    assert relations.house("c") in ("c", "d")


# --- places ---


def test_every_place_says_how_it_stands_and_on_what_evidence(addresses):
    around = places.Around()
    for name, record in tables.records("places").items():
        html = render(places.place(around, record, (), addresses))
        said = words(html)
        assert relations.label("places", "status", record["status"]) in said, name
        assert relations.label("places", "evidence", record["evidence"]) in said, name
        assert (
            len(re.findall("<svg", html)) <= 1
            and len(html.partition("<svg")[2].partition("</svg>")[0]) < 3 * KIB
        )


def test_a_dot_lies_where_the_place_does():
    found = {r["place_id"]: r for r in tables.records("places").values() if r["lat"]}
    spots = {name: outlines.spot(r["country_iso2"], r["lat"], r["lon"]) for name, r in found.items()}
    shown = [name for name, spot in spots.items() if spot]
    assert len(shown) > 0.95 * len(found)
    for country in {found[name]["country_iso2"] for name in shown}:
        mine = [
            (float(found[n]["lon"]), float(found[n]["lat"]), spots[n])
            for n in shown
            if found[n]["country_iso2"] == country
        ]
        for lon, lat, spot in mine:
            for other_lon, other_lat, other in mine:  # east is right, north is up
                assert (lon <= other_lon) or spot.x >= other.x
                assert (lat <= other_lat) or spot.y <= other.y
    assert outlines.spot("MY", "", "") is None and outlines.spot("XX", "1", "1") is None
    assert outlines.spot("MY", "89", "0") is None, "off the outline"


# --- series ---


def charts():
    groups = dict(tuple(tables.load("observations").groupby("series_id", sort=False)))
    for name, record in tables.records("series").items():
        yield name, record, groups[name], series_chart.chart(groups[name], record["line"] == "true")


def points(path: str) -> list[tuple[int, int]]:
    """The points of a path of moves (M), steps (l) and dots (h0)."""
    found = []
    for sign, inside in re.findall(r"([Mlh])([^Mlh]*)", path):
        numbers = [int(n) for n in re.findall(r"-?\d+", inside)]
        if sign == "M":
            found.append((numbers[0], numbers[1]))
        elif sign == "l":
            found.append((found[-1][0] + numbers[0], found[-1][1] + numbers[1]))
    return found


def test_a_chart_weighs_little_and_draws_the_rows():
    drawn = 0
    for name, _, rows, chart in charts():
        if chart is None:
            continue
        pictures = re.findall(r"<svg.*?</svg>", render(chart))
        assert sum(map(len, pictures)) <= 3 * KIB, name
        assert len(pictures) == len(chart.panels)
        drawn += 1
        if not chart.first:
            continue
        dated = rows[rows["period"] != "undated"].assign(date=lambda r: r["period"].map(periods.middle))
        first, last = dated["date"].min(), dated["date"].max()
        places = {tables.records("geographies")[g]["name"]: g for g in rows["geography"]}
        for panel in chart.panels:
            mine = dated[dated["geography"] == places[panel.name]] if panel.name else dated
            low, high = series_chart.scale(list(mine["value"]))
            for stroke in panel.strokes:
                ahead = mine["nature"].isin(("forecast", "target"))
                part = mine[
                    (mine["standing"] != "lead")
                    if stroke.kind == "other"
                    else (mine["standing"] == "lead")
                    & (ahead if stroke.kind in ("ring", "hole", "dotted") else ~ahead)
                ].sort_values("date", kind="stable")
                if stroke.kind == "dotted":
                    part = part[part["nature"] == "forecast"]
                if len(part) > series_chart.MOST_POINTS // len(chart.panels):
                    continue
                values = [high - y / series_chart.HEIGHT * (high - low) for _, y in points(stroke.path)]
                assert values == pytest.approx(list(part["value"]), abs=(high - low) / series_chart.HEIGHT), (
                    name
                )
                days = [x / series_chart.WIDTH * (last - first).days for x, _ in points(stroke.path)]
                wanted = [(day - first).days for day in part["date"]]
                assert days == pytest.approx(wanted, abs=(last - first).days / series_chart.WIDTH), name
    assert drawn > 150


def rows_of(*given):
    columns = ("period", "value", "nature", "standing")
    frame = pd.DataFrame(given, columns=columns)
    keys = [f"sales/MY/{period}" for period in frame["period"]]
    return frame.assign(observation_id=keys, geography="MY", series_id="sales")


@pytest.fixture
def plain_words(monkeypatch):
    monkeypatch.setattr(series_chart.cards, "written", lambda name: name)


def strokes(*given, line=True):
    panel = series_chart.chart(rows_of(*given), line).panels[0]
    return {stroke.kind: stroke.path for stroke in panel.strokes}


def test_a_missing_period_breaks_the_line_and_a_series_that_is_no_sequence_has_none(small, plain_words):
    years = [(str(year), float(year - 2000), "observed", "lead") for year in (2010, 2011, 2012, 2015, 2016)]
    assert [path.count("M") for path in (strokes(*years)[""], strokes(*years, line=False)["dots"])] == [2, 5]
    assert "" not in strokes(*years, line=False)


def test_what_lies_ahead_is_hollow_and_never_on_the_line(small, plain_words):
    found = strokes(
        ("2017", 1.0, "observed", "lead"),
        ("2018", 2.0, "observed", "lead"),
        ("2019", 3.0, "target", "lead"),
        ("2020", 4.0, "forecast", "lead"),
        ("2021", 5.0, "forecast", "lead"),
        ("2018", 2.5, "observed", "alternative"),
    )
    assert found["ring"] == found["hole"] and len(points(found["ring"])) == 3
    assert len(points(found[""])) == len(points(found["dots"])) == 2
    assert len(points(found["dotted"])) == 2 and len(points(found["other"])) == 1


def test_fewer_than_two_values_are_not_drawn(small, plain_words):
    assert series_chart.chart(rows_of(("2017", 1.0, "observed", "lead")), True) is None
    undated = rows_of(("undated", 1.0, "observed", "lead"), ("2017", 2.0, "observed", "lead"))
    assert series_chart.chart(undated, True) is None


def test_of_too_many_values_the_last_are_drawn_and_the_rest_is_said(small, plain_words):
    many = [
        (f"{year}-{month:02d}", float(month), "observed", "lead")
        for year in range(1980, 2020)
        for month in range(1, 13)
    ]
    chart = series_chart.chart(rows_of(*many), True)
    assert chart.drawn == series_chart.MOST_POINTS and chart.left_out == 480 - series_chart.MOST_POINTS
    assert f"{chart.left_out} more values stand in the table only" in render(chart)


def test_the_scale_begins_at_zero_unless_much_would_be_lost():
    assert series_chart.scale([10.0, 100.0]) == (0.0, 100.0)
    assert series_chart.scale([90.0, 100.0]) == (90.0, 100.0)
    assert series_chart.scale([-5.0, 5.0]) == (-5.0, 5.0)
    assert series_chart.scale([-100.0, -10.0]) == (-100.0, 0.0)
    assert series_chart.scale([0.0, 0.0]) == (0.0, 1.0) and series_chart.scale([7.0, 7.0]) == (0.0, 7.0)


def test_what_sounds_alike_on_another_basis_is_kept_apart(addresses, uses):
    around, rows = series.Around(uses), tables.records("series")
    some = 0
    for name, record in rows.items():
        told = around.told(name, addresses)
        units = {tables.records("units")[record["unit"]]["dimension"]}
        for other in told.apart:
            there = other.link.href.removeprefix("../series/").removesuffix(".html")
            assert other.basis == rows[there]["basis"] != record["basis"]
            units.add(tables.records("units")[rows[there]["unit"]]["dimension"])
        assert all(other.basis == record["basis"] for other in told.neighbours)
        assert len(units) == 1
        some += bool(told.apart)
    assert some > 100


def test_words_in_brackets_and_small_words_do_not_make_labels_alike():
    assert (
        series._words("Sales of the zone (first release)")
        == series._words("The zone\u2019s sales")
        == {"sales", "zone"}
    )


# --- sources ---


def test_a_source_lists_all_that_rests_on_it(addresses):
    used = sources.rows_by_source()
    for source, rows in used.items():
        view = sources._source(addresses, tables.records("sources")[source], rows)
        listed = {link.href for use in view.uses for link in use.rows}
        for table, key in rows:
            page, anchor = links.row(table, key)
            one = f"../{page}.html" + (f"#{anchor}" if anchor else "")
            assert {one, f"../{page}.html"} & listed, (source, table, key)


# --- indexes ---


@pytest.mark.parametrize("name", ["partnerships", "events", "agreements", "places"])
def test_an_index_holds_every_row_once_and_each_filter_finds_some(name, addresses):
    more = ('country_iso2="MY"', "caption") if name == "agreements" else ()
    view = getattr(explorers, name)(addresses, *more)
    entries = [entry for group in view.groups for entry in group.entries]
    assert len({entry.id for entry in entries}) == len(entries) == view.entries == len(tables.records(name))
    for choice in view.choices:
        for value, said in choice.values:
            count = sum((choice.name, value) in entry.values for entry in entries)
            assert count and said.endswith(f"({count})")


def test_partnerships_stand_by_country_and_date_never_by_how_they_ended(addresses):
    view = explorers.partnerships(addresses)
    assert [g.title for g in view.groups] == sorted(g.title for g in view.groups)
    signed = {r["partnership_id"]: r["signed_on"] for r in tables.records("partnerships").values()}
    for group in view.groups:
        days = [
            signed[e.link.href.removeprefix("../partnerships/").removesuffix(".html")] for e in group.entries
        ]
        assert days == sorted(days, key=relations.day)


def test_the_matrix_counts_papers_and_opens_them(addresses):
    view = explorers.matrix(addresses, 'country_iso2="MY"', "caption")
    parties = pd.DataFrame(tables.listed("agreement_parties")).query("role != 'witness'")
    house = parties["org_id"].map(relations.house)
    for row in view.rows:
        for column, cell in zip(view.columns, row.cells, strict=True):
            one, other = (
                link.href.removeprefix("../organisations/").removesuffix(".html")
                for link in (row.head, column)
            )
            shared = set(parties["agreement_id"][house == one]) & set(parties["agreement_id"][house == other])
            assert ({f"agreement-{links.anchor(paper)}" for paper in shared} or None) == (
                cell and set(cell.papers)
            )
    assert all(any(row.cells) for row in view.rows)


def test_hostile_words_stay_words_in_an_index():
    entry = views.Entry(
        "x", views.Link("<b>", ""), "", "", ("<script>",), (), (), (("kind", '"><img src=x>'),)
    )
    view = views.Explorer("x", "x", (), (views.EntryGroup("<i>", (entry,)),), 1)
    assert not re.search(r"<(b|script|img|i)\b", render(view))
