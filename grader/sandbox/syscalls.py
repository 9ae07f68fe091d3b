"""The system calls of a graded kernel: a list of what it may call. Everything else does not exist for it.

Landlock guards files by name; this list covers what Landlock does not: sockets, other processes' memory, mounts,
namespaces, keyrings, io_uring, bpf, System V memory, and changing the mode, owner, times or attributes of files
that can only be read.
"""

from __future__ import annotations

import errno
import os
from functools import cache
from typing import Any, Final

_FILES: Final = """
    read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 close close_range lseek
    stat fstat lstat newfstatat statx statfs fstatfs access faccessat faccessat2 readlink readlinkat getcwd chdir fchdir
    mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat ftruncate
    getdents getdents64 dup dup2 dup3 flock fsync fdatasync sync_file_range fadvise64 readahead copy_file_range
    sendfile pipe pipe2 umask
"""
_MEMORY: Final = """
    mmap munmap mprotect mremap madvise brk msync mlock mlock2 munlock membarrier get_mempolicy set_mempolicy mbind
"""
_PROCESSES: Final = """
    execve execveat exit exit_group wait4 waitid getpid getppid gettid getpgid getpgrp getsid setpgid setsid
    getuid geteuid getgid getegid getresuid getresgid getgroups capget set_tid_address set_robust_list arch_prctl rseq
    getrlimit setrlimit getrusage times sysinfo uname getcpu getpriority
    sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min
    sched_rr_get_interval fcntl ioctl prctl
"""
_SIGNALS_AND_TIME: Final = """
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack pause alarm
    setitimer getitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete
    timerfd_create timerfd_settime timerfd_gettime nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday
    time restart_syscall signalfd signalfd4
"""
_WAITING: Final = """
    futex futex_waitv poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
    epoll_pwait2 eventfd eventfd2 getrandom
"""
_CONNECTED_SOCKETS: Final = """
    accept accept4 getsockname getpeername getsockopt setsockopt sendto recvfrom sendmsg recvmsg shutdown
"""
_STARTING: Final = ("bind", "listen", "seccomp")
"""What the kernel itself needs until its channels are open; `sealing_filter` takes it away."""

_SILENTLY_IGNORED: Final = """
    chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat sched_setscheduler
"""
"""These succeed and do nothing: `shutil.copy` and ZeroMQ call them and expect no refusal, and Landlock would let the
first ones through on any file."""

_UNSUPPORTED: Final = """
    fallocate setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr
"""
"""Answered with "not on this file system", for which `shutil` and the C library have another way."""

_REFUSED: Final = """
    connect chown fchown fchownat lchown truncate ptrace process_vm_readv process_vm_writev mount umount2
    unshare setns pivot_root chroot keyctl add_key request_key io_uring_setup bpf perf_event_open userfaultfd
    memfd_create shmget shmat semget msgget mq_open pidfd_open pidfd_getfd pidfd_send_signal sched_setaffinity
    inotify_init inotify_init1 fanotify_init setpriority setuid setgid setgroups setresuid setresgid
    mknod mknodat open_by_handle_at name_to_handle_at
"""
"""Refused with `PermissionError`, where the rest is answered with "no such call", which libraries work around."""

_NEW_NAMESPACES: Final = 0x7E020000
_CLONE_THREAD: Final = 0x00010000
_ACCESS_MODE: Final = os.O_ACCMODE

_AF_UNIX, _SOCK_STREAM, _SOCK_SEQPACKET, _SOCK_TYPE_MASK = 1, 1, 5, 0xF
_REFUSED_ARGUMENTS: Final = {
    "fcntl": (1, (8, 15, 10, 1024, 1026)),  # F_SETOWN, F_SETOWN_EX, F_SETSIG, F_SETLEASE, F_NOTIFY
    "ioctl": (1, (0x8901, 0x8902, 0x5412, 0x541C)),  # FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX
    "prctl": (0, (4, 22)),  # PR_SET_DUMPABLE, PR_SET_SECCOMP
}
"""Which argument of a call may not have which values."""
_WORD: Final = 0xFFFFFFFF
"""Linux reads these arguments as 32-bit numbers, whatever lies in the upper half."""


