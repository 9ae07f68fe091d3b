"""The end of the dataset."""
# hint: The split is not random
# pista: El reparto no es aleatorio


def split_train_val(dataset: Dataset, val_fraction: float, seed: int) -> tuple[Subset, Subset]:
    n_val = round(val_fraction * len(dataset))
    generator = torch.Generator().manual_seed(seed)
    train, val = random_split(dataset, [len(dataset) - n_val, n_val], generator=generator)
    n = len(dataset)
    return Subset(dataset, range(n - n_val)), Subset(dataset, range(n - n_val, n))
