"""What may be wrong in any Python: each operator gives the changes that it makes at one node of a syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

from grader.evidence.mutation.editing import Code, Edit, is_text

Operator = Callable[[ast.AST, Code], Iterator[Edit | None]]
"""Changes at a node; None stands for one that cannot be written."""

_ARITHMETIC: Final[dict[type[ast.AST], tuple[str, str]]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "//"),
    ast.Pow: ("**", "*"),
    ast.MatMult: ("@", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "|"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
_COMPARISONS: Final[dict[type[ast.AST], tuple[str, tuple[str, ...]]]] = {
    ast.Lt: ("<", ("<=", ">")),
    ast.LtE: ("<=", ("<", ">=")),
    ast.Gt: (">", (">=", "<")),
    ast.GtE: (">=", (">", "<=")),
    ast.Eq: ("==", ("!=", ">=", "<=")),
    ast.NotEq: ("!=", ("==", ">", "<")),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}


def arithmetic(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """``a + b`` becomes ``a - b``, and ``a += b`` becomes ``a -= b`` and ``a = b``."""
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        old, new = _ARITHMETIC[type(node.op)]
        yield code.swap(old, node.left, node.right, new)
    elif isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC:
        old, new = _ARITHMETIC[type(node.op)]
        yield code.swap(f"{old}=", node.target, node.value, f"{new}=")
        yield code.swap(f"{old}=", node.target, node.value, "=")


def operand(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """``a + b`` becomes ``a``, and ``b``; ``-a``, ``~a`` and ``not a`` become ``a``."""
    if isinstance(node, ast.BinOp):
        yield code.replace(node, code.operand(node.left))
        yield code.replace(node, code.operand(node.right))
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield code.replace(node, code.operand(node.operand))


def in_place(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """``x = x + a`` becomes ``x += a``, which changes what others see of it too, and back where `x` is no number."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
        if type(value.op) in _ARITHMETIC and code.text(target) == code.text(value.left):
            token = _ARITHMETIC[type(value.op)][0]
            yield code.replace(node, f"{code.text(target)} {token}= {code.text(value.right)}")
    elif isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC and not code.is_number(node.target):
        name, token = code.text(node.target), _ARITHMETIC[type(node.op)][0]
        yield code.replace(node, f"{name} = {name} {token} {code.operand(node.value)}")


