"""The `grader` command: one style for all of its commands."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from grader.batch.app import ParallelAutogradeApp
from grader.batch.feedback_app import ParallelFeedbackApp
from grader.cli import main
from grader.devkit.answers import ROOT
from grader.devkit.warmup import ASSIGNMENT, RIGHT, WRONG, hand_in, make_course
from grader.in_force import in_force

NO_SUCH = "no_such_assignment"


def commands(group: click.Group = main, names: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command, and those of commands."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*names, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*names, name))


COMMANDS = list(commands())
OF_ASSIGNMENTS = [
    ("autograde",),
    ("feedback",),
    ("report",),
    ("test",),
    ("messages",),
    ("calibrate",),
    ("release-solutions",),
]
READING = [("settings",), ("report", NO_SUCH), ("autograde", NO_SUCH), ("feedback", NO_SUCH), ("test", NO_SUCH)]


def grader(*arguments: str) -> Result:
    ParallelAutogradeApp.clear_instance()
    ParallelFeedbackApp.clear_instance()
    return CliRunner().invoke(main, list(arguments))


def refused(result: Result) -> str:
    """The one line that tells of a usage error."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    make_course(tmp_path)
    return tmp_path


def test_all_commands_are_found() -> None:
    assert {("autograde",), ("check",), ("new", "exercise"), ("settings",)} <= set(COMMANDS)
    assert len(COMMANDS) >= 14


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
class TestEveryCommand:
    def test_says_its_version(self, command: tuple[str, ...]) -> None:
        result = grader(*command, "--version")
        assert (result.exit_code, result.output.startswith("grader, version ")) == (0, True)

    def test_has_a_help_text_in_the_imperative(self, command: tuple[str, ...]) -> None:
        for option in ("-h", "--help"):
            assert grader(*command, option).exit_code == 0
        found: click.Command = main
        for name in command:
            assert isinstance(found, click.Group)
            found = found.get_command(click.Context(found), name) or found
        verb = (found.help or "").split()[0]
        assert verb[0].isupper()
        assert not verb.endswith("s")

    def test_refuses_an_unknown_option_in_one_line(self, command: tuple[str, ...]) -> None:
        assert "--jbos" in refused(grader(*command, "--jbos", "2"))

    def test_is_completed(self, command: tuple[str, ...]) -> None:
        complete = ShellComplete(main, {}, "grader", "_GRADER_COMPLETE").get_completions
        assert command[-1] in {item.value for item in complete(list(command[:-1]), command[-1][:3])}
        assert {"--version", "--help"} <= {item.value for item in complete(list(command), "--")}

    def test_names_the_course_s_folder_as_the_others_do(self, command: tuple[str, ...], tmp_path: Path) -> None:
        found: click.Command = main
        for name in command:
            assert isinstance(found, click.Group)
            found = found.get_command(click.Context(found), name) or found
        options = {name for param in found.params for name in param.opts}
        assert not options & {"--folder", "--root", "--directory"}
        if "--course" in options and command not in (("autograde",), ("feedback",)):  # their courses are nbgrader's
            assert "does not exist" in refused(grader(*command, "--course", str(tmp_path / "none")))


@pytest.mark.parametrize("command", OF_ASSIGNMENTS, ids=" ".join)
def test_an_unknown_assignment_is_a_usage_error(
    command: tuple[str, ...], course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course)
    assert NO_SUCH in refused(grader(*command, NO_SUCH))


