"""Refresh, against a server on this machine that answers in the documented shapes, and misbehaves at will."""

from __future__ import annotations

import gzip
import importlib
import json
import threading
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from upstream_answers import (
    DAY,
    agree,
    as_json,
    csv_file,
    cut,
    fault,
    hasty,
    indicator_row,
    main,
    merged,
    one,
    quiet,
    read,
    send,
    serving,
    small,
    told,
)

from storykit import descriptor
from storykit.upstream import SOURCES, apply, opendosm, refresh, regions, replace, worldbank
from storykit.upstream.apply import Batch, Known, Region, Row
from storykit.upstream.http import Unreachable, UpstreamError


@pytest.fixture
def upstream(monkeypatch):
    with serving(monkeypatch) as content:
        yield content


# --- an upstream that says what the package holds -------------------------------------------------


@pytest.fixture
def package(package):
    """Without most of `coverage`: half of all rows, checked with every refresh and none of its business."""
    package.write("coverage", package.rows("coverage")[:2])
    return package


@pytest.fixture
def agreeing(package, upstream):
    """The server gives exactly what the copied package holds."""
    agree(upstream)
    return upstream


def everything(package) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(package.root.rglob("*")) if path.is_file()}


def found(package, table: str, key: str) -> dict:
    rows = package.rows(table)
    return next(dict(zip(rows[0], row, strict=True)) for row in rows[1:] if row[0] == key)


# --- the command, from end to end -----------------------------------------------------------------


def test_nothing_new_changes_nothing(package, agreeing, capsys):
    before = everything(package)
    assert main(["--date", DAY], hasty()) == 0
    assert everything(package) == before
    said = capsys.readouterr().out
    assert "Nothing new upstream. Nothing was changed." in said
    assert "worldbank 18/18" in said and "opendosm 4/4" in said and "regions google" in said
    assert "split off into an earlier series, not taken" in said and "internet_users: 5 (PH 2005" in said


def test_a_refresh_adds_revises_keeps_and_reports(package, agreeing, capsys):
    code = "IT.NET.USER.ZS"
    agreeing.change(code, "MYS", "2023", 91.23456)  # revised
    agreeing.indicators[code].append(indicator_row(code, "MYS", "2025", 99.12344))  # new
    agreeing.change(code, "THA", "2020", None)  # vanished
    package.write(
        "corrections",
        [
            *package.rows("corrections"),
            [
                "th-2019",
                "observations",
                "internet_users/TH/2019",
                "value",
                "66.6",
                "66.6524",
                "Misprint.",
                "2026-11",
                "wb-it-net-user-zs",
            ],
        ],
    )
    agreeing.change(code, "THA", "2019", 12.5)  # under a correction
    held = found(package, "observations", "internet_users/MY/2023")
    corrected = found(package, "observations", "internet_users/TH/2019")
    assert main(["worldbank", "--date", DAY], hasty()) == 0

    lead, history = (found(package, "observations", f"internet_users/MY/2023{n}") for n in ("", "~2"))
    assert (lead["value"], lead["standing"], lead["vintage"], lead["source_ids"]) == (
        "91.2346",
        "lead",
        "",
        "wb-it-net-user-zs",
    )
    assert history == held | {
        "observation_id": "internet_users/MY/2023~2",
        "standing": "alternative",
        "vintage": f"superseded {DAY}",
    }
    assert found(package, "observations", "internet_users/MY/2025")["value"] == "99.1234"
    assert found(package, "observations", "internet_users/TH/2019") == corrected
    assert found(package, "observations", "internet_users/TH/2020")["standing"] == "lead"
    keys = [(r[1], r[2], r[3], r[0]) for r in package.rows("observations")[1:]]
    assert keys == sorted(keys)

    said = capsys.readouterr().out
    assert "internet_users: 1 (MY 2025)" in said
    assert f"internet_users/MY/2023: {held['value']} -> 91.2346 (history: internet_users/MY/2023~2)" in said
    assert (
        "internet_users/TH/2019: upstream gives 12.5" in said and "that is a third value: look again" in said
    )
    assert "a source that vanished" in said and "internet_users: 1 (TH 2020)" in said

    after = everything(package)
    assert main(["worldbank", "--date", "2027-01-01"], hasty()) == 0
    assert everything(package) == after, "a second refresh with the same answers must change nothing"


def test_dry_run_checks_and_changes_nothing(package, agreeing, capsys):
    agreeing.change("SP.POP.TOTL", "MYS", "2024", 35_000_001)
    before = everything(package)
    assert main(["worldbank", "--dry-run", "--date", DAY], hasty()) == 0
    assert everything(package) == before
    said = capsys.readouterr().out
    assert "population/MY/2024" in said and "A dry run. Nothing was changed." in said


