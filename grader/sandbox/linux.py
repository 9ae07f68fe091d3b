"""The few Linux calls that the sandbox needs and Python does not offer."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

_PR_SET_PDEATHSIG: Final = 1
_PR_CAPBSET_DROP: Final = 24
_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_CLEAR_ALL: Final = 4

_CAPABILITY_VERSION_3: Final = 0x20080522
_LAST_CAPABILITY: Final = 63

_SECCOMP_SET_MODE_FILTER: Final = 1
_FILTER_ALL_THREADS: Final = 1 << 0
_FILTER_ALLOW_SPECULATION: Final = 1 << 2
"""Without it, kernels before 5.16 slow the whole process down to hinder Spectre."""
_FILTER_NEW_LISTENER: Final = 1 << 3

# What `struct seccomp_notif` (80 bytes) and `struct seccomp_notif_resp` (24 bytes) make of _IOWR('!', 0 and 1).
_NOTIFICATION_RECEIVE: Final = 0xC0502100
_NOTIFICATION_SEND: Final = 0xC0182101
_NOTIFICATION: Final = struct.Struct("QIIiIQ6Q")
_RESPONSE: Final = struct.Struct("QqiI")
_RESPONSE_CONTINUE: Final = 1

_LANDLOCK_EXECUTE: Final = 1 << 0

_SYSCALL_NUMBERS: Final = {
    "seccomp": {"x86_64": 317, "aarch64": 277},
    "capset": {"x86_64": 126, "aarch64": 91},
    "landlock_create_ruleset": {"x86_64": 444, "aarch64": 444},
    "landlock_restrict_self": {"x86_64": 446, "aarch64": 446},
}


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _prctl(option: int, argument: int = 0) -> int:
    return int(_libc().prctl(option, ctypes.c_ulong(argument), 0, 0, 0))


def _syscall(name: str) -> Callable[..., int]:
    number = _SYSCALL_NUMBERS[name][os.uname().machine]
    return lambda *arguments: int(_libc().syscall(number, *arguments))


def die_with_parent(signal_number: int) -> None:
    """Asks Linux for `signal_number` when the parent ends; elsewhere the parent must see to it."""
    if sys.platform == "linux":
        _checked(_prctl(_PR_SET_PDEATHSIG, signal_number))


def adopt_orphans() -> None:
    """Makes this process the parent of every descendant whose own parent ends."""
    if sys.platform == "linux":
        _checked(_prctl(_PR_SET_CHILD_SUBREAPER, 1))


def drop_privileges() -> None:
    """Gives up every capability, also for programs started later: root becomes an ordinary owner of files.

    Raises:
        OSError: the kernel refuses.
    """
    _checked(_prctl(_PR_SET_NO_NEW_PRIVS, 1))
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(_LAST_CAPABILITY + 1):
        _prctl(_PR_CAPBSET_DROP, capability)  # fails where there is none to drop
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _checked(_syscall("capset")(header, bytes(24)))


def forbid_privileges() -> None:
    """Lets no program that is started later gain privileges, as far as the kernel grants it: filters ask for it."""
    with contextlib.suppress(OSError):
        _checked(_prctl(_PR_SET_NO_NEW_PRIVS, 1))


def forbid_programs() -> None:
    """Applies rules of Landlock to this process by which it may start no program.

    Raises:
        OSError: the kernel refuses.
    """
    attributes = struct.pack("Q", _LANDLOCK_EXECUTE)
    ruleset = _checked(_syscall("landlock_create_ruleset")(attributes, len(attributes), 0))
    _checked(_syscall("landlock_restrict_self")(ruleset, 0))


@dataclass(frozen=True)
class _Program:
    """A `struct sock_fprog`, and what keeps its memory alive."""

    address: Any
    memory: Any


def _program(instructions: bytes) -> _Program:
    memory = ctypes.create_string_buffer(instructions, len(instructions))
    packed = struct.pack("HxxxxxxP", len(instructions) // 8, ctypes.addressof(memory))
    return _Program(ctypes.create_string_buffer(packed, len(packed)), memory)


def load_filter(instructions: bytes, *, supervised: bool) -> int | None:
    """Puts a seccomp filter on every thread of this process, for good.

    Args:
        instructions: BPF, as `pyseccomp.SyscallFilter.export_bpf` writes it.
        supervised: whether the filter asks a supervisor about some calls.

    Returns:
        The descriptor that the supervisor listens on, or None.

    Raises:
        OSError: the kernel refuses.
    """
    program = _program(instructions)
    flags = _FILTER_ALLOW_SPECULATION | (_FILTER_NEW_LISTENER if supervised else _FILTER_ALL_THREADS)
    result = _checked(_syscall("seccomp")(_SECCOMP_SET_MODE_FILTER, flags, program.address))
    return result if supervised else None


@dataclass(frozen=True)
class WaitingCall:
    """A system call that waits for its supervisor's answer.

    Attributes:
        identity: names it in the answer.
        number: which system call it is.
        first_argument: as the register had it.
    """

    identity: int
    number: int
    first_argument: int


@dataclass(frozen=True)
class Supervision:
    """A supervisor's end of a filter: system calls wait here until they are allowed or refused."""

    descriptor: int

    def next_call(self) -> WaitingCall:
        """Takes the next waiting call.

        Raises:
            OSError: the caller is gone already.
        """
        buffer = bytearray(_NOTIFICATION.size)
        fcntl.ioctl(self.descriptor, _NOTIFICATION_RECEIVE, buffer)
        identity, _, _, number, _, _, first_argument, *_ = _NOTIFICATION.unpack(buffer)
        return WaitingCall(identity, number, first_argument)

    def answer(self, call: WaitingCall, refusal: int = 0) -> None:
        """Lets a call go on, or makes it fail with the error number `refusal`.

        Raises:
            OSError: the caller is gone.
        """
        response = _RESPONSE.pack(call.identity, 0, -refusal, 0 if refusal else _RESPONSE_CONTINUE)
        fcntl.ioctl(self.descriptor, _NOTIFICATION_SEND, bytearray(response))
