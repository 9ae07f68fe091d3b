"""What decides `plot_history`, and what it says."""

import torch

from grader.kit import Remote, assert_returns, assert_that, tr, trn, verbatim
from grader.kit.failures import CheckFailure
from grader.kit.observations import unobserved
from grader.kit.training.probes import ask

READ_FIGURE = """
def read_figure(figure):
    from matplotlib.figure import Figure
    import matplotlib.pyplot as plt

    is_figure = isinstance(figure, Figure)
    if isinstance(figure, plt.Axes):
        figure = figure.figure
    if not isinstance(figure, Figure):
        return None
    def numbers(values):
        return torch.as_tensor(np.asarray(values, dtype=float))
    def named(legend):
        pairs = zip(legend.get_texts(), legend.legend_handles) if legend else []
        return [(text.get_text(), str(handle.get_color())) for text, handle in pairs if hasattr(handle, "get_color")]
    found = [
        {
            "xlabel": axes.get_xlabel(),
            "ylabel": axes.get_ylabel(),
            "lines": [(numbers(line.get_xdata()), numbers(line.get_ydata())) for line in axes.get_lines()],
            "colors": [str(line.get_color()) for line in axes.get_lines()],
            "legend": [text.get_text() for text in (axes.get_legend().get_texts() if axes.get_legend() else [])],
            "named": named(axes.get_legend()),
        }
        for axes in figure.axes
    ]
    for legend in figure.legends:
        found[0]["legend"] += [text.get_text() for text in legend.get_texts()]
    plt.close(figure)
    return is_figure, found
"""


TWO_FIGURES = """
def two_figures(plot_history, *histories):
    import copy
    import matplotlib.pyplot as plt

    before = copy.deepcopy(histories)
    figures = [plot_history(history) for history in histories]
    plt.close("all")
    return figures[0] is not figures[1], histories == before
"""


LOSSES = ("train_loss", "val_loss")


def random_history(rng, epochs):
    """What `fit` might return."""
    return {
        "train_loss": (0.2 + rng.uniform(epochs, dtype=torch.float64)).tolist(),
        "val_loss": (0.4 + rng.uniform(epochs, dtype=torch.float64)).tolist(),
        "val_acc": rng.uniform(epochs, dtype=torch.float64).tolist(),
        "best_epoch": epochs // 2,
    }


def drawn(student, rng, epochs, *, must_be_figure=False):
    """A history of `epochs` epochs, and what the student's figure of it shows: one dict for each of its axes.

    Who returns the axes drew the same, unless it `must_be_figure`.
    """
    history = random_history(rng, epochs)
    figure = student.plot_history(history)
    read = None
    if isinstance(figure, Remote):
        with unobserved():  # whatever else somebody draws
            read = ask(student, student.define(READ_FIGURE, "read_figure"), figure)
    if not isinstance(read, tuple):
        raise no_figure(figure)
    is_figure, found = read
    assert_that(len(found) > 0, tr("The figure has no axes."))
    if must_be_figure and is_figure is not True:
        raise no_figure(figure)
    return history, found


def no_figure(figure):
    kind = getattr(figure, "type_name", "") or type(figure).__name__
    return CheckFailure(tr("The result is no matplotlib figure."), expected=verbatim("Figure"), actual=verbatim(kind))


def lines_of(history, found, key, *, across=False):
    """The axes and horizontal positions of the lines that show `key`; the vertical ones if `across`."""
    values = torch.tensor(history[key], dtype=torch.float64)
    pairs = [(item, (y, x) if across else (x, y)) for item in found for x, y in item["lines"]]
    return [(item, x) for item, (x, y) in pairs if y.shape == values.shape and torch.allclose(y, values)]


def assert_drawn(student, rng, epochs):
    drawn(student, rng, epochs)


def assert_figure(student, rng, epochs):
    drawn(student, rng, epochs, must_be_figure=True)


def assert_lines(student, rng, epochs):
    """Both losses are drawn against the epochs."""
    history, found = drawn(student, rng, epochs)
    for key in LOSSES:
        name = f"history['{key}']"
        lines = lines_of(history, found, key)
        if not lines:
            raise CheckFailure(what_is_drawn(history, found, key, name))
        steps = torch.arange(epochs, dtype=torch.float64)
        x = lines[0][1]
        assert_that(
            torch.equal(x, steps) or torch.equal(x, steps + 1),
            tr("A line's horizontal positions are not the epochs, 0, 1, 2… or 1, 2, 3…"),
            actual=verbatim(", ".join(f"{value:g}" for value in x.tolist()[:5])),
        )


