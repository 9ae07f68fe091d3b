"""The hidden checks of the exercise that the corpus attacks."""

import torch

from grader.kit import assert_close, exercise

LABELS = torch.arange(7) * 31 % 10


@exercise("double", weight=4)
def test_any_shape(student, rng):
    """Tensors of any shape are doubled."""
    for shape in ((5,), (2, 3), (1,)):
        x = rng.normal(*shape)
        assert_close(student.double(x), 2 * x)
