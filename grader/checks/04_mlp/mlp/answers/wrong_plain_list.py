"""A plain list hides the layers."""
# hint: layers in a plain list are not registered
# pista: las capas de una lista normal no se registran


class MLP(nn.Module):

    def __init__(self, in_dim: int, hidden: list[int], out_dim: int, act=nn.ReLU) -> None:
        super().__init__()
        sizes = [in_dim, *hidden, out_dim]
        self.layers = [nn.Linear(n, m) for n, m in zip(sizes, sizes[1:])]
        self.act = act()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.flatten(1)
        for layer in self.layers[:-1]:
            x = self.act(layer(x))
        return self.layers[-1](x)
