"""The language of receipts: Python expressions over these few names; nothing else is ever evaluated."""

from __future__ import annotations

import ast
import dataclasses
import functools
import hashlib
import operator
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

from storykit import contents, descriptor, disk, project, reads, tables
from storykit.receipts.functions import FUNCTIONS, call
from storykit.receipts.names import Names, spelled
from storykit.receipts.rows import Row, Thing, field_of, refuse_stranger, value_of
from storykit.receipts.values import Number, ReceiptError, Text, Value, compare, compute

_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}

NO_NAMES = Names({})


@dataclasses.dataclass(frozen=True)
class Answer:
    """What an expression came to.

    `result` is a value, or yes or no; `inputs` are the values on the way that rest on data, each once, under
    the expression that gave it.
    """

    expression: str
    result: Value | bool
    inputs: tuple[tuple[str, Value], ...]

    @property
    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """The cells that the inputs rest on."""
        return tuple(dict.fromkeys(row for _, value in self.inputs for row in value.rows))


@dataclasses.dataclass(frozen=True)
class _Kept:
    """An answer with what it was worked out from."""

    answer: Answer
    rest: contents.Rest

    @property
    def name(self) -> str:
        """As what it is remembered by who reads it: who shows an answer rests on it, not on what it was counted from."""
        return f"answer:{','.join(self.rest.of_tables)}:{self.answer.expression}"


def evaluate(expression: str, names: Names = NO_NAMES) -> Answer:
    """The answer to an expression; worked out once for a state of the data, and kept.

    Raises
    ------
    ReceiptError
        If it cannot be read or computed, whatever the reason.
    """
    tree = names.parse(expression)
    text = spelled(tree)
    kept: _Kept | None = project.current().answers.get(text) or _carried().get(text)
    kept = kept and _as_it_holds(kept)
    if kept is None:
        answer, read = _heard(tree, text)
        kept = _Kept(answer, contents.Rest.on(read))
    project.current().answers[text] = kept
    reads.remember(kept.name)
    return kept.answer


def _content(named: str) -> str:
    """What an answer comes to now, for who rests on it."""
    try:
        return hashlib.sha256(repr(evaluate(named.partition(":")[2])).encode()).hexdigest()
    except ReceiptError as error:
        return f"! {error}"


contents.KINDS["answer"] = _content


def filters_of(words: str) -> dict[str, Any]:
    """Filters written as `count` takes them, `thread="zone", due_by__not=""`, as `filtered` takes them.

    Raises
    ------
    ReceiptError
        If they cannot be read.
    """
    call = NO_NAMES.parse(f"count({words})")
    if not isinstance(call, ast.Call) or call.args or any(keyword.arg is None for keyword in call.keywords):
        raise ReceiptError(f"{words!r} are no filters; write field=value, with commas between several.")
    evaluator = _Evaluator()
    return {keyword.arg: evaluator.visit(keyword.value) for keyword in call.keywords if keyword.arg}


def carry(rules: str = "") -> None:
    """Write down what is known, and still holds, for the kernels that a build starts or, at its end, for the next build.

    `rules` is whatever answers depend on beside the data, such as the versions of the engine's modules.
    """
    folder = project.current().reads_folder
    if folder is not None:
        now = functools.cache(tables.files)
        handed = {text: held for text, one in _carried().items() if (held := _as_it_holds(one, now))}
        inside = pickle.dumps(handed | project.current().answers)
        disk.write_whole(folder / _CARRIED, _head(rules, inside) + inside)


def carry_on(rules: str = "") -> None:
    """At the start of a build: the answers of the last one hold if they were written whole, and by the same rules."""
    folder = project.current().reads_folder
    if folder is None:
        return
    file = folder / _CARRIED
    head, _, inside = file.read_bytes().partition(b"\n") if file.is_file() else (b"", b"", b"")
    if head + b"\n" != _head(rules, inside):
        file.unlink(missing_ok=True)


def look_ahead() -> None:
    """Read what was handed on, before somebody asks."""
    _carried()


_CARRIED = "answers.pickle"


def _head(rules: str, inside: bytes) -> bytes:
    return f"{hashlib.sha256(rules.encode() + inside).hexdigest()}\n".encode()


def _carried() -> dict[str, _Kept]:
    """The answers that a build has handed on; where no build is at work, none."""
    folder = project.current().reads_folder
    if folder is None:
        return {}
    return _read_once(folder / _CARRIED, disk.digest(folder / _CARRIED))


@functools.lru_cache(maxsize=1)
def _read_once(file: Path, content: str) -> dict[str, _Kept]:
    kept: dict[str, _Kept] = pickle.loads(file.read_bytes().partition(b"\n")[2]) if content != "gone" else {}
    return kept


def _as_it_holds(
    kept: _Kept, look: Callable[[tuple[str, ...]], dict[str, str]] = tables.files
) -> _Kept | None:
    """An answer under the files of now, if it holds."""
    rest = kept.rest.now(look)
    if rest is None:
        return None
    return kept if rest is kept.rest else dataclasses.replace(kept, rest=rest)


def _heard(tree: ast.expr, text: str) -> tuple[Answer, set[str]]:
    """The answer, and what was read for it; where there is none, whoever asked has read all that himself."""
    with reads.apart() as read:
        try:
            return _worked_out(tree, text), read
        except ReceiptError as error:
            failure = error
    for name in read:
        reads.remember(name)
    raise failure


