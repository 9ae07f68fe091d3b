"""A flag of its own in place of self.training."""
# hint: eval() has no effect on your layer
# pista: eval() no tiene efecto en tu capa


class Dropout(nn.Module):
    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p
        self.train_mode = True

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.train_mode or self.p == 0:
            return x
        if self.p == 1:
            return torch.zeros_like(x)
        mask = torch.rand_like(x) >= self.p
        return x * mask / (1 - self.p)
