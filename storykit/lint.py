"""Names every fault of the book's texts at once, by file, cell and line, in seconds and without running a chapter.

What only a build could tell before is told here: roles and blocks that do not exist, names and receipts that
do not resolve, sentences that no longer hold, typed numbers, lists of claims, figures without words and words
without a figure, ids that stand twice, and source that an editor could not read (`READABLE`).
"""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Collection, Iterator

from storykit import chapters, descriptor, errors, pages, project, reads, receipts, tables, voice, words
from storykit.checks import signs
from storykit.receipts import names as named

READABLE = {
    "markup": 0.24,
    "condition": 60,
    "cell": 12,
}
"""What a page's source may hold: share of characters that no reader sees, characters of an inline condition, and
lines of a code cell."""

SHORTEST_MEASURED = 1000
"""Of a page with fewer characters the share of markup says nothing."""

OWN_ROLES = ("num", "holds", "verdict")
ROLES = (*OWN_ROLES, "doc", "ref", "abbr", "math", "sub", "sup", "download", "term")
"""Roles that a page may use: ours, and a few of Sphinx."""

BLOCKS = (
    "facts",
    "figure-text",
    "story",
    "sure",
    "case",
    "note",
    "tip",
    "warning",
    "admonition",
    "dropdown",
    "math",
    "code-block",
    "figure",
)
"""Blocks that a page may use."""

KEYED = ("forms.bars", "forms.steps_to_scale")
"""Forms that write a key for the states they draw."""

IN_CODE = {
    "rename(": "headings are words: write them under columns: in the figure's words",
    "set_axis(": "headings are words: write them under columns: in the figure's words",
    "map({": "how a status looks stands with its categories in datapackage.json: look.marked(rows, …)",
    '\\"': "words stand in text cells, where quotes need no backslash",
}
"""What no code cell of a chapter holds, and what to do instead."""


@dataclasses.dataclass(frozen=True, order=True)
class Problem:
    """One fault with its place."""

    place: pages.Place
    words: str

    def __str__(self) -> str:
        return f"{self.place}: {self.words}"


def problems(
    only: list[str] | None = None, held: Collection[str] = (), heard: dict[str, set[str]] | None = None
) -> list[Problem]:
    """All faults of all pages (or of some, by name), in the order of files, cells and lines.

    Pages that `held` the last time are asked only for what they share with others: a page's own faults come of its own
    text, the names that all pages may use, the data and the code. `heard` gets what the others were read for (see
    `reads`).
    """
    found: list[Problem] = []
    readable = []
    for page in only or pages.names():
        try:
            pages.page(page)
            readable.append(page)
        except project.DataError as error:
            found.append(Problem(pages.Place(f"book/{page}.ipynb", 0, 1), str(error)))
    for page in readable:
        if page not in held:
            with reads.listening() as names:
                found += _of_page(page)
            (heard if heard is not None else {})[page] = names
    if only is None:
        found += [Problem(*p) for p in named.problems(pages.COMMON)]
        found += _unused_in_common(readable)
        found += _twice(readable)
        found += _told_by_now()
    return sorted(set(found))


def _told_by_now() -> Iterator[Problem]:
    """Chapters that are still excused from the limits although they keep to them, or are none: the list shrinks."""
    file = pages.Place("data/datapackage.json", 0, 1)
    for page in voice.limits().get("untold", ()):
        if page not in pages.names():
            near = errors.did_you_mean(page, pages.names())
            yield Problem(file, f"storykit:voice, untold: there is no page {page!r}.{near}")
        elif not any(voice.faults(page)) and not any(_without_key(page)):
            yield Problem(
                file, f"storykit:voice, untold: {page} keeps to the limits now; take it off the list"
            )


def remarks(only: list[str] | None = None) -> list[Problem]:
    """What writers should look at again, in the same order: nothing is refused for it."""
    return sorted(Problem(*remark) for page in only or pages.names() for remark in voice.remarks(page))


