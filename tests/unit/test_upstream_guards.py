"""What a refresh must not be fooled by: answers that are cut, doubled, oddly written, forecast, slow or elsewhere."""

from __future__ import annotations

import gzip
import threading
import time
from decimal import Decimal

import pytest
import requests
from upstream_answers import (
    DAY,
    agree,
    as_json,
    csv_file,
    fault,
    hasty,
    indicator_row,
    main,
    quiet,
    serving,
    small,
    told,
)

from storykit.upstream import apply, http, opendosm, regions, worldbank
from storykit.upstream.http import Unreachable, UpstreamError

CODE = "SP.POP.TOTL"


@pytest.fixture
def upstream(monkeypatch):
    with serving(monkeypatch) as content:
        yield content


@pytest.fixture
def people():
    """One indicator, held for two countries."""
    return small(
        ["population/MY/2020 30", "population/SG/2020 5"],
        upstream=f"worldbank:{CODE}",
        url=f"https://data.worldbank.org/indicator/{CODE}",
    )


@pytest.fixture
def survey():
    """Two measures of one file."""
    known = small(
        ["state_gini/MY-07/2019 0.4", "state_poverty/MY-07/2019 2.1"],
        upstream="opendosm:hies_state",
        unit="index",
        url="https://open.dosm.gov.my/data-catalogue/hies_state",
    )
    known["series"][1]["unit"] = "percent"
    return known


FILE = "/hies/hies_state.csv"
HEADER = "date,state,gini,poverty"


def asked(upstream, known, *lines: str):
    """What the module makes of a survey file of these lines."""
    upstream.files[FILE] = "text/csv", "".join(f"{line}\n" for line in lines).encode()
    return opendosm.fetch(known, hasty(), DAY, quiet)


def answered(upstream, known, *rows: dict, day: str = DAY, **header):
    """What the module makes of one page of these rows."""
    told = {"page": 1, "pages": 1, "total": len(rows)} | header
    upstream.faults[f"/indicator/{CODE}"] = [fault(as_json([told, list(rows)]))]
    return worldbank.fetch(known, hasty(), day, quiet)


def malaysia(year: str, value, **more) -> dict:
    return indicator_row(CODE, "MYS", year, value) | more


# --- the same thing twice -------------------------------------------------------------------------


@pytest.mark.parametrize("again", ["gini", " gini ", "GINI", "\ufeffGini"])
def test_a_column_that_stands_twice_is_refused(upstream, survey, again):
    batch = asked(upstream, survey, f"{HEADER},{again}", "2022-01-01,Pulau Pinang,0.41,2.0,7")
    assert not batch.rows
    assert "column 'gini' stands twice in the header" in batch.problems[0]


def test_a_name_that_stands_twice_in_a_json_object_is_refused(upstream, people):
    body = as_json([{"page": 1, "pages": 1, "total": 1}, [malaysia("2021", 31.0)]])
    upstream.faults[f"/indicator/{CODE}"] = [
        fault(body.replace(b'"value": 31.0', b'"value": 31.0, "value": 32.0'))
    ]
    batch = worldbank.fetch(people, hasty(), DAY, quiet)
    assert not batch.rows and "'value' stands twice in one object" in batch.problems[0]


@pytest.mark.parametrize("other", [None, 31.0, 32.0])
def test_a_country_and_year_that_come_twice_are_refused(upstream, people, other):
    batch = answered(upstream, people, malaysia("2021", other), malaysia("2021", 31.0))
    assert not batch.rows and "MY 2021 stands twice" in batch.problems[0]


def test_a_state_and_year_that_come_twice_are_refused(upstream, survey):
    batch = asked(upstream, survey, HEADER, "2022-01-01,Pulau Pinang,,2", "2022-01-01,Pulau Pinang,0.4,2")
    assert not batch.rows
    assert "gini stands twice for MY-07 2022" in "".join(batch.problems)
    assert "poverty stands twice for MY-07 2022" in "".join(batch.problems)


