"""Cases of `random_tensors` that students have."""

import torch

from grader.kit import assert_device_agnostic, assert_inputs_unchanged, assert_random_state_unchanged, exercise

from ..clip_outliers.judges import NAN
from .judges import OWN_GENERATOR, assert_distributions, assert_like, assert_like_is_uniform, assert_seed_decides


@exercise("random_tensors", weight=2)
def test_seed_decides(student):
    """The same seed gives the same tensors, another seed gives others."""
    assert_seed_decides(student, (2, 3), 10, 11)
    assert_seed_decides(student, (7,), 101, 0)


@exercise("random_tensors", weight=2)
def test_distributions(student):
    """One tensor is uniform in [0, 1), the other is normal with mean 0 and standard deviation 1."""
    assert_distributions(student, 10, 11)


@exercise("random_tensors", weight=2)
def test_global_generator_untouched(student):
    """The global random state is the same before and after."""
    assert_seed_decides(student, (4, 2), 10, 11)
    assert_random_state_unchanged(student, hint=OWN_GENERATOR)


@exercise("random_tensors", weight=2)
def test_like(student):
    """like takes shape, dtype and device from x, and gives zeros, ones or random values."""
    for x in (
        torch.tensor([[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]),
        torch.zeros(4, 1, dtype=torch.float64),
        torch.tensor([NAN, 1.5, float("inf"), -float("inf")]),
    ):
        for kind in ("zeros", "ones", "rand"):
            assert_like(student, x, kind, expected=x.dtype)
            assert_inputs_unchanged(student)
            assert_device_agnostic(student, student.like, x, kind)
    assert_like_is_uniform(student)


@exercise("random_tensors", weight=2)
def test_like_with_a_dtype(student):
    """dtype= wins over the dtype of x; rand of whole numbers or booleans is float32."""
    whole, truths = torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.tensor([True, False, True])
    assert_like(student, whole, "ones", torch.float64, expected=torch.float64)
    assert_like(student, whole, "zeros", torch.float32, expected=torch.float32)
    assert_like(student, truths, "zeros", expected=torch.bool)
    assert_like(student, whole, "rand", torch.float64, expected=torch.float64)
    for x in (whole, truths):
        assert_like(student, x, "rand", expected=torch.float32)
