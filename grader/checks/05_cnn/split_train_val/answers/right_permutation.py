"""One permutation, cut in two."""


def split_train_val(dataset, val_fraction, seed):
    n = len(dataset)
    n_val = int(n * val_fraction + 0.5)
    order = np.random.default_rng(seed).permutation(n).tolist()
    return Subset(dataset, order[n_val:]), Subset(dataset, order[:n_val])
