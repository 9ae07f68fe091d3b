"""in_dim is never updated."""
# hint: its output size is the next input size
# pista: su tamaño de salida es la próxima entrada


def build_mlp(in_dim: int, hidden: list[int], out_dim: int, act=nn.ReLU) -> nn.Sequential:
    layers = [nn.Flatten()]
    for size in hidden:
        layers += [nn.Linear(in_dim, size), act()]
    return nn.Sequential(*layers, nn.Linear(in_dim, out_dim))
