"""The first samples go to validation."""
# hint: permute the indices before cutting
# pista: permuta los índices antes de cortar


def make_loaders(
    X: torch.Tensor, y: torch.Tensor, batch_size: int, val_fraction: float, seed: int
) -> tuple[DataLoader, DataLoader]:
    n_val = round(val_fraction * len(X))
    generator = torch.Generator().manual_seed(seed)
    val, train = TensorDataset(X[:n_val], y[:n_val]), TensorDataset(X[n_val:], y[n_val:])
    return DataLoader(train, batch_size, shuffle=True), DataLoader(val, batch_size)
