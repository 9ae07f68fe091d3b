"""X is permuted and y is not."""
# hint: must keep its own y
# pista: debe conservar su y


def make_loaders(
    X: torch.Tensor, y: torch.Tensor, batch_size: int, val_fraction: float, seed: int
) -> tuple[DataLoader, DataLoader]:
    n_val = round(val_fraction * len(X))
    generator = torch.Generator().manual_seed(seed)
    X = X[torch.randperm(len(X), generator=generator)]
    train, val = random_split(TensorDataset(X, y), [len(X) - n_val, n_val], generator=generator)
    return DataLoader(train, batch_size, shuffle=True), DataLoader(val, batch_size)
