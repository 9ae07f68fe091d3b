"""What a kernel takes from itself, for good, before any student's code runs in it."""

from __future__ import annotations

import contextlib
import math
import os
import resource
import socket
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from grader.sandbox.linux import drop_privileges, load_filter
from grader.sandbox.request import KernelRequest
from grader.sandbox.trials import refusals
from grader.sandbox.zygote import ZygoteError

PROTECTIONS: Final[Mapping[str, str]] = {
    "files": "reads Python, its packages and the released data, writes one private folder, and nothing else",
    "network": "opens no socket of any family",
    "calls": "makes no system call beyond a list: no tracing, mounts, namespaces, keyrings, io_uring, bpf",
    "signals": "signals no process but its own",
    "processes": "has a bounded number of processes and threads, and leaves none behind",
    "privileges": "has no capability, also as root",
    "memory": "is ended when its processes together hold too much memory",
    "disk": "is ended when it writes too much",
}
"""What a graded notebook cannot do, by the name under which a course may accept that it is missing."""

_SCOPES_ABI: Final = 6
"""From here on (Linux 6.12) Landlock keeps signals and abstract sockets within the kernel's own processes."""

_OPEN_FILES: Final = 512
_PENDING_SIGNALS: Final = 4_096
"""Signals and timers, which Linux counts for all processes of a user together."""
_CPU_SLACK: Final = 60


class ConfinementError(ZygoteError):
    """This machine cannot confine a kernel as the course asks: nothing is graded."""


@cache
def missing_protections() -> Mapping[str, str]:
    """Why this machine lacks which protection, by name; empty where it has all."""
    if sys.platform != "linux":
        return dict.fromkeys(PROTECTIONS, "only Linux has what it takes")
    missing: dict[str, str] = {}
    refused = refusals()
    if _landlock_abi() == 0:
        why = f" ({refused['landlock']})" if "landlock" in refused else ""
        missing["files"] = f"Landlock is missing{why}: it takes Linux 5.13 or newer with Landlock switched on"
    if "privileges" in refused:
        missing["privileges"] = f"they cannot be given up here ({refused['privileges']})"
    seccomp = _seccomp_fault()
    if seccomp is not None:
        missing |= dict.fromkeys(("network", "calls", "processes"), seccomp)
        if _landlock_abi() < _SCOPES_ABI:
            missing["signals"] = seccomp
    else:
        supervision = _supervision_fault()
        if supervision is not None:
            missing["processes"] = supervision
    return missing


def may_signal_children() -> bool:
    """Whether a kernel may signal the processes that it starts, and not only itself."""
    return _landlock_abi() >= _SCOPES_ABI


def _landlock_abi() -> int:
    """Landlock's version here; 0 where there is none, or it refuses."""
    from py_landlock import LandlockError, get_abi_version

    if "landlock" in refusals():
        return 0
    try:
        return int(get_abi_version())
    except LandlockError:
        return 0


def _seccomp_fault() -> str | None:
    try:
        import pyseccomp  # noqa: F401 - whether it can be imported is the question
    except (ImportError, RuntimeError):
        return "libseccomp is missing: install the package libseccomp2 (Debian, Ubuntu) or libseccomp (Fedora)"
    why = refusals().get("filter")
    return None if why is None else f"no seccomp filter can be installed here ({why})"


def _supervision_fault() -> str | None:
    import pyseccomp

    why = refusals().get("listener")
    if why is not None:
        return f"no seccomp filter here can ask a supervisor ({why}): it takes Linux 5.5 or newer"
    try:
        pyseccomp.SyscallFilter(pyseccomp.ALLOW).add_rule(pyseccomp.NOTIFY, "fork")
    except OSError as error:
        return f"this libseccomp cannot ask a supervisor ({error}): it takes libseccomp 2.5 or newer"
    return None


