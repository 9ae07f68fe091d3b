"""Gradients: those that flow through a student's function, and those that it returns.

The right gradient is a closed form, or central differences of the student's own forward values in float64, so that
only the backward pass is judged. A wrong one is diagnosed: the graph is cut (and by what, read off the source), the
sign, a constant factor, the same gradient added twice, a batch taken for its mean.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final

import torch
from IPython.core.inputtransformer2 import TransformerManager

from grader.kit.assertions import Mistakes, assert_close, assert_returns, assert_shape
from grader.kit.bindings import definitions
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.messages import Message, tr, verbatim
from grader.kit.student import Remote, Student
from grader.wire.values import origin

STEP: Final = 1e-6
"""Step of the central differences in float64: error about STEP² + 1e-16 / STEP, far below the tolerance."""

RTOL: Final = 1e-4
ATOL: Final = 1e-6

_SHARED_GRAD: Final = tr(
    "backward adds to that very object, so the next backward would change what you returned. Start from a leaf of your"
    " own (x.detach().clone().requires_grad_()), or use torch.autograd.grad."
)
_ATTACHED: Final = tr(
    "Whoever keeps it keeps the whole graph in memory: detach it, and leave out create_graph=True unless you need"
    " second derivatives."
)
_NO_GRADIENT: Final = tr(
    "A .grad is None before backward, on a tensor that is not a leaf, and when the graph is cut on the way."
)
_USE_TENSORS: Final = tr(
    "Compute with tensor operations from the input to the result: whatever leaves the tensor cuts the graph."
)
_UNCALLED: Final = tr("requires_grad_ without parentheses does nothing: a method must be called, requires_grad_().")

_CUTTERS: Final = (
    ("data", ".data"),
    ("item", ".item()"),
    ("tolist", ".tolist()"),
    ("numpy", ".numpy()"),
    ("torch.tensor", "torch.tensor(…)"),
    ("torch.Tensor", "torch.Tensor(…)"),
    ("torch.FloatTensor", "torch.FloatTensor(…)"),
    ("torch.from_numpy", "torch.from_numpy(…)"),
    ("numpy.", "NumPy"),
    ("float", "float(…)"),
    ("int", "int(…)"),
    ("no_grad", "torch.no_grad()"),
    ("inference_mode", "torch.inference_mode()"),
    ("detach", ".detach()"),
)
"""What takes a value out of the graph, the surest first: the end of a dotted name (its beginning, where a dot is
last), and what to call it."""

_STARTS_A_GRAPH: Final = ("requires_grad_", "requires_grad")


def assert_gradients(
    student: Student,
    function: Remote,
    *args: Any,
    expected: Sequence[torch.Tensor] | None = None,
    cotangent: torch.Tensor | None = None,
    names: Sequence[str] = (),
    hint: Message | None = None,
) -> None:
    """Fails unless gradients flow from the result of `function` to each of its floating-point tensors, and are right.

    Args:
        student: the notebook.
        function: returns one tensor.
        args: its arguments; floating-point tensors among them are sent in float64 with ``requires_grad``.
        expected: the gradients from a closed form, one a floating-point tensor. Without it they are central
            differences of the student's own forward values, so only the backward pass is judged.
        cotangent: weights of the output's elements, of its shape; ones by default.
        names: what the arguments are called.
        hint: in place of the diagnosis that is found.
    """
    args = tuple(_differentiable(value) for value in args)
    output = _output(student, function, args, None if cotangent is None else cotangent.shape)
    weights = torch.ones(output.shape, dtype=torch.float64) if cotangent is None else cotangent.double()
    call = student.call(function, *args, _cotangents=[weights])
    inputs = [value for value in args if _is_float(value)]
    if expected is None:
        expected = [
            _central_differences(student, function, args, position, weights)
            for position, value in enumerate(args)
            if _is_float(value)
        ]
    unnamed = [tr("argument {number}", number=number + 1) for number in range(len(names), len(inputs))]
    labels: list[str | Message] = [*names, *unnamed]
    gradients = call.gradients if call.gradients else (None,) * len(inputs)
    sizes = {value.shape[0] for value in inputs if value.ndim}
    for label, gradient, right in zip(labels, gradients, expected, strict=True):
        if gradient is None:
            raise CheckFailure(
                tr("No gradient reaches `{name}`: the graph is cut on the way.", name=label),
                expected=tr("a gradient"),
                actual=verbatim("None"),
                hint=hint or cut_hint(student.cells, function.label) or _USE_TENSORS,
            )
        assert_close(
            gradient,
            right,
            rtol=RTOL,
            atol=ATOL,
            name=tr("The gradient of `{name}`", name=label),
            mistakes=() if hint else gradient_mistakes(right, sizes),
            hint=hint,
        )


def assert_returned_gradient(
    student: Student,
    function: str,
    value: Any,
    right: torch.Tensor,
    *,
    name: str | Message | None = None,
    batch: int | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
    mistakes: Mistakes = (),
    hint: Message | None = None,
) -> None:
    """Fails unless `value`, which the student's `function` returned, is the gradient `right` and nobody else's.

    It must be a tensor of its own: not an input's ``.grad`` object, and with no graph behind it.

    Args:
        student: the notebook.
        function: the name of the student's function, whose source tells what cuts the graph.
        value: what it returned.
        right: the right gradient.
        name: what the value is called.
        batch: the number of samples, where a missing or superfluous mean over them is a likely mistake.
        rtol: relative tolerance.
        atol: absolute tolerance.
        mistakes: pairs of a wrong value and its hint, tried before the usual ones.
        hint: for a value that is None.
    """
    what = name if isinstance(name, Message) else tr("The gradient") if name is None else verbatim(f"`{name}`")
    if value is None and not _returns(student.cells, function):
        assert_returns(value, torch.Tensor, name=what)
    if value is None:
        raise CheckFailure(
            tr("{what} is None.", what=what),
            expected=tr("a gradient"),
            actual=verbatim("None"),
            hint=hint or cut_hint(student.cells, function) or _NO_GRADIENT,
        )
    sizes = set() if batch is None else {batch}
    all_mistakes = chain(mistakes, gradient_mistakes(right, sizes))
    assert_close(value, right, rtol=rtol, atol=atol, name=what, mistakes=all_mistakes)
    if any(position < 0 for position in origin(value).shares):
        raise CheckFailure(tr("{what} is the .grad object of the input itself.", what=what), hint=_SHARED_GRAD)
    if origin(value).requires_grad:
        raise CheckFailure(tr("{what} still hangs on a computation graph.", what=what), hint=_ATTACHED)


def gradient_mistakes(right: torch.Tensor, batch_sizes: set[int] | Sequence[int] = ()) -> Iterator[tuple[Any, Message]]:
    """The wrong gradients that are commonly returned in place of `right`, each with its hint."""
    yield -right, tr("The gradient has the wrong sign: it points downhill. Which of the two is subtracted?")
    yield 2 * right, tr("The gradient is twice what it should be: is the same term counted, or added, twice?")
    yield right / 2, tr("The gradient is half of what it should be: where is a factor 2 lost?")
    for n in sorted(set(batch_sizes) - {0, 1, 2}):
        summed = tr(
            "The gradient is {n} times what it should be, and {n} is the batch size: the loss is a mean.",
            n=n,
        )
        yield n * right, summed
        averaged = tr("The gradient is 1/{n} of what it should be, and {n} is the size: sum, and take no mean.", n=n)
        yield right / n, averaged


@contextmanager
def explained_cuts(student: Student, function: str, *, legitimate: Sequence[str] = ()) -> Iterator[None]:
    """Names what cuts the graph in the source of `function`, where the student's own ``backward`` finds none.

    Args:
        student: the notebook.
        function: the name of the student's function.
        legitimate: cutters that a right answer needs as well, such as ``item`` for a list of losses.
    """
    try:
        yield
    except StudentError as error:
        hint = None
        if "does not require grad" in error.message:
            hint = cut_hint(student.cells, function, legitimate=legitimate)
        elif "object has no attribute 'backward'" in error.message:  # a number, an array
            hint = cut_hint(student.cells, function)
        if hint is None:
            raise
        raise explained(error, hint) from error


def explained(error: StudentError, hint: Message) -> CheckFailure:
    """The failure of a check whose exercise knows better than the error's text what the student should make of it."""
    problem = tr("Your code raised {kind}: {message}", kind=error.type_name, message=error.message[:500])
    return CheckFailure(problem, hint=hint)


