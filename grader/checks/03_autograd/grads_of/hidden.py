"""Cases of `grads_of` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import cases_of, exercise

from ..common import assert_nothing_left, computed
from . import visible
from .judges import (
    assert_grads,
    assert_grads_dtypes,
    assert_grads_in_a_tuple,
    assert_grads_without_traces,
    assert_old_gradients_kept,
    assert_z,
    assert_z_gradients,
    cube_mean,
    product_sum,
    weighted_square,
)


@exercise("grads_of")
@pytest.mark.parametrize("shape", [(), (1,), (4, 3), (0, 2)])
def test_z_in_any_shape(student, rng, shape):
    """compute_z works for scalars, vectors and matrices."""
    assert_z(student, rng.normal(3), rng.normal(3), rng.normal(3))
    assert_z(student, rng.normal(*shape), rng.normal(*shape), rng.normal(*shape))


@exercise("grads_of")
def test_z_gradients_in_any_shape(student, rng):
    """The graph of z leads back to a, b and c."""
    assert_z_gradients(student, rng.normal(3, 4).t(), rng.normal(4, 3), rng.normal(4, 3))


@exercise("grads_of", weight=2)
@pytest.mark.parametrize("shape", [(5,), (3, 2), (1,), ()])
def test_gradients_of_any_function(student, rng, shape):
    """The gradients are right for one, two and three tensors."""
    a, b, c = (rng.normal(*shape, dtype=torch.float64) for _ in range(3))
    assert_grads(student, weighted_square, (a, b, c), (2 * a * b, a**2, torch.full_like(c, -3.0)))
    assert_grads(student, product_sum, (a, b), (b, a))
    assert_grads(student, cube_mean, (a,), (3 * a**2 / a.numel(),))


@exercise("grads_of", weight=2)
def test_gradients_of_strided_tensors(student, rng):
    """Transposed tensors, of which some require a gradient already, are left as they were."""
    a, b = rng.normal(3, 5).t(), rng.normal(5, 6)[:, ::2]
    assert_grads_without_traces(student, product_sum, (a.clone().requires_grad_(), b), (b, a))
    assert_old_gradients_kept(student, rng.normal(4).tolist(), rng.normal(4))


@cases_of(visible.test_gradients_at_the_result_of_a_computation)
def test_gradients_at_any_result(student, rng):
    values = rng.normal(4)
    a = computed(student, values.tolist())
    b = rng.normal(4)
    assert_grads(student, product_sum, (a, b), (b, 2 * values))
    assert_nothing_left(student, a)


@cases_of(visible.test_gradients_at_whole_numbers)
def test_gradients_at_any_whole_numbers(student, rng):
    assert_grads_dtypes(student, rng.integers(-9, 9, 5), rng.normal(5, dtype=torch.float64))


@cases_of(visible.test_gradients_in_a_tuple)
def test_gradients_of_any_tensors_in_a_tuple(student, rng):
    assert_grads_in_a_tuple(student, rng.normal(4), rng.normal(4))
