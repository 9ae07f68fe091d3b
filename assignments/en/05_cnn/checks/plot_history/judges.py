"""What decides `plot_history`, and what it says."""

import torch

from grader.kit import Remote, assert_that, tr, verbatim
from grader.kit.failures import CheckFailure
from grader.kit.training.probes import ask

AXES_SWAPPED = tr("The axes are swapped: epochs go to the right, losses up.")


NO_FIGURE = tr("Return the figure itself: fig, ax = plt.subplots() … return fig; plt.show() returns nothing.")


READ_FIGURE = """
def read_figure(figure):
    from matplotlib.figure import Figure
    import matplotlib.pyplot as plt

    if not isinstance(figure, Figure):
        return None
    def numbers(values):
        return torch.as_tensor(np.asarray(values, dtype=float))
    found = [
        {
            "xlabel": axes.get_xlabel(),
            "ylabel": axes.get_ylabel(),
            "lines": [(numbers(line.get_xdata()), numbers(line.get_ydata())) for line in axes.get_lines()],
            "legend": [text.get_text() for text in (axes.get_legend().get_texts() if axes.get_legend() else [])],
        }
        for axes in figure.axes
    ]
    for legend in figure.legends:
        found[0]["legend"] += [text.get_text() for text in legend.get_texts()]
    plt.close(figure)
    return found
"""


def assert_plot(student, rng, epochs):
    history = {
        "train_loss": (0.2 + rng.uniform(epochs, dtype=torch.float64)).tolist(),
        "val_loss": (0.4 + rng.uniform(epochs, dtype=torch.float64)).tolist(),
        "val_acc": rng.uniform(epochs, dtype=torch.float64).tolist(),
        "best_epoch": epochs // 2,
    }
    figure = student.plot_history(history)
    assert_that(isinstance(figure, Remote), tr("The result is no matplotlib figure."), hint=NO_FIGURE)
    found = ask(student, student.define(READ_FIGURE, "read_figure"), figure)
    assert_that(isinstance(found, list) and len(found) > 0, tr("The result is no matplotlib figure."), hint=NO_FIGURE)
    shown = []
    for key in ("train_loss", "val_loss"):
        values = torch.tensor(history[key], dtype=torch.float64)
        axes = [
            (item, x)
            for item in found
            for x, y in item["lines"]
            if y.shape == values.shape and torch.allclose(y, values)
        ]
        if not axes:
            is_swapped = any(
                x.shape == values.shape and torch.allclose(x, values) for item in found for x, _ in item["lines"]
            )
            raise CheckFailure(
                tr("No line shows {name} against the epochs.", name=f"history['{key}']"),
                hint=AXES_SWAPPED if is_swapped else None,
            )
        item, x = axes[0]
        steps = torch.arange(epochs, dtype=torch.float64)
        assert_that(
            torch.equal(x, steps) or torch.equal(x, steps + 1),
            tr("A line's horizontal positions are not the epochs, 0, 1, 2… or 1, 2, 3…"),
        )
        shown.append(item)
    for item in shown:
        for axis, words in (("xlabel", ("epoch", "época", "epoca")), ("ylabel", ("loss", "pérdida", "perdida"))):
            label = str(item[axis]).lower()
            assert_that(
                any(word in label for word in words),
                tr("The label of an axis does not say what it shows."),
                expected=verbatim(f"{axis}: {' / '.join(words[:2])}"),
                actual=verbatim(f"{axis}: {item[axis][:40]!r}"),
                hint=AXES_SWAPPED if "loss" in str(item["xlabel"]).lower() else None,
            )
        assert_that(
            len(item["legend"]) >= 2,
            tr("The axes have no legend with both curves."),
            hint=tr("Give each line a label= and call ax.legend()."),
        )
