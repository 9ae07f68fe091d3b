"""What decides `two_branch_grads`, and what it says."""

import torch

from grader.kit import assert_dtype, assert_inputs_unchanged, assert_length, assert_returns, assert_that, tr
from grader.kit.gradients import assert_returned_gradient, explained_cuts

from ..common import A_TUPLE, switch_autograd_on

ACCUMULATED = tr("x.grad accumulated: it holds both derivatives. Reset it between the two, or use torch.autograd.grad.")


SAME_OBJECT = tr("Both results hold the derivative that came last: backward writes into x.grad itself, so clone it.")


SWAPPED = tr("The two derivatives are in the opposite order: dy/dx comes first.")


CHAIN_TWICE = tr(
    "backward from y already goes all the way to x: multiplying by dz/dx again applies the chain rule twice."
)


STOPS_AT_Z = tr("That is dy/dz, which ends at z: the chain goes on to x.")


ONE_FORWARD = tr("The graph of the first pass serves both: backward keeps it when you pass retain_graph=True.")


def count_sines(function, x):
    """How many sines a call of `function` computes, its backward passes included."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Counter(TorchDispatchMode):
        sines = 0

        def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
            self.sines += str(operation).startswith(("aten.sin.", "aten.sin_."))
            return operation(*args, **(kwargs or {}))

    with Counter() as counter:
        function(x)
    return counter.sines


INNER_DERIVATIVE = tr("Half of what it should be: the derivative of sin(2x) has that of 2x as a factor.")


def assert_branches(student, x):
    """`two_branch_grads` gives dy/dx = sin 4x and dz/dx = 2 cos 2x, and leaves x as it was."""
    switch_autograd_on(student)
    with explained_cuts(student, "two_branch_grads"):
        grads = student.two_branch_grads(x)
    assert_returns(grads, tuple, hint=A_TUPLE)
    assert_length(grads, 2)
    at = x.detach() if isinstance(x, torch.Tensor) else x.fetch().detach()
    z = torch.sin(2 * at)
    dz = 2 * torch.cos(2 * at)
    dy = z * dz
    is_swapped = _is_near(grads[0], dz) and _is_near(grads[1], dy)
    is_same = _is_near(grads[0], dz) and _is_near(grads[1], dz)
    in_dy = [
        *([(dz, SWAPPED)] if is_swapped else [(dz, SAME_OBJECT)] if is_same else []),
        (dy / 2, INNER_DERIVATIVE),
        (dy + dz, ACCUMULATED),
        (dy * dz, CHAIN_TWICE),
        (z, STOPS_AT_Z),
    ]
    in_dz = [(dz / 2, INNER_DERIVATIVE), (dy + dz, ACCUMULATED), (dz * dz, CHAIN_TWICE)]
    for name, grad, right, mistakes in (("dy_dx", grads[0], dy, in_dy), ("dz_dx", grads[1], dz, in_dz)):
        assert_returned_gradient(student, "two_branch_grads", grad, right, name=name, mistakes=mistakes)
        assert_dtype(grad, at.dtype, name=name)
    if isinstance(x, torch.Tensor):
        assert_inputs_unchanged(student)


def _is_near(value, right):
    is_comparable = isinstance(value, torch.Tensor) and value.shape == right.shape
    return is_comparable and torch.allclose(value.double(), right.double(), rtol=1e-4, atol=1e-6)


def assert_one_forward(student, x):
    """`two_branch_grads` is right and computes the sine once."""
    assert_branches(student, x)
    sines = student.define(count_sines)(student.two_branch_grads, x)
    assert_that(
        type(sines) is int and sines <= 1,
        tr("The forward pass runs more than once."),
        expected=tr("{n} sines", n=1),
        actual=tr("{n} sines", n=sines if type(sines) is int else "?"),
        hint=ONE_FORWARD,
    )
