"""A shuffled list of Python."""

import random
def split_train_val(dataset, val_fraction, seed):
    order = list(range(len(dataset)))
    random.Random(seed).shuffle(order)
    n = round(val_fraction * len(dataset))
    return Subset(dataset, order[n:]), Subset(dataset, order[:n])
