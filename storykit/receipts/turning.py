"""Where a tested sentence turns: of a recorded number it rests on, the value at which it fails, all others held.

The language has sums, products and quotients of numbers, so that a number that stands once in a comparison has one such
value: it is worked out by undoing, from the outside in, what is done to the number.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator

from storykit.receipts.language import NO_NAMES, evaluate
from storykit.receipts.names import spelled
from storykit.receipts.values import Number, Source

_SIGNS: dict[type, str] = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}
_SEEN_FROM_RIGHT = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_NOT = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


@dataclasses.dataclass(frozen=True)
class Turn:
    """A number as recorded and the value at which its sentence turns, in the same unit.

    The sentence holds while the number is `sign` that value: one of > >= < <=. `held` says whether other numbers or
    conditions are held as they are.
    """

    now: Number
    sign: str
    at: Number
    held: bool = False

    @property
    def row(self) -> Source:
        """The cell in which the number stands."""
        return self.now.rows[0]


def turns(condition: str) -> tuple[Turn, ...]:
    """Where a condition without names turns, in the order of its numbers.

    Of two recorded numbers that are simply compared the first is told: the other turns it at the same place. A part of
    an `or` turns it only if no other part holds.
    """
    tree = NO_NAMES.parse(condition)
    found = dict.fromkeys(one for part, holds, held in _deciding(tree) for one in _of(part, holds, held))
    # A number that several parts ask for turns at one of them only within the bounds that the others set.
    rows = [
        row for part in _comparisons(tree) for row in {row for side in _sides(part) for row in _rows(side)}
    ]
    return tuple(one for one in found if rows.count(one.row) == 1)


def _comparisons(node: ast.expr) -> list[ast.Compare]:
    """All comparisons of a condition."""
    return [part for part in ast.walk(node) if isinstance(part, ast.Compare)]


def _sides(node: ast.Compare) -> list[ast.expr]:
    return [node.left, *node.comparators]


def _deciding(
    node: ast.expr, holds: bool = True, held: bool = False
) -> Iterator[tuple[ast.Compare, bool, bool]]:
    """Comparisons on which alone a condition depends: each with what it must say, and whether others are held."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=inside):
            yield from _deciding(inside, not holds, held)
        case ast.BoolOp(op=op, values=parts):
            every = isinstance(op, ast.And) == holds  # not (a or b) asks both of a and b
            wanted = [part for part in parts if evaluate(spelled(part)).result is holds]
            if every or len(wanted) == 1:
                for part in parts if every else wanted:
                    yield from _deciding(part, holds, True)
        case ast.Compare(ops=[_]):
            yield node, holds, held


def _of(node: ast.Compare, holds: bool, held: bool) -> Iterator[Turn]:
    """Where a comparison turns that must hold, or must not."""
    left, right = node.left, node.comparators[0]
    if type(node.ops[0]) not in _SIGNS:
        return
    sign = _SIGNS[type(node.ops[0])]
    sign = sign if holds else _NOT[sign]
    if not all(isinstance(evaluate(spelled(side)).result, Number) for side in (left, right)):
        return
    first = list(_of_side(left, right, sign, held))
    yield from first
    if not (first and _recorded(left)):
        yield from _of_side(right, left, _SEEN_FROM_RIGHT[sign], held)


def _of_side(side: ast.expr, other: ast.expr, sign: str, held: bool) -> Iterator[Turn]:
    """Where the recorded numbers of one side turn the comparison."""
    atoms = [*_atoms(side), *_atoms(other)]
    for leaf in _atoms(side):
        now = _recorded(leaf)
        if now is None or sum(now.rows[0] in _rows(atom) for atom in atoms) > 1:
            continue
        undone = _undone(side, leaf, _base(other, side))
        if undone is None:
            continue
        at = dataclasses.replace(now, amount=undone[0] / now.unit.factor, recorded=None, qualifier="exact")
        if at.amount != now.amount:
            flipped = _SEEN_FROM_RIGHT[sign] if undone[1] else sign
            yield Turn(now, flipped, at, held or leaf is not side)


def _undone(node: ast.expr, leaf: ast.expr, value: float) -> tuple[float, bool] | None:
    """What the leaf must be for the node to be a value, and whether the one falls while the other rises.

    All in base units. None where no such number is, or a pole lies between it and the number of now.
    """
    if node is leaf:
        return value, False
    match node:
        case ast.UnaryOp(operand=inside):
            step: tuple[float, bool] | None = (-value, True)
        case ast.BinOp(op=op, left=left, right=right):
            inside, outside = (left, right) if leaf in _atoms(left) else (right, left)
            step = _step(op, inside is left, value, outside, inside)
        case _:
            return None
    if step is None or (deeper := _undone(inside, leaf, step[0])) is None:
        return None
    return deeper[0], deeper[1] != step[1]


def _step(
    op: ast.operator, first: bool, value: float, outside: ast.expr, inside: ast.expr
) -> tuple[float, bool] | None:
    """One operation undone: what the inside must be, and whether it falls while the value rises."""
    if isinstance(op, ast.Add | ast.Sub):
        other = _base(outside, inside)
        if isinstance(op, ast.Add):
            return value - other, False
        return (value + other, False) if first else (other - value, True)
    other = _base(outside)
    if isinstance(op, ast.Mult):
        return (value / other, other < 0) if other else None
    if first:
        return (value * other, other < 0) if other else None
    if not value or not other or (other / value < 0) != (_base(inside) < 0):
        return None
    return other / value, other > 0


def _atoms(node: ast.expr) -> list[ast.expr]:
    """The numbers that a side is computed from."""
    match node:
        case ast.BinOp(left=left, right=right):
            return [*_atoms(left), *_atoms(right)]
        case ast.UnaryOp(operand=inside):
            return _atoms(inside)
    return [node]


def _recorded(node: ast.expr) -> Number | None:
    """The number of a node if it is one as recorded in one cell."""
    value = evaluate(spelled(node)).result
    return (
        value if isinstance(value, Number) and value.recorded is not None and len(value.rows) == 1 else None
    )


def _rows(node: ast.expr) -> tuple[Source, ...]:
    """The cells that the number of a node rests on."""
    value = evaluate(spelled(node)).result
    return () if isinstance(value, bool) else value.rows


def _base(node: ast.expr, beside: ast.expr | None = None) -> float:
    """A number in its base unit; one that was typed is in the unit of the number beside it."""
    value = evaluate(spelled(node)).result
    assert isinstance(value, Number)
    if value.is_typed and beside is not None:
        other = evaluate(spelled(beside)).result
        return value.amount * other.unit.factor if isinstance(other, Number) else value.amount
    return value.base
