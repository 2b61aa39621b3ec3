"""What has been found out about the very files that a site is made from, and how to repeat it.

A test, a benchmark or a search for mutants notes a figure (`note`). `storykit proof` gathers what was noted about the
files as they are in `data/proof.json`, under the commit that holds them.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any, Literal

from storykit import disk, errors, project

PARTS = ("data", "book", "storykit", "supply", "tests", "benchmarks")
"""Folders that make and test a site; with them the settings and locks that lie beside them."""
RESULT = "data/proof.json"
"""What the page of proofs reads; it is about the other files, so that it is none of them."""
_ASIDE = {"__pycache__"}
"""With all hidden files: what systems, editors and tools leave behind."""
_BESIDE = ("*.toml", "*.txt", "*.lock", "*.json", "*.js", "*.yml", "Makefile", "README.md", "LICENSE*")
"""Of these two last ones the archives that readers take hold copies."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

ENGINE = Path(__file__).parent.parent.parent
"""The project whose code this is, whatever project a test has put in its place."""

Join = Literal["sum", "most"]


def note(figure: str, value: float | str, part: str = "", parts: int = 1, join: Join = "sum") -> None:
    """Note a figure that a test has found out about the project, as its last step: what failed notes nothing.

    Parameters
    ----------
    figure : its name, such as `hostile-cells`; a line of `book/proof.md` says in words what it is.
    value : a number, or words such as a version.
    part, parts : of a figure found out in several tests, which of them this is, and of how many.
    join : whether the parts are added up, or the largest of them counts.
    """
    if not _NAME.fullmatch(figure):
        raise ValueError(f"{figure!r} names no figure: small letters, digits and single hyphens")
    root = ENGINE
    held = {
        "figure": figure,
        "value": value,
        "part": part,
        "parts": parts,
        "join": join,
        "state": state(root),
    }
    file = notes(root) / f"{figure}.{hashlib.sha256(part.encode()).hexdigest()[:12]}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    disk.write_whole(file, json.dumps(held, ensure_ascii=False))


def notes(root: Path) -> Path:
    """Where figures are noted until they are gathered."""
    return root / "_build" / "proof"


def state(root: Path) -> str:
    """Digest of `files`."""
    return digest(files(root))


def short(state: str) -> str:
    """The beginning of a `state`, as the page of proofs names it."""
    return state[:16]


def digest(held: dict[str, str]) -> str:
    """Digest of names and contents of files."""
    return hashlib.sha256(
        "".join(f"{name}={content}\n" for name, content in held.items()).encode()
    ).hexdigest()


def files(root: Path) -> dict[str, str]:
    """Name -> digest of all files that make and test a site, whether or not git knows them; the result itself apart."""
    found = [file for pattern in _BESIDE for file in root.glob(pattern)]
    found += [file for part in PARTS for file in (root / part).rglob("*")]
    held = {}
    for file in sorted(set(found)):
        inside = file.relative_to(root)
        name = inside.as_posix()
        left = any(part in _ASIDE or part.startswith(".") for part in inside.parts)
        if file.is_file() and name != RESULT and not left:
            held[name] = disk.digest(file)
    return held


# --- the commit -----------------------------------------------------------------------------------


def commit(root: Path) -> tuple[str, bool] | None:
    """(commit of the files, whether they differ from it); None if git or its folder is missing."""
    head = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--", ".", f":!{RESULT}")
    return None if head is None or changed is None else (head, bool(changed))


def _git(root: Path, *words: str) -> str | None:
    try:
        result = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True)
    except OSError:
        return None
    return None if result.returncode else result.stdout.strip()


# --- gathering ------------------------------------------------------------------------------------


def gather() -> list[str]:
    """Write what was noted about the files as they are to `data/proof.json`, under their commit.

    A figure that was not found out anew stays, with the commit it was found out at.

    Returns
    -------
    What was done, a line each.

    Raises
    ------
    errors.UserError
        If there is no commit of these files, or nothing was noted about them.
    """
    root = project.root()
    named = commit(root)
    if named is None:
        raise errors.UserError(
            "A proof names a commit, and git knows none here: run this in a clone of the project."
        )
    head, changed = named
    if changed:
        raise errors.UserError(
            "A proof names a commit, and files differ from the last one: commit them, run the tests again, then this."
        )
    now = state(root)
    found, parts_missing = _found(notes(root), now)
    if not found:
        raise errors.UserError(
            "Nothing was noted about these files: run the tests on them first (`make test`), then this."
        )
    held = results(root)
    kept = sorted(held.keys() - found.keys())
    held |= {name: {"value": value, "commit": head, "state": now} for name, value in found.items()}
    text = json.dumps({"figures": dict(sorted(held.items()))}, indent=2, ensure_ascii=False)
    disk.write_whole(root / RESULT, f"{text}\n")
    return [
        f"{RESULT}: {len(found)} figures of {head[:7]}.",
        *([f"Kept from earlier commits: {', '.join(kept)}."] if kept else []),
        *(f"{name} left out: {have} of its {parts} parts were noted." for name, have, parts in parts_missing),
    ]


def results(root: Path) -> dict[str, dict[str, Any]]:
    """Name -> value, commit and state of each figure that was gathered."""
    file = root / RESULT
    if not file.is_file():
        return {}
    try:
        figures: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["figures"]
        return {
            name: {key: one[key] for key in ("value", "commit", "state")} for name, one in figures.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise errors.UserError(f"{RESULT} is damaged: remove it, then `make proof` writes it anew.") from None


def _found(folder: Path, now: str) -> tuple[dict[str, float | str], list[tuple[str, int, int]]]:
    """Name -> value of figures all of whose parts were noted about this state; (name, parts there, parts) of others."""
    noted: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(folder.glob("*.json")):
        one = json.loads(file.read_text(encoding="utf-8"))
        if one["state"] == now:
            noted.setdefault(one["figure"], []).append(one)
    found, short = {}, []
    for name, several in noted.items():
        if len(several) < several[0]["parts"]:
            short.append((name, len(several), several[0]["parts"]))
        elif len(several) == 1:
            found[name] = several[0]["value"]
        else:
            values = [one["value"] for one in several]
            found[name] = max(values) if several[0]["join"] == "most" else sum(values)
    return found, short