def test_all_problems_are_listed_and_nothing_of_their_sources_is_taken(package, agreeing, capsys):
    agreeing.indicators["SP.POP.TOTL"].append(indicator_row("SP.POP.TOTL", "XKX", "2024", 1.0))
    agreeing.change("IT.NET.BBND.P2", "MYS", "2020", 10.5)  # good, and yet not taken
    agreeing.faults["/indicator/PA.NUS.FCRF"] = [
        fault(
            as_json(
                [
                    {
                        "message": [
                            {"id": "175", "key": "Invalid format", "value": "The indicator was not found."}
                        ]
                    }
                ]
            ),
            forever=True,
        )
    ]
    agreeing.faults["/cloud.json"] = [fault(b"<html><title>Sign in</title></html>", kind="text/html")]
    before = everything(package)
    assert main(["--date", DAY], hasty()) == 1
    assert everything(package) == before
    said = capsys.readouterr().err
    assert "population: geography 'XKX' is not in data/tables/geographies.csv" in said
    assert "Invalid format (175): The indicator was not found." in said
    assert "text/html came instead of JSON" in said
    assert said.endswith("Nothing of that was taken. Done: opendosm.\n")


def test_what_fails_the_check_is_refused_and_the_other_sources_go_on(package, agreeing, capsys):
    agreeing.change("IT.NET.USER.ZS", "MYS", "2023", 91.23456)
    listed = json.loads(agreeing.files["/partitions.json"][1])
    listed["partitions"][0]["regions"]["xx-west-9"] = {"description": "Nowhere "}
    kind, body = agreeing.files["/hies/hies_state.csv"]
    agreeing.files["/hies/hies_state.csv"] = kind, body + b"2026-01-01,Johor,,,0.35,\r\n"
    agreeing.files["/partitions.json"] = "text/plain", as_json(listed)
    before = everything(package)
    assert main(["--date", DAY], hasty()) == 1
    changed = {name for name, content in everything(package).items() if content != before[name]}
    assert {Path(name).name for name in changed} == {"datapackage.json", "observations.csv"}
    said = capsys.readouterr()
    assert "regions: data/tables/cloud_regions.csv" in said.err and "ends with a space" in said.err
    assert said.err.endswith("Nothing of that was taken. Done: worldbank, opendosm.\n")
    assert "internet_users/MY/2023" in said.out
    assert found(package, "observations", "internet_users/MY/2023")["value"] == "91.2346"
    assert found(package, "observations", "state_gini/MY-01/2026")["value"] == "0.35"


def test_broken_data_are_not_refreshed(package, agreeing, capsys):
    package.set("observations", 2, "value", "many")
    before = everything(package)
    assert main(["worldbank"], hasty()) == 1
    assert everything(package) == before and not agreeing.asked
    assert "must be a number" in capsys.readouterr().err


def test_no_network(package, monkeypatch, capsys):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("WORLDBANK", "OPENDOSM", "AWS_REGIONS", "GOOGLE_REGIONS"):
        monkeypatch.setenv(f"STORYKIT_{name}_URL", "http://127.0.0.1:9")
    before = everything(package)
    assert main([], hasty()) == 2
    assert everything(package) == before
    said = capsys.readouterr().err
    assert all(f"{name}: no connection. http://127.0.0.1:9" in said for name in SOURCES)
    assert "cannot be reached" in said and said.endswith("Nothing was changed.\n")


def test_the_official_addresses_are_asked_where_no_other_is_set(project, monkeypatch):
    asked = set()

    class Noting:
        def json(self, url, params=None):
            parts = urlsplit(url)
            asked.add(f"{parts.scheme}://{parts.netloc}")
            raise UpstreamError("noted")

        csv = json

    for name in ("WORLDBANK", "OPENDOSM", "AWS_REGIONS", "GOOGLE_REGIONS"):
        monkeypatch.delenv(f"STORYKIT_{name}_URL", raising=False)
    for module in SOURCES.values():
        importlib.import_module(module).fetch(read(), Noting(), DAY, quiet)
    assert asked == {
        "https://api.worldbank.org",
        "https://storage.dosm.gov.my",
        "https://raw.githubusercontent.com",
        "https://www.gstatic.com",
    }


def test_a_series_of_an_unknown_upstream_is_named(package, agreeing, capsys):
    package.set("series", 2, "upstream", "eurostat:tet00003")
    assert main(["regions"], hasty()) == 1
    assert "series.csv, row 2, column upstream: 'eurostat:tet00003'" in capsys.readouterr().err


def test_an_unknown_source_is_named(capsys):
    assert main(["worldbonk"]) == 2
    words = "there is no source 'worldbonk'. Did you mean worldbank? There are: worldbank, opendosm, regions."
    assert words in capsys.readouterr().err


# --- putting in place -----------------------------------------------------------------------------


def test_a_file_edited_meanwhile_is_not_overwritten(package, monkeypatch):
    before, known = replace.snapshot(), read(*replace.ORDER)
    known["observations"][0]["note"] = "refreshed"
    monkeypatch.setattr(replace.checks, "check", lambda: [])
    package.set("observations", 3, "note", "an editor was here")
    descriptor = package.root / "data" / "datapackage.json"
    descriptor.write_text(descriptor.read_text().replace("A decade", "Two decades") + " ")
    edited = everything(package)
    assert replace.put(known.tables, before, DAY) == [
        f"data/{name}: was edited while the refresh ran; run it again"
        for name in ("datapackage.json", "tables/observations.csv")
    ]
    assert everything(package) == edited


