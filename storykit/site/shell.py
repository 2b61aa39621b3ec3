"""The shell around every page: navigation, meta data, freshness, and which pages there are."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup
from sphinx.application import Sphinx

from storykit import descriptor, disk, freshness, receipts, verdicts
from storykit.site import book_settings, copies, execution, identity, reading, summaries, templates

if TYPE_CHECKING:
    from docutils import nodes

    from storykit.site.extension import StoryApp

_ROOM = Path(__file__).parent


def digest() -> str:
    """Digest of what every page shows or is made by: our code and templates, and what the data say of themselves.

    Style and scripts are none of it: what a page holds of them is put in by `stamps`.
    """
    files = [f for f in sorted(_ROOM.rglob("*")) if f.suffix in (".py", ".html", ".toml")]
    about = {name: words for name, words in descriptor.package().items() if name != "resources"}
    parts = [
        *(f"{file.name}={disk.digest(file)}" for file in files),
        *(f"{name}={execution.content(name)}" for name in execution.modules()),
        json.dumps(about),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def pages(app: Sphinx) -> list[str]:
    """Names of the book's pages in reading order."""
    return [page for _, names in _parts(app) for page in names]


def story(app: Sphinx) -> list[str]:
    """Names of the pages that tell the story: the front page and the chapters, in order."""
    return [page for _, names in _parts(app)[:2] for page in names]


def _parts(app: Sphinx) -> list[tuple[str, list[str]]]:
    """(caption, page names) of each part of `_toc.yml`; the root stands in the first."""
    site_map = app.config.external_site_map
    parts = [("", [site_map.root.docname])]
    for subtree in site_map.root.subtrees:
        parts.append((subtree.caption or "", [str(item) for item in subtree.items]))
    return parts


def navigation(app: Sphinx, page: str) -> list[dict[str, Any]]:
    """Links to all pages for the template: title, address, group, number, current."""
    uri = app.builder.get_relative_uri
    links, number = [], 0
    for position, (caption, names) in enumerate(_parts(app)):
        group = "story" if position < 2 else "reference"
        for name in names:
            title = app.env.titles[name].astext() if name in app.env.titles else name
            links.append(
                {
                    "title": title if position else "Front page",
                    "href": uri(page, name),
                    "group": group,
                    "caption": caption,
                    "number": number if group == "story" else None,
                    "current": name == page,
                }
            )
            number += 1
    return links


def escape_pages(app: Sphinx) -> None:
    """Let Sphinx's own environment escape what stands in a page, as that of the parts does, and show views."""
    pages = app.builder.templates.environment
    pages.autoescape = jinja2.select_autoescape(["html"], default_for_string=False)  # scripts pass it, too
    pages.globals["render"] = templates.render


def fill(
    app: StoryApp, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """`html-page-context`: give the template what it needs, and close the page's receipts."""
    writer = app.story.finished(pagename)
    for part in ("body", "toc"):
        context[part] = Markup(context.get(part, ""))  # HTML by now: Sphinx or a template has written it
    if writer is not None and context["body"]:
        context["body"] += writer.cards()
    kind = context.get("story_kind") or _kind(app, pagename)
    root = "../" * pagename.count("/")
    static = f"{root}_static/"
    base = (app.config.html_baseurl or "").rstrip("/")
    description = summaries.of(
        context.get("story_description") or _description(doctree) or app.config.story_tagline
    )
    image = context.get("story_image") or _first_picture(app, pagename)
    lost = kind == "lost"
    title = str(context.get("title", ""))
    if doctree is not None:
        title = str(
            Markup(title).striptags()
        )  # of a written page it comes as HTML, of a collected one as text
    if pagename in pages(app):
        outfile = Path(app.outdir) / f"{pagename}.md"
        copies.write(context["body"], app.env.titles[pagename].astext(), outfile, app.story.engine)
    context["story"] = {
        "kind": kind,
        "title": title,
        "site_title": app.config.html_title,
        "tagline": app.config.story_tagline,
        "nav": navigation(app, pagename),
        "description": description,
        "feed": f"{root}changes.atom",
        "image": (f"{base}/{image}" if base else f"{root}{image}") if image else "",
        "assets": {key: static + name for key, name in app.story.assets.items()},
        # A written page is where a visit begins: it carries its style. The pages behind it, many and
        # alike, share the file.
        "inlined": app.story.inlined,
        "carries_style": pagename in pages(app) or lost,
        "root_path": f"{urlsplit(base).path}/" if lost and base else "",
        "minutes": reading.minutes(doctree) if doctree is not None else 0,
        "folders": " ".join(identity.FOLDERS),
        "root": root,
        "footer": {
            "data_version": descriptor.about("version"),
            "as_of": receipts.date_words(verdicts.data_as_of()),
            "licence": descriptor.about("licenses")[0]["name"],
        },
        "announcement": Markup(book_settings.announcement(app.config)),
        "extra_footer": Markup(book_settings.option(app.config, "extra_footer")),
        "freshness": _chapter_freshness(app, pagename) if kind in ("story", "index") else None,
        **identity.of(app, pagename, title, kind, description),
    }


def _kind(app: Sphinx, page: str) -> str:
    """How a page is set: by what it holds (`directives.StoryDirective`), or by where it stands in `_toc.yml`."""
    if own := app.env.metadata.get(page, {}).get("story_kind"):
        return str(own)
    parts = _parts(app)
    if page in parts[0][1]:
        return "front"
    return "story" if len(parts) > 1 and page in parts[1][1] else "reference"


def _description(doctree: nodes.document | None) -> str:
    """The page's first paragraph, as its description for search engines."""
    from docutils import nodes

    if doctree is None:
        return ""
    first = next(iter(doctree.findall(nodes.paragraph)), None)
    return first.astext() if first is not None else ""


def _first_picture(app: StoryApp, page: str) -> str:
    """The first figure of a chapter stands for it where a link to it is shared."""
    drawn = getattr(app.env, "story_figures", {}).get(page, [])
    return f"_figures/{drawn[0].id}.png" if drawn and app.story.pictures else ""


def chapter_rows(app: Sphinx, page: str) -> list[tuple[str, str]]:
    """(table, key) of every row that a page's receipts and figures rest on."""
    rows: dict[tuple[str, str], None] = {}
    for kind, inside in getattr(app.env, "story_rests", {}).get(page, {}):
        if kind == "num":
            rows.update({row[:2]: None for row in receipts.receipt(inside).rows})
        elif kind == "holds":
            rows.update({row[:2]: None for row in receipts.sentence(inside).rows})
    for record in getattr(app.env, "story_figures", {}).get(page, []):
        rows.update(dict.fromkeys(record.rows))
    return list(rows)


def _chapter_freshness(app: Sphinx, page: str) -> freshness.Freshness | None:
    """How old and how sure a chapter is; None if nothing can be said."""
    age = freshness.of(chapter_rows(app, page))
    return age if age.words() else None
