"""Cases of `shape_gym` that students have."""

import pytest
import torch

from grader.kit import assert_device_agnostic, assert_inputs_unchanged, exercise

from .judges import PIECES, assert_piece


@exercise("shape_gym", weight=2)
@pytest.mark.parametrize("piece", PIECES)
def test_pieces(student, piece):
    """rows, cols_first, flat and lifted have the right shape, and each value is in its place."""
    for x in (torch.arange(6), torch.arange(10)):
        assert_piece(student, x, piece)


@exercise("shape_gym")
@pytest.mark.parametrize("piece", PIECES)
def test_pieces_of_two_elements(student, piece):
    """With n = 1, as with n = 3, no dimension disappears."""
    for x in (torch.tensor([3.0, 4.0]), torch.arange(6)):
        assert_piece(student, x, piece)


@exercise("shape_gym")
@pytest.mark.parametrize("piece", PIECES)
def test_pieces_of_every_second_element(student, piece):
    """It takes an x that is not contiguous, and leaves it as it was."""
    for x in (torch.arange(12)[::2], torch.arange(20.0)[::2]):
        assert_piece(student, x, piece)
        assert_inputs_unchanged(student)


@exercise("shape_gym")
def test_pieces_of_a_tensor_on_a_gpu(student):
    """With an x that lies on a GPU, the four tensors lie there too."""
    assert_device_agnostic(student, student.shape_gym, torch.arange(6.0))
