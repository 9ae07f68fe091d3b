"""act is ignored."""
# hint: the one given as act
# pista: la que viene en act


class MLP(nn.Module):

    def __init__(self, in_dim: int, hidden: list[int], out_dim: int, act=nn.ReLU) -> None:
        super().__init__()
        sizes = [in_dim, *hidden, out_dim]
        self.layers = nn.ModuleList(nn.Linear(n, m) for n, m in zip(sizes, sizes[1:]))
        self.act = act()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.flatten(1)
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)
