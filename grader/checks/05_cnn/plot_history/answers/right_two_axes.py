"""Losses and accuracy side by side, epochs from 0, in Spanish."""


def plot_history(history):
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
    for key, values in history.items():
        if key.endswith("loss"):
            left.plot(values, label=key)
    left.set(xlabel="Época", ylabel="Pérdida")
    right.plot(history["val_acc"])
    right.set(xlabel="Época", ylabel="Precisión")
    left.legend()
    return fig
