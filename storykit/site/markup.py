"""The writer of one page: receipts, verdicts, figures and parts as HTML, and the cards that its receipts open."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup, escape

from storykit import figures, receipts, verdicts
from storykit.site import cards, figure_view, links, views
from storykit.site.templates import render


class PageWriter(links.Addresses):
    """Writes the parts of one page and collects the cards of its receipts; parameters as of `links.Addresses`."""

    def __init__(self, page: str, uri: Callable[[str, str], str], base: str = ""):
        super().__init__(page, uri, base)
        self._cards: dict[str, views.Card] = {}

    def receipt(self, text: str) -> Markup:
        """The link that a `{num}` role becomes; its card is kept for the end of the page."""
        found = receipts.receipt(text)
        if text not in self._cards:
            self._cards[text] = cards.card(f"r{len(self._cards) + 1}", found, self)
        table, key, _ = found.rows[0]
        target = self.href(table, key)  # of a formula: its first input; the card has them all
        return render(views.Receipt(target, self._cards[text].name, found.text))

    def cards(self) -> Markup:
        """All receipt cards of the page (hidden until asked for)."""
        return render(views.Cards(tuple(self._cards.values()))) if self._cards else Markup()

    def sentence(self, text: str) -> Markup:
        """The span that a `{holds}` role becomes."""
        return render(views.Sentence(receipts.require(receipts.sentence(text)).text))

    def verdict(self, claim_id: str) -> Markup:
        """A badge with the claim's verdict, linked to its page."""
        return render(self.badge(claim_id))

    def badge(self, claim_id: str) -> views.Badge:
        """A claim's verdict, linked to its page."""
        decided = verdicts.all_verdicts()
        if claim_id not in decided.index:
            raise receipts.ReceiptError(f"claims has no row {claim_id!r}.")
        found = decided.loc[claim_id]
        return views.Badge(str(found["verdict"]), str(found["verdict_words"]), self.href("claims", claim_id))

    def text(self, text: str) -> Markup:
        """A short text with roles, as HTML with receipts (titles, descriptions)."""
        html, end = Markup(), 0
        for match in receipts.ROLE.finditer(text):
            role, inside = match[1], match[2]
            html += escape(text[end : match.start()])
            html += self.receipt(inside) if role == "num" else self.sentence(inside)
            end = match.end()
        return html + escape(text[end:])

    def figure(
        self,
        record: figures.Record,
        pictures: bool,
        report_address: str,
        first: bool = False,
        marked: bool = False,
    ) -> Markup:
        """A figure with all that stands around it; parameters as of `figure_view.figure`."""
        in_order = (record.description, record.title, record.subtitle, record.notes)
        description, title, subtitle, notes = map(self.text, in_order)
        texts = (title, subtitle, description, notes)
        return render(figure_view.figure(record, texts, self, pictures, report_address, first, marked))
