"""A mistake is named if the answers are that mistake's on everything that was asked, and never otherwise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
import torch
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from grader.cell_texts import translated
from grader.checking.evidence import (
    Evidence,
    KnownMistake,
    Trace,
    dump,
    evidence_of,
    explained,
    known_beside,
    load,
    the_mistake,
)
from grader.checking.panel import render
from grader.checking.results import ExerciseResult, NamedMistake, Verdict
from grader.checking.runner import run_checks
from grader.checking.selfcheck import NamespaceStage
from grader.course import OBSERVED, CheckFileError, Checks
from grader.devkit.answers import CHECKS, ROOT, answers, assignments, exercises, policy_of, solution
from grader.evidence import library
from grader.evidence.answers import answered, check_notebook
from grader.evidence.library import key, known_mistakes, observed
from grader.evidence.mistakes import CLASSES
from grader.evidence.observing import known_mistakes as observe
from grader.evidence.observing import on_scene, wrong_answers
from grader.grading.core import grade_notebook
from grader.grading.naming import named
from grader.kit.observations import Observation
from grader.sandbox.zygote import Zygote
from tests.conftest import hand_out

SOURCE = ROOT / "solutions" / "03_autograd" / "03_autograd.ipynb"
AUTOGRAD = Checks.in_folder(CHECKS / "03_autograd")
EXERCISE = "two_branch_grads"

SWAPPED = """
def two_branch_grads(x):
    with torch.enable_grad():
        leaf = x.detach().clone().requires_grad_(True)
        sine = (2 * leaf).sin()
        half = 0.5 * sine * sine
    first = torch.autograd.grad(sine, leaf, torch.ones_like(sine), retain_graph=True)[0]
    return first, torch.autograd.grad(half, leaf, torch.ones_like(half))[0]
"""
"""The known mistake `swapped`, written by somebody else."""

UNKNOWN = SWAPPED.replace("return first,", "return first + 0.25,")
CHANCE = SWAPPED.replace("return first,", "return first + torch.rand(()),")


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What one test observed is there for the next one, and nothing of another day's."""
    folder = tmp_path_factory.mktemp("cache")
    patch = pytest.MonkeyPatch()
    patch.setattr(library, "_cache", lambda: folder)
    yield
    patch.undo()


def checked(answer: str, *, hidden: bool = False) -> ExerciseResult:
    results = check_notebook(AUTOGRAD.folder, SOURCE, {EXERCISE: answer}, seed=3, hidden=hidden)
    return ExerciseResult(EXERCISE, 1.0, tuple(results))


# ------------------------------------------------------------------------------------------------ comparing


def seen(*values: float, exact: str = "f", allowed: float = 1e-3) -> tuple[Observation, ...]:
    return (Observation(exact, tuple((value, allowed) for value in values)),)


def evidence(**traces: Sequence[Observation] | None) -> Evidence:
    return Evidence(
        {
            f"visible::{name}[]": None if replies is None else Trace("failed", "wrong", tuple(replies))
            for name, replies in traces.items()
        }
    )


@pytest.mark.parametrize(
    ("theirs", "agree"),
    [
        (evidence(a=seen(1.0)), True),
        (evidence(a=seen(1.0005)), True),
        (evidence(a=seen(1.1)), False),
        (evidence(a=seen(1.0, exact="g")), False),
        (evidence(a=seen(1.0, 2.0)), False),
        (evidence(a=seen(1.0), b=seen(1.0)), False),
        (evidence(b=seen(1.0)), False),
        (evidence(), False),
        (evidence(a=seen(1.0), b=None), True),
        (evidence(a=None), False),
    ],
)
def test_two_answers_agree_where_no_check_tells_them_apart(theirs: Evidence, agree: bool) -> None:
    assert evidence(a=seen(1.0)).agrees(theirs) is agree
    assert theirs.agrees(evidence(a=seen(1.0))) is agree