def test_a_full_disk_changes_nothing(package, monkeypatch):
    before, known = replace.snapshot(), read(*replace.ORDER)
    known["observations"][0]["note"] = known["cloud_regions"][0]["note"] = "refreshed"
    files = everything(package)
    write = Path.write_bytes

    def full(file, content):
        if file.name == ".cloud_regions.csv.new":
            write(file, content[:10])
            raise OSError(28, "No space left on device")
        return write(file, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    monkeypatch.setattr(replace.checks, "check", lambda: [])
    with pytest.raises(OSError, match="No space"):
        replace.put(known.tables, before, DAY)
    assert everything(package) == files


@pytest.mark.parametrize(("day", "stands"), [("2099-01-31", "2099-01-31"), ("2026-01-31", None)])
def test_the_day_the_data_stand_at_moves_with_the_rows_and_never_back(package, agreeing, day, stands):
    before = descriptor.package()
    agreeing.change("IT.NET.USER.ZS", "MYS", "2023", 91.23456)
    assert main(["worldbank", "--date", day], hasty()) == 0
    assert descriptor.package() == before | {"storykit:asOf": stands or before["storykit:asOf"]}
    assert found(package, "observations", "internet_users/MY/2023")["value"] == "91.2346"


def test_a_day_without_a_change_does_not_move(package, agreeing):
    before = everything(package)
    assert main(["worldbank", "--date", "2099-01-31"], hasty()) == 0
    assert everything(package) == before


def test_a_story_without_regions_and_corrections_is_refreshed(package, agreeing, capsys):
    about = descriptor.package()
    kept = [r for r in about["resources"] if r["name"] not in ("cloud_regions", "corrections")]
    (package.root / "data" / "datapackage.json").write_text(json.dumps(about | {"resources": kept}))
    for name in ("cloud_regions", "corrections"):
        package.file(name).unlink()
    agreeing.change("IT.NET.USER.ZS", "MYS", "2023", 91.23456)
    assert main(["--date", DAY], hasty()) == 0
    assert found(package, "observations", "internet_users/MY/2023")["value"] == "91.2346"
    assert "this story has no table cloud_regions" in capsys.readouterr().out


def test_a_list_of_regions_without_rows_takes_its_first(package, agreeing):
    package.write("cloud_regions", package.rows("cloud_regions")[:1])
    assert main(["regions", "--date", DAY], hasty()) == 0
    assert {row[1] for row in package.rows("cloud_regions")[1:]} == {"aws"}


# --- the client -----------------------------------------------------------------------------------


class Clock:
    """Stands in for `time`: a pause passes at once and is remembered."""

    def __init__(self):
        self.now, self.pauses = 1000.0, []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """The client's clock, and that of urllib3, which makes the pauses between its tries."""
    clock = Clock()
    monkeypatch.setattr("storykit.upstream.http.time", clock)
    monkeypatch.setattr("urllib3.util.retry.time", clock)
    return clock


def test_retry_after_is_honoured(upstream, clock):
    upstream.files["/a.json"] = "application/json", b"[1.10]"
    upstream.faults["/a.json"] = [fault(status=429, Retry_After="7"), fault(status=503)]
    assert hasty().json(upstream.url + "/a.json") == [Decimal("1.10")]
    assert clock.pauses == [7] and len(upstream.asked) == 3


def test_a_long_retry_after_ends_the_request(upstream):
    upstream.faults["/a.json"] = [fault(status=429, Retry_After="3600", forever=True)]
    with pytest.raises(UpstreamError, match=r"come back later \(Retry-After: 3600\)"):
        hasty().json(upstream.url + "/a.json")
    assert len(upstream.asked) == 1


def test_too_many_requests_in_the_end(upstream):
    upstream.faults["/a.json"] = [fault(status=429, forever=True)]
    with pytest.raises(UpstreamError, match="too many requests"):
        hasty().json(upstream.url + "/a.json")
    assert len(upstream.asked) == 3


def test_a_cut_connection_is_tried_again_after_growing_pauses(upstream, clock):
    upstream.files["/a.json"] = "application/json", b"[1]"
    upstream.faults["/a.json"] = [cut, cut]
    assert hasty(backoff=3).json(upstream.url + "/a.json") == [1]
    assert clock.pauses == [3, 6]
    cut.forever = True
    upstream.faults["/a.json"] = [cut]
    try:
        with pytest.raises(Unreachable, match="cut 3 times"):
            hasty().json(upstream.url + "/a.json")
    finally:
        del cut.forever


def test_a_silent_server_is_left(upstream):
    left = threading.Event()  # the server says nothing until it was left, however long that takes
    upstream.faults["/a.json"] = [lambda handler: left.wait(60)]
    try:
        with pytest.raises(Unreachable, match="cannot be reached"):
            hasty(attempts=1, timeout=(5, 0.01)).json(upstream.url + "/a.json")
    finally:
        left.set()


@pytest.mark.parametrize(
    ("body", "how", "words"),
    [
        (b"<html><title>Sign in</title>", {"kind": "text/html"}, "text/html came instead of JSON"),
        (
            b"\n<html><title>Sign in</title>",
            {},
            "a page of HTML or XML, titled 'Sign in' came instead of JSON",
        ),
        (b"[1, 2", {}, "is not JSON"),
        (b"[NaN]", {}, "NaN is not a number JSON knows"),
        (b"[" * 100_000, {}, "is not JSON"),
        (b"gone", {"status": 404}, "answered 404 Not Found"),
    ],
)
def test_an_answer_of_another_kind_is_refused(upstream, body, how, words):
    upstream.faults["/a.json"] = [fault(body, **how)]
    with pytest.raises(UpstreamError, match=words):
        hasty().json(upstream.url + "/a.json")


def test_every_address_is_asked_again_over_https_as_well():
    session = hasty(attempts=4)._session
    found = [session.get_adapter(f"{scheme}://a.example/").max_retries for scheme in ("http", "https")]
    assert [retry.total for retry in found] == [3, 3]


def test_an_enormous_answer_is_refused(upstream):
    huge = b"[" + b"1," * 200_000 + b"1]"
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(huge), huge)
    upstream.faults["/announced.json"] = [fault(huge)]
    upstream.faults["/chunked.json"] = [fault(chunks, Content_Length=None, Transfer_Encoding="chunked")]
    upstream.faults["/packed.json"] = [fault(gzip.compress(huge), Content_Encoding="gzip")]
    for name in ("announced", "chunked", "packed"):
        with pytest.raises(UpstreamError, match=rf"/{name}\.json: .+ more than the 0\.25 MiB allowed"):
            hasty(most_bytes=2**18).json(f"{upstream.url}/{name}.json")


