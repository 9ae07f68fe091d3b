"""A Monday morning: collect, autograde, feedback, release, report, against nbgrader's own commands, in one run.

    python benchmarks/morning.py [--count N] [--plain N] [--pages N,M] [--assignment NAME] [--page FILE]

Two courses get the same submissions (the assignment's class of right and wrong notebooks, over and over) through
nbgrader's exchange: one of ours, and one of plain nbgrader, which runs the visible checks inside the students' process.
Every step is one command, its start included, so that only classes of one size compare well: `--plain` makes nbgrader's
smaller, where it takes too long, and seconds a submission are compared. In our course nbgrader's `generate_feedback`
makes the same pages once more: every page of ours must be the same to the byte, or the benchmark ends. At last
`grader feedback` makes pages of copies of the graded submissions, of more and more, to see whether its memory grows.
"""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import click
import psutil
from nbgrader.api import Gradebook
from rich.console import Console

from benchmarks.throughput import PLAIN_CONFIG, Usage, run, scores
from grader.devkit.classroom import Classmate, classroom, copy_course, read_notebook

COURSE = "aulatorch"
EXCHANGE = """
c.Exchange.root = {root!r}
c.ExchangeCollect.check_owner = False
c.CourseDirectory.course_id = "aulatorch"
"""
NBGRADER, OURS = "nbgrader", "grader"

console = Console(highlight=False)


@dataclass(frozen=True)
class Step:
    """A step of the morning.

    Attributes:
        name: in the table.
        ours: our command, as it is typed.
        plain: nbgrader's.
    """

    name: str
    ours: str
    plain: str


STEPS = (
    Step("collect", "nbgrader collect {0}", "nbgrader collect {0}"),
    Step("autograde", "grader autograde {0} --jobs {1}", "nbgrader autograde {0}"),
    Step("feedback", "grader feedback {0} --jobs {1}", "nbgrader generate_feedback {0}"),
    Step("release", "nbgrader release_feedback {0}", "nbgrader release_feedback {0}"),
    Step("report", "grader report {0} --csv grades.csv", "nbgrader export --to grades.csv"),
)


@dataclass(frozen=True)
class Took:
    """What a step took.

    Attributes:
        seconds: from the command to its end.
        usage: memory.
    """

    seconds: float
    usage: Usage


def measured(folder: Path, command: str) -> Took:
    """Runs a command line in a course's folder."""
    program, *arguments = command.split()
    start = time.perf_counter()
    usage = run(folder, sys.executable, "-m", program, *arguments)
    took = Took(time.perf_counter() - start, usage)
    console.print(f"  {command[:80]}: {took.seconds:.1f} s, {took.usage.total:.0f} MiB")
    return took


def make_course(folder: Path, assignment: str, *, is_plain: bool) -> Path:
    """A course with its assignment generated, and an exchange of its own; returns where students hand in."""
    copy_course(folder, assignment=assignment, language="en")
    config, exchange = folder / "nbgrader_config.py", folder / "exchange"
    config.write_text((PLAIN_CONFIG if is_plain else config.read_text()) + EXCHANGE.format(root=str(exchange)))
    run(folder, sys.executable, "-m", "nbgrader", "generate_assignment", assignment)
    for name in ("inbound", "outbound", "feedback"):
        (exchange / COURSE / name).mkdir(parents=True)
    return exchange / COURSE / "inbound"


def submit(inbound: Path, assignment: str, mates: list[Classmate], count: int) -> None:
    """Puts submissions where `nbgrader submit` puts them."""
    begin = datetime(2026, 5, 1, 8, tzinfo=UTC)
    for number in range(count):
        mate = mates[number % len(mates)]
        stamp = f"{begin + timedelta(seconds=number):%Y-%m-%d %H:%M:%S.%f} UTC"
        folder = inbound / f"s{number:04d}+{assignment}+{stamp}+{number:032x}"
        folder.mkdir()
        (folder / f"{assignment}.ipynb").write_bytes(mate.content)
        (folder / "timestamp.txt").write_text(stamp)
        (folder / "submission_secret.txt").write_text(f"{number:064x}")


def same_pages(folder: Path, assignment: str) -> Took:
    """Has nbgrader make the pages of our course, and compares them with ours."""
    ours, theirs = folder / "ours", folder / "feedback"
    theirs.rename(ours)
    took = measured(folder, f"nbgrader generate_feedback {assignment}")

    def pages(root: Path) -> dict[str, bytes]:
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    if pages(ours) != pages(theirs):
        raise click.ClickException(f"the pages differ: see {ours} and {theirs}")
    return took


def growing(folder: Path, assignment: str, sizes: list[int], jobs: int) -> dict[int, Took]:
    """Has pages made of copies of the graded submissions: of ever more of them."""
    warnings.filterwarnings("ignore", module="nbgrader")  # SQLAlchemy's advice to nbgrader's authors
    graded = sorted((folder / "autograded").iterdir())
    names = [f"copy{number:04d}" for number in range(max(sizes, default=0))]
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", COURSE) as gradebook:
        for number, name in enumerate(names):
            shutil.copytree(graded[number % len(graded)], folder / "autograded" / name)
            gradebook.update_or_create_student(name)
            gradebook.update_or_create_submission(assignment, name)
    command = f"grader feedback {assignment} --force --jobs {jobs} --students "
    return {size: measured(folder, command + ",".join(names[:size])) for size in sizes}


