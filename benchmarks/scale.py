"""Synthetic books and tables: how time and memory grow with chapters and with rows, and what workers bring."""

from __future__ import annotations

import csv
import datetime
import json
import shutil
from pathlib import Path

import nbformat
import project as p

CHAPTERS, MORE_CHAPTERS = (10, 50), (200,)
ROWS, MORE_ROWS = (10_000, 1_000_000), (10_000_000,)
KEPT = (
    "sources",
    "units",
    "geographies",
    "series",
    "observations",
    "claims",
    "outcomes",
    "changes",
    "corrections",
)
REFERENCE = ("ledger", "data", "sources", "cite", "contribute")
MORE = {"data": "\n## Take\n\n## Series\n\n```{story} series-list\n```\n"}
"""What pages made from data lead to on a page of reference."""
PER_SERIES = 1000
NO_BROWSER = "/nonexistent"


def measure(source: Path, long: bool) -> None:
    books = CHAPTERS + (MORE_CHAPTERS if long else ())
    with p.workshop("scale") as folder:
        _workers(source, folder)
        lines, first = [], None
        for count in books:
            lines.append(_book(source, folder / f"book-{count}", count))
            first = first or lines[0]
        p.say()
        shown = [
            [
                n,
                f"{cold:.1f} s",
                f"{cold / n:.2f} s",
                f"{cold / first[1] / (n / first[0]):.2f}",
                f"{still:.1f} s",
                f"{still / first[2]:.2f}",
                f"{one:.1f} s",
                f"{one / first[3]:.2f}",
                ran,
            ]
            for n, cold, still, one, ran in lines
        ]
        p.table(
            [
                "chapters",
                "cold",
                "a chapter",
                f"growth against linear from {first[0]}",
                "nothing changed",
                f"of {first[0]} chapters'",
                "one table changed",
                f"of {first[0]} chapters'",
                "chapters run",
            ],
            shown,
        )
        lines = [_rows(source, folder / f"rows-{n}", n) for n in ROWS + (MORE_ROWS if long else ())]
        p.say()
        base = lines[0]
        p.table(
            [
                "rows of observations",
                "checks",
                "peak memory",
                "growth of time per growth of rows",
                "one chapter's read",
                "peak memory",
                "growth of time per growth of rows",
            ],
            [
                [
                    f"{n:,}",
                    f"{c:.1f} s",
                    f"{cm:,} MiB",
                    _growth(base[0], base[1], n, c),
                    f"{r:.3f} s",
                    f"{rm:,} MiB",
                    _growth(base[0], base[3], n, r),
                ]
                for n, c, cm, r, rm in lines
            ],
        )


def _growth(rows: int, seconds: float, more_rows: int, more_seconds: float) -> str:
    return f"{more_seconds / seconds:.1f} / {more_rows / rows:.0f}" if more_rows != rows else ""


# --- chapters ---------------------------------------------------------------------------------------


def _book(source: Path, folder: Path, count: int) -> tuple[int, float, float, float, int]:
    p.say(f"a book of {count} chapters, each with a table of its own and one chart, without pictures ...")
    root = package(source, folder, count)
    pages(root, count)
    cold, ran = p.build(root, BROWSER_PATH=NO_BROWSER)
    if len(ran) != count:
        raise p.BenchError(f"{len(ran)} of {count} chapters ran in a cold build")
    still, ran = p.build(root, BROWSER_PATH=NO_BROWSER)
    if ran:
        raise p.BenchError(f"nothing changed and {len(ran)} chapters ran")
    p.append(root, "own_001", "value", "1")
    one, ran = p.build(root, BROWSER_PATH=NO_BROWSER)
    p.say(
        f"  cold {cold:.1f} s, nothing changed {still:.1f} s, one table changed {one:.1f} s ({', '.join(ran)} ran)"
    )
    return count, cold, still, one, len(ran)


_RUN = """
import sys, time
from pathlib import Path
from storykit.site import execution
began = time.monotonic()
ran = execution.run_stale(sorted(Path("book").resolve().glob("*.ipynb")), Path("_build/.jupyter_cache").resolve(), sys.argv[1])
print(f"seconds {time.monotonic() - began:.2f} chapters {len(ran)}")
"""


