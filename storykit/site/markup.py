"""HTML of the parts a page is made of: receipts, verdicts, figures. Everything from data is escaped."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from storykit import descriptor, freshness, periods, receipts, tables, verdicts
from storykit.site import links

MOST_EARLIER = 5
"""A receipt shows this many earlier values; the series page has them all."""

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


class PageWriter:
    """Writes the parts of one page and collects the cards of its receipts.

    Parameters
    ----------
    page
        Name of the page, such as `book/dftz`.
    uri
        Function (from page, to page) -> relative address.
    """

    def __init__(self, page: str, uri: Callable[[str, str], str]):
        self.page, self._uri = page, uri
        self._cards: dict[str, str] = {}

    # --- addresses ---

    def href(self, table: str, key: str) -> str:
        """Relative address of a row."""
        page, anchor = links.row(table, key)
        address = "" if page == self.page else self._uri(self.page, page)
        return address + (f"#{anchor}" if anchor else "")

    def page_href(self, page: str, anchor: str = "") -> str:
        return self._uri(self.page, page) + (f"#{anchor}" if anchor else "")

    @property
    def root(self) -> str:
        """Relative path from this page to the root of the site."""
        return "../" * self.page.count("/")

    def source(self, source_id: str) -> str:
        return (
            f'<a href="{escape(self.href("sources", source_id))}">{escape(links.source_words(source_id))}</a>'
        )

    # --- receipts ---

    def receipt(self, text: str) -> str:
        """The link that a `{num}` role becomes; its card is kept for the end of the page."""
        found = receipts.receipt(text)
        card = self._cards.get(text)
        if card is None:
            name = f"r{len(self._cards) + 1}"
            self._cards[text] = self._card(name, found)
        else:
            name = re.search(r'id="([^"]+)"', card)[1]
        table, key, _ = found.rows[0]
        target = self.href(table, key)  # of a formula: its first input; the card has them all
        return f'<a class="receipt" href="{escape(target)}" data-receipt="{name}">{escape(found.text)}</a>'

    def cards(self) -> str:
        """All receipt cards of the page (hidden until asked for)."""
        if not self._cards:
            return ""
        return f'<div class="receipts" hidden>{"".join(self._cards.values())}</div>'

    def text(self, text: str) -> str:
        """A short text with roles, as HTML with receipts (titles, descriptions)."""
        pieces, end = [], 0
        for match in receipts.ROLE.finditer(text):
            pieces.append(escape(text[end : match.start()]))
            role, inside = match[1], match[2]
            pieces.append(self.receipt(inside) if role == "num" else self.sentence(inside))
            end = match.end()
        pieces.append(escape(text[end:]))
        return "".join(pieces)

    def sentence(self, text: str) -> str:
        """The span that a `{holds}` role becomes."""
        found = receipts.require(receipts.sentence(text))
        return f'<span class="holds" title="Tested at every build">{escape(found.text)}</span>'

    def verdict(self, claim_id: str) -> str:
        """A badge with the claim's verdict, linked to the ledger."""
        decided = verdicts.all_verdicts()
        if claim_id not in decided.index:
            raise receipts.ReceiptError(f"claims has no row {claim_id!r}.")
        found = decided.loc[claim_id]
        return badge(found["verdict"], found["verdict_words"], self.href("claims", claim_id))

    def _card(self, name: str, found: receipts.Receipt) -> str:
        inputs = list(dict.fromkeys(row[:2] for row in found.rows))
        body = f'<p class="rc-value">{escape(found.text)}</p>'
        if not found.is_formula and len(inputs) == 1:
            body += self._row_card(*found.rows[0])
        else:
            body += self._formula_card(found, inputs)
        return f'<section class="receipt-card" id="{name}">{body}</section>'

    def _row_card(self, table: str, key: str, field: str) -> str:
        record = tables.records(table)[key]
        what, when = _meaning(table, record, field)
        parts = [f'<p class="rc-what">{escape(what)}</p><dl>']
        parts.append(_pair("Recorded", record.get(field, "")))
        parts.append(_pair("When", when))
        if table == "observations" and NATURE[record["nature"]]:
            parts.append(_pair("Kind", NATURE[record["nature"]]))
        if record.get("confidence"):
            parts.append(_pair("Confidence", CONFIDENCE[record["confidence"]]))
        sources = [s for s in record.get("source_ids", "").split(";") if s]
        if sources:
            shown = ", ".join(map(self.source, sources[:3]))
            more = f" and {len(sources) - 3} more" if len(sources) > 3 else ""
            parts.append(f"<dt>Source</dt><dd>{shown}{more}</dd>")
        if table == "observations":
            parts.append(self._others(key, record))
            parts.append(self._earlier(key, record))
        parts.append("</dl>")
        parts.append(
            f'<p><a class="rc-more" href="{escape(self.href(table, key))}">All about this number</a></p>'
        )
        return "".join(parts)

    def _others(self, key: str, record: dict) -> str:
        """What other sources say of the same period."""
        same = [r["observation_id"] for r in _line_of(record) if r["period"] == record["period"]]
        shown = "; ".join(
            f'<a href="{escape(self.href("observations", other))}">{escape(written(other))}</a>'
            for other in same
            if other != key
        )
        return f"<dt>Others say</dt><dd>{shown}</dd>" if shown else ""

    def _earlier(self, key: str, record: dict) -> str:
        """The last leading values of periods that ended before."""
        mine = periods.bounds(record["period"])[1]
        leading = [r for r in _line_of(record) if r["standing"] == "lead" and r["observation_id"] != key]
        ends = {r["observation_id"]: periods.bounds(r["period"])[1] for r in leading}
        before = sorted(
            (r for r in leading if ends[r["observation_id"]] < mine), key=lambda r: ends[r["observation_id"]]
        )
        shown = [
            f"{receipts.date_words(r['period'])}: {written(r['observation_id'])}"
            for r in before[-MOST_EARLIER:]
        ]
        return _pair("Earlier", "; ".join(shown))

    def _formula_card(self, found: receipts.Receipt, inputs: list[tuple[str, str]]) -> str:
        shown = inputs[:6]
        listed = "".join(
            f'<li><a href="{escape(self.href(table, key))}">{escape(_row_words(table, key))}</a></li>'
            for table, key in shown
        )
        more = f"<li>and {len(inputs) - len(shown)} more rows</li>" if len(inputs) > len(shown) else ""
        return (
            '<p class="rc-what">Computed at build time from the rows below.</p>'
            f"<dl>{_pair('Formula', _spelled(found.expression, shown))}</dl><ol>{listed}{more}</ol>"
        )

    # --- figures ---

    def figure(self, payload: dict, pictures: bool, report_address: str) -> str:
        """The figure as the page shows it; `pictures` is False when no browser could draw them."""
        name = payload["id"]
        here = f"{self.root}_figures/{name}"
        title, description = receipts.plain(payload["title"]), self.text(payload["description"])
        age = freshness.of(tuple(map(tuple, payload["rows"])))
        stage = self._stage(payload, here, title) if pictures else ""
        frame = f' data-frame="{here}.map.html"' if payload["kind"] == "map" else ""
        lens = f' data-lens="{escape(json.dumps(payload["lens"]))}"' if payload.get("lens") else ""
        choice = ' data-filter="{&quot;label&quot;: &quot;Series&quot;}"' if _many_series(payload) else ""
        late = ' class="overdue"' if age.overdue else ""
        return (
            f'<figure class="fig" id="fig-{name}" data-fig="{name}" data-kind="{payload["kind"]}" data-spec="{here}.json"'
            f'{frame}{lens}{choice} style="--h:{payload["height"]};--hn:{payload["narrow_height"]}">'
            f'<figcaption class="fig-head"><p class="fig-title" id="fig-{name}-title">{self.text(payload["title"])}</p>'
            f'<p class="fig-sub">{self.text(payload["subtitle"])}</p></figcaption>{stage}'
            f'<p class="fig-desc" id="fig-{name}-desc">{description}</p>'
            f'<p class="fig-fresh"><span{late}>{escape(age.words())}</span></p>'
            f"{data_table(payload, title, opened=not pictures)}{self._figure_sources(payload)}"
            f"{self._tools(payload, here, title, pictures, report_address)}</figure>"
        )

    def _stage(self, payload: dict, here: str, title: str) -> str:
        name, height, narrow = payload["id"], payload["height"], payload["narrow_height"]
        pictures = "".join(
            f'<picture class="on-{theme}">'
            f'<source media="(max-width: 599px)" srcset="{here}.narrow.{theme}.svg" width="360" height="{narrow}">'
            f'<img src="{here}.{theme}.svg" width="760" height="{height}" alt="{escape(title)}"'
            f' aria-describedby="fig-{name}-desc" loading="lazy" decoding="async"></picture>'
            for theme in ("light", "dark")
        )
        word = "Open the map" if payload["kind"] == "map" else "Explore"
        return (
            f'<div class="fig-stage">{pictures}<div class="fig-live" hidden></div>'
            f'<button class="fig-open" type="button" aria-describedby="fig-{name}-title">{word}</button></div>'
        )

    def _report_href(self, address: str, name: str) -> str:
        """Where an error in a figure is reported: a form on a forge, or a page of the site, with both names given."""
        about = {"figure": name, "data-version": data_version()}
        if "://" not in address:
            page, _, anchor = address.partition("#")
            return f"{self.root}{page}?{urlencode(about)}#{anchor}"
        form = {"template": "wrong-number.yml", "title": f"Wrong number: {name}"}
        return f"{address}?{urlencode({**form, **about})}"

    def _figure_sources(self, payload: dict) -> str:
        frame = tables.load("sources")
        items = []
        for source in payload["sources"]:
            record = frame.loc[source]
            items.append(f"<li>{self.source(source)}: {escape(record['title'])}</li>")
        count = len(items)
        return f'<details class="fig-sources"><summary>Sources: {count}</summary><ul>{"".join(items)}</ul></details>'

    def _tools(self, payload: dict, here: str, title: str, pictures: bool, report_address: str) -> str:
        name = payload["id"]
        items = [f'<a href="{here}.csv" download>CSV</a>']
        if pictures:
            items += [
                f'<a href="{here}.light.svg" download="{name}.svg">SVG</a>',
                f'<a href="{here}.png" download>PNG</a>',
            ]
        items.append(f'<a href="{here}.json" download>JSON</a>')
        if payload["kind"] == "map":
            items.append(f'<a href="{here}.map.html">Map alone</a>')
        items.append(f'<a href="{self.page_href("figures/" + name)}">Share or embed</a>')
        items.append(f'<a href="#fig-{name}">Link</a>')
        text, bibtex = citation(payload)
        items.append(
            f'<details class="fig-cite"><summary>Cite</summary><p>{escape(text)}</p><pre tabindex="0">{escape(bibtex)}</pre></details>'
        )
        if report_address:
            items.append(
                f'<a href="{escape(self._report_href(report_address, name))}" rel="nofollow">Report an error</a>'
            )
        return f'<ul class="fig-tools">{"".join(f"<li>{item}</li>" for item in items)}</ul>'