@click.command()
@click.option("--assignment", default="01_tensors", show_default=True, help="What is handed in.")
@click.option("--count", default=60, show_default=True, help="Submissions of our course.")
@click.option("--plain", type=int, help="Submissions of plain nbgrader's; as many by default.")
@click.option("--pages", default="20,100,500", show_default=True, help="How many pages to measure memory for.")
@click.option("--jobs", default=2, show_default=True, help="Of our commands.")
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help="Also write the results here.")
def main(assignment: str, count: int, plain: int | None, pages: str, jobs: int, page: Path | None) -> None:
    """Measure, print, and write the page."""
    plain = count if plain is None else plain
    folder = Path(tempfile.mkdtemp(prefix="morning-"))
    ours, theirs = folder / "ours", folder / "plain"
    mates: list[Classmate] = []
    for course, size in ((ours, count), (theirs, plain)):
        inbound = make_course(course, assignment, is_plain=course is theirs)
        if not mates:
            released = read_notebook(ours / "assignments" / "en" / assignment / f"{assignment}.ipynb")
            mates = [mate for mate in classroom(assignment, released) if _is_tame(mate)]
        submit(inbound, assignment, mates, size)

    def all_steps(course: Path, command: Callable[[Step], str]) -> list[Took]:
        return [measured(course, command(step).format(assignment, jobs)) for step in STEPS]

    console.print(f"[bold]ours[/], {count} submissions")
    mine = all_steps(ours, lambda step: step.ours)
    again = measured(ours, f"grader feedback {assignment}")
    same = same_pages(ours, assignment)
    console.print(f"[bold]plain nbgrader[/], {plain} submissions")
    plains = all_steps(theirs, lambda step: step.plain)
    if not (len(scores(ours, assignment)) == count and len(scores(theirs, assignment)) == plain):
        raise click.ClickException("somebody has no grade")
    console.print("[bold]memory[/]")
    grown = growing(ours, assignment, [int(size) for size in pages.split(",") if size], jobs)
    text = report(assignment, (count, mine), (plain, plains), again, same, grown)
    console.print(text, markup=False)
    if page is not None:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text)
    shutil.rmtree(folder)


def _is_tame(mate: Classmate) -> bool:
    """Whether plain nbgrader survives a notebook: it has no limits, and stops at a file that is none."""
    return mate.name in ("ada", "blanca", "carmen", "diego", "elena")


def report(
    assignment: str,
    ours: tuple[int, list[Took]],
    theirs: tuple[int, list[Took]],
    again: Took,
    same: Took,
    grown: Mapping[int, Took],
) -> str:
    """The results as a page."""
    count, mine = ours
    plain, plains = theirs
    lines = [
        "# A Monday morning",
        "",
        "Written by `make bench` (`python benchmarks/morning.py`); the script's first lines say what is compared.",
        f"{psutil.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()},"
        f" torch {version('torch')}, nbgrader {version('nbgrader')}; {count} submissions of `{assignment}` here,"
        f" {plain} with plain nbgrader. Each step's start is in its time, and weighs the more the fewer there are"
        + (": the ratios of quick steps flatter the larger class." if count != plain else "."),
        "",
        "| step | ours | nbgrader's own | seconds, ours | each, ours | each, nbgrader | ratio | memory, ours |",
        "|---|---|---|---:|---:|---:|---:|---:|",
    ]
    for step, took, other in zip(STEPS, mine, plains, strict=True):
        ratio = other.seconds / plain / (took.seconds / count)
        lines.append(
            f"| {step.name} | {_typed(step.ours)} | {_typed(step.plain)} | {took.seconds:.1f} |"
            f" {took.seconds / count:.2f} | {other.seconds / plain:.2f} |"
            f" {'the same' if step.ours == step.plain else f'{ratio:.1f} ×'} | {took.usage.total:.0f} MiB |"
        )
    total, other_total = (sum(took.seconds for took in each) for each in (mine, plains))
    lines += [
        f"| all | | | {total:.1f} | {total / count:.2f} | {other_total / plain:.2f} |"
        f" {other_total / plain / (total / count):.1f} × | {max(took.usage.total for took in mine):.0f} MiB |",
        "",
        f"- The same pages, to the byte, by `nbgrader generate_feedback`: {same.seconds:.1f} s,"
        f" {same.seconds / mine[2].seconds:.1f} × as long.",
        f"- `grader feedback` again, with nothing to do: {again.seconds:.1f} s.",
    ]
    if grown:
        lines += [
            "",
            "## Memory of `grader feedback`",
            "",
            "All processes together, shared pages counted once; the coordinator by itself.",
            "",
            "| pages | seconds | memory, all | memory, coordinator |",
            "|---:|---:|---:|---:|",
        ]
    for size, took in grown.items():
        memory = f"{took.usage.total:.0f} MiB | {took.usage.coordinator:.0f} MiB"
        lines.append(f"| {size} | {took.seconds:.0f} | {memory} |")
    if len(grown) > 1:
        first, last = min(grown), max(grown)
        pace = (grown[last].seconds - grown[first].seconds) / (last - first)
        start = grown[first].seconds - first * pace
        lines += [
            "",
            f"That is {start:.0f} s to get ready and then {pace:.2f} s a page: a thousand take"
            f" {(start + 1000 * pace) / 60:.1f} minutes on these cores.",
        ]
    return "\n".join(lines) + "\n"


def _typed(command: str) -> str:
    return f"`{' '.join(command.replace(' {0}', '').replace(' --jobs {1}', '').split())}`"


if __name__ == "__main__":
    main()
