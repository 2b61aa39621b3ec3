"""Nodes and roles: what a page holds between reading and writing.

A figure, a receipt, a tested sentence and a verdict stay small nodes in the doctree and become
HTML only when the page is written, so that their addresses and numbers are those of this build.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable
from typing import Any, ClassVar

from docutils import nodes
from markupsafe import escape
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from storykit import contents, figures, pages, reads, receipts, tables, verdicts
from storykit import words as figure_words
from storykit.site import execution
from storykit.site.markup import PageWriter

logger = logging.getLogger(__name__)


class FigureNode(nodes.General, nodes.Element):
    """A figure of the book; `record` is its `figures.Record`."""


class ReceiptNode(nodes.Inline, nodes.TextElement):
    """A `{num}`, `{holds}` or `{verdict}` role; `kind` and `inside` say which."""


class FigureMimeRenderer:
    """MyST-NB's door for our figures (MyST-NB drops plotly's own mime type, #667)."""

    mime_priority_overrides: ClassVar = [("*", figures.MIME, 1)]

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[FigureNode] | None:
        if inline:
            return None
        if data.mime_type == figures.MIME:
            record = figures.Record.from_json(data.content)
            return [FigureNode(record=record, ids=[f"fig-{record.id}"])]
        return None


class _Role(SphinxRole):
    kind = ""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        inside = " ".join(self.text.split())
        node = ReceiptNode(kind=self.kind, inside=inside)
        try:
            node["inside"] = self.named(inside)
            node += nodes.Text(self.resolve(node["inside"]))
        except receipts.ReceiptError as error:
            place = place_of(self.env, self.lineno)
            note_problem(self.env, f"{place}: {{{self.kind}}}`{inside}`: {error}")
            node += nodes.Text("?")
        note_rest(self.env, self.kind, node["inside"])
        return [node], []

    def named(self, inside: str) -> str:
        """The inside without names of facts: from here on it says the same wherever it stands."""
        names = names_of(self.env, inside)
        return receipts.inside_expanded(self.kind, inside, names)

    def resolve(self, inside: str) -> str:
        return receipts.said(self.kind, inside)


class NumRole(_Role):
    kind = "num"


class HoldsRole(_Role):
    kind = "holds"


class VerdictRole(_Role):
    kind = "verdict"

    def resolve(self, inside: str) -> str:
        decided = verdicts.all_verdicts()
        if inside not in decided.index:
            raise receipts.ReceiptError(f"claims has no row {inside!r}.")
        return str(decided["verdict_words"][inside])


