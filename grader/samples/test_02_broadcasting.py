"""Visible checks of 02_broadcasting: what a student runs while working. Hidden ones ask the same of other inputs."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import pytest
import torch

from grader.testing import (
    CheckFailure,
    Rng,
    StudentError,
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_equal,
    assert_gradients,
    assert_inputs_unchanged,
    assert_length,
    assert_no_python_loops,
    assert_own_work,
    assert_raises,
    assert_returns,
    assert_scales,
    assert_shape,
    assert_that,
    exercise,
    origin,
    tr,
    verbatim,
)

FIXED = 2
"""Seed of the visible checks: a student sees the same inputs twice."""


@contextmanager
def blaming(hint, kind, *texts) -> Iterator[None]:
    """Gives `hint` to whoever's code raises `kind` with one of `texts` (any, if there are none) in its message."""
    try:
        yield
    except StudentError as error:
        if hint is None or isinstance(error, NotImplementedError) or not isinstance(error, kind):
            raise
        if texts and not any(text in error.message for text in texts):
            raise
        raise CheckFailure(
            tr("Your code raised {kind}: {message}", kind=error.type_name, message=error.message[:300]), hint=hint
        ) from error


def assert_vectorised(student, name, *args, seconds, operations=500, allowed=0, apart=(), hint=None):
    """No loop in the source of `name`, and none that a large input would show; `apart` are not looked at."""
    assert_no_python_loops(student, name, allowed=allowed, apart=apart, hint=hint)
    return assert_scales(student, student[name], *args, seconds=seconds, operations=operations, hint=hint)


def agreement(value, expected) -> float:
    """Which part of a tensor of the right shape and dtype is exactly right."""
    return float((value == expected).double().mean()) if origin(value).has_data else 0.0


FLOAT32_ON_THE_WAY = tr(
    "The result has the dtype float64 and only the 7 digits of float32: something on the way was float32."
)


def assert_precise(value, expected, *, atol=1e-10, name=None, hint=FLOAT32_ON_THE_WAY):
    """A float64 result, whose values are right already, is right to float64's digits, too; others are left alone."""
    if value.dtype == torch.float64:
        assert_close(value, expected, rtol=1e-9, atol=atol, name=name, hint=hint)


# -------------------------------------------------------------------------------------- broadcast_shape

ALIGN_RIGHT = tr(
    "Align the shapes from the right: the last sizes meet each other, then the ones before them. Try to write both"
    " shapes one under the other, flush right."
)
ONES_STRETCH = tr(
    "Only a size of 1 stretches. Before you choose a size, ask whether the two are equal or one of them is 1."
)
PADDING = tr("The shorter shape is filled up with ones on its left until both have the same number of dimensions.")
EQUAL_FIT = tr("Two equal sizes fit, whatever they are: your code takes only a size of 1 beside another one.")
BOTH_SHAPES = tr("Put both shapes into the message, as Python prints them: raise ValueError(f'{a} … {b}').")
MAX_OF_ZERO = tr("A 1 stretches to the other size, and to 0 as well: the larger of the two is not always the answer.")


def padded(shape, rank, *, left=True):
    ones = (1,) * (rank - len(shape))
    return ones + shape if left else shape + ones


def stretched(a, b, *, left=True):
    """The shape of the result, or None; ``left=False`` pads on the wrong side."""
    rank = max(len(a), len(b))
    pairs = list(zip(padded(a, rank, left=left), padded(b, rank, left=left), strict=True))
    if any(i != j and 1 not in (i, j) for i, j in pairs):
        return None
    return tuple(j if i == 1 else i for i, j in pairs)


def assert_broadcast(student, a, b):
    """The shape that `a` and `b` broadcast to, which exists."""
    expected = stretched(a, b)
    from_left = stretched(a, b, left=False)
    rank, shared = len(expected), min(len(a), len(b))
    wrong = [
        (tuple(map(max, padded(a, rank), padded(b, rank))), MAX_OF_ZERO),
        (from_left, ALIGN_RIGHT),
        (expected[rank - shared :], PADDING),
        (stretched(a[:shared], b[:shared]), PADDING),
    ]
    mistakes = [(shape, hint) for shape, hint in wrong if shape is not None]
    try:
        result = student.broadcast_shape(a, b)
    except StudentError as error:
        if isinstance(error, NotImplementedError):
            raise
        hint = _refusal_hint(student, a, b, error)
        raise CheckFailure(
            tr("Your code raised {kind}: {message}", kind=error.type_name, message=error.message[:300]), hint=hint
        ) from error
    assert_equal(result, expected, mistakes=mistakes)


def _refusal_hint(student, a, b, error):
    """Why two shapes that fit were refused: what the same function says to other shapes tells."""

    def takes(*pair):
        try:
            return student.broadcast_shape(*pair) == stretched(*pair)
        except StudentError:
            return False

    rank = max(len(a), len(b))
    takes_padded = len(a) != len(b) and takes(padded(a, rank), padded(b, rank))
    takes_left = takes(padded(a, rank, left=False), padded(b, rank, left=False)) if takes_padded else False
    has_equal = any(i == j > 1 for i, j in zip(padded(a, rank), padded(b, rank), strict=True))
    takes_equal = takes((2, 3), (2, 3)) or takes((2,), (2,))
    takes(a, b)  # the call that is shown
    if has_equal and not takes_equal:
        return EQUAL_FIT
    if takes_padded:
        is_misaligned = stretched(a, b, left=False) is None and isinstance(error, ValueError)
        return ALIGN_RIGHT if is_misaligned and not takes_left else PADDING
    return None


def assert_refuses(student, *pairs):
    """Pairs that do not broadcast raise ValueError with both shapes in its message; others still have a result."""
    assert_broadcast(student, (4, 1), (5,))
    for a, b in pairs:
        assert_raises(student.broadcast_shape, a, b, raises=ValueError, hint=ONES_STRETCH)
        mentions = [str(a), str(b)]
        assert_raises(student.broadcast_shape, a, b, raises=ValueError, mentions=mentions, hint=BOTH_SHAPES)


