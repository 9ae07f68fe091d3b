"""Cases of `accumulated_step` that students have."""

from grader.kit import exercise

from .judges import (
    BIAS,
    WEIGHT,
    assert_loss,
    assert_loss_is_plain,
    assert_micro,
    assert_modes,
    assert_step,
    batches_of,
)


@exercise("accumulated_step", weight=2)
def test_equal_micro_batches(student):
    """With micro-batches of one size, each of two steps is the one of the big batch."""
    assert_step(student, WEIGHT, BIAS, batches_of([4, 4, 4]), calls=2)


@exercise("accumulated_step", weight=2)
def test_unequal_micro_batches(student):
    """With micro-batches of different sizes, too."""
    assert_step(student, WEIGHT, BIAS, batches_of([4, 4, 1]), calls=2)


@exercise("accumulated_step")
def test_old_gradients_are_ignored(student):
    """What is in .grad at the beginning does not count."""
    assert_step(student, WEIGHT, BIAS, batches_of([3, 3]), stale=True)


@exercise("accumulated_step")
def test_loss_before_the_step(student):
    """The loss is the mean over all samples, before the step."""
    assert_loss(student, WEIGHT, BIAS, batches_of([4, 4, 1]))


@exercise("accumulated_step", after=test_loss_before_the_step)
def test_loss_is_a_float(student):
    """The loss is a Python float."""
    assert_loss_is_plain(student, WEIGHT, BIAS, batches_of([2, 2]))


@exercise("accumulated_step")
def test_one_step_and_one_micro_batch_at_a_time(student):
    """There is one step, and the model sees each micro-batch by itself."""
    assert_micro(student, WEIGHT, BIAS, batches_of([2, 3, 5], labels=True), loss="cross_entropy")


@exercise("accumulated_step")
def test_the_mode_stays(student):
    """The model stays in the mode that it is in, train or eval, and autograd stays on."""
    assert_modes(student, WEIGHT, BIAS, batches_of([2, 3]))
