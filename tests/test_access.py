"""A course that an account cannot enter or read: every command says in one line whose it is and what to do."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.access import refusal
from grader.batch.app import ParallelAutogradeApp
from grader.batch.feedback_app import ParallelFeedbackApp
from grader.cli import main
from grader.course import Course, CourseError

NOBODY = 65534
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="becomes another account, and so takes root")


@pytest.fixture
def course() -> Iterator[Path]:
    """A course in a folder that others can enter, where pytest's own are closed to them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "course")
        for command in (["course", str(folder)], ["assignment", "hw1", "--course", str(folder)]):
            assert CliRunner().invoke(main, ["new", *command]).exit_code == 0
        Path(name).chmod(0o755)
        yield folder


@contextmanager
def as_nobody() -> Iterator[None]:
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def run(*arguments: str) -> Result:
    ParallelAutogradeApp.clear_instance()
    ParallelFeedbackApp.clear_instance()
    return CliRunner().invoke(main, list(arguments))


def said(*arguments: str) -> str:
    """The line that a command ends with; whatever it imports, it has imported before."""
    run(*arguments)
    with as_nobody():
        done = run(*arguments)
    assert done.exit_code in {1, 2}, done.exception
    assert isinstance(done.exception, SystemExit), done.exception
    return done.output.strip().rpartition("\n")[2]


ONES_THAT_FIND_A_COURSE = [
    ["autograde", "hw1"],
    ["feedback", "hw1"],
    ["report", "hw1"],
    ["settings"],
    ["test"],
    ["doctor"],
    ["mistakes", "hw1"],
    ["new", "exercise", "mean"],
]


@root_only
@pytest.mark.parametrize("mode", [0o700, 0o744])
@pytest.mark.parametrize("command", ONES_THAT_FIND_A_COURSE, ids=" ".join)
def test_a_closed_folder(course: Path, command: list[str], mode: int) -> None:
    course.chmod(mode)
    line = said(*command, "--course", str(course))
    assert line.startswith(f"Error: this account (nobody) may not enter {course}, which is root's: run this as root")


@root_only
@pytest.mark.parametrize("command", [["report", "hw1"], ["settings"], ["test"]], ids=" ".join)
def test_a_closed_folder_that_the_account_is_in(
    course: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course)
    course.chmod(0o700)
    assert f"may not enter {course}, which is root's" in said(*command)


@root_only
@pytest.mark.parametrize("command", [["report", "hw1"], ["settings"], ["test"]], ids=" ".join)
@pytest.mark.parametrize("name", ["nbgrader_config.py", "other_config.py"])
def test_a_closed_configuration_and_one_that_it_loads(course: Path, command: list[str], name: str) -> None:
    with (course / "nbgrader_config.py").open("a") as config:
        config.write('load_subconfig("other_config.py")\n')
    (course / "other_config.py").touch()
    (course / name).chmod(0o600)
    line = said(*command, "--course", str(course))
    assert f"this account (nobody) may not read {course / name}, which is root's: run this as root" in line


@root_only
def test_a_closed_notebook_and_a_closed_hub(course: Path) -> None:
    notebook = course / "source" / "hw1" / "hw1.ipynb"
    course.chmod(0o700)
    assert f"may not enter {course}" in said("check", str(notebook))
    assert f"may not enter {course}" in said("hub", "check", str(course))
    course.chmod(0o755)
    notebook.chmod(0o600)
    (course / "hub.toml").touch(0o600)
    assert f"may not read {notebook}" in said("check", str(notebook))
    assert f"may not read {course / 'hub.toml'}" in said("hub", "check", str(course))


@root_only
def test_where_nothing_new_can_be_made_it_is_said(course: Path) -> None:
    with as_nobody():
        done = run("new", "assignment", "hw2", "--course", str(course))
    assert f"may not write into {course / 'source'}, which is root's" in done.output, done.exception


@root_only
def test_whose_a_closed_file_is_and_what_to_do(course: Path) -> None:
    with as_nobody():
        assert refusal(course / "new") == (
            f"this account (nobody) may not write into {course}, which is root's: run this as root, or let root give"
            " nobody access (chmod)"
        )
    os.chown(course, NOBODY, NOBODY)
    course.chmod(0)
    with as_nobody(), pytest.raises(CourseError, match=r"which is nobody's: let its mode allow it \(chmod\)$"):
        Course.open(course)