@exercise("broadcast_shape", weight=2)
@pytest.mark.parametrize(
    ("a", "b"),
    [((2, 1), (3,)), ((4, 1), (4,)), ((1, 5), (3, 1)), ((3, 1), (5, 1, 4))],
    ids=str,
)
def test_shapes_are_aligned_from_the_right(student, a, b):
    """The shapes are aligned from the right, and a 1 stretches."""
    assert_broadcast(student, a, b)
    assert_broadcast(student, b, a)
    assert_broadcast(student, (7, 1), (1, 6))


@exercise("broadcast_shape", weight=2)
def test_equal_sizes_fit(student):
    """Equal sizes fit, whatever they are."""
    assert_broadcast(student, (3,), (3,))
    assert_broadcast(student, (4, 2), (4, 2))
    assert_broadcast(student, (5, 1, 3), (2, 3))
    assert_broadcast(student, (0,), (6, 0))


@exercise("broadcast_shape")
def test_a_shape_without_dimensions(student):
    """A scalar, of shape (), broadcasts with anything."""
    assert_broadcast(student, (), (4, 2))
    assert_broadcast(student, (3,), ())
    assert_broadcast(student, (), ())


@exercise("broadcast_shape")
def test_size_zero(student):
    """A 1 stretches to 0 as well."""
    assert_broadcast(student, (2, 1), (0,))
    assert_broadcast(student, (3, 0, 1), (1, 2))


@exercise("broadcast_shape", weight=2)
def test_shapes_that_do_not_fit(student):
    """Shapes that do not fit raise ValueError, with both shapes in its message."""
    assert_refuses(student, ((2,), (3,)), ((2, 3), (2,)), ((0,), (2,)))


# ------------------------------------------------------------------------------------------------ outer

ADD_A_DIMENSION = tr(
    "The two vectors were multiplied one beside the other. Add a dimension of size 1 to one of them, so that every"
    " entry of a meets every entry of b."
)
OPPOSITE_SIDES = tr(
    "Both vectors got their new dimension on the same side. One must become a column (n, 1), the other stay a row (m,)."
)
SUMMED = tr("@ of two vectors adds the products up: their scalar product, one number. You need all n·m products.")
DO_NOT_FIT = tr(
    "The shapes that your code multiplies do not fit: one vector must become a column (n, 1), the other stay a row."
)
SWAPPED = tr("The result is the transpose: entry [i, j] must be a[i] * b[j].")


def assert_outer(student, a, b):
    """`student.outer` on two vectors; a vector is small enough to be multiplied one entry at a time."""
    expected = torch.stack([a * value for value in b], dim=1) if len(b) else a.new_zeros(len(a), 0)
    mistakes = [(expected.T, SWAPPED)]
    if len(a) == len(b):
        side_by_side = a * b
        mistakes += [
            (side_by_side, ADD_A_DIMENSION),
            (side_by_side.reshape(-1, 1), OPPOSITE_SIDES),
            (side_by_side.reshape(1, -1), OPPOSITE_SIDES),
            (side_by_side.sum(), SUMMED),
        ]
    with (
        blaming(DO_NOT_FIT, RuntimeError, "must match the size"),
        blaming(SUMMED, RuntimeError, "inconsistent tensor size"),
    ):
        result = student.outer(a, b)
    assert_close(result, expected, mistakes=mistakes)
    assert_precise(result, expected)
    return result


@exercise("outer", weight=2)
def test_every_pair_has_its_product(student):
    """Entry [i, j] is a[i] * b[j]."""
    assert_outer(student, torch.tensor([1.0, 2.0, 3.0]), torch.tensor([10.0, 20.0, 40.0]))


@exercise("outer", weight=2)
@pytest.mark.parametrize(("n", "m"), [(2, 3), (4, 1), (1, 5)])
def test_vectors_of_different_sizes(student, n, m):
    """The two vectors may have different sizes."""
    rng = Rng(FIXED)
    assert_outer(student, rng.normal(n), rng.normal(m))
    assert_outer(student, rng.normal(n), rng.normal(0))


@exercise("outer")
def test_outer_dtypes(student):
    """Integers times decimals give decimals; integers times integers stay integers."""
    whole, decimal = torch.tensor([1, 2, 3]), torch.tensor([0.5, 1.5])
    assert_dtype(assert_outer(student, whole, decimal), torch.float32)
    assert_dtype(assert_outer(student, whole, whole[:2]), torch.int64)
    assert_dtype(assert_outer(student, whole + 10**9, 7 * whole[:2]), torch.int64)
    assert_dtype(assert_outer(student, decimal.double() / 3, decimal.double() / 7), torch.float64)


def assert_outer_gradients(student, a, b, weights):
    assert_outer(student, a, b)
    weights = weights.double()
    assert_gradients(
        student,
        student.outer,
        a,
        b,
        cotangent=weights,
        expected=[weights @ b.double(), weights.T @ a.double()],
        names=["a", "b"],
    )


@exercise("outer")
def test_gradients_reach_both_vectors(student):
    """Gradients flow back to both vectors."""
    rng = Rng(FIXED)
    assert_outer_gradients(student, rng.normal(3), rng.normal(4), rng.normal(3, 4))


@exercise("outer")
def test_outer_is_a_good_citizen(student):
    """The inputs stay as they were, and it would work on a GPU."""
    a, b = torch.arange(1.0, 4.0), torch.arange(2.0, 7.0)
    assert_outer(student, a, b)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.outer, a, b)


@exercise("outer", weight=2)
def test_outer_without_loops(student):
    """No Python loops, and fast on large vectors."""
    rng = Rng(FIXED)
    assert_outer(student, rng.normal(3), rng.normal(2))
    assert_vectorised(student, "outer", rng.normal(800), rng.normal(700), seconds=0.5)


# ------------------------------------------------------------------------------------------ standardize

