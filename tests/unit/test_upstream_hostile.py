"""Answers that nobody thought of: a good one, spoilt at random, from a server on this machine.

Whatever comes, a refresh ends in time and without a traceback, and either refuses in words and changes nothing, or
every value it takes is what the answer says, once, in plain digits. A few hundred answers in the suite;
`STORYKIT_ANSWERS=10000` asks for more, a third of them for each kind of upstream.
"""

from __future__ import annotations

import copy
import csv
import gzip
import io
import json
import os
import re
import time
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from upstream_answers import as_json, hasty, indicator_row, quiet, send, serving, small

from storykit.upstream import apply, opendosm, regions, worldbank
from storykit.upstream.http import Unreachable

DAY = "2026-11-26"
CODE = "SP.POP.TOTL"
ANSWERS = int(os.environ.get("STORYKIT_ANSWERS", "300"))
LONGEST = 10.0
"""Seconds for one answer with its tries; the client is told 2 a request, and asks for two."""
PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")
answers = settings(
    max_examples=-(-ANSWERS // 3),
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],  # it says how busy the machine is
)


@pytest.fixture(scope="module")
def upstream():
    with pytest.MonkeyPatch.context() as patch, serving(patch) as content:
        yield content


@pytest.fixture(scope="module")
def client():
    return hasty(attempts=2, timeout=(1, 1), most_seconds=2, most_bytes=2**18)


# --- how an answer is spoilt ----------------------------------------------------------------------

NUMBERS = st.one_of(
    st.sampled_from(
        [None, True, "NaN", "Infinity", "1_000", " 12 ", "1,234", "\u0661\u0662", "1e400", "", "-0.0", [], {}]
    ),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**30), 10**30),
    st.decimals(-100, 100, places=3).map(str),
    st.text(max_size=8),
)
YEARS = st.one_of(
    st.integers(1990, 2100).map(str),
    st.sampled_from([2021, "20x1", "\u0662\u0660\u0662\u0661", "", None, "2021Q1"]),
)
FACTORS = st.sampled_from([0, 0.001, 0.01, 0.1, 0.999, 1.001, 1.12, 10, 100, 1000, -1])
TEXTS = st.one_of(
    st.sampled_from(["", "F", "E", "A", "Q", "SGP", "MYS", "XKX", "Pulau Pinang"]), st.text(max_size=6)
)


@st.composite
def spoilt_bytes(draw, body: bytes) -> bytes:
    """A body that is cut, has a part twice, has other bytes within, or another encoding; or as it was."""
    where, end = sorted((draw(st.integers(0, len(body))), draw(st.integers(0, len(body)))))
    return draw(
        st.sampled_from(
            [
                *[body] * 12,
                body[:where],
                body[where:],
                body[:where] + body[end:],
                body[:end] + body[where:],
                body[:where] + draw(st.binary(max_size=4)) + body[where:],
                body[:where]
                + draw(st.sampled_from([b",", b'"', b"\n", b"0", b"\0", b"<", b"]"]))
                + body[where:],
                body.decode().encode(draw(st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "utf-32"]))),
            ]
        )
    )


@st.composite
def ways(draw, kind: str) -> dict:
    """How an answer is sent: mostly as it should be."""
    return draw(
        st.sampled_from(
            [
                *[{"kind": kind}] * 20,
                {
                    "kind": draw(
                        st.sampled_from(["text/html", "image/png", "text/plain", ";;", "a/b; charset=utf-16"])
                    )
                },
                {
                    "kind": kind,
                    "status": draw(st.sampled_from([201, 204, 206, 302, 304, 400, 404, 429, 500, 503])),
                },
                {
                    "kind": kind,
                    "status": 302,
                    "Location": draw(st.sampled_from(["http://localhost:9/", "//x", "http://["])),
                },
                {"kind": kind, "Content_Length": draw(st.sampled_from(["0", "7", "-1", "x", "999999999"]))},
                {"kind": kind, "Content_Encoding": draw(st.sampled_from(["gzip", "deflate", "br", "x"]))},
                {"kind": kind, "Retry_After": draw(st.sampled_from(["x", "-1", "9999999"])), "status": 503},
            ]
        )
    )


