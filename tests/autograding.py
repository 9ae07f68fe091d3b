"""What tests of `grader autograde` share: a small course, a class, what the gradebook holds, a run under way."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from grader.batch.app import ParallelAutogradeApp
from grader.batch.coordinator import Coordinator
from grader.devkit.warmup import (
    ASSIGNMENT,
    RIGHT,
    WRONG,
    command,
    environment,
    events,
    hand_in,
    make_course,
)

SLEEPY = RIGHT | {"count": "import time\ntime.sleep(4)\n" + RIGHT["count"]}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course without submissions."""
    make_course(tmp_path)
    return tmp_path


def grades(folder: Path) -> dict[str, Any]:
    """All that the gradebook holds of the assignment, by student."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return {
            submission.student_id: (
                submission.timestamp,
                submission.total_seconds_late,
                submission.score,
                submission.needs_manual_grade,
                [notebook.late_submission_penalty for notebook in submission.notebooks],
                sorted(
                    (grade.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                ),
                sorted(
                    (comment.name, comment.auto_comment)
                    for notebook in submission.notebooks
                    for comment in notebook.comments
                ),
            )
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
        }


def scores(folder: Path) -> dict[str, float]:
    return {student: record[2] for student, record in grades(folder).items()}


def autograded(folder: Path, student: str) -> nbformat.NotebookNode:
    return nbformat.read(folder / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)


def timestamp(folder: Path, student: str, text: str) -> None:
    (folder / "submitted" / student / ASSIGNMENT / "timestamp.txt").write_text(text)


def a_class(folder: Path) -> None:
    hand_in(folder, "ada", RIGHT)
    hand_in(folder, "bruno", WRONG)
    hand_in(folder, "carla", RIGHT | {"count": WRONG["count"]})
    hand_in(folder, "dario")
    hand_in(folder, "eva", content=b"not a notebook")
    hand_in(folder, "fabio", {"double": "import os\nos._exit(1)", "count": RIGHT["count"]})
    timestamp(folder, "ada", "2024-05-01 10:00:00 UTC")
    timestamp(folder, "carla", "2024-05-03 10:00:00 UTC")
    (folder / "submitted" / "carla" / ASSIGNMENT / "data").mkdir()
    (folder / "submitted" / "carla" / ASSIGNMENT / "data" / "notes.txt").write_text("hers")
    (folder / "source" / ASSIGNMENT / "table.csv").write_text("1,2\n")
    (folder / "submitted" / "bruno" / ASSIGNMENT / "table.csv").write_text("forged\n")


def until(condition: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command("grader", "autograde", ASSIGNMENT, *arguments),
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The worker processes: the server forks them."""
    children = psutil.Process(process.pid).children()
    servers = [child for child in children if "multiprocessing.forkserver" in " ".join(child.cmdline())]
    return [worker for server in servers for worker in server.children()]


def a_sleepy_class(folder: Path) -> None:
    for number in range(4):
        hand_in(folder, f"s{number}", RIGHT if number % 2 else SLEEPY)


def all_graded_once(folder: Path) -> None:
    assert Counter(event["student"] for event in events(folder, "graded")) == Counter(["s0", "s1", "s2", "s3"])
    assert scores(folder) == dict.fromkeys(["s0", "s1", "s2", "s3"], 10)
    left = [path.name for path in (folder / "autograded").rglob(".*")]
    assert left == []


def application(folder: Path, *arguments: str) -> ParallelAutogradeApp:
    ParallelAutogradeApp.clear_instance()
    app = ParallelAutogradeApp(config_file=str(folder / "nbgrader_config"))
    app.initialize([ASSIGNMENT, f"--course-dir={folder}", "--jobs=1", *arguments])
    app.coursedir.assignment_id = ASSIGNMENT
    return app


def coordinator(app: ParallelAutogradeApp) -> Coordinator:
    return Coordinator(app.coursedir, app.config, Console(quiet=True), parent=app)
