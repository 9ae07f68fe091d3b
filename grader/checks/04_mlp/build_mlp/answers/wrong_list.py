"""A list in place of a Sequential."""
# hint: takes the layers one by one
# pista: recibe las capas una a una


def build_mlp(in_dim: int, hidden: list[int], out_dim: int, act=nn.ReLU) -> nn.Sequential:
    layers = [nn.Flatten()]
    for size in hidden:
        layers += [nn.Linear(in_dim, size), act()]
        in_dim = size
    return layers + [nn.Linear(in_dim, out_dim)]
