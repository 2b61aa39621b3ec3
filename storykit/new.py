"""Begins a chapter, a row or a table with everything it must have: `storykit new KIND NAME`.

    storykit new chapter second-look --field title="What came after"
    storykit new claim some-promise --field made_by="The operator" --field statement=...
    storykit new source some-paper --field ...
    storykit new table ships --field title=Ships --field description=... --field key=ship_id

KIND is `chapter`, `table`, `claim`, `source`, `series`, or the name of any table. What is missing is asked
for by name, with its meaning and what is allowed. Everything is checked on a copy of the data first: if
anything is wrong, all problems are listed and nothing is written.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import nbformat

from storykit import checks, descriptor, disk, errors, pages, project, receipts, tables

ROWS = {"claim": "claims", "source": "sources", "series": "series"}
"""Kind -> the table its row goes to; every other table is a kind under its own name."""

TO_WRITE = "To write:"
"""How every text begins that an author still has to replace."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TABLE = re.compile(r"[a-z][a-z0-9_]*")
_ROW_KEY = "^[a-z0-9]+([._-][a-z0-9]+)*$"
LONGEST_NAME = 48
"""Characters of a chapter's name: with its number it becomes the id of a cell, which may have 64."""


class Refused(errors.UserError):
    """What was asked for cannot be begun; `problems` says why, all at once. Nothing was written."""

    def __init__(self, problems: list[str]):
        count = f"{len(problems)} problem" + ("s" if len(problems) != 1 else "")
        super().__init__("\n".join([*problems, f"{count}. Nothing was written."]))
        self.problems = problems


# --- rows -----------------------------------------------------------------------------------------


def add_row(table: str, key: str, given: dict[str, str]) -> Path:
    """Append a row to a table, if the data then still hold.

    A boolean that is not given is false; every other required field must be.

    Parameters
    ----------
    table, key
        The table, and the primary key of the new row.
    given
        Field -> text, as it is to stand in the file.

    Returns
    -------
    The file that was written.

    Raises
    ------
    Refused
        If a field is missing, unknown or wrong.
    """
    fields = {field["name"]: field for field in descriptor.fields(table)}
    keys = descriptor.primary_key(table)
    if len(keys) > 1:
        raise Refused([f"A row of {table} is named by {', '.join(keys)} together; write it into the file."])
    row = {name: _unsaid(field) for name, field in fields.items()} | given | {keys[0]: key}
    problems = [
        f"{table} has no field {name!r}.{errors.did_you_mean(name, fields)} It has {', '.join(fields)}"
        for name in given
        if name not in fields
    ]
    missing = [name for name, field in fields.items() if _required(field) and not row[name]]
    problems += [_asked(fields[name]) for name in missing]
    taken = key in tables.records(table)
    if taken:
        problems.append(f"{table} has a row {key!r} already; choose another name")
    content = _appended(descriptor.path(table).read_text(encoding="utf-8"), [row[name] for name in fields])
    path = descriptor.path(table)
    explained = {*missing, *(keys if taken else ())}
    problems += _problems_of_row({path: content}, path, explained)
    if problems:
        raise Refused(problems)
    disk.write_whole(path, content)
    return path


def _unsaid(field: dict[str, Any]) -> str:
    return "false" if field["type"] == "boolean" else ""


def _required(field: dict[str, Any]) -> bool:
    return bool(field.get("constraints", {}).get("required"))


def _asked(field: dict[str, Any]) -> str:
    """A field that is missing, as the command line wants it, with what it means and what is allowed."""
    allowed = field.get("constraints", {}).get("enum", [])
    words = f" One of {', '.join(map(str, allowed))}." if allowed else ""
    return f"--field {field['name']}=… is missing: {field['description']}{words}"


