"""The notebook at hand: its shell, its folder, and how it is shown something."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.checking.panel import Panel


class InOneLine(Exception):
    """An error that says all: a traceback through the grader helps no student."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback: one line."""
        return [f"{type(self).__name__}: {self}"]


def this_shell() -> Any:
    """IPython's, which runs this code; None where none does."""
    from IPython.core.getipython import get_ipython

    return get_ipython()


def notebook_folder(namespace: Mapping[str, Any]) -> Path:
    """Where the notebook lies: the current folder, unless VS Code, which may run it in another one, names its file."""
    file = namespace.get("__vsc_ipynb_file__")
    return Path(file).parent if isinstance(file, str) and Path(file).is_file() else Path.cwd()


def show(panel: Panel, has_shell: bool) -> None:
    """Shows a panel: HTML in a notebook, text anywhere else."""
    if has_shell:
        from IPython.display import display

        display(panel.bundle(), raw=True)
    else:
        print(panel.text)
