"""Cases of `shape_gym` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import assert_device_agnostic, assert_inputs_unchanged, cases_of, exercise

from . import visible
from .judges import PIECES, assert_piece


@exercise("shape_gym", weight=4)
@pytest.mark.parametrize("piece", PIECES)
def test_pieces_of_any_tensor(student, rng, piece):
    """Each of the four is right for any n and dtype, contiguous or not, and for n = 1."""
    n = rng.integer(3, 9)
    for x in (
        rng.permutation(2 * n),
        rng.normal(10, dtype=torch.float64),
        rng.normal(2 * n, 3)[:, 1],
        rng.normal(2),
    ):
        assert_piece(student, x, piece)
        assert_inputs_unchanged(student)


@cases_of(visible.test_pieces_of_a_tensor_on_a_gpu)
def test_pieces_on_a_gpu(student, rng):
    assert_device_agnostic(student, student.shape_gym, rng.normal(2 * rng.integer(2, 6)))
