"""Runs a chapter again exactly when something it rests on has changed.

jupyter-cache keys a run on a notebook's code only (MyST-NB #299), so an edited table would keep
its old numbers. Our reader therefore puts a digest of what the chapter reads into the kernel
metadata, which is part of the key. What a chapter reads is found out while it runs
(`storykit.reads`) and kept beside the cache.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import logging
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors import load_executor
from jupyter_cache.executors.base import ExecutorRunResult
from jupyter_cache.executors.basic import ExecutionWorkerLocalMProc, JupyterExecutorLocalMproc, ProcessData

from storykit import (
    checks,
    contents,
    descriptor,
    disk,
    errors,
    lint,
    pages,
    progress,
    project,
    reads,
    receipts,
    words,
)
from storykit.site import kernels, notebooks
from storykit.site.kept import Kept

if TYPE_CHECKING:
    from jupyter_cache.cache.main import JupyterCacheBase

DIGEST_KEY = "storykit_inputs"
TIMEOUT = 300
"""Seconds a chapter's cell may take."""


class ExecutionFailed(errors.UserError):
    """Chapters that stopped, or whose outputs no page may show; the message says which, where and why."""


def read(text: str) -> nbformat.NotebookNode:
    """A notebook from its JSON text, with the digest of its inputs in the kernel metadata.

    This is the reader that `_config.yml` names in `nb_custom_formats`.
    """
    notebook: nbformat.NotebookNode = nbformat.reads(text, as_version=4)
    name = notebooks.opened_by(notebook)
    if name is not None:
        kernel = notebook.metadata.setdefault(
            "kernelspec", {"name": "python3", "display_name": "Python 3", "language": "python"}
        )
        kernel[DIGEST_KEY] = digest(name)
    return notebook


def read_file(uri: str) -> nbformat.NotebookNode:
    """The same from a file: the reader for jupyter-cache."""
    return read(Path(uri).read_text(encoding="utf-8"))


# --- digests --------------------------------------------------------------------------------------


def state_folder() -> Path:
    """Where the build keeps what it learned: `_build/.storykit/`."""
    folder = project.root() / "_build" / ".storykit"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def known_reads(name: str) -> list[str] | None:
    """What the chapter's last run read; None before its first.

    Tables and parts of them, geometries and statements about the whole data as `reads` names them, `fact:…` and
    `labels:…` of the chapter's own text, `module:…` code.
    """
    return reads.known(name)


def digest(name: str) -> str:
    """Digest of all that a chapter rests on besides its own code; before its first run everything counts."""
    parts = known_reads(name)
    files = [content(part) for part in parts or () if part.startswith("file:")]
    return _digest_of(
        tuple(sorted(_everything() if parts is None else parts)), f"{_files_of_chapters()} {files}"
    )


def _files_of_chapters() -> str:
    """What all files hold that chapters read, but for those that one names itself."""
    texts = (f"{file}={disk.digest(file)}" for file in sorted(pages.folder().glob("*.*")))
    return "\n".join([data(), *texts, rules()])


@functools.lru_cache(maxsize=256)
def _digest_of(parts: tuple[str, ...], files: str) -> str:
    """Worked out once for a state of all files; a build asks several times."""
    joined = hashlib.sha256(environment().encode())
    for part, held in contents_of(parts).items():
        joined.update(f"{part}={held}\n".encode())
    return joined.hexdigest()[:16]


def _everything() -> list[str]:
    """All that a chapter could read."""
    return [
        *descriptor.names(),
        *(f"geo:{f.stem}" for f in sorted((project.root() / "data/geo").glob("*.geojson"))),
        *(f"about:{name}" for name in descriptor.package() if name != "resources"),
        *(f"fact:{page}:{name}" for page in pages.names() for name in receipts.of_page(page).facts),
        *(f"labels:{page}:{name}" for page in pages.names() for name in words.words_of(page)),
        *modules(),
    ]


def contents_now() -> dict[str, str]:
    """What all that a chapter could read holds at this moment; of tables, the whole of them."""
    return {part: content(part) for part in _everything()}


def changed_since(before: dict[str, str], read: Iterable[str]) -> bool:
    """Whether something of what was read, or the table that it is a part of, is not what `contents_now` gave before."""
    whole = {part for name in read for part in reads.tables(name) or [name]}
    return any(before.get(part, "gone") != content(part) for part in whole)


