"""The command: what it takes, what it says of wrong use, and that a fault ends in a line."""

from __future__ import annotations

import errno
import io
import os
import socket
import subprocess
import sys

import click
import nbformat
import pytest
from rich.console import Console

from storykit import checks, cli, progress
from storykit.site import build, npm


@pytest.fixture
def chapters(small):
    """The small package with two chapters that are named and never run."""
    for name in ("harbour", "railway"):
        (small / "book" / f"{name}.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook()))
    return small


# --- what may be typed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["xheck"], 2, "Did you mean 'check'?"),
        (["record", "harbor"], 2, "no chapter 'harbor'. Did you mean harbour? There are: harbour, railway."),
        (["record", "ships"], 2, "no chapter 'ships'. There are: harbour, railway."),
        (["record", "--strp"], 2, "Did you mean '--strip'?"),
        (["record", "--strip", "--check"], 2, "give one of them"),
        (["refresh", "opendsm"], 2, "Did you mean opendosm? There are: worldbank, opendosm, regions."),
        (["refresh", "--date", "2026-13-01"], 2, "'2026-13-01' is no day; write it as YYYY-MM-DD"),
        (["report", "--as-of", "tomorrow"], 2, "'tomorrow' is no day"),
        (["serve", "--port", "80000"], 2, "80000 is not in the range 1<=x<=65535"),
        (["new", "clam", "some-promise"], 1, "Did you mean claim? What can: chapter, table, claim"),
        (["new", "observation", "x"], 1, "Did you mean observations"),
        (["new", "claim", "some-promise", "--field", "made_by"], 2, "write it as name=value"),
        (
            ["new", "claim", "some-promise", "--field", "mad_by=x"],
            1,
            "no field 'mad_by'. Did you mean made_by?",
        ),
    ],
)
def test_wrong_use_says_what_is_allowed(chapters, capsys, words, code, told):
    assert cli.main(words) == code
    assert told in " ".join(capsys.readouterr().err.split())


def test_every_command_says_what_it_does(capsys):
    for name, command in cli.storykit.commands.items():
        assert cli.main([name, "--help"]) == 0
        assert command.get_short_help_str(60) in capsys.readouterr().out
        options = [p for p in command.params if isinstance(p, click.Option)]
        assert all(option.help for option in options), name


@pytest.mark.parametrize(
    ("typed", "known"),
    [("storykit re", "record"), ("storykit record ha", "harbour"), ("storykit refresh w", "worldbank"),
     ("storykit new cl", "claim"), ("storykit record --ch", "--check")],
)  # fmt: skip
def test_the_shell_completes_what_is_typed(chapters, typed, known):
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", "from storykit.cli import storykit; storykit(prog_name='storykit')"],
        env={**os.environ, **words, "_STORYKIT_COMPLETE": "bash_complete"},
        capture_output=True,
        text=True,
    )
    assert f"plain,{known}" in done.stdout.splitlines(), done.stderr


def test_help_waits_for_no_library():
    look = "import sys; from storykit import cli; code = cli.main(['--help']); print(code, *sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True)
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code == "0" and not {"pandas", "rich", "nbformat", "sphinx"} & set(modules)


# --- a fault ends in a line -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "The disk is full (data/x.csv). Free some space"),
        (errno.EROFS, "(data/x.csv): the disk is mounted read-only"),
        (errno.EACCES, "You have no right to that (data/x.csv)"),
        (errno.EIO, "Input/output error (data/x.csv)."),
    ],
)
def test_an_error_of_the_machine_is_one_line(small, capsys, monkeypatch, number, words):
    def fail():
        raise OSError(number, os.strerror(number), "data/x.csv")

    monkeypatch.setattr(checks, "account", fail)
    assert cli.main(["check"]) == 1
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1


