"""Builds the site aside, inspects it, and publishes it in one step.

    python -m storykit.site.build            build and publish to _build/html
    python -m storykit.site.build --serve    the same, then serve it and rebuild on every change

The book is built in `_build/next`. Only when everything holds is it copied to
`_build/releases/<n>` and the link `_build/html` turned to it, which the file system does in one
step. A build that fails or is killed at any moment leaves the last published site as it was.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import functools
import hashlib
import http.server
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil

from storykit import checks, project
from storykit.site import execution, inspection, pictures

KEPT_RELEASES = 2


class BuildFailed(RuntimeError):
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
            print("files changed while the site was built; building again", flush=True)
    raise BuildFailed("Files kept changing while the site was built. Run the command again when they rest.")


ATTEMPTS = 3
"""How often a build is tried if files keep changing under it."""


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[IO]:
    """Hold the lock of the project's builds. It ends with the last process that has the file open."""
    (root / "_build").mkdir(exist_ok=True)
    with open(root / "_build" / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("another build is at work here; waiting for it", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def _build_once(root: Path, lock: IO) -> bool:
    """Build, inspect and publish; False if files changed meanwhile, so that nothing was published."""
    problems = execution.problems_of_data()
    if problems:
        raise BuildFailed(checks.summary(problems))
    work, place = root / "_build" / "next", root / "_build" / "html"
    inputs, record = _inputs(root), work / "inputs"
    if place.is_symlink() and place.exists() and record.is_file() and record.read_text() == inputs:
        print("nothing has changed since the site was published", flush=True)
        return True
    mark = work / "unfinished"
    if mark.exists():
        # The last build was cut off, so what it left may be half written. Runs of chapters are kept.
        shutil.rmtree(work)
    work.mkdir(parents=True, exist_ok=True)
    mark.touch()
    try:
        _run_jupyter_book(root, work, lock)
    except StoryRefused:
        mark.unlink()
        raise
    mark.unlink()
    html = work / "_build" / "html"
    found = inspection.inspect(html)
    if found:
        raise BuildFailed("\n".join(["The built site does not hold:", *found]))
    if _inputs(root) != inputs:
        return False
    publish(html, place)
    record.write_text(inputs)
    return True


def _inputs(root: Path) -> str:
    """Digest of everything a site is made from: files, package versions, and whether pictures can be drawn."""
    files = [root / name for name in ("_config.yml", "_toc.yml", "requirements.txt", "package-lock.json")]
    for folder in ("data", "book", "storykit"):
        files += [
            f for f in sorted((root / folder).rglob("*")) if f.is_file() and not _IGNORED & set(f.parts)
        ]
    joined = hashlib.sha256(f"{execution.environment()} {pictures.browser() is not None}\n".encode())
    for file in files:
        joined.update(f"{file.relative_to(root)}={execution.file_digest(file)}\n".encode())
    return joined.hexdigest()


_IGNORED = {"__pycache__", ".ipynb_checkpoints"}


def _run_jupyter_book(root: Path, work: Path, lock: IO) -> None:
    call = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"  # it has no -m of its own
    command = [
        sys.executable,
        "-c",
        call,
        "build",
        str(root),
        "--path-output",
        str(work),
        "-W",
        "--keep-going",
    ]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    process = subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=[lock.fileno()],  # if only this process is killed, the next build waits for that one
    )
    kept = []
    try:
        for line in process.stdout:
            kept.append(line)
            if _is_progress(line):
                print(line.rstrip(), flush=True)
        failed = process.wait()
    except KeyboardInterrupt:
        _end(process)
        raise
    if failed:
        raise _what_went_wrong("".join(kept))


def _end(process: subprocess.Popen) -> None:
    """End a process and all it has started: runners and kernels do not end with it."""
    parent = psutil.Process(process.pid)
    family = [parent, *parent.children(recursive=True)]
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(family, timeout=10)


_PROGRESS = (
    "running ",
    "the runner lost",
    "drawing ",
    "no Chromium",
    "reading sources",
    "writing output",
    "writing additional",
)


def _is_progress(line: str) -> bool:
    plain = line.replace("\x1b[01m", "")
    return plain.startswith(_PROGRESS) and ("%" not in plain or "100%" in plain)


def _what_went_wrong(log: str) -> BuildFailed:
    """The part of Jupyter Book's log that a person needs: the story's own errors, or else warnings."""
    mark = "storykit.site.StoryError:"
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
    part = releases / f".{release.name}"
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(html, part)
    part.rename(release)
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)  # left by a plain `jupyter-book build .`, which builds in place
    link = place.with_name(".html")
    link.unlink(missing_ok=True)
    link.symlink_to(release.relative_to(place.parent), target_is_directory=True)
    link.replace(place)
    for number in sorted(numbers)[: -KEPT_RELEASES + 1 or None]:
        shutil.rmtree(releases / str(number), ignore_errors=True)
    return place


# --- serving ----------------------------------------------------------------------------------------


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


def serve(folder: Path, port: int) -> http.server.ThreadingHTTPServer:
    """Serve a folder on 127.0.0.1, on `port` or one of the next fifty, in a thread of its own.

    Raises
    ------
    OSError
        If all of them are taken.
    """
    handler = functools.partial(_Quiet, directory=str(folder))
    for candidate in range(port, port + 50):
        try:
            server = http.server.ThreadingHTTPServer(("127.0.0.1", candidate), handler)
            break
        except OSError as error:
            taken = error
    else:
        raise taken
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _watch(root: Path) -> None:
    """Rebuild whenever a page, a table or the package changes; errors are shown, not fatal."""
    from watchfiles import watch

    watched = [root / name for name in ("book", "data", "storykit", "_config.yml", "_toc.yml")]
    for changes in watch(*watched, raise_interrupt=False):
        files = sorted(
            {Path(name).relative_to(root).as_posix() for _, name in changes if "checkpoint" not in name}
        )
        if not files:
            continue
        print(f"changed: {', '.join(files[:5])}{' …' if len(files) > 5 else ''}", flush=True)
        # A new process, so that changed code is the code that builds.
        subprocess.run([sys.executable, "-m", "storykit.site.build"], cwd=root, check=False)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m storykit.site.build", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--serve", action="store_true", help="serve the site and rebuild on every change")
    parser.add_argument(
        "--port", type=int, default=8000, help="port to serve on (the next free one is taken)"
    )
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended by a service, it stops as by Ctrl-C
    try:
        return _build_and_serve(options)
    except KeyboardInterrupt:
        print("\nStopped. Nothing was published; the last built site is as it was.", file=sys.stderr)
        return 130


def _build_and_serve(options: argparse.Namespace) -> int:
    started = time.monotonic()
    try:
        place = build()
    except (BuildFailed, project.DataError) as error:
        print(error, file=sys.stderr)
        print("Nothing was published; the last built site is as it was.", file=sys.stderr)
        if not options.serve or not (project.root() / "_build" / "html").exists():
            return 1
        place = project.root() / "_build" / "html"
    else:
        shown = place.relative_to(project.root())
        print(f"The site is in {shown} ({time.monotonic() - started:.0f} s).", flush=True)
    if options.serve:
        server = serve(place, options.port)
        print(
            f"Serving http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it). Changes are built as you save.",
            flush=True,
        )
        with contextlib.suppress(KeyboardInterrupt):
            _watch(project.root())
        server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
