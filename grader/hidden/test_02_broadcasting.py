"""Hidden checks of 02_broadcasting: the visible ones again, on inputs that are new at every grading."""

import pytest
import torch

from grader.samples.test_02_broadcasting import (
    ONE_HOT_DEVICE,
    assert_broadcast,
    assert_dtypes_kept,
    assert_edge_stays,
    assert_elementwise,
    assert_eps_is_added,
    assert_far_from_zero,
    assert_good_citizen_knn,
    assert_knn,
    assert_knn_vectorised,
    assert_mandelbrot,
    assert_matrix_product,
    assert_mean_table,
    assert_never_negative,
    assert_norms,
    assert_one_hot,
    assert_outer,
    assert_outer_gradients,
    assert_own_labels,
    assert_reads_digits,
    assert_refuses,
    assert_sq_dists,
    assert_standardized,
    assert_sums_and_norms_good_citizens,
    assert_sums_and_norms_vectorised,
    assert_vectorised,
    digits,
    far_table,
    labelled_points,
    table_with_spread,
    with_either,
)
from grader.testing import (
    assert_device_agnostic,
    assert_dtype,
    assert_inputs_unchanged,
    exercise,
)

# -------------------------------------------------------------------------------------- broadcast_shape


def fitting_shapes(rng, rank_a, rank_b):
    """Two shapes of those ranks that broadcast: each pair of sizes is equal, or one of the two is 1."""
    common = [rng.integer(2, 9) for _ in range(max(rank_a, rank_b))]
    a, b = list(common[-rank_a:] if rank_a else []), list(common[-rank_b:] if rank_b else [])
    for place in range(1, min(rank_a, rank_b) + 1):
        match rng.integer(0, 3):  # two equal sizes fit as well
            case 0:
                a[-place] = 1
            case 1:
                b[-place] = 1
    return tuple(a), tuple(b)


@exercise("broadcast_shape", weight=3)
@pytest.mark.parametrize(("rank_a", "rank_b"), [(2, 2), (3, 1), (2, 4), (5, 3)])
def test_any_two_shapes_that_fit(student, rng, rank_a, rank_b):
    """Any two shapes that fit, of any number of dimensions."""
    for _ in range(5):
        a, b = fitting_shapes(rng, rank_a, rank_b)
        assert_broadcast(student, a, b)
        assert_broadcast(student, b, a)


@exercise("broadcast_shape", weight=2)
def test_any_equal_sizes_fit(student, rng):
    """Equal sizes fit, whatever they are."""
    n, m = rng.integer(2, 9), rng.integer(2, 9)
    for a, b in (((n,), (n,)), ((n, m, 1), (m, n)), ((1, m), (n, m)), ((0, n), (0, n))):
        assert_broadcast(student, a, b)
        assert_broadcast(student, b, a)


@exercise("broadcast_shape")
def test_shapes_without_dimensions_and_of_size_zero(student, rng):
    """Scalars, and sizes of 0."""
    n, m = rng.integer(2, 9), rng.integer(2, 9)
    assert_broadcast(student, (n, 1), (m,))
    assert_broadcast(student, (), (n, m))
    assert_broadcast(student, (m, n, 1), ())
    assert_broadcast(student, (1, n), (0, 1))
    assert_broadcast(student, (1,), (m, 0))


@exercise("broadcast_shape", weight=2)
def test_any_two_shapes_that_do_not_fit(student, rng):
    """Any two shapes that do not fit are refused, with both in the message."""
    n, m = rng.integer(2, 9), rng.integer(2, 9)
    assert_refuses(
        student, ((n,), (n + 1,)), ((m, n), (n + 2, 1, n + 1)), ((n, n + m), (n,)), ((m, 0), (n,)), ((n + 1, m), (n, m))
    )


# ------------------------------------------------------------------------------------------------ outer


