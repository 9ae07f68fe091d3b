"""vmap hides the broadcasting."""
# hint: torch.vmap counts as a loop here
# pista: torch.vmap cuenta aquí como bucle


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.vmap(lambda x: x * b)(a)
