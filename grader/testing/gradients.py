"""Gradients of a student's function, compared with central differences or with a closed form."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, Final

import torch

from grader.testing.assertions import assert_close, assert_returns
from grader.testing.failures import CheckFailure
from grader.testing.loops import definitions
from grader.testing.messages import Message, tr, verbatim
from grader.testing.student import Remote, Student

STEP: Final = 1e-6
"""Step of the central differences in float64: error about STEP² + 1e-16 / STEP, far below the tolerance."""

RTOL: Final = 1e-4
ATOL: Final = 1e-6

_CUTTERS: Final = (
    ".data",
    ".item(",
    ".numpy(",
    ".tolist(",
    "torch.tensor(",
    ".detach(",
    "no_grad",
    "torch.Tensor(",
)


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
    output = student.call(function, *args).value
    assert_returns(output, torch.Tensor)
    weights = torch.ones(output.shape, dtype=torch.float64) if cotangent is None else cotangent.double()
    call = student.call(function, *args, _cotangents=[weights])
    inputs = [value for value in args if _is_float(value)]
    if expected is None:
        expected = [
            _central_differences(student, function, args, position, weights)
            for position, value in enumerate(args)
            if _is_float(value)
        ]
    labels = [*names, *(f"argument {number + 1}" for number in range(len(names), len(inputs)))]
    gradients = call.gradients if call.gradients else (None,) * len(inputs)
    for label, gradient, right in zip(labels, gradients, expected, strict=True):
        _compare(student, function.label, label, gradient, right, hint)


def _compare(
    student: Student,
    function: str,
    label: str,
    gradient: torch.Tensor | None,
    right: torch.Tensor,
    hint: Message | None,
) -> None:
    if gradient is None:
        raise CheckFailure(
            tr("No gradient reaches `{name}`: the graph is cut on the way.", name=label),
            expected=tr("a gradient"),
            actual=verbatim("None"),
            hint=hint or _cut_hint(student, function),
        )
    assert_close(
        gradient,
        right,
        rtol=RTOL,
        atol=ATOL,
        name=tr("The gradient of `{name}`", name=label),
        mistakes=[
            (
                2 * right,
                tr("The gradient is twice what it should be: is the same term counted, or added, twice?"),
            )
        ],
        hint=hint,
    )


def _cut_hint(student: Student, function: str) -> Message:
    found = definitions(student.cells).get(function)
    if found is not None:
        source = ast.unparse(found[0])
        for cutter in _CUTTERS:
            if cutter in source:
                return tr(
                    "{code} takes the value out of the graph: keep computing with the tensor itself.",
                    code=cutter.strip("("),
                )
    return tr("Compute with tensor operations from the input to the result: whatever leaves the tensor cuts the graph.")


def _is_float(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def _differentiable(value: Any) -> Any:
    return value.detach().double().requires_grad_() if _is_float(value) else value


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
            output = student.call(function, *args[:position], moved, *args[position + 1 :]).value
            ends.append((output.double() * weights).sum())
        gradient.view(-1)[index] = (ends[0] - ends[1]) / (2 * STEP)
    return gradient
