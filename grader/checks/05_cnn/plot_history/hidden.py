"""Cases of `plot_history` that students do not have: new inputs at every grading."""

from grader.kit import cases_of

from . import visible
from .judges import assert_plot


@cases_of(visible.test_learning_curves, weight=2)
def test_any_learning_curves(student, rng):
    assert_plot(student, rng, rng.integer(3, 9))
