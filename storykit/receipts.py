"""A number in prose, with the row it comes from.

One small language, used the same in prose, titles, descriptions and sentence checks:

    {num}`dftz_smes_selected/MY/2017-11-03`                    an observation
    {num}`claims("dftz-goods-65bn").target_value`               a field of any table's row
    {num}`a/MY/2018 / b/MY/2017 | percent 1`                    a formula, then how to write it
    {num}`count("claims", verdict="unknown")`                   how many rows
    {holds}`passed in 2022 <ecommerce_value_added/MY/2022 > claims("rm211bn").target_value>`

Expressions are Python expressions over these names only; nothing else is ever evaluated. Units
travel along: what has not the same dimension cannot be added or compared.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import math
import operator
import re
from collections.abc import Callable

import pandas as pd

from storykit import tables, verdicts

OBSERVATION = re.compile(
    r"[a-z][a-z0-9_]*/[A-Z0-9-]+/[0-9A-Z][0-9A-Za-z.-]*(?:~\d+)?|[a-z][a-z0-9_]*/[A-Z0-9-]+/undated(?:~\d+)?"
)
ROLE = re.compile(r"\{(num|holds)\}`([^`]+)`")
CONDITION = re.compile(r"^(?P<text>[^<]*[^<\s])\s*<(?P<condition>.+)>$", re.DOTALL)


class ReceiptError(ValueError):
    """A receipt that names nothing, two things, or something that cannot be computed."""


@dataclasses.dataclass(frozen=True)
class Unit:
    """How a value is written, and what it may be compared with."""

    unit_id: str
    label: str
    prefix: str
    suffix: str
    dimension: str
    factor: float


PLAIN = Unit("", "", "", "", "plain", 1.0)
RATIO = Unit("ratio", "ratio", "", "", "ratio", 1.0)
PERCENT = Unit("percent", "percent", "", "%", "ratio", 0.01)
TIMES = Unit("times", "times", "", "times", "ratio", 1.0)


@dataclasses.dataclass(frozen=True)
class Value:
    """A number (or a text such as a date) with its unit and the rows it rests on.

    `recorded` is the text as it stands in the table, kept only while no arithmetic was done.
    `rows` holds (table, key, field) of every input.
    """

    amount: float | str
    unit: Unit = PLAIN
    recorded: str | None = None
    qualifier: str = "exact"
    rows: tuple[tuple[str, str, str], ...] = ()

    @property
    def is_text(self) -> bool:
        return isinstance(self.amount, str)

    @property
    def base(self) -> float:
        """The amount in the base unit of its dimension."""
        return self.amount * self.unit.factor


def unit(unit_id: str) -> Unit:
    """A row of `units`.

    Raises
    ------
    ReceiptError
        If there is no such unit.
    """
    if not unit_id:
        return PLAIN
    known = tables.records("units")
    if unit_id not in known:
        raise ReceiptError(f"There is no unit {unit_id!r} in data/tables/units.csv.")
    row = known[unit_id]
    return Unit(
        *(row[c] for c in ("unit_id", "label", "prefix", "suffix", "dimension")), float(row["factor"])
    )


# --- rows -------------------------------------------------------------------------------------


class _Row:
    """`claims("x")` in an expression; its fields are Values."""

    def __init__(self, table: str, key: str):
        known = tables.records(table)
        if key not in known:
            raise ReceiptError(_nothing_named(table, key, known))
        self.table, self.key, self.text = table, key, known[key]
        self.fields = {f["name"]: f for f in tables.fields(table)}

    def field(self, name: str) -> Value:
        if self.table == "claims" and name in ("verdict", "verdict_as_of"):
            decided = verdicts.all_verdicts().loc[self.key]
            return Value(decided[name], recorded=decided[name], rows=((self.table, self.key, name),))
        if name not in self.fields:
            raise ReceiptError(f"Table {self.table} has no field {name!r}; it has {', '.join(self.fields)}.")
        recorded = self.text[name]
        if recorded == "":
            raise ReceiptError(f"{self.table} {self.key}: field {name} is empty; there is no value to write.")
        rows = ((self.table, self.key, name),)
        field = self.fields[name]
        if field["type"] not in ("number", "integer"):
            return Value(recorded, recorded=recorded, rows=rows)
        qualifier = self.text.get("qualifier", "exact") if name == "value" else "exact"
        return Value(float(recorded), self._unit(field), recorded, qualifier, rows)

    def _unit(self, field: dict) -> Unit:
        if self.table == "observations":
            return unit(tables.records("series")[self.text["series_id"]]["unit"])
        if "storykit:unitField" in field:
            return unit(self.text[field["storykit:unitField"]].lower())
        return unit(field["unit"]) if field.get("unit") in tables.records("units") else PLAIN


_DEFAULT_FIELD = {
    "observations": "value",
    "claims": "target_value",
    "outcomes": "observed_value",
    "places": "size",
    "rules": "threshold_value",
    "programmes": "target",
    "investments": "value",
}


def _nothing_named(table: str, key: str, known) -> str:
    import difflib

    near = difflib.get_close_matches(str(key), map(str, known), n=3, cutoff=0.6)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"{table} has no row {key!r}.{hint}"


def _value(thing) -> Value:
    """Whatever an expression yields, as a Value (a row stands for its main field)."""
    if isinstance(thing, _Row):
        if thing.table not in _DEFAULT_FIELD:
            raise ReceiptError(
                f"Say which field of {thing.table} {thing.key!r} is meant, such as .{list(thing.fields)[1]}."
            )
        return thing.field(_DEFAULT_FIELD[thing.table])
    if isinstance(thing, Value):
        return thing
    if isinstance(thing, bool):
        raise ReceiptError("A yes or no is not a number; use {holds} for conditions.")
    if isinstance(thing, (int, float)):
        return Value(float(thing))
    return Value(str(thing))


# --- functions of the language ------------------------------------------------------------------


def _filtered(table: str, filters: dict) -> pd.DataFrame:
    """Rows that fit: `field=value` or a list of values, and `field__from`, `field__to` (texts and
    numbers, dates to the precision given, both ends included), `field__has` (a part of a list or
    text), `field__not`."""
    frame = verdicts.all_verdicts() if table == "claims" else tables.load(table)
    for filter_name, wanted in filters.items():
        name, _, how = filter_name.partition("__")
        if name not in frame.columns:
            raise ReceiptError(f"Table {table} has no field {name!r} to filter by.")
        if how not in _FITS:
            raise ReceiptError(
                f"{filter_name!r}: there are {', '.join(name + '__' + h for h in _FITS if h)}."
            )
        options = [_option(o) for o in (wanted if isinstance(wanted, list) else [wanted])]
        frame = frame[_FITS[how](frame[name], options)]
    return frame


def _option(value):
    return value.amount if isinstance(value, Value) else value


def _edge(column: pd.Series, edge, compare: Callable) -> pd.Series:
    if isinstance(edge, str):
        return (column != "") & compare(column.str[: len(edge)], edge)
    return compare(column, edge).fillna(False)


_FITS: dict[str, Callable] = {
    "": lambda column, options: column.isin(options),
    "not": lambda column, options: ~column.isin(options),
    "from": lambda column, options: _edge(column, options[0], operator.ge),
    "to": lambda column, options: _edge(column, options[0], operator.le),
    "has": lambda column, options: column.map(lambda cell: any(o in cell for o in options)),
}


def _count(table, **filters) -> Value:
    """How many rows of a table carry these values."""
    table = _value(table).amount
    rows = _filtered(table, filters)
    return Value(float(len(rows)), rows=_named(table, rows, _filter_fields(filters)))


def _distinct(table, field, **filters) -> Value:
    """How many different values a field has among these rows (empty cells not counted)."""
    table, field = _value(table).amount, _value(field).amount
    rows = _filtered(table, filters)
    found = {v for v in rows[field] if v not in ("", None) and not pd.isna(v)}
    return Value(float(len(found)), rows=_named(table, rows, [field, *_filter_fields(filters)]))


def _filter_fields(filters: dict) -> list[str]:
    return [name.partition("__")[0] for name in filters]


def _named(table: str, rows: pd.DataFrame, fields: list[str]) -> tuple[tuple[str, str, str], ...]:
    """The cells that a count rests on; a count of none rests on the whole table, named by `*`."""
    fields = list(dict.fromkeys(fields)) or [""]
    cells = tuple((table, _key_text(key), field) for key in rows.index for field in fields)
    return cells or ((table, "*", ""),)


def _total(table, field, **filters) -> Value:
    """The sum of a field over these rows; all of one unit, none empty."""
    table, field = _value(table).amount, _value(field).amount
    rows = _filtered(table, filters)
    if rows.empty:
        raise ReceiptError(f"total({table!r}, {field!r}) has no rows to add.")
    values = [_Row(table, key).field(field) for key in rows.index if not pd.isna(rows.at[key, field])]
    return functools.reduce(_arithmetic(operator.add), values)


def _key_text(key) -> str:
    return " / ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _series_rows(series, geography) -> pd.DataFrame:
    return tables.observations(_value(series).amount, geography=_value(geography).amount)


def _extreme(pick: Callable) -> Callable:
    def chosen(series, geography, **limits) -> Value:
        rows = _series_rows(series, geography)
        for side, compare in (("since", operator.ge), ("until", operator.le)):
            if side in limits:
                edge = str(_value(limits[side]).amount).removesuffix(".0")
                rows = rows[compare(rows["period"].str[: len(edge)], edge)]
        if rows.empty:
            raise ReceiptError(f"No observation of {_value(series).amount} between these periods.")
        return _Row("observations", rows.loc[pick(rows), "observation_id"]).field("value")

    return chosen


def _first_above(series, geography, threshold) -> Value:
    """The first period in which a series lies above a value of the same dimension."""
    rows = _series_rows(series, geography)
    limit = _value(threshold)
    for key in rows["observation_id"]:
        value = _Row("observations", key).field("value")
        if _compare(operator.gt)(value, limit):
            period = tables.records("observations")[key]["period"]
            return Value(period, recorded=period, rows=value.rows + limit.rows)
    raise ReceiptError(f"{_value(series).amount} never lies above {write(limit)}.")


def _year(date) -> Value:
    value = _value(date)
    match = re.search(r"\d{4}", str(value.amount))
    if not match:
        raise ReceiptError(f"{value.amount!r} holds no year.")
    return Value(float(match[0]), recorded=match[0], rows=value.rows)


def _span(days_in: float, name: str) -> Callable:
    def between(first, last) -> Value:
        """Time from one date to another; dates known to a month or year count from their first day."""
        first, last = _value(first), _value(last)
        start = tables.period_bounds(str(first.amount).removesuffix(".0"))[0]
        end = tables.period_bounds(str(last.amount).removesuffix(".0"))[0]
        unit_ = Unit(name, name, "", name, f"time_{name}", 1.0)
        return Value((end - start).days / days_in, unit_, rows=first.rows + last.rows)

    return between


def _distance(*ends) -> Value:
    """Geodesic distance between two rows with lat and lon, in km (WGS 84).

    Either `distance("places", "a", "b")`, or two rows of any tables:
    `distance(capitals("MY"), cloud_regions("b"))`.
    """
    from pyproj import Geod

    if len(ends) == 3:
        table = _value(ends[0]).amount
        ends = tuple(_Row(table, _value(key).amount) for key in ends[1:])
    a, b = ends
    metres = Geod(ellps="WGS84").inv(*(float(row.text[field]) for row in (a, b) for field in ("lon", "lat")))[
        2
    ]
    km = Unit("km", "kilometres", "", "km", "metre", 1000.0)
    return Value(metres / 1000, km, rows=((a.table, a.key, "lat"), (b.table, b.key, "lat")))


_FUNCTIONS: dict[str, Callable] = {
    "count": _count,
    "distinct": _distinct,
    "total": _total,
    "latest": _extreme(lambda rows: rows["date"].idxmax()),
    "earliest": _extreme(lambda rows: rows["date"].idxmin()),
    "highest": _extreme(lambda rows: rows["value"].idxmax()),
    "lowest": _extreme(lambda rows: rows["value"].idxmin()),
    "first_above": _first_above,
    "year": _year,
    "days": _span(1, "days"),
    "months": _span(30.4375, "months"),
    "years": _span(365.25, "years"),
    "distance": _distance,
    "abs": lambda v: dataclasses.replace(_value(v), amount=abs(_value(v).amount), recorded=None),
}


# --- arithmetic with units ----------------------------------------------------------------------


def _joined(left: Value, right: Value) -> dict:
    qualifier = left.qualifier if left.qualifier == right.qualifier else "about"
    return {"qualifier": qualifier, "rows": tuple(dict.fromkeys(left.rows + right.rows))}


def _arithmetic(operation: Callable) -> Callable:
    def compute(left, right) -> Value:
        left, right = _value(left), _value(right)
        if left.is_text or right.is_text:
            raise ReceiptError(f"Cannot compute with the text {(left if left.is_text else right).amount!r}.")
        same = left.unit.dimension == right.unit.dimension
        plain = "plain" in (left.unit.dimension, right.unit.dimension)
        if operation in (operator.add, operator.sub):
            if not same:
                raise ReceiptError(
                    f"Cannot add or subtract {left.unit.label or 'a plain number'} and {right.unit.label or 'a plain number'}: mixed units."
                )
            return Value(
                operation(left.base, right.base) / left.unit.factor, left.unit, **_joined(left, right)
            )
        if operation is operator.truediv:
            if right.amount == 0:
                raise ReceiptError("Division by zero.")
            if same:
                return Value(left.base / right.base, RATIO, **_joined(left, right))
            if right.unit.dimension == "plain":
                return Value(left.amount / right.amount, left.unit, **_joined(left, right))
            per = Unit(
                "",
                f"{left.unit.label} per {right.unit.label}",
                "",
                "",
                f"{left.unit.dimension}/{right.unit.dimension}",
                1.0,
            )
            return Value(left.base / right.base, per, **_joined(left, right))
        if plain or "ratio" in (left.unit.dimension, right.unit.dimension):
            scale, kept = (left, right) if left.unit.dimension in ("plain", "ratio") else (right, left)
            return Value(scale.base * kept.amount, kept.unit, **_joined(left, right))
        raise ReceiptError(f"Cannot multiply {left.unit.label} by {right.unit.label}: mixed units.")

    return compute


def _compare(operation: Callable) -> Callable:
    def holds(left, right) -> bool:
        left, right = _value(left), _value(right)
        if left.is_text != right.is_text:
            left, right = (_as_text(v) for v in (left, right))
        if left.is_text:
            first, second = str(left.amount), str(right.amount)
            length = min(len(first), len(second)) if first[:4].isdigit() and second[:4].isdigit() else None
            return operation(first[:length], second[:length])
        if "plain" in (left.unit.dimension, right.unit.dimension):
            return operation(left.amount, right.amount)
        if left.unit.dimension != right.unit.dimension:
            raise ReceiptError(f"Cannot compare {left.unit.label} with {right.unit.label}: mixed units.")
        return operation(round(left.base, 9), round(right.base, 9))

    return holds


def _as_text(value: Value) -> Value:
    if value.is_text:
        return value
    return dataclasses.replace(value, amount=format(value.amount, "g"))


_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_COMPARISONS = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class _Evaluator:
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
        if node.func.id in _FUNCTIONS:
            named = {k.arg: self.visit(k.value) for k in node.keywords}
            return self._note(_FUNCTIONS[node.func.id](*arguments, **named))
        if node.func.id in tables.names():
            (key,) = arguments
            return _Row(node.func.id, key)
        known = ", ".join([*_FUNCTIONS, *tables.names()])
        raise ReceiptError(f"There is no function or table {node.func.id!r}; there are {known}.")

    def _attribute(self, node):
        row = self.visit(node.value)
        if not isinstance(row, _Row):
            raise ReceiptError(f"{ast.unparse(node)!r}: only a row has fields.")
        return self._note(row.field(node.attr))

    def _binop(self, node):
        operation = _OPERATORS.get(type(node.op))
        if operation is None:
            raise ReceiptError(f"{ast.unparse(node)!r}: only + - * / are known.")
        return _arithmetic(operation)(self._noted(node.left), self._noted(node.right))

    def _unaryop(self, node):
        inner = self.visit(node.operand)
        if isinstance(node.op, ast.Not):
            return not inner
        if isinstance(node.op, ast.USub):
            return _arithmetic(operator.mul)(-1, inner) if not isinstance(inner, (int, float)) else -inner
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
            answers.append(_compare(_COMPARISONS[type(op)])(left, right))
            left = right
        return all(answers)

    def _noted(self, node) -> Value:
        return self._note(_value(self.visit(node)))

    def _note(self, value):
        if isinstance(value, Value) and value.rows:
            self.seen.append(value)
        return value


# --- writing ------------------------------------------------------------------------------------

_QUALIFIERS = {"exact": "", "about": "about ", "at_least": "at least ", "at_most": "at most "}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]


def _digits(amount: float, decimals: int) -> str:
    text = f"{abs(amount):,.{decimals}f}"
    return ("\N{MINUS SIGN}" if amount < 0 and float(text.replace(",", "")) != 0 else "") + text


def _decimals(value: Value, options: dict) -> int:
    if "round" in options:
        return int(options["round"])
    if value.recorded is not None and not value.is_text:
        return len(value.recorded.partition(".")[2])
    magnitude = abs(value.amount)
    if magnitude == round(magnitude, 6) and magnitude == int(magnitude):
        return 0
    return 0 if magnitude >= 100 else 1


def date_words(date: str) -> str:
    """An ISO date as readers write it: `3 November 2017`, `November 2017`, `2017`, `Q1 2017`."""
    if ".." in date:
        return " to ".join(date_words(part) for part in date.split("..", 1))
    match = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", date)
    if match:
        year, month, day = match[1], _MONTHS[int(match[2]) - 1], match[3]
        return f"{int(day)} {month} {year}" if day else f"{month} {year}"
    match = re.fullmatch(r"(\d{4})-(Q[1-4]|H[12])", date)
    if match:
        return f"{match[2]} {match[1]}"
    match = re.fullmatch(r"FY(\d{4})", date)
    if match:
        return f"fiscal year {match[1]}"
    return "undated" if date == "undated" else date


def write(value: Value, **options) -> str:
    """A value in the reader's form.

    Options: `percent` (write a ratio in per cent), `times`, `to` (another unit of the same
    dimension), `round` (decimals), `bare` (no qualifier), `plain` (no unit), `words` (one to
    twelve in words), `unit` (text after a number whose unit is a mixture), `month`, `year`.
    """
    if value.is_text:
        if "year" in options:
            return str(value.amount)[:4]
        return date_words(value.amount[:7] if "month" in options else value.amount)
    if "to" in options:
        target = unit(options["to"])
        if target.dimension != value.unit.dimension:
            raise ReceiptError(f"Cannot write {value.unit.label} as {target.label}.")
        value = dataclasses.replace(value, amount=value.base / target.factor, unit=target, recorded=None)
    for name, target in (("percent", PERCENT), ("times", TIMES)):
        if name in options:
            if value.unit.dimension != "ratio":
                raise ReceiptError(
                    f"Only a ratio can be written with {name}; this is {value.unit.label or 'a plain number'}."
                )
            value = dataclasses.replace(value, amount=value.base / target.factor, unit=target, recorded=None)
            if options[name] is not True:
                options = {**options, "round": options[name]}
    if not math.isfinite(value.amount):
        raise ReceiptError("The result is not a finite number.")
    if "/" in value.unit.dimension and "unit" not in options and "plain" not in options:
        raise ReceiptError(
            f"The result is in {value.unit.label}; say how to write it with | unit …, or | plain."
        )
    qualifier = "" if "bare" in options else _QUALIFIERS[value.qualifier]
    decimals = _decimals(value, options)
    if value.recorded is not None and re.fullmatch(r"(19|20)\d\d", value.recorded) and value.unit is PLAIN:
        return qualifier + value.recorded
    number = _digits(value.amount, decimals)
    if "words" in options and number in map(str, range(len(_WORDS))):
        number = _WORDS[int(number)]
    if "plain" in options:
        return qualifier + number
    if "unit" in options:
        return f"{qualifier}{number} {options['unit']}"
    sign, digits = ("\N{MINUS SIGN}", number[1:]) if number.startswith("\N{MINUS SIGN}") else ("", number)
    prefix = value.unit.prefix + (
        " "
        if len(value.unit.prefix) > 2 and value.unit.prefix.isalpha() and value.unit.prefix != "RMB"
        else ""
    )
    return qualifier + sign + prefix + digits + spaced(value.unit.suffix)


def spaced(suffix: str) -> str:
    """A unit's suffix with the space that a word (not a sign such as %) needs before it."""
    return f" {suffix}" if suffix[:1].isalpha() else suffix