KEEPDIM = tr(
    "Without keepdim=True the mean has shape (M,), and broadcasting lines it up with the columns: shapes (M, N) and"
    " (M,) fit only when M equals N, and then the numbers are wrong."
)
POPULATION = tr(
    "torch.std divides by n - 1 unless told otherwise; the exercise asks for the population's: correction=0."
)
EPS_IGNORED = tr("eps is not used: it is a parameter, and whoever calls may give another one.")
EPS_INSIDE = tr("eps stands inside the root: the formula adds it to the deviation, outside.")
EPS_LEAST = tr("The deviation is never less than eps in your code: the formula adds eps to it, always.")
EPS_ADDED = tr("eps belongs in the divisor, added to the deviation: (x - mean) / (deviation + eps).")
DIGITS_LOST = tr(
    "Here the mean is thousands of times the deviation, and the mean of x² minus the square of the mean loses the"
    " digits that matter: subtract the mean first, square after."
)
CONSTANT = tr("A constant column has a standard deviation of 0, and 0/0 is NaN: eps is there to prevent that.")
OTHER_DIM = tr("The mean was taken along the other dimension: dim is the one that disappears from the mean's shape.")
WHOLE = tr("The mean and deviation are those of the whole tensor: take one of each per slice, with dim=.")
VARIANCE = tr("The divisor is the variance: the deviation is its square root.")
MIN_MAX = tr("You stretched the values to lie between 0 and 1: subtract the mean and divide by the deviation instead.")
COUNTED_ROWS = tr("The divisor is always the number of rows: along dim=1 there are as many values as columns.")
ONLY_CENTRED = tr("The mean is gone, but the spread is still there: divide by the standard deviation.")


def standardized(x, dim, *, correction=0, eps=0.0):
    """In float64, in the definition's own words; a spread of 0 is left out."""
    x = x.double()
    mean = x.mean(dim, keepdim=True)
    spread = x.std(dim, correction=correction, keepdim=True) if x.shape[dim] > correction else torch.zeros_like(mean)
    return (x - mean) / torch.where(spread > 0, spread + eps, torch.ones_like(spread))


def table_with_spread(rng, *shape, dtype=torch.float32):
    """A table whose rows and columns all vary: eps matters nowhere, inside the root or outside."""
    while True:
        x = rng.normal(*shape, mean=-2.0, std=3.0, dtype=dtype)
        if all(x.std(dim, correction=0).min() > 0.5 for dim in (0, 1) if x.shape[dim] > 1):
            return x


def assert_standardized(student, x, dim=None):
    """`student.standardize` along `dim` (not given, if None) of a matrix."""
    axis = 0 if dim is None else dim
    exact = x.double()
    low, centred_by_rows = exact.amin(axis, keepdim=True), exact - exact.sum(axis, keepdim=True) / len(x)
    mistakes = [
        (standardized(x, axis, correction=1), POPULATION),
        (standardized(x, 1 - axis % 2), OTHER_DIM),
        (exact - exact.mean(axis, keepdim=True), ONLY_CENTRED),
        ((exact - exact.mean()) / exact.std(correction=0), WHOLE),
        ((exact - exact.mean()) / exact.std(), WHOLE),
        ((exact - exact.mean(axis, keepdim=True)) / exact.std(axis, correction=0, keepdim=True), CONSTANT),
        ((exact - exact.mean(axis, keepdim=True)) / exact.std(axis, correction=1, keepdim=True), POPULATION),
        ((exact - exact.mean(axis, keepdim=True)) / exact.var(axis, correction=0, keepdim=True), VARIANCE),
        ((exact - exact.mean(axis, keepdim=True)) / exact.var(axis, correction=1, keepdim=True), VARIANCE),
        ((exact - low) / (exact.amax(axis, keepdim=True) - low), MIN_MAX),
        (centred_by_rows / centred_by_rows.square().sum(axis, keepdim=True).div(len(x)).sqrt(), COUNTED_ROWS),
    ]
    if x.shape[0] == x.shape[1]:
        for correction in (0, 1):
            wrong = (exact - exact.mean(axis)) / exact.std(axis, correction=correction)
            mistakes.insert(0, (wrong, KEEPDIM))
    with blaming(KEEPDIM, RuntimeError, "must match the size", "is invalid for input of size"):
        result = student.standardize(x) if dim is None else student.standardize(x, dim)
    assert_close(result, standardized(x, axis), mistakes=mistakes)
    assert_precise(result, standardized(x, axis), atol=1e-7)  # eps is 1e-8
    return result


def assert_eps_is_added(student, x, dim):
    """`student.standardize` with an eps among the slices' deviations: above some of them, below others."""
    assert_standardized(student, x, dim)
    exact, axis = x.double(), dim
    centred = exact - exact.mean(axis, keepdim=True)
    variance = exact.var(axis, correction=0, keepdim=True)
    eps = float(variance.sqrt().aminmax().min + variance.sqrt().aminmax().max) / 2
    mistakes = [
        (standardized(x, axis), EPS_IGNORED),
        (centred / (variance + eps).sqrt(), EPS_INSIDE),
        (centred / (variance + eps**2).sqrt(), EPS_INSIDE),
        (centred / variance.sqrt().clamp(min=eps), EPS_LEAST),
        (centred / (variance.sqrt() - eps), EPS_ADDED),
        (centred / variance.sqrt() + eps, EPS_ADDED),
    ]
    result = student.standardize(x, dim, eps)
    assert_close(result, standardized(x, axis, eps=eps), mistakes=mistakes)
    assert_precise(result, standardized(x, axis, eps=eps))


def far_table(rng, *, base, dtype):
    """A column of whole numbers far from 0, with every sum exact, beside a usual one; its deviation is 2.29."""
    far = base + rng.permutation(8).to(dtype)
    return torch.stack([far, rng.permutation(8).to(dtype)], dim=1)


def assert_far_from_zero(student, x, dim):
    """`student.standardize` where the mean is thousands of times the deviation."""
    exact = standardized(x, dim)
    result = student.standardize(x, dim)
    # The mean of whole numbers below 2**17 is off by at most half a unit of its last place, 2**-10 in float32.
    assert_close(result, exact, rtol=1e-3, atol=1e-3, hint=DIGITS_LOST)


@exercise("standardize", weight=2)
def test_columns_are_standardized(student):
    """Without dim, every column gets mean 0 and deviation 1."""
    assert_standardized(student, torch.tensor([[1.0, 10.0, 5.0], [2.0, 20.0, 1.0], [3.0, 60.0, 0.0], [6.0, 90.0, 2.0]]))


