"""Builds the site aside, inspects it, and publishes it in one step.

    storykit site     build and publish to _build/html
    storykit serve    the same, then serve it and rebuild on every change

The book is built in `_build/next`. Only when everything holds is it copied to
`_build/releases/<n>` and the link `_build/html` turned to it, which the file system does in one
step. A build that fails or is killed at any moment leaves the last published site as it was.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import http.server
import os
import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from storykit import checks, disk, errors, progress, project
from storykit.site import (
    checksums,
    command,
    execution,
    family,
    inspection,
    npm,
    pictures,
    proof,
    stamps,
    warm,
)
from storykit.site.kept import COLLECTED

KEPT_RELEASES = 2


class BuildFailed(errors.UserError):
    """The site was not published; the message says why."""


class StoryRefused(BuildFailed):
    """Something of the story does not hold. Nothing half written is left, so the next build goes on from here."""


def build() -> Path:
    """Build, inspect and publish; wait first if another build is at work.

    Returns
    -------
    The published folder, `_build/html`.

    Raises
    ------
    BuildFailed
        If data, build or inspection fail, or files kept changing. The published site is untouched.
    """
    root = project.root()
    with _alone(root) as lock:
        for _ in range(ATTEMPTS):
            if _build_once(root, lock):
                return root / "_build" / "html"
            progress.say("files changed while the site was built; building again")
    raise BuildFailed("Files kept changing while the site was built. Run the command again when they rest.")


ATTEMPTS = 3
"""How often a build is tried if files keep changing under it."""


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[IO[str]]:
    """Hold the lock of the project's builds. It ends with the last process that has the file open."""
    import fcntl  # Windows has none, and is told so in words

    (root / "_build").mkdir(exist_ok=True)
    with open(root / "_build" / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            progress.say("another build is at work here; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def _build_once(root: Path, lock: IO[str]) -> bool:
    """Build, inspect and publish; False if files changed meanwhile, so that nothing was published."""
    progress.begin("check")
    problems = execution.problems_of_data()
    if problems:
        raise BuildFailed(checks.summary(problems))
    work, place = root / command.WORK, root / "_build" / "html"
    inputs, record, rendered = _inputs(root), work / "inputs", work / "rendered"
    warm.refuse_if_outdated()
    if place.is_symlink() and place.exists() and _holds(record, inputs.all):
        progress.say("nothing has changed since the site was published")
        return True
    progress.begin("set-up")
    _enough_space(root)
    npm.ensure_libraries()  # before chapters run: npm may be missing, and that is soon said
    mark = work / "unfinished"
    if mark.exists() or _has_forgotten(work):
        # The last build was cut off, so what it left may be half written. Runs of chapters are kept.
        shutil.rmtree(work)
    work.mkdir(parents=True, exist_ok=True)
    mark.touch()
    html = work / "_build" / "html"
    dressed = _holds(rendered, inputs.undressed) and stamps.are_known(_doctrees(work) / stamps.NAME)
    if dressed:
        progress.begin("dressing")
        stamps.dress(html, _doctrees(work) / stamps.NAME)
        checksums.write(html)
    if not dressed or _faults(html):  # not all may be there any more that was rendered
        rendered.unlink(missing_ok=True)
        _render(root, work, lock)
    mark.unlink()
    found = _faults(html)
    if found:
        raise BuildFailed("\n".join(["The built site does not hold:", *found]))
    if _inputs(root) != inputs:
        return False
    progress.begin("publishing")
    publish(html, place)
    if pictures.undrawn().exists():
        record.unlink(missing_ok=True)  # a Chromium that did not start may start next time
    else:
        record.write_text(inputs.all)
        rendered.write_text(inputs.undressed)
    return True


def _holds(file: Path, text: str) -> bool:
    return file.is_file() and file.read_bytes() == text.encode()


def _faults(html: Path) -> list[str]:
    progress.begin("inspection")
    return inspection.inspect(html, execution.state_folder() / "inspected")


def _render(root: Path, work: Path, lock: IO[str]) -> None:
    """Read and write the pages. What the story itself forbids is seen before anything of `work` is half written."""
    try:
        _run_jupyter_book(root, lock)
    except StoryRefused:
        (work / "unfinished").unlink()
        raise


def _doctrees(work: Path) -> Path:
    """Where Sphinx and our pages keep what they have read."""
    return work / "_build" / ".doctrees"


def _has_forgotten(work: Path) -> bool:
    """Whether it is gone or damaged what pages stand in `work`: nobody knows what they hold, then."""
    noted = [_doctrees(work) / name for name in (COLLECTED, stamps.NAME)]
    written = (work / "_build" / "html" / checksums.NAME).is_file()
    return any(not disk.read_note(file) for file in noted if written or file.is_file())


NEEDED = 200 * 1024 * 1024
"""Bytes that must be free to begin: a build with its caches, and two releases of some 30 MiB."""


def _enough_space(root: Path) -> None:
    free = shutil.disk_usage(root / "_build").free
    if free < NEEDED:
        raise BuildFailed(
            f"The disk of {root / '_build'} is full: {free >> 20} MiB are free, a build needs {NEEDED >> 20}. "
            "Free some space, then run the command again."
        )


class Inputs(NamedTuple):
    """Digests of everything a site shows: `all` of it, and all but its style and scripts, `undressed`."""

    all: str
    undressed: str


def _inputs(root: Path) -> Inputs:
    """Of files, what was found out about them, versions, and whether pictures can be drawn."""
    files, found = proof.files(root), root / proof.RESULT
    pages = {name: content for name, content in files.items() if not name.startswith(command.DRESSING)}
    told = disk.digest(found) if found.is_file() else ""
    now = proof.digest(files)
    told += " ".join(name for name, one in proof.results(root).items() if one["state"] == now)
    seen = f"{execution.environment()} {pictures.works()} {told}"
    every, bare = (
        hashlib.sha256(f"{seen} {proof.digest(held)}".encode()).hexdigest() for held in (files, pages)
    )
    return Inputs(every, bare)


def _run_jupyter_book(root: Path, lock: IO[str]) -> None:
    how = command.as_fork if warm.has_imported_all() else command.as_new
    process = command.asked(
        root, lock, how
    )  # it holds the lock, too: if only this process is killed, the next build waits
    kept = []
    try:
        for line in process.stdout:
            if not (progress.relayed(line) or _told_by_sphinx(line)):
                kept.append(line)
        failed = process.wait()
    except KeyboardInterrupt:
        family.end(process.pid)
        raise
    if failed:
        raise _what_went_wrong("".join(kept))


_OF_SPHINX = re.compile(r"(reading sources|writing output)\.\.\. .*?\[ *(\d+)%\]")
_STAGES = {"reading sources": "pages read", "writing output": "pages written"}


def _told_by_sphinx(line: str) -> bool:
    """Show how far Sphinx has come with its pages; whether the line said that."""
    match = _OF_SPHINX.search(line)
    if match is None:
        return False
    progress.begin(_STAGES[match[1]], total=100, percent=True)
    progress.done(int(match[2]))
    return True


def _what_went_wrong(log: str) -> BuildFailed:
    """The part of Jupyter Book's log that a person needs: the story's own errors, or else warnings."""
    if os.strerror(errno.ENOSPC) in log:
        return BuildFailed(errors.of_system(OSError(errno.ENOSPC, "")))
    mark = "storykit.site.extension.StoryError:"
    start = log.rfind(mark)
    if start >= 0:
        end = log.find("\n\nThe above exception", start)
        return StoryRefused(log[start + len(mark) : end if end > 0 else None].strip())
    lines = [
        line
        for line in log.splitlines()
        if ("WARNING" in line or "ERROR" in line or "Error:" in line) and "IPKernelApp" not in line
    ]
    return BuildFailed("\n".join(lines or log.splitlines()[-30:]))


def publish(html: Path, place: Path) -> Path:
    """Copy a finished site to a release of its own and turn the link `place` to it."""
    releases = place.parent / "releases"
    releases.mkdir(exist_ok=True)
    numbers = [int(p.name) for p in releases.iterdir() if p.name.isdigit()]
    release = releases / str(max(numbers, default=0) + 1)
    part, forgotten = releases / f".{release.name}", sorted(numbers)[: -KEPT_RELEASES + 1 or None]
    shutil.rmtree(part, ignore_errors=True)
    if forgotten:  # most files of a release are those of the one before
        (releases / str(forgotten.pop())).rename(part)
    disk.mirror(html, part)
    disk.make_readable(part)
    for folder in (releases, place.parent):
        folder.chmod(folder.stat().st_mode | 0o555)
    part.rename(release)
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)  # left by a plain `jupyter-book build .`, which builds in place
    link = place.with_name(".html")
    link.unlink(missing_ok=True)
    link.symlink_to(release.relative_to(place.parent), target_is_directory=True)
    link.replace(place)
    for number in forgotten:
        shutil.rmtree(releases / str(number), ignore_errors=True)
    return place


# --- serving ----------------------------------------------------------------------------------------


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *words: Any) -> None:
        pass

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


