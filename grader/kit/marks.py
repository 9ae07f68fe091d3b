"""The marker that ties a check to an exercise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

Check = TypeVar("Check", bound=Callable[..., object])


After = str | Callable[..., object] | Sequence[str | Callable[..., object]]
"""One check or several, by themselves or by name."""


def exercise(name: str, *, weight: float = 1.0, after: After = ()) -> Callable[[Check], Check]:
    """Marks a check as one of the exercise `name`, the `grade_id` of its cell in the notebook.

    Args:
        name: the exercise.
        weight: its share of the exercise's points, relative to the other checks of the exercise. A check with
            parameters shares its weight among its cases. With 0 it is shown and costs nothing.
        after: checks of the exercise that must pass before this one can tell anything. Where one does not, this one is
            not run and earns nothing: its verdict is ``not_judged``, and its student reads of one fault, once.

    Raises:
        ValueError: the weight is negative.
    """
    if weight < 0:
        raise ValueError(f"a check's weight must not be negative: {weight}")
    return pytest.mark.exercise(name, weight=weight, after=_names(after))


def _names(after: After) -> tuple[str, ...]:
    checks = [after] if isinstance(after, str) or callable(after) else after
    return tuple(check if isinstance(check, str) else check.__name__ for check in checks)


def cases_of(
    check: Callable[..., object], *, weight: float = 1.0, after: After | None = None
) -> Callable[[Check], Check]:
    """Marks a check as further cases of another one, usually a visible check's that students do not have.

    It belongs to the same exercise and has the same title, which is written and translated once::

        from . import visible

        @cases_of(visible.test_products_of_every_pair, weight=2)
        def test_pairs_of_any_sizes(student, rng): ...

    Args:
        check: the other check.
        weight: its own share of the exercise's points.
        after: as in `exercise`; without it, what the other check waits for.

    Raises:
        ValueError: `check` belongs to no exercise, or the weight is negative.
    """
    mark = next((mark for mark in getattr(check, "pytestmark", []) if mark.name == "exercise"), None)
    if mark is None:
        raise ValueError(f"{getattr(check, '__name__', check)} has no @exercise(…)")

    def decorate(cases: Check) -> Check:
        cases.__doc__ = check.__doc__
        return exercise(mark.args[0], weight=weight, after=mark.kwargs["after"] if after is None else after)(cases)

    return decorate


__all__ = ["cases_of", "exercise"]
