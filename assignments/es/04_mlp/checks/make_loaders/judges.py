"""What decides `make_loaders`, and what it says."""

from itertools import pairwise

import torch

from grader.kit import (
    Remote,
    assert_close,
    assert_dtype,
    assert_inputs_unchanged,
    assert_length,
    assert_random_state_unchanged,
    assert_returns,
    assert_shape,
    assert_that,
    tr,
    verbatim,
)
from grader.kit.training.probes import ask

from ..common import assert_plain

ANY_ORDER = tr(
    "Data are often sorted by class, so the first or last samples are no fair sample of all: permute the indices before"
    " cutting."
)


OVERLAP = tr("Cut one permutation in two: what is in one part is then not in the other.")


DROPPED = tr("drop_last=False keeps the last batch, which is not full: no sample is lost.")


LEFT_OVER = tr("One part is what the other one leaves: n - n_val samples, with no index left out at the cut.")


TWICE = tr("Each sample comes once in an epoch: draw without replacement, and put no index twice in a part.")


AS_GIVEN = tr(
    "The loaders hand out X as it was given, in its dtype too. Whoever scales it takes mean and deviation from the"
    " training part alone."
)


EVENLY = tr("Every k-th sample is no random sample: data often repeat in steps. Draw a permutation and cut it.")


SHUFFLE_TRAIN = tr("shuffle=True gives the training loader a new order in every epoch.")


KEEP_VAL = tr("Validation only measures, so its order does not matter: leave shuffle off.")


USE_SEED = tr("The seed decides the split: torch.Generator().manual_seed(seed), given as generator=.")


PAIRS = tr("Each row of X must keep its own y: index both with the same indices, or make one TensorDataset.")


TURNED_PAIRS = tr("Each batch is the pair (X, y), and yours has y first.")


SIZE_OF_BATCHES = tr("A training batch has batch_size samples, and only the last one may have fewer.")


LOADERS = tr("Return two torch.utils.data.DataLoader: (train, val).")


VAL_SIZE = tr("val_fraction is the share of the samples that goes to validation.")


OWN_GENERATOR = tr(
    "torch.manual_seed, and random_split without generator=, touch the generator that everybody uses: make your own"
    " with torch.Generator()."
)


def batches_of(loader):
    """Whether it is a DataLoader, and the batches of one epoch."""
    is_loader = isinstance(loader, torch.utils.data.DataLoader)
    return is_loader, [list(batch) for batch in loader] if is_loader else []


def assert_batches(student, loader, name, X, y, batch_size, *, whole=False):
    """The batches of one epoch: pairs that belong together, of the right sizes; returns the samples' numbers."""
    result = ask(student, student.define(batches_of), loader)
    assert_returns(result, tuple)
    is_loader, batches = result
    assert_that(is_loader is True, tr("`{name}` should be a DataLoader.", name=name), hint=LOADERS)
    assert_that(len(batches) > 0, tr("`{name}` is empty.", name=name))
    numbers = []
    for batch in batches:
        assert_length(batch, 2, name=tr("A batch of `{name}`", name=name))
        rows, labels = batch
        if is_turned(rows, labels, X, y):
            assert_that(not whole, tr("X and y are in the wrong order."), hint=TURNED_PAIRS)
            rows, labels = labels, rows
        assert_dtype(rows, X.dtype, name="X", hint=AS_GIVEN)
        assert_plain(rows, X.dtype, name="X")
        assert_that(rows.ndim > 0 and len(rows) > 0, tr("A batch of `{name}` is empty.", name=name))
        assert_shape(rows, (len(rows), *X.shape[1:]), name="X")
        assert_shape(labels, (len(rows),), name="y")
        found = (rows.reshape(len(rows), -1)[:, :1].double() == X.reshape(len(X), -1)[:, 0].double()).double().argmax(1)
        assert_close(rows, X[found], rtol=0, atol=0, name="X", hint=AS_GIVEN)
        assert_close(labels, y[found], rtol=0, atol=0, name="y", hint=PAIRS)
        assert_dtype(labels, y.dtype, name="y")
        numbers.append(found.tolist())
    if whole and name == "train":  # a measurement is the same in batches of any size
        assert_batch_sizes([len(batch) for batch in numbers], name, batch_size)
    return [number for batch in numbers for number in batch]


def is_turned(rows, labels, X, y):
    """Whether it is the pair (y, X)."""
    if not (isinstance(rows, torch.Tensor) and isinstance(labels, torch.Tensor)):
        return False
    found, right = ((one.shape[1:], one.dtype, two.shape[1:], two.dtype) for one, two in ((rows, labels), (y, X)))
    return found == right and found != (*right[2:], *right[:2])


