"""The last line of defence: what a notebook of ours imports ends a kernel in which nbgrader grades it unconfined.

`grader.grading.kernelspecs` keeps nbgrader from starting such a kernel; this is for a gradebook that does not know it.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Final

ACCEPT_VARIABLE: Final = "AULATORCH_ACCEPT_UNCONFINED"
"""Set by what wants it anyway: benchmarks and attacks, which compare with plain nbgrader."""

_EXIT_CODE: Final = 77

_is_decided = False


def refuse_unconfined() -> None:
    """Ends the process if it is a kernel in which plain nbgrader grades: no grade is better than a zero or a leak.

    A confined kernel is forked from a process that has imported the package already, so this does nothing there.
    """
    global _is_decided
    if _is_decided:
        return
    _is_decided = True
    if os.environ.get("NBGRADER_EXECUTION") != "autograde" or os.environ.get(ACCEPT_VARIABLE):
        return
    ipython: Any = sys.modules.get("IPython")
    if ipython is not None and getattr(ipython.get_ipython(), "kernel", None) is not None:
        os._exit(_EXIT_CODE)
