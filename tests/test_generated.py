"""Generated files are fresh: one command makes each, and this says when it has to be run again."""

import filecmp
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from grader.course import NOTEBOOK_PO
from grader.devkit import exercises_page, settings_page
from grader.devkit.answers import CHECKS, ROOT, assignments
from grader.devkit.assignments import main as generate
from grader.devkit.catalogues import catalogues, is_translated, mo_bytes, package_catalogues, po_bytes, updated
from grader.kit.references import FILE, TENSORS
from tests.attacks.attack import attacks
from tests.attacks.page import PAGE, rows_of

CATALOGUES = dict(item for assignment in assignments() for item in catalogues(CHECKS / assignment)) | dict(
    package_catalogues()
)


@pytest.mark.parametrize("po_path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_catalogues_hold_every_text_translated_and_are_compiled(po_path: Path) -> None:
    catalogue = updated(po_path, CATALOGUES[po_path], ROOT)
    assert po_path.read_bytes() == po_bytes(catalogue), "run `make messages`"
    if po_path.name == NOTEBOOK_PO:
        assert not po_path.with_suffix(".mo").exists()  # nobody would read it
    else:
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
    found = comparison.left_only + comparison.right_only + comparison.funny_files
    found += [
        name
        for name in comparison.diff_files
        if name not in (FILE, TENSORS) or not _are_near(Path(comparison.left), Path(comparison.right))
    ]
    return found + [name for inner in comparison.subdirs.values() for name in _differences(inner)]


def _are_near(left: Path, right: Path) -> bool:
    """Whether two folders hold the same values of references, but for how processors round."""
    texts = [(folder / FILE).read_text(encoding="utf-8") for folder in (left, right)]
    exact, numbers = zip(
        *((_NUMBER.sub("0", text), [*map(float, _NUMBER.findall(text))]) for text in texts), strict=True
    )
    tensors = [load_file(folder / TENSORS) if (folder / TENSORS).exists() else {} for folder in (left, right)]
    return (
        exact[0] == exact[1]
        and numbers[0] == pytest.approx(numbers[1], rel=1e-6, abs=1e-6)
        and tensors[0].keys() == tensors[1].keys()
        and all(torch.allclose(tensors[0][name], tensors[1][name], rtol=1e-5, equal_nan=True) for name in tensors[0])
    )


_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


def test_values_that_are_near_are_no_difference(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("committed", "rounded", "other")]
    for folder, number in zip(folders, (0.1, 0.1 + 1e-8, 0.2), strict=True):
        folder.mkdir()
        (folder / FILE).write_text(f'[["f",[[{number},0.5]],{{"tensor":"t0"}}]]')
        save_file({"t0": torch.tensor([number])}, folder / TENSORS)
    assert _are_near(folders[0], folders[1])
    assert not _are_near(folders[0], folders[2])
