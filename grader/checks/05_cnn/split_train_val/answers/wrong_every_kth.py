"""Every k-th sample goes to validation."""
# hint: Every k-th sample is no random sample
# pista: Una muestra de cada k


def split_train_val(dataset, val_fraction, seed):
    n = len(dataset)
    n_val = int(n * val_fraction + 0.5)
    step = n / max(n_val, 1)
    val = sorted({int(i * step + seed % step) % n for i in range(n_val)})
    order = val + [i for i in range(n) if i not in val]
    return Subset(dataset, order[n_val:]), Subset(dataset, order[:n_val])
