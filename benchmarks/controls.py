"""Every control of every kind of page: how long a press or a key waits for the next frame, on a slow processor."""

from __future__ import annotations

import functools
import re
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import ledger
import pages
import project as p
from playwright.sync_api import Error, sync_playwright

from storykit.site import pictures

LIMIT, BLOCKED = 200, 50
"""Milliseconds: from an interaction to the frame that shows it, and of blocking while a page loads."""
AGAIN = 150
"""Milliseconds from which an interaction is tried twice more, and the median kept: other work on the machine passes."""
TYPED = "data centre"

KINDS = {
    "front page": "book/index.html",
    "chapter": "book/dftz.html",
    "guided story": "book/from-promise-to-parcels.html",
    "ledger": "book/ledger.html",
    "explorer": "book/events.html",
    "explorer, with a matrix": "book/agreements.html",
    "explorer, with a map": "book/places.html",
    "kit": "book/kit.html",
    "checklist": "book/checklist.html",
    "glossary": "book/glossary.html",
    "data": "book/data.html",
    "contribute": "book/contribute.html",
    "changes": "book/changes.html",
    "whole book": "book/whole.html",
    "search": "search.html",
    "claim": "claims/*.html",
    "figure, chart": "figures/*.html",
    "figure, map": "_figures/*.map.html",
    "organisation": "organisations/*.html",
    "partnership": "partnerships/*.html",
    "place": "places/*.html",
    "series": "series/*.html",
    "sources": "sources/*.html",
    "table": "tables/*.html",
}
"""Kind of page -> its address; of several alike, the heaviest is looked at."""

WATCH = """
window.waited = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (entry.interactionId) window.waited = Math.max(window.waited, entry.duration);
}).observe({type: 'event', durationThreshold: 16, buffered: true});
"""
FIND = """() => {
  const found = {};
  const asked = 'button, summary, select, input, textarea, [role=application], .receipt, .term';
  [...document.querySelectorAll(asked)].forEach((element, at) => {
    if (!element.getClientRects().length || getComputedStyle(element).visibility !== 'visible') return;
    const told = element.name ? `[name=${element.name}]` : `.${[...element.classList].join('.')} < .${element.parentElement.classList[0]}`;
    // Sliders are all of one kind; the first stands for the others.
    const kind = element.type === 'range' ? 'range' : `${element.localName} ${told}`;
    found[kind] ??= {at, type: element.type ?? '', tag: element.localName,
      words: (element.getAttribute('aria-label') || element.innerText || element.placeholder || element.name || '').trim().slice(0, 40)};
  });
  return Object.values(found);
}"""
ASKED = "button, summary, select, input, textarea, [role=application], .receipt, .term"


class Pressed(NamedTuple):
    """One control of one page: the milliseconds until the frame that shows it, and those the main thread works for it.

    What else runs on the machine makes the first longer, the second hardly.
    """

    kind: str
    words: str
    waited: float
    worked: float


def measure(source: Path, site: Path | None = None) -> None:
    """Print, for every kind of page, blocking and LCP, and of its controls the slowest; then all above the limit.

    Parameters
    ----------
    site
        A site that is built already; else the project is copied and built.
    """
    if pictures.browser() is None:
        raise p.BenchError("there is no Chromium; storykit browser installs one")
    if site is not None:
        _all(site.resolve())
        return
    with p.workshop("controls") as folder:
        ours = p.copy(source, folder / "ours", pictures=p.pictures_of(source))
        p.build(ours)
        _all((ours / "_build" / "html").resolve())


