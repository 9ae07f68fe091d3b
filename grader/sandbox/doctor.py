"""What this machine really keeps a student's code from doing, each line tried out on a live kernel."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import psutil
from nbformat.v4 import new_code_cell, new_notebook

from grader.sandbox.cells import Kernel, KernelLostError, Limits
from grader.sandbox.confinement import PROTECTIONS, missing_protections
from grader.sandbox.zygote import Zygote

_LIMITS: Final = Limits(cell_seconds=20.0, output_characters=10_000, reply_bytes=2**20)
_HELD: Final = "HELD"
"""What a trial prints when the protection held."""


@dataclass(frozen=True)
class Finding:
    """What trying out one protection showed.

    Attributes:
        protection: its name.
        holds: whether the kernel was kept from it.
        detail: why not, where it is known.
    """

    protection: str
    holds: bool
    detail: str = ""


def examine(zygote: Zygote) -> list[Finding]:
    """Tries every protection on a kernel of its own.

    Raises:
        ZygoteError: no kernel starts at all.
    """
    missing = missing_protections()
    findings = []
    for name, attempt in _TRIALS.items():
        holds = name not in missing and attempt(zygote)  # another protection may keep a kernel from what is tried
        detail = "" if holds else missing.get(name, "it was tried, and did not hold")
        findings.append(Finding(name, holds, detail))
    return findings


def _says(zygote: Zygote, source: str, limits: Limits = _LIMITS) -> str:
    """What a cell prints in a fresh kernel, or why the kernel was lost."""
    cell = new_code_cell(source)
    # Whatever is missing is accepted here: the point is to see it.
    with Kernel(zygote, new_notebook(cells=[cell]), {}, limits, "cpu", accept_unprotected=tuple(PROTECTIONS)) as kernel:
        try:
            kernel.run_cell(cell, 0, limits.cell_seconds)
        except KernelLostError as lost:
            return lost.reason
    return "".join(output.get("text", output.get("evalue", "")) for output in cell.outputs)


def _refused(action: str) -> str:
    """A cell that tries `action` and says whether the system refused it."""
    return f"try:\n    {action}\nexcept OSError:\n    print({_HELD!r})\nelse:\n    print('not refused')"


def _keeps_files(zygote: Zygote) -> bool:
    with tempfile.TemporaryDirectory(prefix="doctor-") as folder:
        secret = Path(folder, "secret")
        secret.write_text("secret")
        read = _says(zygote, _refused(f"open({str(secret)!r}).read()"))
        write = _says(zygote, _refused(f"open({str(Path(folder, 'new'))!r}, 'w')"))
    return _HELD in read and _HELD in write


def _keeps_network(zygote: Zygote) -> bool:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        action = f"import socket; socket.create_connection({server.getsockname()!r}, timeout=2)"
        said = _says(zygote, _refused(action))
        try:
            server.accept()
        except BlockingIOError:
            return _HELD in said
    return False


def _keeps_calls(zygote: Zygote) -> bool:
    source = (
        "import ctypes\n"
        "libc = ctypes.CDLL(None)\n"
        f"refused = libc.unshare(0x10000000) == libc.ptrace(0, 0, 0, 0) == libc.mount(0, 0, 0, 0, 0) == -1\n"
        f"print({_HELD!r} if refused else 'not refused')"
    )
    return _HELD in _says(zygote, source)


def _keeps_signals(zygote: Zygote) -> bool:
    return _HELD in _says(zygote, _refused(f"import os; os.kill({os.getpid()}, 0)"))


def _keeps_processes(zygote: Zygote) -> bool:
    mark = f"60.{secrets.randbelow(10**12):012}"  # seconds to sleep, and how to know the sleepers again
    source = (
        "import subprocess\n"
        f"command = ['sleep', {mark!r}]\n"
        "kept = []\n"
        "try:\n"
        "    while len(kept) < 200:\n"
        "        kept.append(subprocess.Popen(command, start_new_session=True))\n"
        "except OSError:\n"
        f"    print({_HELD!r})"
    )
    said = _says(zygote, source)
    return _HELD in said and not _is_running(mark)


def _is_running(mark: str) -> bool:
    return any(mark in (process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))


def _keeps_privileges(zygote: Zygote) -> bool:
    said = _says(zygote, "print(open('/proc/self/status').read())")
    status = dict(line.split(":\t", 1) for line in said.splitlines() if ":\t" in line)
    return status.get("NoNewPrivs") == "1" and int(status.get("CapEff", "1"), 16) == 0


def _keeps_memory(zygote: Zygote) -> bool:
    source = "kept = []\nwhile len(kept) < 64:\n    kept.append(bytearray(2**25))"
    return _says(zygote, source, replace(_LIMITS, memory_bytes=2**29)) == "memory"


def _keeps_disk(zygote: Zygote) -> bool:
    source = "import time\nfor number in range(8):\n    open(f'{number}', 'wb').write(bytes(2**23))\ntime.sleep(10)"
    return _says(zygote, source, replace(_LIMITS, scratch_bytes=2**24)) == "disk"


_TRIALS: Final[Mapping[str, Callable[[Zygote], bool]]] = {
    "files": _keeps_files,
    "network": _keeps_network,
    "calls": _keeps_calls,
    "signals": _keeps_signals,
    "processes": _keeps_processes,
    "privileges": _keeps_privileges,
    "memory": _keeps_memory,
    "disk": _keeps_disk,
}
