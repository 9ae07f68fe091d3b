"""How long `grader report` takes for a large class: its start, its reading, its page; and what the page weighs::

    python benchmarks/report.py                  # 1,000 students, 8 exercises, notebooks of 150 kB
    python benchmarks/report.py --students 3000

The class is made up: a gradebook and autograded notebooks as grading leaves them. One command each time, its start
included, as an instructor waits for it; the files are in the page cache.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import click

from tests.made_up_class import ASSIGNMENT, Handed, Outcome, make_course, named, passed, unnamed, untouched

FORMS = (["--help"], ["--csv", "-"], ["--json", "-"], ["--html", "-"])


def class_of(students: int, exercises: list[str]) -> list[Handed]:
    """Students with a mistake in every third exercise, each of a few kinds."""

    def outcome(student: int, place: int) -> Outcome:
        name, kind = exercises[place], (student * 7 + place * 3) % 12
        if kind == 0:
            return untouched(name)
        if kind in (1, 2):
            return named(name, f"mistake_{kind}", f"Known mistake {kind}", green=kind == 2)
        return unnamed(name, f"digest{student % 9}") if kind == 3 else passed(name)

    return [
        Handed(f"student{number:05}", [outcome(number, place) for place in range(len(exercises))])
        for number in range(students)
    ]


@click.command()
@click.option("--students", default=1000, help="How many.")
@click.option("--kilobytes", default=150, help="Of each notebook.")
def main(students: int, kilobytes: int) -> None:
    """Prints a table."""
    exercises = [f"exercise_{number}" for number in range(1, 9)]
    with tempfile.TemporaryDirectory() as folder:
        padding = kilobytes * 1000 // len(exercises)
        course = make_course(
            Path(folder), class_of(students, exercises), dict.fromkeys(exercises, 4.0), padding=padding
        )
        print(f"{students} students\n\n| command | seconds | kB |\n|---|--:|--:|")
        for form in FORMS:
            command = [sys.executable, "-m", "grader.cli", "report", ASSIGNMENT, *form]
            start = time.perf_counter()
            done = subprocess.run(command, cwd=course, stdout=subprocess.PIPE, check=True)
            seconds = time.perf_counter() - start
            print(f"| `grader report {' '.join(form)}` | {seconds:.1f} | {len(done.stdout) / 1000:.0f} |", flush=True)


if __name__ == "__main__":
    main()
