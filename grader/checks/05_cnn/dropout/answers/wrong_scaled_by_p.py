"""What survives grows by 1 / p."""
# hint: p is the share that is dropped, not the share that stays
# pista: p es la parte que se apaga, no la que queda


class Dropout(nn.Module):
    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            return torch.zeros_like(x)
        mask = torch.rand_like(x) >= self.p
        return x * mask / self.p