def assert_batch_sizes(sizes, name, batch_size):
    """All batches have `batch_size` samples, but for the last, which may have fewer."""
    total = sum(sizes)
    right = [batch_size] * (total // batch_size) + [total % batch_size] * (total % batch_size > 0)
    assert_that(
        sizes == right,
        tr("The list of batch sizes of `{name}` is wrong.", name=name),
        expected=verbatim(str(right[:8])),
        actual=verbatim(str(sizes[:8])),
        hint=SIZE_OF_BATCHES,
    )


def assert_loaders(student, X, y, batch_size, val_fraction, seed, *, whole=False):
    """No sample is in both loaders or comes twice; returns both lists of numbers.

    With `whole`, every sample is in one of them, as many as asked in each, in batches of the right sizes.
    """
    result = student.make_loaders(X, y, batch_size, val_fraction, seed)
    assert_inputs_unchanged(student)
    assert_length(result, 2, hint=LOADERS)
    for name, loader in zip(("train", "val"), result, strict=True):
        assert_that(isinstance(loader, Remote), tr("`{name}` should be a DataLoader.", name=name), hint=LOADERS)
        loader.label = name
    call = student.last_call
    train, val = (
        assert_batches(student, loader, name, X, y, batch_size, whole=whole)
        for name, loader in zip(("train", "val"), result, strict=True)
    )
    assert_that(not set(train) & set(val), tr("Some samples are in both loaders."), hint=OVERLAP)
    assert_that(len(train) == len(set(train)), tr("Some samples come twice in an epoch."), hint=TWICE)
    assert_that(len(val) == len(set(val)), tr("Some samples come twice in an epoch."), hint=TWICE)
    if not whole:
        return result, train, val, call
    n = len(X)
    assert_that(
        len(train) + len(val) == n,
        tr("Some samples are in neither loader."),
        expected=tr("{n} samples", n=n),
        actual=tr("{n} samples", n=len(train) + len(val)),
        hint=DROPPED if any(loader.drop_last is True for loader in result) else LEFT_OVER,
    )
    assert_that(
        abs(len(val) - val_fraction * n) < 1,
        tr("The validation set has the wrong size."),
        expected=tr("{n} samples", n=round(val_fraction * n)),
        actual=tr("{n} samples", n=len(val)),
        hint=VAL_SIZE,
    )
    return result, train, val, call


def assert_loader_orders(student, X, y, batch_size, val_fraction, seed):
    """The training order is new in every epoch; the validation order stays."""
    loaders, train, val, _ = assert_loaders(student, X, y, batch_size, val_fraction, seed)
    again = [
        assert_batches(student, loader, name, X, y, batch_size)
        for name, loader in zip(("train", "val"), loaders, strict=True)
    ]
    assert_that(
        again[0] != train, tr("The training samples come in the same order in every epoch."), hint=SHUFFLE_TRAIN
    )
    batches = [
        {frozenset(order[i : i + batch_size]) for i in range(0, len(order), batch_size)} for order in (train, again[0])
    ]
    assert_that(
        batches[0] != batches[1], tr("The training batches hold the same samples in every epoch."), hint=SHUFFLE_TRAIN
    )
    assert_that(again[1] == val, tr("The validation samples change their order."), hint=KEEP_VAL)


def assert_loader_seeds(student, X, y, batch_size, val_fraction, seeds):
    """The same seed gives the same split, others give others, and none is a block of the data."""
    splits = [set(assert_loaders(student, X, y, batch_size, val_fraction, seed)[2]) for seed in (seeds[0], *seeds)]
    assert_that(splits[0] == splits[1], tr("The same seed gives another split."), hint=USE_SEED)
    gaps = [{after - before for before, after in pairwise(sorted(split))} for split in splits]
    assert_that(gaps != [{1}] * len(gaps), tr("The validation samples are neighbours in the data."), hint=ANY_ORDER)
    is_even = all(max(steps) - min(steps) <= 1 for steps in gaps)
    assert_that(not is_even, tr("The validation samples lie at even distances in the data."), hint=EVENLY)
    assert_that(any(split != splits[0] for split in splits), tr("Every seed gives the same split."), hint=USE_SEED)


def assert_loader_random_state(student, X, y, batch_size, val_fraction, seed):
    """Making the loaders leaves the global random generators alone."""
    call = assert_loaders(student, X, y, batch_size, val_fraction, seed)[3]
    student.last_call = call
    assert_random_state_unchanged(student, hint=OWN_GENERATOR)


def numbered_samples(n, *shape):
    """Samples that can be told apart, sorted by class."""
    X = torch.arange(float(n)).reshape(n, *[1] * len(shape)) + torch.zeros(n, *shape)
    return X, torch.arange(n) // 5
