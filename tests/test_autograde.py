"""`grader autograde`: nbgrader's grades and files, whatever happens on the way."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import psutil
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import AutogradeApp

from grader.batch.app import ParallelAutogradeApp
from grader.checking.results import MIME_TYPE
from grader.devkit.cluster import cluster
from grader.devkit.warmup import (
    ASSIGNMENT,
    RIGHT,
    WRONG,
    events,
    hand_in,
    make_course,
    released,
    run,
)
from tests import autograding
from tests.autograding import (
    a_class,
    a_sleepy_class,
    all_graded_once,
    autograded,
    grades,
    scores,
    started,
    until,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("autograde")]

course = autograding.course


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
