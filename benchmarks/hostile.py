"""Spoils the data at random, thousands of times: what is refused must be refused in words, what is taken must hold.

Every mutation is one of a cell, of a table's file (keys, header, bytes) or of the descriptor. `check` then either names
a place, in words, or takes it; there is no third way: no traceback, and an end in time. What it takes, later steps get:
tables typed, verdicts, every fact of the book, the data as files to take, and a site of all pages that are made from
data. In that site no script of a cell runs, and the texts that were taken stand as they are.
"""

from __future__ import annotations

import collections
import csv
import json
import random
import re
import shutil
import time
import traceback
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import lxml.html
import project as p

from storykit import checks, descriptor, downloads, errors, freshness, lint, tables, verdicts
from storykit import project as projects
from storykit.site import proof

SEED = 20261126
AT_ONCE = 1000
"""Cells spoilt before one check: no row twice, so that each is judged by itself."""
LONGEST = 60.0
"""Seconds of work a check may take, whatever it is given."""
SHARES = {"cells": 0.987, "files": 0.009, "descriptor": 0.004}
"""Of all mutations; a file takes a check of its own, the descriptor one of everything."""

SCRIPTS = (
    "<script>window.ran=1</script>",
    "\"'><img src=x onerror=window.ran=1>",
    "</style><svg onload=window.ran=1>",
    "</textarea><iframe srcdoc='<script>parent.ran=1</script>'>",
    "<a href='javascript:window.ran=1'>x</a>",
    "<!-- --!><script>window.ran=1</script>",
    "]]><script>window.ran=1</script>",
)
TEXTS = (
    *SCRIPTS,
    "javascript:window.ran=1",
    "https://paper.example/a?b=1&c=<d>",
    "http://[::1",
    "//paper.example",
    "{{ 7 * 7 }} {% raw %}",
    "{num}`claims` and {holds}`x <y>`",
    "``` ` ``` `` {raw} html",
    "[a](b) *c* __d__ ![e](f)",
    "%s %d %(x)s {0} ${x}",
    "a ; b || c | d , e",
    "he said \"no\" and 'yes'",
    "a\u000bb",
    "a\u0000b",
    "a\u202eb",
    "a\u200bb",
    "e\u0301",
    "Ã©",
    "\ufffd",
    "\ufeffa",
    "مرحبا بالعالم",
    "עברית ועוד",
    "马来西亚",
    "😀 and 👩‍👩‍👧",
    "=1+1",
    "@SUM(A1)",
    "-",
    "+60",
    "#REF!",
    "NaN",
    "null",
    "a\nb",
    "a\tb",
    " a",
    "a ",
    "a\u00a0b",
    "x" * 40_000,
    "&lt;b&gt;",
    "\\",
    "../../etc/passwd",
    "CON",
    "..",
    "/",
)
NUMBERS = (
    "1e309", "-1e400", "1e-400", "-0", "1_000", " 12", "１２", "٣", "0x10", "1,234", "1.234,5", "inf", "nan",
    "9" * 20, "-5", ".5", "5.", "+3", "1e5", "0", "0.1e-3", "1e15", "12 %", "1/2", "true",
)  # fmt: skip
DATES = (
    "2017-13", "2017-02-30", "0001", "2100-12-31", "2017..2016", "20１7", "2017-W05", "2017-5", "17", "2017-05-13T00:00",
    "1899", "2026-11-24", "2026-11-23", "2016-02-29", "2017-02-29", "2017-Q1", "2017-01..", "..2017",
)  # fmt: skip


MOST_CHECKS = 20
"""Of one round: refusals come in a few, and halving a round takes ten."""

Spoilt = dict[tuple[str, int], tuple[str, str]]
"""(table, row as a spreadsheet counts) -> (field, its new value)."""


class Found(Exception):
    """Something that must not be; the message says what and where."""


# --- cells ------------------------------------------------------------------------------------------


