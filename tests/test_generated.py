"""Generated files are fresh: one command makes each, and this says when it has to be run again."""

import filecmp
from pathlib import Path

import pytest

from grader.devkit import exercises_page, settings_page
from grader.devkit.answers import CHECKS, ROOT, assignments
from grader.devkit.assignments import main as generate
from grader.devkit.catalogues import catalogues, is_translated, mo_bytes, package_catalogues, po_bytes, updated
from tests.attacks.attack import attacks
from tests.attacks.page import PAGE, rows_of

CATALOGUES = dict(item for assignment in assignments() for item in catalogues(CHECKS / assignment)) | dict(
    package_catalogues()
)


@pytest.mark.parametrize("po_path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_catalogues_hold_every_text_translated_and_are_compiled(po_path: Path) -> None:
    catalogue = updated(po_path, CATALOGUES[po_path], ROOT)
    assert po_path.read_bytes() == po_bytes(catalogue), "run `make messages`"
    assert po_path.with_suffix(".mo").read_bytes() == mo_bytes(catalogue), "run `make messages`"
    assert not [message.id for message in catalogue if message.id and not is_translated(message)]


@pytest.mark.parametrize("po_path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_translations_keep_the_placeholders(po_path: Path) -> None:
    import string

    def fields(text: str) -> set[str | None]:
        try:
            return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}
        except ValueError:
            return set()  # braces that are no placeholders: a text without values

    for message in updated(po_path, CATALOGUES[po_path], ROOT):
        if message.id and message.string:
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            english = message.id[-1] if isinstance(message.id, tuple) else message.id
            assert {frozenset(fields(form)) for form in forms} == {frozenset(fields(english))}, message.id


def test_the_page_of_exercises_is_fresh() -> None:
    assert (ROOT / "docs" / "exercises.md").read_text() == exercises_page.page(), "run `make exercises`"


def test_the_page_of_settings_is_fresh() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == settings_page.page(), "run `make settings`"


def test_the_page_of_attacks_has_a_row_for_each_attack_of_the_corpus() -> None:
    rows = rows_of(PAGE.read_text(encoding="utf-8"))
    assert list(rows) == [attack.name for attack in attacks()], "run `python -m tests.attacks --write NEW_ATTACK`"
    for attack in attacks():
        assert f"| {attack.score:g} |" in rows[attack.name]
        assert " ".join(attack.title.split()).replace("|", "\\|") in rows[attack.name]


@pytest.mark.slow
def test_assignments_are_what_nbgrader_generates_from_the_solutions(tmp_path: Path) -> None:
    generate(tmp_path)
    assert _differences(filecmp.dircmp(ROOT / "assignments", tmp_path)) == [], "run `make assignments`"


def _differences(comparison: "filecmp.dircmp[str]") -> list[str]:
    found = comparison.left_only + comparison.right_only + comparison.diff_files + comparison.funny_files
    return found + [name for inner in comparison.subdirs.values() for name in _differences(inner)]
