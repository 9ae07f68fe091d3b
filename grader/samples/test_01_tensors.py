"""Visible checks of 01_tensors: what a student runs while working. Hidden ones ask the same of other inputs."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from grader.testing import (
    StudentError,
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_equal,
    assert_inputs_unchanged,
    assert_keys,
    assert_length,
    assert_python_number,
    assert_random_state_unchanged,
    assert_returns,
    assert_scales,
    assert_shape,
    assert_shares_memory,
    assert_that,
    exercise,
    origin,
    tr,
)

# ------------------------------------------------------------------------------------------ make_tensors

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


@exercise("make_tensors")
def test_tensors(student):
    """For n = 5 and for n = 2, the six tensors have the right shapes and values."""
    for n in (5, 2):
        assert_tensors(student.make_tensors(n), n)


@exercise("make_tensors")
def test_tensor_dtypes(student):
    """ints and nested hold whole numbers (int64); the others are float32."""
    for n in (4, 3):
        assert_tensor_dtypes(student.make_tensors(n), n)


@exercise("make_tensors")
def test_tensors_of_one_element(student):
    """For n = 1, as for n = 3, the vectors have one dimension and n elements."""
    for n in (1, 3):
        assert_tensors(student.make_tensors(n), n)


# ---------------------------------------------------------------------------------------------- describe

FACTS = ("ndim", "shape", "dtype", "device", "numel", "requires_grad")
TENSORS = [
    torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    torch.tensor(7),
    torch.zeros(0, 3),
    torch.ones(2, 3, 4, dtype=torch.float64),
    torch.tensor([True, False]),
    torch.tensor([0.5, 1.5], requires_grad=True),
]

ANY_RANK = tr("Does it hold for every number of dimensions? Think of a 0-d tensor, of a vector and of a 3-d tensor.")
FOLLOWED = tr("The question is whether autograd follows the tensor, not whether it has a gradient already.")
RESULTS_TOO = tr("Autograd follows the results of operations too, not only the tensors that it began with.")
WHICH_DEVICE = tr("Ask the tensor where it lies: on a GPU the answer is another one, such as cuda:0.")


def assert_facts(student, x, *keys):
    """Facts of `describe(x)`, exact in value and in Python type."""
    found = student.describe(x)
    assert_keys(found, FACTS)
    for key in keys:
        assert_fact(student, x, found, key)


def assert_fact(student, x, found, key):
    """One fact that `describe` found of x."""
    match key:
        case "ndim":
            assert_equal(found[key], x.ndim, name=key)
        case "shape":
            assert_equal(found[key], tuple(x.shape), name=key)
        case "dtype":
            assert_equal(found[key], x.dtype, name=key)
        case "numel":
            assert_equal(found[key], x.numel(), name=key, hint=ANY_RANK if type(found[key]) is int else None)
        case "requires_grad":
            assert_equal(found[key], x.requires_grad, name=key, hint=FOLLOWED)
            assert_results_are_followed(student, x)
        case "device":
            assert_equal(found[key], "cpu", name=key, hint=WHICH_DEVICE)
            assert_device_is_asked(student, x)


def describing_results(describe):
    return lambda x: describe(x * 1)


def assert_results_are_followed(student, x):
    """`describe` of what an operation makes of x."""
    describes = student.define(describing_results)(student.describe)
    describes.label = "(lambda x: describe(x * 1))"
    found = describes(x)
    assert_keys(found, FACTS)
    assert_equal(found["requires_grad"], x.requires_grad, name="requires_grad", hint=RESULTS_TOO)


def assert_device_is_asked(student, x):
    """`describe` names the GPU of a tensor on PyTorch's fake one."""
    try:
        found = student.call(student.describe, x, _fake_device="cuda").value
    except StudentError:
        return  # it looks at the tensor's values, and a fake one has none
    assert_keys(found, FACTS)
    assert_equal(found["device"], "cuda:0", name="device", hint=WHICH_DEVICE)


