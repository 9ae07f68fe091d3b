"""Every sample is read."""
# hint: Splitting needs numbers alone
# pista: Para repartir bastan los números


def split_train_val(dataset: Dataset, val_fraction: float, seed: int) -> tuple[Subset, Subset]:
    samples = [dataset[i] for i in range(len(dataset))]
    n_val = round(val_fraction * len(dataset))
    generator = torch.Generator().manual_seed(seed)
    train, val = random_split(dataset, [len(dataset) - n_val, n_val], generator=generator)
    return train, val
