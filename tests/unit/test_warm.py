"""Builds of `storykit serve`: forks of a process that is kept, new ones where it is not there, none left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from test_whole_build import FIGURE, book, environment, notebook, page, start  # noqa: F401  a fixture of theirs

from storykit.site import family, warm


@pytest.fixture
def builder(book, monkeypatch):  # noqa: F811
    for name, value in environment(book).items():
        monkeypatch.setenv(name, value)
    one = warm.Builder(book)
    yield one
    one.forget()


def test_one_process_builds_again_and_again_and_a_new_one_where_it_is_gone(builder, book, capfd):  # noqa: F811
    builder.build()
    kept = psutil.Process(builder._kept.pid)
    notebook(book, "More words.")
    builder.build()
    said = capfd.readouterr().out
    assert said.count("The site is in _build/html") == 2 and "running 1 of 1 chapters" in said
    assert "More words." in page(book) and builder._kept.pid == kept.pid
    notebook(book, "{num}`nothing/MY/2017`")
    builder.build()
    assert "Nothing was published" in capfd.readouterr().err and builder._kept.pid == kept.pid
    kept.kill()
    notebook(book, "The last words.")
    builder.build()
    assert "The last words." in page(book) and not kept.is_running()
    builder.get_ready()
    assert builder._kept.pid != kept.pid


def test_what_waits_for_a_build_knows_what_is_there_when_it_is_asked(builder, book, capfd):  # noqa: F811
    """Jupyter Book is begun before: settings, a text, or a whole build in between must not be missed."""
    builder.build()
    changes = (
        lambda: (book / "_config.yml").write_text(
            (book / "_config.yml").read_text().replace("title: ", "title: Another ", 1)
        ),
        lambda: (book / "book" / "aside.md").write_text("# Aside\n\nIn no list.\n"),
        lambda: subprocess.run([sys.executable, *warm._SITE], cwd=book, env=environment(book), check=True),
    )
    for change, word in zip(changes, ("First", "Second", "Third"), strict=True):
        change()
        notebook(book, f"{word} words.")
        builder.build()
        said = capfd.readouterr()
        assert "The site is in _build/html" in said.out and "Nothing was published" not in said.err
        assert f"{word} words." in page(book)
    assert "Another " in page(book) and not (book / "_build/html/book/aside.html").exists()


def test_where_the_code_is_broken_the_build_says_so(builder, capfd, monkeypatch):
    monkeypatch.setattr(warm, "_KEEP", ["-c", "raise SystemExit('broken')"])
    builder.build()
    said = capfd.readouterr()
    assert "broken" in said.err and "The site is in _build/html" in said.out


WATCHED = """
import sys
from pathlib import Path
from storykit.site import family, warm
warm.Builder(Path(sys.argv[1])).build()
"""


def test_what_is_kept_by_the_descriptor_is_not_used_by_another(builder, book, capfd):  # noqa: F811
    builder.build()
    file = book / "data" / "datapackage.json"
    file.write_text(
        file.read_text().replace('"storykit:asOf": "2026-11-23"', '"storykit:asOf": "2026-11-24"')
    )
    builder.build()
    said = capfd.readouterr()
    assert "The engine has changed" in said.err and said.out.count("The site is in _build/html") == 2
    assert builder._kept is None and "nothing has changed" not in said.out


def begun(book, built=False):  # noqa: F811
    """A process that builds once, with a chapter that takes its time, and all it has started, from the eldest on.

    Of a book that was `built` before, Jupyter Book waits already when the build begins.
    """
    if built:
        subprocess.run([sys.executable, *warm._SITE], cwd=book, env=environment(book), check=True)
        (book / "_build" / "html").unlink()
    notebook(book, "Slow.", FIGURE + "\nimport time; time.sleep(600)")
    process = start(book, "-c", WATCHED, str(book))
    runs(process)
    return process, psutil.Process(process.pid).children(recursive=True)


def runs(process) -> None:
    while "running 1 of 1" not in process.stdout.readline():
        assert process.poll() is None


def test_a_build_that_was_killed_is_begun_again(book):  # noqa: F811
    process, started = begun(book)
    build = next(each for each in started[1:] if "kernels" not in " ".join(each.cmdline()))
    build.kill()
    runs(process)
    family.end(process.pid)


def end_all(process, started) -> None:
    os.killpg(process.pid, signal.SIGINT)


def kill_who_builds(process, started) -> None:
    process.kill()


def kill_both(process, started) -> None:
    started[0].kill()
    process.kill()


@pytest.mark.parametrize("built", [False, True], ids=["new", "built before"])
@pytest.mark.parametrize(
    "end", [end_all, kill_who_builds, kill_both], ids=["Ctrl-C", "killed", "with the kept one"]
)
def test_nothing_is_left_running_when_who_builds_has_ended(book, end, built):  # noqa: F811
    process, started = begun(book, built)
    assert len(started) >= 3  # the one that is kept, a build, Jupyter Book
    end(process, started)
    left = psutil.wait_procs(started, timeout=20)[1]
    said = process.communicate()[1]
    assert left == []
    assert end is not end_all or "Stopped. Nothing was published" in said
    assert not Path(book, "_build", "html").exists()