def test_requests_to_a_host_keep_their_pace(upstream, clock):
    upstream.files["/a.json"] = "application/json", b"[1]"
    client = hasty(interval=8)
    for passes in (0, 3, 20):
        clock.now += passes
        client.json(upstream.url + "/a.json")
    assert clock.pauses == [5], "no pause before the first and after a long while, else what is left of it"


# --- World Bank -----------------------------------------------------------------------------------


@pytest.fixture
def one_indicator(upstream) -> Known:
    code = "SP.POP.TOTL"
    upstream.indicators[code] = [
        indicator_row(code, iso3, str(year), 1000.5 + year)
        for iso3 in ("MYS", "SGP")
        for year in range(2024, 1990, -1)
    ]
    upstream.per_page = 7
    return small(
        ["population/MY/2005 1", "population/SG/2006 2"],
        upstream="worldbank:SP.POP.TOTL",
        url="https://data.worldbank.org/indicator/SP.POP.TOTL",
    )


def test_world_bank_pages_and_nulls(upstream, one_indicator):
    upstream.change("SP.POP.TOTL", "SGP", "2010", None)
    batch = worldbank.fetch(one_indicator, hasty(), DAY, quiet)
    assert not batch.problems
    assert len(batch.rows) == 2 * 20 - 1, "2005 to 2024, without the null"
    assert batch.rows[0] == Row("population", "MY", "2024", Decimal("3024.5"), "up")
    assert len(upstream.asked) == 6 and "date=2005%3A2026" in upstream.asked[0]
    assert "/country/MYS;SGP/indicator/" in upstream.asked[0]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            [{"message": [{"id": "120", "key": "Invalid value", "value": "Not valid."}]}],
            r"Invalid value \(120\): Not valid",
        ),
        ([{"message": "?"}], "error"),
        ([{"message": 5}], "error"),
        (
            [
                {"page": 1, "pages": 1, "total": 1},
                [indicator_row("SP.POP.TOTL", "MYS", "2020", [0, [1, 2], 3])],
            ],
            "is not a number",
        ),
        ({"rows": []}, "no header with a list of rows"),
        ([{"page": 1, "pages": 1}, []], "no whole number 'total'"),
        ([{"page": 1, "pages": 1, "total": 9}, []], "announced 9 rows and gave 0"),
        ([{"page": 3, "pages": 3, "total": 9}, []], "asked for page 1, got 3 of 3"),
        (
            [{"page": 1, "pages": 1, "total": 1}, [{"country": "MYS", "year": 2020}]],
            "lacks countryiso3code, date, value",
        ),
        (
            [{"page": 1, "pages": 1, "total": 1}, [indicator_row("OTHER", "MYS", "2020", 1)]],
            "of another indicator",
        ),
        (
            [{"page": 1, "pages": 1, "total": 1}, [indicator_row("SP.POP.TOTL", "MYS", "2020", "..")]],
            "is not a number",
        ),
        (
            [{"page": 1, "pages": 1, "total": 1}, [indicator_row("SP.POP.TOTL", "MYS", "2020Q1", 1)]],
            "is not a year",
        ),
    ],
)
def test_world_bank_answers_that_are_refused(upstream, one_indicator, answer, words):
    upstream.faults["/indicator/SP.POP.TOTL"] = [fault(as_json(answer))]
    batch = worldbank.fetch(one_indicator, hasty(), DAY, quiet)
    assert not batch.rows and len(batch.problems) == 1
    with pytest.raises(UpstreamError, match=words):
        raise UpstreamError(batch.problems[0])


