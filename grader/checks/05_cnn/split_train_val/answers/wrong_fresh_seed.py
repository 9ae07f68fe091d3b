"""The seed is not used."""
# hint: The same seed gives two splits
# pista: La misma semilla da dos repartos


def split_train_val(dataset: Dataset, val_fraction: float, seed: int) -> tuple[Subset, Subset]:
    n_val = round(val_fraction * len(dataset))
    generator = torch.Generator()
    generator.seed()
    train, val = random_split(dataset, [len(dataset) - n_val, n_val], generator=generator)
    return train, val
