"""`grader audit`: right answers are changed, tried in processes of their own, and what came of it is told."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from rich.console import Console

from grader.cli import main
from grader.course import Course
from grader.devkit.answers import CHECKS, ROOT, assignments, exercises
from grader.devkit.audit.attempts import Attempt, Finding, Outcome, Place
from grader.devkit.audit.auditing import Plan, audit, places
from grader.devkit.audit.equivalents import EQUIVALENTS, Mark, read_marks, stale, table_of
from grader.devkit.audit.inputs import Inputs, described, listen
from grader.devkit.audit.page import TARGET
from grader.devkit.audit.tables import COLUMNS, show
from grader.devkit.audit.trying import Host
from grader.devkit.audit.verdicts import ExerciseAudit
from grader.evidence.answers import answers_folder, bases_in, references
from grader.evidence.mistakes import AnswerError
from grader.evidence.mutation.mutants import Mutant, mutants

# ----------------------------------------------------------------------------------------------------- equivalent ones

MARK = """
[[equivalent]]
of = "solution"
operator = "constant"
old = "return x + 0"
new = "return x + 1"
reason = "x is never looked at"
"""


def test_a_mark_outlives_changes_elsewhere_and_is_stale_without_its_change(tmp_path: Path) -> None:
    (tmp_path / EQUIVALENTS).write_text(MARK)
    (mark,) = read_marks(tmp_path)
    here = mutants("f", {"solution": "def f(x):\n    y = 3\n    return x + 0\n"})
    assert stale([mark], here) == []
    assert stale([mark], mutants("f", {"solution": "def f(x):\n    return 0 + x\n"})) == [mark]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("operator = ", "operators = ", "needs these texts"),
        ('"constant"', '"magic"', "no operator is called 'magic'"),
        ('"x is never looked at"', '" "', "needs these texts"),
        (MARK, MARK + MARK, "marked above"),
        ("[[equivalent]]", "[[equal]]", "nothing else"),
        ("= ", "", "not TOML"),
    ],
)
def test_a_damaged_mark_is_refused_in_one_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    (tmp_path / EQUIVALENTS).write_text(MARK.replace(old, new))
    with pytest.raises(AnswerError, match=said) as error:
        read_marks(tmp_path)
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value) or "TOML" in said


@pytest.mark.parametrize("text", ["a = 'b'", 'a = "b"', "a = 'b' + \"c\"", 'x = """d"""\ny = "\\n"', "a\nb"])
def test_what_is_shown_for_pasting_can_be_read(tmp_path: Path, text: str) -> None:
    mutant = Mutant("f", "solution", "constant", 1, text, text + " + 1", "")
    shown = table_of({"of": mutant.base, "operator": mutant.operator, "old": mutant.old, "new": mutant.new})
    (tmp_path / EQUIVALENTS).write_text(shown.replace('reason = ""', 'reason = "it is"'))
    assert [mark.key for mark in read_marks(tmp_path)] == [mutant.key]


# -------------------------------------------------------------------------------------------------------------- trying

OUTER = Place(CHECKS / "02_broadcasting", ROOT / "solutions/02_broadcasting/02_broadcasting.ipynb", "outer")
RIGHT = "def outer(a, b):\n    return a[:, None] * b\n"


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with Host(2) as running:
        yield running


def tried(host: Host, *sources: str) -> list[Outcome]:
    found = dict(host.try_all([Attempt(OUTER, source, (1,)) for source in sources]))
    return [found[place] for place in range(len(sources))]


def test_answers_that_end_or_hang_their_process_are_only_their_own(host: Host) -> None:
    sources = [
        RIGHT,
        "import os\ndef outer(a, b):\n    os._exit(3)\n",
        "def outer(a, b):\n    while True: pass\n",
        "def outer(a, b):\n    return [0] * 10**12\n",
        "def outer(a, b):\n    raise SystemExit\n",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
        RIGHT,
    ]
    right, ended, hung, full, left, fell, again = tried(host, *sources)
    assert not right.is_killed
    assert not again.is_killed
    assert [ended.ended, hung.ended, fell.ended] == ["crashed", "timeout", "crashed"]
    assert full.is_seen
    assert not full.ended
    assert "error" in {finding.verdict for finding in left.lost}
    assert all(outcome.is_killed and outcome.is_seen for outcome in (ended, hung, full, left, fell))


def test_visible_and_hidden_checks_are_all_run_whatever_fails_first(host: Host) -> None:
    right, wrong = tried(host, RIGHT, "def outer(a, b):\n    return a[:, None] + b\n")
    assert [(found.check, found.case) for found in wrong.findings] == [
        (found.check, found.case) for found in right.findings
    ]
    assert {finding.visible for finding in wrong.lost} == {True, False}


def test_the_same_seed_gives_the_same_findings(host: Host) -> None:
    one, other = tried(host, *["def outer(a, b):\n    return a[:, None] * b + (a.numel() == 5)\n"] * 2)
    assert one.evidence == other.evidence
    assert [found.verdict for found in one.findings] == [found.verdict for found in other.findings]


# ------------------------------------------------------------------------------------------------------------ verdicts


def outcome(*verdicts: tuple[bool, str], mistake: str = "", shows: bool = True) -> Outcome:
    findings = [
        Finding(f"test_{place}", "", visible, verdict, 0.25, 1, "It is wrong." * (verdict != "passed"), "", shows)
        for place, (visible, verdict) in enumerate(verdicts)
    ]
    return Outcome(tuple(findings), mistake=mistake)


def mutant(name: str) -> Mutant:
    return Mutant("f", "solution", "constant", 1, name, f"{name}x", "")


def test_an_audit_counts_what_came_of_the_mutants() -> None:
    passed, hidden_only = ((True, "passed"), (False, "passed")), ((True, "passed"), (False, "failed"))
    result = ExerciseAudit(
        "a",
        "f",
        made=9,
        tried=[
            (mutant("survived"), outcome(*passed)),
            (mutant("marked"), outcome(*passed)),
            (mutant("contradicted"), outcome((True, "failed"), (False, "not_judged"))),
            (mutant("unseen"), outcome(*hidden_only, mistake="wrong_x")),
            (mutant("nothing"), outcome((True, "failed"), (False, "not_judged"), shows=False)),
            (mutant("raised"), outcome((True, "error"), (False, "error"), shows=False)),
            (mutant("hung"), Outcome(ended="timeout")),
        ],
        marks=[Mark("solution", "constant", name, f"{name}x", "why") for name in ("marked", "contradicted")],
        right=[("solution", outcome(*passed)), ("right_x", outcome(*hidden_only))],
    )
    assert [found.old for found in result.survived] == ["survived"]
    assert [found.old for found in result.marked] == ["marked"]
    assert [found.old for found in result.contradicted] == ["contradicted"]
    assert [found.old for found in result.unseen] == ["unseen"]
    assert [found.old for found, _ in result.with_nothing] == ["nothing"]
    assert [found.old for found, _ in result.named] == ["unseen"]
    assert [found.old for found, _ in result.with_facts] == ["contradicted", "raised", "hung"]
    assert [refusal.answer for refusal in result.refusals] == ["right_x"]
    assert result.idle == []
    assert result.times == {"test_0 (visible)": 0.25, "test_1 (hidden)": 0.25}
    assert result.problems == 3


def test_a_check_that_was_not_judged_has_caught_nothing() -> None:
    failed = outcome((True, "failed"), (False, "not_judged"))
    result = ExerciseAudit(
        "a", "f", 1, [(mutant("m"), failed)], right=[("solution", outcome((True, "passed"), (False, "passed")))]
    )
    assert result.idle == ["test_1 (hidden)"]


# -------------------------------------------------------------------------------------------------------------- inputs


@pytest.mark.parametrize(
    ("value", "kind", "classes"),
    [
        (torch.tensor([[1.0, float("nan")], [0.0, 3.0]]), "tensor of floats", {"NaN", "a zero", "two sizes equal"}),
        (torch.zeros(0, 3), "tensor of floats", {"no element", "all sizes different"}),
        (torch.tensor([[10000.0, 1.0], [10001.0, -5.0]]), "tensor of floats", {"mean large against the spread"}),
        (torch.ones(2, requires_grad=True) * 2, "tensor of floats", {"no leaf of the graph", "two values equal"}),
        (torch.ones(2, 3, dtype=torch.float64).T, "tensor of floats", {"not contiguous", "float64"}),
        (torch.tensor([-1, 4]), "tensor of integers", {"negative"}),
        (-1, "int", {"negative"}),
        ([], "sequence", {"empty"}),
        ((2, 2), "sequence", {"two items equal"}),
    ],
    ids=range(9),
)
def test_inputs_belong_to_classes(value: object, kind: str, classes: set[str]) -> None:
    found, named = described(value)
    assert found == kind
    assert classes <= named


def test_calls_are_noted_by_parameter() -> None:
    inputs = Inputs()
    namespace = {"f": lambda x, eps=1e-5: x, "g": 3}
    exec("def f(x, eps=1e-5):\n    return x", namespace)
    listen(namespace, "f", inputs)
    assert namespace["f"](-1) == -1
    namespace["f"](x=4, eps=1e-5)
    assert inputs.calls == 2
    assert inputs.parameters["f(eps)"].only_value == "1e-05"
    assert inputs.parameters["f(x)"].only_value is None
    assert inputs.parameters["f(x)"].never == {"int": ["zero", "one"]}
    assert Inputs.from_json(json.loads(json.dumps(inputs.to_json()))) == inputs


# ----------------------------------------------------------------------------------------------------- the command line


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of one exercise, as `grader new` begins it."""
    folder = tmp_path_factory.mktemp("course")
    for command in (
        ["new", "course", str(folder)],
        ["new", "assignment", "hw1", "--course", str(folder)],
        ["new", "exercise", "row_means", "--course", str(folder)],
    ):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
    return folder


