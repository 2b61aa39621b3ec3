"""The fields of a table in words: type, unit, meaning, and what is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from storykit import columnar, descriptor
from storykit.site import views


def fields(table: str) -> tuple[views.Field, ...]:
    """Every field of a table, in the order of its columns."""
    entry = descriptor.resource(table)
    foreign = [
        (key["fields"], key["reference"]["resource"]) for key in entry["schema"].get("foreignKeys", [])
    ]
    named = [(said["field"], said["resource"]) for said in entry.get("storykit:references", [])]
    leads = {field: other for several, other in foreign for field in _listed(several)} | dict(named)
    return tuple(_field(field, leads.get(field["name"], "")) for field in descriptor.fields(table))


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def _field(field: dict[str, Any], leads_to: str) -> views.Field:
    unit = field.get("unit", "")
    if "storykit:unitField" in field:
        unit = f"as {field['storykit:unitField']} says"
    return views.Field(
        name=field["name"],
        type=_TYPES.get(columnar.sql_type(field), field["type"]),
        unit=unit,
        description=field["description"],
        categories=tuple((c["value"], c["label"]) for c in field.get("categories", [])),
        allowed=tuple(_allowed(field, leads_to)),
    )


_TYPES = {"VARCHAR": "text", "DATE": "date", "BOOLEAN": "true or false", "VARCHAR[]": "list of texts"}


def _allowed(field: dict[str, Any], leads_to: str) -> Iterator[str]:
    rules, words = field.get("constraints", {}), descriptor.package().get("storykit:patterns", {})
    if pattern := rules.get("pattern", "") if not field.get("categories") else "":
        yield words.get(pattern, f"must look like the pattern {pattern}")
    if leads_to:
        yield f"must be a key of {leads_to}"
    if "minimum" in rules:
        yield f"at least {rules['minimum']}"
    if "maximum" in rules:
        yield f"at most {rules['maximum']}"
    if rules.get("required"):
        yield "never empty"
    if rules.get("unique"):
        yield "each only once"
