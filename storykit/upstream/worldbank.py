"""World Bank Indicators API, version 2.

    GET {base}/country/{ISO3;ISO3;...}/indicator/{CODE}?format=json&per_page=1000&page=1&date=2005:2025

An answer is an array of two: a header (page, pages, per_page, total, lastupdated) and rows (countryiso3code,
date, value or null, indicator.id, obs_status, ...). An error is an array of one, with status 200. No key is needed.
Documented at https://datahelpdesk.worldbank.org/knowledgebase/articles/898581; data under CC BY 4.0.

The client is ours and not wbgapi: wbgapi sends each request once, without time limit, pause, `Retry-After` or
limit of size, pages by counting what the header claims and not what came, keeps its address in a global of
the module, and reads lists of concepts and countries before the first number.
"""

from __future__ import annotations

import os
import re
from decimal import Decimal
from typing import Any

from storykit.upstream import numbers
from storykit.upstream.apply import Batch, Known, Row
from storykit.upstream.http import Client, Say, Unreachable, UpstreamError

BASE = "https://api.worldbank.org/v2"
"""Overridden by the environment variable STORYKIT_WORLDBANK_URL."""
PAGE = "https://data.worldbank.org/indicator/{code}"
"""Address of an indicator for people: the source of its rows is the one with this address."""
STATUSES = {"": {}, "A": {}, "E": {"qualifier": "about"}, "F": {"nature": "forecast"}}
"""`obs_status` of a row, in the codes of SDMX -> what its row says: none or normal, estimated, forecast. Any other
is a mark of the source whose meaning an editor has to look up."""
PER_PAGE = 1000
MOST_PAGES = 200


def fetch(known: Known, client: Client, retrieved_on: str, say: Say) -> Batch:
    """All series whose `upstream` is `worldbank:CODE`, for the places and from the year they hold
    to the year of `retrieved_on`.

    Raises
    ------
    Unreachable
        At the first request without connection. Everything else stands in `problems`, all of it.
    """
    batch = Batch()
    series = known.series_of("worldbank")
    for number, entry in enumerate(series, start=1):
        try:
            rows = _series(entry, known, client, retrieved_on[:4])
        except Unreachable:
            raise
        except UpstreamError as problem:
            batch.problems += [f"{entry['series_id']}: {words}" for words in problem.args]
            continue
        batch.rows += rows
        batch.answered.add(entry["series_id"])
        say(f"worldbank {number}/{len(series)} {entry['series_id']}: {len(rows)} rows")
    return batch


def _series(entry: dict[str, Any], known: Known, client: Client, until: str) -> list[Row]:
    code = entry["upstream"].partition(":")[2]
    page = PAGE.format(code=code)
    source = known.source_at(page)
    if source is None:
        raise UpstreamError(f"data/tables/sources.csv has no source with the address {page}")
    held = known.held(entry["series_id"])
    places = _places(held, known)
    if not places:
        raise UpstreamError("holds no country yet; a first row by hand says for which places a refresh asks")
    first = min(row["period"] for row in held)[:4]
    rows: list[Row] = []
    problems: dict[str, None] = {}
    seen: set[tuple[str, str]] = set()
    for item in _pages(client, code, ";".join(sorted(places)), f"{first}:{until}"):
        try:
            place, year = _place_and_year(item, code, places)
            if (place, year) in seen:
                raise UpstreamError(f"{code}: {place} {year} stands twice.")
            seen.add((place, year))
            value = _value(item, code)
        except UpstreamError as problem:
            problems |= dict.fromkeys(problem.args)
            continue
        if value is not None:
            rows.append(Row(entry["series_id"], place, year, value, source, **_status(item)))
    if problems:
        raise UpstreamError(*problems)
    return rows


