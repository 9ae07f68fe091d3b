"""Cases of `random_tensors` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import assert_inputs_unchanged, cases_of, exercise

from ..clip_outliers.judges import NAN
from . import visible
from .judges import (
    KINDS,
    assert_distributions,
    assert_global_generator_untouched,
    assert_like,
    assert_like_is_uniform,
    assert_like_on_a_gpu,
    assert_samples_dtype,
    assert_seed_decides,
)


def two_seeds(rng):
    """Two different seeds."""
    return rng.integer(0, 10**6), rng.integer(10**6, 2 * 10**6)


@exercise("random_tensors", weight=3)
def test_any_seed_decides(student, rng):
    """The same seed gives the same tensors, another seed gives others, for any shape."""
    for shape in ((rng.integer(2, 6), rng.integer(6, 9)), (2, 3, 5), (rng.integer(2, 40),)):
        assert_seed_decides(student, shape, *two_seeds(rng))
    seed = rng.integer(0, 10**6)
    for distance in (1, 256, 1000, 2**16):
        assert_seed_decides(student, (2, 3), seed, seed + distance)


@cases_of(visible.test_samples_are_float32)
def test_samples_of_any_shape_are_float32(student, rng):
    assert_samples_dtype(student, (rng.integer(2, 6), 3), rng.integer(0, 10**6))


@exercise("random_tensors", weight=2)
def test_distributions_of_any_seed(student, rng):
    """uniform and normal follow their distributions."""
    assert_distributions(student, rng.integer(0, 10**6))


@cases_of(visible.test_global_generator_untouched, weight=3)
def test_global_generator_of_any_seed(student, rng):
    for shape in ((rng.integer(2, 6), 3), (rng.integer(20, 40),)):
        assert_global_generator_untouched(student, shape, *two_seeds(rng))


@exercise("random_tensors", weight=3)
@pytest.mark.parametrize("kind", KINDS)
def test_like_any_tensor(student, rng, kind):
    """like takes shape, dtype and device from x; dtype= wins; rand of whole numbers is float32."""
    rows, columns = rng.integer(2, 5), rng.integer(5, 8)
    whole, decimal = rng.integers(1, 9, rows, columns), rng.normal(columns, rows, dtype=torch.float64)
    truth = rng.uniform(columns) > 0.5
    assert_like(student, decimal, kind, expected=torch.float64)
    assert_like(student, decimal.t(), kind, torch.float32, expected=torch.float32)
    assert_like(student, whole, kind, torch.float64, expected=torch.float64)
    assert_like(student, rng.normal(0, 3), kind, expected=torch.float32)
    assert_like(student, rng.normal(), kind, expected=torch.float32)
    x = rng.normal(rows, columns)
    x[0, rng.integer(0, 2)], x[1, rng.integer(2, 4)] = NAN, rng.choice([-1, 1]) * float("inf")
    assert_like(student, x, kind, expected=torch.float32)
    for x in (whole, truth, whole.to(torch.uint8)):
        assert_like(student, x, kind, expected=torch.float32 if kind == "rand" else x.dtype)
        assert_inputs_unchanged(student)
        assert_like_on_a_gpu(student, x, kind)
    if kind == "rand":
        assert_like_is_uniform(student)
