"""`grader autograde`: nbgrader's grades and files, whatever happens on the way."""

from __future__ import annotations

import errno
import json
import os
import signal
import sqlite3
import subprocess
import threading
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
from nbgrader.apps import AutogradeApp
from rich.console import Console

from grader.batch import coordinator as coordinating
from grader.batch import submissions
from grader.batch.app import ParallelAutogradeApp
from grader.batch.budgets import Budget
from grader.batch.coordinator import Coordinator
from grader.batch.saving import AutogradeError
from grader.checking.results import MIME_TYPE
from grader.devkit.cluster import cluster
from grader.devkit.warmup import (
    ASSIGNMENT,
    RIGHT,
    WRONG,
    command,
    environment,
    events,
    hand_in,
    make_course,
    released,
    run,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("autograde")]

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


PENALTY = """
from nbgrader.plugins import BasePlugin
class Tenth(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 10
"""


def test_gradebook_and_files_are_those_of_nbgrader(tmp_path: Path) -> None:
    folders = {}
    for program in ("nbgrader", "grader"):
        folder = folders[program] = tmp_path / program
        folder.mkdir()
        (folder / "penalties.py").write_text(PENALTY)
        make_course(folder, "c.AssignLatePenalties.plugin_class = 'penalties.Tenth'\n")
        with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
            gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2024-05-02 12:00:00 UTC")
        a_class(folder)
        run(folder, program, "autograde", ASSIGNMENT)
    theirs, ours = grades(folders["nbgrader"]), grades(folders["grader"])
    assert ours == theirs
    assert ours["carla"][4][0] == pytest.approx(0.8)
    assert {name: record[2] for name, record in ours.items()} == pytest.approx(
        {"ada": 10, "bruno": 0, "carla": 8, "dario": 0, "eva": 0, "fabio": 2}
    )

    def listing(folder: Path) -> list[tuple[str, int]]:
        root = folder / "autograded"
        return sorted((path.relative_to(root).as_posix(), path.stat().st_mode) for path in root.rglob("*"))

    assert listing(folders["grader"]) == listing(folders["nbgrader"])
    assert (folders["grader"] / "autograded/bruno/warmup/table.csv").read_text() == "1,2\n"
    for student in theirs:
        cells = [autograded(folder, student).cells for folder in folders.values()]
        assert [cell.source for cell in cells[0]] == [cell.source for cell in cells[1]]
        assert [cell.metadata for cell in cells[0]] == [cell.metadata for cell in cells[1]]
        assert [len(cell.get("outputs", [])) for cell in cells[0]] == [
            len(cell.get("outputs", [])) for cell in cells[1]
        ]


def test_what_has_not_changed_is_not_graded_again(course: Path) -> None:
    a_class(course)
    run(course, "grader", "autograde", ASSIGNMENT)
    first = {event["student"] for event in events(course, "graded")}
    assert first == {"ada", "bruno", "carla", "dario", "eva", "fabio"}
    printed = run(course, "grader", "autograde", ASSIGNMENT)
    assert "0 graded" in printed
    assert len(events(course, "graded")) == 6

    hand_in(course, "bruno", RIGHT)
    run(course, "grader", "autograde", ASSIGNMENT)
    assert [event["student"] for event in events(course, "graded")[6:]] == ["bruno"]
    assert scores(course)["bruno"] == 10

    check = course / "checks" / ASSIGNMENT / "hidden.py"
    check.write_text(check.read_text().replace("x + x", "x + x + x"))
    run(course, "grader", "autograde", ASSIGNMENT, "--students", "ada,bruno", "--allow-lower")
    assert {event["student"] for event in events(course, "graded")[7:]} == {"ada", "bruno"}
    assert scores(course)["ada"] == 4

    run(course, "grader", "autograde", ASSIGNMENT, "--student", "ada", "--force")
    assert [event["student"] for event in events(course, "graded")[9:]] == ["ada"]


