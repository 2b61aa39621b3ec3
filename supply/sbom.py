"""Writes `supply/sbom.cdx.json`: every package of both locks, as CycloneDX; part of `make lock`.

    python supply/sbom.py

The same locks give the same bytes: no time and no serial number is written. What only tests, linters and the writing
of locks need has the scope `excluded`: no build of the book and no reader gets it.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tomllib
from pathlib import Path, PurePosixPath

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

PROJECT = Path(__file__).parent.parent
FILE = PROJECT / "supply" / "sbom.cdx.json"
LOCK, FRONT = "requirements.lock", "package-lock.json"
NAME = "promised-built-used"


def python() -> dict[str, tuple[Component, set[str]]]:
    """Package of `requirements.lock` -> its component, and the packages that ask for it ("" is the project)."""
    found: dict[str, tuple[Component, set[str]]] = {}
    for entry in re.split(r"\n(?=[a-z0-9])", (PROJECT / LOCK).read_text(encoding="utf-8")):
        name, version = re.match(r"([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", entry).groups()
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=h) for h in re.findall(r"sha256:(\w+)", entry)]
        files = ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(LOCK), hashes=hashes)
        askers = re.findall(r"^ +#(?: via)? +([a-z0-9][a-z0-9._-]*)", entry, re.MULTILINE)
        found[name] = (_component("pypi", name, version, external_references=[files]), set(askers) - {"via"})
    return found


def scopes(packages: dict[str, tuple[Component, set[str]]]) -> None:
    """Leave out of what runs whatever neither the engine nor a build asks for."""
    about = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*about["dependencies"], *about["optional-dependencies"]["book"]]
    kept = {re.split(r"[<>=!~;\[ ]", wanted)[0] for wanted in asked}
    while more := {name for name, (_, askers) in packages.items() if askers & kept} - kept:
        kept |= more
    for name, (component, _) in packages.items():
        component.scope = ComponentScope.REQUIRED if name in kept else ComponentScope.EXCLUDED


def front() -> dict[str, tuple[Component, list[str]]]:
    """Place in `node_modules` -> the component there, and the places of what it asks for."""
    places = json.loads((PROJECT / FRONT).read_text(encoding="utf-8"))["packages"]
    found = {}
    for place, entry in places.items():
        if not place:
            continue
        algorithm, _, digest = entry["integrity"].partition("-")
        component = _component(
            "npm",
            place.rpartition("node_modules/")[2],
            entry["version"],
            place=place,
            licenses=[LicenseFactory().make_from_string(entry["license"])] if "license" in entry else [],
            hashes=[
                HashType(alg=HashAlgorithm(f"SHA-{algorithm[3:]}"), content=base64.b64decode(digest).hex())
            ],
            scope=ComponentScope.EXCLUDED if entry.get("dev") else ComponentScope.REQUIRED,
        )
        wanted = [*entry.get("dependencies", {}), *entry.get("optionalDependencies", {})]
        found[place] = (component, [at for name in wanted if (at := _resolved(places, place, name))])
    return found


def _resolved(places: dict, place: str, name: str) -> str:
    """Where a package at a place finds another: in its own folder, or the nearest above; "" where it is not installed."""
    for folder in (PurePosixPath(place), *PurePosixPath(place).parents):
        at = str(folder / "node_modules" / name)
        if folder.name != "node_modules" and at in places:
            return at
    return ""


def _component(kind: str, name: str, version: str, place: str = "", **more) -> Component:
    group, _, short = name.rpartition("/")
    url = PackageURL(type=kind, namespace=group or None, name=short, version=version)
    reference = f"{url}#{place}" if place.count("node_modules") > 1 else str(url)
    return Component(
        type=ComponentType.LIBRARY,
        group=group or None,
        name=short,
        version=version,
        purl=url,
        bom_ref=reference,
        **more,
    )


def bom() -> str:
    """The whole as JSON."""
    ours = Component(type=ComponentType.APPLICATION, name=NAME, bom_ref="project")
    made = Bom()
    made.metadata.component, made.metadata.timestamp = ours, None
    of_python, of_front = python(), front()
    scopes(of_python)
    made.components.update(component for component, _ in (*of_python.values(), *of_front.values()))
    asks: dict[str, list[Component]] = {}
    for component, askers in of_python.values():
        for asker in askers:
            asks.setdefault(asker, []).append(component)
    for name, (component, _) in of_python.items():
        made.register_dependency(component, asks.get(name, []))
    for component, places in of_front.values():
        made.register_dependency(component, [of_front[place][0] for place in places])
    direct = json.loads((PROJECT / "package.json").read_text(encoding="utf-8"))
    wanted = [*direct["dependencies"], *direct["devDependencies"]]
    made.register_dependency(
        ours, [*asks.get("storykit", []), *(of_front[f"node_modules/{name}"][0] for name in wanted)]
    )
    said = json.loads(JsonV1Dot6(made).output_as_string())
    said.pop("serialNumber", None)
    said["metadata"].pop("timestamp", None)
    said["metadata"].pop("tools", None)  # its own version would be one more thing that changes the bytes
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(
            0
            if FILE.read_text(encoding="utf-8") == bom()
            else f"{FILE.name} is not that of the locks: make lock"
        )
    FILE.write_text(bom(), encoding="utf-8")
