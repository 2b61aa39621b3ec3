"""The words of a figure, as they stand in its chapter.

    ```{figure-text} zone-firms
    title: {holds}`More firms were selected than promised <@more_selected>`
    subtitle: Small firms, three counts with three definitions, 2017 and 2018
    description: Three bars on one scale. The promise is {num}`@promised`, ...
    columns: label = What was counted | value = Firms
    labels: zone_goal = said in {num}`@promised_on | year` | zone_firms = counted since
    key: promised = promised | built = selected | used = counted as having benefitted
    ```

Every text may hold roles and names of facts, as prose does. `columns` gives headings to columns of the table
that are no fields of `data/`, or need another heading here; `labels` are words that the figure writes at its
marks, for its code to ask for (`words.labels`); `key` says what its colours mean, in words of its own subject
(`words.key`); `notes` stand under the figure; `formerly` names figures whose addresses lead to this one.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from storykit import chapters, descriptor, errors, pages, project, reads, receipts

TEXTS = ("title", "subtitle", "description")
"""What every figure has."""

FIELDS = (*TEXTS, "notes", "columns", "labels", "key", "formerly")

SHORTEST_DESCRIPTION = 60

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LABELLED = re.compile(r"(?:^|\|)\s*[\w./~-]+\s*=")  # ids hold numerals that nobody reads
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclasses.dataclass(frozen=True)
class Words:
    """What a figure says of itself; `page` says which names its roles may use, `places` where each text stands."""

    id: str
    page: str
    texts: dict[str, str]
    place: pages.Place
    places: dict[str, pages.Place] = dataclasses.field(default_factory=dict)
    strangers: tuple[tuple[pages.Place, str], ...] = ()

    def text(self, field: str) -> str:
        """A text as it was written, "" where there is none."""
        return self.texts.get(field, "").strip()

    def said(self, field: str) -> str:
        """A text with its roles resolved to plain words.

        Raises
        ------
        ReceiptError
            If a role in it cannot be resolved.
        """
        return receipts.plain(self.text(field), receipts.of_page(self.page))

    def expanded(self, field: str) -> str:
        """A text with roles that use no names: it says the same on any page."""
        return receipts.expanded(self.text(field), receipts.of_page(self.page))

    @functools.cached_property
    def headings(self) -> dict[str, str]:
        """Column -> heading, as `columns` gives them."""
        return _pairs(self.text("columns"))

    @functools.cached_property
    def labels(self) -> dict[str, str]:
        """Value -> the words written at its mark, roles resolved, as `labels` gives them in order.

        Raises
        ------
        ReceiptError
            If a role in them cannot be resolved.
        """
        return _pairs(self.said("labels"))

    @functools.cached_property
    def key(self) -> dict[str, str]:
        """State or look -> what it stands for in this figure, as `key` gives it in order.

        Raises
        ------
        ReceiptError
            If a role in it cannot be resolved.
        """
        return _pairs(self.said("key"))

    def strange_in_key(self) -> Iterator[str]:
        """Words of the key that stand nowhere else in the figure's words: not of the chart's subject."""
        told = " ".join(
            self.said(field) for field in ("title", "subtitle", "description", "columns", "labels")
        )
        known = {_stem(word) for word in _LETTERS.findall(told)}
        for words in self.key.values():
            yield from (word for word in _LETTERS.findall(words) if _stem(word) not in known)

    @property
    def formerly(self) -> tuple[str, ...]:
        """Ids of figures that this one has taken the place of."""
        return tuple(filter(None, (one.strip() for one in self.text("formerly").split(","))))

    def heading(self, column: str, tables_drawn: Iterable[str]) -> str:
        """The heading of a column of the table: as given here, the title of the field, or the column's own words."""
        if column in self.headings:
            return self.headings[column]
        return _title(column, tables_drawn) or ("" if _FIELD_NAME.fullmatch(column) else column)

    def missing_headings(self, columns: Iterable[str], tables_drawn: Iterable[str]) -> Iterator[str]:
        """What is wrong with the headings, in words."""
        columns, drawn = [str(c) for c in columns], list(dict.fromkeys(tables_drawn))
        for column in columns:
            if not self.heading(column, drawn):
                yield f"column {column!r} of the table has no heading; write one under columns: {column} = …"
        for column in self.headings:
            if column not in columns:
                yield f"columns: names {column!r}, which the table has not; it has {', '.join(columns)}"


def _pairs(text: str) -> dict[str, str]:
    """`a = Words | b = Other words`, taken apart."""
    pairs = (entry.partition("=") for entry in text.split("|"))
    return {name.strip(): words.strip() for name, _, words in pairs if name.strip()}


