"""One seed for every call."""
# hint: The mask is drawn anew at every call
# pista: La máscara se sortea de nuevo


class Dropout(nn.Module):
    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            return torch.zeros_like(x)
        mask = torch.rand(x.shape, generator=torch.Generator().manual_seed(0), dtype=x.dtype) >= self.p
        return x * mask / (1 - self.p)
