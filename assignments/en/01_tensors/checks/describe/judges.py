"""What decides `describe`, and what it says."""

import torch

from grader.kit import StudentError, assert_equal, assert_keys, tr

FACTS = ("ndim", "shape", "dtype", "device", "numel", "requires_grad")


TENSORS = [
    torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
    torch.tensor(7),
    torch.zeros(0, 3),
    torch.ones(2, 3, 4, dtype=torch.float64),
    torch.tensor([True, False]),
    torch.tensor([0.5, 1.5], requires_grad=True),
]


ON_A_GPU = tr("The tensor of this call lies on a GPU (one that PyTorch fakes).")


def assert_facts(student, x, *keys):
    """Facts of `describe(x)`, exact in value and in Python type."""
    found = student.describe(x)
    assert_keys(found, FACTS)
    for key in keys:
        assert_fact(student, x, found, key)


def assert_fact(student, x, found, key):
    """One fact that `describe` found of x."""
    match key:
        case "ndim":
            assert_equal(found[key], x.ndim, name=key)
        case "shape":
            assert_equal(found[key], tuple(x.shape), name=key)
        case "dtype":
            assert_equal(found[key], x.dtype, name=key)
        case "numel":
            assert_equal(found[key], x.numel(), name=key)
        case "requires_grad":
            assert_equal(found[key], x.requires_grad, name=key)
            assert_results_are_followed(student, x)
        case "device":
            assert_equal(found[key], "cpu", name=key)
            assert_device_is_asked(student, x)


def describing_results(describe):
    return lambda x: describe(x * 1)


def assert_results_are_followed(student, x):
    """`describe` of what an operation makes of x."""
    describes = student.define(describing_results)(student.describe)
    describes.label = "(lambda x: describe(x * 1))"
    found = describes(x)
    assert_keys(found, FACTS)
    assert_equal(found["requires_grad"], x.requires_grad, name="requires_grad")


def assert_device_is_asked(student, x):
    """`describe` names the GPU of a tensor on PyTorch's fake one."""
    for device in ("cuda:0", "cuda:1"):
        try:
            found = student.call(student.describe, x, _fake_device=device).value
        except StudentError:
            return  # it looks at the tensor's values, and a fake one has none
        assert_keys(found, FACTS)
        assert_equal(found["device"], device, name="device", hint=ON_A_GPU)
