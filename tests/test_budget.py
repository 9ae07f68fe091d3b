"""Budgets of training and the device: what a notebook asks its surroundings."""

import json
from pathlib import Path

import pytest
import torch

from grader import device, training_budget
from grader.devkit.answers import ROOT
from grader.notebook.budget import BUDGETS_VARIABLE, TrainingBudget, is_graded_run
from tests.conftest import hand_out


@pytest.fixture(autouse=True)
def _at_the_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NBGRADER_EXECUTION", "NBGRADER_VALIDATING", "AULATORCH_DEVICE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("assignment", "name"), [("04_mlp", "spiral"), ("04_mlp", "mlp"), ("05_cnn", "cnn")])
@pytest.mark.parametrize(
    ("variable", "value"),
    [("NBGRADER_EXECUTION", "autograde"), ("NBGRADER_EXECUTION", "validate"), ("NBGRADER_VALIDATING", "1")],
)
def test_a_graded_notebook_trains_less(
    monkeypatch: pytest.MonkeyPatch, assignment: str, name: str, variable: str, value: str
) -> None:
    monkeypatch.chdir(ROOT / "solutions" / assignment)
    full = training_budget(name)
    assert not is_graded_run()
    monkeypatch.setenv(variable, value)
    short = training_budget(name)
    assert short.is_short
    assert not full.is_short
    assert short.epochs * short.train_size < full.epochs * full.train_size / 5


def test_an_unknown_budget_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "solutions" / "04_mlp")
    with pytest.raises(ValueError, match="'transformer'; there are: spiral, mlp"):
        training_budget("transformer")


def test_budgets_travel_with_the_released_checks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="copy the folder `checks`"):
        training_budget("mlp")
    hand_out("04_mlp", tmp_path)
    assert training_budget("mlp").epochs == 15


def test_a_confined_notebook_is_told_its_budgets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    short = {"epochs": 1, "train_size": 8, "batch_size": 4, "patience": 1}
    monkeypatch.setenv(BUDGETS_VARIABLE, json.dumps({"tiny": {"full": short, "short": short}}))
    assert training_budget("tiny") == TrainingBudget(**short)


def test_the_course_says_where_to_compute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AULATORCH_DEVICE", "cpu")
    assert device() == torch.device("cpu")


@pytest.mark.parametrize(
    ("cuda", "mps", "wanted", "found"),
    [
        (True, True, "auto", "cuda"),
        (False, True, "auto", "mps"),
        (False, False, "auto", "cpu"),
        (True, False, "cpu", "cpu"),
        (False, False, "cuda", "cpu"),
        (True, False, "mps", "cpu"),
    ],
)
def test_the_best_device_that_is_there_is_taken(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, wanted: str, found: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    monkeypatch.setenv("AULATORCH_DEVICE", wanted)
    assert device() == torch.device(found)
