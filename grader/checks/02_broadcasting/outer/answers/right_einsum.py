"""einsum, after the promotion that it does not do itself."""


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    dtype = torch.promote_types(a.dtype, b.dtype)
    return torch.einsum("i,j->ij", a.to(dtype), b.to(dtype))
