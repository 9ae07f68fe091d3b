"""random_split with sizes that do not add up."""
# hint: The parts do not add up
# pista: Las partes no suman


def split_train_val(dataset: Dataset, val_fraction: float, seed: int) -> tuple[Subset, Subset]:
    n_val = round(val_fraction * len(dataset))
    generator = torch.Generator().manual_seed(seed)
    train, val = random_split(dataset, [int((1 - val_fraction) * len(dataset)), int(val_fraction * len(dataset))], generator=generator)
    return train, val
