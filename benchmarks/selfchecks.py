"""How long a student waits for `check("…")`: every exercise's visible checks on the solution, in a fresh process each::

    python benchmarks/selfchecks.py                 # all assignments
    python benchmarks/selfchecks.py 02_broadcasting

*First* is the first time that an exercise is checked, after those before it; *again* is the median of three more. Both
are seconds of the processor's time, on one thread, after the notebook's imports.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def measure(assignment: str) -> list[tuple[str, bool, float, float]]:
    """For each exercise: its name, whether it passed, the first check's seconds and the later ones'."""
    import matplotlib as mpl
    import nbformat
    import torch

    from grader.checking.selfcheck import self_check, warm_up
    from grader.kit.cells import exercise_checked

    mpl.use("agg")
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    warm_up()  # as the import of `check` in a kernel does
    namespace: dict[str, Any] = {"__name__": "__main__"}
    cells: list[str] = []
    found = []
    notebook = nbformat.read(ROOT / "solutions" / assignment / f"{assignment}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.cell_type != "code" or "nbgrader" not in cell.metadata:
            continue
        exercise = exercise_checked(cell.source)
        if exercise is None:
            exec(compile(cell.source, assignment, "exec"), namespace)  # noqa: S102 - our own notebooks
            cells.append(cell.source)
            continue
        seconds = []
        for _ in range(4):
            start = time.process_time()
            with contextlib.redirect_stdout(io.StringIO()):
                result = self_check(exercise, namespace, cells)
            seconds.append(time.process_time() - start)
        found.append((exercise, result.passed, seconds[0], statistics.median(seconds[1:])))
    return found


def main() -> int:
    """Prints a table."""
    names = sys.argv[1:] or sorted(path.parent.name for path in (ROOT / "solutions").glob("*/*.ipynb"))
    print("| assignment | exercise | first | again |", "|---|---|--:|--:|", sep="\n")
    for name in names:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            for exercise, passed, first, again in pool.apply(measure, (name,)):
                note = "" if passed else " (failed)"
                print(f"| {name} | {exercise}{note} | {first:.2f} | {again:.2f} |", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
