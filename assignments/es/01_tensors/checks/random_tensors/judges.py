"""What decides `random_tensors`, and what it says."""

from contextlib import nullcontext

import torch

from grader.kit import (
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_length,
    assert_random_state_unchanged,
    assert_shape,
    assert_that,
    origin,
    tr,
    verbatim,
)
from grader.kit.comparison import as_tensor
from grader.kit.observations import observe, unobserved

DRAWS = 20_000


KINDS = ("zeros", "ones", "rand")


def samples(student, shape, seed):
    """The two tensors of `seeded_samples(shape, seed)`, each of that shape."""
    pair = student.seeded_samples(shape, seed)
    assert_length(pair, 2)
    for name, tensor in zip(("uniform", "normal"), pair, strict=True):
        assert_shape(tensor, shape, name=name)
    return tuple(as_tensor(tensor) for tensor in pair)  # that an array is no tensor costs `assert_samples_dtype` alone


def assert_samples_dtype(student, shape, seed):
    """Both are tensors of float32."""
    samples(student, shape, seed)
    for name, tensor in zip(("uniform", "normal"), student.last_call.value, strict=True):
        assert_dtype(tensor, torch.float32, name=name)


def assert_in_unit_interval(tensor, name):
    """Every value is in [0, 1), or 1 where a float64 just below it was rounded to float32."""
    if tensor.numel():
        assert_that(
            not tensor.is_complex() and bool(((tensor >= 0) & (tensor <= 1)).all()),
            tr("Some values of `{name}` are outside [0, 1).", name=name),
            actual=verbatim("complex")
            if tensor.is_complex()
            else tr("from {low} to {high}", low=f"{tensor.min():.3g}", high=f"{tensor.max():.3g}"),
        )


def assert_seed_decides(student, shape, seed, other):
    """Equal seeds give equal samples, and another seed gives others."""
    with unobserved():  # whoever draws otherwise is right as well
        first, again, different = (samples(student, shape, number) for number in (seed, seed, other))
    for position, name in enumerate(("uniform", "normal")):
        assert_that(
            torch.equal(first[position], again[position]),
            tr("Two calls with the same seed give different values of `{name}`.", name=name),
        )
        assert_that(
            not torch.equal(first[position], different[position]),
            tr("Another seed gives the same values of `{name}`.", name=name),
        )


def assert_distributions(student, seed):
    """Mean, standard deviation and tails of many draws, within five standard errors."""
    uniform, normal = samples(student, (DRAWS // 4, 4), seed)
    assert_in_unit_interval(uniform, "uniform")
    assert_moments(uniform, "uniform", mean=0.5, std=12**-0.5)
    assert_moments(normal, "normal", mean=0.0, std=1.0)
    beyond_one = float((normal.abs() > 1).double().mean())
    assert_that(
        abs(beyond_one - 0.3173) < 5 * (0.3173 * 0.6827 / DRAWS) ** 0.5,
        tr("The values of `{name}` do not follow the distribution that was asked.", name="normal"),
        expected=tr("{share} % of them below -1 or above 1", share="31.7"),
        actual=tr("{share} % of them below -1 or above 1", share=f"{100 * beyond_one:.1f}"),
    )


def assert_global_generator_untouched(student, shape, *seeds):
    """Calls leave the global random state as it was."""
    for seed in seeds:
        samples(student, shape, seed)
        assert_random_state_unchanged(student)


def assert_moments(tensor, name, *, mean, std):
    """The mean and the standard deviation of `DRAWS` values."""
    found_mean, found_std = float(tensor.double().mean()), float(tensor.double().std())
    tolerance = 5 * std / DRAWS**0.5
    assert_that(
        abs(found_mean - mean) < tolerance and abs(found_std - std) < tolerance,
        tr("The values of `{name}` do not follow the distribution that was asked.", name=name),
        expected=tr("mean {mean} and standard deviation {std}", mean=f"{mean:.2f}", std=f"{std:.2f}"),
        actual=tr("mean {mean} and standard deviation {std}", mean=f"{found_mean:.2f}", std=f"{found_std:.2f}"),
    )


def assert_like(student, x, kind, *dtype, expected):
    """`like(x, kind)` has the shape of x, the dtype `expected` and the values that `kind` names."""
    if kind == "rand":
        with unobserved():
            assert_like_random(student, x, *dtype, expected=expected)
        return
    tensor = student.like(x, kind, *dtype)
    assert_close(tensor, torch.zeros(x.shape) if kind == "zeros" else torch.ones(x.shape))
    assert_dtype(tensor, expected)


def assert_like_random(student, x, *dtype, expected):
    """The same for random values."""
    tensor = student.like(x, "rand", *dtype)
    if isinstance(tensor, torch.Tensor):
        observe(dtype=str(tensor.dtype), shape=list(tensor.shape), device=origin(tensor).device)
    assert_shape(tensor, x.shape)
    assert_dtype(tensor, expected)
    assert_in_unit_interval(tensor, "like")
    again = student.like(x, "rand", *dtype)
    assert_shape(again, x.shape)
    assert_that(
        x.numel() < 2 or not torch.equal(tensor, again),
        tr("Two calls give the same values: they should be random."),
        expected=tr("two different tensors"),
        actual=tr("the same tensor twice"),
    )


def assert_like_on_a_gpu(student, x, kind):
    """The result lies on the device of x."""
    with unobserved() if kind == "rand" else nullcontext():
        assert_device_agnostic(student, student.like, x, kind)


def assert_like_is_uniform(student):
    """`like(x, "rand")` of many values follows its distribution."""
    with unobserved():
        tensor = student.like(torch.zeros(DRAWS // 4, 4), "rand")
    assert_shape(tensor, (DRAWS // 4, 4))
    if bool(torch.isfinite(tensor).all()):  # in steps whose edges are far from where these mistakes lead
        steps = {"mean": round(20 * float(tensor.mean())), "spread": round(20 * float(tensor.std()))}
        observe(**steps, is_rounded=len(tensor.unique()) < DRAWS // 10)
    assert_moments(tensor, "like", mean=0.5, std=12**-0.5)
