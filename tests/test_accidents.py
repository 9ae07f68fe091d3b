"""`grader autograde` where something goes wrong on the way: what is killed, locked, full, or hangs."""

from __future__ import annotations

import errno
import json
import signal
import sqlite3
import threading
import time
from pathlib import Path

import psutil
import pytest

from grader.batch import coordinator as coordinating
from grader.batch import submissions
from grader.batch.budgets import Budget
from grader.batch.saving import AutogradeError
from grader.devkit.warmup import (
    ASSIGNMENT,
    RIGHT,
    events,
    hand_in,
    make_course,
    run,
)
from tests import autograding
from tests.autograding import (
    a_sleepy_class,
    all_graded_once,
    application,
    autograded,
    coordinator,
    grades,
    scores,
    started,
    until,
    workers,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("accidents")]

course = autograding.course


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


def test_a_worker_may_get_a_submission_again_that_it_had_last(tmp_path: Path) -> None:
    make_course(tmp_path, "c.AulaTorch.cell_timeout = 20.0\nc.AulaTorch.notebook_timeout = 30.0\n")
    hand_in(tmp_path, "ada", RIGHT | {"double": "while True:\n    pass"})
    run(tmp_path, "grader", "autograde", ASSIGNMENT, "--jobs", "1")
    assert [event["event"] for event in events(tmp_path)][1:-1] == ["put_off", "graded"]
    assert scores(tmp_path) == {"ada": 2}


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