def run(course: Path, *arguments: str, code: int) -> str:
    result = CliRunner().invoke(main, ["audit", "hw1", "--course", str(course), "--jobs", "2", *arguments])
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.slow
def test_a_course_as_it_begins_is_ready(course: Path, tmp_path: Path) -> None:
    output = run(course, "--json", str(tmp_path / "a.json"), "--html", str(tmp_path / "a.html"), code=0)
    (found,) = json.loads((tmp_path / "a.json").read_text())
    assert found["exercise"] == "row_means"
    assert found["tried"] == found["mutants"] == found["killed"] + found["marked"]
    assert found["problems"] == 0
    assert "row_means" in output
    assert '<h2 id="row_means">row_means</h2>' in (tmp_path / "a.html").read_text()


@pytest.mark.slow
def test_a_gap_in_the_checks_is_shown_with_the_changed_line_and_ends_with_1(course: Path, tmp_path: Path) -> None:
    answers = course / "checks" / "hw1" / "row_means" / "answers"
    right = answers / "right_again.py"
    marks = (answers / EQUIVALENTS).read_text()
    right.write_text('"""Nobody gives the second."""\n\n\ndef row_means(x, unused=5):\n    return x.mean(dim=1)\n')
    (answers / EQUIVALENTS).write_text(marks.replace("right_sum", "right_gone"))
    try:
        output = run(course, "row_means", "--seeds", "1", "--json", str(tmp_path / "a.json"), code=1)
    finally:
        right.unlink()
        (answers / EQUIVALENTS).write_text(marks)
    (found,) = json.loads((tmp_path / "a.json").read_text())
    survived = {item["new"] for item in found["survived"]}
    assert {"def row_means(x, unused=6):", "def row_means(x, unused=4):"} <= survived
    assert "return x.sum(dim=-1) / x.shape[1]" in survived
    assert "def row_means(x, unused=5): → def row_means(x, unused=6):" in output
    assert "that no change has any more" in output
    assert found["only_value"] == {}


