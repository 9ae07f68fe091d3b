"""Cases of `accumulated_step` that students have."""

from grader.kit import exercise

from .judges import BIAS, WEIGHT, assert_micro, assert_modes, assert_step, batches_of


@exercise("accumulated_step", weight=2)
def test_equal_micro_batches(student):
    """With micro-batches of one size, the step is the one of the big batch."""
    assert_step(student, WEIGHT, BIAS, batches_of([4, 4, 4]))


@exercise("accumulated_step", weight=2)
def test_unequal_micro_batches(student):
    """With micro-batches of different sizes, too."""
    assert_step(student, WEIGHT, BIAS, batches_of([4, 4, 1]))


@exercise("accumulated_step")
def test_old_gradients_are_ignored(student):
    """What is in .grad at the beginning does not count."""
    assert_step(student, WEIGHT, BIAS, batches_of([4, 1]), stale=True)


@exercise("accumulated_step")
def test_one_step_and_one_micro_batch_at_a_time(student):
    """There is one step, and the model sees each micro-batch by itself."""
    assert_micro(student, WEIGHT, BIAS, batches_of([2, 3, 5], labels=True), loss="cross_entropy")


@exercise("accumulated_step")
def test_the_mode_stays(student):
    """The model stays in the mode that it is in, train or eval."""
    assert_step(student, WEIGHT, BIAS, batches_of([2, 3]))
    assert_modes(student, WEIGHT, BIAS, batches_of([2, 3]))