_FLAGS = {"percent", "times", "bare", "plain", "words", "month", "year"}
_WITH_WORD = {"percent", "times", "to", "round", "unit"}


def _options(text: str) -> dict:
    options: dict = {}
    for part in filter(None, (p.strip() for p in text.split("|"))):
        name, _, word = part.partition(" ")
        if word and name in _WITH_WORD:
            options[name] = word.strip()
        elif not word and name in _FLAGS:
            options[name] = True
        else:
            known = ", ".join(sorted(_FLAGS | _WITH_WORD))
            raise ReceiptError(f"{part!r} is no way to write a number; there are {known}.")
    return options


# --- receipts -----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Receipt:
    """A written number with all that a reader may ask about it.

    `inputs` are the direct values it was made from (one for a plain number).
    """

    text: str
    expression: str
    value: Value
    inputs: tuple[Value, ...]

    @property
    def is_formula(self) -> bool:
        return self.value.recorded is None

    @property
    def rows(self) -> tuple[tuple[str, str, str], ...]:
        return self.value.rows


def receipt(text: str) -> Receipt:
    """Resolve the inside of a `{num}` role: an expression, then options after `|`.

    Raises
    ------
    ReceiptError
        If it names nothing, mixes units, divides by zero, meets an empty cell or rests on no row.
    """
    expression, _, how = text.partition("|")
    try:
        evaluator = _Evaluator(expression)
        value = _value(evaluator.run())
    except tables.DataError as error:
        raise ReceiptError(str(error)) from error
    except TypeError as error:
        raise ReceiptError(f"{expression.strip()!r}: {error}") from error
    if not value.rows:
        raise ReceiptError(f"{expression.strip()!r} rests on no row of data; a number in prose must.")
    return Receipt(
        write(value, **_options(how)), expression.strip(), value, tuple(evaluator.seen) or (value,)
    )


