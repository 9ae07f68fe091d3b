"""Cases of `plot_history` that students do not have: new inputs at every grading."""

from grader.kit import exercise

from .judges import assert_plot


@exercise("plot_history", weight=2)
def test_any_learning_curves(student, rng):
    """Both losses are drawn against the epochs, with labels and a legend."""
    assert_plot(student, rng, rng.integer(3, 9))
