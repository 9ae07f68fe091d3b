"""Several instructors grade one course: what one of them wrote, the others of the group can write."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grader.devkit.warmup import ASSIGNMENT, RIGHT, environment, hand_in, make_course
from grader.grading.sharing import NotWritableError, require_writable, share_gradebook, shared_with_group

GROUP = stat.S_IRGRP | stat.S_IWGRP
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="takes another account, and so root")


def course(folder: Path, *, groupshared: bool) -> CourseDirectory:
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.groupshared = groupshared
    return CourseDirectory(config=config)


@pytest.mark.parametrize("groupshared", [True, False])
def test_what_is_made_is_the_group_s_where_the_course_says_so(tmp_path: Path, groupshared: bool) -> None:
    coursedir = course(tmp_path, groupshared=groupshared)
    (tmp_path / "gradebook.db").touch(0o644)
    before = os.umask(0o022)
    try:
        with shared_with_group(coursedir):
            (tmp_path / "log").write_text("")
        share_gradebook(coursedir)
        (tmp_path / "later").write_text("")
    finally:
        os.umask(before)
    for name in ("log", "gradebook.db"):
        assert ((tmp_path / name).stat().st_mode & GROUP == GROUP) is groupshared, name
    assert (tmp_path / "later").stat().st_mode & GROUP != GROUP
    assert not (tmp_path / "log").stat().st_mode & stat.S_IWOTH


@root_only
@pytest.mark.parametrize("groupshared", [True, False])
def test_what_another_instructor_cannot_write_is_said_before_grading(groupshared: bool) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other accounts
        folder = Path(name)
        folder.chmod(0o755)
        database = folder / "gradebook.db"
        database.touch(0o644)
        os.setresuid(65534, 65534, 0)
        try:
            with pytest.raises(NotWritableError) as caught:
                require_writable(course(folder, groupshared=groupshared), [database])
        finally:
            os.setresuid(0, 0, 0)
    said = str(caught.value)
    assert f"{database} cannot be written, which is root's" in said
    assert f"chmod g+rw {database}" in said
    assert ("groupshared = True" in said) is not groupshared


def test_what_is_not_there_yet_is_asked_of_the_folder_that_will_hold_it(tmp_path: Path) -> None:
    require_writable(course(tmp_path, groupshared=False), [tmp_path / "autograded" / "ana" / "hw1"])
    if os.geteuid() == 0:
        return
    tmp_path.chmod(0o555)
    with pytest.raises(NotWritableError):
        require_writable(course(tmp_path, groupshared=False), [tmp_path / "autograded" / "ana"])
    tmp_path.chmod(0o755)
    shutil.rmtree(tmp_path)


@pytest.mark.slow
def test_all_that_grading_and_feedback_write_is_the_group_s(tmp_path: Path) -> None:
    make_course(tmp_path, "c.CourseDirectory.groupshared = True\n")
    hand_in(tmp_path, "ada", RIGHT)
    for command in ("autograde", "feedback"):
        run = [sys.executable, "-m", "grader", command, ASSIGNMENT]
        subprocess.run(run, cwd=tmp_path, env=environment(tmp_path), check=True, capture_output=True)
    made = [tmp_path / "gradebook.db"]
    made += [tmp_path / f"{name}-{ASSIGNMENT}.jsonl" for name in ("autograde", "feedback")]
    made += [tmp_path / "autograded.lock", tmp_path / "feedback.lock"]
    for folder in (tmp_path / "autograded", tmp_path / "feedback"):
        made += [folder, *folder.rglob("*")]
    assert len(made) > 10
    assert {str(path.relative_to(tmp_path)) for path in made if path.stat().st_mode & GROUP != GROUP} == set()
