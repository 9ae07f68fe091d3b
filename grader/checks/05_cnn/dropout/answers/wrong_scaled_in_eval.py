"""The old way: scale down in eval mode."""
# hint: In eval mode your layer scales its input
# pista: En modo eval tu capa escala su entrada


class Dropout(nn.Module):
    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x * (1 - self.p)
        if self.p == 1:
            return torch.zeros_like(x)
        mask = torch.rand_like(x) >= self.p
        return x * mask