def test_world_bank_updated_while_it_is_read(upstream, one_indicator):
    def newer(handler):
        upstream.updated = "2026-10-08"
        page = upstream.page("SP.POP.TOTL", {"date": "2005:2026", "page": "1"})
        upstream.updated = "2026-10-07"
        send(handler, page)

    upstream.faults["/indicator/SP.POP.TOTL"] = [newer]
    batch = worldbank.fetch(one_indicator, hasty(), DAY, quiet)
    assert "was updated while it was read" in batch.problems[0]


def test_world_bank_needs_a_source_and_a_first_row(one_indicator):
    lost = Known(one_indicator.tables | {"sources": []})
    assert (
        "no source with the address https://data.worldbank.org"
        in worldbank.fetch(lost, hasty(), DAY, quiet).problems[0]
    )
    empty = Known(one_indicator.tables | {"observations": []})
    assert "a first row by hand" in worldbank.fetch(empty, hasty(), DAY, quiet).problems[0]


# --- OpenDOSM -------------------------------------------------------------------------------------


def trade(series: str, frequency: str) -> Known:
    return small(
        [f"{series}/MY/2024-01 1.2345"],
        upstream="opendosm:trade_headline",
        unit="myr_billion",
        frequency=frequency,
        url="https://open.dosm.gov.my/data-catalogue/trade_headline",
    )


MONTHS = [
    {"series": "abs", "date": f"{year}-{month:02}-01", "exports": "125431400000", "exports_domestic": ""}
    for year, last in ((2024, 12), (2025, 5))
    for month in range(1, last + 1)
]


def test_opendosm_months_and_provisional_ones(upstream):
    upstream.files["/trade/trade_headline.csv"] = csv_file(
        [*MONTHS, {**MONTHS[0], "series": "growth_mom", "exports": "3"}]
    )
    rows = opendosm.fetch(trade("my_exports_monthly", "monthly"), hasty(), DAY, quiet).rows
    assert len(rows) == 17 and rows[0].value == Decimal("125.4314") and rows[0].vintage == "data to 2025-05"
    assert [row.period for row in rows if row.note] == ["2025-04", "2025-05"]


def test_opendosm_years_are_sums_of_twelve_months(upstream):
    upstream.files["/trade/trade_headline.csv"] = csv_file(MONTHS)
    (row,) = opendosm.fetch(trade("my_exports", "annual"), hasty(), DAY, quiet).rows
    assert (row.period, row.value, row.nature) == ("2024", Decimal("1505.1768"), "derived")


STATE_ROWS = [
    {
        "date": "2024-01-01",
        "state": name,
        "sex": "both",
        "age": "overall",
        "ethnicity": "overall",
        "population": "12.5",
    }
    for name in ("Pulau Pinang", "W.P. Kuala Lumpur")
]


def state_table() -> Known:
    return small(
        ["population_state/MY-07/2020 1"],
        upstream="opendosm:population_state",
        url="https://open.dosm.gov.my/data-catalogue/population_state",
    )


def test_opendosm_states(upstream):
    upstream.files["/population/population_state.csv"] = csv_file(
        [*STATE_ROWS, {**STATE_ROWS[0], "sex": "male"}]
    )
    rows = opendosm.fetch(state_table(), hasty(), DAY, quiet).rows
    assert [(row.geography, row.value) for row in rows] == [("MY-07", 12500), ("MY-14", 12500)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [{"date": "2024-01-01", "state": "Penang", "female": "1", "male": "2"}],
            "column age, ethnicity, population, sex is missing; there are: date, state, female, male",
        ),
        ([{**STATE_ROWS[0], "sex": "overall_sex"}], "no row has a value in population, sex 'both'"),
        ([STATE_ROWS[0], STATE_ROWS[0]], "stands twice for MY-07 2024"),
        ([{**STATE_ROWS[0], "state": "Atlantis"}] * 2, "stands twice for Atlantis 2024"),
        ([{**STATE_ROWS[0], "population": "n/a"}], "'n/a' is not a number"),
        ([{**STATE_ROWS[0], "population": "sNaN"}], "'sNaN' is not a number"),
        ([{**STATE_ROWS[0], "population": "1e999999"}], "'1e999999' is not a number"),
        ([{**STATE_ROWS[0], "date": "01/01/2024"}], "'01/01/2024' is not a date"),
    ],
)
def test_opendosm_files_that_are_refused(upstream, rows, words):
    upstream.files["/population/population_state.csv"] = csv_file(rows)
    batch = opendosm.fetch(state_table(), hasty(), DAY, quiet)
    assert not batch.rows and words in batch.problems[0]


def test_opendosm_cells_and_letters(upstream):
    kind, body = csv_file(STATE_ROWS)
    for spoilt, words in (
        (body + b"2024-01-01,Penang\r\n", "line 4 has more or fewer cells"),
        (body.replace(b"Pulau", b"Pul\xe1u"), "is not UTF-8"),
    ):
        upstream.files["/population/population_state.csv"] = kind, spoilt
        assert words in opendosm.fetch(state_table(), hasty(), DAY, quiet).problems[0]


