"""`hint()` and `solution()`: what students ask for, and the files that it comes from."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat.v4 import new_code_cell, new_notebook

from grader import hint, solution
from grader.checking import hints as hints_module
from grader.checking.hints import NoHintError, NoSolutionError
from grader.checking.selfcheck import NotCheckedError
from grader.course import RELEASED, Checks
from grader.grading.core import grade_notebook
from grader.grading.policy import Policy
from grader.kit.messages import speaking
from grader.notebook.budget import BUDGETS_VARIABLE
from grader.sandbox.zygote import Zygote

CHECK = '''\
from grader.kit import exercise


@exercise("double")
def test_it(student):
    """It is right."""
    assert student.double(2) == 4
'''

FILE = """\
difficulty = 2
minutes = 5

[[hint]]
en = "What is `x + x`?"
es = "¿Qué es `x + x`?"

[[hint]]
en = "Try <b>it</b> with 2."
es = "Pruébalo con <b>2</b>."
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a student's notebook, with an exercise `double` that has two hints and one `bare` that has none."""
    monkeypatch.delenv(BUDGETS_VARIABLE, raising=False)
    monkeypatch.setattr(hints_module, "_SHOWN", {})
    monkeypatch.chdir(tmp_path)
    (tmp_path / RELEASED / "double").mkdir(parents=True)
    (tmp_path / RELEASED / "double" / "visible.py").write_text(CHECK)
    (tmp_path / RELEASED / "double" / "hints.toml").write_text(FILE)
    (tmp_path / RELEASED / "visible.py").write_text(CHECK.replace("double", "bare"))
    return tmp_path