@exercise("standardize", weight=2)
@pytest.mark.parametrize("dim", [1, -1, -2])
@pytest.mark.parametrize("shape", [(3, 3), (2, 5)], ids=str)
def test_rows_are_standardized(student, shape, dim):
    """With dim=1 or dim=-1, every row, and with dim=-2 every column; for square and other tables."""
    assert_standardized(student, table_with_spread(Rng(FIXED), *shape), dim)


@exercise("standardize")
def test_a_constant_column_becomes_zeros(student):
    """A constant column becomes zeros, not NaN; a single row does, too."""
    assert_standardized(student, torch.tensor([[1.0, 4.0], [2.0, 4.0], [6.0, 4.0]]))
    assert_standardized(student, torch.tensor([[1.0, 2.0, 4.0]]), 0)


@exercise("standardize", weight=2)
def test_eps_is_added_to_the_deviation(student):
    """eps is added to the deviation, whatever its value."""
    x = table_with_spread(Rng(FIXED), 5, 3)
    assert_eps_is_added(student, x, 0)
    assert_eps_is_added(student, x, 1)


@exercise("standardize")
def test_a_column_far_from_zero(student):
    """A column whose mean is thousands of times its deviation keeps its digits."""
    assert_standardized(student, table_with_spread(Rng(FIXED), 4, 3))
    assert_far_from_zero(student, far_table(Rng(FIXED), base=2**14, dtype=torch.float32), 0)
    assert_far_from_zero(student, far_table(Rng(FIXED), base=2**30, dtype=torch.float64).T, 1)


@exercise("standardize")
def test_standardize_keeps_the_dtype(student):
    """float32 in, float32 out; float64 in, float64 out."""
    x = table_with_spread(Rng(FIXED), 4, 3)
    assert_dtype(assert_standardized(student, x), torch.float32)
    assert_dtype(assert_standardized(student, x.double()), torch.float64)


@exercise("standardize")
def test_standardize_is_a_good_citizen(student):
    """The input stays as it was, and it would work on a GPU."""
    x = table_with_spread(Rng(FIXED), 5, 3)
    assert_standardized(student, x)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.standardize, x)


@exercise("standardize", weight=2)
def test_standardize_without_loops(student):
    """No Python loops, and fast on a large table."""
    rng = Rng(FIXED)
    assert_standardized(student, table_with_spread(rng, 4, 3))
    assert_vectorised(student, "standardize", rng.normal(800, 700), seconds=0.5)


# ---------------------------------------------------------------------------------------------- one_hot

TOP_CLASS = tr("There are num_classes classes, even when the last ones do not occur in y: do not count them from y.")
FROM_ZERO = tr("Classes count from 0: label 0 has its 1 in the first column.")
FLOAT_ONE_HOT = tr("float32 was asked, because a network will multiply by it: convert the result at the end.")
FLATTENED = tr("y may have several dimensions: the classes become one more, at the end.")
ONE_HOT_DEVICE = tr(
    "The result must lie where y lies: give new tensors device=y.device, or make them from y (y.new_zeros)."
)


def assert_one_hot(student, y, num_classes):
    """`student.one_hot` on labels of any shape."""
    expected = (torch.arange(num_classes) == y.unsqueeze(-1)).float()
    mistakes = [(expected.mT, SWAPPED_CLASSES)] if y.ndim == 1 else []
    if y.ndim > 1:
        mistakes.append((expected.flatten(0, -2), FLATTENED))
    if y.numel():
        seen = int(y.max()) + 1
        mistakes.append((expected[..., :seen], TOP_CLASS))
        if y.ndim:
            mistakes.append((expected[..., :seen].mT, TOP_CLASS))
    mistakes.append(((torch.arange(1, num_classes + 1) == y.unsqueeze(-1)).float(), FROM_ZERO))
    with (
        blaming(TOP_CLASS if y.numel() == 0 else None, (RuntimeError, IndexError), "max", "reduction"),
        blaming(FLATTENED if y.ndim != 1 else None, (RuntimeError, IndexError)),
    ):
        result = student.one_hot(y, num_classes)
    assert_close(result, expected, mistakes=mistakes)
    return result


SWAPPED_CLASSES = tr("The result is the transpose: one row for each label, one column for each class.")


@exercise("one_hot", weight=2)
def test_one_row_for_each_label(student):
    """Each label becomes a row with a single 1."""
    assert_one_hot(student, torch.tensor([2, 0, 1, 2]), 3)


@exercise("one_hot", weight=2)
def test_classes_that_do_not_occur(student):
    """Classes that do not occur in y have their column, too."""
    assert_one_hot(student, torch.tensor([0, 1, 1]), 5)


@exercise("one_hot", weight=2)
def test_labels_of_any_shape(student):
    """y may have two dimensions or none, or hold no labels at all."""
    assert_one_hot(student, torch.tensor([[2, 0, 1], [1, 1, 2]]), 4)
    assert_one_hot(student, torch.tensor([1]), 2)
    assert_one_hot(student, torch.tensor([0, 0]), 1)
    assert_one_hot(student, torch.tensor(2), 4)
    assert_one_hot(student, torch.tensor([], dtype=torch.int64), 3)


@exercise("one_hot")
def test_one_hot_is_float32(student):
    """The result is float32."""
    result = assert_one_hot(student, torch.tensor([1, 0, 3]), 4)
    assert_dtype(result, torch.float32, hint=FLOAT_ONE_HOT)


@exercise("one_hot")
def test_one_hot_is_a_good_citizen(student):
    """y stays as it was, and it would work on a GPU."""
    y = torch.tensor([1, 0, 3])
    assert_one_hot(student, y, 4)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.one_hot, y, 4, hint=ONE_HOT_DEVICE)


@exercise("one_hot", weight=2)
def test_one_hot_without_loops(student):
    """No Python loops, and fast with many labels and classes."""
    assert_one_hot(student, torch.tensor([1, 0]), 3)
    assert_vectorised(student, "one_hot", Rng(FIXED).integers(0, 600, 700), 600, seconds=0.5)


# --------------------------------------------------------------------------------------- sums_and_norms

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


@exercise("sums_and_norms", weight=2)
@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_the_axis_disappears(student, axis):
    """mean_table: one mean for each column (axis=0 and -2) or each row (axis=1 and -1)."""
    assert_mean_table(student, torch.tensor([[1.0, 2.0, 3.0], [5.0, 6.0, 10.0]]), axis)


