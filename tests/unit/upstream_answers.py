"""A server on this machine that answers in the documented shapes of the upstreams, and misbehaves at will."""

from __future__ import annotations

import contextlib
import csv
import http.server
import io
import json
import threading
from collections import defaultdict
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from storykit import cli, tables
from storykit.upstream import apply
from storykit.upstream.apply import Batch, Known, Row
from storykit.upstream.http import Client
from storykit.upstream.refresh import READ

DAY = "2026-12-01"
STATES = {
    "MY-07": "Pulau Pinang",
    "MY-14": "W.P. Kuala Lumpur",
    "MY-15": "W.P. Labuan",
    "MY-16": "W.P. Putrajaya",
}


class Upstream:
    """Holds what the server says: `indicators`, `files`, and `faults`, used up before it behaves."""

    per_page = 1000

    def __init__(self):
        self.indicators: dict[str, list[dict]] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.faults: dict[str, list] = defaultdict(list)
        self.asked: list[str] = []
        self.updated = "2026-10-07"

    def answer(self, handler) -> None:
        parts = urlsplit(handler.path)
        self.asked.append(handler.path)
        for path, faults in self.faults.items():
            if parts.path.endswith(path) and faults:
                fault = faults[0] if getattr(faults[0], "forever", False) else faults.pop(0)
                return fault(handler)
        if "/indicator/" in parts.path:
            query = {k: v[0] for k, v in parse_qs(parts.query).items()}
            return send(handler, self.page(parts.path.rpartition("/")[2], query))
        kind, body = self.files.get(parts.path, ("text/html", b""))
        return send(handler, body, kind, 200 if body else 404)

    def page(self, code: str, query: dict) -> bytes:
        first, last = query["date"].split(":")
        rows = [row for row in self.indicators[code] if first <= row["date"] <= last]
        page, pages = int(query["page"]), -(-len(rows) // self.per_page)
        header = {
            "page": page,
            "pages": pages,
            "per_page": str(self.per_page),
            "total": len(rows),
            "sourceid": "2",
            "sourcename": "World Development Indicators",
            "lastupdated": self.updated,
        }
        return as_json([header, rows[(page - 1) * self.per_page : page * self.per_page] or None])

    def change(self, code: str, iso3: str, year: str, value) -> None:
        self.row(code, iso3, year)["value"] = value

    def row(self, code: str, iso3: str, year: str) -> dict:
        return next(r for r in self.indicators[code] if (r["countryiso3code"], r["date"]) == (iso3, year))


def as_json(content) -> bytes:
    return json.dumps(content, default=float).encode()


def send(
    handler, body: bytes, kind: str = "application/json;charset=utf-8", status: int = 200, **headers
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    for name, value in ({"Content_Length": str(len(body))} | headers).items():
        if value is not None:
            handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def fault(body: bytes = b"", *, forever: bool = False, **how):
    def misbehave(handler):
        send(handler, body, **how)

    misbehave.forever = forever
    return misbehave


def cut(handler) -> None:
    """Announces more than it sends, and hangs up."""
    send(handler, b'[{"page":1', Content_Length="5000")
    handler.close_connection = True


@contextlib.contextmanager
def serving(monkeypatch):
    """An `Upstream` at a port of this machine, where all modules ask while this lasts."""
    content = Upstream()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet, or each answer waits 40 ms for the other side's word

        def do_GET(self):
            content.answer(self)

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    content.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("STORYKIT_WORLDBANK_URL", content.url + "/v2")
    monkeypatch.setenv("STORYKIT_OPENDOSM_URL", content.url)
    monkeypatch.setenv("STORYKIT_AWS_REGIONS_URL", content.url + "/partitions.json")
    monkeypatch.setenv("STORYKIT_GOOGLE_REGIONS_URL", content.url + "/cloud.json")
    yield content
    server.shutdown()
    server.server_close()


def hasty(**options) -> Client:
    return Client(**({"attempts": 3, "backoff": 0, "timeout": (2, 2), "interval": 0} | options))


def quiet(text: str) -> None:
    pass


# --- answers that say what the package holds ------------------------------------------------------


def read(*names: str) -> Known:
    return Known({name: tables.raw(name).to_dict("records") for name in names or READ})


def agree(upstream: Upstream) -> None:
    """Let the server give exactly what the package holds."""
    known = read()
    leading = [row for row in known["observations"] if row["standing"] == "lead"]
    by_series = defaultdict(list)
    for row in leading:
        by_series[row["series_id"]].append(row)
    iso3 = {row["geography"]: row["iso_alpha3"] for row in known["geographies"]}
    for entry in known.series_of("worldbank"):
        code = entry["upstream"].partition(":")[2]
        rows = [
            indicator_row(code, iso3[r["geography"]], r["period"], float(r["value"]))
            for r in by_series[entry["series_id"]]
        ]
        # Years split off into a sibling series stand in the same indicator upstream.
        rows += [
            indicator_row(code, iso3[r["geography"]], r["period"], 77.7)
            for name in (f"{entry['series_id']}_before_break", f"{entry['series_id']}_pre2017")
            for r in by_series[name]
        ]
        upstream.indicators[code] = sorted(
            rows, key=lambda r: (r["countryiso3code"], r["date"]), reverse=True
        )
    upstream.files |= dosm_files(known, by_series)
    upstream.files |= region_files(known)


def indicator_row(code: str, iso3: str, year: str, value) -> dict:
    return {
        "indicator": {"id": code, "value": "..."},
        "country": {"id": iso3[:2], "value": "..."},
        "countryiso3code": iso3,
        "date": year,
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 1,
    }


def csv_file(rows: list[dict]) -> tuple[str, bytes]:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return "text/csv", text.getvalue().encode()


def dosm_files(known: Known, by_series: dict) -> dict:
    names = {row["geography"]: STATES.get(row["geography"], row["name"]) for row in known["geographies"]}

    def cells(series):
        return [(names[r["geography"]], r["period"], Decimal(r["value"])) for r in by_series[series]]

    months = {
        period: {"series": "abs", "date": f"{period}-01"}
        for _, period, _ in cells("trade_my_world_exports_monthly")
    }
    for column in ("exports", "imports", "total"):
        held = {period: value for _, period, value in cells(f"trade_my_world_{column}_monthly")}
        years = {year: value for _, year, value in cells(f"trade_my_world_{column}")}
        for period, value in held.items():
            # The months held are rounded; where that shows in the year's sum, they get some of it back.
            months[period][column] = value * 10**9
            rest = years.get(period[:4], 0) - sum(v for p, v in held.items() if p[:4] == period[:4])
            if period[:4] in years and abs(rest) > Decimal("0.005"):
                months[period][column] += Decimal(40_000).copy_sign(rest)
    growth = [{**row, "series": "growth_yoy", "exports": "7.5"} for row in months.values()]
    people = [
        {
            "date": f"{year}-01-01",
            "state": state,
            "sex": "both",
            "age": "overall",
            "ethnicity": "overall",
            "population": value / 1000,
        }
        for state, year, value in cells("population_state")
    ]
    men = [{**row, "sex": "male"} for row in people]
    gdp = [
        {"series": word, "date": f"{year}-01-01", "state": state, "sector": "p0", "value": value}
        for series, word in (("state_gdp_real", "abs"), ("state_gdp_growth", "growth_yoy"))
        for state, year, value in cells(series)
    ]
    gdp += [{**gdp[0], "state": "Supranational"}, {**gdp[0], "sector": "p1"}]
    survey = defaultdict(dict)
    for column, series in (
        ("income_mean", "state_household_income_mean"),
        ("gini", "state_gini"),
        ("income_median", "state_household_income_median"),
        ("poverty", "state_poverty_rate"),
    ):
        for state, year, value in cells(series):
            survey[state, year] |= {"date": f"{year}-01-01", "state": state, column: value}
    columns = ["date", "state", "income_mean", "income_median", "gini", "poverty"]
    return {
        "/trade/trade_headline.csv": csv_file([*months.values(), *growth]),
        "/population/population_state.csv": csv_file(people + men),
        "/gdp/gdp_state_real_supply.csv": csv_file(gdp),
        "/hies/hies_state.csv": csv_file([dict.fromkeys(columns, "") | row for row in survey.values()]),
    }


def region_files(known: Known) -> dict:
    listed = {
        p: {
            r["region_code"]: {"description": r["region_name"]}
            for r in known["cloud_regions"]
            if r["provider"] == p and r["region_code"]
        }
        for p in ("aws", "google")
    }
    partitions = [
        {"id": "aws", "regions": listed["aws"] | {"aws-global": {"description": "global"}}},
        {"id": "aws-iso", "regions": {"us-iso-east-1": {"description": "US ISO East"}}},
    ]
    prefixes = [
        {"ipv4Prefix": "34.0.0.0/16", "service": "Google Cloud", "scope": c}
        for c in [*listed["google"], "global"]
    ]
    return {
        "/partitions.json": (
            "text/plain; charset=utf-8",
            as_json({"partitions": partitions, "version": "1.1"}),
        ),
        "/cloud.json": ("application/json", as_json({"syncToken": "1", "prefixes": prefixes})),
    }


# --- a package in memory ---------------------------------------------------------------------------


def small(
    held: list[str],
    *,
    upstream: str = "",
    url: str = "https://up.example/a",
    unit: str = "people",
    corrections: tuple = (),
    frequency: str = "annual",
    source: str = "up",
) -> Known:
    """A package in memory; `held` are "id value [note]"."""
    observations = []
    for text in held:
        key, value, *note = text.split(" ", 2)
        series, place, period = key.partition("~")[0].split("/")
        observations.append(
            {
                "observation_id": key,
                "series_id": series,
                "geography": place,
                "period": period,
                "value": value,
                "qualifier": "exact",
                "nature": "observed",
                "standing": "alternative" if "~" in key else "lead",
                "vintage": "",
                "source_ids": source,
                "confidence": "high",
                "note": "".join(note),
            }
        )
    names = sorted({row["series_id"] for row in observations})
    return Known(
        {
            "observations": observations,
            "series": [
                {"series_id": name, "upstream": upstream, "unit": unit, "frequency": frequency}
                for name in names
            ],
            "geographies": [
                {"geography": "MY", "name": "Malaysia", "iso_alpha3": "MYS"},
                {"geography": "SG", "name": "Singapore", "iso_alpha3": "SGP"},
                {"geography": "MY-07", "name": "Penang", "iso_alpha3": ""},
                {"geography": "MY-14", "name": "Kuala Lumpur", "iso_alpha3": ""},
            ],
            "sources": [{"source_id": "up", "title": "Up", "url": url}],
            "cloud_regions": [],
            "corrections": list(corrections),
        }
    )


def merged(known: Known, *rows: Row, **batch) -> apply.Outcome:
    return apply.apply(Batch(rows=list(rows), answered={row.series_id for row in rows}, **batch), known, DAY)


def told(outcome: apply.Outcome, kind: str) -> list[str]:
    return [event.text for event in outcome.events if event.kind == kind]


def one(series: str, period: str, value: str, geography: str = "MY", **more) -> Row:
    return Row(series, geography, period, Decimal(value), "up", **more)


def main(words: list[str], client: Client | None = None) -> int:
    """`storykit refresh` with these words."""
    return cli.main(["refresh", *words], client)