@exercise("outer", weight=3)
@pytest.mark.parametrize(("n", "m"), [(4, 4), (3, 7), (1, 6), (5, 1)])
def test_vectors_of_any_sizes(student, rng, n, m):
    """Vectors of any sizes, also of one entry or none, in float32 and float64."""
    assert_outer(student, rng.normal(n), rng.normal(m))
    assert_outer(student, rng.normal(2 * n, dtype=torch.float64)[::2], rng.normal(m, 3, dtype=torch.float64)[:, 1])
    assert_outer(student, rng.normal(0), rng.normal(m))


@exercise("outer")
def test_outer_dtypes_of_any_pair(student, rng):
    """The dtype is the one that PyTorch gives to a product of the two."""
    whole, decimal = rng.integers(-5, 6, 4), rng.normal(3)
    assert_dtype(assert_outer(student, decimal, whole), torch.float32)
    assert_dtype(assert_outer(student, whole, decimal.double()), torch.float64)
    assert_dtype(assert_outer(student, whole[1:], whole), torch.int64)
    assert_dtype(assert_outer(student, whole.int(), (whole + 9).to(torch.uint8)), torch.int32)
    assert_dtype(assert_outer(student, whole + 2 * 10**9, whole * 3 + 1), torch.int64)


@exercise("outer")
def test_gradients_of_any_vectors(student, rng):
    """Gradients flow back to vectors of any sizes."""
    assert_outer_gradients(student, rng.normal(5), rng.normal(2), rng.normal(5, 2))


@exercise("outer")
def test_outer_leaves_its_inputs_alone(student, rng):
    """The inputs stay as they were, also views of other tensors, and it would work on a GPU."""
    a, b = rng.normal(8)[::2], rng.normal(5)
    assert_outer(student, a, b)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.outer, a, b)


@exercise("outer", weight=2)
def test_outer_of_large_vectors(student, rng):
    """No Python loops, and fast on large vectors."""
    assert_outer(student, rng.normal(3), rng.normal(2))
    assert_vectorised(student, "outer", rng.normal(1200), rng.normal(1000), seconds=1.0)


# ------------------------------------------------------------------------------------------ standardize


@exercise("standardize", weight=3)
@pytest.mark.parametrize("dim", [None, 0, 1, -1, -2])
@pytest.mark.parametrize("shape", [(5, 3), (4, 4), (2, 7)], ids=str)
def test_any_table(student, rng, shape, dim):
    """Tables of any shape, along either dimension; transposed ones, too."""
    assert_standardized(student, table_with_spread(rng, *shape), dim)
    assert_standardized(student, table_with_spread(rng, *shape[::-1], dtype=torch.float64).T, dim)


@exercise("standardize")
def test_constant_rows_and_columns(student, rng):
    """Constant columns and rows, and tables of a single row or column, give zeros."""
    x = table_with_spread(rng, 4, 3)
    x[:, rng.integer(0, 3)] = float(rng.integer(2, 9))
    assert_standardized(student, x)
    assert_standardized(student, x.T, 1)
    assert_standardized(student, table_with_spread(rng, 1, 5), 0)
    assert_standardized(student, table_with_spread(rng, 5, 1), -1)


@exercise("standardize", weight=2)
@pytest.mark.parametrize("dim", [0, -1])
def test_any_eps_is_added_to_the_deviation(student, rng, dim):
    """eps is added to the deviation, whatever its value."""
    for dtype in (torch.float32, torch.float64):
        assert_eps_is_added(student, table_with_spread(rng, 6, 4, dtype=dtype), dim)


@exercise("standardize")
@pytest.mark.parametrize("dim", [0, 1])
def test_any_slice_far_from_zero(student, rng, dim):
    """A slice whose mean is thousands of times its deviation keeps its digits."""
    assert_standardized(student, table_with_spread(rng, 5, 3), dim)
    for base, dtype in ((2**14 + rng.integer(0, 2**14), torch.float32), (2**30 + rng.integer(0, 2**30), torch.float64)):
        x = far_table(rng, base=base, dtype=dtype)
        assert_far_from_zero(student, x.T if dim else x, dim)


