"""What Linux itself holds for the mappings of a process's memory, which no process's size shows."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

_MAPPING_BYTES: Final = 256
_USUAL_MOST: Final = 65_530
_MOST: Final = Path("/proc/sys/vm/max_map_count")


def mapping_bytes(processes: Sequence[int], negligible: int) -> int:
    """Bytes of Linux's own memory for all mappings of the processes together.

    Args:
        processes: their ids.
        negligible: bytes up to which it is not worth counting, for that takes 1 ms for a thousand mappings: 0 is
            returned where the processes could not have more.
    """
    if _MAPPING_BYTES * _most() * len(processes) <= negligible:
        return 0
    return _MAPPING_BYTES * sum(map(_mappings, processes))


@cache
def _most() -> int:
    """How many mappings a process may have."""
    with contextlib.suppress(OSError, ValueError):
        return int(_MOST.read_text())
    return _USUAL_MOST


def _mappings(pid: int) -> int:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/maps").read_bytes().count(b"\n")
    return 0
