"""How a page reads: its prose as a reader meets it, and what of its voice can be counted.

Counted is the text of the page with its numbers written in, folded notes included. Apart stay the words of figures,
lists that are made from the data, the badges of verdicts, and the sections that the book names in `storykit:voice`
of its descriptor, with the limits that its chapters keep:

    "storykit:voice": {"opening": 130, "chapter": 1300, "apart": ["What we could not find"], "untold": ["second-look"]}

`opening` is the most words before a chapter's first figure, `chapter` the most it may have, `untold` the chapters that
do not keep to them yet: what is a fault elsewhere is only remarked on there. Without the entry no limit holds.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from storykit import descriptor, pages, receipts

LONG_SENTENCE = 32
"""Words; a sentence with more is remarked on."""

NEGATIONS = 1.2
"""Negations in a hundred words; a page with more is remarked on."""

NOT_FOUND = 4
"""How often a page may say that something was not found before it is remarked on."""

DRAWS = re.compile(r"\b(?:figures\.Figure|maps\.Map)\(")
"""A code cell that ends with a figure."""

_ROLE = re.compile(r"\{(?P<role>[A-Za-z][\w:-]*)\}`(?P<inside>[^`]*)`", re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*\)")
_HEADING = re.compile(r"^(#{1,6})\s+(.*)$")
_LEFT_OUT = ("facts", "figure-text", "story")
_WORD = re.compile(r"[^\W_]+(?:[.,'’\-][^\W_]+)*")
_END = re.compile(r"(?<=[.!?:;])[\"”)]*\s+(?=[\"“(]?[^\Wa-z_])")
_NEGATION = re.compile(
    r"\b(no|not|none|nobody|nothing|nowhere|never|neither|nor|without|cannot|unknown)\b|n[’']t\b",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(
    r"\b(?:not|never|nothing|nowhere|nobody)\b[^.;:]{0,40}\bfound\b|\b(?:no|none)\b[^.;:]{0,90}\bfound\b",
    re.I,
)
_NOMINAL = re.compile(r"\b\w{3,}(?:tion|sion|[m]ent|ance|ence|ness|ity)s?\s+of\b", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Passage:
    """A paragraph, item or heading as a reader meets it, and where it stands.

    `heading` is its level (0 of a paragraph), `apart` whether it lies in a section that is counted apart, `opening`
    whether no figure stands before it; `facts` is how many numbers and tested sentences it holds.
    """

    text: str
    place: pages.Place
    heading: int
    apart: bool
    opening: bool
    facts: int

    @property
    def words(self) -> int:
        return len(_WORD.findall(self.text))

    @property
    def sentences(self) -> list[str]:
        return [] if self.heading else [s for s in _END.split(self.text) if len(_WORD.findall(s)) > 1]


@dataclasses.dataclass(frozen=True)
class Measures:
    """What can be counted of a page: words, words before its first figure (0 where it has none), words of its longest
    sentence, negations in a hundred words, how often something *was not found*, Flesch and Kincaid's grade (years of
    school that reading it takes)."""

    words: int
    opening: int
    longest: int
    negations: float
    not_found: int
    grade: float


def limits() -> dict[str, Any]:
    """What the book's chapters keep to, as its descriptor says; empty where it says nothing."""
    said: dict[str, Any] = descriptor.package().get("storykit:voice", {})
    return said


def passages(page: str) -> list[Passage]:
    """The prose of a page in order, title first."""
    return list(_passages(page))


