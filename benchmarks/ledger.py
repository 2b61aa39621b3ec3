"""A ledger of very many claims: pages and their weights, and how long a key keeps the main thread."""

from __future__ import annotations

import random
import re
import statistics
from pathlib import Path

import pages
import project as p
import scale
from playwright.sync_api import expect, sync_playwright

from storykit.site import inspection, pictures

CLAIMS = 10_000
TYPED = "data centre 2019"
YEARS = range(2010, 2026)


def measure(source: Path) -> None:
    browser_path = pictures.browser()
    if browser_path is None:
        raise p.BenchError("there is no Chromium; storykit browser installs one")
    with p.workshop("ledger") as folder:
        root = _many_claims(source, folder / "many", CLAIMS)
        p.say(f"a book with {CLAIMS:,} made-up claims, without pictures ...")
        seconds, _ = p.build(root, BROWSER_PATH=scale.NO_BROWSER)
        site = (root / "_build" / "html").resolve()
        _weights(site, seconds)
        with sync_playwright() as play, pages.served(site) as server:
            chromium = play.chromium.launch(executable_path=browser_path, args=pages.FLAGS)
            _keys(chromium, f"http://127.0.0.1:{server.server_port}/book/ledger.html")
            chromium.close()


def _many_claims(source: Path, root: Path, count: int) -> Path:
    """The small package of `scale` with claims put together from the words of the project's own."""
    scale.package(source, root, 1)
    scale.pages(root, 1)
    add_claims(source, root, count)
    return root


def add_claims(source: Path, root: Path, count: int) -> None:
    """Claims and a finding of each, and the page of the ledger, for a package made by `scale`."""
    own = p.rows(source, "claims")
    column = own[0].index("statement")
    words = [word for row in own[1:] for word in row[column].split()]
    chance = random.Random(count)
    (root / "book" / "ledger.md").write_text(
        "# The ledger\n\nMade up.\n\n```{story} ledger\n```\n",
        encoding="utf-8",
    )
    heads = {table: p.rows(root, table)[0] for table in ("claims", "outcomes")}
    package = scale.fields_of(root)
    threads = next(f for f in package["claims"] if f["name"] == "thread")["constraints"]["enum"]
    claims, outcomes = [heads["claims"]], [heads["outcomes"]]
    for number in range(count):
        year = chance.choice(YEARS)
        claim = f"made-up-{number:05d}"
        claims.append(
            scale.record(
                package["claims"],
                claim_id=claim,
                thread=chance.choice(threads),
                made_on=f"{year}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
                made_by=f"Speaker {chance.randint(1, 2000)}",
                statement=" ".join(chance.choice(words) for _ in range(15)),
                due_by=str(year + chance.randint(0, 5)),
                source_ids="made-up",
            )
        )
        outcomes.append(
            scale.record(
                package["outcomes"],
                outcome_id=f"{claim}-2026-11",
                claim_id=claim,
                as_of="2026-11",
                verdict=chance.choice(["unknown", "partly", "superseded"]),
                source_ids="made-up",
            )
        )
    scale.write(root, "claims", claims)
    scale.write(root, "outcomes", outcomes)


def _weights(site: Path, seconds: float) -> None:
    opened = {
        f: inspection.read(site, f) for f in [site / "book/ledger.html", *(site / "ledger").glob("*.html")]
    }
    loaded = [
        sum(map(inspection.weight, inspection.loaded(page))) / inspection.KIB for page in opened.values()
    ]
    claims = [inspection.weight(f) / inspection.KIB for f in (site / "claims").glob("*.html")]
    rows = sum(inspection.weight(f) for f in (site / "ledger").glob("*.html")) / inspection.KIB
    p.table(
        [
            "build",
            "pages of the ledger",
            "the ledger itself",
            "heaviest of its pages",
            "all its pages",
            "a claim's page",
        ],
        [
            [
                f"{seconds:.0f} s",
                len(loaded) - 1,
                f"{loaded[0]:.0f} KiB",
                f"{max(loaded[1:], default=0):.0f} KiB",
                f"{rows:.0f} KiB",
                f"{statistics.mean(claims):.1f} KiB",
            ]
        ],
    )


def _keys(chromium, address: str) -> None:
    """Milliseconds of main thread that each key takes, on a processor four times slower."""
    with pages.visit(chromium, **pages.PHONE) as (context, page):
        page.goto(address, wait_until="load")
        devtools = context.new_cdp_session(page)
        devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": pages.SLOWER_CPU})
        field = page.locator("form.filters input[name=q]")
        field.press("a")
        # Once the whole ledger is read, the count says nothing of how much is.
        expect(page.locator("form.filters output")).to_have_text(
            re.compile(r"^[\d,]+ of [\d,]+ claims(; the first \d+ are shown)?$"), timeout=pages.PATIENCE
        )
        field.press("Backspace")
        page.wait_for_timeout(2000)
        idle = statistics.median(_taken(page, devtools, "Shift")[1] for _ in range(8))
        taken = [_taken(page, devtools, key if key != " " else "Space") for key in TYPED]
        answering, whole = zip(*((own, everything - idle) for own, everything in taken))
        p.say(f"'{TYPED}': {page.locator('form.filters output').inner_text()}")
        p.table(
            ["a key", "median", "most"],
            [
                [
                    "script, style and layout",
                    f"{statistics.median(answering):.0f} ms",
                    f"{max(answering):.0f} ms",
                ],
                [
                    f"all that the main thread does, painting and typing too ({idle:.0f} ms of an idle key taken off)",
                    f"{statistics.median(whole):.0f} ms",
                    f"{max(whole):.0f} ms",
                ],
            ],
        )


ANSWERING = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")


def _taken(page, devtools, key: str) -> tuple[float, float]:
    """Milliseconds of the main thread in half a second from a key: script, style and layout; and everything."""
    before = main_thread(devtools)
    page.keyboard.press(key)
    page.wait_for_timeout(500)
    after = main_thread(devtools)
    return (
        sum(after[name] - before[name] for name in ANSWERING),
        after["TaskDuration"] - before["TaskDuration"],
    )


def main_thread(devtools) -> dict[str, float]:
    """What the main thread has done so far by kind, in milliseconds of its own work, whatever else runs."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return {m["name"]: m["value"] * 1000 for m in metrics}