def test_what_nbgrader_graded_counts_as_graded(course: Path) -> None:
    hand_in(course, "ada", RIGHT)
    run(course, "nbgrader", "autograde", ASSIGNMENT)
    run(course, "grader", "autograde", ASSIGNMENT)
    assert [event["student"] for event in events(course, "skipped")] == ["ada"]
    hand_in(course, "bruno", RIGHT)
    run(course, "grader", "autograde", ASSIGNMENT)
    assert "Skipping existing" in run(course, "nbgrader", "autograde", ASSIGNMENT)
    assert scores(course) == {"ada": 10, "bruno": 10}


def test_grades_by_hand_are_kept(course: Path) -> None:
    hand_in(course, "ada", WRONG)
    run(course, "grader", "autograde", ASSIGNMENT)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("double", ASSIGNMENT, ASSIGNMENT, "ada")
        grade.manual_score = 3
        gradebook.db.commit()
    run(course, "grader", "autograde", ASSIGNMENT, "--force")
    assert grades(course)["ada"][5] == [("count", 0, None, False), ("double", 0, 3, True)]


def test_a_missing_notebook_of_several_gets_no_points_and_the_others_do(course: Path) -> None:
    second = course / "source" / ASSIGNMENT / "second.ipynb"
    second.write_bytes((course / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())
    run(course, "nbgrader", "generate_assignment", ASSIGNMENT, "--force")
    hand_in(course, "ada", RIGHT)
    run(course, "grader", "autograde", ASSIGNMENT)
    assert scores(course) == {"ada": 10}
    assert events(course, "graded")[0]["missing"] == ["second"]
    assert not grades(course)["ada"][3]


def test_links_and_pipes_beside_a_notebook_are_left_behind(course: Path) -> None:
    hand_in(course, "ada", RIGHT)
    folder = course / "submitted" / "ada" / ASSIGNMENT
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder)
    (folder / "secret.db").symlink_to(course / "gradebook.db")
    (folder / "notes.txt").write_text("hers")
    run(course, "grader", "autograde", ASSIGNMENT)
    assert scores(course) == {"ada": 10}
    left = {path.name for path in (course / "autograded" / "ada" / ASSIGNMENT).iterdir()}
    assert left == {"notes.txt", f"{ASSIGNMENT}.ipynb"}


def test_bad_use_is_explained(course: Path) -> None:
    assert "No notebooks were matched" in run(course, "grader", "autograde", ASSIGNMENT, code=1)
    assert "Name one assignment" in run(course, "grader", "autograde", code=2)
    hand_in(course, "ada", RIGHT)
    assert "generate_assignment" in run(course, "grader", "autograde", "unknown", code=2)
    printed = run(course, "grader", "autograde", ASSIGNMENT, "--students", "ada,zoe", code=1)
    assert printed.splitlines()[-1] == "Error: nothing was handed in by zoe"
    printed = run(course, "grader", "autograde", ASSIGNMENT, "--dask", "tcp://127.0.0.1:9", code=1)
    assert "no Dask workers at tcp://127.0.0.1:9" in printed
    assert not (course / "autograded" / "ada").exists()


def test_the_options_are_nbgrader_s() -> None:
    assert set(AutogradeApp.aliases) <= set(ParallelAutogradeApp.aliases)
    assert set(AutogradeApp.flags) <= set(ParallelAutogradeApp.flags)


def test_without_execution_a_submitted_result_counts_for_nothing(course: Path) -> None:
    notebook = released(course)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            forged = {MIME_TYPE: {"needs_manual_grade": False, "score": 8.0}, "text/plain": "8.0"}
            cell.outputs = [nbformat.v4.new_output("execute_result", data=forged, execution_count=1)]
    hand_in(course, "ada", content=nbformat.writes(notebook).encode())
    run(course, "grader", "autograde", ASSIGNMENT, "--no-execute")
    assert grades(course)["ada"][5] == [("count", None, None, True), ("double", None, None, True)]


# ------------------------------------------------------------------------------------------------- accidents


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


