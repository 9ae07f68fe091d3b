"""Cases of `plot_history` that students do not have: new inputs at every grading."""

from grader.kit import cases_of

from . import visible
from .judges import assert_labels, assert_legend, assert_lines


@cases_of(visible.test_learning_curves, weight=3)
def test_any_learning_curves(student, rng):
    assert_lines(student, rng, rng.integer(3, 9))


@cases_of(visible.test_labels_of_the_axes, weight=0.75)
def test_labels_of_any_figure(student, rng):
    assert_labels(student, rng, rng.integer(3, 9))


@cases_of(visible.test_legend, weight=0.75)
def test_legend_of_any_figure(student, rng):
    assert_legend(student, rng, rng.integer(3, 9))
