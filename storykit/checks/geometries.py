"""The outlines in `data/geo/`: whether they can be read, and each area has a name of its own."""

from __future__ import annotations

import collections
import json
import warnings
from collections.abc import Container
from typing import Any

from storykit import project, tables
from storykit.checks import signs, text
from storykit.checks.problems import Report


def check(entry: dict[str, Any], report: Report, held: Container[str] = ()) -> bool:
    """Whether a geometry can be used; what is wrong with it is reported. Those that `held` are known to be right."""
    file = project.root() / "data" / entry["path"]
    if not file.is_file():
        report.whole("the file is missing")
        return False
    if entry.get("format") != "geojson":
        return False  # some other file that comes with the data
    if entry["name"] in held:
        return True
    raw = file.read_bytes()
    if words := text.conflict(raw):
        report.whole(words)
        return False
    try:
        collection = json.loads(raw)
    except ValueError as error:  # no JSON, or no UTF-8
        report.whole(f"is not GeoJSON, or was cut off ({error}); take the file from the last commit")
        return False
    _check_features(collection, report)
    return not report and _is_readable(entry, report)


def _check_features(collection: Any, report: Report) -> None:
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or not features:
        report.whole("must be a FeatureCollection with at least one feature", "features")
        return
    names = [_area(feature) for feature in features]
    for number, (feature, name) in enumerate(zip(features, names), start=1):
        if not name:
            report.whole("needs properties.geography, the area it is", f"features, number {number}")
        elif not isinstance(feature.get("geometry"), dict):
            report.whole("has no geometry", "features", name)
        for word, said in (feature.get("properties") or {}).items() if name else ():
            for words in signs.faults(said) if isinstance(said, str) else ():
                report.whole(words, f"features, number {number}.{word}", said)
    for name, times in collections.Counter(filter(None, names)).items():
        if times > 1:
            report.whole("stands in more than one feature; it must be unique", "features", name)


def _area(feature: Any) -> str:
    """The area of a feature; "" if it names none."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    name: Any = properties.get("geography") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else ""


def _is_readable(entry: dict[str, Any], report: Report) -> bool:
    """Whether the library that reads outlines makes one of each; it warns of what it leaves out."""
    try:
        with warnings.catch_warnings(action="ignore"):
            outlines = tables.geometry(entry["name"])["geometry"]
    except Exception as error:  # whatever a library for any kind of geometry may raise
        report.whole(f"cannot be read as outlines: {error}")
        return False
    for name in outlines.index[outlines.isna() | outlines.is_empty]:
        report.whole("has coordinates that are no outline", "features", name)
    return not report
