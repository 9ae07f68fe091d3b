"""What decides `make_tensors`, and what it says."""

import torch

from grader.kit import assert_close, assert_dtype, assert_keys, tr

DTYPES = {
    "zeros": torch.float32,
    "ones": torch.float32,
    "ramp": torch.float32,
    "ints": torch.int64,
    "twos": torch.float32,
    "nested": torch.int64,
}


INFERRED_DTYPE = tr("torch.tensor infers the dtype from the values; torch.Tensor makes everything float32.")


BOTH_ENDS = tr("linspace includes both ends, 0 and n - 1, and counts points; arange stops before its end.")


ONE_DIMENSION = tr("One dimension was asked, and yours has two: (n,) is a vector, (n, 1) a column.")


def assert_tensors(tensors, n):
    """The six tensors of `make_tensors`, each against its definition."""
    assert_keys(tensors, DTYPES)
    column = torch.linspace(0, n - 1, n).unsqueeze(1)
    assert_close(tensors["zeros"], torch.zeros(n), name="zeros", mistakes=[(torch.zeros(n, 1), ONE_DIMENSION)])
    assert_close(tensors["ones"], torch.ones(n), name="ones", mistakes=[(torch.ones(n, 1), ONE_DIMENSION)])
    assert_close(tensors["ramp"], column.flatten(), name="ramp", mistakes=[(column, ONE_DIMENSION)], hint=BOTH_ENDS)
    assert_close(tensors["ints"], torch.arange(n), name="ints", mistakes=[(column, ONE_DIMENSION)])
    assert_close(tensors["twos"], 2 * torch.ones(2, 2), name="twos")
    assert_close(tensors["nested"], torch.arange(1, 10).reshape(3, 3), name="nested")


def assert_tensor_dtypes(tensors, n):
    """The six tensors are right, and each has its dtype."""
    assert_tensors(tensors, n)
    for key, dtype in DTYPES.items():
        is_capital = dtype is torch.int64 and tensors[key].dtype is torch.float32
        assert_dtype(tensors[key], dtype, name=key, hint=INFERRED_DTYPE if is_capital else None)
