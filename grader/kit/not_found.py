"""What to do where checks are missing, for a student."""

from __future__ import annotations

from grader.course import RELEASED, ChecksNotFoundError
from grader.kit.messages import Message, tr


def not_found(error: ChecksNotFoundError) -> Message:
    """What to do where checks are missing, for a student."""
    if not error.exercise:
        return tr(
            "The checks of this notebook are not here: copy the folder `{name}` that was handed out with it to"
            " {folder}",
            name=RELEASED,
            folder=error.folder,
        )
    if error.meant:
        return tr("There is no exercise {name!r}; did you mean {meant!r}?", name=error.exercise, meant=error.meant)
    return tr("There is no exercise {name!r}. There are: {known}", name=error.exercise, known=", ".join(error.known))
