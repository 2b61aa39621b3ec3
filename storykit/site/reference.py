"""Parts of pages made from the data: the wall, the ledger, the catalogue, the disagreements.

Each is a function (writer of the page, Sphinx, options of the directive) -> view.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from storykit import descriptor, disk, downloads, project, receipts, reshape, tables, verdicts, words
from storykit.site import (
    cards,
    checksums,
    claim_view,
    copies,
    execution,
    explorers,
    links,
    outside,
    proof,
    proven,
    reports,
    stills,
    supply,
    terms,
    views,
    whole,
)
from storykit.site import ledger as index
from storykit.site import sets as claim_sets
from storykit.site.kept import Kept
from storykit.site.markup import PageWriter

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

Part = Callable[[PageWriter, "StoryApp", dict[str, Any]], Any]

PARTS: dict[str, Part] = {}
"""Name used in a `{story}` directive -> function that makes the view of the part."""

OF_ALL_PAGES = {"figure-list"}
"""Parts that show what stands on other pages: written again when that changes."""

OF_ALL_FILES = {"proof-state", "proof-counts", "proof-measured", "proof-versions"}
"""Parts that show what no page knows (all texts, the files that tests read): written at every build."""
ALWAYS = "at every build"

INDEXES = {"ledger", "partnerships", "agreements", "events"}
"""Parts that a page is there for: it is set as an index, which begins with what it lists."""


def part(function: Part) -> Part:
    PARTS[function.__name__.replace("_", "-")] = function
    return function


@part
def report_text(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.ReportText:
    """What a report of a wrong number should say; the script fills in the figure a reader came from."""
    return views.ReportText(reports.text(**{"data-version": descriptor.about("version")}))


# --- the wall and the ledger ------------------------------------------------------------------------


def _badge(verdict: str) -> views.Badge:
    """A verdict as such, which leads nowhere."""
    return views.Badge(verdict, verdicts.WORDS[verdict])


def _verdict_counts(claims: pd.DataFrame) -> tuple[views.VerdictCount, ...]:
    counts = claims["verdict"].value_counts()
    return tuple(views.VerdictCount(_badge(v), int(counts[v])) for v in verdicts.WORDS if counts.get(v))


@part
def wall(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Wall:
    """Every claim as one tile with its verdict and the reason for it, grouped by thread; opens the claim."""
    claims = verdicts.all_verdicts()
    order = list(verdicts.WORDS)
    groups = []
    for thread, label in index.threads().items():
        mine = claims[claims["thread"] == thread]
        mine = mine.assign(_o=mine["verdict"].map(order.index)).sort_values(["_o", "made_on", "claim_id"])
        tiles = tuple(
            views.Tile(
                r["verdict"],
                r["verdict_words"],
                writer.href("claims", r["claim_id"]),
                r["statement"],
                claim_view.brief(r),
            )
            for r in reshape.records(mine)
        )
        if tiles:
            groups.append(views.WallGroup(index.sentence_case(label), tiles))
    return views.Wall(_verdict_counts(claims), tuple(groups))


@part
def claims(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.ClaimList:
    """The claims that a rule is about as a list with verdicts; `:where:` is the rule, as of `sets.chosen`."""
    found = claim_sets.chosen(options.get("where", ""))
    return views.ClaimList(tuple(_listed(writer, claim) for _, claim in found.iterrows()))


def _listed(writer: PageWriter, claim: pd.Series) -> views.ListedClaim:
    """A claim with the finding its verdict rests on, its value where the words do not give it, and all replies."""
    said, badge, replies = (
        claim["statement"],
        writer.badge(claim["claim_id"]),
        claim_view.replies(claim["claim_id"], writer),
    )
    if not claim["verdict_outcome"]:
        return views.ListedClaim(said, badge, "", "", "", replies)
    deciding = tables.load("outcomes").loc[claim["verdict_outcome"]]
    when = receipts.date_words(deciding["as_of"])
    return views.ListedClaim(said, badge, when, deciding["finding"], _unsaid(deciding), replies)


@part
def kind_meanings(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.KindMeanings:
    """The kinds of claims with their definitions."""
    return views.KindMeanings(tuple(claim_sets.kinds().values()))


@part
def sets(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.ClaimSets:
    """Claims by kind and verdict: `:where:` is a rule as of `sets.counted`; the content is the table's caption."""
    return claim_sets.counted(writer, options.get("where", ""), " ".join(options.get("content", [])))