def num(text: str) -> str:
    """The written number itself, for labels and annotations inside charts."""
    return receipt(text).text


@dataclasses.dataclass(frozen=True)
class Sentence:
    """A phrase with the condition that carries it."""

    text: str
    condition: str
    holds: bool
    values: str
    rows: tuple[tuple[str, str, str], ...]


def sentence(text: str) -> Sentence:
    """Resolve the inside of a `{holds}` role: `phrase <condition>`.

    Raises
    ------
    ReceiptError
        If there is no condition, it cannot be evaluated, or it rests on no row.
    """
    match = CONDITION.match(text)
    if not match:
        raise ReceiptError(f"{text!r} has no condition; write {{holds}}`phrase <condition>`.")
    evaluator = _Evaluator(match["condition"])
    try:
        answer = evaluator.run()
    except tables.DataError as error:
        raise ReceiptError(str(error)) from error
    if not isinstance(answer, bool):
        raise ReceiptError(f"{match['condition']!r} is not a condition; use > >= < <= == != and, or, not.")
    rows = tuple(dict.fromkeys(row for value in evaluator.seen for row in value.rows))
    if not rows:
        raise ReceiptError(f"The condition {match['condition']!r} rests on no row of data.")
    values = "; ".join(f"{_name(v)} = {_shown(v)}" for v in evaluator.seen)
    return Sentence(match["text"], match["condition"], answer, values, rows)


