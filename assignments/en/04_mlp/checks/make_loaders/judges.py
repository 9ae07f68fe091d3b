"""What decides `make_loaders`, and what it says."""

from contextlib import contextmanager
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
    trn,
    verbatim,
)
from grader.kit.observations import observe, unobserved
from grader.kit.training.probes import ask

from ..common import assert_plain, samples

AS_GIVEN = tr("The loaders hand out X as it was given, in its dtype too.")


USE_SEED = tr("The seed decides the split: the same one gives the same split, another one another.")


def generators():
    """Seeds the global random generators, and puts them back as they were."""
    import random

    class Generators:
        def seed(self, number):
            self.states = torch.get_rng_state(), np.random.get_state(), random.getstate()  # noqa: F821
            torch.manual_seed(number)
            np.random.seed(number)  # noqa: F821
            random.seed(number)

        def put_back(self):
            torch.set_rng_state(self.states[0])
            np.random.set_state(self.states[1])  # noqa: F821
            random.setstate(self.states[2])

    return Generators()


@contextmanager
def chance(student, number):
    """What the student's code draws from the global generators is the same each time that it is asked."""
    keeper = ask(student, student.define(generators))
    ask(student, keeper.seed, number)
    try:
        yield
    finally:
        ask(student, keeper.put_back)


def batches_of(loader):
    """Whether it is a DataLoader, and the batches of one epoch."""
    is_loader = isinstance(loader, torch.utils.data.DataLoader)
    return is_loader, [list(batch) for batch in loader] if is_loader else []


def assert_batches(student, loader, name, X, y, epoch, *, in_order=False):
    """The batches of one epoch are pairs that belong together; returns the samples' numbers, batch by batch."""
    with chance(student, epoch), unobserved():  # which samples are where is for the student's code to draw
        result = ask(student, student.define(batches_of), loader)
    assert_returns(result, tuple)
    is_loader, batches = result
    assert_that(is_loader is True, tr("`{name}` should be a DataLoader.", name=name), actual=verbatim(loader.type_name))
    assert_that(len(batches) > 0, tr("`{name}` is empty.", name=name))
    numbers = []
    for batch in batches:
        assert_length(batch, 2, name=tr("A batch of `{name}`", name=name))
        rows, labels = batch
        if is_turned(rows, labels, X, y):
            assert_that(
                not in_order,
                tr("X and y are in the wrong order."),
                expected=verbatim("(X, y)"),
                actual=verbatim("(y, X)"),
            )
            rows, labels = labels, rows
        assert_dtype(rows, X.dtype, name="X", hint=AS_GIVEN)
        assert_plain(rows, X.dtype, name="X")
        assert_that(rows.ndim > 0 and len(rows) > 0, tr("A batch of `{name}` is empty.", name=name))
        assert_shape(rows, (len(rows), *X.shape[1:]), name="X")
        assert_shape(labels, (len(rows),), name="y")
        found = (rows.reshape(len(rows), -1)[:, :1].double() == X.reshape(len(X), -1)[:, 0].double()).double().argmax(1)
        assert_close(rows, X[found], rtol=0, atol=0, name="X", hint=AS_GIVEN)
        belongs = tr("In the data, that row of X has another label.")
        assert_close(labels, y[found], rtol=0, atol=0, name="y", hint=belongs)
        assert_dtype(labels, y.dtype, name="y")
        numbers.append(found.tolist())
    return numbers


def is_turned(rows, labels, X, y):
    """Whether it is the pair (y, X)."""
    if not (isinstance(rows, torch.Tensor) and isinstance(labels, torch.Tensor)):
        return False
    found, right = ((one.shape[1:], one.dtype, two.shape[1:], two.dtype) for one, two in ((rows, labels), (y, X)))
    return found == right and found != (*right[2:], *right[:2])


def made_loaders(student, X, y, batch_size, val_fraction, seed, *, draw=0):
    """The two loaders; and the call that made them."""
    with chance(student, 100 + draw):
        result = student.make_loaders(X, y, batch_size, val_fraction, seed)
        call = student.last_call
    assert_inputs_unchanged(student)
    assert_length(result, 2)
    for name, loader in zip(("train", "val"), result, strict=True):
        assert_that(
            isinstance(loader, Remote),
            tr("`{name}` should be a DataLoader.", name=name),
            actual=verbatim(type(loader).__name__),
        )
        loader.label = name
    return result, call


def samples_of(student, loaders, X, y, *, epoch=1, in_order=False):
    """The numbers of the samples in an epoch of each loader, batch by batch."""
    return [
        assert_batches(student, loader, name, X, y, epoch, in_order=in_order)
        for name, loader in zip(("train", "val"), loaders, strict=True)
    ]


def flat(batches):
    """The numbers of all batches, in order."""
    return [number for batch in batches for number in batch]


def assert_pairs(student, X, y, batch_size, val_fraction, seed):
    """Both loaders give pairs of samples and their own labels."""
    loaders, _ = made_loaders(student, X, y, batch_size, val_fraction, seed)
    samples_of(student, loaders, X, y)


