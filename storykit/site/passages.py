"""The paragraphs of the written pages: a name for each, so that a link can lead there, and its words for the search."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from docutils import nodes as docutils_nodes
from sphinx.application import Sphinx

from storykit.site import nodes


class Passage(NamedTuple):
    """A paragraph, or a heading where `text` is ""."""

    id: str
    heading: str
    text: str


def collect(app: Sphinx, doctree: docutils_nodes.document) -> None:
    """After reading a page: name its paragraphs, and note what they say as readers see it."""
    held: list[Passage] = nodes.held(app.env, "story_passages").setdefault(app.env.docname, [])
    taken: set[str] = set().union(*(each.get("ids", []) for each in doctree.findall(docutils_nodes.Element)))
    node: docutils_nodes.Element
    for node in doctree.findall(docutils_nodes.Element):
        if isinstance(node, docutils_nodes.section) and node["ids"]:
            held.append(Passage(node["ids"][0], _heading(node), ""))
        elif isinstance(node, docutils_nodes.paragraph) and _stands_alone(node):
            place = _place(node)
            if not place["ids"]:
                place["ids"].append(_name(node, taken))
            held.append(Passage(place["ids"][0], _heading(node), " ".join(node.astext().split())))


def _stands_alone(node: docutils_nodes.Element) -> bool:
    """Whether a paragraph is told by itself: not in a cell, and with something in it."""
    inside_table = isinstance(node.parent, docutils_nodes.entry)
    return not inside_table and bool(node.astext().strip())


def _place(node: docutils_nodes.Element) -> docutils_nodes.Element:
    """What carries the name: a paragraph that begins a point of a list leaves it to the point, which stays as tight."""
    parent = node.parent
    return parent if isinstance(parent, docutils_nodes.list_item) and parent.index(node) == 0 else node


def _heading(node: docutils_nodes.Node | None) -> str:
    """The title of the section around a node."""
    while node is not None and not isinstance(node, docutils_nodes.section):
        node = node.parent
    title = node.next_node(docutils_nodes.title) if node is not None else None
    return " ".join(title.astext().split()) if title is not None else ""


def _name(node: docutils_nodes.Element, taken: set[str]) -> str:
    """A name by the words as written: it stays when a number changes, and when another paragraph comes before."""
    written = " ".join(
        child["inside"] if isinstance(child, nodes.ReceiptNode) else str(child)
        for child in node.findall(_is_written)
    )
    name = full = "p-" + hashlib.sha256(" ".join(written.split()).encode()).hexdigest()
    for length in range(8, len(full)):
        name = full[:length]
        if name not in taken:
            break
    taken.add(name)
    return name


def _is_written(node: docutils_nodes.Node) -> bool:
    if isinstance(node, docutils_nodes.Text):
        return not isinstance(node.parent, nodes.ReceiptNode)
    return isinstance(node, nodes.ReceiptNode)