def cut_hint(cells: Sequence[str], function: str, *, legitimate: Sequence[str] = ()) -> Message | None:
    """What, in the source of `function` or of what it uses, takes a value out of the graph; None if nothing does."""
    if any(_has_uncalled(node) for node in _nodes(cells, function)):
        return _UNCALLED
    names = dotted_names(cells, function)
    starts = any(name.split(".")[-1] in _STARTS_A_GRAPH for name in names)
    for cutter, code in _CUTTERS:
        if cutter in legitimate or (cutter == "detach" and starts):
            continue  # x.detach().requires_grad_() is how a graph of one's own begins
        if any(_is_named(name, cutter) for name in names):
            return tr("{code} takes the value out of the graph: keep computing with the tensor itself.", code=code)
    return None


def dotted_names(cells: Sequence[str], function: str) -> set[str]:
    """What the source of `function`, and of each function of the notebook that it uses, names with its origin.

    ``w.grad``, ``torch.optim.SGD``, ``float``; a name that a cell imports stands for what it is, so ``F.relu`` is
    ``torch.nn.functional.relu``. The methods of a call's result appear as ``(…).sum``, and a number such as ``2j`` as
    ``complex``.
    """
    imported = _imports(cells)
    found = set()
    for root in _nodes(cells, function):
        annotations = _annotations(root)
        for node in ast.walk(root):
            if id(node) in annotations:
                continue
            if isinstance(node, ast.Attribute):
                found.add(_dotted(node, imported))
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                found.add(imported.get(node.id, node.id))
            elif isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg)
            elif isinstance(node, ast.Constant) and isinstance(node.value, complex):
                found.add("complex")
    return found


