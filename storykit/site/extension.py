"""The Sphinx extension: what happens when, from the settings to the last file of a build."""

from __future__ import annotations

import functools
import importlib.metadata
import json
from pathlib import Path
from typing import Any, cast

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError, SphinxError

from storykit import checks, disk, errors, figures, progress, project, receipts
from storykit.site import (
    archives,
    assets,
    book_settings,
    checksums,
    collected,
    command,
    directives,
    execution,
    figure_files,
    files,
    nodes,
    notebooks,
    outside,
    passages,
    pictures,
    proof,
    reference,
    search,
    shell,
    social,
    stamps,
    supply,
    taken,
    taking,
    terms,
    turnings,
    views,
    whole,
)
from storykit.site.kept import Kept
from storykit.site.markup import PageWriter
from storykit.site.uses import Uses


class StoryError(SphinxError):
    """Something of the story that a person has to put right before a page may be built."""

    category = "The story does not hold"


class StoryApp(Sphinx):
    """Sphinx from the moment on at which `start` has given it the state of our build.

    Only for the type checker: Sphinx makes the object, and has no place of its own for such a state.
    """

    story: Story


class Story:
    """State of one build: whether pictures can be drawn, shared files, marks of figures, the pages' writers, and the
    `proof.state` of the files."""

    def __init__(self, app: Sphinx):
        self.app = app
        self.pictures = pictures.works()
        self.assets: dict[str, str] = {}
        self.marks: dict[str, str] = {}
        self.inlined: dict[str, str] = {}
        self.stamps: stamps.Stamps = {}
        self.reading: list[str] = []
        self.state = proof.state(Path(app.srcdir))
        self._writers: dict[str, PageWriter] = {}

    @functools.cached_property
    def engine(self) -> str:
        """Digest of what makes pages; of the whole build, as is `state`: if it changes meanwhile, the build is done again."""
        return shell.digest()

    @functools.cached_property
    def told(self) -> list[tuple[figures.Record, views.Provenance]]:
        """All figures with what they say of themselves; asked for when all pages are read."""
        config = self.app.config
        kept = Kept(
            execution.state_folder() / "told", f"{self.engine} {config.html_title} {config.html_baseurl}"
        )
        found = [
            (record, kept.of_data(record.digest, functools.partial(figure_files.about, self.app, record)))
            for _, record in self.figures()
        ]
        kept.save()
        return found

    @functools.cached_property
    def uses(self) -> Uses:
        """Where the book uses its rows; asked for when all pages are read."""
        app = cast("StoryApp", self.app)
        kept = Kept(execution.state_folder() / "uses", self.engine)
        found = kept.of_data(Uses.made_of(app), functools.partial(Uses, app))
        kept.save()
        return found

    def writer(self, page: str) -> PageWriter:
        """The writer of a page; the same one while the page is being written."""
        if page not in self._writers:
            self._writers[page] = PageWriter(
                page, self.app.builder.get_relative_uri, self.app.config.html_baseurl or ""
            )
        return self._writers[page]

    def finished(self, page: str) -> PageWriter | None:
        """Hand out a page's writer for the last time."""
        return self._writers.pop(page, None)

    def figures(self) -> list[tuple[str, figures.Record]]:
        """All figures of the book, in page order, each behind the page that holds it."""
        held = getattr(self.app.env, "story_figures", {})
        return [(page, record) for page in shell.pages(self.app) for record in held.get(page, [])]


def start(app: StoryApp) -> None:
    """Before reading: check settings, chapters and data, run stale chapters, write the shared files."""
    root = Path(app.srcdir)
    project.export(root, root / "_build" / ".storykit" / "reads")
    receipts.look_ahead()
    command.wait_until_asked()
    problems, unfit = execution.problems_of_data(), [*_settings(app), *_unfit(app)]
    if problems or unfit:
        raise StoryError("\n" + "\n".join([*unfit, *([checks.summary(problems)] if problems else [])]))
    receipts.carry_on(execution.rules())
    if faults := execution.problems_of_texts():
        raise StoryError("\n" + "\n".join(map(str, faults)))
    receipts.carry(execution.rules())
    app.story = Story(app)
    for line in book_settings.without_effect(app.config):
        progress.say(line)
    if not app.story.pictures:
        found = pictures.browser()
        why = f"Chromium does not start ({found})" if found else "no Chromium found"
        why = "pictures are drawn once the pages are there" if pictures.are_for_later() else why
        progress.say(f"{why}: figures are shown as tables, without pictures")
    # Before chapters run: that a tool is missing is soon said.
    app.story.assets = assets.write_shared(Path(app.outdir) / "_static")
    app.story.inlined = assets.inlined()
    app.story.stamps = stamps.of(app.story.assets, app.story.inlined, proof.short(app.story.state))
    stamps.note(_stamped(app), app.story.stamps)
    try:
        execution.run_stale(
            _notebooks(app), Path(app.config.nb_execution_cache_path), app.config.story_executor
        )
    except execution.ExecutionFailed as error:
        raise StoryError(f"\n{error}") from error
    if app.builder.format == "html":
        shell.escape_pages(app)
    if isinstance(app.builder, StandaloneHTMLBuilder):
        app.builder.search = False  # ours knows the rows, not only the pages: `storykit.site.search`


