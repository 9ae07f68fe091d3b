"""The parameters are called W and b."""
# hint: are called weight and bias
# pista: se llaman weight y bias


class Linear(nn.Module):

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        size = in_features**-0.5
        self.W = nn.Parameter((2 * torch.rand(out_features, in_features) - 1) * size)
        self.b = nn.Parameter((2 * torch.rand(out_features) - 1) * size) if bias else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x @ self.W.T
        return y if self.b is None else y + self.b
