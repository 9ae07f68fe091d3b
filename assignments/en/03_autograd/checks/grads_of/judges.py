"""What decides `grads_of`, and what it says."""

import torch

from grader.kit import assert_close, assert_dtype, assert_gradients, assert_inputs_unchanged
from grader.kit.gradients import assert_returned_gradient, explained_cuts

from ..common import assert_old_gradient_kept, assert_tuple, tensors_of, values_of, with_old_gradient


def product_sum(a, b):
    """The sum of a * b: the gradients are b and a."""
    return (a * b).sum()


def weighted_product(a, b):
    """The sum of 3 a b + b: the gradients are 3 b and 3 a + 1."""
    return (3 * a * b + b).sum()


def weighted_square(a, b, c):
    """The sum of a² b - 3 c."""
    return (a**2 * b - 3 * c).sum()


def cube_mean(x):
    """The mean of x³."""
    return (x**3).mean()


def assert_z(student, a, b, c):
    """`compute_z` equals 2 (a - b) + c."""
    z = student.compute_z(a, b, c)
    assert_close(z, 2 * (a - b) + c, name="z")
    assert_dtype(z, a.dtype)


def assert_z_gradients(student, a, b, c):
    """The gradients of `compute_z` are 2, -2 and 1."""
    expected = [factor * torch.ones_like(a, dtype=torch.float64) for factor in (2, -2, 1)]
    assert_gradients(student, student.compute_z, a, b, c, expected=expected, names="abc")


def assert_z_digits(student, a, b, c):
    """In float64 `compute_z` has all the digits."""
    assert_close(student.compute_z(a, b, c), 2 * (a - b) + c, rtol=1e-12, atol=1e-12, name="z")


def of_one_tensor(grads_of, f, x):
    """The gradients where one tensor is given twice."""
    return grads_of(f, x, x)


def assert_grads_of_one_tensor(student, x):
    """A tensor that is given twice has a gradient in each place."""
    twice = student.define(of_one_tensor)
    twice.label = "(lambda grads_of, f, x: grads_of(f, x, x))"
    grads = tensors_of(twice(student.grads_of, student.define(weighted_product), x), 2)
    for position, (grad, right) in enumerate(zip(grads, (3 * x, 3 * x + 1), strict=True)):
        assert_close(grad, right, name=f"grads[{position}]")


def grads_of(student, f, xs):
    """What `grads_of` returns, one item for each tensor."""
    with explained_cuts(student, "grads_of"):
        return tensors_of(student.grads_of(student.define(f), *xs), len(xs))


def assert_grads(student, f, xs, expected):
    """The values of the gradients are right."""
    for position, (grad, right) in enumerate(zip(grads_of(student, f, xs), expected, strict=True)):
        assert_returned_gradient(student, "grads_of", values_of(grad), right, name=f"grads[{position}]")


def assert_grads_without_traces(student, f, xs, expected):
    """The gradients are right and the caller's own, and the tensors are as they were."""
    for position, (grad, right) in enumerate(zip(grads_of(student, f, xs), expected, strict=True)):
        assert_returned_gradient(student, "grads_of", grad, right, name=f"grads[{position}]")
    assert_inputs_unchanged(student)


def assert_old_gradients_kept(student, values, other):
    """What lies in a tensor's .grad is neither counted nor lost."""
    x = with_old_gradient(student, values)
    assert_grads(student, product_sum, (x, other), (other, torch.tensor(values)))
    assert_old_gradient_kept(x)


def assert_grads_in_a_tuple(student, a, b):
    """They come in a tuple."""
    assert_tuple(student.grads_of(student.define(product_sum), a, b), 2)


def assert_grads_dtypes(student, whole, double):
    """Whole numbers get gradients in float32; float64 ones in float64, half ones in half."""
    assert_grads(student, product_sum, (whole, double), (double, whole.double()))
    grads = grads_of(student, product_sum, (whole, double))
    assert_dtype(grads[0], torch.float32, name="grads[0]")
    assert_dtype(grads[1], torch.float64, name="grads[1]")
    for grad, dtype in zip(
        grads_of(student, product_sum, (double.to(torch.bfloat16), double.half())),
        (torch.bfloat16, torch.float16),
        strict=True,
    ):
        assert_dtype(grad, dtype)
