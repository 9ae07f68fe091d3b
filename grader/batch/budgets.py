"""How long the notebooks of an assignment may take, which follows from how long the reference does on this machine.

What takes longer than is usual is put off until everybody else has been graded, and then gets its whole time.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_USUAL: Final = 3.0
_ROOM: Final = 10.0
"""Times what the reference takes: in the first round, and in all. Of the honest notebooks of a class the slowest took
twice as long as the reference, on a machine with as many notebooks at once as it has cores."""

_LEAST_USUAL: Final = 20.0
_LEAST: Final = 180.0
"""Seconds, for a reference that takes none: a few cells and calls that are stopped at their own limits fit in."""

_UNMEASURED_USUAL: Final = 60.0
_PART: Final = 1 / 3
"""Of the whole time, the first round at most; what it cuts short costs no more than that in vain."""


@dataclass(frozen=True)
class Budget:
    """Seconds for a notebook.

    Attributes:
        usual: in the first round.
        most: in the second, when everybody else has been graded.
    """

    usual: float
    most: float

    @classmethod
    def of(cls, reference: float | None, limit: float) -> Self:
        """The budget of an assignment.

        Args:
            reference: seconds that its reference takes; None where nobody measured it.
            limit: the course's own limit, which holds in any case.
        """
        if reference is None:
            return cls(min(_UNMEASURED_USUAL, _PART * limit), limit)
        most = min(max(_ROOM * reference, _LEAST), limit)
        usual = max(_USUAL * reference, _LEAST_USUAL)
        return cls(min(usual, max(_PART * most, min(2 * reference, most))), most)


@dataclass(frozen=True)
class Measured:
    """What an assignment's reference took, beside the course's other records.

    Attributes:
        path: the file.
        digest: of all that it was measured with.
    """

    path: Path
    digest: str

    def read(self) -> float | None:
        """The seconds, or None where they were not measured with this very assignment."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads(self.path.read_bytes())
            if found["measured_with"] == self.digest:
                return float(found["reference_seconds"])
        return None

    def write(self, seconds: float) -> None:
        """Notes the seconds; a file that cannot be written is no reason to stop."""
        with suppress(OSError):
            self.path.parent.mkdir(exist_ok=True)
            content = {"reference_seconds": round(seconds, 2), "measured_with": self.digest}
            self.path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
