"""Whatever else stands in the descriptor has the shape that pages and downloads rely on, or is named with its place."""

from __future__ import annotations

import json

import pytest

from storykit import checks


def spoil(package, change) -> list[str]:
    """Change the descriptor; what the check says then."""
    file = package.root / "data" / "datapackage.json"
    described = json.loads(file.read_text(encoding="utf-8"))
    change(described)
    file.write_text(json.dumps(described), encoding="utf-8")
    return [str(problem) for problem in checks.check()]


def table(described, name):
    return next(entry for entry in described["resources"] if entry["name"] == name)


def field(described, name, field):
    return next(f for f in table(described, name)["schema"]["fields"] if f["name"] == field)


SHAPES = {
    "names of the story": (lambda d: d.update({"storykit:names": None}), "entry storykit:names: 'null': must be a list of texts"),
    "one name of the story": (lambda d: d.update({"storykit:names": ["KL1", 1.5]}), "entry storykit:names.2: '1.5': must be a text"),
    "words of a pattern": (lambda d: d["storykit:patterns"].update({"x": None}), "entry storykit:patterns.x: 'null': must be a text"),
    "a source of the whole": (lambda d: d["sources"].append("x"), "must be an object with title and path"),
    "a source without address": (lambda d: d["sources"][0].pop("path"), "entry sources.1: must be an object with title and path"),
    "a source of a map": (lambda d: table(d, "world").update(sources=["x"]), "entry world.sources.1"),
    "keywords": (lambda d: d.update(keywords="x"), "entry keywords: '\"x\"': must be a list of texts"),
    "title of a table": (lambda d: table(d, "rules").update(title=7), "entry rules.title: '7': must be a text"),
    "meaning of a field": (lambda d: field(d, "rules", "rule").update(description=[]), "entry rules.rule.description: must be a text"),
    "a category without label": (lambda d: field(d, "rules", "state")["categories"][0].pop("label"), "entry rules.state.categories.1: must be an object with value and label"),
    "a look that is none": (lambda d: field(d, "rules", "state")["categories"][0].update({"storykit:look": 1}), "storykit:look: '1': must be a text"),
    "plans": (lambda d: table(d, "places").update({"storykit:plans": {"status": "planned"}}), "entry places.storykit:plans.status: '\"planned\"': must be a list of texts"),
    "official kinds": (lambda d: table(d, "sources").update({"storykit:official": "official"}), "entry sources.storykit:official"),
    "allowed words": (lambda d: field(d, "rules", "state")["constraints"].update(enum=["a", None]), "must be a text"),
    "another encoding": (lambda d: table(d, "rules").update(encoding="latin-1"), "entry rules.encoding: '\"latin-1\"': must be \"utf-8\""),
}  # fmt: skip


@pytest.mark.parametrize(("change", "told"), SHAPES.values(), ids=SHAPES)
def test_a_wrong_shape_is_named_with_its_place(package, change, told):
    said = spoil(package, change)
    assert any(told in line for line in said), said


def test_a_date_and_a_plan_name_columns_of_their_table(package):
    said = spoil(
        package,
        lambda d: table(d, "places").update({"storykit:date": "nope", "storykit:plans": {"never": ["x"]}}),
    )
    assert [line.partition(": ")[2] for line in said if "storykit:date" in line or "storykit:plans" in line]