@exercise("sums_and_norms", weight=2)
def test_both_norms(student):
    """norms: l1, the sum of absolute values, and l2, the length."""
    assert_norms(student, torch.tensor([3.0, -4.0]))
    assert_norms(student, torch.tensor([-2.0]))


@exercise("sums_and_norms", weight=2)
def test_two_products(student):
    """elementwise_product and matrix_product of two matrices."""
    a, b = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 6.0], [7.0, 8.0]])
    assert_matrix_product(student, a, b)
    assert_elementwise(student, a, b)
    rng = Rng(FIXED)
    assert_matrix_product(student, rng.normal(2, 3), rng.normal(3, 5))
    assert_elementwise(student, rng.normal(2, 3), rng.normal(2, 3))
    assert_elementwise(student, rng.normal(4), rng.normal(4))


@exercise("sums_and_norms")
def test_a_batch_of_matrices(student):
    """matrix_product of a whole batch at once."""
    rng = Rng(FIXED)
    assert_matrix_product(student, rng.normal(4, 2, 3), rng.normal(4, 3, 5))


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


@exercise("sums_and_norms", weight=2)
def test_sums_and_norms_keep_the_dtype(student):
    """The results have the dtype of the inputs."""
    for dtype in (torch.float64, torch.float32):
        assert_dtypes_kept(student, dtype, Rng(FIXED))


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


@exercise("sums_and_norms")
def test_sums_and_norms_are_good_citizens(student):
    """The inputs stay as they were, and all four would work on a GPU."""
    assert_sums_and_norms_good_citizens(student, Rng(FIXED))


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


@exercise("sums_and_norms", weight=2)
def test_sums_and_norms_without_loops(student):
    """No Python loops in any of the four, and fast on large inputs."""
    assert_sums_and_norms_vectorised(student, Rng(FIXED))


# ------------------------------------------------------------------------------------- pairwise_sq_dists

INSERT_A_DIMENSION = tr(
    "X - Y needs the shapes (N, D) and (M, D) to fit, and at best pairs row i with row i. Insert a dimension of size 1"
    " so that every row of X meets every row of Y: (N, 1, D) and (M, D)."
)
WRONG_SUM = tr("The sum went over the wrong dimension: the coordinates, the last one, must disappear, not the points.")
NO_ROOT = tr("The squared distance was asked: leave out the square root.")
NOT_SQUARED = tr("The differences are added up without being squared.")
SQUARE_FIRST = tr("You squared the sum of the differences: square each difference first, and add up then.")
TWICE_THE_PRODUCT = tr("Multiply |x - y|² out: the product x·y comes twice.")
ABSOLUTE = tr("These are sums of absolute differences: square the differences instead.")
NEGATIVE = tr(
    "A squared distance is never negative, but |x|² + |y|² - 2 x·y rounds to a little below zero for points that are"
    " close. Let no value fall below 0."
)
SWAPPED_POINTS = tr("The result is the transpose: row i belongs to X[i], column j to Y[j].")
ROUNDING = {"rtol": 1e-4, "atol": 1e-3}
"""float32 in the expanded form |x|² + |y|² - 2 x·y: off by up to 1e-4 on images of 784 pixels in [0, 1]."""


def sq_dists(x, y):
    """In float64, one row of X at a time."""
    x, y = x.double(), y.double()
    rows = [(y - row).square().sum(-1) for row in x]
    return torch.stack(rows) if rows else torch.zeros(0, len(y), dtype=torch.float64)


def assert_sq_dists(student, x, y):
    """`student.pairwise_sq_dists` on two sets of points."""
    expected = sq_dists(x, y)
    differences = x.double().unsqueeze(1) - y.double()
    norms = x.double().square().sum(1)[:, None] + y.double().square().sum(1)
    mistakes = [
        (expected.sqrt(), NO_ROOT),
        (differences.sum(-1), NOT_SQUARED),
        (differences.abs().sum(-1), ABSOLUTE),
        (differences.sum(-1).square(), SQUARE_FIRST),
        (norms - x.double() @ y.double().T, TWICE_THE_PRODUCT),
        ((norms - x.double() @ y.double().T).clamp(min=0), TWICE_THE_PRODUCT),
        (differences.square(), WRONG_SUM),
        (differences.square().sum(1), WRONG_SUM),
        (differences.square().sum(0), WRONG_SUM),
        (expected.T, SWAPPED_POINTS),
    ]
    if x.shape == y.shape:
        beside = x.double() - y.double()
        mistakes += [(beside.square().sum(dim), INSERT_A_DIMENSION) for dim in (0, 1)]
        mistakes += [(beside.square(), INSERT_A_DIMENSION), (beside.square().sum(), INSERT_A_DIMENSION)]
    with blaming(INSERT_A_DIMENSION, RuntimeError, "must match the size"):
        result = student.pairwise_sq_dists(x, y)
    assert_close(result, expected, **ROUNDING, mistakes=mistakes)
    assert_precise(result, expected)
    return result


def assert_never_negative(student, x):
    """The distances of points to themselves: a diagonal of zeros, and nothing below."""
    result = assert_sq_dists(student, x, x)
    assert_dtype(result, x.dtype)
    assert_that(not bool((result < 0).any()), tr("Some squared distances are negative."), hint=NEGATIVE)


@exercise("pairwise_sq_dists", weight=2)
def test_distances_of_a_few_points(student):
    """The squared distance of every point of X to every point of Y."""
    x, y = torch.tensor([[0.0, 0.0], [3.0, 4.0], [1.0, 7.0]]), torch.tensor([[0.0, 1.0], [6.0, 8.0], [2.0, 2.0]])
    assert_sq_dists(student, x, y)


@exercise("pairwise_sq_dists", weight=2)
@pytest.mark.parametrize(("n", "m", "d"), [(3, 5, 2), (4, 2, 1), (1, 3, 6)])
def test_any_number_of_points(student, n, m, d):
    """X and Y may have different numbers of points, of any dimension."""
    rng = Rng(FIXED)
    assert_sq_dists(student, rng.normal(n, d), rng.normal(m, d))
    assert_sq_dists(student, rng.normal(0, d), rng.normal(m, d))


