"""What the templates are given: one class a template, by the same name, and the classes inside them.

`templates.render` shows a view by its template: a `FigureTable` by `theme/parts/figure-table.html`. A view holds
plain words, numbers and addresses; `Markup` is HTML that a template has written already. Everything else is
escaped by the template, so no view and nobody who makes one has to think of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

Fact = tuple[str, str]
"""A term and what is said of it, of a list of facts."""


@dataclass(frozen=True)
class Link:
    words: str
    href: str


# --- in the prose ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Badge:
    """A verdict: word and shape, never colour alone. Without `href` it leads nowhere."""

    verdict: str
    words: str
    href: str = ""


@dataclass(frozen=True)
class Receipt:
    """A number that opens its card, `name`; without script it leads to its row."""

    href: str
    name: str
    words: str


@dataclass(frozen=True)
class Sentence:
    words: str


@dataclass(frozen=True)
class RowFacts:
    """What a card says of a number that stands in one row; `more_sources` are not listed."""

    what: str
    facts: tuple[Fact, ...]
    sources: tuple[Link, ...]
    more_sources: int
    others: tuple[Link, ...]
    earlier: str
    href: str


@dataclass(frozen=True)
class Formula:
    """What a card says of a number that is computed; `more` rows are not listed."""

    written: str
    inputs: tuple[Link, ...]
    more: int


@dataclass(frozen=True)
class Card:
    """The card of a number: `fact` is the name it has in the page's source, `expression` what it was read by."""

    name: str
    value: str
    about: RowFacts | Formula
    fact: str = ""
    expression: str = ""

    @property
    def is_formula(self) -> bool:
        return isinstance(self.about, Formula)


@dataclass(frozen=True)
class Cards:
    """All cards of a page, hidden until asked for."""

    cards: tuple[Card, ...]


# --- figures --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FigureTable:
    """A figure's table; a cell of a column that is `numeric` holds a number as written, or nothing."""

    figure: str
    caption: str
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    opened: bool


@dataclass(frozen=True)
class CitedSource:
    link: Link
    title: str


@dataclass(frozen=True)
class Citation:
    text: str
    bibtex: str


@dataclass(frozen=True)
class Figure:
    """A figure with all that stands around it.

    `files` is where its files lie, without their endings; `name` its title as plain words; `lens` JSON, or "";
    `choosable` whether a reader may choose series; `pictures` whether there are any; `page` the address of its own
    page; `report` where an error is reported, or "".
    """

    id: str
    kind: str
    files: str
    height: int
    narrow_height: int
    name: str
    title: Markup
    subtitle: Markup
    description: Markup
    notes: Markup
    age: str
    overdue: bool
    lens: str
    choosable: bool
    pictures: bool
    table: FigureTable
    sources: tuple[CitedSource, ...]
    page: str
    citation: Citation
    report: str


# --- the wall and the ledger ------------------------------------------------------------------------


@dataclass(frozen=True)
class VerdictCount:
    badge: Badge
    claims: int


@dataclass(frozen=True)
class Tile:
    verdict: str
    words: str
    href: str
    statement: str


@dataclass(frozen=True)
class WallGroup:
    title: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Wall:
    """Every claim as one tile, by thread."""

    counts: tuple[VerdictCount, ...]
    groups: tuple[WallGroup, ...]


@dataclass(frozen=True)
class ListedClaim:
    """A claim in a list; `when`, `finding` and `value` are of its newest outcome, "" if there is none."""

    statement: str
    badge: Badge
    when: str
    finding: str
    value: str


@dataclass(frozen=True)
class ClaimList:
    claims: tuple[ListedClaim, ...]


@dataclass(frozen=True)
class Outcome:
    """A look at a claim; `remark` is the recorded value and the note, "" if there is neither."""

    id: str
    when: str
    badge: Badge
    finding: str
    remark: str
    sources: tuple[Link, ...]
    confidence: str


@dataclass(frozen=True)
class Claim:
    """A claim in the ledger; `thread`, `who`, `year`, `overdue` and `featured` are what it is filtered by."""

    id: str
    statement: str
    badge: Badge
    thread: str
    who: str
    year: str
    overdue: bool
    featured: bool
    facts: tuple[Fact, ...]
    sources: tuple[Link, ...]
    note: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Choice:
    """A filter with the (value, words) it may take."""

    name: str
    label: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Ledger:
    counts: tuple[VerdictCount, ...]
    choices: tuple[Choice, ...]
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Meaning:
    badge: Badge
    words: str


@dataclass(frozen=True)
class VerdictMeanings:
    meanings: tuple[Meaning, ...]


