"""The rules of the house that no linter knows: which way it runs, what it may name, what is pinned."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from lxml.html import defs

from storykit import cli, forms, lint, new, words
from storykit.receipts import names
from storykit.site import links, reports

PROJECT = Path(__file__).parent.parent.parent
PACKAGE = PROJECT / "storykit"

GROUND = ["errors", "progress", "disk", "project", "reads", "descriptor", "periods"]
"""What every room may stand on: errors, progress, files, the project at hand, what its descriptor says, what a period is."""

STREAM = [
    *GROUND,
    "columnar", "tables", "reshape", "look", "geo", "verdicts", "contents", "downloads", "checks", "pages", "stripping", "chapters", "receipts", "words", "voice", "lint", "freshness", "figures",
    "forms", "maps",
]  # fmt: skip
"""The rooms in the order of the stream: each may use those before it, none after it."""

COMMANDS = ["coverage", "record", "report", "release", "new", "preview"]
"""What a person runs: they may use every room of the stream, and nobody uses them but `cli`."""

SITE_ONLY = {
    "sphinx",
    "docutils",
    "myst_nb",
    "myst_parser",
    "jupyter_book",
    "jupyter_cache",
    "sphinx_external_toc",
}
NETWORK = {
    "requests",
    "urllib3",
    "urllib.request",
    "http.client",
    "httpx",
    "aiohttp",
    "wbgapi",
    "botocore",
    "ftplib",
}

STORY = re.compile(
    r"malaysia|kuala|johor|penang|sabah|sarawak|selangor|klia|alibaba|cainiao|jack ma|dftz|ewtp|mdec|ringgit|hangzhou",
    re.IGNORECASE,
)
"""Words of this story. `storykit` must be able to tell another."""

OUTSIDE = re.compile(r"\.\.[/]shared|(?<![\w.:/-])/(?:work|root|home|mnt|tmp)/\w")
"""Places of somebody's machine. What the project needs lies in the project."""


def tracked() -> list[Path]:
    """Every file of the repository that git knows, or would if it were added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split(
        "\0"
    )
    return [PROJECT / name for name in names if name and (PROJECT / name).is_file()]


def modules(folder: Path = PACKAGE) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    """Full names of all that a module imports, wherever in it: `storykit.tables`, `sphinx.util`."""
    package = ".".join(file.relative_to(PROJECT).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [package if node.level else "", node.module]))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def rooms(file: Path) -> set[str]:
    """Rooms of storykit that a module uses: `tables`, `site`, `upstream`."""
    parts = [name.split(".") for name in imported(file)]
    return {names[1] for names in parts if names[0] == "storykit" and len(names) > 1}


def uses(file: Path, libraries: set[str]) -> list[str]:
    return sorted(
        {library for name in imported(file) for library in libraries if f"{name}.".startswith(f"{library}.")}
    )


# --- the stream -----------------------------------------------------------------------------------


def test_every_module_has_its_place():
    folders = {f.name for f in PACKAGE.iterdir() if (f / "__init__.py").is_file()}
    assert {"site", "upstream"} <= folders
    named = {file.stem for file in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert named | folders - {"site", "upstream"} == {*STREAM, *COMMANDS, "cli"}


@pytest.mark.parametrize("name", STREAM)
def test_nothing_is_imported_against_the_stream(name):
    before = set(STREAM[: STREAM.index(name)])
    files = [*PACKAGE.glob(f"{name}.py"), *PACKAGE.glob(f"{name}/*.py")]
    assert files
    assert {file.name: rooms(file) - before - {name} for file in files if rooms(file) - before - {name}} == {}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_uses_the_stream_only(name):
    """But for a release, which says what differs by the report."""
    assert rooms(PACKAGE / f"{name}.py") <= {*STREAM, *(["report"] if name == "release" else [])}


def test_the_site_and_upstream_do_not_know_each_other_or_a_command():
    for folder, may in (("site", {*STREAM, "site"}), ("upstream", {*GROUND, "tables", "checks", "upstream"})):
        strange = {
            f"{folder}/{file.name}": rooms(file) - may
            for file in modules(PACKAGE / folder)
            if rooms(file) - may
        }
        assert strange == {}


def test_only_the_site_knows_sphinx():
    outside = [file for file in modules() if "site" not in file.relative_to(PACKAGE).parts]
    assert {file.name: uses(file, SITE_ONLY) for file in outside if uses(file, SITE_ONLY)} == {}


def test_only_upstream_knows_the_network():
    outside = [file for file in modules() if "upstream" not in file.relative_to(PACKAGE).parts]
    assert {file.name: uses(file, NETWORK) for file in outside if uses(file, NETWORK)} == {}


# --- html -----------------------------------------------------------------------------------------

TAG = re.compile(
    rf"</?({'|'.join(sorted({*defs.tags, 'picture', 'path', 'feed'}))})(?=[\s>/]|$)|<[!?][a-z]", re.IGNORECASE
)
"""The begin of a tag, also where a value is put in behind it."""

MAY_HOLD_TAGS = {"forms": "plotly's own marks of text"}


def strings(file: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of every string of a module that is no docstring, the pieces of f-strings apart."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        for child in ast.iter_child_nodes(node):
            if (
                isinstance(child, ast.Constant)
                and isinstance(child.value, str)
                and not isinstance(node, ast.Expr)
            ):
                yield child.lineno, child.value


def test_no_python_string_holds_an_html_tag():
    """HTML stands in `storykit/site/theme`, where everything is escaped."""
    found = [
        f"{file.relative_to(PACKAGE)}, line {line}: {match[0]}"
        for file in modules()
        if file.relative_to(PACKAGE).parts[0] not in MAY_HOLD_TAGS
        for line, text in strings(file)
        if (match := TAG.search(text))
    ]
    assert found == []


# --- the story ------------------------------------------------------------------------------------


def code(file: Path) -> str:
    """A Python file without comments and docstrings: there an example may come from the story."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [n for n in body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
            node.body = kept or [ast.Pass()]
    return ast.unparse(tree)


