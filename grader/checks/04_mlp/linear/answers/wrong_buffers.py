"""The weights are buffers, which nothing trains."""
# hint: parameters() is empty
# pista: parameters() está vacío


class Linear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.register_buffer("weight", torch.randn(out_features, in_features) / in_features**0.5)
        self.register_buffer("bias", torch.zeros(out_features) if bias else None)

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)