@exercise("describe", weight=3)
@pytest.mark.parametrize("key", FACTS)
def test_facts(student, key):
    """Each fact is right for a matrix, a 0-d tensor, an empty one, a 3-d one, booleans, and with gradients."""
    for x in TENSORS:
        assert_facts(student, x, key)


@exercise("describe")
def test_description_changes_nothing(student):
    """Describing a tensor leaves it as it was."""
    for x in TENSORS:
        assert_facts(student, x, *FACTS)
        student.describe(x)
        assert_inputs_unchanged(student)


# ------------------------------------------------------------------------------------------------ arrays

ARRAYS = [
    np.array([1.5, -2.0, 3.25]),
    np.array([[1, 2, 3], [4, 5, 6]], dtype=np.int32),
    np.array([0.5, 0.25], dtype=np.float32),
]
WATCHED = [torch.tensor([1.0, 2.0], requires_grad=True), torch.arange(6.0, dtype=torch.float64).reshape(2, 3).t()]

DTYPE_KEPT = tr("The dtype changed on the way: torch.Tensor(…), .float() and .tolist() do not keep it.")
COPIED = tr("You copied: change a[0] after the call, and look at the tensor. Which function makes no copy?")
STILL_SHARED = tr("Tensor and array are still the same memory: whoever writes in one of them changes the other too.")
DETACHED_IN_PLACE = tr("detach() gives another tensor; detach_() and requires_grad_(False) change the one you have.")


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
    assert_dtype(tensor, expected.dtype, hint=DTYPE_KEPT)
    return tensor


def assert_sharing(student, arrays, *, share, value=7):
    """After a write in the array or in the tensor, the other one has changed too (or, if not `share`, has not)."""
    write = student.define(write_in_both)
    for a in arrays:
        tensor = assert_from_array(student, a, share=share)
        assert_shares_memory(tensor, shares=share, hint=COPIED if share else STILL_SHARED)
        before, after = torch.from_numpy(a.copy()), torch.from_numpy(a.copy())
        after[(0,) * a.ndim] = value
        tensor, array = write(student.from_array, a, share, value)
        assert_close(tensor, after if share else before, rtol=0, atol=0, hint=COPIED if share else STILL_SHARED)
        expected = after.numpy() if share else before.numpy()
        assert_close(array, expected, rtol=0, atol=0, hint=COPIED if share else STILL_SHARED)


def assert_to_array(student, t):
    """The array of `to_array` has the tensor's values and dtype."""
    array = student.to_array(t)
    expected = t.detach().numpy()
    assert_returns(array, np.ndarray)
    assert_close(array, expected, rtol=0, atol=0)
    assert_dtype(array, expected.dtype, hint=DTYPE_KEPT)


@exercise("arrays", weight=2)
def test_tensor_from_array(student):
    """from_array keeps values and dtype: float64, int32, float32."""
    for a in ARRAYS:
        assert_from_array(student, a, share=True)
        assert_from_array(student, a, share=False)


@exercise("arrays", weight=2)
def test_shared_memory(student):
    """With share=True, a write in the array is seen in the tensor, and the other way round."""
    assert_sharing(student, ARRAYS, share=True)


@exercise("arrays")
def test_separate_memory(student):
    """With share=False, each has memory of its own."""
    assert_sharing(student, ARRAYS, share=False)


@exercise("arrays")
def test_array_from_tensor(student):
    """to_array keeps values and dtype, and returns a NumPy array."""
    for a in ARRAYS:
        assert_to_array(student, torch.from_numpy(a))


@exercise("arrays")
def test_array_from_any_tensor(student):
    """to_array takes a tensor with gradient and a transposed one."""
    for t in WATCHED:
        assert_to_array(student, t)


@exercise("arrays")
def test_tensor_untouched(student):
    """to_array leaves the tensor as it was, requires_grad too."""
    for t in WATCHED:
        assert_to_array(student, t)
        assert_inputs_unchanged(student, hint=DETACHED_IN_PLACE)


# --------------------------------------------------------------------------------------------- shape_gym

PIECES = ("rows", "cols_first", "flat", "lifted")

