"""Static pictures of all figures, drawn by kaleido in one batch and kept by content.

An unchanged figure is never drawn again: a picture's file name in the store is the digest of the
chart, the theme, the size and the versions of kaleido and plotly. Ids in SVGs are random in plotly.js;
they are renamed in order of appearance so that equal charts give equal bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import importlib.metadata
import json
import logging
import multiprocessing
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from storykit import errors, figures, look, progress
from storykit.site import execution, family

_OF_MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
)
"""Where macOS keeps them; none of these is on the search path."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_ID = re.compile(r'\bid="([^"]+)"')


class PictureError(errors.UserError):
    """A browser is there, and a chart could still not be drawn."""


def browser() -> str | None:
    """Path of a Chromium that can draw, or None. BROWSER_PATH overrides the search."""
    given = os.environ.get("BROWSER_PATH")
    if given:
        return given if Path(given).is_file() else None
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    return found or _of_macos() or _playwright_browser()


def _of_macos() -> str | None:
    places = [place for path in _OF_MACOS for place in (Path(path), Path.home() / path.removeprefix("/"))]
    return next((str(place) for place in places if place.is_file()), None)


def _playwright_browser() -> str | None:
    stores = [Path.home() / ".cache" / "ms-playwright", Path.home() / "Library" / "Caches" / "ms-playwright"]
    if given := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        stores = [Path(given)]
    names = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
    found = sorted(path for store in stores for name in names for path in store.glob(name))
    return str(found[-1]) if found else None


_LATER = "STORYKIT_PICTURES_LATER"


@contextlib.contextmanager
def later() -> Iterator[None]:
    """A build inside this context draws no pictures although it could."""
    os.environ[_LATER] = "1"
    try:
        yield
    finally:
        del os.environ[_LATER]


def are_for_later() -> bool:
    """Whether this build, or the one that began this process, stands in `later`."""
    return _LATER in os.environ


def works() -> bool:
    """Whether there is a Chromium, and it starts at all: a file of that name may be a wrapper, or lack libraries."""
    path = None if are_for_later() else browser()
    return path is not None and _starts(path, os.stat(path).st_mtime_ns)


def draws() -> bool:
    """Whether the Chromium that is there gets as far as showing an empty page."""
    words = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "about:blank"]
    return works() and _answers([browser() or "", *words])


@functools.cache
def _starts(path: str, modified: int) -> bool:
    """Asked several times in a build."""
    return _answers([path, "--version"])


def _answers(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=_PATIENCE).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


_PATIENCE = 20
"""Seconds in which a Chromium must answer."""


def undrawn() -> Path:
    """The file that says that the last build found a Chromium that did not draw."""
    return execution.state_folder() / "undrawn"


def variants(record: figures.Record) -> list[tuple[str, str, int, int]]:
    """(file ending, theme, width, height) of every picture of a figure."""
    tall, narrow = record.height, record.narrow_height
    pictures = []
    for theme in ("light", "dark"):
        pictures.append((f"{theme}.svg", theme, figures.WIDTH, tall))
        pictures.append((f"narrow.{theme}.svg", theme, figures.NARROW, narrow))
    return pictures


def chart(record: figures.Record, theme: str, narrow: bool) -> dict[str, Any]:
    """The plotly figure to draw: spec, our template, and the phone's changes of layout."""
    spec = record.spec
    layout = {**spec["layout"]}
    if narrow:
        layout = merged(layout, record.narrow)
    text = look.in_theme(json.dumps({"data": spec["data"], "layout": layout}), theme)
    drawn: dict[str, Any] = json.loads(text)
    drawn["layout"]["template"] = look.template(theme)
    for number, trace in enumerate(drawn["data"]):
        trace["uid"] = f"t{number}"  # plotly.js would make one up, and write it into the picture
    return drawn


def merged(layout: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`layout` with `changes`: dictionaries merged, all else replaced, as the page's script does it."""
    result = {**layout}
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


def make(records: Sequence[figures.Record], store: Path, target: Path) -> int:
    """Draw what is not in the store, then put every picture into `target` as `<id>.<ending>`.

    Returns
    -------
    How many pictures were drawn (not taken from the store).

    Raises
    ------
    PictureError
        If the browser failed on a chart; the message names the figures.
    """
    store.mkdir(parents=True, exist_ok=True)
    target.mkdir(parents=True, exist_ok=True)
    wanted = [(record, *variant) for record in records for variant in variants(record)]
    jobs, places = {}, {}
    for record, ending, theme, width, height in wanted:
        drawn = chart(record, theme, narrow=ending.startswith("narrow"))
        name = _digest(drawn, width, height) + ".svg"
        places[target / f"{record.id}.{ending}"] = store / name
        if not (store / name).is_file():
            jobs[store / name] = (drawn, width, height, record.id)
    if jobs:
        progress.say(f"drawing {len(jobs)} pictures of {len({job[3] for job in jobs.values()})} figures")
        progress.begin("pictures", total=len(jobs))
        draw(jobs)
    for place, kept in places.items():
        put(kept, place)
    return len(jobs)


def put(kept: Path, place: Path) -> None:
    """A picture of the store into the site; that it was asked for is noted."""
    if not place.is_file() or place.read_bytes() != kept.read_bytes():
        shutil.copyfile(kept, place)
    kept.touch()


KEPT_DAYS = 30
"""A picture that no build has asked for in so many days is not kept: a change taken back is soon redrawn."""


def forget(store: Path) -> None:
    """Take out of the store what was not asked for in a long time."""
    limit = time.time() - KEPT_DAYS * 24 * 3600
    for kept in store.iterdir():
        if kept.stat().st_mtime < limit:
            kept.unlink(missing_ok=True)


def _digest(drawn: dict[str, Any], width: int, height: int) -> str:
    kind = [False, 2]  # an SVG, and the pixels of a PNG: kept, so that no picture in a store is drawn anew
    text = json.dumps([drawn, kind[0], width, height, kind[1], versions()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@functools.cache
def versions() -> list[str]:
    """Of what draws."""
    return [importlib.metadata.version(package) for package in ("kaleido", "plotly")]


Job = tuple[dict[str, Any], int, int, str]
"""What to draw, width and height in CSS pixels, and the id of the figure."""


def draw(jobs: dict[Path, Job]) -> None:
    """Draw into these files.

    In a process of its own, which is ended when the pictures are there: of a browser that died, the library leaves
    threads that wait for it for ever.

    Raises
    ------
    PictureError
        If the browser failed on a chart; the message names the figures.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_draw_and_tell, args=(jobs, theirs))
    process.start()
    theirs.close()
    try:
        with progress.counted(lambda: sum(map(_is_drawn, jobs))):
            failures = ours.recv()
    except EOFError:
        failures = ["what draws has ended"]
    finally:
        if process.pid:
            family.end(process.pid)
    missing = sorted({job[3] for path, job in jobs.items() if not path.is_file()})
    if failures or missing:
        detail = "; ".join(failures[:3]) or "no picture was written"
        raise PictureError(f"Chromium could not draw {', '.join(missing) or 'some figures'}: {detail}")


def _draw_and_tell(jobs: dict[Path, Job], tell: Connection) -> None:
    try:
        failures = asyncio.run(_draw_all(jobs))
    except Exception as error:  # whatever the library raises if its browser is gone
        failures = [error]
    tell.send([str(failure) for failure in failures])


async def _draw_all(jobs: dict[Path, Job]) -> list[Exception]:
    import kaleido

    for name in ("kaleido", "choreographer", "logistro"):
        logging.getLogger(name).setLevel(logging.ERROR)
    os.environ.setdefault("BROWSER_PATH", browser() or "")
    requests, parts = [], {}
    for path, (drawn, width, height, _) in jobs.items():
        part = _part(path)
        parts[part] = path
        options = {"format": "svg", "width": width, "height": height, "scale": 1}
        requests.append({"fig": drawn, "path": str(part), "opts": options})
    async with kaleido.Kaleido(n=2, timeout=90) as drawer:
        failures = await drawer.write_fig_from_object(requests)
    for part, path in parts.items():
        if part.is_file():
            part.write_text(stable_svg(part.read_text(encoding="utf-8")), encoding="utf-8")
            part.replace(path)
    return list(failures or [])


def _part(picture: Path) -> Path:
    """Where a picture is drawn: half-written files must never carry the final name."""
    return picture.with_name(f".{picture.name}")


def _is_drawn(picture: Path) -> bool:
    """Whether a picture has come. Kaleido makes all files first, empty, and takes away those it could not draw."""
    for file in (_part(picture), picture):
        with contextlib.suppress(FileNotFoundError):
            return file.stat().st_size > 0
    return False


_USE = r'(\bid="|url\(\'?#|url\(&quot;#|href="#)'
"""What stands before an id, where it is given and where it is used."""


def stable_svg(svg: str) -> str:
    """An SVG with its ids renamed in order of appearance, and every use of them alike."""
    names = {old: f"i{number}" for number, old in enumerate(dict.fromkeys(_ID.findall(svg)))}
    if not names:
        return svg
    pattern = re.compile("|".join(re.escape(n) for n in sorted(names, key=len, reverse=True)))
    in_use = re.compile(_USE + "(" + pattern.pattern + r')(?=["\')&])')
    renamed = in_use.sub(lambda m: m[1] + names[m[2]], svg)
    # Class names of plotly's subplots repeat the random id without being referred to.
    return re.sub(r'(class="[^"]*?)(?:clip)?[0-9a-f]{6}(?=xyplot)', r"\1", renamed)


def with_ids_of(svg: str, name: str) -> str:
    """A stable SVG whose ids are no other's: where a reader puts several into one document, each keeps its own."""
    return re.sub(_USE + r'(i\d+)(?=["\')&])', rf"\g<1>{name}-\g<2>", svg)
