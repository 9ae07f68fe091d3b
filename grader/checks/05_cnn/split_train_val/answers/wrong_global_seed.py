"""The global generator is seeded."""
# hint: Every other piece of code draws from that generator
# pista: generador


def split_train_val(dataset: Dataset, val_fraction: float, seed: int) -> tuple[Subset, Subset]:
    n_val = round(val_fraction * len(dataset))
    generator = torch.manual_seed(seed)
    train, val = random_split(dataset, [len(dataset) - n_val, n_val], generator=generator)
    return train, val