def problems_of_data() -> list[checks.Problem]:
    """What `checks.check` finds; what passed once, and has not changed since, is not checked again."""
    folder = project.root() / "data"
    rules = ["module:checks", "module:tables"]
    data = sorted(file for file in folder.rglob("*") if file.is_file())
    files = {file.relative_to(folder).as_posix(): disk.digest(file) for file in data}
    now = {
        "rules": [environment(), *map(content, rules), disk.digest(folder / "datapackage.json")],
        "files": files,
    }
    passed = project.root() / "_build" / ".storykit" / "checked.json"
    before = disk.read_note(passed)
    if before == now:
        return []
    held = []
    if before.get("rules") == now["rules"]:  # then the descriptor, too, is one that can be read
        same = {file for file, content in files.items() if before["files"].get(file) == content}
        held = [each["name"] for each in descriptor.package()["resources"] if each["path"] in same]
    problems = checks.check(held)
    if not problems:
        disk.write_note(state_folder() / passed.name, now)
    return problems


def problems_of_texts() -> list[lint.Problem]:
    """What `lint.problems` finds; a page that passed once is not looked at again while all that its faults come of is the same."""
    files, now = {name: disk.digest(pages.file(name)) for name in pages.names()}, data()
    asked = [rules(), disk.digest(pages.file(pages.COMMON))]
    before = disk.read_note(_linted())
    known = before["pages"] if before.get("rules") == asked else {}
    held = {}
    for name, content in files.items():
        text, *rest = known.get(name, [""])
        if text == content and (same := contents.Rest(*rest).now()):
            held[name] = same
    heard: dict[str, set[str]] = {}
    problems = lint.problems(held=held, heard=heard)
    if not problems:
        held |= {name: contents.Rest.on(names, lambda: data() == now) for name, names in heard.items()}
        noted = {name: [files[name], rest.files, rest.parts] for name, rest in held.items()}
        disk.write_note(_linted(), {"rules": asked, "pages": noted})
    return problems


def _linted() -> Path:
    return state_folder() / "linted.json"


def tables_of_text(page: str) -> list[str]:
    """Tables that a page's own text rests on, as `problems_of_texts` of this build has found out."""
    _, *rest = disk.read_note(_linted())["pages"][page]
    return contents.Rest(*rest).of_tables


def modules() -> list[str]:
    """Every module of the package that can shape a chapter's outputs."""
    return [f"module:{entry.stem}" for entry in sorted(_PACKAGE.iterdir()) if _module_files(entry.stem)]


_PACKAGE = Path(__file__).parent.parent
_NOT_OF_CHAPTERS = {"site", "upstream", "__pycache__"}


def _module_files(name: str) -> list[Path]:
    """Files of a module of the package: one, or all of a folder; none of the rooms that no chapter enters."""
    if name in _NOT_OF_CHAPTERS:
        return []
    inside = [file for file in _PACKAGE.glob(f"{name}/*") if file.suffix in (".py", ".json")]
    return sorted([*_PACKAGE.glob(f"{name}.py"), *inside])


def contents_of(parts: Collection[str]) -> dict[str, str]:
    """`content` of each. What rests on tables is looked at again only where these are others, in a later build, too."""
    of_data = tuple(sorted(filter(_IN_DATA.match, parts)))
    with reads.aside():
        held = _known(state_folder(), rules(), data()).of_data(of_data, functools.partial(_read_all, of_data))
        return {part: held[part] if part in held else content(part) for part in parts}


_IN_DATA = re.compile(r"(row|rows|column|decided|answer|geo):|[^:]*$")


@functools.lru_cache(maxsize=1)
def _known(folder: Path, rules: str, data: str) -> Kept:
    return Kept(folder / "contents", rules)


def _read_all(parts: Iterable[str]) -> dict[str, str]:
    for part in parts:
        reads.remember(part)
    return {part: content(part) for part in parts}


def keep_contents() -> None:
    """For the next build: what was looked at in this one."""
    _known(state_folder(), rules(), data()).save()


def content(part: str) -> str:
    """Digest (or text) of something a chapter could read, as it is now; "gone" if it is not there."""
    kind, _, name = part.partition(":")
    if kind == "module":
        return " ".join(f"{file.name}={disk.digest(file)}" for file in _module_files(name)) or "gone"
    if kind == "about":
        return json.dumps(descriptor.package()[name]) if name in descriptor.package() else "gone"
    if kind in ("fact", "labels"):
        return _said(kind, *name.split(":"))
    return contents.of(part)


def _said(kind: str, page: str, name: str) -> str:
    """What a page's text gives its code: the expression of a fact, or the labels and key of a figure; "gone" if nothing."""
    try:
        if kind == "fact":
            return receipts.of_page(page).expanded(f"@{name}")
        own = words.words_of(page)[name]
        return f"{own.expanded('labels')}\n{own.expanded('key')}"
    except (receipts.ReceiptError, KeyError):
        return "gone"


