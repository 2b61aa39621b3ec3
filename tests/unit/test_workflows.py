"""The workflows: linted, pinned, with the least rights, and without work that only they know."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parent.parent.parent
FOLDER = PROJECT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
NAMES = [file.stem for file in FILES]

PLUMBING = ("git", "gh", "echo", "cat")
"""Besides `make`: what carries results between jobs and to the forge."""
LOGIC = re.compile(r"^(if|for|while|case|function|python3?|pip|npm|npx|curl|wget|sed|awk|perl|bash|sh)\b")


def workflow(name: str) -> dict:
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))


def jobs() -> list:
    return [pytest.param(job, id=f"{n}-{key}") for n in NAMES for key, job in workflow(n)["jobs"].items()]


def steps() -> list[tuple[str, dict]]:
    """(place, step) of all steps of all jobs."""
    return [
        (f"{name}, {key}, step {number}", step)
        for name in NAMES
        for key, job in workflow(name)["jobs"].items()
        for number, step in enumerate(job.get("steps", []), start=1)
    ]


def tool(name: str) -> str:
    """Path of a program of the test extra; it lies beside the interpreter."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which(name, path=places)
    assert found, f"{name} is missing; it is in requirements.txt: run make test"
    return found


def commands(run: str) -> list[str]:
    """The commands of a `run:` text: one a line; what a pipe or `&&` joins is told apart."""
    joined = re.sub(r"\\\n\s*", " ", run)
    return [
        line.strip() for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]


def test_the_workflows_of_the_project_are_there():
    assert NAMES == ["audit", "check", "propose", "publish", "refresh", "update", "weekly"]


def test_actionlint_finds_nothing():
    result = subprocess.run(
        [tool("actionlint"), *map(str, FILES)], cwd=PROJECT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_zizmor_finds_nothing():
    command = [tool("zizmor"), "--offline", "--no-progress", str(FOLDER.parent)]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_linters_see_a_fault(tmp_path):
    bad = tmp_path / ".github" / "workflows" / "bad.yml"
    bad.parent.mkdir(parents=True)
    bad.write_text(
        "on: pull_request\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    needs: nobody\n    steps:\n"
        "      - uses: actions/checkout@v6\n      - run: echo ${{ github.event.pull_request.title }}\n"
    )
    found = subprocess.run([tool("actionlint"), str(bad)], cwd=tmp_path, capture_output=True, text=True)
    assert found.returncode != 0 and "nobody" in found.stdout
    command = [tool("zizmor"), "--offline", "--no-progress", str(bad)]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert found.returncode != 0 and "template-injection" in found.stdout


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_every_action_is_pinned_to_a_commit_with_its_version(file):
    wrong = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        match = re.match(r"\s*(?:- )?uses: (\S+)(.*)", line)
        if not match or match[1].startswith("./"):
            continue
        if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", match[1]) or not re.match(
            r" # v\d+\.\d+\.\d+$", match[2]
        ):
            wrong.append(f"line {number}: {line.strip()}")
    assert wrong == []


def test_one_action_has_one_version_everywhere():
    pins: dict[str, set[str]] = {}
    for file in FILES:
        for action, pin in re.findall(r"uses: ([\w/-]+)@(.+)", file.read_text(encoding="utf-8")):
            pins.setdefault(action, set()).add(pin)
    assert {action: found for action, found in pins.items() if len(found) > 1} == {}


def test_nothing_lives_only_in_a_workflow():
    """Every line is a make target of the project, or plumbing; no step installs, computes or decides."""
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    wrong, made = [], 0
    for place, step in steps():
        for command in commands(step.get("run", "")):
            words = command.split()
            if words[0] == "make":
                made += 1
                target = next(w for w in words[1:] if not w.startswith("-"))
                if target not in targets:
                    wrong.append(f"{place}: there is no target {target}")
            elif words[0] not in PLUMBING:
                wrong.append(f"{place}: {command}")
            parts = re.split(r"\s*(?:&&|\|\||;|(?<!\|)\|(?!\|))\s*", command)
            wrong += [f"{place}: {part}" for part in parts if LOGIC.match(part)]
    assert wrong == []
    assert made > 6


@pytest.mark.parametrize("name", NAMES)
def test_rights_are_given_per_job_only(name):
    assert workflow(name)["permissions"] == {}


@pytest.mark.parametrize("job", jobs())
def test_a_job_says_its_rights_and_how_long_it_may_take(job):
    assert "permissions" in job
    assert "uses" in job or 0 < job["timeout-minutes"] <= 90


@pytest.mark.parametrize("job", jobs())
def test_a_job_that_runs_the_projects_code_may_only_read(job):
    runs = [c for step in job.get("steps", []) for c in commands(step.get("run", "")) if c.startswith("make")]
    if runs:
        assert job["permissions"] == {"contents": "read"}


def test_no_checkout_keeps_its_token():
    for place, step in steps():
        if "actions/checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False, place


def test_only_a_tested_main_is_published():
    found = workflow("check")["jobs"]["publish"]
    assert found["needs"] == "test"
    assert found["if"] == "github.ref == 'refs/heads/main'"
    trigger = workflow("publish")[True]  # YAML reads the key `on` as true
    assert set(trigger) == {"workflow_call"}


def test_the_published_site_is_signed_for_by_a_job_that_runs_nothing_of_ours():
    found = workflow("publish")["jobs"]["attest"]
    assert found["permissions"].keys() == {"actions", "attestations", "id-token"}
    assert not any("checkout" in step.get("uses", "") for step in found["steps"])
    signed = next(step for step in found["steps"] if "attest" in step.get("uses", ""))
    assert signed["with"] == {"subject-path": "site/SHA256SUMS"}
    granted = workflow("check")["jobs"]["publish"]["permissions"]
    for job in workflow("publish")["jobs"].values():
        assert job["permissions"].items() <= granted.items()


def test_what_is_kept_and_published_has_its_hidden_files():
    """`.well-known` is one, and the checksums name them all; the actions leave them out unless told."""
    kept = [step["with"] for _, step in steps() if step.get("with", {}).get("path") == "_build/html/"]
    assert len(kept) == 2 and all(each["include-hidden-files"] is True for each in kept)


@pytest.mark.parametrize(
    ("name", "interval"), [("audit", "weekly"), ("refresh", "weekly"), ("update", "monthly")]
)
def test_what_changes_without_a_commit_is_looked_after(name, interval):
    (when,) = workflow(name)[True]["schedule"]
    _, _, day, month, weekday = when["cron"].split()
    assert (day == "*" and weekday.isdigit()) if interval == "weekly" else (day.isdigit() and weekday == "*")
    assert month == "*"


def test_newer_packages_and_actions_are_proposed():
    asked = yaml.safe_load((FOLDER.parent / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    assert {each["package-ecosystem"] for each in asked} == {"npm", "github-actions"}
    assert any("make lock ARGS=--upgrade" in step.get("run", "") for _, step in steps())


def test_no_stranger_gets_a_token_that_may_write():
    for name in NAMES:
        assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(workflow(name)[True])
    comment = workflow("check")["jobs"]["comment"]
    assert "head.repo.full_name == github.repository" in comment["if"]
    assert not any("uses" in step for step in comment["steps"])