@exercise("standardize")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_standardize_keeps_any_dtype(student, rng, dtype):
    """The result has the dtype of the input."""
    assert_dtype(assert_standardized(student, table_with_spread(rng, 6, 5, dtype=dtype), 1), dtype)


@exercise("standardize")
def test_standardize_leaves_its_input_alone(student, rng):
    """The input stays as it was, and it would work on a GPU."""
    x = table_with_spread(rng, 4, 7)
    assert_standardized(student, x, 1)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.standardize, x, 1)


@exercise("standardize", weight=3)
def test_standardize_large_tables(student, rng):
    """No Python loops, and fast along both dimensions."""
    assert_standardized(student, table_with_spread(rng, 4, 3))
    assert_vectorised(student, "standardize", rng.normal(900, 1100), seconds=1.0)
    assert_vectorised(student, "standardize", rng.normal(1100, 900), 1, seconds=1.0)


# ---------------------------------------------------------------------------------------------- one_hot


@exercise("one_hot", weight=3)
@pytest.mark.parametrize(("n", "num_classes"), [(6, 4), (3, 9), (1, 2), (4, 4)])
def test_any_labels(student, rng, n, num_classes):
    """Any labels and any number of classes, whether or not all occur."""
    y = rng.integers(0, num_classes - 1, n)
    assert_one_hot(student, y, num_classes)
    assert_one_hot(student, num_classes - 1 - y, num_classes)


@exercise("one_hot", weight=2)
def test_labels_in_any_arrangement(student, rng):
    """Labels in one, two or three dimensions, transposed, or none at all."""
    assert_one_hot(student, rng.integers(0, 4, 5, 3), 6)
    assert_one_hot(student, rng.integers(0, 4, 2, 7).T, 4)
    assert_one_hot(student, rng.integers(0, 3, 2, 3, 4), 3)
    assert_one_hot(student, torch.tensor(rng.integer(0, 5)), 6)
    assert_one_hot(student, rng.integers(0, 1, 3), 1)
    assert_one_hot(student, rng.integers(0, 5, 0), 5)
    assert_one_hot(student, rng.integers(0, 5, 0, 2), 4)


@exercise("one_hot")
def test_one_hot_is_float32_on_any_device(student, rng):
    """The result is float32, y stays as it was, and it would work on a GPU."""
    y = rng.integers(0, 5, 6)
    assert_dtype(assert_one_hot(student, y, 5), torch.float32)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.one_hot, y, 5, hint=ONE_HOT_DEVICE)


@exercise("one_hot", weight=2)
def test_many_labels_and_classes(student, rng):
    """No Python loops, and fast with many labels and classes."""
    assert_one_hot(student, rng.integers(0, 3, 4), 3)
    assert_vectorised(student, "one_hot", rng.integers(0, 800, 1000), 800, seconds=1.0)


# --------------------------------------------------------------------------------------- sums_and_norms


@exercise("sums_and_norms", weight=2)
@pytest.mark.parametrize("shape", [(4, 4), (3, 5), (1, 4), (5, 1)], ids=str)
@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_means_of_any_table(student, rng, shape, axis):
    """mean_table of any table, along either axis."""
    assert_mean_table(student, rng.normal(*shape), axis)
    assert_mean_table(student, rng.normal(*shape[::-1], dtype=torch.float64).T, axis)


@exercise("sums_and_norms", weight=2)
@pytest.mark.parametrize("n", [1, 2, 9])
def test_norms_of_any_vector(student, rng, n):
    """norms of any vector, also a column of a table."""
    assert_norms(student, rng.normal(n) - 0.5)
    assert_norms(student, rng.normal(n, 3, dtype=torch.float64)[:, 1])