def test_ctrl_c_loses_nothing(course: Path) -> None:
    a_sleepy_class(course)
    with started(course, "--jobs", "1") as process:
        until(lambda: events(course, "graded"))
        process.send_signal(signal.SIGINT)
        printed = process.communicate(timeout=60)[0]
    assert process.returncode == 130, printed
    assert "the same command goes on" in printed
    assert 0 < len(scores(course)) < 4
    run(course, "grader", "autograde", ASSIGNMENT)
    all_graded_once(course)


def test_a_killed_coordinator_leaves_no_process_and_loses_nothing(course: Path) -> None:
    a_sleepy_class(course)
    with started(course, "--jobs", "2") as process:
        until(lambda: events(course, "graded"))
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
    until(lambda: not [child for child in family if child.is_running() and child.status() != psutil.STATUS_ZOMBIE])
    run(course, "grader", "autograde", ASSIGNMENT)
    all_graded_once(course)


def test_a_killed_worker_costs_a_second_attempt(course: Path) -> None:
    a_sleepy_class(course)
    with started(course, "--jobs", "1") as process:
        until(lambda: events(course, "started"))
        until(lambda: workers(process))
        time.sleep(3)
        workers(process)[0].kill()
        printed = process.communicate(timeout=120)[0]
    assert process.returncode == 0, printed
    all_graded_once(course)


@pytest.mark.parametrize("victim", ["grader.sandbox.zygote", "multiprocessing.forkserver"])
def test_a_killed_zygote_or_fork_server_costs_a_second_attempt(course: Path, victim: str) -> None:
    a_sleepy_class(course)
    with started(course, "--jobs", "2") as process:
        until(lambda: len(events(course, "graded")) == 1)
        children = psutil.Process(process.pid).children()
        killed = [child for child in children if victim in " ".join(child.cmdline())]
        for child in killed:
            child.kill()
        printed = process.communicate(timeout=240)[0]
    assert killed
    assert process.returncode == 0, printed
    all_graded_once(course)


def test_what_hangs_is_graded_last(tmp_path: Path) -> None:
    make_course(tmp_path, "c.AulaTorch.cell_timeout = 20.0\nc.AulaTorch.notebook_timeout = 30.0\n")
    hand_in(tmp_path, "ada", RIGHT | {"double": "while True:\n    pass"})
    for student in ("bea", "zoe"):
        hand_in(tmp_path, student, RIGHT)
    run(tmp_path, "grader", "autograde", ASSIGNMENT, "--jobs", "1")
    order = [(event["event"], event.get("student")) for event in events(tmp_path)]
    assert order[1:-1] == [("put_off", "ada"), ("graded", "bea"), ("graded", "zoe"), ("graded", "ada")]
    assert scores(tmp_path) == {"ada": 2, "bea": 10, "zoe": 10}


def test_the_time_of_an_assignment_follows_from_its_reference(course: Path) -> None:
    for number in range(4):
        hand_in(course, f"s{number}", RIGHT)
    run(course, "grader", "autograde", ASSIGNMENT, "--jobs", "1")
    measured = events(course, "measured")[0]
    assert (measured["score"], measured["points"]) == (10, 10)
    stored = json.loads((course / "budgets" / f"{ASSIGNMENT}.json").read_text())
    assert stored["reference_seconds"] == pytest.approx(measured["seconds"], abs=0.01)
    assert set(scores(course)) == {"s0", "s1", "s2", "s3"}


@pytest.mark.parametrize(
    ("reference", "limit", "usual", "most"),
    [
        (None, 600, 60, 600),
        (None, 60, 20, 60),
        (1, 600, 20, 180),
        (30, 600, 90, 300),
        (100, 600, 200, 600),
        (400, 600, 600, 600),
    ],
)
def test_a_budget_is_generous_and_never_over_the_setting(
    reference: float | None, limit: float, usual: float, most: float
) -> None:
    assert Budget.of(reference, limit) == Budget(usual, most)


KILLER = """
import os
from nbgrader.preprocessors import NbGraderPreprocessor
class Killer(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        if resources["nbgrader"]["student"] == "kira":
            os.kill(os.getpid(), 9)
        return nb, resources
"""


