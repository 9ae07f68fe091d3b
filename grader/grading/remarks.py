"""What is said in a cell's outputs of how it was run."""

from __future__ import annotations

from typing import Final

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output

from grader.grading.environment import SetAside
from grader.kit.messages import tr

_CUT_SHORT: Final = {
    "timeout": ("CellTimeout", tr("This cell did not finish in time and was stopped.")),
    "output": ("OutputLimit", tr("This cell wrote too much output and was stopped; the rest of it was cut.")),
    "memory": ("MemoryLimit", tr("This cell used more memory than it may, and its Python process was ended.")),
    "disk": ("DiskLimit", tr("This cell wrote more files than it may, and its Python process was ended.")),
    "died": ("KernelDied", tr("This cell ended the Python process. The cells after it ran without it.")),
    "hung": ("KernelHung", tr("This cell could not be stopped. The cells after it ran without it.")),
    "later": (
        "KernelDied",
        tr(
            "What this cell left running ended the Python process later, or used more memory or disk than it may. The"
            " cells after it were run again without it."
        ),
    ),
    "budget": ("NotRun", tr("This cell was not run: the notebook had used up its time.")),
    "restarts": ("NotRun", tr("This cell was not run: the notebook's Python process had ended too often.")),
}


def say_why_it_stopped(cell: NotebookNode, reason: str, language: str) -> None:
    """Adds an error output that says why a cell was cut short, or did not run.

    Args:
        cell: a code cell.
        reason: what a lost kernel gives as such, or ``later``, ``budget`` or ``restarts``.
        language: to say it in.
    """
    name, message = _CUT_SHORT[reason]
    text = message.render(language)
    cell.outputs.append(new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"]))


_ELSEWHERE: Final = tr("(not run while grading, for another environment: {lines})")
_ASKING: Final = tr(
    "(not run while grading, as nobody can type an answer then: {lines}. Write the value into the cell instead.)"
)


def say_what_was_set_aside(cell: NotebookNode, aside: SetAside, language: str) -> None:
    """Puts before a cell's outputs which of its lines did not run, and why."""
    remarks = [
        tr(remark.text, lines="; ".join(lines)).render(language)
        for remark, lines in ((_ELSEWHERE, aside.elsewhere), (_ASKING, aside.asking))
        if lines
    ]
    cell.outputs.insert(0, new_output("stream", name="stdout", text="".join(f"{remark}\n" for remark in remarks)))
