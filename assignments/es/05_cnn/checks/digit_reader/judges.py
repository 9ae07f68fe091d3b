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
    assert_returns,
    assert_shape,
    assert_that,
    tr,
    verbatim,
)
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.observations import unobserved
from grader.kit.training.accuracy import accuracy_of_logits, assert_accuracy, measurement
from grader.kit.training.beside import pretending
from grader.kit.training.probes import ask, autograd_left_on

from .pictures import one_of_each, scan, test_digits

READER = """
def make_reader(weight, has_parameters=False):
    class Reader(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(weight) if has_parameters else weight
            self.notes = []

        def forward(self, image):
            self.notes.append((self.training, torch.is_grad_enabled(), image.detach().clone()))
            return image.flatten(1) @ self.weight.to(image.dtype)

    return Reader()
"""


def predicted(student, rng):
    """What `predict_digit` gives for a scan, what its model noted, and what `preprocess_digit` gives."""
    weight = rng.normal(784, 10, std=0.2)
    model = student.define(READER, "make_reader")(weight)
    model.label = "model"
    picture = scan(one_of_each(rng)[rng.integer(0, 10)], rng)
    with unobserved(), autograd_left_on(student, is_judged=False):
        answer = student.predict_digit(model, picture)
    assert_length(answer, 2)
    with unobserved():
        notes = model.notes
        prepared = ask(student, student.preprocess_digit, picture)
    assert_that(isinstance(notes, list) and len(notes) > 0, tr("The model was never called."))
    return answer, notes[-1], weight, prepared


def assert_predicts(student, rng):
    """The most probable class and all probabilities; of which type they are has a check of its own."""
    (label, probabilities), (_, _, image), weight, prepared = predicted(student, rng)
    assert_shape(image, (1, 1, 28, 28), name=tr("What the model gets"))
    assert_that(
        isinstance(prepared, torch.Tensor) and is_near(image, prepared),
        tr("What the model gets is not what preprocess_digit gives."),
    )
    logits = (image.flatten(1).float() @ weight)[0]
    assert_returns(probabilities, torch.Tensor, name="probs")
    assert_that(probabilities.numel() == 10, tr("probs does not hold ten numbers."))
    got, wanted = probabilities.flatten().float(), logits.softmax(0)
    known = [
        (torch.ones(10), tr("Every probability is 1.")),
        (logits, tr("probs holds the model's logits.")),
        (logits.log_softmax(0), tr("probs holds logarithms of probabilities.")),
        (wanted.softmax(0), tr("probs is the softmax of a softmax.")),
    ]
    assert_that(
        is_near(got, wanted),
        next((text for wrong, text in known if is_near(got, wrong)), tr("probs is not the softmax of the logits.")),
        expected=verbatim(numbers(wanted)),
        actual=verbatim(numbers(got)),
    )
    number = label.item() if isinstance(label, torch.Tensor) and label.numel() == 1 else label
    assert_that(
        number == int(logits.argmax()),
        tr("label is not the class with the highest probability."),
        expected=verbatim(str(int(logits.argmax()))),
        actual=verbatim(str(number)[:20]),
    )


def is_near(got, wanted):
    return got.shape == wanted.shape and torch.allclose(got.float(), wanted.float(), rtol=1e-3, atol=1e-5)


def numbers(values):
    return ", ".join(f"{value:.3g}" for value in values.tolist()[:4]) + " …"


def assert_types_of_prediction(student, rng):
    (label, probabilities), *_ = predicted(student, rng)
    assert_shape(probabilities, (10,), name="probs")
    assert_python_number(label, int, name="label")


def assert_only_looks(student, rng):
    """In eval mode, without autograd, and autograd is on afterwards."""
    model = student.define(READER, "make_reader")(rng.normal(784, 10, std=0.2))
    model.label = "model"
    picture = scan(one_of_each(rng)[rng.integer(0, 10)], rng)
    with unobserved(), autograd_left_on(student):
        student.predict_digit(model, picture)
    assert_inputs_unchanged(student)
    with unobserved():
        notes = model.notes
    assert_that(isinstance(notes, list) and len(notes) > 0, tr("The model was never called."))
    training, grad, _ = notes[-1]
    assert_that(training is False, tr("The model is in train mode while it predicts."))
    assert_that(grad is False, tr("Autograd is on while the model predicts."))


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
        with unobserved():
            device = there(student.predict_digit, model, picture)
    except StudentError as error:
        if "same device" in error.message:
            raise CheckFailure(tr("On a GPU your code would fail: it mixes two devices.")) from error
        if "CUDA" in error.message or "NVIDIA" in error.message:
            return  # this code needs the GPU itself
        raise
    assert_equal(device, "cpu", name=tr("The device of probs"))


def assert_confusion(student, predicted, actual, classes):
    expected = torch.zeros(classes, classes, dtype=torch.int64)
    for guess, truth in zip(predicted.tolist(), actual.tolist(), strict=True):
        expected[truth, guess] += 1
    got = student.confusion_matrix(predicted, actual, classes)
    assert_close(got, expected)
    assert_inputs_unchanged(student)


def assert_type_of_confusion(student, predicted, actual, classes):
    got = student.confusion_matrix(predicted, actual, classes)
    assert_shape(got, (classes, classes))
    assert_dtype(got, torch.int64)


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


OUR_LOOP = """
def our_loop(model, loader, epochs, lr):
    steps = torch.optim.Adam(model.parameters(), lr=lr)
    for images, labels in (batch for _ in range(epochs) for batch in loader):
        model.train().zero_grad()
        torch.nn.functional.cross_entropy(model(images), labels).backward()
        steps.step()
"""

LEARNING_RATE = 2e-3


@measurement("digits_cnn")
def train_digits_cnn(student, rng, epochs=5, *, by_fit=True):
    """The student's `SmallCNN`, trained on 1,000 digits under renamed labels by the student's `fit`, or by our loop.

    Where `fit` raises, the loop is ours as well: an error in another exercise is not counted again.
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
        seed = rng.integer(0, 2**31)
        model = new_network(student)
        if by_fit:
            try:
                student.fit(model, *loaders, epochs=epochs, lr=LEARNING_RATE, seed=seed)
            except StudentError:
                by_fit, model = False, new_network(student)
        if not by_fit:
            student.define(OUR_LOOP, "our_loop")(model, loaders[0], epochs, LEARNING_RATE)
        logits = student.define(PREDICT, "predict")(model, unseen)
    return accuracy_of_logits(logits, renaming[labels], 10, name="model(images)")


def new_network(student):
    """A `SmallCNN`, as it comes."""
    model = student.SmallCNN()
    assert_that(isinstance(model, Remote), tr("SmallCNN(…) makes no object: is it a class derived from nn.Module?"))
    return model


def assert_trained_network(student, rng):
    """A network that is accurate enough to read with, whoever trains it."""
    ours = tr("The second time your SmallCNN was trained by a loop of ours: what keeps it from learning is in there.")
    with unobserved():
        assert_accuracy(student, rng, train_digits_cnn, hint=ours, epochs=SECOND_ATTEMPT, by_fit=False)
