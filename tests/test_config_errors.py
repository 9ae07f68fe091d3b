"""A configuration with an error ends every command, and no student's code runs without confinement."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from grader.config_files import ConfigFileError, fault_in_config_file, run_config_file
from grader.devkit.answers import ROOT
from grader.devkit.warmup import ASSIGNMENT, RIGHT, command, environment, hand_in, make_course, released
from grader.grading.kernelspecs import NO_KERNEL

SYNTAX = "c.AulaTorch.language ="
RAISES = "c.AulaTorch.language = 'en'\nraise ValueError('two\\nlines')"
SHIPPED = (ROOT / "nbgrader_config.py").read_text()
LOADS = "load_subconfig('course_config.py')"
README = "from grader.configure import configure\n\nconfigure(get_config())\n"
CONFIGURES = f"{README}c = get_config()\n"

# What a course's two files hold: (nbgrader_config.py, course_config.py), the file that is to blame and its line.
CAUGHT = {
    "the settings do not parse": (SHIPPED, f"c = get_config()\n{SYNTAX}", "course_config.py, line 2: SyntaxError"),
    "the settings raise": (SHIPPED, RAISES, "course_config.py, line 2: ValueError: two lines"),
    "the settings raise after configure": (SHIPPED, CONFIGURES + RAISES, "course_config.py, line 6: ValueError"),
    "the settings end Python": (SHIPPED, "import sys\nsys.exit(0)", "course_config.py, line 2: SystemExit"),
    "the settings are not text": (SHIPPED, "a = '\0'", "course_config.py: SyntaxError"),
    "only the settings configure": (LOADS, CONFIGURES + RAISES, "course_config.py, line 6: ValueError"),
    "what follows the settings": (f"{LOADS}\nundefined_name", CONFIGURES, "nbgrader_config.py, line 2: NameError"),
    "two lines and an error": (README + "undefined_name", "", "nbgrader_config.py, line 4: NameError"),
    "an error in a function elsewhere": (README + "import json\njson.loads('{')", "", "nbgrader_config.py, line 5"),
}  # fmt: skip

# Nobody has heard of us when these fail.
NOT_CAUGHT = {
    "ours does not parse": (f"{README}{SYNTAX}", ""),
    "an error before configure": (f"undefined_name\n{README}", ""),
    "the package cannot be imported": (README.replace("grader.configure", "grader.missing"), ""),
    "only the settings configure, and do not parse": (LOADS, CONFIGURES + SYNTAX),
    "only the settings configure, and raise before": (LOADS, RAISES + CONFIGURES),
    "there is no configuration": (None, ""),
}

MARK = "ran-unconfined"


def write_config(folder: Path, ours: str | None, settings: str) -> None:
    (folder / "nbgrader_config.py").unlink(missing_ok=True)
    if ours is not None:
        (folder / "nbgrader_config.py").write_text(ours)
    (folder / "course_config.py").write_text(settings)


def run_in(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(program, *arguments), cwd=folder, env=environment(ROOT), capture_output=True, text=True, timeout=300
    )


@pytest.fixture(scope="module")
def released_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that was released, with a notebook that leaves a mark where it can."""
    folder = tmp_path_factory.mktemp("released")
    make_course(folder)
    leave_mark = f"open({str(folder.parent / MARK)!r}, 'w').close()\n"
    hand_in(folder, "ada", RIGHT | {"double": leave_mark + RIGHT["double"]})
    return folder


@pytest.fixture
def course(released_once: Path, tmp_path: Path) -> Path:
    (released_once.parent / MARK).unlink(missing_ok=True)
    folder = shutil.copytree(released_once, tmp_path / "course")
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text().replace(str(released_once), str(folder)))
    return folder


def ran(course: Path, released_once: Path) -> bool:
    """Whether the student's code ran unconfined, or came to a grade."""
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        scores = gradebook.execute("select auto_score from grade where auto_score is not null").fetchall()
    return (released_once.parent / MARK).exists() or bool(scores)


@pytest.mark.parametrize(("ours", "settings", "blamed"), CAUGHT.values(), ids=CAUGHT)
def test_a_file_with_an_error_is_named_in_one_line(tmp_path: Path, ours: str, settings: str, blamed: str) -> None:
    write_config(tmp_path, ours, settings)
    with pytest.raises(ConfigFileError) as caught:
        run_config_file("nbgrader_config.py", str(tmp_path))
    assert str(caught.value).startswith(f"{tmp_path}/{blamed}")
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(SHIPPED)
    (tmp_path / "course_config.py").write_bytes(b"# coding: latin-99\n")
    with pytest.raises(ConfigFileError, match=r"course_config.py: SyntaxError: unknown encoding"):
        run_config_file("nbgrader_config.py", str(tmp_path))