@pytest.mark.parametrize("gradebook", [True, False], ids=["a gradebook", "no gradebook"])
@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_reading_writes_nothing(
    command: tuple[str, ...], gradebook: bool, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not gradebook:
        (course / "gradebook.db").unlink()
    monkeypatch.chdir(course)
    before = files(course)
    grader(*command)
    assert files(course) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--jobs", "-1"], "-1 is not in the range"),
        (["--jobs", "many"], "'many' is not a valid integer"),
        (["--log-level", "LOUD"], "'LOUD' is none of DEBUG"),
        (["--AulaTorch.sed=3"], "did you mean c.AulaTorch.seed?"),
        (["--AulaTorch.cell_timeout=long"], "expected a float"),
        (["--ParallelAutograde.jobs=0"], "should not be less than 1"),
        (["--AulaTroch.seed=3"], "did you mean AulaTorch?"),
        (["--CourseDirectory.rot=x"], "did you mean root?"),
        (["--CourseDirectry.root=x"], "did you mean CourseDirectory?"),
        (["--AulaTorch.seed"], "requires an argument"),
        (["another"], "unexpected extra argument"),
        (["--assignment", "another"], "Name one assignment"),
        (["--course", "nowhere"], "Directory 'nowhere' does not exist"),
    ],
    ids=lambda given: given[0] if isinstance(given, list) else "",
)
@pytest.mark.parametrize("command", ["autograde", "feedback"])
def test_bad_options_of_nbgrader_s_commands_are_one_line(
    command: str, arguments: list[str], says: str, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course)
    before = files(course)
    assert says in refused(grader(command, ASSIGNMENT, *arguments))
    assert files(course) == before


@pytest.mark.parametrize("command", ["autograde", "feedback"])
def test_a_gradebook_that_is_none_is_one_line(command: str, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course)
    (course / "gradebook.db").write_bytes(b"something else" * 100)
    result = grader(command, ASSIGNMENT)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "file is not a database" in result.stderr


def test_a_gradebook_of_another_version_is_one_line(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course)
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        gradebook.execute("alter table assignment rename column duedate to due")
    result = grader("autograde", ASSIGNMENT)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "no such column" in result.stderr
    assert "nbgrader db upgrade" in result.stderr


def test_a_command_that_is_not_there_is_told_from_what_it_looks_like() -> None:
    assert "Did you mean 'autograde'?" in refused(grader("autgrade"))
    assert "Did you mean 'exercise'?" in refused(grader("new", "excercise"))
    assert "autograde, calibrate" in refused(grader("frob"))


def test_python_m_grader_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "grader", "--version"], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout.startswith("grader, version ")) == (0, True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_a_shell(shell: str) -> None:
    printed = grader("completion", shell)
    assert printed.exit_code == 0
    assert "_GRADER_COMPLETE" in printed.output


def test_completion_knows_assignments_exercises_and_settings(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course)
    complete = ShellComplete(main, {}, "grader", "_GRADER_COMPLETE").get_completions

    def values(arguments: list[str], incomplete: str = "") -> set[str]:
        return {item.value for item in complete(arguments, incomplete)}

    for command in ("autograde", "feedback", "report", "test", "calibrate"):
        assert values([command]) == {ASSIGNMENT}
    assert values(["test", ASSIGNMENT]) == {"double", "count"}
    notebook = str(course / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    assert values(["check", notebook, "-e"]) == {"double", "count"}
    assert values(["check", "--language"], "e") == {"en", "es"}
    assert "--AulaTorch.seed=" in values(["autograde"], "--AulaTorch.s")
    assert "--ParallelAutograde.jobs=" in values(["settings"], "--Par")


# ------------------------------------------------------------------------------------------------- settings


def test_settings_say_where_they_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "1")
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.AulaTorch.language = 'es'\n"
        "for name in ('seed',):\n"
        "    setattr(c.AulaTorch, name, 9)\n"
        "c.AulaTorch.data_directories.append('data')\n"
        "c.AulaTorch.restarts = 1\n"
        "load_subconfig('more.py')\n"
    )
    (tmp_path / "more.py").write_text("get_config().AulaTorch.restarts = 2\n")
    (tmp_path / "nbgrader_config.json").write_text('{"ParallelAutograde": {"jobs": 3}}')
    found = {item.name: item for item in in_force(tmp_path, ["--AulaTorch.memory_limit=2"])}

    def origin(name: str) -> tuple[object, str]:
        return found[name].value, found[name].origin

    ours, more = tmp_path / "nbgrader_config.py", tmp_path / "more.py"
    assert origin("AulaTorch.language") == ("es", f"{ours}:2")
    assert origin("AulaTorch.seed") == (9, f"{ours}:4")
    assert origin("AulaTorch.data_directories") == (["data"], f"{ours}:5")
    assert origin("AulaTorch.restarts") == (2, f"{more}:1")
    assert origin("ParallelAutograde.jobs") == (3, str(tmp_path / "nbgrader_config.json"))
    assert origin("AulaTorch.memory_limit") == (2.0, "command line")
    assert origin("AulaTorch.dataset") == ("digits", "default")


