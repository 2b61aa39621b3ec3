"""What the data must hold for the story to be told from them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from storykit import descriptor, receipts, tables, verdicts
from storykit.forms import words
from storykit.receipts.rows import MAIN_FIELD

ARTICLE = {
    "data-centre-2017",
    "first-global-cloud",
    "big-data-platform-sea",
    "cyberjaya-site",
    "cloud-for-smes",
    "cloud-14-locations",
    "efulfilment-october-2017",
    "pioneers-1500",
    "hangzhou-link",
    "hangzhou-ease-trade",
    "ma-invited-to-launch",
}
RESEARCH_ROWS = 11539
NOT_PUBLISHERS = (
    "dev-v4.",
    "staging.",
    "do5m-",
    "m8.malaysiakini",
    "test.daily8",
    "lowyatal.pages.dev",
    "cloudfront.net",
    "arcpublishing.com",
    "776mm.com",
    "indianlooters.com",
    "defence.pk",
    "prosyscom.tech",
    "coins2day.com",
    "yinlong168",
    "desk33.com",
    "huoliyu.com",
    "malaysiaretailnews.blogspot.com",
    "daynews.space",
    "owiki.org",
    "pubt.io",
)


@pytest.fixture(autouse=True)
def _project(project):
    return project


def test_every_statement_of_the_article_is_a_claim():
    claims = tables.load("claims")
    assert set(claims.index[claims["from_article"].fillna(False)]) == ARTICLE


def test_every_claim_is_followed_up_and_stands_in_the_ledger():
    decided = verdicts.all_verdicts()
    assert len(decided) == len(tables.load("claims"))
    assert (decided["verdict"] != verdicts.NOT_FOLLOWED_UP).all()


def test_findings_and_verdicts_share_their_words():
    verdict = next(f for f in descriptor.fields("outcomes") if f["name"] == "verdict")
    assert {*verdict["constraints"]["enum"], verdicts.NOT_FOLLOWED_UP} == set(verdicts.WORDS)


def test_what_can_be_rated_is_a_property_of_the_wording():
    """Neither number nor date, and an amount asked for: not ratable, whatever was found; all others are."""
    claims = tables.load("claims")
    bare = (
        claims["target_value"].isna() & (claims["due_by"] == "") & ~claims["asks"].isin(["opening", "rule"])
    )
    assert set(claims.index[bare]) == set(claims.index[claims["not_ratable_because"] != ""])


def test_every_partnership_is_told_and_lies_where_its_promises_do():
    partnerships, claims = tables.load("partnerships"), tables.load("claims")
    assert set(claims["partnership_id"]) - {""} == set(partnerships.index)
    places = claims["partnership_id"].map(partnerships["geography"])
    strays = claims[
        (claims["country_iso2"] != "") & (places.str.len() == 2) & (claims["country_iso2"] != places)
    ]
    assert strays.index.tolist() == []


def test_addresses_are_merged_and_only_publishers_are_linked():
    sources = tables.load("sources")
    linked = sources[sources["url"] != ""]
    assert not linked["url"].duplicated().any()
    hosts = linked["url"].map(lambda u: urlsplit(u).netloc)
    assert not [h for h in hosts if any(h.startswith(n) or n in h for n in NOT_PUBLISHERS)]
    assert ((sources["url"] == "") == (sources["address_status"] == "withheld")).all()


def test_every_research_row_is_accounted_for():
    coverage = tables.load("coverage")
    assert len(coverage) == RESEARCH_ROWS
    left_out = coverage[coverage["table"] == ""]
    assert (left_out["reason"] != "").all()
    for table, rows in coverage[coverage["table"] != ""].groupby("table"):
        keys = {" / ".join(k) if isinstance(k, tuple) else k for k in tables.load(table).index}
        loose = {re.sub(r"[^a-z0-9]+", "", k.lower()) for k in keys}
        lost = [k for k in rows["key"] if k not in keys and re.sub(r"[^a-z0-9]+", "", k.lower()) not in loose]
        assert not lost, f"{table}: {lost[:5]}"


def test_the_account_of_the_research_is_fresh(project):
    from storykit import coverage

    assert (project / "data" / "COVERAGE.md").read_text(encoding="utf-8") == coverage.text()


def test_trade_adds_up():
    rows = tables.observations(
        "trade_my_world_total", "trade_my_world_exports", "trade_my_world_imports", geography="MY"
    )
    wide = rows.pivot(index="period", columns="series_id", values="value").dropna()
    parts = wide["trade_my_world_exports"] + wide["trade_my_world_imports"]
    assert len(wide) == 26
    assert (abs(parts - wide["trade_my_world_total"]) < 0.015).all()  # published to two decimals


def test_e_commerce_income_splits_add_up():
    names = ["ecommerce_income", "ecommerce_income_domestic", "ecommerce_income_international"]
    wide = (
        tables.observations(*names, geography="MY")
        .pivot(index="period", columns="series_id", values="value")
        .dropna()
    )
    assert len(wide) >= 4
    assert (abs(wide[names[1]] + wide[names[2]] - wide[names[0]]) < 0.2).all()


def test_breaks_are_different_series():
    """Known breaks can be joined by no chart: each side is a series of its own."""
    known = tables.load("series").index
    for series in (
        "secure_servers_pre2017",
        "sme_employment_share_old",
        "ecommerce_value_added_old",
        "population_state_old",
        "cbec_china_moc_total",
        "cbec_china_cleared_total",
        "ecommerce_income_2019",
    ):
        assert series in known
    servers = tables.load("observations").query("series_id == 'secure_servers'")
    assert servers["period"].min() == "2017"


def test_states_agree_with_official_areas():
    shapes = tables.geometry("malaysia-states").to_crs(6933)
    official = tables.load("geographies")["area_km2"].loc[shapes.index]
    assert len(shapes) == 16
    share = shapes.area / 1e6 / official
    assert share.between(0.9, 1.1).all(), share.round(2).to_dict()
    assert shapes.is_valid.all()


def test_every_state_lies_in_one_part_of_the_country():
    states = tables.load("geographies").query("level == 'state'")
    borneo = states.index[states["part_of"] == "MY-BORNEO"]
    assert set(states["part_of"]) == {"MY-PENINSULAR", "MY-BORNEO"}
    shapes = tables.geometry("malaysia-states").loc[states.index]
    assert set(borneo) == set(shapes.index[shapes.bounds["minx"] > 105])


@pytest.mark.parametrize(
    ("name", "lon", "lat", "state"),
    [
        ("Langkawi", 99.80, 6.35, "MY-02"),
        ("Tioman", 104.17, 2.80, "MY-06"),
        ("George Town", 100.32, 5.41, "MY-07"),
        ("Cyberjaya", 101.65, 2.92, "MY-10"),
        ("Putrajaya", 101.69, 2.93, "MY-16"),
        ("Kulai", 103.60, 1.66, "MY-01"),
    ],
)
def test_places_lie_in_their_state(name, lon, lat, state):
    from shapely import Point

    shapes = tables.geometry("malaysia-states")
    assert shapes.index[shapes.contains(Point(lon, lat))].tolist() == [state]


def test_small_economies_are_on_the_world_map():
    assert {"SG", "HK", "MY", "CN"} <= set(tables.geometry("world").index)


def test_shapes_do_not_overlap():
    for name in ("world", "malaysia-states"):
        shapes = tables.geometry(name).to_crs(6933)
        both = shapes.sindex.query(shapes.geometry, predicate="overlaps")
        areas = [
            shapes.geometry.iloc[a].intersection(shapes.geometry.iloc[b]).area / 1e6
            for a, b in both.T
            if a < b
        ]
        assert sum(areas) < 1, name


def test_what_the_descriptor_says_of_dates_names_fields_and_values_there_are():
    dated = [entry for entry in descriptor.package()["resources"] if "storykit:date" in entry]
    assert len(dated) == 12
    for entry in dated:
        fields = {field["name"]: field for field in descriptor.fields(entry["name"])}
        assert entry["storykit:date"] in fields, entry["name"]
        for field, values in entry.get("storykit:plans", {}).items():
            allowed = fields[field].get("constraints", {}).get("enum") or [
                category["value"] for category in fields[field]["categories"]
            ]
            assert set(values) <= set(allowed), (entry["name"], field)


def test_what_a_row_stands_for_is_a_number_of_its_table():
    for table, main in MAIN_FIELD.items():
        kinds = {field["name"]: field["type"] for field in descriptor.fields(table)}
        assert kinds.get(main) in ("number", "integer"), (table, main)


def test_a_row_that_several_fields_name_together_is_counted_and_not_read(project):
    (table, *_) = [name for name in descriptor.names() if len(descriptor.primary_key(name)) > 1]
    together = ", ".join(descriptor.primary_key(table))
    with pytest.raises(receipts.ReceiptError, match=rf"no key of its own \({together} together name it\)"):
        receipts.receipt(f'{table}("x")')
    assert receipts.num(f'count("{table}") | plain') == f"{len(tables.load(table)):,}"


def test_whole_numbers_are_added_up(project):
    zones = tables.load("cloud_regions")["zones"].sum()
    assert receipts.num('total("cloud_regions", "zones") | plain') == f"{zones:,}"


def test_every_observation_is_written_alike_in_prose_and_in_charts(project):
    """One writer: what a card or a sentence says of a row is what a chart's label says of it."""
    rows = tables.observations(*tables.load("series").index, lead=False)
    other = [
        row.observation_id
        for row in rows.itertuples()
        if words.bare(words.written(row.value, row.unit, row.qualifier, row.recorded))
        != receipts.write(receipts.observation(row.observation_id))
    ]
    assert other == []
    assert len(rows) == len(tables.records("observations"))
