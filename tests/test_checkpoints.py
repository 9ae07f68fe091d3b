"""Submitted weights: right files are scored on labels that stay here, all others are refused with a message."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook
from safetensors.torch import save as save_safetensors
from torch import nn

from grader.checking.results import Verdict
from grader.course import Checks
from grader.grading.core import grade_notebook
from grader.grading.policy import Policy
from grader.kit.connections import Loopback
from grader.kit.failures import CheckFailure
from grader.kit.messages import speaking
from grader.kit.student import Student
from grader.kit.training.checkpoints import MAX_BYTES, load_checkpoint, read_checkpoint
from grader.sandbox.zygote import Zygote
from grader.wire.answering import NamespaceServer

WEIGHTS = {"weight": torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), "bias": torch.tensor([0.5, 1.5, 2.5])}


class Net(nn.Linear):
    def __init__(self) -> None:
        super().__init__(2, 3)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Messages in English, whatever ran before."""
    with speaking("en"):
        yield


@pytest.fixture
def student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Student:
    """A notebook in an empty folder, with a network of six weights and three biases."""
    monkeypatch.chdir(tmp_path)
    return Student(Loopback(NamespaceServer({"Net": Net})))


def saved(value: Any, **how: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, **how)
    return buffer.getvalue()


def problem(student: Student, content: bytes) -> str:
    """The English message that a file's reader is given."""
    Path("best.pt").write_bytes(content)
    with pytest.raises(CheckFailure) as failure:
        load_checkpoint(student, student.Net(), read_checkpoint(student, "best.pt"))
    diagnosis = failure.value.diagnosis
    assert diagnosis.hint is not None or diagnosis.expected is not None
    return f"{diagnosis.problem} {diagnosis.actual or ''}"


# ------------------------------------------------------------------------------------------------ right files


@pytest.mark.parametrize(
    "content",
    [
        save_safetensors(WEIGHTS),
        saved(WEIGHTS),
        saved(WEIGHTS, _use_new_zipfile_serialization=False),
        saved(nn.Linear(2, 3).requires_grad_().state_dict() | WEIGHTS),
    ],
    ids=["safetensors", "torch", "torch_before_1_6", "state_dict"],
)
def test_weights_come_from_the_file_into_the_students_model(student: Student, content: bytes) -> None:
    Path("best.pt").write_bytes(content)
    model = load_checkpoint(student, student.Net(), read_checkpoint(student, "best.pt"))
    x = torch.tensor([[1.0, 10.0]])
    assert model(x).tolist() == [[21.5, 44.5, 67.5]]


def test_buffers_that_count_are_weights_too(student: Student) -> None:
    state = nn.BatchNorm2d(3).state_dict()
    Path("best.pt").write_bytes(save_safetensors(state))
    assert read_checkpoint(student, "best.pt").keys() == state.keys()


# ------------------------------------------------------------------------------------------------ wrong files


class Bomb:
    """Unpickling it leaves a file behind."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return os.mkdir, ("executed",)


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(Bomb()),
        pickle.dumps({"weight": Bomb()}, protocol=2),
        saved({"weight": Bomb()}),
        saved(Bomb(), _use_new_zipfile_serialization=False),
        saved(Net()),
    ],
    ids=["pickle", "pickle_of_a_dict", "torch", "torch_before_1_6", "whole_model"],
)
def test_nothing_in_the_file_is_executed(student: Student, content: bytes) -> None:
    assert "cannot be read as the weights" in problem(student, content)
    assert not Path("executed").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"PK\x03\x04" + bytes(100),
        saved(WEIGHTS)[:-40],
        saved(WEIGHTS)[:100],
        save_safetensors(WEIGHTS)[:-4],
        save_safetensors(WEIGHTS)[:20],
        (2**62).to_bytes(8, "little") + b"{}",
        b"\x02" + bytes(7) + b"{}" + bytes(8),
        saved([torch.ones(3)]),
        saved(WEIGHTS | {"epoch": 3}),
        saved({"model": WEIGHTS, "epoch": 3}),
        saved({7: torch.ones(3)}),
        saved(WEIGHTS | {"bias": torch.ones(3, dtype=torch.complex64)}),
        saved(WEIGHTS | {"bias": torch.ones(3).to_sparse()}),
        saved({f"w{i}": torch.ones(1) for i in range(1001)}),
        saved(WEIGHTS | {"bias": torch.ones(1).expand(10**10)}),
    ],
    ids=[
        *("empty", "text", "empty_archive", "archive_cut_short", "archive_cut_at_the_start"),
        *("safetensors_cut_short", "safetensors_header_cut_short", "endless_header", "bytes_of_no_tensor"),
        *("list", "number", "nested", "numbered", "complex", "sparse", "thousands", "expanded"),
    ],
)
def test_what_is_no_set_of_weights_is_refused(student: Student, content: bytes) -> None:
    assert "cannot be read as the weights" in problem(student, content)


def test_an_archive_that_unpacks_to_more_than_it_is_stays_closed(student: Student) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
        archive.writestr("archive/data/0", bytes(100 * 2**20))
    assert "100.0 MB" in problem(student, buffer.getvalue())


def test_a_file_that_is_too_large_is_not_read(student: Student) -> None:
    assert "too large" in problem(student, bytes(MAX_BYTES + 1))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_must_be_finite(student: Student, value: float) -> None:
    assert "infinite or NaN: bias" in problem(student, saved(WEIGHTS | {"bias": torch.tensor([0.0, value, 0.0])}))


def test_weights_of_another_network_are_told_by_name_and_by_shape(student: Student) -> None:
    assert "their names differ" in problem(student, saved({"weight": WEIGHTS["weight"]}))
    assert "their names differ" in problem(student, saved(WEIGHTS | {"extra": torch.ones(1)}))
    assert "`weight` has another shape" in problem(student, saved(WEIGHTS | {"weight": torch.ones(2, 3)}))


def test_links_and_paths_that_lead_out_of_the_folder_are_no_files(student: Student, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "best.pt").write_bytes(saved(WEIGHTS))
    (tmp_path / "best.pt").symlink_to(tmp_path / "real" / "best.pt")
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    for name in ("best.pt", "linked/best.pt", "../other.pt", "/etc/hostname", "real", "missing.pt"):
        with pytest.raises(CheckFailure) as failure:
            read_checkpoint(student, name)
        assert "There is no" in str(failure.value)


# --------------------------------------------------------------------------------------------------- in grading

CHECKS = '''
import torch
from grader.kit import assert_that, exercise, load_checkpoint, read_checkpoint, tr

@exercise("reader")
def test_the_network_reads_what_it_never_saw(student, rng):
    """The weights in best.pt make the network right nine times in ten."""
    x = rng.normal(200, 2)
    labels = (x @ torch.tensor([[1.0], [-1.0]]) > 0).long().flatten()
    model = load_checkpoint(student, student.Net(), read_checkpoint(student, "best.pt"))
    share = (model(x).argmax(1) == labels).double().mean().item()
    assert_that(share >= 0.9, tr("Your network reads too few rightly."), actual=f"{share:.0%}")
'''

NET = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x):
        return self.layer(x)
"""

GOOD = {"layer.weight": torch.tensor([[-1.0, 1.0], [1.0, -1.0]]), "layer.bias": torch.zeros(2)}


@pytest.fixture
def graded(zygote: Zygote, tmp_path: Path) -> Callable[..., tuple[Verdict, str]]:
    """Grades a notebook with a file beside it, out of process; the verdict and what the student reads."""
    (tmp_path / "hidden.py").write_text(CHECKS)
    policy = Policy("en", Checks.in_folder(tmp_path), seed=1)
    nbgrader = {"grade_id": "reader", "grade": True, "points": 1, "solution": False, "locked": True}

    def grade(content: bytes, *cells: str) -> tuple[Verdict, str]:
        checked = new_code_cell('check("reader")', metadata={"nbgrader": nbgrader})
        notebook = new_notebook(cells=[*map(new_code_cell, [NET, *cells]), checked])
        written = nbformat.writes(notebook).encode()
        result = grade_notebook(written, policy, files={"best.pt": content}, zygote=zygote).exercises[0].checks[0]
        return result.verdict, str(result.diagnosis.problem) if result.diagnosis else ""

    return grade


@pytest.mark.slow
def test_submitted_weights_are_scored_and_no_others(graded: Callable[..., tuple[Verdict, str]]) -> None:
    bad = {name: -tensor for name, tensor in GOOD.items()}
    overwrites = 'open("best.pt", "wb").write(b"")'
    assert graded(save_safetensors(GOOD)) == (Verdict.PASSED, "")
    assert graded(saved(GOOD), overwrites) == (Verdict.PASSED, "")
    assert graded(saved(bad)) == (Verdict.FAILED, "Your network reads too few rightly.")


@pytest.mark.slow
def test_a_hostile_file_costs_its_exercise_and_nothing_else(graded: Callable[..., tuple[Verdict, str]]) -> None:
    unsafe = "import pickle, io; torch.load = lambda file, **_: pickle.load(file)"
    refused = "`best.pt` cannot be read as the weights of a network."
    assert graded(pickle.dumps(Bomb())) == (Verdict.FAILED, refused)
    assert graded(pickle.dumps(Bomb()), unsafe) == (Verdict.FAILED, refused)
    assert not Path("executed").exists()


@pytest.mark.slow
@pytest.mark.parametrize(("sign", "verdict"), [(None, None), (0.0, Verdict.FAILED)], ids=["none", "untrained"])
def test_the_cnn_that_is_handed_in_costs_no_points(zygote: Zygote, sign: float | None, verdict: Verdict | None) -> None:
    from grader.devkit.answers import exercises, policy_of, solution

    notebook = solution("05_cnn")
    files = {}
    if sign is not None:
        scope: dict[str, Any] = {}
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") in ("setup", "small_cnn_answer"):
                exec(cell.source, scope)
        state = {name: sign * tensor for name, tensor in scope["SmallCNN"]().state_dict().items()}
        files["checkpoints/my_cnn.pt"] = saved(state)
    last = exercises("05_cnn")[-1]
    keep = ("setup", "small_cnn_answer", "fit_answer", "early_stopping_answer", f"{last}_answer", last)
    notebook.cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") in keep]
    policy = policy_of("05_cnn")
    graded = grade_notebook(nbformat.writes(notebook).encode(), policy, files=files, zygote=zygote).exercises[0]
    found = [check.verdict for check in graded.checks if check.check == "test_submitted_network"]
    assert found == ([] if verdict is None else [verdict])
    assert graded.score == graded.points
