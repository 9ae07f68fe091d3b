"""Reading the corpus."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

CORPUS = Path(__file__).parent / "corpus"
CHECKS = Path(__file__).parent / "checks"
POINTS = 10


@dataclass(frozen=True)
class Attack:
    """One file of the corpus."""

    name: str
    title: str
    expected: Mapping[str, str]
    cells: Sequence[tuple[str, str]]

    @property
    def family(self) -> str:
        """What it attacks: the first word of its name."""
        return self.name.split("_", 1)[0]

    @property
    def score(self) -> float:
        """The points that `double` must get."""
        return float(self.expected["score"])

    @property
    def verdicts(self) -> set[str]:
        """The only verdicts that the checks of `double` may come to."""
        return set(self.expected["verdicts"].split())

    @property
    def tampering(self) -> str:
        """Code that changes the notebook before it is handed in."""
        return "\n".join(source for kind, source in self.cells if kind == "tamper")


def read_attack(path: Path) -> Attack:
    text = path.read_text(encoding="utf-8")
    head, *parts = re.split(r"^# %%(.*)\n", text, flags=re.MULTILINE)
    title = re.match(r'"""(.*?)"""', head, re.DOTALL)
    assert title is not None, f"{path.name} has no docstring"
    expected = dict(re.findall(r"^# (\w+): (.+)$", head, re.MULTILINE))
    kinds = [kind.strip() for kind in parts[::2]]
    return Attack(path.stem, title[1], expected, tuple(zip(kinds, parts[1::2], strict=True)))


def attacks() -> list[Attack]:
    return [read_attack(path) for path in sorted(CORPUS.glob("*.py"))]


def notebook_of(attack: Attack, facts: Mapping[str, str], check_cells: Mapping[str, str]) -> nbformat.NotebookNode:
    """The notebook that the attacker hands in.

    Args:
        attack: the attack.
        facts: what `@NAME@` stands for.
        check_cells: the sources of the check cells, by exercise.
    """

    def filled(source: str) -> str:
        return re.sub(r"@([A-Z]+)@", lambda match: facts[match[1]], source).strip()

    cells = [new_markdown_cell("# Attacked"), new_code_cell("import torch\nfrom grader import check")]
    cells += [new_code_cell(filled(source)) for kind, source in attack.cells if kind == ""]
    cells[-1].metadata["nbgrader"] = _marks("double_answer", grade=False)
    cells.append(new_code_cell(check_cells["double"], metadata={"nbgrader": _marks("double", grade=True)}))
    answer = new_code_cell(
        "def triple(x):\n    return 3 * x", metadata={"nbgrader": _marks("triple_answer", grade=False)}
    )
    cells.append(answer)
    cells.append(new_code_cell(check_cells["triple"], metadata={"nbgrader": _marks("triple", grade=True)}))
    cells += [new_code_cell(filled(source)) for kind, source in attack.cells if kind == "after"]
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for position, cell in enumerate(cells):
        cell.id = f"cell-{position}"
    if attack.tampering:
        exec(attack.tampering, {"notebook": notebook})
    return notebook


def _marks(name: str, *, grade: bool) -> dict[str, object]:
    marks: dict[str, object] = {
        "grade_id": name, "grade": grade, "solution": not grade, "locked": grade, "task": False, "schema_version": 3,
    }  # fmt: skip
    return marks | ({"points": POINTS, "cell_type": "code"} if grade else {})
