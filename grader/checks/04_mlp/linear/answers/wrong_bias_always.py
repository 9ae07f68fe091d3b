"""bias=False is ignored."""
# hint: without bias there is the weight alone
# pista: sin sesgo solo está el peso


class Linear(nn.Module):

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        size = in_features**-0.5
        self.weight = nn.Parameter((2 * torch.rand(out_features, in_features) - 1) * size)
        self.bias = nn.Parameter((2 * torch.rand(out_features) - 1) * size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias
