"""A course in one command: releases an assignment, grades a class of real notebooks, shows the results: ``make demo``.

Everything is nbgrader's own: the folders, the gradebook, the feedback pages. Only the class is made up, of the right
and wrong answers to its exercises.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path

import click
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from rich.console import Console

from grader.course import load_config
from grader.devkit.classroom import classroom, copy_course, hand_in, read_notebook
from grader.kit.messages import speaking
from grader.report.collect import collect
from grader.report.table import class_table
from grader.settings import AulaTorch

ROOT = Path(__file__).parents[2]

console = Console()
warnings.filterwarnings("ignore", module="nbgrader")  # SQLAlchemy's advice to nbgrader's authors


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=ROOT / "demo", help="Where to make the course.")
@click.option("--assignment", default="01_tensors", help="Which assignment to grade.")
@click.option("--language", type=click.Choice(["es", "en"]), default="es", help="Language of the course.")
def main(folder: Path, assignment: str, language: str) -> None:
    """Make a course with a class of students, grade it, and say where everything is."""
    if folder.exists():
        shutil.rmtree(folder)
    copy_course(folder, assignment=assignment, language=language)
    config = load_config(folder.resolve())
    course = CourseDirectory(config=config)
    settings = AulaTorch(config=config)
    api = NbGraderAPI(course, config=config)
    for logger in (api.log, course.log, logging.getLogger("traitlets")):
        logger.setLevel(logging.ERROR)

    console.print(f"[bold]1.[/] releasing {assignment} ({language}) with nbgrader generate_assignment")
    _succeed(api.generate_assignment(assignment))
    released = folder / "assignments" / language / assignment / f"{assignment}.ipynb"
    mates = classroom(assignment, read_notebook(released))
    hand_in(folder, assignment, mates)

    console.print(f"[bold]2.[/] grading {len(mates)} submissions with grader autograde")
    start = time.perf_counter()
    command = [sys.executable, "-m", "grader", "autograde", assignment]
    limits = ["--AulaTorch.cell_timeout=5", "--AulaTorch.call_timeout=5"]  # one student loops for ever
    subprocess.run([*command, *limits], cwd=folder, check=True)
    seconds = time.perf_counter() - start

    console.print("[bold]3.[/] making feedback pages with grader feedback")
    subprocess.run([sys.executable, "-m", "grader", "feedback", assignment], cwd=folder, check=True)

    with speaking(settings.language):
        console.print()
        console.print(
            class_table(collect(course, assignment), f"{assignment}: {len(mates)} submissions, {seconds:.0f} s")
        )
    page = Path("feedback") / "carmen" / assignment / f"{assignment}.html"
    console.print(
        f"\nThe course is in [bold]{_short(folder)}[/]. Things to look at:\n"
        f"  a feedback page   {_short(folder / page)}\n"
        f"  the notebooks     {_short(folder / 'autograded')}\n"
        f"  formgrader        cd {_short(folder)} && jupyter lab, then nbgrader → Formgrader\n"
        f"  this table again  cd {_short(folder)} && grader report {assignment}",
        highlight=False,
    )


def _succeed(result: dict[str, object]) -> None:
    if not result["success"]:
        raise SystemExit(f"nbgrader did not succeed:\n{result.get('error') or result.get('log')}")


def _short(path: Path) -> str:
    """A path as a person would type it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    main()
