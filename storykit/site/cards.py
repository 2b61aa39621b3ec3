"""What the card of a receipt says: where a number comes from, how sure it is, and what others say."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

from storykit import descriptor, periods, reads, receipts, tables
from storykit.site import views
from storykit.site.links import Addresses

MOST_EARLIER = 5
"""A receipt shows this many earlier values; the series page has them all."""
MOST_SOURCES = 3
MOST_INPUTS = 6

CONFIDENCE = {
    "high": "high: official or primary, or two independent sources",
    "medium": "medium: one reputable source",
    "low": "low: one weak or second-hand source",
}
NATURE = {
    "observed": "",
    "target": "a goal, not a result",
    "forecast": "a forecast",
    "derived": "our own arithmetic",
    "claimed": "stated by an interested party",
}


def card(name: str, found: receipts.Receipt, addresses: Addresses) -> views.Card:
    """The card of a receipt, under the name that its page calls it by."""
    inputs = list(dict.fromkeys(row[:2] for row in found.rows))
    if found.is_formula or len(inputs) > 1:
        return views.Card(name, found.text, _formula(found.expression, inputs, addresses), found.name)
    about = _row_facts(*found.rows[0], addresses)
    return views.Card(name, found.text, about, found.name, found.expression)


def written(observation_id: str) -> str:
    """An observation's value in the reader's form."""
    return receipts.write(receipts.observation(observation_id))


def _row_facts(table: str, key: str, field: str, addresses: Addresses) -> views.RowFacts:
    record = tables.records(table)[key]
    observed = table == "observations"
    what, when = _meaning(table, record, field)
    facts = [
        ("Recorded", record.get(field, "")),
        ("When", when),
        ("Kind", NATURE[record["nature"]] if observed else ""),
        ("Confidence", CONFIDENCE[record["confidence"]] if record.get("confidence") else ""),
    ]
    sources = [s for s in record.get("source_ids", "").split(";") if s]
    return views.RowFacts(
        what=what,
        facts=tuple(fact for fact in facts if fact[1]),
        sources=addresses.sources(sources[:MOST_SOURCES]),
        more_sources=max(len(sources) - MOST_SOURCES, 0),
        others=_others(key, record, addresses) if observed else (),
        earlier=_earlier(key, record) if observed else "",
        href=addresses.href(table, key),
    )


def _others(key: str, record: dict[str, Any], addresses: Addresses) -> tuple[views.Link, ...]:
    """What other sources say of the same period."""
    same = [r["observation_id"] for r in _line_of(record) if r["period"] == record["period"]]
    return tuple(
        views.Link(written(other), addresses.href("observations", other)) for other in same if other != key
    )


def _earlier(key: str, record: dict[str, Any]) -> str:
    """The last leading values of periods that ended before."""
    mine = periods.bounds(record["period"])[1]
    leading = [r for r in _line_of(record) if r["standing"] == "lead" and r["observation_id"] != key]
    ends = {r["observation_id"]: periods.bounds(r["period"])[1] for r in leading}
    before = sorted(
        (r for r in leading if ends[r["observation_id"]] < mine), key=lambda r: ends[r["observation_id"]]
    )
    return "; ".join(
        f"{receipts.date_words(r['period'])}: {written(r['observation_id'])}" for r in before[-MOST_EARLIER:]
    )


def _line_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    """All observations of the same series and place, as recorded."""
    series, place = record["series_id"], record["geography"]
    reads.remember(f"rows:observations?series_id == {series!r} and geography == {place!r}")
    with reads.aside():
        return _lines(*tables.state("observations"))[series, place]


@functools.lru_cache(maxsize=2)
def _lines(file: Path, modified: int) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for record in tables.records("observations").values():
        found.setdefault((record["series_id"], record["geography"]), []).append(record)
    return found


def _formula(expression: str, inputs: list[tuple[str, str]], addresses: Addresses) -> views.Formula:
    shown = inputs[:MOST_INPUTS]
    return views.Formula(
        written=spelled(expression, shown),
        inputs=tuple(views.Link(row_words(*row), addresses.href(*row)) for row in shown),
        more=len(inputs) - len(shown),
    )


def spelled(expression: str, inputs: list[tuple[str, str]]) -> str:
    """A formula with the numbers of its inputs in place of their keys, in the signs of arithmetic."""
    keys = {key: n for n, (table, key) in enumerate(inputs, start=1) if table == "observations"}
    if keys:
        longest_first = "|".join(map(re.escape, sorted(keys, key=len, reverse=True)))
        named = re.compile(
            rf"(?:observations\(\"({longest_first})\"\)|(?<![\w/~.-])({longest_first})(?![\w/~.-]))"
        )
        expression = named.sub(lambda found: f"[{keys[found[1] or found[2]]}]", expression)
    for typed, sign in (
        (" / ", " \N{DIVISION SIGN} "),
        (" * ", " \N{MULTIPLICATION SIGN} "),
        (" - ", " \N{MINUS SIGN} "),
    ):
        expression = expression.replace(typed, sign)
    return expression


def _meaning(table: str, record: dict[str, Any], field: str) -> tuple[str, str]:
    """What a single number measures, and its date, in words."""
    if table == "observations":
        series = tables.records("series")[record["series_id"]]
        place = tables.records("geographies")[record["geography"]]["name"]
        return f"{series['label']}, {place}. {series['definition']}", receipts.date_words(record["period"])
    if table == "claims":
        when = f"said {receipts.date_words(record['made_on'])}" if record["made_on"] else ""
        return f"{record['statement']} ({record['made_by']})", when
    if table == "outcomes":
        return record["finding"], receipts.date_words(record["as_of"])
    described = next((f["description"] for f in descriptor.fields(table) if f["name"] == field), "")
    name = next((record[c] for c in ("name", "title", "rule", "region_name", "investor") if c in record), "")
    return f"{name}: {described}" if name else described, ""


def row_words(table: str, key: str) -> str:
    """A row in few words: what it is called or says; of an observation with its value."""
    if key == "*":
        return f"no row of {descriptor.resource(table)['title'].lower()} fits"
    record = tables.records(table).get(key)
    if record is None:
        return f"{table}: {key}"
    if table == "observations":
        label = tables.records("series")[record["series_id"]]["label"]
        return f"{label}, {receipts.date_words(record['period'])}: {written(key)}"
    names = ("statement", "name", "title", "rule", "finding", "region_name", "investor")
    return next((record[name] for name in names if record.get(name)), f"{table}: {key}")
