"""What decides `digit_reader`, and what it says."""

import torch

from grader import datasets
from grader.kit import (
    Remote,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_inputs_unchanged,
    assert_length,
    assert_python_number,
    assert_shape,
    assert_that,
    tr,
)
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.training.accuracy import accuracy_of_logits, assert_accuracy, measurement
from grader.kit.training.beside import pretending
from grader.kit.training.hints import EVAL_MODE, NO_GRAD
from grader.kit.training.probes import ask, autograd_left_on

from .pictures import one_of_each, scan, test_digits

SOFTMAX_TWICE = tr("Those are probabilities of probabilities: one softmax is enough.")
UNPREPARED = tr("predict_digit gives the model what preprocess_digit makes of the picture.")
MODEL_DEVICE = tr("Move the picture to the device of the model's parameters before the model gets it.")
SOFTMAX_AXIS = tr("Every probability is 1: the softmax goes over the classes, dimension 1, not over the batch.")
NOT_PROBABILITIES = tr("Those are logits or their logarithms: softmax turns logits into probabilities.")
LABEL_TENSOR = tr("The label is a Python int: probs.argmax().item().")
MATRIX_TRANSPOSED = tr("Rows and columns are swapped: a row is a true class, a column a prediction.")
MATRIX_SHARES = tr("Counts were asked, not shares.")
READER = """
def make_reader(weight, has_parameters=False):
    class Reader(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(weight) if has_parameters else weight
            self.dropout = torch.nn.Dropout(0.5)
            self.notes = []

        def forward(self, image):
            self.notes.append((self.training, torch.is_grad_enabled(), image.detach().clone()))
            return self.dropout(image.flatten(1)) @ self.weight.to(image.dtype)

    return Reader()
"""


def assert_predicts(student, rng, *, judges_effects=True):
    """`predict_digit` in eval mode, without autograd, gives the most probable class and all probabilities."""
    weight = rng.normal(784, 10, std=0.2)
    model = student.define(READER, "make_reader")(weight)
    model.label = "model"
    picture = scan(one_of_each(rng)[rng.integer(0, 10)], rng)
    with autograd_left_on(student, is_judged=judges_effects):
        answer = student.predict_digit(model, picture)
    if judges_effects:
        assert_inputs_unchanged(student)
    assert_length(answer, 2)
    label, probabilities = answer
    notes = model.notes
    assert_that(isinstance(notes, list) and len(notes) > 0, tr("The model was never called."))
    training, grad, image = notes[-1]
    assert_shape(image, (1, 1, 28, 28), name=tr("What the model gets"))
    prepared = ask(student, student.preprocess_digit, picture)
    assert_close(image, prepared, name=tr("What the model gets"), hint=UNPREPARED)
    logits = (image.flatten(1).float() @ weight)[0]
    assert_close(
        probabilities,
        logits.softmax(0),
        name="probs",
        mistakes=[
            (torch.ones(10), SOFTMAX_AXIS),
            (torch.ones(1, 10), SOFTMAX_AXIS),
            (logits, NOT_PROBABILITIES),
            (logits.log_softmax(0), NOT_PROBABILITIES),
            (logits.softmax(0).softmax(0), SOFTMAX_TWICE),
            (logits[None].softmax(1), tr("One vector of ten was asked: take row 0 of the batch of one.")),
        ],
        hint=EVAL_MODE if training is not False else None,
    )
    assert_python_number(label, int, name="label", hint=LABEL_TENSOR if isinstance(label, torch.Tensor) else None)
    assert_equal(label, int(logits.argmax()), name="label", hint=tr("It is the class with the highest probability."))
    assert_that(training is False, tr("The model is in train mode while it predicts."), hint=EVAL_MODE)
    assert_that(grad is False, tr("Autograd is on while the model predicts."), hint=NO_GRAD)


ON_A_GPU = """
def on_a_gpu(predict, model, picture):
    label, probs = predict(model.to("cuda"), picture)
    return str(probs.device)
"""