@exercise("sums_and_norms", weight=2)
@pytest.mark.parametrize(("n", "m", "p"), [(3, 3, 3), (2, 5, 4), (1, 3, 1)])
def test_products_of_any_matrices(student, rng, n, m, p):
    """Both products of matrices of any shape, and of batches of them."""
    assert_elementwise(student, rng.normal(n, m), rng.normal(m, n).T)
    assert_elementwise(student, rng.normal(2, n, m), rng.normal(2, n, m))
    assert_elementwise(student, rng.normal(n + 1), rng.normal(n + 1))
    assert_elementwise(student, rng.normal(n, m, dtype=torch.float64), rng.normal(n, m, dtype=torch.float64))
    assert_matrix_product(student, rng.normal(n, m, dtype=torch.float64), rng.normal(p, m, dtype=torch.float64).T)
    assert_matrix_product(student, rng.normal(m, n).T, rng.normal(m, p))
    assert_matrix_product(student, rng.normal(3, n, m), rng.normal(3, m, p))
    assert_matrix_product(student, rng.normal(1, n, m, dtype=torch.float64), rng.normal(1, m, p, dtype=torch.float64))


@exercise("sums_and_norms", weight=2)
def test_all_four_keep_the_dtype(student, rng):
    """All four keep the dtype of their inputs."""
    for dtype in (torch.float64, torch.float32):
        assert_dtypes_kept(student, dtype, rng)


@exercise("sums_and_norms")
def test_all_four_leave_their_inputs_alone(student, rng):
    """The inputs stay as they were, and all four would work on a GPU."""
    assert_sums_and_norms_good_citizens(student, rng)


@exercise("sums_and_norms", weight=2)
def test_all_four_without_loops(student, rng):
    """No Python loops in any of the four, and fast on large inputs."""
    assert_sums_and_norms_vectorised(student, rng)


# ------------------------------------------------------------------------------------- pairwise_sq_dists


@exercise("pairwise_sq_dists", weight=3)
@pytest.mark.parametrize(("n", "m", "d"), [(4, 4, 3), (3, 3, 3), (5, 7, 2), (2, 6, 1), (1, 1, 5), (30, 40, 9)])
def test_distances_of_any_points(student, rng, n, m, d):
    """Any number of points, of any dimension, in float32 and float64."""
    assert_sq_dists(student, rng.normal(n, d), rng.normal(m, d))
    assert_sq_dists(student, rng.normal(d, n, dtype=torch.float64).T, rng.normal(2 * m, d, dtype=torch.float64)[::2])
    assert_sq_dists(student, rng.normal(n, d), rng.normal(0, d))


@exercise("pairwise_sq_dists")
@pytest.mark.parametrize("d", [64, 3])
def test_no_distance_is_negative(student, rng, d):
    """No distance is negative, and each point is at distance 0 from itself."""
    assert_never_negative(student, rng.uniform(150, d))


@exercise("pairwise_sq_dists")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_distances_keep_any_dtype(student, rng, dtype):
    """The result has the dtype of the points."""
    assert_dtype(assert_sq_dists(student, rng.normal(3, 5, dtype=dtype), rng.normal(6, 5, dtype=dtype)), dtype)


@exercise("pairwise_sq_dists")
def test_pairwise_sq_dists_leaves_its_inputs_alone(student, rng):
    """X and Y stay as they were, and it would work on a GPU."""
    x, y = rng.normal(5, 2), rng.normal(3, 2)
    assert_sq_dists(student, x, y)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.pairwise_sq_dists, x, y)


@exercise("pairwise_sq_dists", weight=3)
def test_distances_of_many_points(student, rng):
    """No Python loops, and fast with a thousand points."""
    assert_sq_dists(student, rng.normal(3, 2), rng.normal(4, 2))
    assert_vectorised(student, "pairwise_sq_dists", rng.normal(1000, 8), rng.normal(900, 8), seconds=2.0)


# ------------------------------------------------------------------------------------------- mandelbrot


