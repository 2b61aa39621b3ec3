"""The few files every page shares: one style sheet, one script, and libraries taken from npm.

Libraries are copied from node_modules into the site, never committed and never fetched by a page.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

from storykit import look, maps, project
from storykit.site import npm

THEME = Path(__file__).parent / "theme"
VENDORED = {
    "plotly.js-basic-dist-min/plotly-basic.min.js": "plotly.min.js",
    "plotly.js-basic-dist-min/LICENSE": "plotly-LICENSE.txt",
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/LICENSE": "leaflet/LICENSE.txt",
    "minisearch/LICENSE.txt": "minisearch-LICENSE.txt",
}
"""File in node_modules -> file in `_static/vendor/`, before a digest of its content is in its name."""
TEMPLATE = "plotly-template.json"
UNUSED = (
    r"()\n?//# sourceMappingURL=.*",
    r"""(createElement\("style"\);\w+\.id="[0-9a-f]+",\w+\.textContent=')(?:[^'\\]|\\.)*(?=')""",
)
"""What is left out of libraries: maps of sources, and the style of MapLibre, which plotly brings for maps that its basic
bundle cannot draw (and a page's policy would refuse). The first group stays."""


def style_sheet() -> str:
    """The one style sheet of the pages, minified."""
    return npm.minified_style(look.style() + (THEME / "styles" / "story.css").read_text(encoding="utf-8"))


def _script(name: str) -> str:
    return npm.bundle(THEME / "scripts" / name)


def inlined() -> dict[str, str]:
    """What stands in a page itself, so that its first paint waits for no second file.

    Returns
    -------
    `first`, the script that must run before anything is painted, and `home`, which finds the root of the site for a
    page that may stand anywhere; `css`, the style sheet. Each with `_hash`, which the page's Content-Security-Policy
    may allow it by. `stamps` knows how they stand in a page.
    """
    texts = {"first": _script("first.js"), "home": _script("home.js"), "css": style_sheet()}
    return texts | {f"{name}_hash": _hash(text) for name, text in texts.items()}


def _hash(text: str) -> str:
    """A script or style as a Content-Security-Policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def write_shared(static: Path) -> dict[str, str]:
    """Write style sheets, scripts, plotly template, libraries and basemaps into `_static`.

    Returns
    -------
    Name -> file name in `_static` with a digest of its content (for `story.assets`). A basemap's name is its file's,
    a library's that of `VENDORED`.
    """
    static.mkdir(parents=True, exist_ok=True)
    light, dark = look.template("light"), look.template("dark")
    template = {"light": light, "dark": dark, "swap": look.substitution("dark")}
    live = {TEMPLATE: write_named(static, TEMPLATE, json.dumps(template, separators=(",", ":")))}
    live |= _libraries(static / "vendor")
    basemaps = {
        file.name: write_named(static, f"geo/{file.name}", file.read_text(encoding="utf-8"))
        for file in sorted((project.root() / "data" / "geo").glob("*.geojson"))
    }
    shared = {
        "css": ("story.css", style_sheet()),
        "js": ("story.js", _naming(_script("story.js"), live)),
        "ledger_js": ("ledger.js", _script("ledger-page.js")),
        "catalogue_js": ("catalogue.js", _script("catalogue-page.js")),
        "search": ("search.js", _script("search.js")),
        "map_css": ("map.css", npm.minified_style(maps.style())),
        "map_js": ("map.js", _script("map.js")),
    }
    named = {key: write_named(static, name, text) for key, (name, text) in shared.items()}
    every = named | live | basemaps
    _tidy(
        static,
        {*every.values(), *(f"vendor/{place}" for place in VENDORED.values() if place.endswith(".txt"))},
    )
    write(static.parent / "_headers", headers(every.values()))
    return every


def _tidy(static: Path, kept: Collection[str]) -> None:
    """Remove libraries and basemaps that an earlier build has left."""
    for folder in ("vendor", "geo"):
        for file in (static / folder).rglob("*"):
            if file.is_file() and file.relative_to(static).as_posix() not in kept:
                file.unlink()


def _libraries(vendor: Path) -> dict[str, str]:
    """Write what npm brings, without what is not used; file in `_static` as written here -> as it is named."""
    source, named = npm.ensure_libraries(), {}
    for name, place in VENDORED.items():
        text = (source / name).read_text(encoding="utf-8")
        for unused in UNUSED:
            text = re.sub(unused, r"\1", text)
        if place.endswith(".txt"):
            write(vendor / place, text)
        else:
            named[f"vendor/{place}"] = write_named(vendor.parent, f"vendor/{place}", text)
    return named


def _naming(script: str, files: dict[str, str]) -> str:
    """The script, which names files as they are written here, with their names."""
    for file, named in files.items():
        script = script.replace(f"_static/{file}", f"_static/{named}")
    return script


def headers(named: Iterable[str]) -> str:
    """`_headers`, which hosts of static sites read: a file with a digest in its name never changes."""
    kept = "  Cache-Control: public, max-age=31536000, immutable\n"
    return "".join(f"/_static/{name}\n{kept}" for name in sorted(named))


def write_named(static: Path, name: str, text: str) -> str:
    """Write `story.css` as `story.<digest>.css`: a new content is a new address for every cache."""
    stem, ending = name.rsplit(".", 1)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    named = f"{stem}.{digest}.{ending}"
    for old in static.glob(f"{stem}.*.{ending}"):
        if old != static / named:
            old.unlink()
    write(static / named, text)
    return named


def write(file: Path, text: str) -> None:
    """Write a file of the site, unless it holds that text already: what is unchanged keeps its time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")


def prune(outdir: Path, keep: Collection[str] = ()) -> list[str]:
    """Remove what other extensions put into the site and no page of ours asks for, except the files to `keep`.

    Returns
    -------
    Names of the removed files and folders.
    """
    ours = re.compile(
        r"(story|ledger|catalogue|search|map)\.[0-9a-f]{8}\.(css|js)|plotly-template\.[0-9a-f]{8}\.json|vendor|geo|social.*|favicon.*"
    )
    removed = []
    for entry in sorted((outdir / "_static").iterdir()):
        if ours.fullmatch(entry.name) or entry.name in keep:
            continue
        removed.append(entry.name)
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for name in ("_sphinx_design_static", "genindex.html", "objects.inv", "_sources", "searchindex.js"):
        entry = outdir / name
        if entry.exists():
            removed.append(name)
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    return removed