def rules() -> str:
    """What an answer to an expression depends on beside the data: the engine's modules, and what they run on."""
    files = (
        (stem, file)
        for entry in os.scandir(_PACKAGE)
        if (stem := entry.name.partition(".")[0]) not in _NOT_OF_CHAPTERS
        for file in (os.scandir(entry.path) if entry.is_dir() else [entry])
        if file.name.endswith((".py", ".json"))
    )
    held = sorted(f"{stem} {file.name}={disk.digest(Path(file.path))}" for stem, file in files)
    return "\n".join([environment(), *held])


def data() -> str:
    """Digest of all files of `data/`."""
    folder = project.root() / "data"
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    held = (f"{file.relative_to(folder).as_posix()}={disk.digest(file)}\n" for file in files)
    return hashlib.sha256("".join(held).encode()).hexdigest()


@functools.lru_cache(maxsize=1)
def environment() -> str:
    """Versions of Python and of the packages that shape a chapter's outputs."""
    packages = (
        "pandas",
        "plotly",
        "geopandas",
        "shapely",
        "pyproj",
        "numpy",
        "ipykernel",
    )
    return f"{sys.version_info[:2]} " + " ".join(f"{p}={importlib.metadata.version(p)}" for p in packages)


# --- running --------------------------------------------------------------------------------------


def run_stale(notebooks: list[Path], cache_path: Path, executor: str) -> list[str]:
    """Run the chapters whose outputs are not in the cache, and put them there.

    Parameters
    ----------
    notebooks
        Files of all chapters.
    cache_path
        jupyter-cache's folder (the same that MyST-NB is told).
    executor
        Name of a jupyter-cache executor: `local-serial`, `local-parallel`, or `storykit-dask`.

    Returns
    -------
    Names of the chapters that ran.

    Raises
    ------
    ExecutionFailed
        If a chapter stops or shows what no page may show; every other chapter has still been run and kept.
    """
    cache, ran = _opened(cache_path), []
    # For the whole build: a chapter saved meanwhile is run by MyST-NB itself, in the same manner.
    project.export(project.root(), reads.folder())
    for _ in range(ATTEMPTS):
        stale = [file for file in notebooks if not _is_cached(cache, file)]
        if not stale:
            break
        progress.say(f"running {len(stale)} of {len(notebooks)} chapters: {', '.join(f.stem for f in stale)}")
        progress.begin("chapters run", total=len(stale))
        with kernels.forked(len(stale)):
            _run_and_keep(cache, executor, stale)
        ran += [file.stem for file in stale if file.stem not in ran]
    return ran


def _opened(cache_path: Path) -> JupyterCacheBase:
    """The cache of runs; one whose database is damaged is as good as none."""
    cache = get_cache(str(cache_path))
    try:
        cache.list_cache_records()
    except Exception:  # whatever the library makes of what its database says
        shutil.rmtree(cache_path)
        cache = get_cache(str(cache_path))
        cache.list_cache_records()
    return cache


def _finished_since(cache_path: Path, moment: float) -> Callable[[], int]:
    """Counts the runs that the cache has got since a moment: the runners tell nothing before all are done."""
    return lambda: sum(
        file.stat().st_mtime >= moment for file in cache_path.glob("executed/*/base.ipynb") if file.is_file()
    )


ATTEMPTS = 3
"""How often chapters are run in one build if what they read keeps changing meanwhile."""


def _run_and_keep(cache: JupyterCacheBase, executor: str, stale: list[Path]) -> None:
    """Run chapters and keep their outputs, except of those whose tables changed while they ran."""
    for file in stale:
        cache.add_nb_to_project(str(file), read_data={"name": "storykit", "type": "plugin"})
    before = contents_now()
    with progress.counted(_finished_since(Path(cache.path), time.time())):
        result, machinery = _run(cache, executor, [str(file) for file in stale])
    excepted, errored = {*result.excepted}, [*result.errored]
    if errored:
        # Not the chapter failed but the runner: a kernel that found its port taken, a database in use.
        lost = ", ".join(Path(uri).stem for uri in errored)
        progress.say(f"the runner lost {lost}; once more, one after the other")
        result, machinery = _run(cache, "local-serial", errored)
        excepted |= {*result.excepted}
        errored = [*result.errored]
    failed = {*excepted, *errored}
    wrong = [_stopped(cache, uri) for uri in sorted(excepted)]
    wrong += [f"book/{Path(uri).name}: the runner lost it twice" for uri in sorted(errored)]
    for file in stale:
        if str(file) not in failed:
            wrong += _keep(cache, file, before)
    if wrong:
        raise ExecutionFailed("\n\n".join([*wrong, *machinery]))


class _Heard(logging.Handler):
    """Puts the errors that a logger is told into a list."""

    def __init__(self, said: list[str]):
        super().__init__(logging.ERROR)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(_in_short(self.format(record)))


