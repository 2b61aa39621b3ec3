"""What the project is built with: known by its bytes, one version everywhere, from no named host, under a known licence."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from storykit import verdicts
from storykit.site import assets, supply

PROJECT = Path(__file__).parent.parent.parent
LOCKS = ["requirements.lock", "requirements-lab.lock"]
REGISTRIES = re.compile(
    r"https?://[\w.-]*(pypi|pythonhosted|npmjs|registry|yarnpkg|jsdelivr|unpkg)[\w.-]*\.\w+", re.I
)


def entries(name: str) -> dict[str, tuple[str, list[str]]]:
    """Package -> its pin with its condition, and the hashes that its files may have."""
    text = (PROJECT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#") and line != "-e .":
            pin = line.split("--hash=")[0].strip()
            found[pin.split("==")[0]] = (pin, re.findall(r"--hash=(\S+)", line))
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_of_a_lock_is_known_by_its_bytes(name):
    held = entries(name)
    assert len(held) > 50
    bare = [
        package
        for package, (pin, hashes) in held.items()
        if "==" not in pin or not hashes or not all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in hashes)
    ]
    assert bare == []


def test_the_lock_and_the_requirements_are_the_same_packages():
    """`pip install -r requirements.txt` is the ecosystem's own way; both are made by `make lock`."""
    locked, listed = entries("requirements.lock"), entries("requirements.txt")
    assert {name: pin for name, (pin, _) in listed.items()} == {
        name: pin for name, (pin, _) in locked.items()
    }
    lab = entries("requirements-lab.lock")
    assert "jupyterlab" in lab
    both = lab.keys() & locked.keys()
    assert [n for n in both if lab[n][0].split(";")[0].strip() != locked[n][0].split(";")[0].strip()] == []


def test_what_builds_and_locks_is_pinned_too():
    assert {"setuptools", "uv"} <= entries("requirements.lock").keys()
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    installs = re.findall(r"pip install.*", makefile)
    assert installs
    loose = [
        line for line in installs if not re.search(r"--require-hashes|--no-deps --no-build-isolation", line)
    ]
    assert loose == [], "make installs by hashes only, and the project itself without anything else"