def test_a_page_that_comes_twice_is_refused(upstream, people):
    page = [malaysia("2021", 31.0)]
    upstream.faults[f"/indicator/{CODE}"] = [
        fault(as_json([{"page": number, "pages": 2, "total": 2}, page])) for number in (1, 2)
    ]
    batch = worldbank.fetch(people, hasty(), DAY, quiet)
    assert not batch.rows and "MY 2021 stands twice" in batch.problems[0]


def test_a_region_listed_twice_is_refused(upstream):
    listed = {"description": "Somewhere"}
    upstream.files["/partitions.json"] = (
        "text/plain",
        as_json({"partitions": [{"id": name, "regions": {"xx-1": listed}} for name in ("aws", "aws-xx")]}),
    )
    batch = regions.fetch(small(["a/MY/2020 1"]), hasty(), DAY, quiet)
    assert "lists xx-1 twice" in batch.problems[0]


# --- cut, and other encodings ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"date,state,gini,poverty\n2022-01-01,Pulau Pinang,0.41,0.", "the last line has no end"),
        (b"date,state,gini,poverty\n2022-01-01,Pulau Pinang,0.41\n", "has more or fewer cells"),
        (b"date,state,gini,poverty,note\n2022-01-01,Pulau Pinang,0.4,2,'\n", ""),
        (
            b'date,state,gini,poverty,note\n2022-01-01,Pulau Pinang,0.4,2,"a\n2019-01-01,Pulau Pinang,0.4,2,"\n',
            "a quote was not closed",
        ),
        (b'"date,state,gini,poverty\n', "cannot be read as CSV"),
        (b"", "the answer is empty"),
        (b"\n", "the answer is empty"),
        ("date,state,gini,poverty\n2022-01-01,Pulau Pinang,0.41,2\n".encode("utf-16"), "is not UTF-8"),
        ("date,state,gini,poverty\n2022-01-01,Pulau Pinang,0.41,2\n".encode("utf-16-le"), "is not UTF-8"),
        ("date,state,gini,poverty\n2022-01-01,Pul\xe1u,0.41,2\n".encode("latin-1"), "is not UTF-8"),
        (b"<!doctype html><title>Wait</title>\n", "a page of HTML or XML, titled 'Wait'"),
        (b"poverty,more,gini,state,date\r\n2,x,0.41,Pulau Pinang,2022-01-01\r\n", ""),
        (b"\xef\xbb\xbfdate,state,gini,poverty\n2022-01-01,Pulau Pinang,0.41,2\n", ""),
    ],
)
def test_only_a_whole_file_in_utf8_is_read_whatever_the_order_of_its_columns(upstream, survey, body, words):
    upstream.faults[FILE] = [fault(body, kind="text/csv")]
    batch = opendosm.fetch(survey, hasty(), DAY, quiet)
    if words:
        assert not batch.rows and words in batch.problems[0]
    else:
        assert {row.value for row in batch.rows} <= {Decimal("0.41"), Decimal("0.4"), Decimal(2)}
        assert len(batch.rows) == 2


def test_json_in_another_encoding_is_refused(upstream):
    upstream.faults["/a.json"] = [fault('{"a": 1}'.encode("utf-16"))]
    with pytest.raises(UpstreamError, match="is not UTF-8"):
        hasty().json(upstream.url + "/a.json")


def test_a_page_that_lacks_rows_is_refused(upstream, people):
    batch = answered(upstream, people, malaysia("2021", 31.0), total=2)
    assert not batch.rows and "announced 2 rows and gave 1" in batch.problems[0]


@pytest.mark.parametrize("total", [True, "1_0", " 1 ", "\uff11", 1.5, [1]])
def test_a_count_that_is_oddly_written_is_refused(upstream, people, total):
    batch = answered(upstream, people, malaysia("2021", 31.0), total=total)
    assert not batch.rows and "no whole number 'total'" in batch.problems[0]


def test_a_packed_answer_that_swells_is_refused_before_it_does(upstream):
    bomb = gzip.compress(bytes(64 * 2**20), 9)
    upstream.faults["/a.json"] = [fault(bomb, Content_Encoding="gzip")]
    with pytest.raises(UpstreamError, match=r"more than the 1 MiB allowed"):
        hasty(most_bytes=2**20).json(upstream.url + "/a.json")


