"""The glossary: its terms on their page, and marked where a chapter uses them first."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from docutils import nodes as docutils_nodes
from sphinx.application import Sphinx

from storykit import descriptor, reshape, tables
from storykit.site import execution, links, nodes, views
from storykit.site.links import Addresses

TABLE = "glossary"
_NOT_IN = (
    docutils_nodes.reference,
    docutils_nodes.literal,
    docutils_nodes.raw,
    docutils_nodes.title,
    nodes.ReceiptNode,
)
"""What a term is never marked in."""


def listed(addresses: Addresses) -> views.Glossary:
    """All terms in order, with the names in other languages that a source has."""
    names: dict[str, list[views.TermName]] = {}
    languages = descriptor.categories("names", "language") if "names" in descriptor.names() else {}
    together: dict[tuple[str, str, str], list[str]] = {}
    for row in printed_names(TABLE):
        together.setdefault((row["value"], row["language"], row["source_ids"]), []).append(row["name"])
    for (term, code, ids), same in together.items():
        sources = addresses.sources(ids.split(";"))
        named = views.TermName(", ".join(same), code, languages.get(code, code), sources)
        names.setdefault(term, []).append(named)
    return views.Glossary(
        tuple(
            views.Term(
                id=links.row(TABLE, r.term)[1],
                term=r.term,
                definition=r.definition,
                names=tuple(names.get(r.term, ())),
                see_also=tuple(views.Link(other, addresses.href(TABLE, other)) for other in r.see_also),
                sources=addresses.sources(r.source_ids),
            )
            for r in reshape.one_by_one(tables.load(TABLE))
        )
    )


def printed_names(table: str) -> list[dict[str, str]]:
    """Names of a table's rows that a source has: only these are printed."""
    if "names" not in descriptor.names():
        return []
    return [row for row in tables.listed("names") if row["table"] == table and row["source_ids"]]


def forms(term: str) -> list[str]:
    """How a term is written: `low-value goods (LVG)` also as either of its halves."""
    match = re.fullmatch(r"(.+?) \((.+)\)", term)
    return [match[1], match[2]] if match else [term]


@functools.lru_cache(maxsize=4)
def _pattern(terms: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of all forms as whole words, and form -> term. A form in capitals is a word of its own."""
    of = {form: term for term in terms for form in forms(term)}
    written = sorted(of, key=len, reverse=True)
    each = (re.escape(f) if re.search("[A-Z]", f) else f"(?i:{re.escape(f)})" for f in written)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(each)})(?![\w-])"), of


def mark(app: Sphinx, doctree: docutils_nodes.document) -> None:
    """After reading a chapter: its first use of each term leads to what it means.

    Terms that are everyday words, too, are not marked: which of their senses a text means no rule can tell.
    """
    env = app.env
    if TABLE not in descriptor.names() or not env.doc2path(env.docname).endswith(".ipynb"):
        return
    nodes.note_table(env, TABLE, execution.content(TABLE))
    rows = {r["term"]: r["definition"] for r in tables.listed(TABLE) if r["everyday"] != "true"}
    if not rows:
        return
    pattern, of = _pattern(tuple(rows))
    folded = {form.lower(): term for form, term in of.items()}
    seen: set[str] = set()
    for text in list(_texts(doctree)):
        pieces, end = [], 0
        for match in pattern.finditer(text):
            term = of.get(match[0]) or folded[match[0].lower()]
            if term in seen:
                continue
            seen.add(term)
            page, place = links.row(TABLE, term)
            address = f"{app.builder.get_relative_uri(env.docname, page)}#{place}"
            link = docutils_nodes.reference(
                "", match[0], internal=True, refuri=address, reftitle=rows[term], classes=["term"]
            )
            pieces += [docutils_nodes.Text(text[end : match.start()]), link]
            end = match.end()
        if pieces:
            text.parent.replace(text, [*pieces, docutils_nodes.Text(text[end:])])


def _texts(doctree: docutils_nodes.document) -> Iterator[docutils_nodes.Text]:
    """Texts of the paragraphs in which a term may be marked, in the order of the page."""
    for paragraph in doctree.findall(docutils_nodes.paragraph):
        for text in paragraph.findall(docutils_nodes.Text):
            above = text.parent
            while above is not paragraph and not isinstance(above, _NOT_IN):
                above = above.parent
            if above is paragraph:
                yield text
