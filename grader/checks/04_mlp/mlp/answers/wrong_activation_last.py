"""An activation after the last layer."""
# hint: Its outputs are the logits
# pista: Sus salidas son los logits


class MLP(nn.Module):

    def __init__(self, in_dim: int, hidden: list[int], out_dim: int, act=nn.ReLU) -> None:
        super().__init__()
        sizes = [in_dim, *hidden, out_dim]
        self.layers = nn.ModuleList(nn.Linear(n, m) for n, m in zip(sizes, sizes[1:]))
        self.act = act()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.flatten(1)
        for layer in self.layers[:-1]:
            x = self.act(layer(x))
        return self.act(self.layers[-1](x))