# --- other parts of pages ---------------------------------------------------------------------------


@dataclass(frozen=True)
class ReportText:
    """What a report of a wrong number should say."""

    text: str


@dataclass(frozen=True)
class BigNumber:
    """A number set large; `state` is how it is drawn, or ""."""

    state: str
    value: Markup
    label: Markup


@dataclass(frozen=True)
class BigNumbers:
    numbers: tuple[BigNumber, ...]


@dataclass(frozen=True)
class Door:
    href: str
    title: str
    sentence: str


@dataclass(frozen=True)
class Doors:
    doors: tuple[Door, ...]


@dataclass(frozen=True)
class CataloguedTable:
    page: Link
    rows: int
    description: str
    download: str


@dataclass(frozen=True)
class CataloguedGeometry:
    title: str
    description: str
    download: str


@dataclass(frozen=True)
class Catalogue:
    tables: tuple[CataloguedTable, ...]
    geometries: tuple[CataloguedGeometry, ...]


@dataclass(frozen=True)
class ListedSeries:
    link: Link
    unit: str
    values: int


@dataclass(frozen=True)
class SeriesGroup:
    title: str
    series: tuple[ListedSeries, ...]


@dataclass(frozen=True)
class SeriesList:
    groups: tuple[SeriesGroup, ...]


@dataclass(frozen=True)
class Field:
    """A field of a table; `categories` are (value, meaning), `allowed` further rules in words."""

    name: str
    type: str
    description: str
    categories: tuple[tuple[str, str], ...]
    allowed: tuple[str, ...]


@dataclass(frozen=True)
class DescribedTable:
    name: str
    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Dictionary:
    tables: tuple[DescribedTable, ...]


@dataclass(frozen=True)
class Side:
    """One telling of a number; `lead` if the charts draw it."""

    link: Link
    lead: bool
    sources: tuple[Link, ...]
    confidence: str
    note: str


@dataclass(frozen=True)
class Disagreement:
    id: str
    title: str
    definition: str
    sides: tuple[Side, ...]


@dataclass(frozen=True)
class Disagreements:
    disagreements: tuple[Disagreement, ...]


@dataclass(frozen=True)
class Correction:
    row: Link
    field: str
    published: str
    stands: str
    reason: str
    when: str


@dataclass(frozen=True)
class Corrections:
    corrections: tuple[Correction, ...]


@dataclass(frozen=True)
class Change:
    """An update of the data: numbers of rows, the tables in words, and what moved."""

    id: str
    title: str
    added: int
    removed: int
    changed: int
    tables: str
    moved: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    root: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class SourceLetter:
    link: Link
    sources: int


@dataclass(frozen=True)
class SourceLetters:
    sources: int
    kinds: str
    letters: tuple[SourceLetter, ...]


@dataclass(frozen=True)
class FigureList:
    figures: tuple[Link, ...]


@dataclass(frozen=True)
class DataState:
    version: str
    as_of: str
    rows: int
    tables: int
    digest: str
    root: str


@dataclass(frozen=True)
class Snippet:
    """What a reader pastes into a page of their own to show a figure there; `height` in CSS pixels."""

    href: str
    title: str
    height: int


# --- whole pages and files ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Observation:
    """A row of a series' page; `place` is "" where all rows are of one place."""

    id: str
    place: str
    period: str
    value: str
    kind: str
    note: str
    confidence: str
    sources: tuple[Link, ...]


@dataclass(frozen=True)
class SeriesPage:
    """A series with all its values; `places` says whether the rows name theirs."""

    label: str
    facts: tuple[Fact, ...]
    places: bool
    observations: tuple[Observation, ...]


@dataclass(frozen=True)
class Row:
    """A row of any table as recorded: a cell is a text, or links to sources."""

    id: str
    cells: tuple[str | tuple[Link, ...], ...]


@dataclass(frozen=True)
class TablePage:
    """A table; without `columns` its rows stand elsewhere: at `shown_at`, or nowhere but in the download."""

    title: str
    description: str
    download: str
    shown_at: Link | None
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Source:
    """A source; `url` is "" if it is cited and not linked, `more_uses` are not listed."""

    id: str
    language: str
    title: str
    url: str
    publisher: str
    date: str
    kind: str
    note: str
    uses: tuple[Link, ...]
    more_uses: int


@dataclass(frozen=True)
class SourcesPage:
    title: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class FeedEntry:
    id: str
    title: str
    updated: str
    href: str
    summary: str


@dataclass(frozen=True)
class Feed:
    """The changes of the data as an Atom feed."""

    id: str
    title: str
    author: str
    updated: str
    href: str
    entries: tuple[FeedEntry, ...]