OTHER_ORDER = tr("Same shape, different order: compare the entry [0, 1] with the one that was asked.")
ROW_BY_ROW = tr("You read it row by row; the transpose was to be read, so x's two halves alternate.")
POSITION = tr("unsqueeze(k) puts the new dimension at position k, counted from 0.")
KEEP_ONES = tr("n = 1 is no exception: a dimension of size 1 stays. squeeze removes all of them.")


def assert_pieces(student, x, *names):
    """Some of the four tensors of `shape_gym(x)`."""
    pieces = student.shape_gym(x)
    assert_length(pieces, 4)
    for name in names:
        assert_piece(x, pieces, name)


def assert_piece(x, pieces, piece):
    """One of the four tensors."""
    n = x.numel() // 2
    halves = x[:n], x[n:]
    rows, columns = torch.stack(halves), torch.stack(halves, dim=1)
    expected = {"rows": rows, "cols_first": columns, "flat": columns.flatten(), "lifted": torch.stack(halves)[:, None]}
    mistakes = {
        "rows": [(columns.reshape(2, n), OTHER_ORDER)],
        "cols_first": [(rows.reshape(n, 2), OTHER_ORDER)],
        "flat": [(rows.flatten(), ROW_BY_ROW)],
        "lifted": [(rows.unsqueeze(0), POSITION), (rows.unsqueeze(2), POSITION), (x.unsqueeze(1), POSITION)],
    }
    found = pieces[PIECES.index(piece)]
    assert_returns(found, torch.Tensor, name=piece)
    assert_close(
        found,
        expected[piece],
        rtol=0,
        atol=0,
        name=piece,
        mistakes=mistakes[piece] if n > 1 else (),
        hint=KEEP_ONES if n == 1 and found.ndim < expected[piece].ndim else None,
    )


@exercise("shape_gym", weight=2)
@pytest.mark.parametrize("piece", PIECES)
def test_pieces(student, piece):
    """rows, cols_first, flat and lifted have the right shape, and each value is in its place."""
    for x in (torch.arange(6), torch.arange(10)):
        assert_pieces(student, x, piece)


@exercise("shape_gym")
def test_pieces_of_two_elements(student):
    """With n = 1, as with n = 3, no dimension disappears."""
    for x in (torch.tensor([3.0, 4.0]), torch.arange(6)):
        assert_pieces(student, x, *PIECES)


@exercise("shape_gym")
def test_pieces_of_every_second_element(student):
    """It takes an x that is not contiguous or that lies on a GPU, and leaves it as it was."""
    for x in (torch.arange(12)[::2], torch.arange(20.0)[::2]):
        assert_pieces(student, x, *PIECES)
        assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.shape_gym, torch.arange(6.0))


# ---------------------------------------------------------------------------------------- slice_practice

SELECTIONS = ("last_row", "third_column", "even_rows_odd_columns", "above")
GRID = torch.tensor([[3, 8, 1, 6, 4], [7, 2, 9, 5, 0], [11, 14, 10, 13, 12]])

COLUMN = tr("It has shape (M,) and (M, 1) was asked: an index drops its dimension, a slice keeps it.")
ROW = tr("It has shape (1, N) and (N,) was asked: a slice keeps its dimension, an index drops it.")
COUNT_FROM_0 = tr("Counting begins at 0: column 1 is the second one, column 3 the fourth.")
ROWS_FIRST = tr("That is the last column: the first index chooses the row, the second one the column.")
EVEN_FROM_0 = tr("Counting begins at 0: rows 0, 2, 4… are the even ones, columns 1, 3, 5… the odd ones.")
LAST_OF_ANY = tr("Is a number of rows or columns written in the code? The last one of any tensor has index -1.")
STRICTLY = tr("Above the threshold means greater than it: an equal value stays out.")
SELECT_WITH_MASK = tr("A mask in the brackets selects the values themselves, in one dimension.")
VIEW = tr("It is a copy: a list of indices copies, and so does clone. A slice with : is a view of x.")


