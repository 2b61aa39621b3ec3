"""Builds of `storykit serve`: forks of a process that is kept, new ones where it is not there, none left behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest
from test_whole_build import FIGURE, book, environment, notebook, page, start  # noqa: F401  a fixture of theirs

from storykit.site import warm


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


def test_where_the_code_is_broken_the_build_says_so(builder, capfd, monkeypatch):
    monkeypatch.setattr(warm, "_KEEP", ["-c", "raise SystemExit('broken')"])
    builder.build()
    said = capfd.readouterr()
    assert "broken" in said.err and "The site is in _build/html" in said.out


WATCHED = """
import sys
from pathlib import Path
from storykit.site import warm
warm.Builder(Path(sys.argv[1])).build()
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "killed"])
def test_nothing_is_left_running_when_who_builds_has_ended(book, how):  # noqa: F811
    notebook(book, "Slow.", FIGURE + "\nimport time; time.sleep(600)")
    process = start(book, "-c", WATCHED, str(book))
    while "running 1 of 1" not in process.stdout.readline():
        assert process.poll() is None
    started = psutil.Process(process.pid).children(recursive=True)
    assert len(started) >= 3  # the one that is kept, a build, Jupyter Book
    os.killpg(process.pid, how) if how == signal.SIGINT else process.kill()
    left = psutil.wait_procs(started, timeout=20)[1]
    said = process.communicate()[1]
    assert left == []
    assert how != signal.SIGINT or "Stopped. Nothing was published" in said
    assert not Path(book, "_build", "html").exists()