def _appended(text: str, cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return text + ("" if text.endswith("\n") else "\n") + line.getvalue()


def _problems_of_row(files: dict[Path, str], path: Path, explained: set[str]) -> list[str]:
    """What `checks` says of the data with these files; the new row's problems by field."""
    place = path.relative_to(project.root()).as_posix()
    number = sum(1 for row in csv.reader(io.StringIO(files[path])) if row)
    found = []
    for problem in _checked(files):
        own = problem.file == place and problem.row == number
        if problem.file == place and problem.column in explained:
            continue
        found.append(f"--field {problem.column}={problem.value}: {problem.allowed}" if own else str(problem))
    return found


def _checked(files: dict[Path, str]) -> list[checks.Problem]:
    """The problems of the data in which these files have this content."""
    with project.trying(files):
        return checks.check()


# --- tables ---------------------------------------------------------------------------------------


def add_table(name: str, given: dict[str, str]) -> list[Path]:
    """Describe a new table and write its file with a header alone; returns both files.

    It begins with a key, `source_ids`, `confidence` and `note`; further fields are described in
    `datapackage.json` and added to the header.

    Raises
    ------
    Refused
        If a field is missing or the name is taken or unfit.
    """
    wanted = {
        "title": "the table's name for readers",
        "description": "what one row is",
        "key": "the field that names a row, such as ship_id",
    }
    problems = _not_asked(given, wanted)
    problems += [
        f"--field {field}=… is missing: {words}." for field, words in wanted.items() if not given.get(field)
    ]
    if not _TABLE.fullmatch(name):
        problems.append(f"{name!r} must be made of a-z, 0-9 and _, such as ships")
    if name in {entry["name"] for entry in descriptor.package()["resources"]}:
        problems.append(f"there is a table or geometry {name!r} already")
    if given.get("key") and not _TABLE.fullmatch(given["key"]):
        problems.append(f"--field key={given['key']}: must be made of a-z, 0-9 and _, such as ship_id")
    if problems:
        raise Refused(problems)
    entry = _resource(name, given)
    resources = list(descriptor.package()["resources"])
    last = max(n for n, known in enumerate(resources) if known.get("type") == "table")
    resources.insert(last + 1, entry)
    data = project.root() / "data"
    header = ",".join(field["name"] for field in entry["schema"]["fields"]) + "\n"
    files = {
        data / entry["path"]: header,
        descriptor.file(): descriptor.text(resources=resources),
    }
    if found := _checked(files):
        raise Refused(list(map(str, found)))
    disk.write_together(files)
    return list(files)


def _resource(name: str, given: dict[str, str]) -> dict[str, Any]:
    levels = ["high", "medium", "low"]
    fields = [
        {
            "name": given["key"],
            "type": "string",
            "description": "Name of the row.",
            "constraints": {"required": True, "unique": True, "pattern": _ROW_KEY},
        },
        {
            "name": "source_ids",
            "type": "list",
            "description": "Ids in `sources`, separated by semicolons.",
            "itemType": "string",
            "delimiter": ";",
            "constraints": {"required": True},
        },
        {
            "name": "confidence",
            "type": "string",
            "description": "How sure the row is.",
            "constraints": {"required": True, "enum": levels},
        },
        {
            "name": "note",
            "type": "string",
            "description": "What an editor must know: scope, quirks, corrections with their reason.",
        },
    ]
    return {
        "name": name,
        "type": "table",
        "path": f"tables/{name}.csv",
        "title": given["title"],
        "description": given["description"],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
            "fields": fields,
            "primaryKey": [given["key"]],
            "missingValues": [""],
        },
        "storykit:references": [{"field": "source_ids", "resource": "sources", "key": "source_id"}],
    }


def _not_asked(given: dict[str, str], known: Collection[str]) -> list[str]:
    return [
        f"there is no field {name!r}.{errors.did_you_mean(name, known)} There are {', '.join(known)}"
        for name in given
        if name not in known
    ]


# --- chapters -------------------------------------------------------------------------------------


