"""What confinement costs a submission: the same notebook graded with it and without, turn by turn, in one run.

    python benchmarks/confinement.py [ROUNDS]

It writes ``docs/benchmarks/confinement.md``. Without means a zygote whose kernels skip `confine` and `seal`; everything
else, the warden included, is the same.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "confinement.md"
_HEAD = """<!-- Made by `python benchmarks/confinement.py`. Do not edit. -->

# What confinement costs

The same notebook (matrix products, a file, a plot, a function that a check calls 19 times) is graded by turns with
confinement and without: the same zygote, warden, relay and checks, but kernels that skip Landlock, seccomp, resource
limits and the giving up of privileges. The goal is less than 5 % of a submission's time.

"""

CHECKS = '''
import torch
from grader.kit import assert_close, exercise

@exercise("double")
def test_double(student, rng):
    """Tensors are doubled."""
    for size in range(1, 20):
        x = rng.normal(size)
        assert_close(student.double(x), 2 * x)
'''
CELLS = (
    "import matplotlib.pyplot as plt\nimport torch\nfrom grader import check",
    "x = torch.randn(400, 400)\nfor _ in range(20):\n    x = torch.tanh(x @ x / 400)\nopen('x.txt', 'w').write(str(x))",
    "plt.plot(x[0])\nplt.show()",
    "def double(x):\n    return 2 * x",
)


def unconfined_zygote(descriptor: int) -> None:
    """The zygote's life, but its kernels confine nothing."""
    import grader.sandbox.kernel as kernel
    from grader.grading.zygotes import PRELOADED
    from grader.sandbox import zygote

    kernel.confine = kernel.seal = lambda *_: None
    zygote.main(descriptor, PRELOADED)


def main(rounds: int) -> None:
    """Prints the medians and their ratio."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    from grader.course import Checks
    from grader.grading.core import grade_notebook
    from grader.grading.policy import Policy
    from grader.grading.zygotes import new_zygote
    from grader.sandbox.zygote import Zygote

    class Unconfined(Zygote):
        program = (str(Path(__file__).resolve()), "--zygote")

    marks = {"grade_id": "double", "grade": True, "solution": False, "locked": True, "points": 1, "schema_version": 3}
    cells = [new_code_cell(source) for source in CELLS]
    cells.append(new_code_cell('check("double")', metadata={"nbgrader": {**marks, "cell_type": "code"}}))
    notebook = nbformat.writes(new_notebook(cells=cells)).encode()
    with tempfile.TemporaryDirectory() as folder, new_zygote() as confined, Unconfined() as unconfined:
        Path(folder, "visible.py").write_text(CHECKS)
        policy = Policy(language="en", checks=Checks.in_folder(Path(folder)), seed=1)
        seconds: dict[str, list[float]] = {"on": [], "off": []}
        for turn in range(rounds + 1):
            for name, zygote in (("on", confined), ("off", unconfined)):
                start = time.perf_counter()
                graded = grade_notebook(notebook, policy, zygote=zygote)
                if turn > 0:  # the first one waits for the zygote
                    seconds[name].append(time.perf_counter() - start)
                assert graded.exercises[0].passed
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    ratios = [on / off for on, off in zip(seconds["on"], seconds["off"], strict=True)]
    ratio = statistics.median(ratios)
    quartiles = statistics.quantiles(ratios, n=4)
    table = f"""| | median of {rounds} |
|---|---|
| a submission, confined | {medians["on"]:.3f} s |
| the same, not confined | {medians["off"]:.3f} s |
| ratio, turn by turn | {ratio:.3f} (half of them between {quartiles[0]:.3f} and {quartiles[2]:.3f}) |
"""
    print(table)
    PAGE.write_text(_HEAD + table)


if __name__ == "__main__":
    if "--zygote" in sys.argv:
        unconfined_zygote(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
