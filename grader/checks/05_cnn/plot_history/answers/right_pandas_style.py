"""pyplot, epochs from 0, Spanish labels."""


def plot_history(history):
    plt.figure(figsize=(5, 3))
    for key in ("train_loss", "val_loss"):
        plt.plot(range(len(history[key])), history[key], label=key)
    plt.xlabel("Época")
    plt.ylabel("Pérdida")
    plt.legend(loc="best")
    return plt.gcf()
