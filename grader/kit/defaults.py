"""Whether a call left PyTorch's defaults, which are everybody's, as they were."""

from __future__ import annotations

from typing import Final

from grader.kit.failures import CheckFailure
from grader.kit.messages import tr
from grader.kit.student import Student

_PUT_BACK: Final = tr(
    "All code after the call works with that default. Ask for a dtype or a device where a tensor is made (dtype=,"
    " device=), or convert what you have."
)


def assert_defaults_kept(student: Student) -> None:
    """Fails if the latest call left PyTorch's default dtype or device changed; it is put back in any case."""
    call = student.last_call
    if call and call.defaults_changed:
        raise CheckFailure(
            tr("Your code leaves a default of PyTorch changed: {which}.", which=_named(call.defaults_changed[0])),
            hint=_PUT_BACK,
        )


def _named(which: str) -> str:
    return {"dtype": "torch.set_default_dtype", "device": "torch.set_default_device"}.get(which, which)