# --- the source's own marks -----------------------------------------------------------------------


def test_a_forecast_is_told_and_never_taken(upstream, people):
    batch = answered(
        upstream, people, malaysia("2021", 31.0, obs_status="F"), malaysia("2022", 32.0, obs_status="")
    )
    outcome = apply.apply(batch, people, DAY)
    assert [row["period"] for row in outcome.tables["observations"]] == ["2020", "2022", "2020"]
    assert told(outcome, "forecast") == ["population: 1 (MY 2021)"]


def test_an_estimate_is_about_and_an_unknown_mark_is_for_an_editor(upstream, people):
    batch = answered(
        upstream,
        people,
        malaysia("2021", 31.0, obs_status="E"),
        malaysia("2022", 32.0, obs_status="Q"),
        malaysia("2023", 33.0, obs_status=["F"]),
        malaysia("2024", 34.0, obs_status=None),
    )
    outcome = apply.apply(batch, people, DAY)
    new = {
        row["period"]: row["qualifier"] for row in outcome.tables["observations"] if row["period"] > "2020"
    }
    assert new == {"2021": "about", "2024": "exact"}
    assert told(outcome, "flagged") == [
        "population/MY/2022: obs_status 'Q'",
        "population/MY/2023: obs_status ['F']",
    ]


def test_months_to_come_are_neither_taken_nor_summed(upstream):
    known = small(
        ["my_exports_monthly/MY/2025-01 1.2", "my_exports/MY/2024 12"],
        upstream="opendosm:trade_headline",
        unit="myr_billion",
        url="https://open.dosm.gov.my/data-catalogue/trade_headline",
    )
    known["series"][1]["frequency"] = "monthly"
    lines = [
        {"series": "abs", "date": f"{year}-{month:02}-01", "exports": "1200000000"}
        for year in (2025, 2026)
        for month in range(1, 13)
    ]
    upstream.files["/trade/trade_headline.csv"] = csv_file(lines)
    batch = opendosm.fetch(known, hasty(), "2026-11-26", quiet)
    outcome = apply.apply(batch, known, "2026-11-26")
    taken = {row["observation_id"]: row for row in outcome.tables["observations"]}
    assert "my_exports/MY/2025" in taken and "my_exports/MY/2026" not in taken
    assert "my_exports_monthly/MY/2026-11" in taken and "my_exports_monthly/MY/2026-12" not in taken
    assert taken["my_exports_monthly/MY/2026-11"]["vintage"] == "data to 2026-11"
    assert told(outcome, "forecast") == ["my_exports_monthly: 1 (MY 2026-12)"]


# --- numbers --------------------------------------------------------------------------------------

ODD = [
    "NaN", "nan", "Infinity", "-inf", "sNaN", "1_000", " 12 ", "12\t", "1,234", "1.234,5", "\u0661\u0662",
    "\uff11\uff12", "1e400", "1e-400", "1e99999999999", "0x1F", "+5", ".5", "5.", "007", "1/2", "12%", "--5", "\u22125",
    "9" * 19, "0." + "1" * 50, "9" * 5000, "..", "n/a", "#REF!", "true",
]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_what_only_resembles_a_number_is_refused_by_name(upstream, people, survey, text):
    batch = answered(upstream, people, malaysia("2021", text), malaysia("2022", 32.0))
    assert not batch.rows and f"{CODE}: MYS 2021: {text[:50]!r}"[:-1] in batch.problems[0]
    assert "is not a number" in batch.problems[0] and len(batch.problems[0]) < 250
    batch = asked(upstream, survey, HEADER, f'2022-01-01,Pulau Pinang,"{text}",2')
    assert not batch.rows and "MY-07 2022: gini" in batch.problems[0]
    assert "is not a number" in batch.problems[0]


@pytest.mark.parametrize(
    "literal", ["true", "1e400", "1e99999999999999999999", "9" * 5000, "[1]", "{}", '""']
)
def test_json_values_that_are_no_numbers_are_refused_by_name(upstream, people, literal):
    body = as_json([{"page": 1, "pages": 1, "total": 1}, [malaysia("2021", 31.5)]])
    upstream.faults[f"/indicator/{CODE}"] = [fault(body.replace(b"31.5", literal.encode()))]
    batch = worldbank.fetch(people, hasty(), DAY, quiet)
    assert not batch.rows and "MYS 2021" in batch.problems[0] and "is not a number" in batch.problems[0]


