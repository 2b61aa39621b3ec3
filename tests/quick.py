"""`make quick`: what the changed files touch, in under two minutes; `make test` is still the whole.

Changed is what differs from where this branch left origin/main (or from the last commit, where there is no such
branch), with files that git does not know yet. The rule of what that touches is simple on purpose:

- a test runs if it changed, if its folder's `conftest.py` did, or if it imports a module that changed;
- the rules of the house (`ALWAYS`) always run; whole builds (`LONG`) run only if their test changed;
- a change of `data/` runs `tests/data`, and the chapters that read a changed table;
- a chapter runs if it changed, or if code did that chapters run on.

A tool that learns from a traced run which test rests on which line (such as testmon) was looked at: here most tests
rest on tables, notebooks, themes and processes of their own, which such a trace does not see.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from storykit import progress, reads, record

PROJECT = Path(__file__).parent.parent
FOLDERS = ("tests/unit", "tests/data")
ALWAYS = ("tests/unit/test_repository.py",)
LONG = ("tests/unit/test_whole_build.py", "tests/unit/test_execution.py")
NOT_OF_CHAPTERS = ("storykit/site/", "storykit/upstream/", "storykit/cli.py", "storykit/__main__.py", "storykit/new.py",
                   "storykit/report.py", "storykit/record.py", "storykit/coverage.py", "storykit/progress.py")  # fmt: skip
"""Code that no chapter runs on."""


def git(*words: str) -> list[str]:
    """Lines that git answers; none if it refuses."""
    return subprocess.run(["git", *words], cwd=PROJECT, capture_output=True, text=True).stdout.splitlines()


def changed() -> list[str]:
    """Paths of the files that changed, those that are gone included."""
    base = git("merge-base", "HEAD", "origin/main") or ["HEAD"]
    return sorted({*git("diff", "--name-only", base[0]), *git("ls-files", "--others", "--exclude-standard")})


def imported(file: Path) -> set[str]:
    """What a test imports of storykit, as paths without ending: `storykit/report`, `storykit/forms`."""
    paths = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("storykit"):
            room = node.module.replace(".", "/")
            inside = {f"{room}/{alias.name}" for alias in node.names}
            known = {p for p in inside if (PROJECT / p).is_dir() or (PROJECT / f"{p}.py").is_file()}
            paths |= known or {room}
    return paths


def touches(path: str, module: str) -> bool:
    """Whether a changed file is a module, or lies in that room."""
    return path == f"{module}.py" or path.startswith(f"{module}/")


def tests(files: list[str]) -> list[str]:
    """Tests that changed files touch."""
    found = []
    for file in sorted(file for folder in FOLDERS for file in (PROJECT / folder).glob("test_*.py")):
        name, folder = file.relative_to(PROJECT).as_posix(), file.parent.relative_to(PROJECT).as_posix()
        data = folder == "tests/data" and any(path.startswith("data/") for path in files)
        modules = imported(file)
        near = data or any(touches(path, module) for path in files for module in modules)
        near = near or {f"{folder}/conftest.py", "tests/conftest.py"} & set(files)
        if name in files or name in ALWAYS or (near and name not in LONG):
            found.append(name)
    return found


def chapters(files: list[str]) -> list[str]:
    """Names of the chapters that changed files touch."""
    every = [file.stem for file in record.chapters()]
    code = [path for path in files if path.startswith("storykit/") and path.endswith((".py", ".json"))]
    changed_tables = [Path(path).stem for path in files if path.startswith("data/tables/")]
    unknown = changed_tables and not reads.folder().is_dir()  # before the first build
    described = "data/datapackage.json" in files
    if unknown or described or any(not path.startswith(NOT_OF_CHAPTERS) for path in code):
        return every
    touched = {Path(path).stem for path in files if path.startswith("book/")}
    readers = reads.readers(changed_tables)
    return [name for name in every if name in touched or name in readers]


def steps(files: list[str]) -> dict[str, list[str]]:
    """Name of a step -> its command."""
    python, storykit = [sys.executable, "-m"], [sys.executable, "-m", "storykit"]
    found = {
        "data": [*storykit, "check"],
        "texts": [*storykit, "lint"],
        "style": [*python, "ruff", "check", "--quiet", "."],
        "layout": [*python, "ruff", "format", "--check", "--quiet", "."],
        "types": [*python, "mypy", "storykit"],
        "tests": [*python, "pytest", "--quiet", *tests(files)],
    }
    if names := chapters(files):
        found["chapters"] = [*storykit, "record", "--check", *names]
    return found


def main() -> int:
    """Run all steps, so that all that is wrong is told; returns the exit code."""
    work, failed = progress.Work(progress.Lines()), []
    files = changed()
    work.say(f"{len(files)} files changed: {', '.join(files[:8])}{' …' if len(files) > 8 else ''}")
    for name, command in steps(files).items():
        work.begin(name)
        work.say(
            f"{name}: {' '.join(Path(word).name if word == sys.executable else word for word in command)}"
        )
        if subprocess.run(command, cwd=PROJECT).returncode:
            failed.append(name)
    work.close(table=True)
    work.say(f"Not in order: {', '.join(failed)}." if failed else "In order. The whole test is make test.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
