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
class Sure:
    """A note that folds; on paper it stands whole."""

    name: str
    body: Markup


@dataclass(frozen=True)
class Case:
    """One documented case, with the sources that its numbers rest on."""

    name: str
    body: Markup
    sources: tuple[Link, ...]


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
    """`language` is that of the title, "" for the page's own."""

    link: Link
    title: str
    language: str


@dataclass(frozen=True)
class Citation:
    """How something is cited; `page` is its address in the site where the published one is not known, else ""."""

    name: str
    page: str
    text: str
    bibtex: str
    ris: str
    csl: str


@dataclass(frozen=True)
class Figure:
    """A figure with all that stands around it.

    `files` is where its files lie, without their endings; `name` its title as plain words; `lens` the codes
    that are shown first, or ""; `choices` what a reader may choose, and `series` what its series are called there, if
    they may be chosen; `pictures` whether there are any; `first` whether it is what its
    page is there for; `marked` whether it is known where the marks of its pictures lie; `page` the address of its own
    page; `report` where an error is reported, or ""; `notebook` the chapter's, to take; `formerly` ids of figures
    whose addresses lead here.
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
    choices: str
    series: str
    pictures: bool
    first: bool
    marked: bool
    table: FigureTable
    sources: tuple[CitedSource, ...]
    page: str
    citation: Citation
    report: str
    notebook: str
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True)
class CodeRows:
    """The rows of one table that a figure draws; `keys` are theirs, written one after the other."""

    table: Link
    keys: str
    count: int


@dataclass(frozen=True)
class FigureCode:
    """The code of a figure, `html` coloured; `cell` counts from 1; `notebook` is the one to take."""

    html: Markup
    cell: int
    facts: tuple[Fact, ...]
    rows: tuple[CodeRows, ...]
    notebook: Link


@dataclass(frozen=True)
class Turning:
    """A sentence that compares a number (`what`, `now`) with another, and where it turns (`at`).

    `words` and `sign` say on which side it holds, `held` whether all else the sentence rests on is held as it is; `turns_at`, `starts_at`, `low`, `high` and `step` are plain numbers
    for a slider; `before` and `after` are what is written around a value.
    """

    name: str
    phrase: str
    what: str
    now: str
    at: str
    words: str
    held: bool
    sign: str
    turns_at: str
    starts_at: str
    low: str
    high: str
    step: str
    before: str
    after: str


@dataclass(frozen=True)
class Turnings:
    turnings: tuple[Turning, ...]


@dataclass(frozen=True)
class Met:
    """What would have to be true for a claim to be met, in sentences; `slider` where two numbers can be compared, with
    what is said while its value keeps the promise (`kept`) and while it does not (`short`)."""

    told: tuple[str, ...]
    slider: Turning | None
    kept: str
    short: str


@dataclass(frozen=True)
class Download:
    """A file to take: `about` says what is in it, `weight` what it weighs."""

    link: Link
    about: str
    weight: str


@dataclass(frozen=True)
class Taking:
    """What a reader takes of a page, where its notebook is opened and run, and where the page is edited.

    `fetching` are the lines of a first cell where a service opens the notebook alone.
    """

    downloads: tuple[Download, ...]
    launches: tuple[Link, ...]
    fetching: tuple[str, ...]
    repository: tuple[Link, ...]


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
    reason: str


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
class Reply:
    """What a party concerned replied about a claim."""

    party: str
    when: str
    says: str
    sources: tuple[Link, ...]


@dataclass(frozen=True)
class ListedClaim:
    """A claim in a list; `when`, `finding` and `value` are of the outcome that decides, "" if there is none."""

    statement: str
    badge: Badge
    when: str
    finding: str
    value: str
    replies: tuple[Reply, ...]


@dataclass(frozen=True)
class ClaimList:
    claims: tuple[ListedClaim, ...]


@dataclass(frozen=True)
class KindMeanings:
    """The kinds of claims with their definitions, in the order in which they are asked."""

    kinds: tuple[Fact, ...]


@dataclass(frozen=True)
class SetCount:
    """How many claims; `href` leads to them, "" where nothing shows just these."""

    claims: int
    href: str


@dataclass(frozen=True)
class SetRow:
    """A kind of claim with its counts, one for each verdict and one for all."""

    kind: str
    counts: tuple[SetCount, ...]


@dataclass(frozen=True)
class KindRow:
    """A kind of claim: how many in all, and how many of each verdict."""

    kind: str
    all: SetCount
    parts: tuple[VerdictCount, ...]


@dataclass(frozen=True)
class KindGroup:
    """Kinds of claims that are drawn together; `state` is the colour of their heading."""

    title: str
    state: str
    rows: tuple[KindRow, ...]


@dataclass(frozen=True)
class KindMarks:
    """One picture of a set of claims by kind: a mark for each, in the shape of its verdict."""

    caption: str
    groups: tuple[KindGroup, ...]


@dataclass(frozen=True)
class ClaimSets:
    """Claims counted by kind and verdict."""

    caption: str
    verdicts: tuple[str, ...]
    rows: tuple[SetRow, ...]


@dataclass(frozen=True)
class LedgerRow:
    """A claim in the ledger; what it is filtered and sorted by stands beside the words as it is recorded.

    `findings` are the names that its findings had on this page before each claim had a page of its own.
    """

    id: str
    statement: Link
    badge: Badge
    who: str
    said: str
    said_words: str
    due: str
    due_words: str
    thread: str
    country: str
    asks: str
    partnership: str
    overdue: bool
    featured: bool
    findings: tuple[str, ...]


@dataclass(frozen=True)
class LedgerRows:
    rows: tuple[LedgerRow, ...]


@dataclass(frozen=True)
class Choice:
    """A filter with the (value, words) it may take."""

    name: str
    label: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ListedPart:
    """A page of the ledger and how many claims stand on it."""

    link: Link
    claims: int


@dataclass(frozen=True)
class PartGroup:
    title: str
    parts: tuple[ListedPart, ...]


@dataclass(frozen=True)
class Ledger:
    """The index of all claims; where they are too many for one page, `groups` lists those that hold them."""

    claims: int
    choices: tuple[Choice, ...]
    sorts: tuple[tuple[str, str], ...]
    rows: LedgerRows
    groups: tuple[PartGroup, ...]


@dataclass(frozen=True)
class LedgerPart:
    """One page of a ledger that has several."""

    title: str
    ledger: Link
    rows: LedgerRows
    before: Link | None
    after: Link | None


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
class TermName:
    """What a term is called in another language, of the code `code`, by some texts."""

    name: str
    code: str
    language: str
    sources: tuple[Link, ...]


@dataclass(frozen=True)
class Term:
    id: str
    term: str
    definition: str
    names: tuple[TermName, ...]
    see_also: tuple[Link, ...]
    sources: tuple[Link, ...]


@dataclass(frozen=True)
class Glossary:
    terms: tuple[Term, ...]


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
class Squares:
    """A count as squares: `rows` is an SVG path of a line for each row, which dashes of `side` and `gap` cut up."""

    state: str
    rows: str
    side: int
    gap: int


@dataclass(frozen=True)
class Area:
    """A square to scale, with words inside it or ""."""

    state: str
    left: int
    top: int
    side: int
    words: str


@dataclass(frozen=True)
class StillTime:
    """A line of time at `y`: (state, x) of its days, (x, year), and where years end."""

    y: int
    marks: tuple[tuple[str, int], ...]
    years: tuple[tuple[int, str], ...]
    ends: tuple[int, ...]


@dataclass(frozen=True)
class StillLine:
    shape: str
    state: str
    number: Markup
    label: Markup


@dataclass(frozen=True)
class Still:
    """A step's picture and what is drawn in it, in words; `before` and `after` are the steps beside it."""

    width: int
    height: int
    squares: tuple[Squares, ...]
    areas: tuple[Area, ...]
    time: StillTime | None
    lines: tuple[StillLine, ...]
    before: Link | None
    after: Link | None


