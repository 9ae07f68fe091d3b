"""What people read in a notebook's code is translated, and nothing else of it changes."""

from __future__ import annotations

import ast
import re

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cell_texts import texts_in, translated, without_prose
from grader.devkit.answers import ROOT, assignments, solution

CELL = '''\
def scale(x, by=2):
    """Multiplies.

    Args:
        x: "any" shape.
        by: the factor,
            above 0.

    Example:
        scale(1)  ->  2
    """
    ### BEGIN SOLUTION
    """Not for students."""
    print("nor this")  # nor that
    return by * x
    ### END SOLUTION


class Scale:
    \'\'\'One line.\'\'\'

# before é, a comment
ax.set_title(f"scaled by {by}")  # noqa: X1 and why
ax.plot(values, "--", label="loss" if by else "other loss", color="dark red")
ax.set(xlabel="$x_1$", title='two' + "parts")
print("{} steps".format(3), 1, "a\\nb", sep=" and ")
'''

TEXTS = [
    "Multiplies.",
    'Args:\n    x: "any" shape.\n    by: the factor,\n        above 0.',
    "Example:\n    scale(1)  ->  2",
    "One line.",
    "before é, a comment",
    "scaled by {by}",
    "noqa: X1 and why",
    "loss",
    "other loss",
    "two",
    "parts",
    "{} steps",
]


def released(assignment: str, language: str) -> list[nbformat.NotebookNode]:
    path = ROOT / "assignments" / language / assignment / f"{assignment}.ipynb"
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_texts_are_what_people_read_and_no_solution() -> None:
    assert texts_in(CELL) == TEXTS


def test_only_texts_change_and_paragraphs_keep_their_indentation() -> None:
    spanish = {
        TEXTS[1]: "Argumentos:\n    x: de forma\n        cualquiera.",
        "scaled by {by}": "por {by}",
    }
    expected = CELL.replace("scaled by {by}", "por {by}").replace(
        '    Args:\n        x: "any" shape.\n        by: the factor,\n            above 0.\n',
        "    Argumentos:\n        x: de forma\n            cualquiera.\n",
    )
    assert translated(CELL, lambda text: spanish.get(text, text)) == expected


def test_what_is_not_python_stays() -> None:
    assert translated("%matplotlib inline\n# a comment", str.upper) == "%matplotlib inline\n# a comment"
    assert without_prose("!ls  # all") == "!ls  # all"


@given(
    st.lists(st.sampled_from(["  text", "text: é", "", "    - more", "  "]), max_size=6), st.sampled_from(["", "    "])
)
def test_a_docstring_of_any_lines_stays_as_it_is(lines: list[str], last: str) -> None:
    body = "\n".join(["Title.", *(f"    {line}" if line else "" for line in lines), last])
    source = f'def f():\n    """{body}"""\n    return 1'
    assert translated(source, lambda text: text) == source


def test_without_prose_two_languages_are_one_code() -> None:
    other = translated(CELL, lambda text: text.upper() if "by}" not in text else text)
    assert without_prose("# a comment\nx = 1  # one\n\n") == "x = 1"
    assert without_prose(CELL.split("# before")[0]) == without_prose(other.split("# BEFORE")[0])
    assert without_prose("x = 1") != without_prose("x = 2")


@pytest.mark.parametrize("assignment", assignments())
def test_both_languages_have_one_code(assignment: str) -> None:
    english, spanish = (
        [translated(cell.source, lambda text: "text") for cell in released(assignment, language)]
        for language in ("en", "es")
    )
    assert len(english) > 20
    differing = [(one, other) for one, other in zip(english, spanish, strict=True) if one != other]
    assert [[re.sub(r'"e[ns]"', "", source) for source in pair] for pair in differing] == [["use_language()"] * 2]
    assert [ast.parse(cell.source) for language in ("en", "es") for cell in released(assignment, language)]


@pytest.mark.parametrize("assignment", assignments())
def test_no_words_are_shown_where_nobody_looks_for_texts(assignment: str) -> None:
    """A string of two words that is no text for the catalogue: printed through a variable, say."""
    cells = [cell.source for cell in solution(assignment).cells if cell.cell_type == "code"]
    shared = [translated(source, lambda _: "") for source in cells if "### BEGIN SOLUTION" not in source]
    strings = [
        node.value
        for source in shared
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    found = set(filter(re.compile(r"[^\W\d_]{2,},? [^\W\d_]{2,}").search, strings))
    assert found <= {"upper right", "lower right", "lower left"}  # places of a legend
