"""Small faults to plant in a module: each a way in which a rule could be written almost right."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
_OTHERS = {
    "min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "reversed": "iter",
    "bisect_left": "bisect_right", "bisect_right": "bisect_left",
}  # fmt: skip
_KEYWORDS = frozenset({"reverse", "key", "start", "initial"})
_BODIES = frozenset({"body", "orelse", "finalbody", "handlers", "cases"})
_SHORTEST = 16


@dataclass(frozen=True)
class Mutant:
    """One fault: where, what stood there and what stands there now, and how to plant it."""

    file: str
    where: str
    """The function, with its class; `module` for a constant."""
    lines: range
    """The lines of the statement (of a compound one: of its head)."""
    was: str
    becomes: str
    parent: ast.AST
    field: str
    index: int | None
    planted: ast.AST
    statement: ast.stmt

    @property
    def name(self) -> tuple[str, str, str, str]:
        """What the page calls it: lines move, these do not."""
        return self.file, self.where, self.was, self.becomes

    def plant(self) -> None:
        """Changes the tree the mutants of this file share."""
        _put(self.parent, self.field, self.index, self.planted)


@dataclass
class _Place:
    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    above: tuple[ast.AST, ...]
    """From the module down to the parent."""


def mutants_of(file: str, tree: ast.Module) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its text."""
    for place in list(_places(tree)):
        for planted in _faults(place):
            yield _mutant(file, place, planted)


def _places(tree: ast.Module) -> Iterator[_Place]:
    def walk(node: ast.AST, above: tuple[ast.AST, ...]) -> Iterator[_Place]:
        for field, value in ast.iter_fields(node):
            if _left_alone(node, field):
                continue
            for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
                if isinstance(child, ast.AST):
                    inside = (*above, node)
                    yield _Place(child, node, field, index, inside)
                    yield from walk(child, inside)

    yield from walk(tree, ())


def _left_alone(node: ast.AST, field: str) -> bool:
    """Annotations, decorators, defaults, imports, what an error says, and what classes declare."""
    if field in {
        "annotation",
        "returns",
        "decorator_list",
        "args",
        "type_params",
        "bases",
        "ctx",
        "type_ignores",
    }:
        return field != "args" or isinstance(node, ast.FunctionDef | ast.Lambda)
    if isinstance(node, ast.keyword):
        return node.arg == "strict"  # says only what is so
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Raise | ast.JoinedStr | ast.ExceptHandler)


def _faults(place: _Place) -> Iterator[ast.AST]:
    node, functions = (
        place.node,
        [one for one in place.above if isinstance(one, ast.FunctionDef | ast.Lambda)],
    )
    if not functions:
        if any(isinstance(one, ast.ClassDef) for one in place.above) or not _constant_of_module(place):
            return
        yield from _of_constant(place)
        yield from _of_display(node)
        return
    if isinstance(node, ast.stmt):
        yield from _of_statement(place)
    elif isinstance(node, ast.expr):
        yield from _of_expression(place)
        yield from _of_constant(place)
    elif isinstance(node, ast.comprehension):
        for kept in range(len(node.ifs)):
            yield _with(node, ifs=[one for at, one in enumerate(node.ifs) if at != kept])


def _of_statement(place: _Place) -> Iterator[ast.AST]:
    node = place.node
    if isinstance(node, ast.If):
        yield _with(node, test=ast.Constant(value=False))
        yield _with(node, test=ast.Constant(value=True))
    elif isinstance(node, ast.While):
        yield _with(node, test=ast.Constant(value=False))
    elif isinstance(node, ast.Continue):
        yield ast.Break()
    elif isinstance(node, ast.Break):
        yield ast.Continue()
        yield ast.Pass()
    elif isinstance(node, ast.AugAssign):
        yield ast.Pass()
        if type(node.op) in _SWAPPED:
            yield _with(node, op=_SWAPPED[type(node.op)]())
    elif isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value in {None, False}):
            yield ast.Return(value=ast.Constant(value=None))
    elif (
        isinstance(node, ast.Raise | ast.Delete)
        or (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.Assign) and _assigned_again(node, place.above))
    ):
        yield ast.Pass()


def _assigned_again(node: ast.Assign, above: tuple[ast.AST, ...]) -> bool:
    """Whether something stands there without this line: else any test that runs it stumbles."""
    function = next(one for one in above if isinstance(one, ast.FunctionDef))
    bound = Counter(
        one.id for one in ast.walk(function) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    )
    return all(not isinstance(target, ast.Name) or bound[target.id] > 1 for target in node.targets)