def _worked_out(tree: ast.expr, text: str) -> Answer:
    evaluator = _Evaluator()
    try:
        result = evaluator.visit(tree)
        value = result if isinstance(result, bool) else value_of(result)
    except ReceiptError:
        raise
    except project.DataError as error:
        raise ReceiptError(str(error)) from error
    except Exception as error:
        # Nobody could tell from a bare Python error on which page the expression stands.
        raise ReceiptError(f"{text!r} cannot be computed ({type(error).__name__}: {error}).") from error
    return Answer(text, value, tuple(evaluator.seen.items()))


class _Evaluator:
    """Walks a parsed expression; anything not named here is refused."""

    def __init__(self) -> None:
        self.seen: dict[str, Value] = {}

    def visit(self, node: ast.expr) -> Thing:
        handler: Callable[[Any], Thing] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
        if handler is None:
            raise ReceiptError(f"{spelled(node)!r} is not part of the language of receipts.")
        return handler(node)

    def _constant(self, node: ast.Constant) -> Thing:
        if isinstance(node.value, (str, bool)):
            return node.value
        if isinstance(node.value, (int, float)):
            return Number(float(node.value))
        raise ReceiptError(f"{spelled(node)!r} is not part of the language of receipts.")

    def _name(self, node: ast.Name) -> Thing:
        raise ReceiptError(
            f"{node.id!r} is not part of the language of receipts; a named fact is written @{node.id}, a text "
            f'"{node.id}".'
        )

    def _list(self, node: ast.List) -> Thing:
        # A list may hold others, so that a long one can be made of named ones.
        items = [self.visit(item) for item in node.elts]
        return [one for item in items for one in (item if isinstance(item, list) else [item])]

    def _call(self, node: ast.Call) -> Thing:
        name = ast.unparse(node.func)
        arguments = [self.visit(argument) for argument in node.args]
        named = {keyword.arg: self.visit(keyword.value) for keyword in node.keywords if keyword.arg}
        if len(named) < len(node.keywords):
            raise ReceiptError(f"{spelled(node)!r}: every filter has one name, and stands once.")
        if name in FUNCTIONS:
            result = call(name, arguments, named)
            return result if isinstance(result, list) else self._note(node, result)
        if name in descriptor.names():
            return _row(name, arguments, named)
        known = ", ".join([*FUNCTIONS, *descriptor.names()])
        raise ReceiptError(f"There is no function or table {name!r}; there are {known}.")

    def _attribute(self, node: ast.Attribute) -> Thing:
        row = self.visit(node.value)
        if not isinstance(row, Row):
            raise ReceiptError(f"{spelled(node)!r}: only a row has fields.")
        return self._note(node, row.field(node.attr))

    def _binop(self, node: ast.BinOp) -> Thing:
        operation = _OPERATORS.get(type(node.op))
        if operation is None:
            raise ReceiptError(f"{spelled(node)!r}: only + - * / are known.")
        return compute(operation, self._value(node.left), self._value(node.right))

    def _unaryop(self, node: ast.UnaryOp) -> Thing:
        if isinstance(node.op, ast.Not):
            return not self._condition(node.operand)
        if isinstance(node.op, ast.USub):
            return compute(operator.mul, Number(-1.0), self._value(node.operand))
        raise ReceiptError(f"{spelled(node)!r} is not part of the language of receipts.")

    def _boolop(self, node: ast.BoolOp) -> Thing:
        # Every part is evaluated, so that a part that names nothing is found even when unused.
        parts = [self._condition(value) for value in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)

    def _compare(self, node: ast.Compare) -> Thing:
        values = [self._value(part) for part in (node.left, *node.comparators)]
        answers = []
        for op, left, right in zip(node.ops, values, values[1:]):
            if type(op) not in _COMPARISONS:
                raise ReceiptError(f"{spelled(node)!r}: only > >= < <= == != are known.")
            _refuse_strange_words(left, right)
            answers.append(compare(_COMPARISONS[type(op)], left, right))
        return all(answers)

    def _condition(self, node: ast.expr) -> bool:
        answer = self.visit(node)
        if not isinstance(answer, bool):
            raise ReceiptError(
                f"{spelled(node)!r} is neither true nor false; compare it with something (> >= < <= == !=)."
            )
        return answer

    def _value(self, node: ast.expr) -> Value:
        return self._note(node, value_of(self.visit(node)))

    def _note(self, node: ast.expr, value: Value) -> Value:
        if value.rows:
            self.seen.setdefault(spelled(node), value)
        return value


def _row(table: str, arguments: list[Thing], named: dict[str, Thing]) -> Row:
    if named or len(arguments) != 1 or not isinstance(arguments[0], str):
        example = next(iter(tables.records(table)), "key")
        raise ReceiptError(f'{table}(…) takes the key of one row in quotes, such as {table}("{example}").')
    return Row(table, arguments[0])


def _refuse_strange_words(left: Value, right: Value) -> None:
    """Refuse to compare a field with a typed word that can never stand in it: `verdict != "mised"`."""
    for typed, recorded in ((left, right), (right, left)):
        if not (isinstance(typed, Text) and isinstance(recorded, Text)):
            continue
        if not typed.rows and len(recorded.rows) == 1:
            table, _, name = recorded.rows[0]
            if field_of(table, name)["type"] in ("string", "boolean"):
                refuse_stranger(table, name, typed.words)