def _spoilt(chance: random.Random, cell: str, column: list[str], field: dict[str, Any]) -> str:
    """Another value for a cell: of the wrong kind, of the right kind but not this one, or nearly the same."""
    pool = NUMBERS if field["type"] in ("number", "integer") else TEXTS
    if "pattern" in field.get("constraints", {}):
        pool = (*DATES, *chance.sample(TEXTS, 5))
    ways: list[Callable[[], str]] = [
        lambda: chance.choice(pool),
        lambda: chance.choice(pool),
        lambda: f"{cell} {chance.choice(TEXTS)}",
        lambda: chance.choice(column),
        lambda: "",
        lambda: cell[:-1],
        lambda: cell + cell,
        lambda: cell.swapcase(),
        lambda: _one_sign_changed(chance, cell),
    ]
    return chance.choice(ways)()


def _one_sign_changed(chance: random.Random, cell: str) -> str:
    at = chance.randrange(len(cell) + 1)
    sign = chr(
        chance.choice(
            [chance.randrange(32, 127), chance.randrange(0x80, 0xD7FF), chance.randrange(0x1F000, 0x1FFFF)]
        )
    )
    return cell[:at] + sign + cell[at + 1 :]


class Cells:
    """The tables of a copy of the project, of which cells are spoilt and mended again."""

    def __init__(self, root: Path):
        self.root = root
        self.rows = {name: p.rows(root, name) for name in descriptor.names()}
        self.good = {name: [list(row) for row in rows] for name, rows in self.rows.items()}

    def write(self, names: Iterator[str] | set[str]) -> None:
        for name in names:
            with open(self.root / descriptor.path(name), "w", newline="", encoding="utf-8") as stream:
                csv.writer(stream, lineterminator="\n").writerows(self.rows[name])

    def spoil(self, chance: random.Random, count: int, spared: set[tuple[str, int]]) -> Spoilt:
        """Spoil cells of so many rows; (table, row as a spreadsheet counts) -> (field, the new value)."""
        done: Spoilt = {}
        names = list(self.rows)
        weights = [len(self.rows[name]) ** 0.5 for name in names]
        while len(done) < count:
            name = chance.choices(names, weights)[0]
            at = chance.randrange(1, len(self.rows[name])) if len(self.rows[name]) > 1 else 0
            if not at or (name, at + 1) in done or (name, at + 1) in spared:
                continue
            fields = descriptor.fields(name)
            column = chance.randrange(len(fields))
            position = self.rows[name][0].index(fields[column]["name"])
            values = [self.rows[name][chance.randrange(1, len(self.rows[name]))][position] for _ in range(4)]
            cell = self.rows[name][at][position]
            value = _spoilt(chance, cell, values, fields[column])
            if value == cell:
                continue
            self.rows[name][at][position] = value
            done[name, at + 1] = fields[column]["name"], value
        self.write({name for name, _ in done})
        return done

    def mend(self, places: set[tuple[str, int]]) -> None:
        for name, row in places:
            self.rows[name][row - 1] = list(self.good[name][row - 1])
        self.write({name for name, _ in places})


def _checked(held: Collection[str] = ()) -> list[checks.Problem]:
    """What a check finds, within its time, each fault in words; `held` as the build has it, which knows what changed."""
    began = time.process_time()
    problems = checks.check(held)
    if (took := time.process_time() - began) > LONGEST:
        raise Found(f"a check took {took:.0f} s")
    for problem in problems:
        str(problem)
    return problems


class Round(NamedTuple):
    """Places of spoilt cells: refused, taken, and those mended with others while it was sought who was to blame."""

    refused: Spoilt
    taken: Spoilt
    aside: Spoilt


