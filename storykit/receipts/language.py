"""The language of receipts: Python expressions over these few names; nothing else is ever evaluated."""

from __future__ import annotations

import ast
import operator
import re

from storykit import descriptor, project, tables
from storykit.receipts.functions import FUNCTIONS, call
from storykit.receipts.rows import Row, field_of, refuse_stranger, value_of
from storykit.receipts.values import ReceiptError, Value, compare, compute

_QUOTED = re.compile(r"""("[^"]*"|'[^']*')""")
_OBSERVATION = re.compile(
    r"[a-z][a-z0-9_]*/[A-Z0-9-]+/[0-9A-Z][0-9A-Za-z.-]*(?:~\d+)?|[a-z][a-z0-9_]*/[A-Z0-9-]+/undated(?:~\d+)?"
)

_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_COMPARISONS = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def evaluate(expression: str) -> tuple[Value | bool, tuple[Value, ...]]:
    """What an expression yields (a number, or yes or no), and the values it was made from.

    Raises
    ------
    ReceiptError
        If it cannot be read or computed, whatever the reason.
    """
    evaluator = _Evaluator()
    try:
        result = evaluator.visit(_parsed(expression))
        return (result if isinstance(result, bool) else value_of(result)), tuple(evaluator.seen)
    except ReceiptError:
        raise
    except project.DataError as error:
        raise ReceiptError(str(error)) from error
    except Exception as error:
        # Nobody could tell from a bare Python error on which page the expression stands.
        raise ReceiptError(
            f"{expression.strip()!r} cannot be computed ({type(error).__name__}: {error})."
        ) from error


def _parsed(expression: str) -> ast.AST:
    """The tree of an expression, in which an observation's key stands for the observation."""
    source = "".join(
        part if _QUOTED.fullmatch(part) else _OBSERVATION.sub(r'observations("\g<0>")', part)
        for part in _QUOTED.split(expression)
    )
    try:
        return ast.parse(source.strip(), mode="eval").body
    except SyntaxError as error:
        raise ReceiptError(f"Cannot read the expression {expression.strip()!r}: {error.msg}.") from error


class _Evaluator:
    """Walks a parsed expression; anything not named here is refused."""

    def __init__(self):
        self.seen: list[Value] = []

    def visit(self, node: ast.AST):
        handler = getattr(self, f"_{type(node).__name__.lower()}", None)
        if handler is None:
            raise ReceiptError(f"{ast.unparse(node)!r} is not part of the language of receipts.")
        return handler(node)

    def _constant(self, node):
        if isinstance(node.value, (str, bool)):
            return node.value
        if isinstance(node.value, (int, float)):
            return Value(float(node.value))
        raise ReceiptError(f"{ast.unparse(node)!r} is not part of the language of receipts.")

    def _list(self, node):
        return [self.visit(item) for item in node.elts]

    def _call(self, node):
        name = ast.unparse(node.func)
        arguments = [self.visit(argument) for argument in node.args]
        named = {keyword.arg: self.visit(keyword.value) for keyword in node.keywords}
        if None in named or len(named) < len(node.keywords):
            raise ReceiptError(f"{ast.unparse(node)!r}: every filter has one name, and stands once.")
        if name in FUNCTIONS:
            return self._note(call(name, arguments, named))
        if name in descriptor.names():
            return _row(name, arguments, named)
        known = ", ".join([*FUNCTIONS, *descriptor.names()])
        raise ReceiptError(f"There is no function or table {name!r}; there are {known}.")

    def _attribute(self, node):
        row = self.visit(node.value)
        if not isinstance(row, Row):
            raise ReceiptError(f"{ast.unparse(node)!r}: only a row has fields.")
        return self._note(row.field(node.attr))

    def _binop(self, node):
        operation = _OPERATORS.get(type(node.op))
        if operation is None:
            raise ReceiptError(f"{ast.unparse(node)!r}: only + - * / are known.")
        return compute(operation, self._value(node.left), self._value(node.right))

    def _unaryop(self, node):
        if isinstance(node.op, ast.Not):
            return not self._condition(node.operand)
        if isinstance(node.op, ast.USub):
            return compute(operator.mul, Value(-1.0), self._value(node.operand))
        raise ReceiptError(f"{ast.unparse(node)!r} is not part of the language of receipts.")

    def _boolop(self, node):
        # Every part is evaluated, so that a part that names nothing is found even when unused.
        parts = [self._condition(value) for value in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)

    def _compare(self, node):
        values = [self._value(part) for part in (node.left, *node.comparators)]
        answers = []
        for op, left, right in zip(node.ops, values, values[1:]):
            if type(op) not in _COMPARISONS:
                raise ReceiptError(f"{ast.unparse(node)!r}: only > >= < <= == != are known.")
            _refuse_strange_words(left, right)
            answers.append(compare(_COMPARISONS[type(op)], left, right))
        return all(answers)

    def _condition(self, node) -> bool:
        answer = self.visit(node)
        if not isinstance(answer, bool):
            raise ReceiptError(
                f"{ast.unparse(node)!r} is neither true nor false; compare it with something (> >= < <= == !=)."
            )
        return answer

    def _value(self, node) -> Value:
        return self._note(value_of(self.visit(node)))

    def _note(self, value: Value) -> Value:
        if value.rows:
            self.seen.append(value)
        return value


def _row(table: str, arguments: list, named: dict) -> Row:
    if named or len(arguments) != 1 or not isinstance(arguments[0], str):
        example = next(iter(tables.records(table)), "key")
        raise ReceiptError(f'{table}(…) takes the key of one row in quotes, such as {table}("{example}").')
    return Row(table, arguments[0])


def _refuse_strange_words(left: Value, right: Value) -> None:
    """Refuse to compare a field with a typed word that can never stand in it: `verdict != "mised"`."""
    for typed, recorded in ((left, right), (right, left)):
        if typed.is_text and not typed.rows and recorded.is_text and len(recorded.rows) == 1:
            table, _, name = recorded.rows[0]
            if field_of(table, name)["type"] in ("string", "boolean"):
                refuse_stranger(table, name, typed.amount)
