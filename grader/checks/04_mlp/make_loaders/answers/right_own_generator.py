"""The same generator splits and shuffles."""


def make_loaders(X, y, batch_size, val_fraction, seed):
    g = torch.Generator().manual_seed(seed)
    p = torch.randperm(len(X), generator=g)
    n = int(len(X) * val_fraction)
    val, train = TensorDataset(X[p[:n]], y[p[:n]]), TensorDataset(X[p[n:]], y[p[n:]])
    return DataLoader(train, batch_size, shuffle=True, generator=g), DataLoader(val, batch_size, shuffle=False)