@pytest.mark.parametrize(
    ("arguments", "said"), [(["hw2"], "there are: hw1"), (["hw1", "row_medians"], "there are: row_means")]
)
def test_what_there_is_not_is_named(course: Path, arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["audit", *arguments, "--course", str(course)])
    assert result.exit_code == 2
    assert said in result.output


# ------------------------------------------------------------------------------------------------ AulaTorch's exercises

SAMPLED = [
    ("01_tensors", "clip_outliers"),
    ("02_broadcasting", "outer"),
    ("03_autograd", "two_branch_grads"),
]


def test_right_answers_alone_are_tried_with_many_seeds(host: Host) -> None:
    result = audit(OUTER, Plan(seeds=12, right_only=True), host, lambda _: None, lambda: None)
    seeds = {finding.seed for _, outcome in result.right for finding in outcome.findings}
    assert seeds == set(range(1, 13))
    assert len({name for name, _ in result.right}) > 1
    assert not result.tried
    assert not result.mistakes
    assert not result.idle
    assert result.problems == 0


@pytest.mark.slow
@pytest.mark.parametrize(("assignment", "exercise"), SAMPLED)
def test_a_sample_of_mutants_is_caught_or_marked_and_named_rightly(host: Host, assignment: str, exercise: str) -> None:
    (place,) = places(Course.open(ROOT), assignment, exercise)
    result = audit(place, Plan(sample=25, seeds=2), host, lambda _: None, lambda: None)
    assert len(result.tried) == 25
    assert [str(found) for found in result.survived] == []
    assert [str(found) for found in result.contradicted] == []
    assert result.stale == []
    assert result.refusals == []
    assert result.faults == []
    assert result.false_names == []


@pytest.mark.parametrize("assignment", assignments())
def test_marks_name_changes_that_there_are(assignment: str) -> None:
    for place in places(Course.open(ROOT), assignment, None):
        folder = answers_folder(place.checks, place.exercise)
        bases = bases_in(folder, references(place.notebook).get(place.exercise))
        gone = stale(read_marks(folder), mutants(place.exercise, bases))
        assert gone == [], place.exercise


def test_the_page_names_exercises_that_there_are() -> None:
    known = {name for assignment in assignments() for name in exercises(assignment)}
    rows = re.findall(r"^\| (\w+) \| \d", TARGET.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows
    assert set(rows) <= known | {"all"}, "run `make audit`"


LISTS = (
    "survived", "contradicted", "stale", "refusals", "faults", "false_names", "twins", "unseen", "nothing", "idle",
    "problems",
)  # fmt: skip
COUNTS = ("tried", "mutants", "killed", "marked", "seen", "named", "as_changes", "facts", "raised")


@pytest.mark.parametrize("width", [80, 200])
def test_a_table_can_be_read_at_any_width(width: int) -> None:
    audit = {
        "exercise": "pairwise_sq_dists",
        "never_drawn": {},
        "only_value": {},
        "times": {"check": 1.25},
        **{name: [] for name in LISTS},
        **{name: 1000 + number for number, name in enumerate(COUNTS)},
    }
    console = Console(width=width, file=io.StringIO())
    show([audit, audit], console)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "…" not in printed
    words = printed.split()
    assert all(word in words for title in COLUMNS for word in title.split())
    assert words.count("pairwise_sq_dists") == (4 if width == 80 else 2)
