"""What a change to a right answer is called, in the words of the language and none of the answer's own lines."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Final

from grader.kit.messages import Message, tr


def worded(operator: str, old: str, new: str) -> Message:
    """What an operator's change is called, as it ends the sentence "a right answer with one change: …".

    Args:
        operator: the name of one in `grader.evidence.mutation.mutants.OPERATORS`.
        old: the code that was changed, as `grader.evidence.mutation.editing.Edit` takes it away.
        new: what came in its place.
    """
    return _WORDS[operator](old.strip(), new.strip())


def _token(old: str, new: str) -> Message:
    return _instead(old.strip("() "), new.strip("() "))


def _instead(old: str, new: str) -> Message:
    return tr("`{new}` in place of `{old}`", new=new, old=old)


def _constant(old: str, new: str) -> Message:
    if isinstance(_value(old), str):
        return tr("another text in place of `{old}`", old=old)
    return _instead(old, new.strip("()"))


def _operand(old: str, new: str) -> Message:  # noqa: ARG001 - each takes both
    node = _expression(old)
    if isinstance(node, ast.UnaryOp):
        return tr("without `{code}`", code=_TOKENS[type(node.op)])
    assert isinstance(node, ast.BinOp)
    return tr("one side of a `{operator}` alone", operator=_TOKENS[type(node.op)])


def _in_place(old: str, new: str) -> Message:  # noqa: ARG001
    if isinstance(_statement(new), ast.AugAssign):
        return tr("a value that is changed in place, for whoever else has it as well")
    return tr("a new value where one is changed in place")


def _condition(old: str, new: str) -> Message:  # noqa: ARG001
    known = {"False": tr("a condition that is never met"), "True": tr("a condition that is always met")}
    if new in known:
        return known[new]
    if new.startswith("not ("):
        return tr("a condition that is the wrong way round")
    return tr("a condition with a part left out, or `or` in place of `and`")


def _left_out(old: str, new: str) -> Message:
    if not new:
        return tr("without a decorator")
    node = _statement(old)
    if isinstance(node, ast.Return):
        return tr("nothing that is returned")
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return tr("without the call of `{code}`", code=_called(node.value))
    if isinstance(node, ast.Raise | ast.Assert):
        return tr("without the error for bad input")
    if isinstance(node, ast.For | ast.While):
        return tr("without a loop")
    if isinstance(node, ast.If):
        return tr("without a case of its own")
    return tr("a value that stays as it was")


def _argument(old: str, new: str) -> Message:
    before, after = _expression(old), _expression(new)
    assert isinstance(before, ast.Call)
    kept = {keyword.arg for keyword in after.keywords} if isinstance(after, ast.Call) else set()
    for keyword in before.keywords:
        if keyword.arg is not None and keyword.arg not in kept:
            return tr("without `{code}`", code=f"{keyword.arg}=…")
    return tr("an argument of `{code}` left out", code=_called(before))


def _swapped(old: str, new: str) -> Message:  # noqa: ARG001
    node = _expression(old)
    if isinstance(node, ast.Call):
        return tr("two arguments of `{code}` swapped", code=_called(node))
    return tr("two values in the wrong order")


def _bounds(old: str, new: str) -> Message:  # noqa: ARG001
    return tr("a slice or a range that begins or ends elsewhere")


def _loop(old: str, new: str) -> Message:
    if old == "break":
        return tr("a loop that goes on after its end")
    return tr("a loop that ends too early") if "return" not in new else tr("a result returned within the loop")


def _early_return(old: str, new: str) -> Message:  # noqa: ARG001
    return tr("without the last step")


def _context(old: str, new: str) -> Message:  # noqa: ARG001
    names = [_called(node) for node in ast.walk(_with(old)) if isinstance(node, ast.Call)]
    return tr("without `{code}`", code=f"with {names[0]}()") if names else tr("without a `with`")


def _axis(old: str, new: str) -> Message:
    return tr("dimension `{new}` in place of `{old}`", new=new, old=old)


def _keepdim(old: str, new: str) -> Message:  # noqa: ARG001
    return tr("a dimension of size 1 that is kept")


def _removed_call(old: str, new: str) -> Message:  # noqa: ARG001
    node = _expression(old)
    assert isinstance(node, ast.Call)
    return tr("without `{code}`", code=_called(node))


def _removed_view(old: str, new: str) -> Message:  # noqa: ARG001
    return tr("without `{code}`", code=f".{old.rsplit('.', 1)[-1]}")


_WORDS: Final[Mapping[str, Callable[[str, str], Message]]] = {
    "arithmetic": _token,
    "operand": _operand,
    "in_place": _in_place,
    "comparison": _token,
    "condition": _condition,
    "constant": _constant,
    "statement": _left_out,
    "argument": _argument,
    "swapped": _swapped,
    "variable": _instead,
    "bounds": _bounds,
    "loop": _loop,
    "early_return": _early_return,
    "context": _context,
    "sibling": _instead,
    "axis": _axis,
    "keepdim": _keepdim,
    "removed_call": _removed_call,
    "removed_view": _removed_view,
}
"""By the operator's name."""

_TOKENS: Final[Mapping[type[ast.AST], str]] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.UAdd: "+", ast.USub: "-", ast.Invert: "~", ast.Not: "not",
}  # fmt: skip


def _expression(text: str) -> ast.expr | None:
    try:
        return ast.parse(f"({text}\n)", mode="eval").body
    except SyntaxError:
        return None


def _statement(text: str) -> ast.stmt | None:
    """A statement; of one in a block, the first line alone is not indented."""
    for source in (text, f"{text.splitlines()[0].removeprefix('el')} pass"):
        try:
            return ast.parse(source).body[0]
        except (SyntaxError, IndexError):
            continue
    return None


def _with(text: str) -> ast.AST:
    """The contexts of a ``with``, or a list of them."""
    for source in (f"{text}: pass", f"with {text}: pass"):
        try:
            return ast.parse(source)
        except SyntaxError:
            continue
    return ast.Module([], [])


def _value(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None


def _called(node: ast.Call) -> str:
    """The name that a call is known by: PyTorch's function or method, without what it is called on."""
    if isinstance(node.func, ast.Attribute):
        base = node.func.value
        if isinstance(base, ast.Name) and base.id in _MODULES:
            return f"{base.id}.{node.func.attr}"
        return f".{node.func.attr}"
    return node.func.id if isinstance(node.func, ast.Name) else "…"


_MODULES: Final = frozenset({"torch", "F", "nn", "np", "math"})


def either(changes: list[Message]) -> Message:
    """Changes that no check tells apart, as one text."""
    first, *rest = changes
    for change in rest:
        first = tr("{one}, or {other}", one=first, other=change)
    return first


def title_of(change: Message) -> Message:
    """What is wrong with an answer that is a right one with a change, as far as anybody knows."""
    return tr("Your code answers like a right answer with one change: {change}.", change=change)


HINT: Final = tr("Everything that was asked gives the same with both. Where in your code does this happen?")
"""The next step for whoever is told of a change."""