def _places(held: list[dict[str, Any]], known: Known) -> dict[str, str]:
    """ISO 3166-1 alpha-3 -> our code, of the places the series is about."""
    wanted = {row["geography"] for row in held}
    return {
        g["iso_alpha3"]: g["geography"]
        for g in known["geographies"]
        if g["geography"] in wanted and g["iso_alpha3"]
    }


def _pages(client: Client, code: str, countries: str, date: str) -> list[dict[str, Any]]:
    """The rows of all pages; refused unless they are as many as announced and of one edition."""
    base = os.environ.get("STORYKIT_WORLDBANK_URL", BASE)
    url = f"{base}/country/{countries}/indicator/{code}"
    rows: list[dict[str, Any]] = []
    edition, page, pages, total = None, 1, 1, 0
    while page <= pages:
        query = {"format": "json", "per_page": PER_PAGE, "page": page, "date": date}
        header, found = _answer(url, client.json(url, query))
        pages = _whole(url, header, "pages")
        if pages > MOST_PAGES or _whole(url, header, "page") not in (page, 0):
            raise UpstreamError(f"{url}: asked for page {page}, got {header.get('page')} of {pages}.")
        if edition not in (None, header.get("lastupdated")):
            raise UpstreamError(f"{url}: was updated while it was read. Run the refresh again.")
        edition = header.get("lastupdated")
        rows += found
        total = _whole(url, header, "total")
        page += 1
    if len(rows) != total:
        raise UpstreamError(f"{url}: announced {total} rows and gave {len(rows)}.")
    return rows


def _answer(url: str, answer: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if isinstance(answer, list) and len(answer) == 1 and isinstance(answer[0], dict):
        told = answer[0].get("message")
        messages = [m for m in (told if isinstance(told, list) else []) if isinstance(m, dict)] or [{}]
        words = "; ".join(f"{m.get('key', 'error')} ({m.get('id', '?')}): {m.get('value')}" for m in messages)
        raise UpstreamError(f"{url}: {words} If the indicator is gone, empty `upstream` of its series.")
    if not (
        isinstance(answer, list)
        and len(answer) == 2
        and isinstance(answer[0], dict)
        and isinstance(answer[1] or [], list)
    ):
        raise UpstreamError(f"{url}: the answer is no header with a list of rows. The upstream has changed.")
    return answer[0], answer[1] or []


def _whole(url: str, header: dict[str, Any], name: str) -> int:
    try:
        return numbers.whole(header[name])  # some are sent as text
    except (KeyError, numbers.NotANumber):
        raise UpstreamError(
            f"{url}: the header has no whole number {name!r}. The upstream has changed."
        ) from None


def _place_and_year(item: Any, code: str, places: dict[str, str]) -> tuple[str, str]:
    """A country that was not asked for keeps its own code, which `apply` then refuses by name."""
    if not isinstance(item, dict) or not {"countryiso3code", "date", "value", "indicator"} <= item.keys():
        raise UpstreamError(
            f"{code}: a row lacks countryiso3code, date, value or indicator. The upstream has changed."
        )
    if not isinstance(item["indicator"], dict) or item["indicator"].get("id") != code:
        raise UpstreamError(f"{code}: a row is of another indicator ({item['indicator']}).")
    year, country = str(item["date"]), str(item["countryiso3code"])
    if not re.fullmatch("[0-9]{4}", year):
        raise UpstreamError(f"{code}: {year!r} is not a year.")
    return places.get(country, country), year


def _value(item: dict[str, Any], code: str) -> Decimal | None:
    try:
        return None if item["value"] is None else numbers.read(item["value"])
    except numbers.NotANumber as problem:
        raise UpstreamError(f"{code}: {item['countryiso3code']} {item['date']}: {problem}.") from None


def _status(item: dict[str, Any]) -> dict[str, str]:
    """What the source's own mark on a row means for it."""
    status = item.get("obs_status") or ""
    known = STATUSES.get(status) if isinstance(status, str) else None
    return {"flag": f"obs_status {status!r}"} if known is None else known