def _spelled(expression: str, inputs: list[tuple[str, str]]) -> str:
    """A formula with the numbers of its inputs in place of their keys, in the signs of arithmetic."""
    keys = {key: n for n, (table, key) in enumerate(inputs, start=1) if table == "observations"}
    if keys:
        longest_first = "|".join(map(re.escape, sorted(keys, key=len, reverse=True)))
        named = re.compile(
            rf"(?:observations\(\"({longest_first})\"\)|(?<![\w/~.-])({longest_first})(?![\w/~.-]))"
        )
        expression = named.sub(lambda found: f"[{keys[found[1] or found[2]]}]", expression)
    for written, sign in (
        (" / ", " \N{DIVISION SIGN} "),
        (" * ", " \N{MULTIPLICATION SIGN} "),
        (" - ", " \N{MINUS SIGN} "),
    ):
        expression = expression.replace(written, sign)
    return expression


def _line_of(record: dict) -> list[dict]:
    """All observations of the same series and place, as recorded."""
    lines = _lines(*tables.state("observations"))
    return lines[record["series_id"], record["geography"]]


@functools.lru_cache(maxsize=2)
def _lines(file: Path, modified: int) -> dict[tuple[str, str], list[dict]]:
    found: dict[tuple[str, str], list[dict]] = {}
    for record in tables.records("observations").values():
        found.setdefault((record["series_id"], record["geography"]), []).append(record)
    return found