def _stem(word: str) -> str:
    return word.casefold()[:5]


_LETTERS = re.compile(r"[^\W\d_]{4,}")
"""Words long enough to mean something."""


def key(id: str) -> dict[str, str]:
    """State or look -> words, as the `key` of a figure of the open chapter gives them; as `labels`.

    Raises
    ------
    project.DataError
        If the open chapter has no such figure, or it has no key.
    """
    known = _asked_for(id, "key")
    return dict(known.key)


def labels(id: str) -> dict[str, str]:
    """Value -> words, as the `labels` of a figure of the open chapter give them.

    A build runs the chapter again when they change.

    Raises
    ------
    project.DataError
        If the open chapter has no such figure, or it has no labels.
    """
    return dict(_asked_for(id, "labels").labels)


def _asked_for(id: str, field: str) -> Words:
    chapter = chapters.current() or ""
    known = words_of(chapter)
    if id not in known or not known[id].text(field):
        raise project.DataError(
            f"book/{chapter}.ipynb has no {field} for a figure {id!r}; write {field}: value = Words | value = Words "
            f"into its block ```{{figure-text}} {id}."
        )
    reads.remember(f"labels:{chapter}:{id}")
    return known[id]


def _title(column: str, tables_drawn: Iterable[str]) -> str:
    """The title of a field of that name, in the drawn tables first; "" where no table has one."""
    for table in [*tables_drawn, *descriptor.names()]:
        for field in descriptor.fields(table):
            title: str = field.get("title", "")
            if field["name"] == column and title:
                return title
    return ""


def words_of(page: str) -> dict[str, Words]:
    """The words of all figures of a page, by id. Of an id given twice the first counts; lint names the other."""
    source = pages.file(page)
    return _words_of(page, source, source.stat().st_mtime_ns) if source.is_file() else {}


@functools.lru_cache(maxsize=64)
def _words_of(page: str, source: Path, modified: int) -> dict[str, Words]:
    found: dict[str, Words] = {}
    for words in all_words(page):
        found.setdefault(words.id, words)
    return found


def all_words(page: str) -> list[Words]:
    """The words of all figures of a page, in order, also of ids that stand twice."""
    return [_read(page, block) for block in pages.page(page).blocks("figure-text")]


def _read(page: str, block: pages.Block) -> Words:
    texts: dict[str, str] = {}
    places, strangers = {}, []
    for name, text, place in pages.entries(block, ":"):
        if name not in FIELDS:
            meant = errors.did_you_mean(name, FIELDS)
            shown = name or text[:60]
            strangers.append(
                (place, f"{shown!r} is no text of a figure; there are {', '.join(FIELDS)}.{meant}")
            )
        elif name in texts:
            strangers.append((place, f"{name} stands twice; write it once"))
        else:
            texts[name], places[name] = text, place
    return Words(block.argument, page, texts, block.place, places, tuple(strangers))


def problems_of(words: Words) -> Iterator[tuple[pages.Place, str]]:
    """What is wrong with the words of a figure, apart from roles in them: (place, words)."""
    yield from words.strangers
    if not _ID.fullmatch(words.id):
        yield words.place, f"{words.id!r} is no id of a figure; it must be kebab-case, such as smes-counted"
    for old in words.formerly:
        if not _ID.fullmatch(old) or old in words_of(words.page):
            yield (
                words.places["formerly"],
                f"formerly: {old!r} is no id of a figure that is gone; write ids with commas",
            )
    for field in TEXTS:
        if not words.text(field):
            yield words.place, f"{field} is missing; write {field}: … into the block"
    said = {}
    for field in (*TEXTS, "notes", "labels", "key"):
        try:
            said[field] = words.said(field)
        except receipts.ReceiptError as error:
            yield words.places[field], f"{field}: {error}"
            continue
        written = _LABELLED.sub("|", words.text(field)) if field in ("labels", "key") else words.text(field)
        for _, around in receipts.typed_numbers(written):
            yield (
                words.places[field],
                f"{field} holds a typed number (… {around} …); write it as a {{num}} role",
            )
    if words.text("key") and len(said) == len(TEXTS) + 3:
        for word in words.strange_in_key():
            yield (
                words.places["key"],
                f"the key says {word!r}, which is not of the chart: no other text of the figure has the word",
            )
    description, title = said.get("description", ""), said.get("title", "")
    if description and description.strip().lower() == title.strip().lower():
        yield words.places["description"], "the description only repeats the title; say what the shape is"
    elif description and len(description) < SHORTEST_DESCRIPTION:
        yield (
            words.places["description"],
            f"the description is shorter than {SHORTEST_DESCRIPTION} characters; say what the shape is",
        )