def _of_page(page: str) -> Iterator[Problem]:
    cells = pages.page(page).cells
    for place, fault in named.problems(page):
        yield Problem(place, fault)
    yield from _unused(page)
    yield from _of_facts(page)
    for cell in cells:
        yield from _of_signs(cell)
        yield from _of_text(page, cell) if cell.kind == "markdown" else _of_code(page, cell)
    yield from _of_figures(page)
    yield from _of_cases(page)
    if page not in voice.limits().get("untold", ()):
        yield from (Problem(*fault) for fault in voice.faults(page))
        yield from _without_key(page) if voice.limits() else ()
    if (share := markup_share(page)) > READABLE["markup"]:
        yield Problem(
            pages.Place(cells[0].place.file, 0, 1),
            f"{share:.2%} of its characters are markup that no reader sees, at most {READABLE['markup']:.0%} may be: "
            "give expressions names, and shorter ones",
        )


def _of_signs(cell: pages.Cell) -> Iterator[Problem]:
    """Signs that no text may hold, the same as in a cell of a table."""
    for line, text in enumerate(cell.text.split("\n")):
        yield from (Problem(cell.place.below(line), fault) for fault in signs.faults(text))


# --- texts ----------------------------------------------------------------------------------------

_ROLE = re.compile(r"\{(?P<role>[A-Za-z][\w:-]*)\}(?P<space>[ \t]*)`(?P<inside>[^`]*)`", re.DOTALL)
_OPEN = re.compile(r"\{(?P<role>num|holds|verdict)\}(?!\s*`)")


def _of_text(page: str, cell: pages.Cell) -> Iterator[Problem]:
    text = pages.without(cell, "facts")
    names = receipts.of_page(page)
    for match in _ROLE.finditer(text):
        place = cell.place.below(text.count("\n", 0, match.start()))
        for fault in _of_role(match, names):
            yield Problem(place, fault)
        yield from _said_twice(text, match, names, place)
    for match in _OPEN.finditer(text):
        place = cell.place.below(text.count("\n", 0, match.start()))
        yield Problem(place, f"{{{match['role']}}} has nothing to say; write {{{match['role']}}}`…`")
    for block in pages.Page(page, (cell,)).blocks():
        if block.name not in BLOCKS:
            yield Problem(
                block.place.below(-1),
                f"there is no block {{{block.name}}}.{errors.did_you_mean(block.name, BLOCKS)}",
            )
        for fault in _of_rule(block):
            yield Problem(block.place.below(-1), fault)
    prose = pages.without(cell, "facts", "figure-text")
    for line, around in receipts.typed_numbers(prose):
        yield Problem(
            cell.place.below(line - 1),
            f"a typed number (… {around} …); write it as a {{num}} role, or its name into storykit:names of datapackage.json",
        )


def _of_role(match: re.Match[str], names: receipts.Names) -> Iterator[str]:
    role, inside = match["role"], " ".join(match["inside"].split())
    if role not in ROLES:
        yield f"there is no role {{{role}}}.{errors.did_you_mean(role, ROLES)}"
        return
    if role not in OWN_ROLES:
        return
    if match["space"]:
        yield f"{{{role}}} and its text stand apart; write {{{role}}}`…` without a space"
    if role == "verdict":
        yield from _of_verdict(inside, names)
        return
    try:
        receipts.said(role, inside, names)
    except receipts.ReceiptError as error:
        yield f"{{{role}}}`{inside}`: {error}"
    phrase = receipts.CONDITION.match(inside) if role == "holds" else None
    condition = phrase["condition"] if phrase else ""
    written = condition or inside.partition("|")[0]
    if "[" in written:  # a list that a name stands for is told where it is named
        yield from _typed_sets_in(written, names)
    if len(condition) > READABLE["condition"]:
        yield (
            f"a condition of {len(condition)} characters stands in the text, at most {READABLE['condition']} may: "
            f"name it in a {{facts}} block ({condition[:40]}…)"
        )


def _of_verdict(inside: str, names: receipts.Names) -> Iterator[str]:
    try:
        claim, known = names.claim(inside), tables.records("claims")
    except receipts.ReceiptError as error:
        yield str(error)
        return
    if claim not in known:
        yield f"{{verdict}}`{claim}`: claims has no row {claim!r}.{errors.did_you_mean(claim, known)}"


_BEFORE = re.compile(r"\b(about|at|at least|at most|around|nearly|some|over|more than)\s+$")
_AFTER = re.compile(r"^(about|at least|at most)\b")