def assert_selections(student, x, threshold, *names):
    """Some of the four selections of `slice_practice(x, threshold)`."""
    selections = student.slice_practice(x, threshold)
    assert_length(selections, 4)
    for name in names:
        assert_selection(x, threshold, selections, name)


def assert_selection(x, threshold, selections, selection):
    """One of the four selections."""
    m, n = x.shape
    found = selections[SELECTIONS.index(selection)]
    flat = x.flatten()
    match selection:
        case "last_row":
            expected, hint = x.select(0, m - 1), LAST_OF_ANY
            mistakes = [(x.narrow(0, m - 1, 1), ROW), (x.select(1, n - 1), ROWS_FIRST)]
        case "third_column":
            expected, hint = x.narrow(1, 2, 1), COUNT_FROM_0
            mistakes = [(x.select(1, 2), COLUMN), (x.narrow(1, 1, 1), COUNT_FROM_0)]
            if n > 3:
                mistakes.append((x.narrow(1, 3, 1), COUNT_FROM_0))
        case "even_rows_odd_columns":
            rows, columns = torch.arange(0, m, 2), torch.arange(1, n, 2)
            expected, hint, mistakes = x.index_select(0, rows).index_select(1, columns), EVEN_FROM_0, []
        case "above":
            expected, hint = flat[flat.gt(threshold)], SELECT_WITH_MASK
            mistakes = [(flat[flat.ge(threshold)], STRICTLY)]
    assert_close(found, expected, rtol=0, atol=0, name=selection, mistakes=mistakes, hint=hint)
    assert_dtype(found, x.dtype, name=selection)
    if selection != "above":
        assert_shares_memory(found, name=selection, hint=VIEW)


@exercise("slice_practice", weight=3)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_selections(student, selection):
    """Each selection has the right shape and values, in tensors of two sizes; the first three are views of x."""
    for x in (GRID, GRID[:2, :4], GRID.t()):
        assert_selections(student, x, 7, selection)


@exercise("slice_practice")
def test_selections_at_the_edges(student):
    """It works on one row, on three columns, and with nothing above the threshold."""
    for x, threshold in ((GRID[:1], 3), (GRID[:, :3], 100), (GRID[:1, :3], -1)):
        assert_selections(student, x, threshold, *SELECTIONS)


@exercise("slice_practice")
def test_sliced_unchanged(student):
    """x is as it was after the call."""
    for x in (GRID, GRID / 4):
        assert_selections(student, x, 2, *SELECTIONS)
        assert_inputs_unchanged(student)


# ----------------------------------------------------------------------------------------- clip_outliers

NAN = float("nan")
READINGS = torch.tensor([0.5, -3.0, 2.0, 9.0, 1.0, -2.0, 5.0])

BOTH_SIDES = tr("Values below low and values above high both count.")
LIMITS_STAY = tr("A value equal to low or to high is no outlier: it does not change.")
NAN_STAYS = tr("NaN is neither below low nor above high: it stays, and it has not changed.")
NAN_DIFFERS = tr("NaN differs from everything, from itself too: y != x counts it.")
COPY_FIRST = tr(
    "Your input changed too: what works in place (x[mask] = …, clamp_) writes in the tensor of whoever called you."
    " clone it first."
)
ROUNDED = tr("Clipping rounds nothing: the values in between stay as they were, to the last digit.")
NEW_TENSOR = tr("y is x itself, or a view of it: who writes in y would change x. Return a new tensor.")
DTYPE_OF_X = tr("y has the dtype of x: whole numbers stay whole numbers.")


def assert_clipped(student, x, low, high):
    """`clip_outliers(x, low, high)` gives the right values; returns the number of changes that it claims."""
    result = student.clip_outliers(x, low, high)
    assert_length(result, 2)
    y, n_changed = result
    expected = torch.where(x < low, torch.full_like(x, low), torch.where(x > high, torch.full_like(x, high), x))
    assert_close(y, expected, name="y", hint=NAN_STAYS if has_other_nans(y, x) else None)
    if y.dtype == x.dtype:
        assert_close(y, expected, rtol=0, atol=0, name="y", hint=ROUNDED)
    return y, n_changed