def _passages(page: str) -> Iterator[Passage]:
    names, apart, opening = receipts.of_page(page), 0, True
    sections = {name.casefold() for name in limits().get("apart", ())}
    for cell in pages.page(page).cells:
        if cell.kind != "markdown":
            opening = opening and not DRAWS.search(cell.text)
            continue
        for number, written in _paragraphs(pages.without(cell, *_LEFT_OUT)):
            heading = _HEADING.match(written)
            level = len(heading[1]) if heading else 0
            text = _as_read(heading[2] if heading else written, names)
            if level and (not apart or level <= apart):
                apart = level if text.casefold() in sections else 0
            if _WORD.search(text):
                facts = len(receipts.roles(written))
                yield Passage(text, cell.place.below(number), level, bool(apart), opening, facts)


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """(line counted from 0, text) of each paragraph, item and heading; a directive's own line is the title of it."""
    held: list[str] = []
    first = 0
    for number, line in enumerate([*text.split("\n"), ""]):
        plain = re.sub(r"^\s*(?:`{3,}|:{3,})(?:\{[\w:-]+\})?\s*|^\([\w-]+\)=$", "", line)
        begins = bool(re.match(r"\s*(?:[-*]|\d+\.)\s|#", line)) or plain != line or not plain.strip()
        if begins and held:
            yield first, " ".join(held)
            held = []
        if plain.strip():
            first = first if held else number
            held.append(re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", plain.strip()))
            if plain != line or line.startswith("#"):
                yield first, " ".join(held)
                held = []


def _as_read(text: str, names: receipts.Names) -> str:
    def said(match: re.Match[str]) -> str:
        if match["role"] == "verdict":
            return ""
        try:
            return receipts.said(match["role"], match["inside"], names)
        except receipts.ReceiptError:  # lint tells it as what it is
            return "?"

    known = re.sub(
        _ROLE, lambda m: said(m) if m["role"] in ("num", "holds", "verdict") else m["inside"], text
    )
    return re.sub(r"[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}", "", _LINK.sub(r"\1", known)).strip()


def measures(page: str) -> Measures:
    """The measures of a page; its title is counted among no words."""
    told = [p for p in passages(page) if not p.apart and p.heading != 1]
    draws = any(DRAWS.search(cell.text) for cell in pages.page(page).of_kind("code"))
    counted, sentences = sum(p.words for p in told), [s for p in told for s in p.sentences]
    text = " ".join(p.text for p in told)
    return Measures(
        words=counted,
        opening=sum(p.words for p in told if p.opening) if draws else 0,
        longest=max((len(_WORD.findall(s)) for s in sentences), default=0),
        negations=round(100 * len(_NEGATION.findall(text)) / counted, 2) if counted else 0.0,
        not_found=len(_NOT_FOUND.findall(text)),
        grade=_grade(sentences),
    )


def _grade(sentences: Sequence[str]) -> float:
    """Flesch and Kincaid's grade of sentences; groups of vowels stand for syllables, and a numeral has one."""
    words = [word for sentence in sentences for word in _WORD.findall(sentence)]
    if not words:
        return 0.0
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e")))) for word in words)
    return round(0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59, 1)


def faults(page: str) -> Iterator[tuple[pages.Place, str]]:
    """What a chapter that keeps to the limits must not be: (place, words)."""
    allowed = limits()
    told = passages(page)
    if not allowed or not told or not any(DRAWS.search(c.text) for c in pages.page(page).of_kind("code")):
        return
    measured, top = measures(page), told[0].place
    answer = next((p for p in told[1:]), None)
    if answer is None or answer.heading or not answer.facts:
        yield (
            answer.place if answer else top,
            "the chapter does not begin with its answer: write a paragraph under the title that says what was "
            "found, with its numbers as {num} or its sentences as {holds}",
        )
    elif promised := _PROMISES.search(answer.text):
        yield answer.place, f"the opening promises (“{promised[0]}”): tell the answer itself"
    if measured.opening > allowed.get("opening", measured.opening):
        yield (
            top,
            f"{measured.opening} words stand before the first figure, at most {allowed['opening']} may: the answer, three "
            "facts, the chart; how we know comes after it",
        )
    if measured.words > allowed.get("chapter", measured.words):
        yield top, f"the chapter has {measured.words} words, at most {allowed['chapter']} may be: say less"


_PROMISES = re.compile(
    r"\b(?:you will (?:know|learn|see)|this (?:chapter|page) (?:tells|follows|shows|asks))\b", re.I
)


def remarks(page: str) -> Iterator[tuple[pages.Place, str]]:
    """What a writer should look at again; nothing is refused for it: (place, words)."""
    told = passages(page)
    if not told:
        return
    if page in limits().get("untold", ()):
        yield from faults(page)
    for passage in told:
        for sentence in () if passage.apart else passage.sentences:
            count = len(_WORD.findall(sentence))
            if count > LONG_SENTENCE:
                yield (
                    passage.place,
                    f"a sentence of {count} words: “{sentence[:50]}…”; one thought a sentence",
                )
            if len(named := _NOMINAL.findall(sentence)) > 1:
                yield passage.place, f"{len(named)} nouns where verbs would do: “{sentence[:50]}…”"
    measured = measures(page)
    if measured.negations > NEGATIONS:
        yield (
            told[0].place,
            f"{measured.negations:.2f} negations in a hundred words, {NEGATIONS} would do: say what is there; what is "
            "missing has its own section",
        )
    if measured.not_found > NOT_FOUND:
        yield (
            told[0].place,
            f"says {measured.not_found} times that something was not found: say it once, well",
        )


@functools.cache
def heading_line() -> str:
    """The head of the table that `line` writes rows of."""
    return f"{'page':20}{'words':>7}{'before figure':>15}{'longest':>9}{'negations/100':>15}{'not found':>11}{'grade':>7}"


def line(page: str) -> str:
    """The measures of a page as one line of a table."""
    m = measures(page)
    return f"{page:20}{m.words:7}{m.opening:15}{m.longest:9}{m.negations:15.2f}{m.not_found:11}{m.grade:7.1f}"