def assert_predicts_on_a_gpu(student, rng):
    """The picture follows the model's parameters to their device, and the probabilities come back to the CPU."""
    model = student.define(READER, "make_reader")(rng.normal(784, 10, std=0.2), True)
    picture = scan(one_of_each(rng)[rng.integer(0, 10)], rng)
    there = student.define(pretending)(student.define(ON_A_GPU, "on_a_gpu"))
    there.label = "predict_digit"
    try:
        device = there(student.predict_digit, model, picture)
    except StudentError as error:
        if "same device" in error.message:
            raise CheckFailure(tr("On a GPU your code would fail: it mixes two devices."), hint=MODEL_DEVICE) from error
        if "CUDA" in error.message or "NVIDIA" in error.message:
            return  # this code needs the GPU itself
        raise
    assert_equal(device, "cpu", name=tr("The device of probs"), hint=tr("Bring them back with .cpu()."))


def assert_confusion(student, predicted, actual, classes):
    expected = torch.zeros(classes, classes, dtype=torch.int64)
    for guess, truth in zip(predicted.tolist(), actual.tolist(), strict=True):
        expected[truth, guess] += 1
    shares = expected / expected.sum(1, keepdim=True).clamp(min=1)
    got = student.confusion_matrix(predicted, actual, classes)
    mistakes = [(expected.T, MATRIX_TRANSPOSED)]
    if len(actual) > 0:
        mistakes.append((shares, MATRIX_SHARES))
        overwritten = expected.clamp(max=1)
        counted_once = tr(
            "Each pair counts at most once: m[rows, columns] += 1 drops repetitions, index_put_ does not."
        )
        mistakes.append((overwritten, counted_once))
    assert_close(got, expected, mistakes=mistakes)
    assert_dtype(got, torch.int64)
    assert_inputs_unchanged(student)


TRAIN_OURS = """
def make_loaders(images, labels, size):
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(images, labels)
    cut = len(data) - size
    train, val = torch.utils.data.Subset(data, range(cut)), torch.utils.data.Subset(data, range(cut, len(data)))
    return DataLoader(train, batch_size=32, shuffle=True), DataLoader(val, batch_size=100)
"""

PREDICT = """
def predict(model, images):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(part) for part in images.split(200)])
"""

TRAINING_SECONDS = 90.0
"""For one training: 20 times what the reference needs."""

SECOND_ATTEMPT = 20
"""Epochs of a second attempt: a narrow network needs 15 for what the reference learns in 5."""


@measurement("digits_cnn")
def train_digits_cnn(student, rng, epochs=5):
    """The student's `SmallCNN`, trained by the student's `fit` on 1,000 digits under renamed labels.

    Only images go over to be predicted: turned and shifted copies of digits that it never saw.
    """
    train = datasets.digits(train=True)
    chosen = rng.permutation(len(train))[:1100]
    renaming = rng.permutation(10)
    images = train.data[chosen].unsqueeze(1).float() / 255
    held_out, labels = test_digits()
    unseen = datasets.variations(held_out.unsqueeze(1).float() / 255, rng.generator)
    with student.time_limit(TRAINING_SECONDS):
        loaders = student.define(TRAIN_OURS, "make_loaders")(images, renaming[train.targets[chosen]], 100)
        assert_length(loaders, 2)
        model = student.SmallCNN()
        assert_that(isinstance(model, Remote), tr("SmallCNN(…) makes no object: is it a class derived from nn.Module?"))
        student.fit(model, *loaders, epochs=epochs, lr=2e-3, seed=rng.integer(0, 2**31))
        logits = student.define(PREDICT, "predict")(model, unseen)
    return accuracy_of_logits(logits, renaming[labels], 10, name="model(images)")


def assert_trained_network(student, rng):
    """The whole reader: predictions as asked, then a network that is accurate enough to make them."""
    assert_predicts(student, rng, judges_effects=False)
    others = tr("Look at the other exercises first: this one needs SmallCNN and fit.")
    assert_accuracy(student, rng, train_digits_cnn, hint=others, epochs=SECOND_ATTEMPT)
