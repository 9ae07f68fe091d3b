"""Cases of `early_stopping` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import exercise

from .judges import SEQUENCES, assert_early_stopping


@exercise("early_stopping")
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_sequences(student, rng, sequence):
    """It stops after `patience` losses in a row without improvement, for losses of any size."""
    patience, min_delta, losses = SEQUENCES[sequence]
    scale = 2.0 ** rng.integer(-3, 4)
    assert_early_stopping(student, patience, min_delta * scale, [loss * scale for loss in losses])


@exercise("early_stopping", weight=3)
def test_random_losses(student, rng):
    """It stops when it should, for random losses."""
    for _ in range(15):
        losses = [(40 - 2 * step + value) / 8 for step, value in enumerate(rng.integers(0, 9, 15).tolist())]
        assert_early_stopping(student, rng.integer(1, 4), rng.integer(0, 3) / 4, losses)