def sends(body: bytes, packed: bool, how: dict):
    def answer(handler):
        coded = {"Content_Encoding": "gzip"} if packed else {}
        send(handler, gzip.compress(body) if packed else body, Connection="close", **how | coded)

    answer.forever = True
    return answer


@st.composite
def tables_of(draw, rows: list[dict], number: str, dates: st.SearchStrategy) -> list[dict]:
    """Rows of which some are changed, gone, twice, or in another order."""
    rows = copy.deepcopy(rows)
    for _ in range(draw(st.integers(0, 3))):
        row = draw(st.sampled_from(rows))
        field = draw(st.sampled_from(sorted(row)))
        match draw(st.sampled_from(["number", "scale", "date", "text", "gone", "twice", "order", "all"])):
            case "number":
                row[number] = draw(NUMBERS)
            case "scale" if isinstance(row.get(number), int | float):
                row[number] *= draw(FACTORS)
            case "date":
                row["date"] = draw(dates)
            case "text":
                row[field] = draw(TEXTS)
            case "gone" if len(rows) > 1:
                rows.remove(row)
            case "twice":
                rows.append(dict(row))
            case "order":
                rows = draw(st.permutations(rows))
            case "all":
                factor = draw(FACTORS)
                for each in rows:
                    if isinstance(each.get(number), int | float):
                        each[number] *= factor
    return rows


# --- what holds whatever comes --------------------------------------------------------------------


def taken(module, known, client) -> list[dict]:
    """Rows that are new or changed after an answer; fails on a traceback, a hang, or a change in spite of a refusal."""
    before, begin = copy.deepcopy(known.tables), time.monotonic()
    try:
        batch = module.fetch(known, client, DAY, quiet)
    except Unreachable as problem:
        assert str(problem)
        event("no connection")
        return []
    finally:
        assert time.monotonic() - begin < LONGEST
        assert known.tables == before, "what is known is never altered"
    outcome = apply.apply(batch, known, DAY)
    assert known.tables == before, "what is known is never altered"
    assert all(isinstance(problem, str) and problem for problem in outcome.problems)
    event(
        "refused"
        if outcome.problems
        else ", ".join(sorted({told.kind for told in outcome.events})) or "nothing new"
    )
    if outcome.problems:
        assert outcome.tables["observations"] == before["observations"], "refused, and yet changed"
        return []
    return [
        row
        for name in ("observations", "cloud_regions")
        for row in outcome.tables[name]
        if row not in before[name] and row.get("standing") != "alternative"
    ]


def holds(row: dict, said: list, largest: float) -> None:
    """One value for the thing in the whole answer, this one, to the last digit that the series keeps."""
    assert PLAIN.fullmatch(row["value"]), row
    assert len(said) == 1, "the answer says it more than once, or not at all"
    exact = Decimal(said[0])
    places = 2
    assert abs(Decimal(row["value"]) - exact) <= Decimal("0.500001").scaleb(-places), (row, said)
    assert row["nature"] == "observed" and row["period"] <= DAY[:4]
    assert abs(exact) <= 10 * Decimal(largest), "far from anything its place has had"


HELD = {"MY": {"2017": "31.11", "2018": "32.38", "2019": "32.52", "2020": "32.45", "2021": "32.58"},
        "SG": {"2017": "5.61", "2018": "5.64", "2019": "5.7", "2020": "5.69", "2021": "5.45"}}  # fmt: skip
ISO = {"MYS": "MY", "SGP": "SG"}


@pytest.fixture(scope="module")
def people():
    return small(
        [
            f"population/{place}/{year} {value}"
            for place, values in HELD.items()
            for year, value in values.items()
        ],
        upstream=f"worldbank:{CODE}",
        url=f"https://data.worldbank.org/indicator/{CODE}",
    )


INDICATOR = [
    indicator_row(CODE, iso, year, float(value))
    for iso, place in ISO.items()
    for year, value in (HELD[place] | {"2022": HELD[place]["2021"]}).items()
]


