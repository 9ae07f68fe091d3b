"""What goes wrong with tensors and networks: each operator gives the changes that it makes at one node."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from typing import Final

from grader.evidence.mutation.editing import Code, Edit

_SIBLINGS: Final = (
    ("sum", "mean"),
    ("sum", "prod"),
    ("min", "max"),
    ("argmin", "argmax"),
    ("amin", "amax"),
    ("minimum", "maximum"),
    ("any", "all"),
    ("median", "mean"),
    ("std", "var"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("rand", "randn"),
    ("rand_like", "randn_like"),
    ("uniform_", "normal_"),
    ("zeros", "empty"),
    ("floor", "ceil"),
    ("round", "floor"),
    ("trunc", "round"),
    ("exp", "expm1"),
    ("log", "log1p"),
    ("sqrt", "square"),
    ("abs", "square"),
    ("sin", "cos"),
    ("sigmoid", "tanh"),
    ("relu", "sigmoid"),
    ("softmax", "log_softmax"),
    ("add_", "sub_"),
    ("mul_", "div_"),
    ("cumsum", "cumprod"),
    ("cat", "stack"),
    ("hstack", "vstack"),
    ("repeat", "repeat_interleave"),
    ("linspace", "logspace"),
    ("triu", "tril"),
    ("train", "eval"),
    ("float32", "float64"),
    ("int64", "int32"),
    ("float", "double"),
    ("long", "int"),
    ("from_numpy", "tensor"),
    ("MSELoss", "L1Loss"),
    ("mse_loss", "l1_loss"),
    ("SGD", "Adam"),
    ("ReLU", "Sigmoid"),
    ("append", "extend"),
    ("numel", "dim"),
    ("ndim", "itemsize"),
    ("isnan", "isinf"),
    ("unsqueeze", "squeeze"),
    ("rsqrt", "sqrt"),
)
"""Functions that are taken for each other."""

_KEEPING: Final = frozenset(
    {
        "sum",
        "mean",
        "prod",
        "min",
        "max",
        "amin",
        "amax",
        "argmin",
        "argmax",
        "std",
        "var",
        "median",
        "any",
        "all",
        "norm",
    }
)
_WITH_AXES: Final = _KEEPING | {
    "logsumexp", "softmax", "log_softmax", "cumsum", "cumprod", "unsqueeze", "squeeze", "cat", "stack", "concatenate",
    "size", "flatten", "split", "chunk", "sort", "argsort", "topk", "gather", "scatter", "index_select", "flip", "roll",
    "select", "movedim",
}  # fmt: skip
_AXES: Final = (-2, -1, 0, 1)

_VIEWS: Final = frozenset({"T", "mT", "data", "grad", "real"})


def sibling(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """A function is taken for one like it: `sum` for `mean`, `argmin` for `argmax`, `floor` for `ceil`."""
    if isinstance(node, ast.Attribute):
        end = code.span(node)[1]
        yield from (Edit(end - len(node.attr.encode()), end, name) for name in _siblings(node.attr))
    elif isinstance(node, ast.Name) and isinstance(code.parents.get(node), ast.Call):
        names = [name for name in _siblings(node.id) if hasattr(builtins, name) and not code.is_local(node)]
        yield from (code.replace(node, name) for name in names)


def _siblings(name: str) -> list[str]:
    return [pair[1 - place] for pair in _SIBLINGS for place in (0, 1) if pair[place] == name]


def axis(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """Another axis."""
    if isinstance(node, ast.keyword) and node.arg in ("dim", "axis"):
        yield from _other_axes(node.value, code)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _WITH_AXES:
        for argument in node.args:
            yield from _other_axes(argument, code)


def _other_axes(node: ast.expr, code: Code) -> Iterator[Edit]:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return
    if isinstance(value, int) and not isinstance(value, bool) and value in _AXES:
        yield from (code.replace(node, str(other)) for other in _AXES if other != value)


def keepdim(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """An axis is kept that should go."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _KEEPING:
        names = {keyword.arg for keyword in node.keywords}
        has_axis = names & {"dim", "axis"} or (node.args and code.is_local(node.func))
        if has_axis and not names & {"keepdim", "keepdims"}:
            name = "keepdims" if "axis" in names else "keepdim"
            yield code.call(node, [*(code.text(item) for item in (*node.args, *node.keywords)), f"{name}=True"])


def removed_call(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """A call is left out and what it works on is taken as it is: ``x.clone()``, ``x.item()``, ``torch.sqrt(x)``."""
    if not isinstance(node, ast.Call) or isinstance(code.parents.get(node), ast.Expr | ast.withitem):
        return
    if isinstance(node.func, ast.Attribute) and code.is_local(node.func.value):
        yield code.replace(node, code.operand(node.func.value))
    elif node.args and not isinstance(node.args[0], ast.Starred):
        yield code.replace(node, code.operand(node.args[0]))


def removed_view(node: ast.AST, code: Code) -> Iterator[Edit | None]:
    """``x.T``, ``x.data`` or ``x.grad`` becomes ``x``."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node.attr in _VIEWS:
        yield code.replace(node, code.operand(node.value))
