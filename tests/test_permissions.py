"""What other accounts of the machine can read or change of a course, on real files."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

import grader.doctor
from grader.devkit.answers import ROOT
from grader.devkit.warmup import ASSIGNMENT, RIGHT, hand_in, make_course, run
from grader.doctor import doctor
from grader.grading.permissions import Exposure, exposures, mend, warning
from grader.settings import AulaTorch

PRIVATE = (
    "source",
    "submitted",
    "autograded",
    "feedback",
    "gradebook.db",
    "checks",
    "autograde-ps1.jsonl",
    "autograded.lock",
)
UNWRITTEN = ("nbgrader_config.py", "course_config.py", "release")


@pytest.fixture
def course() -> Iterator[Path]:
    """A course as a careless umask makes it, in a folder that everybody can enter: pytest's own is closed."""
    with tempfile.TemporaryDirectory(prefix="permissions-") as name:
        folder = Path(name)
        for step in ("source/./ps1", "release/ps1", "submitted/ada/ps1", "autograded/ada/ps1", "feedback/ada/ps1"):
            (folder / step).mkdir(parents=True)
            (folder / step / "ps1.ipynb").write_text("{}")
        (folder / "checks" / "ps1").mkdir(parents=True)
        for name in ("visible.py", "hidden.py"):
            (folder / "checks" / "ps1" / name).write_text("")
        for file in (
            "gradebook.db",
            "nbgrader_config.py",
            "course_config.py",
            "autograde-ps1.jsonl",
            "autograded.lock",
        ):
            (folder / file).write_text("c = get_config()\n" if file.endswith(".py") else "")
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)
        yield folder


def examined(folder: Path, *, groupshared: bool = False, **settings: object) -> list[Exposure]:
    config = Config(AulaTorch=settings)
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.groupshared = groupshared
    return exposures(CourseDirectory(config=config), AulaTorch(config=config))


def names(found: list[Exposure], folder: Path) -> set[str]:
    return {str(exposure.path.relative_to(folder)) for exposure in found}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_private_and_everything_that_others_can_write_is_found(course: Path) -> None:
    assert names(examined(course), course) == {*PRIVATE, *UNWRITTEN, "."}


def test_mending_closes_it_and_leaves_the_release_readable(course: Path) -> None:
    assert mend(examined(course)) == []
    assert examined(course) == []
    assert {mode(course / name) & 0o077 for name in PRIVATE} == {0}
    assert {mode(course / "release"), mode(course / "release" / "ps1"), mode(course)} == {0o755}
    assert mode(course / "release" / "ps1" / "ps1.ipynb") == mode(course / "nbgrader_config.py") == 0o644
    before = {path: mode(path) for path in course.rglob("*")}
    assert mend(examined(course)) == []
    assert {path: mode(path) for path in course.rglob("*")} == before


@pytest.mark.parametrize("groupshared", [False, True])
def test_the_commands_that_are_shown_mend_it_too(course: Path, groupshared: bool) -> None:
    for exposure in examined(course, groupshared=groupshared):
        assert exposure.command in str(exposure)
        subprocess.run(["/bin/sh", "-c", exposure.command], check=True)
    assert examined(course, groupshared=groupshared) == []


def test_a_shared_group_keeps_everything(course: Path) -> None:
    assert mend(examined(course, groupshared=True)) == []
    assert examined(course, groupshared=True) == []
    assert mode(course / "submitted") == 0o770
    assert mode(course / "gradebook.db") == 0o660
    assert mode(course / "release") == 0o775
    assert "submitted" in names(examined(course), course)