def add_chapter(name: str, given: dict[str, str]) -> list[Path]:
    """Write a chapter that has everything a chapter must have, and list it after the last one.

    Parameters
    ----------
    name
        The page's name, kebab-case; the notebook is `book/<name>.ipynb`.
    given
        May hold `title`, `standfirst` and `question` (texts, numbers as roles), `series` and `geography`
        (what the first figure draws; default: the longest yearly series that may be joined by a line).

    Returns
    -------
    The notebook and `_toc.yml`.

    Raises
    ------
    Refused
        If the name is taken or unfit, a text holds a typed number, or there is nothing to draw.
    """
    notebook, contents = pages.folder() / f"{name}.ipynb", project.root() / "_toc.yml"
    problems = _not_asked(given, ("title", "standfirst", "question", "series", "geography"))
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        problems.append(
            f"{name!r} must be kebab-case and have at most {LONGEST_NAME} characters, such as second-look"
        )
    elif notebook.exists() or notebook.with_suffix(".md").exists():
        problems.append(f"there is a page book/{name} already")
    listed = ""
    if not contents.is_file():
        problems.append("_toc.yml is missing; the chapter could not be listed")
    elif not (listed := _listed(contents.read_text(encoding="utf-8"), name)):
        problems.append("_toc.yml lists no chapter after which this one could stand")
    try:
        series, place = _drawable(given)
    except project.DataError as error:
        raise Refused([*problems, str(error)]) from error
    cells = _cells(name, given, series, place)
    problems += _unsound(cells)
    if problems:
        raise Refused(problems)
    disk.write_together({notebook: nbformat.writes(_notebook(name, cells)) + "\n", contents: listed})
    return [notebook, contents]


def _listed(text: str, name: str) -> str:
    """The table of contents with the chapter after its last notebook; "" if it lists none."""
    lines = text.splitlines()
    last = None
    for number, line in enumerate(lines):
        match = re.match(r"(\s*)- file: (\S+)", line)
        if match and (project.root() / f"{match[2]}.ipynb").is_file():
            last = number, match[1], Path(match[2]).parent.as_posix()
    if last is None:
        return ""
    at, indent, folder = last
    lines.insert(at + 1, f"{indent}- file: {folder}/{name}")
    return "\n".join(lines) + "\n"


def _drawable(given: dict[str, str]) -> tuple[str, str]:
    """The series and the place that the first figure draws.

    Raises
    ------
    project.DataError
        If there is no observation to draw.
    """
    rows = tables.load("observations")
    rows = rows[(rows["standing"] == "lead") & (rows["period"] != "undated")]
    for field, column in (("series", "series_id"), ("geography", "geography")):
        if given.get(field):
            rows = rows[rows[column] == given[field]]
    if "series" not in given:
        known = tables.load("series")
        yearly = known.index[known["line"].fillna(False) & (known["frequency"] == "annual")]
        rows = rows[rows["series_id"].isin(yearly)] if rows["series_id"].isin(yearly).any() else rows
    if rows.empty:
        asked = ", ".join(f"{field} {given[field]}" for field in ("series", "geography") if given.get(field))
        raise project.DataError(
            f"There is no observation{f' of {asked}' if asked else ''} that a figure could draw."
        )
    longest: Any = rows.groupby(["series_id", "geography"]).size().sort_index().idxmax()
    series, place = longest
    return series, place


FIRST_FACTS = {"first": "earliest", "last": "latest", "low": "lowest", "high": "highest"}
"""Names of a new chapter's facts -> the functions that give them for the series it draws first."""


