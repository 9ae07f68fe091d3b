"""Both sizes are rounded down: samples are lost."""
# hint: drop_last=False keeps the last batch
# pista: drop_last=False conserva el último batch


def make_loaders(
    X: torch.Tensor, y: torch.Tensor, batch_size: int, val_fraction: float, seed: int
) -> tuple[DataLoader, DataLoader]:
    n_val = round(val_fraction * len(X))
    generator = torch.Generator().manual_seed(seed)
    train, val, _ = random_split(TensorDataset(X, y), [int((1 - val_fraction) * len(X)) - 1, n_val, len(X) - n_val - int((1 - val_fraction) * len(X)) + 1], generator=generator)
    return DataLoader(train, batch_size, shuffle=True), DataLoader(val, batch_size)
