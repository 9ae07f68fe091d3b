"""Returns the axes."""
# hint.en: Return the figure itself
# hint.es: Devuelve la propia figura


def plot_history(history):
    fig, ax = plt.subplots()
    ax.plot(history["train_loss"], label="train")
    ax.plot(history["val_loss"], label="val")
    ax.set(xlabel="epoch", ylabel="loss")
    ax.legend()
    return ax