def _said_twice(
    text: str, match: re.Match[str], names: receipts.Names, place: pages.Place
) -> Iterator[Problem]:
    """`at {num}` before a number that says *at least* itself."""
    before = _BEFORE.search(text[max(0, match.start() - 20) : match.start()])
    if match["role"] != "num" or before is None:
        return
    try:
        said = receipts.said("num", match["inside"], names)
    except receipts.ReceiptError:
        return  # it is told as what it is
    if _AFTER.match(said):
        yield Problem(place, f"reads “{before[1]} {said}”; write | bare, or other words before it")


def markup_share(page: str) -> float:
    """Share of the characters of a page's text cells that no reader sees, blocks of facts apart."""
    total = hidden = 0
    for cell in pages.page(page).of_kind("markdown"):
        text = "\n".join(line for line in pages.without(cell, "facts").split("\n") if line.strip())
        total += len(text)
        hidden += len(text) - len(_visible(text))
    return hidden / total if total >= SHORTEST_MEASURED else 0.0


def _visible(text: str) -> str:
    """What a reader sees of a text's own characters: phrases of sentences, words of links, no roles and fences."""
    text = re.sub(r"\{holds\}`([^<`]*?)\s*<[^`]*>`", r"\1", text)
    text = _ROLE.sub("", text)
    text = re.sub(r"\]\([^)\s]*\)", "", text)
    text = re.sub(r"^(`{3,}|:{3,}).*$", "", text, flags=re.MULTILINE)
    return re.sub(r"^(title|subtitle|description|notes|columns|labels):", "", text, flags=re.MULTILINE)


# --- names ----------------------------------------------------------------------------------------


def _text_of(page: str) -> str:
    return "\n".join(cell.text for cell in pages.page(page).cells)


def _unused(page: str) -> Iterator[Problem]:
    used = named.used(_text_of(page))
    for fact in named.own(page):
        if fact.name and fact.name not in used:
            yield Problem(fact.place, f"@{fact.name} is used nowhere on this page; use it or take it away")


def _unused_in_common(readable: list[str]) -> Iterator[Problem]:
    everything = "\n".join(map(_text_of, [*readable, pages.COMMON]))
    used = named.used(everything)
    for fact in named.own(pages.COMMON):
        if fact.name and fact.name not in used:
            yield Problem(fact.place, f"@{fact.name} is used on no page; use it or take it away")


# --- sets of claims -------------------------------------------------------------------------------


_RULE = re.compile(r"^:where:(.*)$", re.MULTILINE)


def _of_rule(block: pages.Block) -> Iterator[str]:
    """A rule of a list or table of claims that cannot be read or fits none."""
    for where in _RULE.findall(block.text) if block.name == "story" else ():
        try:
            if receipts.filtered("claims", receipts.filters_of(where.strip())).empty:
                yield f"no claim fits {where.strip()}"
        except receipts.ReceiptError as error:
            yield f":where: {error}"


def _of_facts(page: str) -> Iterator[Problem]:
    """Lists of claims in facts, each where it stands first."""
    names, seen = receipts.of_page(page), set()
    for fact in named.own(page):
        for fault in _typed_sets_in(fact.expression, names):
            if fault not in seen:
                yield Problem(fact.place, fault)
            seen.add(fault)


def _typed_sets_in(expression: str, names: receipts.Names) -> Iterator[str]:
    try:
        tree = names.parse(expression)
    except receipts.ReceiptError:
        return  # it is told as what it is
    yield from _typed_sets(tree)


def _typed_sets(tree: ast.AST) -> Iterator[str]:
    """A claim that is counted or drawn is in by a rule that anybody can read, never because somebody chose it."""
    for node in ast.walk(tree):
        items = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
        claims = [str(one.value) for one in items if isinstance(one, ast.Constant) and one.value in _claims()]
        if len(claims) > 1:
            yield (
                f"a list of claims ({', '.join(claims[:3])}{', …' if len(claims) > 3 else ''}): choose them by "
                'their fields (thread, asks, country_iso2, due_by …), as in count("claims", asks="…")'
            )


def _claims() -> frozenset[str]:
    with reads.aside():  # that a text holds no list of claims does not make it rest on them
        return frozenset(tables.records("claims")) if "claims" in descriptor.names() else frozenset()


# --- cases ---------------------------------------------------------------------------------------