def has_other_nans(y, x):
    """Whether y, of the shape of x, has NaN in other places."""
    if not isinstance(y, torch.Tensor) or y.shape != x.shape or not origin(y).has_data:
        return False
    return not torch.equal(y != y, x != x)


def assert_changes_counted(student, x, low, high):
    """… and the right number of changes, as a Python int."""
    _, n_changed = assert_clipped(student, x, low, high)
    assert_python_number(n_changed, int, name="n_changed")
    below, above = int((x < low).sum()), int((x > high).sum())
    at_limits = int(((x == low) | (x == high)).sum())
    nans = int((x != x).sum())
    mistakes = [
        (below + above + nans, NAN_DIFFERS),
        (below + above + at_limits, LIMITS_STAY),
        (below, BOTH_SIDES),
        (above, BOTH_SIDES),
    ]
    assert_equal(n_changed, below + above, name="n_changed", mistakes=mistakes)


def assert_input_kept(student, x, low, high):
    """… and x is as it was, with memory of its own."""
    y, _ = assert_clipped(student, x, low, high)
    assert_inputs_unchanged(student, hint=COPY_FIRST)
    assert_shares_memory(y, shares=False, name="y", hint=NEW_TENSOR)


@exercise("clip_outliers", weight=2)
def test_clipped_values(student):
    """Values below low become low, values above high become high, the others stay."""
    assert_clipped(student, READINGS, -2, 5)
    assert_clipped(student, READINGS.reshape(7, 1), 0.0, 1.5)
    assert_clipped(student, READINGS.double() / 3, 0.1, 0.1)
    assert_clipped(student, READINGS[3], 0, 5)


@exercise("clip_outliers", weight=2)
def test_changes_counted(student):
    """n_changed is a Python int: how many values changed."""
    assert_changes_counted(student, READINGS, -2, 5)
    assert_changes_counted(student, READINGS, 0.75, 1.5)
    assert_changes_counted(student, READINGS, -100, 100)


@exercise("clip_outliers", weight=2)
def test_clipping_keeps_the_input(student):
    """x is as it was, and y is a new tensor, also when there is nothing to clip."""
    assert_input_kept(student, READINGS, 0, 5)
    assert_input_kept(student, READINGS, -100, 100)


@exercise("clip_outliers")
def test_clipping_nan(student):
    """NaN stays NaN and does not count as a change."""
    assert_changes_counted(student, torch.tensor([NAN, 3.0, -1.0, NAN]), 0, 2)
    assert_changes_counted(student, torch.tensor([[0.5, NAN]]), 0, 2)


@exercise("clip_outliers")
def test_clipping_whole_numbers(student):
    """A tensor of whole numbers gives one of the same dtype."""
    for dtype in (torch.int64, torch.int32):
        x = torch.tensor([[4, -7, 12], [0, 3, 99]], dtype=dtype)
        assert_changes_counted(student, x, 0, 10)
        y, _ = student.clip_outliers(x, 0, 10)
        assert_dtype(y, dtype, name="y", hint=DTYPE_OF_X)


# ---------------------------------------------------------------------------------------- random_tensors

DRAWS = 20_000

SEED_DECIDES = tr("The seed alone must decide: is it given to the generator, and the generator to each draw?")
OWN_GENERATOR = tr(
    "You changed everybody's generator: torch.manual_seed and draws without generator= use the global one. Make your"
    " own with torch.Generator."
)
VALUES_IN_0_1 = tr("Its values are all in [0, 1): that is the uniform distribution, not the normal one.")
FLOAT_FOR_RAND = tr("There is no random whole number in [0, 1): for such an x, give rand a float dtype.")
FROM_VALUES = tr(
    "It is computed from the values of x, and 0 times NaN or infinity is NaN: only the shape of x matters."
)
GIVEN_DTYPE = tr("dtype=None means the dtype of x; any other one is the dtype that was asked.")