@part
def kind_marks(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.KindMarks:
    """One picture of all claims of a rule (`:where:`) by kind, a mark for each. Lines: `title :: state :: kinds`, the
    kinds with commas; the first line is the picture's caption."""
    caption, *lines = options.get("content", []) or [""]
    groups = []
    for title, state, kinds in _content({"content": lines}, "title :: state :: kinds"):
        if state not in _STATES:
            raise receipts.ReceiptError(f"{state!r} is no state; there are {', '.join(_STATES)}.")
        groups.append((receipts.plain(title), state, [kind.strip() for kind in kinds.split(",")]))
    return claim_sets.marks(writer, options.get("where", ""), receipts.plain(caption), groups)


@part
def ledger(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Ledger:
    """The index of all claims with filters; a claim is told on its own page."""
    return index.view(verdicts.all_verdicts(), writer)


@part
def partnerships(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Explorer:
    """The index of all partnerships with filters; each has a page of its own."""
    return explorers.partnerships(writer)


@part
def events(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Explorer:
    """All events by thread, with filters."""
    return explorers.events(writer)


@part
def agreements(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Explorer:
    """All agreements with filters, as a matrix of who signed with whom and as a list with everyone who is in them.

    `:where:` says whose houses are the columns of the matrix, the content is its caption.
    """
    return explorers.agreements(writer, options.get("where", ""), " ".join(options.get("content", [])))


@part
def places(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Explorer:
    """All places by kind, with filters; each has a page of its own."""
    return explorers.places(writer)


def _unsaid(outcome: pd.Series) -> str:
    """The value of an outcome as readers write it, or "" where there is none or its finding says it."""
    if pd.isna(outcome["observed_value"]) or outcome["observed_value"] in (0, 1):
        return ""
    value = f'outcomes("{outcome["outcome_id"]}").observed_value'
    said = {receipts.num(f"{value} | plain"), receipts.num(f"{value} | words | plain")}
    if outcome["observed_value"] >= 1e6:
        said.add(f"{outcome['observed_value'] / 1e6:g} million")
    if any(re.search(rf"(?<![\d.,]){re.escape(s)}(?!\w|[.,]\d)", outcome["finding"]) for s in said):
        return ""
    return receipts.num(value)


@part
def glossary(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Glossary:
    """The terms of the table `glossary`."""
    return terms.listed(writer)


@part
def verdict_meanings(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.VerdictMeanings:
    """The verdict words with their meaning, as the pages use them."""
    return views.VerdictMeanings(tuple(views.Meaning(_badge(v), m) for v, m in verdicts.MEANINGS.items()))


@part
def big_numbers(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.BigNumbers:
    """A few numbers set large; each line: `number :: label`, or `number :: label :: state`.

    The number is a `{num}` role, the label may hold roles, and the state is one of promised, built,
    used, unknown.
    """
    numbers = []
    for number, label, state in _content(options, "number :: label", "state"):
        if state and state not in _STATES:
            raise receipts.ReceiptError(f"{state!r} is no state; there are {', '.join(_STATES)}.")
        numbers.append(views.BigNumber(state, writer.text(number), writer.text(label)))
    return views.BigNumbers(tuple(numbers))


_STATES = ("promised", "built", "used", "unknown")


@part
def still(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Still:
    """The picture of a step of a guided story; each line: `shape :: number :: state :: label [:: words inside]`.

    The shape is squares (one for each that is counted), area or day; number and state are as of `big_numbers`. Each
    still stands in a section of its own; `directives.gather` lets those of a page know one another.
    """

    def lines(content: list[str]) -> list[stills.Line]:
        found = _content({"content": content}, stills.FORM, stills.MORE)
        return [stills.line(_STATES, *pieces) for pieces in found]

    mine = lines(options["content"])
    page = [line for each in options.get("shown", []) for line in lines(each)] or mine
    return stills.still(writer, mine, page, stills.turns(options))


@part
def doors(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Doors:
    """Links to pages, each with a sentence; each line: `page :: title :: sentence [:: figure]`.

    The figure is one of that page; its picture stands in the door. Numbers in the sentence are roles; they are
    written without their receipts, because a door is a link already.
    """
    found = []
    for page, title, sentence, figure in _content(options, "page :: title :: sentence", "figure"):
        if page not in app.env.found_docs:
            raise receipts.ReceiptError(f"There is no page {page!r} to open a door to.")
        if figure and figure not in words.words_of(page.rpartition("/")[2]):
            raise receipts.ReceiptError(f"{page} has no figure {figure!r} to show in its door.")
        picture = f"{writer.root}_figures/{figure}" if figure and app.story.pictures else ""
        found.append(
            views.Door(writer.page_href(page), receipts.plain(title), receipts.plain(sentence), picture)
        )
    return views.Doors(tuple(found))


@part
def checklist(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Checklist:
    """A list to fill in; each line: `key :: title :: question`, the key being its name in the address."""
    lines = list(_content(options, "key :: title :: question"))
    keys = [key for key, *_ in lines]
    if wrong := [key for key in keys if not key.isidentifier() or keys.count(key) > 1]:
        raise receipts.ReceiptError(f"{wrong[0]!r} is no key: letters, digits and _, each once.")
    return views.Checklist(tuple(views.Check(k, receipts.plain(t), receipts.plain(q)) for k, t, q in lines))


def _content(options: dict[str, Any], form: str, more: str = "") -> Iterator[list[str]]:
    """The lines of a directive cut at `::`, in the order that `form` names; `more` may be left out."""
    wanted = form.count("::") + 1
    for line in filter(None, map(str.strip, options.get("content", []))):
        pieces = [piece.strip() for piece in line.split("::")]
        if not all(pieces) or len(pieces) not in {wanted, wanted + bool(more)}:
            raise receipts.ReceiptError(
                f"{line!r} is not of the form {form}{f' [:: {more}]' if more else ''}."
            )
        yield pieces + [""] * (wanted + bool(more) - len(pieces))


# --- catalogue, disagreements, corrections ------------------------------------------------


@part
def catalogue(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Catalogue:
    """All tables with rows, description, page and download."""

    def download(entry: dict[str, Any]) -> str:
        return f"{writer.root}_data/{entry['path']}"

    listed = []
    for name in descriptor.names():
        entry = descriptor.resource(name)
        page = views.Link(entry["title"], writer.page_href(f"tables/{name}"))
        rows = len(tables.load(name))
        listed.append(views.CataloguedTable(page, rows, entry["description"], download(entry)))
    geometries = tuple(
        views.CataloguedGeometry(entry["title"], entry["description"], download(entry))
        for entry in descriptor.package()["resources"]
        if entry.get("type") != "table" and entry["path"].endswith(".geojson")
    )
    return views.Catalogue(tuple(listed), geometries)


@part
def series_list(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.SeriesList:
    """All series by thread, with unit and number of values."""
    counts = tables.column("observations", "series_id").value_counts()
    units, frame = tables.load("units")["label"], tables.load("series")
    groups = []
    for thread, label in index.threads().items():
        series = tuple(
            views.ListedSeries(
                views.Link(r.label, writer.page_href(f"series/{r.series_id}")),
                units[r.unit],
                int(counts.get(r.series_id, 0)),
            )
            for r in reshape.one_by_one(frame[frame["thread"] == thread].sort_values("label"))
        )
        if series:
            groups.append(views.SeriesGroup(index.sentence_case(label), series))
    return views.SeriesList(tuple(groups))


@part
def disagreements(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Disagreements:
    """Observations that differ on the same thing, side by side."""
    frame = tables.load("observations")
    # What a publisher has revised since is history, shown on the series' page, not a disagreement.
    frame = frame[~frame["vintage"].str.contains("superseded ", regex=False)]
    key = ["series_id", "geography", "period"]
    groups = frame[frame.duplicated(key, keep=False)].groupby(key, sort=True)
    series, places = tables.load("series"), tables.load("geographies")["name"]
    found = []
    for thing, rows in groups:
        series_id, geography, period = map(str, thing)
        record = series.loc[series_id]
        found.append(
            views.Disagreement(
                id=f"d-{links.anchor(f'{series_id}-{geography}-{period}')}",
                title=f"{record['label']}, {places[geography]}, {receipts.date_words(period)}",
                definition=str(record["definition"]),
                sides=tuple(_side(writer, row) for row in reshape.one_by_one(rows)),
            )
        )
    return views.Disagreements(tuple(found))


def _side(writer: PageWriter, row: Any) -> views.Side:
    words = ", ".join(filter(None, [cards.written(row.observation_id), row.vintage]))
    return views.Side(
        link=views.Link(words, writer.href("observations", row.observation_id)),
        lead=row.standing == "lead",
        sources=writer.sources(row.source_ids),
        confidence=row.confidence,
        note=row.note,
    )


@part
def corrections(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Corrections:
    """Where an editor's value stands against a publisher's, with the reason."""
    return views.Corrections(
        tuple(
            views.Correction(
                row=views.Link(r.key, writer.href(r.table, r.key)),
                field=r.field,
                published=r.upstream_value,
                stands=r.value,
                reason=r.reason,
                when=receipts.date_words(r.made_on),
            )
            for r in reshape.one_by_one(tables.load("corrections"))
        )
    )


@part
def changes(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Changes:
    """What each data update changed, newest first."""
    return views.Changes(
        writer.root,
        tuple(
            views.Change(
                id=f"change-{links.anchor(r.change_id)}",
                title=f"{receipts.date_words(r.date)}: {r.summary}",
                added=r.rows_added,
                removed=r.rows_removed,
                changed=r.rows_changed,
                tables=", ".join(r.tables),
                moved=tuple(r.moved),
            )
            for r in reshape.one_by_one(tables.load("changes").iloc[::-1])
        ),
    )


@part
def news(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.News:
    """The newest update of the data; the content is `words :: page`, the link to all updates."""
    ((said, page),) = _content(options, "words :: page")
    if page not in app.env.found_docs:
        raise receipts.ReceiptError(f"There is no page {page!r} with all updates.")
    newest = reshape.records(tables.load("changes").iloc[-1:])[0]
    more = views.Link(receipts.plain(said), writer.page_href(page))
    return views.News(receipts.date_words(newest["date"]), newest["summary"], tuple(newest["moved"]), more)


@part
def source_letters(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.SourceLetters:
    """Links to the pages of sources, with counts."""
    frame = tables.load("sources")
    counts = frame["source_id"].str[0].str.lower().value_counts().sort_index()
    letters = tuple(
        views.SourceLetter(views.Link(letter.upper(), writer.page_href(f"sources/{letter}")), int(count))
        for letter, count in zip(counts.index, counts)
    )
    kinds = ", ".join(f"{count} {kind}" for kind, count in frame["kind"].value_counts().items())
    return views.SourceLetters(len(frame), kinds, letters)


@part
def figure_list(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.FigureList:
    """All figures of the book with links to their own pages."""
    return views.FigureList(
        tuple(
            views.Link(receipts.plain(record.title), writer.page_href(f"figures/{record.id}"))
            for _, record in app.story.figures()
        )
    )


@part
def data_state(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.DataState:
    """Version and digest of the data, so that a reader can tell which data a page shows."""
    names = descriptor.names()
    joined = "".join(disk.digest(descriptor.path(name)) for name in names)
    return views.DataState(
        version=descriptor.about("version"),
        as_of=receipts.date_words(verdicts.data_as_of()),
        rows=sum(len(tables.load(name)) for name in names),
        tables=len(names),
        digest=hashlib.sha256(joined.encode()).hexdigest()[:16],
        package=views.Link(downloads.archive_name(versioned=False), writer.page_href(links.DATA, "take")),
    )


@part
def whole_copies(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.WholeCopies:
    """The forms in which all pages, or all claims, are to be had at once."""
    kinds = (
        ("All chapters on one page", f"{whole.NAME}.html", "to be read through or printed"),
        ("llms.txt", "llms.txt", "the pages as Markdown, listed for programs"),
        (copies.WHOLE, copies.WHOLE, "all of them in one file"),
        ("claims.json", outside.CLAIMS, "every claim with its verdict and address"),
        ("changes.atom", "changes.atom", "what changes in the data, as a feed"),
    )
    return views.WholeCopies(
        tuple(views.Copy(views.Link(words, writer.root + file), holds) for words, file, holds in kinds)
    )


@part
def take(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Take:
    """The data as one file, and the versions that were given out."""
    downloads.files()  # so that all the archive is made of counts as read
    archive, name = downloads.archive(), downloads.archive_name(versioned=False)
    kept = app.config.story_releases_address.rstrip("/")
    return views.Take(
        archive=views.DataFile(
            "ZIP", views.Link(name, f"{writer.root}_data/{name}"), archive.weight, archive.sha256
        ),
        version=descriptor.about("version"),
        as_of=receipts.date_words(verdicts.data_as_of()),
        described=views.Link("datapackage.json", f"{writer.root}_data/datapackage.json"),
        versions=tuple(_version(released, kept) for released in reversed(downloads.releases())),
        kept=bool(kept),
    )


def _version(released: downloads.Release, kept: str) -> views.Version:
    name = downloads.archive_name(version=released.version)
    return views.Version(
        id=f"version-{released.version}",
        version=released.version,
        as_of=receipts.date_words(released.as_of),
        file=views.Link(name, f"{kept}/{released.version}/{name}" if kept else ""),
        size=downloads.weight(released.size),
        sha256=released.sha256,
    )


# --- proof ------------------------------------------------------------------------------------------


@part
def proof_state(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.ProofState:
    """Which files this build was made from, the commit that they were tested at, and the day of the data."""
    return views.ProofState(
        files=proof.short(app.story.state),
        commit=proven.commit(app.story.state),
        version=descriptor.about("version"),
        as_of=receipts.date_words(verdicts.data_as_of()),
        sums=views.Link(checksums.NAME, f"{writer.root}{checksums.NAME}"),
    )


@part
def proof_counts(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.ProofCounts:
    """What the build counts of the data and the texts."""
    numbers, sentences = proven.roles()
    kept = Kept(execution.state_folder() / "counted", app.story.engine)
    tables_counted = tuple(
        views.CountedTable(
            views.Link(descriptor.resource(each.name)["title"], writer.page_href(f"tables/{each.name}")),
            each.rows,
            each.official,
        )
        for each in kept.of_data("rows", proven.rows)
    )
    kept.save()
    return views.ProofCounts(tables_counted, sum(each.rows for each in tables_counted), numbers, sentences)


@part
def proof_measured(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.ProofMeasured:
    """What tests found out; each line: `figure :: what it is :: command that finds it out`."""
    held, never = proven.measured(app.story.state), proven.Measured("", "")
    found = tuple(
        views.Measured(receipts.plain(words), *held.get(figure, never), command)
        for figure, words, command in _content(options, "figure :: what it is :: command")
    )
    return views.ProofMeasured(found)


@part
def proof_versions(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.ProofVersions:
    """Pinned versions of packages; each line: `package :: what it does`."""
    pinned = proven.pinned()
    found = []
    for package, does in _content(options, "package :: what it does"):
        if package not in pinned:
            raise receipts.ReceiptError(f"{package!r} stands in no lock of the project.")
        found.append(views.Pinned(package, pinned[package], does))
    listed = f"{writer.root}{supply.SBOM}" if (project.root() / supply.PACKAGES).is_file() else ""
    return views.ProofVersions(tuple(found), views.Link(supply.SBOM, listed))


@part
def shipped(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.Shipped:
    """What a reader gets that others made; each line: `what :: licence :: where it is used [:: file of the site with the licence]`."""
    return views.Shipped(
        tuple(
            views.ShippedThing(what, views.Link(licence, f"{writer.root}{file}" if file else ""), used)
            for what, licence, used, file in _content(options, "what :: licence :: where it is used", "file")
        )
    )


@part
def security_contact(writer: PageWriter, app: StoryApp, options: dict[str, Any]) -> views.SecurityContact:
    """Whom to tell of a fault of security, if somebody is named."""
    contact = app.config.story_security_contact
    return views.SecurityContact(views.Link(contact.removeprefix("mailto:"), contact))
