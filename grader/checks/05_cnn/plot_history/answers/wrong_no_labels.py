"""The axes have no labels."""
# hint: does not say what it shows
# pista: no dice lo que muestra


def plot_history(history: dict) -> plt.Figure:
    epochs = range(1, len(history["train_loss"]) + 1)
    fig, ax = plt.subplots(figsize=(6, 3.5))
    ax.plot(epochs, history["train_loss"], "o-", label="train")
    ax.plot(epochs, history["val_loss"], "o-", label="val")
    ax.axvline(history["best_epoch"] + 1, color="gray", linestyle=":")
    ax.set_ylabel("loss")
    ax.legend()
    return fig