@pytest.fixture
def said(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What `hint` or `solution` prints where there is no IPython."""

    def printed(function: Callable[..., None], *arguments: object) -> str:
        assert function(*arguments) is None
        return capsys.readouterr().out

    return printed


Said = Callable[..., str]


def in_a_notebook(*cells: str) -> dict[str, str]:
    """What the last of some cells shows in IPython, by MIME type."""
    shell = InteractiveShell.instance()
    try:
        with capture_output() as captured:
            for source in cells:
                shell.run_cell(source, store_history=True).raise_error()
    finally:
        InteractiveShell.clear_instance()
    (output,) = captured.outputs
    return output.data


def release_of(folder: Path, code: str = "def double(x):\n    return 2 * x\n", name: str = "solutions_hw.json") -> Path:
    path = folder / name
    path.write_text(json.dumps({"format": 1, "assignment": "hw", "solutions": {"double": code}}))
    return path


# ---------------------------------------------------------------------------------------------------------- hint()


def test_each_call_shows_one_hint_more_and_the_last_says_so(said: Said) -> None:
    first = said(hint, "double")
    assert "hint 1 of 2" in first
    assert "What is `x + x`?" in first
    assert "<b>" not in first
    assert '`hint("double")` again' in first
    second = said(hint, "double")
    assert second.index("What is") < second.index("hint 2 of 2") < second.index("Try <b>it</b>")
    assert "There is no further hint." in second
    assert said(hint, "double") == second


def test_a_step_is_one_hint_and_moves_nothing(said: Said) -> None:
    alone = said(hint, "double", 2)
    assert "Try <b>it</b>" in alone
    assert "What is" not in alone
    assert "hint 1 of 2" in said(hint, "double")


@pytest.mark.parametrize("step", [0, 3, -1, "1", 1.0, True])
def test_a_step_that_there_is_not_is_one_line(folder: Path, step: int) -> None:
    with pytest.raises(NoHintError) as raised:
        hint("double", step)
    assert str(raised.value) == f"There is no hint {step!r} for 'double': they are numbered 1 to 2."


def test_an_error_is_one_line_in_a_notebook(folder: Path) -> None:
    for error in (NoHintError("no"), NotCheckedError("no"), NoSolutionError("no")):
        assert error._render_traceback_() == [f"{type(error).__name__}: no"]


@pytest.mark.parametrize("function", [hint, solution])
def test_an_unknown_exercise_is_told_as_check_tells_it(folder: Path, function: Callable[[str], None]) -> None:
    with pytest.raises(NotCheckedError, match=r"no exercise 'doubel'; did you mean 'double'\?"):
        function("doubel")
    with pytest.raises(NotCheckedError, match="named in quotes"):
        function(test_an_error_is_one_line_in_a_notebook)  # type: ignore[arg-type]
    shutil.rmtree(folder / RELEASED)
    with pytest.raises(NotCheckedError, match="copy the folder `checks`"):
        function("double")


def test_an_exercise_without_hints_says_so(folder: Path) -> None:
    with pytest.raises(NoHintError, match="There are no hints for 'bare'"):
        hint("bare")


def test_hints_are_in_the_notebook_s_language(said: Said) -> None:
    with speaking("es"):
        first = said(hint, "double")
    assert "¿Qué es `x + x`?" in first
    assert "pista 1 de 2" in first
    with speaking("pt"):
        assert "What is" in said(hint, "double")


class Elements(HTMLParser):
    """The names of a page's elements, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.names.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_notebook_gets_html_with_code_the_earlier_ones_folded_and_every_text_escaped(folder: Path) -> None:
    first = in_a_notebook("from grader import hint", "hint('double')")
    assert "<code>x + x</code>" in first["text/html"]
    shown = in_a_notebook("from grader import hint", "hint('double')")
    page = Elements(shown["text/html"])
    assert page.names.count("details") == 1
    assert "b" not in page.names
    assert "Try <b>it</b> with 2." in page.text
    assert "hint 2 of 2" in shown["text/plain"]
    colours = re.findall(r"(?<![-\w])(?:color|background):([^;\"]+)", shown["text/html"])
    assert colours
    assert all(colour.startswith("var(--jp-") for colour in colours), "readable in both themes"


def test_nothing_is_written(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    hint("double")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


# ------------------------------------------------------------------------------------------------------ solution()


def test_a_solution_is_shown_once_it_is_released(folder: Path, said: Said) -> None:
    assert "has not released the solution of 'double'" in said(solution, "double")
    path = release_of(folder)
    assert "return 2 * x" in said(solution, "double")
    assert 'solution("double")' in said(hint, "double", 2)
    assert 'solution("double")' not in said(hint, "double", 1)
    assert "has not released the solution of 'bare'" in said(solution, "bare")
    path.rename(folder / RELEASED / path.name)
    assert "return 2 * x" in said(solution, "double")


def test_a_solution_is_html_with_its_lines_as_they_are_and_escaped(folder: Path) -> None:
    release_of(folder, "def double(x):\n    return x + x if x < 3 else '<i>'\n")
    page = Elements(in_a_notebook("from grader import solution", "solution('double')")["text/html"])
    assert "pre" in page.names
    assert "i" not in page.names
    assert "def double(x):\n    return x + x if x < 3 else '<i>'" in page.text


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 2, "solutions": {}}', '{"format": 1, "solutions": 3}'])
def test_a_file_of_solutions_that_cannot_be_read_is_named(folder: Path, said: Said, content: str) -> None:
    (folder / "solutions_hw.json").write_text(content)
    with pytest.raises(NoSolutionError, match=r"solutions_hw\.json cannot be read"):
        solution("double")
    assert "There is no further hint." in said(hint, "double", 2)


# -------------------------------------------------------------------------------------------------- while grading


def test_while_a_notebook_is_graded_one_line_is_printed_and_nothing_fails(
    folder: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    release_of(folder)
    monkeypatch.setenv(BUDGETS_VARIABLE, "{}")
    assert said(hint, "double") == "hint() shows nothing here: this notebook is being graded.\n"
    assert said(hint, "nonsense", 99) == "hint() shows nothing here: this notebook is being graded.\n"
    assert said(solution, "double") == "solution() shows nothing here: this notebook is being graded.\n"


@pytest.mark.slow
def test_a_file_of_solutions_that_is_handed_in_earns_nothing(zygote: Zygote, tmp_path: Path) -> None:
    (tmp_path / "visible.py").write_text(CHECK)
    (tmp_path / "double").mkdir()
    (tmp_path / "double" / "hints.toml").write_text(FILE)
    about = {"grade_id": "double", "grade": True, "points": 8, "solution": False, "locked": True}
    asked = "from grader import hint, solution\nhint('double')\nhint('none', 7)\nsolution('double')"
    cells = [
        new_code_cell(f"{asked}\ndef double(x):\n    raise NotImplementedError()"),
        new_code_cell('check("double")', metadata={"nbgrader": about}),
    ]
    files = {"solutions_hw.json": release_of(tmp_path).read_bytes()}
    policy = Policy("en", Checks.in_folder(tmp_path), seed=1)
    graded = grade_notebook(nbformat.writes(new_notebook(cells=cells)).encode(), policy, files=files, zygote=zygote)
    assert [result.score for result in graded.exercises] == [0]
    first = nbformat.reads(graded.notebook.decode(), as_version=4).cells[0]
    (output,) = first.outputs
    assert output.text.count("shows nothing here: this notebook is being graded.") == 3
    assert "2 * x" not in output.text


# --------------------------------------------------------------------------------------------------------- check()


def test_a_failing_check_says_how_to_ask_for_a_hint(folder: Path) -> None:
    wrong = "from grader import check\ndef {name}(x):\n    return 0"
    shown = in_a_notebook(wrong.format(name="double"), "check('double')")
    assert 'Stuck? `from grader import hint`, and then `hint("double")`' in shown["text/plain"]
    assert "<code>from grader import hint</code>" in shown["text/html"]
    imported = in_a_notebook("from grader import hint", wrong.format(name="double"), "check('double')")
    assert 'Stuck? `hint("double")` gives a first hint.' in imported["text/plain"]
    for cell, name in ((wrong.format(name="bare"), "bare"), (wrong.format(name="double").replace("0", "4"), "double")):
        assert "Stuck?" not in in_a_notebook(cell, f"check('{name}')")["text/plain"]


def test_a_file_of_hints_that_cannot_be_read_is_no_fault_of_check_s(folder: Path) -> None:
    (folder / RELEASED / "double" / "hints.toml").write_text("[[hint]")
    shown = in_a_notebook("from grader import check\ndef double(x):\n    return 0", "check('double')")
    assert "✗" in shown["text/plain"]
    assert "Stuck?" not in shown["text/plain"]
    with pytest.raises(NoHintError, match="it is not TOML"):
        hint("double")
