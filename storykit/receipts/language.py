"""The language of receipts: Python expressions over these few names; nothing else is ever evaluated."""

from __future__ import annotations

import ast
import operator
import re

from storykit import tables
from storykit.receipts.functions import FUNCTIONS
from storykit.receipts.rows import Row, value_of
from storykit.receipts.values import ReceiptError, Value, arithmetic, compare

OBSERVATION = re.compile(
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


class Evaluator:
    """Walks a parsed expression; anything not named here is refused."""

    def __init__(self, text: str):
        self.text = text
        self.seen: list[Value] = []

    def run(self):
        quoted = re.split(r'("[^"]*")', self.text)
        source = "".join(
            part if part.startswith('"') else OBSERVATION.sub(lambda m: f'observations("{m[0]}")', part)
            for part in quoted
        )
        try:
            tree = ast.parse(source.strip(), mode="eval")
        except SyntaxError as error:
            raise ReceiptError(f"Cannot read the expression {self.text!r}: {error.msg}.") from error
        return self.visit(tree.body)

    def visit(self, node: ast.AST):
        handler = getattr(self, f"_{type(node).__name__.lower()}", None)
        if handler is None:
            raise ReceiptError(f"{ast.unparse(node)!r} is not part of the language of receipts.")
        return handler(node)

    def _constant(self, node):
        return node.value

    def _list(self, node):
        return [self.visit(item) for item in node.elts]

    def _call(self, node):
        if not isinstance(node.func, ast.Name):
            raise ReceiptError(f"{ast.unparse(node)!r} is not a function of receipts.")
        arguments = [self.visit(a) for a in node.args]
        if node.func.id in FUNCTIONS:
            named = {k.arg: self.visit(k.value) for k in node.keywords}
            return self._note(FUNCTIONS[node.func.id](*arguments, **named))
        if node.func.id in tables.names():
            (key,) = arguments
            return Row(node.func.id, key)
        known = ", ".join([*FUNCTIONS, *tables.names()])
        raise ReceiptError(f"There is no function or table {node.func.id!r}; there are {known}.")

    def _attribute(self, node):
        row = self.visit(node.value)
        if not isinstance(row, Row):
            raise ReceiptError(f"{ast.unparse(node)!r}: only a row has fields.")
        return self._note(row.field(node.attr))

    def _binop(self, node):
        operation = _OPERATORS.get(type(node.op))
        if operation is None:
            raise ReceiptError(f"{ast.unparse(node)!r}: only + - * / are known.")
        return arithmetic(operation)(self._noted(node.left), self._noted(node.right))

    def _unaryop(self, node):
        inner = self.visit(node.operand)
        if isinstance(node.op, ast.Not):
            return not inner
        if isinstance(node.op, ast.USub):
            return (
                arithmetic(operator.mul)(value_of(-1), value_of(inner))
                if not isinstance(inner, (int, float))
                else -inner
            )
        raise ReceiptError(f"{ast.unparse(node)!r} is not part of the language of receipts.")

    def _boolop(self, node):
        # Every part is evaluated, so that a part that names nothing is found even when unused.
        parts = [self.visit(value) for value in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)

    def _compare(self, node):
        left, answers = self._noted(node.left), []
        for op, right_node in zip(node.ops, node.comparators):
            right = self._noted(right_node)
            if type(op) not in _COMPARISONS:
                raise ReceiptError(f"{ast.unparse(node)!r}: only > >= < <= == != are known.")
            answers.append(compare(_COMPARISONS[type(op)])(left, right))
            left = right
        return all(answers)

    def _noted(self, node) -> Value:
        return self._note(value_of(self.visit(node)))

    def _note(self, value):
        if isinstance(value, Value) and value.rows:
            self.seen.append(value)
        return value