@cache
def kernel_filter(*, supervised: bool, signals_of: int | None) -> bytes:
    """The filter that a kernel is born with, in BPF.

    Args:
        supervised: new processes and threads ask a supervisor.
        signals_of: the only process that signals may go to; None where Landlock keeps them among the kernel's own.

    Raises:
        RuntimeError: libseccomp is missing.
    """
    import pyseccomp

    found = _new_filter(pyseccomp.ERRNO(errno.ENOSYS))
    for group in (_FILES, _MEMORY, _PROCESSES, _SIGNALS_AND_TIME, _WAITING, _CONNECTED_SOCKETS):
        _add(found, pyseccomp.ALLOW, group)
    _add(found, pyseccomp.ALLOW, " ".join(_STARTING))
    _add(found, pyseccomp.ERRNO(0), _SILENTLY_IGNORED)
    _add(found, pyseccomp.ERRNO(errno.EPERM), _REFUSED)
    _add(found, pyseccomp.ERRNO(errno.EOPNOTSUPP), _UNSUPPORTED)
    _add_sockets(found)
    _add_opening(found)
    _add_new_processes(found, pyseccomp.NOTIFY if supervised else pyseccomp.ALLOW)
    _add_signals(found, signals_of)
    found.add_rule(pyseccomp.ALLOW, "prlimit64", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _WORD, 0))  # of itself only
    return _exported(found)


@cache
def sealing_filter() -> bytes:
    """The filter added before the student's first cell: no socket is opened, bound or connected any more, no signal
    reaches another process by way of a file, and no lease makes others wait who open a file.
    """
    import pyseccomp

    found = _new_filter(pyseccomp.ALLOW)
    refuse = pyseccomp.ERRNO(errno.EPERM)
    _add(found, refuse, " ".join(("socket", *_STARTING)))
    for name, (position, values) in _REFUSED_ARGUMENTS.items():
        for value in values:
            found.add_rule(refuse, name, pyseccomp.Arg(position, pyseccomp.MASKED_EQ, _WORD, value))
    return _exported(found)


def _new_filter(default: int) -> Any:
    import pyseccomp

    found = pyseccomp.SyscallFilter(default)
    found.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.KILL_PROCESS)
    return found


def _add(found: Any, action: int, names: str) -> None:
    import pyseccomp

    for name in names.split():
        number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
        if number >= 0:  # negative where this architecture has no such call
            found.add_rule(action, number)


def _add_sockets(found: Any) -> None:
    """Socket pairs, and until the kernel is sealed Unix sockets; no datagrams, which can be sent to any address."""
    import pyseccomp

    def only(position: int, mask: int, value: int) -> Any:
        return pyseccomp.Arg(position, pyseccomp.MASKED_EQ, mask, value)

    for kind in (_SOCK_STREAM, _SOCK_SEQPACKET):
        for name in ("socket", "socketpair"):
            found.add_rule(pyseccomp.ALLOW, name, only(0, _WORD, _AF_UNIX), only(1, _SOCK_TYPE_MASK, kind))


def _add_opening(found: Any) -> None:
    """Opening files, but not emptying one that may only be read, which Landlock before Linux 6.2 overlooks."""
    import pyseccomp

    for name, position in (("open", 1), ("openat", 2)):
        number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
        if number >= 0:
            allowed = ((os.O_TRUNC, 0), (_ACCESS_MODE, os.O_WRONLY), (_ACCESS_MODE, os.O_RDWR))
            for mask, value in allowed:
                found.add_rule(pyseccomp.ALLOW, number, pyseccomp.Arg(position, pyseccomp.MASKED_EQ, mask, value))
    _add(found, pyseccomp.ALLOW, "creat")


def starts_process(number: int, first_argument: int) -> bool:
    """Whether a system call that `kernel_filter` has supervised starts a process, not a thread."""
    return number != _clone_number() or not first_argument & _CLONE_THREAD


@cache
def _clone_number() -> int:
    import pyseccomp

    return int(pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, "clone"))


def _add_new_processes(found: Any, action: int) -> None:
    """Processes and threads, in no new namespace. (`clone3` hides its flags in memory; libraries fall back.)"""
    import pyseccomp

    found.add_rule(action, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _NEW_NAMESPACES, 0))
    _add(found, action, "fork vfork")


def _add_signals(found: Any, signals_of: int | None) -> None:
    import pyseccomp

    if signals_of is None:
        _add(found, pyseccomp.ALLOW, "kill tkill tgkill")
    else:
        own = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _WORD, signals_of)
        found.add_rule(pyseccomp.ALLOW, "tgkill", own)
        found.add_rule(pyseccomp.ALLOW, "kill", own)


def _exported(found: Any) -> bytes:
    with open(os.memfd_create("filter"), "w+b") as file:  # noqa: PTH123 - a file without a path
        found.export_bpf(file)
        file.seek(0)
        return file.read()
