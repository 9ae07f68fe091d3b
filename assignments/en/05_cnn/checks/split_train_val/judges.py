"""What decides `split_train_val`, and what it says."""

from itertools import pairwise

from grader.kit import assert_equal, assert_length, assert_random_state_unchanged, assert_that, tr
from grader.kit.training.probes import ask

LOST = tr("Some samples are in neither part: give one part the rest of the other, n - n_val.")


OVERLAP = tr("Samples are in both parts: draw one permutation and cut it in two.")


UNSHUFFLED = tr("The split is not random: data often come sorted, so shuffle before cutting.")


EVENLY = tr("Every k-th sample is no random sample: data often repeat in steps. Draw a permutation and cut it.")


NOT_SEEDED = tr(
    "The same seed gives two splits: draw from torch.Generator().manual_seed(seed), and hand it to whoever draws."
)


SEED_IGNORED = tr("Two seeds give the same split: the generator must be seeded with seed.")


PARTS_SWAPPED = tr("The parts are in the wrong order: training first, validation second.")


TOUCHED = tr("Splitting needs numbers alone, not the samples: a Subset keeps the dataset and a list of indices.")


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


def parts_of(student, n, fraction, seed):
    """The numbers of the samples in both parts of a student's split of `n` samples."""
    dataset = student.define(NUMBERED, "Numbered")(n)
    dataset.label = "dataset"
    parts = student.split_train_val(dataset, fraction, seed)
    assert_random_state_unchanged(student)
    assert_length(parts, 2)
    assert_equal(dataset.touched, 0, name=tr("The number of samples read while splitting"), hint=TOUCHED)
    found = []
    for part in parts:
        is_subset, items = ask(student, student.define(READ_PART, "read_part"), part)
        assert_that(is_subset is True, tr("A part is no torch.utils.data.Subset."))
        found.append(items)
    return found


def assert_split(student, n, fraction, seed):
    train, val = parts_of(student, n, fraction, seed)
    together = train + val
    assert_that(len(set(together)) == len(together), tr("A sample is twice in the split."), hint=OVERLAP)
    assert_that(
        sorted(together) == list(range(n)),
        tr("The split does not hold every sample."),
        expected=tr("{n} samples", n=n),
        actual=tr("{n} samples", n=len(together)),
        hint=LOST,
    )
    size = round(fraction * n)
    assert_that(
        len(val) == size,
        tr("The validation part is of the wrong size."),
        expected=tr("{n} samples", n=size),
        actual=tr("{n} samples", n=len(val)),
        hint=PARTS_SWAPPED if len(train) == size else tr("Its size is round(val_fraction * len(dataset))."),
    )
    return train, val


def assert_random_split(student, n, fraction, seed):
    train, val = assert_split(student, n, fraction, seed)
    edges = (list(range(len(val))), list(range(n - len(val), n)))
    assert_that(sorted(val) not in edges, tr("The validation part is one end of the dataset."), hint=UNSHUFFLED)
    gaps = sum((index + 1) % n not in set(val) for index in val)
    assert_that(gaps > 1, tr("The validation part is one piece cut out of the dataset."), hint=UNSHUFFLED)
    steps = [after - before for before, after in pairwise(sorted(val))]
    is_even = max(steps) - min(steps) <= 1
    assert_that(not is_even, tr("The validation samples lie at even distances in the dataset."), hint=EVENLY)
    again, other = parts_of(student, n, fraction, seed), parts_of(student, n, fraction, seed + 1)
    assert_that(again == [train, val], tr("The same seed gives another split."), hint=NOT_SEEDED)
    assert_that(sorted(other[1]) != sorted(val), tr("Another seed gives the same split."), hint=SEED_IGNORED)