def test_an_error_of_anything_else_is_no_configuration_s() -> None:
    with pytest.raises(ValueError, match="elsewhere") as caught:
        raise ValueError("elsewhere")
    assert fault_in_config_file(caught.value) is None


@pytest.mark.slow
@pytest.mark.parametrize("where", ["in the folder", "from elsewhere"])
@pytest.mark.parametrize(("ours", "settings", "blamed"), CAUGHT.values(), ids=CAUGHT)
def test_nbgrader_ends_before_it_does_anything(
    course: Path, released_once: Path, tmp_path: Path, ours: str, settings: str, blamed: str, where: str
) -> None:
    write_config(course, ours, settings)
    if where == "in the folder":
        done = run_in(course, "nbgrader", "autograde", ASSIGNMENT)
    else:
        done = run_in(tmp_path, "nbgrader", "autograde", ASSIGNMENT, "--course-dir", str(course))
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if "WARNING" not in line]
    assert len(lines) == 1, done.stderr
    assert f"{course}/{blamed}" in lines[0]
    assert not (course / "autograded").exists()
    assert not ran(course, released_once)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["in the folder", "from elsewhere"])
@pytest.mark.parametrize(("ours", "settings"), NOT_CAUGHT.values(), ids=NOT_CAUGHT)
def test_what_plain_nbgrader_makes_of_a_course_of_ours_is_no_grade(
    course: Path, released_once: Path, tmp_path: Path, ours: str | None, settings: str, where: str
) -> None:
    write_config(course, ours, settings)
    if where == "in the folder":
        done = run_in(course, "nbgrader", "autograde", ASSIGNMENT)
    else:
        done = run_in(tmp_path, "nbgrader", "autograde", ASSIGNMENT, "--course-dir", str(course))
    assert done.returncode == 1
    assert f"No such kernel named {NO_KERNEL}" in done.stderr
    assert not ran(course, released_once)


@pytest.mark.slow
@pytest.mark.parametrize("program", ["nbgrader", "grader"])
def test_a_gradebook_of_before_learns_it_when_it_is_graded_with(course: Path, program: str) -> None:
    python = {"name": "python3", "display_name": "Python 3"}
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        gradebook.execute("update notebook set kernelspec = ?", [json.dumps(python)])
    done = run_in(course, program, "autograde", ASSIGNMENT)
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        (stored,) = gradebook.execute("select kernelspec from notebook").fetchone()
    assert json.loads(stored)["name"] == NO_KERNEL
    graded = nbformat.read(course / "autograded" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
    assert graded.metadata.kernelspec.items() >= python.items()


@pytest.mark.slow
def test_what_students_get_names_their_kernel(course: Path) -> None:
    assert released(course).metadata.kernelspec.name == "python3"


@pytest.mark.slow
def test_a_gradebook_that_has_not_heard_of_us_gives_no_grade_to_who_imports_the_package(course: Path) -> None:
    write_config(course, None, "")
    (course / "gradebook.db").unlink()
    shutil.rmtree(course / "release")
    done = run_in(course, "nbgrader", "generate_assignment", ASSIGNMENT)
    assert done.returncode == 0, done.stderr
    done = run_in(course, "nbgrader", "autograde", ASSIGNMENT)
    assert done.returncode == 1
    assert "DeadKernelError" in done.stderr
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        assert not gradebook.execute("select auto_score from grade where auto_score is not null").fetchall()


@pytest.mark.slow
@pytest.mark.parametrize("ours", [SHIPPED, *(ours for ours, _ in NOT_CAUGHT.values() if ours is not None)])
@pytest.mark.parametrize("arguments", [("autograde", ASSIGNMENT), ("report", ASSIGNMENT)], ids=lambda given: given[0])
def test_our_commands_say_it_in_one_line(course: Path, ours: str, arguments: tuple[str, ...]) -> None:
    write_config(course, ours, SYNTAX)
    done = run_in(course, "grader", *arguments)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr + done.stdout
    assert done.stderr.count("_config.py, line ") + done.stderr.count("_config.py: ") == 1, done.stderr


def test_the_package_s_test_for_a_kernel_does_nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    done = subprocess.run([sys.executable, "-c", "import grader; print(grader.check)"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "function check" in done.stdout
