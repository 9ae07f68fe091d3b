"""The sizes as tensors: where one is 1, the other one counts."""


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    rank = max(len(a), len(b))
    first = torch.tensor([1] * (rank - len(a)) + list(a), dtype=torch.int64)
    second = torch.tensor([1] * (rank - len(b)) + list(b), dtype=torch.int64)
    if not ((first == second) | (first == 1) | (second == 1)).all():
        raise ValueError(f"{tuple(a)} and {tuple(b)} do not fit")
    return tuple(torch.where(first == 1, second, first).tolist())
