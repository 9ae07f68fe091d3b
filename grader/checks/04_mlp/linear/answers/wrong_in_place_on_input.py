"""The input is scaled in place and back."""
# hint: Work on a copy
# pista: Trabaja con una copia


class Linear(nn.Module):

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        size = in_features**-0.5
        self.weight = nn.Parameter((2 * torch.rand(out_features, in_features) - 1) * size)
        self.bias = nn.Parameter((2 * torch.rand(out_features) - 1) * size) if bias else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x *= 1
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias
