"""The training probes: what they accept, and what each of them sees."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from grader.kit.connections import Loopback
from grader.kit.failures import CheckFailure
from grader.kit.messages import verbatim
from grader.kit.randomness import Rng
from grader.kit.student import Student
from grader.kit.training import averages, hints, histories, probes
from grader.kit.training.beside import pretending
from grader.kit.training.lab import Lab
from grader.kit.training.lessons import BATCH_SIZE, LR, SAMPLES, VAL, Lesson, replay, scripted_lesson
from grader.wire.answering import NamespaceServer

EPOCHS = 3


def train(model: Any, train_loader: Any, val_loader: Any, device: str = "cpu", epochs: int = EPOCHS) -> dict[str, Any]:
    """A right training loop, without restoring the best weights."""
    model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    history: dict[str, Any] = {"train_loss": [], "val_loss": [], "val_acc": [], "best_epoch": 0}
    for _ in range(epochs):
        model.train()
        losses = []
        for images, labels in train_loader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            losses += [loss.item()] * len(labels)
        history["train_loss"].append(sum(losses) / len(losses))
        model.eval()
        logits, truth = [], []
        with torch.no_grad():
            for images, labels in val_loader:
                logits.append(model(images.to(device)))
                truth.append(labels.to(device))
        scores, labels = torch.cat(logits), torch.cat(truth)
        history["val_loss"].append(F.cross_entropy(scores, labels).item())
        history["val_acc"].append((scores.argmax(1) == labels).float().mean().item())
    return history


def trained(function: Callable[..., Any], lesson: Lesson | None = None, **options: Any) -> tuple[Lab, Any]:
    """A lab after `function` trained in it, and what that returned."""
    student = Student(Loopback(NamespaceServer({"fit": function})))
    lab = Lab(student, lesson or Lesson.draw(Rng(0)))
    return lab, student.fit(lab.model, lab.train_loader, lab.val_loader, **options)


def problem_of(assertion: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """The hint with which an assertion fails, in English."""
    with pytest.raises(CheckFailure) as caught:
        assertion(*args, **kwargs)
    diagnosis = caught.value.diagnosis
    return (diagnosis.hint or diagnosis.problem).render("en")


@pytest.mark.parametrize("seed", range(5))
def test_a_right_loop_passes_every_probe(seed: int) -> None:
    lab, history = trained(train, Lesson.draw(Rng(seed)))
    histories.assert_history(history, EPOCHS)
    probes.assert_trained(lab, EPOCHS)
    probes.assert_train_mode(lab)
    probes.assert_eval_mode(lab)
    probes.assert_no_grad(lab)
    probes.assert_validation_keeps_weights(lab, until_now=True)
    probes.assert_every_sample(lab)
    probes.assert_only_training_data(lab)
    probes.assert_follows_adam(lab, EPOCHS)
    for role in ("train", "val"):
        averages.assert_losses(history[f"{role}_loss"], lab, role, name=role)
    averages.assert_accuracies(history["val_acc"], lab, "val", name="val_acc")


def test_the_lab_notes_mode_grad_mode_samples_and_weights() -> None:
    lab, _ = trained(train)
    first, *_, last = lab.passes()
    assert (first.role, last.role) == ("train", "val")
    assert [forward.samples for forward in first.forwards] == [(0, 1, 2, 3), (4, 5, 6, 7), (8, 9)]
    assert [forward.samples[0] for forward in last.forwards] == [VAL, VAL + 4, VAL + 8]
    assert all(forward.training and forward.grad for forward in first.forwards)
    assert not any(forward.training or forward.grad for forward in last.forwards)
    assert torch.equal(last.weights, lab.weights)


def test_a_function_that_does_nothing_never_trained() -> None:
    lab, _ = trained(lambda *args: None)
    for probe in (
        probes.assert_train_mode,
        probes.assert_eval_mode,
        probes.assert_no_grad,
        probes.assert_validation_keeps_weights,
        probes.assert_every_sample,
        probes.assert_only_training_data,
        probes.assert_shuffled_anew,
    ):
        with pytest.raises(CheckFailure):
            probe(lab)
    with pytest.raises(CheckFailure):
        probes.assert_follows_adam(lab, EPOCHS)


@pytest.mark.parametrize("seed", range(6))
def test_a_script_decides_which_epoch_is_the_best(seed: int) -> None:
    script = "bwbwwww"
    lesson = scripted_lesson(Rng(seed), script, norm=seed % 2 == 0)
    losses = [
        lesson.measure(weights, range(VAL, VAL + SAMPLES))[0].mean().item()
        for weights in replay(lesson, len(script) + 1)
    ]
    best = losses[0]
    for mark, loss in zip(script, losses[1:], strict=True):
        assert (loss < best) is (mark == "b")
        best = min(best, loss)
    assert min(losses) > 1


def test_the_last_weights_are_not_the_best_ones() -> None:
    lab, _ = trained(train, scripted_lesson(Rng(1), "bwbwwww"), epochs=8)
    assert histories.best_epoch(lab) == 3
    passes = lab.passes("val")
    histories.assert_best_weights(passes[3].weights, lab, name=verbatim("model"))
    hint = problem_of(histories.assert_best_weights, passes[-1].weights, lab, name=verbatim("model"))
    assert hint == hints.LAST_KEPT.render("en")


def test_weights_with_the_last_buffers_are_told_apart() -> None:
    lab, _ = trained(train, scripted_lesson(Rng(2), "bwbwwww", norm=True), epochs=8)
    best, last = lab.passes("val")[3].weights, lab.weights
    mixed = histories._with_parameters(lab.lesson, last, best)
    hint = problem_of(histories.assert_best_weights, mixed, lab, name=verbatim("model"))
    assert hint == hints.PARAMETERS_ONLY.render("en")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda losses, sizes: sum(losses) / len(losses), averages.WEIGHTED),
        (lambda losses, sizes: losses[-1], averages.LAST_ONLY),
        (lambda losses, sizes: sum(losses), averages.SUMMED),
        (
            lambda losses, sizes: sum(a * b for a, b in zip(losses, sizes, strict=True)) / (3 * BATCH_SIZE),
            averages.DIVIDED_BY_FULL,
        ),
    ],
)
def test_a_wrong_mean_gets_its_hint(wrong: Callable[..., float], hint: Any) -> None:
    lab, _ = trained(train)
    values = []
    for item in lab.passes("train"):
        losses = [lab.lesson.measure(forward.weights, forward.samples)[0].mean().item() for forward in item.forwards]
        values.append(float(wrong(losses, [len(forward.samples) for forward in item.forwards])))
    assert problem_of(averages.assert_losses, values, lab, "train", name="loss") == hint.render("en")


@pytest.mark.parametrize(
    ("history", "hint"),
    [
        ({"train_loss": [torch.tensor(1.0)]}, "item()"),
        ({"train_loss": [float("nan")]}, "NaN"),
        ({"train_loss": (1.0,)}, "wrong type"),
        ({"best_epoch": 0.0}, "wrong type"),
        ({"val_acc": []}, "number of items"),
    ],
)
def test_a_history_of_other_things_fails(history: dict[str, Any], hint: str) -> None:
    right = {"train_loss": [1.0], "val_loss": [1.0], "val_acc": [0.5], "best_epoch": 0}
    histories.assert_history(copy.deepcopy(right), 1)
    assert hint in problem_of(histories.assert_history, right | history, 1)


def test_a_loop_that_moves_everything_trains_on_the_pretended_gpu() -> None:
    student = Student(Loopback(NamespaceServer({"fit": train})))
    lab = Lab(student, Lesson.draw(Rng(3)))
    history = probes.assert_trains_on_device(student, student.fit, lab.model, lab.train_loader, lab.val_loader, lab=lab)
    histories.assert_history(history, EPOCHS)
    assert lab.devices == ["cuda:0"]


def test_the_pretended_gpu_computes_what_the_cpu_does() -> None:
    model, other = nn.Linear(3, 2), nn.Linear(3, 2)
    other.load_state_dict(model.state_dict())
    x = torch.arange(12.0).reshape(4, 3)

    def step(network: nn.Module, device: str) -> float:
        network.to(device)
        optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
        loss = network(x.to(device)).square().mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    assert pretending(step)(model, "cuda") == step(other, "cpu")
    assert torch.equal(model.weight, other.weight)


def on_gpu(function: Callable[[torch.Tensor], Any]) -> Any:
    return pretending(lambda x: function(x.to("cuda")))(torch.ones(3))


@pytest.mark.parametrize(
    "mixes",
    [
        lambda x: x + torch.ones(3),
        lambda x: torch.cat([x, torch.zeros(1)]),
        lambda x: F.mse_loss(x, torch.zeros(3)),
        lambda x: x.cpu() + x,
        lambda x: torch.zeros(3, device="cuda") + torch.zeros(3),
    ],
)
def test_mixed_devices_raise_what_pytorch_raises(mixes: Callable[[torch.Tensor], Any]) -> None:
    with pytest.raises(RuntimeError, match="same device"):
        on_gpu(mixes)


@pytest.mark.parametrize(
    "agrees",
    [
        lambda x: x + 1,
        lambda x: x + torch.tensor(1.0),
        lambda x: x + torch.ones(3, device=x.device),
        lambda x: x + torch.zeros_like(x),
        lambda x: x.cpu() + torch.ones(3),
        lambda x: x.cpu().numpy(),
        lambda x: x[torch.tensor([0, 2])],
        lambda x: x.sum().item(),
        lambda x: (x.is_cuda and x.device == torch.device("cuda:0")) or 1 / 0,
        lambda x: torch.zeros(3).copy_(x),
        lambda x: copy.deepcopy(x) + x,
    ],
)
def test_what_a_gpu_allows_is_allowed(agrees: Callable[[torch.Tensor], Any]) -> None:
    on_gpu(agrees)


def test_no_numpy_from_the_gpu() -> None:
    with pytest.raises(TypeError, match="numpy"):
        on_gpu(lambda x: x.numpy())


def leaves_model(model: Any, train_loader: Any, val_loader: Any, device: str = "cpu") -> dict[str, Any]:
    return train(model, train_loader, val_loader, "cpu")


def leaves_labels(model: Any, train_loader: Any, val_loader: Any, device: str = "cpu") -> None:
    model.to(device)
    for images, labels in train_loader:
        F.cross_entropy(model(images.to(device)), labels).backward()


@pytest.mark.parametrize(
    ("function", "hint"), [(leaves_model, probes.DEVICE_IGNORED), (leaves_labels, probes.DEVICE_MIXED)]
)
def test_what_does_not_move_is_seen(function: Callable[..., Any], hint: Any) -> None:
    student = Student(Loopback(NamespaceServer({"fit": function})))
    lab = Lab(student, Lesson.draw(Rng(4)))
    found = problem_of(
        probes.assert_trains_on_device, student, student.fit, lab.model, lab.train_loader, lab.val_loader, lab=lab
    )
    assert found == hint.render("en")