def assert_apart(student, X, y, batch_size, val_fraction, seed):
    """No sample is in both loaders."""
    loaders, _ = made_loaders(student, X, y, batch_size, val_fraction, seed)
    train, val = map(flat, samples_of(student, loaders, X, y))
    both = len(set(train) & set(val))
    observe(both=min(both, 2), train=len(train))
    assert_that(
        not both,
        tr("Some samples are in both loaders."),
        expected=samples(0),
        actual=samples(both),
    )


def assert_whole(student, X, y, batch_size, val_fraction, seed):
    """Every sample is in one of them, as many as asked in each, in batches (X, y) of the right sizes."""
    loaders, _ = made_loaders(student, X, y, batch_size, val_fraction, seed)
    batches = samples_of(student, loaders, X, y, in_order=True)
    train, val = map(flat, batches)
    observe(train=len(train), val=len(val), lost=min(len(X) - len(set(train) | set(val)), 2), first=len(batches[0][0]))
    for numbers in (train, val):
        assert_that(
            len(numbers) == len(set(numbers)),
            tr("Some samples come twice in an epoch."),
            expected=samples(len(numbers)),
            actual=trn("{n} different one", "{n} different ones", len(set(numbers))),
        )
    n = len(X)
    dropped = tr("drop_last is True in one of your loaders, which then leaves out a batch that is not full.")
    assert_that(
        len(set(train) | set(val)) == n,
        tr("Some samples are in neither loader."),
        expected=samples(n),
        actual=samples(len(set(train) | set(val))),
        hint=dropped if any(loader.drop_last is True for loader in loaders) else None,
    )
    assert_that(
        abs(len(val) - val_fraction * n) < 1,
        tr("The validation set has the wrong size."),
        expected=samples(round(val_fraction * n)),
        actual=samples(len(val)),
    )
    sizes = [len(batch) for batch in batches[0]]  # a measurement is the same in batches of any size
    right = [batch_size] * (len(train) // batch_size) + [len(train) % batch_size] * (len(train) % batch_size > 0)
    assert_that(
        sizes == right,
        tr("The list of batch sizes of `{name}` is wrong.", name="train"),
        expected=verbatim(str(right[:8])),
        actual=verbatim(str(sizes[:8])),
    )


def assert_new_order(student, X, y, batch_size, val_fraction, seed):
    """The training samples come in a new order, and in new batches, in every epoch."""
    (train, _), _ = made_loaders(student, X, y, batch_size, val_fraction, seed)
    first, again = (assert_batches(student, train, "train", X, y, epoch) for epoch in (1, 2))
    assert_that(
        flat(first) != flat(again),
        tr("The training samples come in the same order in every epoch."),
    )
    assert_that(
        {frozenset(batch) for batch in first} != {frozenset(batch) for batch in again},
        tr("The training batches hold the same samples in every epoch."),
    )


def assert_kept_order(student, X, y, batch_size, val_fraction, seed):
    """The validation samples come in the same order in every epoch."""
    (_, val), _ = made_loaders(student, X, y, batch_size, val_fraction, seed)
    first, again = (flat(assert_batches(student, val, "val", X, y, epoch)) for epoch in (1, 2))
    assert_that(first == again, tr("The validation samples change their order."))


def assert_loader_seeds(student, X, y, batch_size, val_fraction, seeds):
    """The same seed gives the same split, others give others, and none is a block of the data."""
    splits = []
    for draw, seed in enumerate((seeds[0], *seeds)):
        loaders, _ = made_loaders(student, X, y, batch_size, val_fraction, seed, draw=draw)
        splits.append(set(flat(samples_of(student, loaders, X, y)[1])))
    gaps = [{after - before for before, after in pairwise(sorted(split))} for split in splits]
    is_even = all(max(steps, default=0) - min(steps, default=0) <= 1 for steps in gaps)
    observe(blocks=gaps == [{1}] * len(gaps), even=is_even, alike=all(split == splits[0] for split in splits))
    assert_that(splits[0] == splits[1], tr("The same seed gives another split."), hint=USE_SEED)
    assert_that(gaps != [{1}] * len(gaps), tr("The validation samples are neighbours in the data."))
    assert_that(not is_even, tr("The validation samples lie at even distances in the data."))
    assert_that(any(split != splits[0] for split in splits), tr("Every seed gives the same split."), hint=USE_SEED)


def assert_loader_random_state(student, X, y, batch_size, val_fraction, seed):
    """Making the loaders leaves the global random generators alone."""
    _, student.last_call = made_loaders(student, X, y, batch_size, val_fraction, seed)
    assert_random_state_unchanged(student)


def numbered_samples(n, *shape):
    """Samples that can be told apart, sorted by class."""
    X = torch.arange(float(n)).reshape(n, *[1] * len(shape)) + torch.zeros(n, *shape)
    return X, torch.arange(n) // 5
