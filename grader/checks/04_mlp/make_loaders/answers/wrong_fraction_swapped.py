"""val_fraction is taken for the training share."""
# hint: share of the samples that goes to validation
# pista: parte de los ejemplos que va a validación


def make_loaders(
    X: torch.Tensor, y: torch.Tensor, batch_size: int, val_fraction: float, seed: int
) -> tuple[DataLoader, DataLoader]:
    n_val = round(val_fraction * len(X))
    generator = torch.Generator().manual_seed(seed)
    train, val = random_split(TensorDataset(X, y), [n_val, len(X) - n_val], generator=generator)
    return DataLoader(train, batch_size, shuffle=True), DataLoader(val, batch_size)
