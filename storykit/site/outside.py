"""Files by which a site is found, and read by programs: sitemap, robots, the way in, `llms.txt`, the claims."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.builders.html import StandaloneHTMLBuilder

from storykit import descriptor, progress, reshape, verdicts
from storykit.site import assets, collected, copies, identity, shell, views
from storykit.site.templates import render

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp

INDEX = "_index"
"""Folder of what programs read."""
CLAIMS = f"{INDEX}/claims.json"


def write(app: StoryApp, out: Path) -> None:
    """All of them. What needs the published address is left out while there is none, and that is said once."""
    base, front = (app.config.html_baseurl or "").rstrip("/"), app.config.external_site_map.root.docname
    names = cited(app)
    assets.write(
        out / ".nojekyll", ""
    )  # a host that runs Jekyll would leave out what begins with an underscore
    way_in = views.WayIn(
        app.config.html_title,
        f"{front}.html",
        f"{base}/{front}.html" if base else "",
        app.config.language or "en",
    )
    assets.write(out / "index.html", render(way_in))
    assets.write(out / INDEX / "pages.json", json.dumps(names, separators=(",", ":")))
    assets.write(out / CLAIMS, json.dumps(claims(base), ensure_ascii=False, indent=0))
    assets.write(out / "llms.txt", overview(app, base))
    copies.write_whole(app, out)
    placed = {
        "sitemap.xml": str(render(views.Sitemap(tuple(f"{base}/{name}.html" for name in names)))),
        "robots.txt": f"User-agent: *\nAllow: /\nSitemap: {base}/sitemap.xml\n",
    }
    for name, text in placed.items():
        if base:
            assets.write(out / name, text)
        else:
            (out / name).unlink(missing_ok=True)
    if not base:
        progress.say(
            "no address is set (html.baseurl in _config.yml): without it there are no sitemap.xml, robots.txt, "
            "canonical addresses and reviews of claims for search engines, and citations name no address"
        )


def cited(app: StoryApp) -> list[str]:
    """Names of all pages that somebody may cite or look for: those of the book in order, then the collected ones."""
    builder = app.builder
    made = collected.names(app) if isinstance(builder, StandaloneHTMLBuilder) else []
    moved = {f"figures/{old}" for _, record in app.story.figures() for old in record.formerly}
    return [*shell.pages(app), *(name for name in made if identity.is_cited(name) and name not in moved)]


def claims(base: str) -> dict[str, Any]:
    """Every claim with its verdict and address, and what must be known to use them."""
    package = descriptor.package()
    fields = ("claim_id", "statement", "made_by", "made_on", "due_by", "thread")
    return {
        "title": package["title"],
        "version": package["version"],
        "data_as_of": verdicts.data_as_of(),
        "licence": package["licenses"][0]["path"],
        "verdicts": verdicts.MEANINGS,
        "note": "A verdict rests on the finding `outcome`, and stands for the day of the data. Verdicts of different "
        "kinds of promise are no score: count them by kind, and count unknown apart.",
        "claims": [
            {
                **{field: record[field] for field in fields},
                "verdict": record["verdict"],
                "outcome": record["verdict_outcome"],
                "address": f"{base}/claims/{record['claim_id']}.html"
                if base
                else f"../claims/{record['claim_id']}.html",
            }
            for record in reshape.records(verdicts.all_verdicts())
        ],
    }


def overview(app: StoryApp, base: str) -> str:
    """`llms.txt`: what the site is, and where its pages are to be had as Markdown and its data as files."""
    package, root = descriptor.package(), f"{base}/" if base else ""
    lines = [
        f"# {app.config.html_title}",
        "",
        f"> {app.config.story_tagline} {package.get('description', '')}".rstrip(),
        "",
        f"Data version {package['version']}, data as of {verdicts.data_as_of()}. Text and data: "
        f"{package['licenses'][0]['name']}. Every number is written from a row of the data, which names its sources; "
        "a verdict holds for the day of the data. Cite the page, the version of the data and its day.",
        "",
        "## Pages",
        "",
        *(f"- [{app.env.titles[page].astext()}]({root}{page}.md)" for page in shell.pages(app)),
        "",
        "## For programs",
        "",
        f"- [All pages in one file]({root}{copies.WHOLE})",
        f"- [Every claim with its verdict]({root}{CLAIMS})",
        f"- [The data package]({root}_data/datapackage.json): tables as CSV, described field by field",
        f"- [Changes of the data]({root}changes.atom)",
        "",
        "## Optional",
        "",
        *(f"- [{descriptor.resource(name)['title']}]({root}_data/{descriptor.resource(name)['path']})" for name in descriptor.names()),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