@exercise("pairwise_sq_dists")
def test_distances_are_never_negative(student):
    """No distance is negative, and a point is at distance 0 from itself."""
    assert_never_negative(student, Rng(FIXED).uniform(100, 64))


@exercise("pairwise_sq_dists")
def test_distances_keep_the_dtype(student):
    """float32 in, float32 out; float64 in, float64 out."""
    rng = Rng(FIXED)
    for dtype in (torch.float32, torch.float64):
        result = assert_sq_dists(student, rng.normal(4, 3, dtype=dtype), rng.normal(5, 3, dtype=dtype))
        assert_dtype(result, dtype)


@exercise("pairwise_sq_dists")
def test_pairwise_sq_dists_is_a_good_citizen(student):
    """X and Y stay as they were, and it would work on a GPU."""
    rng = Rng(FIXED)
    x, y = rng.normal(4, 3), rng.normal(6, 3)
    assert_sq_dists(student, x, y)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.pairwise_sq_dists, x, y)


@exercise("pairwise_sq_dists", weight=3)
def test_pairwise_sq_dists_without_loops(student):
    """No Python loops, and fast with many points."""
    rng = Rng(FIXED)
    assert_sq_dists(student, rng.normal(3, 2), rng.normal(4, 2))
    assert_vectorised(student, "pairwise_sq_dists", rng.normal(700, 6), rng.normal(600, 6), seconds=1.0)


# ------------------------------------------------------------------------------------------- mandelbrot

AXES = tr("The axes are swapped: the rows (h) go along the imaginary part y, the columns (w) along the real part x.")
ONE_MORE = tr(
    "Every point that escapes has one step too many: count a step only if the point is still within |z| <= 2 after it."
)
SQUARED_RADIUS = tr("Compare |z| with 2, or |z|² with 4: not one with the limit of the other.")
NAN_COUNTED = tr(
    "Points that escaped count as if they were inside: their z grew to infinity and then to NaN, and every comparison"
    " with NaN is False. Ask who is still inside, |z| <= 2, and not who is outside."
)
STRICT_BOUND = tr("A point with |z| equal to 2 has not escaped yet: compare with <=.")
ALL_OR_NOTHING = tr("This says whether a point stays inside. The number of steps that it stays was asked.")
ONE_LOOP = tr("One loop over the iterations is allowed: each of its steps moves all the points of the picture at once.")
NUDGE = 1e-6
"""A point whose steps change when it is moved by this much is left out: there, rounding decides."""


@lru_cache(maxsize=256)
def escape_counts(h, w, max_iter, *, nudge=0.0, radius=2.0):
    """The definition, one point at a time, in Python's own complex numbers."""
    xs = torch.linspace(-2, 0.5, w, dtype=torch.float64).tolist()
    ys = torch.linspace(-1.25, 1.25, h, dtype=torch.float64).tolist()

    def count(c):
        z, steps = 0j, 0
        while steps < max_iter and abs(z := z * z + c) <= radius:
            steps += 1
        return steps

    counts = [[count(complex(x, y) + nudge) for x in xs] for y in ys]
    return torch.tensor(counts, dtype=torch.int64).reshape(h, w)


def assert_mandelbrot(student, h, w, max_iter):
    """`student.mandelbrot`, point by point, but for those at the very edge of the set."""
    expected = escape_counts(h, w, max_iter)
    moved = [escape_counts(h, w, max_iter, nudge=NUDGE * 1j**turn) for turn in range(4)]
    clear = torch.stack([counts == expected for counts in moved]).all(0)
    result = student.mandelbrot(h, w, max_iter)
    is_turned = isinstance(result, torch.Tensor) and tuple(result.shape) == (w, h)
    assert_shape(result, (h, w), hint=AXES if is_turned else None)
    assert_dtype(result, torch.int64)
    assert_that(origin(result).has_data, tr("The picture is wrong."))
    if not _alike(result, expected, clear):
        raise CheckFailure(
            tr("The picture is wrong."),
            actual=tr("{wrong} of {total} points differ", wrong=int((result != expected).sum()), total=h * w),
            hint=_mandelbrot_hint(result, expected, clear, max_iter),
        )
    return result


def _alike(left, right, clear):
    return int((left != right)[clear].sum()) <= max(1, 0.01 * int(clear.sum()))


def _mandelbrot_hint(result, expected, clear, max_iter):
    h, w = expected.shape
    inside = expected == max_iter
    mistakes = [
        (escape_counts(w, h, max_iter).T, AXES),
        (torch.where(inside, expected, expected + 1), ONE_MORE),
        (expected + 1, ONE_MORE),
        (escape_counts(h, w, max_iter, radius=2**0.5), SQUARED_RADIUS),
        (escape_counts(h, w, max_iter, radius=4.0), SQUARED_RADIUS),
        (torch.where(inside, max_iter, 0), ALL_OR_NOTHING),
        (inside.long(), ALL_OR_NOTHING),
    ]
    for wrong, hint in mistakes:
        if _alike(result, wrong, clear):
            return hint
    if any(_alike(result, counted, clear) for counted in not_counted_outside(h, w, max_iter)):
        return NAN_COUNTED
    return None


def not_counted_outside(h, w, max_iter):
    """What comes of counting the steps after which |z| > 2 is false: NaN is not greater, in any arithmetic."""
    for dtype in (torch.float32, torch.float64):
        x, y = torch.linspace(-2, 0.5, w, dtype=dtype), torch.linspace(-1.25, 1.25, h, dtype=dtype)[:, None]
        c = torch.complex(x.expand(h, w), y.expand(h, w))
        z, counts = torch.zeros_like(c), torch.zeros(h, w, dtype=torch.int64)
        re, im, by_parts = torch.zeros_like(c.real), torch.zeros_like(c.real), torch.zeros_like(counts)
        for _ in range(max_iter):
            z, (re, im) = z * z + c, (re * re - im * im + c.real, 2 * re * im + c.imag)
            counts += ~(z.abs() > 2)
            by_parts += ~(re * re + im * im > 4)
        yield from (counts, by_parts)


