"""What a student sees: `check` in the notebook, `pytest NOTEBOOK`, `grader check NOTEBOOK`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
import torch
from click.testing import CliRunner
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from IPython.utils.capture import CapturedIO, capture_output

from grader.checking.panel import render
from grader.checking.results import Verdict
from grader.checking.selfcheck import ChecksNotPassed, NotCheckedError, check, self_check
from grader.cli import main
from grader.devkit.answers import answers, check_in_process, solution
from grader.evidence.answers import answered
from grader.kit.connections import CHECKS_MODES, Modes
from grader.kit.messages import speaking
from tests.conftest import hand_out

pytest_plugins = ["pytester"]

RIGHT = next(answer for answer in answers("01_tensors") if answer.exercise == "make_tensors" and answer.is_right)
WRONG = next(answer for answer in answers("01_tensors") if answer.exercise == "make_tensors" and not answer.is_right)
STUB = "def make_tensors(n):\n    raise NotImplementedError()"


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A student's notebook: the first exercise is wrong, the others are right."""
    hand_out("01_tensors", tmp_path)
    path = tmp_path / "01_tensors.ipynb"
    nbformat.write(answered(solution("01_tensors"), {"make_tensors": WRONG.source}), path)
    return path


def namespace(source: str) -> dict[str, object]:
    found: dict[str, object] = {"__name__": "__main__"}
    exec(f"import torch\n{source}", found)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
def test_a_notebook_run_in_this_process_leaves_no_file_open() -> None:
    def opened() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    run = {"make_tensors": RIGHT.source}
    check_in_process("01_tensors", run)
    before = opened()
    for _ in range(3):
        check_in_process("01_tensors", run)
    assert opened() <= before


def test_a_right_answer_passes_quietly(capsys: pytest.CaptureFixture[str]) -> None:
    exec("check('make_tensors')", namespace(RIGHT.source) | {"check": check})
    assert "✗" not in capsys.readouterr().out


def right_answer(assignment: str, exercise: str) -> str:
    return next(item.source for item in answers(assignment) if item.exercise == exercise and item.is_right)


MODES = {
    "dtype": "torch.set_default_dtype(torch.float64)",
    "device": "torch.set_default_device('meta')",
    "autograd": "torch.set_grad_enabled(False)",
    "inference": "inference = torch.inference_mode(); inference.__enter__()",
}


@pytest.fixture
def _modes_of_a_new_process() -> Iterator[None]:
    yield
    CHECKS_MODES.enter()


@pytest.mark.usefixtures("_modes_of_a_new_process")
@pytest.mark.parametrize("mode", MODES)
def test_a_mode_that_an_answer_leaves_on_is_not_the_checks(mode: str) -> None:
    right = right_answer("05_cnn", "fit")
    source = right.replace("    return history", f"    global inference\n    {MODES[mode]}\n    return history")
    assert source != right
    results = check_in_process("05_cnn", {"fit": source}, hidden=False)
    assert [result.fault for result in results if result.verdict is Verdict.GRADER_ERROR] == []
    assert Modes.current() == CHECKS_MODES


@pytest.mark.usefixtures("_modes_of_a_new_process")
def test_a_notebooks_modes_are_its_own_again_after_a_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_out("01_tensors", tmp_path)
    monkeypatch.chdir(tmp_path)
    torch.set_default_dtype(torch.float64)
    result = self_check("clip_outliers", namespace(right_answer("01_tensors", "clip_outliers")))
    assert result.passed
    assert torch.get_default_dtype() == torch.float64


def run_in_a_notebook(*cells: str) -> tuple[ExecutionResult, CapturedIO]:
    """What the last of some cells came to, in one shell, and what it showed."""
    shell = InteractiveShell.instance()
    try:
        for source in cells[:-1]:
            shell.run_cell(source)
        with capture_output() as captured:
            return shell.run_cell(cells[-1]), captured
    finally:
        InteractiveShell.clear_instance()


SETUP = "import torch\nfrom grader import check, overview\n"


def test_a_wrong_answer_shows_its_panel_and_the_notebook_goes_on() -> None:
    result, captured = run_in_a_notebook(SETUP + WRONG.source, "check('make_tensors')")
    assert result.success
    (panel,) = [output.data for output in captured.outputs]
    assert set(panel) == {"text/html", "text/plain"}
    assert "make_tensors" in panel["text/plain"]
    assert "✗" in panel["text/plain"]


def test_nbgrader_s_validation_gets_one_short_line_after_the_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    result, captured = run_in_a_notebook(SETUP + WRONG.source, "check('make_tensors')")
    assert isinstance(result.error_in_exec, ChecksNotPassed)
    assert len(captured.outputs) == 1
    assert len(captured.stdout.strip().splitlines()) == 1
    assert "ChecksNotPassed" in captured.stdout


