"""Named facts: an expression gets a name once, and prose, figure words and other facts use the name.

A page names its facts in blocks of their own, one entry each, continued on indented lines:

    ```{facts}
    uses = count("claims", asks="use")
    uses_unknown = count("claims", asks="use", verdict="unknown")
    mostly_uncounted = @uses_unknown * 2 > @uses
    zone_share = zone_sales/MY/2018 / all_sales/MY/2018 | percent 1
    ```

A name stands for anything that may stand in an expression: a number, a condition, a row (`@hub.opened`), a list
(which may hold others: `["alpha", @betas]`).
What follows a bar says how the number is written where the name stands alone in a role; a role's own bar goes
before it. `{verdict}` takes the name of a claim, or of a field of one. Names that all pages may use stand in
`book/facts.md`, in blocks of the same form.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from storykit import errors, pages
from storykit.receipts.values import ReceiptError

MOST_CHARACTERS = 150
"""An expression with a name may be as long as this; a longer one is made of further names."""

_OBSERVATION = re.compile(
    r"[a-z][a-z0-9_]*/[A-Z0-9-]+/[0-9A-Z][0-9A-Za-z.-]*(?:~\d+)?|[a-z][a-z0-9_]*/[A-Z0-9-]+/undated(?:~\d+)?"
)
_QUOTED = re.compile(r"""("[^"]*"|'[^']*')""")
_NAME = re.compile(r"@([A-Za-z_]\w*)")
_ONLY_NAME = re.compile(r"\s*@([A-Za-z_]\w*)\s*")
_MARK = "_fact_"  # what stands for @ while Python parses an expression
_OF_PYTHON = re.compile(r"observations\(\"([^\"]*)\"\)(?!\.)|'([^'\"]*)'")


@dataclasses.dataclass(frozen=True)
class Fact:
    """A name with the expression it stands for, how its number is written, and where it was named."""

    name: str
    expression: str
    options: str
    place: pages.Place