def test_storykit_knows_nothing_of_the_story():
    """Upstream is left out: a module there is about one publisher, and translates the names it uses."""
    texts = {file: code(file) for file in modules() if "upstream" not in file.relative_to(PACKAGE).parts}
    for ending in ("html", "js", "css", "toml", "json", "svg"):
        texts |= {file: file.read_text(encoding="utf-8") for file in PACKAGE.rglob(f"*.{ending}")}
    found = [
        f"{file.relative_to(PROJECT)}: {match[0]}"
        for file, text in texts.items()
        for match in STORY.finditer(text)
    ]
    assert found == []


def test_no_chapter_holds_a_text_that_is_still_to_be_written():
    left = [
        file.name
        for file in (PROJECT / "book").glob("*.ipynb")
        if new.TO_WRITE in file.read_text(encoding="utf-8")
    ]
    assert left == []


# --- places and pins ------------------------------------------------------------------------------


def texts() -> list[Path]:
    return [file for file in tracked() if file.suffix != ".png"]


def test_every_file_but_pictures_is_text():
    """Packages and archives are fetched or made when they are needed; one that was left here is an oversight."""
    assert [file.name for file in texts() if b"\0" in file.read_bytes()] == []


def test_no_file_names_a_place_outside_the_project():
    found = []
    for file in texts():
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if match := OUTSIDE.search(line):
                found.append(f"{file.relative_to(PROJECT)}, line {number}: {match[0]}")
    assert found == []


