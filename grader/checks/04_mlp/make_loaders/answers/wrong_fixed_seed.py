"""The seed is always 42."""
# hint: The seed decides the split
# pista: La semilla decide la división


def make_loaders(
    X: torch.Tensor, y: torch.Tensor, batch_size: int, val_fraction: float, seed: int
) -> tuple[DataLoader, DataLoader]:
    n_val = round(val_fraction * len(X))
    generator = torch.Generator().manual_seed(42)
    train, val = random_split(TensorDataset(X, y), [len(X) - n_val, n_val], generator=generator)
    return DataLoader(train, batch_size, shuffle=True), DataLoader(val, batch_size)