def _of_expression(place: _Place) -> Iterator[ast.AST]:
    node = place.node
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            if type(operator) in _TURNED:
                yield _with(node, ops=[*node.ops[:at], _TURNED[type(operator)](), *node.ops[at + 1 :]])
    elif isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        for at in range(len(node.values)):
            rest = [one for here, one in enumerate(node.values) if here != at]
            yield rest[0] if len(rest) == 1 else _with(node, values=rest)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED:
        yield _with(node, op=_SWAPPED[type(node.op)]())
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.Slice):
        if node.lower is not None:
            yield _with(node, lower=None)
        if node.upper is not None:
            yield _with(node, upper=None)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)


def _of_call(node: ast.Call) -> Iterator[ast.AST]:
    if isinstance(node.func, ast.Name) and node.func.id in _OTHERS:
        other = _OTHERS[node.func.id]
        kept = [] if other in {"list", "iter"} else node.keywords
        yield ast.Call(func=ast.Name(id=other, ctx=ast.Load()), args=node.args, keywords=kept)
    for at, keyword in enumerate(node.keywords):
        if keyword.arg in _KEYWORDS:
            yield _with(node, keywords=[*node.keywords[:at], *node.keywords[at + 1 :]])


def _of_constant(place: _Place) -> Iterator[ast.AST]:
    node = place.node
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield ast.Constant(value=not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(value=node.value + 1)
        yield ast.Constant(value=node.value - 1)
    elif isinstance(node.value, str) and not isinstance(place.parent, ast.Expr):
        yield ast.Constant(value=f"not {node.value}")


def _of_display(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Set | ast.Tuple):
        for at in range(len(node.elts)):
            yield _with(node, elts=[*node.elts[:at], *node.elts[at + 1 :]])


def _constant_of_module(place: _Place) -> bool:
    statement = place.above[1] if len(place.above) > 1 else None
    if not isinstance(statement, ast.AnnAssign | ast.Assign) or _is_type(statement.value):
        return False  # no constant, or another name of a type
    return place.field not in {"target", "targets"}


def _is_type(value: ast.expr | None) -> bool:
    """Another name of a type, or a variable for one."""
    made = value.func if isinstance(value, ast.Call) else value
    return isinstance(made, ast.Subscript) or (isinstance(made, ast.Name) and made.id == "TypeVar")


def _mutant(file: str, place: _Place, planted: ast.AST) -> Mutant:
    above = (*place.above, place.node)
    statement = next(one for one in reversed(above) if isinstance(one, ast.stmt))
    names = [one.name for one in above[:-1] if isinstance(one, ast.FunctionDef | ast.ClassDef)]
    shown = _shown(above)
    was = _text(shown)
    if shown is place.node:
        becomes = _text(planted)
    else:
        _put(place.parent, place.field, place.index, planted)
        becomes = _text(shown)
        _put(place.parent, place.field, place.index, place.node)
    ast.copy_location(planted, place.node)
    for inner in ast.walk(planted):
        if not hasattr(inner, "lineno"):
            ast.copy_location(inner, place.node)
    return Mutant(
        file, ".".join(names) or "module", _head(statement), was, becomes,
        place.parent, place.field, place.index, planted, statement,
    )  # fmt: skip


def _shown(above: tuple[ast.AST, ...]) -> ast.AST:
    """The smallest part around the change that says enough to find it by."""
    for one in reversed(above):
        if isinstance(one, ast.stmt) or (isinstance(one, ast.expr) and len(_text(one)) >= _SHORTEST):
            return one
    return above[-1]


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.While | ast.For):
        node = _with(node, body=[ast.Pass()], orelse=[])
    text = " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
    return text.removesuffix(" pass") if isinstance(node, ast.If | ast.While | ast.For) else text


def _head(statement: ast.stmt) -> range:
    first = statement.lineno
    if isinstance(statement, ast.If | ast.While):
        return range(first, (statement.test.end_lineno or first) + 1)
    if isinstance(statement, ast.For):
        return range(first, (statement.iter.end_lineno or first) + 1)
    return range(first, (statement.end_lineno or first) + 1)


def _with(node: ast.AST, **changed: object) -> ast.AST:
    fields = {**dict(ast.iter_fields(node)), **changed}
    return ast.copy_location(type(node)(**fields), node)


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node
