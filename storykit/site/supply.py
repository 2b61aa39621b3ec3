"""What a site says of how it was made, for programs: its packages as CycloneDX, and whom to tell of a fault of security."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from storykit import checks, project, verdicts
from storykit.site import assets

PACKAGES = "supply/sbom.cdx.json"
"""The list of all packages of both locks; `make lock` writes it."""
SBOM = "sbom.cdx.json"
SECURITY = ".well-known/security.txt"
VALID = datetime.timedelta(days=365)
"""How long the way to a person is said to hold, from the day of the data: the standard asks for a day, and a build knows no other."""


def write(out: Path, contact: str, base: str) -> None:
    """Both files; one that there is no ground for is not there.

    Parameters
    ----------
    contact : the setting `story_security_contact`.
    base : the published address of the site, "" where there is none.
    """
    packages = project.root() / PACKAGES
    texts = {
        SBOM: packages.read_text(encoding="utf-8") if packages.is_file() else "",
        SECURITY: security(contact, base) if contact else "",
    }
    for name, text in texts.items():
        if text:
            assets.write(out / name, text)
        else:
            (out / name).unlink(missing_ok=True)


def security(contact: str, base: str) -> str:
    """`security.txt` as RFC 9116 has it."""
    until = datetime.date.fromisoformat(verdicts.data_as_of()) + VALID
    lines = [f"Contact: {contact}", f"Expires: {until}T00:00:00Z", "Preferred-Languages: en"]
    return "\n".join([*lines, *([f"Canonical: {base}/{SECURITY}"] if base else [])]) + "\n"


def is_contact(text: str) -> bool:
    """Whether a text is what `security.txt` may name: a web address by https, or `mailto:` and an address."""
    mail = re.fullmatch(r"mailto:[^\s@<>?]+@[^\s@<>?]+\.[^\s@<>?]+", text)
    return bool(mail) or (text.startswith("https://") and checks.fields.is_address(text))
