"""Budgets of training and the device: what a notebook asks its surroundings."""

import pytest
import torch

from grader import device, training_budget
from grader.notebook.budget import is_graded_run


@pytest.fixture(autouse=True)
def _at_the_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NBGRADER_EXECUTION", "NBGRADER_VALIDATING", "AULATORCH_DEVICE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", ["spiral", "mlp", "cnn"])
@pytest.mark.parametrize(
    ("variable", "value"),
    [("NBGRADER_EXECUTION", "autograde"), ("NBGRADER_EXECUTION", "validate"), ("NBGRADER_VALIDATING", "1")],
)
def test_a_graded_notebook_trains_less(monkeypatch: pytest.MonkeyPatch, name: str, variable: str, value: str) -> None:
    full = training_budget(name)
    assert not is_graded_run()
    monkeypatch.setenv(variable, value)
    short = training_budget(name)
    assert short.is_short
    assert not full.is_short
    assert short.epochs * short.train_size < full.epochs * full.train_size / 5


def test_an_unknown_budget_is_named() -> None:
    with pytest.raises(ValueError, match="'transformer'; there are spiral, mlp, cnn"):
        training_budget("transformer")


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