@dataclass(frozen=True)
class Door:
    """A link to a page; `picture` is the address of a figure's files without their ending, or ""."""

    href: str
    title: str
    sentence: str
    picture: str = ""


@dataclass(frozen=True)
class Doors:
    doors: tuple[Door, ...]


@dataclass(frozen=True)
class Check:
    """A line of a list to fill in; `key` is its name in the address."""

    key: str
    title: str
    question: str


@dataclass(frozen=True)
class Checklist:
    checks: tuple[Check, ...]


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
    """A field of a table; `categories` are (value, meaning), `allowed` further rules in words, `unit` "" without one."""

    name: str
    type: str
    unit: str
    description: str
    categories: tuple[tuple[str, str], ...]
    allowed: tuple[str, ...]


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
class News:
    """The newest update of the data: when, in which words, what moved, and where all updates stand."""

    when: str
    summary: str
    moved: tuple[str, ...]
    more: Link


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
    package: Link


@dataclass(frozen=True)
class ProofState:
    """`commit` is "" where these files were not tested."""

    files: str
    commit: str
    version: str
    as_of: str
    sums: Link


@dataclass(frozen=True)
class CountedTable:
    """`official` is None where rows of the table name no sources."""

    page: Link
    rows: int
    official: int | None


@dataclass(frozen=True)
class ProofCounts:
    tables: tuple[CountedTable, ...]
    rows: int
    numbers: int
    sentences: int


