"""One piece of the data, at a place that the seed decides."""
# hint.en: The split is not random
# hint.es: El reparto no es aleatorio


def split_train_val(dataset, val_fraction, seed):
    n = round(val_fraction * len(dataset))
    start = seed % max(len(dataset), 1)
    val = [(start + i) % len(dataset) for i in range(n)]
    return Subset(dataset, [i for i in range(len(dataset)) if i not in set(val)]), Subset(dataset, val)
