"""`grader calibrate`: how accurate the reference solution is, over many seeds, and the thresholds that follow.

The reference is trained through the very measurements that the checks use, so that a threshold says what a check will
see. Each measurement leaves a table of its scores, one row a seed, and a histogram beside it.
"""

from __future__ import annotations

import csv
import importlib
import math
import os
import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import click

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
        """As `AulaTorch.thresholds` has it."""
        return {"announced": self.announced, "graded": self.graded, "spread": round(self.spread, 4)}


@click.command()
@click.argument("assignment")
@click.option("--seeds", default=100, show_default=True, type=click.IntRange(min=2), help="How often to train.")
@click.option("--only", default=None, help="The name of one measurement; all of the assignment's by default.")
@click.option(
    "--solutions",
    default="solutions",
    show_default=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the notebooks with the reference solutions.",
)
@click.option(
    "--output",
    default="docs/calibration",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the tables and plots.",
)
def calibrate(assignment: str, seeds: int, only: str | None, solutions: Path, output: Path) -> None:
    """Trains the reference solution of ASSIGNMENT with many seeds and proposes accuracies to ask for."""
    notebook = solutions / assignment / f"{assignment}.ipynb"
    if not notebook.is_file():
        raise click.ClickException(f"there is no {notebook}: run this in the course's folder, or give --solutions")
    names = [name for name in measurements(assignment) if only in (None, name)]
    if not names:
        raise click.ClickException(f"{assignment} measures no accuracy" + (f" named {only}" if only else ""))
    output.mkdir(parents=True, exist_ok=True)
    for name in names:
        result = measure(assignment, name, notebook, range(seeds))
        write_table(result, output / f"{name}.csv")
        draw(result, output / f"{name}.svg")
        click.echo(f"{name}: {seeds} seeds, mean {result.mean:.4f}, sd {result.spread:.4f}, min {result.minimum:.4f}")
        click.echo(histogram(result))
        click.echo(f"  in course_config.py:  c.AulaTorch.thresholds = {{{name!r}: {result.threshold}, …}}")
        click.echo(f"  written: {output / f'{name}.csv'}, {output / f'{name}.svg'}")


def measurements(assignment: str) -> list[str]:
    """The names of the measurements in an assignment's checks."""
    from grader.kit.training.accuracy import Measurement

    found: dict[str, None] = {}
    for kind in ("samples", "hidden"):
        try:
            module = importlib.import_module(f"grader.{kind}.test_{assignment}")
        except ModuleNotFoundError:
            continue
        found |= {value.name: None for value in vars(module).values() if isinstance(value, Measurement)}
    return list(found)


def measure(assignment: str, name: str, notebook: Path, seeds: Sequence[int]) -> Calibration:
    """Trains the reference once for each seed, in a pool of processes."""
    # Threads are counted when torch is imported, so the pool's processes must find these in their environment.
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    before = {variable: os.environ.get(variable) for variable in one_thread}
    os.environ.update(one_thread)
    try:
        with ProcessPoolExecutor(
            PROCESSES, get_context("spawn"), initializer=_prepare, initargs=(assignment, name, str(notebook))
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


def _prepare(assignment: str, name: str, notebook: str) -> None:
    """Runs the reference's cells once in this process."""
    import torch

    from grader.checking.notebooks import InProcessNotebook
    from grader.kit.training.accuracy import Measurement

    torch.set_num_threads(1)
    student = InProcessNotebook(list(_reference_cells(Path(notebook)))).student("")
    for kind in ("samples", "hidden"):
        module = importlib.import_module(f"grader.{kind}.test_{assignment}")
        for value in vars(module).values():
            if isinstance(value, Measurement) and value.name == name:
                _prepared.update(student=student, measurement=value)
                return


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
