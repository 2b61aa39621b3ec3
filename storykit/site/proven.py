"""What the page of proofs shows: counted of the data and texts at hand, found out by tests, pinned by the locks."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from storykit import descriptor, pages, project, receipts, tables, verdicts
from storykit.site import proof

# --- counted ----------------------------------------------------------------------------------------


class Rows(NamedTuple):
    """How many rows a table has, and how many of them name an official source; None if its rows name no sources."""

    name: str
    rows: int
    official: int | None


def rows() -> list[Rows]:
    """All tables, in the order of the descriptor."""
    found = []
    for name in descriptor.names():
        named = any(field["name"] == "source_ids" for field in descriptor.fields(name))
        official = verdicts.support(tables.column(name, "source_ids")).eq("official") if named else None
        found.append(Rows(name, len(tables.load(name)), None if official is None else int(official.sum())))
    return found


def roles() -> tuple[int, int]:
    """Numbers in the texts of all pages that are written from rows, and sentences that a condition carries."""
    said = [
        role
        for name in pages.names()
        for cell in pages.page(name).of_kind("markdown")
        for role, _ in receipts.roles(cell.text)
    ]
    return said.count("num"), said.count("holds")


# --- found out --------------------------------------------------------------------------------------


class Measured(NamedTuple):
    """What was found out, in words; `earlier` is the commit it was found out at if files have changed since, or ""."""

    value: str
    earlier: str


def measured(now: str) -> dict[str, Measured]:
    """Figure -> what was last found out; `now` is the `proof.state` of the files."""
    return {
        name: Measured(_words(one["value"]), "" if one["state"] == now else one["commit"][:7])
        for name, one in proof.results(project.root()).items()
    }


def commit(now: str) -> str:
    """The commit that files of this `proof.state` were tested at; "" if they were not.

    Git is not asked: a copy without it says the same.
    """
    return next((one["commit"] for one in proof.results(project.root()).values() if one["state"] == now), "")


def _words(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,}"


# --- pinned -----------------------------------------------------------------------------------------


def pinned() -> dict[str, str]:
    """Package -> version that `requirements.lock` or `package.json` pins; of Python's first, where both know a name."""
    lock, front = proof.ENGINE / "requirements.lock", proof.ENGINE / "package.json"
    found: dict[str, str] = {}
    if front.is_file():
        wanted = json.loads(front.read_text(encoding="utf-8"))
        found |= wanted["dependencies"] | wanted.get("devDependencies", {})
    if lock.is_file():
        text = lock.read_text(encoding="utf-8")
        found |= dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", text, re.MULTILINE))
    return found


# --- the command ------------------------------------------------------------------------------------


def lines() -> list[str]:
    """All of it, a line each, as `storykit proof --show` prints it."""
    counted, (numbers, sentences), now = rows(), roles(), proof.state(project.root())
    return [
        f"Files {proof.short(now)}, "
        + (f"tested at commit {commit(now)}." if commit(now) else "not tested."),
        f"{sum(each.rows for each in counted):,} rows in {len(counted)} tables.",
        *(_of_table(each) for each in counted),
        f"{numbers:,} numbers are written from rows, {sentences:,} sentences carry a condition.",
        *(_of_figure(name, each) for name, each in measured(now).items()),
    ]


def _of_figure(name: str, each: Measured) -> str:
    return f"{name}: {each.value}" + (f", of the files of {each.earlier}" if each.earlier else "")


def _of_table(each: Rows) -> str:
    official = "" if each.official is None else f", {each.official:,} with an official source"
    return f"{each.name}: {each.rows:,} rows{official}"