class Names:
    """The names that one page may use: its own, and those of the whole book."""

    def __init__(self, facts: Mapping[str, Fact]):
        self.facts = dict(facts)
        self._trees: dict[str, ast.expr] = {}
        self._reading: list[str] = []  # names whose expressions are being read just now

    def __contains__(self, name: str) -> bool:
        return name in self.facts

    def tree(self, name: str) -> ast.expr:
        """The parsed expression of a name, all names in it replaced.

        Raises
        ------
        ReceiptError
            If there is no such name, its expression cannot be read, or it leads back to itself.
        """
        if name not in self._trees:
            if name not in self.facts:
                raise ReceiptError(f"There is no fact @{name}.{_meant(name, self.facts)}")
            if name in self._reading:
                round_trip = " -> ".join(f"@{n}" for n in [*self._reading[self._reading.index(name) :], name])
                raise ReceiptError(f"A name cannot lead back to itself: {round_trip}.")
            self._reading.append(name)
            try:
                self._trees[name] = self.parse(self.facts[name].expression)
            finally:
                self._reading.pop()
        return self._trees[name]

    def parse(self, expression: str) -> ast.expr:
        """The tree of an expression: keys stand for observations, names for what they name.

        Raises
        ------
        ReceiptError
            If it cannot be read, or uses a name that is none.
        """
        try:
            tree = ast.parse(_as_python(expression).strip(), mode="eval").body
        except SyntaxError as error:
            raise ReceiptError(f"Cannot read the expression {expression.strip()!r}: {error.msg}.") from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise ReceiptError(f"Cannot read the expression {expression.strip()[:80]!r}: {error}.") from error
        return _Replacing(self).visit(tree) if "@" in expression else tree

    def expanded(self, inside: str) -> str:
        """The inside of a `{num}` role with its names replaced; a name that stood alone is kept as `| as @name`.

        Raises
        ------
        ReceiptError
            As `parse`.
        """
        expression, options = parted(inside)
        if alone := _ONLY_NAME.fullmatch(expression):
            tree = self.tree(alone[1])
            options = " | ".join(filter(None, [options or self.facts[alone[1]].options, f"as @{alone[1]}"]))
        elif "@" not in expression:
            return inside
        else:
            tree = self.parse(expression)
        return spelled(tree) + (f" | {options}" if options else "")

    def condition(self, condition: str) -> str:
        """A condition with its names replaced."""
        return spelled(self.parse(condition)) if "@" in condition else condition

    def claim(self, inside: str) -> str:
        """The id of a claim: as written, or of the claim that a name stands for or takes a field of.

        Raises
        ------
        ReceiptError
            If there is no such name, or it is about no single claim.
        """
        alone = _ONLY_NAME.fullmatch(inside)
        if not alone:
            return inside
        tree = self.tree(alone[1])
        call = tree.value if isinstance(tree, ast.Attribute) else tree
        match call:
            case ast.Call(func=ast.Name(id="claims"), args=[ast.Constant(value=str(claim_id))]):
                return claim_id
        raise ReceiptError(f"@{alone[1]} is {spelled(tree)}, which is no claim and no field of one.")

    def called(self, expression: str) -> str:
        """`@name` for an expression that has one, else the expression itself."""
        return self._by_expression.get(expression, expression)

    @functools.cached_property
    def _by_expression(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in self.facts:
            try:
                found.setdefault(spelled(self.tree(name)), f"@{name}")
            except ReceiptError:
                continue  # it is told where it stands
        return found


class _Replacing(ast.NodeTransformer):
    """Puts the trees of names where the names stand."""

    def __init__(self, names: Names):
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._names.tree(node.id.removeprefix(_MARK)) if node.id.startswith(_MARK) else node


def _as_python(expression: str) -> str:
    """An expression in signs that Python can read: keys become calls, `@` becomes a mark."""
    return "".join(
        part
        if _QUOTED.fullmatch(part)
        else _NAME.sub(rf"{_MARK}\1", _OBSERVATION.sub(r'observations("\g<0>")', part))
        for part in _QUOTED.split(expression)
    )


def spelled(tree: ast.expr) -> str:
    """A tree as an author would write it: one spelling for one expression."""
    text = ast.unparse(tree)
    text = _OF_PYTHON.sub(lambda found: f'"{found[2]}"' if found[2] is not None else found[0], text)
    return _OF_PYTHON.sub(lambda found: found[1] if found[1] is not None else found[0], text)


# --- where names stand ----------------------------------------------------------------------------


def of_page(page: str) -> Names:
    """The names that a page may use. Of a name given twice the first counts; `problems` tells."""
    files = [pages.folder() / f"{pages.COMMON}.md", pages.file(page)]
    return _of_files(page, *((f, f.stat().st_mtime_ns if f.is_file() else 0) for f in files))


@functools.lru_cache(maxsize=64)
def _of_files(page: str, *_states: tuple[Path, int]) -> Names:
    first: dict[str, Fact] = {}
    for fact in [*own(pages.COMMON), *own(page)]:
        first.setdefault(fact.name, fact)
    first.pop("", None)  # entries that are none
    return Names(first)


def own(page: str) -> list[Fact]:
    """The facts that a page names itself, in order; an entry that is none has no name."""
    return facts_in(pages.page(page))


def facts_in(page: pages.Page) -> list[Fact]:
    """The same of a page that need not stand in a file."""
    return [
        Fact(name, *parted(text), place)
        for block in page.blocks("facts")
        for name, text, place in pages.entries(block, "=")
    ]


def parted(text: str) -> tuple[str, str]:
    """The expression and what follows its first bar outside quotes."""
    found = _BEFORE_BAR.match(text)
    expression = found[0] if found else ""  # it fits any text
    return expression.strip(), text[len(expression) + 1 :].strip()


_BEFORE_BAR = re.compile(r"""(?:[^|"']|"[^"]*"|'[^']*'|["'])*""")


def used(text: str) -> set[str]:
    """The names that stand in an expression or a text with roles."""
    return set(_NAME.findall(text))


def problems(page: str) -> Iterator[tuple[pages.Place, str]]:
    """What is wrong with the names that a page gives: (place, words)."""
    common = {fact.name: fact for fact in own(pages.COMMON)} if page != pages.COMMON else {}
    names, seen = of_page(page), dict(common)
    for fact in own(page):
        if not re.fullmatch(r"[a-z][a-z0-9_]*", fact.name):
            shown = fact.name or fact.expression[:60]
            yield fact.place, f"{shown!r} is no entry; write name = expression, the name in snake_case"
            continue
        if fact.name in seen:
            yield (
                fact.place,
                f"@{fact.name} is named in {seen[fact.name].place} too; one of them needs another name",
            )
            continue
        seen[fact.name] = fact
        if not fact.expression:
            yield fact.place, f"@{fact.name} stands for nothing; write an expression after ="
            continue
        if len(fact.expression) > MOST_CHARACTERS:
            yield (
                fact.place,
                f"@{fact.name} has {len(fact.expression)} characters; at most {MOST_CHARACTERS}: give parts of it names",
            )
        try:
            twin = names.called(spelled(names.tree(fact.name)))
        except ReceiptError as error:
            yield fact.place, str(error)
            continue
        if twin != f"@{fact.name}" and names.facts[twin[1:]].options == fact.options:
            yield fact.place, f"@{fact.name} stands for the same as {twin}; use one of the two names"


def _meant(name: str, known: Mapping[str, Fact]) -> str:
    near = errors.did_you_mean(f"@{name}", [f"@{other}" for other in known])
    return near or " A page names its facts in a {facts} block."