def test_what_differs_a_second_time_depends_on_chance() -> None:
    once, again = evidence(a=seen(1.0), b=seen(2.0)), evidence(a=seen(1.0), b=seen(2.5), c=seen(0.0))
    found = once.without_chance(again)
    assert found == Evidence({**evidence(a=seen(1.0), c=None).traces, "visible::b[]": Trace("failed", "wrong", None)})
    assert Evidence.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_what_a_check_says_tells_answers_apart_where_its_replies_are_chance() -> None:
    chance = evidence(a=seen(1.0)).without_chance(evidence(a=seen(2.0)))
    same, other = evidence(a=seen(3.0)), Evidence({"visible::a[]": Trace("failed", "too small", seen(1.0))})
    assert not chance.contradicts(same)
    assert chance.contradicts(other)
    assert not chance.agrees(same)  # many answers fail so


def test_checks_that_were_not_run_name_no_mistake() -> None:
    not_run = Evidence({"visible::a[]": Trace("not_judged", "needs b", ())})
    assert not not_run.agrees(not_run)


def test_evidence_survives_being_written_down() -> None:
    found = evidence(a=seen(1.0 / 3, 2e-9), b=None)
    assert found.agrees(Evidence.from_json(json.loads(json.dumps(found.to_json()))))


def test_the_digest_groups_those_who_behave_alike() -> None:
    assert evidence(a=seen(1.0)).digest == evidence(a=seen(1.00001)).digest != evidence(a=seen(2.0)).digest
    assert evidence().digest == ""


# ------------------------------------------------------------------------------------------------ observing


def test_a_mistake_is_known_however_it_is_written() -> None:
    known = known_mistakes(AUTOGRAD.without_hidden(), [SOURCE], [EXERCISE])[EXERCISE]
    assert len(known) >= 8
    for answer, name in ((SWAPPED, "swapped"), (UNKNOWN, None), (CHANCE, None)):
        theirs = evidence_of(checked(answer).checks)
        assert theirs is not None
        found = the_mistake(theirs, known)
        assert (found and found.name) == name


def test_mistakes_that_look_alike_are_named_where_they_have_one_hint() -> None:
    known = known_mistakes(AUTOGRAD.without_hidden(), [SOURCE], [EXERCISE])[EXERCISE]
    theirs = evidence_of(checked(SWAPPED).checks)
    assert theirs is not None
    swapped = next(mistake for mistake in known if mistake.name == "swapped")
    twin = replace(swapped, name="twin", hint={"en": "Another hint."})
    assert the_mistake(theirs, [*known, twin]) is None
    assert the_mistake(theirs, [*known, replace(twin, hint=swapped.hint)]) is not None


def test_where_nobody_s_replies_are_the_same_the_only_one_that_is_near_is_named() -> None:
    def known(name: str, value: float) -> KnownMistake:
        return KnownMistake(name, {"en": name}, {"en": name}, evidence(a=seen(value)))

    def name(value: float, *mistakes: KnownMistake) -> str | None:
        found = the_mistake(evidence(a=seen(value)), mistakes)
        return found and found.name

    near, far, exact = known("near", 1.01), known("far", 1.5), known("exact", 1.0)
    assert name(1.0, near, far) == "near"
    assert name(1.0, near, far, exact) == "exact"
    assert name(1.0, far) is None
    assert name(1.0, near, known("as near", 0.99)) is None


def test_what_was_observed_is_not_observed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = observed(AUTOGRAD.without_hidden(), [SOURCE], [EXERCISE])
    monkeypatch.setattr(library, "_observed", lambda *_: pytest.fail("it was in the cache"))
    assert observed(AUTOGRAD.without_hidden(), [SOURCE], [EXERCISE]) == first
    assert load(dump(load(first[EXERCISE]))) == load(first[EXERCISE])


def test_a_mistake_that_never_ends_or_ends_its_process_is_nobody_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.evidence.observing.SECONDS", 3.0)
    answers = ["def two_branch_grads(x):\n    while True: pass", "import os\nos._exit(0)", SWAPPED]
    checks = AUTOGRAD.without_hidden()
    first, second, third = on_scene(
        checks, SOURCE, EXERCISE, lambda there: [there.evidence(answer, 1) for answer in answers]
    )
    assert first is None
    assert second is None
    assert third is not None
    assert third.traces