def test_the_last_cell_tells_what_is_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hand_out("01_tensors", tmp_path)
    monkeypatch.chdir(tmp_path)
    cells = [SETUP + RIGHT.source, "check('make_tensors')", "describe = None", "check('describe')", "overview()"]
    _, captured = run_in_a_notebook(*cells)
    (panel,) = [output.data["text/plain"] for output in captured.outputs]
    assert "1 of 8 exercises pass" in panel
    assert "✓ make_tensors" in panel
    assert "✗ describe · 0 of" in panel
    assert "○ contact_sheet · not checked" in panel


def test_vs_code_may_run_a_notebook_in_another_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "hw"
    hand_out("01_tensors", folder)
    (folder / "01_tensors.ipynb").touch()
    monkeypatch.chdir(tmp_path)
    named = f"__vsc_ipynb_file__ = {str(folder / '01_tensors.ipynb')!r}\n"
    _, captured = run_in_a_notebook(named + SETUP + RIGHT.source, "check('make_tensors')", "overview()")
    (panel,) = [output.data["text/plain"] for output in captured.outputs]
    assert "1 of 8 exercises pass" in panel


def test_colab_has_the_checks_beside_no_notebook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hand_out("01_tensors", tmp_path)  # the notebook itself lies in Google Drive
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    result, captured = run_in_a_notebook(SETUP + RIGHT.source, "check('make_tensors')")
    assert result.error_in_exec is None
    assert "✗" not in captured.outputs[0].data["text/plain"]


def test_where_the_checks_were_left_behind_one_line_says_where_they_belong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # as in Colab before the folder is uploaded
    result, captured = run_in_a_notebook(SETUP + RIGHT.source, "check('make_tensors')")
    assert isinstance(result.error_in_exec, NotCheckedError)
    assert str(result.error_in_exec).endswith(f"copy the folder `checks` that was handed out with it to {tmp_path}")
    assert len(captured.stdout.strip().splitlines()) == 1


def test_an_untouched_exercise_is_not_attempted_rather_than_wrong() -> None:
    result = self_check("make_tensors", namespace(STUB))
    assert {check.verdict.value for check in result.checks} == {"not_attempted"}


def test_an_unknown_exercise_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"make_tensor'.*make_tensors"):
        self_check("make_tensor", {})


def test_the_panel_escapes_what_a_student_wrote() -> None:
    source = "def make_tensors(n):\n    raise ValueError('<script>alert(1)</script>')"
    panel = render(self_check("make_tensors", namespace(source)), "en", show_score=False)
    assert "<script>" not in panel.html
    assert "<script>" in panel.text


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_panel_speaks_the_student_s_language(language: str) -> None:
    result = self_check("make_tensors", namespace(WRONG.source))
    with speaking(language):
        assert WRONG.hints[language] in render(result, language, show_score=False).text


@pytest.mark.slow
def test_pytest_runs_a_notebook_s_visible_checks_with_its_own_selection(
    notebook: Path, pytester: pytest.Pytester
) -> None:
    everything = pytester.runpytest_subprocess(str(notebook), "-q").parseoutcomes()
    assert everything["failed"] >= 1
    assert everything["passed"] > 10
    shown = pytester.runpytest_subprocess(str(notebook), "-q", "-k", "make_tensors").stdout.str()
    assert "Traceback" not in shown
    assert "grader/checking" not in shown
    chosen = pytester.runpytest_subprocess(str(notebook), "-q", "-k", "describe").parseoutcomes()
    assert chosen["passed"] >= 1
    assert "failed" not in chosen
    assert chosen["deselected"] >= 1


@pytest.mark.slow
def test_pdb_stops_at_the_student_s_own_line(tmp_path: Path, pytester: pytest.Pytester) -> None:
    hand_out("01_tensors", tmp_path)
    path = tmp_path / "01_tensors.ipynb"
    source = "def make_tensors(n):\n    mine = 41 + 1\n    return torch.softmax(torch.ones(n), dim=9)"
    nbformat.write(answered(solution("01_tensors"), {"make_tensors": source}), path)
    arguments = [sys.executable, "-m", "pytest", str(path), "-x", "-k", "make_tensors", "--pdb"]
    result = pytester.run(*arguments, stdin=b"p 'mine', mine\nq\n")
    result.stdout.fnmatch_lines(["*(3)make_tensors()", "-> return torch.softmax*", "*('mine', 42)*"])


@pytest.mark.slow
def test_grader_check_shows_panels_and_says_in_its_exit_code_whether_all_passed(notebook: Path) -> None:
    result = CliRunner().invoke(main, ["check", str(notebook), "--language", "en"])
    assert result.exit_code == 1
    assert WRONG.hints["en"] in " ".join(result.output.split())
    result = CliRunner().invoke(main, ["check", str(notebook), "-e", "describe"])
    assert result.exit_code == 0


def test_grader_check_says_why_it_cannot_read_a_file(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ipynb"
    broken.write_text("<html>")
    result = CliRunner().invoke(main, ["check", str(broken)])
    assert result.exit_code == 2
    assert "JSON" in result.output


def test_grader_check_names_the_exercises_there_are(notebook: Path) -> None:
    result = CliRunner().invoke(main, ["check", str(notebook), "-e", "no_such"])
    assert result.exit_code == 2
    assert "make_tensors" in result.output
