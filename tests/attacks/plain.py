"""The same attacks against plain nbgrader, in its own defaults.

Attacks that would harm the machine, or processes of others on it, are not run unprotected.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry

from grader.sandbox.folders import PrivateFolder
from grader.unconfined import ACCEPT_VARIABLE
from tests.attacks.attack import CORPUS, POINTS, Attack, notebook_of, read_attack
from tests.attacks.world import ASSIGNMENT, World

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


@dataclass(frozen=True)
class PlainOutcome:
    """What plain nbgrader makes of an attack.

    Attributes:
        text: in words.
        succeeds: whether the attacker got more than was earned: points, a secret, or a mark left somewhere.
    """

    text: str
    succeeds: bool = False


def run_all_plain(corpus: Iterable[Attack]) -> Iterator[tuple[Attack, PlainOutcome]]:
    """Grades attacks with plain nbgrader, one after another: what one leaves behind must not count for the next."""
    for attack in corpus:
        if attack.expected.get("plain") == "harmful":
            yield attack, PlainOutcome("not run: it would harm the machine")
            continue
        with PrivateFolder.make("attacked-plain-") as folder, World() as world:
            outcome = _grade(attack, world, folder.path)
            yield attack, outcome


def _grade(attack: Attack, world: World, folder: Path) -> PlainOutcome:
    cells = _check_cells(world.mark)
    (folder / "nbgrader_config.py").write_text(_CONFIG)
    source = notebook_of(read_attack(CORPUS / "control_right.py"), world.facts, cells)
    handed_in = notebook_of(attack, world.facts, cells)
    for cell in handed_in.cells:  # what students get has no hidden tests in it
        cell.source = cell.source.split("### BEGIN")[0].rstrip()
    for notebook, place in ((source, ("source", ASSIGNMENT)), (handed_in, ("submitted", "eve", ASSIGNMENT))):
        path = folder.joinpath(*place, f"{ASSIGNMENT}.ipynb")
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook))
    _nbgrader(folder, world.mark, "generate_assignment", ASSIGNMENT)
    world.begin()
    finished = _nbgrader(folder, world.mark, "autograde", ASSIGNMENT)
    graded = folder / "autograded" / "eve" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    done = graded.read_bytes() if graded.exists() else b""
    shown = [cell.get("outputs", []) for cell in nbformat.reads(done.decode(), as_version=4).cells] if done else []
    outputs = str(shown).encode()
    found = world.damage(outputs, str(shown), attack.expected.get("forbids", ""))
    if not finished:
        return PlainOutcome("; ".join(["the batch hung", *found]), succeeds=True)
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        try:
            score = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, "eve")
            points = {grade.name: grade.score for grade in score.grades}
        except MissingEntry:
            points = {}
    if not done or not points:
        return PlainOutcome("; ".join(["no grade at all", *found]), succeeds=bool(found))
    texts = [f"{points['double']:g} of 10"]
    if points["triple"] != 10:
        texts.append(f"{points['triple']:g} of 10 in the exercise beside it")
    gained = points["double"] > attack.score or max(points.values()) > POINTS
    return PlainOutcome("; ".join([*texts, *found]), succeeds=gained or bool(found))


def _nbgrader(folder: Path, mark: str, *command: str) -> bool:
    """Runs a command of plain nbgrader; returns whether it ended in time."""
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "config"), "AULATORCH_MARK": mark}
    environment[ACCEPT_VARIABLE] = "1"  # the notebooks import the package
    try:
        subprocess.run(
            [sys.executable, "-c", _NBGRADER, *command],
            cwd=folder, env=environment, capture_output=True, timeout=_PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return True
