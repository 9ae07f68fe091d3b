"""Trains on real digits, and measures what came of it."""

import torch

from grader.kit.training.accuracy import accuracy_of_logits, measurement, permuted_labels
from grader.notebook.datasets import digits, variations

from .judges import explained_errors

EPOCHS = 6


def digit_bench(images, labels, seed):
    """A new MLP with its optimizer, and a loader of the images."""

    class Bench:
        def __init__(self):
            nn = torch.nn
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                self.model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
            self.loss_fn = nn.CrossEntropyLoss()
            self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-2)
            generator = torch.Generator().manual_seed(seed)
            samples = torch.utils.data.TensorDataset(images, labels)
            self.loader = torch.utils.data.DataLoader(samples, batch_size=64, shuffle=True, generator=generator)

        def logits(self, images):
            with torch.no_grad():
                return self.model.eval()(images)

    return Bench()


def scaled(data):
    """Bytes of shape (N, 28, 28) as floats in [0, 1], (N, 1, 28, 28)."""
    return data[:, None].float() / 255


@measurement("digits_mlp")
def digits_accuracy(student, rng):
    """The accuracy of a 784-64-10 network after 6 epochs on the digits, with the classes renamed at random.

    It is measured on held-out digits, each turned and shifted a little; the student's side sees their images alone.
    """
    train, test = digits(), digits(train=False)
    labels = permuted_labels(torch.cat([train.targets, test.targets]), rng, 10)
    bench = student.define(digit_bench)(scaled(train.data), labels[: len(train)], rng.integer(0, 2**31))
    for _ in range(EPOCHS):
        with explained_errors():
            student.train_epoch(bench.model, bench.loader, bench.loss_fn, bench.optimizer)
    logits = bench.logits(variations(scaled(test.data), rng.generator, degrees=5, pixels=0.5))
    return accuracy_of_logits(logits, labels[len(train) :], 10, name="logits")
