"""How fast a class is graded: plain nbgrader, nbgrader with our steps, `grader autograde`, Dask and Otter, in one run.

    python benchmarks/throughput.py [--rounds N] [--page FILE]

Every way grades copies of the same submissions (the reference solutions) of the same assignment, as its users would
start it: one command, its start included. Plain nbgrader and Otter run the visible checks inside the student's process;
ours runs the hidden ones as well. Every score is looked at: a way that is fast and wrong ends the benchmark.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import click
import nbformat
import psutil
from nbgrader.api import Gradebook
from rich.console import Console

from grader.devkit import warmup
from grader.devkit.answers import points, solution
from grader.devkit.classroom import Classmate, as_bytes, copy_course, hand_in, with_solutions
from grader.devkit.cluster import cluster
from grader.sandbox.zygote import ONE_THREAD
from grader.unconfined import ACCEPT_VARIABLE

OTTER = ROOT / ".venv-otter"
PLAIN_CONFIG = """
c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "release"
c.ExecutePreprocessor.timeout = 600
"""
console = Console(highlight=False)


@dataclass
class Way:
    """A way to grade a class.

    Attributes:
        name: in the table.
        count: submissions for one turn: more where they are quicker, so that every turn takes about as long.
        grade: grades that many and returns their scores.
        seconds: of each turn.
    """

    name: str
    count: int
    grade: Callable[[int], list[float]]
    seconds: list[float] = field(default_factory=list)

    @property
    def each(self) -> float:
        """Median seconds a submission."""
        return statistics.median(self.seconds) / self.count


@dataclass
class Usage:
    """Memory of a process and all that it started, in MiB: what they hold together, shared pages counted once."""

    total: float = 0.0
    coordinator: float = 0.0


@contextmanager
def watched(process: subprocess.Popen[str]) -> Iterator[Usage]:
    """Samples a process's memory every second."""
    usage, ended = Usage(), threading.Event()

    def sample() -> None:
        while not ended.wait(1.0):
            try:
                main = psutil.Process(process.pid)
                family = [main, *main.children(recursive=True)]
            except psutil.Error:
                continue
            total = 0.0
            for member in family:
                try:
                    total += member.memory_full_info().pss / 2**20
                except psutil.Error:
                    continue
            usage.total = max(usage.total, total)
            try:
                usage.coordinator = max(usage.coordinator, main.memory_info().rss / 2**20)
            except psutil.Error:
                continue

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield usage
    finally:
        ended.set()
        thread.join()


def run(folder: Path, *command: str, environment: dict[str, str] | None = None) -> Usage:
    """Runs a command to its end; it must succeed."""
    path = os.pathsep.join([str(ROOT), str(folder)])
    scripts = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    variables = os.environ | ONE_THREAD | {"PYTHONPATH": path, "PATH": scripts} | (environment or {})
    variables[ACCEPT_VARIABLE] = "1"  # plain nbgrader is measured as well
    with (folder / "output.txt").open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=variables, stdout=output, stderr=output, text=True)
        with watched(process) as usage:
            code = process.wait()
    if code != 0:
        raise click.ClickException(f"{' '.join(command)} failed:\n{(folder / 'output.txt').read_text()[-3000:]}")
    return usage


def scores(folder: Path, assignment: str) -> list[float]:
    """Every score in a course's gradebook."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return [submission.score for submission in gradebook.assignment_submissions(assignment)]


class Courses:
    """Courses to grade, copied from templates: an assignment is generated once for ours and once for plain nbgrader."""

    def __init__(self, folder: Path, assignment: str) -> None:
        self.folder, self.assignment = folder, assignment
        self._number = 0
        for kind in ("ours", "plain"):
            course = folder / kind
            copy_course(course, assignment=assignment, language="en")
            if kind == "plain":
                (course / "nbgrader_config.py").write_text(PLAIN_CONFIG)
            run(course, sys.executable, "-m", "nbgrader", "generate_assignment", assignment)
        released = next((folder / "ours").glob(f"assignments/*/{assignment}/{assignment}.ipynb"))
        self.submission = as_bytes(with_solutions(assignment, nbformat.read(released, as_version=4)))

    def new(self, kind: str, count: int) -> Path:
        """A course with `count` submissions, none of them graded."""
        self._number += 1
        course = self.folder / f"{kind}-{self._number}"
        shutil.copytree(self.folder / kind, course)
        hand_in(course, self.assignment, [Classmate(f"s{n:04d}", "", self.submission) for n in range(count)])
        return course

    def graded(self, kind: str, count: int, *command: str) -> list[float]:
        """The scores after a command has graded a new course."""
        course = self.new(kind, count)
        run(course, sys.executable, "-m", *command)
        found = scores(course, self.assignment)
        shutil.rmtree(course)
        return found


# --------------------------------------------------------------------------------------------------- Otter


def make_otter() -> Path:
    """An environment with Otter-Grader in it, and everything else from this one."""
    python = OTTER / "bin" / "python"
    if not python.exists():
        console.print("installing Otter-Grader into .venv-otter")
        venv.create(OTTER, with_pip=True)
        packages = next((OTTER / "lib").glob("python*/site-packages"))
        ours = next(Path(path) for path in sys.path if path.endswith("site-packages"))
        (packages / "base.pth").write_text(f"{ours}\n{ROOT}\n")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "otter-grader>=7"], check=True)
    return OTTER / "bin" / "otter"


OTTER_TEST = """from otter.test_files import test_case
OK_FORMAT = False
name = "{name}"
points = {points}