def test_the_lock_of_the_front_end_names_no_host():
    lock = json.loads((PROJECT / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
    assert [name for name, entry in lock["packages"].items() if name and "integrity" not in entry] == []


def test_everything_is_pinned():
    lines = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    pinned = re.compile(r"[a-z0-9._-]+(\[[a-z0-9,._-]+\])?==[^\s;]+( *;.*)?", re.IGNORECASE)
    assert [line for line in wanted if not pinned.fullmatch(line.strip()) and line != "-e ."] == []
    package = json.loads((PROJECT / "package.json").read_text(encoding="utf-8"))
    versions = [*package["dependencies"].values(), *package.get("devDependencies", {}).values()]
    assert [version for version in versions if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_every_dependency_says_what_it_is_for():
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    wanted = [
        *project["dependencies"],
        *(d for extra in project["optional-dependencies"].values() for d in extra),
    ]
    lines = text.splitlines()
    silent = [d for d in wanted if not any(re.search(rf'"{re.escape(d)}".*# \S', line) for line in lines)]
    assert silent == []


# --- what the documents promise -------------------------------------------------------------------


def documents() -> list[Path]:
    written = [PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
    folders = [PROJECT / "docs", PROJECT / "book", PROJECT / ".github", PROJECT / "benchmarks"]
    return [*written, *(file for folder in folders for file in sorted(folder.rglob("*.md")))]


def test_every_make_target_that_is_named_exists():
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split())
    assert phony == targets
    named = {
        (file.name, target)
        for file in documents()
        for target in re.findall(r"(?:`|^ {4})make ([a-z]+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert ("README.md", "test") in named
    assert [f"{file}: make {target}" for file, target in sorted(named) if target not in targets] == []


def test_every_command_and_option_that_is_named_exists():
    named = [
        (file.name, *match.groups())
        for file in documents()
        for match in re.finditer(
            r"(?:`|^ {4})(?:\.venv/bin/)?storykit ([a-z]+)([^`\n]*)",
            file.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    ]
    known = {
        name: {o for p in command.params for o in p.opts} for name, command in cli.storykit.commands.items()
    }
    assert {name for _, name, _ in named} == known.keys(), "each command is told somewhere"
    strange = [
        f"{file}: storykit {name} {option}"
        for file, name, words in named
        for option in re.findall(r"(?<!\S)--[a-z-]+", words)
        if option not in known[name]
    ]
    assert strange == []


def test_the_map_of_the_house_names_every_room():
    text = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    site = [file.stem for file in (PACKAGE / "site").glob("*.py") if file.stem != "__init__"]
    assert [
        name for name in [*STREAM, *COMMANDS, *site] if not re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`", text)
    ] == []


def test_the_guide_for_chapters_names_every_form_text_and_limit():
    text = (PROJECT / "docs" / "contributing" / "chapters.md").read_text(encoding="utf-8")
    drawn = [name for name in forms.__all__ if _gives(getattr(forms, name)) == "Form"]
    assert "lines" in drawn
    assert [
        name for name in (*drawn, *words.FIELDS, *lint.OWN_ROLES) if not re.search(rf"[`{{]{name}[`}}]", text)
    ] == []
    limits = {
        "that no reader sees": f"{lint.READABLE['markup']:.0%}".replace("%", " %"),
        "a condition inside a text": f"{lint.READABLE['condition']} characters",
        "a code cell": f"{lint.READABLE['cell']} lines",
        "an expression with a name": f"{names.MOST_CHARACTERS} characters",
    }
    for what, most in limits.items():
        assert re.search(rf"^\| [^|]*{what}[^|]*\| {most} \|$", text, re.MULTILINE), f"{what}: {most}"
    assert [sign for sign in lint.IN_CODE if f"`{sign}`" not in text] == []


def _gives(thing) -> str:
    """The type a function says it returns."""
    return getattr(thing, "__annotations__", {}).get("return", "")


def test_every_decision_is_listed_and_dated():
    folder = PROJECT / "docs" / "decisions"
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(file.name for file in folder.glob("[0-9]*.md"))
    undated = [
        name for name in listed if not re.search(r"^20\d\d-\d\d$", (folder / name).read_text("utf-8"), re.M)
    ]
    assert undated == []


def test_every_linked_file_is_there():
    lost = []
    for file in documents():
        if file.parent.name == "book":
            continue  # the build itself refuses those
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", file.read_text(encoding="utf-8")):
            if "://" not in link and not (file.parent / link).exists():
                lost.append(f"{file.name}: {link}")
    assert lost == []


def test_the_error_form_takes_what_the_links_to_it_give(small):
    form = PROJECT / ".github" / "ISSUE_TEMPLATE" / "wrong-number.yml"
    fields = {part["id"] for part in yaml.safe_load(form.read_text(encoding="utf-8"))["body"] if "id" in part}
    addresses = links.Addresses("claims/goods", lambda here, there: there)
    link = reports.href(
        "https://forge.example/new", addresses, "Count seen", figure="goods", says="Goods & more"
    )
    filled = dict(parse_qsl(urlsplit(link).query))
    assert (filled.pop("template"), filled.pop("title")) == (form.name, "Count seen: goods")
    assert (
        filled == {"figure": "goods", "says": "Goods & more", "data-version": "1.0.0"}
        and set(filled) <= fields
    )


def test_hooks_run_what_is_installed_and_fetch_nothing():
    config = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [entry["repo"] for entry in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert {"ruff", "format", "types", "codespell", "outputs", "data"} <= {hook["id"] for hook in hooks}
    for hook in hooks:
        assert hook["language"] == "system"
        assert hook["entry"].startswith((".venv/bin/python -m ", ".venv/bin/storykit "))
