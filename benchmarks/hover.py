"""From the first hover of a visit to its words: by the picture's own marks, and by the library as it was without them."""

from __future__ import annotations

import itertools
import json
import statistics
from pathlib import Path

import pages
import project as p
from playwright.sync_api import Error, sync_playwright

from storykit.site import pictures

WAIT = 3000
"""Milliseconds that a figure has lain in view before the pointer comes."""
LAST = 60_000
"""Milliseconds after which a figure that says nothing is given up."""
SPEAK = """() => {
  const said = () => document.querySelector('.tip, .hoverlayer .hovertext');
  window.spoken = new Promise(done => {
    let began;
    const look = () => (said() ? done(performance.now() - began) : requestAnimationFrame(look));
    addEventListener('pointermove', () => { began ??= performance.now(); look(); }, {once: true, capture: true});
  });
}"""


def measure(source: Path, site: Path | None = None, most: int = 12) -> None:
    """Print the median and the worst of the figures' first hovers, both ways, at slow 4G and a slower processor.

    Parameters
    ----------
    site
        A site that is built already; else the project is copied and built.
    most
        How many figures are visited, evenly among all; each visit is a first one.
    """
    if site is not None:
        _compare(site.resolve(), most)
        return
    with p.workshop("hover") as folder:
        ours = p.copy(source, folder / "ours", pictures=p.pictures_of(source))
        p.build(ours)
        _compare((ours / "_build" / "html").resolve(), most)


def _compare(site: Path, most: int) -> None:
    marked = sorted(
        file.name.removesuffix(".marks.json") for file in (site / "_figures").glob("*.marks.json")
    )
    if not marked or pictures.browser() is None:
        raise p.BenchError("no figure has marks, or there is no Chromium to point at them")
    chosen = marked[:: max(1, len(marked) // most)][:most]
    found: dict[str, list[float]] = {"marks": [], "library": []}
    with sync_playwright() as play, pages.served(site) as server:
        chromium = play.chromium.launch(executable_path=pictures.browser(), args=pages.FLAGS)
        for name in chosen:
            place = _place(site, name)
            for way in (
                ("marks", "library") if not (site / "_figures" / f"{name}.map.html").exists() else ("marks",)
            ):
                address = f"http://127.0.0.1:{server.server_port}/figures/{name}.html"
                if (taken := _first(chromium, address, place, way)) is not None:
                    found[way].append(taken)
                p.say(f"  {name}, {way}: {'nothing was said' if taken is None else f'{taken:.0f} ms'}")
        chromium.close()
    weights = [len(pages.compressed(site / "_figures" / f"{name}.marks.json")) for name in marked]
    lines = [
        [way, str(len(times)), f"{statistics.median(times):.0f}", f"{max(times):.0f}"]
        for way, times in found.items()
        if times
    ]
    p.table(["first hover of a visit, by", "figures", "median, ms", "worst, ms"], lines)
    p.say(
        f"marks of {len(marked)} figures, bytes gzip: median {statistics.median(weights):.0f}, most {max(weights)}"
    )


def _place(site: Path, name: str) -> tuple[int, int]:
    """Where the mark in the middle of a figure's list lies in its wide picture."""
    said = json.loads((site / "_figures" / f"{name}.marks.json").read_text(encoding="utf-8"))
    x, y, *_ = (list(itertools.accumulate(column)) for column in said["wide"])
    return x[len(x) // 2], y[len(y) // 2]


def _first(chromium, address: str, place: tuple[int, int], way: str) -> float | None:
    """Milliseconds from the pointer's first move over a figure to the first words; None if there are none."""
    with pages.visit(chromium, **pages.DESKTOP) as (context, page):
        if way == "library":
            page.route("**/*.marks.json", lambda route: route.abort())
        try:
            pages.throttle(context, page)
            page.goto(address, wait_until="load")
            stage = page.locator(".fig-stage.ready").first
            stage.evaluate(
                "(e, y) => scrollTo(0, e.getBoundingClientRect().top + scrollY + y - innerHeight / 2)",
                place[1],
            )
            page.wait_for_timeout(WAIT)
            box = page.locator(".fig-stage picture:visible").first.bounding_box()
            scale = box["width"] / 760
            at = box["x"] + place[0] * scale, box["y"] + place[1] * scale
            page.evaluate(SPEAK)
            page.mouse.move(*at)
            if way == "library":  # the library answers a pointer that moves over the chart it has drawn
                page.locator(".fig-stage.is-live").first.wait_for(timeout=LAST)
                page.mouse.move(at[0] + 1, at[1])
                page.mouse.move(*at)
            return page.evaluate(
                "last => Promise.race([window.spoken, new Promise(done => setTimeout(done, last, null))])",
                5000,
            )
        except Error as error:
            p.say(f"    {str(error).splitlines()[0]}")
            return None
