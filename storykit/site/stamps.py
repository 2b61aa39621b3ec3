"""What pages hold that is not their own: names of shared files, style and scripts inlined, their hashes, and the digest
of all files that the page of proofs names.

A page is written with them as they are. When nothing but they change, no page is rendered anew: the new ones are put
in the place of the old in the written files, as a last step.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from storykit import disk, project
from storykit.site import assets, proof

NAME = "stamps.json"
"""The file that keeps what of the shared files the written pages hold."""

Stamps = dict[str, str]
"""Name -> text as it stands in a page, with what is around it: a longer style may begin with a shorter one."""


def of(shared: Mapping[str, str], inlined: Mapping[str, str], files: str) -> Stamps:
    """What pages hold of these shared files (see `assets.write_shared`, `assets.inlined`) and of `proof.short`."""
    around = {
        "css": ">{}<",
        "first": ">{}<",
        "home": ">{}<",
        "css_hash": "'{}'",
        "first_hash": "'{}'",
        "home_hash": "'{}'",
    }
    inside = {f"inlined {name}": around[name].replace("{}", text) for name, text in inlined.items()}
    return (
        inside
        | {f"file {name}": text for name, text in shared.items()}
        | {"state": f">{files}<", "state in Markdown": f"`{files}`"}
    )


def note(memory: Path, now: Stamps) -> None:
    """Before a page is written: from now on pages may hold these, too, whatever becomes of this build."""
    held = _held(memory)
    if now not in held:
        disk.write_note(memory, {"held": [*held, now]})


def renew(site: Path, memory: Path, now: Stamps) -> None:
    """Put these in the place of all others that pages of `site` may hold."""
    old = [(text, now[name]) for held in _held(memory) for name, text in held.items() if name in now]
    changed = [(text, new) for text, new in dict.fromkeys(old) if text != new]
    written = (file for ending in _ENDINGS for file in site.rglob(f"*{ending}"))
    for file in written if changed else ():
        before = text = file.read_text(encoding="utf-8")
        for one, other in changed:
            text = text.replace(one, other)
        if text != before:
            file.write_text(text, encoding="utf-8")
    disk.write_note(memory, {"held": [now]})


def are_known(memory: Path) -> bool:
    """Whether it is known what the written pages hold."""
    return bool(_held(memory))


def dress(site: Path, memory: Path) -> None:
    """Give pages that were written before the style and scripts of now: all that is to do if nothing else has changed."""
    shared = assets.write_shared(site / "_static")
    now = of(shared, assets.inlined(), proof.short(proof.state(project.root())))
    note(memory, now)
    renew(site, memory, now)


_ENDINGS = (".html", ".md", ".txt")
"""Of pages, and of the same texts for programs."""


def _held(memory: Path) -> list[Stamps]:
    held: list[Stamps] = disk.read_note(memory).get("held", [])
    return held