def listen(folder: Path, port: int) -> http.server.ThreadingHTTPServer:
    """A server of a folder on 127.0.0.1, on `port` or one of the next fifty. It answers once it is started.

    Raises
    ------
    BuildFailed
        If all of them are taken.
    """
    handler = functools.partial(_Quiet, directory=str(folder))
    last = min(port + 49, 65535)
    for candidate in range(port, last + 1):
        with contextlib.suppress(OSError):
            return http.server.ThreadingHTTPServer(("127.0.0.1", candidate), handler)
    raise BuildFailed(f"The ports {port} to {last} are taken or not for you; give another one with --port.")


_WATCHED = ("book", "data", "storykit")
_ALSO = ("_config.yml", "_toc.yml")


def _moments(root: Path) -> dict[str, int]:
    """When each file was written that a change of leads to a new build."""
    found = {}
    files = [root / name for name in _ALSO]
    files += [file for folder in _WATCHED for file in (root / folder).rglob("*")]
    for file in files:
        name = file.relative_to(root)
        if not any(part == "__pycache__" or part.startswith(".") for part in name.parts):
            with contextlib.suppress(OSError):  # gone meanwhile
                if file.is_file():
                    found[name.as_posix()] = file.stat().st_mtime_ns
    return found


def _watch(root: Path, builder: warm.Builder, before: dict[str, int]) -> None:
    """Rebuild whenever files are others than `before`; errors are shown, not fatal.

    The library says soon that something may have changed; what has is seen in the files, so that nothing is missed that
    was saved while a build was at work, or by putting a new file in the place of an old one.
    """
    from watchfiles import watch

    watched = [root / name for name in (*_WATCHED, *_ALSO) if (root / name).exists()]
    for _ in watch(*watched, raise_interrupt=False, yield_on_timeout=True, rust_timeout=1000):
        now = _moments(root)
        files = sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))
        if not files:
            continue
        before = now
        progress.say(f"changed: {', '.join(files[:5])}{' …' if len(files) > 5 else ''}")
        builder.build()
        builder.get_ready()


