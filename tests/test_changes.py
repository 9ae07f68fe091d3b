"""What nobody wrote down is named as a right answer with one change, where it answers as that does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.checking.evidence import KnownMistake, dump, evidence_of, load, the_mistake
from grader.checking.results import Verdict
from grader.course import Checks
from grader.devkit.answers import CHECKS, ROOT
from grader.evidence import observing
from grader.evidence.answers import answers_to, bases_in, check_notebook, references
from grader.evidence.mutation.mutants import OPERATORS, mutants
from grader.evidence.mutation.wording import _WORDS, worded
from grader.evidence.observing import known_mistakes, source_of
from grader.kit.messages import languages

SOURCE = ROOT / "solutions" / "02_broadcasting" / "02_broadcasting.ipynb"
BROADCASTING = Checks.in_folder(CHECKS / "02_broadcasting").without_hidden()
EXERCISE = "outer"

DIVIDED = """
def outer(a, b):
    result = torch.empty(len(a), len(b), dtype=torch.promote_types(a.dtype, b.dtype))
    torch.divide(a.reshape(-1, 1), b.reshape(1, -1), out=result.float() if not result.is_floating_point() else result)
    return a.reshape(-1, 1) / b.reshape(1, -1)
"""
"""A right answer with `/` in place of `*`, written by somebody else."""

WORDS = [
    ("arithmetic", " * (", " / (", "`/` in place of `*`"),
    ("comparison", " < ", " <= ", "`<=` in place of `<`"),
    ("operand", "a + b", "a", "one side of a `+` alone"),
    ("operand", "-a", "a", "without `-`"),
    ("in_place", "x = x + 1", "x += 1", "a value that is changed in place, for whoever else has it as well"),
    ("in_place", "x += 1", "x = x + 1", "a new value where one is changed in place"),
    ("condition", "a > b", "not (a > b)", "a condition that is the wrong way round"),
    ("condition", "a > b", "False", "a condition that is never met"),
    ("condition", "a and b", "(a or b)", "a condition with a part left out, or `or` in place of `and`"),
    ("constant", "1", "(-1)", "`-1` in place of `1`"),
    ("constant", "'mean'", "'meanx'", "another text in place of `'mean'`"),
    ("statement", "return x", "return None", "nothing that is returned"),
    ("statement", "optimizer.zero_grad()", "pass", "without the call of `.zero_grad`"),
    ("statement", "for i in x:\n        f(i)\n    ", "pass", "without a loop"),
    ("statement", "elif i == 1:\n        f(i)", "pass", "without a case of its own"),
    ("statement", "raise ValueError(x)", "pass", "without the error for bad input"),
    ("statement", "x = 2", "pass", "a value that stays as it was"),
    ("argument", "x.sum(dim=0, keepdim=True)", "x.sum(dim=0)", "without `keepdim=…`"),
    ("argument", "torch.where(a, b, c)", "torch.where(a, b)", "an argument of `torch.where` left out"),
    ("swapped", "f(a, b)", "f(b, a)", "two arguments of `f` swapped"),
    ("swapped", "a, b", "b, a", "two values in the wrong order"),
    ("variable", "a", "b", "`b` in place of `a`"),
    ("bounds", "1:n", ":n", "a slice or a range that begins or ends elsewhere"),
    ("loop", "", "\n    break", "a loop that ends too early"),
    ("loop", "break", "pass", "a loop that goes on after its end"),
    ("early_return", "", "return", "without the last step"),
    ("context", "with torch.no_grad()", "if True", "without `with torch.no_grad()`"),
    ("sibling", "sum", "mean", "`mean` in place of `sum`"),
    ("axis", "0", "1", "dimension `1` in place of `0`"),
    ("keepdim", "x.sum(0)", "x.sum(0, keepdim=True)", "a dimension of size 1 that is kept"),
    ("removed_call", "x.clone()", "x", "without `.clone`"),
    ("removed_view", "x.T", "x", "without `.T`"),
]


@pytest.mark.parametrize(("operator", "old", "new", "words"), WORDS)
def test_a_change_has_words(operator: str, old: str, new: str, words: str) -> None:
    assert str(worded(operator, old, new)) == words


def test_every_operator_has_words() -> None:
    assert OPERATORS.keys() == _WORDS.keys() == {operator for operator, *_ in WORDS}


def test_every_change_to_our_answers_has_words_in_every_language() -> None:
    answers = bases_in(answers_to(BROADCASTING, EXERCISE), references(SOURCE)[EXERCISE])
    for mutant in mutants(EXERCISE, answers):
        said = {language: mutant.change.render(language) for language in languages()}
        assert all(said.values())
        assert said["es"] != said["en"] or "`" in said["en"]


@pytest.fixture(scope="module")
def known() -> list[KnownMistake]:
    patch = pytest.MonkeyPatch()
    patch.setattr(observing, "CHANGES", 40)
    found = known_mistakes(BROADCASTING, SOURCE, EXERCISE)
    patch.undo()
    return found


@pytest.mark.slow
class TestNames:
    def test_an_answer_is_named_by_the_change_that_explains_it(self, known: list[KnownMistake]) -> None:
        results = check_notebook(BROADCASTING.folder, SOURCE, {EXERCISE: DIVIDED}, seed=3, hidden=False)
        evidence = evidence_of(results)
        assert evidence is not None
        named = the_mistake(evidence, known)
        assert named is not None
        assert str(named.title) == "Your code answers like a right answer with one change: `/` in place of `*`."
        assert "`/` en lugar de `*`" in named.title.render("es")

    def test_a_mistake_that_somebody_wrote_comes_first(self, known: list[KnownMistake]) -> None:
        change = next(mistake for mistake in known if mistake.is_change)
        written = replace(change, name="written", is_change=False)
        named = the_mistake(change.evidence, [*known, written])
        assert named is not None
        assert named.name == "written"

    def test_no_change_looks_like_a_mistake_or_another_change(self, known: list[KnownMistake]) -> None:
        changes = [mistake for mistake in known if mistake.is_change]
        assert changes
        for place, change in enumerate(changes):
            others = [mistake for mistake in known if not mistake.is_change] + changes[:place]
            assert not any(change.evidence.agrees(other.evidence) for other in others), change.title["en"]

    def test_an_error_is_named_by_the_change_that_raises_the_same(self, known: list[KnownMistake]) -> None:
        wrong = "def outer(a, b):\n    column = a[:, None]\n    return torch.kron(column)\n"
        results = check_notebook(BROADCASTING.folder, SOURCE, {EXERCISE: wrong}, seed=3, hidden=False)
        verdicts = {result.verdict for result in results if not result.passed}
        assert verdicts == {Verdict.ERROR, Verdict.NOT_JUDGED}
        evidence = evidence_of(results)
        assert evidence is not None
        named = the_mistake(evidence, known)
        assert named is not None
        assert str(named.title).endswith("with one change: an argument of `torch.kron` left out.")

    def test_a_change_that_is_right_as_well_is_nobody_s_mistake(self, known: list[KnownMistake]) -> None:
        assert all(mistake.evidence.agrees(mistake.evidence) for mistake in known)

    def test_a_change_is_a_program_as_well(self, known: list[KnownMistake]) -> None:
        change = next(mistake for mistake in known if mistake.is_change)
        source = source_of(BROADCASTING, SOURCE, EXERCISE, change.name)
        assert source is not None
        results = check_notebook(BROADCASTING.folder, SOURCE, {EXERCISE: source}, seed=3, hidden=False)
        evidence = evidence_of(results)
        assert evidence is not None
        assert change.evidence.agrees(evidence)
        assert source_of(BROADCASTING, SOURCE, EXERCISE, "nobody") is None

    def test_what_is_known_survives_the_file(self, known: list[KnownMistake]) -> None:
        assert [mistake.is_change for mistake in load(dump(known))] == [mistake.is_change for mistake in known]