def _stamped(app: Sphinx) -> Path:
    return Path(app.doctreedir) / stamps.NAME


def leave_published_site(app: Sphinx, config: Config) -> None:
    """Never build into a published release: `make site` makes `_build/html` a link, and Sphinx follows links.

    A plain `jupyter-book build .` then builds in place, in a folder instead of the link, as it does anywhere.
    """
    release = Path(app.outdir)
    place = release.parent.parent / "html"
    if release.parent.name == "releases" and place.is_symlink() and place.resolve() == release:
        place.unlink()
        place.mkdir()
        app.outdir = type(app.outdir)(place)


def _notebooks(app: Sphinx) -> list[Path]:
    return sorted((Path(app.srcdir) / "book").glob("*.ipynb"))


def _unfit(app: Sphinx) -> list[str]:
    """What keeps notebooks of the book from being run as chapters."""
    kept = Kept(execution.state_folder() / "unfit", execution.rules())
    found = [
        line
        for file in _notebooks(app)
        for line in kept.get((file.name, disk.digest(file)), functools.partial(notebooks.unfit, file))
    ]
    kept.save()
    deeper = [
        f for f in sorted((Path(app.srcdir) / "book").glob("*/**/*.ipynb")) if ".ipynb" not in f.parent.name
    ]
    return found + [f"{f.relative_to(app.srcdir)}: chapters stand in book/ itself" for f in deeper]


def _settings(app: Sphinx) -> list[str]:
    """Settings of _config.yml that would build something else than this book."""
    config, found = app.config, []
    if config.nb_execution_mode != "cache":
        found.append(
            f"_config.yml, execute_notebooks: {config.nb_execution_mode!r}: must be cache; other ways build "
            "the chapters without their figures, or run them again each time"
        )
    executors = sorted(e.name for e in importlib.metadata.entry_points(group="jcache.executors"))
    if config.story_executor not in executors:
        found.append(
            f"_config.yml, story_executor: {config.story_executor!r}: there are {', '.join(executors)}"
        )
    for name, address in (
        ("baseurl", config.html_baseurl),
        ("story_releases_address", config.story_releases_address),
    ):
        if address and not checks.fields.is_address(address):
            found.append(f"_config.yml, {name}: {address!r}: must be a web address, or empty")
    if config.story_security_contact and not supply.is_contact(config.story_security_contact):
        found.append(
            f"_config.yml, story_security_contact: {config.story_security_contact!r}: must be mailto: and an address, "
            "an address by https, or empty"
        )
    return found + book_settings.problems(config)