def require_protections(accepted: Iterable[str]) -> None:
    """Makes sure that every protection is there, or accepted as missing.

    Args:
        accepted: names of `PROTECTIONS` that the course can do without.

    Raises:
        ConfinementError: one is missing that the course did not accept.
    """
    refused = {name: why for name, why in missing_protections().items() if name not in set(accepted)}
    if refused:
        lines = "".join(f"\n  {name}: a graded notebook {PROTECTIONS[name]} ({why})" for name, why in refused.items())
        names = ", ".join(repr(name) for name in refused)
        raise ConfinementError(
            f"Nothing is graded: this machine lacks protections from student code:{lines}\n"
            "Grade on a machine that has them (`grader doctor` shows what a machine enforces), or accept the risk"
            f" in course_config.py: c.AulaTorch.accept_unprotected = [{names}]"
        )


def prepare() -> None:
    """Does once, before any fork, what takes time: compiles the filters and looks up the rules."""
    from grader.sandbox import file_rules, syscalls

    list(file_rules.readable())
    missing = missing_protections()
    if "calls" not in missing:
        syscalls.sealing_filter()
        if "signals" not in missing and _landlock_abi() >= _SCOPES_ABI:
            syscalls.kernel_filter(supervised="processes" not in missing, signals_of=None)


def confine(request: KernelRequest, warden: socket.socket) -> None:
    """Confines this process, which must have one thread, and all that it starts.

    What the kernel itself needs to open its channels stays possible until `seal`.

    Args:
        request: what the kernel may use.
        warden: gets the descriptor on which the filter asks about new processes and threads.

    Raises:
        ConfinementError: a protection that the course wants cannot be had.
    """
    require_protections(request.accept_unprotected)
    missing = missing_protections()
    _limit_resources(request)
    if "privileges" not in missing:
        _apply("privileges", drop_privileges, request)
    if "files" not in missing:
        _apply("files", lambda: _restrict_files(request), request)
    if "calls" not in missing:
        _apply("calls", lambda: _filter_calls(warden), request)


def seal(request: KernelRequest) -> None:
    """Takes from every thread what only the start of the kernel needed: opening sockets, and binding them."""
    if "calls" not in missing_protections():
        from grader.sandbox.syscalls import sealing_filter

        _apply("network", lambda: load_filter(sealing_filter(), supervised=False), request)


def _apply(name: str, protect: Callable[[], object], request: KernelRequest) -> None:
    from py_landlock import LandlockError

    try:
        protect()
    except (OSError, LandlockError) as error:
        if name not in request.accept_unprotected:
            raise ConfinementError(f"this machine refuses the protection {name!r}: {error}") from error


def _restrict_files(request: KernelRequest) -> None:
    from grader.sandbox.file_rules import restrict_files

    restrict_files(
        scratch=request.scratch,
        work=request.cwd,
        channels=str(Path(request.connection_file).parent),
        folders=request.readable,
        packages=request.packages,
        gpu=request.device != "cpu",
    )


def _filter_calls(warden: socket.socket) -> None:
    from grader.sandbox.syscalls import kernel_filter

    signals_of = None if _landlock_abi() >= _SCOPES_ABI else os.getpid()
    supervised = "processes" not in missing_protections()
    descriptor = load_filter(kernel_filter(supervised=supervised, signals_of=signals_of), supervised=supervised)
    if descriptor is not None:
        socket.send_fds(warden, [b"supervise"], [descriptor])
        os.close(descriptor)


def _limit_resources(request: KernelRequest) -> None:
    """The classic limits; memory, processes and the whole folder's size are the warden's to watch."""
    seconds = math.ceil(request.cpu_seconds) + _CPU_SLACK
    limits = {
        "CORE": 0,
        "NOFILE": _OPEN_FILES,
        "FSIZE": request.scratch_bytes,
        "CPU": seconds,
        "MSGQUEUE": 0,
        "SIGPENDING": _PENDING_SIGNALS,
    }
    for name, limit in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is not None:
            _, hard = resource.getrlimit(kind)
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (limit, limit))
    with contextlib.suppress(OSError):  # should memory run out, Linux ends this process before any other
        Path("/proc/self/oom_score_adj").write_text("1000")
