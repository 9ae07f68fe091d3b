"""Hidden checks of 01_tensors: what the visible ones ask, of other inputs."""

import numpy as np
import pytest
import torch

from grader.samples.test_01_tensors import (
    COPY_FIRST,
    DETACHED_IN_PLACE,
    DTYPE_OF_X,
    FACTS,
    NAN,
    OWN_GENERATOR,
    PIECES,
    SELECTIONS,
    assert_changes_counted,
    assert_channels_last,
    assert_clipped,
    assert_distributions,
    assert_facts,
    assert_from_array,
    assert_input_kept,
    assert_like,
    assert_like_is_uniform,
    assert_no_pixel_loop,
    assert_pieces,
    assert_seed_decides,
    assert_selections,
    assert_sharing,
    assert_sheet,
    assert_tensor_dtypes,
    assert_tensors,
    assert_to_array,
)
from grader.testing import (
    assert_device_agnostic,
    assert_dtype,
    assert_inputs_unchanged,
    assert_random_state_unchanged,
    exercise,
)

# ------------------------------------------------------------------------------------------ make_tensors


@exercise("make_tensors", weight=2)
@pytest.mark.parametrize("n", [1, 2, 7])
def test_tensors_of_any_length(student, rng, n):
    """The six tensors are right for any n, also for n = 1."""
    for length in (n, rng.integer(8, 30)):
        assert_tensors(student.make_tensors(length), length)


@exercise("make_tensors")
def test_dtypes_of_any_length(student, rng):
    """The dtypes do not depend on n."""
    for n in (1, rng.integer(2, 30)):
        assert_tensor_dtypes(student.make_tensors(n), n)


# ---------------------------------------------------------------------------------------------- describe


@exercise("describe", weight=4)
@pytest.mark.parametrize("key", FACTS)
def test_facts_of_any_tensor(student, rng, key):
    """Each fact is right for tensors of any number of dimensions, dtype and gradient."""
    shape = [rng.integer(2, 6) for _ in range(4)]
    tensors = [
        rng.normal(*shape[:3]),
        rng.normal(*shape[:2], dtype=torch.float64).t().requires_grad_(),
        rng.integers(0, 9, *shape, dtype=torch.int32),
        rng.uniform() > 0.5,
        rng.normal(shape[0], 0, dtype=torch.float64),
        rng.integers(0, 9, shape[0] + 4, dtype=torch.uint8)[::2],
    ]
    for x in tensors:
        assert_facts(student, x, key)
        assert_inputs_unchanged(student)


# ------------------------------------------------------------------------------------------------ arrays

ARRAY_DTYPES = [np.float64, np.int32, np.float32, np.int64, np.uint8, np.float16]


def random_arrays(rng, dtype):
    """Whole numbers from 10 to 99 as a vector, a matrix, a transposed matrix, and a vector of one value."""
    rows, columns = rng.integer(2, 5), rng.integer(5, 8)
    draw = lambda *shape: rng.integers(10, 100, *shape).numpy().astype(dtype)  # noqa: E731
    return [draw(columns), draw(rows, columns), np.asfortranarray(draw(columns, rows)), draw(1)]


def watched_tensors(rng):
    """Tensors with gradient, without contiguity, without elements, of one element."""
    rows, columns = rng.integer(2, 5), rng.integer(5, 8)
    return [
        rng.normal(columns).requires_grad_(),
        rng.normal(rows, columns, dtype=torch.float64).t().requires_grad_(),
        rng.integers(0, 9, rows, 2 * columns, dtype=torch.int32)[:, ::2],
        rng.normal(0, columns),
        rng.uniform(1) > 0.5,
        rng.normal(),
    ]


@exercise("arrays", weight=2)
@pytest.mark.parametrize("dtype", ARRAY_DTYPES)
def test_tensor_from_any_array(student, rng, dtype):
    """from_array keeps values and dtype of arrays of any shape."""
    for a in [*random_arrays(rng, dtype), np.zeros((0, 3), dtype), np.array(rng.integer(10, 100), dtype)]:
        assert_from_array(student, a, share=True)
        assert_from_array(student, a, share=False)


@exercise("arrays", weight=2)
@pytest.mark.parametrize("dtype", ARRAY_DTYPES)
def test_memory_of_any_array(student, rng, dtype):
    """Shared memory for share=True, separate memory for share=False, whatever the shape and the dtype."""
    arrays = random_arrays(rng, dtype)
    assert_sharing(student, arrays, share=True)
    assert_sharing(student, arrays, share=False)


@exercise("arrays", weight=3)
def test_array_from_other_tensors(student, rng):
    """to_array takes tensors of any shape and dtype, with gradient or without, and leaves them as they were."""
    for t in watched_tensors(rng):
        assert_to_array(student, t)
        assert_inputs_unchanged(student, hint=DETACHED_IN_PLACE)


