"""The same attacks against plain nbgrader, for the table in ``docs/attacks.md``.

Attacks that would harm the machine, or processes of others on it, are not run unprotected.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry

from tests.attacks.attack import CORPUS, Attack, notebook_of, read_attack
from tests.attacks.isolated import Outcome
from tests.attacks.world import ASSIGNMENT, World

TABLE = Path(__file__).parents[2] / "docs" / "attacks.md"
_PATIENCE = 300
_CONFIG = """
c = get_config()
c.Execute.timeout = 60
c.ClearSolutions.enforce_metadata = False
"""
_NBGRADER = "import sys; from nbgrader.apps.nbgraderapp import main; sys.argv[0] = 'nbgrader'; main()"
_FAR_AWAY = "# A traceback shows the lines around the one that failed: in fairness, not as far as the secret.\n" * 12


def _check_cells(mark: str) -> dict[str, str]:
    """What an instructor writes for plain nbgrader."""
    return {
        "double": (
            "EXPECTED = torch.tensor([2.0, 4.0, 6.0])\n"
            "assert torch.allclose(double(torch.tensor([1.0, 2.0, 3.0])), EXPECTED)\n"
            f"### BEGIN HIDDEN TESTS\n{_FAR_AWAY}SECRET = {mark!r}\n{_FAR_AWAY}"
            "x = torch.randn(5)\n"
            "assert torch.allclose(double(x), 2 * x)\n"
            "### END HIDDEN TESTS"
        ),
        "triple": "y = torch.randn(4)\nassert torch.allclose(triple(y), 3 * y)",
    }


def plain_outcomes(corpus: Sequence[Attack]) -> dict[str, str]:
    """What plain nbgrader makes of each attack, in words."""
    with ThreadPoolExecutor(2) as pool:
        return dict(zip((attack.name for attack in corpus), pool.map(_plain_outcome, corpus), strict=True))


def _plain_outcome(attack: Attack) -> str:
    if attack.expected.get("plain") == "harmful":
        return "not run: it would harm the machine"
    folder = Path(tempfile.mkdtemp(prefix="attacked-plain-"))
    try:
        with World() as world:
            return _grade(attack, world, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _grade(attack: Attack, world: World, folder: Path) -> str:
    cells = _check_cells(world.mark)
    (folder / "nbgrader_config.py").write_text(_CONFIG)
    source = notebook_of(read_attack(CORPUS / "control_right.py"), world.facts, cells)
    handed_in = notebook_of(attack, world.facts, cells)
    for cell in handed_in.cells:  # what students get has no hidden tests in it
        cell.source = cell.source.split("### BEGIN")[0].rstrip()
    for notebook, place in ((source, ("source", ASSIGNMENT)), (handed_in, ("submitted", "eve", ASSIGNMENT))):
        path = folder.joinpath(*place, f"{ASSIGNMENT}.ipynb")
        path.parent.mkdir(parents=True)
        path.write_text(nbformat.writes(notebook))
    _nbgrader(folder, world.mark, "generate_assignment", ASSIGNMENT)
    world.begin()
    finished = _nbgrader(folder, world.mark, "autograde", ASSIGNMENT)
    graded = folder / "autograded" / "eve" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    done = graded.read_bytes() if graded.exists() else b""
    shown = [cell.get("outputs", []) for cell in nbformat.reads(done.decode(), as_version=4).cells] if done else []
    outputs = str(shown).encode()
    found = world.damage(outputs, str(shown), attack.expected.get("forbids", ""))
    if not finished:
        return "; ".join(["the batch hung", *found])
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        try:
            score = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, "eve")
            points = {grade.name: grade.score for grade in score.grades}
        except MissingEntry:
            return "; ".join(["no grade at all", *found])
    if not done:
        return "; ".join(["no grade at all", *found])
    texts = [f"{points['double']:g} of 10"]
    if points["triple"] != 10:
        texts.append(f"{points['triple']:g} of 10 in the exercise beside it")
    return "; ".join([*texts, *found])


def _nbgrader(folder: Path, mark: str, *command: str) -> bool:
    """Runs a command of plain nbgrader; returns whether it ended in time."""
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "config"), "AULATORCH_MARK": mark}
    try:
        subprocess.run(
            [sys.executable, "-c", _NBGRADER, *command],
            cwd=folder, env=environment, capture_output=True, timeout=_PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return True


def write_table(corpus: Sequence[Attack], outcomes: Mapping[str, Outcome], plain: Mapping[str, str]) -> None:
    """Writes both outcomes of each attack as a page."""
    lines = [
        "# Attacks, and what comes of them",
        "",
        "Each line is one file of `tests/attacks/corpus/`. The exercise under attack is worth ten points; its checks"
        " are the same for both graders, visible and hidden ones. *Plain nbgrader* has its own defaults, and"
        " runs the checks in the student's kernel. This page is made by `python -m tests.attacks --plain --write`.",
        "",
        "| attack | what it tries | must get | here | plain nbgrader |",
        "|---|---|---|---|---|",
    ]
    for attack in corpus:
        outcome = outcomes[attack.name]
        verdicts = ", ".join(sorted(outcome.verdicts))
        here = f"{outcome.score:g} of 10 ({verdicts})"
        here += "; " + "; ".join(outcome.damage) if outcome.damage else ""
        title = " ".join(attack.title.split())
        lines.append(f"| `{attack.name}` | {title} | {attack.score:g} | {here} | {plain[attack.name]} |")
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
