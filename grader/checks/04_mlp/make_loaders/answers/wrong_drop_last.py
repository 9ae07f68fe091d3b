"""The last batch is dropped."""
# hint: drop_last=False keeps the last batch
# pista: drop_last=False conserva el último batch


def make_loaders(
    X: torch.Tensor, y: torch.Tensor, batch_size: int, val_fraction: float, seed: int
) -> tuple[DataLoader, DataLoader]:
    n_val = round(val_fraction * len(X))
    generator = torch.Generator().manual_seed(seed)
    train, val = random_split(TensorDataset(X, y), [len(X) - n_val, n_val], generator=generator)
    return DataLoader(train, batch_size, shuffle=True, drop_last=True), DataLoader(val, batch_size)