def test_opendosm_series_must_say_what_they_take(upstream):
    upstream.files["/trade/trade_headline.csv"] = csv_file(MONTHS)
    odd = trade("goods_sold", "monthly")
    assert (
        "opendosm:trade_headline#word with one of exports, imports, total"
        in opendosm.fetch(odd, hasty(), DAY, quiet).problems[0]
    )
    odd["series"][0]["upstream"] += "#exports"
    assert len(opendosm.fetch(odd, hasty(), DAY, quiet).rows) == 17
    odd["series"][0]["unit"] = "percent"
    assert (
        "goods_sold is in percent, exports of trade_headline in myr_billion"
        in opendosm.fetch(odd, hasty(), DAY, quiet).problems[0]
    )


# --- regions --------------------------------------------------------------------------------------


def test_regions_are_added_reported_and_never_overwritten(package, agreeing):
    listed = json.loads(agreeing.files["/partitions.json"][1])
    main_list = listed["partitions"][0]["regions"]
    main_list["xx-west-9"] = {"description": "Nowhere (West)"}
    main_list["us-east-1"]["description"] = "US East (Virginia)"
    del main_list["us-west-1"]
    agreeing.files["/partitions.json"] = "text/plain", as_json(listed)
    agreeing.files["/cloud.json"] = (
        "application/json",
        agreeing.files["/cloud.json"][1].replace(b"us-west4", b"us-west8"),
    )
    known = read()
    outcome = apply.apply(regions.fetch(known, hasty(), DAY, quiet), known, DAY)
    assert not outcome.problems
    new = [row for row in outcome.tables["cloud_regions"] if row not in known["cloud_regions"]]
    assert [(row["region_id"], row["status"], row["source_ids"]) for row in new] == [
        ("aws-xx-west-9", "open", "botocore-partitions")
    ]
    assert [row for row in outcome.tables["cloud_regions"] if row not in new] == known["cloud_regions"]
    assert sorted((event.kind, event.text.partition(":")[0]) for event in outcome.events) == [
        ("added", "aws-xx-west-9"),
        ("differs", "aws-us-east-1"),
        ("differs", "google-us-west8"),
        ("vanished", "aws-us-west-1"),
        ("vanished", "google-us-west4"),
    ]
    assert replace.put(outcome.tables, replace.snapshot(), DAY) == []
    source = found(package, "sources", "botocore-partitions")
    assert {name: text for name, text in source.items() if text} == regions.BOTOCORE
    assert source["publisher"] == "Amazon Web Services" and source["url"].endswith("/boto/botocore")


def test_only_regions_that_are_places_and_open_to_all_are_listed(upstream):
    areas = {"aws": ["here-1", "aws-global"], "aws-cn": ["there-1"], "aws-iso-b": ["secret-1"]}
    partitions = [
        {"id": name, "regions": {code: {"description": code.title()} for code in codes}}
        for name, codes in areas.items()
    ]
    upstream.files["/partitions.json"] = "text/plain", as_json({"partitions": partitions})
    scopes = [{"scope": name} for name in ("west-1", "global", "east-1", "west-1")]
    upstream.files["/cloud.json"] = "application/json", as_json({"prefixes": scopes})
    batch = regions.fetch(small(["a/MY/2020 1"]), hasty(), DAY, quiet)
    assert not batch.problems
    assert {name: sorted(region.code for region in found) for name, found in batch.regions.items()} == {
        "aws": ["here-1", "there-1"],
        "google": ["east-1", "west-1"],
    }


def test_region_lists_of_another_shape_are_refused(upstream):
    upstream.files["/partitions.json"] = "text/plain", b'{"partitions": [{"id": "aws", "areas": {}}]}'
    upstream.files["/cloud.json"] = "application/json", b'{"prefixes": []}'
    problems = regions.fetch(small(["a/MY/2020 1"]), hasty(), DAY, quiet).problems
    assert "another shape than partitions[].regions" in problems[0] and "lists no region" in problems[1]


# --- what rows mean for our tables ----------------------------------------------------------------


def correction(field: str, upstream_value: str, value: str, key: str = "a/MY/2020") -> dict:
    return {
        "correction_id": "c",
        "table": "observations",
        "key": key,
        "field": field,
        "upstream_value": upstream_value,
        "value": value,
    }


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (one("b", "2020", "1"), "series_id 'b' is not in data/tables/series.csv"),
        (one("a", "2020", "1", "XX"), "geography 'XX' is not in data/tables/geographies.csv"),
        (Row("a", "MY", "2020", Decimal(1), "who"), "source_id 'who' is not in data/tables/sources.csv"),
    ],
)
def test_rows_without_a_place_in_the_tables_are_refused(row, words):
    outcome = merged(small(["a/MY/2020 1"]), row)
    assert words in outcome.problems[0] and not outcome.events


