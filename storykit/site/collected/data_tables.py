"""A page for each table: what it holds, its files, fields and rows, where it is used, and how programs read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pandas as pd

from storykit import descriptor, downloads, receipts, tables, verdicts
from storykit.site import dictionary, links, uses, views
from storykit.site.collected.plans import Page, Plan, as_page, cited
from storykit.site.markup import PageWriter

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp


_SHOWN_AT = {
    "observations": ("book/data", "the list of series"),
    "series": ("book/data", "the list of series"),
    "sources": ("book/sources", "the pages of sources"),
    "claims": (links.LEDGER, "the ledger"),
    "outcomes": (links.LEDGER, "the ledger"),
    "glossary": (links.GLOSSARY, "the glossary"),
}
"""Tables whose rows have better pages of their own."""
_TOO_LONG = ("coverage",)
"""Tables too long for a page, which nobody reads row by row."""
_WITH_SOURCE = ("names",)
"""Tables of which only rows with a source are printed."""
FIRST = 5
"""Rows shown of a table that is not shown whole."""


def plans(app: StoryApp) -> Iterator[Plan]:
    used = uses.of_tables(app)
    for name in descriptor.names():
        shown = _shown(name)
        sources = [
            s for column in _source_columns(name) for ids in shown[column] for s in ids.split(";") if s
        ]
        files = [
            repr(file) for file in downloads.offered(name).values()
        ]  # their checksums stand for the rows
        of_it = used.get(name, ((), ()))
        key = json.dumps([descriptor.resource(name), cited(sources), files, of_it])
        yield f"tables/{name}", key, partial(_table_page, app, name, shown, of_it)


def _shown(table: str) -> pd.DataFrame:
    """The rows that the page shows, as recorded, under their positions in the table."""
    rows = tables.raw(table)
    if table in _WITH_SOURCE:
        return rows[(rows[_source_columns(table)] != "").any(axis=1)]
    return rows.head(FIRST) if table in _SHOWN_AT or table in _TOO_LONG else rows


def _source_columns(table: str) -> list[str]:
    return [f["name"] for f in descriptor.fields(table) if f["name"].endswith("source_ids")]


def _table_page(app: StoryApp, table: str, shown: pd.DataFrame, used: uses.OfTable) -> Page:
    entry, name, filled = descriptor.resource(table), f"tables/{table}", tables.raw(table)
    writer, count = app.story.writer(name), len(filled)
    columns = tuple(f["name"] for f in descriptor.fields(table) if not (filled[f["name"]] == "").all())
    page, words = _SHOWN_AT.get(table, ("", ""))
    facts = {
        "Name": table,
        "Rows": f"{count:,}",
        "Fields": str(len(descriptor.fields(table))),
        "Key": ", ".join(descriptor.primary_key(table)),
        "Version": f"{descriptor.about('version')}, data as of {receipts.date_words(verdicts.data_as_of())}",
        "Licence": ", ".join(licence["name"] for licence in descriptor.about("licenses")),
    }
    offered = downloads.offered(table)
    view = views.TablePage(
        title=entry["title"],
        description=entry["description"],
        facts=tuple(facts.items()),
        downloads=tuple(_download(writer, form, file) for form, file in offered.items()),
        left_out=tuple(form for form in downloads.paths(table) if form not in offered),
        package=views.Link("the whole package as one file", writer.page_href(links.DATA, "take")),
        fields=dictionary.fields(table),
        figures=tuple(_use(writer, use) for use in used[0]),
        pages=tuple(_use(writer, use) for use in used[1]),
        code=tuple(_code(table)),
        shown_at=views.Link(words, writer.page_href(page)) if page and count else None,
        more=len(shown) < count,
        columns=columns,
        rows=_rows(writer, table, shown[list(columns)]),
    )
    return as_page(app, name, entry["title"], view, story_description=entry["description"])


def _use(writer: PageWriter, use: uses.Use) -> views.Link:
    page, anchor, words = use
    return views.Link(words, writer.page_href(page, anchor))


def _download(writer: PageWriter, form: str, file: downloads.File) -> views.DataFile:
    link = views.Link(PurePosixPath(file.path).name, f"{writer.root}_data/{file.path}")
    return views.DataFile(form, link, file.weight, file.sha256)


def _rows(writer: PageWriter, table: str, shown: pd.DataFrame) -> tuple[views.Row, ...]:
    """Some rows with their addresses."""
    keys, lists = tables.load(table).index, _source_columns(table)

    def cell(column: str, record: dict[str, str]) -> str | views.Worded | tuple[views.Link, ...]:
        text, language = record[column], descriptor.language(table, column, record)
        if column in lists and text:
            return writer.sources(text.split(";"))
        return views.Worded(text, language) if language else text

    rows, taken = [], set()
    for position, texts in zip(shown.index, shown.itertuples(index=False), strict=True):
        record = dict(zip(shown.columns, texts, strict=True))
        cells = tuple(cell(column, record) for column in shown.columns)
        anchor = links.table_row(links.key_words(keys[position]))
        # An anchor keeps Latin letters and digits alone, so two rows may ask for one: the first has it.
        rows.append(views.Row("" if anchor in taken else anchor, cells))
        taken.add(anchor)
    return tuple(rows)


def _code(table: str) -> Iterator[views.Code]:
    """How to read a table and count its rows, by the first field that takes certain values only."""
    files = {form: PurePosixPath(path).name for form, path in downloads.paths(table).items()}
    field = next((f["name"] for f in descriptor.fields(table) if f.get("categories")), "")
    variable = "".join(sign if sign.isalnum() else "_" for sign in table)
    python = [
        "import duckdb",
        "",
        f"{variable} = duckdb.sql(\"FROM '{files['Parquet']}'\").df()",
        f"print({variable}.shape)",
    ]
    r = [f'{variable} <- read.csv("{files["CSV"]}", encoding = "UTF-8", na.strings = "")', f"dim({variable})"]
    sql = [f"SELECT count(*) AS n FROM '{files['Parquet']}';"]
    if field:
        python.append(f'print({variable}["{field}"].value_counts())')
        r.append(f"table({variable}${field})")
        sql = [
            f'SELECT "{field}", count(*) AS n',
            f"FROM '{files['Parquet']}'",
            f'GROUP BY "{field}"',
            f'ORDER BY n DESC, "{field}";',
        ]
    yield views.Code("Python, with DuckDB and pandas", "\n".join(python))
    yield views.Code("SQL, with DuckDB", "\n".join(sql))
    yield views.Code("R", "\n".join(r))
