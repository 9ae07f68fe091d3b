"""The input changes."""
# hint: changed its input in place
# pista: cambi


class Dropout(nn.Module):
    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            return torch.zeros_like(x)
        x[torch.rand_like(x) < self.p] = 0
        return x / (1 - self.p)
