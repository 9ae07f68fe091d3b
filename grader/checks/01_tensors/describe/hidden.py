"""Cases of `describe` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import assert_inputs_unchanged, exercise

from .judges import FACTS, assert_facts

ASKED_OFTEN = ("device", "requires_grad")
"""Facts for which a tensor is described two times more."""


@exercise("describe", weight=4)
@pytest.mark.parametrize("key", FACTS)
def test_facts_of_any_tensor(student, rng, key):
    """Each fact is right for tensors of any number of dimensions, dtype and gradient."""
    shape = [rng.integer(2, 6) for _ in range(4)]
    tensors = [
        rng.normal(*shape[:3]),
        rng.normal(*shape[:2], dtype=torch.float64).t().requires_grad_(),
        rng.integers(0, 9, *shape, dtype=torch.int32),
        rng.uniform() > 0.5,
        rng.normal(shape[0], 0, dtype=torch.float64),
        rng.integers(0, 9, shape[0] + 4, dtype=torch.uint8)[::2],
        torch.complex(rng.normal(shape[0]), rng.normal(shape[0])),
        rng.normal(*shape[:2]).to(torch.bfloat16),
    ]
    for x in tensors if key not in ASKED_OFTEN else tensors[: len(tensors) // 2]:
        assert_facts(student, x, key)
        assert_inputs_unchanged(student)