@dataclass(frozen=True)
class Measured:
    """`value` is "" where it was never found out; `earlier` the commit whose files it was found out about, if others."""

    words: str
    value: str
    earlier: str
    command: str


@dataclass(frozen=True)
class ProofMeasured:
    figures: tuple[Measured, ...]


@dataclass(frozen=True)
class Pinned:
    package: str
    version: str
    does: str


@dataclass(frozen=True)
class ProofVersions:
    """`listed` leads to the list of all packages, where there is one."""

    packages: tuple[Pinned, ...]
    listed: Link


@dataclass(frozen=True)
class ShippedThing:
    """Something of others that readers get; `licence` leads to its text where the site holds it."""

    what: str
    licence: Link
    used: str


@dataclass(frozen=True)
class Shipped:
    things: tuple[ShippedThing, ...]


@dataclass(frozen=True)
class SecurityContact:
    """`contact` has no address where nobody is named."""

    contact: Link


@dataclass(frozen=True)
class DataFile:
    """A file to take: its format, its size in words, and its checksum."""

    form: str
    file: Link
    size: str
    sha256: str


@dataclass(frozen=True)
class Version:
    """A version of the data that was given out; `file` leads nowhere where no host is known to keep it."""

    id: str
    version: str
    as_of: str
    file: Link
    size: str
    sha256: str


@dataclass(frozen=True)
class Take:
    """The data as one thing to take: the whole as one file, what it is described by, its licence, and the versions."""

    archive: DataFile
    version: str
    as_of: str
    described: Link
    versions: tuple[Version, ...]
    kept: bool


@dataclass(frozen=True)
class Snippet:
    """What a reader pastes into a page of their own to show a figure there; `height` in CSS pixels."""

    href: str
    title: str
    height: int


@dataclass(frozen=True)
class Folded:
    """Markdown of a notebook under a line that opens it."""

    summary: str
    text: Markup


@dataclass(frozen=True)
class SourceNamed:
    """A source where no page can be linked to; `url` is its own address, or ""."""

    id: str
    title: str
    publisher: str
    url: str


@dataclass(frozen=True)
class SeriesNamed:
    id: str
    label: str
    unit: str
    definition: str


@dataclass(frozen=True)
class Provenance:
    """The words of a figure, plain, and where its data come from.

    `address` is that of its page, "" as long as the site has none; `as_of` an ISO date, the day the data stand at;
    `dated` date and version for people.
    """

    id: str
    title: str
    subtitle: str
    description: str
    notes: str
    sources: tuple[SourceNamed, ...]
    series: tuple[SeriesNamed, ...]
    author: str
    book: str
    version: str
    as_of: str
    dated: str
    licence: str
    licence_title: str
    licence_address: str
    address: str
    citation: str


@dataclass(frozen=True)
class PlateLine:
    """A line of words on a picture: its foot at `y`, in CSS pixels."""

    words: str
    y: int
    size: int
    bold: bool
    colour: str


@dataclass(frozen=True)
class Plate:
    """A figure's picture with all that it must say where nothing else says it: an SVG, sizes in CSS pixels."""

    about: Provenance
    width: int
    height: int
    background: str
    family: str
    lines: tuple[PlateLine, ...]
    edge: int
    top: int
    drawing: Markup


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
class StripMark:
    """Something on a time line; `at` is its place from the left in thousandths."""

    state: str
    at: int


@dataclass(frozen=True)
class StripStop:
    """A station of a time line in words: `state` names its mark, `more` says what else is known of it."""

    state: str
    term: str
    when: str
    more: str


@dataclass(frozen=True)
class Strip:
    """Said, due, found: a line for the eye and the same in words.

    The promise runs from `begins` to `ends`, in thousandths of the line; `ticks` are first days of years; `first`
    and `last` are the years at the ends of the line, "" where it has no length.
    """

    begins: int
    ends: int
    ticks: tuple[int, ...]
    marks: tuple[StripMark, ...]
    first: str
    last: str
    stops: tuple[StripStop, ...]


@dataclass(frozen=True)
class Quotation:
    words: str
    language: str
    speaker: str
    when: str
    sources: tuple[Link, ...]
    note: str