def _run(cache: JupyterCacheBase, executor: str, uris: list[str]) -> tuple[ExecutorRunResult, list[str]]:
    """Run chapters with an executor; its result, and what the runner itself reported as an error."""
    said: list[str] = []
    handler = _Heard(said)
    logger = logging.getLogger("storykit.execution")
    logger.addHandler(handler)
    try:
        found = load_executor(executor, cache=cache, logger=logger)
        # With errors allowed a chapter runs to its end, so that all that is wrong in it is told at once.
        return found.run_and_cache(filter_uris=uris, timeout=TIMEOUT, allow_errors=True), said
    finally:
        logger.removeHandler(handler)


def _is_cached(cache: JupyterCacheBase, file: Path) -> bool:
    try:
        cache.match_cache_notebook(read_file(str(file)))
    except KeyError:
        return False
    return True


def _keep(cache: JupyterCacheBase, file: Path, before: dict[str, str]) -> list[str]:
    """Keep the outputs of a run under the digest of what it read, unless no page may show them.

    Only after the run is it known what it read. What that was a part of held `before` the run is known; if it
    has changed since, nobody knows which of both the outputs show, and they are dropped.

    Returns
    -------
    What is wrong with the outputs, one line each.
    """
    records = [r for r in cache.list_cache_records() if Path(r.uri) == file]
    if not records:
        # jupyter-cache trims its cache by two queries: what another worker adds between them is deleted.
        return []  # So the chapter is still stale, and is run again.
    newest = max(records, key=lambda r: r.pk)
    ran, read = cache.get_cache_bundle(newest.pk).nb, digest(file.stem)
    written = read_file(str(file))
    code = [cell for cell in written.cells if cell.cell_type == "code"]  # the cache keeps nothing else
    changed = changed_since(before, known_reads(file.stem) or before)
    changed |= [c.source for c in code] != [c.source for c in ran.cells]
    for cell, done in zip(code, ran.cells):
        cell.outputs = done.outputs
    wrong = [] if changed else notebooks.breaches(file, written)
    if changed or wrong:
        cache.remove_cache(newest.pk)
    elif not _is_cached(cache, file):
        ran.metadata["kernelspec"][DIGEST_KEY] = read
        bundle = CacheBundleIn(ran, str(file), data=dict(newest.data))
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    return wrong


_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def _stopped(cache: JupyterCacheBase, uri: str) -> str:
    """Why a chapter did not run to its end: a cell took too long."""
    trace = _ANSI.sub("", cache.get_project_record(uri).traceback or "no reason was kept")
    return f"book/{Path(uri).name} stopped: " + trace.split("Error: ")[-1].strip()


def _in_short(report: str) -> str:
    """A report of the runner's with the last line of its traceback, which holds the error."""
    first, *trace = report.strip().splitlines()
    return f"{first} ({trace[-1]})" if trace else first


class DaskExecutor(JupyterExecutorLocalMproc):
    """jupyter-cache's executor on Dask's distributed scheduler, for a book that outgrows one machine.

    The scheduler's address is read from DASK_SCHEDULER_ADDRESS; without one a local cluster with a
    worker per core is started. Workers must see the same project folder and cache folder.
    """

    def run_and_cache(
        self,
        *,
        filter_uris: list[str] | None = None,
        filter_pks: list[int] | None = None,
        timeout: int | None = 30,
        allow_errors: bool = False,
        force: bool = False,
    ) -> ExecutorRunResult:
        from distributed import Client, LocalCluster

        records = self.get_records(filter_uris, filter_pks, clear_tracebacks=True, force=force)
        jobs = [ProcessData(r.pk, r.uri, self.cache, timeout, allow_errors) for r in records]
        address = os.environ.get("DASK_SCHEDULER_ADDRESS")
        workers = int(os.environ.get("STORYKIT_WORKERS", os.cpu_count() or 1))
        cluster = (
            None if address else LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
        )
        try:
            with Client(address or cluster) as client:
                environment = {k: v for k, v in os.environ.items() if k.startswith("STORYKIT_")}
                futures = client.map(_run_on_worker, jobs, environment=environment, pure=False)
                results = client.gather(futures)
        finally:
            if cluster is not None:
                cluster.close()
        return ExecutorRunResult(
            succeeded=[uri for code, uri in results if code == 0],
            excepted=[uri for code, uri in results if code == 1],
            errored=[uri for code, uri in results if code == 2],
        )


def _run_on_worker(job: ProcessData, environment: dict[str, str]) -> tuple[int, str]:
    os.environ.update(environment)
    ended: tuple[int, str] = ExecutionWorkerLocalMProc()(job)
    return ended
