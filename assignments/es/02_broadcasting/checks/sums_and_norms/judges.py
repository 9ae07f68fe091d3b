"""What decides `sums_and_norms`, and what it says."""

import torch

from grader.kit import assert_close, assert_device_agnostic, assert_dtype, assert_inputs_unchanged, assert_length
from grader.kit.observations import unobserved

from ..common import assert_precise, assert_vectorised

FUNCTIONS = ("mean_table", "norms", "elementwise_product", "matrix_product")


def assert_mean_table(student, x, axis):
    """`student.mean_table` of a matrix, against the sum of its slices."""
    slices = x.double().unbind(axis)
    expected = sum(slices[1:], slices[0]) / len(slices)
    result = student.mean_table(x, axis)
    assert_close(result, expected, name="mean_table")
    assert_precise(result, expected, name="mean_table")


def assert_norms(student, x):
    """`student.norms` of a vector; numbers will do."""
    exact = x.double()
    result = student.norms(x)
    assert_length(result, 2, name="norms")
    for name, value, right in zip(("l1", "l2"), result, (exact.abs().sum(), exact.square().sum().sqrt()), strict=True):
        assert_close(value, float(right), name=name)
        assert_precise(value, right, name=name)


def assert_elementwise(student, a, b):
    """`student.elementwise_product` of two tensors of one shape."""
    result = student.elementwise_product(a, b)
    assert_close(result, torch.mul(a, b), name="elementwise_product")
    assert_precise(result, torch.mul(a, b), name="elementwise_product")


def assert_matrix_product(student, a, b):
    """`student.matrix_product` of two matrices, or of two batches of them, added up from its definition."""
    expected = (a.double().unsqueeze(-1) * b.double().unsqueeze(-3)).sum(-2)
    result = student.matrix_product(a, b)
    assert_close(result, expected, name="matrix_product")
    assert_precise(result, expected, name="matrix_product")


def arguments(name, rng, dtype=torch.float32, *, n=3, m=4):
    """Arguments for one of the four functions, of n rows and m columns."""
    x = rng.normal(n, m, dtype=dtype)
    return {
        "mean_table": (x, 1),
        "norms": (x[0],),
        "elementwise_product": (x, x + 1),
        "matrix_product": (rng.normal(2, n, m, dtype=dtype), rng.normal(2, m, 5, dtype=dtype)),
    }[name]


def assert_dtype_kept(student, name, rng):
    """One of the four functions returns tensors of the dtype of its inputs."""
    for dtype in (torch.float64, torch.float32):
        result = student[name](*arguments(name, rng, dtype))
        if name != "norms":
            assert_dtype(result, dtype, name=name)
            continue
        assert_length(result, 2, name=name)
        for part, norm in zip(("l1", "l2"), result, strict=True):
            assert_dtype(norm, dtype, name=part)


def assert_good_citizen(student, name, rng):
    """One of the four functions leaves its inputs as they were, and works on any device."""
    for n, m in ((1, 1), (1, 4), (3, 4)):
        given = arguments(name, rng, n=n, m=m)
        student[name](*given)
        assert_inputs_unchanged(student)
    assert_device_agnostic(student, student[name], *given)


def assert_function_vectorised(student, name, rng):
    """One of the four functions has no loop, is fast, and computes what it should."""
    right = {"mean_table": torch.mean, "elementwise_product": torch.mul, "matrix_product": torch.matmul}
    large = {
        "mean_table": [(rng.normal(900, 1000), 0), (rng.normal(1000, 900), 1)],
        "norms": [(rng.normal(3000),)],
        "elementwise_product": [(rng.normal(1000, 3), rng.normal(1000, 3))],
        "matrix_product": [(rng.normal(1000, 3, 4), rng.normal(1000, 4, 2))],
    }
    for given in large[name]:
        result = assert_vectorised(student, name, *given, seconds=0.5).value
        with unobserved():
            if name == "norms":
                assert_norms_near(result, *given)
            else:
                assert_close(result, right[name](*given), rtol=1e-3, atol=1e-3, name=name)


def assert_norms_near(result, x):
    """Both norms of a vector, more or less."""
    assert_length(result, 2, name="norms")
    for name, value, p in zip(("l1", "l2"), result, (1, 2), strict=True):
        assert_close(value, float(x.norm(p)), rtol=1e-3, name=name)
