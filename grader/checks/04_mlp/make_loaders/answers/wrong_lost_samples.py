"""Both sizes are rounded down: samples are lost."""
# hint: no index left out at the cut
# pista: sin que se pierda ningún índice en el corte


def make_loaders(
    X: torch.Tensor, y: torch.Tensor, batch_size: int, val_fraction: float, seed: int
) -> tuple[DataLoader, DataLoader]:
    n_val = round(val_fraction * len(X))
    generator = torch.Generator().manual_seed(seed)
    train, val, _ = random_split(TensorDataset(X, y), [int((1 - val_fraction) * len(X)) - 1, n_val, len(X) - n_val - int((1 - val_fraction) * len(X)) + 1], generator=generator)
    return DataLoader(train, batch_size, shuffle=True), DataLoader(val, batch_size)
