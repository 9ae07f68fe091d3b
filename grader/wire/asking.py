"""What `input()` does where nobody can answer: it says so."""

from __future__ import annotations

import builtins
import getpass
from collections.abc import Callable
from typing import Any


class NobodyToAskError(EOFError):
    """A notebook asks for something to be typed where nobody can type."""


def refusal(text: str) -> Callable[..., str]:
    """What stands for `input` and `getpass`.

    Args:
        text: what the error says.
    """

    def refuse(*_arguments: object, **_options: object) -> str:
        __tracebackhide__ = True  # the line that asks is the one to look at
        raise NobodyToAskError(text)

    return refuse


def ask_nobody(kernel: Any, text: str) -> None:
    """Lets what asks fail at once, in the cells of a kernel of Jupyter's and in calls between them.

    Args:
        kernel: ipykernel's, which would say that a frontend does not support it.
        text: what the error says.
    """
    kernel.raw_input = kernel.getpass = builtins.input = getpass.getpass = refusal(text)
