"""Cells that ask for something to be typed: nobody is there while grading, and it costs no more than what was asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.checking.asking import Questions
from grader.checking.elsewhere import differs_while_grading
from grader.devkit.warmup import ASSIGNMENT, RIGHT, events, hand_in, make_course, run
from tests.autograding import autograded


@pytest.mark.parametrize(
    ("source", "runs", "asked"),
    [
        ("n = int(input('n? '))\ndef f(x):\n    return n * x", "pass\ndef f(x):\n    return n * x", {"n"}),
        ("input('Press Enter')  # and wait\nx = 1", "pass\nx = 1", set()),
        ("a, b = map(int, input().split())", "pass", {"a", "b"}),
        ("name: str = input(\n    'name'\n)\ny = 1", "pass\n\n\ny = 1", {"name"}),
        ("if True:\n    k = input()\nelse:\n    print(input())", "if True:\n    pass\nelse:\n    pass", {"k"}),
        ("%%time\nfrom getpass import getpass\nk = getpass('key')", "%%time\nfrom getpass import getpass\npass", {"k"}),
        (
            "def forward(self, input):\n    return input\nk = input()",
            "def forward(self, input):\n    return input\npass",
            {"k"},
        ),
    ],
)
def test_a_line_that_asks_is_set_aside_and_the_rest_of_its_cell_stays(source: str, runs: str, asked: set[str]) -> None:
    questions = Questions()
    assert questions.set_aside(source)[0] == runs
    assert set(questions.asked) == asked


@pytest.mark.parametrize(
    "source",
    [
        "while True:\n    s = input()\n    if s == 'q':\n        break",
        "try:\n    k = int(input())\nexcept Exception:\n    k = 3",
        "def ask():\n    return input()",
        "ask = lambda: input()",
        "x = 1; k = input()",
        "input = torch.zeros(3)\nk = loss(input)",
        "def input(x):\n    return x\nk = input(3)",
        "text = 'input()'",
        "k = int(input(",
    ],
)
def test_what_only_looks_like_it_or_needs_its_answer_stays(source: str) -> None:
    assert Questions().set_aside(source) == (source, [])


def test_a_self_check_says_that_nobody_can_be_asked_while_grading() -> None:
    (said,) = differs_while_grading(["n = int(input('n? '))", "def f(x):\n    return input(x)"])
    assert said.render("en").startswith("`input` cannot ask anybody while grading")
    assert differs_while_grading(["def input(x):\n    return x\ninput(3)"]) == []


@pytest.mark.slow
@pytest.mark.xdist_group("autograde")
def test_what_a_student_who_asks_is_told(tmp_path: Path) -> None:
    make_course(tmp_path)
    factor = RIGHT | {"double": "factor = int(input('2, please'))\ndef double(x):\n    return factor * x"}
    asking = {
        "waits": RIGHT | {"double": "input('Press Enter')\n" + RIGHT["double"]},
        "needs": factor,
        "stops": factor | {"double": "factor = int(input())\nprint(factor + 1)\n" + RIGHT["double"]},
        "loops": RIGHT | {"double": "while not input():\n    pass\n" + RIGHT["double"]},
        "calls": RIGHT | {"double": "def double(x):\n    return int(input()) * x"},
    }
    for student, answers in asking.items():
        hand_in(tmp_path, student, answers)
    run(tmp_path, "grader", "autograde", ASSIGNMENT)
    graded = {event["student"]: event["score"] for event in events(tmp_path, "graded")}
    assert graded == {"waits": 10, "needs": 2, "stops": 2, "loops": 2, "calls": 2}

    def said(student: str) -> str:
        cells = autograded(tmp_path, student).cells
        texts = [output.get("text", "") for cell in cells for output in cell.get("outputs", [])]
        panels = [
            output.data.get("text/html", "") for cell in cells for output in cell.get("outputs", []) if "data" in output
        ]
        return "".join([*texts, *panels])

    assert "nobody can type an answer then: input(&#x27;Press Enter&#x27;). Write" in said("waits").replace(
        "'", "&#x27;"
    )
    for student in ("needs", "stops"):
        assert "<code>factor</code> is missing: its line" in said(student)
        assert "Write the value into the cell instead" in said(student)
    assert "the cell that defines it did not run to its end" in said("stops")
    assert "NobodyToAskError: input() asks for something to be typed. Write the value into the cell instead" in said(
        "loops"
    )
    assert "A function gets its values as arguments" in said("calls")