def test_the_usual_modes_let_everybody_read(course: Path) -> None:
    for path in (course, *course.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    found = examined(course)
    assert names(found, course) == set(PRIVATE)
    assert all("everybody on this machine can read it" in str(exposure) for exposure in found)


def test_who_can_read_and_who_can_change_are_said_apart(course: Path) -> None:
    (course / "gradebook.db").chmod(0o664)
    said = next(str(exposure) for exposure in examined(course) if exposure.path.name == "gradebook.db")
    assert ": everybody on this machine can read and its group can change it: chmod go-rwx " in said


def test_what_only_the_group_can_read_is_found(course: Path) -> None:
    mend(examined(course))
    (course / "gradebook.db").chmod(0o640)
    (found,) = examined(course)
    assert "gradebook.db: its group on this machine can read it: chmod go-rwx" in str(found)
    assert examined(course, groupshared=True) == []


def test_a_closed_course_is_closed_whatever_lies_in_it(course: Path) -> None:
    course.chmod(0o700)
    assert examined(course) == []


def test_what_is_collected_into_a_closed_folder_is_closed(course: Path) -> None:
    mend(examined(course))
    (course / "submitted" / "eve").mkdir()
    (course / "submitted" / "eve").chmod(0o777)
    assert examined(course) == []


def test_a_link_is_named_and_not_followed(course: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="elsewhere-") as name:
        elsewhere = Path(name, "submitted")
        (course / "submitted").rename(elsewhere)
        (course / "submitted").symlink_to(elsewhere)
        Path(name).chmod(0o755)
        outside = Path(name, "outside")
        outside.write_text("")
        outside.chmod(0o666)
        (course / "release" / "link").symlink_to(outside)
        (course / "checks" / "link").symlink_to(outside)
        (line,) = mend(examined(course))
        assert line.startswith(f"{course}/submitted: a link leads there")
        assert f"chmod go-rwx {elsewhere}" in line
        assert mode(elsewhere) == 0o777
        assert mode(outside) == 0o666
        assert names(examined(course), course) == {"submitted"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_somebody_else_is_named(course: Path) -> None:
    for path in (course, *course.rglob("*")):
        if path != course / "gradebook.db":
            os.chown(path, 65534, 65534)
    script = (
        "import os, sys; from pathlib import Path; from tests.test_permissions import examined, mend\n"
        "found = examined(Path(sys.argv[1])); os.setgid(65534); os.setuid(65534)\n"
        "print('\\n'.join(mend(found)))"
    )
    command = [sys.executable, "-c", script, str(course)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"{course}/gradebook.db: it belongs to root: Operation not permitted: ask its owner")
    assert names(examined(course), course) == {"gradebook.db"}


def test_what_cannot_be_changed_is_named_and_the_rest_is_closed(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change = os.fchmod
    theirs = (course / "submitted").stat().st_ino

    def refuse(descriptor: int, bits: int) -> None:
        if os.fstat(descriptor).st_ino == theirs:
            raise PermissionError(1, "Operation not permitted")
        change(descriptor, bits)

    monkeypatch.setattr(os, "fchmod", refuse)
    (line,) = mend(examined(course))
    assert "submitted: Operation not permitted: ask its owner" in line
    assert names(examined(course), course) == {"submitted"}


def test_other_places_and_structures(course: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="hidden-") as name:
        hidden = Path(name, "hidden")
        hidden.mkdir()
        Path(name).chmod(0o755)
        hidden.chmod(0o755)
        assert hidden in [exposure.path for exposure in examined(course, checks_directory=str(hidden))]
    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.directory_structure = "{assignment_id}/{nbgrader_step}/{student_id}"
    (course / "ps1" / "submitted").mkdir(parents=True)
    for path in (course / "ps1", course / "ps1" / "submitted"):
        path.chmod(0o755)
    found = exposures(CourseDirectory(config=config), AulaTorch(config=config))
    assert "ps1/submitted" in names(found, course)


def test_a_folder_elsewhere_in_which_anybody_could_replace_the_gradebook_is_found(course: Path) -> None:
    mend(examined(course))
    with tempfile.TemporaryDirectory(prefix="permissions-") as name:
        database = Path(name).resolve() / "shared" / "grades.db"
        database.parent.mkdir()
        database.write_text("")
        database.chmod(0o600)
        Path(name).chmod(0o755)
        config = Config()
        config.CourseDirectory.root = str(course)
        config.CourseDirectory.db_url = f"sqlite:///{database}"

        def found() -> list[Exposure]:
            return exposures(CourseDirectory(config=config), AulaTorch(config=config))

        database.parent.chmod(0o1777)  # sticky: nobody else can
        assert found() == []
        database.parent.chmod(0o777)
        (exposure,) = found()
        assert str(exposure) == (
            f"{database.parent}: everybody on this machine can change it: chmod o-w {database.parent}"
        )
        assert mend([exposure]) == []
        assert mode(database.parent) == 0o775


def test_a_course_of_nbgrader_s_own_has_no_checks_to_close(course: Path) -> None:
    shutil.rmtree(course / "checks")
    assert "checks" not in names(examined(course), course)


def test_one_line_names_some(course: Path) -> None:
    line = warning(examined(course))
    assert line.startswith("other accounts of this machine can read or change source, submitted, autograded, feedback")
    assert line.endswith(" and 8 more: `grader doctor --fix` closes them")


def test_the_doctor_says_it_and_mends_it(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grader.doctor, "_show_machine", lambda console: True)
    found = CliRunner().invoke(doctor, ["--course", str(course)])
    assert found.exit_code == 1
    assert f"chmod go-rwx {course}/submitted" in found.output
    fixed = CliRunner().invoke(doctor, ["--course", str(course), "--fix"])
    assert fixed.exit_code == 0, fixed.output
    monkeypatch.chdir(course)
    again = CliRunner().invoke(doctor, [])
    assert (again.exit_code, "No other account can read" in again.output) == (0, True)


def test_the_doctor_without_a_course_looks_at_the_machine_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grader.doctor, "_show_machine", lambda console: True)
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(doctor, []).output == ""
    assert "name the course's folder with --course" in CliRunner().invoke(doctor, ["--fix"]).output


def test_the_doctor_names_an_error_in_the_configuration_in_one_line(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grader.doctor, "_show_machine", lambda console: True)
    (course / "nbgrader_config.py").write_text("c = (")
    said = CliRunner().invoke(doctor, ["--course", str(course)])
    assert said.exit_code == 1
    assert said.output.count("\n") == 1
    assert f"the configuration has an error: {course}/nbgrader_config.py, line 1: SyntaxError" in said.output


@pytest.mark.slow
def test_grading_goes_on_with_a_warning(course: Path) -> None:
    for path in sorted(course.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    make_course(course)
    hand_in(course, "ada", RIGHT)
    (course / "submitted").chmod(0o777)
    course.chmod(0o755)
    said = run(course, "grader", "autograde", ASSIGNMENT)
    assert said.count("`grader doctor --fix` closes them") == 1
    run(course, "grader", "doctor", "--fix")
    assert mode(course / "submitted") == 0o700
    assert "doctor" not in run(course, "grader", "autograde", ASSIGNMENT, "--force")
