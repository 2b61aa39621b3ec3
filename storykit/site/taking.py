"""What stands at the end of a page: the chapter to take and to run, and where the page is edited."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from storykit.site import archives, book_settings, nodes, shell, taken, views

if TYPE_CHECKING:
    from docutils.nodes import document

    from storykit.site.extension import StoryApp


def offer(
    app: StoryApp, pagename: str, templatename: str, context: dict[str, Any], doctree: document | None
) -> None:
    """`html-page-context`, after the shell: put it into the page."""
    context["story"]["taking"] = of_page(app, pagename)


def of_page(app: StoryApp, page: str) -> views.Taking | None:
    """What a reader takes of a page, and where it is run and edited; None where there is nothing of it."""
    if page not in shell.pages(app):
        return None
    file = f"{page}{Path(app.env.doc2path(page)).suffix}"
    name, chapter = page.rpartition("/")[2], file.endswith(".ipynb")
    weights = nodes.held(app.env, "story_weights").get("", {})
    offered = (
        (f"{name}.ipynb", "The notebook", "prose, code and outputs as on this page"),
        (
            f"{name}.zip",
            "The notebook to run",
            "with the data it reads and the engine; two commands in its readme",
        ),
        (f"{archives.book()}.zip", "The whole book to run", "all chapters, all data"),
    )
    folder = f"{'../' * page.count('/')}{taken.FOLDER}/"
    found = views.Taking(
        downloads=tuple(
            views.Download(views.Link(words, folder + place), about, weights[place])
            for place, words, about in offered
            if chapter and place in weights
        ),
        launches=book_settings.launch_links(app.config, file) if chapter else (),
        fetching=book_settings.fetching(app.config) if chapter else (),
        repository=book_settings.repository_links(app.config, page, file),
    )
    return found if found.downloads or found.repository else None
