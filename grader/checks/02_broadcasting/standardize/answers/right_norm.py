"""The deviation as the norm of the centred slice."""


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    centred = X.sub(X.mean(dim, True))
    deviation = torch.linalg.vector_norm(centred, dim=dim, keepdim=True) / X.size(dim) ** 0.5
    return centred.div(deviation.add(eps))