def test_two_values_for_one_thing_are_refused():
    outcome = merged(small(["a/MY/2020 1"]), one("a", "2021", "1"), one("a", "2021", "2"))
    assert outcome.problems == ["a/MY/2021: upstream gives more than one value"]


def test_history_grows_and_the_link_stays():
    known = small(["a/MY/2020 1.5", "a/MY/2020~2 1.4"])
    known["observations"][0]["vintage"] = "first release"
    outcome = merged(known, one("a", "2020", "1.7"))
    rows = {row["observation_id"]: row for row in outcome.tables["observations"]}
    assert [(k, r["value"], r["standing"]) for k, r in rows.items()] == [
        ("a/MY/2020", "1.7", "lead"),
        ("a/MY/2020~2", "1.4", "alternative"),
        ("a/MY/2020~3", "1.5", "alternative"),
    ]
    assert rows["a/MY/2020~3"]["vintage"] == f"first release; superseded {DAY}"
    assert known["observations"][0]["value"] == "1.5", "what came in is not altered"


@pytest.mark.parametrize(
    ("held", "exact", "same"),
    [
        ("1.50", "1.504", True),
        ("1.50", "1.5051", False),
        ("1.24", "1.245", True),
        ("2", "1.9999999", True),
        ("-0.10", "-0.1", True),
    ],
)
def test_rounding_is_no_revision(held, exact, same):
    outcome = merged(small([f"a/MY/2020 {held}", "a/MY/2019 1.25"]), one("a", "2020", exact))
    assert bool(told(outcome, "revised")) is not same


@pytest.mark.parametrize(
    ("exact", "places", "text"),
    [
        ("2317551298052.4", 0, "2317551298052"),
        ("1E+3", 2, "1000"),
        ("0.10000", 4, "0.1"),
        ("-0.00001", 2, "0"),
        ("1.0", 0, "1"),
        ("123456789012345678", 15, "123456789012345678"),
    ],
)
def test_values_are_written_as_the_tables_do(exact, places, text):
    assert apply._written(Decimal(exact), places) == text


@pytest.mark.parametrize(
    ("entry", "period", "value", "words"),
    [
        (
            correction("value", "26.6", "22.6"),
            "2020",
            "26.6",
            "upstream gives 26.6, the row has 22.6 (c: value 22.6 stands",
        ),
        (correction("value", "26.6", "22.6"), "2020", "22.6", "the correction can go"),
        (correction("value", "26.6", "22.6"), "2020", "30", "a third value"),
        (correction("period", "2021", "2020"), "2020", "30", "upstream gives 30, the row has 22.6"),
        (
            correction("period", "2021", "2020"),
            "2021",
            "30",
            "a/MY/2021: upstream gives 30 (c: period 2020 stands",
        ),
        (correction("value", "none", "22.6"), "2020", "26.6", "a third value"),
        (correction("value", "26.6", "22.6", "a/MY/2020~2"), "2020", "26.6", "upstream gives 26.6"),
    ],
)
def test_a_corrected_row_stands_and_is_reported(entry, period, value, words):
    known = small(["a/MY/2020 22.6"], corrections=(entry,))
    outcome = merged(known, one("a", period, value))
    assert outcome.tables["observations"] == known["observations"]
    (event,) = told(outcome, "corrected")
    assert words in event and not told(outcome, "vanished")


def test_split_years_and_older_years_stay_out():
    known = small(["a/MY/2017 5", "a/SG/2015 5", "a_pre2017/MY/2016 1", "a_before_break/SG/2016 1"])
    outcome = merged(
        known,
        one("a", "2016", "9"),
        one("a", "2016", "9", "SG"),
        one("a", "2014", "9"),
        one("a", "2017", "5"),
        one("a", "2015", "5", "SG"),
    )
    assert outcome.tables["observations"] == sorted(known["observations"], key=lambda r: r["observation_id"])
    assert told(outcome, "split") == ["a: 2 (MY 2016, SG 2016)"] and told(outcome, "older") == [
        "a: 1 (MY 2014)"
    ]


def test_a_provisional_month_is_settled():
    known = small([f"a/MY/2024-01 1 {opendosm.PROVISIONAL}", "a/MY/2024-02 1 An editor's note."])
    outcome = merged(
        known,
        one("a", "2024-01", "1", note=""),
        one("a", "2024-02", "1", note=""),
        passing_notes=frozenset({opendosm.PROVISIONAL}),
    )
    assert [row["note"] for row in outcome.tables["observations"]] == ["", "An editor's note."]
    assert told(outcome, "settled") == ["a: 1 (MY 2024-01)"]


def test_new_rows_take_the_words_their_neighbours_agree_on():
    known = small(
        ["a/MY/2019 1 With islands.", "a/MY/2020 2 With islands.", "a/SG/2019 1 One.", "a/SG/2020 1 Two."]
    )
    for row in known["observations"]:
        row["vintage"] = "after the census"
    rows = merged(known, one("a", "2021", "3"), one("a", "2021", "3", "SG")).tables["observations"]
    assert [(r["note"], r["vintage"]) for r in rows if r["period"] == "2021"] == [
        ("With islands.", "after the census"),
        ("", "after the census"),
    ]


