"""Cases of `grads_of` that students have."""

import torch

from grader.kit import exercise

from ..common import assert_nothing_left, computed
from .judges import (
    assert_grads,
    assert_grads_dtypes,
    assert_grads_in_a_tuple,
    assert_grads_without_traces,
    assert_old_gradients_kept,
    assert_z,
    assert_z_gradients,
    product_sum,
)


@exercise("grads_of")
def test_z(student):
    """compute_z gives [-1, 1, 1] for a = [1, 3, 3], b = [3, 3, 4], c = [3, 1, 3]."""
    assert_z(student, torch.tensor([1.0, 3.0, 3.0]), torch.tensor([3.0, 3.0, 4.0]), torch.tensor([3.0, 1.0, 3.0]))


@exercise("grads_of")
def test_z_keeps_the_graph(student):
    """The gradients of z are 2, -2 and 1."""
    assert_z_gradients(student, torch.tensor([1.0, 3.0, 3.0]), torch.tensor([3.0, 3.0, 4.0]), torch.ones(3))


@exercise("grads_of", weight=2)
def test_gradients_of_a_product(student):
    """The gradients of sum(a * b) are b and a."""
    a, b = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([4.0, 5.0, 6.0])
    assert_grads(student, product_sum, (a, b), (b, a))


@exercise("grads_of", after=test_gradients_of_a_product)
def test_gradients_in_a_tuple(student):
    """The gradients come in a tuple."""
    assert_grads_in_a_tuple(student, torch.tensor([1.0, 2.0, 3.0]), torch.tensor([4.0, 5.0, 6.0]))


@exercise("grads_of", weight=2)
def test_gradients_of_tensors_that_require_them_already(student):
    """The tensors stay as they were, with requires_grad and .grad, and the gradients hang on no graph."""
    a, b = torch.tensor([1.0, 2.0, 3.0], requires_grad=True), torch.tensor([4.0, 5.0, 6.0])
    assert_grads_without_traces(student, product_sum, (a, b), (b, a.detach()))
    assert_old_gradients_kept(student, [1.0, 2.0, 3.0], b)


@exercise("grads_of")
def test_gradients_at_the_result_of_a_computation(student):
    """A tensor that is no leaf has a gradient as well."""
    a = computed(student, [1.0, 2.0, 3.0])
    b = torch.tensor([4.0, 5.0, 6.0])
    assert_grads(student, product_sum, (a, b), (b, torch.tensor([2.0, 4.0, 6.0])))
    assert_nothing_left(student, a)


@exercise("grads_of")
def test_gradients_at_whole_numbers(student):
    """Tensors of whole numbers are taken as float32, and float64 stays float64."""
    assert_grads_dtypes(student, torch.tensor([1, 2, 3]), torch.tensor([4.0, 5.0, 6.0], dtype=torch.float64))
