"""Lighthouse on the front page and every chapter of ours: phone, applied throttling, median of the runs."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

import pages
import project as p

from storykit.site import npm, pictures

VERSION = "12.8.2"
WANTED = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
TIMES = {
    "LCP, s": ("largest-contentful-paint", 1000),
    "layout shift": ("cumulative-layout-shift", 1),
    "blocking, ms": ("total-blocking-time", 1),
}


def measure(source: Path, only: list[str] | None, runs: int) -> None:
    browser_path = pictures.browser()
    if browser_path is None:
        raise p.BenchError("there is no Chromium; storykit browser installs one")
    with p.workshop("lighthouse") as folder:
        tool = _install(folder / "tool")
        p.say("building our book ...")
        ours = p.copy(source, folder / "ours", pictures=p.pictures_of(source))
        p.build(ours)
        names = ["index", *sorted(file.stem for file in (ours / "book").glob("*.ipynb"))]
        if only and (strangers := set(only) - set(names)):
            raise p.BenchError(
                f"there is no chapter {', '.join(sorted(strangers))}; there are {', '.join(names)}"
            )
        lines = []
        with pages.served((ours / "_build" / "html").resolve()) as server:
            for name in [n for n in names if not only or n in only]:
                address = f"http://127.0.0.1:{server.server_port}/book/{name}.html"
                lines.append([name, *_median([_visit(tool, browser_path, address) for _ in range(runs)])])
                p.say(f"  {name}: {', '.join(lines[-1][1:])}")
        p.say(f"\nLighthouse {VERSION}, phone, its throttling applied, median of {runs}.\n")
        p.table(["page", *WANTED, *TIMES], lines)
        short = [n for n, *scores in lines if any(int(s) < w for s, w in zip(scores, WANTED.values()))]
        p.say(f"below {' / '.join(map(str, WANTED.values()))}: {', '.join(short) or 'none'}")


def _install(folder: Path) -> str:
    folder.mkdir()
    command = [
        *npm.command(),
        "install",
        f"lighthouse@{VERSION}",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if result.returncode:
        raise p.BenchError(f"lighthouse could not be installed from npm:\n{result.stderr[-2000:]}")
    return str(folder / "node_modules" / ".bin" / "lighthouse")


def _visit(tool: str, browser_path: str, address: str) -> dict:
    with tempfile.TemporaryDirectory() as profile:
        flags = " ".join([*pages.FLAGS[:-1], f"--user-data-dir={profile}"])
        result = subprocess.run(
            [
                tool,
                address,
                "--quiet",
                "--output=json",
                "--output-path=stdout",
                "--throttling-method=devtools",
                f"--chrome-flags={flags}",
            ],
            env={**os.environ, "CHROME_PATH": browser_path},
            capture_output=True,
            text=True,
        )
    if result.returncode:
        raise p.BenchError(f"lighthouse failed on {address}:\n{result.stderr[-2000:]}")
    return json.loads(result.stdout)


def _median(reports: list[dict]) -> list[str]:
    """Scores and times, each the median of the reports, as words."""
    scores = [
        f"{statistics.median(100 * report['categories'][name]['score'] for report in reports):.0f}"
        for name in WANTED
    ]
    times = [
        statistics.median(report["audits"][audit]["numericValue"] for report in reports) / scale
        for audit, scale in TIMES.values()
    ]
    return [*scores, f"{times[0]:.2f}", f"{times[1]:.3f}", f"{times[2]:.0f}"]
