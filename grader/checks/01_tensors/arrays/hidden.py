"""Cases of `arrays` that students do not have: new inputs at every grading."""

import numpy as np
import pytest
import torch

from grader.kit import assert_inputs_unchanged, exercise

from .judges import assert_from_array, assert_sharing, assert_to_array

ARRAY_DTYPES = [np.float64, np.int32, np.float32, np.int64, np.uint8, np.float16, np.complex64]


def random_arrays(rng, dtype):
    """A vector, a matrix, a transposed matrix, and a vector of one value: 10 to 100, with all digits of the dtype."""
    rows, columns = rng.integer(2, 5), rng.integer(5, 8)
    beyond_float64 = 2**60 if dtype is np.int64 else 0

    def draw(*shape):
        return rng.uniform(*shape, low=10, high=100, dtype=torch.float64).numpy().astype(dtype) + dtype(beyond_float64)

    return [draw(columns), draw(rows, columns), np.asfortranarray(draw(columns, rows)), draw(1)]


def watched_tensors(rng):
    """Tensors with gradient, without contiguity, without elements, of one element, complex, of large whole numbers."""
    rows, columns = rng.integer(2, 5), rng.integer(5, 8)
    return [
        rng.normal(columns).requires_grad_(),
        rng.normal(rows, columns, dtype=torch.float64).t().requires_grad_(),
        rng.integers(0, 9, rows, 2 * columns, dtype=torch.int32)[:, ::2],
        rng.normal(0, columns),
        rng.uniform(1) > 0.5,
        rng.normal(),
        torch.complex(rng.normal(columns), rng.normal(columns)),
        rng.integers(0, 9, columns) + 2**60,
    ]


def each_second(arrays, dtype, share):
    """The arrays that a dtype tries with `share`: half of them, the other half with the next dtype."""
    return arrays[(ARRAY_DTYPES.index(dtype) + share) % 2 :: 2]


@exercise("arrays", weight=2)
@pytest.mark.parametrize("dtype", ARRAY_DTYPES)
def test_tensor_from_any_array(student, rng, dtype):
    """from_array keeps values and dtype of arrays of any shape."""
    arrays = [*random_arrays(rng, dtype), np.zeros((0, 3), dtype), np.array(rng.integer(10, 100), dtype)]
    for share in (True, False):
        for a in each_second(arrays, dtype, share):
            assert_from_array(student, a, share=share)


@exercise("arrays", weight=2)
@pytest.mark.parametrize("dtype", ARRAY_DTYPES)
def test_memory_of_any_array(student, rng, dtype):
    """Shared memory for share=True, separate memory for share=False, whatever the shape and the dtype."""
    arrays = random_arrays(rng, dtype)
    for share in (True, False):
        assert_sharing(student, each_second(arrays, dtype, share), share=share)


@exercise("arrays", weight=3)
def test_array_from_other_tensors(student, rng):
    """to_array takes tensors of any shape and dtype, with gradient or without, and leaves them as they were."""
    for t in watched_tensors(rng):
        assert_to_array(student, t)
        assert_inputs_unchanged(student)
