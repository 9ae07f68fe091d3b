"""Drawn with replacement."""
# hint.en: draw one permutation
# hint.es: saca una sola permutación


def split_train_val(dataset, val_fraction, seed):
    n = round(val_fraction * len(dataset))
    g = torch.Generator().manual_seed(seed)
    val = torch.randint(0, len(dataset), (n,), generator=g).tolist()
    return Subset(dataset, [i for i in range(len(dataset)) if i not in val]), Subset(dataset, val)