def assert_edge_stays(student, h, w, max_iter):
    """The point -2, in the middle of the left column, has |z| = 2 after every step."""
    result = assert_mandelbrot(student, h, w, max_iter)
    steps = int(result[h // 2, 0])
    assert_that(
        steps == max_iter,
        tr("The point {point} does not have its number of steps.", point="-2"),
        hint=STRICT_BOUND if steps == 0 else None,
    )


KNOWN_POINTS = {
    "-2": (2, 0, 20),
    "-1": (2, 2, 20),
    "0": (2, 4, 20),
    "0.5": (2, 5, 4),
    "-2 - 1.25i": (0, 0, 0),
    "-1.5 + 0.625i": (3, 1, 2),
}
"""Row, column and steps of some points of mandelbrot(5, 6, 20), by hand."""


@exercise("mandelbrot", weight=2)
def test_known_points(student):
    """Points known by hand: -2, -1 and 0 stay, 0.5 goes after 4 steps."""
    result = assert_mandelbrot(student, 5, 6, 20)
    for point, (row, column, steps) in KNOWN_POINTS.items():
        assert_that(
            int(result[row, column]) == steps,
            tr("The point {point} does not have its number of steps.", point=point),
            expected=str(steps),
            actual=str(int(result[row, column])),
            hint=STRICT_BOUND if point == "-2" and int(result[row, column]) == 0 else None,
        )


@exercise("mandelbrot", weight=2)
@pytest.mark.parametrize(("h", "w", "max_iter"), [(9, 14, 30), (12, 7, 1), (16, 16, 50)])
def test_the_whole_picture(student, h, w, max_iter):
    """Pictures of any height and width, with few and with many iterations."""
    assert_mandelbrot(student, h, w, max_iter)


@exercise("mandelbrot", weight=3)
def test_mandelbrot_with_one_loop(student):
    """A single Python loop, over the iterations; and fast on a large picture."""
    assert_mandelbrot(student, 5, 8, 10)
    assert_vectorised(student, "mandelbrot", 60, 90, 20, seconds=1.0, operations=1000, allowed=1, hint=ONE_LOOP)


# ------------------------------------------------------------------------------------------- knn_predict

NEAREST = tr("These are the labels of the farthest points: topk gives the largest values unless told largest=False.")
LABELS_NOT_INDICES = tr(
    "The vote was taken among the positions of the neighbours: look up their labels first, ytr[positions]."
)
SKIPPED = tr("The nearest point itself was left out: the first k of the order are the neighbours, from position 0 on.")
ONLY_THE_NEAREST = tr("Only the nearest point had a say: let all k neighbours vote.")
SMALLEST_LABEL = tr("In a tie, the smallest of the labels with the most votes wins, whoever is nearer.")
WHOLE_LABELS = tr(
    "Labels are whole numbers: the result must be int64, as ytr is. Look for a mean or a float() on the way."
)
OWN_NEIGHBOURS = tr("The neighbours are the exercise: find them and count their votes with operations on tensors.")
LIBRARIES = ("sklearn", "scipy", "faiss")
MEAN_LABEL = tr("The labels were averaged: between a 3 and a 9 that is a 6. Count votes instead.")
ONE_LOOP_OVER_BLOCKS = tr(
    "One loop over blocks of test points is allowed, to save memory; a loop over single points is not needed: compute"
    " all the distances at once, and let topk work on every row."
)
ACCURACY_FLOOR = 0.94
"""The reference learns from 1000 digits and reads the other 797, always in that order: k=1 96.2 %, k=3 96.5 %,
k=5 95.7 %; of the first 200, k=3 96.5 %. The notebook's cell `accuracy` measures it:
``jupyter execute solutions/02_broadcasting/02_broadcasting.ipynb --output=/tmp/02.ipynb``."""


EARLIER = ("pairwise_sq_dists", "one_hot")


def with_references(knn_predict):
    """`knn_predict` with the course's own answers to the two earlier exercises, where it uses the student's."""
    import inspect

    def pairwise_sq_dists(X, Y):
        return (X[:, None, :] - Y).pow(2).sum(dim=-1)

    def one_hot(y, num_classes):
        return (y[..., None] == torch.arange(num_classes, device=y.device)).float()

    def predict(*args):
        scope = getattr(inspect.unwrap(knn_predict), "__globals__", {})
        own = {name: scope[name] for name in references if name in scope}
        scope.update(references)
        try:
            return knn_predict(*args)
        finally:
            for name in references:
                del scope[name]
            scope.update(own)

    references = {"pairwise_sq_dists": pairwise_sq_dists, "one_hot": one_hot}

    return predict


class Apart:
    """The student's notebook, but that `knn_predict` finds right answers to the exercises that it may build on."""

    def __init__(self, student):
        self._student = student
        self._predict = student.define(with_references)(student.knn_predict)
        self._predict.label = "knn_predict"

    def __getattr__(self, name):
        return self._predict if name == "knn_predict" else getattr(self._student, name)

    def __getitem__(self, name):
        return self._predict if name == "knn_predict" else self._student[name]


def with_either(student, check, *args):
    """An error in an earlier exercise is not counted again: where the student's own do not do, the references may."""
    try:
        check(student, *args)
    except (CheckFailure, StudentError) as error:
        try:
            check(Apart(student), *args)
        except (CheckFailure, StudentError):
            raise error from None


def votes(labels, *, wins=min):
    """The label with the most votes; `wins` decides among several."""
    counts = {label: labels.count(label) for label in labels}
    most = max(counts.values())
    return wins([label for label in labels if counts[label] == most])


def assert_knn(student, xtr, ytr, xte, k):
    """`student.knn_predict`, vote by vote."""
    order = sq_dists(xte, xtr).argsort(dim=1)
    near, far = order[:, :k], order.flip(1)[:, :k]
    elections = ytr[near].tolist()

    def predicted(choose):
        return torch.tensor([choose(labels) for labels in elections])

    mistakes = [
        *(
            [(torch.tensor([votes(labels) for labels in ytr[order[:, 1 : k + 1]].tolist()]), SKIPPED)]
            if k < len(xtr)
            else []
        ),
        (torch.tensor([votes(labels) for labels in ytr[far].tolist()]), NEAREST),
        (torch.tensor([votes(positions) for positions in near.tolist()]), LABELS_NOT_INDICES),
        (predicted(lambda labels: votes(labels, wins=max)), SMALLEST_LABEL),
        (predicted(lambda labels: votes(labels, wins=lambda tied: tied[0])), SMALLEST_LABEL),
        (predicted(lambda labels: labels[0]), ONLY_THE_NEAREST),
        (ytr[near].double().mean(1), MEAN_LABEL),
        (ytr[near].double().mean(1).long(), MEAN_LABEL),
        (ytr[near].double().mean(1).round(), MEAN_LABEL),
    ]
    result = student.knn_predict(xtr, ytr, xte, k)
    assert_close(result, predicted(votes), mistakes=mistakes)
    assert_whole_labels(result)
    assert_own_work(student, "knn_predict", xtr, ytr, xte, k, libraries=LIBRARIES, hint=OWN_NEIGHBOURS)
    return result


def assert_whole_labels(result):
    """Labels in int64."""
    is_decimal = isinstance(result, torch.Tensor) and result.is_floating_point()
    assert_dtype(result, torch.int64, hint=WHOLE_LABELS if is_decimal else None)


def assert_own_labels(student, xtr, ytr):
    """With k=1 each training point is its own neighbour."""
    result = student.knn_predict(xtr, ytr, xtr, 1)
    assert_close(result, ytr)
    assert_whole_labels(result)
    assert_own_work(student, "knn_predict", xtr, ytr, xtr, 1, libraries=LIBRARIES, hint=OWN_NEIGHBOURS)


def labelled_points(rng, n, m, d, k, *, classes=4, dtype=torch.float32):
    """Points, labels, and test points whose k-th neighbour is clearly nearer than the next one."""
    xtr, ytr = rng.normal(n, d, dtype=dtype), rng.integers(0, classes, n)
    candidates = rng.normal(20 * m + 20, d, dtype=dtype)
    distances = sq_dists(candidates, xtr).sort(dim=1).values
    gap = distances[:, k] - distances[:, k - 1] if k < n else torch.ones(len(candidates))
    return xtr, ytr, candidates[gap > 0.01][:m]


@lru_cache(maxsize=1)
def digits():
    """Scikit-learn's digits, pixels in [0, 1]: 1000 to learn from and 797 to read."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    x, y = torch.tensor(images, dtype=torch.float32) / 16, torch.tensor(labels, dtype=torch.int64)
    return x[:1000], y[:1000], x[1000:], y[1000:]


def assert_reads_digits(student, ytr, yte, count, k):
    """Reads `count` digits with the labels given; the labels of those to read stay here."""
    xtr, _, xte, _ = digits()
    result = student.knn_predict(xtr, ytr, xte[:count], k)
    assert_shape(result, (count,))
    assert_whole_labels(result)
    assert_own_work(student, "knn_predict", xtr[:20], ytr[:20], xte[:5], k, libraries=LIBRARIES, hint=OWN_NEIGHBOURS)
    accuracy = agreement(result, yte[:count])
    assert_that(
        accuracy >= ACCURACY_FLOOR,
        tr("Too few digits are read correctly."),
        expected=tr("at least {percent} %", percent=f"{100 * ACCURACY_FLOOR:.0f}"),
        actual=verbatim(f"{100 * accuracy:.1f} %"),
    )


@exercise("knn_predict", weight=2)
@pytest.mark.parametrize("k", [1, 3])
def test_neighbours_vote(student, k):
    """Each point gets the label that most of its k nearest neighbours have."""
    xtr = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [9.0, 9.0], [9.0, 8.0], [8.0, 9.0], [0.2, 0.1]])
    ytr = torch.tensor([4, 4, 4, 7, 7, 7, 9])
    with_either(student, assert_knn, xtr, ytr, torch.tensor([[0.25, 0.2], [8.75, 8.5], [7.0, 7.5], [0.1, 0.7]]), k)


@exercise("knn_predict")
def test_ties(student):
    """In a tie, the smallest label wins."""
    xtr, ytr = torch.tensor([[0.0], [1.0], [3.0], [4.5], [12.0], [15.0]]), torch.tensor([6, 2, 6, 2, 3, 8])
    with_either(student, assert_knn, xtr, ytr, torch.tensor([[0.2], [0.9], [14.5]]), 2)
    with_either(student, assert_knn, xtr, ytr, torch.tensor([[1.2], [2.9]]), 4)


@exercise("knn_predict")
def test_each_point_is_its_own_neighbour(student):
    """With k=1, the training points themselves get their own labels."""
    xtr, ytr, _ = labelled_points(Rng(FIXED), 30, 0, 4, 1)
    with_either(student, assert_own_labels, xtr, ytr)


@exercise("knn_predict")
def test_knn_predict_is_a_good_citizen(student):
    """The inputs stay as they were, and it would work on a GPU."""
    points = (*labelled_points(Rng(FIXED), 12, 5, 2, 3), 3)
    with_either(student, assert_good_citizen_knn, *points)


@exercise("knn_predict")
def test_knn_predict_without_loops_over_points(student):
    """No loop over points (one over blocks of them is allowed), and fast."""
    rng = Rng(FIXED)
    with_either(student, assert_knn, *labelled_points(rng, 12, 5, 2, 3), 3)
    with_either(student, assert_knn_vectorised, labelled_points(rng, 800, 0, 3, 3), rng.normal(900, 3), 3)


def assert_good_citizen_knn(student, *points):
    assert_knn(student, *points)
    student.knn_predict(*points)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.knn_predict, *points)


def assert_knn_vectorised(student, labelled, xte, k):
    xtr, ytr, _ = labelled
    hint = ONE_LOOP_OVER_BLOCKS
    call = assert_vectorised(
        student,
        "knn_predict",
        xtr,
        ytr,
        xte,
        k,
        seconds=2.0,
        operations=1500,
        allowed=1,
        apart=EARLIER if isinstance(student, Apart) else (),
        hint=hint,
    )
    assert_shape(call.value, (len(xte),))


@exercise("knn_predict", weight=2)
def test_digits_are_read(student):
    """At least 94 % of the first 200 test digits, having seen 1000."""
    _, ytr, _, yte = digits()
    with_either(student, assert_reads_digits, ytr, yte, 200, 3)
