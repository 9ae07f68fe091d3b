"""The whole set is trained on."""
# hint: Samples are in both parts
# pista: saca una sola permutación y córtala en dos


def split_train_val(dataset: Dataset, val_fraction: float, seed: int) -> tuple[Subset, Subset]:
    n_val = round(val_fraction * len(dataset))
    generator = torch.Generator().manual_seed(seed)
    train, val = random_split(dataset, [len(dataset) - n_val, n_val], generator=generator)
    return Subset(dataset, range(len(dataset))), val
