"""Who raised an error: the student's code with words of its own, or what that code called."""

from __future__ import annotations

import dis
from typing import Any, Final

_RAISE: Final = dis.opmap["RAISE_VARARGS"]
"""What both ``raise`` and ``assert`` are compiled to."""


def is_raised_in(error: BaseException, namespace: object) -> bool:
    """Whether a ``raise`` or an ``assert`` of code with that global namespace raised `error`."""
    innermost = error.__traceback__
    while innermost is not None and innermost.tb_next is not None:
        innermost = innermost.tb_next
    if innermost is None or innermost.tb_frame.f_globals is not namespace:
        return False
    code: Any = innermost.tb_frame.f_code.co_code
    return 0 <= innermost.tb_lasti < len(code) and code[innermost.tb_lasti] == _RAISE