@dataclass(frozen=True)
class Finding:
    """What was found about a claim at a date; `decides` says why the verdict rests on it, "" if it does not."""

    id: str
    when: str
    badge: Badge
    words: str
    value: str
    confidence: str
    sources: tuple[Link, ...]
    note: str
    decides: str


@dataclass(frozen=True)
class RelatedClaim:
    statement: Link
    badge: Badge


@dataclass(frozen=True)
class RelatedClaims:
    """Claims that share something; `more` leads to all of them, where the ledger can be asked for it."""

    title: str
    claims: tuple[RelatedClaim, ...]
    more: Link | None


@dataclass(frozen=True)
class ClaimPage:
    """A claim with all that is known of it; `organisations` are those that its speaker is named with."""

    ledger: Link
    thread: Link
    statement: str
    badge: Badge
    meaning: str
    strip: Strip
    quotations: tuple[Quotation, ...]
    reason: str
    promise_confidence: str
    finding_confidence: str
    replies: tuple[Reply, ...]
    facts: tuple[Fact, ...]
    partnership: Link | None
    organisations: tuple[Link, ...]
    sources: tuple[Link, ...]
    note: str
    findings: tuple[Finding, ...]
    related: tuple[RelatedClaims, ...]
    uses: tuple[Link, ...]
    address: str
    met: Met
    report: str


@dataclass(frozen=True)
class Worded:
    """A cell whose words are in a language of their own."""

    words: str
    language: str


@dataclass(frozen=True)
class Row:
    """A row of any table as recorded: a cell is a text, or links to sources; `id` is "" if another row has it."""

    id: str
    cells: tuple[str | Worded | tuple[Link, ...], ...]


@dataclass(frozen=True)
class Code:
    """How to read a table in a language; the files lie beside it."""

    language: str
    text: str


@dataclass(frozen=True)
class TablePage:
    """A table as something to take and to read.

    `rows` are all of it, or with `shown_at` or `more` its first ones: then the others stand there, or in the downloads
    alone. `left_out` names formats that only the package holds.
    """

    title: str
    description: str
    facts: tuple[Fact, ...]
    downloads: tuple[DataFile, ...]
    left_out: tuple[str, ...]
    package: Link
    fields: tuple[Field, ...]
    figures: tuple[Link, ...]
    pages: tuple[Link, ...]
    code: tuple[Code, ...]
    shown_at: Link | None
    more: bool
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class SourceUses:
    """The rows of one table that rest on a source."""

    table: str
    rows: tuple[Link, ...]


@dataclass(frozen=True)
class Source:
    """A source with all that rests on it; `url` is "" if it is cited and not linked.

    `language` is that of the title, "" for the page's own.
    """

    id: str
    language: str
    title: str
    url: str
    publisher: str
    date: str
    kind: str
    note: str
    uses: tuple[SourceUses, ...]


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


@dataclass(frozen=True)
class WayIn:
    """The page at the root of the site, which sends on to the front page."""

    title: str
    href: str
    canonical: str
    language: str


@dataclass(frozen=True)
class Sitemap:
    """The published addresses of all pages."""

    addresses: tuple[str, ...]


@dataclass(frozen=True)
class BoundChapter:
    """A chapter as a part of the page that holds the whole book; `name` is its anchor."""

    name: str
    title: str
    body: Markup


@dataclass(frozen=True)
class Copy:
    """A form in which the whole is to be had; `holds` says what is in it."""

    link: Link
    holds: str


@dataclass(frozen=True)
class WholeCopies:
    copies: tuple[Copy, ...]


# --- pages that lead on -------------------------------------------------------------------------------


@dataclass(frozen=True)
class DatedClaim:
    """A claim in a list of a page that is about something else; `due` is "" where no date was given."""

    statement: Link
    badge: Badge
    said: str
    due: str


@dataclass(frozen=True)
class Party:
    link: Link
    role: str


@dataclass(frozen=True)
class Moment:
    """Something that happened, or was found; only a finding has a badge."""

    when: str
    kind: str
    link: Link
    badge: Badge | None


@dataclass(frozen=True)
class ListedSite:
    """A place on the earth in a list."""

    link: Link
    kind: str
    status: str
    evidence: str
    dates: str


@dataclass(frozen=True)
class PartnershipPage:
    """A partnership with all that hangs together with it."""

    index: Link
    country: Link
    title: str
    promise: str
    facts: tuple[Fact, ...]
    not_to_compare: str
    parties: tuple[Party, ...]
    counts: tuple[VerdictCount, ...]
    claims: tuple[DatedClaim, ...]
    ledger: Link
    moments: tuple[Moment, ...]
    sites: tuple[ListedSite, ...]
    uses: tuple[Link, ...]
    sources: tuple[Link, ...]


