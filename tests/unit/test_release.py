"""Versions of the data: each stands for its bytes, says what differs, and is made from a commit."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import zipfile

import pytest

from storykit import checks, cli, downloads, release


def git(folder, *words) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "more")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(small):
    (small / ".gitignore").write_text("_build/\n")
    (small / "book/zone.md").write_text("Sold: {num}`sales/MY/2018`")
    git(small, "init", "-q")
    commit(small)
    return small


def write(folder, version: str, old: str = "", new: str = "") -> str:
    """Another version of the data, with a text of the observations changed; its commit."""
    file = folder / "data/datapackage.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"version": version}))
    table = folder / "data/tables/observations.csv"
    assert old in table.read_text()
    table.write_text(table.read_text().replace(old, new) if old else table.read_text())
    return commit(folder)


def test_the_first_release(repository):
    made = release.make()
    folder = repository / "_build/data-releases/1.0.0"
    assert (made.folder, made.known) == (folder, False)
    archive = folder / "small-1.0.0.zip"
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == made.release.sha256
    with zipfile.ZipFile(archive) as pack:
        assert pack.read("small-1.0.0/SHA256SUMS") == (folder / "SHA256SUMS").read_bytes()
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, path = line.split("  ")
        assert hashlib.sha256((folder / path).read_bytes()).hexdigest() == digest
    assert "The first version that was given out." in (folder / "CHANGES.md").read_text()
    assert downloads.releases() == [made.release]
    assert made.release.commit == git(repository, "rev-parse", "HEAD")


def test_the_same_again_changes_nothing(repository):
    first = release.make()
    again = release.make()
    assert again.known and again.release == first.release
    commit(repository)
    assert release.make().known and len(downloads.releases()) == 1


def test_a_fresh_clone_makes_the_same_folder_again(repository):
    first = release.make()
    bytes_then = (first.folder / "small-1.0.0.zip").read_bytes()
    commit(repository)
    shutil.rmtree(repository / "_build")
    again = release.make()
    assert not again.known and again.release == first.release
    assert (again.folder / "small-1.0.0.zip").read_bytes() == bytes_then
    assert len(downloads.releases()) == 1


def test_a_release_says_what_differs_from_the_one_before(repository):
    release.make()
    write(repository, "1.1.0", "sales,MY,2018,52.1", "sales,MY,2018,20.5")
    made = release.make()
    told = (made.folder / "CHANGES.md").read_text()
    assert "What differs from version 1.0.0 (2026-11-23)." in told
    assert "RM52.1 million → RM20.5 million" in told and "version: 1.0.0 → 1.1.0" in told
    rows = json.loads((made.folder / "changes.json").read_text())
    assert (rows["version"], rows["before"]) == ("1.1.0", "1.0.0")
    moved = {"key": "sales/MY/2018", "field": "value", "old": "52.1", "new": "20.5"}
    assert rows["tables"] == {"observations": {"added": [], "removed": [], "changed": [moved]}}
    assert [each.version for each in downloads.releases()] == ["1.0.0", "1.1.0"]


def test_a_version_that_was_given_out_with_other_bytes_is_refused(repository):
    release.make()
    write(repository, "1.0.0", "sales,MY,2018,52.1", "sales,MY,2018,20.5")
    listed = (repository / "data/releases.json").read_bytes()
    with pytest.raises(release.NotReleased) as refused:
        release.make()
    for words in (
        "Version 1.0.0",
        "other bytes",
        "tables/observations.csv",
        "tables/observations.parquet",
        "new version",
    ):
        assert words in str(refused.value)
    assert (repository / "data/releases.json").read_bytes() == listed
    shutil.rmtree(repository / "_build")  # another machine knows by the list alone
    with pytest.raises(release.NotReleased, match="with other bytes"):
        release.make()
    assert not (repository / "_build/data-releases").exists()


def test_a_folder_that_the_list_does_not_know_is_not_written_over(repository):
    release.make()
    (repository / "data/releases.json").unlink()
    write(repository, "1.0.0", "sales,MY,2018,52.1", "sales,MY,2018,20.5")
    with pytest.raises(release.NotReleased, match="If nobody has got that folder yet"):
        release.make()


@pytest.mark.parametrize("path", ["data/tables/observations.csv", "book/zone.md", "new.txt"])
def test_a_working_tree_with_changes_is_refused(repository, path):
    with open(repository / path, "a") as stream:
        stream.write("\n")
    with pytest.raises(release.NotReleased, match=rf"(?s)has changes:.*{path}.*commit them"):
        release.make()
    assert not (repository / "data/releases.json").exists()


def test_outside_git_nothing_is_released(small):
    with pytest.raises(release.NotReleased, match="git says"):
        release.make()


@pytest.mark.parametrize("version", ["../../x", "a b", "", ".1"])
def test_a_version_must_be_a_name(repository, version):
    write(repository, version)
    with pytest.raises(release.NotReleased, match="must look like"):
        release.make()


def test_what_it_differs_from_must_be_in_the_clone(repository):
    release.make()
    file = repository / "data/releases.json"
    file.write_text(file.read_text().replace(downloads.releases()[0].commit, "0" * 40))
    write(repository, "1.1.0", "sales,MY,2018,52.1", "sales,MY,2018,20.5")
    with pytest.raises(release.NotReleased, match="fetch the whole history"):
        release.make()
    assert not (repository / "_build/data-releases/1.1.0").exists()


@pytest.mark.parametrize("text", ["{", "[{}]", "[1]", "<<<<<<< ours"])
def test_a_list_of_releases_that_cannot_be_read_is_named(repository, text):
    (repository / "data/releases.json").write_text(text)
    (problem,) = checks.check()
    assert problem.file == "data/releases.json" and "git checkout data/releases.json" in str(problem)


def test_the_command_says_where_it_lies(repository, monkeypatch, capsys):
    monkeypatch.chdir(repository)
    assert cli.main(["release"]) == 0
    assert "Wrote _build/data-releases/1.0.0. Commit data/releases.json" in capsys.readouterr().out
    assert cli.main(["release"]) == 0
    assert "already, with the same bytes" in capsys.readouterr().out
    (repository / "new.txt").write_text("")
    assert cli.main(["release"]) == 1
    assert "The working tree has changes" in capsys.readouterr().err
