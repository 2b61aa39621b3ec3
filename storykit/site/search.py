"""What the search looks in: rows of the data and paragraphs of the pages, in parts that a page loads on use.

A part is a script and no JSON, so that a site opened from disk can be searched, too. There are facts (rows, figures,
pages), numbers (series with every measured value) and texts (paragraphs, findings, sources); a question loads first what
it asks for. A list of the parts under a fixed name leads to files whose names change with what they hold. The browser
makes the index: it would be twice as heavy as what it is made of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storykit import descriptor, receipts, tables, verdicts
from storykit.site import assets, execution, links, nodes, shell
from storykit.site.kept import Kept
from storykit.site.passages import Passage

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

Found = list[Any]
"""Something that can be found: title, what is said of it, address from the root, names printed with it, words that help
to find it and are not printed, the verdict of a claim, and the values of a series. What is empty at the end is left out."""
Kind = dict[str, Any]
"""Things of one kind: `id`, `title`, `docs`; `text` where the title is a text to cut an excerpt from."""

MOST = 300_000
"""A part is begun anew before it holds more signs than this: about 80 KiB, gzip."""
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_QUALIFIERS = {"about": "~", "at_least": ">", "at_most": "<"}


def write(app: StoryApp, out: Path) -> None:
    """`_search`: the parts, their list, and nothing of an earlier build."""
    folder = out / "_search"
    places = {key: record["name"] for key, record in tables.records("geographies").items()}
    kept = Kept(execution.state_folder() / "search", app.story.engine)
    kinds = {"facts": _facts(app, kept), "numbers": _numbers(app, kept), "texts": _texts(app, kept)}
    parts = {
        name: [_write_part(folder, f"{name}-{n}.js", part) for n, part in enumerate(_cut(made))]
        for name, made in kinds.items()
    }
    kept.save()
    about = {"parts": parts, "verdicts": verdicts.WORDS, "places": places, "periods": _periods()}
    assets.write(folder / "parts.js", f"storySearch({_json(about)})\n")
    wanted = {"parts.js", *(name for names in parts.values() for name in names)}
    for stray in folder.iterdir():
        if stray.name not in wanted:
            stray.unlink()


def _write_part(folder: Path, name: str, kinds: list[Kind]) -> str:
    return assets.write_named(folder, name, f"storySearch({_json({'kinds': kinds})})\n")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cut(kinds: Iterable[Kind]) -> Iterator[list[Kind]]:
    """Kinds in parts; one with more things than a part holds goes on in the next."""
    held: list[Kind] = []
    room = MOST
    for kind in kinds:
        docs: list[Found] = []
        for doc in kind["docs"]:
            room -= len(_json(doc))
            if room < 0:
                yield [*held, kind | {"docs": docs}]
                held, docs, room = [], [], MOST
            docs.append(doc)
        held.append(kind | {"docs": docs})
    yield held


def _found(title: str, says: str, address: str, *more: Any) -> Found:
    found = [title, says, address, *more]
    while not found[-1]:
        found.pop()
    return found


# --- rows -----------------------------------------------------------------------------------------


def _facts(app: StoryApp, kept: Kept) -> Iterator[Kind]:
    names = _Names()
    yield {"id": "pages", "title": "Chapters and pages", "docs": list(_pages(app, names))}
    yield {"id": "figures", "title": "Figures", "docs": list(_figures(app))}
    for table in _tables(texts=False):
        if table != "series":
            yield kept.of_data(table, partial(_rows, app, table))


def _tables(texts: bool) -> list[str]:
    """Tables whose rows can be found, as the descriptor says: first those that are facts, or those that are texts."""
    return [t for t in descriptor.names() if (how := _how(t)) and bool(how.get("text")) == texts]


def _how(table: str) -> dict[str, Any]:
    how: dict[str, Any] = descriptor.resource(table).get("storykit:found", {})
    return how


def _rows(app: StoryApp, table: str) -> Kind:
    """The rows of a table."""
    how, names = _how(table), _Names()
    decided = verdicts.all_verdicts()["verdict"].to_dict() if table == "claims" else {}
    docs = []
    for key, record in tables.records(table).items():
        said = [_said(table, key, field, record) for field in how.get("says", ())]
        more = [_said(table, key, field, record) for field in how.get("also", ())]
        printed, unprinted = names.of(table, record)
        doc = _found(
            _title(table, key, record),
            " · ".join(filter(None, said)),
            _address(app, *links.row(table, links.key_words(key))),
            " · ".join(printed),
            " ".join(filter(None, [*more, *unprinted])),
            str(decided.get(key, "")),
        )
        docs.append(doc)
    kind = {"id": table, "title": how.get("kind") or descriptor.resource(table)["title"], "docs": docs}
    return kind | {"text": True} if how.get("text") else kind


def _title(table: str, key: Any, record: dict[str, str]) -> str:
    """What a row is called: its fields that the descriptor names, or its key."""
    fields = _how(table).get("title", ())
    return ", ".join(filter(None, (_said(table, key, f, record) for f in fields))) or links.key_words(key)


def _said(table: str, key: Any, field: str, record: dict[str, str]) -> str:
    """A field as readers see it: a label, a day, a number with its unit, the name of another row."""
    raw = record[field]
    described = next(f for f in descriptor.fields(table) if f["name"] == field)
    if not raw or described["type"] == "list":
        return ""
    if label := descriptor.categories(table, field).get(raw):
        return label
    if described.get("storykit:unitField"):
        return receipts.num(f'{table}("{key}").{field}')
    if other := _points_to(table, field):
        return _named_row(other, raw)
    return receipts.date_words(raw) if _DATE.fullmatch(raw) else raw


def _points_to(table: str, field: str) -> str:
    for key in descriptor.resource(table)["schema"].get("foreignKeys", ()):
        if key["fields"] == [field]:
            return str(key["reference"]["resource"] or table)
    return ""


def _named_row(table: str, key: str) -> str:
    record = tables.records(table)[key]
    field = next((f for f in ("name", "label", "title") if f in record), "")
    return record[field] if field else _title(table, key, record)


class _Names:
    """Other names of what the tables hold, from the table `names`: those with a source are printed."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, dict[str, list[dict[str, str]]]]] = {}
        for row in tables.listed("names") if "names" in descriptor.names() else ():
            fields = self._of.setdefault(row["table"], {})
            fields.setdefault(row["field"], {}).setdefault(row["value"], []).append(row)

    def of(self, table: str, record: dict[str, str]) -> tuple[list[str], list[str]]:
        """Names of a row by its key, or by words of a text of it: (printed, not printed)."""
        found = []
        for field, values in self._of.get(table, {}).items():
            if field in descriptor.primary_key(table):
                found += values.get(record[field], [])
            else:
                found += [
                    row for value, rows in values.items() if _holds(record[field], value) for row in rows
                ]
        return _parted(found)

    def of_category(self, value: str) -> tuple[list[str], list[str]]:
        """Names of a category of whatever table: (printed, not printed)."""
        fields = [
            (t, f, v) for t, of in self._of.items() for f, v in of.items() if descriptor.categories(t, f)
        ]
        return _parted([row for _, _, values in fields for row in values.get(value, [])])


