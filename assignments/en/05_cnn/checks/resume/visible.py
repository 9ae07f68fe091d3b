"""Cases of `resume` that students have."""

from grader.kit import Rng, exercise

from ..common import FIXED
from .judges import (
    assert_epoch,
    assert_holds_data,
    assert_resumed,
    assert_runs_no_code,
    assert_saving_changes_nothing,
)


@exercise("resume", weight=3)
def test_model_comes_back(student):
    """The model goes on with the weights in the file (plain SGD, nothing random)."""
    assert_resumed(student, Rng(FIXED))


@exercise("resume", weight=2, after=test_model_comes_back)
def test_optimizer_comes_back(student):
    """With momentum it ends where a training without interruption ends."""
    assert_resumed(student, Rng(FIXED), momentum=0.9)


@exercise("resume", weight=2, after=test_model_comes_back)
def test_schedule_comes_back(student):
    """With a learning-rate schedule it ends where a training without interruption ends."""
    assert_resumed(student, Rng(FIXED), gamma=0.5)


@exercise("resume", weight=2, after=test_model_comes_back)
def test_order_comes_back(student):
    """With a loader that shuffles it ends where a training without interruption ends."""
    assert_resumed(student, Rng(FIXED), shuffle=True)


@exercise("resume", weight=2, after=test_model_comes_back)
def test_dropout_comes_back(student):
    """With dropout it ends where a training without interruption ends."""
    assert_resumed(student, Rng(FIXED), dropout=0.5)


@exercise("resume", after=test_model_comes_back)
def test_all_comes_back(student):
    """With Adam and all of that at once it ends there too."""
    assert_resumed(student, Rng(FIXED), adam=True, gamma=0.5, dropout=0.5, shuffle=True)


@exercise("resume", after=test_model_comes_back)
def test_buffers_come_back(student):
    """With batch normalisation its running means come back as well."""
    assert_resumed(student, Rng(FIXED), norm=True)


@exercise("resume", after=test_model_comes_back)
def test_epoch_comes_back(student):
    """load_checkpoint returns how many epochs were done."""
    assert_epoch(student, Rng(FIXED))


@exercise("resume", after=test_model_comes_back)
def test_saving_changes_nothing(student):
    """Saving changes nothing: a training with checkpoints ends where one without ends."""
    assert_saving_changes_nothing(student, Rng(FIXED))


@exercise("resume", after=test_model_comes_back)
def test_file_holds_data(student):
    """torch.load(path, weights_only=True) reads the file."""
    assert_holds_data(student, Rng(FIXED))


@exercise("resume", after=test_model_comes_back)
def test_file_with_code(student):
    """A file that holds code is refused, and the code does not run."""
    assert_runs_no_code(student, Rng(FIXED))
