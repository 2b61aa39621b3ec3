"""How long a page takes to be read."""

from __future__ import annotations

from docutils import nodes

WORDS_A_MINUTE = 230
"""A usual pace of silent reading; whoever reads on a screen, with numbers, is rather slower than faster."""


def minutes(doctree: nodes.document) -> int:
    """Minutes that the words of a page take, at least one: its paragraphs and headings, not its tables and cards."""
    told = (node for node in doctree.findall() if isinstance(node, (nodes.paragraph, nodes.title)))
    words = sum(len(node.astext().split()) for node in told)
    return max(round(words / WORDS_A_MINUTE), 1)
