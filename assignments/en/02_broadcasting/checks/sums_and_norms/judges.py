"""What decides `sums_and_norms`, and what it says."""

import torch

from grader.kit import (
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_inputs_unchanged,
    assert_length,
    assert_returns,
    tr,
)

from ..common import assert_precise, assert_vectorised, blaming

AXIS = tr(
    "axis is the dimension that disappears: axis=0 of a (rows, columns) table leaves one value per column, not per row."
)


NORM_ORDER = tr("The two norms are in the opposite order: first l1, the sum of the sizes, then l2.")


SQUARED_NORM = tr("l2 still lacks its square root.")


SIGNED_SUM = tr("In l1 the negative entries count with their absolute value.")


ELEMENTWISE = tr("* multiplies entry by entry; the matrix product takes rows times columns, and is written @.")


NOT_MATMUL = tr("This is the matrix product; elementwise means that each entry meets the one in the same place.")


BATCHES = tr("torch.mm takes only matrices: @ and torch.matmul also take a batch of them, of shape (B, n, m).")


BUFFER = tr(
    "The result lost precision: a buffer from torch.zeros is float32 whatever the inputs are. Return what the operation"
    " gives you, or make the buffer with the input's dtype."
)


def assert_mean_table(student, x, axis):
    """`student.mean_table` of a matrix, against the sum of its slices."""
    slices = x.double().unbind(axis)
    expected = sum(slices[1:], slices[0]) / len(slices)
    result = student.mean_table(x, axis)
    assert_close(result, expected, name="mean_table", mistakes=[(x.double().mean(1 - axis % 2), AXIS)])
    assert_precise(result, expected, name="mean_table")
    return result


def assert_norms(student, x):
    """`student.norms` of a vector."""
    exact = x.double()
    l1, l2 = exact.abs().sum(), exact.square().sum().sqrt()
    result = student.norms(x)
    assert_length(result, 2, name="norms")
    assert_close(result[0], l1, name="l1", mistakes=[(l2, NORM_ORDER), (exact.sum(), SIGNED_SUM)])
    assert_close(result[1], l2, name="l2", mistakes=[(l1, NORM_ORDER), (l2.square(), SQUARED_NORM)])
    for name, value, exact_value in (("l1", result[0], l1), ("l2", result[1], l2)):
        assert_returns(value, torch.Tensor, name=name)
        assert_precise(value, exact_value, name=name)
    return result


def assert_elementwise(student, a, b):
    """`student.elementwise_product` of two tensors of one shape."""
    mistakes = [(a @ b, NOT_MATMUL)] if a.ndim == 1 or (a.ndim and a.shape[-1] == b.shape[-2]) else []
    with blaming(NOT_MATMUL, RuntimeError, "cannot be multiplied", "Expected size", "batch2"):
        result = student.elementwise_product(a, b)
    assert_close(result, torch.mul(a, b), name="elementwise_product", mistakes=mistakes)
    assert_precise(result, torch.mul(a, b), name="elementwise_product")
    return result


def assert_matrix_product(student, a, b):
    """`student.matrix_product` of two matrices, or of two batches of them, added up from its definition."""
    expected = (a.double().unsqueeze(-1) * b.double().unsqueeze(-3)).sum(-2)
    mistakes = [(a * b, ELEMENTWISE)] if a.shape == b.shape else []
    with (
        blaming(ELEMENTWISE, RuntimeError, "must match the size"),
        blaming(BATCHES, RuntimeError, "must be a matrix", "2D", "matrices expected"),
    ):
        result = student.matrix_product(a, b)
    assert_close(result, expected, name="matrix_product", mistakes=mistakes)
    assert_precise(result, expected, name="matrix_product")
    return result


def assert_dtypes_kept(student, dtype, rng):
    x, batch = rng.normal(4, 3, dtype=dtype), rng.normal(2, 3, 5, dtype=dtype)
    assert_dtype(
        assert_mean_table(student, x, 0), dtype, name="mean_table", hint=BUFFER if dtype is torch.float64 else None
    )
    for name, norm in zip(("l1", "l2"), assert_norms(student, x[0]), strict=True):
        assert_dtype(norm, dtype, name=name, hint=BUFFER if dtype is torch.float64 else None)
    assert_dtype(
        assert_elementwise(student, x, x + 1),
        dtype,
        name="elementwise_product",
        hint=BUFFER if dtype is torch.float64 else None,
    )
    product = assert_matrix_product(student, rng.normal(2, 4, 3, dtype=dtype), batch)
    assert_dtype(product, dtype, name="matrix_product", hint=BUFFER if dtype is torch.float64 else None)


def assert_sums_and_norms_good_citizens(student, rng):
    x, other = rng.normal(3, 4), rng.normal(3, 4)
    assert_mean_table(student, x, 1)
    assert_inputs_unchanged(student)
    assert_norms(student, x[0])
    assert_inputs_unchanged(student)
    assert_elementwise(student, x, other)
    assert_inputs_unchanged(student)
    assert_matrix_product(student, x, other.T)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.mean_table, x, 1)
    assert_device_agnostic(student, student.norms, x[0])
    assert_device_agnostic(student, student.elementwise_product, x, other)
    assert_device_agnostic(student, student.matrix_product, rng.normal(2, 3, 4), rng.normal(2, 4, 5))


def assert_sums_and_norms_vectorised(student, rng):
    x = rng.normal(3, 4)
    assert_mean_table(student, x, 0)
    assert_norms(student, x[0])
    assert_elementwise(student, x, x + 1)
    assert_matrix_product(student, rng.normal(2, 3, 4), rng.normal(2, 4, 5))
    assert_vectorised(student, "mean_table", rng.normal(900, 1000), 0, seconds=0.5)
    assert_vectorised(student, "mean_table", rng.normal(1000, 900), 1, seconds=0.5)
    assert_vectorised(student, "norms", rng.normal(3000), seconds=0.5)
    assert_vectorised(student, "elementwise_product", rng.normal(1000, 3), rng.normal(1000, 3), seconds=0.5)
    assert_vectorised(student, "matrix_product", rng.normal(1000, 3, 4), rng.normal(1000, 4, 2), seconds=0.5)