def what_is_drawn(history, found, key, name):
    """What there is in the place of a loss that no line shows."""
    other = lines_of(history, found, LOSSES[1 - LOSSES.index(key)])
    accuracy = [item for item, _ in lines_of(history, found, "val_acc")]
    if lines_of(history, found, key, across=True):
        return tr("{name} runs along the horizontal axis.", name=name)
    if len(other) > 1:
        return tr("One loss is drawn twice, and {name} is not.", name=name)
    if any(item is there for item, _ in other for there in accuracy):
        return tr("The accuracy is drawn beside one loss, and {name} is not.", name=name)
    return tr("No line shows {name} against the epochs.", name=name)


def axes_with_losses(history, found):
    """The axes that show a loss, in either direction; the first ones if none does."""
    shown = [
        item for key in LOSSES for across in (False, True) for item, _ in lines_of(history, found, key, across=across)
    ]
    return shown or found[:1]


def assert_labels(student, rng, epochs):
    history, found = drawn(student, rng, epochs)
    for item in axes_with_losses(history, found):
        across, up = (str(item[axis]).lower() for axis in ("xlabel", "ylabel"))
        is_swapped = has_one_of(across, LOSS_WORDS) and has_one_of(up, EPOCH_WORDS)
        assert_that(not is_swapped, tr("The labels of the two axes are swapped."))
        assert_that(
            has_one_of(across, EPOCH_WORDS),
            tr("The label of the horizontal axis does not say what it shows."),
            expected=verbatim(" / ".join(EPOCH_WORDS[:2])),
            actual=verbatim(repr(item["xlabel"][:40])),
        )
        assert_that(
            has_one_of(up, LOSS_WORDS),
            tr("The label of the vertical axis does not say what it shows."),
            expected=verbatim(" / ".join(LOSS_WORDS[:2])),
            actual=verbatim(repr(item["ylabel"][:40])),
        )


def assert_own_figure(student, rng, epochs):
    """Each call draws a figure of its own, and leaves the history as it was."""
    run = student.define(TWO_FIGURES, "two_figures")
    run.label = "plot_history, twice"
    found = run(student.plot_history, random_history(rng, epochs), random_history(rng, epochs + 1))
    assert_returns(found, tuple)
    assert_that(found[0] is True, tr("A second call draws into the figure of the first one."), hint=NEW_FIGURE)
    assert_that(found[1] is True, tr("Your function changes the history that it is given."))


NEW_FIGURE = tr(
    "plt.subplots() makes a new figure; plt.gca() gives one that is there already, with what is drawn in it."
)
EPOCH_WORDS = ("epoch", "época", "epoca")
LOSS_WORDS = ("loss", "pérdida", "perdida")


def has_one_of(label, words):
    return any(word in label for word in words)


def assert_legend(student, rng, epochs):
    history, found = drawn(student, rng, epochs)
    names = max(len(item["legend"]) for item in axes_with_losses(history, found))
    assert_that(
        names >= 2,
        tr("The axes have no legend with both curves."),
        expected=trn("{n} name", "{n} names", 2),
        actual=trn("{n} name", "{n} names", names),
    )
    train, val = (names_in_legend(history, found, key) for key in LOSSES)
    is_swapped = says_alone(train, VAL_WORDS, TRAIN_WORDS) and says_alone(val, TRAIN_WORDS, VAL_WORDS)
    assert_that(not is_swapped, tr("The names in the legend are swapped."))


TRAIN_WORDS = ("train", "entren")
VAL_WORDS = ("val",)


def names_in_legend(history, found, key):
    """What the legend says of the colours in which the lines of `key` are drawn."""
    values = torch.tensor(history[key], dtype=torch.float64)
    return [
        text.lower()
        for item in found
        for (_, y), color in zip(item["lines"], item["colors"], strict=True)
        if y.shape == values.shape and torch.allclose(y, values)
        for text, other in item["named"]
        if other == color
    ]


def says_alone(names, words, others):
    """Whether there are names, and each has one of `words` and none of `others`."""
    return bool(names) and all(has_one_of(name, words) and not has_one_of(name, others) for name in names)