@dataclass(frozen=True)
class Entry:
    """Something in an index: `when` is "" where it has no date, `state` says how it stands, "" if nothing does.

    `linked` are (what they are, links); `values` are (name of a filter, what it finds the entry by), a name for each value.
    """

    id: str
    link: Link
    when: str
    state: str
    about: tuple[str, ...]
    linked: tuple[tuple[str, tuple[Link, ...]], ...]
    counts: tuple[VerdictCount, ...]
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class EntryGroup:
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class MatrixCell:
    """The papers that two sides share, by their anchors in the list; `words` say with whom."""

    href: str
    papers: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class MatrixRow:
    head: Link
    cells: tuple[MatrixCell | None, ...]


@dataclass(frozen=True)
class AgreementMatrix:
    """Who signed with whom: the papers that each organisation of the rows shares with each of the columns."""

    caption: str
    columns: tuple[Link, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True)
class Explorer:
    """An index of rows of one table with filters; `noun` is what its entries are called."""

    name: str
    noun: str
    choices: tuple[Choice, ...]
    groups: tuple[EntryGroup, ...]
    entries: int
    matrix: AgreementMatrix | None = None


@dataclass(frozen=True)
class SignedPaper:
    """An agreement as the page of one of its parties shows it."""

    when: str
    link: Link
    role: str
    others: tuple[Link, ...]
    state: str


@dataclass(frozen=True)
class OrganisationPage:
    """An organisation with all that it has a part in."""

    index: Link | None
    name: str
    facts: tuple[Fact, ...]
    parent: Link | None
    children: tuple[Link, ...]
    partnerships: tuple[Party, ...]
    papers: tuple[SignedPaper, ...]
    counts: tuple[VerdictCount, ...]
    claims: tuple[DatedClaim, ...]
    sites: tuple[ListedSite, ...]
    uses: tuple[Link, ...]
    sources: tuple[Link, ...]


@dataclass(frozen=True)
class Spot:
    """A dot on the outline of a country, in units of the picture: `path` is SVG's, `country` for who hears it."""

    country: str
    width: int
    height: int
    path: str
    x: int
    y: int


@dataclass(frozen=True)
class PlacePage:
    """A place; `more_alike` of its group are not listed."""

    index: Link
    kind: Link
    name: str
    where: str
    status: str
    about: str
    spot: Spot | None
    facts: tuple[Fact, ...]
    operators: tuple[Link, ...]
    partnership: Link | None
    moments: tuple[Moment, ...]
    claims: tuple[DatedClaim, ...]
    alike: tuple[ListedSite, ...]
    more_alike: int
    uses: tuple[Link, ...]
    sources: tuple[Link, ...]


@dataclass(frozen=True)
class Stroke:
    """A path of SVG and how it is drawn."""

    kind: str
    path: str


@dataclass(frozen=True)
class ChartPanel:
    """A box of a chart with its words: the ends of its scale and its last value."""

    name: str
    high: str
    low: str
    last: str
    width: int
    height: int
    strokes: tuple[Stroke, ...]


@dataclass(frozen=True)
class SeriesChart:
    """The values of a series: in time from `first` to `last`, or ("" both) side by side by place.

    `left_out` values are in the table only; `ahead` says whether some lie ahead, `others` whether there are other
    tellings, `joined` whether the series may be drawn as a line.
    """

    panels: tuple[ChartPanel, ...]
    first: str
    last: str
    drawn: int
    left_out: int
    ahead: bool
    others: bool
    joined: bool


@dataclass(frozen=True)
class Neighbour:
    """Another series, and on which basis it counts."""

    link: Link
    basis: str


@dataclass(frozen=True)
class TestedSentence:
    """A tested sentence, and the page it stands on."""

    words: str
    where: str
    href: str


@dataclass(frozen=True)
class SeriesRelations:
    """What a series hangs together with; `apart` are series that sound alike and count on another basis."""

    apart: tuple[Neighbour, ...]
    neighbours: tuple[Neighbour, ...]
    corrections: tuple[Correction, ...]
    uses: tuple[Link, ...]
    sentences: tuple[TestedSentence, ...]
    claims: tuple[DatedClaim, ...]


@dataclass(frozen=True)
class SeriesPage:
    """A series drawn and with all its values; `places` says whether the rows name theirs."""

    index: Link
    label: str
    chart: SeriesChart | None
    facts: tuple[Fact, ...]
    places: bool
    observations: tuple[Observation, ...]
    download: str
    told: SeriesRelations
