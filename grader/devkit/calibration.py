"""`grader calibrate`: how accurate the reference solution is, over many seeds, and the thresholds that follow.

The reference is trained through the very measurements that the checks use, so that a threshold says what a check will
see. Each measurement leaves a table of its scores, one row a seed, and a histogram beside it.
"""

from __future__ import annotations

import csv
import math
import os
import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from traitlets import TraitError

from grader.command_line import Command, complete_assignments, course_option
from grader.course import BUDGET, Checks, Course, CourseError

if TYPE_CHECKING:
    from grader.kit.training.accuracy import Measurement

PROCESSES: Final = 2
"""Trainings at once, of one thread each: two threads make a small model no faster."""

GRADED_SPREADS: Final = 5
"""Standard deviations below the mean at which points are lost; 4 is one failure in 30,000 right answers, and a second
seed is tried before that."""

ANNOUNCED_SPREADS: Final = 2


@dataclass(frozen=True)
class Calibration:
    """What the reference scored.

    Attributes:
        name: the measurement's.
        seeds: what the random draws began with.
        scores: the accuracy for each seed, 0 to 1.
    """

    name: str
    seeds: tuple[int, ...]
    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean score."""
        return statistics.fmean(self.scores)

    @property
    def spread(self) -> float:
        """The scores' standard deviation."""
        return statistics.stdev(self.scores)

    @property
    def minimum(self) -> float:
        """The worst score."""
        return min(self.scores)

    @property
    def announced(self) -> float:
        """What to tell students to reach: most right answers do, at the first attempt."""
        return _floor(self.mean - ANNOUNCED_SPREADS * self.spread)

    @property
    def graded(self) -> float:
        """What to ask for: no right answer is ever below, and a broken one rarely above."""
        return _floor(min(self.mean - GRADED_SPREADS * self.spread, self.minimum))

    @property
    def threshold(self) -> dict[str, float]:
        """As `budget.toml` has it."""
        return {"announced": self.announced, "graded": self.graded, "spread": round(self.spread, 4)}


@click.command(cls=Command)
@click.argument("assignment", shell_complete=complete_assignments)
@click.option("--seeds", default=100, show_default=True, type=click.IntRange(min=2), help="How often to train.")
@click.option("--only", default=None, help="The name of one measurement; all of the assignment's by default.")
@course_option
@click.option(
    "--output",
    default="docs/calibration",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the tables and plots.",
)
@click.option("--write/--no-write", default=True, help="Whether to write the thresholds into budget.toml.")
def calibrate(assignment: str, seeds: int, only: str | None, course: Path, output: Path, write: bool) -> None:
    """Train the reference solution of ASSIGNMENT with many seeds and write the accuracies to ask for."""
    try:
        opened = Course.open(course)
        checks = opened.checks(assignment)
        found = measurements(checks)
    except (CourseError, TraitError) as error:
        raise click.ClickException(str(error)) from None
    if assignment not in opened.assignments():
        known = ", ".join(opened.assignments()) or "none at all"
        raise click.UsageError(f"there are no checks of {assignment!r} in {opened.root}; there are: {known}")
    notebook = opened.source(assignment)
    if not notebook.is_file():
        raise click.ClickException(f"there is no {notebook}")
    names = [name for name in found if only in (None, name)]
    if not names:
        raise click.ClickException(f"{assignment} measures no accuracy" + (f" named {only}" if only else ""))
    output.mkdir(parents=True, exist_ok=True)
    for name in names:
        result = measure(checks, name, notebook, range(seeds))
        write_table(result, output / f"{name}.csv")
        draw(result, output / f"{name}.svg")
        click.echo(f"{name}: {seeds} seeds, mean {result.mean:.4f}, sd {result.spread:.4f}, min {result.minimum:.4f}")
        click.echo(histogram(result))
        click.echo(f"  [thresholds.{name}]  {result.threshold}")
        written = [output / f"{name}.csv", output / f"{name}.svg"]
        if write:
            write_threshold(result, checks.folder / BUDGET)
            written.append(checks.folder / BUDGET)
        click.echo(f"  written: {', '.join(map(str, written))}")


def measurements(checks: Checks) -> list[str]:
    """The names of the measurements in an assignment's checks."""
    return list(_measurements(checks))


