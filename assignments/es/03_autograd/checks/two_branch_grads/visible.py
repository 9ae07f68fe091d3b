"""Cases of `two_branch_grads` that students have."""

import torch

from grader.kit import exercise

from ..common import assert_nothing_left, assert_old_gradient_kept, assert_tuple, computed, with_old_gradient
from .judges import assert_branches, assert_one_forward


@exercise("two_branch_grads", weight=2)
def test_both_derivatives(student):
    """dy/dx and dz/dx are right."""
    assert_branches(student, torch.tensor([0.0, 0.3, 1.0, 2.0]))
    assert_branches(student, torch.tensor(0.7, dtype=torch.float64, requires_grad=True))


@exercise("two_branch_grads", weight=0.5, after=test_both_derivatives)
def test_derivatives_in_a_tuple(student):
    """The two derivatives come in a tuple."""
    assert_tuple(student.two_branch_grads(torch.tensor([0.3, 1.0])), 2)


@exercise("two_branch_grads")
def test_same_answer_twice(student):
    """x is left as it was, so that a second call gives the same answer; the derivatives hang on no graph."""
    assert_branches(student, torch.tensor([0.2, 0.4, 1.1]), strictly=True)
    x = student.define("x = torch.tensor([0.2, 0.4, 1.1], requires_grad=True)", "x")
    assert_branches(student, x, strictly=True)
    assert_branches(student, x, strictly=True)
    x = computed(student, [0.2, 0.4, 1.1])
    assert_branches(student, x, strictly=True)
    assert_nothing_left(student, x)
    x = with_old_gradient(student, [0.2, 0.4, 1.1])
    assert_branches(student, x, strictly=True)
    assert_old_gradient_kept(x)


@exercise("two_branch_grads", after=test_both_derivatives)
def test_one_forward_pass(student):
    """z is computed once, for both derivatives."""
    assert_one_forward(student, torch.tensor([0.3, 1.0, 2.0]))
