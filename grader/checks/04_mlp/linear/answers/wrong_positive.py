"""All weights are positive."""
# hint: lean to one side
# pista: se inclinan hacia un lado


class Linear(nn.Module):

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        size = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(0, size))
        self.bias = nn.Parameter((2 * torch.rand(out_features) - 1) * size) if bias else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias
