"""Every k-th sample goes to validation."""
# hint: Every k-th sample is no random sample
# pista: Una muestra de cada k


def make_loaders(X, y, batch_size, val_fraction, seed):
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
    step = round(1 / val_fraction)
    index = torch.arange(len(X))
    val, train = index[seed % step :: step], index[index % step != seed % step]
    return (
        DataLoader(TensorDataset(X[train], y[train]), batch_size=batch_size, shuffle=True),
        DataLoader(TensorDataset(X[val], y[val]), batch_size=batch_size, shuffle=False),
    )
