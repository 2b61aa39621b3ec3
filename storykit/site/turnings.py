"""Try it here: of the sentences of a page that compare two numbers, the value at which each turns.

The build works it out; what a reader slides is compared with that value and nothing more.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from storykit import receipts, tables
from storykit.site import cards, links, views

if TYPE_CHECKING:
    from docutils.nodes import document

    from storykit.site.extension import StoryApp

WORDS = {">": "above", ">=": "at least", "<": "below", "<=": "at most"}
_DIGITS = re.compile(r"[\N{MINUS SIGN}-]?[\d,.]*\d")


def offer(
    app: StoryApp, pagename: str, templatename: str, context: dict[str, Any], doctree: document | None
) -> None:
    """`html-page-context`, after the shell: put them into the page."""
    rests = getattr(app.env, "story_rests", {}).get(pagename, {})
    context["story"]["turnings"] = of_sentences([inside for kind, inside in rests if kind == "holds"])


def of_sentences(insides: list[str]) -> views.Turnings | None:
    """The view of all that turn, each number and value once; None if none does."""
    found: dict[tuple[receipts.Turn, str], views.Turning] = {}
    for inside in insides:
        sentence = receipts.sentence(inside)
        for turn in receipts.turns(sentence.condition):
            taken = {other.name for other in found.values()}
            name = links.anchor(sentence.text).lower()
            found.setdefault((turn, sentence.condition), slider(sentence.text, turn, taken, name))
    return views.Turnings(tuple(found.values())) if found else None


def slider(phrase: str, turn: receipts.Turn, taken: set[str], name: str) -> views.Turning:
    """The view of a number that is compared with the value at which something turns; its name is none that is taken."""
    low, high, step = scale(turn)
    now, at = receipts.write(turn.now, bare=True), receipts.write(turn.at) if turn.at.amount else "0"
    number = _DIGITS.search(now)
    before, after = (now[: number.start()], now[number.end() :]) if number else ("", "")
    return views.Turning(
        name=name if name not in taken else f"{name}-{len(taken) + 1}",
        phrase=phrase,
        what=_what(*turn.row),
        now=now,
        at=at,
        words=WORDS[turn.sign],
        held=turn.held,
        sign=turn.sign,
        turns_at=turn.at.words,
        starts_at=turn.now.words,
        low=low,
        high=high,
        step=step,
        before=before,
        after=after,
    )


def scale(turn: receipts.Turn) -> tuple[str, str, str]:
    """From where to where the number can be slid, with both values well inside, and in which steps."""
    now, at = turn.now.amount, turn.at.amount
    away = 2 * abs(now - at)
    step = 10.0 ** math.floor(math.log10(away / 50))
    if now.is_integer() and at.is_integer():
        step = max(step, 1.0)  # what is counted in whole numbers is slid along them
    low, high = min(now, at) - away, max(now, at) + away
    if min(now, at) >= 0:
        low = max(low, 0.0)
    if turn.now.unit.unit_id == receipts.PERCENT.unit_id and max(now, at) <= 100:
        high = min(high, 100.0)
    digits = max(0, -round(math.log10(step)))
    steps = (math.floor(low / step) * step, math.ceil(high / step) * step, step)
    first, last, each = (f"{value:.{digits}f}" for value in steps)
    return first, last, each


def _what(table: str, key: str, field: str) -> str:
    """What a number is, in words."""
    if table != "observations":
        return cards.row_words(table, key)
    record = tables.records(table)[key]
    series = tables.records("series")[record["series_id"]]["label"]
    place = tables.records("geographies")[record["geography"]]["name"]
    return f"{series}, {place}, {receipts.date_words(record['period'])}"
