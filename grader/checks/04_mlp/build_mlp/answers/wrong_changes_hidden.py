"""The caller's list is changed."""
# hint: belongs to the caller
# pista: es de quien llama


def build_mlp(in_dim: int, hidden: list[int], out_dim: int, act=nn.ReLU) -> nn.Sequential:
    layers = [nn.Flatten()]
    hidden.append(out_dim)
    hidden, hidden_copy = hidden[:-1], hidden
    for size in hidden:
        layers += [nn.Linear(in_dim, size), act()]
        in_dim = size
    return nn.Sequential(*layers, nn.Linear(in_dim, out_dim))