@test_case()
def visible_checks(env):
    from grader.checking.selfcheck import self_check
    assert self_check("{name}", env, [str(cell) for cell in env.get("In", [])]).passed
"""


class OtterCourse:
    """An assignment as Otter has it: the notebook without its check cells, and one test an exercise: our checks."""

    def __init__(self, folder: Path, assignment: str) -> None:
        self.folder = folder
        self.otter = make_otter()
        (folder / "tests").mkdir(parents=True)
        notebook = solution(assignment)
        notebook.cells = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("grade")]
        for cell in notebook.cells:
            cell.metadata.pop("nbgrader", None)
        nbformat.write(notebook, folder / "submission.ipynb")
        for name, worth in points(assignment).items():
            (folder / "tests" / f"{name}.py").write_text(OTTER_TEST.format(name=name, points=worth))
        self._run("generate", "-t", "tests", "-o", "autograder.zip")

    def _run(self, *arguments: str) -> None:
        paths = os.pathsep.join([str(self.otter.parent), os.environ["PATH"]])
        run(self.folder, str(self.otter), *arguments, environment={"PATH": paths})

    def grade(self, count: int) -> list[float]:
        """Grades the submission `count` times, as `otter run` does it: one command a submission."""
        found = []
        for _ in range(count):
            self._run("run", "-a", "autograder.zip", "submission.ipynb")
            tests = json.loads((self.folder / "results.json").read_text())["tests"]
            found.append(sum(test.get("score") or 0.0 for test in tests))
        return found


# --------------------------------------------------------------------------------------------------- the runs


def ways(folder: Path, assignment: str, with_otter: bool, address: str) -> list[Way]:
    """The ways to grade an assignment."""
    courses = Courses(folder / assignment, assignment)
    nbgrader, ours = ("nbgrader", "autograde", assignment), ("grader.cli", "autograde", assignment)
    found = [
        Way("plain `nbgrader autograde`", 3, lambda count: courses.graded("plain", count, *nbgrader)),
        Way("`nbgrader autograde` with our steps", 6, lambda count: courses.graded("ours", count, *nbgrader)),
        Way("`grader autograde --jobs 1`", 10, lambda count: courses.graded("ours", count, *ours, "--jobs", "1")),
        Way("`grader autograde --jobs 2`", 20, lambda count: courses.graded("ours", count, *ours, "--jobs", "2")),
        Way("`grader autograde --dask`, two workers over TCP", 20,
            lambda count: courses.graded("ours", count, *ours, "--dask", address)),
    ]  # fmt: skip
    if with_otter:
        otter = OtterCourse(folder / assignment / "otter", assignment)
        found.insert(1, Way("`otter run`", 2, otter.grade))
    return found


def measure(found: list[Way], rounds: int) -> None:
    """Takes the ways in turn, `rounds` times."""
    for number in range(rounds):
        for way in found:
            start = time.perf_counter()
            result = way.grade(way.count)
            seconds = time.perf_counter() - start
            if len(result) != way.count or any(abs(score - 100) > 0.01 for score in result):
                raise click.ClickException(f"{way.name} gave {result}: a reference solution is worth 100")
            way.seconds.append(seconds)
            console.print(f"  round {number + 1}: {way.name}: {seconds / way.count:.2f} s a submission")


@dataclass
class ClassRun:
    """What grading a class of the small assignment took.

    Attributes:
        jobs: processes.
        count: submissions.
        seconds: from the command to its end.
        each: seconds a submission, once the workers had started.
        usage: memory.
        graded: median seconds that a worker took for one.
    """

    jobs: int
    count: int
    seconds: float
    each: float
    usage: Usage
    graded: float


def seconds_of(events: list[dict[str, Any]]) -> list[float]:
    """When events happened, on the clock of `time.time`."""
    return [datetime.fromisoformat(event["time"]).timestamp() for event in events]


@dataclass
class LargeClass:
    """What grading a class of a real assignment took.

    Attributes:
        assignment: its name.
        count: submissions.
        start: seconds from the command to the first submission handed to a worker and back, less one submission.
        each: seconds a submission, after that.
    """

    assignment: str
    count: int
    start: float
    each: float

    def minutes(self, students: int) -> float:
        """What a class of so many takes at this pace."""
        return (self.start + students * self.each) / 60


def large_class(folder: Path, assignment: str, count: int) -> LargeClass:
    """Grades a class with two jobs, from the log of the run."""
    courses = Courses(folder, assignment)
    course = courses.new("ours", count)
    start = time.time()
    run(course, sys.executable, "-m", "grader.cli", "autograde", assignment, "--jobs", "2")
    times = seconds_of(warmup.events(course, "graded", assignment))
    each = (times[-1] - times[1]) / (count - 2)  # the first two began together
    return LargeClass(assignment, count, times[1] - start - 2 * each, each)


def small_class(folder: Path, count: int, jobs: int) -> ClassRun:
    """Grades a class whose students' own computing takes next to no time: what is left is the overhead."""
    folder.mkdir()
    warmup.make_course(folder)
    for number in range(count):
        warmup.hand_in(folder, f"s{number:04d}", warmup.RIGHT)
    start = time.perf_counter()
    usage = run(folder, sys.executable, "-m", "grader.cli", "autograde", warmup.ASSIGNMENT, "--jobs", str(jobs))
    seconds = time.perf_counter() - start
    events = warmup.events(folder, "graded")
    if [event["score"] for event in events] != [10.0] * count:
        raise click.ClickException("a right answer to the small assignment is worth 10")
    times = seconds_of(events)
    each = (times[-1] - times[0]) / (count - 1)
    shutil.rmtree(folder)
    return ClassRun(jobs, count, seconds, each, usage, statistics.median(event["seconds"] for event in events))