def test_only_rows_of_the_same_source_can_vanish():
    known = small(["a/MY/2019 1", "a/MY/2020 1", "a/MY/2021 1"])
    known["observations"][0]["source_ids"] = "paper"
    outcome = merged(known, one("a", "2021", "1"))
    assert told(outcome, "vanished") == ["a: 1 (MY 2020)"] and len(outcome.tables["observations"]) == 3


def test_an_editors_choice_of_another_source_stands():
    known = small(["a/MY/2020 1.5", "a/MY/2020~2 1.4"])
    known["observations"][0]["source_ids"] = "census"
    outcome = merged(known, one("a", "2020", "1.3"))
    assert outcome.tables["observations"] == known["observations"]
    assert told(outcome, "differs") == ["a/MY/2020: upstream gives 1.3, another source leads"]
    known["observations"][1]["vintage"] = "superseded 2026-01-01"
    assert told(merged(known, one("a", "2020", "1.3")), "revised"), "history is no choice"


def test_a_row_of_two_sources_is_a_row_of_each():
    known = small(["a/MY/2019 1.5", "a/MY/2020 1.5"])
    for row in known["observations"]:
        row["source_ids"] = "census;up"
    known["observations"].append(
        {**known["observations"][1], "observation_id": "a/MY/2020~2", "standing": "alternative"}
    )
    outcome = merged(known, one("a", "2020", "1.3"))
    assert [told(outcome, kind) for kind in ("vanished", "revised", "differs")] == [
        ["a: 1 (MY 2019)"],
        ["a/MY/2020: 1.5 -> 1.3 (history: a/MY/2020~3)"],
        [],
    ]


@pytest.mark.parametrize("held", ["https://up.example/a", "https://up.example/a/"])
@pytest.mark.parametrize("asked", ["https://up.example/a", "https://up.example/a/"])
def test_a_source_is_found_by_its_address_with_or_without_a_last_slash(held, asked):
    known = small(["a/MY/2020 1"], url=held)
    assert known.source_at(asked) == "up"
    assert known.source_at("https://up.example/b") is None


def test_a_source_that_rows_rest_on_is_added_once_and_in_order():
    known = small(["a/MY/2020 1"])
    given = [{"source_id": name, "title": name, "url": f"https://{name}.example/"} for name in ("zoo", "all")]
    outcome = merged(
        known, one("a", "2021", "2"), sources=[*given, {**known["sources"][0], "title": "Other"}]
    )
    assert [row["source_id"] for row in outcome.tables["sources"]] == ["all", "up", "zoo"]
    assert known["sources"][0] in outcome.tables["sources"], "what stands there is not overwritten"


@pytest.mark.parametrize("kind", apply.KINDS)
def test_what_may_be_right_and_was_left_out_is_told_to_an_editor(capsys, kind):
    code = refresh._for_an_editor([apply.Event(kind, "a"), apply.Event(kind, "b"), apply.Event("added", "c")])
    waits = kind in ("break", "odd", "flagged")
    told = "2 told above were not taken until an editor has looked at them.\n" if waits else ""
    assert (code, capsys.readouterr().err) == (int(waits), told)


def test_a_region_of_an_open_list_stands_after_those_of_its_provider():
    known = small(["a/MY/2020 1"])
    known["cloud_regions"].extend(
        {
            "region_id": key,
            "provider": key.partition("-")[0],
            "region_code": "x",
            "region_name": "X",
            "status": "open",
        }
        for key in ("aws-x", "google-x")
    )
    given = [
        Region("aws", code, name, "up", "listed") for code, name in (("x", "X"), ("w", "West"), ("e", "East"))
    ]
    outcome = apply.apply(Batch(regions={"aws": given}, open_lists=frozenset({"aws"})), known, DAY)
    keys = [row["region_id"] for row in outcome.tables["cloud_regions"]]
    assert keys == ["aws-x", "aws-e", "aws-w", "google-x"]
    assert outcome.tables["cloud_regions"][1] == {
        "region_id": "aws-e",
        "provider": "aws",
        "region_code": "e",
        "region_name": "East",
        "status": "open",
        "source_ids": "up",
        "confidence": "low",
        "note": "listed",
    }
    assert told(outcome, "added") == ["aws-e: East is listed there", "aws-w: West is listed there"]
    assert len(outcome.events) == 2


def test_a_corrected_region_is_named_as_such():
    known = small(
        ["a/MY/2020 1"],
        corrections=({**correction("region_name", "X", "Y", "aws-x"), "table": "cloud_regions"},),
    )
    known["cloud_regions"].append(
        {"region_id": "aws-x", "provider": "aws", "region_code": "x", "region_name": "Y", "status": "open"}
    )
    outcome = apply.apply(
        Batch(regions={"aws": [Region("aws", "x", "X", "up", "")]}, open_lists=frozenset({"aws"})), known, DAY
    )
    assert told(outcome, "corrected") == ["aws-x: 'Y' here, 'X' upstream (c)"]
    assert outcome.tables["cloud_regions"] == known["cloud_regions"]
