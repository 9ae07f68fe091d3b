"""Cases of `linear` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import cases_of, exercise

from ..hidden_common import distinct_sizes
from . import visible
from .judges import (
    assert_linear_double,
    assert_linear_gradients,
    assert_linear_loads,
    assert_linear_moves,
    assert_linear_output,
    assert_linear_parameters,
    assert_linear_start,
)


@exercise("linear", weight=2)
@pytest.mark.parametrize("bias", [True, False])
def test_linear_parameters_of_any_size(student, rng, bias):
    """The parameters have the names and shapes of nn.Linear, with and without bias."""
    n_in, n_out = distinct_sizes(rng, 2)
    assert_linear_parameters(student, n_in, n_out, bias=bias)
    assert_linear_parameters(student, 1, n_out, bias=bias)


@exercise("linear", weight=5)
def test_linear_backward(student, rng):
    """Gradients reach x, weight and bias, for any batch."""
    assert_linear_gradients(student, rng.normal(6, 5), 3)
    assert_linear_gradients(student, rng.normal(1, 2), 4)


@exercise("linear", weight=5, after=test_linear_backward)
@pytest.mark.parametrize(("shape", "n_out"), [((7, 5), 3), ((1, 4), 1), ((6,), 2), ((2, 1, 3, 5), 4), ((0, 3), 2)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear_any_shape(student, rng, shape, n_out, bias):
    """The outputs are right for any leading dimensions, with and without bias."""
    assert_linear_output(student, rng.normal(*shape), n_out, bias=bias)


@exercise("linear", after=test_linear_backward)
def test_linear_strided(student, rng):
    """The outputs are right for inputs that are not contiguous, which are not changed."""
    assert_linear_output(student, rng.normal(5, 7).T, 3, keeps_x=True)
    assert_linear_output(student, rng.normal(4, 10)[:, ::2], 3, keeps_x=True)


@exercise("linear", after=test_linear_backward)
def test_linear_exchanges_weights(student, rng):
    """Its weights fit into PyTorch's own layer, which then gives the same outputs."""
    assert_linear_loads(student, rng.normal(5, 7), 3)


@exercise("linear", weight=5)
@pytest.mark.parametrize(("n_in", "n_out"), [(300, 40), (900, 11)])
def test_linear_weights_at_the_start(student, n_in, n_out):
    """The first weights are random around 0, and neither they nor the biases are tiny or huge."""
    assert_linear_start(student, n_in, n_out)


@cases_of(visible.test_linear_double)
def test_linear_in_float64(student, rng):
    assert_linear_double(student, rng.normal(3, 5), 4)


@cases_of(visible.test_linear_device)
def test_linear_on_a_gpu(student, rng):
    assert_linear_moves(student, rng.normal(3, 5), 4)
