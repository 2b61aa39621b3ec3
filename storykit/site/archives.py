"""Archives to run: a chapter's notebook with exactly the data that it reads, the engine, and what it rests on, pinned.

Unpacked anywhere and installed once, a chapter says what its page says, without this project and without a
network. The same commit gives the same bytes.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from storykit import descriptor, disk, pages, progress, project, reads
from storykit.site import execution, taken
from storykit.site.kept import ENGINE, of_engine, unless_written

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

_PARTS = ("pyproject.toml", "README.md", "LICENSE", "storykit")
_NOT_IN = ("storykit/site/theme/styles/", "storykit/site/theme/scripts/")
"""What pages alone are made with: a chapter runs without, and a changed style changes no archive."""
RUNNERS = ("nbconvert",)
"""What an archive's readme asks for beside the engine."""
_DAY = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive: a zip must give one."""
_EPOCH = "315532800"
"""The same day, for what builds the wheel."""


def write(app: StoryApp, out: Path) -> None:
    """`_notebooks/<chapter>.zip` for each chapter, and one for the whole book, under the name of its data."""
    folder = out / taken.FOLDER
    names = [page.rpartition("/")[2] for page in taken.chapters(app)]
    if not names:
        return  # a book without chapters has nothing to run
    if not (ENGINE / "pyproject.toml").is_file():
        progress.say("no archives to run: the engine was installed without its source")
        return
    wheel = _wheel()
    common = [wheel, ENGINE / "requirements.txt", *sorted(project.root().glob("LICENSE*"))]
    wanted = {f"{book()}.zip": _whole(names)} | {f"{name}.zip": _of_chapter(name) for name in names}
    packing = []
    for name, inside in wanted.items():
        held = [*common, *inside.files(folder).values(), descriptor.file()]
        made_of = f"{app.story.engine} {inside} {[disk.digest(file) for file in held]}"
        packing.append(partial(pack, folder / name, made_of, partial(_members, wheel, inside, folder)))
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # what packs lets others work
        for done in [pool.submit(copy_context().run, one) for one in packing]:
            done.result()
    for stray in folder.glob("*.zip"):
        if stray.name not in wanted:
            stray.unlink()


class _Inside(NamedTuple):
    """What an archive holds beside the engine: chapters, tables, names of geometries, and files of the book."""

    chapters: list[str]
    tables: list[str]
    geometries: list[str]
    texts: list[Path]

    def files(self, folder: Path) -> dict[str, Path]:
        """Place in the archive -> file; `folder` holds the chapters as they are taken away."""
        return {
            **{f"{name}.ipynb": folder / f"{name}.ipynb" for name in self.chapters},
            **{f"book/{file.name}": file for file in self.texts},
            **{f"data/{descriptor.resource(name)['path']}": descriptor.path(name) for name in self.tables},
            **{f"data/geo/{name}.geojson": _geometries()[name] for name in self.geometries},
        }


def _of_chapter(name: str) -> _Inside:
    """A chapter, with what it and its text read."""
    read = {*execution.tables_of_text(name), *(execution.known_reads(name) or ())}
    of = {table for one in read for table in reads.tables(one)}
    common = [file for file in [pages.folder() / f"{pages.COMMON}.md"] if file.is_file()]
    return _Inside(
        [name],
        [table for table in descriptor.names() if table in of],
        [geometry for geometry in _geometries() if f"geo:{geometry}" in read],
        [pages.file(name), *common],
    )


def _whole(names: list[str]) -> _Inside:
    texts = [*map(pages.file, names), *sorted(pages.folder().glob("*.md"))]
    return _Inside(names, descriptor.names(), [*_geometries()], texts)


def _members(wheel: Path, inside: _Inside, folder: Path) -> dict[str, bytes]:
    """Place in the archive -> what stands there."""
    files = {wheel.name: wheel, **{file.name: file for file in sorted(project.root().glob("LICENSE*"))}}
    return {
        "requirements.txt": requirements(wheel.name).encode(),
        "README.md": readme(inside.chapters).encode(),
        "data/datapackage.json": cut(inside.tables, inside.geometries).encode(),
        **{place: file.read_bytes() for place, file in (files | inside.files(folder)).items()},
    }


def weights(out: Path) -> dict[str, str]:
    """What each notebook and archive weighs, in words."""
    files = sorted((out / taken.FOLDER).glob("*"))
    return {file.name: f"{max(file.stat().st_size / 1e6, 0.1):.1f} MB" for file in files}


def book() -> str:
    """The name of the archive of the whole book."""
    name: str = descriptor.package()["name"]
    return name


def _geometries() -> dict[str, Path]:
    return {file.stem: file for file in sorted((project.root() / "data" / "geo").glob("*.geojson"))}


def cut(tables: list[str], geometries: list[str]) -> str:
    """The descriptor with these resources only; a key that refers to a table that is not there is no reference."""
    kept = []
    for resource in descriptor.package()["resources"]:
        if resource["name"] not in (tables if resource.get("type") == "table" else geometries):
            continue
        schema = dict(resource.get("schema", {}))
        if "foreignKeys" in schema:
            schema["foreignKeys"] = [
                key for key in schema["foreignKeys"] if key["reference"]["resource"] in {"", *tables}
            ]
        kept.append({**resource, **({"schema": schema} if schema else {})})
    return descriptor.text(resources=kept)


def readme(chapters: list[str]) -> str:
    """How an archive is run, in two commands."""
    first = chapters[0]
    return "\n".join(
        [
            f"# {descriptor.package()['title']}",
            "",
            f"Version {descriptor.about('version')} of the data. Chapters: "
            + ", ".join(f"`{name}.ipynb`" for name in chapters)
            + ".",
            "",
            "With Python 3.11, 3.12 or 3.13, in an environment of its own:",
            "",
            "    python -m pip install -r requirements.txt",
            f"    jupyter nbconvert --to notebook --execute --inplace {first}.ipynb",
            "",
            "The first needs a network, the second none. Any editor of notebooks opens the same file. "
            f"`storykit record --check {first}` runs it and compares its facts with those that were published.",
            "",
            "| here | is |",
            "|---|---|",
            "| `*.ipynb` | the chapter as its page shows it: prose with its numbers, code, outputs |",
            "| `book/` | the chapter as it is written: its numbers as the expressions that the engine resolves |",
            "| `data/` | the tables and geometries that it reads, with their description (`datapackage.json`) |",
            "| `*.whl`, `requirements.txt` | the engine, and what it rests on, pinned |",
            "",
        ]
    )  # fmt: skip


# --- what it rests on -----------------------------------------------------------------------------


def requirements(wheel: str) -> str:
    """What an archive installs: the engine's own requirements and theirs as pinned for the project, then the engine."""
    about = tomllib.loads((ENGINE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    roots = [_plain(re.split(r"[<>=!~;\[ ]", wanted)[0]) for wanted in about["dependencies"]]
    pins = _pins((ENGINE / "requirements.txt").read_text(encoding="utf-8"))
    return "\n".join([*_closure(pins, {*roots, *RUNNERS}), f"./{wheel}"]) + "\n"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(text: str) -> dict[str, tuple[str, set[str]]]:
    """Package -> its pin and who asks for it, as `uv pip compile` notes it under each."""
    found: dict[str, tuple[str, set[str]]] = {}
    name = ""
    for line in text.splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", line):
            name = _plain(match[1])
            found[name] = (line.strip(), set())
        elif name and (asks := re.match(r"\s+#(?: via)?\s+([A-Za-z0-9._-]+)", line)) and asks[1] != "via":
            found[name][1].add(_plain(asks[1]))
    return found


def _closure(pins: Mapping[str, tuple[str, set[str]]], roots: set[str]) -> list[str]:
    """The pins of these packages and of all that they ask for."""
    kept = roots & pins.keys()
    while more := {name for name, (_, askers) in pins.items() if askers & kept} - kept:
        kept |= more
    return [pins[name][0] for name in sorted(kept)]


def _wheel() -> Path:
    """The engine as a wheel, built by its own back end; built again only when the engine has changed."""
    files = [f for part in _PARTS for f in _files(ENGINE / part)]
    state = "\n".join(f"{f.relative_to(ENGINE)}={disk.digest(f)}" for f in files)
    version = tomllib.loads((ENGINE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return of_engine(f"storykit-{version}-py3-none-any.whl", state, partial(_build_wheel, files))


def _files(part: Path) -> list[Path]:
    found = sorted(part.rglob("*")) if part.is_dir() else [part]
    kept = [f for f in found if f.is_file() and "__pycache__" not in f.parts]
    return [f for f in kept if not f.relative_to(ENGINE).as_posix().startswith(_NOT_IN)]


def _build_wheel(files: list[Path]) -> bytes:
    """Build from a copy: a back end leaves its own files beside what it builds."""
    progress.say("building the engine's wheel for the archives")
    with tempfile.TemporaryDirectory(prefix="storykit-") as folder:
        source, made = Path(folder, "source"), Path(folder, "made")
        for file in files:
            target = source / file.relative_to(ENGINE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            target.chmod(0o644)
        made.mkdir()
        call = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
        done = subprocess.run(
            [sys.executable, "-c", call, str(made)],
            cwd=source,
            env={"PATH": "", "SOURCE_DATE_EPOCH": _EPOCH, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise project.DataError(
                f"The engine's wheel could not be built: {done.stderr.strip().splitlines()[-1]}"
            )
        (wheel,) = made.glob("*.whl")
        with zipfile.ZipFile(wheel) as built:
            return zipped({name: built.read(name) for name in sorted(built.namelist())})


# --- packing --------------------------------------------------------------------------------------


def pack(place: Path, made_of: str, members: Callable[[], Mapping[str, bytes]]) -> None:
    """Write an archive whose files lie in a folder of its name, unless it stands there, made of the same."""

    def write() -> list[Path]:
        place.write_bytes(zipped({f"{place.stem}/{name}": content for name, content in members().items()}))
        return [place]

    unless_written(place.name, place.parent, made_of, write)


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Files as a zip without a clock: sorted, one time, one mode."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _DAY)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, members[name])
    return held.getvalue()
