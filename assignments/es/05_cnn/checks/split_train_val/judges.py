"""What decides `split_train_val`, and what it says."""

from itertools import pairwise

from grader.kit import assert_equal, assert_length, assert_random_state_unchanged, assert_that, tr, trn
from grader.kit.observations import unobserved
from grader.kit.training.probes import ask

NUMBERED = """
class Numbered(torch.utils.data.Dataset):
    def __init__(self, n):
        self.n, self.touched = n, 0

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        if not 0 <= index < self.n:
            raise IndexError(index)
        self.touched += 1
        return int(index)
"""


READ_PART = """
def read_part(part):
    is_subset = isinstance(part, torch.utils.data.Subset)
    return is_subset, [int(part[position]) for position in range(len(part))] if is_subset else []
"""


def split(student, n, fraction, seed):
    """What the student makes of a dataset of `n` samples, and the dataset."""
    dataset = student.define(NUMBERED, "Numbered")(n)
    dataset.label = "dataset"
    parts = student.split_train_val(dataset, fraction, seed)
    assert_length(parts, 2)
    return parts, dataset


def parts_of(student, n, fraction, seed):
    """The numbers of the samples in both parts of a student's split of `n` samples."""
    found = []
    for part in split(student, n, fraction, seed)[0]:
        with unobserved():  # which samples they are is up to whoever draws
            is_subset, items = ask(student, student.define(READ_PART, "read_part"), part)
        assert_that(is_subset is True, tr("A part is no torch.utils.data.Subset."))
        found.append(items)
    return found


def assert_parts(train, val, n):
    """Fails unless every sample is in one part, once."""
    for part in (train, val):
        assert_that(len(set(part)) == len(part), tr("A part holds a sample twice."))
    both = len(set(train) & set(val))
    assert_that(not (both > 1 and len(train) == n), tr("The training part is the whole dataset."))
    assert_that(both == 0, tr("Samples are in both parts."), expected=samples(0), actual=samples(both))
    together = sorted(train + val)
    assert_that(
        together == list(range(n)),
        tr("The split does not hold every sample."),
        expected=samples(n),
        actual=samples(len(together)),
    )


def assert_sizes(train, val, size, allowed=0):
    assert_that(
        abs(len(val) - size) <= allowed,
        tr("The training part has the size of the validation part.")
        if abs(len(train) - size) <= allowed
        else tr("The validation part is of the wrong size."),
        expected=samples(size),
        actual=samples(len(val)),
    )


def assert_split(student, n, fraction, seed):
    train, val = parts_of(student, n, fraction, seed)
    assert_parts(train, val, n)
    assert_sizes(train, val, round(fraction * n))


def samples(n):
    return trn("{n} sample", "{n} samples", n)


def assert_random_split(student, n, fraction, seed):
    train, val = parts_of(student, n, fraction, seed)
    assert_parts(train, val, n)
    assert_sizes(train, val, round(fraction * n), allowed=1)  # how it is rounded has a check of its own
    val_size = len(val)
    assert_that(
        sorted(val) not in (list(range(val_size)), list(range(n - val_size, n))),
        tr("The validation part is one end of the dataset."),
    )
    gaps = sum((index + 1) % n not in set(val) for index in val)
    assert_that(gaps > 1, tr("The validation part is one piece cut out of the dataset."))
    steps = [after - before for before, after in pairwise(sorted(val))]
    assert_that(
        max(steps) - min(steps) > 1 or max(steps) == 1,
        tr("The validation samples lie at even distances in the dataset."),
    )
    again = parts_of(student, n, fraction, seed)
    assert_that(again == [train, val], tr("The same seed gives another split."))
    for distance in (1, 256_000):
        other = parts_of(student, n, fraction, seed + distance)
        assert_that(sorted(other[1]) != sorted(val), tr("Another seed gives the same split."))


def assert_split_leaves_generators(student, n, seed):
    split(student, n, 0.3, seed)
    assert_random_state_unchanged(student)


def assert_split_reads_nothing(student, n, seed):
    _, dataset = split(student, n, 0.3, seed)
    assert_equal(dataset.touched, 0, name=tr("The number of samples read while splitting"))
