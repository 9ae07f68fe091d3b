"""The marker that ties a check to an exercise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

Check = TypeVar("Check", bound=Callable[..., object])


def exercise(name: str, *, weight: float = 1.0) -> Callable[[Check], Check]:
    """Marks a check as one of the exercise `name`, the `grade_id` of its cell in the notebook.

    Args:
        name: the exercise.
        weight: its share of the exercise's points, relative to the other checks of the exercise. A check with
            parameters shares its weight among its cases. With 0 it is shown and costs nothing.

    Raises:
        ValueError: the weight is negative.
    """
    if weight < 0:
        raise ValueError(f"a check's weight must not be negative: {weight}")
    return pytest.mark.exercise(name, weight=weight)


def cases_of(check: Callable[..., object], *, weight: float = 1.0) -> Callable[[Check], Check]:
    """Marks a check as further cases of another one, usually a visible check's that students do not have.

    It belongs to the same exercise and has the same title, which is written and translated once::

        from . import visible

        @cases_of(visible.test_products_of_every_pair, weight=2)
        def test_pairs_of_any_sizes(student, rng): ...

    Args:
        check: the other check.
        weight: its own share of the exercise's points.

    Raises:
        ValueError: `check` belongs to no exercise, or the weight is negative.
    """
    mark = next((mark for mark in getattr(check, "pytestmark", []) if mark.name == "exercise"), None)
    if mark is None:
        raise ValueError(f"{getattr(check, '__name__', check)} has no @exercise(…)")

    def decorate(cases: Check) -> Check:
        cases.__doc__ = check.__doc__
        return exercise(mark.args[0], weight=weight)(cases)

    return decorate


__all__ = ["cases_of", "exercise"]
