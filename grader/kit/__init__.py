"""What a check file imports.

A check is a pytest function that takes `student`, the student's notebook seen from outside::

    @exercise("pairwise_distances", weight=2)
    @pytest.mark.parametrize(("n", "m"), [(5, 7), (1, 1), (0, 4)])
    def test_distances_for_any_number_of_points(student, rng, n, m):
        \"\"\"The distances are right for any number of points.\"\"\"
        x, y = rng.normal(n, 3), rng.normal(m, 3)
        assert_close(student.pairwise_distances(x, y), torch.cdist(x, y))

The docstring is the title that a student reads. Texts in ``tr("…")`` are translated through the catalogues.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from grader.kit.assertions import (
        assert_close,
        assert_dtype,
        assert_equal,
        assert_inputs_unchanged,
        assert_keys,
        assert_length,
        assert_python_number,
        assert_raises,
        assert_random_state_unchanged,
        assert_returns,
        assert_shape,
        assert_shares_memory,
        assert_that,
    )
    from grader.kit.devices import assert_device_agnostic
    from grader.kit.failures import CheckFailure, StudentError
    from grader.kit.gradients import assert_gradients
    from grader.kit.loops import assert_no_python_loops
    from grader.kit.marks import cases_of, exercise
    from grader.kit.messages import Message, tr, trn, verbatim
    from grader.kit.operations import assert_without_operations, operations_of
    from grader.kit.own_work import assert_own_work
    from grader.kit.randomness import Rng
    from grader.kit.references import alternatives, reference
    from grader.kit.student import Remote, Student
    from grader.kit.tracing import assert_scales
    from grader.kit.training.checkpoints import load_checkpoint, read_checkpoint
    from grader.wire.values import origin

__all__ = [
    "CheckFailure",
    "Message",
    "Remote",
    "Rng",
    "Student",
    "StudentError",
    "alternatives",
    "assert_close",
    "assert_device_agnostic",
    "assert_dtype",
    "assert_equal",
    "assert_gradients",
    "assert_inputs_unchanged",
    "assert_keys",
    "assert_length",
    "assert_no_python_loops",
    "assert_own_work",
    "assert_python_number",
    "assert_raises",
    "assert_random_state_unchanged",
    "assert_returns",
    "assert_scales",
    "assert_shape",
    "assert_shares_memory",
    "assert_that",
    "assert_without_operations",
    "cases_of",
    "exercise",
    "load_checkpoint",
    "operations_of",
    "origin",
    "read_checkpoint",
    "reference",
    "tr",
    "trn",
    "verbatim",
]

_HOMES: Final = {
    "grader.kit.assertions": (
        "assert_close",
        "assert_dtype",
        "assert_equal",
        "assert_inputs_unchanged",
        "assert_keys",
        "assert_length",
        "assert_python_number",
        "assert_raises",
        "assert_random_state_unchanged",
        "assert_returns",
        "assert_shape",
        "assert_shares_memory",
        "assert_that",
    ),
    "grader.kit.devices": ("assert_device_agnostic",),
    "grader.kit.failures": ("CheckFailure", "StudentError"),
    "grader.kit.gradients": ("assert_gradients",),
    "grader.kit.loops": ("assert_no_python_loops",),
    "grader.kit.marks": ("cases_of", "exercise"),
    "grader.kit.messages": ("Message", "tr", "trn", "verbatim"),
    "grader.kit.operations": ("assert_without_operations", "operations_of"),
    "grader.kit.own_work": ("assert_own_work",),
    "grader.kit.randomness": ("Rng",),
    "grader.kit.references": ("alternatives", "reference"),
    "grader.kit.student": ("Remote", "Student"),
    "grader.kit.tracing": ("assert_scales",),
    "grader.kit.training.checkpoints": ("load_checkpoint", "read_checkpoint"),
    "grader.wire.values": ("origin",),
}


def __getattr__(name: str) -> Any:
    """Imports what is asked for: a message needs no torch."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'grader.kit' has no attribute {name!r}")
