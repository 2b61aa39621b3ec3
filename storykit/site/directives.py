"""The `{story}` directive: a part made from the data, named in a page and written when the page is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from docutils import nodes as docutils_nodes
from docutils.parsers.rst import directives
from markupsafe import Markup
from sphinx.util.docutils import SphinxDirective

from storykit import reads, receipts
from storykit.site import execution, nodes, reference, sets, views
from storykit.site.markup import PageWriter
from storykit.site.templates import render

if TYPE_CHECKING:
    from storykit.site.extension import StoryApp


class PartNode(docutils_nodes.General, docutils_nodes.Element):
    """A part of the page; `make` is a name in `reference.PARTS`, `options` are those of the directive."""


class StoryDirective(SphinxDirective):
    """```` ```{story} wall ```` puts a part made from the data into a page."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {
        "thread": directives.unchanged,
        "where": directives.unchanged,
        "table": directives.unchanged,
    }

    def run(self) -> list[docutils_nodes.Node]:
        name = self.arguments[0]
        if name not in reference.PARTS:
            place = nodes.place_of(self.env, self.lineno)
            nodes.note_problem(
                self.env,
                f"{place}: there is no part {name!r}; there are {', '.join(sorted(reference.PARTS))}",
            )
            return []
        names = nodes.names_of(self.env, "".join(self.content))
        options = {**self.options, "content": [receipts.expanded(line, names) for line in self.content]}
        if name in reference.OF_ALL_PAGES:  # other pages are not all read yet: `lists_to_write` sees to it
            nodes.held(self.env, "story_lists").setdefault(self.env.docname, "")
            return [PartNode(make=name, options=options)]
        if name in reference.OF_ALL_FILES:
            nodes.held(self.env, "story_lists")[self.env.docname] = reference.ALWAYS
            return [PartNode(make=name, options=options)]
        try:
            read = _read(cast("StoryApp", self.env.app), reference.PARTS[name], options)
        except receipts.ReceiptError as error:
            place = nodes.place_of(self.env, self.lineno)
            nodes.note_problem(self.env, f"{place}: {{story}} {name}: {error}")
            return []
        for name_read in read:
            nodes.note_table(self.env, name_read, execution.content(name_read))
        for claim in sets.chosen(options["where"]).index if name == "claims" else ():
            nodes.note_rest(self.env, "verdict", claim)
        if name in reference.INDEXES:
            self.env.metadata[self.env.docname]["story_kind"] = "index"
        return [PartNode(make=name, options=options)]


def gather(app: StoryApp, doctree: docutils_nodes.document) -> None:
    """After reading a page: its stills know one another, and the sections that hold them stand together."""
    found = [node for node in doctree.findall(PartNode) if node["make"] == "still"]
    steps: list[Any] = [node.parent for node in found]
    if not found:
        return
    holder = steps[0].parent
    places = [holder.index(step) for step in steps if step.parent is holder]
    begin = places[0]
    if not all(isinstance(step, docutils_nodes.section) for step in steps) or places != [
        *range(begin, begin + len(steps))
    ]:
        file = app.env.doc2path(app.env.docname, False)
        nodes.note_problem(
            app.env, f"{file}: each {{story}} still stands in a section of its own, one after the other"
        )
        return
    told = [(step["ids"][0], step.next_node(docutils_nodes.title).astext()) for step in steps]
    for at, node in enumerate(found):
        node["options"].update(at=at, steps=told, shown=[each["options"]["content"] for each in found])
    together = docutils_nodes.container("", *steps, classes=["steps"])
    holder[begin : begin + len(steps)] = [together]


class NoteNode(docutils_nodes.General, docutils_nodes.Element):
    """Text that stands by itself: `form` is `sure` (a note that folds) or `case`; `name` its title, `sources` its ids."""


class SureDirective(SphinxDirective):
    """```` ```{sure} ```` holds what a reader may ask about a number or figure; it folds, and prints whole."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    form = "sure"
    usual = "How sure is this?"

    def run(self) -> list[docutils_nodes.Node]:
        node = NoteNode(form=self.form, name=self.arguments[0] if self.arguments else self.usual, sources=())
        text = "\n".join(self.content)
        node["sources"] = receipts.sources_of(text, nodes.names_of(self.env, text))
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


class CaseDirective(SureDirective):
    """```` ```{case} title ```` tells one documented case; its sources are those of its numbers."""

    form, usual = "case", ""


def _read(app: StoryApp, make: reference.Part, options: dict[str, Any]) -> list[str]:
    """What a part reads, found out by writing it once."""
    with reads.listening() as read:
        writer = PageWriter(app.env.docname, app.builder.get_relative_uri)
        render(make(writer, app, options))
        writer.cards()  # of the numbers in it: the page shows them, too
    return sorted(read)


def visit_part(translator: Any, node: PartNode) -> None:
    builder = translator.builder
    writer = builder.app.story.writer(builder.current_docname)
    translator.body.append(render(reference.PARTS[node["make"]](writer, builder.app, node["options"])))
    raise docutils_nodes.SkipNode


def visit_note(translator: Any, node: NoteNode) -> None:
    """From here on what is written belongs to the note; `depart_note` takes it into its part."""
    node["begins"] = len(translator.body)


def depart_note(translator: Any, node: NoteNode) -> None:
    builder = translator.builder
    body = Markup("".join(translator.body[node["begins"] :]))
    del translator.body[node["begins"] :]
    writer = builder.app.story.writer(builder.current_docname)
    view = (
        views.Case(node["name"], body, writer.sources(node["sources"]))
        if node["form"] == "case"
        else views.Sure(node["name"], body)
    )
    translator.body.append(render(view))