SERIES_TO_CHOOSE = 3
"""From so many named series a reader is offered to choose which are shown."""


def _many_series(payload: dict) -> bool:
    """Whether a chart has series to choose from, and no lens that chooses already."""
    if payload["kind"] != "chart" or payload.get("lens"):
        return False
    named = {trace.get("name") for trace in payload["spec"]["data"] if "series" in (trace.get("meta") or {})}
    return len(named) >= SERIES_TO_CHOOSE


def badge(verdict: str, words: str, href: str) -> str:
    """A verdict as a badge: word and shape, never colour alone."""
    return (
        f'<a class="verdict verdict-{verdict}" href="{escape(href)}"><span class="mark" aria-hidden="true"></span>'
        f"{escape(words)}</a>"
    )


def written(observation_id: str) -> str:
    """An observation's value in the reader's form."""
    return receipts.write(receipts.observation(observation_id))


def data_version() -> str:
    """Version of the data package."""
    return descriptor.about("version")


def citation(payload: dict) -> tuple[str, str]:
    """How to cite a figure: as text and as BibTeX."""
    book = descriptor.package()["title"]
    title, version = receipts.plain(payload["title"]), data_version()
    year = version[:4] if version[:4].isdigit() else verdicts.data_as_of()[:4]
    text = f"“{title}”, figure {payload['id']} in {book}, data version {version} ({verdicts.data_as_of()})."
    fields = {
        "title": title,
        "howpublished": f"Figure in {book}",
        "year": year,
        "note": f"Data version {version}",
    }
    lines = [f"  {name} = {{{words.translate(_TEX)}}}" for name, words in fields.items()]
    return text, f"@misc{{{payload['id']},\n" + ",\n".join(lines) + "\n}"


