"""A plain tensor made in __init__ does not move to the GPU."""
# hint.en: keep no plain tensors in a module
# hint.es: no guardes tensores normales en un módulo


class Linear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_features, in_features) / in_features**0.5)
        self.bias = nn.Parameter(torch.zeros(out_features)) if bias else None
        self.scale = torch.ones(out_features)

    def forward(self, x):
        y = (x @ self.weight.T) * self.scale
        return y if self.bias is None else y + self.bias