def test_outside_a_project_the_command_says_where_it_looked(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("STORYKIT_ROOT", str(tmp_path))
    for words in (["check"], ["record"], ["new", "claim", "x"], ["site"]):
        assert cli.main(words) == 1
        assert f"No data/datapackage.json in {tmp_path}" in capsys.readouterr().err


@pytest.fixture
def no_build(monkeypatch):
    """A build that must not come as far as Jupyter Book."""

    def started(*words):
        raise AssertionError("the build had begun")

    monkeypatch.setattr(build, "_run_jupyter_book", started)


def test_a_full_disk_is_told_before_the_build(package, capsys, monkeypatch, no_build):
    usage = build.shutil.disk_usage(package.root)._replace(free=5 << 20)
    monkeypatch.setattr(build.shutil, "disk_usage", lambda folder: usage)
    assert cli.main(["site"]) == 1
    said = capsys.readouterr().err
    assert "is full: 5 MiB are free, a build needs 200" in said and "Nothing was published" in said


def test_a_folder_that_cannot_be_written_is_told_before_the_build(package, capsys, no_build):
    (package.root / "_build").write_text("in the way")
    assert cli.main(["site"]) == 1
    said = capsys.readouterr().err
    assert "_build" in said and "Nothing was published" in said and "Traceback" not in said


def test_a_missing_npm_is_told_before_chapters_run(package, capsys, monkeypatch, no_build):
    (package.root / "package.json").write_text('{"dependencies": {"leaflet": "1.9.4"}}')

    def missing():
        raise npm.NpmError("npm is missing")

    monkeypatch.setattr(npm, "command", missing)
    assert cli.main(["site"]) == 1
    assert "npm is missing\nNothing was published" in capsys.readouterr().err


def test_a_taken_port_is_told_before_the_build(small, capsys, no_build):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 65535))
        taken.listen()
        assert cli.main(["serve", "--port", "65535"]) == 1
    assert "65535 are taken" in capsys.readouterr().err


# --- long work --------------------------------------------------------------------------------------


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def long_work(shown: progress.Shown, clock: Clock) -> None:
    work = progress.Work(shown, clock)
    work.begin("check")
    clock.now += 1.5
    work.say("drawing 4 pictures")
    work.begin("pictures", total=4)
    for count in (1, 2, 3, 4):
        clock.now += 10
        work.done(count)
    work.close(table=True)


def test_without_a_terminal_there_are_lines_now_and_then_and_a_table(capsys):
    clock = Clock()
    long_work(progress.Lines(clock), clock)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[:3] == ["drawing 4 pictures", "pictures: 2 of 4 after 20 s", "stage seconds"]
    assert {"check 1.5", "pictures 40.0", "together 41.5"} <= set(lines)


def test_on_a_terminal_a_bar_has_count_and_time_left():
    file, clock = io.StringIO(), Clock()
    long_work(progress.Bars(Console(file=file, force_terminal=True, width=100)), clock)
    said = file.getvalue()
    assert "4 of 4" in said and "left:" in said and said.count("drawing 4 pictures") == 1
    assert "41.5" in said


def test_what_another_process_tells_is_shown_here_once(capsys):
    code = (
        "from storykit import progress\n"
        "progress.say('running 2 chapters')\n"
        "progress.begin('chapters run', total=2)\n"
        "progress.done(2)\n"
        "progress.close()"
    )
    environment = {**os.environ, **progress.relaying()}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert [progress.relayed(line) for line in done.stdout.splitlines()] == [True] * 3
    assert not progress.relayed("a line of Sphinx's")
    progress.close(table=True)
    said = capsys.readouterr().out
    assert said.count("running 2 chapters") == 1 and "chapters run" in said


def test_a_count_is_never_beyond_the_total():
    file = io.StringIO()
    work = progress.Work(progress.Bars(Console(file=file, force_terminal=True, width=100)))
    work.begin("chapters run", total=2)
    work.done(5)
    work.close()
    assert "2 of 2" in file.getvalue() and "5 of 2" not in file.getvalue()
