"""Which files a graded kernel may read, run and write: the rules that Landlock enforces."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from py_landlock import AccessFs, Landlock
from py_landlock.abi import get_supported_fs

_READ: Final = AccessFs.READ_FILE | AccessFs.READ_DIR
_RUN: Final = _READ | AccessFs.EXECUTE
_CREATE: Final = (
    AccessFs.WRITE_FILE | AccessFs.TRUNCATE | AccessFs.MAKE_REG | AccessFs.MAKE_DIR | AccessFs.MAKE_SYM
    | AccessFs.REMOVE_FILE | AccessFs.REMOVE_DIR | AccessFs.REFER
)  # fmt: skip
_OF_A_FILE: Final = AccessFs.READ_FILE | AccessFs.WRITE_FILE | AccessFs.EXECUTE | AccessFs.TRUNCATE | AccessFs.IOCTL_DEV

_PREFIX_FOLDERS: Final = ("bin", "lib", "lib64", "libexec", "include", "share", "ssl")
"""What a Python installation needs of its prefix. Not all of it: under `/usr` or `/opt/conda` a course may lie too."""

_SYSTEM_FOLDERS: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/usr/sbin", "/usr/local/bin", "/usr/local/lib")
_SYSTEM_FILES: Final = (
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/timezone", "/etc/mime.types",
    "/etc/os-release", "/etc/alternatives", "/etc/fonts", "/etc/ssl/certs", "/etc/nsswitch.conf",
    "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg", "/proc/uptime", "/proc/version",
    "/proc/filesystems", "/proc/sys/vm", "/proc/sys/kernel/osrelease", "/proc/sys/kernel/cap_last_cap",
    "/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us",
    "/sys/devices/system", "/sys/kernel/mm/transparent_hugepage",
    "/dev/random", "/dev/urandom",
)  # fmt: skip
_SINKS: Final = ("/dev/null", "/dev/zero", "/dev/full")

_GPU_DEVICES: Final = ("nvidia*", "nvidia-caps/*", "kfd", "dri/renderD*")
_GPU_FILES: Final = (
    "/proc/driver/nvidia", "/proc/devices", "/proc/modules", "/sys/bus/pci", "/sys/devices", "/sys/module",
    "/sys/class/kfd", "/usr/local/cuda", "/usr/local/nvidia", "/etc/nvidia", "/etc/OpenCL", "/opt/rocm",
)  # fmt: skip

_PACKAGE: Final = Path(__file__).parents[1]
_PACKAGE_FOLDERS: Final = ("wire", "kit", "checking", "notebook", "locale", "data")
"""Of this package: what a notebook imports. No checks, and not the code that grades."""


def readable(
    folders: Iterable[str] = (), *, packages: Iterable[str] = (), gpu: bool = False
) -> Iterator[tuple[Path, AccessFs]]:
    """What every kernel may read and run, whatever its notebook.

    Args:
        folders: of released data, read-only.
        packages: folders of Python's import path outside its own prefix (`import_path`).
        gpu: whether the notebook computes on a GPU.
    """
    for path in _programs():
        yield path, _RUN
    for name in _SYSTEM_FILES:
        yield Path(name), _READ
    yield from ((path, AccessFs.READ_FILE) for path in _PACKAGE.glob("*.py"))
    yield from ((_PACKAGE / name, _READ) for name in _PACKAGE_FOLDERS)
    yield from ((Path(folder), _READ) for folder in folders)
    yield from ((Path(folder), _RUN) for folder in packages)
    if gpu:
        yield from ((Path(name), _READ) for name in _GPU_FILES)
        for pattern in _GPU_DEVICES:
            yield from ((path, _READ | AccessFs.WRITE_FILE | AccessFs.IOCTL_DEV) for path in Path("/dev").glob(pattern))


@cache
def _programs() -> tuple[Path, ...]:
    """Folders of Python, its packages and the system's libraries."""
    prefixes = {Path(prefix) for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix, "/usr")}
    found = {prefix / name for prefix in prefixes for name in _PREFIX_FOLDERS} | set(map(Path, _SYSTEM_FOLDERS))
    found |= {prefix / "pyvenv.cfg" for prefix in prefixes}
    found |= {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    if "LD_LIBRARY_PATH" in os.environ:
        found |= {Path(folder) for folder in os.environ["LD_LIBRARY_PATH"].split(":") if folder}
    # A part of another is covered by it.
    resolved = sorted({path.resolve() for path in found if path.exists()})
    return tuple(path for path in resolved if not any(parent in resolved for parent in path.parents))


@lru_cache(maxsize=1024)
def exposed(path: Path, folders: tuple[str, ...] = ()) -> Path | None:
    """The folder or file of the rules under which every kernel could read `path`, or None if there is none."""
    path = path.resolve()
    for allowed, _ in readable(folders):
        allowed = allowed.resolve()
        if path == allowed or allowed in path.parents:
            return allowed
    return None


def restrict_files(
    *,
    scratch: str,
    work: str,
    channels: str,
    folders: Iterable[str] = (),
    packages: Iterable[str] = (),
    gpu: bool = False,
) -> None:
    """Takes from this thread, for good, every file but the ones of these rules; with them TCP, and signals and
    abstract sockets to other processes, as far as this kernel's Landlock knows them.

    Args:
        scratch: the private folder, to write.
        work: the notebook's own folder, to write.
        channels: Jupyter's connection file and sockets, which are created but never replaced.
        folders: of released data.
        packages: folders of Python's import path outside its own prefix.
        gpu: whether the notebook computes on a GPU.

    Raises:
        py_landlock.LandlockError: Landlock is missing, or refuses.
    """
    ruleset = Landlock(strict=False)
    known = get_supported_fs(ruleset.abi_version)
    rules = [*readable(folders, packages=packages, gpu=gpu)]
    rules += [(Path(sink), AccessFs.READ_FILE | AccessFs.WRITE_FILE) for sink in _SINKS]
    rules += [(Path(folder), _READ | _CREATE) for folder in (scratch, work)]
    rules += [(Path(channels), AccessFs.READ_FILE | AccessFs.MAKE_SOCK), (Path("/proc/self"), _READ)]
    for path, access in rules:
        if not path.exists():
            continue
        if not path.is_dir():
            access &= _OF_A_FILE
        ruleset.add_path_rule(path, access=access & known)
    ruleset.apply()