class FactsDirective(SphinxDirective):
    """```` ```{facts} ```` names facts; readers see them where they are used."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        return []


class FigureTextDirective(SphinxDirective):
    """```` ```{figure-text} id ```` holds the words of a figure; they stand where the figure stands."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        return []


# --- what a page rests on, and what is wrong with it -----------------------------------------------


def place_of(env: BuildEnvironment, line: int) -> str:
    """Where a line of the page being read stands in its file: MyST-NB counts 10,000 lines a cell."""
    file = env.doc2path(env.docname, False)
    cell, inside = divmod(line, 10_000)
    return f"{file}, cell {cell}, line {inside}" if cell else f"{file}, line {line}"


def names_of(env: BuildEnvironment, text: str) -> receipts.Names:
    """The names that the page being read may use; it is read again when those of the whole book change."""
    if "@" in text:
        env.note_dependency(str(pages.folder() / f"{pages.COMMON}.md"))
    return receipts.of_page(env.docname.rpartition("/")[2])


def note_problem(env: BuildEnvironment, message: str) -> None:
    """Remember a problem of the page being read; the build stops after all pages are read."""
    held(env, "story_problems").setdefault(env.docname, []).append(message)


def note_rest(env: BuildEnvironment, kind: str, inside: str) -> None:
    """Remember that the page being read rests on this receipt."""
    with reads.apart() as read:
        now = fingerprint(kind, inside)
    held(env, "story_rests").setdefault(env.docname, {})[(kind, inside)] = now
    held(env, "story_read").setdefault(env.docname, set()).update(read)


def note_state(app: Sphinx, page: str, source: list[str]) -> None:
    """Before a page is read: which data are there."""
    held(app.env, "story_state")[page] = execution.data()


def note_read(app: Sphinx, doctree: nodes.document) -> None:
    """After a page was read: what its receipts rest on."""
    page = app.env.docname
    read, before = (held(app.env, name).pop(page, None) for name in ("story_read", "story_state"))
    held(app.env, "story_parts")[page] = contents.Rest.on(read or (), lambda: execution.data() == before)


def others(env: BuildEnvironment, page: str) -> bool:
    """Whether a receipt of a page is another than when the page was read."""
    rest = held(env, "story_parts").get(page)
    now = rest and rest.now()
    if now is None and any(
        fingerprint(*receipt) != state for receipt, state in held(env, "story_rests").get(page, {}).items()
    ):
        return True
    if now is not None:
        held(env, "story_parts")[page] = now
    return False


def note_table(env: BuildEnvironment, name: str, digest: str) -> None:
    """Remember that a part of the page being read rests on this: a table, or another thing that was read."""
    held(env, "story_tables").setdefault(env.docname, {})[name] = digest


def fingerprint(kind: str, inside: str) -> str:
    """Everything about a receipt that could change the page: what is written there, and what lies behind it."""
    writer = PageWriter("", lambda _page, other: other)
    try:
        if kind == "num":
            rows = receipts.receipt(inside).rows
            return _digest(writer.receipt(inside), writer.cards(), *_recorded(rows))
        if kind == "holds":
            return _digest(writer.sentence(inside), *_recorded(receipts.sentence(inside).rows))
        return _digest(writer.verdict(inside))
    except receipts.ReceiptError as error:
        return f"! {error}"


def _recorded(rows: Iterable[tuple[str, str, str]]) -> list[str]:
    """Rows as recorded, each once, and what a page says with a value: its series and its place."""
    found = {(table, key): tables.records(table).get(key, {}) for table, key, _ in rows}
    for (table, _), record in [*found.items()]:
        if table == "observations" and record:
            for other, name in (("series", record["series_id"]), ("geographies", record["geography"])):
                found[other, name] = tables.records(other).get(name, {})
    return sorted(map(repr, found.items()))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def held(env: BuildEnvironment, name: str) -> dict[str, Any]:
    """What Sphinx's environment holds for us under a name: page -> what was noted of it."""
    if not hasattr(env, name):
        setattr(env, name, {})
    noted: dict[str, Any] = getattr(env, name)
    return noted


NAMES = (
    "story_problems",
    "story_rests",
    "story_parts",
    "story_tables",
    "story_figures",
    "story_cells",
    "story_inputs",
    "story_lists",
    "story_passages",
)


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """A page is read again or gone: forget what it held."""
    for name in NAMES:
        held(env, name).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment) -> None:
    """Sphinx read pages in several processes: take over what they found."""
    for name in NAMES:
        held(env, name).update({d: v for d, v in held(other, name).items() if d in docnames})


def collect_figures(app: Sphinx, doctree: nodes.document) -> None:
    """After reading a page: give its figures their words, and note them and the receipts inside their texts."""
    env = app.env
    page = env.docname.rpartition("/")[2]
    words = figure_words.words_of(page)
    drawn = set()
    for node in doctree.findall(FigureNode):
        record = node["record"] = _with_words(env, node["record"], words.get(node["record"].id))
        drawn.add(record.id)
        held(env, "story_figures").setdefault(env.docname, []).append(record)
        held(env, "story_cells").setdefault(env.docname, {})[record.id] = _cell_of(node)
        for text in record.texts:
            for kind, inside in receipts.roles(text):
                note_rest(env, kind, inside)
    for lost in words.keys() - drawn:
        note_problem(env, f"{words[lost].place}: no figure of this page has the id {lost!r}")


def _cell_of(node: nodes.Node) -> int:
    """Position of the cell that a node is an output of, counted from 0 over all cells of its notebook."""
    while not (isinstance(node, nodes.Element) and "cell_index" in node):
        node = node.parent
    return int(node["cell_index"])


def _with_words(
    env: BuildEnvironment, record: figures.Record, words: figure_words.Words | None
) -> figures.Record:
    """The figure as readers get it: with its texts, and with headings in place of names of fields."""
    if words is None:
        place = f"{env.doc2path(env.docname, False)}, figure {record.id}"
        note_problem(env, f"{place}: it has no words; write a block ```{{figure-text}} {record.id}")
        return record
    drawn = list(dict.fromkeys(table for table, _ in record.rows))
    wrong = [
        *(figure_words.problems_of(words)),
        *((words.place, w) for w in words.missing_headings(record.columns, drawn)),
    ]
    for where, problem in wrong:
        note_problem(env, f"{where}, figure {words.id}: {problem}")
    texts = {field: "" if wrong else words.expanded(field) for field in (*figure_words.TEXTS, "notes")}
    names_of(env, "".join(words.texts.values()))
    columns = tuple(words.heading(column, drawn) for column in record.columns)
    return dataclasses.replace(
        record,
        columns=columns,
        title=texts["title"],
        subtitle=texts["subtitle"],
        description=texts["description"],
        notes=texts["notes"],
        formerly=words.formerly,
    )


# --- writing --------------------------------------------------------------------------------------


def visit_figure(translator: Any, node: nodes.Element) -> None:
    builder = translator.builder
    writer = builder.app.story.writer(builder.current_docname)
    story, record = builder.app.story, node["record"]
    html = writer.figure(
        record, story.pictures, builder.config.story_report_address, marked=record.id in story.marks
    )
    translator.body.append(html)
    raise nodes.SkipNode


def visit_receipt(translator: Any, node: nodes.Element) -> None:
    builder = translator.builder
    writer = builder.app.story.writer(builder.current_docname)
    make = {"num": writer.receipt, "holds": writer.sentence, "verdict": writer.verdict}[node["kind"]]
    try:
        translator.body.append(make(node["inside"]))
    except receipts.ReceiptError:
        # Reading has reported it and stops the build; writing only has to survive until then.
        translator.body.append(escape(node.astext()))
    raise nodes.SkipNode


def visit_words(translator: Any, node: nodes.Element) -> None:
    """Other builders get the words."""


def depart_words(translator: Any, node: nodes.Element) -> None:
    """Nothing to close."""


def skip(translator: Any, node: nodes.Element) -> None:
    raise nodes.SkipNode