def test_a_submission_that_kills_its_workers_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "killer.py").write_text(KILLER)
    steps = "c.Autograde.sanitize_preprocessors = ['killer.Killer', *c.Autograde.sanitize_preprocessors]\n"
    make_course(tmp_path, steps)
    for student in ("ada", "kira", "zoe"):
        hand_in(tmp_path, student, RIGHT)
    printed = run(tmp_path, "grader", "autograde", ASSIGNMENT, "--jobs", "2", code=1)
    assert "kira: quarantined: grading it ended its worker 3 times" in printed
    assert len(events(tmp_path, "worker_lost")) == 3
    assert {event["student"] for event in events(tmp_path, "worker_lost")} == {"kira"}
    found = grades(tmp_path)
    assert (found["ada"][2], found["zoe"][2]) == (10, 10)
    assert found["kira"][5] == [("count", None, None, True), ("double", None, None, True)]
    assert "set aside for your instructor" in autograded(tmp_path, "kira").cells[0].source
    run(tmp_path, "nbgrader", "generate_feedback", ASSIGNMENT)

    before = len(events(tmp_path, "worker_lost"))
    run(tmp_path, "grader", "autograde", ASSIGNMENT)
    assert len(events(tmp_path, "worker_lost")) == before


FAULTY = """
from nbgrader.preprocessors import NbGraderPreprocessor
class Faulty(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        if resources["nbgrader"]["student"] == "kira":
            raise RuntimeError("a fault of the grader")
        return nb, resources
"""


def test_a_fault_of_the_grader_is_nobody_s_zero_and_stops_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "faulty.py").write_text(FAULTY)
    make_course(
        tmp_path, "c.Autograde.sanitize_preprocessors = ['faulty.Faulty', *c.Autograde.sanitize_preprocessors]\n"
    )
    for student in ("ada", "kira"):
        hand_in(tmp_path, student, RIGHT)
    printed = run(tmp_path, "grader", "autograde", ASSIGNMENT, code=1)
    assert "failed: kira: RuntimeError: a fault of the grader" in printed
    assert scores(tmp_path) == {"ada": 10}
    assert not (tmp_path / "autograded" / "kira" / ASSIGNMENT).exists()
    (tmp_path / "faulty.py").write_text(FAULTY.replace("kira", "nobody"))
    run(tmp_path, "grader", "autograde", ASSIGNMENT)
    assert scores(tmp_path) == {"ada": 10, "kira": 10}


def test_a_locked_gradebook_is_waited_for(course: Path) -> None:
    hand_in(course, "ada", RIGHT)
    lock = sqlite3.connect(course / "gradebook.db", isolation_level=None, check_same_thread=False)
    lock.execute("BEGIN EXCLUSIVE")
    threading.Timer(15, lambda: lock.execute("COMMIT")).start()
    printed = run(course, "grader", "autograde", ASSIGNMENT)
    assert scores(course) == {"ada": 10}
    assert printed.count("1 graded") == 1


