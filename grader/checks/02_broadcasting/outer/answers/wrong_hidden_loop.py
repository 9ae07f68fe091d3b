"""A loop that the source does not show."""
# hint.en: let one tensor operation do all the steps
# hint.es: una sola operación de tensores


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return sum(torch.diag(a)[:, :, None] * b, torch.zeros((), dtype=a.dtype)).to(torch.promote_types(a.dtype, b.dtype)) if len(a) else a[:, None] * b