def _cells(name: str, given: dict[str, str], series: str, place: str) -> list[tuple[str, str]]:
    """(kind, text) of all cells."""

    facts = {name: f'{function}("{series}", "{place}")' for name, function in FIRST_FACTS.items()}
    title = given.get("title") or f"{TO_WRITE} a title that says what was found"
    standfirst = (
        given.get("standfirst") or f"{TO_WRITE} what a reader will know at the end, in two to four sentences."
    )
    question = given.get("question") or f"{TO_WRITE} a question?"
    draws = (
        TO_WRITE
        + " {TO_WRITE} one sentence that says what the figure shows, {num}`@first` at first and {num}`@last` at last"
    )
    shape = (
        TO_WRITE + " the shape in words. The line begins at {num}`@first` and ends at {num}`@last`; "
        "its lowest point is {num}`@low`, its highest {num}`@high`."
    )
    figure = [
        f"```{{figure-text}} {name}-first",
        f"title: {draws}",
        f"subtitle: {TO_WRITE} measure, unit, period and place",
        f"description: {shape}",
        "```",
    ]
    return [
        ("markdown", f"# {title}\n\n{standfirst}"),
        (
            "code",
            f'from storykit import figures, forms, open_chapter, receipts, tables\n\nopen_chapter("{name}")',
        ),
        ("facts", "# NBVAL_CHECK_OUTPUT\nreceipts.facts()"),
        (
            "markdown",
            "\n".join(["```{facts}", *(f"{n} = {expression}" for n, expression in facts.items()), "```"]),
        ),
        (
            "markdown",
            "\n".join(
                [
                    f"## {question}",
                    "",
                    TO_WRITE + " the answer, with its number: {num}`@last`.",
                    "",
                    *figure,
                ]
            ),
        ),
        (
            "code",
            f'rows = tables.observations("{series}", geography="{place}")\nplot = forms.lines(rows)\n'
            f'figures.Figure(plot, id="{name}-first", data=rows)',
        ),
        ("markdown", f"{TO_WRITE} what this does not show: the definition, who disagrees, what is missing."),
        (
            "markdown",
            f"## What we could not find\n\n- {TO_WRITE} what was looked for, where, until when, and not found.",
        ),
    ]


def _unsound(cells: list[tuple[str, str]]) -> list[str]:
    """Numbers that were typed and roles that do not resolve, in the chapter's texts."""
    problems = []
    block = pages.Page("", tuple(pages.Cell("markdown", text, pages.Place("", 0, 1)) for _, text in cells))
    names = receipts.Names({fact.name: fact for fact in receipts.facts_in(block)})
    for kind, text in cells:
        try:
            for role, inside in receipts.roles(text):
                receipts.said(role, inside, names)
        except receipts.ReceiptError as error:
            problems.append(str(error))
        if kind == "markdown":
            problems += [
                f"the text “{around}” holds a typed number; write it as a {{num}} role"
                for _, around in receipts.typed_numbers(text)
            ]
    return problems


def _notebook(name: str, cells: list[tuple[str, str]]) -> nbformat.NotebookNode:
    made = []
    for number, (kind, text) in enumerate(cells, start=1):
        make: Callable[..., nbformat.NotebookNode] = (
            nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
        )
        folded = {"tags": ["remove-cell"], "jupyter": {"outputs_hidden": True}} if kind == "facts" else {}
        made.append(make(text, id=f"{name}-{number:02d}", metadata=folded))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook: nbformat.NotebookNode = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})
    return notebook


# --- the command ----------------------------------------------------------------------------------


def begin(kind: str, name: str, given: dict[str, str]) -> list[str]:
    """Begin what the command line names; returns what was done and what comes next, a line each.

    Raises
    ------
    Refused
        With all problems; nothing was written.
    project.DataError
        If the data do not hold to begin with.
    """
    checks.refuse_if_any()
    if kind == "chapter":
        files = add_chapter(name, given)
        then = [
            f"Replace every text that begins with “{TO_WRITE}”.",
            f"Store its facts: storykit record {name}",
        ]
    elif kind == "table":
        files = add_table(name, given)
        then = [
            "Describe its further fields in datapackage.json.",
            f"Its first row: storykit new {name} some-id",
        ]
    else:
        table = ROWS.get(kind, kind)
        if table not in descriptor.names():
            near = errors.did_you_mean(kind, kinds())
            raise Refused([f"{kind!r} cannot be begun.{near} What can: {', '.join(kinds())}"])
        files = [add_row(table, name, given)]
        then = ["See what it moves: storykit record, then storykit report"]
    shown = ", ".join(path.relative_to(project.root()).as_posix() for path in files)
    return [f"Wrote {shown}.", *then]


def kinds() -> list[str]:
    """What can be begun."""
    return ["chapter", "table", *ROWS, *(n for n in descriptor.names() if n not in ROWS.values())]