def _of_cases(page: str) -> Iterator[Problem]:
    """A case that somebody is told in rests on sources that can be read, by way of its numbers."""
    for block in pages.page(page).blocks("case"):
        if not receipts.sources_of(block.text, receipts.of_page(page)):
            yield Problem(
                block.place.below(-1),
                "a case without a source: none of its {num} and {holds} rests on a row with source_ids; put what it "
                "tells into data/tables/cases.csv",
            )
        if not block.argument:
            yield Problem(block.place.below(-1), "a case without a title; write one behind {case}")


# --- code and figures -----------------------------------------------------------------------------


def _of_code(page: str, cell: pages.Cell) -> Iterator[Problem]:
    for sign, advice in IN_CODE.items():
        for number, line in enumerate(cell.text.split("\n")):
            if sign in line:
                yield Problem(cell.place.below(number), f"{sign} in a code cell: {advice}")
    lines = len(cell.text.strip().split("\n"))
    if lines > READABLE["cell"]:
        yield Problem(
            cell.place,
            f"the cell has {lines} lines, at most {READABLE['cell']} may be: it loads, draws and ends; what is longer "
            "belongs into a form or into the data",
        )
    try:
        tree = chapters.parsed(cell.text)
    except SyntaxError as error:
        yield Problem(cell.place.below((error.lineno or 1) - 1), f"no Python: {error.msg}")
        return
    for fault in _typed_sets(tree):
        yield Problem(cell.place, fault)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "receipts.num" and node.args:
            yield from _of_label(page, cell, node)


def _of_label(page: str, cell: pages.Cell, call: ast.Call) -> Iterator[Problem]:
    inside = call.args[0]
    if isinstance(inside, ast.Constant) and isinstance(inside.value, str):
        try:
            receipts.receipt(inside.value, receipts.of_page(page))
        except receipts.ReceiptError as error:
            yield Problem(cell.place.below(call.lineno - 1), str(error))


def _drawn(page: str) -> dict[str, pages.Place]:
    """Id -> place of the figures that a page's code draws."""
    found: dict[str, pages.Place] = {}
    for cell in pages.page(page).of_kind("code"):
        try:
            tree = chapters.parsed(cell.text)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("figures.Figure", "maps.Map"):
                for keyword in node.keywords:
                    if keyword.arg == "id" and isinstance(keyword.value, ast.Constant):
                        found.setdefault(str(keyword.value.value), cell.place.below(node.lineno - 1))
    return found


def _of_figures(page: str) -> Iterator[Problem]:
    drawn, told = _drawn(page), words.all_words(page)
    ids = [w.id for w in told]
    for name, place in drawn.items():
        if name not in ids:
            near = errors.did_you_mean(name, set(ids) - drawn.keys())
            yield Problem(
                place, f"figure {name!r} has no words; write a block ```{{figure-text}} {name}.{near}"
            )
    for figure in told:
        if figure.id not in drawn:
            near = errors.did_you_mean(figure.id, drawn.keys() - set(ids))
            yield Problem(figure.place, f"no code cell of this page draws a figure {figure.id!r}.{near}")
        for place, fault in words.problems_of(figure):
            if not re.match(rf"({'|'.join(words.FIELDS)}): ", fault):  # roles are told where they stand
                yield Problem(place, fault)


def _without_key(page: str) -> Iterator[Problem]:
    """Charts whose colours would be named by the house's words (built, used) and not by those of their subject."""
    for cell in pages.page(page).of_kind("code"):
        try:
            tree = chapters.parsed(cell.text)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) not in KEYED:
                continue
            given = [keyword.arg for keyword in node.keywords]
            if "states" in given and "key" not in given:
                yield Problem(
                    cell.place.below(node.lineno - 1),
                    "the key would say promised, built, used, which is not of the chart: write key: state = Words "
                    "into the figure's words, and key=words.key(…) here",
                )


def _twice(readable: list[str]) -> Iterator[Problem]:
    """Ids of figures that stand in two places of the book."""
    seen: dict[str, pages.Place] = {}
    for page in readable:
        for figure in words.all_words(page):
            if figure.id in seen:
                yield Problem(figure.place, f"the id {figure.id!r} is used in {seen[figure.id]}, too")
            seen.setdefault(figure.id, figure.place)