@exercise("mandelbrot", weight=4)
@pytest.mark.parametrize("max_iter", [1, 15, 40, 60])
@pytest.mark.parametrize("shape", [(11, 23), (30, 17), (25, 25)], ids=str)
def test_pictures_of_any_size(student, shape, max_iter):
    """Pictures of any size, with any number of iterations."""
    assert_mandelbrot(student, *shape, max_iter)


@exercise("mandelbrot")
def test_pictures_of_one_row_or_column(student, rng):
    """Pictures of a single row or column."""
    assert_mandelbrot(student, 6, 9, 12)
    assert_mandelbrot(student, 1, rng.integer(5, 9), 8)
    assert_mandelbrot(student, rng.integer(5, 9), 1, 8)


@exercise("mandelbrot")
def test_the_edge_stays(student, rng):
    """The point -2, whose |z| is 2 after every step, stays."""
    for h in (5, 9, 17):
        assert_edge_stays(student, h, rng.integer(5, 9), rng.integer(3, 20))


@exercise("mandelbrot", weight=4)
def test_a_large_picture(student, rng):
    """A single Python loop, over the iterations; and fast on a large picture."""
    assert_mandelbrot(student, 7, 9, 12)
    h, w = rng.integer(120, 150), rng.integer(150, 200)
    assert_vectorised(student, "mandelbrot", h, w, 25, seconds=2.0, operations=1000, allowed=1)


# ------------------------------------------------------------------------------------------- knn_predict


@exercise("knn_predict", weight=3)
@pytest.mark.parametrize(
    ("n", "m", "d", "k"), [(30, 9, 3, 1), (40, 12, 2, 3), (25, 10, 5, 6), (30, 1, 4, 5), (9, 6, 1, 9)]
)
def test_neighbours_of_any_points_vote(student, rng, n, m, d, k):
    """Any points, any labels, any k."""
    xtr, ytr, xte = labelled_points(rng, n, m, d, k)
    with_either(student, assert_knn, xtr, ytr, xte, k)
    with_either(student, assert_knn, xtr.double().T.contiguous().T, 2 * ytr + 3, xte.double(), k)


@exercise("knn_predict", weight=2)
def test_any_tie(student, rng):
    """In a tie, the smallest label wins, however near the others are."""
    for k in (2, 4):
        xtr, _, xte = labelled_points(rng, 20, 15, 2, k)
        with_either(student, assert_knn, xtr, rng.permutation(20), xte, k)
        with_either(student, assert_knn, xtr, rng.permutation(20) // 7, xte, k)


@exercise("knn_predict")
def test_every_training_point_is_its_own_neighbour(student, rng):
    """With k=1, the training points themselves get their own labels."""
    xtr, ytr, _ = labelled_points(rng, 40, 0, 6, 1, classes=8)
    with_either(student, assert_own_labels, xtr, ytr)


@exercise("knn_predict")
def test_knn_predict_leaves_its_inputs_alone(student, rng):
    """The inputs stay as they were, and it would work on a GPU."""
    points = (*labelled_points(rng, 15, 6, 3, 3), 3)
    with_either(student, assert_good_citizen_knn, *points)


@exercise("knn_predict", weight=2)
def test_many_points_without_loops_over_points(student, rng):
    """No loop over points (one over blocks of them is allowed), and fast."""
    with_either(student, assert_knn, *labelled_points(rng, 12, 5, 2, 3), 3)
    with_either(student, assert_knn_vectorised, labelled_points(rng, 1000, 0, 4, 3), rng.normal(1800, 4), 3)


@exercise("knn_predict", weight=3)
@pytest.mark.parametrize("k", [1, 3, 5])
def test_all_digits_are_read(student, rng, k):
    """At least 94 % of 797 digits, having seen 1000; also if the classes have other names."""
    _, ytr, _, yte = digits()
    renamed = rng.permutation(10)
    with_either(student, assert_reads_digits, renamed[ytr], renamed[yte], 797, k)