# --------------------------------------------------------------------------------------------- shape_gym


@exercise("shape_gym", weight=4)
@pytest.mark.parametrize("piece", PIECES)
def test_pieces_of_any_tensor(student, rng, piece):
    """Each of the four is right for any n and dtype, contiguous or not, and for n = 1."""
    n = rng.integer(3, 9)
    for x in (
        rng.permutation(2 * n),
        rng.normal(10, dtype=torch.float64),
        rng.normal(2 * n, 3)[:, 1],
        rng.normal(2),
    ):
        assert_pieces(student, x, piece)
        assert_inputs_unchanged(student)


@exercise("shape_gym")
def test_pieces_on_a_gpu(student, rng):
    """It works on any device."""
    x = rng.normal(2 * rng.integer(2, 6))
    assert_pieces(student, x, *PIECES)
    assert_device_agnostic(student, student.shape_gym, x)


# ---------------------------------------------------------------------------------------- slice_practice


@exercise("slice_practice", weight=4)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_selections_of_any_tensor(student, rng, selection):
    """Each selection is right for any size and dtype, contiguous or not; the first three are views of x."""
    rows, columns = rng.integer(3, 7), rng.integer(7, 10)
    for x, threshold in (
        (rng.integers(0, 6, rows, columns), 3),
        (rng.normal(columns, rows, dtype=torch.float64), 0.25),
        (rng.integers(0, 6, columns, rows).t(), 2),
        (rng.normal(rows, 2 * columns)[:, ::2], -0.5),
        (rng.permutation(3).reshape(1, 3), 1),
        (rng.uniform(2, 4), 1.0),
    ):
        assert_selections(student, x, threshold, selection)
        assert_inputs_unchanged(student)


# ---------------------------------------------------------------------------------------- clip_outliers


def random_readings(rng):
    """Tensors with values below -1, above 1 and equal to both, contiguous and not."""
    rows, columns = rng.integer(2, 5), rng.integer(5, 9)
    limits = torch.tensor([-1.0, 1.0])
    return [
        torch.cat([rng.normal(30, std=2), limits]),
        rng.normal(rows, columns, dtype=torch.float64, std=2).t(),
        rng.integers(-3, 4, rows, columns, 2)[:, ::2].double(),
        rng.normal(0, columns),
        torch.cat([limits, 10 * limits]).reshape(4, 1),
        rng.normal(std=2, dtype=torch.float64),
    ]


@exercise("clip_outliers", weight=2)
def test_clipped_values_of_any_tensor(student, rng):
    """y is right for any shape, for values at the limits and for no values at all."""
    for x in random_readings(rng):
        assert_clipped(student, x, -1, 1)
        assert_clipped(student, x, -0.5, 1.25)
        assert_clipped(student, x, 0.3, 0.3)


@exercise("clip_outliers", weight=2)
def test_changes_counted_in_any_tensor(student, rng):
    """n_changed counts values on both sides, as a Python int."""
    for x in random_readings(rng):
        assert_changes_counted(student, x, -1, 1)
        assert_changes_counted(student, x, -0.5, 1.25)


@exercise("clip_outliers", weight=2)
def test_any_input_is_kept(student, rng):
    """x is as it was, and y is a new tensor."""
    for x in random_readings(rng):
        assert_input_kept(student, x, -1, 1)
        assert_input_kept(student, x, -1000, 1000)


@exercise("clip_outliers")
def test_nan_among_others(student, rng):
    """NaN stays NaN and does not count as a change; infinity is clipped."""
    x = rng.normal(5, 7, std=2, dtype=torch.float64)
    x[rng.integer(0, 5), rng.integer(0, 3)] = NAN
    x[rng.integer(0, 5), rng.integer(3, 5)] = float("inf")
    x[rng.integer(0, 5), rng.integer(5, 7)] = float("-inf")
    assert_changes_counted(student, x, -1, 1)
    assert_changes_counted(student, torch.tensor([NAN, NAN, 2.0]), 0, 1)


@exercise("clip_outliers")
def test_whole_numbers_of_any_dtype(student, rng):
    """y has the dtype of x."""
    for dtype in (torch.int32, torch.uint8, torch.int64, torch.float64):
        x = (
            rng.integers(0, 100, rng.integer(3, 6), 7, dtype=dtype)
            if dtype != torch.float64
            else rng.normal(9).double()
        )
        assert_changes_counted(student, x, 20, 60)
        assert_inputs_unchanged(student, hint=COPY_FIRST)
        y, _ = student.clip_outliers(x, 20, 60)
        assert_dtype(y, dtype, name="y", hint=DTYPE_OF_X)


# ---------------------------------------------------------------------------------------- random_tensors


def two_seeds(rng):
    """Two different seeds."""
    return rng.integer(0, 10**6), rng.integer(10**6, 2 * 10**6)


