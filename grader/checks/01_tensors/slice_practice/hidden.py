"""Cases of `slice_practice` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import assert_inputs_unchanged, exercise

from .judges import SELECTIONS, assert_selection


@exercise("slice_practice", weight=4)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_selections_of_any_tensor(student, rng, selection):
    """Each selection is right for any size and dtype, contiguous or not; the first three are views of x."""
    rows, columns = rng.integer(3, 7), rng.integer(7, 10)
    for x, threshold in (
        (rng.integers(0, 6, rows, columns), 3),
        (rng.normal(columns, rows, dtype=torch.float64), 0.25),
        (rng.integers(0, 6, columns, rows).t(), 2),
        (rng.normal(rows, 2 * columns)[:, ::2], -0.5),
        (rng.permutation(3).reshape(1, 3), 1),
        (rng.uniform(2, 4), 1.0),
        (rng.integers(-3, 4, rows, columns), -1.5),
        (0.25 + 1e-12 * rng.normal(rows, columns, dtype=torch.float64), 0.25),
    ):
        assert_selection(student, x, threshold, selection)
        assert_inputs_unchanged(student)
