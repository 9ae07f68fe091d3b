"""Cases of `plot_history` that students have."""

import pytest

from grader.kit import Rng, exercise

from ..common import FIXED
from .judges import assert_plot


@exercise("plot_history")
@pytest.mark.parametrize("epochs", [1, 5])
def test_learning_curves(student, epochs):
    """Both losses are drawn against the epochs, with labels and a legend."""
    assert_plot(student, Rng(FIXED), epochs)
