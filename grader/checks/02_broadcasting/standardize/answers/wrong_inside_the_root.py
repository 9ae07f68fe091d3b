"""eps inside the root, as layer normalization has it."""
# hint: eps stands inside the root
# pista: eps está dentro de la raíz


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    variance, mean = torch.var_mean(X, dim, correction=0, keepdim=True)
    return (X - mean) * torch.rsqrt(variance + eps)
