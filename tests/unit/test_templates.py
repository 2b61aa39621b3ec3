"""Every view has its template, and no text of a view becomes a tag, whatever stands in it."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing

import jinja2
import lxml.etree
import lxml.html
import pytest
from markupsafe import Markup

from storykit.freshness import Freshness
from storykit.site import assets, shell, templates, views

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)> & &lt; ]]> --> {{ 7 * 7 }}"
ALL = dict(inspect.getmembers(views, dataclasses.is_dataclass))
SHOWN = sorted(
    name
    for name in ALL
    if {f"{templates.file_stem(ALL[name])}.{ending}" for ending in templates.ENDINGS}
    & set(templates.environment().list_templates())
)
"""Views with a template of their own; the others stand inside these."""


def inside(kind: type) -> set[type]:
    """The views that a view is made of."""
    found: set[type] = set()
    for hint in typing.get_type_hints(kind).values():
        found |= {part for part in _parts(hint) if dataclasses.is_dataclass(part)}
    return found


def _parts(hint) -> list:
    return [hint, *(part for argument in typing.get_args(hint) for part in _parts(argument))]


def filled(hint, text: str, pick: int):
    """A value of a type with `text` in every text; of alternatives the first (`pick` 0) or the last (-1)."""
    if hint is str:
        return text
    if hint is Markup:
        return Markup("<em>{}</em>").format(text)
    if hint in (int, bool):
        return hint(1 if pick == 0 else 0)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return filled(typing.get_args(hint)[pick], text, pick)
    if typing.get_origin(hint) is tuple:
        kinds = [kind for kind in typing.get_args(hint) if kind is not Ellipsis]
        return tuple(filled(kind, text, pick) for kind in kinds)
    if hint is type(None):
        return None
    return hint(**{name: filled(of, text, pick) for name, of in typing.get_type_hints(hint).items()})


def parse(html: str):
    if html.startswith("<?xml") or (html.startswith("<svg") and html.rstrip().endswith("</svg>")):
        return lxml.etree.fromstring(html.encode())
    if html.lstrip().startswith("<!DOCTYPE"):
        return lxml.html.document_fromstring(html)
    return lxml.html.fragment_fromstring(html, create_parent="div")


def skeleton(html: str) -> list[tuple[str, list[str]]]:
    """The tags with the names of their attributes."""
    return [(element.tag, sorted(element.attrib)) for element in parse(html).iter()]


def words(html: str) -> str:
    return "\n".join(
        text
        for element in parse(html).iter()
        for text in (element.text, element.tail, *element.values())
        if text
    )


def test_every_view_has_a_template_or_stands_in_one_that_has():
    reached, todo = set(), [ALL[name] for name in SHOWN]
    while todo:
        kind = todo.pop()
        reached.add(kind)
        todo += inside(kind) - reached
    assert set(ALL.values()) - reached == set()


def test_every_template_has_a_view():
    stems = {templates.file_stem(ALL[name]) for name in SHOWN}
    files = {name.rsplit(".", 1)[0] for name in templates.environment().list_templates()}
    assert files - stems == {"macros"}


@pytest.mark.parametrize("pick", [0, -1])
@pytest.mark.parametrize("name", SHOWN)
def test_hostile_text_stays_text(name, pick):
    calm, hostile = (templates.render(filled(ALL[name], text, pick)) for text in ("words", HOSTILE))
    assert skeleton(hostile) == skeleton(calm)
    assert HOSTILE in words(hostile)


def test_a_name_that_a_view_does_not_have_is_an_error():
    with pytest.raises(jinja2.UndefinedError, match="'nobody' is undefined"):
        templates.environment().from_string("{{ nobody }}").render()


@pytest.fixture
def pages():
    """Sphinx's environment of whole pages, as the extension sets it up."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(assets.THEME))
    bridge = types.SimpleNamespace(environment=environment)
    shell.escape_pages(types.SimpleNamespace(builder=types.SimpleNamespace(templates=bridge)))
    return environment


def context(text: str, kind: str) -> dict:
    """What `shell.fill` and the maker of a figure's page give to a template, with one text everywhere."""
    away = views.Link(text, text)
    link = {"link": text, "title": f"<em>{jinja2.filters.escape(text)}</em>"}
    item = {"title": "Page", "href": text, "group": "story", "caption": text, "number": 1, "current": True}
    story = {
        "kind": kind,
        "site_title": text,
        "tagline": text,
        "nav": [item, {**item, "group": "reference"}],
        "description": text,
        "canonical": text,
        "image": text,
        "assets": {"css": "story.css", "js": "story.js"},
        "inlined": {
            "first": "let a = 1 < 2;",
            "first_hash": "sha256-x",
            "home": "",
            "home_hash": "",
            "css": "p > a { color: red }",
            "css_hash": "sha256-y",
        },
        "root_path": "",
        "folders": text,
        "tags": [(text, text)],
        "feed": text,
        "citation": filled(views.Citation, text, 0),
        "carries_style": True,
        "root": "../",
        "footer": {"data_version": text, "as_of": text, "licence": text},
        "freshness": Freshness("2019", "2019", {text: 1}, "", True),
        "jsonld": {"name": text},
        "taking": views.Taking((views.Download(away, text, text),), (away,), (text,), (away,)),
    }
    return {
        "story": story,
        "title": jinja2.filters.escape(text),
        "body": Markup("<h1>Title</h1><p>First.</p>"),
        "toc": Markup("<ul><li><ul><li>1</li></ul></li></ul>"),
        "prev": link,
        "next": link,
        "pagename": "figures/x",
        "chapters": [filled(views.BoundChapter, text, 0)],
        "figure": Markup("<figure></figure>"),
        "chapter": views.Link(text, text),
        "code": views.FigureCode(
            Markup("<b>coloured</b>"), 2, ((text, text),), (views.CodeRows(away, text, 1),), away
        ),
        "snippet": views.Snippet(text, text, 100),
    }


@pytest.mark.parametrize("kind", ["front", "story", "reference", "figure", "embed", "lost"])
@pytest.mark.parametrize(
    "name", ["page.html", "figure.html", "search.html", "genindex.html", "lost.html", "whole.html"]
)
def test_hostile_text_stays_text_in_whole_pages(pages, name, kind):
    calm, hostile = (pages.get_template(name).render(context(text, kind)) for text in ("words", HOSTILE))
    assert skeleton(hostile) == skeleton(calm)
    assert "alert(1)</script>" not in hostile
    assert "let a = 1 < 2;" in hostile and "p > a { color: red }" in hostile and "<h1>" in hostile


def test_a_snippet_is_shown_as_text_that_is_html(pages):
    page = parse(pages.get_template("figure.html").render(context(HOSTILE, "figure")))
    frame, script = lxml.html.fragments_fromstring(page.xpath("//textarea")[0].text)
    assert frame.tag == "iframe" and frame.get("title") == HOSTILE
    assert script.tag == "script" and "alert" not in script.text
