"""One chapter and its eight charts by us and by peers that can be installed, side by side in a real Chromium."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pages
import project as p
from playwright.sync_api import Error, sync_playwright

from storykit.site import npm, pictures

CHAPTER = "sme-pipeline"
CHARTS = 8
FRAMEWORK = ("@observablehq/framework@1.13.4", "@observablehq/plot@0.6.17")
REST = 3000
"""Milliseconds that a chart has lain in view before the pointer comes."""


class Book(NamedTuple):
    """A built book: its site, the chapter's address, marks to point at, what says something, and a chart in a page."""

    name: str
    site: Path
    path: str
    marks: str
    says: str
    charts: str


class Seen(NamedTuple):
    """What a book's chapter costs; milliseconds, bytes; None where a chart said nothing."""

    first_bytes: int
    whole_bytes: int
    requests: int
    others: int
    lcp: float
    blocking: float
    first_hover: float | None
    second_hover: float | None
    without_script: int


FIRST_CHART = """selector => {
  const mark = document.querySelector(selector);
  const chart = mark?.closest('figure, svg, .js-plotly-plot, .fig-stage') ?? mark;
  if (chart) chart.scrollIntoView({block: 'center', behavior: 'instant'});
  return Boolean(chart);
}"""
PLACES = """selector => [...document.querySelectorAll(selector)].map(mark => mark.getBoundingClientRect())
  .filter(b => b.width && b.top > 0 && b.bottom < innerHeight).map(b => [b.left + b.width / 2, b.top + b.height / 2])"""
OUR_PLACES = """async () => {
  const fig = document.querySelector('.fig[data-marks]'), picture = fig.querySelector('.fig-marks').getBoundingClientRect();
  const told = await (await fetch(fig.dataset.spec.replace(/json$/, 'marks.json'))).json();
  let [x, y] = [0, 0];
  return told.wide[0].map((dx, i) => [x += dx, y += told.wide[1][i]])
    .map(([left, top]) => [picture.left + left * picture.width / 760, picture.top + top * picture.width / 760]);
}"""
SPEAK = """says => {
  const said = () => [...document.querySelectorAll(says)].map(each => each.textContent).join('|');
  const before = said();
  window.spoken = new Promise(done => {
    let began;
    const look = () => (said() && said() !== before ? done(performance.now() - began) : requestAnimationFrame(look));
    addEventListener('pointermove', () => { began ??= performance.now(); look(); }, {once: true, capture: true});
  });
}"""
SAID = "last => Promise.race([window.spoken, new Promise(done => setTimeout(done, last, null))])"


def measure(source: Path, runs: int, site: Path | None = None) -> None:
    """Build all and print a line for each book.

    Parameters
    ----------
    site
        Our site, if it is built already in `source`; then no build of ours is timed.
    """
    if pictures.browser() is None:
        raise p.BenchError("there is no Chromium; storykit browser installs one")
    with p.workshop("peers") as folder:
        ours = source if site else p.copy(source, folder / "ours", pictures=p.pictures_of(source))
        times: dict[str, tuple[float, float | None]] = {}
        if not site:
            p.say("building our book, and once more with one observation changed ...")
            cold, _ = p.build(ours)
            p.append(ours, "observations", "note", " Looked at again for a measurement.")
            times["ours"] = cold, p.build(ours)[0]
        books = [Book("ours", (ours / "_build/html").resolve(), f"book/{CHAPTER}.html", "", ".tip", ".fig")]
        for make in (_default, _framework):
            book, cold, again = make(ours, folder)
            books.append(book)
            times[book.name] = cold, again
            p.say(f"  {book.name}: cold {cold:.0f} s, one row changed {again:.0f} s")
        _compare(books, times, runs)


def _default(ours: Path, folder: Path) -> tuple[Book, float, float]:
    root = folder / "default"
    p.run(ours, str(Path(__file__).with_name("default_book.py")), str(root))
    call = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    cold, again = _builds(lambda: p.run(ours, "-c", call, "build", str(root)), root)
    return (
        Book(
            "Jupyter Book, default",
            root / "_build" / "html",
            f"{CHAPTER}.html",
            ".js-plotly-plot .point path, .js-plotly-plot path.point",
            ".hoverlayer .hovertext",
            ".js-plotly-plot svg",
        ),
        cold,
        again,
    )


def _framework(ours: Path, folder: Path) -> tuple[Book, float, float]:
    libraries = folder / "libraries"
    libraries.mkdir()
    command = [*npm.command(), "install", *FRAMEWORK, "--no-audit", "--no-fund", "--loglevel=error"]
    _quiet(command, libraries)
    root = folder / "framework"
    script = str(Path(__file__).with_name("framework_book.py"))
    p.run(ours, script, str(root), str(libraries / "node_modules"))
    tool = [str(root / "node_modules" / ".bin" / "observable"), "build"]
    cold, again = _builds(lambda: _quiet(tool, root), root / "src")
    says, marks = (
        'svg g[aria-label="tip"] text',
        'svg g[aria-label="bar"] rect, svg g[aria-label="dot"] circle',
    )
    return (
        Book("Observable Framework", root / "dist", f"{CHAPTER}.html", marks, says, "figure svg"),
        cold,
        again,
    )