def test_what_was_observed_holds_in_any_language_and_not_for_other_code(tmp_path: Path) -> None:
    def changed(name: str, change: Callable[[str], str]) -> Path:
        notebook = nbformat.read(SOURCE, as_version=4)
        for cell in notebook.cells:
            cell.source = change(cell.source) if cell.cell_type == "code" else cell.source
        nbformat.write(notebook, tmp_path / name)
        return tmp_path / name

    def in_other_words(source: str) -> str:
        return translated(source, lambda text: f"otro {text}") if '"""' in source else source

    checks = AUTOGRAD.without_hidden()
    keys = [key(checks, path, EXERCISE) for path in (SOURCE, changed("es.ipynb", in_other_words))]
    assert keys[0] == keys[1]
    other = changed("other.ipynb", lambda source: source.replace("z**2 / 2", "z**2 / 3"))
    assert key(checks, other, EXERCISE) != keys[0]


def test_what_was_observed_holds_where_another_text_is_translated(tmp_path: Path) -> None:
    folder = tmp_path / "03_autograd"
    shutil.copytree(AUTOGRAD.folder, folder)
    before = key(Checks.in_folder(folder), SOURCE, EXERCISE)
    path = folder / "locale" / "es" / "LC_MESSAGES" / "checks.mo"
    catalogue = Catalog("es")
    catalogue.add("A text of no mistake's.", "Un texto de ninguna equivocación.")
    with path.open("wb") as file:
        write_mo(file, catalogue)
    assert key(Checks.in_folder(folder), SOURCE, EXERCISE) == before
    mistakes = folder / EXERCISE / "answers" / "mistakes.toml"
    mistakes.write_text(mistakes.read_text().replace("title.es = ", 'title.pt = "Um título"\ntitle.es = ', 1))
    assert key(Checks.in_folder(folder), SOURCE, EXERCISE) != before


@pytest.mark.parametrize("assignment", assignments())
def test_what_lies_beside_the_checks_was_observed_in_these_very_mistakes(assignment: str) -> None:
    checks = Checks.in_folder(CHECKS / assignment)
    source = ROOT / "solutions" / assignment / f"{assignment}.ipynb"
    for name in exercises(assignment):
        content = json.loads((checks.folder / name / OBSERVED).read_bytes())
        assert content["of"] == key(checks, source, name), f"{name}: run `make mistakes`"
        known = {answer.name.removeprefix("wrong_") for answer in wrong_answers(checks, source, name)}
        assert {mistake["name"] for mistake in content["mistakes"] if not mistake.get("is_change")} <= known
        assert any(mistake.get("is_change") for mistake in content["mistakes"])


@pytest.mark.parametrize("assignment", assignments())
def test_each_mistake_says_in_both_languages_what_it_is_and_how_much_it_matters(assignment: str) -> None:
    wrong = [answer for answer in answers(assignment) if not answer.is_right]
    assert len(wrong) > 50
    for answer in wrong:
        assert answer.titles.keys() == answer.hints.keys() == {"en", "es"}, answer
        assert answer.severity in CLASSES, answer


@pytest.mark.slow
@pytest.mark.parametrize(
    ("assignment", "exercise"),
    [("01_tensors", "describe"), ("02_broadcasting", "outer"), ("03_autograd", EXERCISE), ("04_mlp", "linear")],
)
def test_observing_again_observes_the_same(assignment: str, exercise: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.evidence.observing.CHANGES", 0)
    source = ROOT / "solutions" / assignment / f"{assignment}.ipynb"
    checks = Checks.in_folder(CHECKS / assignment).without_hidden()
    known = load((checks.folder / exercise / OBSERVED).read_bytes())
    kept = {mistake.name: mistake.evidence for mistake in known if not mistake.is_change}
    again = {mistake.name: mistake.evidence for mistake in observe(checks, source, exercise)}
    assert kept.keys() == again.keys()
    assert [name for name, evidence in kept.items() if evidence.contradicts(again[name])] == []


# ------------------------------------------------------------------------------------------------- naming


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "name"), [(SWAPPED, "swapped"), (UNKNOWN, None)])
def test_grading_names_the_mistake_once_for_the_exercise(answer: str, name: str | None, zygote: Zygote) -> None:
    notebook = nbformat.writes(answered(solution("03_autograd"), {EXERCISE: answer})).encode()
    policy = replace(policy_of("03_autograd", seed=5), sources=(SOURCE,))
    graded = grade_notebook(notebook, policy, zygote=zygote)
    for result in graded.exercises:
        if result.exercise != EXERCISE:
            assert result.passed
            assert result.mistake is None
            assert not result.observations
            continue
        assert result.observations
        assert (result.mistake and result.mistake.name) == name
        panel = render(result, "en", show_score=True).text
        if result.mistake is not None:
            assert panel.count(str(result.mistake.hint)) == 1
            assert result.to_json("es")["mistake"] == result.mistake.to_json("es")


