"""The author's page: its examples are checks that work, and every import line of it does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from grader.checking.notebooks import InProcessNotebook
from grader.checking.runner import run_checks
from grader.course import Checks
from grader.devkit.answers import ROOT
from grader.kit.randomness import Rng

PAGE = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)

OUTER = "def outer(a, b):\n    return a[:, None] * b"
LINEAR = """\
from torch import nn


class Linear(nn.Module):
    def __init__(self, n, m):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.randn(m, n)), nn.Parameter(torch.randn(m))

    def forward(self, x):
        return x @ self.weight.T + self.bias
"""
FIT = """\
def fit(model, train_loader, val_loader, optimizer, loss_fn, epochs):
    for _ in range(epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            for x, y in val_loader:
                loss_fn(model(x), y)
"""


def block(start: str) -> str:
    """The only example that holds `start`."""
    (found,) = [text for text in BLOCKS if start in text]
    return found


def verdicts(folder: Path, exercise: str, files: dict[str, str], source: str) -> Sequence[bool]:
    place = folder / "checks" / exercise
    place.mkdir(parents=True)
    for name, text in files.items():
        (place / name).write_text(text)
    notebook = InProcessNotebook(["import torch", source, f'check("{exercise}")'], seed=1)
    return [result.passed for result in run_checks(notebook, [exercise], Checks.in_folder(folder / "checks"))]


@pytest.mark.parametrize(
    "line",
    sorted({line for text in BLOCKS for line in re.findall(r"^from grader\S* import (?:\([^)]*\)|.*)", text, re.M)}),
)
def test_import_lines_work(line: str) -> None:
    exec(line, {})


def test_the_example_of_a_function_tells_right_from_wrong(tmp_path: Path) -> None:
    files = {name: block(f"# checks/hw1/outer/{name}") for name in ("judges.py", "visible.py", "hidden.py")}
    assert verdicts(tmp_path / "right", "outer", files, OUTER) == [True] * 4
    assert verdicts(tmp_path / "wrong", "outer", files, OUTER.replace("*", "+"))[0] is False


def test_the_example_of_a_class_tells_right_from_wrong(tmp_path: Path) -> None:
    files = {"visible.py": block('@exercise("linear")')}
    assert verdicts(tmp_path / "right", "linear", files, LINEAR) == [True]
    assert verdicts(tmp_path / "wrong", "linear", files, LINEAR.replace("+ self.bias", "- self.bias")) == [False]


@pytest.mark.parametrize(
    ("wrong", "instead"),
    [("model.eval()", "pass"), ("optimizer.zero_grad()", "pass"), ("with torch.no_grad()", "if True")],
)
def test_the_example_of_a_training_loop_tells_right_from_wrong(tmp_path: Path, wrong: str, instead: str) -> None:
    files = {"visible.py": block('@exercise("fit")')}
    assert verdicts(tmp_path / "right", "fit", files, FIT) == [True]
    assert verdicts(tmp_path / "wrong", "fit", files, FIT.replace(wrong, instead)) == [False]


def test_the_table_of_rng_has_its_members() -> None:
    table = PAGE.split("| of `rng` |", 1)[1].split("\n\n", 1)[0]
    members = {name for name in vars(Rng(0)) | vars(Rng) if not name.startswith("_")}
    assert set(re.findall(r"^\| `(\w+)", table, re.MULTILINE)) - {"what"} == members
