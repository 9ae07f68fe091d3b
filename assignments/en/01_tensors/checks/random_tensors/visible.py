"""Cases of `random_tensors` that students have."""

import pytest
import torch

from grader.kit import assert_inputs_unchanged, exercise

from ..clip_outliers.judges import NAN
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


@exercise("random_tensors", weight=2)
def test_seed_decides(student):
    """The same seed gives the same tensors, another seed gives others."""
    assert_seed_decides(student, (2, 3), 10, 11)
    assert_seed_decides(student, (7,), 101, 0)


@exercise("random_tensors")
def test_samples_are_float32(student):
    """Both tensors of seeded_samples are float32."""
    assert_samples_dtype(student, (3, 5), 10)


@exercise("random_tensors", weight=2)
def test_distributions(student):
    """One tensor is uniform in [0, 1), the other is normal with mean 0 and standard deviation 1."""
    assert_distributions(student, 10)


@exercise("random_tensors", weight=2)
def test_global_generator_untouched(student):
    """The global random state is the same before and after."""
    assert_global_generator_untouched(student, (4, 2), 10, 11)


@exercise("random_tensors", weight=2)
@pytest.mark.parametrize("kind", KINDS)
def test_like(student, kind):
    """like takes shape, dtype and device from x, and gives zeros, ones or random values."""
    for x in (
        torch.tensor([[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]),
        torch.zeros(4, 1, dtype=torch.float64),
        torch.tensor([NAN, 1.5, float("inf"), -float("inf")]),
    ):
        assert_like(student, x, kind, expected=x.dtype)
        assert_inputs_unchanged(student)
        assert_like_on_a_gpu(student, x, kind)
    if kind == "rand":
        assert_like_is_uniform(student)


@exercise("random_tensors", weight=2)
@pytest.mark.parametrize("kind", KINDS)
def test_like_with_a_dtype(student, kind):
    """dtype= wins over the dtype of x; rand of whole numbers or booleans is float32."""
    whole, truths = torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.tensor([True, False, True])
    for dtype in (torch.float64, torch.float32):
        assert_like(student, whole, kind, dtype, expected=dtype)
    for x in (whole, truths):
        assert_like(student, x, kind, expected=torch.float32 if kind == "rand" else x.dtype)
