"""What may stand where in the descriptor, beyond what `outline` needs to find its way: its schema, and faults in words.

The schema (`descriptor.schema.json`) gives each place a title, which is how a fault says what must stand there.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema

_SCHEMA = Path(__file__).with_name("descriptor.schema.json")


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))


def faults(package: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(place, what stands there, what must) of everything that has not the shape it must have."""
    for error in _validator().iter_errors(package):
        shown = "" if isinstance(error.instance, (dict, list)) else json.dumps(error.instance)
        yield _place(package, error.absolute_path), shown, f"must be {error.schema['title']}"


def _place(package: Any, path: Iterator[str | int]) -> str:
    """The way to a value as people write it: things in a list by their name, else by their number."""
    parts, inside = [], package
    for step in path:
        inside = inside[step]
        if isinstance(step, str):
            parts.append(step)
        else:
            name = inside.get("name") if isinstance(inside, dict) else None
            parts.append(name if isinstance(name, str) and name else str(step + 1))
    return (
        ".".join(part for part in parts if part not in ("resources", "schema", "fields")) or "the descriptor"
    )
