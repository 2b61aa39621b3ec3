"""Nodes and roles: what a page holds between reading and writing.

A figure, a receipt, a tested sentence and a verdict stay small nodes in the doctree and become
HTML only when the page is written, so that their addresses and numbers are those of this build.
"""

from __future__ import annotations

import functools
import hashlib
from html import escape
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from storykit import figures, receipts, tables, verdicts

logger = logging.getLogger(__name__)


class FigureNode(nodes.General, nodes.Element):
    """A figure of the book; `payload` is what `figures.Figure.payload` gave."""


class ReceiptNode(nodes.Inline, nodes.TextElement):
    """A `{num}`, `{holds}` or `{verdict}` role; `kind` and `inside` say which."""


class MarkupNode(nodes.General, nodes.Element):
    """HTML that is computed when the page is written; `make` is a name in `reference.PARTS`."""


class FigureMimeRenderer:
    """MyST-NB's door for our figures (MyST-NB drops plotly's own mime type, #667)."""

    mime_priority_overrides: ClassVar = [("*", figures.MIME, 1)]

    @staticmethod
    def handle_mime(renderer, data, inline):
        if inline:
            return None
        if data.mime_type == figures.MIME:
            payload = data.content
            return [FigureNode(payload=payload, ids=[f"fig-{payload['id']}"])]
        if data.mime_type == "application/vnd.plotly.v1+json" or 'class="folium-map"' in str(data.content):
            env = renderer.renderer.sphinx_env
            note_problem(
                env,
                f"{env.doc2path(env.docname, False)}, cell {data.cell_index + 1}: a chart or map without "
                "the figure contract; wrap it in figures.Figure or maps.Map",
            )
            return []
        return None


class _Role(SphinxRole):
    kind = ""

    def run(self):
        inside = " ".join(self.text.split())
        node = ReceiptNode(kind=self.kind, inside=inside)
        try:
            node += nodes.Text(self.resolve(inside))
        except receipts.ReceiptError as error:
            place = f"{self.env.doc2path(self.env.docname, False)}, line {self.lineno}"
            note_problem(self.env, f"{place}: {{{self.kind}}}`{inside}`: {error}")
            node += nodes.Text("?")
        note_rest(self.env, self.kind, inside)
        return [node], []

    def resolve(self, inside: str) -> str:
        raise NotImplementedError


class NumRole(_Role):
    kind = "num"

    def resolve(self, inside):
        return receipts.receipt(inside).text


class HoldsRole(_Role):
    kind = "holds"

    def resolve(self, inside):
        return receipts.require(receipts.sentence(inside)).text


class VerdictRole(_Role):
    kind = "verdict"

    def resolve(self, inside):
        decided = verdicts.all_verdicts()
        if inside not in decided.index:
            raise receipts.ReceiptError(f"claims has no row {inside!r}.")
        return decided.loc[inside, "verdict_words"]


# --- what a page rests on, and what is wrong with it -----------------------------------------------


def note_problem(env, message: str) -> None:
    """Remember a problem of the page being read; the build stops after all pages are read."""
    _of(env, "story_problems").setdefault(env.docname, []).append(message)


def note_rest(env, kind: str, inside: str) -> None:
    """Remember that the page being read rests on this receipt."""
    _of(env, "story_rests").setdefault(env.docname, {})[(kind, inside)] = fingerprint(kind, inside)


def note_table(env, name: str, digest: str) -> None:
    """Remember that the page being read shows this whole table."""
    _of(env, "story_tables").setdefault(env.docname, {})[name] = digest


def fingerprint(kind: str, inside: str) -> str:
    """Everything about a receipt that could change the page: its words and the rows behind them."""
    try:
        if kind == "num":
            found = receipts.receipt(inside)
            return found.text + row_state(found.rows)
        if kind == "holds":
            found = receipts.require(receipts.sentence(inside))
            return found.text + row_state(found.rows)
        return VerdictRole().resolve(inside)
    except receipts.ReceiptError as error:
        return f"! {error}"


def row_state(rows) -> str:
    """Digest of the recorded text of rows and of the rows beside them (other sources, earlier values)."""
    states = {_recorded(table, key) for table, key, _ in rows}
    return hashlib.sha256("".join(sorted(states)).encode()).hexdigest()


def _recorded(table: str, key) -> str:
    if table == "observations":
        return _of_one_series_and_place(*tables.state(table)).get(key.rsplit("/", 1)[0], "")
    return repr(tables.records(table).get(key, ""))


@functools.lru_cache(maxsize=4)
def _of_one_series_and_place(file: Path, modified: int) -> dict[str, str]:
    """Series and place -> the text of all its observations."""
    found: dict[str, list[str]] = {}
    for key, record in tables.records("observations").items():
        found.setdefault(key.rsplit("/", 1)[0], []).append(repr(record))
    return {base: "".join(texts) for base, texts in found.items()}


def _of(env, name: str) -> dict:
    if not hasattr(env, name):
        setattr(env, name, {})
    return getattr(env, name)


NAMES = ("story_problems", "story_rests", "story_tables", "story_figures", "story_inputs")


def purge(app: Sphinx, env, docname: str) -> None:
    """A page is read again or gone: forget what it held."""
    for name in NAMES:
        _of(env, name).pop(docname, None)


def merge(app: Sphinx, env, docnames, other) -> None:
    """Sphinx read pages in several processes: take over what they found."""
    for name in NAMES:
        _of(env, name).update({d: v for d, v in _of(other, name).items() if d in docnames})


def collect_figures(app: Sphinx, doctree) -> None:
    """After reading a page: note its figures, and the receipts inside their texts."""
    env = app.env
    for node in doctree.findall(FigureNode):
        payload = node["payload"]
        _of(env, "story_figures").setdefault(env.docname, []).append(payload)
        for field in ("title", "subtitle", "description"):
            for kind, inside in receipts.roles(payload[field]):
                note_rest(env, kind, inside)


# --- writing --------------------------------------------------------------------------------------


def visit_figure(translator, node) -> None:
    builder = translator.builder
    writer = builder.app.story.writer(builder.current_docname)
    html = writer.figure(node["payload"], builder.app.story.pictures, builder.config.story_report_address)
    translator.body.append(html)
    raise nodes.SkipNode


def visit_receipt(translator, node) -> None:
    builder = translator.builder
    writer = builder.app.story.writer(builder.current_docname)
    make = {"num": writer.receipt, "holds": writer.sentence, "verdict": writer.verdict}[node["kind"]]
    try:
        translator.body.append(make(node["inside"]))
    except receipts.ReceiptError:
        # Reading has reported it and stops the build; writing only has to survive until then.
        translator.body.append(escape(node.astext()))
    raise nodes.SkipNode


def visit_markup(translator, node) -> None:
    from storykit.site import reference

    builder = translator.builder
    writer = builder.app.story.writer(builder.current_docname)
    translator.body.append(reference.PARTS[node["make"]](writer, builder.app, node["options"]))
    raise nodes.SkipNode


def visit_words(translator, node) -> None:
    """Other builders (text, search index) get the words."""


def depart_words(translator, node) -> None:
    """Nothing to close."""


def skip(translator, node) -> None:
    raise nodes.SkipNode