def _all(site: Path) -> None:
    lines, pressed = [], []
    with sync_playwright() as play, pages.served(site) as server:
        chromium = play.chromium.launch(executable_path=pictures.browser(), args=pages.FLAGS)
        for kind, path in _paths(site):
            address = f"http://127.0.0.1:{server.server_port}/{path}"
            vitals = [pages.vitals(chromium, address) for _ in range(3)]
            lcp, blocked = (statistics.median(v[name] for v in vitals) for name in ("lcp", "tbt"))
            own = list(_presses(chromium, address, kind))
            pressed += own
            none = Pressed(kind, "none", 0, 0)
            slowest = max(own, key=lambda each: each.waited, default=none)
            hardest = max(own, key=lambda each: each.worked, default=none)
            lines.append(
                [
                    kind,
                    f"{lcp / 1000:.2f}",
                    f"{blocked:.0f}",
                    len(own),
                    f"{slowest.waited:.0f}",
                    slowest.words,
                    f"{hardest.worked:.0f}",
                    hardest.words,
                ]
            )
            p.say(f"  {kind}, {path}: {', '.join(map(str, lines[-1][1:]))}")
        chromium.close()
    p.say(
        f"\nA phone's window, {pages.SLOWER_CPU}x slower CPU. LCP and blocking: applied slow 4G, first visit, median of 3. "
        f"Waited: from a press or key to the frame that shows it; of what took {AGAIN} ms or more, the median of 3.\n"
    )
    heads = ["page", "LCP, s", "blocking, ms", "controls", "waited, ms", "for", "main thread, ms", "for"]
    p.table(heads, lines)
    slow = [each for each in pressed if each.waited > LIMIT]
    p.say(f"{len(pressed)} controls, {len(slow)} waited above {LIMIT} ms" + (":" if slow else ""))
    for each in slow:
        p.say(f"  {each.kind}: {each.words!r} {each.waited:.0f} ms, main thread {each.worked:.0f} ms")
    p.say(
        f"blocking above {BLOCKED} ms: {', '.join(n for n, _, b, *_ in lines if int(b) > BLOCKED) or 'none'}"
    )


def _paths(site: Path) -> Iterator[tuple[str, str]]:
    for kind, pattern in KINDS.items():
        found = list(site.glob(pattern))
        if found:
            yield kind, max(found, key=lambda file: file.stat().st_size).relative_to(site).as_posix()


def _presses(chromium, address: str, kind: str) -> Iterator[Pressed]:
    with pages.visit(chromium, **pages.PHONE) as (context, page):
        page.add_init_script(WATCH)
        devtools = context.new_cdp_session(page)
        devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": pages.SLOWER_CPU})
        page.set_default_timeout(10_000)
        _open(page, address)
        for control in page.evaluate(FIND):
            words = re.sub(r"\s+", " ", control["words"]) or control["type"] or control["tag"]
            found = _pressed(page, devtools, address, control)
            if found and found[0] >= AGAIN:
                tries = [found, *(_pressed(page, devtools, address, control) for _ in range(2))]
                found = tuple(statistics.median(part) for part in zip(*filter(None, tries)))
            if found is None:
                p.say(f"    {kind}: {words!r} could not be pressed")
            else:
                yield Pressed(kind, words, *found)


def _open(page, address: str) -> None:
    page.goto(address, wait_until="load", timeout=pages.PATIENCE)
    page.wait_for_timeout(400)


def _pressed(page, devtools, address: str, control: dict) -> tuple[float, float] | None:
    """Milliseconds waited and worked for the slowest of a control's interactions; None if it cannot be pressed."""
    element = page.locator(ASKED).nth(control["at"])
    found = []
    try:
        element.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
        page.wait_for_timeout(150)
        for step in _steps(page, element, control):
            page.evaluate("window.waited = 0")
            before = ledger.main_thread(devtools)["TaskDuration"]
            step()
            page.wait_for_timeout(350)
            worked = ledger.main_thread(devtools)["TaskDuration"] - before
            found.append((page.evaluate("window.waited"), worked))
        page.keyboard.press("Escape")
    except Error:
        _open(page, address)
    if control["tag"] == "button" or page.url.partition("#")[0].partition("?")[0] != address:
        _open(page, address)
    return tuple(max(part) for part in zip(*found)) if found else None


def _steps(page, element, control: dict) -> Iterator[Callable[[], None]]:
    """What a reader does with a control, one interaction at a time: keys where it takes them, a press where not."""
    tag, kind = control["tag"], control["type"]
    if tag == "textarea" or (tag, kind) in (("input", "search"), ("input", "text")):
        element.click()
        page.wait_for_timeout(1500)  # what comes with the first focus
        for key in TYPED:
            yield functools.partial(page.keyboard.press, key if key != " " else "Space")
    elif tag in ("select", "div") or kind == "range":
        element.focus()
        page.wait_for_timeout(500)
        for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
            yield functools.partial(page.keyboard.press, key)
    else:
        yield element.click