def test_every_odd_number_of_an_answer_is_named_at_once(upstream, people, survey):
    batch = answered(
        upstream, people, *(malaysia(str(2021 + n), text) for n, text in enumerate(["NaN", "1_0", "x"]))
    )
    assert [problem.split(": ")[2] for problem in batch.problems] == ["MYS 2021", "MYS 2022", "MYS 2023"]
    batch = asked(upstream, survey, HEADER, "2022-01-01,Pulau Pinang,x,y", "20220101,Pulau Pinang,1,1")
    assert len(batch.problems) == 3, "two cells and a date"


@pytest.mark.parametrize(
    "date", ["\u0662\u0660\u0662\u0662-01-01", "2022-13-01", "2022-02-30", "2022", "2022-01-01 "]
)
def test_a_date_that_cannot_be_is_refused(upstream, survey, date):
    batch = asked(upstream, survey, HEADER, f"{date},Pulau Pinang,0.41,2")
    assert not batch.rows and f"{date!r} is not a date" in batch.problems[0]


def test_a_year_in_digits_of_another_script_is_refused(upstream, people):
    batch = answered(upstream, people, malaysia("\u0662\u0660\u0662\u0661", 31.0))
    assert not batch.rows and "is not a year" in batch.problems[0]


@pytest.mark.parametrize(
    ("text", "written"), [("-0.0", "0"), ("3.10e1", "31"), ("31.000", "31"), ("29.5", "29.5")]
)
def test_a_number_is_taken_as_it_was_written(upstream, people, text, written):
    people["observations"][0]["value"] = "30.25"
    people["observations"].append(
        people["observations"][0] | {"observation_id": "population/MY/2019", "period": "2019", "value": "0"}
    )
    outcome = apply.apply(answered(upstream, people, malaysia("2021", text)), people, DAY)
    assert outcome.tables["observations"][2]["value"] == written


# --- a server that is slow, or elsewhere ----------------------------------------------------------


@pytest.mark.parametrize("part", ["status", "headers", "body", "chunks"])
def test_the_time_for_an_answer_is_limited_however_it_drips(upstream, part):
    left = threading.Event()

    def drip(handler):
        say = handler.connection.sendall
        if part != "status":
            say(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
        if part == "body":
            say(b"Content-Length: 200000\r\n\r\n")
        if part == "chunks":
            say(b"Transfer-Encoding: chunked\r\n\r\n")
        piece = {"status": b"H", "headers": b"X-A: 1\r\n", "body": b"1", "chunks": b"1\r\n1\r\n"}[part]
        while not left.wait(0.02):
            say(piece)
        handler.close_connection = True

    upstream.faults["/a.json"] = [drip]
    begin = time.monotonic()
    try:
        with pytest.raises(Unreachable, match=r"took more than 0\.3 seconds|cannot be reached"):
            hasty(most_seconds=0.3, attempts=1).json(upstream.url + "/a.json")
    finally:
        left.set()
    assert time.monotonic() - begin < 5


def test_all_tries_and_pauses_stay_within_one_limit(upstream):
    upstream.faults["/a.json"] = [fault(status=503, forever=True)]
    begin = time.monotonic()
    with pytest.raises(Unreachable, match=r"took more than 0\.3 seconds"):
        hasty(most_seconds=0.3, backoff=30).json(upstream.url + "/a.json")
    assert time.monotonic() - begin < 5


def test_endless_headers_are_refused(upstream):
    def many(handler):
        handler.connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 100_000 + b"\r\n")
        handler.close_connection = True

    many.forever = True
    upstream.faults["/a.json"] = [many]
    with pytest.raises(UpstreamError, match=r"/a\.json"):
        hasty().json(upstream.url + "/a.json")


