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


__all__ = ["exercise"]
