"""Cases of `two_branch_grads` that students have."""

import torch

from grader.kit import exercise

from ..common import assert_nothing_left, computed
from .judges import assert_branches, assert_one_forward


@exercise("two_branch_grads", weight=2)
def test_both_derivatives(student):
    """dy/dx and dz/dx are right, and x is left as it was."""
    assert_branches(student, torch.tensor([0.0, 0.3, 1.0, 2.0]))
    assert_branches(student, torch.tensor(0.7, dtype=torch.float64, requires_grad=True))


@exercise("two_branch_grads")
def test_same_answer_twice(student):
    """A second call with the same x gives the same answer."""
    x = student.define("x = torch.tensor([0.2, 0.4, 1.1], requires_grad=True)", "x")
    assert_branches(student, x)
    assert_branches(student, x)
    x = computed(student, [0.2, 0.4, 1.1])
    assert_branches(student, x)
    assert_nothing_left(student, x)


@exercise("two_branch_grads")
def test_one_forward_pass(student):
    """z is computed once, for both derivatives."""
    assert_one_forward(student, torch.tensor([0.3, 1.0, 2.0]))