def _workers(source: Path, folder: Path) -> None:
    count = CHAPTERS[0]
    root = package(source, folder / "workers", count)
    pages(root, count)
    found = {}
    for words, executor, workers in (
        ("one after the other", "local-serial", ""),
        ("local-parallel", "local-parallel", ""),
        ("Dask, one worker", "storykit-dask", "1"),
        ("Dask, two workers", "storykit-dask", "2"),
    ):
        shutil.rmtree(root / "_build", ignore_errors=True)
        p.say(f"running {count} chapters: {words} ...")
        _, _, printed = p.run(
            root, "-c", _RUN, executor, **({"STORYKIT_WORKERS": workers} if workers else {})
        )
        last = next(line for line in reversed(printed.splitlines()) if line.startswith("seconds "))
        seconds, ran = float(last.split()[1]), int(last.split()[3])
        if ran != count:
            raise p.BenchError(f"{words}: {ran} of {count} chapters ran")
        found[words] = seconds
    alone = found["one after the other"]
    p.say()
    p.table(
        ["runner", f"{count} chapters", "of one after the other"],
        [[words, f"{seconds:.1f} s", f"{seconds / alone:.2f}"] for words, seconds in found.items()],
    )
    p.say(
        f"two Dask workers against one: {found['Dask, two workers'] / found['Dask, one worker']:.2f} of the time\n"
    )


OWN_TABLE = 'rows = tables.load("own_{number}")'


def pages(root: Path, count: int, rows: str = OWN_TABLE) -> None:
    """Chapters with a chart each; `rows` is the code that reads what chapter `{number}` shows, in `key` and `value`."""
    names = [f"chapter-{n:03d}" for n in range(1, count + 1)]
    (root / "book").mkdir()
    (root / "book" / "index.md").write_text("# A made-up book\n\nFor a measurement.\n", encoding="utf-8")
    for stub in REFERENCE:  # pages that every page's frame leads to
        (root / "book" / f"{stub}.md").write_text(
            f"# {stub.title()}\n\n## A number is wrong\n\nFor a measurement.\n{MORE.get(stub, '')}",
            encoding="utf-8",
        )
    files = "\n".join(f"  - file: book/{name}" for name in [*names, *REFERENCE])
    (root / "_toc.yml").write_text(
        f"format: jb-book\nroot: book/index\nchapters:\n{files}\n", encoding="utf-8"
    )
    for name in names:
        number = name.rpartition("-")[2]
        notebook = nbformat.v4.new_notebook()
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        words = (
            f"```{{figure-text}} {name}-bars\ntitle: A made-up table has values\n"
            "subtitle: Values of a made-up table, no unit\n"
            "description: Bars of different height, in the order of the table, for nobody to read but a machine.\n"
            "columns: key = Name | value = Value\n```"
        )
        notebook.cells = [
            nbformat.v4.new_markdown_cell(
                f'# A made-up chapter\n\nOf the sources {{num}}`count("sources")` is made up.\n\n{words}',
                id="a",
            ),
            nbformat.v4.new_code_cell(
                "import plotly.graph_objects as go\n\nfrom storykit import figures, open_chapter, tables\n\n"
                f'open_chapter("{name}")',
                id="b",
            ),
            nbformat.v4.new_code_cell(
                f"{rows.format(number=number)}\n"
                f'figures.Figure(go.Figure(go.Bar(x=rows["key"], y=rows["value"])), id="{name}-bars", data=rows,\n'
                '    columns=["key", "value"])',
                id="c",
            ),
        ]
        nbformat.write(notebook, root / "book" / f"{name}.ipynb")


# --- rows -------------------------------------------------------------------------------------------


_CHECK = """
import time
from storykit import checks, columnar, tables
tables.load("units")
began = time.monotonic()
assert not checks.check()
print(time.monotonic() - began)
"""
_READ = """
import time
from storykit import columnar, tables
tables.load("units")
began = time.monotonic()
rows = tables.observations("made_up_1")
print(time.monotonic() - began)
assert len(rows) == 1000
"""


def _rows(source: Path, folder: Path, count: int) -> tuple[int, float, int, float, int]:
    """Seconds without start-up, and peak memory, of the checks and of what one chapter reads."""
    p.say(f"observations of {count:,} rows: checks, then one chapter's read ...")
    root = package(source, folder, 0, count)
    p.run(root, "-c", _READ)  # compiles the engine, and makes the copy by column of a large table
    _, checks_memory, checked = p.run(root, "-c", _CHECK)
    _, read_memory, printed = p.run(root, "-c", _READ)
    checks, read = (float(text.split()[-1]) for text in (checked, printed))
    p.say(f"  checks {checks:.1f} s, {checks_memory:,} MiB; read {read:.3f} s, {read_memory:,} MiB")
    shutil.rmtree(root)
    return count, checks, checks_memory, read, read_memory


