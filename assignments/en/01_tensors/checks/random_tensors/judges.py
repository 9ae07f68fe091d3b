"""What decides `random_tensors`, and what it says."""

import torch

from grader.kit import assert_close, assert_dtype, assert_length, assert_shape, assert_that, tr

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
