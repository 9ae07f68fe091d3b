"""Cases of `plot_history` that students have."""

import pytest

from grader.kit import Rng, exercise

from ..common import FIXED
from .judges import assert_drawn, assert_figure, assert_labels, assert_legend, assert_lines, assert_own_figure


@exercise("plot_history", weight=0.5)
def test_drawn(student):
    """Something is drawn and handed over."""
    assert_drawn(student, Rng(FIXED), 4)


@exercise("plot_history", weight=0.5, after=test_drawn)
def test_figure(student):
    """The result is the figure itself."""
    assert_figure(student, Rng(FIXED), 4)


@exercise("plot_history", weight=3, after=test_drawn)
@pytest.mark.parametrize("epochs", [1, 5])
def test_learning_curves(student, epochs):
    """Both losses are drawn against the epochs."""
    assert_lines(student, Rng(FIXED), epochs)


@exercise("plot_history", weight=0.75, after=test_drawn)
def test_own_figure(student):
    """Each call draws a figure of its own, and leaves the history as it was."""
    assert_own_figure(student, Rng(FIXED), 4)


@exercise("plot_history", weight=0.75, after=test_drawn)
def test_labels_of_the_axes(student):
    """The labels of the axes say what they show."""
    assert_labels(student, Rng(FIXED), 4)


@exercise("plot_history", weight=0.75, after=test_drawn)
def test_legend(student):
    """A legend names both lines."""
    assert_legend(student, Rng(FIXED), 4)
