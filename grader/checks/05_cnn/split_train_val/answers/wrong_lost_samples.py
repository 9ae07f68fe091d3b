"""int() of both sizes loses samples."""
# hint: Some samples are in neither part
# pista: da a una lo que sobra de la otra, n - n_val


def split_train_val(dataset: Dataset, val_fraction: float, seed: int) -> tuple[Subset, Subset]:
    n_val = round(val_fraction * len(dataset))
    generator = torch.Generator().manual_seed(seed)
    n = len(dataset)
    order = torch.randperm(n, generator=generator).tolist()
    n_train = int(n * (1 - val_fraction))
    return Subset(dataset, order[:n_train]), Subset(dataset, order[n_train : n_train + n_val])
