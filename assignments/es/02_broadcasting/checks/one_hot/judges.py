"""What decides `one_hot`, and what it says."""

import torch

from grader.kit import assert_close, tr

from ..common import blaming

TOP_CLASS = tr("There are num_classes classes, even when the last ones do not occur in y: do not count them from y.")


FROM_ZERO = tr("Classes count from 0: label 0 has its 1 in the first column.")


FLOAT_ONE_HOT = tr("float32 was asked, because a network will multiply by it: convert the result at the end.")


FLATTENED = tr("y may have several dimensions: the classes become one more, at the end.")


ONE_HOT_DEVICE = tr(
    "The result must lie where y lies: give new tensors device=y.device, or make them from y (y.new_zeros)."
)


def assert_one_hot(student, y, num_classes):
    """`student.one_hot` on labels of any shape."""
    expected = (torch.arange(num_classes) == y.unsqueeze(-1)).float()
    mistakes = [(expected.mT, SWAPPED_CLASSES)] if y.ndim == 1 else []
    if y.ndim > 1:
        mistakes.append((expected.flatten(0, -2), FLATTENED))
    if y.numel():
        seen = int(y.max()) + 1
        mistakes.append((expected[..., :seen], TOP_CLASS))
        if y.ndim:
            mistakes.append((expected[..., :seen].mT, TOP_CLASS))
    mistakes.append(((torch.arange(1, num_classes + 1) == y.unsqueeze(-1)).float(), FROM_ZERO))
    with (
        blaming(TOP_CLASS if y.numel() == 0 else None, (RuntimeError, IndexError), "max", "reduction"),
        blaming(FLATTENED if y.ndim != 1 else None, (RuntimeError, IndexError)),
    ):
        result = student.one_hot(y, num_classes)
    assert_close(result, expected, mistakes=mistakes)
    return result


SWAPPED_CLASSES = tr("The result is the transpose: one row for each label, one column for each class.")