# --- a small package --------------------------------------------------------------------------------


def package(
    source: Path, root: Path, own_tables: int, observations: int = PER_SERIES, per_series: int = PER_SERIES
) -> Path:
    """The project's code and descriptor with few tables, made-up observations, and a table for each chapter."""
    (root / "data" / "tables").mkdir(parents=True)
    shutil.copytree(source / "storykit", root / "storykit", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("_config.yml", "package.json"):
        shutil.copy(source / name, root)
    (root / "node_modules").symlink_to((source / "node_modules").resolve())
    package = json.loads((source / "data" / "datapackage.json").read_text(encoding="utf-8"))
    package["resources"] = [r for r in package["resources"] if r["name"] in KEPT]
    package.pop("storykit:people", None)  # a series of the project's own
    for entry in package["resources"]:
        keys = entry["schema"].get("foreignKeys", [])
        entry["schema"]["foreignKeys"] = [k for k in keys if k["reference"]["resource"] in ("", *KEPT)]
        links = entry.get("storykit:references", [])
        entry["storykit:references"] = [k for k in links if k["resource"] in KEPT]
        write(root, entry["name"], [[f["name"] for f in entry["schema"]["fields"]]])
    for n in range(1, own_tables + 1):
        name = f"own_{n:03d}"
        fields = [
            {
                "name": "key",
                "type": "string",
                "description": "Name of the row.",
                "constraints": {"required": True, "unique": True},
            },
            {"name": "value", "type": "number", "description": "A made-up value."},
            {"name": "source_ids", "type": "list", "delimiter": ";", "description": "Ids in sources."},
        ]
        package["resources"].append(
            {
                "name": name,
                "type": "table",
                "path": f"tables/{name}.csv",
                "title": f"Own table {n}",
                "description": "Made up.",
                "format": "csv",
                "schema": {"fields": fields, "primaryKey": ["key"]},
            }
        )
        write(
            root,
            name,
            [
                ["key", "value", "source_ids"],
                *([f"row {chr(97 + k)}", k * n % 17, "made-up"] for k in range(10)),
            ],
        )
    (root / "data" / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    known = fields_of(root)
    series = [f"made_up_{n}" for n in range(1, max(1, observations // per_series) + 1)]
    write(
        root,
        "sources",
        [
            *p.rows(root, "sources"),
            record(known["sources"], source_id="made-up", url="https://made-up.example/", kind="official"),
        ],
    )
    write(
        root,
        "units",
        [*p.rows(root, "units"), record(known["units"], unit_id="things", dimension="things", factor="1")],
    )
    write(root, "geographies", [*p.rows(root, "geographies"), record(known["geographies"], geography="XX")])
    write(
        root,
        "series",
        [
            *p.rows(root, "series"),
            *(record(known["series"], series_id=s, unit="things", line="true") for s in series),
        ],
    )
    day = datetime.date(2000, 1, 1)
    days = [(day + datetime.timedelta(n)).isoformat() for n in range(per_series)]
    one = record(
        known["observations"],
        observation_id="@/XX/#",
        series_id="@",
        geography="XX",
        period="#",
        value="12.5",
        source_ids="made-up",
        standing="lead",
    )
    line = ",".join(one)
    with open(root / "data" / "tables" / "observations.csv", "a", encoding="utf-8") as stream:
        for name in series:
            of_series = line.replace("@", name)
            stream.writelines(of_series.replace("#", d) + "\n" for d in days)
    return root


def fields_of(root: Path) -> dict[str, list[dict]]:
    """Table -> its fields, of a package that was made here."""
    package = json.loads((root / "data" / "datapackage.json").read_text(encoding="utf-8"))
    return {r["name"]: r["schema"]["fields"] for r in package["resources"]}


def record(fields: list[dict], **given: str) -> list[str]:
    """A row that passes the checks: what is given, and for what else is required the first word allowed."""
    row = []
    for field in fields:
        rules = field.get("constraints", {})
        word = "false" if field["type"] == "boolean" else "made up"
        usual = str(rules["enum"][0]) if "enum" in rules else field.get("example", word)
        row.append(given.get(field["name"], usual if rules.get("required") else ""))
    return row


def write(root: Path, table: str, lines: list[list]) -> None:
    with open(root / "data" / "tables" / f"{table}.csv", "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows(lines)