def _returns(cells: Sequence[str], function: str) -> bool:
    """Whether `function` has a ``return`` with a value, as far as its source can be read."""
    found = definitions(cells).get(function)
    return found is None or any(isinstance(node, ast.Return) and node.value for node in ast.walk(found[0]))


def _annotations(root: ast.AST) -> set[int]:
    """The ids of the nodes that only annotate: ``x: torch.Tensor`` calls nothing."""
    return {
        id(inner)
        for node in ast.walk(root)
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if isinstance(part, ast.AST)
        for inner in ast.walk(part)
    }


def _is_named(name: str, cutter: str) -> bool:
    if cutter.endswith("."):
        return name.startswith(cutter)
    if cutter in ("float", "int") or "." in cutter:
        return name == cutter
    return name.endswith(f".{cutter}")


def _nodes(cells: Sequence[str], function: str) -> list[ast.AST]:
    """The definition of `function` and of every function or class of the notebook that it uses."""
    defined = definitions(cells)
    pending, seen, nodes = [function], set[str](), list[ast.AST]()
    while pending:
        name = pending.pop()
        if name in seen or name not in defined:
            continue
        seen.add(name)
        nodes.append(defined[name][0])
        pending += [used.id for used in ast.walk(nodes[-1]) if isinstance(used, ast.Name)]
    return nodes


def _imports(cells: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for cell in cells:
        if "import" not in cell:
            continue
        try:
            tree = ast.parse(TransformerManager().transform_cell(cell))
        except SyntaxError:
            continue  # the cell did not run either
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.asname: alias.name for alias in node.names if alias.asname}
            elif isinstance(node, ast.ImportFrom):
                found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _dotted(node: ast.expr, imported: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, imported)}.{node.attr}"
    return imported.get(node.id, node.id) if isinstance(node, ast.Name) else "(…)"


def _has_uncalled(root: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Attribute) and node.value.attr == "requires_grad_"
        for node in ast.walk(root)
    )


def _is_float(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def _differentiable(value: Any) -> Any:
    return value.detach().double().requires_grad_() if _is_float(value) else value


def _output(
    student: Student, function: Remote, args: tuple[Any, ...], shape: Sequence[int] | None = None
) -> torch.Tensor:
    """The one tensor that the function returns, of a known shape and with data in it."""
    value = student.call(function, *args).value
    assert_returns(value, torch.Tensor)
    assert_shape(value, value.shape if shape is None else shape)
    if not origin(value).has_data:
        raise CheckFailure(tr("The result is a tensor without data."))
    output: torch.Tensor = value
    return output


def _central_differences(
    student: Student, function: Remote, args: tuple[Any, ...], position: int, weights: torch.Tensor
) -> torch.Tensor:
    base = args[position].detach()
    gradient = torch.zeros_like(base, memory_format=torch.contiguous_format)
    for index in range(base.numel()):
        ends = []
        for sign in (1, -1):
            moved = base.clone(memory_format=torch.contiguous_format)
            moved.view(-1)[index] += sign * STEP
            output = _output(student, function, (*args[:position], moved, *args[position + 1 :]), weights.shape)
            ends.append((output.double() * weights).sum())
        gradient.view(-1)[index] = (ends[0] - ends[1]) / (2 * STEP)
    return gradient
