"""The changes that `grader audit` makes to right answers."""

from __future__ import annotations

import pytest

from grader.course import Course
from grader.devkit.answers import ROOT, assignments
from grader.devkit.audit.auditing import places
from grader.evidence.answers import answers_folder, bases_in, references
from grader.evidence.mutation.editing import Code
from grader.evidence.mutation.mutants import OPERATORS, fingerprint, mutants, sample

CHANGES = [
    ("arithmetic", "return a + b", {"return a - b"}),
    ("arithmetic", "a *= b", {"a /= b", "a = b"}),
    ("operand", "return a - b", {"return a", "return b"}),
    ("operand", "return -(a + b)", {"return (a + b)", "return -(a)", "return -(b)"}),
    ("in_place", "x = x + a", {"x += a"}),
    ("comparison", "return a < b", {"return a <= b", "return a > b"}),
    ("condition", "return a if b and c else d", {"return a if (b or c) else d", "return a if (b) else d"}),
    ("constant", "return 3", {"return 4", "return 2"}),
    ("constant", "return -1", {"return 0", "return (-2)", "return 1"}),
    ("constant", "return f(x, keepdim=True)", {"return f(x, keepdim=False)"}),
    ("statement", "x.zero_grad()", {"pass"}),
    ("statement", "return x", {"return None"}),
    ("argument", "return f(a, b, dim=1)", {"return f(b, dim=1)", "return f(a, dim=1)", "return f(a, b)"}),
    ("swapped", "return a, b", {"return b, a"}),
    ("swapped", "return f(a, b)", {"return f(b, a)"}),
    ("swapped", "return x[:, None]", {"return x[None, :]"}),
    ("variable", "def f(a, b): return a", {"def f(a, b): return b"}),
    ("bounds", "return x[1:n]", {"return x[:n]", "return x[1:]", "return x[1 + 1:n]", "return x[1:n - 1]"}),
    ("bounds", "list(range(n))", {"list(range(1, n))", "list(range(n + 1))", "list(range(n - 1))"}),
    ("context", "with torch.no_grad():\n    f()", {"if True:"}),
    ("sibling", "return x.sum()", {"return x.mean()", "return x.prod()"}),
    ("sibling", "return x.argmax(0)", {"return x.argmin(0)"}),
    ("axis", "return x.sum(dim=0)", {"return x.sum(dim=1)", "return x.sum(dim=-1)", "return x.sum(dim=-2)"}),
    ("axis", "return x.sum(-1)", {"return x.sum(0)", "return x.sum(1)"}),
    ("keepdim", "return x.sum(dim=0)", {"return x.sum(dim=0, keepdim=True)"}),
    ("removed_call", "x = 1\nreturn x.detach().clone()", {"return x.clone()", "return x.detach()"}),
    ("removed_call", "return torch.sqrt(x)", {"return x"}),
    ("removed_view", "return x.T", {"return x"}),
]


@pytest.mark.parametrize(
    ("operator", "source", "expected"), CHANGES, ids=[f"{change[0]}: {change[1]}" for change in CHANGES]
)
def test_an_operator_makes_its_changes(operator: str, source: str, expected: set[str]) -> None:
    code = Code(source)
    edits = [edit for node in code.nodes() for edit in OPERATORS[operator](node, code) if edit is not None]
    changed = {code.lines(edit)[2] for edit in edits}
    assert expected <= changed
    assert source not in {code.applied(edit) for edit in edits}


def test_a_loop_ends_early_and_returns_inside() -> None:
    source = "def f(xs):\n    total = 0\n    for x in xs:\n        total += x\n    return total\n"
    found = {mutant.source for mutant in mutants("f", {"solution": source}) if mutant.operator == "loop"}
    assert found == {
        source.replace("total += x\n", "total += x\n        break\n"),
        source.replace("total += x\n", "total += x\n        return total\n"),
    }


def test_what_an_answer_only_says_is_left_alone() -> None:
    source = '''
def f(a: "int | None" = None) -> "tuple[int, int]":
    """Adds 1 to 2."""
    if a is None:
        raise ValueError("a is 1 + 2", 3)
    return f"{a + 1}"
'''
    assert {(mutant.operator, mutant.new) for mutant in mutants("f", {"solution": source})} == {
        ("comparison", "if a is not None:"),
        ("condition", "if False:"),
        ("condition", "if True:"),
        ("statement", "pass"),
        ("statement", "return None"),
    }


@pytest.mark.parametrize("assignment", assignments())
def test_mutants_are_python_and_differ_from_right_answers_and_each_other(assignment: str) -> None:
    course = Course.open(ROOT)
    for place in places(course, assignment, None):
        bases = bases_in(answers_folder(place.checks, place.exercise), references(place.notebook).get(place.exercise))
        found = mutants(place.exercise, bases)
        prints = [fingerprint(source) for source in (*bases.values(), *(mutant.source for mutant in found))]
        assert None not in prints
        assert len(found) > 50
        assert len(set(prints[len(bases) :])) == len(found)
        assert not set(prints[: len(bases)]) & set(prints[len(bases) :])
        assert all(mutant.old != mutant.new for mutant in found)


def test_looks_do_not_make_a_difference() -> None:
    assert fingerprint("def f(x):\n    return (x + 1)  # one") == fingerprint("def f(x): return x+1")
    assert fingerprint("return (") is None
    assert fingerprint("x = 1") != fingerprint("x = 1.0")


def test_a_sample_is_drawn_from_its_seed() -> None:
    found = mutants("f", {"solution": "def f(a, b):\n    return a * 2 + b[1:3].sum(dim=0)\n"})
    assert len(found) > 10
    assert sample(found, 5, 1) == sample(found, 5, 1) != sample(found, 5, 2)
    assert sample(found, None, 1) == found
