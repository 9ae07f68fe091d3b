"""Images are not flattened."""
# hint: flatten all but the first dimension
# pista: aplana todas las dimensiones menos la primera


class MLP(nn.Module):

    def __init__(self, in_dim: int, hidden: list[int], out_dim: int, act=nn.ReLU) -> None:
        super().__init__()
        sizes = [in_dim, *hidden, out_dim]
        self.layers = nn.ModuleList(nn.Linear(n, m) for n, m in zip(sizes, sizes[1:]))
        self.act = act()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers[:-1]:
            x = self.act(layer(x))
        return self.layers[-1](x)