# --- the commands -----------------------------------------------------------------------------------

_AS_IT_WAS = "Nothing was published; the last built site is as it was."


def site() -> None:
    """Build the site, with what took how long.

    Raises
    ------
    errors.UserError
        If nothing could be published; the message says why. Stopped by a person or a service: `errors.Stopped`.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended by a service, it stops as by Ctrl-C
    began, built = time.monotonic(), False
    try:
        place = build()
        built = True
    except KeyboardInterrupt:
        raise errors.Stopped(f"Stopped. {_AS_IT_WAS}") from None
    except warm.Outdated:
        raise
    except errors.UserError as error:
        raise BuildFailed(f"{error}\n{_AS_IT_WAS}") from error
    except OSError as error:
        raise BuildFailed(f"{errors.of_system(error)}\n{_AS_IT_WAS}") from error
    finally:
        command.end()
        progress.close(table=built)
    shown = place.relative_to(project.root())
    progress.say(f"The site is in {shown} ({time.monotonic() - began:.0f} s).")


def serve(port: int) -> None:
    """Build the site, serve it, and build it again on every change until stopped.

    Raises
    ------
    errors.UserError
        If there is no port to be had, or neither a new site nor an older one to serve.
    """
    place = project.root() / "_build" / "html"
    server = listen(place, port)  # before the build: that no port can be had is said at once
    first, before = not place.exists() and pictures.works(), _moments(project.root())
    try:
        with pictures.later() if first else contextlib.nullcontext():
            site()
    except BuildFailed as error:
        if not place.exists():
            raise
        print(error, file=sys.stderr)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    progress.say(
        f"Serving http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it). Changes are built as you save."
    )
    builder = warm.Builder(project.root())
    with contextlib.suppress(KeyboardInterrupt):
        if first:
            progress.say("Now the pictures are drawn; load a page again when the site is there once more.")
            builder.build()
        builder.get_ready()
        _watch(project.root(), builder, before)
    builder.forget()
    server.shutdown()
