"""Training samples are drawn with replacement."""
# hint: draw without replacement
# pista: sortea sin reemplazo


def make_loaders(X, y, batch_size, val_fraction, seed):
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
    n_val = int(len(X) * val_fraction)
    val, train = order[:n_val], order[n_val:]
    return (
        DataLoader(TensorDataset(X[train], y[train]), batch_size=batch_size, sampler=torch.utils.data.RandomSampler(X[train], replacement=True)),
        DataLoader(TensorDataset(X[val], y[val]), batch_size=batch_size, shuffle=False),
    )
