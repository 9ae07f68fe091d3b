"""What decides `two_branch_grads`, and what it says."""

import torch

from grader.kit import assert_dtype, assert_inputs_unchanged, assert_that, tr, trn
from grader.kit.gradients import assert_returned_gradient, explained_cuts

from ..common import tensors_of, values_of


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


def assert_branches(student, x, *, strictly=False):
    """`two_branch_grads` gives dy/dx = sin 4x and dz/dx = 2 cos 2x.

    Args:
        student: the notebook.
        x: a tensor, or one that lies beside the student's code.
        strictly: whether the derivatives must be the caller's own, and x as it was.
    """
    with explained_cuts(student, "two_branch_grads"):
        grads = tensors_of(student.two_branch_grads(x), 2)
    at = x.detach() if isinstance(x, torch.Tensor) else x.fetch().detach()
    dz = 2 * torch.cos(2 * at)
    for name, grad, right in zip(("dy_dx", "dz_dx"), grads, (torch.sin(2 * at) * dz, dz), strict=True):
        found = grad if strictly else values_of(grad)
        assert_returned_gradient(student, "two_branch_grads", found, right, name=name)
        assert_dtype(grad, at.dtype, name=name)
    if strictly and isinstance(x, torch.Tensor):
        assert_inputs_unchanged(student)


def assert_one_forward(student, x):
    """`two_branch_grads` computes the sine once."""
    sines = student.define(count_sines)(student.two_branch_grads, x)
    assert_that(
        type(sines) is int and sines <= 1,
        tr("The forward pass runs more than once."),
        expected=trn("{n} sine", "{n} sines", 1),
        actual=trn("{n} sine", "{n} sines", sines) if type(sines) is int else None,
    )