_TEX = str.maketrans(
    {sign: f"\\{sign}" for sign in "%$&_#{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
"""What means something to TeX -> how it is written to mean itself."""


def data_table(payload: dict, title: str, opened: bool = False) -> str:
    """The figure's table with caption and headers, inside a `<details>`."""
    rows = payload["table"]
    head = "".join(f'<th scope="col">{escape(c)}</th>' for c in payload["columns"])
    body = "".join(
        "<tr>" + "".join(_table_cell(v, numeric) for v, numeric in zip(row, payload["numeric"])) + "</tr>"
        for row in rows
    )
    count = f"{len(rows)} row" + ("s" if len(rows) != 1 else "")
    name = payload["id"]
    return (
        f'<details class="fig-table"{" open" if opened else ""}><summary>Table: {count}</summary>'
        f'<div class="table-scroll" role="region" tabindex="0" aria-labelledby="fig-{name}-caption"><table>'
        f'<caption id="fig-{name}-caption">{escape(title)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></details>"
    )


def _table_cell(value, numeric: bool) -> str:
    if numeric and value != "":
        decimals = len(repr(value).partition(".")[2]) if isinstance(value, float) else 0
        return f'<td class="num">{value:,.{min(decimals, 6)}f}</td>'
    return f"<td>{escape(str(value))}</td>"


def _pair(term: str, words: str) -> str:
    return f"<dt>{escape(term)}</dt><dd>{escape(str(words))}</dd>" if words else ""


def _meaning(table: str, record: dict, field: str) -> tuple[str, str]:
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


def _row_words(table: str, key: str) -> str:
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


def html_table(caption: str, head: list[str], body: str) -> str:
    """A table of a reference page, scrolling inside itself; `body` is ready HTML."""
    cells = "".join(f'<th scope="col">{escape(h)}</th>' for h in head)
    return (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table class="data">'
        f"<caption>{escape(caption)}</caption><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>"
    )