def test_a_redirect_to_another_host_is_refused_by_both_names(upstream):
    port = upstream.url.rpartition(":")[2]
    upstream.files["/b.json"] = "application/json", b"[1]"
    upstream.faults["/a.json"] = [fault(status=302, Location=f"http://localhost:{port}/b.json")]
    with pytest.raises(
        UpstreamError, match=rf"127\.0\.0\.1:{port} sends us on to another host, localhost:{port}"
    ):
        hasty().json(upstream.url + "/a.json")
    assert len(upstream.asked) == 1, "the other host was not asked"


@pytest.mark.parametrize(
    "target", ["//evil.example/b", "https://evil.example/b", "http://u@127.0.0.1/b", "ftp:b", "http://["]
)
def test_redirects_away_are_refused_however_they_are_written(upstream, target):
    upstream.faults["/a.json"] = [fault(status=301, Location=target)]
    with pytest.raises(UpstreamError):
        hasty().json(upstream.url + "/a.json")
    assert len(upstream.asked) == 1


def test_a_redirect_that_drops_the_encryption_is_refused():
    answer = requests.Response()
    answer.url, answer.status_code = "https://up.example/a", 301
    answer.headers["Location"] = "http://up.example/a"
    with pytest.raises(UpstreamError, match="from https to http"):
        http.Session().get_redirect_target(answer)


def test_a_redirect_within_the_host_is_followed_and_a_circle_is_not(upstream):
    upstream.files["/b.json"] = "application/json", b"[1]"
    upstream.faults["/a.json"] = [fault(status=302, Location="/b.json")]
    assert hasty().json(upstream.url + "/a.json") == [1]
    upstream.faults["/c.json"] = [fault(status=302, Location="/c.json", forever=True)]
    with pytest.raises(UpstreamError, match="redirects"):
        hasty().json(upstream.url + "/c.json")


# --- from end to end ------------------------------------------------------------------------------


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


def test_a_row_for_a_year_to_come_is_left_out_and_all_else_goes_on(package, agreeing, monkeypatch, capsys):
    code = "IT.NET.USER.ZS"
    agreeing.indicators[code] += [
        indicator_row(code, "MYS", "2025", 98.5),
        indicator_row(code, "MYS", "2030", 99.5),
    ]
    everything = agreeing.page
    monkeypatch.setattr(agreeing, "page", lambda code, query: everything(code, query | {"date": "0:9999"}))
    assert main(["worldbank", "--date", DAY], hasty()) == 0
    keys = {row[0] for row in package.rows("observations")}
    assert "internet_users/MY/2025" in keys and "internet_users/MY/2030" not in keys
    said = capsys.readouterr().out
    assert "a forecast, or for a time to come, left out:\n  internet_users: 1 (MY 2030)" in said


def test_a_value_a_thousand_times_too_large_is_left_to_an_editor_and_all_else_goes_on(
    package, agreeing, capsys
):
    code = "NY.GDP.PCAP.CD"
    vietnam = max(
        (r for r in agreeing.indicators[code] if r["countryiso3code"] == "VNM"), key=lambda r: r["date"]
    )
    vietnam["value"] *= 1000
    agreeing.change(code, "MYS", "2024", 12_000.0)
    before = package.rows("observations")
    assert main(["worldbank", "--date", DAY], hasty()) == 1
    held = {row[0]: row for row in package.rows("observations")}
    thing = f"gdp_per_head/VN/{vietnam['date']}"
    assert held[thing] == next(row for row in before if row[0] == thing)
    assert held["gdp_per_head/MY/2024"][4] == "12000"
    said = capsys.readouterr().out
    assert "unlike what the place has had, not taken" in said
    assert f"{thing}: " in said and "times the largest value of this place" in said


def test_a_cut_file_refuses_its_own_source_only(package, agreeing, capsys):
    kind, body = agreeing.files[FILE]
    agreeing.files[FILE] = kind, body[:-3]
    agreeing.change("IT.NET.USER.ZS", "MYS", "2023", 91.23456)
    assert main(["--date", DAY], hasty()) == 1
    said = capsys.readouterr()
    assert "opendosm: state_gini" in said.err and "the last line has no end" in said.err
    assert said.err.endswith("Nothing of that was taken. Done: worldbank, regions.\n")
    assert "internet_users/MY/2023" in said.out
