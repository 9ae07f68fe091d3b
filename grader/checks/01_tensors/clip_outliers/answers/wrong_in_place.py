"""It writes in the caller's tensor."""
# hint: Your input changed too
# pista: Tu entrada también ha cambiado


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    n_changed = int(((x < low) | (x > high)).sum())
    x[x < low] = low
    x[x > high] = high
    return x, n_changed
