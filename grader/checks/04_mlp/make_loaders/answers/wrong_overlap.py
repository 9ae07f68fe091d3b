"""Two permutations: parts overlap."""
# hint: Cut one permutation in two
# pista: Corta una sola permutación en dos


def make_loaders(
    X: torch.Tensor, y: torch.Tensor, batch_size: int, val_fraction: float, seed: int
) -> tuple[DataLoader, DataLoader]:
    n_val = round(val_fraction * len(X))
    generator = torch.Generator().manual_seed(seed)
    train = Subset(TensorDataset(X, y), torch.randperm(len(X), generator=generator)[n_val:].tolist())
    val = Subset(TensorDataset(X, y), torch.randperm(len(X), generator=generator)[:n_val].tolist())
    return DataLoader(train, batch_size, shuffle=True), DataLoader(val, batch_size)
