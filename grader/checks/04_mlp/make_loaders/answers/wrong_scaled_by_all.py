"""X is standardised with the statistics of all samples."""
# hint: hand out X as it was given
# pista: entregan X tal como llegó


def make_loaders(X, y, batch_size, val_fraction, seed):
    X = (X - X.float().mean(0)) / X.float().std(0)
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
    n_val = int(len(X) * val_fraction)
    val, train = order[:n_val], order[n_val:]
    return (
        DataLoader(TensorDataset(X[train], y[train]), batch_size=batch_size, shuffle=True),
        DataLoader(TensorDataset(X[val], y[val]), batch_size=batch_size, shuffle=False),
    )
