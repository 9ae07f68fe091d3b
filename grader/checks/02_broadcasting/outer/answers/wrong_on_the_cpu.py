"""The result is written into a table on the CPU."""
# hint.en: device=x.device
# hint.es: device=x.device


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    table = torch.zeros(len(a), len(b), dtype=torch.promote_types(a.dtype, b.dtype))
    return table + a[:, None] * b
