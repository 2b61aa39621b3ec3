"""Measures the project and prints tables of ratios: `make bench`, or one part: `benchmarks/run.py pages`.

Everything happens in temporary folders with copies of the project; nothing is written to it.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import controls
import hostile
import hover
import kill
import large
import ledger
import lighthouse
import pages
import peers
import project as p
import rebuild
import scale

from storykit import project
from storykit.site import npm

PARTS = (
    "pages",
    "peers",
    "hover",
    "controls",
    "lighthouse",
    "rebuild",
    "scale",
    "large",
    "ledger",
    "hostile",
    "kill",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument(
        "--long",
        action="store_true",
        help="rebuild: a change in every table; scale: 200 chapters and 10 million rows; large: a million",
    )
    parser.add_argument(
        "--chapters", nargs="+", metavar="NAME", help="pages, lighthouse: only these chapters"
    )
    parser.add_argument(
        "--site", type=Path, help="hover, controls, peers: a built site, in place of a build of its own"
    )
    parser.add_argument("--tables", nargs="+", metavar="NAME", help="rebuild: a change in these tables")
    parser.add_argument(
        "--runs",
        type=int,
        default=1,
        help="pages: throttled visits of each page (lighthouse: at least 3), median kept",
    )
    parser.add_argument("--mutations", type=int, default=30_000, help="hostile: how many")
    parser.add_argument(
        "--seed", type=int, default=hostile.SEED, help="hostile: another seed, other mutations"
    )
    parser.add_argument(
        "--rows", nargs="+", type=int, metavar="N", help="large: these numbers of observations"
    )
    parser.add_argument("--kills", type=int, default=20, help="kill: how many times")
    parser.add_argument(
        "--project", type=Path, default=Path(__file__).parent.parent, help="folder to copy from"
    )
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    source = options.project.resolve()
    with project.reading(source):
        npm.ensure_libraries()  # copies of the project share them
    p.say(
        f"{time.strftime('%Y-%m-%d')}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"plotly {importlib.metadata.version('plotly')}, folium {importlib.metadata.version('folium')}"
    )
    jobs = {
        "pages": lambda: pages.measure(source, options.chapters, options.runs),
        "peers": lambda: peers.measure(source, max(3, options.runs), options.site),
        "hover": lambda: hover.measure(source, options.site),
        "controls": lambda: controls.measure(source, options.site),
        "lighthouse": lambda: lighthouse.measure(source, options.chapters, max(3, options.runs)),
        "rebuild": lambda: rebuild.measure(source, options.long, options.tables),
        "scale": lambda: scale.measure(source, options.long),
        "large": lambda: large.measure(source, options.long, options.rows),
        "ledger": lambda: ledger.measure(source),
        "hostile": lambda: hostile.measure(source, options.mutations, options.seed),
        "kill": lambda: kill.measure(source, options.kills),
    }
    failed = []
    for part in options.parts or PARTS:
        began = time.monotonic()
        p.say(f"\n## {part} ({p.load()} at its start)\n")
        try:
            jobs[part]()
        except p.BenchError as error:
            failed.append(part)
            p.say(f"{part} could not be measured: {error}")
        p.say(f"{part}: {time.monotonic() - began:.0f} s, {p.load()} at its end")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