def test_nothing_is_named_where_a_course_has_no_solutions_or_broken_ones(tmp_path: Path, zygote: Zygote) -> None:
    found = checked(SWAPPED).checks
    shutil.copytree(AUTOGRAD.folder, tmp_path / "03_autograd", ignore=shutil.ignore_patterns("mistakes.json"))
    checks = Checks.in_folder(tmp_path / "03_autograd").without_hidden()
    policy = replace(policy_of("03_autograd", seed=5), checks=checks)
    assert named(found, EXERCISE, policy, zygote)[0] is None
    broken = solution("03_autograd")
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in broken.cells]
    del broken.cells[names.index(f"{EXERCISE}_answer")]
    nbformat.write(broken, tmp_path / "03_autograd.ipynb")
    mistake, digest = named(found, EXERCISE, replace(policy, sources=(tmp_path / "03_autograd.ipynb",)), zygote)
    assert mistake is None
    assert digest


def test_a_self_check_names_the_mistake_from_what_was_released(tmp_path: Path) -> None:
    hand_out("03_autograd", tmp_path)
    folder = tmp_path / "checks"
    assert known_beside(folder, EXERCISE)
    result = ExerciseResult(EXERCISE, 0.0, tuple(run_on(folder, SWAPPED)))
    found = explained(result, folder)
    assert found.mistake is not None
    assert found.mistake.name == "swapped"
    (folder / EXERCISE / "mistakes.json").write_text("{")
    assert explained(result, folder) == result


def run_on(folder: Path, answer: str) -> list[object]:
    return check_notebook(folder, SOURCE, {EXERCISE: answer}, hidden=False)


def test_what_is_released_holds_no_source_and_no_value_of_a_mistake() -> None:
    content = observed(AUTOGRAD.without_hidden(), [SOURCE], [EXERCISE])[EXERCISE].decode()
    assert "def " not in content
    code = [line.strip() for answer in wrong_answers(AUTOGRAD, SOURCE, EXERCISE) for line in answer.source.splitlines()]
    assert not [line for line in code if len(line) > 12 and line in content]
    for mistake in json.loads(content)["mistakes"]:
        assert mistake.keys() - {"is_change"} == {"name", "title", "hint", "checks"}


def test_the_panel_shows_the_named_mistake_s_hint_alone() -> None:
    from grader.kit.messages import written

    result = checked(SWAPPED)
    mistake = NamedMistake("swapped", written({"en": "Title."}), written({"en": "<b>Hint.</b>", "es": "Pista."}))
    panel = render(replace(result, mistake=mistake), "en", show_score=False)
    assert "Title." in panel.text
    assert panel.text.count("->") == 1
    assert "<b>Hint" not in panel.html
    assert "Pista." in render(replace(result, mistake=mistake), "es", show_score=False).html


# --------------------------------------------------------------------------------------- checks that wait

WAITING = '''
from grader.kit import assert_equal, exercise

@exercise("f")
def test_first(student):
    """One."""
    assert_equal(student.f(1), 1)

@exercise("f", after=test_first)
def test_second(student):
    """Two."""
    assert_equal(student.f(2), 2)

@exercise("f", after={after!r})
def test_third(student):
    """Three."""
    assert_equal(student.f(3), 3)
'''


def defined(source: str) -> NamespaceStage:
    namespace: dict[str, object] = {}
    exec(source, namespace)
    return NamespaceStage(namespace, (), 0)


def waiting(folder: Path, source: str, after: str = "test_second") -> dict[str, Verdict]:
    (folder / "visible.py").write_text(WAITING.format(after=after))
    results = run_checks(defined(source), ["f"], Checks.in_folder(folder))
    return {result.check: result.verdict for result in results}


