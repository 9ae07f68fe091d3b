"""Cases of `resume` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import cases_of

from . import visible
from .judges import (
    assert_epoch,
    assert_holds_data,
    assert_resumed,
    assert_runs_no_code,
    assert_saving_changes_nothing,
)


@cases_of(visible.test_model_comes_back, weight=4)
def test_any_model(student, rng):
    assert_resumed(student, rng)


@cases_of(visible.test_optimizer_comes_back, weight=2, after=test_any_model)
def test_any_optimizer(student, rng):
    assert_resumed(student, rng, momentum=rng.choice([0.5, 0.8, 0.95]))


@cases_of(visible.test_schedule_comes_back, weight=2, after=test_any_model)
def test_any_schedule(student, rng):
    assert_resumed(student, rng, gamma=rng.choice([0.1, 0.3, 0.6]))


@cases_of(visible.test_order_comes_back, weight=2, after=test_any_model)
def test_any_order(student, rng):
    assert_resumed(student, rng, shuffle=True)


@cases_of(visible.test_dropout_comes_back, weight=2, after=test_any_model)
def test_any_dropout(student, rng):
    assert_resumed(student, rng, dropout=rng.choice([0.3, 0.6]))


@cases_of(visible.test_all_comes_back, after=test_any_model)
@pytest.mark.parametrize("adam", [True, False])
def test_everything(student, rng, adam):
    assert_resumed(student, rng, adam=adam, momentum=0.7, gamma=0.4, dropout=0.4, shuffle=True)


@cases_of(visible.test_buffers_come_back, after=test_any_model)
def test_any_buffers(student, rng):
    assert_resumed(student, rng, norm=True, momentum=0.7)


@cases_of(visible.test_epoch_comes_back, after=test_any_model)
def test_any_epoch(student, rng):
    assert_epoch(student, rng)


@cases_of(visible.test_saving_changes_nothing, after=test_any_model)
def test_saving_never_changes_anything(student, rng):
    assert_saving_changes_nothing(student, rng)


@cases_of(visible.test_file_holds_data, after=test_any_model)
def test_any_file_holds_data(student, rng):
    assert_holds_data(student, rng)


@cases_of(visible.test_file_with_code, after=test_any_model)
def test_any_file_with_code(student, rng):
    assert_runs_no_code(student, rng)