def assert_samples(student, shape, seed):
    """A pair of float32 tensors of that shape, the first in [0, 1)."""
    pair = student.seeded_samples(shape, seed)
    assert_length(pair, 2)
    for name, tensor in zip(("uniform", "normal"), pair, strict=True):
        assert_shape(tensor, shape, name=name)
        assert_dtype(tensor, torch.float32, name=name)
    assert_in_unit_interval(pair[0], "uniform")
    return pair


def assert_in_unit_interval(tensor, name):
    """Every value is in [0, 1), or 1 where a float64 just below it was rounded to float32."""
    assert_that(
        bool(((tensor >= 0) & (tensor <= 1)).all()),
        tr("Some values of `{name}` are outside [0, 1).", name=name),
        hint=tr("rand draws from [0, 1); randn draws from the normal distribution."),
    )


def assert_seed_decides(student, shape, seed, other):
    """Equal seeds give equal samples, and another seed gives others."""
    first, again, different = (assert_samples(student, shape, number) for number in (seed, seed, other))
    for position, name in enumerate(("uniform", "normal")):
        assert_that(
            torch.equal(first[position], again[position]),
            tr("Two calls with the same seed give different values of `{name}`.", name=name),
            hint=SEED_DECIDES,
        )
        assert_that(
            not torch.equal(first[position], different[position]),
            tr("Another seed gives the same values of `{name}`.", name=name),
            hint=SEED_DECIDES,
        )