@exercise("random_tensors", weight=3)
def test_any_seed_decides(student, rng):
    """The same seed gives the same tensors, another seed gives others, for any shape."""
    for shape in ((rng.integer(2, 6), rng.integer(6, 9)), (2, 3, 5), (rng.integer(2, 40),)):
        assert_seed_decides(student, shape, *two_seeds(rng))


@exercise("random_tensors", weight=2)
def test_distributions_of_any_seed(student, rng):
    """uniform and normal follow their distributions."""
    assert_distributions(student, *two_seeds(rng))


@exercise("random_tensors", weight=3)
def test_global_generator_of_any_seed(student, rng):
    """The global random state is the same before and after."""
    for shape in ((rng.integer(2, 6), 3), (rng.integer(20, 40),)):
        assert_seed_decides(student, shape, *two_seeds(rng))
        assert_random_state_unchanged(student, hint=OWN_GENERATOR)


@exercise("random_tensors", weight=3)
@pytest.mark.parametrize("kind", ["zeros", "ones", "rand"])
def test_like_any_tensor(student, rng, kind):
    """like takes shape, dtype and device from x; dtype= wins; rand of whole numbers is float32."""
    rows, columns = rng.integer(2, 5), rng.integer(5, 8)
    whole, decimal = rng.integers(1, 9, rows, columns), rng.normal(columns, rows, dtype=torch.float64)
    truth = rng.uniform(columns) > 0.5
    assert_like(student, decimal, kind, expected=torch.float64)
    assert_like(student, decimal.t(), kind, torch.float32, expected=torch.float32)
    assert_like(student, whole, kind, torch.float64, expected=torch.float64)
    assert_like(student, rng.normal(0, 3), kind, expected=torch.float32)
    assert_like(student, rng.normal(), kind, expected=torch.float32)
    x = rng.normal(rows, columns)
    x[0, rng.integer(0, 2)], x[1, rng.integer(2, 4)] = NAN, rng.choice([-1, 1]) * float("inf")
    assert_like(student, x, kind, expected=torch.float32)
    for x in (whole, truth, whole.to(torch.uint8)):
        assert_like(student, x, kind, expected=torch.float32 if kind == "rand" else x.dtype)
        assert_inputs_unchanged(student)
        assert_device_agnostic(student, student.like, x, kind)
    if kind == "rand":
        assert_like_is_uniform(student)


# ----------------------------------------------------------------------------------------- contact_sheet


@exercise("contact_sheet", weight=3)
@pytest.mark.parametrize("pad", [0, 1, 3])
def test_sheet_of_any_size(student, rng, pad):
    """Every picture is in its place, for any number of pictures and columns and any border."""
    height, width, ncols = rng.integer(2, 5), rng.integer(5, 8), rng.integer(2, 5)
    for n in (2 * ncols, 2 * ncols + 1, 3 * ncols - 1, 1):
        assert_sheet(student, rng.normal(n, 1, height, width), ncols, pad)
    assert_sheet(student, rng.normal(3, 1, width, height), 1, pad)
    assert_sheet(student, rng.uniform(2, 1, 1, 1), 5, pad)


@exercise("contact_sheet", weight=2)
def test_sheet_of_any_dtype(student, rng):
    """The sheet has the dtype and the device of the pictures, contiguous or not, and they stay as they were."""
    for images in (
        rng.integers(1, 256, 5, 1, 3, 7, dtype=torch.uint8),
        rng.normal(7, 1, 4, 6, dtype=torch.float64).transpose(2, 3),
        rng.integers(-9, 0, 8, 1, 2, 3)[::2],
        rng.normal(4, 3, 2, 5)[:, 1:2],
        rng.uniform(5, 1, 2, 3) > 0.5,
    ):
        for ncols in (2, 3):
            assert_sheet(student, images, ncols)
            assert_inputs_unchanged(student)
            assert_device_agnostic(student, student.contact_sheet, images, ncols)


@exercise("contact_sheet")
def test_sheet_in_time(student, rng):
    """No loop goes from pixel to pixel."""
    assert_no_pixel_loop(student, rng.uniform(7, 1, rng.integer(50, 60), rng.integer(80, 90)))


@exercise("contact_sheet", weight=2)
def test_channels_last_of_any_picture(student, rng):
    """to_hwc puts the channels last, for any number of them, contiguous or not."""
    height, width = rng.integer(2, 5), rng.integer(5, 8)
    for image in (
        rng.normal(3, height, width),
        rng.integers(0, 256, 1, height, width, dtype=torch.uint8),
        rng.normal(4, width, height, dtype=torch.float64).transpose(1, 2),
        rng.permutation(2 * width).reshape(2, 1, width),
    ):
        assert_channels_last(student, image)
        assert_inputs_unchanged(student)
        assert_device_agnostic(student, student.to_hwc, image)