def outdated(
    app: StoryApp, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Pages to read again although their file did not change: inputs, receipts, tables or theme did."""
    for page in removed:  # Sphinx forgets it, and leaves what it has written
        (Path(app.outdir) / f"{page}.html").unlink(missing_ok=True)
    look, last = app.story.engine, nodes.held(env, "story_looks")
    if last.get("shell") != look:
        last["shell"] = look
        return sorted(env.found_docs)
    stale = set()
    for page, inputs in getattr(env, "story_inputs", {}).items():
        if inputs != execution.digest(page.rpartition("/")[2]):
            stale.add(page)
    data = execution.data()
    if last.get("data") != data:  # as long as no row is another, no receipt is
        last["data"] = data
        stale |= {page for page in getattr(env, "story_rests", {}) if nodes.others(env, page)}
    for page, shown in getattr(env, "story_tables", {}).items():
        if execution.contents_of(shown) != shown:
            stale.add(page)
    execution.keep_contents()
    return sorted(stale & env.found_docs)


def note_reading(app: StoryApp, env: BuildEnvironment, pages: list[str]) -> None:
    """Before reading: which pages this build reads."""
    app.story.reading = list(pages)


def note_inputs(app: Sphinx, page: str, source: list[str]) -> None:
    """Before a chapter is read: remember the digest of what it rests on.

    Not afterwards: a table saved between the two would pass for one that was read.
    """
    name = page.rpartition("/")[2]
    if execution.known_reads(name) is not None and (Path(app.srcdir) / f"{page}.ipynb").is_file():
        nodes.held(app.env, "story_inputs")[page] = execution.digest(name)


def stop_on_problems(app: StoryApp, env: BuildEnvironment) -> list[str]:
    """After reading: every unresolved receipt and failed sentence, of all pages at once."""
    held = getattr(env, "story_problems", {})
    problems = [line for page in sorted(held) for line in held[page]]
    seen: dict[str, str] = {}
    for page, records in getattr(env, "story_figures", {}).items():
        for record in records:
            if record.id in seen:
                problems.append(f"{page}: figure id {record.id!r} is used in {seen[record.id]} too")
            seen[record.id] = page
    if problems:
        # The environment is not kept after this, and without doctrees the next build reads these pages again.
        for page in app.story.reading:
            (Path(app.doctreedir) / f"{page}.doctree").unlink(missing_ok=True)
        raise StoryError("\n" + "\n".join(problems))
    return []


def take(app: StoryApp, env: BuildEnvironment) -> list[str]:
    """After reading: pictures, and what readers take away; pages that state another weight than now."""
    if app.builder.format != "html":
        return []
    out = Path(app.outdir)
    figure_files.draw(app, out)
    progress.begin("notebooks")
    taken.write(app, out)
    archives.write(app, out)
    weights, stated = archives.weights(out), nodes.held(env, "story_weights")
    stale = list(taken.chapters(app)) if stated.get("") != weights else []
    stated[""] = weights
    shown, last = [app.story.pictures, shell.navigation(app, "x")], nodes.held(env, "story_shown")
    if last.get("", shown) != shown:
        stale = sorted(
            env.found_docs
        )  # with pictures that are gone, or without those there are; with another menu
    last[""] = shown
    # Sphinx makes the collected pages only when it writes a page, so one is written in every build.
    return stale if stale or app.story.reading else [app.config.external_site_map.root.docname]


def lists_to_write(app: StoryApp, env: BuildEnvironment) -> list[str]:
    """After reading: pages that list the figures of all pages, if these are others than when they were written.

    And those that count what no page knows, at every build.
    """
    shown = [(record.id, page, receipts.plain(record.title)) for page, record in app.story.figures()]
    now = json.dumps(shown)
    lists = nodes.held(env, "story_lists")
    stale = [page for page, listed in lists.items() if listed != now]
    lists.update({page: now for page in stale if lists[page] != reference.ALWAYS})
    return stale


def finish(app: StoryApp, exception: Exception | None) -> None:
    """After writing: each figure's own files, pictures, and nothing that no page asks for."""
    if exception is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    figure_files.write(app, out)
    progress.begin("downloads")
    search.write(app, out)
    files.write_data(out)
    files.write_series(out, app.story.engine)
    files.write_feed(app, out)
    outside.write(app, out)
    whole.write(app, out)
    social.write(app, out)
    supply.write(out, app.config.story_security_contact, (app.config.html_baseurl or "").rstrip("/"))
    stamps.renew(out, _stamped(app), app.story.stamps)
    assets.prune(out, book_settings.kept_files(app.config))
    checksums.write(out)
    receipts.carry(execution.rules())


def setup(app: Sphinx) -> dict[str, Any]:
    if errors.is_windows():  # here `jupyter-book build` comes in, without the command `storykit`
        raise ExtensionError(errors.ON_WINDOWS)
    app.add_config_value("story_report_address", "", "html", str)
    app.add_config_value("story_security_contact", "", "env", str)
    app.add_config_value("story_releases_address", "", "env", str)
    app.add_config_value("story_executor", "local-parallel", "", str)
    app.add_config_value("story_tagline", "", "html", str)
    # Jupyter Book always sets this one for an extension that we do not load.
    app.add_config_value("comments_config", {}, "")
    app.add_html_theme("story", str(assets.THEME))
    html, words = (nodes.visit_figure, None), (nodes.visit_words, nodes.depart_words)
    app.add_node(nodes.FigureNode, html=html, text=(nodes.skip, None), latex=(nodes.skip, None))
    app.add_node(
        directives.PartNode,
        html=(directives.visit_part, None),
        text=(nodes.skip, None),
        latex=(nodes.skip, None),
    )
    app.add_node(
        directives.NoteNode,
        html=(directives.visit_note, directives.depart_note),
        text=words,
        latex=words,
    )
    app.add_node(nodes.ReceiptNode, html=(nodes.visit_receipt, None), text=words, latex=words)
    app.add_role("num", nodes.NumRole())
    app.add_role("holds", nodes.HoldsRole())
    app.add_role("verdict", nodes.VerdictRole())
    app.add_directive("story", directives.StoryDirective)
    app.add_directive("sure", directives.SureDirective)
    app.add_directive("case", directives.CaseDirective)
    app.add_directive("facts", nodes.FactsDirective)
    app.add_directive("figure-text", nodes.FigureTextDirective)
    app.connect("config-inited", leave_published_site)
    app.connect("builder-inited", start)
    app.connect("env-get-outdated", outdated)
    app.connect("env-before-read-docs", note_reading)
    app.connect("source-read", note_inputs)
    app.connect("source-read", nodes.note_state)
    app.connect("env-purge-doc", nodes.purge)
    app.connect("env-merge-info", nodes.merge)
    app.connect("doctree-read", nodes.collect_figures)
    app.connect("doctree-read", directives.gather)
    app.connect("doctree-read", passages.collect)
    app.connect("doctree-read", terms.mark)
    app.connect("doctree-read", nodes.note_read, priority=900)
    app.connect("env-updated", stop_on_problems)
    app.connect("env-updated", lists_to_write)
    app.connect("env-updated", take)
    app.connect("html-page-context", shell.fill)
    app.connect("html-page-context", taking.offer)
    app.connect("html-page-context", turnings.offer)
    app.connect("html-collect-pages", collected.collect)
    app.connect("build-finished", finish)
    return {"version": "1", "env_version": 4, "parallel_read_safe": True, "parallel_write_safe": False}
