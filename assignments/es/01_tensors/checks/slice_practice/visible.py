"""Cases of `slice_practice` that students have."""

import pytest

from grader.kit import assert_inputs_unchanged, exercise

from .judges import GRID, SELECTIONS, assert_selection


@exercise("slice_practice", weight=3)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_selections(student, selection):
    """Each selection has the right shape and values, in tensors of two sizes; the first three are views of x."""
    for x in (GRID, GRID[:2, :4], GRID.t()):
        assert_selection(student, x, 7, selection)


@exercise("slice_practice")
@pytest.mark.parametrize("selection", SELECTIONS)
def test_selections_at_the_edges(student, selection):
    """It works on one row, on three columns, and with nothing above the threshold."""
    for x, threshold in ((GRID[:1], 3), (GRID[:, :3], 100), (GRID[:1, :3], -1)):
        assert_selection(student, x, threshold, selection)


@exercise("slice_practice", after=test_selections)
def test_sliced_unchanged(student):
    """x is as it was after the call."""
    for x in (GRID, GRID / 4):
        student.slice_practice(x, 2)
        assert_inputs_unchanged(student)