def _quiet(command: list[str], folder: Path) -> None:
    quiet = os.environ | {"OBSERVABLE_TELEMETRY_DISABLE": "true"}
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=quiet)
    if result.returncode:
        raise p.BenchError(f"{' '.join(command)} failed:\n{(result.stdout + result.stderr)[-2000:]}")


def _builds(build: Callable[[], object], data: Path) -> tuple[float, float]:
    """Seconds of a cold build, and of one after a value of one chart has changed."""
    seconds = []
    for changed in (False, True):
        if changed:
            file = data / "sme-export-share.json"
            said = json.loads(file.read_text(encoding="utf-8"))
            traces = said["data"] if isinstance(said, dict) else said
            traces[0]["y"][0] += 1
            file.write_text(json.dumps(said), encoding="utf-8")
        began = time.monotonic()
        build()
        seconds.append(time.monotonic() - began)
    return seconds[0], seconds[1]


def _compare(books: list[Book], times: dict[str, tuple[float, float | None]], runs: int) -> None:
    lines = []
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=pictures.browser(), args=pages.FLAGS)
        found = {}
        for book in books:
            with pages.served(book.site) as server:
                found[book.name] = _seen(chromium, server, book, runs)
            p.say(f"  {book.name}: {found[book.name]}")
        chromium.close()
    for name, seen in found.items():
        cold, again = (f"{s:.0f} s" if s else "not timed" for s in times.get(name, (None, None)))
        hovers = ["nothing said" if h is None else f"{h:.0f}" for h in (seen.first_hover, seen.second_hover)]
        lines.append(
            [
                name,
                f"{seen.first_bytes / 1024:.0f} / {seen.whole_bytes / 1024:.0f}",
                f"{seen.requests} / {seen.others}",
                f"{seen.lcp / 1000:.2f}",
                f"{seen.blocking:.0f}",
                *hovers,
                f"{seen.without_script} of {CHARTS}",
                cold,
                again,
            ]
        )
    p.say(f"\n{CHAPTER}, applied slow 4G and {pages.SLOWER_CPU}x slower CPU, median of {runs}.\n")
    heads = ["book", "KiB, first screen / whole", "requests / of them to others", "LCP, s", "blocking, ms"]
    heads += ["first hover, ms", "second, ms", "charts without script", "all pages, cold", "one row changed"]
    p.table(heads, lines)


def _seen(chromium, server, book: Book, runs: int) -> Seen:
    address = f"http://127.0.0.1:{server.server_port}/{book.path}"
    weight = pages.weigh(chromium, server, address)
    vitals = [pages.vitals(chromium, address) for _ in range(runs)]
    hovers = [_hovers(chromium, address, book) for _ in range(runs)]
    medians = []
    for known in zip(*hovers):
        told = [ms for ms in known if ms is not None]
        medians.append(statistics.median(told) if told else None)
    return Seen(
        weight["first_bytes"],
        weight["bytes"],
        weight["requests"],
        weight["others"],
        statistics.median(v["lcp"] for v in vitals),
        statistics.median(v["tbt"] for v in vitals),
        *medians,
        _without_script(chromium, address, book),
    )


def _hovers(chromium, address: str, book: Book) -> tuple[float | None, float | None]:
    """Milliseconds from a pointer's first move over a mark of the first chart to its words; and at the next mark."""
    with pages.visit(chromium, **pages.DESKTOP) as (context, page):
        try:
            pages.throttle(context, page)
            page.goto(address, wait_until="load")
            page.wait_for_selector(book.marks or ".fig-marks", state="attached", timeout=30_000)
            page.evaluate(FIRST_CHART, book.marks or ".fig-marks")
            page.wait_for_timeout(REST)
            places = page.evaluate(PLACES, book.marks) if book.marks else page.evaluate(OUR_PLACES)
            return tuple(_told(page, book.says, at) for at in _apart(places))
        except Error as error:
            p.say(f"    {book.name}: {str(error).splitlines()[0]}")
            return None, None


def _apart(places: list[list[float]]) -> Iterator[list[float]]:
    """The first place and the one furthest from it."""
    yield places[0]
    yield max(places, key=lambda at: abs(at[0] - places[0][0]) + abs(at[1] - places[0][1]))


def _told(page, says: str, at: list[float]) -> float | None:
    page.evaluate(SPEAK, says)
    page.mouse.move(*at)
    return page.evaluate(SAID, 5000)


def _without_script(chromium, address: str, book: Book) -> int:
    """How many charts of the chapter are there, as pictures or drawings, where no script runs."""
    with pages.visit(chromium, **pages.DESKTOP, java_script_enabled=False) as (_, page):
        page.goto(address, wait_until="load")
        return sum(each.is_visible() for each in page.locator(book.charts).all())
