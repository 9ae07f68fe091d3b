"""A value is never below low and above high."""
# hint: `n_changed` is wrong
# pista: `n_changed` no es lo que se pedía


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    return x.clamp(low, high), int(((x < low) & (x > high)).sum())
