"""Entries of nbgrader's lists of preprocessors: classes, or the names of classes."""

from __future__ import annotations

from typing import Any

from traitlets.utils.importstring import import_item


def step_class(step: Any, base: type) -> type | None:
    """The class of a step, if it is a `base`; names are imported."""
    kind = import_item(step) if isinstance(step, str) else step
    return kind if isinstance(kind, type) and issubclass(kind, base) else None
