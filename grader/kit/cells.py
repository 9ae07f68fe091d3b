"""What a notebook's cells say: the exercise that one checks, the line that Python cannot read."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from IPython.core.inputtransformer2 import TransformerManager

from grader.check_cells import exercise_checked
from grader.kit.failures import StudentFrame

__all__ = ["exercise_checked", "unreadable_line"]


def unreadable_line(cells: Sequence[str], name: str) -> tuple[StudentFrame, ...]:
    """The line that keeps Python from reading the cell that should define `name`; nothing where it can be read."""
    binds = re.compile(rf"^\s*(?:async\s+)?(?:def|class)\s+{re.escape(name)}\b|^\s*{re.escape(name)}\s*=", re.MULTILINE)
    found = next((cell for cell in reversed(cells) if binds.search(cell)), "")
    try:
        ast.parse(TransformerManager().transform_cell(found))
    except SyntaxError as error:
        lines, number = found.splitlines(), error.lineno or 0
        text = lines[number - 1].strip() if 0 < number <= len(lines) else ""
        return (StudentFrame(type(error).__name__, number, text[:300], is_of_notebook=True),)
    except (ValueError, RecursionError, MemoryError):
        pass
    return ()
