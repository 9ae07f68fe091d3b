"""float64 computed in float32 and cast back."""
# hint: something on the way was float32
# pista: algo por el camino era float32


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    dtype = torch.promote_types(a.dtype, b.dtype)
    if not dtype.is_floating_point:
        return a[:, None] * b
    return (a.float()[:, None] * b.float()).to(dtype)