def _round(cells: Cells, chance: random.Random, count: int, spared: set[tuple[str, int]]) -> Round:
    """Spoil, check, and mend what was refused, until the rest is taken."""
    left, files = (
        cells.spoil(chance, count, spared),
        {f"data/{descriptor.resource(name)['path']}": name for name in cells.rows},
    )
    refused, aside = {}, {}
    for _ in range(MOST_CHECKS):
        problems = _checked()
        if not problems:
            return Round(refused, left, aside)
        named = {(files[q.file], q.row) for q in problems if q.file in files and q.row}
        # A key that is gone is named in the rows that refer to it, and what is told of nowhere any more in its own
        # row. Where neither leads to the one to blame, halves are set aside until it is among them.
        blamed = named & left.keys() or _behind(problems, left) or _gone(problems, left, cells)
        hit = blamed or set(chance.sample(sorted(left), -(-len(left) // 2)))
        cells.mend(hit)
        (refused if blamed else aside).update({place: left.pop(place) for place in hit})
    raise Found(f"the data do not hold although what was refused is mended: {problems[0]}")


def _behind(problems: list[checks.Problem], left: Spoilt) -> set[tuple[str, int]]:
    """Spoilt keys: they are refused where rows refer to them."""
    keys = {name: set(descriptor.primary_key(name)) for name, _ in left}
    return {place for place, (field, _) in left.items() if field in keys[place[0]]}


def _gone(problems: list[checks.Problem], left: Spoilt, cells: Cells) -> set[tuple[str, int]]:
    """Spoilt rows that held a value of which it is said that it stands nowhere."""
    missed = {problem.value for problem in problems}
    return {(name, row) for name, row in left if missed & set(cells.good[name][row - 1])}


def _later() -> None:
    """What takes the data after the check. A sentence that no longer holds is refused in words, as it should be."""
    for name in descriptor.names():
        tables.load(name)
        tables.records(name)
    verdicts.all_findings()
    verdicts.all_claims()
    freshness.of((name, key) for name in descriptor.names() for key in tables.records(name)).words()
    downloads.files()
    for problem in lint.problems():
        str(problem)


# --- the site ---------------------------------------------------------------------------------------

PAGES = (
    "agreements",
    "changes",
    "checklist",
    "data",
    "disagreements",
    "events",
    "glossary",
    "ledger",
    "partnerships",
    "sources",
    "contribute",
    "cite",
)
BLOCK = re.compile(r"^(?:#[^\n]*|```\{story\} (?!figure-list|report-text).*?^```)$", re.M | re.S)


def book_of_data(source: Path, to: Path) -> Path:
    """A copy of the project whose pages tell nothing: headings, and the parts that are made from the data."""
    shutil.copytree(source / "data", to / "data")
    (to / "book").mkdir()
    (to / "node_modules").symlink_to((source / "node_modules").resolve())
    for name in ("package.json", "package-lock.json", "_config.yml"):
        shutil.copy(source / name, to)
    for name in PAGES:
        text = (source / "book" / f"{name}.md").read_text(encoding="utf-8")
        (to / "book" / f"{name}.md").write_text(
            "\n\n".join(re.sub(r"\{num\}`[^`]*`", "", m[0]) for m in BLOCK.finditer(text)) + "\n"
        )
    (to / "book" / "places.md").write_text("# Places\n\n```{story} places\n```\n")
    (to / "book" / "index.md").write_text("# All that is made from data\n\nNothing is told.\n")
    listed = "".join(f"  - file: book/{name}\n" for name in ("places", *PAGES))
    (to / "_toc.yml").write_text(f"format: jb-book\nroot: book/index\nchapters:\n{listed}")
    return to


def _built(root: Path) -> Path:
    process = p.start(root, *p.BUILD, BROWSER_PATH="/nowhere")
    printed, _ = process.communicate(timeout=1800)
    if process.returncode:
        raise Found(f"what the check took, the build did not:\n{printed[-3000:]}")
    return (root / "_build" / "html").resolve()


HANDLER = re.compile(r"on[a-z]+")


def _scripts_and_texts(html: Path, taken: Spoilt, keys: dict[tuple[str, int], str]) -> tuple[int, int]:
    """(elements that run what a cell says, statements and tables that are not shown or given out as they are)."""
    ran, pages = 0, {}
    for file in html.rglob("*.html"):
        tree = lxml.html.fromstring(file.read_bytes())
        pages[file.relative_to(html).as_posix()] = " ".join(tree.text_content().split())
        for element in tree.iter():
            if not isinstance(element.tag, str):
                continue
            inside = element.text or ""
            ran += (
                element.tag == "script"
                and "window.ran" in inside
                and element.get("type") not in ("application/json", "application/ld+json")
            )
            ran += any(HANDLER.fullmatch(name) for name in element.attrib)
            ran += any(
                "javascript:" in (element.get(name) or "").lower()[:20] for name in ("href", "src", "action")
            )
    wrong = 0
    for (table, row), (field, value) in taken.items():
        page = (
            pages.get(f"claims/{keys[table, row]}.html")
            if (table, field) == ("claims", "statement")
            else None
        )
        wrong += page is not None and " ".join(value.split()) not in page
    for name in descriptor.names():
        path = descriptor.resource(name)["path"]
        wrong += (html / "_data" / path).read_bytes() != descriptor.path(name).read_bytes()
    return ran, wrong


# --- files and the descriptor ---------------------------------------------------------------------------


def _spoilt_bytes(chance: random.Random, body: bytes) -> bytes:
    where, end = sorted((chance.randrange(len(body)), chance.randrange(len(body))))
    lines = body.split(b"\n")
    at = chance.randrange(len(lines))
    head, *rest = lines
    names = head.split(b",")
    column = chance.randrange(len(names))
    ways: list[Callable[[], bytes]] = [
        lambda: body[:end],
        lambda: body[:where] + body[end:],
        lambda: body[:where] + chance.randbytes(3) + body[where:],
        lambda: body[:where] + chance.choice([b",", b'"', b"\n", b"\0", b"\r", b";", b"\t"]) + body[where:],
        lambda: body.decode().encode(chance.choice(["utf-8-sig", "utf-16", "utf-32"])),
        lambda: body.decode().encode("cp1252", "replace"),
        lambda: b"\n".join([*lines[:at], lines[at], *lines[at:]]),
        lambda: b"\n".join([*lines[:at], *lines[at + 1 :]]),
        lambda: b"\n".join([b",".join([*names[:column], *names[column + 1 :]]), *rest]),
        lambda: b"\n".join([b",".join([*names[:column], names[0], *names[column + 1 :]]), *rest]),
        lambda: b"\n".join([b",".join(chance.sample(names, len(names))), *rest]),
        lambda: b"\n".join([head, *reversed(rest)]),
        lambda: body.replace(b"\n", chance.choice([b"\r\n", b"\r", b"\n\n"])),
        lambda: body.replace(b",", b";"),
        lambda: b"",
        lambda: head + b"\n",
        lambda: b"\n".join(lines[: at + 1]) + b"\n" + b"x," * 400 + b"\n",
    ]
    return chance.choice(ways)()


def _spoilt_json(chance: random.Random, package: Any) -> None:
    """Change one thing anywhere in the descriptor."""
    holder, key = _somewhere(chance, package)
    odd = [None, True, 0, -1, 1e308, "", "x", [], {}, ["x"], {"x": "y"}, [[]], *chance.sample(TEXTS, 6)]
    match chance.choice(["gone", "odd", "odd", "odd", "twice", "other"]):
        case "gone":
            del holder[key]
        case "odd":
            holder[key] = chance.choice(odd)
        case "twice" if isinstance(holder, list):
            holder.append(holder[key])
        case "twice":
            holder[f"{key}x"] = holder.pop(key)
        case "other":
            other, name = _somewhere(chance, package)
            holder[key] = json.loads(json.dumps(other[name]))


def _somewhere(chance: random.Random, package: Any) -> tuple[Any, Any]:
    holder: Any = None
    key: Any = None
    inside = package
    while isinstance(inside, (dict, list)) and inside and (holder is None or chance.random() < 0.75):
        holder, key = inside, chance.choice(list(inside) if isinstance(inside, dict) else range(len(inside)))
        inside = holder[key]
    return holder, key


class Judge:
    """Tries one spoilt file after another; counts what is refused and taken, and keeps what must not be."""

    def __init__(self) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self.faults: list[str] = []

    def must_not(self, what: str) -> None:
        """Tell it at once, as the rest may take an hour, and keep it for the end."""
        p.say(what)
        self.faults.append(what)

    def try_file(self, file: Path, body: bytes, kind: str, what: str, held: Collection[str] = ()) -> None:
        before = file.read_bytes()
        file.write_bytes(body)
        try:
            problems = _checked(held)
            self.counts[f"{kind} {'refused' if problems else 'taken'}"] += 1
            if not problems:
                _later()
        except errors.UserError:
            self.counts[f"{kind} refused"] += 1
        except Exception:
            self.must_not(f"{what}:\n{traceback.format_exc()[-1500:]}")
        finally:
            file.write_bytes(before)


# --- the measurement ------------------------------------------------------------------------------------

BUILD_EVERY = 7
"""Rounds of cells before a site is built of all that was taken meanwhile."""


def measure(source: Path, mutations: int, seed: int = SEED) -> None:
    chance, judge = random.Random(seed), Judge()
    with p.workshop("hostile") as folder:
        site, book = book_of_data(source, folder / "site"), folder / "book"
        shutil.copytree(source / "book", book / "book")
        (book / "data").symlink_to(site / "data")
        (book / "_toc.yml").write_text((source / "_toc.yml").read_text(encoding="utf-8"), encoding="utf-8")
        with projects.reading(book):
            _cells(site, chance, round(mutations * SHARES["cells"]), judge)
            _files(chance, mutations, judge)
    p.table(["what", "how many"], [list(line) for line in sorted(judge.counts.items())])
    if judge.faults:
        raise p.BenchError(f"{len(judge.faults)} times something happened that must not")
    proof.note("hostile-inputs", mutations - judge.counts["cells set aside, not judged"])


def _cells(site: Path, chance: random.Random, mutations: int, judge: Judge) -> None:
    cells, taken = Cells(site), {}
    rounds = -(-mutations // AT_ONCE)
    for number in range(1, rounds + 1):
        try:
            count = min(AT_ONCE, mutations - AT_ONCE * (number - 1))
            refused, kept, aside = _round(cells, chance, count, set(taken))
            _later()
        except Exception:
            judge.must_not(f"cells, round {number}:\n{traceback.format_exc()[-2500:]}")
            cells.mend(
                {
                    (name, row + 1)
                    for name, rows in cells.rows.items()
                    for row in range(1, len(rows))
                    if rows[row] != cells.good[name][row]
                }
            )
            taken = {}
            continue
        judge.counts["cells refused"] += len(refused)
        judge.counts["cells taken"] += len(kept)
        judge.counts["cells set aside, not judged"] += len(aside)
        taken |= kept
        told = f"{len(kept)} taken, {len(refused)} refused, {len(aside)} set aside"
        p.say(f"  cells: {number} of {rounds} rounds; {told}")
        if number % BUILD_EVERY == 0 or number == rounds:
            _site_of(site, cells, taken, judge)
            cells.mend(set(taken))
            taken = {}


def _site_of(site: Path, cells: Cells, taken: Spoilt, judge: Judge) -> None:
    at = cells.rows["claims"][0].index("claim_id")
    keys = {("claims", row): cells.rows["claims"][row - 1][at] for table, row in taken if table == "claims"}
    try:
        ran, wrong = _scripts_and_texts(_built(site), taken, keys)
    except Found as found:
        judge.must_not(str(found))
        return
    judge.counts["sites built of what was taken"] += 1
    judge.counts["pages' scripts from cells"] += ran
    judge.counts["texts that no page shows"] += wrong
    if ran or wrong:
        judge.must_not(f"{ran} scripts from cells, {wrong} texts that their page does not show")


def _told(kind: str, number: int) -> None:
    if number % 50 == 49:
        p.say(f"  {kind}: {number + 1} tried")


def _files(chance: random.Random, mutations: int, judge: Judge) -> None:
    names = descriptor.names()
    for number in range(round(mutations * SHARES["files"])):
        name = chance.choice(names)
        file, others = descriptor.path(name), set(names) - {name}
        body = _spoilt_bytes(chance, file.read_bytes())
        judge.try_file(file, body, "files", f"{file.name}, number {number}", others)
        _told("files", number)
    file = projects.root() / "data" / "datapackage.json"
    text = file.read_text(encoding="utf-8")
    for number in range(round(mutations * SHARES["descriptor"])):
        package = json.loads(text)
        _spoilt_json(chance, package)
        body = json.dumps(package, ensure_ascii=False).encode("utf-8", "replace")
        judge.try_file(file, body, "descriptor", f"descriptor, number {number}")
        _told("descriptors", number)
