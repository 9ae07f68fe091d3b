"""Which known mistake an answer is, as its observations say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.checking.results import CheckResult


def named_mistake(exercise: str, results: Sequence[CheckResult]) -> str:  # noqa: ARG001 - what naming will need
    """The name of the mistake that an answer to `exercise` is; empty where it is none that is known."""
    return ""
