"""Which of Linux's means of confinement this machine grants, each tried in a process that ends with the trial.

A container or another sandbox can refuse any of them whatever the kernel's version says, and some show only when they
are used. This file imports Python's standard library alone: it also runs in a Python without packages.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from grader.sandbox.linux import drop_privileges, forbid_privileges, forbid_programs, load_filter

_ALLOW_ALL: Final = struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000)
"""A filter of one instruction, which returns SECCOMP_RET_ALLOW."""

_TRY: Final = "import sys; sys.path.append(sys.argv[1]); from grader.sandbox.trials import main; main()"
_UNKNOWN: Final = 255


def _install_filter() -> None:
    forbid_privileges()
    load_filter(_ALLOW_ALL, supervised=False)


def _install_listener() -> None:
    forbid_privileges()
    load_filter(_ALLOW_ALL, supervised=True)


def _use_landlock() -> None:
    forbid_privileges()
    forbid_programs()


_TRIALS: Final[Mapping[str, Callable[[], object]]] = {
    "privileges": drop_privileges,
    "filter": _install_filter,
    "listener": _install_listener,
    "landlock": _use_landlock,
}


@cache
def refusals() -> Mapping[str, str]:
    """Why this machine refuses what, by name: ``privileges`` (giving them up), ``filter`` and ``listener`` of seccomp,
    ``landlock``; empty where it grants all. They are tried once in a process's life.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _TRY, str(Path(__file__).parents[2])],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        statuses: dict[str, int] = json.loads(done.stdout)
    except ValueError:
        said = done.stderr.strip().splitlines()
        return dict.fromkeys(_TRIALS, f"it cannot be tried: {said[-1] if said else f'exit code {done.returncode}'}")
    return {name: _reason(status) for name, status in statuses.items() if status != 0}


def _reason(status: int) -> str:
    if status < 0:
        return f"a process that tries is ended by {signal.Signals(-status).name}"
    if status == errno.EBUSY:
        return "something around this process, as some container runtimes do, has a listener already: there can be one"
    return f"{errno.errorcode.get(status, 'an error')}: {os.strerror(status)}" if status != _UNKNOWN else "it fails"


def main() -> None:
    """Tries all in children of this process; prints 0, an error number or minus a signal's number for each, as JSON."""
    statuses = {}
    for name, attempt in _TRIALS.items():
        pid = os.fork()
        if pid == 0:
            os._exit(_attempted(attempt))
        statuses[name] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(json.dumps(statuses))


def _attempted(attempt: Callable[[], object]) -> int:
    try:
        attempt()
    except OSError as error:
        return error.errno or _UNKNOWN
    except BaseException:  # noqa: BLE001 - such as a processor whose system calls have unknown numbers
        return _UNKNOWN
    return 0
