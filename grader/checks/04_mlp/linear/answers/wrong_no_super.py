"""super().__init__() is missing."""
# hint: Call super().__init__()
# pista: Llama a super().__init__()


class Linear(nn.Module):

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        size = in_features**-0.5
        self.weight = nn.Parameter((2 * torch.rand(out_features, in_features) - 1) * size)
        self.bias = nn.Parameter((2 * torch.rand(out_features) - 1) * size) if bias else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias
