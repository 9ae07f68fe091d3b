"""Leaving a notebook's outputs out without reading it as JSON: for files that are too large only because of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

LARGEST: Final = 5
"""How many times the limit a file may have that is looked at for its outputs."""

_MAX_BRACKETS: Final = 2_000_000
"""Of objects and lists in such a file; three seconds' worth."""

_RUN: Final = re.compile(rb'(?:[^][{}"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
"""What holds no bracket: numbers, commas, whole strings."""
_DROPPED: Final = re.compile(rb'"(?:outputs|widgets)"\s*+:\s*+\Z')
_TAIL: Final = 200


def read_notebook_file(path: Path, limit: int) -> tuple[bytes, bool]:
    """A notebook file's bytes, and whether its outputs were left out because it is over the limit with them.

    Of a file that is too large without them as well, the beginning is returned, over the limit by one byte.

    Raises:
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if limit < size <= LARGEST * limit:
            stripped = without_outputs(file.read(size), limit)
            if stripped is not None:
                return stripped, True
            file.seek(0)
        return file.read(limit + 1), False


def without_outputs(content: bytes, limit: int) -> bytes | None:
    """A notebook's JSON with empty lists in place of its outputs; None where that is over `limit`, or no JSON.

    One pass over the brackets: a file that was made to be slow takes no longer than an honest one.
    """
    kept: list[bytes] = []
    size, position, depth, brackets = 0, 0, 0, 0
    dropping: int | None = None
    end = len(content)
    while position < end:
        run = _RUN.match(content, position)
        stop = run.end() if run is not None else position
        if dropping is None:
            size += stop - position
            if size > limit:
                return None
            kept.append(content[position:stop])
        if stop >= end:
            break
        bracket = content[stop : stop + 1]
        brackets += 1
        if bracket == b'"' or brackets > _MAX_BRACKETS:  # a string without an end
            return None
        if bracket in b"[{":
            if dropping is None and depth >= 2 and kept and _DROPPED.search(kept[-1][-_TAIL:]):
                dropping = depth
                kept.append(b"[]" if bracket == b"[" else b"{}")
            elif dropping is None:
                kept.append(bracket)
            depth += 1
        else:
            depth -= 1
            if dropping is None:
                kept.append(bracket)
            elif depth == dropping:
                dropping = None
        position = stop + 1
    return b"".join(kept) if depth == 0 and dropping is None else None