def assert_distributions(student, seed, other):
    """Mean, standard deviation and tails of many draws, within five standard errors."""
    assert_seed_decides(student, (3, 5), seed, other)
    uniform, normal = assert_samples(student, (DRAWS // 4, 4), seed)
    assert_moments(uniform, "uniform", mean=0.5, std=12**-0.5)
    in_unit_interval = bool(((normal >= 0) & (normal < 1)).all())
    assert_moments(normal, "normal", mean=0.0, std=1.0, hint=VALUES_IN_0_1 if in_unit_interval else None)
    beyond_one = float((normal.abs() > 1).double().mean())
    assert_that(
        abs(beyond_one - 0.3173) < 5 * (0.3173 * 0.6827 / DRAWS) ** 0.5,
        tr("The values of `{name}` do not follow the distribution that was asked.", name="normal"),
        hint=tr("About 68 % of normal values are between -1 and 1: look at its histogram."),
    )


def assert_moments(tensor, name, *, mean, std, hint=None):
    """The mean and the standard deviation of `DRAWS` values."""
    found_mean, found_std = float(tensor.double().mean()), float(tensor.double().std())
    tolerance = 5 * std / DRAWS**0.5
    assert_that(
        abs(found_mean - mean) < tolerance and abs(found_std - std) < tolerance,
        tr("The values of `{name}` do not follow the distribution that was asked.", name=name),
        expected=tr("mean {mean} and standard deviation {std}", mean=f"{mean:.2f}", std=f"{std:.2f}"),
        actual=tr("mean {mean} and standard deviation {std}", mean=f"{found_mean:.2f}", std=f"{found_std:.2f}"),
        hint=hint,
    )


def assert_like(student, x, kind, *dtype, expected):
    """`like(x, kind)` has the shape of x, the dtype `expected` and the values that `kind` names."""
    tensor = student.like(x, kind, *dtype)
    match kind:
        case "zeros":
            assert_close(tensor, torch.zeros(x.shape), mistakes=[(x * 0, FROM_VALUES)])
        case "ones":
            assert_close(tensor, torch.ones(x.shape), mistakes=[(x * 0 + 1, FROM_VALUES), (x / x, FROM_VALUES)])
        case "rand":
            assert_shape(tensor, x.shape)
            assert_dtype(tensor, expected, hint=GIVEN_DTYPE if dtype or x.is_floating_point() else FLOAT_FOR_RAND)
            assert_in_unit_interval(tensor, "like")
            again = student.like(x, kind, *dtype)
            assert_shape(again, x.shape)
            assert_that(
                x.numel() < 2 or not torch.equal(tensor, again),
                tr("Two calls give the same values: they should be random."),
            )
    assert_dtype(tensor, expected, hint=GIVEN_DTYPE)


def assert_like_is_uniform(student):
    """`like(x, "rand")` of many values follows its distribution."""
    tensor = student.like(torch.zeros(DRAWS // 4, 4), "rand")
    assert_shape(tensor, (DRAWS // 4, 4))
    assert_moments(tensor, "like", mean=0.5, std=12**-0.5)


@exercise("random_tensors", weight=2)
def test_seed_decides(student):
    """The same seed gives the same tensors, another seed gives others."""
    assert_seed_decides(student, (2, 3), 10, 11)
    assert_seed_decides(student, (7,), 101, 0)


@exercise("random_tensors", weight=2)
def test_distributions(student):
    """One tensor is uniform in [0, 1), the other is normal with mean 0 and standard deviation 1."""
    assert_distributions(student, 10, 11)


@exercise("random_tensors", weight=2)
def test_global_generator_untouched(student):
    """The global random state is the same before and after."""
    assert_seed_decides(student, (4, 2), 10, 11)
    assert_random_state_unchanged(student, hint=OWN_GENERATOR)


@exercise("random_tensors", weight=2)
def test_like(student):
    """like takes shape, dtype and device from x, and gives zeros, ones or random values."""
    for x in (
        torch.tensor([[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]),
        torch.zeros(4, 1, dtype=torch.float64),
        torch.tensor([NAN, 1.5, float("inf"), -float("inf")]),
    ):
        for kind in ("zeros", "ones", "rand"):
            assert_like(student, x, kind, expected=x.dtype)
            assert_inputs_unchanged(student)
            assert_device_agnostic(student, student.like, x, kind)
    assert_like_is_uniform(student)


@exercise("random_tensors", weight=2)
def test_like_with_a_dtype(student):
    """dtype= wins over the dtype of x; rand of whole numbers or booleans is float32."""
    whole, truths = torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.tensor([True, False, True])
    assert_like(student, whole, "ones", torch.float64, expected=torch.float64)
    assert_like(student, whole, "zeros", torch.float32, expected=torch.float32)
    assert_like(student, truths, "zeros", expected=torch.bool)
    assert_like(student, whole, "rand", torch.float64, expected=torch.float64)
    for x in (whole, truths):
        assert_like(student, x, "rand", expected=torch.float32)


# ----------------------------------------------------------------------------------------- contact_sheet

STRIPS = tr("The pictures are sliced into strips: a reshape alone keeps the order in memory. permute first.")
LAST_ROW = tr("The last row of pictures is missing: a row that is not full is a row too. Round up.")
BY_COLUMNS = tr("The pictures go down the columns; they are read like text, from left to right.")
BORDER = tr("The border goes around every picture, around the whole sheet too: ncols pictures have ncols + 1 borders.")
CHANNELS_LAST = tr("permute takes the old positions in their new order: channels are 0, height 1, width 2.")
DTYPE_OF_PICTURES = tr("torch.zeros alone makes float32: give it the dtype of the pictures.")
PIXEL_LOOP = tr("A loop over pixels is too slow: place a whole picture at a time, with a slice.")


def sheet_of(images, ncols, pad, *, whole_rows=False, sliced=False):
    """The contact sheet, or the one of a known mistake."""
    n, _, height, width = images.shape
    nrows = n // ncols if whole_rows else -(-n // ncols)
    tiles = functional.pad(images.double(), (pad, 0, pad, 0))[: nrows * ncols]
    tiles = torch.cat([tiles, tiles.new_zeros(nrows * ncols - len(tiles), *tiles.shape[1:])])
    size = nrows * (height + pad), ncols * (width + pad)
    step = height + pad, width + pad
    sheet = tiles.reshape(1, *size) if sliced else functional.fold(tiles.flatten(1).T, size, step, stride=step)
    return functional.pad(sheet[0], (0, pad, 0, pad)).to(images.dtype)


def assert_sheet(student, images, ncols, *pad):
    """`contact_sheet(images, ncols, pad)`: every picture in its place, zeros elsewhere."""
    sheet = student.contact_sheet(images, ncols, *pad)
    gap = pad[0] if pad else 1
    right = sheet_of(images, ncols, gap)
    mistakes = [(sheet_of(images, ncols, gap, sliced=True), STRIPS)]
    if len(images) % ncols and len(images) > ncols:
        mistakes.append((sheet_of(images, ncols, gap, whole_rows=True), LAST_ROW))
    elif len(images) % ncols == 0:
        nrows = len(images) // ncols
        by_columns = images.reshape(ncols, nrows, *images.shape[1:]).transpose(0, 1).reshape(images.shape)
        mistakes.append((sheet_of(by_columns, ncols, gap), BY_COLUMNS))
    if gap:
        mistakes.append((right[gap:-gap, gap:-gap], BORDER))
        mistakes.append((right[:-gap, :-gap], BORDER))
    assert_close(sheet, right, rtol=0, atol=0, mistakes=mistakes)
    assert_dtype(sheet, images.dtype, hint=DTYPE_OF_PICTURES if sheet.dtype is torch.float32 else None)


def assert_channels_last(student, image):
    """`to_hwc(image)`: the same picture with its channels last."""
    channels, height, width = image.shape
    hints = [(image.reshape(height, width, channels), STRIPS), (image.transpose(0, 2), CHANNELS_LAST)]
    expected = torch.stack(list(image), dim=2)
    assert_close(student.to_hwc(image), expected, rtol=0, atol=0, mistakes=hints, hint=CHANNELS_LAST)


def assert_no_pixel_loop(student, images):
    """A sheet of large pictures takes a few operations a picture (or a row of pixels), and not a few a pixel."""
    assert_sheet(student, images, 3)
    operations = 10 * images.shape[0] * images.shape[2]
    assert_scales(student, student.contact_sheet, images, 3, seconds=2, operations=operations, hint=PIXEL_LOOP)


def pictures(n, height, width):
    """Pictures whose pixels are all different, and none zero."""
    return torch.arange(1.0, n * height * width + 1).reshape(n, 1, height, width)


@exercise("contact_sheet", weight=2)
def test_sheet(student):
    """Every picture is in its place and the borders are zeros."""
    assert_sheet(student, pictures(6, 2, 3), 3)
    assert_sheet(student, pictures(6, 4, 2), 2, 2)


@exercise("contact_sheet", weight=2)
def test_sheet_that_is_not_full(student):
    """A last row that is not full ends with empty places."""
    assert_sheet(student, pictures(5, 2, 3), 2)
    assert_sheet(student, pictures(2, 3, 2), 4)
    assert_sheet(student, pictures(1, 1, 1), 1)


@exercise("contact_sheet")
def test_sheet_without_border(student):
    """With pad = 0 the pictures touch."""
    assert_sheet(student, pictures(6, 2, 3), 2, 0)
    assert_sheet(student, pictures(7, 3, 1), 3, 0)


@exercise("contact_sheet")
def test_sheet_dtype(student):
    """The sheet has the dtype and the device of the pictures, and they stay as they were."""
    for dtype in (torch.uint8, torch.float64):
        assert_sheet(student, pictures(5, 3, 4).to(dtype), 3)
        assert_inputs_unchanged(student)
    assert_sheet(student, -pictures(4, 2, 3) / 7, 3)
    assert_sheet(student, pictures(3, 2, 1) > 2, 2)
    assert_device_agnostic(student, student.contact_sheet, pictures(5, 3, 4), 3)


@exercise("contact_sheet")
def test_sheet_of_large_pictures(student):
    """No loop goes from pixel to pixel."""
    assert_sheet(student, pictures(5, 2, 3), 3)
    assert_no_pixel_loop(student, pictures(6, 60, 90))


@exercise("contact_sheet")
def test_channels_last(student):
    """to_hwc puts the channels last, for colour and for grey."""
    for image in (torch.arange(24).reshape(3, 2, 4), torch.arange(6.0).reshape(1, 3, 2)):
        assert_channels_last(student, image)
        assert_inputs_unchanged(student)
        assert_device_agnostic(student, student.to_hwc, image)
