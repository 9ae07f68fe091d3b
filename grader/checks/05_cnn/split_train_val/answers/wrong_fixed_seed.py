"""Always the same seed."""
# hint: Two seeds give the same split
# pista: Dos semillas dan el mismo reparto


def split_train_val(dataset: Dataset, val_fraction: float, seed: int) -> tuple[Subset, Subset]:
    n_val = round(val_fraction * len(dataset))
    generator = torch.Generator().manual_seed(42)
    train, val = random_split(dataset, [len(dataset) - n_val, n_val], generator=generator)
    return train, val
