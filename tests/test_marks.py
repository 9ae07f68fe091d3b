"""A check says its exercise; further cases of it say nothing twice."""

from pathlib import Path

import pytest

from grader.check_cells import checks_in, exercises_that_weigh, titles_in
from grader.checking.files import forget_changed, import_check_file
from grader.checking.runner import title_of
from grader.kit import cases_of, exercise

VISIBLE = """
from grader.kit import exercise

@exercise("double", weight=2)
def test_doubles(student):
    \"\"\"Every element is doubled.

    Not its title.
    \"\"\"
"""
HIDDEN = """
from grader.kit import cases_of, exercise
from . import visible

@cases_of(visible.test_doubles, weight=3)
def test_doubles_of_anything(student, rng):
    pass

@cases_of(visible.test_doubles, weight=0)
def test_only_shown(student, rng):
    pass

@exercise("triple", weight=0)
def test_triples(student):
    "Every element is tripled."

@cases_of(visible.test_of_another_name)
def test_of_nothing(student):
    pass
"""


@pytest.fixture
def hidden(tmp_path: Path) -> Path:
    (tmp_path / "visible.py").write_text(VISIBLE)
    (tmp_path / "hidden.py").write_text(HIDDEN)
    return tmp_path / "hidden.py"


def test_cases_belong_to_the_exercise_of_their_check_without_importing_it(hidden: Path) -> None:
    assert checks_in(hidden) == {"double": 2, "triple": 1}
    assert exercises_that_weigh(hidden) == {"double"}


def test_cases_have_the_title_of_their_check(hidden: Path) -> None:
    title = ("double", "Every element is doubled.")
    assert titles_in(hidden) == [title, title, ("triple", "Every element is tripled.")]


def test_cases_are_marked_as_their_check_is() -> None:
    @exercise("double", weight=2)
    def test_doubles() -> None:
        """Every element is doubled."""

    @cases_of(test_doubles, weight=3)
    def test_more() -> None:
        pass

    (mark,) = test_more.pytestmark  # type: ignore[attr-defined]
    assert (mark.args, mark.kwargs) == (("double",), {"weight": 3, "after": ()})

    class Item:
        name = "test_more"
        function = staticmethod(test_more)

    assert title_of(Item()).text == "Every element is doubled."  # type: ignore[arg-type]


def test_cases_of_what_is_no_check_are_refused() -> None:
    with pytest.raises(ValueError, match="has no @exercise"):
        cases_of(lambda: None)


def test_the_first_change_of_what_a_check_file_imports_is_seen(tmp_path: Path) -> None:
    (tmp_path / "judges.py").write_text("VALUE = 1\n")
    path = tmp_path / "visible.py"
    path.write_text("from .judges import VALUE\n")
    forget_changed([path])
    assert import_check_file(path).VALUE == 1
    (tmp_path / "judges.py").write_text("VALUE = 2222\n")
    forget_changed([path])
    assert import_check_file(path).VALUE == 2222
    forget_changed([path])
    assert import_check_file(path) is import_check_file(path)
