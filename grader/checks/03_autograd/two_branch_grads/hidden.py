"""Cases of `two_branch_grads` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import exercise

from ..common import assert_nothing_left, assert_old_gradient_kept, computed, with_old_gradient
from ..hidden_common import DTYPES
from .judges import assert_branches, assert_one_forward


@exercise("two_branch_grads", weight=2)
@DTYPES
@pytest.mark.parametrize("shape", [(1,), (7,), (2, 3), ()])
def test_both_derivatives_at_any_x(student, rng, shape, dtype):
    """Both derivatives are right in any shape, whether or not x requires a gradient."""
    x = rng.uniform(*shape, low=0.1, high=3.0, dtype=dtype)
    assert_branches(student, x)
    assert_branches(student, x.clone().requires_grad_())


@exercise("two_branch_grads")
def test_same_answer_every_time(student, rng):
    """Three calls with the same x give the same answer."""
    x = student.define(f"x = torch.tensor({rng.normal(5).tolist()}, requires_grad=True)", "x")
    for _ in range(3):
        assert_branches(student, x, strictly=True)
    x = computed(student, rng.normal(5).tolist())
    assert_branches(student, x, strictly=True)
    assert_nothing_left(student, x)
    x = with_old_gradient(student, rng.normal(5).tolist())
    assert_branches(student, x, strictly=True)
    assert_old_gradient_kept(x)


@exercise("two_branch_grads", after="test_both_derivatives")
def test_one_forward_pass_for_any_x(student, rng):
    """One forward pass serves both derivatives."""
    assert_one_forward(student, rng.normal(3, 2).t())