def _name(value: Value) -> str:
    if len(value.rows) == 1:
        table, key, field = value.rows[0]
        return key if table == "observations" else f"{table} {key}.{field}"
    return f"{len(value.rows)} rows"


def _shown(value: Value) -> str:
    return value.amount if value.is_text else (value.recorded or format(value.amount, ".6g"))


def require(found: Sentence) -> Sentence:
    """The sentence, if its condition holds.

    Raises
    ------
    ReceiptError
        If it does not: with the sentence, the condition and the values.
    """
    if not found.holds:
        raise ReceiptError(
            f"The data no longer support the sentence “{found.text}”: {found.condition} is false ({found.values})."
        )
    return found


def plain(text: str) -> str:
    """A text with its roles resolved to plain words (titles, descriptions, alternative texts)."""

    def resolve(match: re.Match) -> str:
        role, inside = match[1], match[2]
        return receipt(inside).text if role == "num" else require(sentence(inside)).text

    return ROLE.sub(resolve, text)


def roles(text: str) -> list[tuple[str, str]]:
    """All (role, inside) pairs of a text, in order."""
    return [(m[1], m[2]) for m in ROLE.finditer(text)]


def facts() -> None:
    """Print every number and every tested sentence of the open chapter, with its row.

    The stored output of this cell is what nbval compares: the lock file of the story.
    """
    from storykit import chapters

    name = chapters.current()
    if name is None:
        raise ReceiptError("Call open_chapter first; facts() prints the facts of the open chapter.")
    seen: dict[str, str] = {}
    for _, text in [*chapters.prose(name), *chapters.figure_texts(name)]:
        for role, inside in roles(text):
            key = " ".join(inside.split())
            if role == "num":
                seen[f"{key}"] = receipt(inside).text
            else:
                found = require(sentence(inside))
                seen[f"holds: {key}"] = found.values
    for key in sorted(seen):
        print(f"{key} -> {seen[key]}")