def test_a_gradebook_that_stays_locked_stops_the_run_and_loses_nothing(course: Path) -> None:
    hand_in(course, "ada", RIGHT)
    lock = sqlite3.connect(course / "gradebook.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    printed = run(course, "grader", "autograde", ASSIGNMENT, "--ParallelAutograde.database_patience=1", code=1)
    assert "the gradebook was locked by another program" in printed
    assert not (course / "autograded" / "ada").exists() or not list((course / "autograded" / "ada").iterdir())
    lock.execute("ROLLBACK")
    run(course, "grader", "autograde", ASSIGNMENT)
    assert scores(course) == {"ada": 10}


def test_a_full_disk_stops_the_run_and_loses_nothing(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for student in ("ada", "bruno"):
        hand_in(course, student, RIGHT)
    whole, written = submissions._marked, []

    def full_disk(content: bytes, mark: str) -> bytes:
        written.append(mark)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return whole(content, mark)

    monkeypatch.setattr(submissions, "_marked", full_disk)
    monkeypatch.setattr(coordinating, "STRIKES", 3)
    monkeypatch.chdir(course)  # nbgrader reads the configuration of the current folder as well
    app = application(course)
    with pytest.raises(AutogradeError, match="the disk is full"):
        coordinator(app).run()
    assert len(scores(course)) == 1
    assert len(list((course / "autograded").glob("*/*"))) == 1
    coordinator(app).run()
    assert scores(course) == {"ada": 10, "bruno": 10}


def application(folder: Path, *arguments: str) -> ParallelAutogradeApp:
    ParallelAutogradeApp.clear_instance()
    app = ParallelAutogradeApp(config_file=str(folder / "nbgrader_config"))
    app.initialize([ASSIGNMENT, f"--course-dir={folder}", "--jobs=1", *arguments])
    app.coursedir.assignment_id = ASSIGNMENT
    return app


def coordinator(app: ParallelAutogradeApp) -> Coordinator:
    return Coordinator(app.coursedir, app.config, Console(quiet=True), parent=app)


def test_two_runs_at_once_are_refused(course: Path) -> None:
    a_sleepy_class(course)
    with started(course, "--jobs", "1") as process:
        until(lambda: events(course, "started"))
        printed = run(course, "grader", "autograde", ASSIGNMENT, code=1)
        assert "another `grader autograde` is at work" in printed
        assert process.wait(120) == 0
    all_graded_once(course)


def test_a_worker_does_not_see_the_course(course: Path) -> None:
    hidden = course / "checks" / ASSIGNMENT / "hidden.py"
    spy = (
        "found = []\n"
        f"for path in ({str(hidden)!r}, {str(course / 'gradebook.db')!r}):\n"
        "    try:\n        found.append(open(path).read())\n"
        "    except OSError as error:\n        print(type(error).__name__)\n"
    )
    hand_in(course, "ada", {"double": spy + RIGHT["double"], "count": RIGHT["count"]})
    run(course, "grader", "autograde", ASSIGNMENT)
    answer = next(cell for cell in autograded(course, "ada").cells if "found" in cell.source)
    assert answer.outputs[0].text.split() == ["PermissionError", "PermissionError"]


# ---------------------------------------------------------------------------------------------------- Dask


def test_a_cluster_gives_the_same_grades(course: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    a_class(course)
    with cluster(tmp_path_factory.mktemp("cluster") / "elsewhere", 2) as (address, _):
        run(course, "grader", "autograde", ASSIGNMENT, "--dask", address)
    assert scores(course) == {"ada": 10, "bruno": 0, "carla": 8, "dario": 0, "eva": 0, "fabio": 2}


def test_a_cluster_that_loses_a_worker_goes_on(course: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    a_sleepy_class(course)
    with (
        cluster(tmp_path_factory.mktemp("cluster") / "elsewhere", 2) as (address, processes),
        started(course, "--dask", address) as process,
    ):
        until(lambda: events(course, "graded"))
        for child in psutil.Process(processes[1].pid).children():
            child.kill()
        printed = process.communicate(timeout=180)[0]
    assert process.returncode == 0, printed
    all_graded_once(course)


def test_a_scheduler_that_is_lost_stops_the_run_and_loses_nothing(
    course: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    a_sleepy_class(course)
    with (
        cluster(tmp_path_factory.mktemp("cluster") / "elsewhere", 1) as (address, processes),
        started(course, "--dask", address) as process,
    ):
        until(lambda: events(course, "graded"))
        processes[0].kill()
        printed = process.communicate(timeout=120)[0]
    assert process.returncode == 1, printed
    assert "the same command goes on" in printed
    run(course, "grader", "autograde", ASSIGNMENT)
    all_graded_once(course)


def test_the_log_is_whole_lines_of_json(course: Path) -> None:
    a_class(course)
    run(course, "grader", "autograde", ASSIGNMENT)
    lines = (course / f"autograde-{ASSIGNMENT}.jsonl").read_text().splitlines()
    found = [json.loads(line)["event"] for line in lines]
    assert found == ["started", *["graded"] * 6, "ended"]
    carla = next(event for event in events(course, "graded") if event["student"] == "carla")
    assert carla["cells"] == {ASSIGNMENT: {"double": 8.0, "count": 0.0}}
    assert released(course).cells[0].source == "# Warming up"