def _holds(text: str, words: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


def _parted(rows: list[dict[str, str]]) -> tuple[list[str], list[str]]:
    printed = [row["name"] for row in rows if row["source_ids"]]
    return printed, [row["name"] for row in rows if not row["source_ids"]]


def _address(app: StoryApp, page: str, place: str = "") -> str:
    """An address from the root of the site."""
    return app.builder.get_relative_uri("search", page) + (f"#{place}" if place else "")


# --- pages and figures -------------------------------------------------------------------------------


def _pages(app: StoryApp, names: _Names) -> Iterator[Found]:
    """Pages and their headings; a chapter goes by the names of the thread that its file is called by, too."""
    for page in shell.pages(app):
        title = app.env.titles[page].astext()
        printed, unprinted = names.of_category(page.rpartition("/")[2])
        yield _found(title, "", _address(app, page), " · ".join(printed), " ".join(unprinted))
        for passage in _passages(app, page):
            if not passage.text and passage.heading != title:
                yield _found(passage.heading, title, _address(app, page, passage.id))


def _passages(app: StoryApp, page: str) -> list[Passage]:
    found: list[Passage] = nodes.held(app.env, "story_passages").get(page, [])
    return found


def _figures(app: StoryApp) -> Iterator[Found]:
    for page, record in app.story.figures():
        title, says = receipts.plain(record.title), receipts.plain(record.subtitle)
        yield _found(title, says, _address(app, page, f"fig-{record.id}"))


# --- measured values ---------------------------------------------------------------------------------


def _numbers(app: StoryApp, kept: Kept) -> Iterator[Kind]:
    yield kept.of_data("numbers", partial(_values, app))


def _values(app: StoryApp) -> Kind:
    """Series with their values: [what stands before a number, what behind, {geography: values}]; a value is `rest of the key=number`.

    A number is as recorded, behind the sign of its qualifier.
    """
    values: dict[str, dict[str, list[str]]] = {}
    for record in tables.records("observations").values():
        _, place, rest = record["observation_id"].split("/", 2)
        number = _QUALIFIERS.get(record["qualifier"], "") + record["value"]
        values.setdefault(record["series_id"], {}).setdefault(place, []).append(f"{rest}={number}")
    rows = _rows(app, "series")
    for doc, (name, record) in zip(rows["docs"], tables.records("series").items(), strict=True):
        before, behind = receipts.around(receipts.unit(record["unit"]))
        of = {place: "|".join(found) for place, found in values.get(name, {}).items()}
        doc += [""] * (6 - len(doc)) + [[before, behind, of]]
    return rows


def _periods() -> dict[str, str]:
    """Period -> its words, where they are others."""
    periods = sorted({record["period"] for record in tables.records("observations").values()})
    return {period: words for period in periods if (words := receipts.date_words(period)) != period}


# --- texts ------------------------------------------------------------------------------------------


def _texts(app: StoryApp, kept: Kept) -> Iterator[Kind]:
    yield {"id": "text", "title": "In the text", "text": True, "docs": list(_paragraphs(app))}
    for table in _tables(texts=True):
        yield kept.of_data(table, partial(_rows, app, table))


def _paragraphs(app: StoryApp) -> Iterator[Found]:
    for page in shell.pages(app):
        title = app.env.titles[page].astext()
        for passage in _passages(app, page):
            if passage.text:
                where = title if passage.heading in ("", title) else f"{title} · {passage.heading}"
                yield _found(passage.text, where, _address(app, page, passage.id))