def test_no_file_names_the_host_of_a_registry():
    """Where packages come from is a setting of the machine; what they are, of the project."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split(
        "\0"
    )
    found = []
    for name in filter(None, names):
        file = PROJECT / name
        if file.is_file() and file.suffix not in {".png", ".svg", ".csv", ".geojson"}:
            text = file.read_bytes().decode("utf-8", "replace")
            found += [f"{name}: {match[0]}" for match in REGISTRIES.finditer(text)]
    assert found == []


def test_the_search_for_registries_knows_one():
    assert REGISTRIES.search("https://registry." + "npmjs.org/x") and REGISTRIES.search(
        "https://" + "pypi.org/simple"
    )


# --- the list of packages ---------------------------------------------------------------------------


def listed() -> dict:
    return json.loads((PROJECT / supply.PACKAGES).read_text(encoding="utf-8"))


def test_the_list_of_packages_is_that_of_the_locks():
    result = subprocess.run(
        [sys.executable, "supply/sbom.py", "--check"], cwd=PROJECT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    held = {(c.get("group", ""), c["name"], c["version"]): c for c in listed()["components"]}
    for name, (pin, hashes) in entries("requirements.lock").items():
        found = held["", name.partition("[")[0], re.search(r"==([^\s;]+)", pin)[1]]
        (files,) = found["externalReferences"]
        assert {f"sha256:{each['content']}" for each in files["hashes"]} == set(hashes)
    front = json.loads((PROJECT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for place, entry in front.items():
        group, _, name = place.rpartition("node_modules/")[2].rpartition("/")
        if place:
            digest = base64.b64decode(entry["integrity"].partition("-")[2]).hex()
            assert held[group, name, entry["version"]]["hashes"] == [{"alg": "SHA-512", "content": digest}]


def test_the_list_of_packages_is_valid_and_knows_no_clock():
    text = (PROJECT / supply.PACKAGES).read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert not {"serialNumber", "timestamp", "tools"} & {*listed(), *listed()["metadata"]}
    refused = text.replace('"bomFormat": "CycloneDX"', '"bomFormat": "Other"')
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(refused) is not None


def test_the_list_says_what_asks_for_what_and_what_only_tests():
    asks = {each["ref"].partition("@")[0]: each.get("dependsOn", []) for each in listed()["dependencies"]}
    assert any(ref.startswith("pkg:pypi/narwhals@") for ref in asks["pkg:pypi/plotly"])
    assert any(ref.startswith("pkg:npm/leaflet@") for ref in asks["project"])
    scopes = {c["name"]: c["scope"] for c in listed()["components"]}
    assert (scopes["pandas"], scopes["leaflet"]) == ("required", "required")
    assert (scopes["pytest"], scopes["eslint"]) == ("excluded", "excluded")


# --- licences ---------------------------------------------------------------------------------------

MAY_BE_SHIPPED = {"MIT", "BSD-2-Clause", "CC-BY-4.0", "public domain", "to be named as the source"}
"""Under these, what readers get may be given on with our MIT and CC BY 4.0, as long as it is named."""
MAY_BUILD = {*MAY_BE_SHIPPED, "Apache-2.0", "BSD-3-Clause", "ISC", "0BSD", "Python-2.0", "BlueOak-1.0.0"}


def shipped() -> dict[str, tuple[str, str]]:
    """What -> licence and the file that holds its text, as the page of proofs says."""
    page = (PROJECT / "book" / "proof.md").read_text(encoding="utf-8")
    lines = re.search(r"```\{story\} shipped\n(.*?)```", page, re.DOTALL)[1].strip().splitlines()
    pieces = [[*line.split(" :: "), ""] for line in lines]
    return {what: (licence, file) for what, licence, _, file, *_ in pieces}


def test_all_that_readers_get_of_others_has_a_licence_that_allows_it():
    said = shipped()
    assert {licence for licence, _ in said.values()} <= MAY_BE_SHIPPED
    copied = {file.partition("/")[0] for file in assets.VENDORED}
    front = json.loads((PROJECT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    direct = json.loads((PROJECT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert copied == direct.keys() - {"esbuild", "dejavu-fonts-ttf"} == said.keys() & direct.keys()
    texts = {f"_static/vendor/{place}" for place in assets.VENDORED.values()}
    for package in copied:
        licence, text = said[package]
        assert licence == front[f"node_modules/{package}"]["license"] and text in texts, package
    package = json.loads((PROJECT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    given = [package, *package["resources"]]
    names = {each["name"] for entry in given for each in entry.get("licenses", [])}
    assert {name.replace("public-domain", "public domain") for name in names} <= MAY_BE_SHIPPED


def test_what_builds_the_pages_is_free_to_use():
    """Of npm; nothing of Python's packages is given to readers, who install what an archive pins themselves."""
    found = {}
    for each in listed()["components"]:
        if each["purl"].startswith("pkg:npm/") and each["scope"] == "required":
            (said,) = [one["license"] for one in each["licenses"]]
            found[each["name"]] = said.get("id") or said["name"]
    assert found.pop("dejavu-fonts-ttf") == "SEE LICENSE IN README.md AND LICENSE"
    assert set(found.values()) <= MAY_BUILD and len(found) > 4


# --- security.txt -----------------------------------------------------------------------------------


def test_a_person_is_named_only_if_somebody_is(small, tmp_path):
    site = tmp_path / "site"
    file = site / supply.SECURITY
    supply.write(site, "", "")
    assert not file.exists()
    supply.write(site, "mailto:editor@example.org", "https://example.org/book")
    said = dict(line.split(": ", 1) for line in file.read_text(encoding="utf-8").splitlines())
    assert said["Contact"] == "mailto:editor@example.org"
    assert said["Canonical"] == "https://example.org/book/.well-known/security.txt"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", said["Expires"])
    assert said["Expires"][:10] > verdicts.data_as_of()
    supply.write(site, "", "")
    assert not file.exists(), "who is not named any more is not left behind"


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("mailto:a@example.org", True),
        ("https://example.org/security", True),
        ("a@example.org", False),
        ("http://example.org", False),
        ("mailto:nobody", False),
        ("mailto:a@example.org?subject=x", False),
        ("javascript:alert(1)", False),
    ],
)
def test_a_contact_is_a_mail_or_a_page(text, may):
    assert supply.is_contact(text) is may