# --- numbers that were typed ----------------------------------------------------------------------

TYPED_ALLOWED = {
    "a date in plain narrative": r"\b(?:\d{1,2} )?(?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{4})?\b|\b(?:19|20)\d{2}(?:[-–/](?:19|20)?\d{2})?\b|\b(?:19|20)\d{2}s\b|\b\d{1,2}(?= (?:January|February|March|April|May|June|July|August|September|October|November|December))",
    "a name that holds a number": r"\b[2-6]G\b|\bB2[BCG]\b|\b[Cc]overage?-19\b|\bCovid-19\b|\bKL\d\b|\bQ[1-4]\b|\bH[12]\b|\bNESR ?\d\b|\bVersion \d(?:\.\d)?\b|\bISO[ -]?\d+(?:-\d)?\b|\bCC BY 4\.0\b|\bWCAG 2\.2\b",
}
"""The few kinds of numerals that prose may type, with the pattern that recognises each."""

_CODE = re.compile(
    r"```.*?```|`[^`]*`|\]\([^)]*\)|<https?:[^>]*>|\{[a-z:_-]+\}|^---$.*?^---$|^\s*\d+\.\s",
    re.DOTALL | re.MULTILINE,
)


def typed_numbers(text: str) -> list[tuple[int, str]]:
    """Numerals in prose that no receipt wrote, as (line, the words around it).

    Roles, code, links and list numbers do not count, nor the kinds in `TYPED_ALLOWED`.
    """
    blank = lambda m: re.sub(r"[^\n]", " ", m[0])  # noqa: E731 - keeps the line numbers
    rest = ROLE.sub(blank, text)
    rest = _CODE.sub(blank, rest)
    for pattern in TYPED_ALLOWED.values():
        rest = re.sub(pattern, blank, rest)
    found = []
    for match in re.finditer(r"\d[\d.,]*", rest):
        line = rest.count("\n", 0, match.start()) + 1
        around = text[max(0, match.start() - 25) : match.end() + 25].replace("\n", " ")
        found.append((line, around.strip()))
    return found
