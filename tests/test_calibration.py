"""Thresholds: proposed from many seeds, committed with their tables, and fair at grading time."""

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from grader.checking.results import Verdict
from grader.checking.verdicts import judge
from grader.course import Checks
from grader.devkit.answers import CHECKS, ROOT, assignments
from grader.devkit.calibration import Calibration, calibrate, draw, histogram, measurements, read_table, write_table
from grader.devkit.classroom import copy_course
from grader.kit.failures import CheckFailure
from grader.kit.randomness import Rng
from grader.kit.training.accuracy import (
    Measurement,
    Threshold,
    UndecidedError,
    accuracy_of_logits,
    assert_accuracy,
    assignment_thresholds,
    permuted_labels,
    threshold,
)

TABLES = Path(__file__).parents[1] / "docs" / "calibration"
CALIBRATED = {
    name: Threshold(**chosen)
    for assignment in assignments()
    for name, chosen in Checks.in_folder(CHECKS / assignment).thresholds.items()
}
THRESHOLDS = {"measured": {"announced": 0.95, "graded": 0.9, "spread": 0.01}}


def scoring(*scores: float) -> Measurement:
    """A measurement that gives these accuracies, one a run."""
    left = list(scores)
    return Measurement("measured", lambda student, rng: left.pop(0))


@pytest.mark.parametrize(("name", "chosen"), CALIBRATED.items())
def test_every_threshold_has_a_table_of_a_hundred_seeds_that_supports_it(name: str, chosen: Threshold) -> None:
    table = read_table(TABLES / f"{name}.csv")
    assert len(set(table.seeds)) >= 100
    assert chosen.graded < table.mean - 4 * table.spread
    assert chosen.graded < table.minimum
    assert chosen.graded < chosen.announced < table.mean
    assert (TABLES / f"{name}.svg").is_file()


def test_proposals_lie_below_every_score() -> None:
    result = Calibration("x", (0, 1, 2, 3), (0.95, 0.96, 0.94, 0.95))
    assert result.announced == 0.93
    assert result.graded == 0.9
    assert result.graded < result.mean - 4 * result.spread


def test_an_outlier_lowers_the_graded_figure() -> None:
    result = Calibration("x", tuple(range(101)), (*[0.95, 0.951] * 50, 0.6))
    assert result.graded <= result.minimum


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    result = Calibration("x", (0, 1), (0.95, 0.9))
    write_table(result, tmp_path / "x.csv")
    assert read_table(tmp_path / "x.csv") == result


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_scores_are_drawn(tmp_path: Path, suffix: str) -> None:
    draw(Calibration("x", (0, 1, 2), (0.95, 0.9, 0.93)), tmp_path / f"x.{suffix}")
    assert (tmp_path / f"x.{suffix}").stat().st_size > 1000


def test_the_histogram_counts_every_score() -> None:
    lines = histogram(Calibration("x", (0, 1, 2), (0.9, 0.95, 0.95))).splitlines()
    assert sum(int(line.split()[-1]) for line in lines) == 3


def test_equal_scores_have_a_histogram_too() -> None:
    assert histogram(Calibration("x", (0, 1), (0.9, 0.9)))


def test_measurements_are_found_in_the_checks() -> None:
    assert "digits_mlp" in measurements(Checks.in_folder(CHECKS / "04_mlp"))


def test_an_assignment_without_accuracy_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(calibrate, ["01_tensors", "--course", str(ROOT), "--output", str(tmp_path)])
    assert result.exit_code == 1
    assert "measures no accuracy" in result.output


@pytest.mark.slow
@pytest.mark.xdist_group("calibration")
def test_calibrating_writes_a_table(tmp_path: Path) -> None:
    copy_course(tmp_path, assignment="04_mlp")
    arguments = ["04_mlp", "--seeds", "2", "--course", str(tmp_path), "--output", str(tmp_path)]
    result = CliRunner().invoke(calibrate, arguments)
    assert result.exit_code == 0, result.output
    assert min(read_table(tmp_path / "digits_mlp.csv").scores) > 0.85
    budget = Checks.in_folder(tmp_path / "checks" / "04_mlp").budget
    assert budget["thresholds"]["digits_mlp"] == read_table(tmp_path / "digits_mlp.csv").threshold
    assert budget["training"]["mlp"]["full"]["epochs"] == 15
    assert "# How long" in (tmp_path / "checks" / "04_mlp" / "budget.toml").read_text()


@pytest.mark.parametrize("scores", [(0.93,), (0.2, 0.93), (0.9,)])
def test_one_good_seed_is_enough(scores: tuple[float, ...]) -> None:
    with assignment_thresholds(THRESHOLDS):
        assert_accuracy(None, Rng(0), scoring(*scores))  # type: ignore[arg-type]


def test_two_bad_seeds_fail() -> None:
    with assignment_thresholds(THRESHOLDS), pytest.raises(CheckFailure) as caught:
        assert_accuracy(None, Rng(0), scoring(0.5, 0.7))  # type: ignore[arg-type]
    assert str(caught.value.diagnosis.actual) == "70.0 %"


def test_a_near_miss_goes_to_a_person() -> None:
    with assignment_thresholds(THRESHOLDS), pytest.raises(UndecidedError) as caught:
        assert_accuracy(None, Rng(0), scoring(0.5, 0.895))  # type: ignore[arg-type]
    assert judge(caught.value, reveal=False)[0] is Verdict.GRADER_ERROR


def test_the_second_attempt_draws_other_numbers() -> None:
    drawn: list[int] = []

    def run(student: object, rng: Rng) -> float:
        drawn.append(rng.integer(0, 10**9))
        return 0.0

    with assignment_thresholds(THRESHOLDS), pytest.raises(CheckFailure):
        assert_accuracy(None, Rng(0), Measurement("measured", run))  # type: ignore[arg-type]
    assert len(set(drawn)) == 2


def test_a_threshold_is_the_assignment_s() -> None:
    with assignment_thresholds(THRESHOLDS):
        assert threshold("measured").graded == 0.9
        with pytest.raises(LookupError, match="digits_mlp"):
            threshold("digits_mlp")


def test_renamed_classes_defeat_a_classifier_that_does_not_learn() -> None:
    labels = torch.arange(10).repeat(30)
    hard_coded = torch.nn.functional.one_hot(labels, 10)
    scores = [accuracy_of_logits(hard_coded, permuted_labels(labels, Rng(seed), 10), 10) for seed in range(20)]
    assert max(scores) < 0.6


@pytest.mark.parametrize("logits", [None, torch.zeros(5), torch.zeros(4, 10), [[0.0] * 10] * 5])
def test_logits_of_another_kind_fail(logits: object) -> None:
    with pytest.raises(CheckFailure):
        accuracy_of_logits(logits, torch.arange(5), 10)
