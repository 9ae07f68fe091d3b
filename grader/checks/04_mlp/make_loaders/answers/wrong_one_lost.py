"""One sample is in neither part."""
# hint: no index left out at the cut
# pista: sin que se pierda ningún índice en el corte


def make_loaders(X, y, batch_size, val_fraction, seed):
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
    n_val = int(len(X) * val_fraction)
    val, train = order[:n_val], order[n_val + 1 :]
    return (
        DataLoader(TensorDataset(X[train], y[train]), batch_size=batch_size, shuffle=True),
        DataLoader(TensorDataset(X[val], y[val]), batch_size=batch_size, shuffle=False),
    )