@st.composite
def indicators(draw) -> tuple[bytes, bool, dict]:
    rows = draw(tables_of(INDICATOR, "value", YEARS))
    header = {"page": 1, "pages": 1, "total": len(rows), "lastupdated": "2026-10-07"}
    if draw(st.integers(0, 9)) == 0:
        header[draw(st.sampled_from(sorted(header)))] = draw(NUMBERS)
    body = draw(spoilt_bytes(as_json([header, rows])))
    return body, draw(st.booleans()), draw(ways("application/json"))


@answers
@given(answer=indicators())
def test_world_bank(upstream, client, people, answer):
    body, packed, how = answer
    upstream.faults[f"/indicator/{CODE}"] = [sends(body, packed, how)]
    for row in taken(worldbank, people, client):
        found = json.loads(body.decode("utf-8-sig"), parse_float=str, parse_int=str)[1]
        said = [
            r
            for r in found
            if ISO.get(r["countryiso3code"]) == row["geography"] and str(r["date"]) == row["period"]
        ]
        assert not said[0].get("obs_status") or said[0]["obs_status"] in "AE"
        holds(row, [r["value"] for r in said], max(float(v) for v in HELD[row["geography"]].values()))


STATES = {"Pulau Pinang": "MY-07", "W.P. Kuala Lumpur": "MY-14"}


@pytest.fixture(scope="module")
def survey():
    return small(
        [f"state_poverty/{place}/{year} {value}" for place, values in zip(STATES.values(), HELD.values())
         for year, value in values.items()],
        upstream="opendosm:hies_state",
        unit="percent",
        url="https://open.dosm.gov.my/data-catalogue/hies_state",
    )  # fmt: skip


SURVEY = [
    {"date": f"{year}-01-01", "state": state, "poverty": float(value), "gini": 0.4}
    for state, place in zip(STATES, HELD)
    for year, value in (HELD[place] | {"2022": HELD[place]["2021"]}).items()
]


@st.composite
def files(draw) -> tuple[bytes, bool, dict]:
    rows = draw(tables_of(SURVEY, "poverty", YEARS.map("{}-01-01".format) | YEARS))
    names = draw(st.permutations(["date", "state", "poverty", "gini"]))
    if draw(st.integers(0, 9)) == 0:
        names = [*names, draw(st.sampled_from(["poverty", " Poverty", "more", "", "DATE"]))]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writerows([names, *([row.get(name, 1) for name in names] for row in rows)])
    return (
        draw(spoilt_bytes(text.getvalue().encode("utf-8", "replace"))),
        draw(st.booleans()),
        draw(ways("text/csv")),
    )


@answers
@given(answer=files())
def test_opendosm(upstream, client, survey, answer):
    body, packed, how = answer
    upstream.faults["/hies/hies_state.csv"] = [sends(body, packed, how)]
    for row in taken(opendosm, survey, client):
        header, *lines = filter(None, csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
        cells = [dict(zip(header, line)) for line in lines]
        said = [
            c for c in cells if STATES.get(c["state"]) == row["geography"] and c["date"][:4] == row["period"]
        ]
        held = HELD[{"MY-07": "MY", "MY-14": "SG"}[row["geography"]]]
        holds(row, [c["poverty"] for c in said], max(float(v) for v in held.values()))
        assert body.endswith(b"\n") and len({name.strip().casefold() for name in header}) == len(header)


LISTED = {
    "partitions": [
        {"id": "aws", "regions": {f"xx-west-{n}": {"description": f"Place {n}"} for n in range(3)}}
    ]
}


@answers
@given(body=spoilt_bytes(as_json(LISTED)), how=ways("text/plain"), packed=st.booleans())
def test_regions(upstream, client, people, body, how, packed):
    upstream.faults["/partitions.json"] = [sends(body, packed, how)]
    upstream.files["/cloud.json"] = "application/json", b'{"prefixes": [{"scope": "a-1"}]}'
    for row in taken(regions, people, client):
        listed = json.loads(body.decode("utf-8-sig"))["partitions"]
        assert [row["region_name"]] == [
            part["regions"][row["region_code"]]["description"]
            for part in listed
            if row["region_code"] in part["regions"]
        ]
