"""Gives out a version of the data: a folder that a host keeps beside the site, with a list of what differs.

    storykit release

The folder holds the package as files and as one archive, and what differs from the release before, for people
(`CHANGES.md`) and for programs (`changes.json`). What is released is what the last commit holds, so that it can be made
again from it. `data/releases.json` keeps the list of versions, which the site shows.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

from storykit import checks, descriptor, disk, downloads, errors, project, report, verdicts


class NotReleased(errors.UserError):
    """The data cannot be given out as they are; the message says why and what to do."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Where a release lies, and whether it was there already."""

    folder: Path
    release: downloads.Release
    known: bool


def make() -> Outcome:
    """Write the version at hand to `_build/data-releases/<version>` and into `data/releases.json`.

    Raises
    ------
    NotReleased
        If the working tree has changes, the version was given out with other bytes, or what it differs from is not
        in this clone.
    project.DataError
        If the data do not hold.
    """
    root = project.root()
    version = str(descriptor.package()["version"])
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z.+_-]*", version):
        raise NotReleased(
            f"data/datapackage.json, version: {version!r}: must look like 2026.11.0 or 1.0.0-beta"
        )
    commit = _commit(root)
    checks.refuse_if_any()
    downloads.files()
    sums = (downloads.folder() / downloads.SUMS).read_text(encoding="utf-8")
    archive = downloads.archive()
    digest = hashlib.sha256(sums.encode()).hexdigest()
    given_out = {each.version: each for each in downloads.releases()}
    place = root / "_build" / "data-releases" / version
    _refuse_other_bytes(version, digest, sums, given_out.get(version), place)
    release = given_out.get(version) or downloads.Release(
        version, verdicts.data_as_of(), commit, digest, archive.size, archive.sha256
    )
    known = version in given_out and place.is_dir()
    if not known:
        _write(place, _changes(release, _before(release, [*given_out.values()])))
    if version not in given_out:
        listed = [dataclasses.asdict(each) for each in (*given_out.values(), release)]
        disk.write_whole(root / downloads.RELEASES, json.dumps(listed, indent=1) + "\n")
    return Outcome(place, release, known)


def _before(release: downloads.Release, given_out: list[downloads.Release]) -> downloads.Release | None:
    """The release before one, which may be given out already."""
    earlier = given_out[: given_out.index(release)] if release in given_out else given_out
    return earlier[-1] if earlier else None


def _commit(root: Path) -> str:
    """The commit that the working tree holds, and nothing else but the list of releases."""
    status = _git(
        root, "status", "--porcelain", "--untracked-files=all", "--", ".", f":!{downloads.RELEASES}"
    )
    if status:
        files = "\n".join(f"  {line}" for line in status.splitlines()[:20])
        raise NotReleased(
            f"The working tree has changes:\n{files}\nA release is made from a commit: commit them, or put them aside "
            "(git stash)."
        )
    return _git(root, "rev-parse", "HEAD")


def _git(root: Path, *words: str) -> str:
    result = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True)
    if result.returncode:
        raise NotReleased(f"A release is made from a commit, and git says: {result.stderr.strip()}")
    return result.stdout.strip("\n")


def _refuse_other_bytes(
    version: str, digest: str, sums: str, given_out: downloads.Release | None, place: Path
) -> None:
    """A version, once given out, stands for its bytes."""
    there = place / downloads.SUMS
    same = there.is_file() and there.read_text(encoding="utf-8") == sums
    if (given_out is None or given_out.sums == digest) and (same or not place.exists()):
        return
    where = f"as data of {given_out.as_of}" if given_out else f"in {place}"
    listed = (
        sorted({*sums.splitlines()} ^ {*there.read_text(encoding="utf-8").splitlines()})
        if there.is_file()
        else []
    )
    files = sorted({line.partition("  ")[2] for line in listed})
    named = f" These differ: {', '.join(files)}." if files else ""
    raise NotReleased(
        f"Version {version} was given out {where}, with other bytes.{named} Give the data a new version in "
        "data/datapackage.json (and CITATION.cff), commit it, and release that."
        + ("" if given_out else " If nobody has got that folder yet, remove it and release again.")
    )


def _changes(release: downloads.Release, before: downloads.Release | None) -> tuple[str, str]:
    """What differs from the release before, for people and for programs."""
    title = f"# {descriptor.package()['title']}, version {release.version}\n\n"
    about = {"version": release.version, "before": before.version if before else None}
    if before is None:
        return title + "The first version that was given out.\n", _as_json({**about, "tables": {}})
    try:
        found = report.compare(before.commit, release.commit)
    except report.ReportError as error:
        raise NotReleased(
            f"What differs from version {before.version} cannot be said: {error} It was made from commit "
            f"{before.commit}; fetch the whole history (git fetch --unshallow), then release again."
        ) from error
    tables = {
        change.table: {
            "added": change.added,
            "removed": change.removed,
            "changed": [dict(zip(("key", "field", "old", "new"), each)) for each in change.changed],
        }
        for change in found.tables
    }
    told = report.markdown(found).partition("\n")[2].lstrip("\n")
    words = (
        f"What differs from version {before.version} ({before.as_of}). Every row is in `changes.json`.\n\n"
    )
    return title + words + told, _as_json({**about, "besides": found.besides, "tables": tables})


def _as_json(said: dict[str, object]) -> str:
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def _write(place: Path, changes: tuple[str, str]) -> None:
    """The folder, whole or not at all."""
    part = place.with_name(f".{place.name}")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(downloads.folder(), part)
    shutil.copyfile(downloads.archive_file(), part / downloads.archive_name())
    for name, text in zip(("CHANGES.md", "changes.json"), changes, strict=True):
        (part / name).write_text(text, encoding="utf-8")
    if place.exists():
        shutil.rmtree(place)
    part.rename(place)