def _measurements(checks: Checks) -> dict[str, Measurement]:
    from grader.checking.files import import_check_file
    from grader.kit.training.accuracy import Measurement

    modules = [import_check_file(path) for path in (*checks.visible, *checks.hidden)]
    found = (value for module in modules for value in vars(module).values() if isinstance(value, Measurement))
    return {value.name: value for value in found}


def write_threshold(result: Calibration, path: Path) -> None:
    """Writes the thresholds into an assignment's ``budget.toml``; everything else in it stays as it is."""
    import tomlkit

    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
    tables = document.setdefault("thresholds", tomlkit.table(is_super_table=True))
    table = tables.setdefault(result.name, tomlkit.table())
    table.update(result.threshold)
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def measure(checks: Checks, name: str, notebook: Path, seeds: Sequence[int]) -> Calibration:
    """Trains the reference once for each seed, in a pool of processes."""
    # Threads are counted when torch is imported, so the pool's processes must find these in their environment.
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    before = {variable: os.environ.get(variable) for variable in one_thread}
    os.environ.update(one_thread)
    try:
        with ProcessPoolExecutor(
            PROCESSES, get_context("spawn"), initializer=_prepare, initargs=(checks, name, notebook)
        ) as pool:
            scores = tuple(pool.map(_score, seeds, chunksize=5))
    finally:
        for variable, value in before.items():
            os.environ.pop(variable) if value is None else os.environ.update({variable: value})
    return Calibration(name, tuple(seeds), scores)


def write_table(result: Calibration, path: Path) -> None:
    """Writes one row a seed."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["seed", "accuracy"])
        table.writerows((seed, f"{score:.4f}") for seed, score in zip(result.seeds, result.scores, strict=True))


def read_table(path: Path) -> Calibration:
    """Reads what `write_table` wrote."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return Calibration(
        path.stem, tuple(int(row["seed"]) for row in rows), tuple(float(row["accuracy"]) for row in rows)
    )


def histogram(result: Calibration, bins: int = 12, width: int = 40) -> str:
    """The scores as lines of text."""
    low, high = min(result.scores), max(result.scores)
    step = (high - low) / bins or 1.0
    counts = [0] * bins
    for score in result.scores:
        counts[min(int((score - low) / step), bins - 1)] += 1
    scale = width / max(counts)
    lines = [f"  {low + step * i:.4f} {'█' * math.ceil(count * scale)} {count}" for i, count in enumerate(counts)]
    return "\n".join(lines)


def draw(result: Calibration, path: Path) -> None:
    """Draws the scores with both thresholds, as SVG or PNG after the path's suffix."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": result.name}):
        figure = Figure(figsize=(6, 2.6), layout="constrained")
        axes = figure.subplots()
        axes.hist([100 * score for score in result.scores], bins=20, color="#4c78a8")
        for value, colour, label in (
            (result.mean, "black", "mean"),
            (result.announced, "#f58518", "announced"),
            (result.graded, "#e45756", "graded"),
        ):
            axes.axvline(100 * value, color=colour, linestyle="--", label=f"{label} {100 * value:.1f} %")
        axes.set(title=f"{result.name}, {len(result.scores)} seeds", xlabel="accuracy (%)", ylabel="seeds")
        axes.legend(fontsize=8)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _floor(share: float) -> float:
    """Down to a whole per cent."""
    return math.floor(100 * share + 1e-9) / 100


# ------------------------------------------------------------------------------------------- in the pool's processes

_prepared: dict[str, object] = {}


def _prepare(checks: Checks, name: str, notebook: Path) -> None:
    """Runs the reference's cells once in this process."""
    import torch

    from grader.checking.notebooks import InProcessNotebook

    torch.set_num_threads(1)
    student = InProcessNotebook(list(_reference_cells(notebook))).student("")
    _prepared.update(student=student, measurement=_measurements(checks)[name])


def _reference_cells(notebook: Path) -> Iterator[str]:
    """The imports and the solutions, without the notebook's own trainings and pictures."""
    import nbformat

    for cell in nbformat.read(notebook, as_version=4).cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if cell.cell_type == "code" and (grade_id == "setup" or grade_id.endswith("_answer")):
            yield cell.source


def _score(seed: int) -> float:
    from grader.kit.randomness import Rng
    from grader.kit.student import Student
    from grader.kit.training.accuracy import Measurement

    measurement, student = _prepared["measurement"], _prepared["student"]
    assert isinstance(measurement, Measurement)
    assert isinstance(student, Student)
    return measurement.run(student, Rng(seed, measurement.name))
