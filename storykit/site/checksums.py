"""`SHA256SUMS` at the root of a site: every file with its checksum, as `sha256sum --check` reads them.

The page of proofs is none of them. Two commits that differ in nothing but what was found out about them then have
the same checksums.
"""

from __future__ import annotations

from pathlib import Path

from storykit import disk

NAME = "SHA256SUMS"
APART = (NAME, "book/proof.html")


def write(site: Path) -> None:
    """Write them; the last step of a build, when all other files are there."""
    names = sorted(file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file())
    lines = (f"{disk.digest(site / name)}  {name}\n" for name in names if name not in APART)
    disk.write_whole(site / NAME, "".join(lines))
