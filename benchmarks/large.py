"""A made-up book that grows in all its parts at once: chapters, claims, series and observations."""

from __future__ import annotations

from pathlib import Path

import ledger
import project as p
import scale

from storykit.site import inspection

STEPS = (10_000, 100_000)
MOST = 1_000_000
PER_SERIES, PER_CLAIM, PER_CHAPTER = 200, 100, 5_000
"""Observations for each series, claim and chapter: a million are 5,000 series, 10,000 claims and 200 chapters."""
OWN_SERIES = (
    "rows = tables.observations(*(f'made_up_{{n}}' for n in range(int('{number}') * 25 - 24, int('{number}') * 25 + 1)))\n"
    "rows = rows.groupby('series_id', as_index=False).last().assign(key=lambda found: found['series_id'])"
)
"""What a chapter reads: its own 25 series, of which it shows the last values."""


def measure(source: Path, long: bool, only: list[int] | None = None) -> None:
    """Print time, memory, weight and size at each step, and the growth against that of the observations.

    Parameters
    ----------
    long
        Up to a million observations.
    only
        These numbers of observations, in place of the steps.
    """
    lines = []
    for count in only or (*STEPS, *([MOST] if long else [])):
        with p.workshop("large") as folder:
            lines.append([f"{count:,}", *_step(source, folder / "book", count)])
        p.say("  " + ", ".join(map(str, lines[-1])))
    heads = [
        "observations",
        "chapters",
        "claims",
        "series",
        "check",
        "of it at most",
        "cold build",
        "largest process",
    ]
    heads += [
        "nothing changed",
        "one observation changed",
        "chapters run",
        "files",
        "site",
        "first search",
        "all of it",
    ]
    p.say()
    p.table([*heads, "a ledger page at most"], lines)


def _step(source: Path, root: Path, count: int) -> list[str | int]:
    chapters, claims, series = max(1, count // PER_CHAPTER), count // PER_CLAIM, count // PER_SERIES
    p.say(
        f"{count:,} observations, {series:,} series, {claims:,} claims, {chapters} chapters, without pictures ..."
    )
    scale.package(source, root, 0, count, PER_SERIES)
    scale.pages(root, chapters, OWN_SERIES)
    ledger.add_claims(source, root, claims)
    check, check_memory, _ = p.run(root, "-m", "storykit", "check")
    p.say(f"  check {check:.1f} s, {check_memory:,} MiB")
    cold, memory, _ = p.run(root, *p.BUILD, BROWSER_PATH=scale.NO_BROWSER)
    p.say(f"  cold {cold:.0f} s, {memory:,} MiB")
    still, _ = p.build(root, BROWSER_PATH=scale.NO_BROWSER)
    p.append(root, "observations", "value", "1")
    one, ran = p.build(root, BROWSER_PATH=scale.NO_BROWSER)
    site = (root / "_build" / "html").resolve()
    files = [file for file in site.rglob("*") if file.is_file()]
    return [
        chapters,
        f"{claims:,}",
        f"{series:,}",
        f"{check:.1f} s",
        f"{check_memory:,} MiB",
        f"{cold:.0f} s",
        f"{memory:,} MiB",
        f"{still:.1f} s",
        f"{one:.0f} s",
        len(ran),
        f"{len(files):,}",
        f"{sum(file.stat().st_size for file in files) / 2**20:.0f} MiB",
        *(f"{weight / inspection.KIB:.0f} KiB" for weight in _search(site)),
        f"{_ledger(site) / inspection.KIB:.0f} KiB",
    ]


def _search(site: Path) -> tuple[int, int]:
    """Bytes, gzip, that the first answer of a search takes, and all that it can look in."""
    parts = {file.name: inspection.weight(file) for file in (site / "_search").iterdir()}
    return sum(n for name, n in parts.items() if name == "parts.js" or name.startswith("facts")), sum(
        parts.values()
    )


def _ledger(site: Path) -> int:
    """Bytes, gzip, of the heaviest page of the ledger."""
    return max(map(inspection.weight, [site / "book" / "ledger.html", *(site / "ledger").glob("*.html")]))
