"""The visible checks of the exercises that the corpus attacks."""

import torch

from grader.kit import assert_close, exercise

EXPECTED = torch.tensor([2.0, 4.0, 6.0])


@exercise("double")
def test_small(student):
    """A small tensor is doubled."""
    assert_close(student.double(torch.tensor([1.0, 2.0, 3.0])), EXPECTED)


@exercise("triple")
def test_triple(student, rng):
    """A tensor is tripled."""
    x = rng.normal(4)
    assert_close(student.triple(x), 3 * x)
