"""Parts of pages made from the data: the wall, the ledger, the catalogue, the disagreements."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from html import escape
from typing import ClassVar

import pandas as pd
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from storykit import descriptor, reads, receipts, tables, verdicts
from storykit.site import execution, links, markup, nodes
from storykit.site.markup import PageWriter, html_table

PARTS: dict[str, Callable[[PageWriter, Sphinx, dict], str]] = {}
"""Name used in a `{story}` directive -> function that writes the part."""


def part(function: Callable) -> Callable:
    PARTS[function.__name__.replace("_", "-")] = function
    return function


OF_ALL_PAGES = {"figure-list"}
"""Parts that show what stands on other pages: written again when that changes, and searched for there."""


class StoryDirective(SphinxDirective):
    """```` ```{story} wall ```` puts a part made from the data into a page."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {
        "thread": directives.unchanged,
        "claims": directives.unchanged,
        "table": directives.unchanged,
    }

    def run(self):
        name = self.arguments[0]
        if name not in PARTS:
            place = nodes.place_of(self.env, self.lineno)
            nodes.note_problem(
                self.env, f"{place}: there is no part {name!r}; there are {', '.join(sorted(PARTS))}"
            )
            return []
        names = nodes.names_of(self.env, "".join(self.content))
        options = {**self.options, "content": [receipts.expanded(line, names) for line in self.content]}
        read, html = _written_once(self.env.app, PARTS[name], options)
        for table in read:
            nodes.note_table(self.env, table, execution.file_digest(descriptor.path(table)))
        node = nodes.MarkupNode(make=name, options=options)
        if name in OF_ALL_PAGES:
            nodes.held(self.env, "story_lists")[self.env.docname] = ""
            return [node]
        return [nodes.searchable(node, html)]


def _written_once(app: Sphinx, make: Callable, options: dict) -> tuple[list[str], str]:
    """Which tables a part reads, found out by writing it once; and its HTML."""
    with reads.listening() as read:
        html = make(PageWriter(app.env.docname, app.builder.get_relative_uri), app, options)
    return [name for name in sorted(read) if ":" not in name], html


@part
def report_text(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """What a report of a wrong number should say; the script fills in the figure a reader came from."""
    lines = ["Figure: ", f"Data version: {markup.data_version()}", "It says: ", "It should say: ", "Source: "]
    return (
        '<div class="embed-box"><label for="report-text">What a report should say</label>'
        f'<textarea id="report-text" rows="6" spellcheck="false">{escape(chr(10).join(lines))}</textarea>'
        '<button class="copy" type="button" data-copy="report-text">Copy</button></div>'
    )


# --- the wall and the ledger ------------------------------------------------------------------------


def _threads() -> dict[str, str]:
    field = next(f for f in descriptor.fields("claims") if f["name"] == "thread")
    return {c["value"]: c["label"] for c in field["categories"]}


def _verdict_counts(claims: pd.DataFrame) -> str:
    counts = claims["verdict"].value_counts()
    items = [
        f'<li><span class="verdict verdict-{word}"><span class="mark" aria-hidden="true"></span>{escape(verdicts.WORDS[word])}</span> {counts[word]}</li>'
        for word in verdicts.WORDS
        if counts.get(word)
    ]
    return f'<ul class="wall-legend">{"".join(items)}</ul>'


@part
def wall(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """Every claim as one tile with its verdict, grouped by thread; opens the ledger."""
    claims = verdicts.all_verdicts()
    order = list(verdicts.WORDS)
    groups = []
    for thread, label in _threads().items():
        mine = claims[claims["thread"] == thread]
        if mine.empty:
            continue
        mine = mine.assign(_o=mine["verdict"].map(order.index)).sort_values(["_o", "made_on", "claim_id"])
        tiles = "".join(
            f'<li><a class="tile verdict-{r.verdict}" href="{escape(writer.href("claims", r.claim_id))}">'
            f'<span class="tile-text">{escape(r.statement)}</span>'
            f'<span class="tile-verdict">{escape(r.verdict_words)}</span></a></li>'
            for r in mine.itertuples()
        )
        title = label[0].upper() + label[1:]
        groups.append(
            f'<section class="wall-group"><h3>{escape(title)}</h3><ul class="wall">{tiles}</ul></section>'
        )
    return f'<div class="wall-all">{_verdict_counts(claims)}{"".join(groups)}</div>'


@part
def claims(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """A few claims as a list with verdicts: `:claims:` names them, separated by spaces."""
    decided = verdicts.all_verdicts()
    items = []
    for claim in options.get("claims", "").split():
        if claim not in decided.index:
            raise receipts.ReceiptError(f"claims has no row {claim!r}.")
        record = decided.loc[claim]
        badge = markup.badge(record["verdict"], record["verdict_words"], writer.href("claims", claim))
        items.append(
            f'<li><p class="claim-said">{escape(record["statement"])}</p>'
            f'<p class="claim-found">{badge} {_last_found(record["verdict_outcome"])}</p></li>'
        )
    return f'<ul class="claim-list">{"".join(items)}</ul>'


def _last_found(outcome: str) -> str:
    """The newest finding on a claim, with its date, and its value where the words do not give it."""
    if not outcome:
        return ""
    record = tables.load("outcomes").loc[outcome]
    date, value = receipts.date_words(record["as_of"]), _unsaid(record)
    more = f' <span class="src">Value recorded: {escape(value)}.</span>' if value else ""
    return f'<span class="when">{escape(date)}:</span> {escape(record["finding"])}{more}'


@part
def ledger(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """All claims with all outcomes, filters, and a permalink for each."""
    decided = verdicts.all_verdicts()
    outcomes = tables.load("outcomes")
    groups = dict(tuple(outcomes.groupby("claim_id", sort=False)))
    order = decided.sort_values(
        ["featured", "thread", "made_on", "claim_id"], ascending=[False, True, True, True]
    )
    articles = "".join(_claim(writer, record, groups.get(key)) for key, record in order.iterrows())
    return f'{_verdict_counts(decided)}{_filters(decided)}<div id="ledger" class="ledger">{articles}</div>'


def _filters(decided: pd.DataFrame) -> str:
    def select(name: str, label: str, choices: list[tuple[str, str]]) -> str:
        options = "".join(f'<option value="{escape(v)}">{escape(w)}</option>' for v, w in choices)
        return f'<label>{label} <select name="{name}"><option value="">all</option>{options}</select></label>'

    years = sorted({d[:4] for d in decided["made_on"] if d})
    who = sorted(set(decided["made_by"]))
    return (
        '<form class="filters" data-filter-table="ledger" role="search" aria-label="Filter the ledger">'
        "<p>A featured few are shown first. Ask for anything, or clear <em>featured only</em>, to see the rest.</p>"
        + select("thread", "Thread", list(_threads().items()))
        + select(
            "verdict",
            "Verdict",
            [(k, w) for k, w in verdicts.WORDS.items() if (decided["verdict"] == k).any()],
        )
        + select("who", "Who", [(w, w) for w in who])
        + select("year", "Year", [(y, y) for y in years])
        + '<label>Words <input type="search" name="q"></label>'
        + '<label><input type="checkbox" name="overdue" value="true"> overdue only</label>'
        + '<label><input type="checkbox" name="featured" value="true"> featured only</label>'
        + '<button type="reset">Show all</button><output></output></form>'
    )


def _claim(writer: PageWriter, record: pd.Series, outcomes: pd.DataFrame | None) -> str:
    claim = record["claim_id"]
    name = links.row("claims", claim)[1]
    facts = [
        ("Said", receipts.date_words(record["made_on"]) if record["made_on"] else "undated"),
        ("By", record["made_by"]),
        ("Due", receipts.date_words(record["due_by"]) if record["due_by"] else "no date given"),
        ("Confidence", markup.CONFIDENCE[record["confidence"]]),
    ]
    listed = "".join(f"<dt>{t}</dt><dd>{escape(w)}</dd>" for t, w in facts)
    listed += f"<dt>Sources</dt><dd>{', '.join(map(writer.source, record['source_ids']))}</dd>"
    if record["note"]:
        listed += f"<dt>Note</dt><dd>{escape(record['note'])}</dd>"
    found = _outcomes(writer, outcomes) if outcomes is not None else "<p>Not yet followed up.</p>"
    return (
        f'<article class="claim" id="{name}" data-thread="{record["thread"]}" data-verdict="{record["verdict"]}"'
        f' data-who="{escape(record["made_by"])}" data-year="{record["made_on"][:4]}"'
        f' data-overdue="{str(bool(record["overdue"])).lower()}" data-featured="{str(bool(record["featured"])).lower()}">'
        f'<h3><a class="permalink" href="#{name}">{escape(record["statement"])}</a></h3>'
        f'<p>{markup.badge(record["verdict"], record["verdict_words"], f"#{name}")}</p><dl class="facts">{listed}</dl>{found}</article>'
    )


def _unsaid(outcome: pd.Series) -> str:
    """The value of an outcome as readers write it, or "" where there is none or its finding says it."""
    if pd.isna(outcome["observed_value"]) or outcome["observed_value"] in (0, 1):
        return ""
    value = f'outcomes("{outcome["outcome_id"]}").observed_value'
    said = {receipts.num(f"{value} | plain"), receipts.num(f"{value} | words | plain")}
    if outcome["observed_value"] >= 1e6:
        said.add(f"{outcome['observed_value'] / 1e6:g} million")
    if any(re.search(rf"(?<![\d.,]){re.escape(s)}(?!\w|[.,]\d)", outcome["finding"]) for s in said):
        return ""
    return receipts.num(value)


def _outcomes(writer: PageWriter, outcomes: pd.DataFrame) -> str:
    rows = []
    ordered = outcomes.assign(_day=outcomes["as_of"].map(verdicts.last_day)).sort_values(
        ["_day", "outcome_id"]
    )
    for record in ordered.itertuples():
        sources = ", ".join(map(writer.source, record.source_ids))
        value = _unsaid(ordered.loc[record.Index])
        more = f"Value recorded: {value}. " * bool(value) + record.note[:1].upper() + record.note[1:]
        more = f'<span class="src">{escape(more.strip())}</span> ' * bool(more)
        name = links.row("outcomes", record.outcome_id)[1]
        rows.append(
            f'<li id="{name}"><span class="when">{escape(receipts.date_words(record.as_of))}</span> '
            f'<span class="verdict verdict-{record.verdict}"><span class="mark" aria-hidden="true"></span>{escape(verdicts.WORDS[record.verdict])}</span> '
            f'{escape(record.finding)} {more}<span class="src">{sources}; confidence {record.confidence}</span></li>'
        )
    return f'<ol class="outcomes">{"".join(rows)}</ol>'


@part
def verdict_meanings(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """The verdict words with their meaning, as the pages use them."""
    items = "".join(
        f'<dt><span class="verdict verdict-{w}"><span class="mark" aria-hidden="true"></span>{escape(verdicts.WORDS[w])}</span></dt><dd>{escape(m)}</dd>'
        for w, m in verdicts.MEANINGS.items()
    )
    return f'<dl class="meanings">{items}</dl>'


@part
def big_numbers(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """A few numbers set large; each line: `number :: label`, or `number :: label :: state`.

    The number is a `{num}` role, the label may hold roles, and the state is one of promised, built,
    used, unknown.
    """
    items = []
    for number, label, state in _content(options, "number :: label", "state"):
        if state and state not in _STATES:
            raise receipts.ReceiptError(f"{state!r} is no state; there are {', '.join(_STATES)}.")
        kind = f" is-{state}" if state else ""
        items.append(
            f'<div class="big-number{kind}"><p class="bn-value">{writer.text(number)}</p>'
            f'<p class="bn-label">{writer.text(label)}</p></div>'
        )
    return f'<div class="big-numbers">{"".join(items)}</div>'


_STATES = ("promised", "built", "used", "unknown")


@part
def doors(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """Links to pages, each with a sentence; each line: `page :: title :: sentence`.

    Numbers in the sentence are roles; they are written without their receipts, because a door is
    a link already.
    """
    items = []
    for page, title, sentence in _content(options, "page :: title :: sentence"):
        if page not in app.env.found_docs:
            raise receipts.ReceiptError(f"There is no page {page!r} to open a door to.")
        words = escape(receipts.plain(title)), escape(receipts.plain(sentence))
        items.append(
            f'<a class="door" href="{escape(writer.page_href(page))}"><strong>{words[0]}</strong><span>{words[1]}</span></a>'
        )
    return f'<div class="doors">{"".join(items)}</div>'


def _content(options: dict, form: str, more: str = "") -> Iterator[list[str]]:
    """The lines of a directive cut at `::`, in the order that `form` names; `more` may be left out."""
    wanted = form.count("::") + 1
    for line in filter(None, map(str.strip, options.get("content", []))):
        pieces = [piece.strip() for piece in line.split("::")]
        if not all(pieces) or len(pieces) not in {wanted, wanted + bool(more)}:
            raise receipts.ReceiptError(
                f"{line!r} is not of the form {form}{f' [:: {more}]' if more else ''}."
            )
        yield pieces + [""] * (wanted + bool(more) - len(pieces))


# --- catalogue, dictionary, disagreements, corrections ------------------------------------------------


@part
def catalogue(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """All tables with rows, description, page and download."""
    rows = []
    for name in descriptor.names():
        entry = descriptor.resource(name)
        count = len(tables.load(name))
        rows.append(
            f'<tr><th scope="row"><a href="{writer.page_href("tables/" + name)}">{escape(entry["title"])}</a></th>'
            f'<td class="num">{count:,}</td><td>{escape(entry["description"])}</td>'
            f'<td><a href="{writer.root}_data/{entry["path"]}" download>CSV</a></td></tr>'
        )
    geometry = "".join(
        f'<tr><th scope="row">{escape(e["title"])}</th><td></td><td>{escape(e["description"])}</td>'
        f'<td><a href="{writer.root}_data/{e["path"]}" download>GeoJSON</a></td></tr>'
        for e in descriptor.package()["resources"]
        if e.get("type") != "table" and e["path"].endswith(".geojson")
    )
    return html_table(
        "Tables of the data package", ["Table", "Rows", "What it holds", "Download"], "".join(rows) + geometry
    )


@part
def series_list(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """All series by thread, with unit and number of values."""
    counts = tables.load("observations")["series_id"].value_counts()
    units = tables.load("units")["label"]
    blocks = []
    for thread, label in _threads().items():
        mine = tables.load("series")
        mine = mine[mine["thread"] == thread].sort_values("label")
        items = "".join(
            f'<li><a href="{writer.page_href("series/" + r.series_id)}">{escape(r.label)}</a> '
            f'<span class="src">{escape(units[r.unit])}; {counts.get(r.series_id, 0)}</span></li>'
            for r in mine.itertuples()
        )
        if items:
            blocks.append(
                f'<details><summary>{escape(label[0].upper() + label[1:])}: {len(mine)} series</summary><ul class="columns">{items}</ul></details>'
            )
    return "".join(blocks)


@part
def dictionary(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """Every field of every table: type, unit, what is allowed."""
    blocks = []
    for name in descriptor.names():
        rows = "".join(_field_row(field) for field in descriptor.fields(name))
        title = descriptor.resource(name)["title"]
        blocks.append(
            f"<details><summary>{escape(title)} (<code>{name}</code>)</summary>"
            + html_table(f"Fields of {name}", ["Field", "Type", "Meaning", "Allowed"], rows)
            + "</details>"
        )
    return "".join(blocks)


def _field_row(field: dict) -> str:
    rules, words = field.get("constraints", {}), descriptor.package().get("storykit:patterns", {})
    allowed = []
    if "categories" in field:
        allowed.append(
            "<ul>"
            + "".join(
                f"<li><code>{escape(c['value'])}</code>: {escape(c['label'])}</li>"
                for c in field["categories"]
            )
            + "</ul>"
        )
    elif "pattern" in rules:
        allowed.append(escape(words.get(rules["pattern"], rules["pattern"])))
    if rules.get("required"):
        allowed.append("required")
    if "unit" in field:
        allowed.append(f"unit: {escape(field['unit'])}")
    return f'<tr><th scope="row"><code>{escape(field["name"])}</code></th><td>{field["type"]}</td><td>{escape(field["description"])}</td><td>{" ".join(allowed)}</td></tr>'


@part
def disagreements(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """Observations that differ on the same thing, side by side."""
    frame = tables.load("observations")
    # What a publisher has revised since is history, shown on the series' page, not a disagreement.
    frame = frame[~frame["vintage"].str.contains("superseded ", regex=False)]
    key = ["series_id", "geography", "period"]
    groups = frame[frame.duplicated(key, keep=False)].groupby(key, sort=True)
    series, places = tables.load("series"), tables.load("geographies")["name"]
    blocks = []
    for (series_id, geography, period), rows in groups:
        record = series.loc[series_id]
        items = "".join(_side(writer, r) for r in rows.itertuples())
        title = f"{record['label']}, {places[geography]}, {receipts.date_words(period)}"
        blocks.append(
            f'<section class="disagreement" id="d-{links.anchor(f"{series_id}-{geography}-{period}")}"><h2>{escape(title)}</h2>'
            f'<p>{escape(record["definition"])}</p><ul class="sides">{items}</ul></section>'
        )
    return f"<p>{len(blocks)} numbers are told in more than one way.</p>{''.join(blocks)}"


def _side(writer: PageWriter, row) -> str:
    words = [markup.written(row.observation_id)]
    if row.vintage:
        words.append(row.vintage)
    lead = " (used by the charts)" if row.standing == "lead" else ""
    note = f"<br>{escape(row.note)}" if row.note else ""
    sources = ", ".join(map(writer.source, row.source_ids))
    return f'<li><a href="{escape(writer.href("observations", row.observation_id))}">{escape(", ".join(words))}</a>{lead}: {sources}; confidence {row.confidence}{note}</li>'


@part
def corrections(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """Where an editor's value stands against a publisher's, with the reason."""
    rows = "".join(
        f'<tr><td><a href="{escape(writer.href(r.table, r.key))}">{escape(r.key)}</a>, {escape(r.field)}</td>'
        f"<td>{escape(r.upstream_value)}</td><td>{escape(r.value)}</td><td>{escape(r.reason)}</td>"
        f"<td>{escape(receipts.date_words(r.made_on))}</td></tr>"
        for r in tables.load("corrections").itertuples()
    )
    return html_table("Corrections by the editors", ["Row", "Published as", "Stands as", "Why", "When"], rows)


@part
def changes(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """What each data update changed, newest first."""
    items = []
    for r in tables.load("changes").iloc[::-1].itertuples():
        counts = f"{r.rows_added:,} rows added, {r.rows_removed:,} removed, {r.rows_changed:,} changed"
        moved = "".join(f"<li>{escape(m)}</li>" for m in r.moved)
        listed = f"<ul>{moved}</ul>" if moved else ""
        touched = f" in {escape(', '.join(r.tables))}" if r.tables else ""
        items.append(
            f'<section class="change" id="change-{links.anchor(r.change_id)}"><h2>{escape(receipts.date_words(r.date))}: {escape(r.summary)}</h2>'
            f"<p>{counts}{touched}.</p>{listed}</section>"
        )
    return f'<p><a href="{writer.root}changes.atom">Atom feed</a></p>{"".join(items)}'


@part
def source_letters(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """Links to the pages of sources, with counts."""
    frame = tables.load("sources")
    counts = frame["source_id"].str[0].str.lower().value_counts().sort_index()
    items = "".join(
        f'<li><a href="{writer.page_href("sources/" + k)}">{k.upper()}</a> {v}</li>'
        for k, v in counts.items()
    )
    kinds = frame["kind"].value_counts()
    words = ", ".join(f"{n} {k}" for k, n in kinds.items())
    return f'<p>{len(frame)} sources: {escape(words)}.</p><ul class="letters">{items}</ul>'


@part
def figure_list(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """All figures of the book with links to their own pages."""
    items = "".join(
        f'<li><a href="{writer.page_href("figures/" + f["id"])}">{escape(receipts.plain(f["title"]))}</a></li>'
        for f in app.story.figures()
    )
    return f"<ul>{items}</ul>"


@part
def data_state(writer: PageWriter, app: Sphinx, options: dict) -> str:
    """Version and digest of the data, so that a reader can tell which data a page shows."""
    names = descriptor.names()
    joined = hashlib.sha256(
        "".join(execution.file_digest(descriptor.path(n)) for n in names).encode()
    ).hexdigest()
    rows = sum(len(tables.load(n)) for n in names)
    return (
        f'<dl class="facts"><dt>Version</dt><dd>{escape(markup.data_version())}</dd><dt>Data as of</dt>'
        f"<dd>{escape(receipts.date_words(verdicts.data_as_of()))}</dd><dt>Rows</dt><dd>{rows:,} in {len(names)} tables</dd>"
        f"<dt>Digest</dt><dd><code>{joined[:16]}</code></dd>"
        f'<dt>Whole package</dt><dd><a href="{writer.root}_data/datapackage.json">datapackage.json</a></dd></dl>'
    )
