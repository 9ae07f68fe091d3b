"""What decides `arrays`, and what it says."""

import numpy as np
import torch

from grader.kit import assert_close, assert_dtype, assert_returns, assert_shares_memory, tr

ARRAYS = [
    np.array([1.5, -2.0, 3.25]),
    np.array([[1, 2, 3], [4, 5, 6]], dtype=np.int32),
    np.array([0.5, 0.25], dtype=np.float32),
]


WATCHED = [torch.tensor([1.0, 2.0], requires_grad=True), torch.arange(6.0, dtype=torch.float64).reshape(2, 3).t()]


def write_in_both(from_array, a, share, value):
    b = a.copy(order="K")
    t, u = from_array(a, share=share), from_array(b, share=share)
    a[(0,) * a.ndim] = value
    u[(0,) * u.ndim] = value
    return t, b


def assert_from_array(student, a, *, share):
    """The tensor of `from_array` has the array's values and dtype."""
    tensor = student.from_array(a, share=share)
    expected = torch.from_numpy(a.copy())
    assert_close(tensor, expected, rtol=0, atol=0)
    assert_dtype(tensor, expected.dtype)


def assert_sharing(student, arrays, *, share, value=7):
    """After a write in the array or in the tensor, the other one has changed too (or, if not `share`, has not)."""
    write = student.define(write_in_both)
    for a in arrays:
        assert_shares_memory(student.from_array(a, share=share), shares=share)
        before, after = torch.from_numpy(a.copy()), torch.from_numpy(a.copy())
        after[(0,) * a.ndim] = value
        expected = after if share else before
        tensor, array = write(student.from_array, a, share, value)
        assert_close(tensor, expected, rtol=0, atol=0, name=tr("The tensor, after a write in the array,"))
        assert_close(array, expected.numpy(), rtol=0, atol=0, name=tr("The array, after a write in the tensor,"))


def assert_to_array(student, t):
    """The array of `to_array` has the tensor's values and dtype."""
    array = student.to_array(t)
    expected = t.detach().numpy()
    assert_returns(array, np.ndarray)
    assert_close(array, expected, rtol=0, atol=0)
    assert_dtype(array, expected.dtype)
