"""Whole rows are dropped."""
# hint: not whole rows or columns
# pista: no filas o columnas enteras


class Dropout(nn.Module):
    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            return torch.zeros_like(x)
        mask = torch.rand_like(x[..., :1]) >= self.p
        return x * mask / (1 - self.p)
