"""An exercise that may build on earlier ones is judged apart from them."""

import pytest

from grader.devkit.answers import answers, check_in_process

HELPERS = {
    "pairwise_sq_dists": ["wrong_root", "wrong_two_loops", "wrong_no_dimension", "wrong_transposed"],
    "one_hot": ["wrong_int64", "wrong_max", "wrong_loop", "wrong_1d_only"],
}
CALLS_BOTH = """
def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    nearest = pairwise_sq_dists(Xte, Xtr).topk(k, dim=1, largest=False).indices
    return one_hot(ytr[nearest], int(ytr.max()) + 1).sum(dim=1).argmax(dim=1)
"""
STUB = "def {name}(*args):\n    raise NotImplementedError()\n"


def wrong_helpers() -> dict[str, dict[str, str]]:
    found = {
        str(answer): {answer.exercise: answer.source}
        for answer in answers("02_broadcasting")
        if answer.name in HELPERS.get(answer.exercise, ())
    }
    return found | {f"{name}/stub": {name: STUB.format(name=name)} for name in HELPERS}


@pytest.mark.slow
@pytest.mark.parametrize("given", wrong_helpers().values(), ids=wrong_helpers().keys())
def test_a_right_knn_predict_that_calls_a_wrong_exercise_keeps_its_points(given: dict[str, str]) -> None:
    results = check_in_process("02_broadcasting", given | {"knn_predict": CALLS_BOTH}, ["knn_predict"])
    assert [result.check for result in results if not result.passed] == []


def test_a_wrong_knn_predict_loses_points_whatever_it_calls() -> None:
    wrong = CALLS_BOTH.replace("largest=False", "largest=True")
    results = check_in_process("02_broadcasting", {"knn_predict": wrong}, ["knn_predict"])
    assert len([result for result in results if not result.passed]) > len(results) / 2