@click.command()
@click.option("--rounds", default=3, show_default=True, help="How often each way is measured.")
@click.option("--otter/--no-otter", default=True, show_default=True, help="Whether to measure Otter-Grader.")
@click.option("--sizes", default="10,100,1000", show_default=True, help="Sizes of the synthetic class.")
@click.option("--large", default=60, show_default=True, help="Size of the class of the first assignment.")
@click.option("--assignments", default="01_tensors,02_broadcasting", show_default=True, help="What to grade.")
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help="Also write the results here.")
def main(rounds: int, otter: bool, sizes: str, large: int, assignments: str, page: Path | None) -> None:
    """Measure, print, and write the page."""
    with tempfile.TemporaryDirectory(prefix="throughput-") as name:
        folder = Path(name)
        tables = {}
        with cluster(folder / "cluster", 2) as (address, _):
            for assignment in assignments.split(","):
                console.print(f"[bold]{assignment}[/]")
                tables[assignment] = ways(folder, assignment, otter, address)
                measure(tables[assignment], rounds)
        console.print("[bold]large class[/]")
        first = large_class(folder / "large", assignments.split(",")[0], large)
        console.print("[bold]synthetic class[/]")
        classes = [small_class(folder / "one", 20, 1)]
        for size in sizes.split(","):
            classes.append(small_class(folder / f"of-{size}", int(size), 2))
            console.print(f"  {size} submissions: {classes[-1].seconds:.0f} s, {classes[-1].usage.total:.0f} MiB")
    text = report(tables, first, classes, rounds)
    console.print(text, markup=False)
    if page is not None:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text)


def report(tables: dict[str, list[Way]], large: LargeClass, classes: list[ClassRun], rounds: int) -> str:
    """The results as a page."""
    lines = [
        "# How fast a class is graded",
        "",
        "Written by `make bench` (`python benchmarks/throughput.py`); the script's first lines say what is compared.",
        f"{psutil.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()},"
        f" torch {version('torch')}, nbgrader {version('nbgrader')}.",
        "",
    ]
    for assignment, found in tables.items():
        plain = found[0]
        lines += [
            f"## `{assignment}`, medians of {rounds} rounds",
            "",
            "| | submissions a round | seconds a submission | a minute | against plain nbgrader |",
            "|---|---:|---:|---:|---:|",
        ]
        for way in found:
            turns = [
                first / plain.count / (second / way.count)
                for first, second in zip(plain.seconds, way.seconds, strict=True)
            ]
            ratio = statistics.median(turns)
            lines.append(f"| {way.name} | {way.count} | {way.each:.2f} | {60 / way.each:.1f} | {ratio:.1f} × |")
        lines.append("")
    lines += [
        "## A large class",
        "",
        f"{large.count} submissions of `{large.assignment}` with `--jobs 2`: {large.start:.1f} s to get ready, then"
        f" {large.each:.2f} s a",
        f"submission. At that pace a thousand take {large.minutes(1000):.0f} minutes on these cores.",
        "",
    ]
    one, *rest = classes
    two = rest[min(1, len(rest) - 1)]
    lines += [
        "## A synthetic class",
        "",
        "Two one-line exercises with three checks: the students' own computing takes next to no time, so this is the",
        "overhead: repair, a confined kernel with torch, cells, checks, panels, gradebook, files. *Each* is measured",
        "from the first submission graded to the last; memory is the peak of all processes, shared pages counted once.",
        "",
        "| jobs | submissions | seconds | each | memory, all | memory, coordinator |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {run.jobs} | {run.count} | {run.seconds:.0f} | {run.each:.2f} s | {run.usage.total:.0f} MiB |"
        f" {run.usage.coordinator:.0f} MiB |"
        for run in classes
    ]
    lines += [
        "",
        f"- Overhead of a submission: {one.each:.2f} s, of which {one.graded:.2f} s in the worker.",
        f"- Two workers against one: {one.each / two.each:.2f} ×.",
        f"- One more submission at a time takes {two.usage.total - one.usage.total:.0f} MiB more.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
