"""What decides `make_tensors`, and what it says."""

import torch

from grader.kit import assert_close, assert_dtype, assert_keys

DTYPES = {
    "zeros": torch.float32,
    "ones": torch.float32,
    "ramp": torch.float32,
    "ints": torch.int64,
    "twos": torch.float32,
    "nested": torch.int64,
}


VECTORS = ("zeros", "ones", "ramp", "ints")


def assert_tensor(student, n, key):
    """One tensor of `make_tensors(n)` has its shape and its values; its dtype is not looked at."""
    tensors = student.make_tensors(n)
    assert_keys(tensors, DTYPES)
    expected = {
        "zeros": torch.zeros(n),
        "ones": torch.ones(n),
        "ramp": torch.linspace(0, n - 1, n),
        "ints": torch.arange(n),
        "twos": 2 * torch.ones(2, 2),
        "nested": torch.arange(1, 10).reshape(3, 3),
    }
    assert_close(tensors[key], expected[key], name=key)


def assert_tensor_dtype(student, n, key):
    """One tensor of `make_tensors(n)` has its dtype; its values are not looked at."""
    tensors = student.make_tensors(n)
    assert_keys(tensors, DTYPES)
    assert_dtype(tensors[key], DTYPES[key], name=key)
