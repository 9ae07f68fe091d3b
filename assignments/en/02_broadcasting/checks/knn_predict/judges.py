"""What decides `knn_predict`, and what it says."""

from functools import lru_cache

import torch

from grader.kit import (
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_inputs_unchanged,
    assert_own_work,
    assert_shape,
    assert_that,
    tr,
    verbatim,
)
from grader.kit.earlier import with_either
from grader.kit.tracing import counted_operations

from ..common import agreement, assert_vectorised
from ..pairwise_sq_dists.judges import sq_dists

LIBRARIES = ("sklearn", "scipy", "faiss")


ACCURACY_FLOOR = 0.94
"""The reference learns from 1000 digits and reads the other 797, always in that order: k=1 96.2 %, k=3 96.5 %,
k=5 95.7 %; of the first 200, k=3 96.5 %. The notebook's cell `accuracy` measures it:
``jupyter execute solutions/02_broadcasting/02_broadcasting.ipynb --output=/tmp/02.ipynb``."""


EARLIER = ("pairwise_sq_dists", "one_hot")


def earlier_answers():
    """The course's own answers to the two earlier exercises; sent by its source."""

    def pairwise_sq_dists(X, Y):
        return torch.cdist(X, Y).pow(2)

    def one_hot(y, num_classes):
        return torch.nn.functional.one_hot(y, num_classes).float()

    return {"pairwise_sq_dists": pairwise_sq_dists, "one_hot": one_hot}


def apart(student, check, *args):
    """`check`, with an error in an earlier exercise left out."""
    with_either(student, "knn_predict", earlier_answers, check, *args)


def vote(labels):
    """The label with the most votes; of several, the smallest."""
    counts = {label: labels.count(label) for label in labels}
    return min(label for label in counts if counts[label] == max(counts.values()))


def assert_knn(student, xtr, ytr, xte, k):
    """`student.knn_predict`, vote by vote."""
    near = sq_dists(xte, xtr).argsort(dim=1)[:, :k]
    assert_close(student.knn_predict(xtr, ytr, xte, k), torch.tensor([vote(labels) for labels in ytr[near].tolist()]))


def assert_whole_labels(student, *points):
    """Labels in int64."""
    assert_dtype(student.knn_predict(*points), torch.int64)


def assert_own_neighbours(student, *points):
    """The neighbours are found with operations on tensors."""
    assert_own_work(student, "knn_predict", *points, libraries=LIBRARIES)
    assert_shape(student.knn_predict(*points), (len(points[2]),))


def assert_own_labels(student, xtr, ytr):
    """With k=1 each training point is its own neighbour."""
    assert_close(student.knn_predict(xtr, ytr, xtr, 1), ytr)


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
    accuracy = agreement(result, yte[:count])
    assert_that(
        accuracy >= ACCURACY_FLOOR,
        tr("Too few digits are read correctly."),
        expected=tr("at least {percent} %", percent=f"{100 * ACCURACY_FLOOR:.0f}"),
        actual=verbatim(f"{100 * accuracy:.1f} %"),
    )


def assert_good_citizen_knn(student, *points):
    student.knn_predict(*points)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.knn_predict, *points)


SMALLEST_BLOCK = 50
SLACK = 1.15
"""How many more blocks than there should be do not count: what runs once for all of them blurs the figure."""

OPERATIONS = 1500


def assert_large_blocks(student, xtr, ytr, xte, k):
    """The test points are taken all at once, or in blocks of 50 or more."""
    one, all_of_them = (
        counted_operations(student, student.knn_predict, xtr, ytr, points, k, limit=OPERATIONS)
        for points in (xte[:1], xte)
    )
    most = SLACK * len(xte) / SMALLEST_BLOCK
    assert_that(
        all_of_them <= most * max(one, 1),
        tr("Your function loops over blocks of fewer than {n} test points.", n=SMALLEST_BLOCK),
        expected=tr("at most {n} tensor operations", n=round(most * one)),
        actual=verbatim(str(all_of_them)),
    )


def assert_knn_vectorised(student, labelled, xte, k):
    xtr, ytr, _ = labelled
    call = assert_vectorised(
        student,
        "knn_predict",
        xtr,
        ytr,
        xte,
        k,
        seconds=2.0,
        operations=OPERATIONS,
        allowed=1,
        apart=EARLIER,
    )
    assert_shape(call.value, (len(xte),))
    assert_large_blocks(student, xtr, ytr, xte, k)
