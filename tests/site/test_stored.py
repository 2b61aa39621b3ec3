"""What each kind of page is made of, how its controls are called and how each figure looks, against what is stored.

`pytest tests/site/test_stored.py --store` writes anew what is stored, after a change that is meant: its difference is
what a reviewer reads. Data may change without it: of pages elements are kept, not texts, and of names no digits; the
picture of a figure is compared only while its table is the one that was stored.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from pathlib import Path

import lxml.html
import pytest
from conftest import KINDS, SITE, reading, until
from PIL import Image, ImageChops

STORED = Path(__file__).parent / "stored"
PICTURES = STORED / "pictures.json"
SILENT = {"script", "style", "path", "g", "use", "br", "wbr", "source"}
"""Elements that say nothing of how a page is made up."""


# --- elements -----------------------------------------------------------------------------------------


def outline(element: lxml.html.HtmlElement) -> dict:
    """{element in words: {...}} of all that stand in one: those that are alike are one, with all that any of them holds."""
    inside: dict = {}
    for child in element:
        if isinstance(child.tag, str) and child.tag not in SILENT:
            _merge(inside.setdefault(_in_words(child), {}), outline(child))
    return inside


def _merge(into: dict, more: dict) -> None:
    for name, inside in more.items():
        _merge(into.setdefault(name, {}), inside)


def _in_words(element: lxml.html.HtmlElement) -> str:
    """Its tag, classes and role, as a style sheet would select it."""
    classes = "".join(f".{name}" for name in sorted(element.get("class", "").split()))
    role = f"[role={element.get('role')}]" if element.get("role") else ""
    return f"{element.tag}{classes}{role}"


def lines(inside: dict, depth: int = 0) -> list[str]:
    return [
        line for name in sorted(inside) for line in ["  " * depth + name, *lines(inside[name], depth + 1)]
    ]


# --- controls -----------------------------------------------------------------------------------------

CONTROLS = {
    "button", "checkbox", "combobox", "DisclosureTriangle", "radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox",
}  # fmt: skip
LANDMARKS = {"banner", "complementary", "contentinfo", "form", "main", "navigation", "region", "search"}
LONGEST = 80


def controls(page) -> list[str]:
    """Role and name of each control and landmark, as assistive technology gets them, once; digits are 0, as data change."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    found = set()
    for node in nodes:
        role = node.get("role", {}).get("value", "")
        if not node["ignored"] and role in CONTROLS | LANDMARKS:
            name = re.sub(r"\d+", "0", node.get("name", {}).get("value", "")).strip()
            found.add(f"{role}: {name[:LONGEST]}".rstrip())
    return sorted(found)


FETCHED = """[...document.querySelectorAll('figure.fig[data-choose]')].every(
  (figure) => performance.getEntriesByName(new URL(figure.dataset.spec, location.href).href).length)"""
"""Whether each figure with choices, all of which are open, has the data that they are made of."""


def settled(page) -> list[str]:
    """Its controls once its choices are made of what they fetch."""
    until(page, FETCHED)
    found = [[], controls(page)]
    while found[-1] != found[-2]:
        page.wait_for_timeout(150)
        found.append(controls(page))
    return found[-1]


def _file(kind: str) -> Path:
    return STORED / f"{kind.replace(' ', '-')}.txt"


@pytest.fixture(scope="module")
def opened(site, browser, address):
    with reading(browser, address) as function:
        yield function


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_made_of_what_is_stored(opened, kind, request):
    page = opened(kind)
    made_of = lines(
        outline(lxml.html.parse(str(SITE / KINDS[kind]), lxml.html.HTMLParser(encoding="utf-8")).find("body"))
    )
    text = "\n".join(["# Elements", *made_of, "", "# Controls", *settled(page), ""])
    if request.config.getoption("--store"):
        _file(kind).write_text(text, encoding="utf-8")
    assert text.splitlines() == _file(kind).read_text(encoding="utf-8").splitlines()


def test_no_page_is_stored_that_is_not_looked_at():
    assert {file.name for file in STORED.glob("*.txt")} == {_file(kind).name for kind in KINDS}


# --- pictures -----------------------------------------------------------------------------------------

FINE = (32, 24)
"""A picture is compared in so many tiles: marks and their colours show, a pixel to the side does not."""
DRAWN, COLOURED = 40, 70
"""From so far off the background something is drawn, of 255; from this saturation on it has a colour, as letters have not."""
FAR = 24
"""How far a tile may be off, of 255."""
OFF = 0.02
"""The share of tiles that may be further off; the two figures most alike differ in twice as many."""


def tiles(picture: Image.Image) -> bytes:
    """How full of what is drawn each tile of a picture is, row by row, and then how full of colour."""
    background = Image.new("RGB", picture.size, picture.getpixel((0, 0)))
    drawn = ImageChops.difference(picture, background).convert("L")
    coloured = picture.convert("HSV").getchannel("S")
    return b"".join(
        layer.point(lambda shade, least=least: 255 * (shade > least))
        .resize(FINE, Image.Resampling.BOX)
        .tobytes()
        for layer, least in ((drawn, DRAWN), (coloured, COLOURED))
    )


def off(one: bytes, other: bytes) -> float:
    """Share of tiles that differ."""
    return sum(abs(a - b) > FAR for a, b in zip(one, other, strict=True)) / len(one)


def _picture(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        return picture.convert("RGB")


def looks(site: Path) -> dict[str, dict[str, str]]:
    """Figure -> digest of its table, and its picture in tiles."""
    folder = site / "_figures"
    return {
        file.stem: {
            "table": hashlib.sha256((folder / f"{file.stem}.csv").read_bytes()).hexdigest()[:16],
            "tiles": base64.b64encode(tiles(_picture(file))).decode(),
        }
        for file in sorted(folder.glob("*.png"))
    }


def different(stored: dict[str, dict[str, str]], now: dict[str, dict[str, str]]) -> list[str]:
    """Figures of the same table that look otherwise, and those that stand on one side only."""
    found = [f"{name}: not on both sides" for name in sorted(stored.keys() ^ now.keys())]
    for name in sorted(stored.keys() & now.keys()):
        one, other = stored[name], now[name]
        share = off(base64.b64decode(one["tiles"]), base64.b64decode(other["tiles"]))
        if one["table"] == other["table"] and share > OFF:
            found.append(f"{name}: {share:.0%} of its picture looks otherwise")
    return found


def test_figures_look_as_they_are_stored(site, request):
    now = looks(site)
    if request.config.getoption("--store"):
        PICTURES.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert different(json.loads(PICTURES.read_text(encoding="utf-8")), now) == []


def test_one_figure_is_told_from_another_and_a_pixel_to_the_side_is_the_same(site):
    """What the comparison can see. A figure that is gone has the picture of the one in its place: those are one."""
    files = {file.read_bytes(): file for file in sorted((site / "_figures").glob("*.png"))}.values()
    seen = {file.stem: tiles(_picture(file)) for file in files}
    assert [(a, b) for a, b in itertools.combinations(seen, 2) if off(seen[a], seen[b]) <= OFF] == []
    for file in files:
        picture = _picture(file)
        moved = Image.new("RGB", picture.size, picture.getpixel((0, 0)))
        moved.paste(picture, (1, 1))
        assert off(tiles(moved), seen[file.stem]) <= OFF, file.stem