def test_a_check_is_not_judged_where_one_that_it_waits_for_did_not_pass(tmp_path: Path) -> None:
    passed, failed, waits = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_JUDGED
    assert list(waiting(tmp_path, "f = int").values()) == [passed, passed, passed]
    assert list(waiting(tmp_path, "f = lambda n: 0").values()) == [failed, waits, waits]
    assert list(waiting(tmp_path, "f = lambda n: 1").values()) == [passed, failed, waits]
    stub = "def f(n):\n    raise NotImplementedError()"
    assert set(waiting(tmp_path, stub).values()) == {Verdict.NOT_ATTEMPTED}


def test_a_file_may_end_with_a_check_that_is_not_judged(tmp_path: Path) -> None:
    for name in ("f", "g"):
        (tmp_path / name).mkdir()
        text = WAITING.format(after="test_second").replace('exercise("f"', f'exercise("{name}"')
        (tmp_path / name / "visible.py").write_text(text.replace("student.f(", f"student.{name}("))
    stage = defined("f = lambda n: 1\ng = int")
    results = run_checks(stage, ["f", "g"], Checks.in_folder(tmp_path))
    verdicts = [result.verdict.value for result in results]
    assert verdicts == ["passed", "failed", "not_judged", "passed", "passed", "passed"]


def test_a_check_waits_for_one_that_there_is(tmp_path: Path) -> None:
    with pytest.raises(CheckFileError, match="after='test_fourth' names no check of 'f' that comes before it"):
        waiting(tmp_path, "f = int", "test_fourth")


def test_what_was_kept_with_few_digits_is_still_the_same_in_double_precision() -> None:
    seen = Observation("f(x)", ((1.23456789012, 1.2e-8), (-3e-9, 1e-16), (0.0, 0.0)))
    kept = Observation.from_json(json.loads(json.dumps(seen.to_json())))
    assert kept.agrees(seen)
    assert seen.agrees(kept)
    assert Observation.from_json(kept.to_json()) == kept
    assert not kept.agrees(Observation("f(x)", ((1.2345698, 1.2e-8), *seen.sums[1:])))


def test_values_in_single_precision_agree_as_rounding_allows() -> None:
    from grader.kit.connections import Loopback
    from grader.kit.observations import noting
    from grader.kit.student import Student
    from grader.wire.answering import NamespaceServer

    def observations(function: object, x: torch.Tensor) -> tuple[Observation, ...]:
        with noting() as notes:
            Student(Loopback(NamespaceServer({"f": function}))).f(x)
        return notes.observations()

    x = torch.linspace(0.1, 3.0, 1001)
    (one,), (other,) = (
        observations(torch.std, x),
        observations(lambda x: (x - x.mean()).square().sum().div(1000).sqrt(), x),
    )
    assert one.agrees(other)
    (biased,) = observations(lambda x: x.std(correction=0) * 1.01, x)
    assert not one.agrees(biased)
    double = x.double()
    (exact,), (near,) = observations(torch.exp, double), observations(lambda x: x.exp() + 1e-6, double)
    assert not exact.agrees(near)


def test_of_what_is_left_out_errors_still_count() -> None:
    from grader.kit.connections import Loopback
    from grader.kit.failures import StudentError
    from grader.kit.observations import noting, unobserved
    from grader.kit.student import Student
    from grader.wire.answering import NamespaceServer

    student = Student(Loopback(NamespaceServer({"f": torch.rand, "g": lambda x: x / 0})))
    with noting() as notes:
        with unobserved():
            student.f(3)
        assert notes.observations() == ()
        with pytest.raises(StudentError), unobserved():
            student.g(1)
        assert len(notes.observations()) == 1
        student.f(3)
    assert len(notes.observations()) == 2


def test_a_fact_stands_in_place_of_replies_that_depend_on_chance() -> None:
    from grader.kit.observations import note, noting, observe, unobserved
    from grader.wire.frames import Frame

    def observations(chance: float, both: int) -> tuple[Observation, ...]:
        with noting() as notes:
            with unobserved():
                note(Frame({"op": "call"}), Frame({"status": "ok", "value": chance}))
            observe(both=both)
        return notes.observations()

    ((one,), (same,), (other,)) = (observations(*asked) for asked in ((0.1, 1), (0.2, 1), (0.1, 2)))
    assert one.agrees(same)
    assert not one.agrees(other)