def test_settings_are_json_as_well(course: Path) -> None:
    printed = grader("settings", "--course", str(course), "--json", "--AulaTorch.seed=7")
    assert printed.exit_code == 0
    found = {item["name"]: item for item in json.loads(printed.stdout)}
    assert (found["AulaTorch.seed"]["value"], found["AulaTorch.seed"]["source"]) == (7, "command line")
    assert found["AulaTorch.cell_timeout"]["line"] is not None
    shown = grader("settings", "--course", str(course)).output
    assert f"c.AulaTorch.cell_timeout = 5.0  ({course}/nbgrader_config.py:" in shown
    assert all(f"c.{name} = " in shown for name in found)


def test_settings_with_an_error_are_one_line(course: Path) -> None:
    for line in ("c.AulaTorch.sed = 1", "c.AulaTorch.seed = 'x'", "c ="):
        (course / "nbgrader_config.py").write_text(f"c = get_config()\n{line}\n")
        result = grader("settings", "--course", str(course))
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)


# ------------------------------------------------------------------------------------------------- check


@pytest.mark.slow
def test_check_as_json_keeps_its_output_for_json(course: Path) -> None:
    noisy = "import os\nprint('loud')\nos.system('echo louder')\n" + RIGHT["double"]
    hand_in(course, "ada", {"double": noisy, "count": WRONG["count"]})
    notebook = course / "submitted" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    command = [sys.executable, "-m", "grader", "check", str(notebook), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    said = json.loads(done.stdout)
    assert (done.returncode, said["passed"], said["language"]) == (1, False, "en")
    assert {item["exercise"]: item["passed"] for item in said["exercises"]} == {"double": True, "count": False}
    assert [check["verdict"] for check in said["exercises"][1]["checks"]] == ["failed"]
    assert {"loud", "louder"} <= set(done.stderr.split())


def test_check_says_what_is_wrong_in_the_language_of_the_notebook(course: Path) -> None:
    notebook = course / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    assert "has no exercise nada; it has: double, count" in refused(grader("check", str(notebook), "-e", "nada"))
    said = refused(grader("check", str(notebook), "-e", "nada", "--language", "es"))
    assert "no tiene ningún ejercicio nada; tiene: double, count" in said
    (course / "broken.ipynb").write_text("<html>")
    assert "JSON" in refused(grader("check", str(course / "broken.ipynb")))


@pytest.mark.slow
def test_doctor_as_json() -> None:
    with tempfile.TemporaryDirectory(prefix="doctor-") as name:  # pytest's own folder is closed to others
        course = Path(name)
        make_course(course)
        _says_what_is_open(course)


def _says_what_is_open(course: Path) -> None:
    (course / "submitted").mkdir()
    for folder in (course, course / "submitted"):
        folder.chmod(0o755)
    printed = grader("doctor", "--course", str(course), "--json")
    said = json.loads(printed.stdout)
    assert {item["name"] for item in said["machine"]["protections"]} >= {"files", "network", "memory"}
    assert str(course / "submitted") in {item["path"] for item in said["course"]["exposures"]}
    assert (printed.exit_code, said["course"]["closed"]) == (1, False)
    fixed = json.loads(grader("doctor", "--course", str(course), "--json", "--fix").stdout)
    assert fixed["course"]["closed"]