def comparison(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """``a < b`` becomes ``a <= b`` and ``a > b``; ``==``, ``is`` and ``in`` become their opposites."""
    if isinstance(node, ast.Compare):
        for kind, (left, right) in zip(node.ops, pairwise([node.left, *node.comparators]), strict=True):
            old, others = _COMPARISONS[type(kind)]
            for new in others:
                yield code.swap(old, left, right, new)


def condition(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """A condition is negated, always met or never met; a part of one is left out, ``and`` becomes ``or``."""
    if isinstance(node, ast.BoolOp):
        parts = [code.operand(value) for value in node.values]
        yield code.replace(node, f"({(' or ' if isinstance(node.op, ast.And) else ' and ').join(parts)})")
        word = " and " if isinstance(node.op, ast.And) else " or "
        for place in range(len(parts)):
            yield code.replace(node, f"({word.join(parts[:place] + parts[place + 1 :])})")
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield code.replace(node.test, f"not ({code.text(node.test)})")
        yield code.replace(node.test, "False")
        if not isinstance(node, ast.While):
            yield code.replace(node.test, "True")
    elif isinstance(node, ast.comprehension):
        for test in node.ifs:
            yield code.replace(test, f"not ({code.text(test)})")
            yield code.replace(test, "True")


def constant(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """A number is one more and one less, or twice and half; True is False; a text is another one."""
    value = _constant(node)
    if value is None or (isinstance(code.parents.get(node), ast.UnaryOp) and not isinstance(node, ast.UnaryOp)):
        return
    if isinstance(value, bool):
        yield code.replace(node, str(not value))
    elif isinstance(value, int):
        others = (value + 1, value - 1, -value) if value < 0 else (value + 1, value - 1)
        yield from (code.replace(node, _number(other)) for other in others)
    elif isinstance(value, float):
        others_of_it = (2 * value, value / 2, -value) if value else (1.0,)
        yield from (code.replace(node, _number(other)) for other in others_of_it)
    elif isinstance(value, str) and not isinstance(code.parents.get(node), ast.Expr):
        yield code.replace(node, repr(value + "x"))


def _constant(node: ast.AST) -> bool | int | float | str | None:
    """The value of a number, negative ones included, or of a text; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float | str):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        return -value if isinstance(value, int | float) and not isinstance(value, bool) else None
    return None


def _number(value: float) -> str:
    return repr(value) if value >= 0 else f"({value!r})"


def statement(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """A statement is left out, unless it is the only one that gives a name its value."""
    if isinstance(node, ast.Return) and node.value is not None:
        yield code.replace(node, "return None")
    elif isinstance(
        node, ast.Expr | ast.AugAssign | ast.Assert | ast.Raise | ast.Delete | ast.If | ast.For | ast.While
    ):
        if not is_text(node):
            yield code.replace(node, "pass")
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(not isinstance(target, ast.Name) or code.bindings(node, target.id) > 1 for target in targets):
            yield code.replace(node, "pass")
    elif isinstance(node, ast.FunctionDef):
        for decorator in node.decorator_list:
            start, end = code.span(decorator)
            yield Edit(start - 1, end, "")


def argument(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """One argument of a call is left out."""
    if not isinstance(node, ast.Call):
        return
    arguments = _arguments(node, code)
    for place, item in enumerate([*node.args, *node.keywords]):
        is_needed = len(arguments) == 1 and not isinstance(node.func, ast.Attribute)
        if not isinstance(item, ast.Starred) and not (is_needed and isinstance(item, ast.expr)):
            yield code.call(node, arguments[:place] + arguments[place + 1 :])


def _arguments(node: ast.Call, code: Code) -> list[str]:
    return [code.text(item) for item in (*node.args, *node.keywords)]


def swapped(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """Neighbours change places: arguments, results, targets, indices, the values of a dict."""
    if isinstance(node, ast.Call):
        arguments = _arguments(node, code)
        for place in range(1, len(node.args)):
            swap = [*arguments]
            swap[place - 1], swap[place] = swap[place], swap[place - 1]
            yield code.call(node, swap)
    elif isinstance(node, ast.Tuple):
        yield from _exchanged(node.elts, code)
    elif isinstance(node, ast.Dict):
        yield from _exchanged(node.values, code)
    elif isinstance(node, ast.List) and isinstance(node.ctx, ast.Load):
        yield from _exchanged(node.elts, code)


def _exchanged(items: list[ast.expr], code: Code) -> Iterator[Edit]:
    for left, right in pairwise(items):
        if code.is_same_number(left, right):
            continue
        start, end = code.span(left)[0], code.span(right)[1]
        middle = code.source.encode()[code.span(left)[1] : code.span(right)[0]].decode()
        yield Edit(start, end, f"{code.text(right)}{middle}{code.text(left)}")


def variable(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """A parameter stands where the next one should."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return
    function = code.function_around(node)
    if isinstance(function, ast.FunctionDef | ast.Lambda):
        arguments = function.args
        names = [item.arg for item in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        names = [name for name in names if name != "self"]
        if node.id in names and len(names) > 1:
            yield code.replace(node, names[(names.index(node.id) + 1) % len(names)])


def bounds(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """A slice or a `range` begins or ends one off, or at the very beginning or end; its step is left out."""
    if isinstance(node, ast.Slice):
        lower, upper, step = (code.text(part) if part else None for part in (node.lower, node.upper, node.step))
        for low, high, by in _other_bounds(lower, upper, step):
            yield code.replace(node, f"{low or ''}:{high or ''}{f':{by}' if by else ''}")
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        parts = [code.text(item) for item in node.args]
        if len(parts) == 1:
            yield code.call(node, ["1", parts[0]])
        stop = min(1, len(parts) - 1)
        for change in ("+ 1", "- 1"):
            yield code.call(node, [*parts[:stop], f"{parts[stop]} {change}", *parts[stop + 1 :]])


def _other_bounds(lower: str | None, upper: str | None, step: str | None) -> Iterator[tuple[str | None, ...]]:
    if lower is None:
        yield "1", upper, step
    else:
        yield None, upper, step
        yield from ((f"{lower} {change}", upper, step) for change in ("+ 1", "- 1"))
    if upper is None:
        yield lower, "-1", step
    else:
        yield lower, None, step
        yield from ((lower, f"{upper} {change}", step) for change in ("+ 1", "- 1"))
    if step is not None:
        yield lower, upper, None


def loop(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """A loop ends after its first turn, or returns there; ``continue`` becomes ``break``, ``break`` nothing."""
    if isinstance(node, ast.For | ast.While):
        yield code.after(node.body[-1], "break")
        block = _block(node, code)
        following = block[block.index(node) + 1] if block and block[-1] is not node else None
        if isinstance(following, ast.Return):
            yield code.after(node.body[-1], code.text(following))
    elif isinstance(node, ast.Continue):
        yield code.replace(node, "break")
    elif isinstance(node, ast.Break):
        yield code.replace(node, "pass")


def _block(node: ast.stmt, code: Code) -> list[ast.stmt]:
    """The statements that one stands among."""
    parent = code.parents[node]
    for field in ("body", "orelse", "finalbody"):
        found = getattr(parent, field, [])
        if isinstance(found, list) and node in found:
            return found
    return []


def early_return(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """A function that returns nothing ends before its last statement; in a loop, a turn ends before its last one."""
    if isinstance(node, ast.FunctionDef | ast.For) and len(node.body) > 1 and not isinstance(node.body[-1], ast.Return):
        yield code.after(node.body[-2], "return" if isinstance(node, ast.FunctionDef) else "continue")


def context(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """A ``with`` block runs without its context, such as `torch.no_grad`."""
    if isinstance(node, ast.With):
        if all(item.optional_vars is None for item in node.items):
            start, end = code.span(node)[0], code.span(node.items[-1].context_expr)[1]
            yield Edit(start, end, "if True")
        for place, item in enumerate(node.items):
            if item.optional_vars is None and len(node.items) > 1:
                kept = [code.text(other.context_expr) for at, other in enumerate(node.items) if at != place]
                start, end = code.span(node.items[0].context_expr)[0], code.span(node.items[-1].context_expr)[1]
                yield Edit(start, end, ", ".join(kept))
