"""Everything is computed in float32."""
# hint: something was float32 in between
# pista: algo se calculó en float32


class Linear(nn.Module):

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        size = in_features**-0.5
        self.weight = nn.Parameter((2 * torch.rand(out_features, in_features) - 1) * size)
        self.bias = nn.Parameter((2 * torch.rand(out_features) - 1) * size) if bias else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.float()
        y = x @ self.weight.float().T
        return y if self.bias is None else (y + self.bias.float()).to(self.weight.dtype)
